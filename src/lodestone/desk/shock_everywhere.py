"""What a shock does to every place of a chain, a row each: for a map of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodestone.chain.months import month_label
from lodestone.desk.answer import known

if TYPE_CHECKING:
    from lodestone.market.path import Path


#: Above so many materials the months of every place would be more rows than anybody reads.
MOST_MATERIALS = 4


def everywhere_rows(path: Path, *, monthly: bool) -> list[dict[str, Any]]:
    """Rows `place_summary`, and `place_month` if asked for: what every place loses and pays.

    The central answer alone, at the stage at which most is used; places that buy nothing there
    have no row. `grade` is that of the place's own cell of the chain.

    Parameters
    ----------
    monthly : whether to add a row for each month: share of use lost, and price paid
    """
    from lodestone.market.outcome import headline_stage, place_outcomes

    s = headline_stage(path)
    stage = path.market.stages[s]
    chain = path.world.chain(path.edits.material)
    grades = dict(zip(chain.places, chain.stage(stage).grade, strict=True))
    labels = {"material": path.edits.material, "stage": stage}
    found = place_outcomes(path, s)
    of = {one.place: {**labels, "place": one.place} for one in found}
    end = {place: {"unit": "share", "grade": grades[place], "kind": "modelled"} for place in of}
    rows: list[dict[str, Any]] = [
        {
            "table": "place_summary",
            **of[one.place],
            "value": known(one.lost),
            "peak": known(one.peak),
            "worst": known(one.worst),
            "worst_month": one.worst_month,
            "worst_date": month_label(path.edits.first, one.worst_month),
            **end[one.place],
        }
        for one in found
    ]
    if not monthly:
        return rows
    return rows + [
        {
            "table": "place_month",
            **of[one.place],
            "month": month,
            "date": month_label(path.edits.first, month),
            "value": known(float(one.lost_by_month[month])),
            "price": known(float(one.price_by_month[month])),
            **end[one.place],
        }
        for one in found
        for month in range(one.lost_by_month.size)
    ]
