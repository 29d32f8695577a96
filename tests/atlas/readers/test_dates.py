"""Partial dates: never more precise than printed."""

from __future__ import annotations

from datetime import date

import pytest

from lodestone.atlas.readers.dates import first_date, year
from lodestone.atlas.readers.strict_table import Row
from lodestone.terms.errors import Problems


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2025-02-22", date(2025, 2, 22), "day"),
        ("2010-07", date(2010, 7, 1), "month"),
        ("2009 (law)", date(2009, 1, 1), "year"),
        ("2025-11-08 / 2025-12-01 (planned)", date(2025, 11, 8), "day"),
        ("relaxed 2017-01 for Ni ore <1.7%", date(2017, 1, 1), "month"),
    ],
)
def test_dates_met_in_the_figure_tables(text: str, day: date, precision: str) -> None:
    found = first_date(text)
    assert found is not None
    assert (found.first_day, found.precision) == (day, precision)


@pytest.mark.parametrize("text", ["", "in force", "late", "2025-13-40", "35,000 yuan"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert first_date(text) is None


def test_a_year_is_four_digits_or_a_problem() -> None:
    problems = Problems("t")
    assert year(Row("f.csv", 3, {"year": "2024"}), "year", problems) == 2024
    assert not problems
    assert year(Row("f.csv", 4, {"year": "20x4"}), "year", problems) is None
    assert "f.csv, row 4, column year" in str(problems.items[0])
