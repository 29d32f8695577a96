"""Dependence on two suppliers, back to back, on one scale."""

from __future__ import annotations

from lodestone.report.brief_content import Comparison, Figure
from lodestone.report.charts.frame import SMALL_SIZE, TINY_SIZE, Axis, band_line
from lodestone.report.drawing import HALF_WIDTH, Drawing, fit_text
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

_ROW, _TOP, _FOOT = 17.5, 16.0, 12.0
_NUMBERS, _BARS, _MIDDLE = 26.0, 54.0, 78.0
_TICKS = (0.0, 0.5, 1.0)


def comparison_chart(comparison: Comparison, texts: Texts) -> str:
    """Draw the first supplier's bars to the left and the second's to the right."""
    rows = comparison.rows
    bottom = _TOP + _ROW * len(rows)
    title = texts.heading("head.comparison", first=comparison.first, second=comparison.second)
    drawing = Drawing(
        "comparison", HALF_WIDTH, bottom + _FOOT, title, comparison_words(comparison, texts)
    )
    left = Axis(_NUMBERS + _BARS, _NUMBERS)
    right = Axis(HALF_WIDTH - _NUMBERS - _BARS, HALF_WIDTH - _NUMBERS)
    side = (HALF_WIDTH - _MIDDLE) / 2
    for axis, name, anchor in (
        (left, comparison.first, "end"),
        (right, comparison.second, "start"),
    ):
        axis.draw(drawing, _TOP, bottom, _TICKS)
        drawing.text(
            axis.left,
            9,
            fit_text(name, side, SMALL_SIZE, True),
            SMALL_SIZE,
            bold=True,
            anchor=anchor,
        )
    for i, row in enumerate(rows):
        middle = _TOP + _ROW * (i + 0.5)
        for y, words, size, fill in (
            (-0.6, row.material, SMALL_SIZE, "ink"),
            (6.6, row.stage, TINY_SIZE - 0.4, "muted"),
        ):
            short = fit_text(words, _MIDDLE - 4, size, bold=fill == "ink")
            drawing.text(
                HALF_WIDTH / 2,
                middle + y,
                short,
                size,
                fill=fill,
                bold=fill == "ink",
                anchor="middle",
                tip=words if short != words else "",
            )
        label = f"{row.material}, {row.stage}"
        _side(drawing, row.first, left, middle, "against", f"{label}, {comparison.first}", texts)
        _side(drawing, row.second, right, middle, "second", f"{label}, {comparison.second}", texts)
    return drawing.render()


def comparison_words(comparison: Comparison, texts: Texts) -> str:
    """The comparison in words, for readers who cannot see it."""
    items = "; ".join(
        texts(
            "alt.comparison_item",
            material=row.material,
            stage=row.stage,
            first=comparison.first,
            first_text=figure_text(row.first),
            second=comparison.second,
            second_text=figure_text(row.second),
        )
        for row in comparison.rows
    )
    return texts("alt.comparison", items=items)


def _side(
    drawing: Drawing,
    figure: Figure,
    axis: Axis,
    middle: float,
    colour: str,
    label: str,
    texts: Texts,
) -> None:
    leftward = axis.right < axis.left
    tip = figure_tip(figure, label, texts)
    edge = axis.right + (-3 if leftward else 3)
    anchor = "end" if leftward else "start"
    if figure.value is None:
        drawing.text(
            axis.left + (-3 if leftward else 3),
            middle + 2.4,
            texts("word.unknown"),
            TINY_SIZE,
            fill="muted",
            italic=True,
            anchor=anchor,
            tip=tip,
        )
        return
    tip_x = axis.at(figure.value)
    weak = figure.grade == "C"
    drawing.rect(
        min(tip_x, axis.left),
        middle - 4.2,
        max(abs(tip_x - axis.left), 0.5),
        8.4,
        colour,
        hatched=weak,
        stroke=colour if weak else "",
        dash="2.2 1.6" if weak else "",
        tip=tip,
    )
    band_line(drawing, figure, axis, middle, "ink")
    drawing.text(edge, middle + 2.5, figure_text(figure).value, SMALL_SIZE, anchor=anchor)
