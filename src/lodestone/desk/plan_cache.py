"""Walks behind the curves of a plan, kept between questions: the same market is not walked twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lodestone import __version__
from lodestone.desk.impact_cache import cache_folder
from lodestone.desk.plan_curves import (
    LEVELS,
    Channel,
    Cost,
    Market,
    StatePoints,
    Way,
    state_points,
)
from lodestone.desk.plan_economies import MemberEconomy
from lodestone.desk.plan_scenarios import Cuts
from lodestone.terms import attribute

#: What decides a curve beside data and assumptions.
_ROOMS = ("atlas/rules", "chain", "market", "economy")
_PAGES = tuple(
    f"desk/{name}.py"
    for name in (
        "plan_curves",
        "plan_economies",
        "plan_needs",
        "exposures",
        "economies",
        "group_shortages",
        "worlds",
    )
)


def kept_points(
    market: Market, channels: Mapping[Way, Channel], states: Sequence[Cuts]
) -> list[StatePoints]:
    """Walks of a material's states: read, or walked now and kept.

    The file is named after everything that decides it: code, data, assumptions, place, needs,
    channels, states; it keeps what could not be proved, and what stands at its ceiling, as well. One
    that cannot be read is made again.
    """
    file = cache_folder() / "plans" / f"{_digest(market, channels, states)}.json"
    held = _read(file)
    if held is not None:
        found, unproved, at_ceiling = held
        market.unproved.update(dict.fromkeys(unproved))
        market.at_ceiling.update(dict.fromkeys(at_ceiling))
        return found
    found = state_points(market, channels, states)
    text = json.dumps(
        {
            "states": [_plain(points) for points in found],
            "unproved": list(market.unproved),
            "at_ceiling": list(market.at_ceiling),
        }
    )
    from lodestone.report.brief import write_whole

    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text.encode())
    return found


def _digest(market: Market, channels: Mapping[Way, Channel], states: Sequence[Cuts]) -> str:
    from lodestone.desk.impacts import files_digest
    from lodestone.desk.studying import assumptions_table

    whole = {
        "code": f"{__version__} {files_digest(_ROOMS, _PAGES)}",
        "data": market.there.content_hash,
        "assumptions": {**assumptions_table(), "sigma": float(attribute("sigma").default)},
        "year": market.there.year,
        "place": [market.who.id, *market.who.members],
        "tables": [_table(one) for one in market.economies],
        "material": market.need.material,
        "use": [market.need.use, *market.need.stages],
        "channels": [asdict(c) for _, c in sorted(channels.items())],
        "states": [list(map(list, cuts)) for cuts in states],
        "levels": LEVELS,
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:24]


def _table(one: MemberEconomy) -> list[Any]:
    """Whose losses by which table; its numbers follow from data and code."""
    t = one.table
    known = [] if t is None else [t.source, t.scheme, t.year, len(t.sectors), sorted(one.exposed)]
    return [one.who.id, *one.who.members, *known]


def _plain(points: StatePoints) -> dict[str, Any]:
    return {
        "name": points.name,
        "reach": [[*way, part] for way, part in points.reach.items()],
        "relief": list(points.relief),
        "price": [c.price for c in points.costs],
        "sectors": [c.sectors.tolist() for c in points.costs],
    }


def _read(file: Path) -> tuple[list[StatePoints], list[str], list[str]] | None:
    import numpy as np

    if not file.is_file():
        return None
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
        found = [
            StatePoints(
                r["name"],
                {(stage, channel): float(part) for stage, channel, part in r["reach"]},
                tuple(float(x) for x in r["relief"]),
                tuple(
                    Cost(float(price), np.array(sectors, dtype=float))
                    for price, sectors in zip(r["price"], r["sectors"], strict=True)
                ),
            )
            for r in whole["states"]
        ]
        unproved, at_ceiling = (
            [str(what) for what in whole[of]] for of in ("unproved", "at_ceiling")
        )
        return found, unproved, at_ceiling
    except (ValueError, KeyError, TypeError):
        return None
