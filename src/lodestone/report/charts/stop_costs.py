"""What a full stop of each supplier costs a company, and what that means a year: dots on a log axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.report.brief_content import Figure
from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.charts.risk import LogAxis
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

_ROW, _TOP, _FOOT, _LABELS, _NUMBERS = 16.0, 6.0, 16.0, 150.0, 86.0
#: Smallest cost that the axis shows, USD.
_LEAST = 1e3


@dataclass(frozen=True)
class StopBar:
    """One material and supplier: cost of a full stop, and expected cost a year, USD."""

    material: str
    supplier: str
    cost: Figure
    expected: Figure


def stop_costs_chart(bars: Sequence[StopBar], title: str, texts: Texts) -> str:
    """Draw cost with its band as a dot, expected cost as a ring; a cost below the axis is words."""
    height = _TOP + _ROW * len(bars) + _FOOT
    drawing = Drawing("ranking", FULL_WIDTH, height, title, stop_costs_words(bars, texts))
    axis = _axis(bars)
    bottom = height - _FOOT
    for tick in axis.ticks():
        x = axis.at(tick)
        drawing.line(x, _TOP, x, bottom, "grid", 0.5)
        drawing.text(x, bottom + 10, _money(tick), TINY_SIZE, fill="muted", anchor="middle")
    for n, bar in enumerate(bars):
        _draw(drawing, bar, axis, _TOP + _ROW * (n + 0.5), texts)
    return drawing.render()


def stop_costs_words(bars: Sequence[StopBar], texts: Texts) -> str:
    """The chart in words."""
    items = "; ".join(
        texts(
            "alt.ranking_item",
            material=bar.material,
            supplier=bar.supplier,
            cost=figure_text(bar.cost),
            expected=figure_text(bar.expected),
        )
        for bar in bars
    )
    return texts("alt.ranking", items=items)


def _axis(bars: Sequence[StopBar]) -> LogAxis:
    found = [f for bar in bars for f in (bar.cost, bar.expected)]
    ends = [x for f in found for x in (f.low, f.value, f.high) if x is not None and x > 0.0]
    most = 10.0 ** math.ceil(math.log10(max([*ends, 10 * _LEAST])))
    least = max(_LEAST, 10.0 ** math.floor(math.log10(min([*ends, most / 10]))))
    return LogAxis(_LABELS + _NUMBERS + 10, FULL_WIDTH - 14, min(least, most / 10), most)


def _draw(drawing: Drawing, bar: StopBar, axis: LogAxis, y: float, texts: Texts) -> None:
    label = f"{bar.material}, {bar.supplier}"
    drawing.text(0, y + 2.8, fit_text(label, _LABELS - 4, LABEL_SIZE), LABEL_SIZE, tip=label)
    words = figure_text(bar.cost).value
    right = _LABELS + _NUMBERS
    drawing.text(right, y + 2.6, words, SMALL_SIZE, fill="muted", anchor="end")
    if bar.cost.low is not None and bar.cost.high is not None and bar.cost.high > axis.least:
        x1, x2 = axis.at(bar.cost.low), axis.at(bar.cost.high)
        drawing.line(x1, y, x2, y, "place", 2.0)
        for x, inside in ((x1, bar.cost.low > axis.least), (x2, True)):
            if inside:
                drawing.line(x, y - 2.6, x, y + 2.6, "place", 1.0)
    for figure, colour, stroke in (
        (bar.expected, "paper", "against"),
        (bar.cost, "place", "paper"),
    ):
        if figure.value is not None and figure.value > axis.least:
            tip = figure_tip(figure, label, texts)
            drawing.circle(axis.at(figure.value), y, 3.0, colour, stroke=stroke, width=1.2, tip=tip)


def _money(value: float) -> str:
    for size, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g}"
