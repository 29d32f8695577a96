"""The CRM Act's 10 / 40 / 25 / 65 % scoreboard: of the EU, and as a lens on any place or bloc."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lodestone.assess.assessment import Assessment
from lodestone.assess.crm_act_scoreboard import (
    STRATEGIC,
    Benchmark,
    Weighting,
    crm_act_scoreboard,
    diversification,
    verdict,
)
from lodestone.assess.look_through_dependence import LookThroughDependence
from lodestone.assess.panel import Node
from lodestone.chain.bands import DIRECT, LOOK_THROUGH
from lodestone.desk.assess_baseline import baseline
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.assess_dependence import Sources, SourcesByNode, how_banded, sources_of
from lodestone.desk.assess_live import Question
from lodestone.desk.assess_methods import GROUPS, METHODS
from lodestone.desk.assess_rows import ScoreRow, score_row
from lodestone.desk.assess_strategic import (
    Entry,
    StrategicAccount,
    strategic_account,
    strategic_chains,
    strategic_entries,
)
from lodestone.desk.inferred_output import INFERRED_GRADE, INFERRED_NOTE
from lodestone.desk.library import library
from lodestone.terms.errors import RequestError

OWN_SHARE = "crm_act_own_share"
_WEIGHTING = {Weighting.MASS: "mass", Weighting.VALUE: "value", Weighting.MEAN: "mean"}
_LENS_METHOD = {
    LOOK_THROUGH: "crm_act_diversification",
    DIRECT: "crm_act_diversification_direct",
}
_STATUS = {True: "met", False: "missed", None: "unknown"}
_CAPACITY = (
    "output of the year stands for capacity, that of the processing step that makes least; "
    "recycling is the EOL-RIR of the EU studies times use, or scrap-fed output where no rate is "
    "published; by-products have no mines of their own: their extraction is unknown"
)


def scoreboard(place: str = "EU27", year: int | None = None) -> list[ScoreRow]:
    """How a place stands on the four benchmarks of Regulation (EU) 2024/1252, Art. 5(1).

    Parameters
    ----------
    place : place, bloc, or sum of both; for others than the EU it is a lens, not a duty
    year : year with balanced chains; the latest if left out

    Returns
    -------
    list of rows
        As those of `assess`, and further `benchmark`, `target`, `status` (met, missed, unknown
        where the band straddles the target) and `article`. First extraction, processing and
        recycling of all strategic materials, three rows each: `weighting` is mass, value or
        mean. Then the 65 % rule, `benchmark` diversification: the worst third country
        (`supplier`) of every strategic material and stage, `basis` direct or look_through.

    Raises
    ------
    RequestError
        Unknown place, the world, or a year without data.
    """
    books = library()
    when = books.year(year)
    who = buyer(place, when)
    if who.is_world:
        raise RequestError("the CRM Act is about a place or bloc: name one, such as EU27")
    base = baseline(books, strategic_chains(books, when), [when], who.members)
    asked = Question(books, base, who, frozenset(METHODS), seed=0)
    added_up = [row for row in home_rows(asked, whole=True) if row["method"] != OWN_SHARE]
    return [*added_up, *diversification_rows(asked, sources_of(books, base, who))]


def home_rows(asked: Question, *, whole: bool) -> list[ScoreRow]:
    """Own output over own use: by strategic material, and of the `whole` list added up.

    Without `whole`, only the entries whose chains are among those of the question.
    """
    if asked.buyer.is_world or asked.methods.isdisjoint(GROUPS["crm_act"]):
        return []
    (year,) = asked.base.years
    have = {node.material for node in asked.base.nodes}
    listed = [
        entry
        for entry in strategic_entries(asked.books, year)
        if entry.chains and set(entry.chains) <= have
    ]
    if not listed:
        return []
    account = strategic_account(asked.books, asked.base, asked.buyer, listed)
    rows = _own_shares(account, listed, asked)
    return rows + _aggregates(account, listed, asked) if whole else rows


def diversification_rows(asked: Question, sources: SourcesByNode) -> list[ScoreRow]:
    """Worst third country of every strategic material and stage, by both lenses."""
    (year,) = asked.base.years
    strategic = set(strategic_chains(asked.books, year))
    grades = asked.base.grades(asked.buyer)
    rows = []
    for node, lenses in sources.items():
        if node.material in strategic:
            grade = grades.get((*node, year), "")
            for lens, method in _LENS_METHOD.items():
                row = _worst_row(method, node, year, asked.buyer.id, lenses[lens], grade)
                rows.append({**row, "basis": lens})
    return rows


def _own_shares(
    account: StrategicAccount, listed: Sequence[Entry], asked: Question
) -> list[ScoreRow]:
    """Capacity over use of each entry; above 1 where more is made than used."""
    (year,) = asked.base.years
    used, grades = account.consumption, asked.base.grades(asked.buyer)
    rows = []
    for benchmark, made in account.capacity.items():
        for n, entry in enumerate(listed):
            at = (n, 0, 0)
            share = _ratio(made.value[at], used.value[at])
            least, most = (made.bounds[i][at] for i in (0, 1))
            band = _ratio(least, used.bounds[1][at]), _ratio(most, used.bounds[0][at])
            row = score_row(
                OWN_SHARE,
                Node(entry.name, str(benchmark)),
                asked.buyer.id,
                year,
                share,
                band=(None, None) if share is None else band,
                grade=max(g for (m, _, _), g in grades.items() if m in entry.chains),
                note=_own_note(entry, share),
                about=[_CAPACITY],
            )
            rows.append(row)
    return rows


def _own_note(entry: Entry, share: float | None) -> str:
    unknown = "unknown: no such output by country, or nothing is used" if share is None else ""
    return "; ".join(filter(None, (unknown, entry.proxy)))


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 and not np.isnan(part) else None


def _aggregates(
    account: StrategicAccount, listed: Sequence[Entry], asked: Question
) -> list[ScoreRow]:
    """The three benchmarks, each by mass, by value and as mean of materials."""
    (year,) = asked.base.years
    proxies = "; ".join(entry.proxy for entry in listed if entry.proxy)
    answers = crm_act_scoreboard(account.capacity, account.consumption, account.price)
    return [
        _aggregate_row(answer, weighting, benchmark, asked.buyer.id, year, proxies)
        for benchmark in account.capacity
        for weighting, answer in answers.items()
    ]


def _aggregate_row(
    answer: Assessment,
    weighting: Weighting,
    benchmark: Benchmark,
    place: str,
    year: int,
    proxies: str,
) -> ScoreRow:
    found = verdict(answer, benchmark, place, year)
    cell = (answer.panel.node(STRATEGIC, benchmark), 0, 0)
    remark = answer.remark.at(cell) if answer.remark else ""
    row = score_row(
        f"crm_act_{_WEIGHTING[weighting]}",
        Node(STRATEGIC, str(benchmark)),
        place,
        year,
        found.share,
        band=(found.low, found.high),
        grade="C",
        note="; ".join(filter(None, (remark, answer.gap_at(cell).words))),
        about=[answer.note, _CAPACITY, proxies],
    )
    return {**row, **_lens(benchmark, found.met), "weighting": _WEIGHTING[weighting]}


def _worst_row(
    method: str, node: Node, year: int, place: str, sources: Sources, grade: str
) -> ScoreRow:
    (found,) = diversification(_as_dependence(node, year, place, sources), look_through=True)
    share = sources.of(found.worst)
    why = share.note if share else sources.why_unknown()
    row = score_row(
        method,
        node,
        place,
        year,
        found.share,
        band=(share.low, share.high) if share else (None, None),
        grade=max(grade, INFERRED_GRADE) if sources.inferred else grade,
        note="; ".join(filter(None, (why, INFERRED_NOTE if sources.inferred else ""))),
        about=how_banded(share),
        supplier=found.worst,
    )
    return {**row, **_lens(Benchmark.DIVERSIFICATION, _below_cap(found.over, sources))}


def _below_cap(over: bool | None, sources: Sources) -> bool | None:
    """Whether no third country is over the cap: so too where all is made at home."""
    if over is not None:
        return not over
    return True if sources.known and sources.top is None else None


def _as_dependence(node: Node, year: int, place: str, sources: Sources) -> LookThroughDependence:
    """The largest supplier through any lens, as the CRM Act's rule reads it."""
    top = sources.of(sources.top)
    numbers = (top.value, top.low, top.high) if top else (None, None, None)
    share, low, high = (np.array([np.nan if x is None else x]) for x in numbers)
    at = np.array([-1 if top is None else 0])
    origins = (sources.top,) if sources.top else ()
    return LookThroughDependence(
        node, year, (place,), origins, at, at, share, share, low, high, share * 0.0
    )


def _lens(benchmark: Benchmark, met: bool | None) -> dict[str, Any]:
    """The columns that only the scoreboard has."""
    return {
        "benchmark": str(benchmark),
        "weighting": None,
        "basis": None,
        "target": benchmark.target,
        "status": _STATUS[met],
        "article": benchmark.article,
    }
