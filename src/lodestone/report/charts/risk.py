"""Charts of a risk answer: what to worry about first, how bad years get, how sure the draws are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, path_data

_ROW, _HEAD, _FOOT, _LABELS, _CHANCE = 15.0, 30.0, 24.0, 176.0, 44.0
_HEIGHT = 230.0
#: Smallest loss that an axis shows, million USD.
_LEAST = 0.1


@dataclass(frozen=True)
class Bar:
    """One supplier and material: expected yearly loss with its band, million USD, and its chance."""

    label: str
    value: float
    low: float
    high: float
    probability: float


@dataclass(frozen=True)
class Curve:
    """Loss reached once in so many years, million USD, in three figures."""

    years: tuple[float, ...]
    price_cost: tuple[float, ...]
    central: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class LogAxis:
    """Powers of ten from `least` at `start` to `most` at `end`; what is less stops at the start."""

    start: float
    end: float
    least: float
    most: float

    def at(self, value: float) -> float:
        """Position of a value."""
        span = math.log10(self.most / self.least)
        part = math.log10(max(value, self.least) / self.least) / span
        return self.start + min(max(part, 0.0), 1.0) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Powers of ten on the axis."""
        first = math.ceil(math.log10(self.least) - 1e-9)
        last = math.floor(math.log10(self.most) + 1e-9)
        return [10.0**k for k in range(first, last + 1)]


def ranking_chart(place: str, bars: Sequence[Bar]) -> str:
    """Expected loss of the worst pairs on a log axis: a dot, its band, and the yearly chance."""
    height = _HEAD + _ROW * len(bars) + _FOOT
    drawing = Drawing("risk-ranking", FULL_WIDTH, height, ranking_title(place), ranking_words(bars))
    axis = _loss_axis(_LABELS + _CHANCE + 8, FULL_WIDTH - 12, [b.high for b in bars], bars)
    bottom = _HEAD + _ROW * len(bars)
    drawing.text(0, 11, ranking_title(place), LABEL_SIZE + 0.6, bold=True)
    drawing.text(_LABELS + _CHANCE - 4, _HEAD - 6, "chance", TINY_SIZE, fill="muted", anchor="end")
    for tick in axis.ticks():
        x = axis.at(tick)
        drawing.line(x, _HEAD, x, bottom, "grid", 0.5)
        drawing.text(x, bottom + 9, money(tick), TINY_SIZE, fill="muted", anchor="middle")
    drawing.text(
        axis.start, bottom + 19, "expected loss, USD a year (log scale)", TINY_SIZE, fill="muted"
    )
    for n, bar in enumerate(bars):
        _bar(drawing, bar, axis, _HEAD + _ROW * (n + 0.5))
    return drawing.render()


def _bar(drawing: Drawing, bar: Bar, axis: LogAxis, y: float) -> None:
    label = fit_text(bar.label, _LABELS - 4, LABEL_SIZE)
    drawing.text(0, y + 2.8, label, LABEL_SIZE, tip=bar.label if label != bar.label else "")
    drawing.text(
        _LABELS + _CHANCE - 4,
        y + 2.6,
        f"{bar.probability:.1%}",
        SMALL_SIZE,
        fill="muted",
        anchor="end",
    )
    x1, x2 = axis.at(bar.low), axis.at(bar.high)
    # the low end is judged or a gain: a line that stops at the axis says so by its open end
    drawing.line(x1, y, x2, y, "place", 2.2)
    for x, inside in ((x1, bar.low > axis.least), (x2, True)):
        if inside:
            drawing.line(x, y - 2.6, x, y + 2.6, "place", 1.0)
    tip = f"{bar.label}: {money(bar.value)} a year ({money(bar.low)} to {money(bar.high)})"
    drawing.circle(axis.at(bar.value), y, 3.2, "against", stroke="paper", width=0.8, tip=tip)


def exceedance_chart(place: str, curve: Curve) -> str:
    """Loss of a year against how rarely it is reached, both on log scales."""
    drawing = Drawing(
        "risk-exceedance", FULL_WIDTH, _HEIGHT, exceedance_title(place), exceedance_words(curve)
    )
    across = LogAxis(58, FULL_WIDTH - 96, min(curve.years), max(curve.years))
    up = _loss_axis(_HEIGHT - 34, 30, curve.high, ())
    _frame(
        drawing, exceedance_title(place), across, up, [f"{t:g}" for t in curve.years], curve.years
    )
    drawing.text(
        across.start, _HEIGHT - 8, "once in so many years (log scale)", TINY_SIZE, fill="muted"
    )
    for values, colour, dash, words in (
        (curve.high, "place", "3 2", "high judgement"),
        (curve.central, "against", "", "central"),
        (curve.price_cost, "muted", "1.2 1.6", "price cost alone"),
    ):
        points = [(across.at(x), up.at(y)) for x, y in zip(curve.years, values, strict=True)]
        _polyline(drawing, points, colour, dash)
        for (x, y), value, span in zip(points, values, curve.years, strict=True):
            drawing.circle(
                x, y, 2.0, colour, tip=f"{words}, once in {span:g} years: {money(value)}"
            )
        drawing.text(points[-1][0] + 6, points[-1][1] + 2.5, words, SMALL_SIZE)
    return drawing.render()


def convergence_chart(place: str, steps: Sequence[tuple[float, float, float]], exact: float) -> str:
    """Mean loss with two standard errors against years drawn; the exact mean as a line."""
    drawing = Drawing(
        "risk-convergence",
        FULL_WIDTH,
        _HEIGHT,
        convergence_title(place),
        convergence_words(steps, exact),
    )
    sizes = [s[0] for s in steps]
    across = LogAxis(58, FULL_WIDTH - 96, min(sizes) * 0.8, max(sizes) * 1.2)
    low = min(min(m - 2 * e for _, m, e in steps), exact)
    high = max(max(m + 2 * e for _, m, e in steps), exact)
    pad = 0.12 * (high - low) or 1.0
    bottom, top = _HEIGHT - 34, 30.0

    def up(value: float) -> float:
        return bottom + (value - low + pad) / (high - low + 2 * pad) * (top - bottom)

    drawing.text(0, 11, convergence_title(place), LABEL_SIZE + 0.6, bold=True)
    for k in range(5):
        value = low + k / 4.0 * (high - low)
        drawing.line(across.start, up(value), across.end, up(value), "grid", 0.5)
        drawing.text(
            across.start - 4, up(value) + 2.4, money(value), TINY_SIZE, fill="muted", anchor="end"
        )
    drawing.line(across.start, up(exact), across.end, up(exact), "target", 1.0, dash="3 2")
    drawing.text(across.end + 4, up(exact) + 2.4, "by quadrature", SMALL_SIZE)
    for size, mean, error in steps:
        x = across.at(size)
        drawing.line(x, up(mean - 2 * error), x, up(mean + 2 * error), "place", 1.6)
        tip = f"{size:,.0f} years: {money(mean)}, standard error {money(error)}"
        drawing.circle(x, up(mean), 3.0, "place", tip=tip)
        drawing.text(x, bottom + 11, f"{size:,.0f}", TINY_SIZE, fill="muted", anchor="middle")
    drawing.text(
        across.start,
        _HEIGHT - 8,
        "years drawn; bars are two standard errors",
        TINY_SIZE,
        fill="muted",
    )
    return drawing.render()


def ranking_title(place: str) -> str:
    """Title of the ranking."""
    return f"{place}: what to worry about first, likelihood times loss"


def exceedance_title(place: str) -> str:
    """Title of the curve."""
    return f"{place}: how bad a year can be"


def convergence_title(place: str) -> str:
    """Title of the convergence plot."""
    return f"{place}: mean yearly loss by number of years drawn"


def ranking_words(bars: Sequence[Bar]) -> str:
    """The ranking in words."""
    items = "; ".join(
        f"{b.label} {money(b.value)} ({money(b.low)} to {money(b.high)}), chance {b.probability:.1%}"
        for b in bars
    )
    return f"Expected loss a year: {items}."


def exceedance_words(curve: Curve) -> str:
    """The curve in words."""
    items = "; ".join(
        f"once in {n:g} years {money(c)} (price cost {money(p)}, high {money(h)})"
        for n, p, c, h in zip(curve.years, curve.price_cost, curve.central, curve.high, strict=True)
    )
    return f"Loss of a year: {items}."


def convergence_words(steps: Sequence[tuple[float, float, float]], exact: float) -> str:
    """The convergence in words."""
    items = "; ".join(f"{n:,.0f} years {money(m)} with error {money(e)}" for n, m, e in steps)
    return f"By quadrature {money(exact)}; drawn: {items}."


def money(million: float) -> str:
    """An amount of million USD in words that fit an axis: `2.1 bn`, `50 m`."""
    size = abs(million)
    if size >= 1e6:
        return f"{million / 1e6:.3g} tn"
    if size >= 1e3:
        return f"{million / 1e3:.3g} bn"
    return f"{million:.3g} m"


def _loss_axis(start: float, end: float, highs: Sequence[float], bars: Sequence[Bar]) -> LogAxis:
    """An axis of whole powers of ten that holds the values; very small ends are cut."""
    top = max([*highs, *(b.value for b in bars), 10.0 * _LEAST])
    most = 10.0 ** math.ceil(math.log10(top) - 1e-9)
    values = [b.value for b in bars if b.value > 0.0] or [most / 1e4]
    least = 10.0 ** math.floor(math.log10(max(min(values) / 3.0, _LEAST)))
    return LogAxis(start, end, min(least, most / 10.0), most)


def _frame(
    drawing: Drawing,
    title: str,
    across: LogAxis,
    up: LogAxis,
    labels: Sequence[str],
    places: Sequence[float],
) -> None:
    drawing.text(0, 11, title, LABEL_SIZE + 0.6, bold=True)
    for tick in up.ticks():
        y = up.at(tick)
        drawing.line(across.start, y, across.end, y, "grid", 0.5)
        drawing.text(across.start - 4, y + 2.4, money(tick), TINY_SIZE, fill="muted", anchor="end")
    for label, place in zip(labels, places, strict=True):
        drawing.text(
            across.at(place), up.start + 11, label, TINY_SIZE, fill="muted", anchor="middle"
        )


def _polyline(
    drawing: Drawing, points: Sequence[tuple[float, float]], colour: str, dash: str
) -> None:
    parts: list[str | float] = []
    for n, (x, y) in enumerate(points):
        parts += ["M" if n == 0 else "L", x, y]
    drawing.path(path_data(parts), stroke=colour, width=1.6, dash=dash)
