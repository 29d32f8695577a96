"""Governance: traps mended with a note, format changes refused, official figures met."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.readers import wgi
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]

HEADER = "country,iso3,year,estimate,stderr,numsrc,rank,lower,upper,normalized\n"
MEANS = 'iso2,wgi_mean_of_6,source\nNA,0.6,"WGI"\nXK,-0.1,"WGI"\n'


def _stability(*rows: str) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows)


def _row(iso3: str, year: int, estimate: str, normalized: str = "") -> str:
    stderr = "0.2" if estimate else ""
    return f"Name,{iso3},{year},{estimate},{stderr},3.0,,,,{normalized}"


def _read(put: Put, stability: str, means: str = MEANS) -> pl.DataFrame:
    put(wgi.MEAN_OF_SIX, means)
    return wgi.read(put(wgi.STABILITY, stability)).tables["governance"]


def test_a_missing_estimate_is_unknown_not_the_best_score(put: Put) -> None:
    frame = _read(put, _stability(_row("ABW", 2020, "", "0.0"), _row("COD", 2020, "-2.1")))
    values = dict(zip(frame["place"], frame["value"], strict=True))
    assert values["ABW"] is None
    assert values["COD"] == -2.1


def test_namibia_is_a_country_and_not_a_null(put: Put) -> None:
    frame = _read(put, _stability(_row("COD", 2020, "-2.1")))
    means = frame.filter(pl.col("indicator") == "mean_of_six")
    assert means["place"].to_list() == ["NAM", "XKX"]
    assert means["year"].to_list() == [2015, 2015]
    assert means["year_to"].to_list() == [2024, 2024]


def test_french_guiana_comes_out_from_under_guyana(put: Put) -> None:
    frame = _read(
        put,
        _stability(
            _row("GUY", 2020, "0.3"),
            _row("GUM", 2020, "1.0"),
            _row("GUY", 2020, "-0.1"),
            _row("GUY", 2024, "0.4"),
            _row("GUY", 2024, "0.4"),
        ),
    )
    rows = frame.filter(pl.col("indicator") == "political_stability")
    found = list(rows.select("place", "year", "value").iter_rows())
    assert found == [
        ("GUF", 2020, 0.3),
        ("GUM", 2020, 1.0),
        ("GUY", 2020, -0.1),
        ("GUY", 2024, 0.4),
    ]


def test_codes_of_other_places_are_told_apart(put: Put) -> None:
    frame = _read(put, _stability(_row("R20", 2020, "-0.3"), _row("PUS", 2020, "1.3")))
    assert frame["place"].to_list()[:2] == ["XKX", "VIR"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (_stability(_row("QQQ", 2020, "0.1")), "unknown country 'QQQ'"),
        (_stability(_row("COD", 2020, "low")), "row 1, column estimate: 'low' is not a number"),
        (_stability(_row("COD", 2020, "55.1")), "off the scale"),
        (_stability(_row("COD", 2020, "1"), _row("COD", 2020, "2")), "stands twice in 2020"),
        (_stability(_row("COD", 20, "1")), "'20' is not a year"),
        (HEADER.replace("estimate", "pv_est"), "is it now called 'pv_est'?"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(put: Put, rows: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, rows)
    assert told in str(caught.value)
    assert wgi.STABILITY in str(caught.value)


@pytest.mark.raw
def test_published_estimates_and_the_best_known_score(raw: Path) -> None:
    """g = (2.5 - estimate) / 5 of an estimate of 0.9932 is 0.30136 (methods.md, GeoPolRisk)."""
    frame = wgi.read(raw).tables["governance"]
    stable = frame.filter(pl.col("indicator") == "political_stability")
    assert pytest.approx(0.30136) == (2.5 - 0.9932) / 5
    assert stable["year"].unique().sort().to_list() == [1996, 1998, 2000, *range(2002, 2025)]
    assert stable.filter(pl.col("value") == 0.0).is_empty()
    kosovo = stable.filter((pl.col("place") == "XKX") & pl.col("value").is_not_null())
    assert kosovo["year"].min() == 2008  # independent since February 2008


@pytest.mark.raw
def test_the_mean_of_six_moves_with_stability(raw: Path) -> None:
    """Two publications of one institution on one thing: they must rank countries alike."""
    frame = wgi.read(raw).tables["governance"]
    latest = frame.filter((pl.col("year") == 2024) & pl.col("value").is_not_null())
    means = frame.filter(pl.col("indicator") == "mean_of_six")
    both = latest.join(means, on="place")
    assert both.height > 180
    assert both.select(pl.corr("value", "value_right", method="spearman")).item() > 0.8
