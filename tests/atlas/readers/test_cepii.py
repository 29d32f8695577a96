"""Distances: old codes renamed, fallbacks marked, geography obeyed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.readers import cepii
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]

HEADER = (
    "iso_o,iso_d,contig,comlang_off,comlang_ethno,colony,comcol,curcol,col45,smctry,"
    "dist,distcap,distw,distwces\n"
)


def _row(origin: str, destination: str, dist: str, distw: str, contig: str = "0.0") -> str:
    return f"{origin},{destination},{contig},1.0,0,0,0,0,0,0,{dist},{dist},{distw},{distw}\n"


def _read(put: Put, *rows: str) -> pl.DataFrame:
    return cepii.read(put(cepii.FILE, HEADER + "".join(rows))).tables["distances"]


def test_people_weighted_distance_first_main_cities_where_absent(put: Put) -> None:
    frame = _read(put, _row("FRA", "ZAR", "6000", "6100"), _row("ZAR", "FRA", "6000", "."))
    assert frame.select("iso_o", "iso_d", "dist_km", "measure").rows() == [
        ("FRA", "COD", 6100.0, "weighted"),
        ("COD", "FRA", 6000.0, "main_city"),
    ]


def test_yugoslavia_is_serbia_and_lends_its_distances_marked(put: Put) -> None:
    frame = _read(put, _row("YUG", "HUN", "320", "330", "1.0"), _row("HUN", "YUG", "320", "330"))
    first = frame.filter(pl.col("iso_d") == "HUN")
    assert first.select("iso_o", "contig", "comlang", "stands_for").rows() == [
        ("SRB", True, True, None),
        ("MNE", None, None, "YUG"),
        ("XKX", None, None, "YUG"),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([_row("QQQ", "QQQ", "1", "1")], "unknown country 'QQQ'"),
        ([_row("FRA", "FRA", ".", ".")], "'.' is not a number"),
        ([_row("FRA", "ITA", "1", "1")], "'ITA' is never an origin"),
    ],
)
def test_what_does_not_fit_is_refused(put: Put, rows: list[str], told: str) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, *rows)
    assert told in str(caught.value)


def test_a_renamed_column_says_its_new_name(put: Put) -> None:
    folder = put(cepii.FILE, HEADER.replace("distw,", "dist_w,"))
    with pytest.raises(DataError, match="is it now called 'dist_w'"):
        cepii.read(folder)


@pytest.mark.raw
def test_distances_are_symmetric_and_places_are_once(raw: Path) -> None:
    frame = cepii.read(raw).tables["distances"]
    assert frame.select("iso_o", "iso_d").is_duplicated().sum() == 0
    back = frame.select(iso_o="iso_d", iso_d="iso_o", back="dist_km")
    both = frame.join(back, on=["iso_o", "iso_d"])
    assert both.height == frame.height
    assert both.select(((pl.col("dist_km") - pl.col("back")).abs()).max()).item() < 1.0


@pytest.mark.raw
def test_distances_lie_on_this_earth(raw: Path) -> None:
    frame = cepii.read(raw).tables["distances"]
    assert frame["dist_km"].min() > 0  # type: ignore[operator]
    assert frame["dist_km"].max() < 20_038  # type: ignore[operator]
    pair = {(o, d): km for o, d, km in frame.select("iso_o", "iso_d", "dist_km").rows()}
    assert pair["DEU", "FRA"] == pytest.approx(790, rel=0.1)  # CEPII's own worked example
    assert pair["COD", "CHN"] > pair["COD", "ZMB"]
    assert frame.filter((pl.col("iso_o") == "FRA") & (pl.col("iso_d") == "DEU"))["contig"][0]
