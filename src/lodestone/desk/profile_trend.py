"""How a place's dependence on its largest suppliers of a material moved over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.desk.inferred_output import INFERRED_NOTE
from lodestone.desk.supplier_shares import FOREIGN, Supply

#: Suppliers of the latest year that are followed back.
_MOST = 5
_NO_USE = "no supply of it at this stage"


def trend_rows(supplies: Mapping[int, Sequence[Supply]], year: int) -> list[dict[str, Any]]:
    """Rows `trend`: share of each of the largest foreign suppliers of a year, in every year.

    Parameters
    ----------
    supplies : year -> supply of one buyer, by stage and lens
    year : whose largest suppliers are followed
    """
    rows: list[dict[str, Any]] = []
    for latest in supplies[year]:
        named = [o for o in latest.shares if latest.relation(o) == FOREIGN]
        for origin in named[:_MOST]:
            for when, found in supplies.items():
                rows.append(_row(latest, origin, when, found))
    return rows


def _row(latest: Supply, origin: str, year: int, found: Sequence[Supply]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "table": "trend",
        "material": latest.material,
        "place": latest.buyer,
        "lens": latest.lens,
        "stage": latest.stage,
        "origin": origin,
        "year": year,
    }
    same = [s for s in found if (s.lens, s.stage) == (latest.lens, latest.stage)]
    if not same:
        nothing = dict.fromkeys(("value", "low", "high"))
        return {**row, **nothing, "unit": "share", "own": None, "note": _NO_USE}
    supply = same[0]
    share = supply.of(origin)
    return {
        **row,
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "unit": "share",
        "own": supply.own,
        "grade": supply.grade_of(origin),
        "kind": "modelled",
        "id": supply.id(origin),
        "note": INFERRED_NOTE if supply.inferred(origin) else None,
    }
