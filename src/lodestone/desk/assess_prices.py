"""Prices of contained content, to weigh materials by money."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from lodestone.desk.library import Library
from lodestone.terms import material

#: Later stages first: the price of a metal says more about its content than that of its ore.
_STAGES = ("product", "refine", "mine")


def prices(books: Library, year: int) -> dict[str, float]:
    """USD per tonne of reference content by material, of the last stage that has a price.

    World Bank: mean of the months. USGS: mean of the series of the latest edition with the year.
    A price per tonne of anything but the reference content is left out: it says nothing.
    """
    quoted: dict[str, dict[str, float]] = defaultdict(dict)
    for quote in quotes(books, year):
        if quote.basis == material(quote.material).basis:
            quoted[quote.material][quote.stage] = quote.value
    return {
        name: next(by_stage[stage] for stage in _STAGES if stage in by_stage)
        for name, by_stage in quoted.items()
    }


@dataclass(frozen=True)
class Quote:
    """One price: USD per tonne of `basis`."""

    material: str
    stage: str
    basis: str
    value: float
    source: str


def quotes(books: Library, year: int) -> list[Quote]:
    """Prices of a year as printed, the last word last: later editions, then the World Bank."""
    return [*_usgs(books, year), *_world_bank(books, year)]


def _world_bank(books: Library, year: int) -> list[Quote]:
    rows = books.rows(
        "SELECT material, stage, basis, source, avg(value) AS value FROM prices_monthly "
        "WHERE material IS NOT NULL AND stage IS NOT NULL AND value IS NOT NULL "
        "AND extract(year FROM month) = ? GROUP BY ALL ORDER BY ALL",
        [year],
    )
    return [Quote(**r) for r in rows]


def _usgs(books: Library, year: int) -> list[Quote]:
    rows = books.rows(
        "SELECT material, stage, basis, source, avg(value) AS value FROM facts "
        "WHERE quantity = 'price' AND unit = 'USD/t' AND year = ? "
        "AND material IS NOT NULL AND stage IS NOT NULL AND value IS NOT NULL "
        "GROUP BY ALL ORDER BY source, material, stage, basis",
        [year],
    )
    # sources sort by edition: the latest is read last
    return [Quote(**r) for r in rows]
