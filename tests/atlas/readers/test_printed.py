"""Numbers as people print them: bounds, ranges, lists and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.atlas.readers.printed import Printed, printed, printed_parts


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("10", Printed(10.0, None, None, "reported")),
        ("30,000", Printed(30_000.0, None, None, "reported")),
        ("-5", Printed(-5.0, None, None, "reported")),
        ("1.67 (rounded to ~2)", Printed(1.67, None, None, "reported")),
        ("EPS0=0.5", Printed(0.5, None, None, "reported")),
        ("~12", Printed(12.0, None, None, "estimated")),
        ("about 50,000", Printed(50_000.0, None, None, "estimated")),
        ("up to 10", Printed(None, None, 10.0, "less_than")),
        ("<25", Printed(None, None, 25.0, "less_than")),
        (">120", Printed(None, 120.0, None, "more_than")),
        ("at least 5,000", Printed(None, 5_000.0, None, "more_than")),
        ("35-40", Printed(None, 35.0, 40.0, "range")),
        ("0.04-0.10", Printed(None, 0.04, 0.10, "range")),
        ("-4500 to +33", Printed(None, -4500.0, 33.0, "range")),
        ("0.1-0.8, centre 0.35", Printed(0.35, 0.1, 0.8, "range")),
        ("0.5-3% (BF model <1%; pessimistic 2-2.5%)", Printed(None, 0.5, 3.0, "range")),
        ("", Printed(None, None, None, "unknown")),
        ("state secret", Printed(None, None, None, "text")),
        ("not available", Printed(None, None, None, "text")),
        ("19 of 20; average share about 70%", Printed(None, None, None, "text")),
        ("2026-01-14 to 2026-07-13", Printed(None, None, None, "text")),
        ("2026-04-24", Printed(None, None, None, "text")),
    ],
)
def test_cells_met_in_the_figure_tables(cell: str, expected: Printed) -> None:
    assert printed(cell) == expected


def test_several_numbers_in_one_cell_are_several_parts() -> None:
    assert [part.value for part in printed_parts("25/24/10/2")] == [25.0, 24.0, 10.0, 2.0]
    first, second = printed_parts("80-90 / 60")
    assert (first.low, first.high, second.value) == (80.0, 90.0, 60.0)


def test_words_with_a_slash_stay_one_text() -> None:
    assert [part.flag for part in printed_parts("EU/third countries")] == ["text"]


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_range_always_has_its_low_end_first(a: float, b: float) -> None:
    found = printed(f"{a:.3f} to {b:.3f}")
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high


@given(st.text())
def test_no_text_breaks_the_reader_or_becomes_zero(cell: str) -> None:
    found = printed(cell)
    if found.value == 0.0:
        assert "0" in cell
