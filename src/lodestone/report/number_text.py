"""How a figure is written: two or three significant digits, its unit, its band; or `unknown`.

`98 % (95–99)` is the house form. The same text appears in the PDF, the page, the charts and
the JSON, so that a number can be searched for in any of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from lodestone.report.brief_content import Figure
from lodestone.report.texts import Texts

UNKNOWN, TIMES = "unknown", "×"
_NBSP = "\u00a0"
_MINUS = "\u2212"
# Largest size first: (from this size on, divide by, printed unit).
_SCALES: dict[str, tuple[tuple[float, float, str], ...]] = {
    "t": ((1e6, 1e6, "Mt"), (1e4, 1e3, "kt"), (0.0, 1.0, "t")),
    "USD": ((1e9, 1e9, "bn USD"), (1e6, 1e6, "m USD"), (1e4, 1e3, "k USD"), (0.0, 1.0, "USD")),
}


@dataclass(frozen=True)
class FigureText:
    """A figure in words: the value with its unit, and the band without (may be empty)."""

    value: str
    band: str

    def __str__(self) -> str:
        return f"{self.value} ({self.band})" if self.band else self.value


def figure_text(figure: Figure) -> FigureText:
    """Write a figure as value and band.

    Examples
    --------
    >>> share = Figure("x", 0.982, "share", 2024, "reported", low=0.953, high=0.991)
    >>> str(figure_text(share)).replace("\\u00a0", " ")
    '98 % (95–99)'
    >>> str(figure_text(Figure("x", None, "t", 2024, "reported")))
    'unknown'
    >>> str(figure_text(Figure("x", 2.71, "ratio", 2024, "modelled", low=1.3, high=12.0)))
    '2.7\\xa0× (1.3–12.0)'
    >>> late = Figure("x", None, "months", 2024, "modelled", low=14.0, note="not within 24 months")
    >>> str(figure_text(late))
    'not within 24 months (≥14)'
    >>> few = Figure("x", 0.01, "share", 2024, "judged", low=0.0, high=0.04, cut=0.02)
    >>> str(figure_text(few)).replace("\\u00a0", " ")
    '<2 % (0–4)'
    """
    if figure.cut is not None:
        return _below(figure, figure.cut)
    factor, suffix = _scale(figure)
    low, value, high = (
        None if x is None else x * factor for x in (figure.low, figure.value, figure.high)
    )
    decimals = _decimals(value if value is not None else (low or high or 0.0), figure.unit)
    text = _unknown(figure) if value is None else _number(value, decimals, figure.unit) + suffix
    ends = tuple(None if x is None else _number(x, decimals, figure.unit) for x in (low, high))
    if value is not None and ends == (_number(value, decimals, figure.unit),) * 2:
        return FigureText(text, "")  # the band is narrower than the digits shown
    return FigureText(text, _band(*ends))


def _below(figure: Figure, cut: float) -> FigureText:
    """A figure of which only a ceiling is known, in the fewest digits that write the ceiling."""
    factor, suffix = _scale(figure)
    size = factor * cut
    decimals = 0 if math.isclose(size, round(size)) else _decimals(size, figure.unit)
    ends = [None if x is None else _plain(x * factor, decimals) for x in (figure.low, figure.high)]
    return FigureText(f"<{_plain(cut * factor, decimals)}{suffix}", _band(*ends))


def _unknown(figure: Figure) -> str:
    """The word for no value; months that lie beyond what was walked say so instead."""
    return (figure.unit == "months" and figure.note) or UNKNOWN


def _scale(figure: Figure) -> tuple[float, str]:
    """Factor and suffix of the unit, chosen by the largest number so that a band shares it."""
    if figure.unit == "share":
        return 100.0, f"{_NBSP}%"
    if figure.unit in ("index", "count"):
        return 1.0, ""
    if figure.unit == "ratio":
        return 1.0, f"{_NBSP}{TIMES}"
    if figure.unit == "months" and figure.value == 1.0:
        return 1.0, f"{_NBSP}month"
    sizes = [abs(x) for x in (figure.value, figure.low, figure.high) if x is not None]
    size = max(sizes, default=0.0)
    scales = _SCALES.get(figure.unit, ((0.0, 1.0, figure.unit),))
    divisor, name = next((by, name) for floor, by, name in scales if size >= floor)
    return 1.0 / divisor, _NBSP + name.replace(" ", _NBSP)


def _decimals(value: float, unit: str) -> int:
    size = abs(value)
    if unit in ("count", "months", "days"):
        return 0
    if unit == "share":
        if 99.5 <= size < 100:
            return 1
        return 0 if size >= 9.95 or size == 0 else 1
    if size == 0:
        return 0
    digits = 2 if unit in ("index", "ratio") else 3
    if digits > 2 and value == int(value) and size < 1000:
        return 0
    return max(0, min(digits, digits - 1 - math.floor(math.log10(size))))


def _number(value: float, decimals: int, unit: str) -> str:
    """The number alone; a tiny share is `<0.1`, an almost full one `>99.9`, never 0 or 100."""
    if unit == "share":
        if value in (0.0, 100.0):
            return _plain(value, 0)
        if decimals and 99.95 <= value < 100 - 1e-9:
            return ">99.9"
        if decimals and abs(value) < 0.05:
            return "<0.1" if value > 0 else f">{_MINUS}0.1"
    return _plain(value, decimals)


def _plain(value: float, decimals: int) -> str:
    """Round half up, as people do; binary noise in the twelfth digit does not decide."""
    step = Decimal(1).scaleb(-decimals)
    rounded = Decimal(f"{value:.12g}").quantize(step, ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}".replace(",", _NBSP)
    return f"{_MINUS}{text}" if rounded < 0 else text


def _band(low: str | None, high: str | None) -> str:
    if low is None or high is None:
        return "" if low == high else f"≥{low}" if high is None else f"≤{high}"
    return f"{low} to {high}" if _MINUS in low + high else f"{low}–{high}"


def figure_tip(figure: Figure, label: str, texts: Texts) -> str:
    """One line for a tooltip: label, value with band, year, grade, kind and note."""
    parts = [texts("tip.figure", label=label, text=figure_text(figure))]
    if figure.year is not None:
        parts.append(texts("tip.year", year=figure.year))
    if figure.grade:
        parts.append(texts("tip.grade", grade=figure.grade))
    parts.append(texts(f"kind.{figure.kind}"))
    return ", ".join(parts) + (f". {figure.note}" if figure.note else "")
