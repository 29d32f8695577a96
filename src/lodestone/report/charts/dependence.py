"""Dependence by last sender and by true origin, one pair of marks per material."""

from __future__ import annotations

from collections.abc import Sequence

from lodestone.report.brief_content import Dependence, Figure
from lodestone.report.charts.frame import SMALL_SIZE, TINY_SIZE, Axis, band_line, row_label
from lodestone.report.drawing import FULL_WIDTH, Drawing
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

_ROW, _TOP, _FOOT = 22.0, 17.0, 13.0
_LABELS, _PLOT_LEFT, _PLOT_RIGHT, _VALUES, _GRADES = 128.0, 136.0, 392.0, 470.0, 486.0
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def dependence_chart(rows: Sequence[Dependence], texts: Texts) -> str:
    """Draw direct and look-through dependence with bands, values and grades.

    Direct is a hollow blue circle above, look-through a filled orange diamond below: shape,
    fill and height tell them apart in grey as well. Grade C is dashed.
    """
    height = _TOP + _ROW * len(rows) + _FOOT
    title = texts("head.dependences_n", count=len(rows))
    drawing = Drawing("dependences", FULL_WIDTH, height, title, dependence_words(rows, texts))
    axis = Axis(_PLOT_LEFT, _PLOT_RIGHT)
    _legend(drawing, texts)
    axis.draw(drawing, _TOP, _TOP + _ROW * len(rows), _TICKS)
    for i, row in enumerate(rows):
        middle = _TOP + _ROW * (i + 0.5)
        if i:
            drawing.line(0, middle - _ROW / 2, FULL_WIDTH, middle - _ROW / 2, "grid", 0.4)
        row_label(drawing, middle, row.material, row.stage, _LABELS)
        label = f"{row.material}, {row.stage}"
        direct_tip = figure_tip(row.direct, f"{label}, {texts('word.direct')}", texts)
        through_tip = figure_tip(row.look_through, f"{label}, {texts('word.through')}", texts)
        _mark(drawing, row.direct, axis, middle - 4.2, "direct", direct_tip, texts)
        _mark(drawing, row.look_through, axis, middle + 4.6, "through", through_tip, texts)
    return drawing.render()


def dependence_words(rows: Sequence[Dependence], texts: Texts) -> str:
    """The chart in words, for readers who cannot see it."""
    items = "; ".join(
        texts(
            "alt.dependences_item",
            material=row.material,
            stage=row.stage,
            direct=figure_text(row.direct),
            through=figure_text(row.look_through),
        )
        for row in rows
    )
    return texts("alt.dependences", origin=rows[0].origin if rows else "", items=items)


def _legend(drawing: Drawing, texts: Texts) -> None:
    y = 9.0
    drawing.circle(_PLOT_LEFT + 3, y - 2.6, 2.6, "paper", stroke="direct", width=1.4)
    drawing.text(_PLOT_LEFT + 9, y, texts("word.direct"), SMALL_SIZE)
    x = _PLOT_LEFT + 56
    _diamond(drawing, x, y - 2.6, "")
    drawing.text(x + 6, y, texts("word.through"), SMALL_SIZE)
    drawing.text(
        _VALUES,
        y,
        f"{texts('word.value')} ({texts('word.band').lower()})",
        TINY_SIZE,
        fill="muted",
        anchor="end",
    )
    drawing.text(FULL_WIDTH, y, texts("word.grade"), TINY_SIZE, fill="muted", anchor="end")


def _mark(
    drawing: Drawing, figure: Figure, axis: Axis, y: float, colour: str, tip: str, texts: Texts
) -> None:
    words = figure_text(figure)
    band_line(drawing, figure, axis, y, colour)
    if figure.value is None:
        drawing.text(
            axis.left + 4,
            y + 2.4,
            texts("word.unknown"),
            SMALL_SIZE,
            fill="muted",
            italic=True,
            tip=tip,
        )
    elif colour == "direct":
        drawing.circle(axis.at(figure.value), y, 2.7, "paper", stroke="direct", width=1.4, tip=tip)
    else:
        _diamond(drawing, axis.at(figure.value), y, tip)
    drawing.text(_VALUES, y + 2.6, str(words), SMALL_SIZE, anchor="end", bold=colour == "through")
    grade = figure.grade if figure.value is not None else ""
    drawing.text(_GRADES, y + 2.6, grade or "–", SMALL_SIZE, fill="muted", anchor="middle")


def _diamond(drawing: Drawing, x: float, y: float, tip: str) -> None:
    size = 3.4
    drawing.path(
        f"M{x:.2f} {y - size:.2f}L{x + size:.2f} {y:.2f}L{x:.2f} {y + size:.2f}L{x - size:.2f} {y:.2f}Z",
        fill="through",
        tip=tip,
    )
