"""Origins of a company's supply: one bar a material and stage, cut into the countries behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.report.brief_content import Figure
from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.drawing import FULL_WIDTH, Drawing, fit_text, text_width
from lodestone.report.number_text import figure_text, figure_tip
from lodestone.report.texts import Texts

_ROW, _GAP, _BAR, _TOP, _FOOT = 13.5, 5.0, 9.8, 4.0, 14.0
_LABELS, _LEFT = 150.0, 156.0
_DOMINANT = 0.65
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class OriginBar:
    """One material and stage: the origins with their shares, largest first."""

    material: str
    stage: str
    parts: tuple[tuple[str, Figure], ...]


def origins_chart(bars: Sequence[OriginBar], title: str, texts: Texts) -> str:
    """Draw the bars; a part above 65 % is orange, grade C is hatched, words stand where they fit."""
    firsts = sum(1 for n, bar in enumerate(bars) if n and bar.material != bars[n - 1].material)
    height = _TOP + _ROW * len(bars) + _GAP * firsts + _FOOT
    drawing = Drawing("origins", FULL_WIDTH, height, title, origins_words(bars, texts))
    bottom = height - _FOOT
    for tick in _TICKS:
        x = _at(tick)
        drawing.line(x, _TOP, x, bottom, "grid", 0.5)
        unit = " %" if tick == _TICKS[-1] else ""
        anchor = "end" if tick == _TICKS[-1] else "middle"
        drawing.text(
            x, bottom + 9, f"{tick * 100:.0f}{unit}", TINY_SIZE, fill="muted", anchor=anchor
        )
    y = _TOP
    for n, bar in enumerate(bars):
        first = n == 0 or bar.material != bars[n - 1].material
        if first and n:
            y += _GAP
        _row(drawing, bar, y, first, texts)
        y += _ROW
    return drawing.render()


def origins_words(bars: Sequence[OriginBar], texts: Texts) -> str:
    """The chart in words, for readers who cannot see it."""
    items = "; ".join(
        texts(
            "alt.origins_item",
            material=bar.material,
            stage=bar.stage,
            parts=", ".join(f"{name} {figure_text(f)}" for name, f in bar.parts),
        )
        for bar in bars
    )
    return texts("alt.origins", items=items)


def _row(drawing: Drawing, bar: OriginBar, y: float, first: bool, texts: Texts) -> None:
    middle = y + _BAR / 2
    if first:
        label = fit_text(bar.material, 84, LABEL_SIZE, bold=True)
        drawing.text(0, middle + 2.8, label, LABEL_SIZE, bold=True)
    stage = fit_text(bar.stage, _LABELS - 90, SMALL_SIZE)
    drawing.text(88, middle + 2.6, stage, SMALL_SIZE, fill="muted")
    drawing.rect(_LEFT, y, _at(1.0) - _LEFT, _BAR, "paper", stroke="grid", stroke_width=0.5)
    start = 0.0
    for n, (name, figure) in enumerate(bar.parts):
        share = figure.value or 0.0
        _part(drawing, name, figure, (_at(start), y, _at(start + share)), n, bar, texts)
        start += share


def _part(
    drawing: Drawing,
    name: str,
    figure: Figure,
    box: tuple[float, float, float],
    n: int,
    bar: OriginBar,
    texts: Texts,
) -> None:
    x1, y, x2 = box
    colour = "against" if (figure.value or 0.0) > _DOMINANT else ("place" if n == 0 else "loss")
    opacity = 1.0 if n == 0 else max(0.4, 0.95 - 0.18 * n)
    drawing.rect(
        x1,
        y,
        x2 - x1,
        _BAR,
        colour,
        stroke="paper",
        stroke_width=0.7,
        hatched=figure.grade == "C",
        opacity=opacity,
        tip=figure_tip(figure, f"{bar.material}, {bar.stage}: {name}", texts),
    )
    words = f"{name} {figure_text(figure).value}"
    room = x2 - x1 - 4
    for text in (words, name):
        if text_width(text, TINY_SIZE, bold=n == 0) <= room:
            plain = n == 0 and figure.grade != "C"
            if figure.grade == "C":
                wide = text_width(text, TINY_SIZE, bold=n == 0)
                drawing.rect(x1 + 1.5, y + 1.4, wide + 1.5, _BAR - 2.8, "paper", opacity=0.92)
            drawing.text(
                x1 + 2.5,
                y + _BAR / 2 + 2.3,
                text,
                TINY_SIZE,
                fill="paper" if plain else "ink",
                bold=n == 0,
            )
            break


def _at(share: float) -> float:
    return _LEFT + min(max(share, 0.0), 1.0) * (FULL_WIDTH - 4 - _LEFT)
