"""Yearly prices that rules refer to: US dollars per kilogram of contained material.

A unit value says little on its own: cobalt hydroxide at 15 USD/kg was cheap in 2018 and dear in
2023. The table `reference_prices.csv` holds the yearly averages that the rules need, each with
publisher, file, printed series and printed value; a test computes it again from the raw files.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import polars as pl

from lodestone.terms.errors import DataError

PRICE_SCHEMA = {"series": pl.String(), "year": pl.Int32(), "usd_per_kg": pl.Float64()}


def load_reference_prices(path: Path | None = None) -> pl.DataFrame:
    """Prices as `series`, `year`, `usd_per_kg`, one row a series and year.

    Parameters
    ----------
    path
        A table with these columns (others are ignored); None reads the shipped one.
    """
    return _read(path) if path is not None else _shipped()


@cache
def _shipped() -> pl.DataFrame:
    with resources.as_file(
        resources.files("lodestone.atlas.rules").joinpath("reference_prices.csv")
    ) as path:
        return _read(path)


def _read(path: Path) -> pl.DataFrame:
    frame = pl.read_csv(path, infer_schema=False)
    missing = sorted(set(PRICE_SCHEMA) - set(frame.columns))
    if missing:
        raise DataError(f"{path.name}: columns are missing: {', '.join(missing)}")
    prices = frame.select(pl.col(name).cast(kind) for name, kind in PRICE_SCHEMA.items())
    check_prices(prices)
    return prices


def check_prices(prices: pl.DataFrame) -> None:
    """Refuse prices that are missing, not positive, or given twice for a series and year."""
    if set(PRICE_SCHEMA) - set(prices.columns):
        raise DataError(f"prices: columns are {prices.columns}, expected {list(PRICE_SCHEMA)}")
    bad = prices.filter(~(pl.col("usd_per_kg").fill_null(0.0) > 0.0))
    if bad.height:
        raise DataError(f"prices: not positive: {bad.select('series', 'year').rows()[:5]}")
    twice = prices.filter(pl.struct("series", "year").is_duplicated())
    if twice.height:
        raise DataError(f"prices: given twice: {twice.select('series', 'year').rows()[:5]}")
