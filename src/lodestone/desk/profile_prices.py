"""Every price of a material that the release has: as published, and what customs values imply."""

from __future__ import annotations

from typing import Any

from lodestone.atlas.source import source
from lodestone.desk.library import Library

#: Customs rows that a unit value needs; as where base prices of the market come from.
_FEWEST_ROWS = 10


def price_rows(books: Library, name: str) -> list[dict[str, Any]]:
    """Rows `price`: one a series, stage and year; `basis` says what a tonne is of.

    USGS series as printed (every edition that the release has), the World Bank's as means of
    months, and customs values over content.
    """
    rows = [*_usgs(books, name), *_world_bank(books, name), *_customs(books, name)]
    return [{"table": "price", "material": name, **row} for row in rows]


def _usgs(books: Library, name: str) -> list[dict[str, Any]]:
    found = books.rows(
        "SELECT * FROM facts WHERE quantity = 'price' AND material = ? AND value IS NOT NULL "
        "ORDER BY stage, detail, source, year",
        [name],
    )
    return [
        {
            "stage": r["stage"],
            "year": r["year"],
            "value": r["value"],
            "unit": r["unit"],
            "basis": r["basis"],
            "series": r["detail"],
            "kind": r["kind"],
            "source": source(r["source"]).citation,
            "printed": f"{r['raw_value']} {r['raw_unit'] or ''}".strip(),
            "id": f"fact:{r['fact']}",
            "note": r["note"] or None,
        }
        for r in found
    ]


def _world_bank(books: Library, name: str) -> list[dict[str, Any]]:
    found = books.rows(
        "SELECT stage, series, basis, source, extract(year FROM month) AS year, "
        "avg(value) AS value, count(*) AS months FROM prices_monthly WHERE material = ? "
        "AND value IS NOT NULL GROUP BY ALL ORDER BY stage, series, year",
        [name],
    )
    return [
        {
            "stage": r["stage"],
            "year": int(r["year"]),
            "value": r["value"],
            "unit": "USD/t",
            "basis": r["basis"],
            "series": r["series"],
            "kind": "reported",
            "source": source(r["source"]).citation,
            "printed": None,
            "id": None,
            "note": f"mean of {int(r['months'])} months",
        }
        for r in found
    ]


def _customs(books: Library, name: str) -> list[dict[str, Any]]:
    found = books.rows(
        "SELECT stage, year, max(source) AS source, count(*) AS flows, "
        "sum(value_kusd) * 1000 / sum(content_t) AS value FROM trade WHERE material = ? "
        "AND flag = 'ok' AND content_t > 0 AND value_kusd > 0 AND stage IS NOT NULL "
        "GROUP BY stage, year HAVING count(*) >= ? ORDER BY stage, year",
        [name, _FEWEST_ROWS],
    )
    return [
        {
            "stage": r["stage"],
            "year": r["year"],
            "value": r["value"],
            "unit": "USD/t",
            "basis": "content",
            "series": "customs value over content",
            "kind": "inferred",
            "source": source(r["source"]).citation,
            "printed": None,
            "id": None,
            "note": f"{r['flows']} customs rows",
        }
        for r in found
    ]
