"""A user's own table: the documented form, what is refused, and the file that is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lodestone.atlas.readers.own_table import read_own_csv, read_own_parquet, write_own_parquet
from lodestone.terms.errors import DataError

# The example of docs/how-to/own-table.md.
GOOD = """seller,buyer,value
farm,mill,20
mill,farm,6
farm,FINAL_USE,32
mill,FINAL_USE,94
IMPORTS,farm,4
IMPORTS,mill,15
VALUE_ADDED,farm,42
VALUE_ADDED,mill,65
"""
ABOUT = {"place": "NLD", "year": 2022, "currency": "EUR", "scheme": "own", "source": "t.csv"}
File = Callable[[str], Path]


@pytest.fixture
def file(tmp_path: Path) -> File:
    def write(text: str) -> Path:
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_documented_example(file: File) -> None:
    home = read_own_csv(file(GOOD), "EUR")
    assert home.sectors == ("farm", "mill")
    np.testing.assert_allclose(home.flows, [[0, 20], [6, 0]])
    np.testing.assert_allclose(home.output, [52, 100])
    np.testing.assert_allclose(home.imported, [4, 15])
    np.testing.assert_allclose(home.value_added, [42, 65])
    assert home.scheme == "own"


def test_the_page_shows_this_example() -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "own-table.md"
    assert GOOD in page.read_text(encoding="utf-8")


def test_known_codes_get_their_names(file: File) -> None:
    home = read_own_csv(file(GOOD.replace("farm", "A01").replace("mill", "C24")), "USD")
    assert home.scheme == "nace2"
    assert home.names == ("Crop and animal production, hunting", "Basic metals")


def test_a_byte_order_mark_and_more_columns_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{line},x" for line in GOOD.strip().split("\n")]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    assert read_own_csv(path, "EUR").output.tolist() == [52, 100]


BAD = {
    "not a number": (GOOD.replace("mill,20", "mill,NaN"), "row 1, column value: 'NaN' is not"),
    "a word": (GOOD.replace("mill,20", "mill,much"), "'much' is not a number"),
    "negative flow": (GOOD.replace("mill,20", "mill,-20"), "farm to mill is -20"),
    "negative output": (GOOD + "OUTPUT,farm,-52\nOUTPUT,mill,100\n", "OUTPUT to farm is -52"),
    "twice": (GOOD + "farm,mill,20\n", "row 9: farm to mill stands twice .first in row 1."),
    "unknown sector": (GOOD + "mine,mill,1\n", "'mine' is no sector"),
    "no final use": (GOOD.replace("farm,FINAL_USE,32\n", ""), "no FINAL_USE of farm"),
    "no value added": (
        "\n".join(x for x in GOOD.split("\n") if not x.startswith("VALUE")),
        "no row of VALUE_ADDED",
    ),
    "unbalanced": (GOOD.replace("FINAL_USE,32", "FINAL_USE,52"), "uses sum to 72.0, output is 52"),
    "some outputs": (GOOD + "OUTPUT,farm,52\n", "no OUTPUT of mill"),
    "swapped columns": (GOOD.replace("seller,buyer,value", "seller,value,buyer"), "'mill' is not"),
    "a column is missing": (
        GOOD.replace("seller,buyer", "who,buyer"),
        "column 'seller' is missing",
    ),
    "a short row": (GOOD.replace("farm,mill,20", "farm,20"), "2 cells where the header has 3"),
    "empty": ("", "column 'seller' is missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_refused_and_said(file: File, name: str) -> None:
    text, says = BAD[name]
    with pytest.raises(DataError, match=says):
        read_own_csv(file(text), "EUR")


def test_utf_16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(GOOD, encoding="utf-16")
    with pytest.raises(DataError, match="UTF-8"):
        read_own_csv(path, "EUR")


def test_what_is_kept_comes_back(file: File, tmp_path: Path) -> None:
    home = read_own_csv(file(GOOD), "EUR")
    out = tmp_path / "there" / "t.parquet"
    write_own_parquet(out, home, ABOUT, "one\ntwo")
    back = read_own_parquet(out)
    assert back.home.sectors == home.sectors
    for name in ("flows", "imported", "value_added", "output"):
        np.testing.assert_array_equal(getattr(back.home, name), getattr(home, name))
    assert {k: back.about[k] for k in ABOUT} == ABOUT
    assert back.about["notes"] == ("one", "two")


def test_a_kept_file_that_was_altered_or_cut_off_is_refused(file: File, tmp_path: Path) -> None:
    out = tmp_path / "t.parquet"
    write_own_parquet(out, read_own_csv(file(GOOD), "EUR"), ABOUT, "")
    frame = pl.read_parquet(out)
    frame.with_columns(
        pl.col("value") * pl.when(pl.col("seller") == "farm").then(2).otherwise(1)
    ).write_parquet(out)
    with pytest.raises(DataError, match="uses sum to"):
        read_own_parquet(out)
    frame.drop("year").write_parquet(out)
    with pytest.raises(DataError, match="column 'year' is missing"):
        read_own_parquet(out)
    frame.with_columns(year=pl.int_range(pl.len())).write_parquet(out)
    with pytest.raises(DataError, match="year is not one word"):
        read_own_parquet(out)
    out.write_bytes(out.read_bytes()[:200])
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read_own_parquet(out)
