"""How numbers read: digits, units, bands, and the difference between unknown and zero."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.report.brief_content import Figure
from lodestone.report.number_text import figure_text


def words(
    value: float | None, unit: str, low: float | None = None, high: float | None = None
) -> str:
    figure = Figure("id", value, unit, 2024, "reported", low=low, high=high)
    return str(figure_text(figure)).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "unit", "low", "high", "expected"),
    [
        (0.98, "share", 0.95, 0.99, "98 % (95–99)"),
        (0.405, "share", 0.355, 0.455, "41 % (36–46)"),
        (0.034, "share", 0.014, 0.054, "3.4 % (1.4–5.4)"),
        (0.0, "share", None, None, "0 %"),
        (0.0, "share", 0.0, 0.0, "0 %"),
        (0.0003, "share", 0.0001, 0.0004, "<0.1 %"),
        (0.01, "share", 0.0, 0.05, "1.0 % (0–5.0)"),
        (0.01, "share", 0.0001, 0.05, "1.0 % (<0.1–5.0)"),
        (1.0, "share", None, None, "100 %"),
        (0.9972, "share", 0.981, 1.0, "99.7 % (98.1–100)"),
        (0.9999, "share", None, None, ">99.9 %"),
        (0.0004, "share", None, None, "<0.1 %"),
        (-0.35, "share", -0.5, -0.2, "−35 % (−50 to −20)"),
        (None, "share", 0.1, 0.4, "unknown (10–40)"),
        (0.5, "share", 0.25, None, "50 % (≥25)"),
        (0.5, "share", None, 0.75, "50 % (≤75)"),
        (183_450.0, "t", None, None, "183 kt"),
        (2_345_678.0, "t", 2_000_000.0, 3_000_000.0, "2.35 Mt (2.00–3.00)"),
        (612.0, "t", None, None, "612 t"),
        (9_876.0, "t", None, None, "9 876 t"),
        (12.345, "t", None, None, "12.3 t"),
        (0.0, "t", None, None, "0 t"),
        (1.67e9, "USD", None, None, "1.67 bn USD"),
        (4.0, "index", None, None, "4.0"),
        (0.256, "index", None, None, "0.26"),
        (23.0, "count", 21.0, 26.0, "23 (21–26)"),
        (60.0, "days", None, None, "60 days"),
        (2.712, "ratio", 1.31, 12.04, "2.7 × (1.3–12.0)"),
        (51.97, "ratio", 23.9, 98.4, "52 × (24–98)"),
        (0.199, "ratio", 0.143, 0.301, "0.20 × (0.14–0.30)"),
        (1.0, "months", 0.0, 3.0, "1 month (0–3)"),
        (14.0, "months", 9.0, None, "14 months (≥9)"),
        (None, "months", None, None, "unknown"),
    ],
)
def test_house_form(
    value: float | None, unit: str, low: float | None, high: float | None, expected: str
) -> None:
    assert words(value, unit, low, high) == expected


@given(st.sampled_from(["share", "t", "USD", "index", "count", "days"]))
def test_unknown_is_a_word_and_never_a_number(unit: str) -> None:
    assert words(None, unit) == "unknown"


@given(st.floats(min_value=1e-12, max_value=1 - 1e-12))
def test_a_share_inside_never_reads_as_none_or_all(share: float) -> None:
    """Below 1e-9 of the end the difference is binary noise and may round."""
    text = words(share, "share")
    if share < 1 - 1e-10:
        assert text not in ("0 %", "0.0 %", "100 %", "100.0 %")


@given(st.floats(min_value=0.1, max_value=99.4))
def test_a_share_reads_back_within_its_digits(percent: float) -> None:
    read = float(words(percent / 100, "share").removesuffix(" %"))
    assert read == pytest.approx(percent, abs=0.5001 if percent >= 9.95 else 0.0501, rel=0)


@given(st.floats(min_value=10.0, max_value=1e9))
def test_tonnes_read_back_to_three_digits(tonnes: float) -> None:
    number, unit = words(tonnes, "t").rsplit(" ", 1)
    read = float(number.replace(" ", "")) * {"t": 1.0, "kt": 1e3, "Mt": 1e6}[unit]
    assert read == pytest.approx(tonnes, rel=0.0051)
