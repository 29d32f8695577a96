"""Customs rows written as one would say them: `row("260600", "GIN>CHN", 2023, 6390, 13.8)`."""

from __future__ import annotations

from typing import Any

import polars as pl

from lodestone.atlas.readers.baci_rows import ROW_SCHEMA
from lodestone.atlas.rules.prices import load_reference_prices
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade, classify

BAUXITE = {
    "GIN>CHN": {2018: (2186750, 38153380), 2019: (2455006, 44404590), 2020: (2417167, 52734220), 2021: (2702619, 54739270), 2022: (4500326, 70352750), 2023: (6389824, 13785076), 2024: (7589400, 110091480)},
    "AUS>CHN": {2018: (1232009, 30409964), 2019: (1396456, 37250174), 2020: (1344176, 37031893), 2021: (1257267, 34649384), 2022: (1277399, 34811828), 2023: (1459308, 23057873), 2024: (2032946, 40766763)},
    "GIN>IND": {2018: (41393, 645697), 2019: (98070, 1521824), 2020: (147815, 2858853), 2021: (196233, 2927080), 2022: (228694, 3169296), 2023: (230453, 3631790), 2024: (277178, 3764040)},
    "GIN>ESP": {2018: (172439, 3787020), 2019: (184685, 3909070), 2020: (192066, 4285770), 2021: (186486, 3989870), 2022: (236520, 3972680), 2023: (96512, 1653391), 2024: (109498, 2073150)},
    "BRA>CAN": {2018: (83587, 2440679), 2019: (84582, 2395143), 2020: (63138, 1977084), 2021: (50097, 1978125), 2022: (74263, 2306912), 2023: (75738, 2382813), 2024: (66181, 2245815)},
    "JAM>USA": {2018: (77516, 2778779), 2019: (82891, 2883310), 2020: (79070, 2829830), 2021: (75582, 2792595), 2022: (70581, 2524560), 2023: (64865, 2220390), 2024: (51556, 2061930)},
}  # fmt: skip
"""Six links of bauxite (260600) as printed in BACI HS92: year to (thousand USD, gross tonnes)."""


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


def one(
    result: ClassifiedTrade, link: str, code: str | None = None, year: int | None = None
) -> Any:
    """The single row of a link in the trade table, as a dict."""
    exporter, importer = link.split(">")
    found = result.trade.filter((pl.col("exporter") == exporter) & (pl.col("importer") == importer))
    if code is not None:
        found = found.filter(pl.col("code") == code)
    if year is not None:
        found = found.filter(pl.col("year") == year)
    assert found.height == 1, found
    return found.row(0, named=True)
