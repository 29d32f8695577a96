"""The frame that the bar charts share: a 0-100 % axis, row labels, bands, and missing values."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone.report.brief_content import Figure
from lodestone.report.drawing import Drawing, fit_text

LABEL_SIZE, SMALL_SIZE, TINY_SIZE = 8.4, 7.2, 6.6


@dataclass(frozen=True)
class Axis:
    """A horizontal axis of shares from 0 at `left` to `top_share` at `right`.

    `right` may lie left of `left`: then the axis grows to the left.
    """

    left: float
    right: float
    top_share: float = 1.0

    def at(self, share: float) -> float:
        """Position of a share; beyond the ends it stops at the end."""
        part = min(max(share / self.top_share, 0.0), 1.0)
        return self.left + part * (self.right - self.left)

    def draw(self, drawing: Drawing, top: float, bottom: float, ticks: tuple[float, ...]) -> None:
        """Grid lines with their percentages below."""
        for tick in ticks:
            x = self.at(tick)
            drawing.line(x, top, x, bottom, "axis" if tick == 0 else "grid", 0.5)
            unit = " %" if tick == ticks[-1] else ""
            drawing.text(
                x, bottom + 8, f"{tick * 100:.0f}{unit}", TINY_SIZE, fill="muted", anchor="middle"
            )


def row_label(drawing: Drawing, y: float, material: str, stage: str, room: float) -> None:
    """Material above, stage below, at the left edge; shortened where there is no room."""
    short = fit_text(material, room, LABEL_SIZE, bold=True)
    drawing.text(
        0, y - 1.2, short, LABEL_SIZE, bold=True, tip=material if short != material else ""
    )
    drawing.text(0, y + 7.0, fit_text(stage, room, SMALL_SIZE), SMALL_SIZE, fill="muted")


def band_line(drawing: Drawing, figure: Figure, axis: Axis, y: float, colour: str) -> None:
    """The band as a line with end caps, dashed at grade C; nothing where there is no band."""
    if figure.low is None or figure.high is None:
        return
    x1, x2 = axis.at(figure.low), axis.at(figure.high)
    drawing.line(x1, y, x2, y, colour, 1.3, dash="2.2 1.6" if figure.grade == "C" else "")
    for x in (x1, x2):
        drawing.line(x, y - 2, x, y + 2, colour, 0.9)
