"""Pictures of a risk answer: the ranking, bad years, and how sure the sampling is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lodestone.terms import material
from lodestone.terms import place as find_place
from lodestone.terms.errors import LodestoneError

if TYPE_CHECKING:
    from lodestone.desk.risking import RiskAnswer

_BARS = 20


def risk_charts(answer: RiskAnswer, folder: Path) -> RiskAnswer:
    """Write the charts of a risk answer, as SVG and PNG; the answer names the files.

    Parameters
    ----------
    folder : made if it is not there
    """
    from lodestone.report.charts.risk import Bar, Curve
    from lodestone.report.risk_pictures import write_risk

    rows = answer.to_rows()
    bars = [
        Bar(
            _pair_words(r["supplier"], r["material"]),
            r["value"],
            r["low"],
            r["high"],
            r["probability"],
        )
        for r in rows
        if r["table"] == "pair"
    ][:_BARS]
    beyond = [r for r in rows if r["table"] == "exceedance"]
    curve = Curve(
        tuple(r["once_in_years"] for r in beyond),
        tuple(r["price_cost"] for r in beyond),
        tuple(r["value"] for r in beyond),
        tuple(r["high"] for r in beyond),
    )
    steps = [(r["years"], r["value"], r["error"]) for r in rows if r["table"] == "convergence"]
    exact = next(r["exact"] for r in rows if r["table"] == "tail" and r["figure"] == "central")
    written = write_risk(str(answer.query["place"]), bars, curve, steps, exact, folder)
    return replace(answer, notes=(*(f"Chart: {path}" for path in written), *answer.notes))


def _pair_words(supplier: str, name: str) -> str:
    """`Gallium from China`."""
    try:
        who = find_place(supplier).name
    except LodestoneError:
        who = supplier
    return f"{material(name).name} from {who}"
