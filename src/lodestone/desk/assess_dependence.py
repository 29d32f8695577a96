"""Whom a buyer depends on, as shipped and by where it was made, stage by stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lodestone.assess.panel import OTHERS, Node
from lodestone.assess.ratio import ratio
from lodestone.chain.bands import CUT, DIRECT, LOOK_THROUGH, share_grade, shares_by_buyer
from lodestone.chain.look_through import SCRAP
from lodestone.desk.assess_baseline import Baseline
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.assess_live import Question, foreign_rivals
from lodestone.desk.assess_rows import ScoreRow, score_row
from lodestone.desk.inferred_output import (
    INFERRED_GRADE,
    INFERRED_NOTE,
    InferredOutput,
    inferred_output,
)
from lodestone.desk.library import Library

LENSES = (DIRECT, LOOK_THROUGH)
#: The release keeps shares above its cut, or with a band above twice the cut.
_LEFT_OUT = 2 * CUT
_NO_USE = "undefined: the place has no supply of it at this stage"
_OWN = "undefined: nothing comes from a foreign place with a name"
_SMALL = f"at most {_LEFT_OUT:.0%}: too small to be kept in the release"
_BAND = "band: 5th to 95th percentile of chains balanced again from redrawn estimates"
_GAP = "what customs hide; band: that of both shares, read as independent, so rather too wide"
_NO_BAND = "no band: chains of this group of places are not redrawn"


@dataclass(frozen=True)
class Share:
    """A share of a buyer's supply with its band; without a value it is small, and in its band."""

    value: float | None
    low: float | None = None
    high: float | None = None
    grade: str = ""

    @property
    def note(self) -> str:
        """Why there is no number, or no band."""
        if self.value is None:
            return _SMALL
        return _NO_BAND if self.low is None else ""


@dataclass(frozen=True)
class Sources:
    """Foreign suppliers of a buyer at one stage through one lens, largest first.

    `known` is false where the buyer has no supply at all, and `complete` says that a supplier
    without a share supplies nothing. `inferred` says that most of the supply is own output that no
    producer list names. What the buyer makes itself, scrap and a source's "other
    countries" are no foreign suppliers.
    """

    shares: Mapping[str, Share]
    known: bool
    complete: bool
    inferred: bool

    @property
    def top(self) -> str | None:
        """The largest, or None where nothing is bought abroad."""
        first = next(iter(self.shares), None)
        return first if first is not None and self.shares[first].value else None

    def of(self, supplier: str | None) -> Share | None:
        """Share of a supplier; None where there is no supply, or no supplier."""
        if not self.known or supplier is None:
            return None
        return self.shares.get(supplier, Share(0.0 if self.complete else None, 0.0, _LEFT_OUT))

    def why_unknown(self) -> str:
        """What to say where there is no share."""
        return _OWN if self.known else _NO_USE


#: Node -> lens -> foreign suppliers.
SourcesByNode = Mapping[Node, Mapping[str, Sources]]


def sources_of(books: Library, base: Baseline, buyer: Buyer) -> SourcesByNode:
    """Foreign suppliers of a buyer at every node, by lens.

    With bands from the release for the places and blocs computed there; for other groups of
    places the chains are traced here, without bands.
    """
    (year,) = base.years
    traced = buyer.id not in books.buyers()
    shares = _traced(books, base, buyer, year) if traced else _listed(books, buyer, year)
    found: dict[tuple[Node, str], dict[str, Share]] = defaultdict(dict)
    for node, lens, origin, share in shares:
        found[node, lens][origin] = share
    direct = _direct_shares(base, buyer)
    guessed = inferred_output(books, year)
    answer: dict[Node, dict[str, Sources]] = {}
    for n, node in enumerate(base.nodes):
        if direct[n].any():
            _complete(found[node, DIRECT], direct[n], base.places)
        answer[node] = {
            lens: _foreign(found[node, lens], buyer, traced or lens == DIRECT, node, guessed)
            for lens in LENSES
        }
    return answer


def dependence_rows(asked: Question, sources: SourcesByNode) -> list[ScoreRow]:
    """Largest supplier through both lenses, the gap, and the rivals side by side."""
    grades = asked.base.grades(asked.buyer)
    (year,) = asked.base.years
    rivals = foreign_rivals(asked.buyer)
    rows = []
    for node, lenses in sources.items():
        for method, supplier, share, why, inferred in _answers(lenses, rivals):
            if method in asked.methods:
                grade = (share.grade if share else "") or grades.get((*node, year), "")
                notes = (share.note if share else why, INFERRED_NOTE if inferred else "")
                rows.append(
                    score_row(
                        method,
                        node,
                        asked.buyer.id,
                        year,
                        share.value if share else None,
                        band=(share.low, share.high) if share else (None, None),
                        grade=max(grade, INFERRED_GRADE) if inferred else grade,
                        note="; ".join(filter(None, notes)),
                        about=how_banded(share, method),
                        supplier=supplier,
                    )
                )
    return rows


def how_banded(share: Share | None, method: str = "") -> tuple[str, ...]:
    """What is to be said of the band of a share, if it has one."""
    if share is None or share.low is None:
        return ()
    return (_GAP if method == "dependence_gap" else _BAND,)


def _answers(
    lenses: Mapping[str, Sources], rivals: Sequence[str]
) -> Iterator[tuple[str, str | None, Share | None, str, bool]]:
    """(method, supplier, share, why there is none, whether own supply is inferred) of one node."""
    for lens, found in lenses.items():
        share, why = found.of(found.top), found.why_unknown()
        yield f"dependence_{lens}", found.top, share, why, found.inferred
    made, either = lenses[LOOK_THROUGH], any(found.inferred for found in lenses.values())
    yield "dependence_gap", made.top, _gap(lenses, made.top), made.why_unknown(), either
    for lens, found in lenses.items():
        for rival in rivals:
            share, why = found.of(rival), found.why_unknown()
            yield f"dependence_{lens}_on_{rival}", rival, share, why, found.inferred


def _gap(lenses: Mapping[str, Sources], supplier: str | None) -> Share | None:
    """Look-through minus direct share of a supplier; its band reads both as independent."""
    made, shipped = (lenses[lens].of(supplier) for lens in (LOOK_THROUGH, DIRECT))
    if made is None or shipped is None or made.value is None or shipped.value is None:
        return None
    gap = made.value - shipped.value
    if made.low is None or made.high is None or shipped.low is None or shipped.high is None:
        return Share(gap)
    below = np.hypot(made.value - made.low, shipped.high - shipped.value)
    above = np.hypot(made.high - made.value, shipped.value - shipped.low)
    return Share(gap, gap - float(below), gap + float(above))


def _listed(books: Library, buyer: Buyer, year: int) -> Iterator[tuple[Node, str, str, Share]]:
    for row in books.dependence(buyer.id, year=year):
        # stored in single precision with three decimals
        value, low, high = (round(row[column], 3) for column in ("share", "low", "high"))
        share = Share(value, low, high, row["grade"])
        yield Node(row["material"], row["stage"]), row["lens"], row["origin"], share


def _traced(
    books: Library, base: Baseline, buyer: Buyer, year: int
) -> Iterator[tuple[Node, str, str, Share]]:
    for material in dict.fromkeys(node.material for node in base.nodes):
        chain = books.chain(material, year)
        origins = (*chain.places, SCRAP)
        for found in shares_by_buyer(chain, [buyer.members]):
            grade = share_grade(chain, found, 0)
            for origin in np.flatnonzero(found.share[0] > 0):
                share = Share(float(found.share[0, origin]), grade=grade)
                yield Node(material, found.stage), found.lens, origins[origin], share


def _direct_shares(base: Baseline, buyer: Buyer) -> np.ndarray:
    """Share of each foreign shipper in the buyer's supply, (nodes, places); 0 without supply."""
    bought = base.imports_by_exporter(buyer).value[:, :, 0]
    own = base.production.value[:, np.isin(base.places, buyer.members), 0].sum(axis=1)
    shares = ratio(bought, (own + bought.sum(axis=1))[:, None])
    return np.asarray(np.nan_to_num(shares))


def _complete(listed: dict[str, Share], direct: np.ndarray, places: Iterable[str]) -> None:
    """Add the exact share of shippers that are too small for the release."""
    for place, share in zip(places, direct, strict=True):
        if share > 0 and place not in listed:
            listed[place] = Share(float(share), 0.0, max(_LEFT_OUT, float(share)))


def _foreign(
    shares: Mapping[str, Share], buyer: Buyer, complete: bool, node: Node, guessed: InferredOutput
) -> Sources:
    left_out = {*buyer.members, OTHERS, SCRAP}
    foreign = {o: s for o, s in shares.items() if o not in left_out}
    ordered = sorted(foreign.items(), key=lambda item: (-(item[1].value or 0.0), item[0]))
    own = sum(shares[m].value or 0.0 for m in buyer.members if m in shares)
    return Sources(
        dict(ordered),
        known=bool(shares),
        complete=complete,
        inferred=guessed.carries(*node, buyer.members, own),
    )
