"""Strict opening of a source table: every fault is told with file, row and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from lodestone.atlas.readers.strict_table import Names, csv_rows, number
from lodestone.terms.errors import DataError, Problems

COLUMNS = ("country", "tonnes")


def read(folder: Path, text: str, encoding: str = "utf-8") -> tuple[list[dict[str, str]], str]:
    (folder / "a.csv").write_bytes(text.encode(encoding))
    problems = Problems("a")
    rows = csv_rows(folder, "a.csv", COLUMNS, problems)
    return [dict(row.cells) for row in rows], "\n".join(map(str, problems.items))


def test_rows_are_numbered_from_one_and_columns_may_swap(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("tonnes,country\n5,Chile\n\n", encoding="utf-8")
    problems = Problems("a")
    rows = csv_rows(tmp_path, "a.csv", COLUMNS, problems)
    assert [(row.number, row["country"], row["tonnes"]) for row in rows] == [(1, "Chile", "5")]
    assert rows[0].where("tonnes") == "a.csv, row 1, column tonnes"


def test_line_break_and_comma_inside_quotes(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, 'country,tonnes\n"Congo,\nD.R.",7\n')
    assert rows == [{"country": "Congo,\nD.R.", "tonnes": "7"}]
    assert not faults


def test_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, "country,tonnes\nPeru,1\n", encoding="utf-8-sig")
    assert rows[0]["country"] == "Peru"
    assert not faults


def test_a_renamed_column_is_named_with_its_likely_new_name(tmp_path: Path) -> None:
    rows, faults = read(tmp_path, "country,tonnes_t\nPeru,1\n")
    assert rows == []
    assert "column 'tonnes' is missing" in faults
    assert "is it now called 'tonnes_t'?" in faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("country,tonnes,tonnes\nPeru,1,1\n", "stands twice"),
        ("country,tonnes,region\nPeru,1,S\n", "unknown column 'region'"),
        ("country,tonnes\nPeru,1,2\n", "row 1: 3 cells where the header has 2"),
        ("", "column 'country' is missing"),
    ],
)
def test_faults_of_the_table(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in read(tmp_path, text)[1]


def test_missing_file_and_wrong_encoding(tmp_path: Path) -> None:
    problems = Problems("a")
    assert csv_rows(tmp_path, "none.csv", COLUMNS, problems) == []
    (tmp_path / "b.csv").write_bytes("country,tonnes\nTürkiye,1\n".encode("cp1252"))
    assert csv_rows(tmp_path, "b.csv", COLUMNS, problems) == []
    assert [item.where for item in problems.items] == ["none.csv", "b.csv"]


@pytest.mark.parametrize("text", ["", "W", "nan", "inf", "1,000"])
def test_only_finite_numbers_are_numbers(text: str) -> None:
    problems = Problems("a")
    assert number(text, "here", problems) is None
    assert problems
    assert number("1e3", "here", problems) == 1000.0


def test_an_unknown_country_is_one_problem_however_often_it_stands() -> None:
    problems = Problems("a")
    names = Names("bgs", problems)
    assert [names.place("Atlantis", f"row {n}") for n in (1, 2)] == [None, None]
    assert names.place("Congo, D.R.", "row 3") == "COD"
    assert len(problems.items) == 1
    with pytest.raises(DataError, match=r"row 1: unknown country 'Atlantis'"):
        problems.raise_if_any()
