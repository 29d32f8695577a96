"""Charts of an alliance: worth by size, shares by rule, who would rather stay out, flows that moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.charts.risk import money
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, path_data

_ROW, _HEAD, _FOOT, _LABELS = 16.0, 34.0, 30.0, 150.0
#: Height of a line of labels beside a flow.
_LINE = 8.2


@dataclass(frozen=True)
class WorthBar:
    """One coalition: what it avoids, with its band, million USD."""

    label: str
    size: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ShareRow:
    """One member: its share by every rule, and what it gains as an outsider, million USD."""

    member: str
    rules: tuple[tuple[str, float], ...]
    outside: float


@dataclass(frozen=True)
class MovedFlow:
    """One flow that acting together moved, million USD at base prices; negative where it fell."""

    origin: str
    destination: str
    what: str
    value: float


@dataclass(frozen=True)
class InvestmentBar:
    """Capital built at a place, by the plans of each and by the joint plan, million USD."""

    place: str
    alone: float
    together: float


class _Line:
    """A linear axis that holds 0 and all values."""

    def __init__(self, start: float, end: float, values: Sequence[float]) -> None:
        low, high = min([0.0, *values]), max([0.0, *values])
        if high == low:
            high = 1.0
        self.step = _step((high - low) / 4.0)
        self.low = math.floor(low / self.step) * self.step
        self.high = math.ceil(high / self.step) * self.step
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def draw(self, drawing: Drawing, top: float, bottom: float, words: str) -> None:
        for k in range(round((self.high - self.low) / self.step) + 1):
            tick = self.low + k * self.step
            x = self.at(tick)
            drawing.line(x, top, x, bottom, "axis" if abs(tick) < 1e-9 else "grid", 0.5)
            label = money(tick) if abs(tick) > 1e-9 else "0"
            drawing.text(x, bottom + 9, label, TINY_SIZE, fill="muted", anchor="middle")
        drawing.text(self.start, bottom + 20, words, TINY_SIZE, fill="muted")


def worth_chart(title: str, bars: Sequence[WorthBar]) -> str:
    """A bar for each coalition with its band, the smaller ones first."""
    height = _HEAD + _ROW * len(bars) + _FOOT
    drawing = Drawing("alliance-worth", FULL_WIDTH, height, title, worth_words(bars))
    drawing.text(0, 11, title, LABEL_SIZE + 0.6, bold=True)
    axis = _Line(_LABELS, FULL_WIDTH - 112, [x for b in bars for x in (b.low, b.value, b.high)])
    bottom = _HEAD + _ROW * len(bars)
    axis.draw(drawing, _HEAD, bottom, "losses avoided together, USD; lines are bands")
    for n, bar in enumerate(bars):
        y = _HEAD + _ROW * (n + 0.5)
        label = fit_text(bar.label, _LABELS - 6, LABEL_SIZE)
        drawing.text(0, y + 2.8, label, LABEL_SIZE, tip=bar.label if label != bar.label else "")
        left, right = sorted((axis.at(0.0), axis.at(bar.value)))
        words = f"{money(bar.value)} ({money(bar.low)} to {money(bar.high)})"
        tip = f"{bar.label}: {words}"
        drawing.rect(left, y - 4.4, max(right - left, 0.5), 8.8, "place", tip=tip)
        x1, x2 = axis.at(bar.low), axis.at(bar.high)
        drawing.line(x1, y, x2, y, "ink", 1.1)
        for x in (x1, x2):
            drawing.line(x, y - 2.2, x, y + 2.2, "ink", 0.9)
        drawing.text(max(x2, right) + 4, y + 2.6, words, SMALL_SIZE, halo=True)
    return drawing.render()


#: Marks of the rules, in the order of a legend.
_MARKS = {
    "Shapley": ("circle", "against"),
    "nucleolus": ("ring", "place"),
    "by GDP": ("square", "other"),
    "by use": ("bar", "ink"),
    "rule for oil": ("cross", "muted"),
}


def shares_chart(title: str, rows: Sequence[ShareRow]) -> str:
    """A line for each member with a mark for each rule."""
    step = 24.0
    height = _HEAD + 14 + step * len(rows) + _FOOT
    drawing = Drawing("alliance-shares", FULL_WIDTH, height, title, shares_words(rows))
    drawing.text(0, 11, title, LABEL_SIZE + 0.6, bold=True)
    names = [r for r in _MARKS if any(rule == r for row in rows for rule, _ in row.rules)]
    x = _LABELS
    for name in names:
        _mark(drawing, name, x, 25)
        drawing.text(x + 7, 27.6, name, SMALL_SIZE)
        x += 22 + 4.4 * len(name)
    axis = _Line(_LABELS, FULL_WIDTH - 20, [v for row in rows for _, v in row.rules])
    top, bottom = _HEAD + 8, _HEAD + 14 + step * len(rows)
    axis.draw(drawing, top, bottom, "share of the worth of all, USD; left of 0: pays")
    for n, row in enumerate(rows):
        y = top + step * (n + 0.5)
        drawing.text(0, y + 2.8, fit_text(row.member, _LABELS - 6, LABEL_SIZE), LABEL_SIZE)
        drawing.line(axis.start, y, axis.end, y, "grid", 0.4)
        for rule, value in row.rules:
            tip = f"{row.member}, {rule}: {money(value)}"
            _mark(drawing, rule, axis.at(value), y, tip)
    return drawing.render()


def _mark(drawing: Drawing, rule: str, x: float, y: float, tip: str = "") -> None:
    shape, colour = _MARKS[rule]
    if shape == "circle":
        drawing.circle(x, y, 3.4, colour, stroke="paper", width=0.7, tip=tip)
    elif shape == "ring":
        drawing.circle(x, y, 3.6, "paper", stroke=colour, width=1.5, tip=tip)
    elif shape == "square":
        drawing.rect(x - 2.8, y - 2.8, 5.6, 5.6, colour, tip=tip)
    elif shape == "bar":
        drawing.rect(x - 1.1, y - 5.0, 2.2, 10.0, colour, tip=tip)
    else:
        for dx, dy in ((3.0, 3.0), (3.0, -3.0)):
            drawing.line(x - dx, y - dy, x + dx, y + dy, colour, 1.3)


def staying_out_chart(title: str, rows: Sequence[ShareRow]) -> str:
    """What each member gets inside (by the first rule) beside what it gains outside for nothing."""
    step = 24.0
    height = _HEAD + 14 + step * len(rows) + _FOOT
    drawing = Drawing("alliance-staying-out", FULL_WIDTH, height, title, staying_words(rows))
    drawing.text(0, 11, title, LABEL_SIZE + 0.6, bold=True)
    inside = [row.rules[0][1] for row in rows]
    drawing.rect(_LABELS, 21, 10, 6, "place")
    drawing.text(_LABELS + 14, 27, "inside (Shapley share)", SMALL_SIZE)
    drawing.rect(_LABELS + 130, 21, 10, 6, "against", hatched=True, stroke="against")
    drawing.text(_LABELS + 144, 27, "outside, the others going on", SMALL_SIZE)
    axis = _Line(_LABELS, FULL_WIDTH - 56, [*inside, *(row.outside for row in rows)])
    top, bottom = _HEAD + 4, _HEAD + 10 + step * len(rows)
    axis.draw(drawing, top, bottom, "gain on all acting alone, USD")
    for n, (row, share) in enumerate(zip(rows, inside, strict=True)):
        y = top + step * (n + 0.5)
        drawing.text(0, y + 2.8, fit_text(row.member, _LABELS - 6, LABEL_SIZE), LABEL_SIZE)
        for value, dy, colour, hatched in (
            (share, -4.6, "place", False),
            (row.outside, 4.6, "against", True),
        ):
            left, right = sorted((axis.at(0.0), axis.at(value)))
            drawing.rect(
                left,
                y + dy - 4.0,
                max(right - left, 0.6),
                8.0,
                colour,
                hatched=hatched,
                stroke=colour if hatched else "",
                tip=f"{row.member}: {money(value)}",
            )
            drawing.text(right + 4, y + dy + 2.4, money(value), TINY_SIZE)
    return drawing.render()


def flows_chart(title: str, flows: Sequence[MovedFlow]) -> str:
    """Ribbons from origin to destination as wide as what moved; hatched where it fell."""
    height = 330.0
    drawing = Drawing("alliance-flows", FULL_WIDTH, height, title, flows_words(flows))
    drawing.text(0, 11, title, LABEL_SIZE + 0.6, bold=True)
    drawing.rect(0, 20, 10, 6, "place", opacity=0.6)
    drawing.text(14, 26, "more together", SMALL_SIZE)
    drawing.rect(96, 20, 10, 6, "against", hatched=True)
    drawing.text(110, 26, "less together", SMALL_SIZE)
    total = sum(abs(f.value) for f in flows)
    words = f"as wide as what moved, {money(total)} USD in all"
    drawing.text(FULL_WIDTH, 26, words, SMALL_SIZE, fill="muted", anchor="end")
    if total <= 0.0:
        drawing.text(0, 60, "nothing moved", LABEL_SIZE, italic=True)
        return drawing.render()
    left = _Column([f.origin for f in flows], [abs(f.value) for f in flows], 44, height - 14)
    right = _Column([f.destination for f in flows], [abs(f.value) for f in flows], 44, height - 14)
    x1, x2, width = 92.0, FULL_WIDTH - 92.0, 8.0
    for n, flow in enumerate(flows):
        (a1, a2), (b1, b2) = left.slot(n), right.slot(n)
        middle = 0.5 * (x1 + width + x2)
        d = path_data(
            [
                *("M", x1 + width, a1, "C", middle, a1, middle, b1, x2, b1, "L", x2, b2),
                *("C", middle, b2, middle, a2, x1 + width, a2, "Z"),
            ]
        )
        tip = f"{flow.what}, {flow.origin} to {flow.destination}: {_signed(flow.value)}"
        if flow.value >= 0.0:
            drawing.path(d, fill="place", opacity=0.5, tip=tip)
        else:
            low, high = min(a1, b1), max(a2, b2)
            box = (x1 + width, low, x2 - x1 - width, high - low)
            drawing.path(d, fill="against", opacity=0.8, tip=tip, hatched_in=box)
    for column, x, anchor, shift in ((left, x1, "end", -4.0), (right, x2, "start", width + 4.0)):
        blocks = column.blocks()
        middles = [0.5 * (top + bottom) + 2.6 for _, top, bottom in blocks]
        for (name, top, bottom), y in zip(blocks, _apart(middles, height - 3), strict=True):
            drawing.rect(x, top, width, bottom - top, "ink")
            words = fit_text(name, 84, SMALL_SIZE)
            drawing.text(x + shift, y, words, SMALL_SIZE, anchor=anchor)
    return drawing.render()


def _apart(wanted: Sequence[float], end: float) -> list[float]:
    """Heights of labels near those wanted, a line apart, none below the end."""
    found: list[float] = []
    for y in wanted:
        found.append(max(y, found[-1] + _LINE) if found else y)
    for k in reversed(range(len(found))):
        found[k] = min(found[k], end - _LINE * (len(found) - 1 - k))
    return found


class _Column:
    """Blocks of one side, the largest first; slots inside them in the order of the flows."""

    def __init__(self, names: Sequence[str], sizes: Sequence[float], top: float, end: float):
        total: dict[str, float] = {}
        for name, size in zip(names, sizes, strict=True):
            total[name] = total.get(name, 0.0) + size
        order = sorted(total, key=lambda n: (-total[n], n))
        gap = 5.0
        unit = (end - top - gap * (len(order) - 1)) / sum(sizes)
        self._blocks: dict[str, tuple[float, float]] = {}
        at = top
        for name in order:
            self._blocks[name] = (at, at + total[name] * unit)
            at += total[name] * unit + gap
        used = {name: block[0] for name, block in self._blocks.items()}
        self._slots: list[tuple[float, float]] = []
        for name, size in zip(names, sizes, strict=True):
            start = used[name]
            used[name] = start + size * unit
            self._slots.append((start, used[name]))

    def slot(self, n: int) -> tuple[float, float]:
        return self._slots[n]

    def blocks(self) -> list[tuple[str, float, float]]:
        return [(name, top, bottom) for name, (top, bottom) in self._blocks.items()]


def investment_chart(title: str, bars: Sequence[InvestmentBar]) -> str:
    """Two bars for each place: what members build by their own plans, and by the joint one."""
    step = 24.0
    height = _HEAD + 14 + step * len(bars) + _FOOT
    drawing = Drawing("alliance-investment", FULL_WIDTH, height, title, investment_words(bars))
    drawing.text(0, 11, title, LABEL_SIZE + 0.6, bold=True)
    drawing.rect(_LABELS, 21, 10, 6, "other", hatched=True, stroke="other")
    drawing.text(_LABELS + 14, 27, "plans of each", SMALL_SIZE)
    drawing.rect(_LABELS + 90, 21, 10, 6, "place")
    drawing.text(_LABELS + 104, 27, "the joint plan", SMALL_SIZE)
    axis = _Line(_LABELS, FULL_WIDTH - 56, [x for b in bars for x in (b.alone, b.together)])
    top, bottom = _HEAD + 4, _HEAD + 10 + step * len(bars)
    axis.draw(drawing, top, bottom, "capital of what is built, USD, not discounted")
    for n, bar in enumerate(bars):
        y = top + step * (n + 0.5)
        label = fit_text(bar.place, _LABELS - 6, LABEL_SIZE)
        drawing.text(0, y + 2.8, label, LABEL_SIZE, tip=bar.place if label != bar.place else "")
        for value, dy, colour, hatched in (
            (bar.alone, -4.6, "other", True),
            (bar.together, 4.6, "place", False),
        ):
            x = axis.at(value)
            drawing.rect(
                axis.start,
                y + dy - 4.0,
                max(x - axis.start, 0.6),
                8.0,
                colour,
                hatched=hatched,
                stroke=colour if hatched else "",
                tip=f"{bar.place}: {money(value)}",
            )
            drawing.text(x + 4, y + dy + 2.4, money(value) if value else "0", TINY_SIZE)
    return drawing.render()


def investment_words(bars: Sequence[InvestmentBar]) -> str:
    """The bars in words."""
    items = "; ".join(
        f"{b.place} {money(b.alone)} alone, {money(b.together)} together" for b in bars
    )
    return f"Capital by place: {items}."


def worth_words(bars: Sequence[WorthBar]) -> str:
    """The bars in words."""
    items = "; ".join(
        f"{b.label} {money(b.value)} ({money(b.low)} to {money(b.high)})" for b in bars
    )
    return f"Losses avoided together: {items}."


def shares_words(rows: Sequence[ShareRow]) -> str:
    """The shares in words."""
    items = "; ".join(
        f"{row.member}: " + ", ".join(f"{rule} {money(v)}" for rule, v in row.rules) for row in rows
    )
    return f"Shares of the worth of all: {items}."


def staying_words(rows: Sequence[ShareRow]) -> str:
    """Inside and outside in words."""
    items = "; ".join(
        f"{row.member} {money(row.rules[0][1])} inside, {money(row.outside)} outside"
        for row in rows
    )
    return f"Gain on all acting alone: {items}."


def flows_words(flows: Sequence[MovedFlow]) -> str:
    """The flows in words."""
    items = "; ".join(
        f"{f.what} from {f.origin} to {f.destination} {_signed(f.value)}" for f in flows
    )
    return f"Flows that moved: {items or 'none'}."


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else '−'}{money(abs(value))}"


def _step(rough: float) -> float:
    """A round number at least as large."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * x for x in (1.0, 2.0, 2.5, 5.0, 10.0) if power * x >= rough * 0.999)
