"""By hand: files that are damaged, changed, or carry what the reviewed lists do not name."""

from __future__ import annotations

from pathlib import Path

from lodestone.atlas.readers.usgs.sheet import read_sheet
from lodestone.terms.errors import Problems


def _write(folder: Path, name: str, text: str, encoding: str = "utf-8-sig") -> str:
    (folder / name).write_bytes(text.encode(encoding))
    return name


def test_a_renamed_column_is_named_with_its_new_name(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.csv", "Country,Values\nChile,1\n")
    problems = Problems("test")
    sheet = read_sheet(tmp_path, file, problems, columns=("Country", "Value"))
    assert sheet.rows == ()
    said = "; ".join(str(problem) for problem in problems.items)
    assert "column 'Value' is missing" in said
    assert "is it now called 'Values'?" in said


def test_bytes_of_another_encoding_are_refused(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.csv", "Section\nSalient Statistics—United States\n", "cp1252")
    problems = Problems("test")
    read_sheet(tmp_path, file, problems)
    assert "not utf-8-sig text" in str(problems.items[0])
    assert read_sheet(tmp_path, file, Problems("test"), encoding="cp1252").rows[0]["Section"]


def test_the_byte_order_mark_is_not_part_of_the_first_heading(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.csv", "Source,Country\nMCS2024,Chile\n")
    assert read_sheet(tmp_path, file, Problems("test")).columns == ("Source", "Country")


def test_a_value_without_a_heading_is_a_problem_and_blank_columns_are_not(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.csv", "Country,Value,,\nChile,1,,\nPeru,2,,moved\n")
    problems = Problems("test")
    sheet = read_sheet(tmp_path, file, problems)
    assert [row.number for row in sheet.rows] == [1, 2]
    assert [str(p) for p in problems.items] == [
        "a.csv, row 2, column 4: 'moved' stands in a column without a heading"
        " -> name the column, or list it in usgs/tables/headings.csv"
    ]


def test_blank_rows_are_counted_but_not_read(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.csv", "Country,Value\nChile,1\n,\nPeru,2\n")
    rows = read_sheet(tmp_path, file, Problems("test")).rows
    assert [(row.number, row["Country"]) for row in rows] == [(1, "Chile"), (3, "Peru")]


def test_a_correction_is_made_and_said(tmp_path: Path) -> None:
    # Row 2 of this file prints footnote 11 before the value: 11 66,000.
    text = 'Country,Reserves_kt\nUnited States,"7,300"\nAustralia,"1,166,000"\n'
    file = _write(tmp_path, "mcs2023-zinc_world.csv", text)
    problems = Problems("test")
    row = read_sheet(tmp_path, file, problems).rows[1]
    assert not problems
    assert row["Reserves_kt"] == "66,000"
    assert "footnote number 11" in row.mended[0]


def test_a_correction_that_no_longer_fits_is_a_problem(tmp_path: Path) -> None:
    text = 'Country,Reserves_kt\nUnited States,"7,300"\nAustralia,"64,000"\n'
    file = _write(tmp_path, "mcs2023-zinc_world.csv", text)
    problems = Problems("test")
    row = read_sheet(tmp_path, file, problems).rows[1]
    assert row["Reserves_kt"] == "64,000"
    assert "the publisher changed the file" in str(problems.items[0])


def test_a_heading_that_no_longer_is_wrong_is_a_problem(tmp_path: Path) -> None:
    file = _write(tmp_path, "mcs2024-selen_salient.csv", "DataSource,Commodity,Year\n")
    problems = Problems("test")
    read_sheet(tmp_path, file, problems)
    assert any("headings.csv" in problem.mend for problem in problems.items)


def test_a_missing_file_is_one_problem(tmp_path: Path) -> None:
    problems = Problems("test")
    assert read_sheet(tmp_path, "none.csv", problems).rows == ()
    assert len(problems.items) == 1
