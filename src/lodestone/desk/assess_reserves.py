"""Reserves beside production of the same places, in the same content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lodestone.assess.panel import FloatArray, Node, Panel
from lodestone.desk.assess_baseline import Baseline
from lodestone.desk.assess_buyer import WORLD, Buyer
from lodestone.desk.library import Library
from lodestone.terms import material


@dataclass(frozen=True, eq=False)
class Reserves:
    """Reserves of a buyer, and production of those of its places that have a reserve figure."""

    reserves: Panel
    production: Panel
    note: str


@dataclass(frozen=True)
class _Edition:
    """Reserves of one material in one edition: place -> tonnes, lower bounds as they stand."""

    year: int
    tonnes: Mapping[str, float]


def reserves_of(books: Library, base: Baseline, buyer: Buyer) -> Reserves | None:
    """Reserves in the edition of the baseline's year, else the nearest, and the production of it.

    The USGS lists the larger holders only. A place that it does not list is unknown, not zero:
    of a bloc, both figures are those of the members that are listed. `>5` counts as 5.

    Returns
    -------
    Reserves or None
        None where no material of the baseline has reserves in the content it is counted in.
    """
    (year,) = base.years
    editions = _editions(books, year)
    nodes = tuple(node for node in base.nodes if node in editions)
    if not nodes:
        return None
    figures = [_figures(editions[node], base, base.nodes.index(node), buyer) for node in nodes]
    held, made, low, high = np.array(figures).T[:, :, None, None]
    axes = (nodes, (buyer.id,), base.years)
    years = ", ".join(str(y) for y in sorted({editions[node].year for node in nodes}))
    note = f"reserves of {years} (USGS), only of places that it lists; the least where it is open"
    return Reserves(Panel(*axes, held), Panel(*axes, made, low, high), note)


def _editions(books: Library, year: int) -> dict[Node, _Edition]:
    """The edition nearest to the year, by node; the later publication of equal ones."""
    rows = books.rows(
        "SELECT material, stage, place, year, source, basis, sum(coalesce(value, low)) AS tonnes "
        "FROM facts WHERE quantity = 'reserves' AND stage IS NOT NULL "
        "AND coalesce(value, low) IS NOT NULL GROUP BY ALL ORDER BY ALL"
    )
    by_edition: dict[Node, dict[tuple[int, str], dict[str, float]]] = defaultdict(dict)
    for row in rows:
        if row["basis"] == material(row["material"]).basis:
            editions = by_edition[Node(row["material"], row["stage"])]
            key = (int(row["year"]), str(row["source"]))
            editions.setdefault(key, {})[row["place"]] = float(row["tonnes"])
    return {node: _nearest(editions, year) for node, editions in by_edition.items()}


def _nearest(editions: Mapping[tuple[int, str], Mapping[str, float]], year: int) -> _Edition:
    nearest = min(abs(y - year) for y, _ in editions)
    key = max(k for k in editions if abs(k[0] - year) == nearest)
    return _Edition(key[0], editions[key])


def _figures(
    edition: _Edition, base: Baseline, node: int, buyer: Buyer
) -> tuple[float, float, float, float]:
    """Reserves, production, and its band; NaN where the USGS lists none of the places."""
    low, high = base.production.bounds
    arrays = (base.production.value, low, high)
    if buyer.is_world:
        held = edition.tonnes.get(WORLD, np.nan)
        made = [float(a[node, :, 0].sum()) for a in arrays]
    else:
        listed = [place for place in buyer.members if place in edition.tonnes]
        held = sum(edition.tonnes[place] for place in listed) if listed else np.nan
        made = [_sum(a[node, :, 0], base.places, listed) for a in arrays]
    return held, made[0], made[1], made[2]


def _sum(tonnes: FloatArray, places: tuple[str, ...], wanted: Iterable[str]) -> float:
    return float(tonnes[np.isin(places, list(wanted))].sum())
