"""Shares of buyers' supply by origin: with bands from the release, small ones traced anew.

The release keeps shares above 2 %, or whose band reaches above 4 %, of every place and of four
blocs. What it leaves out is traced here from the same balanced chain: the value is exact, and its
band says no more than that it is small. Other groups of places are traced too, without bands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodestone.assess.panel import OTHERS
from lodestone.chain.bands import CUT, share_grade, shares_by_buyer
from lodestone.chain.look_through import SCRAP
from lodestone.desk.assess_dependence import Share
from lodestone.desk.inferred_output import INFERRED_GRADE, InferredOutput, inferred_output
from lodestone.desk.library import Library

if TYPE_CHECKING:
    from lodestone.chain.supply_chain import SupplyChain

#: The release keeps no share whose band stays below this.
LEFT_OUT = 2 * CUT
#: A buyer with less than this part of world output has no supply to speak of; as in the release.
_NO_SUPPLY = 1e-5

OWN, FOREIGN, UNNAMED = "own", "foreign", "unnamed"


@dataclass(frozen=True)
class Supply:
    """Where one buyer's supply of a material comes from, at one stage through one lens.

    Attributes
    ----------
    material, year, stage, lens : of what
    buyer, members : whose; the ISO3 codes behind it
    shares : origin -> share, largest first; `scrap` and `XOT` (unnamed countries) are origins too
    known : grade of all shares but for what no producer list names
    guessed : what no list names; where it is most of the supply, the grade is C
    complete : whether an origin without a share supplies nothing, or at most 2 %
    """

    material: str
    year: int
    stage: str
    lens: str
    buyer: str
    members: tuple[str, ...]
    shares: Mapping[str, Share]
    known: str
    guessed: InferredOutput
    complete: bool

    def relation(self, origin: str) -> str:
        """`own` supply, `foreign`, `scrap`, or `unnamed` countries of a source."""
        if origin in self.members:
            return OWN
        return {SCRAP: SCRAP, OTHERS: UNNAMED}.get(origin, FOREIGN)

    @property
    def largest(self) -> str | None:
        """The largest foreign supplier with a name; None where there is none."""
        named = (o for o in self.shares if self.relation(o) == FOREIGN)
        first = next(named, None)
        return first if first is not None and self.shares[first].value else None

    @property
    def own(self) -> float:
        """Share that comes from the buyer itself; of members, those of more than 2 % at least."""
        return sum((s.value or 0.0 for o, s in self.shares.items() if o in self.members), 0.0)

    def inferred(self, origin: str | None = None) -> bool:
        """Whether most of it, or of what one member makes, is own output that no list names."""
        return self.guessed.carries(self.material, self.stage, self.members, self.own, origin)

    def grade_of(self, origin: str | None = None) -> str:
        """Grade of the share of an origin; of the supply as a whole if none is named."""
        return max(self.known, INFERRED_GRADE) if self.inferred(origin) else self.known

    def of(self, origin: str) -> Share:
        """Share of an origin; without a value where it is small, and nobody knows how small."""
        nothing = Share(0.0, 0.0, LEFT_OUT) if self.complete else Share(None, 0.0, LEFT_OUT)
        return self.shares.get(origin, nothing)

    def id(self, origin: str) -> str:
        """What `explain` calls the share of an origin."""
        labels = (self.material, str(self.year), self.buyer, self.lens, self.stage, origin)
        return ":".join(("dependence", *labels))


def traced_supply(
    chain: SupplyChain,
    buyers: Mapping[str, Sequence[str]],
    kept: Iterable[Mapping[str, Any]],
    banded: Iterable[str],
    guessed: InferredOutput,
) -> list[Supply]:
    """The supply of buyers with every origin, stage by stage, direct before look-through.

    Parameters
    ----------
    buyers : id -> ISO3 codes
    kept : rows of the release's table `dependence` for this chain
    banded : buyers whose bands are in the release; others are without
    guessed : output of the year that no producer list names
    """
    rows: dict[tuple[str, str, str], dict[str, Share]] = defaultdict(dict)
    for row in kept:
        rows[row["buyer"], row["lens"], row["stage"]][row["origin"]] = _kept(row)
    origins = (*chain.places, SCRAP)
    have = set(banded)
    found = []
    for each in shares_by_buyer(chain, list(buyers.values())):
        world = float(chain.stage(each.stage).output.sum())
        for b, (buyer, members) in enumerate(buyers.items()):
            if not each.total[b] > _NO_SUPPLY * world:
                continue
            grade = share_grade(chain, each, b)
            shares = {
                origin: _small(float(x), grade, buyer in have)
                for origin, x in zip(origins, each.share[b], strict=True)
                if x > 0.0
            }
            known = rows[buyer, each.lens, each.stage]
            kept_grade = next((s.grade for s in known.values()), grade)
            found.append(
                Supply(
                    material=chain.material,
                    year=chain.year,
                    stage=each.stage,
                    lens=each.lens,
                    buyer=buyer,
                    members=tuple(members),
                    shares=_ordered({**shares, **known}),
                    known=kept_grade,
                    guessed=guessed,
                    complete=True,
                )
            )
    return found


def kept_supply(books: Library, buyer: str, members: Sequence[str], year: int) -> list[Supply]:
    """The supply of one buyer of every material, as the release keeps it: no small shares."""
    rows: dict[tuple[str, str, str], dict[str, Share]] = defaultdict(dict)
    for row in books.dependence(buyer, year=year):
        rows[row["material"], row["stage"], row["lens"]][row["origin"]] = _kept(row)
    guessed = inferred_output(books, year)
    return [
        Supply(
            material=material,
            year=year,
            stage=stage,
            lens=lens,
            buyer=buyer,
            members=tuple(members),
            shares=_ordered(shares),
            known=next(iter(shares.values())).grade,
            guessed=guessed,
            complete=False,
        )
        for (material, stage, lens), shares in rows.items()
    ]


def kept_rows(
    books: Library, material: str, years: Sequence[int], buyers: Iterable[str]
) -> list[dict[str, Any]]:
    """Rows of the release's table `dependence` of one material and some buyers."""
    wanted = list(buyers)
    years_in, buyers_in = (", ".join("?" for _ in x) for x in (years, wanted))
    return books.rows(
        f"SELECT * FROM dependence WHERE material = ? AND year IN ({years_in}) "
        f"AND buyer IN ({buyers_in})",
        [material, *years, *wanted],
    )


def _kept(row: Mapping[str, Any]) -> Share:
    """A share as stored: single precision, three decimals."""
    value, low, high = (round(float(row[column]), 3) for column in ("share", "low", "high"))
    return Share(value, low, high, row["grade"])


def _small(value: float, grade: str, banded: bool) -> Share:
    """A share that the release does not keep; its band is all that is known of its error."""
    if not banded:
        return Share(value, None, None, grade)
    return Share(value, 0.0, max(LEFT_OUT, value), grade)


def _ordered(shares: Mapping[str, Share]) -> dict[str, Share]:
    ranked = sorted(shares.items(), key=lambda item: (-(item[1].value or 0.0), item[0]))
    return dict(ranked)
