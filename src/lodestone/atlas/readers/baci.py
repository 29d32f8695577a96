"""BACI of CEPII: reconciled bilateral trade by six-digit code, from the extracts that may ship.

BACI answers "who shipped how much of this code to whom" for every pair of countries, after the
two declarations of each cargo have been weighed against each other. Values are thousand USD,
quantities gross tonnes of the product (never its metal content). Source: Gaulier & Zignago
(2010), BACI: International Trade Database at the Product-Level, CEPII working paper 2010-23;
licence Etalab 2.0. A full release is read by `lodestone.atlas.readers.baci_zip`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.baci_rows import customs_rows, place_codes
from lodestone.terms.errors import Problems


@dataclass(frozen=True)
class _Extract:
    """One file of flows: where it lies, what its columns are called, what it leaves out."""

    source: str
    file: str
    columns: dict[str, str]
    note: str
    revision: str | None = None
    ignored: tuple[str, ...] = field(default=())


_NAMED = {
    "year": "year",
    "exporter_iso3": "exporter",
    "importer_iso3": "importer",
    "hs6": "code",
    "hs_revision": "revision",
    "value_kusd": "value_kusd",
    "quantity_t": "gross_t",
}
_NUMBERED = {
    "year": "year",
    "exporter_code": "exporter",
    "importer_code": "importer",
    "hs6": "code",
    "value_kusd": "value_kusd",
    "quantity_t": "gross_t",
}
_EXTRACTS = (
    _Extract(
        "baci_hs92",
        "baci/baci_hs92_74codes_1995_2024.parquet",
        _NUMBERED,
        "74 codes of HS92, all countries, 1995-2024",
        revision="HS92",
    ),
    _Extract(
        "baci_hs17",
        "baci/extra/baci_hs17_2024_30codes_value_tonnes.parquet",
        _NAMED,
        "30 codes of HS17, all countries, 2024, value and tonnes",
    ),
    _Extract(
        "baci_hs17",
        "baci/extra/baci_hs17_2022_30codes_value_only.parquet",
        _NAMED,
        "30 codes of HS17, all countries, 2022, value only",
    ),
    _Extract(
        "baci_top6",
        "baci/extra/baci_top6_flows_2002_2024_30codes_value_only.parquet",
        _NAMED,
        "30 codes, six largest partners of each country, 2002-2024, value only",
        ignored=("material",),
    ),
)
_ONE_EXPORTER = _Extract(
    "baci_hs17_zaf",
    "baci/extra/baci_hs17_2020_ZAF_exports_value_tonnes.parquet",
    _NAMED,
    "exports of South Africa, 628 codes of HS17, 2020: one exporter, for comparison only",
)
_SUMS = "baci/extra/baci_v202201_cobalt_nickelmatte_2012_2020_tonnes_3yr_sums.parquet"
_SUMS_COLUMNS = ("period", "exporter_iso3", "importer_iso3", "hs6", "quantity_t_3yr_sum")


def read(raw: Path) -> Reading:
    """Every BACI extract under `raw`, as printed.

    Returns
    -------
    Reading
        `rows` in `ROW_SCHEMA` (sources `baci_hs92`, `baci_hs17`, `baci_top6`); `one_exporter`
        (`baci_hs17_zaf`): the same columns for South Africa alone, so never to be added to the
        rest; `sums` (`baci_hs12`): tonnes of 2012-14, 2015-17 and 2018-20 for five codes of HS12,
        where yearly figures are not open.

    Raises
    ------
    DataError
        All missing files, renamed columns, unknown countries, malformed codes and impossible
        numbers of all files at once.
    """
    problems = Problems("BACI extracts")
    parts = [_flows(raw, extract, problems) for extract in _EXTRACTS]
    one_exporter = _flows(raw, _ONE_EXPORTER, problems)
    sums = _sums(raw, problems)
    problems.raise_if_any()
    told = zip((*_EXTRACTS, _ONE_EXPORTER), (*parts, one_exporter), strict=True)
    notes = [
        f"{extract.source}: {extract.note}; {part.height:,} rows, "
        f"{part['gross_t'].null_count():,} of them without a quantity"
        for extract, part in told
    ]
    notes.append(f"baci_hs12: three-year sums of tonnes, {sums.height:,} rows")
    return Reading({"rows": pl.concat(parts), "one_exporter": one_exporter, "sums": sums}, notes)


def read_parquet_strict(
    raw: Path, file: str, columns: tuple[str, ...], problems: Problems
) -> pl.DataFrame | None:
    """The table in `raw / file` if it has exactly these columns, else None and the problems."""
    path = raw / file
    if not path.is_file():
        problems.add("the file is missing", file, "restore it from the manifest of raw files")
        return None
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        problems.add(f"not a readable Parquet file ({error})", file, "fetch the file again")
        return None
    for name in sorted(set(columns) - set(frame.columns)):
        problems.add(f"column {name!r} is missing", file, f"the file has {frame.columns}")
    for name in sorted(set(frame.columns) - set(columns)):
        problems.add(f"unknown column {name!r}", file, "teach the reader what it means")
    return frame if set(columns) == set(frame.columns) else None


def _flows(raw: Path, extract: _Extract, problems: Problems) -> pl.DataFrame:
    wanted = (*extract.columns, *extract.ignored)
    frame = read_parquet_strict(raw, extract.file, wanted, problems)
    if frame is None:
        return pl.DataFrame()
    renamed = frame.drop(extract.ignored).rename(extract.columns)
    if extract.revision is not None:
        renamed = renamed.with_columns(revision=pl.lit(extract.revision))
    rows = renamed.with_columns(
        pl.col("code").cast(pl.String),
        pl.lit(extract.source).alias("source"),
    )
    return customs_rows(rows, extract.file, problems)


def _sums(raw: Path, problems: Problems) -> pl.DataFrame:
    frame = read_parquet_strict(raw, _SUMS, _SUMS_COLUMNS, problems)
    if frame is None:
        return pl.DataFrame()
    years = pl.col("period").str.split("-")
    for column in ("exporter_iso3", "importer_iso3"):
        keys = frame[column].unique().to_list()
        codes = place_codes(keys, "baci_hs12", f"{_SUMS}, column {column}", problems)
        frame = frame.with_columns(pl.col(column).replace_strict(codes, default=None))
    return frame.select(
        pl.lit("baci_hs12").alias("source"),
        pl.col("hs6").alias("code"),
        pl.lit("HS12").alias("revision"),
        years.list.first().cast(pl.Int32).alias("year"),
        years.list.last().cast(pl.Int32).alias("year_to"),
        pl.col("exporter_iso3").alias("exporter"),
        pl.col("importer_iso3").alias("importer"),
        pl.col("quantity_t_3yr_sum").alias("gross_t"),
    ).sort("code", "year", "exporter", "importer")
