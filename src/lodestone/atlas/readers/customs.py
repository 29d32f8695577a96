"""National customs declarations that may ship: the USA, the EU and the United Kingdom.

BACI weighs both ends of a cargo; these are one end only, but they split what six-digit codes
hide (the EU's eight digits tell gallium from germanium) and reach months that BACI has not seen.
They are kept apart from the trade table and serve as shares and as a check on it.

Sources: USITC DataWeb / US Census Bureau (public domain); Eurostat Comext (CC BY 4.0);
HM Revenue & Customs (Open Government Licence 3.0).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.baci import read_parquet_strict
from lodestone.atlas.readers.baci_rows import place_codes
from lodestone.terms.errors import Problems

_USITC = "baci/extra/usitc_dataweb_us_trade_25hts4_18partners_1993_2025.parquet"
_COMEXT = "baci/extra/eurostat_comext_eu27_imports_66cn8_2022_2024_value_eur.parquet"
_MONTHLY = "baci/extra/official_monthly_hmrc_comexstat_census_eurostat_2024_2026.parquet"

_UNSTATED = ("n/a",)
"""Words for "partner not stated". Read as ISO codes they would be Namibia."""

_OWN_CODES = {"eurostat_comext": {"XC": "ESP"}}
"""Codes of one publisher only: Eurostat counts Ceuta apart, since it lies outside the customs
territory of the Union; the place is Spain."""


def read(raw: Path) -> Reading:
    """The three declarations under `raw`.

    Returns
    -------
    Reading
        `us_trade`: year, flow, `hs4`, partner, `value_kusd`, `gross_t` (null where the unit is
        not a weight), `unit`. `eu_imports`: year, importer, partner, `cn8`, `value_keur`,
        `intra_eu`; one customs procedure, so shares and not levels. `uk_trade`: year, month,
        flow, partner, code, `value_kusd`, `gross_t`, `confidential`.

    Raises
    ------
    DataError
        Missing files, renamed columns, unknown countries, all at once.
    """
    problems = Problems("customs declarations")
    tables = {
        "us_trade": _us_trade(raw, problems),
        "eu_imports": _eu_imports(raw, problems),
        "uk_trade": _uk_trade(raw, problems),
    }
    problems.raise_if_any()
    weightless = tables["us_trade"]["gross_t"].null_count()
    notes = [f"{name}: {table.height:,} rows" for name, table in tables.items()]
    notes.append(f"us_trade: {weightless:,} rows in numbers or mixed units carry no tonnes")
    unstated = tables["uk_trade"].filter(pl.col("partner") == "XOT").height
    notes.append(f"uk_trade: {unstated:,} rows name no partner and stand under XOT")
    return Reading(tables, notes)


def _named_partners(
    frame: pl.DataFrame, column: str, name: str, file: str, source: str, problems: Problems
) -> pl.DataFrame:
    """`column` turned into ISO3 under `name`; "not stated" becomes XOT, not a country."""
    special = {**dict.fromkeys(_UNSTATED, "XOT"), **_OWN_CODES.get(source, {})}
    keys = [key for key in frame[column].unique().to_list() if key not in special]
    codes = place_codes(keys, source, f"{file}, column {column}", problems) | special
    known = pl.DataFrame(
        {column: list(codes), name: list(codes.values())},
        schema={column: frame.schema[column], name: pl.String},
    )
    return frame.join(known, on=column, how="left")


def _us_trade(raw: Path, problems: Problems) -> pl.DataFrame:
    columns = (
        "year", "reporter_iso3", "partner_iso3", "flow", "hs4", "unit", "value_kusd",
        "quantity_1", "quantity_t",
    )  # fmt: skip
    frame = read_parquet_strict(raw, _USITC, columns, problems)
    if frame is None:
        return pl.DataFrame()
    named = _named_partners(frame, "partner_iso3", "partner", _USITC, "usitc", problems)
    return named.select(
        pl.lit("usitc").alias("source"),
        pl.col("year").cast(pl.Int32),
        pl.lit("USA").alias("reporter"),
        "partner",
        "flow",
        "hs4",
        "unit",
        pl.col("value_kusd").cast(pl.Float64),
        pl.col("quantity_t").cast(pl.Float64).alias("gross_t"),
    ).sort("hs4", "year", "flow", "partner", "unit")


def _eu_imports(raw: Path, problems: Problems) -> pl.DataFrame:
    columns = (
        "year", "reporter_iso2", "partner_iso2", "cn8", "hs6", "value_keur", "intra_eu",
        "quantity_t", "material_name", "stage",
    )  # fmt: skip
    frame = read_parquet_strict(raw, _COMEXT, columns, problems)
    if frame is None:
        return pl.DataFrame()
    source = "eurostat_comext"
    named = _named_partners(frame, "partner_iso2", "partner", _COMEXT, source, problems)
    named = _named_partners(named, "reporter_iso2", "importer", _COMEXT, source, problems)
    return named.select(
        pl.lit(source).alias("source"),
        pl.col("year").cast(pl.Int32),
        "importer",
        "partner",
        "cn8",
        pl.col("hs6").alias("code"),
        pl.col("value_keur").cast(pl.Float64),
        "intra_eu",
    ).sort("cn8", "year", "importer", "partner")


def _uk_trade(raw: Path, problems: Problems) -> pl.DataFrame:
    columns = (
        "source", "period", "reporter_iso3", "partner_iso3", "flow", "hs6", "native_code",
        "material", "value_usd", "qty_kg", "confidential", "partner_group",
    )  # fmt: skip
    frame = read_parquet_strict(raw, _MONTHLY, columns, problems)
    if frame is None:
        return pl.DataFrame()
    british = frame.filter(pl.col("source") == "hmrc")
    source = "customs_monthly"
    named = _named_partners(british, "partner_iso3", "partner", _MONTHLY, source, problems)
    return named.select(
        pl.lit(source).alias("source"),
        (pl.col("period") // 100).cast(pl.Int32).alias("year"),
        (pl.col("period") % 100).cast(pl.Int32).alias("month"),
        pl.lit("GBR").alias("reporter"),
        "partner",
        "flow",
        pl.col("hs6").alias("code"),
        "native_code",
        (pl.col("value_usd") / 1000.0).alias("value_kusd"),
        (pl.col("qty_kg") / 1000.0).alias("gross_t"),
        "confidential",
    ).sort("code", "native_code", "year", "month", "flow", "partner")
