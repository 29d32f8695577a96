"""By hand: every way the Mineral Commodity Summaries print a value, and what it means."""

from __future__ import annotations

import pytest

from lodestone.atlas.readers.usgs.printed import printed


@pytest.mark.parametrize(
    ("cell", "value", "low", "high", "flag"),
    [
        ("—", 0.0, None, None, "reported"),
        ("0", 0.0, None, None, "reported"),
        ("1,550,000", 1_550_000.0, None, None, "reported"),
        ("68\xa0", 68.0, None, None, "reported"),
        ("        NA", None, None, None, "unknown"),
        ("na", None, None, None, "unknown"),
        ("W", None, None, None, "withheld"),
        ("XX", None, None, None, "not_calculable"),
        ("E", None, None, 0.0, "net_exporter"),
        ("s", None, 0.0, 0.5, "small"),
        ("Less than ½ unit.", None, 0.0, 0.5, "small"),
        (">50", None, 50.0, None, "more_than"),
        ("    >9,100,000", None, 9_100_000.0, None, "more_than"),
        ("<25", None, 0.0, 25.0, "less_than"),
        ("890–1,000", 945.0, 890.0, 1000.0, "range"),
        ("10,000 - 15,000", 12_500.0, 10_000.0, 15_000.0, "range"),
        ("?1", -1.0, None, None, "reported"),
        ("−84", -84.0, None, None, "reported"),
        (" e24,000", 24_000.0, None, None, "estimated"),
        ("Large", None, None, None, "unknown"),
        ("Moderate to large", None, None, None, "unknown"),
        ("Included in World total.", None, None, None, "unknown"),
        ("included with ilmenite", None, None, None, "unknown"),
        ("", None, None, None, "unknown"),
    ],
)
def test_a_cell_says_what_the_publisher_means(
    cell: str, value: float | None, low: float | None, high: float | None, flag: str
) -> None:
    found = printed(cell)
    assert found is not None
    assert (found.value, found.low, found.high, found.flag) == (value, low, high, flag)


@pytest.mark.parametrize("cell", ["about 3", "12,34", "1.2.3", "9-5", "W1", "5 t"])
def test_a_cell_that_is_none_of_these_is_not_guessed(cell: str) -> None:
    assert printed(cell) is None


def test_a_lost_minus_sign_is_said_in_the_note() -> None:
    found = printed("?10")
    assert found is not None
    assert "minus" in found.note


def test_a_blank_is_not_a_zero() -> None:
    found = printed("  ")
    assert found is not None
    assert found.value is None
    assert "blank" in found.note
