"""Benchmarks against their targets, each counted in more than one way."""

from __future__ import annotations

from collections.abc import Sequence

from lodestone.report.brief_content import Figure, ScoreboardRow
from lodestone.report.charts.frame import (
    LABEL_SIZE,
    SMALL_SIZE,
    TINY_SIZE,
    Axis,
    band_line,
)
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, text_width, wrap_text
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

_BAR, _GAP, _TOP, _FOOT = 10.0, 9.0, 6.0, 13.0
_LABELS, _BASES, _PLOT_LEFT, _PLOT_RIGHT, _VALUES, _CHIP = 126.0, 190.0, 196.0, 368.0, 440.0, 448.0
_LEAST_LINES = 3


def scoreboard_chart(rows: Sequence[ScoreboardRow], texts: Texts) -> str:
    """Draw each benchmark's bars, its target as a line, its status and worst case in words."""
    heights = [max(len(row.values), _LEAST_LINES) * _BAR + _GAP for row in rows]
    drawing = Drawing(
        "scoreboard",
        FULL_WIDTH,
        _TOP + sum(heights) + _FOOT,
        texts("head.scoreboard"),
        scoreboard_words(rows, texts),
    )
    axis = Axis(_PLOT_LEFT, _PLOT_RIGHT)
    axis.draw(drawing, _TOP, _TOP + sum(heights), (0.0, 0.25, 0.5, 0.75, 1.0))
    top = _TOP
    for i, (row, height) in enumerate(zip(rows, heights, strict=True)):
        if i:
            drawing.line(0, top, FULL_WIDTH, top, "grid", 0.4)
        _row(drawing, row, axis, top + _GAP / 2, texts)
        top += height
    return drawing.render()


def scoreboard_words(rows: Sequence[ScoreboardRow], texts: Texts) -> str:
    """The scoreboard in words, for readers who cannot see it."""
    items = "; ".join(
        texts(
            "alt.scoreboard_item",
            benchmark=row.benchmark,
            target=target_words(row, texts),
            values=", ".join(f"{v.basis} {figure_text(v.figure)}" for v in row.values),
            status=texts(f"status.{row.status}"),
        )
        for row in rows
    )
    return texts("alt.scoreboard", items=items)


def target_words(row: ScoreboardRow, texts: Texts) -> str:
    """The target with its sense: `at least 10 %`."""
    return texts(f"sense.{row.sense.replace(' ', '_')}", target=figure_text(row.target))


def _row(drawing: Drawing, row: ScoreboardRow, axis: Axis, top: float, texts: Texts) -> None:
    lines = wrap_text(row.benchmark, _LABELS, LABEL_SIZE, 2, bold=True)
    for n, line in enumerate(lines):
        drawing.text(0, top + 7.4 + 9.2 * n, line, LABEL_SIZE, bold=True)
    under = top + 7.4 + 9.2 * len(lines)
    drawing.text(0, under, target_words(row, texts), SMALL_SIZE, fill="muted")
    bottom = top + _BAR * max(len(row.values), _LEAST_LINES)
    for n, weighing in enumerate(row.values):
        _bar(drawing, weighing.basis, weighing.figure, axis, top + _BAR * n, texts)
    if row.target.value is not None:
        x = axis.at(row.target.value)
        drawing.line(x, top - 2, x, bottom + 2, "target", 1.5)
    _status(drawing, row, top, texts)


def _bar(
    drawing: Drawing, basis: str, figure: Figure, axis: Axis, top: float, texts: Texts
) -> None:
    middle = top + _BAR / 2
    room = _BASES - _LABELS - 6
    drawing.text(
        _BASES,
        middle + 2.5,
        fit_text(basis, room, TINY_SIZE),
        TINY_SIZE,
        fill="muted",
        anchor="end",
    )
    tip = figure_tip(figure, basis, texts)
    if figure.value is None:
        drawing.text(
            axis.left + 4,
            middle + 2.5,
            texts("word.unknown"),
            TINY_SIZE,
            fill="muted",
            italic=True,
            tip=tip,
        )
    else:
        weak = figure.grade == "C"
        drawing.rect(
            axis.left,
            top + 1.6,
            max(axis.at(figure.value) - axis.left, 0.6),
            _BAR - 3.2,
            "place",
            hatched=weak,
            stroke="place" if weak else "",
            dash="2.2 1.6" if weak else "",
            tip=tip,
        )
        band_line(drawing, figure, axis, middle, "ink")
    drawing.text(_VALUES, middle + 2.5, str(figure_text(figure)), SMALL_SIZE, anchor="end")


def _status(drawing: Drawing, row: ScoreboardRow, top: float, texts: Texts) -> None:
    words = texts(f"status.{row.status}")
    width = text_width(words, SMALL_SIZE, bold=True) + 8
    met = row.status == "met"
    drawing.rect(
        FULL_WIDTH - width - 0.5,
        top,
        width,
        11,
        "ink" if row.status == "missed" else "paper",
        stroke="ink",
        stroke_width=0.8,
        radius=2.5,
        dash="" if met else "2 1.4" if row.status == "unknown" else "",
    )
    drawing.text(
        FULL_WIDTH - width / 2 - 0.5,
        top + 8.1,
        words,
        SMALL_SIZE,
        bold=True,
        fill="paper" if row.status == "missed" else "ink",
        anchor="middle",
    )
    if row.worst_case:
        lines = wrap_text(row.worst_case, FULL_WIDTH - _CHIP, TINY_SIZE, 2)
        if row.worst is not None:
            lines[-1:] = [*lines[-1:], figure_text(row.worst).value]
        for n, line in enumerate(lines[:3]):
            drawing.text(
                FULL_WIDTH, top + 18.4 + 7.3 * n, line, TINY_SIZE, fill="muted", anchor="end"
            )
