"""What a shock does to every place of a chain, a row each: for a map of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodestone.chain.months import month_label
from lodestone.desk.answer import known

if TYPE_CHECKING:
    from lodestone.market.path import Path


def place_summary_rows(path: Path) -> list[dict[str, Any]]:
    """Rows `place_summary`: use lost over the path, highest price, worst month of every place.

    The central answer alone, at the stage at which most is used; places that buy nothing there
    have no row. `grade` is that of the place's own cell of the chain.
    """
    from lodestone.market.outcome import headline_stage, place_outcomes

    s = headline_stage(path)
    stage = path.market.stages[s]
    chain = path.world.chain(path.edits.material)
    grades = dict(zip(chain.places, chain.stage(stage).grade, strict=True))
    return [
        {
            "table": "place_summary",
            "material": path.edits.material,
            "stage": stage,
            "place": found.place,
            "value": known(found.lost),
            "peak": known(found.peak),
            "worst": known(found.worst),
            "worst_month": found.worst_month,
            "worst_date": month_label(path.edits.first, found.worst_month),
            "unit": "share",
            "grade": grades[found.place],
            "kind": "modelled",
        }
        for found in place_outcomes(path, s)
    ]
