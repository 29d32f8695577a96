"""What a study does for each of its tasks: pure functions from plain data to rows.

They run in worker processes, on this machine or on a cluster, and keep there what tasks have in
common: the world, and each market at rest under the central assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.desk.shock_reading import place_groups
from lodestone.desk.worlds import world

if TYPE_CHECKING:
    from lodestone.chain.edits import Edits
    from lodestone.market.baseline import MarketBaseline
    from lodestone.market.path import Path

Payload = Mapping[str, Any]
Row = dict[str, Any]
#: Everybody but the supplier.
ABROAD = "abroad"

GRID_SCHEMA = {
    "material": "String",
    "stage": "String",
    "supplier": "String",
    "supply_share": "Float64",
    "place": "String",
    "price_outside": "Float64",
    "price_outside_peak": "Float64",
    "price_inside": "Float64",
    "use_lost": "Float64",
    "missing": "Float64",
    "unit": "String",
    "residual": "Float64",
    "gap": "Float64",
    "newton_steps": "Int64",
}
SAMPLE_SCHEMA = {
    "sample": "Int64",
    "supplier": "String",
    "material": "String",
    "severity": "Float64",
    "begins": "Int64",
    "lasts": "Int64",
    "place": "String",
    "price_outside_peak": "Float64",
    "price_outside": "Float64",
    "use_lost": "Float64",
    "missing": "Float64",
    "users_loss_usd": "Float64",
    "makers_loss_usd": "Float64",
    "unit": "String",
    "residual": "Float64",
}


def warm() -> None:
    """Compile the kernels of this process before its first task."""
    from lodestone.chain.edits import no_edits
    from lodestone.market.path import clear, walk

    there = world(None)
    name = next(iter(there.chains))
    chain = there.chain(name)
    quiet = no_edits(name, len(chain.stages), len(chain.places), 1, f"{there.year + 1}-01")
    walk(there, quiet)
    clear(there, quiet)


def export_stop(payload: Payload) -> list[Row]:
    """One export stop: a supplier's exports of one stage of one material, to everybody.

    `months` 0 clears the market a year into the stop; else the months are walked, and means over
    the first year and the peak are given.
    """
    from lodestone.chain.apply import apply
    from lodestone.chain.measure import ExportBan
    from lodestone.chain.scenario import Scenario
    from lodestone.market.path import clear, walk

    name, months = payload["material"], int(payload["months"])
    there = world(payload["year"])
    stop = ExportBan(payload["supplier"], materials=(name,), stages=(payload["stage"],))
    asked = Scenario("stop", (stop,), f"{there.year + 1}-01", max(months, 1), there.year)
    edits = apply(there, asked)[name]
    base = market_at_rest(there.year, name)
    path = walk(there, edits, baseline=base) if months else clear(there, edits, baseline=base)
    label = {
        "material": name,
        "stage": payload["stage"],
        "supplier": payload["supplier"],
        "supply_share": float(payload["supply_share"]),
    }
    return _grid_rows(path, label, payload["places"])


def _grid_rows(path: Path, label: Row, places: list[str]) -> list[Row]:
    from lodestone.market.outcome import headline_stage, place_months, price_inside, price_outside

    suppliers = (label["supplier"],)
    s = headline_stage(path)
    outside, inside = price_outside(path, s, suppliers), price_inside(path, s, suppliers)
    proof = {
        "residual": path.residual,
        "gap": _number(path.gap),
        "newton_steps": int(path.walked.proof[:, 3].max()),
    }
    others = [p for p in path.market.places if p not in suppliers]
    groups = {**place_groups(places, path.market.year), ABROAD: tuple(others)}
    rows = []
    for code, members in groups.items():
        months = place_months(path, s, members, suppliers)
        if months is None:
            continue
        year = slice(0, 12)
        wanted, short = months.wanted[year].sum(), months.shortage[year].sum()
        rows.append(
            {
                **label,
                "place": code,
                "price_outside": _number(outside[year].mean()),
                "price_outside_peak": _number(outside.max()),
                "price_inside": _number(inside[year].mean()),
                "use_lost": _number(short / wanted if wanted > 0 else float("nan")),
                "missing": _number(short / min(path.months, 12)),
                "unit": path.market.units[s],
                **proof,
            }
        )
    return rows


def sampled_shock(payload: Payload) -> list[Row]:
    """One sampled scenario: a supplier's hits on some of its materials, under drawn assumptions."""
    from lodestone.market.assumptions import at_quantiles
    from lodestone.market.baseline import market_baseline
    from lodestone.market.path import walk

    there = world(payload["year"])
    assumed = at_quantiles(np.array(payload["quantiles"]))
    rows: list[Row] = []
    for hit in payload["hits"]:
        edits = hit_edits(there.year, payload["supplier"], hit, int(payload["months"]))
        base = market_baseline(there, hit["material"], assumed)
        path = walk(there, edits, assumed, baseline=base)
        label = {
            "sample": int(payload["sample"]),
            "supplier": payload["supplier"],
            "material": hit["material"],
            "severity": float(hit["severity"]),
            "begins": int(hit["begins"]),
            "lasts": int(hit["lasts"]),
        }
        rows += _sample_rows(path, label, payload["places"])
    return rows


def hit_edits(year: int, supplier: str, hit: Mapping[str, Any], months: int) -> Edits:
    """Edits of one hit: exports of every stage cut to `1 - severity`, for a while."""
    from lodestone.chain.apply import apply
    from lodestone.chain.measure import ExportBan, ExportQuota, Measure
    from lodestone.chain.months import month_label
    from lodestone.chain.scenario import Scenario

    first = f"{year + 1}-01"
    names = (hit["material"],)
    start = month_label(first, int(hit["begins"]))
    end = month_label(first, min(int(hit["begins"]) + int(hit["lasts"]), months) - 1)
    left = 1.0 - float(hit["severity"])
    cut: Measure = ExportBan(supplier, materials=names, start=start, end=end)
    if left > 0.02:
        cut = ExportQuota(supplier, left, materials=names, start=start, end=end)
    return apply(world(year), Scenario("hit", (cut,), first, months, year))[hit["material"]]


def _sample_rows(path: Path, label: Row, places: list[str]) -> list[Row]:
    from lodestone.market.outcome import gains, headline_stage, place_months, price_outside

    suppliers = (label["supplier"],)
    s = headline_stage(path)
    outside = price_outside(path, s, suppliers)
    rows = []
    for code, members in place_groups(places, path.market.year).items():
        months = place_months(path, s, members, suppliers)
        if months is None:
            continue
        gain = gains(path, members)
        wanted, short = months.wanted.sum(), months.shortage.sum()
        rows.append(
            {
                **label,
                "place": code,
                "price_outside_peak": _number(outside.max()),
                "price_outside": _number(outside.mean()),
                "use_lost": _number(short / wanted if wanted > 0 else float("nan")),
                "missing": _number(short / 12.0),
                "users_loss_usd": _number(-gain.users),
                "makers_loss_usd": _number(-gain.makers),
                "unit": path.market.units[s],
                "residual": path.residual,
            }
        )
    return rows


@lru_cache(maxsize=256)
def market_at_rest(year: int, material: str) -> MarketBaseline:
    from lodestone.market.assumptions import central
    from lodestone.market.baseline import market_baseline

    return market_baseline(world(year), material, central())


def _number(x: Any) -> float | None:
    """A number, or None where it is unknown."""
    value = float(x)
    return value if np.isfinite(value) else None
