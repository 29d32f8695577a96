"""UN Comtrade extracts: to check the trade table with, never to ship.

Their terms ask for clearance before redistribution, so nothing of them enters a data release;
`SHIPS` says so and the release refuses tables of this reader. They answer one question: do the
tonnes we rebuilt or modelled agree with the weights that somebody declared?
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.baci import read_parquet_strict
from lodestone.atlas.readers.baci_rows import place_codes
from lodestone.terms.errors import Problems

SHIPS = False
"""Redistribution has not been cleared with the United Nations Statistics Division."""

_FOLDER = "baci/extra/"
_WEIGHTS_2022 = _FOLDER + "baci_value_2022_with_comtrade_weights_30codes.parquet"
_DECLARED = _FOLDER + "comtrade_2022_2024_31codes_value_netweight.parquet"
_ALUMINIUM = _FOLDER + "comtrade_bauxite_alumina_aluminium_2000_2017_tonnes.parquet"
_CHINA = _FOLDER + "comtrade_china_exports_250410_380110_811292_2017_2024.parquet"
_JAPAN = _FOLDER + "comtrade_japan_imports_2020_67codes.parquet"
_NICKEL = _FOLDER + "comtrade_nickel_ore_matte_2000_2024.parquet"
_UNNAMED = ("_X ", "_X", "XX ", "XX", "X2 ", "X2", "E19")
"""Partner codes that stand for "areas not elsewhere specified", bunkers or special categories."""

_CHECK_COLUMNS = (
    "source", "code", "year", "exporter", "importer", "declared_by", "value_kusd", "gross_t",
)  # fmt: skip


def read(raw: Path) -> Reading:
    """All check-first extracts under `raw`, in one shape.

    Returns
    -------
    Reading
        `declared`: one row a declaration, with `declared_by` (`exporter`, `importer` or
        `reconciled`), code as printed (four or six digits), `value_kusd`, `gross_t` (net weight;
        a printed zero beside a value is a weight nobody gave, hence null). `weights_2022`: BACI
        values of 2022 with the weight derived from both declarations.

    Raises
    ------
    DataError
        Missing files, renamed columns, unknown countries, all at once.
    """
    problems = Problems("Comtrade extracts (checks only)")
    parts = [
        _declarations(raw, _DECLARED, "hs6", problems),
        _declarations(raw, _JAPAN, "hs_code", problems),
        _declarations(raw, _NICKEL, "hs6", problems),
        _aluminium(raw, problems),
        _china(raw, problems),
    ]
    weights = _weights(raw, problems)
    problems.raise_if_any()
    declared = pl.concat(parts).sort(_CHECK_COLUMNS[:6])
    notes = [
        "UN Comtrade: for tests and cross-checks only, not shipped",
        f"declared: {declared.height:,} rows; weights_2022: {weights.height:,} rows",
    ]
    return Reading({"declared": declared, "weights_2022": weights}, notes)


def _declarations(raw: Path, file: str, code: str, problems: Problems) -> pl.DataFrame:
    """Files with one reporter and one partner a row."""
    wanted = ["year", "reporter_iso3", "partner_iso3", "flow", code, "value_kusd", "netwgt_t"]
    if file == _DECLARED:
        wanted.append("rows_merged")
    frame = read_parquet_strict(raw, file, tuple(wanted), problems)
    if frame is None:
        return pl.DataFrame()
    for column in ("reporter_iso3", "partner_iso3"):
        frame = _named(frame, column, file, problems)
    imports = pl.col("flow") == "M"
    here, there = pl.col("reporter_iso3"), pl.col("partner_iso3")
    return _shaped(
        frame.with_columns(
            code=pl.col(code),
            exporter=pl.when(imports).then(there).otherwise(here),
            importer=pl.when(imports).then(here).otherwise(there),
            declared_by=pl.when(imports).then(pl.lit("importer")).otherwise(pl.lit("exporter")),
            gross_t=pl.col("netwgt_t"),
        )
    )


def _aluminium(raw: Path, problems: Problems) -> pl.DataFrame:
    wanted = (
        "year", "exporter_iso3", "importer_iso3", "hs_code", "quantity_t_reconciled",
        "quantity_t_importer_report", "quantity_t_exporter_report", "hs_revision",
    )  # fmt: skip
    frame = read_parquet_strict(raw, _ALUMINIUM, wanted, problems)
    if frame is None:
        return pl.DataFrame()
    for column in ("exporter_iso3", "importer_iso3"):
        frame = _named(frame, column, _ALUMINIUM, problems)
    long = frame.unpivot(
        on=[name for name in wanted if name.startswith("quantity_t_")],
        index=["year", "exporter_iso3", "importer_iso3", "hs_code"],
        variable_name="which",
        value_name="gross_t",
    ).drop_nulls("gross_t")
    return _shaped(
        long.with_columns(
            code=pl.col("hs_code"),
            exporter=pl.col("exporter_iso3"),
            importer=pl.col("importer_iso3"),
            declared_by=pl.col("which").str.extract(r"^quantity_t_(reconciled|importer|exporter)"),
            value_kusd=pl.lit(None),
        )
    )


def _china(raw: Path, problems: Problems) -> pl.DataFrame:
    wanted = (
        "year", "exporter_iso3", "importer_name", "hs6", "value_kusd", "quantity_t", "months",
    )  # fmt: skip
    frame = read_parquet_strict(raw, _CHINA, wanted, problems)
    if frame is None:
        return pl.DataFrame()
    frame = _named(frame, "importer_name", _CHINA, problems)
    return _shaped(
        frame.with_columns(
            code=pl.col("hs6"),
            exporter=pl.lit("CHN"),
            importer=pl.col("importer_name"),
            declared_by=pl.lit("exporter"),
            gross_t=pl.col("quantity_t"),
        )
    )


def _weights(raw: Path, problems: Problems) -> pl.DataFrame:
    wanted = (
        "year", "exporter_iso3", "importer_iso3", "hs6", "hs_revision", "value_kusd_baci",
        "value_kusd_exporter_report", "netwgt_t_exporter_report", "value_kusd_importer_report",
        "netwgt_t_importer_report", "quantity_t_derived",
    )  # fmt: skip
    frame = read_parquet_strict(raw, _WEIGHTS_2022, wanted, problems)
    if frame is None:
        return pl.DataFrame()
    for column in ("exporter_iso3", "importer_iso3"):
        frame = _named(frame, column, _WEIGHTS_2022, problems)
    return frame.select(
        pl.lit("comtrade").alias("source"),
        pl.col("hs6").alias("code"),
        pl.col("year").cast(pl.Int32),
        pl.col("exporter_iso3").alias("exporter"),
        pl.col("importer_iso3").alias("importer"),
        pl.col("value_kusd_baci").alias("value_kusd"),
        pl.col("quantity_t_derived").alias("gross_t"),
    ).sort("code", "exporter", "importer")


def _named(frame: pl.DataFrame, column: str, file: str, problems: Problems) -> pl.DataFrame:
    keys = [key for key in frame[column].unique().to_list() if key not in _UNNAMED]
    codes = place_codes(keys, "comtrade", f"{file}, column {column}", problems)
    codes |= dict.fromkeys(_UNNAMED, "XOT")
    return frame.with_columns(
        pl.col(column).replace_strict(codes, default=None, return_dtype=pl.String)
    )


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    weight = pl.col("gross_t").cast(pl.Float64)
    return frame.with_columns(
        source=pl.lit("comtrade"),
        year=pl.col("year").cast(pl.Int32),
        value_kusd=pl.col("value_kusd").cast(pl.Float64),
        gross_t=pl.when(weight > 0).then(weight),
    ).select(_CHECK_COLUMNS)
