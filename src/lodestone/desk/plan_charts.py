"""Pictures of a plan's answer: decisions over the years, parts of the cost, cost against risk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodestone.desk.planning import PlanAnswer

#: Decisions shown, those with most capital and stocks.
_BARS = 36


def plan_charts(answer: PlanAnswer, folder: Path) -> PlanAnswer:
    """Write the charts of a plan, as SVG and PNG; the answer names the files.

    Parameters
    ----------
    folder : made if it is not there
    """
    from lodestone.report.charts.plan import Bar, Part, Point
    from lodestone.report.plan_pictures import write_plan

    rows = answer.to_rows()
    last = answer.plan.question.years[-1]
    life = {o.id: o.life for o in answer.plan.question.options}
    chosen = [r for r in rows if r["table"] == "choice"]
    largest = sorted(chosen, key=lambda r: (-r["capital"], r["option"], r["year"]))[:_BARS]
    bars = [
        Bar(
            r["name"],
            r["build_from"],
            r["year"],
            min(r["year"] + life[r["option"]] - 1, last),
            r["share"],
            r["capital"],
            r["kind"] == "published",
        )
        for r in sorted(largest, key=lambda r: (r["year"], -r["capital"], r["option"]))
    ]
    parts = [Part(r["part"], r["value"]) for r in rows if r["table"] == "cost"]
    points = [
        Point(r["risk_weight"], r["cost"], r["expected"], r["cvar"])
        for r in rows
        if r["table"] == "frontier"
    ]
    written = write_plan(str(answer.query["place"]), bars, parts, points, folder)
    return replace(answer, notes=(*(f"Chart: {path}" for path in written), *answer.notes))
