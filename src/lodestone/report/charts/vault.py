"""Charts of a vault: what is in it, what each dollar keeps away, its stock over time, its money."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.charts.risk import LogAxis, money
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, path_data

_ROW, _HEAD, _FOOT, _LABELS, _GAP = 15.0, 44.0, 22.0, 112.0, 14.0
_HEIGHT = 230.0
_LEFT, _RIGHT, _TOP = 58.0, 96.0, 40.0
#: Months of cover that fill their column.
_MONTHS = 12.0
#: Marks a stock beside which no larger one was walked.
_MARK = " +"


@dataclass(frozen=True)
class HeldBar:
    """One material in the vault: million USD, months of use, and what a dollar keeps away a year.

    `largest`: no larger stock of it was walked, so that more of it may pay too.
    """

    label: str
    cost: float
    months: float
    per_dollar: float
    avoided: float
    largest: bool = False


@dataclass(frozen=True)
class MoneyYear:
    """One year of the vault's money, million USD: inflows and outflows without the metal itself."""

    year: int
    fees: float
    running: float
    interest: float
    free_cash: float


def contents_chart(place: str, bars: Sequence[HeldBar]) -> str:
    """Three columns for each material: months of cover, cost, and loss avoided by each dollar."""
    bottom = _HEAD + _ROW * len(bars)
    drawing = Drawing(
        "vault-contents",
        FULL_WIDTH,
        bottom + _FOOT,
        contents_title(place),
        contents_words(bars),
    )
    drawing.text(0, 11, contents_title(place), LABEL_SIZE + 0.6, bold=True)
    width = (FULL_WIDTH - _LABELS - 2 * _GAP) / 3.0
    starts = [_LABELS + k * (width + _GAP) for k in range(3)]
    costs = _log_axis(starts[1], starts[1] + width - 34, [b.cost for b in bars])
    gains = _log_axis(starts[2], starts[2] + width - 34, [b.per_dollar for b in bars])
    heads = ("months of use", "cost, USD (log)", "avoided a year for each USD (log)")
    for x, words in zip(starts, heads, strict=True):
        drawing.text(x, _HEAD - 8, words, TINY_SIZE, fill="muted")
        drawing.line(x, _HEAD - 3, x, bottom, "axis", 0.5)
    for n, bar in enumerate(bars):
        y = _HEAD + _ROW * n
        drawing.text(0, y + 9.6, fit_text(bar.label, _LABELS - 6, LABEL_SIZE), LABEL_SIZE)
        months = min(bar.months / _MONTHS, 1.0) * (width - 34)
        _bar(drawing, starts[0], y, months, "second", f"{bar.months:.1f}{_MARK * bar.largest}")
        _bar(drawing, starts[1], y, costs.at(bar.cost) - starts[1], "other", money(bar.cost))
        gain = f"{bar.per_dollar:.2g}" if bar.per_dollar < 10 else f"{bar.per_dollar:.0f}"
        _bar(drawing, starts[2], y, gains.at(bar.per_dollar) - starts[2], "against", gain)
    if any(bar.largest for bar in bars):
        words = f"{_MARK} the largest stock that was looked at: more of it may pay too"
        drawing.text(_LABELS, bottom + 14, words, TINY_SIZE, fill="muted")
    return drawing.render()


def _bar(drawing: Drawing, x: float, y: float, width: float, colour: str, words: str) -> None:
    drawing.rect(x, y + 3.0, max(width, 0.8), _ROW - 6.0, colour)
    drawing.text(x + max(width, 0.8) + 3, y + 9.4, words, SMALL_SIZE)


def budget_chart(
    place: str, points: Sequence[tuple[float, float]], marks: Sequence[tuple[str, float, float]]
) -> str:
    """Expected yearly loss avoided against money spent, in the order of buying; other vaults as dots."""
    drawing = Drawing(
        "vault-budget", FULL_WIDTH, _HEIGHT, budget_title(place), budget_words(points, marks)
    )
    drawing.text(0, 11, budget_title(place), LABEL_SIZE + 0.6, bold=True)
    most_x = max([x for x, _ in points] + [x for _, x, _ in marks] + [1e-9])
    most_y = max([y for _, y in points] + [y for _, _, y in marks] + [1e-9])
    across = _Linear(_LEFT, FULL_WIDTH - _RIGHT, 0.0, most_x)
    up = _Linear(_HEIGHT - 34, _TOP, 0.0, most_y * 1.05)
    _grid(drawing, across, up)
    _polyline(drawing, [(across.at(x), up.at(y)) for x, y in points], "against", "")
    for words, x, y in marks:
        drawing.circle(
            across.at(x), up.at(y), 3.2, "second", tip=f"{words}: {money(x)}, {money(y)}"
        )
        drawing.text(across.at(x) + 6, up.at(y) + 9, words, SMALL_SIZE, halo=True)
    drawing.text(_LEFT, _HEIGHT - 8, "spent, USD", TINY_SIZE, fill="muted")
    drawing.text(0, _TOP - 10, "expected loss avoided, USD a year", TINY_SIZE, fill="muted")
    return drawing.render()


def stock_chart(place: str, mean: Sequence[float], low: Sequence[float]) -> str:
    """Share of the contents in the vault by month: mean over paths, and the 5th percentile."""
    drawing = Drawing(
        "vault-stock", FULL_WIDTH, _HEIGHT, stock_title(place), stock_words(mean, low)
    )
    drawing.text(0, 11, stock_title(place), LABEL_SIZE + 0.6, bold=True)
    across = _Linear(_LEFT, FULL_WIDTH - _RIGHT, 0.0, float(max(len(mean) - 1, 1)))
    up = _Linear(_HEIGHT - 34, _TOP, 0.0, 1.0)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        drawing.line(_LEFT, up.at(share), across.end, up.at(share), "grid", 0.5)
        drawing.text(
            _LEFT - 4, up.at(share) + 2.4, f"{share:.0%}", TINY_SIZE, fill="muted", anchor="end"
        )
    for t in range(0, len(mean), 12):
        drawing.text(across.at(t), up.start + 11, f"{t}", TINY_SIZE, fill="muted", anchor="middle")
    for series, colour, dash, words in (
        (mean, "second", "", "mean"),
        (low, "against", "3 2", "5th percentile"),
    ):
        points = [(across.at(t), up.at(y)) for t, y in enumerate(series)]
        _polyline(drawing, points, colour, dash)
        drawing.text(points[-1][0] + 5, points[-1][1] + 2.4, words, SMALL_SIZE)
    drawing.text(_LEFT, _HEIGHT - 8, "month", TINY_SIZE, fill="muted")
    return drawing.render()


def money_chart(place: str, years: Sequence[MoneyYear]) -> str:
    """Fees above, cost below, year by year; free cash as a line."""
    drawing = Drawing("vault-money", FULL_WIDTH, _HEIGHT, money_title(place), money_words(years))
    drawing.text(0, 11, money_title(place), LABEL_SIZE + 0.6, bold=True)
    most = max([y.fees for y in years] + [y.free_cash for y in years] + [1e-9])
    least = min([-(y.running + y.interest) for y in years] + [y.free_cash for y in years] + [0.0])
    up = _Linear(_HEIGHT - 34, _TOP, least * 1.05, most * 1.05)
    slot = (FULL_WIDTH - _RIGHT - _LEFT) / max(len(years), 1)
    for value in _round_ticks(least, most):
        drawing.line(_LEFT, up.at(value), FULL_WIDTH - _RIGHT, up.at(value), "grid", 0.5)
        drawing.text(
            _LEFT - 4, up.at(value) + 2.4, money(value), TINY_SIZE, fill="muted", anchor="end"
        )
    zero = up.at(0.0)
    drawing.line(_LEFT, zero, FULL_WIDTH - _RIGHT, zero, "axis", 0.8)
    for n, y in enumerate(years):
        x = _LEFT + slot * (n + 0.15)
        wide = slot * 0.7
        drawing.rect(
            x, up.at(y.fees), wide, zero - up.at(y.fees), "second", tip=f"fees {money(y.fees)}"
        )
        low = up.at(-y.interest)
        drawing.rect(x, zero, wide, low - zero, "against", tip=f"interest {money(y.interest)}")
        end = up.at(-y.interest - y.running)
        drawing.rect(x, low, wide, end - low, "other", tip=f"running {money(y.running)}")
        drawing.text(
            x + wide / 2, _HEIGHT - 22, str(y.year), TINY_SIZE, fill="muted", anchor="middle"
        )
    points = [(_LEFT + slot * (n + 0.5), up.at(y.free_cash)) for n, y in enumerate(years)]
    _polyline(drawing, points, "ink", "3 2")
    for k, (words, colour) in enumerate(
        (
            ("fees and yield", "second"),
            ("interest", "against"),
            ("storage and more", "other"),
            ("free cash", "ink"),
        )
    ):
        down = _TOP + 8 + 13 * k
        drawing.rect(FULL_WIDTH - _RIGHT + 10, down - 6, 8, 8, colour)
        drawing.text(FULL_WIDTH - _RIGHT + 22, down + 1, words, SMALL_SIZE)
    drawing.text(_LEFT, _HEIGHT - 8, "year of the loan", TINY_SIZE, fill="muted")
    return drawing.render()


# --- words -----------------------------------------------------------------------------------


def contents_title(place: str) -> str:
    """Title of the contents."""
    return f"{place}: what the vault holds"


def contents_words(bars: Sequence[HeldBar]) -> str:
    """The contents in words."""
    items = "; ".join(
        f"{b.label} {b.months:.1f} months of use for {money(b.cost)}, avoiding {money(b.avoided)} a year"
        + (" (the largest stock that was looked at)" if b.largest else "")
        for b in bars
    )
    return f"In order of buying: {items}."


def budget_title(place: str) -> str:
    """Title of the curve of the budget."""
    return f"{place}: what more money keeps away"


def budget_words(
    points: Sequence[tuple[float, float]], marks: Sequence[tuple[str, float, float]]
) -> str:
    """The curve in words."""
    last = points[-1] if points else (0.0, 0.0)
    other = "".join(f" {words}: {money(x)} avoids {money(y)}." for words, x, y in marks)
    return f"{money(last[0])} avoids {money(last[1])} a year.{other}"


def stock_title(place: str) -> str:
    """Title of the stock over time."""
    return f"{place}: what is in the vault, month by month"


def stock_words(mean: Sequence[float], low: Sequence[float]) -> str:
    """The stock in words."""
    return (
        f"At the end {mean[-1]:.0%} of the contents on average, {low[-1]:.0%} at the 5th percentile "
        f"of paths; least mean {min(mean):.0%}."
    )


def money_title(place: str) -> str:
    """Title of the cash flow."""
    return f"{place}: what the vault earns and pays"


def money_words(years: Sequence[MoneyYear]) -> str:
    """The cash flow in words."""
    items = "; ".join(
        f"year {y.year} fees {money(y.fees)}, interest {money(y.interest)}, running "
        f"{money(y.running)}, free cash {money(y.free_cash)}"
        for y in years
    )
    return f"By year: {items}."


# --- axes ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Linear:
    """A straight axis from `least` at `start` to `most` at `end`."""

    start: float
    end: float
    least: float
    most: float

    def at(self, value: float) -> float:
        span = self.most - self.least
        part = (value - self.least) / span if span > 0.0 else 0.0
        return self.start + part * (self.end - self.start)


def _log_axis(start: float, end: float, values: Sequence[float]) -> LogAxis:
    """Whole powers of ten around the values."""
    known = [v for v in values if v > 0.0] or [1.0]
    least = 10.0 ** math.floor(math.log10(min(known)) - 0.3)
    most = 10.0 ** math.ceil(math.log10(max(known)) - 1e-9)
    return LogAxis(start, end, least, max(most, 10.0 * least))


def _round_ticks(least: float, most: float) -> list[float]:
    """Some multiples of 1, 2 or 5 times a power of ten between two values."""
    span = max(most - least, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / 4.0))
    step = next(power * m for m in (1.0, 2.0, 5.0, 10.0) if span / (power * m) <= 6.0)
    first = math.ceil(least / step - 1e-9)
    return [step * k for k in range(first, math.floor(most / step + 1e-9) + 1)]


def _grid(drawing: Drawing, across: _Linear, up: _Linear) -> None:
    for y in _round_ticks(up.least, up.most):
        drawing.line(across.start, up.at(y), across.end, up.at(y), "grid", 0.5)
        drawing.text(
            across.start - 4, up.at(y) + 2.4, money(y), TINY_SIZE, fill="muted", anchor="end"
        )
    for x in _round_ticks(across.least, across.most):
        drawing.text(
            across.at(x), up.start + 11, money(x), TINY_SIZE, fill="muted", anchor="middle"
        )


def _polyline(
    drawing: Drawing, points: Sequence[tuple[float, float]], colour: str, dash: str
) -> None:
    parts: list[str | float] = []
    for n, (x, y) in enumerate(points):
        parts += ["M" if n == 0 else "L", x, y]
    drawing.path(path_data(parts), stroke=colour, width=1.6, dash=dash)
