"""From a user's file to an economy, by verb and by command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lodestone.cli import main
from lodestone.desk.data import data_table
from lodestone.desk.economies import economy
from lodestone.desk.library import library
from lodestone.terms.errors import DataError, RequestError

OWN = """seller,buyer,value
farm,mill,20
mill,farm,6
farm,FINAL_USE,32
mill,FINAL_USE,94
IMPORTS,farm,4
IMPORTS,mill,15
VALUE_ADDED,farm,42
VALUE_ADDED,mill,65
"""


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    source = tmp_path / "own.csv"
    source.write_text(OWN, encoding="utf-8")
    out = tmp_path / "own.parquet"
    answer = data_table(source, out, "Netherlands", year=2020, currency="EUR")
    assert answer.query["place"] == "NLD"
    assert [row["sector"] for row in answer.results] == ["farm", "mill"]
    return out


def test_a_table_is_used_in_its_own_year(kept: Path) -> None:
    table = economy("NLD", table=kept)
    assert (table.place, table.year, table.currency) == ("NLD", 2020, "EUR")
    assert table.gdp == pytest.approx(42 + 65)
    assert table.gdp == pytest.approx(table.final_use.sum() - table.imported.sum())


def test_moved_to_a_year_it_is_in_usd_at_gdp(kept: Path) -> None:
    table = economy("NLD", 2022, kept)
    gdp = library().rows("SELECT value FROM gdp WHERE place = 'NLD' AND year = 2022")[0]["value"]
    assert (table.year, table.currency) == (2022, "USD")
    assert table.gdp == pytest.approx(gdp / 1e6)
    np.testing.assert_allclose(table.coefficients, economy("NLD", table=kept).coefficients)
    assert "from EUR to USD" in table.notes[-1]


def test_a_table_of_another_place_is_refused(kept: Path) -> None:
    with pytest.raises(RequestError, match="a table of NLD, not of BEL"):
        economy("BEL", table=kept)


def test_what_must_be_said_is_asked_for(tmp_path: Path) -> None:
    file, out = tmp_path / "own.csv", tmp_path / "own.parquet"
    file.write_text(OWN, encoding="utf-8")
    with pytest.raises(RequestError, match="say the year"):
        data_table(file, out, "NLD")
    with pytest.raises(RequestError, match="unknown layout"):
        data_table(file, out, "NLD", "gtap", year=2020)
    with pytest.raises(RequestError, match="currency belongs to"):
        data_table(file, out, "NLD", "icio", year=2020, currency="EUR")
    assert not out.exists()


def test_multipliers_without_a_sum_are_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    file, out = tmp_path / "own.csv", tmp_path / "own.parquet"
    file.write_text(
        "seller,buyer,value\na,b,20\nb,a,10\na,FINAL_USE,-10\nb,FINAL_USE,10\n"
        "VALUE_ADDED,a,0\nVALUE_ADDED,b,0\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError, match="spectral radius"):
        data_table(file, out, "NLD", year=2020)
    assert not out.exists()


def test_the_command_writes_what_the_verb_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "own.csv", tmp_path / "eu.parquet"
    file.write_text(OWN, encoding="utf-8")
    words = ["data", "build", "--table", str(file), "--place", "EU27", "--year", "2020"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "-o", str(out)])
    assert ended.value.code in (0, None)
    assert "farm" in capsys.readouterr().out
    assert economy("EU27", table=out).output.tolist() == [52, 100]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "either --raw FOLDER or --table FILE"),
        (("--raw", "a", "--table", "b"), "either --raw FOLDER or --table FILE"),
        (("--table", "b"), "--table needs --place"),
        (("--raw", "a", "--place", "EU27"), "belong to --table"),
        (("--table", "b", "--place", "EU27", "--baci", "c.zip"), "--baci belongs to --raw"),
    ],
)
def test_the_command_says_what_is_missing(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["data", "build", *words])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.raw
def test_wiod_files_of_the_user_give_the_table_of_the_release(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "jpn.parquet"
    data_table(raw, out, "JPN", "wiod")
    np.testing.assert_allclose(
        economy("JPN", table=out).flows, economy("JPN", 2011).flows, rtol=1e-12
    )
