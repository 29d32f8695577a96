"""The one shape of a customs row before anybody interprets it, and how rows are brought to it.

A customs row says: in this year this exporter shipped this much of this code to this importer,
worth this much. Readers hand such rows over with places as ISO3 and codes as six digits;
`lodestone.atlas.trade.classify` says what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.facts import TRADE_SCHEMA
from lodestone.terms.errors import Problems

ROW_SCHEMA: dict[str, Any] = {
    name: TRADE_SCHEMA[name]
    for name in (
        "source",
        "code",
        "revision",
        "year",
        "exporter",
        "importer",
        "value_kusd",
        "gross_t",
    )
}
KEY = ("source", "code", "revision", "year", "exporter", "importer")


def customs_rows(frame: pl.DataFrame, where: str, problems: Problems) -> pl.DataFrame:
    """Rows in `ROW_SCHEMA`, places as ISO3, one row a link; everything wrong goes to `problems`.

    Parameters
    ----------
    frame
        Columns of `ROW_SCHEMA`; exporter and importer as ISO3 or as customs numbers.
    where
        The file, for the messages.
    problems
        Collector of unknown places, malformed codes and impossible numbers.

    Notes
    -----
    Two customs numbers can be one place (711 and 710 are South Africa before and after 2000):
    their rows are added. A sum with one quantity missing has no quantity: half a weight would
    be read as a whole one.
    """
    named = _named_places(frame, where, problems)
    _check_cells(named, where, problems)
    summed = named.group_by(KEY).agg(
        pl.col("value_kusd").sum().alias("value_kusd"),
        pl.when(pl.col("gross_t").is_null().any())
        .then(None)
        .otherwise(pl.col("gross_t").sum())
        .alias("gross_t"),
    )
    return summed.select(pl.col(name).cast(kind) for name, kind in ROW_SCHEMA.items()).sort(KEY)


def place_codes(
    keys: Iterable[str | int], source: str, where: str, problems: Problems
) -> dict[str | int, str | None]:
    """ISO3 of every customs name or number; an unknown one is a problem and gives None."""
    codes: dict[str | int, str | None] = {}
    for key in sorted(set(keys), key=str):
        found = terms.find_place(key, source)
        codes[key] = None if found is None else found.iso3
        if found is None:
            problems.add(
                f"unknown country {key!r}", where, "add the code to the table of places in terms"
            )
    return codes


def _named_places(frame: pl.DataFrame, where: str, problems: Problems) -> pl.DataFrame:
    source = frame["source"][0] if frame.height else ""
    for column in ("exporter", "importer"):
        keys = frame[column].unique().drop_nulls().to_list()
        codes = place_codes(keys, source, f"{where}, column {column}", problems)
        known = pl.DataFrame(
            {column: list(codes), "iso3": list(codes.values())},
            schema={column: frame.schema[column], "iso3": pl.String},
        )
        frame = frame.join(known, on=column, how="left").drop(column).rename({"iso3": column})
    return frame


def _check_cells(frame: pl.DataFrame, where: str, problems: Problems) -> None:
    wrong_codes = frame.filter(~pl.col("code").str.contains(r"^\d{6}$"))["code"].unique()
    for code in wrong_codes.sort().to_list()[:20]:
        problems.add(
            f"{code!r} is not a six-digit code", f"{where}, column code", "pad with leading zeros"
        )
    for column in ("value_kusd", "gross_t"):
        bad = frame.filter((pl.col(column) < 0) | ~pl.col(column).is_finite())
        for row in bad.head(20).iter_rows(named=True):
            label = f"{row['code']} {row['exporter']}>{row['importer']} {row['year']}"
            problems.add(
                f"{row[column]} in {label} is not a possible amount",
                f"{where}, column {column}",
                "fetch the file again",
            )
    if frame["code"].null_count() or frame["year"].null_count():
        problems.add("a code or a year is empty", where, "fetch the file again")
