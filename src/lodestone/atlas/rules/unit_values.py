"""What a cargo should cost per kilogram, and which printed quantities cannot be true.

Values at customs are checked against invoices; weights often are not. So a weight is judged by
its unit value (dollars per kilogram), against three yardsticks: the same link in other years, the
same link corrected for the year's price level of the product, and the product's median in that
year. Only a weight that is more than three times off *all three* is called odd: a transfer price
that never moves, a price boom and an expensive grade each fail at most two.

Medians over rows are weighted by value, but no row has more than a tenth of the vote: samples and
small packs outnumber cargoes twenty to one, and the largest row can be the error itself (bauxite
GIN>CHN 2023 is 62 % of its code's value).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

ODD_FACTOR = 3.0
"""A unit value further off than this, up or down, is odd (design rule of the baseline)."""

LARGEST_VOTE = 0.1
"""Share of a year's value above which a row's weight in a median does not grow."""

HISTORY_YEARS = 6
"""Other years of a link that count, to each side."""

HISTORY_ROWS = 2
"""Other years with a quantity that a link needs before its history can call a row odd."""

EXPORTER_ROWS = 3
"""Rows with a quantity that an exporter needs before its own level is used."""

PARCEL_KUSD = 100.0
"""Below this value a high unit value is a sample or a small pack, not a wrong weight."""

INDEX_YEARS = 3
"""Years with a quantity that a link needs to have a say in the yearly price level."""

_FAMILY_YEAR = ("family", "year")
_LINK = ("family", "exporter", "importer")
_EXPORTER = ("family", "exporter")


def unit_values(rows: pl.DataFrame, drift: pl.DataFrame) -> pl.DataFrame:
    """Judge every row's unit value and say what it should be.

    Parameters
    ----------
    rows
        `id`, `family`, `year`, `exporter`, `importer`, `value_kusd`, `gross_t`: one source a
        family and year. Rows without a quantity or a value get an expectation all the same.
    drift
        `family`, `year`, `log_price`: outside price series that carry the level of a family to
        years in which nobody printed a quantity. May be empty.

    Returns
    -------
    polars.DataFrame
        One line an `id`: `uv` (USD/kg as printed, null without a quantity), `code_uv` (median of
        family and year), `expected_uv` (link, else exporter, else family and year), `level`
        (`link`, `exporter` or `code`: where the expectation comes from), `odd`.

    Notes
    -----
    The yearly level p of a family is the weighted median of `log uv - (the link's own median)`
    over links seen in three years or more, taken twice; it removes the change of the mix of
    grades and partners, which a plain yearly median would call a change of price.
    """
    judged = rows.with_columns(
        uv=pl.when((pl.col("gross_t") > 0) & (pl.col("value_kusd") > 0)).then(
            pl.col("value_kusd") / pl.col("gross_t")
        )
    ).with_columns(log_uv=pl.col("uv").log())
    printed = judged.filter(pl.col("log_uv").is_not_null()).with_columns(
        weight=pl.min_horizontal(
            "value_kusd", LARGEST_VOTE * pl.col("value_kusd").sum().over(list(_FAMILY_YEAR))
        )
    )
    index = _price_level(printed, rows.select(_FAMILY_YEAR).unique(), drift)
    judged = judged.join(index, on=_FAMILY_YEAR, how="left")
    printed = printed.join(index, on=_FAMILY_YEAR, how="left")
    judged = (
        judged.join(_code_level(printed, index), on=_FAMILY_YEAR, how="left")
        .join(_exporter_level(printed), on=_EXPORTER, how="left")
        .join(_link_history(judged, printed), on="id", how="left")
    )
    return _verdict(judged)


def weighted_median(
    frame: pl.DataFrame, by: Sequence[str], value: str, weight: str
) -> pl.DataFrame:
    """Smallest value at which half of the group's weight is reached, one line a group.

    Examples
    --------
    >>> frame = pl.DataFrame({"g": [1, 1, 1], "x": [1.0, 2.0, 9.0], "w": [1.0, 1.0, 3.0]})
    >>> weighted_median(frame, ["g"], "x", "w")["x"].to_list()
    [9.0]
    """
    ordered = frame.sort([*by, value, weight]).with_columns(
        _reached=pl.col(weight).cum_sum().over(list(by)),
        _half=pl.col(weight).sum().over(list(by)) / 2.0,
    )
    return (
        ordered.filter(pl.col("_reached") >= pl.col("_half") * (1 - 1e-12))
        .group_by(list(by), maintain_order=True)
        .agg(pl.col(value).first())
    )


def _price_level(printed: pl.DataFrame, wanted: pl.DataFrame, drift: pl.DataFrame) -> pl.DataFrame:
    """log price level of each family and year, filled from the nearest year and the drift."""
    steady = printed.filter(pl.len().over(list(_LINK)) >= INDEX_YEARS)
    level = wanted.with_columns(level=pl.lit(0.0))
    for _ in range(2):
        relative = steady.join(level, on=_FAMILY_YEAR, how="left").with_columns(
            own=(pl.col("log_uv") - pl.col("level")).median().over(list(_LINK))
        )
        relative = relative.with_columns(step=pl.col("log_uv") - pl.col("own"))
        level = weighted_median(relative, _FAMILY_YEAR, "step", "weight").rename({"step": "level"})
    # A family without steady links has no index: its years with quantities share one level.
    rest = (
        printed.select(_FAMILY_YEAR)
        .unique()
        .join(level.select("family").unique(), on="family", how="anti")
    )
    level = pl.concat([level, rest.with_columns(level=pl.lit(0.0))])
    return _filled(level, wanted, drift)


def _filled(level: pl.DataFrame, wanted: pl.DataFrame, drift: pl.DataFrame) -> pl.DataFrame:
    """Years without a level take the nearest year's (the later of two), moved by the drift."""
    priced = drift.select("family", "year", "log_price")
    base = level.rename({"year": "base_year", "level": "base_level"}).join(
        priced.rename({"year": "base_year", "log_price": "base_price"}),
        on=["family", "base_year"],
        how="left",
    )
    spread = (
        wanted.join(base, on="family", how="left")
        .join(priced, on=_FAMILY_YEAR, how="left")
        .with_columns(distance=(pl.col("year") - pl.col("base_year")).abs())
        .sort("family", "year", "distance", pl.col("base_year").neg())
        .group_by(list(_FAMILY_YEAR), maintain_order=True)
        .first()
    )
    moved = (pl.col("log_price") - pl.col("base_price")).fill_null(0.0)
    return spread.select(
        "family",
        "year",
        level=pl.col("base_level") + pl.when(pl.col("distance") == 0).then(0.0).otherwise(moved),
    )


def _code_level(printed: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """Median unit value of a family and year; of the family at that year's level if none."""
    own = weighted_median(printed, _FAMILY_YEAR, "log_uv", "weight")
    at_par = printed.with_columns(flat=pl.col("log_uv") - pl.col("level"))
    family = weighted_median(at_par, ["family"], "flat", "weight")
    return (
        index.join(own, on=_FAMILY_YEAR, how="left")
        .join(family, on="family", how="left")
        .select(
            *_FAMILY_YEAR,
            log_code=pl.coalesce(pl.col("log_uv"), pl.col("flat") + pl.col("level")),
        )
    )


def _exporter_level(printed: pl.DataFrame) -> pl.DataFrame:
    at_par = printed.with_columns(flat=pl.col("log_uv") - pl.col("level")).filter(
        pl.len().over(list(_EXPORTER)) >= EXPORTER_ROWS
    )
    return weighted_median(at_par, _EXPORTER, "flat", "weight").rename({"flat": "exporter_flat"})


def _link_history(judged: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """Median of the link's other years, as printed and at the level of the row's own year."""
    others = printed.select(
        *_LINK,
        other_year="year",
        other=pl.col("log_uv"),
        other_flat=pl.col("log_uv") - pl.col("level"),
    )
    pairs = judged.select("id", "year", "level", *_LINK).join(others, on=list(_LINK))
    near = pairs.filter(
        (pl.col("year") != pl.col("other_year"))
        & ((pl.col("year") - pl.col("other_year")).abs() <= HISTORY_YEARS)
    )
    return near.group_by("id").agg(
        history=pl.len(),
        log_plain=pl.col("other").median(),
        log_level=pl.col("other_flat").median() + pl.col("level").first(),
    )


def _verdict(judged: pl.DataFrame) -> pl.DataFrame:
    """Odd when off all three yardsticks; expectation from the nearest level that exists.

    A row with a quantity has two views of its link, with and without the price level: the
    expectation is their geometric mean. A row without one takes the view at its year's level.
    """
    limit = math.log(ODD_FACTOR)

    def off(yardstick: str) -> pl.Expr:
        return ((pl.col("log_uv") - pl.col(yardstick)).abs() > limit).fill_null(False)

    history = pl.col("history").fill_null(0)
    link = (
        pl.when(pl.col("log_uv").is_null())
        .then(pl.col("log_level"))
        .otherwise((pl.col("log_plain") + pl.col("log_level")) / 2.0)
    )
    one_odd_year = (history == 1) & ((link - pl.col("log_code")).abs() > limit)
    usable_link = pl.when((history >= 1) & ~one_odd_year).then(link)
    exporter = pl.col("exporter_flat") + pl.col("level")
    expected = pl.coalesce(usable_link, exporter, pl.col("log_code"))
    return judged.select(
        "id",
        "uv",
        code_uv=pl.col("log_code").exp(),
        expected_uv=expected.exp(),
        level=pl.when(usable_link.is_not_null())
        .then(pl.lit("link"))
        .when(exporter.is_not_null())
        .then(pl.lit("exporter"))
        .otherwise(pl.lit("code")),
        odd=(history >= HISTORY_ROWS)
        & off("log_plain")
        & off("log_level")
        & off("log_code")
        & ((pl.col("value_kusd") >= PARCEL_KUSD) | (pl.col("log_uv") < expected)),
    )
