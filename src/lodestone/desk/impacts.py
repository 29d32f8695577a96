"""What a supplier's cut does to a material in some places, month by month: the work of a study.

One task is one supplier and one material; its exports of every stage are cut to some severities.
The rows hold what any economy needs to know its losses: the share of use that is missing, and the
price cost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from lodestone import __version__
from lodestone.desk.shock_reading import place_groups
from lodestone.desk.study_work import hit_edits, market_at_rest
from lodestone.desk.studying import assumptions_table, supplier_cells
from lodestone.desk.worlds import world
from lodestone.study.definition import StudyDefinition
from lodestone.study.task import Task

if TYPE_CHECKING:
    from lodestone.market.path import Path

Row = dict[str, Any]

SCHEMA = {
    "material": "String",
    "supplier": "String",
    "severity": "Float64",
    "place": "String",
    "month": "Int64",
    "missing": "Float64",
    "price_cost": "Float64",
    "price_outside": "Float64",
    "spend": "Float64",
    "residual": "Float64",
    "gap": "Float64",
}
#: Tasks saved together.
_CHUNK = 10


def impact_study(
    year: int,
    places: Sequence[str],
    severities: Sequence[float],
    months: int,
    materials: Sequence[str] = (),
    suppliers: Sequence[str] = (),
) -> StudyDefinition:
    """The study of every supplier of more than 1 % of a stage, and what it supplies."""
    there = world(year)
    pairs = dict.fromkeys(
        (name, code) for name, _, code, _ in supplier_cells(there, materials, suppliers)
    )
    tasks = [
        Task(
            f"{name}:{code}",
            {
                "year": there.year,
                "material": name,
                "supplier": code,
                "severities": [float(s) for s in severities],
                "months": months,
                "places": list(places),
            },
        )
        for name, code in pairs
    ]
    return StudyDefinition(
        name=f"cuts-{there.year}",
        tasks=tasks,
        work="lodestone.desk.impacts:cut_impacts",
        schema=SCHEMA,
        identity={
            "code": f"{__version__} {code_digest()}",
            "data": there.content_hash,
            "assumptions": assumptions_table(),
            "severities": [float(s) for s in severities],
            "months": months,
            "places": list(places),
        },
        chunk_size=_CHUNK,
        initialise="lodestone.desk.study_work:warm",
    )


@cache
def code_digest(*more: str) -> str:
    """Hash of the programs that decide the rows: an archive of other programs is not reused.

    Parameters
    ----------
    more : rooms that count besides those of the chain and the market
    """
    return files_digest(
        ("terms", "terms/tables", "atlas", "atlas/rules", "chain", "market", "desk", *more)
    )


@cache
def files_digest(rooms: tuple[str, ...], pages: tuple[str, ...] = ()) -> str:
    """Hash of the programs and tables of some rooms, and of some pages besides."""
    root = resources.files("lodestone")
    found = [entry for room in rooms for entry in _sorted(root.joinpath(room))]
    found += [root.joinpath(page) for page in pages]
    total = hashlib.sha256()
    for file in found:
        total.update(file.name.encode())
        total.update(file.read_bytes())
    return total.hexdigest()[:12]


def _sorted(room: Traversable) -> list[Traversable]:
    files = sorted(room.iterdir(), key=lambda entry: entry.name)
    return [entry for entry in files if entry.name.endswith((".py", ".csv"))]


def cut_impacts(payload: Mapping[str, Any]) -> list[Row]:
    """Rows of one supplier and material: severity, place, month."""
    from lodestone.market.path import walk

    year, name, code = int(payload["year"]), payload["material"], payload["supplier"]
    months = int(payload["months"])
    base = market_at_rest(year, name)
    groups = place_groups(payload["places"], year)
    rows: list[Row] = []
    for severity in payload["severities"]:
        hit = {"material": name, "severity": severity, "begins": 0, "lasts": months}
        path = walk(world(year), hit_edits(year, code, hit, months), baseline=base)
        rows += monthly_rows(
            path, {"material": name, "supplier": code, "severity": severity}, groups
        )
    return rows


def monthly_rows(path: Path, label: Row, groups: Mapping[str, Sequence[str]]) -> list[Row]:
    """What a cut does to each group of places, month by month: use missing and price cost.

    Parameters
    ----------
    label : what the rows are of; with the `supplier` who cuts
    groups : name -> members
    """
    import numpy as np

    from lodestone.market.outcome import (
        gains_by_month,
        missing_share,
        price_outside,
        short_stage,
        use_value,
    )

    outside = price_outside(path, short_stage(path), (label["supplier"],))
    rows: list[Row] = []
    for place, members in groups.items():
        cost = -gains_by_month(path, members).total
        missing = missing_share(path, members)
        spend = float(np.nansum(use_value(path.world, path.market, members)))
        known = bool(np.isfinite(cost).all())
        for t in range(path.months):
            rows.append(
                {
                    **label,
                    "place": place,
                    "month": t,
                    "missing": float(missing[t]),
                    "price_cost": float(cost[t]) if known else None,
                    "price_outside": float(outside[t]) if np.isfinite(outside[t]) else None,
                    "spend": spend if known else None,
                    "residual": path.residual,
                    "gap": path.gap if np.isfinite(path.gap) else None,
                }
            )
    return rows
