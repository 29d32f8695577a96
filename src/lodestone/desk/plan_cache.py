"""Curves of a plan, kept between questions: the same market is not walked twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone import __version__
from lodestone.desk.impact_cache import cache_folder
from lodestone.desk.plan_curves import LEVELS, Channel, Market, state_curves
from lodestone.desk.plan_scenarios import Cuts
from lodestone.terms import attribute

if TYPE_CHECKING:
    from lodestone.plan.outlook import StateCurve

#: What decides a curve beside data and assumptions.
_ROOMS = ("atlas/rules", "chain", "market", "economy")
_PAGES = tuple(
    f"desk/{name}.py"
    for name in ("plan_curves", "exposures", "economies", "group_shortages", "worlds")
)


def kept_curves(
    market: Market, channels: Mapping[str, Channel], states: Sequence[Cuts]
) -> list[StateCurve]:
    """Curves of a material's states: read, or walked now and kept.

    The file is named after everything that decides it: code, data, assumptions, place, needs,
    channels, states. A file that cannot be read is made again.
    """
    file = cache_folder() / "plans" / f"{_digest(market, channels, states)}.json"
    held = _read(file)
    if held is not None:
        return held
    found = state_curves(market, channels, states)
    text = json.dumps([_plain(curve) for curve in found])
    from lodestone.report.brief import write_whole

    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text.encode())
    return found


def _digest(market: Market, channels: Mapping[str, Channel], states: Sequence[Cuts]) -> str:
    from lodestone.desk.impacts import files_digest
    from lodestone.desk.studying import assumptions_table

    whole = {
        "code": f"{__version__} {files_digest(_ROOMS, _PAGES)}",
        "data": market.there.content_hash,
        "assumptions": {**assumptions_table(), "sigma": float(attribute("sigma").default)},
        "year": market.there.year,
        "place": [market.who.id, *market.who.members],
        "material": market.need.material,
        "use": market.need.use,
        "channels": {name: asdict(c) for name, c in channels.items()},
        "states": [list(map(list, cuts)) for cuts in states],
        "levels": LEVELS,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:24]


def _plain(curve: StateCurve) -> dict[str, Any]:
    return {
        "name": curve.name,
        "reach": dict(curve.reach),
        "price": curve.price.tolist(),
        "sectors": curve.sectors.tolist(),
    }


def _read(file: Path) -> list[StateCurve] | None:
    import numpy as np

    from lodestone.plan.outlook import StateCurve

    if not file.is_file():
        return None
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
        return [
            StateCurve(
                r["name"],
                r["reach"],
                np.array(r["price"], dtype=float),
                np.array(r["sectors"], dtype=float).reshape(len(r["sectors"]), -1, 2),
            )
            for r in rows
        ]
    except (ValueError, KeyError, TypeError):
        return None
