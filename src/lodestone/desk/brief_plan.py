"""What to do first: the cheapest plan for the materials at most risk, for a brief.

Ids: `plan:brief@PLACE@SUPPLIER:year:summary:what` is a number of that plan,
`plan:brief@PLACE@SUPPLIER:year:choice:option/start/what` of one step (what: `capital`, `share`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lodestone.desk.brief_losses import LOSSES_SOURCES_KEY, weighed
from lodestone.desk.loss_surfaces import CENTRAL
from lodestone.report.brief_content import Figure, Finding, PlanRow
from lodestone.terms.errors import MarketError, PlanError

if TYPE_CHECKING:
    from lodestone.desk.briefing import Case
    from lodestone.desk.plan_request import PlanRequest
    from lodestone.desk.planning import PlanAnswer

#: Materials that are planned for, steps that are shown, scenarios that are drawn.
_MATERIALS, _STEPS, _SCENARIOS = 5, 8, 30
_MILLION = 1e6


@dataclass(frozen=True)
class PlanPart:
    """What a brief says of a plan; empty where nothing can be planned."""

    rows: tuple[PlanRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()


def plan_part(case: Case) -> PlanPart:
    """The steps that take most capital, the earliest first, and one sentence."""
    try:
        answer = first_plan(case.buyer, case.against, case.year)
    except (MarketError, PlanError) as error:
        why = str(error).splitlines()[0]
        return PlanPart(unknown=(f"What to do first: no plan could be proved ({why}).",))
    if answer is None:
        return PlanPart()
    rows = answer.to_rows()
    steps = sorted(
        (r for r in rows if r["table"] == "choice"),
        key=lambda r: (-r["capital"], r["option"], r["year"]),
    )[:_STEPS]
    shown = tuple(_row(case, r) for r in sorted(steps, key=lambda r: (r["year"], r["option"])))
    if not shown:
        return PlanPart()
    names = [str(need.material).replace("_", " ") for need in answer.plan.question.needs]
    summary = {r["what"]: r for r in rows if r["table"] == "summary"}
    figures = tuple(
        _figure(summary[what]["id"], summary[what]["value"] * _MILLION, "USD", case.year)
        for what in ("loss_without", "loss_with", "spending")
    )
    years = answer.plan.question.years
    finding = Finding(
        f"The cheapest plan for {', '.join(names[:-1])} and {names[-1]} cuts the losses expected "
        f"in {years[0]}-{years[-1]} from {{0}} to {{1}} and takes {{2}} of capital and stocks.",
        figures,
    )
    return PlanPart(shown, (finding,))


def brief_request(place: str, against: str, year: int) -> PlanRequest | None:
    """The plan that a brief asks for; None where fewer than two materials can be planned."""
    import numpy as np

    from lodestone.desk.plan_request import PlanRequest
    from lodestone.desk.worlds import world

    w, there = weighed(place, year), world(year)
    ranked: dict[str, None] = {}
    for p in np.argsort(-w.mean[CENTRAL], kind="stable"):
        name = w.hazards[int(p)].material
        if name in there.chains and all(s.unit == "t" for s in there.chain(name).stages):
            ranked[name] = None
    materials = list(ranked)[:_MATERIALS]
    if len(materials) < 2:
        return None
    return PlanRequest(
        {
            "name": f"brief@{place}@{against}",
            "place": place,
            "materials": materials,
            "scenarios": _SCENARIOS,
            "not_with": [against],
        }
    )


@lru_cache(maxsize=4)
def first_plan(place: str, against: str, year: int) -> PlanAnswer | None:
    """The plan of a brief, as of the release; None where nothing is at risk."""
    from lodestone.desk.briefing import RELEASE_DATE
    from lodestone.desk.planning import plan

    request = brief_request(place, against, year)
    if request is None:
        return None
    return plan(request, year=year, judge=False, as_of=date.fromisoformat(RELEASE_DATE))


def _row(case: Case, row: dict[str, Any]) -> PlanRow:
    id = f"plan:brief@{case.buyer}@{case.against}:{case.year}:choice:{row['option']}/{row['year']}"
    return PlanRow(
        what=row["name"],
        start=row["year"],
        share=_figure(f"{id}/share", row["share"], "share", case.year),
        capital=_figure(f"{id}/capital", row["capital"] * _MILLION, "USD", case.year),
        numbers=row["kind"],
    )


def _figure(id: str, value: float, unit: str, year: int) -> Figure:
    return Figure(
        id=id, value=value, unit=unit, year=year, kind="modelled", sources=(LOSSES_SOURCES_KEY,)
    )
