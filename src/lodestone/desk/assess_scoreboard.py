"""The CRM Act's 10 / 40 / 25 / 65 % scoreboard: of the EU, and as a lens on any place or bloc."""

from __future__ import annotations

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
from lodestone.desk.assess_baseline import Baseline, baseline
from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.desk.assess_dependence import Sources, SourcesByNode, sources_of
from lodestone.desk.assess_rows import ScoreRow, score_row
from lodestone.desk.assess_strategic import strategic_account, strategic_chains, strategic_entries
from lodestone.desk.library import Library, library
from lodestone.terms.errors import RequestError

#: Name of the weighting -> end of the method's name.
_METHOD = {Weighting.MASS: "mass", Weighting.VALUE: "value", Weighting.MEAN: "mean"}
_LENS_METHOD = {
    LOOK_THROUGH: "crm_act_diversification",
    DIRECT: "crm_act_diversification_direct",
}
_STATUS = {True: "met", False: "missed", None: "unknown"}
_SAID = {
    Benchmark.EXTRACTION: "materials without mines of their own are not known",
    Benchmark.PROCESSING: "of several processing steps the one that makes least counts",
    Benchmark.RECYCLING: (
        "EOL-RIR of the EU studies times use as a proxy; scrap-fed output where none is published"
    ),
}


def scoreboard(place: str = "EU27", year: int | None = None) -> list[ScoreRow]:
    """How a place stands on the four benchmarks of Regulation (EU) 2024/1252, Art. 5(1).

    Parameters
    ----------
    place : place, bloc, or sum of both; for others than the EU it is a lens, not a duty
    year : year with balanced chains; the latest if left out

    Returns
    -------
    list of rows
        As those of `assess`, and further `benchmark`, `weighting`, `target`, `status` (met,
        missed, unknown: the band straddles the target), `basis` and `article`. First the
        aggregates: three benchmarks, each added up three ways. Then the 65 % rule: the worst
        third country of each strategic material and stage, as shipped and as made.

    Raises
    ------
    RequestError
        Unknown place, or a year without data.
    """
    books = library()
    when = books.year(year)
    who = buyer(place, when)
    base = baseline(books, strategic_chains(books, when), [when], who.members)
    if who.is_world:
        raise RequestError("the CRM Act asks of a place or bloc: name one, such as EU27")
    sources = sources_of(books, base, who)
    return [
        *aggregate_rows(books, base, who),
        *diversification_rows(books, base, who, sources),
    ]


def aggregate_rows(books: Library, base: Baseline, who: Buyer) -> list[ScoreRow]:
    """The three aggregate benchmarks, each by mass, by value and as mean of materials."""
    (year,) = base.years
    listed = strategic_entries(books, year)
    account = strategic_account(books, base, who, listed)
    proxies = "; ".join(entry.proxy for entry in listed if entry.proxy)
    answers = crm_act_scoreboard(account.capacity, account.consumption, account.price)
    return [
        _aggregate_row(answer, weighting, benchmark, who.id, year, proxies)
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
    parts = (remark, answer.gap_at(cell).words, answer.note, _SAID[benchmark], proxies)
    row = score_row(
        f"crm_act_{_METHOD[weighting]}",
        Node(STRATEGIC, benchmark),
        place,
        year,
        found.share,
        band=(found.low, found.high),
        grade="C",
        note="; ".join(part for part in parts if part),
    )
    return {**row, **_lens(benchmark, found.met), "weighting": str(weighting)}


def diversification_rows(
    books: Library, base: Baseline, who: Buyer, sources: SourcesByNode
) -> list[ScoreRow]:
    """Worst third country of every strategic material and stage, by both lenses."""
    (year,) = base.years
    strategic = set(strategic_chains(books, year))
    grades = base.grades(who)
    return [
        _worst_row(method, node, year, who, lenses[lens], grades.get((*node, year), ""), lens)
        for node, lenses in sources.items()
        if node.material in strategic
        for lens, method in _LENS_METHOD.items()
    ]


def _worst_row(
    method: str, node: Node, year: int, who: Buyer, sources: Sources, grade: str, lens: str
) -> ScoreRow:
    (found,) = diversification(_as_dependence(node, year, who, sources), look_through=True)
    share = sources.of(found.worst)
    row = score_row(
        method,
        node,
        who.id,
        year,
        found.share,
        band=(share.low, share.high) if share else (None, None),
        grade=grade,
        note=share.note if share else sources.why_unknown(),
        supplier=found.worst,
    )
    met = _below_cap(found.over, sources)
    return {**row, **_lens(Benchmark.DIVERSIFICATION, met), "basis": lens}


def _below_cap(over: bool | None, sources: Sources) -> bool | None:
    """Whether no third country is over the cap: so too where all is made at home."""
    if over is not None:
        return not over
    return True if sources.known and sources.top is None else None


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


def _as_dependence(node: Node, year: int, who: Buyer, sources: Sources) -> LookThroughDependence:
    """One buyer's largest supplier as the CRM Act lens reads it, whichever lens it came through."""
    top = sources.of(sources.top)
    share, low, high = (
        np.array([np.nan if top is None or x is None else x])
        for x in (top and top.value, top and top.low, top and top.high)
    )
    at = np.array([-1 if top is None else 0])
    origins = (sources.top,) if sources.top else ()
    return LookThroughDependence(
        node, year, (who.id,), origins, at, at, share, share, low, high, share * 0.0
    )
