"""From a scenario's paths to sectors and GDP, for the places that have an input-output table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from lodestone.chain.months import month_label
from lodestone.desk.answer import known
from lodestone.desk.exposures import exposures
from lodestone.desk.group_shortages import counted_in_group, once
from lodestone.desk.losing import sector_rows
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.economy.largest_gdp import LargestGdp
    from lodestone.economy.losses import Loss, Shortage
    from lodestone.economy.table import EconomyTable
    from lodestone.market.path import Path

#: Losses are those of the first twelve months, or of all if there are fewer.
YEAR = 12
LEADING = 8
_MILLION = 1e6


def loss_rows(
    paths: Mapping[str, Path], groups: Mapping[str, Sequence[str]], year: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows `economy`, `sector` and `economy_month` of each place; and the sources of their tables."""
    rows: list[dict[str, Any]] = []
    sources: list[str] = []
    for place, members in groups.items():
        table = _table(place, year)
        if table is None:
            continue
        loss, silent = scenario_loss(table, paths, members, place)
        rows += economy_rows(place, loss, silent)
        rows += sector_rows(loss, LEADING, {"place": place})
        rows += _month_rows(place, loss, next(iter(paths.values())).edits.first)
        sources += [table.source, "ec_crm2023", "wdi_gdp"]
    return rows, list(dict.fromkeys(sources))


def scenario_loss(
    table: EconomyTable, paths: Mapping[str, Path], members: Sequence[str], place: str
) -> tuple[Loss, list[str]]:
    """What all materials of a scenario together cost a place; and materials that cannot count."""
    import numpy as np

    from lodestone.economy.losses import Shortage, losses
    from lodestone.market.outcome import gains_by_month, missing_share, use_value

    exposed = exposures(place, table.year)
    span = min([YEAR, *(path.months for path in paths.values())])
    shortages: dict[str, Shortage] = {}
    silent: list[str] = []
    price_cost = 0.0
    for name, path in paths.items():
        cost = -gains_by_month(path, members).total[:span]
        spend = float(np.nansum(use_value(path.world, path.market, members)))
        if not np.isfinite(cost).all():
            silent.append(name)
            continue
        if not counted_in_group(name, paths):
            price_cost += float(cost.sum()) / _MILLION
        if name in exposed:
            missing = missing_share(path, members)[:span]
            shortages[name] = Shortage(exposed[name], spend / _MILLION, missing)
    if len(silent) == len(paths):
        price_cost = float("nan")
    solvers = _solvers(place, table.year) if shortages else None
    return losses(table, once(shortages), price_cost, solvers=solvers, months=span), silent


def economy_rows(place: str, loss: Loss, silent: Sequence[str]) -> list[dict[str, Any]]:
    """The three figures of a place, and the numbers they are made of."""
    table = loss.table
    gdp = table.gdp * loss.months / 12.0
    notes = [loss.beyond] if loss.beyond else []
    if silent:
        notes.append(f"no price in tonnes, so not counted: {', '.join(silent)}")
    low, high = loss.spread
    figures: list[tuple[str, float | None, float | None, float | None]] = [
        ("loss", None if loss.too_deep else loss.central, loss.low, loss.high),
        ("price_cost", loss.price_cost, None, None),
    ]
    if not loss.too_deep:
        figures += [
            ("output_exposed", *_band(loss.direct)),
            ("output_economy", *_band(loss.economy)),
            ("loss_as_judged", loss.central, low, high),
        ]
    for at, lost in sorted((loss.by_threshold or {}).items()):
        value = None if loss.beyond else lost * loss.months / 12.0
        figures.append((f"largest_gdp_at_{at:g}", value, None, None))
    return [
        {
            "table": "economy",
            "place": place,
            "what": what,
            "value": known(value),
            "low": known(bottom),
            "high": known(top),
            "share_of_gdp": known(value / gdp) if value is not None else None,
            "months": loss.months,
            "unit": "million USD",
            "kind": "modelled",
            "note": "; ".join(notes) or None if what == "loss" else None,
        }
        for what, value, bottom, top in figures
    ]


def _band(values: Any) -> tuple[float, float, float]:
    """(central, low, high) of three judgements."""
    return float(values[1]), float(values[0]), float(values[2])


def _month_rows(place: str, loss: Loss, first: str) -> list[dict[str, Any]]:
    return [
        {
            "table": "economy_month",
            "place": place,
            "month": t,
            "date": month_label(first, t),
            "value": float(value),
            "unit": "million USD",
            "kind": "modelled",
        }
        for t, value in enumerate(loss.by_month)
    ]


def _solvers(place: str, year: int) -> Mapping[float, LargestGdp]:
    """Programs of this question alone: one that had answered another would start from there, and
    the last digits of an answer would depend on what was asked before.
    """
    from lodestone.economy.losses import programs

    table = _table(place, year)
    assert table is not None
    return programs(table)


@cache
def _table(place: str, year: int) -> EconomyTable | None:
    """The economy of a place, or None where there is no table of it."""
    from lodestone.desk.economies import economy

    try:
        return economy(place, year)
    except RequestError:
        return None
