"""The one schema of a published number: what readers hand to everything above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from lodestone.terms.errors import DataError

FACT_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "source": pl.String,
    "file": pl.String,
    "material": pl.String,
    "stage": pl.String,
    "quantity": pl.String,
    "detail": pl.String,
    "place": pl.String,
    "partner": pl.String,
    "year": pl.Int32,
    "year_to": pl.Int32,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "basis": pl.String,
    "raw_value": pl.String,
    "raw_unit": pl.String,
    "flag": pl.String,
    "kind": pl.String,
    "note": pl.String,
}

TRADE_SCHEMA: dict[str, Any] = {
    "source": pl.String,
    "code": pl.String,
    "revision": pl.String,
    "year": pl.Int32,
    "exporter": pl.String,
    "importer": pl.String,
    "value_kusd": pl.Float64,
    "gross_t": pl.Float64,
    "gross_t_used": pl.Float64,
    "flag": pl.String,
    "material": pl.String,
    "stage": pl.String,
    "content_t": pl.Float64,
    "content_low": pl.Float64,
    "content_high": pl.Float64,
    "rule": pl.String,
}


@dataclass(frozen=True)
class Reading:
    """What one reader found: named tables, and a note for everything it mended."""

    tables: dict[str, pl.DataFrame]
    notes: list[str] = field(default_factory=list)


def facts_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Build a `facts` table from row dicts; columns left out become null.

    Raises
    ------
    DataError
        If a row has a column that the schema does not know, if `fact` is not unique,
        or if a value, low or high is not finite.
    """
    unknown = {key for row in rows for key in row} - set(FACT_SCHEMA)
    if unknown:
        raise DataError(f"facts: columns not in the schema: {sorted(unknown)}")
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in FACT_SCHEMA}, schema=FACT_SCHEMA
    )
    check_facts(frame)
    return frame


def check_facts(frame: pl.DataFrame) -> None:
    """Refuse a facts table with a wrong schema, repeated ids or non-finite numbers."""
    if dict(frame.schema) != {k: v() for k, v in FACT_SCHEMA.items()}:
        raise DataError(f"facts: schema is {frame.schema}, expected {FACT_SCHEMA}")
    repeated = frame.filter(pl.col("fact").is_duplicated())["fact"].unique().to_list()
    if repeated:
        raise DataError(f"facts: ids used twice: {sorted(repeated)[:5]}")
    for name in ("value", "low", "high"):
        bad = frame.filter(~pl.col(name).is_finite())["fact"].to_list()
        if bad:
            raise DataError(f"facts: {name} is not finite in {bad[:5]}")
