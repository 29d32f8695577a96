"""Charts of a plan: what is built when, what it costs part by part, cost against risk."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.charts.risk import money
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, path_data

_ROW, _HEAD, _FOOT, _LABELS, _MONEY = 14.0, 34.0, 22.0, 178.0, 46.0
_HEIGHT = 240.0


@dataclass(frozen=True)
class Bar:
    """One decision of a plan.

    Attributes
    ----------
    build_from, start, end : years; building comes before `start`, running up to `end`
    share : part of the option; capital : million USD; sure : whether its numbers are published
    """

    label: str
    build_from: int
    start: int
    end: int
    share: float
    capital: float
    sure: bool


@dataclass(frozen=True)
class Part:
    """One part of the cost, million USD; below zero where it saves."""

    label: str
    value: float


@dataclass(frozen=True)
class Point:
    """One plan of the frontier, million USD."""

    weight: float
    cost: float
    expected: float
    cvar: float


def gantt_chart(place: str, bars: Sequence[Bar]) -> str:
    """A row for each decision: grey while it is built, blue when it runs; (e) for estimates."""
    first = min((b.build_from for b in bars), default=0)
    last = max((b.end for b in bars), default=1)
    height = _HEAD + _ROW * len(bars) + _FOOT
    drawing = Drawing("plan-gantt", FULL_WIDTH, height, gantt_title(place), gantt_words(bars))
    drawing.text(0, 11, gantt_title(place), LABEL_SIZE + 0.6, bold=True)
    left, right, bottom = _LABELS + _MONEY + 6, FULL_WIDTH - 4, _HEAD + _ROW * len(bars)

    def at(year: float) -> float:
        return left + (year - first) / max(last + 1 - first, 1) * (right - left)

    drawing.text(_LABELS + _MONEY - 2, _HEAD - 6, "capital", TINY_SIZE, fill="muted", anchor="end")
    for year in range(first, last + 2):
        drawing.line(at(year), _HEAD, at(year), bottom, "grid", 0.5)
        if year <= last:
            middle = (at(year) + at(year + 1)) / 2.0
            drawing.text(middle, _HEAD - 6, str(year), TINY_SIZE, fill="muted", anchor="middle")
    for n, bar in enumerate(bars):
        _gantt_row(drawing, bar, at, _HEAD + _ROW * n)
    drawing.text(
        0,
        bottom + 14,
        "grey: under construction; blue: runs; (e): tonnes estimated or judged, not published",
        TINY_SIZE,
        fill="muted",
    )
    return drawing.render()


def _gantt_row(drawing: Drawing, bar: Bar, at: Callable[[float], float], top: float) -> None:
    y = top + _ROW / 2.0
    words = bar.label if bar.share > 0.995 else f"{bar.label} ({bar.share:.0%})"
    words += "" if bar.sure else " (e)"
    label = fit_text(words, _LABELS - 4, SMALL_SIZE)
    drawing.text(0, y + 2.6, label, SMALL_SIZE, tip=words if label != words else "")
    drawing.text(
        _LABELS + _MONEY - 2, y + 2.6, money(bar.capital), TINY_SIZE, fill="muted", anchor="end"
    )
    start, end = at(bar.start), at(bar.end + 1)
    if bar.build_from < bar.start:
        begin = at(bar.build_from)
        drawing.rect(begin, y - 3.4, start - begin, 6.8, "loss")
    tip = f"{words}: runs from {bar.start}, {money(bar.capital)} of capital"
    drawing.rect(start, y - 3.4, end - start, 6.8, "place", tip=tip)


def cost_chart(place: str, parts: Sequence[Part]) -> str:
    """Parts of the cost as bars from zero, savings to the left, with their sum."""
    whole = [*parts, Part("sum: the objective", math.fsum(p.value for p in parts))]
    height = _HEAD + 18.0 * len(whole) + _FOOT
    drawing = Drawing("plan-cost", FULL_WIDTH, height, cost_title(place), cost_words(parts))
    drawing.text(0, 11, cost_title(place), LABEL_SIZE + 0.6, bold=True)
    low, high = min(0.0, *(p.value for p in whole)), max(0.0, *(p.value for p in whole))
    span = (high - low) or 1.0
    left, right = 150.0, FULL_WIDTH - 60.0

    def at(value: float) -> float:
        return left + (value - low) / span * (right - left)

    bottom = _HEAD + 18.0 * len(whole)
    drawing.line(at(0.0), _HEAD - 4, at(0.0), bottom, "axis", 0.8)
    for n, part in enumerate(whole):
        y = _HEAD + 18.0 * n + 9.0
        total = n == len(whole) - 1
        drawing.text(0, y + 2.8, part.label, LABEL_SIZE, bold=total)
        x1, x2 = sorted((at(0.0), at(part.value)))
        colour = "muted" if total else "place" if part.value >= 0.0 else "loss"
        drawing.rect(x1, y - 5.0, max(x2 - x1, 0.4), 10.0, colour)
        drawing.text(max(x2, at(0.0)) + 4, y + 2.6, money(part.value), SMALL_SIZE, bold=total)
    drawing.text(
        0, bottom + 14, "USD, discounted to the plan's first year", TINY_SIZE, fill="muted"
    )
    return drawing.render()


def frontier_chart(place: str, points: Sequence[Point]) -> str:
    """Cost of the plan against the mean of the worst scenarios, one point for each weight of risk."""
    drawing = Drawing(
        "plan-frontier", FULL_WIDTH, _HEIGHT, frontier_title(place), frontier_words(points)
    )
    drawing.text(0, 11, frontier_title(place), LABEL_SIZE + 0.6, bold=True)
    across = _scale([p.cost for p in points], 64.0, FULL_WIDTH - 60.0)
    up = _scale([p.cvar for p in points], _HEIGHT - 44.0, 34.0)
    for tick in across.ticks():
        x = across.at(tick)
        drawing.line(x, up.start, x, up.end, "grid", 0.5)
        drawing.text(x, up.start + 11, money(tick), TINY_SIZE, fill="muted", anchor="middle")
    for tick in up.ticks():
        y = up.at(tick)
        drawing.line(across.start, y, across.end, y, "grid", 0.5)
        drawing.text(across.start - 4, y + 2.4, money(tick), TINY_SIZE, fill="muted", anchor="end")
    placed = [
        (across.at(p.cost), up.at(p.cvar), p)
        for p in sorted(points, key=lambda p: (p.cost, p.weight))
    ]
    if len(placed) > 1:
        parts: list[str | float] = []
        for n, (x, y, _) in enumerate(placed):
            parts += ["M" if n == 0 else "L", x, y]
        drawing.path(path_data(parts), stroke="place", width=1.4)
    together: dict[tuple[float, float], list[Point]] = {}
    for x, y, p in placed:
        together.setdefault((8 * round(x / 8), 8 * round(y / 8)), []).append(p)
    for (x, y), same in together.items():
        p, weights = same[0], ", ".join(f"{p.weight:g}" for p in same)
        tip = f"weight {weights}: cost {money(p.cost)}, worst scenarios {money(p.cvar)}"
        drawing.circle(x, y, 3.0, "against", stroke="paper", width=0.8, tip=tip)
        drawing.text(x + 5, y - 3, weights, TINY_SIZE)
    drawing.text(
        across.start,
        _HEIGHT - 8,
        "across: cost of the plan and missed targets, USD; up: mean loss of the worst scenarios; "
        "numbers: weight of risk",
        TINY_SIZE,
        fill="muted",
    )
    return drawing.render()


@dataclass(frozen=True)
class _Scale:
    start: float
    end: float
    low: float
    high: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / 2.0))
        while (self.high - self.low) / step > 6.0:
            step *= 2.0
        first = math.ceil(self.low / step)
        return [step * k for k in range(first, math.floor(self.high / step) + 1)]


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    # plans that hardly differ are not drawn as if they did
    pad = max(0.1 * (high - low), 0.05 * max(abs(high), abs(low)), 1e-6)
    return _Scale(start, end, low - pad, high + pad)


def gantt_title(place: str) -> str:
    """Title of the chart of decisions."""
    return f"{place}: what to start, and when"


def cost_title(place: str) -> str:
    """Title of the chart of costs."""
    return f"{place}: what the plan costs, part by part"


def frontier_title(place: str) -> str:
    """Title of the frontier."""
    return f"{place}: cost of the plan against losses in the worst scenarios"


def gantt_words(bars: Sequence[Bar]) -> str:
    """The decisions in words."""
    items = "; ".join(f"{b.label} from {b.start} ({money(b.capital)} of capital)" for b in bars)
    return f"Decisions: {items}."


def cost_words(parts: Sequence[Part]) -> str:
    """The parts in words."""
    items = "; ".join(f"{p.label} {money(p.value)}" for p in parts)
    return f"Parts of the cost, USD: {items}."


def frontier_words(points: Sequence[Point]) -> str:
    """The frontier in words."""
    items = "; ".join(
        f"weight {p.weight:g} cost {money(p.cost)}, worst scenarios {money(p.cvar)}" for p in points
    )
    return f"Plans: {items}."
