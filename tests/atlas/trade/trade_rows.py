"""Customs rows written as one would say them: `row("260600", "GIN>CHN", 2023, 6390, 13.8)`."""

from __future__ import annotations

from typing import Any

import polars as pl
from lodestone.atlas.readers.baci_rows import ROW_SCHEMA
from lodestone.atlas.rules.prices import load_reference_prices
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade, classify


def row(
    code: str,
    link: str,
    year: int,
    value_kusd: float | None,
    gross_t: float | None,
    source: str = "baci_hs92",
    revision: str | None = None,
) -> dict[str, Any]:
    """One row; `link` is `exporter>importer`, the revision follows from the source."""
    exporter, importer = link.split(">")
    return {
        "source": source,
        "code": code,
        "revision": revision or ("HS92" if source == "baci_hs92" else "HS17"),
        "year": year,
        "exporter": exporter,
        "importer": importer,
        "value_kusd": value_kusd,
        "gross_t": gross_t,
    }


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ROW_SCHEMA)


def classified(*rows: dict[str, Any], years: list[int] | None = None) -> ClassifiedTrade:
    """Classified with the shipped rules and prices."""
    return classify(frame(*rows), load_trade_rules(), load_reference_prices(), years)


def one(result: ClassifiedTrade, link: str, code: str | None = None, year: int | None = None) -> Any:
    """The single row of a link in the trade table, as a dict."""
    exporter, importer = link.split(">")
    found = result.trade.filter(
        (pl.col("exporter") == exporter) & (pl.col("importer") == importer)
    )
    if code is not None:
        found = found.filter(pl.col("code") == code)
    if year is not None:
        found = found.filter(pl.col("year") == year)
    assert found.height == 1, found
    return found.row(0, named=True)
