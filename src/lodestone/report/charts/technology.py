"""Technologies and their stages for one place: what it controls, and on whom it leans.

A row is a technology, a cell a stage in order. The tint of a cell is the place's share of world
output; the two bars at its foot are the shares of its use made in China and the United States;
the same two stand at the right as means with bands. Judged cells have a dashed rim, unknown ones
are hatched. Colour is never alone: the numbers are printed, and the bars differ in place and fill.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.report.brief_content import Figure
from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE, Axis, band_line
from lodestone.report.drawing import Drawing, fit_text, wrap_text
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

WIDTH = 780.0
_LABELS, _CELL, _GAP, _MOST_STAGES = 92.0, 60.0, 4.0, 8
_BARS_LEFT, _BARS_RIGHT, _VALUES = 616.0, 696.0, WIDTH
_ROW, _HEAD, _TOP, _FOOT = 58.0, 15.0, 30.0, 44.0
_BOX, _BAR, _NUMBER, _DIGITS = 39.0, 4.0, 17.0, 6.2
_DASH = "2.4 1.6"
#: Tint of a cell at a share of nothing and of all; text stays readable on both.
_PALE, _FULL = 0.06, 0.62


@dataclass(frozen=True)
class TechnologyCell:
    """One stage: name, share of world output, and shares of use made by each supplier.

    `on` has None for a supplier that is the place itself.
    """

    stage: str
    controlled: Figure
    on: tuple[Figure | None, ...]
    judged: bool


@dataclass(frozen=True)
class TechnologyRow:
    """One technology: its stages, share and number of stages held, mean dependence by supplier."""

    technology: str
    cells: tuple[TechnologyCell, ...]
    held: Figure
    held_stages: int
    on: tuple[Figure | None, ...]


@dataclass(frozen=True)
class TechnologyPanel:
    """All technologies of one place by its id and name; `suppliers` in the order of every `on`."""

    id: str
    place: str
    year: int
    suppliers: tuple[str, ...]
    rows: tuple[TechnologyRow, ...]


def technology_chart(panel: TechnologyPanel, name: str, texts: Texts) -> str:
    """Draw the matrix of technologies and stages of one place."""
    height = _TOP + _ROW * len(panel.rows) + _FOOT
    title = texts("head.technology", place=panel.place, year=panel.year)
    drawing = Drawing(name, WIDTH, height, title, technology_words(panel, texts))
    _heads(drawing, panel, texts)
    axis = Axis(_BARS_LEFT, _BARS_RIGHT)
    bottom = _TOP + _ROW * len(panel.rows)
    axis.draw(drawing, _TOP, bottom, (0.0, 0.5, 1.0))
    for n, row in enumerate(panel.rows):
        top = _TOP + _ROW * n
        if n:
            drawing.line(0, top, WIDTH, top, "grid", 0.5)
        _row(drawing, row, panel.suppliers, axis, top, texts)
    _legend(drawing, panel, bottom + 20.0, texts)
    return drawing.render()


def technology_words(panel: TechnologyPanel, texts: Texts) -> str:
    """The chart in words, for readers who cannot see it."""
    items = "; ".join(
        texts(
            "alt.technology_item",
            technology=row.technology,
            held=figure_text(row.held),
            on=", ".join(
                f"{supplier} {figure_text(figure)}"
                for supplier, figure in zip(panel.suppliers, row.on, strict=True)
                if figure is not None
            ),
        )
        for row in panel.rows
    )
    return texts("alt.technology", place=panel.place, items=items)


def _heads(drawing: Drawing, panel: TechnologyPanel, texts: Texts) -> None:
    title = texts("head.technology", place=panel.place, year=panel.year)
    drawing.text(0, 10, title, 10.5, bold=True)
    drawing.text(_LABELS, 24, texts("word.stages_in_order"), TINY_SIZE, fill="muted")
    drawing.text(_BARS_LEFT, 24, texts("word.mean_dependence"), TINY_SIZE, fill="muted")


def _row(
    drawing: Drawing,
    row: TechnologyRow,
    suppliers: Sequence[str],
    axis: Axis,
    top: float,
    texts: Texts,
) -> None:
    for n, line in enumerate(wrap_text(row.technology, _LABELS - 8, LABEL_SIZE, 2, bold=True)):
        drawing.text(0, top + 20 + 9.5 * n, line, LABEL_SIZE, bold=True)
    lines = len(wrap_text(row.technology, _LABELS - 8, LABEL_SIZE, 2, bold=True))
    for n, line in enumerate(_held(row, texts)):
        drawing.text(0, top + 20 + 9.5 * lines + 8.5 * n, line, TINY_SIZE, fill="muted")
    for n, cell in enumerate(row.cells[:_MOST_STAGES]):
        _cell(drawing, cell, suppliers, _LABELS + (_CELL + _GAP) * n, top, texts)
    for n, (supplier, figure) in enumerate(zip(suppliers, row.on, strict=True)):
        _mean(drawing, supplier, figure, n, axis, top + 17 + 19.0 * n, texts)


def _held(row: TechnologyRow, texts: Texts) -> list[str]:
    """How many of the known stages are held, and how many are not known."""
    known = sum(cell.controlled.value is not None for cell in row.cells)
    lines = [texts("word.held_of", held=row.held_stages, known=known)]
    if known < len(row.cells):
        lines.append(texts("word.not_known", count=len(row.cells) - known))
    return lines


def _cell(
    drawing: Drawing,
    cell: TechnologyCell,
    suppliers: Sequence[str],
    left: float,
    top: float,
    texts: Texts,
) -> None:
    known = cell.controlled.value is not None
    drawing.text(left, top + 11, fit_text(cell.stage, _CELL, TINY_SIZE), TINY_SIZE, tip=cell.stage)
    tip = figure_tip(cell.controlled, cell.stage, texts)
    box = top + _HEAD
    if known:
        tint = _PALE + (_FULL - _PALE) * float(cell.controlled.value or 0.0)
        drawing.rect(left, box, _CELL, _BOX, "place", opacity=tint)
    else:
        drawing.rect(left, box, _CELL, _BOX, "loss", hatched=True)
    rim = _DASH if cell.judged or not known else ""
    drawing.rect(left, box, _CELL, _BOX, "none", stroke="axis", stroke_width=0.8, dash=rim, tip=tip)
    words = figure_text(cell.controlled).value
    size = LABEL_SIZE if known else SMALL_SIZE
    drawing.text(left + 4, box + 13, words, size, bold=known, italic=not known, halo=True)
    for n, figure in enumerate(cell.on):
        if figure is not None:
            _small_bar(drawing, suppliers[n], figure, n, left, box, texts)


def _small_bar(
    drawing: Drawing,
    supplier: str,
    figure: Figure,
    n: int,
    left: float,
    box: float,
    texts: Texts,
) -> None:
    """Dependence on one supplier at the foot of a cell: a bar on its track, and its number."""
    y, inside = box + _BOX - 17 + 8.0 * n, _CELL - 8 - _NUMBER
    tip = figure_tip(figure, texts("word.made_in", supplier=supplier), texts)
    number = "?" if figure.value is None else figure_text(figure).value.removesuffix("\u00a0%")
    drawing.text(left + _CELL - 4, y + 4.6, number, _DIGITS, anchor="end", halo=True, tip=tip)
    if figure.value is None:
        drawing.rect(left + 4, y, inside, _BAR, "axis", hatched=True, tip=tip)
        return
    drawing.rect(left + 4, y, inside, _BAR, "paper", stroke="axis", stroke_width=0.35, tip=tip)
    if figure.value > 0.0:
        drawing.rect(left + 4, y, max(0.6, inside * figure.value), _BAR, _hue(n), tip=tip)


def _mean(
    drawing: Drawing,
    supplier: str,
    figure: Figure | None,
    n: int,
    axis: Axis,
    top: float,
    texts: Texts,
) -> None:
    """Mean dependence over the stages, with its band and numbers."""
    if figure is None:
        drawing.text(
            axis.left + 3, top + 7, texts("word.itself", supplier=supplier), TINY_SIZE, fill="muted"
        )
        return
    words, tip = figure_text(figure), figure_tip(figure, supplier, texts)
    if figure.value is None:
        drawing.text(axis.left + 3, top + 7, words.value, TINY_SIZE, italic=True, tip=tip)
        return
    drawing.rect(axis.left, top, max(0.8, axis.at(figure.value) - axis.left), 9, _hue(n), tip=tip)
    band_line(drawing, figure, axis, top + 11.5, "ink")
    drawing.text(_VALUES, top + 6.5, words.value, SMALL_SIZE, anchor="end", bold=True)
    drawing.text(_VALUES, top + 13.6, words.band, TINY_SIZE, anchor="end", fill="muted")
    drawing.text(_BARS_RIGHT + 6, top + 6.5, supplier, TINY_SIZE, fill="muted")


def _hue(n: int) -> str:
    """China's bars are orange, those of the United States black: apart in grey as well."""
    return ("against", "ink")[n % 2]


def _legend(drawing: Drawing, panel: TechnologyPanel, y: float, texts: Texts) -> None:
    x = 0.0
    for n, supplier in enumerate(panel.suppliers):
        drawing.rect(x, y, 16, _BAR + 1, _hue(n))
        drawing.text(x + 20, y + 5.5, texts("word.made_in", supplier=supplier), TINY_SIZE)
        x += 158
    for share in (0.0, 0.5, 1.0):
        drawing.rect(x, y - 3, 16, 10, "place", opacity=_PALE + (_FULL - _PALE) * share)
        x += 16
    drawing.text(x + 4, y + 5.5, texts("word.controlled_tint"), TINY_SIZE)
    x += 138
    drawing.rect(x, y - 3, 18, 10, "none", stroke="axis", stroke_width=0.8, dash=_DASH)
    drawing.text(x + 22, y + 5.5, texts("word.judged_rim"), TINY_SIZE)
    x += 102
    drawing.rect(x, y - 3, 18, 10, "loss", hatched=True, stroke="axis", dash=_DASH)
    drawing.text(x + 22, y + 5.5, texts("word.unknown_hatched"), TINY_SIZE)
    drawing.text(0, y + 18, texts("lead.technology"), TINY_SIZE, fill="muted")
