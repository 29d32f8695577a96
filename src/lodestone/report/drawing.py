"""A small, deterministic SVG writer.

Lengths are points on paper (a full-width figure is 493 wide, the text width of an A4 page), so
an 8-point label is 8 points in print. Colours are names of `palette.PALETTE`: written as plain
attributes for paper, and as classes so that a page can recolour them in the dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from lodestone.report.palette import PALETTE

FULL_WIDTH = 493.0
HALF_WIDTH = 238.0
FONT_STACK = "'Source Sans 3','Source Sans Pro','Segoe UI',Arial,'Helvetica Neue',sans-serif"

# Advance widths in hundredths of an em, from the metrics that Arial, Helvetica and Liberation
# Sans share. They are wider than our own face, so what fits by them fits on paper too.
_WIDTHS = {
    char: width
    for width, chars in {
        19: "'",
        22: "ijl",
        28: " !,./:;I[\\]ft|",
        33: "()-`r{}·",
        36: '"*',
        50: "Jcksvxyz^",
        56: "#$0123456789?L_abdeghnopqu–",
        58: "+<=>~−≥≤×",
        61: "FTZ",
        67: "&ABEKPSVXY",
        72: "CDHNRUw",
        78: "GOQ",
        83: "Mm",
        89: "%",
        97: "W",
        102: "@…",
    }.items()
    for char in chars
}
_WIDEST = 100
_HATCH_STEP = 4.5


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a text in points, on the safe (wide) side."""
    total = sum(
        _WIDTHS.get(char, 56 if char.isalpha() and ord(char) < 0x250 else _WIDEST)
        if char != "\u00a0"
        else 28
        for char in text
    )
    return total / 100 * size * (1.06 if bold else 1.0)


def fit_text(text: str, room: float, size: float, bold: bool = False) -> str:
    """The text if it fits into `room` points, else its beginning and an ellipsis."""
    if text_width(text, size, bold) <= room:
        return text
    for end in range(len(text) - 1, 0, -1):
        short = text[:end].rstrip() + "…"
        if text_width(short, size, bold) <= room:
            return short
    return "…"


def wrap_text(text: str, room: float, size: float, lines: int, bold: bool = False) -> list[str]:
    """Break a text into at most `lines` lines of `room` points; the last may be shortened."""
    wrapped: list[str] = []
    rest = text.split()
    while rest and len(wrapped) < lines:
        count = 1
        while count < len(rest) and text_width(" ".join(rest[: count + 1]), size, bold) <= room:
            count += 1
        if len(wrapped) == lines - 1:
            count = len(rest)
        wrapped.append(fit_text(" ".join(rest[:count]), room, size, bold))
        rest = rest[count:]
    return wrapped


class Drawing:
    """Collects shapes in drawing order and renders them as one SVG document.

    `name` prefixes every id inside, so that several drawings can live in one page.
    """

    def __init__(self, name: str, width: float, height: float, title: str, description: str):
        self.name, self.width, self.height = name, width, height
        self._title, self._description = title, description
        self._hatches = 0
        self._parts: list[str] = []

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str,
        width: float = 0.6,
        dash: str = "",
    ) -> None:
        """A straight line."""
        self._element(
            "line",
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            stroke=stroke,
            stroke_width=width,
            stroke_dasharray=dash or None,
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        stroke: str = "",
        stroke_width: float = 0.6,
        dash: str = "",
        radius: float = 0.0,
        hatched: bool = False,
        opacity: float | None = None,
        tip: str = "",
    ) -> None:
        """A rectangle, filled plainly or hatched."""
        if hatched:
            outline = f"M{_num(x)} {_num(y)}h{_num(width)}v{_num(height)}h{_num(-width)}Z"
            self._hatch(outline, (x, y, width, height), fill, opacity)
        self._element(
            "rect",
            tip,
            x=x,
            y=y,
            width=width,
            height=height,
            rx=radius or None,
            fill=None if hatched else fill,
            fill_opacity=0 if hatched else None,
            stroke=stroke or None,
            stroke_width=stroke_width if stroke else None,
            stroke_dasharray=dash or None,
            opacity=opacity,
        )

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        fill: str,
        *,
        stroke: str = "",
        width: float = 1.2,
        tip: str = "",
    ) -> None:
        """A circle."""
        self._element(
            "circle",
            tip,
            cx=x,
            cy=y,
            r=radius,
            fill=fill,
            stroke=stroke or None,
            stroke_width=width if stroke else None,
        )

    def path(
        self,
        commands: str,
        *,
        fill: str = "none",
        stroke: str = "",
        width: float = 1.0,
        dash: str = "",
        opacity: float | None = None,
        tip: str = "",
        hatched_in: tuple[float, float, float, float] | None = None,
    ) -> None:
        """A free path; `commands` is SVG path data.

        To hatch it, give its bounding box (x, y, width, height) as `hatched_in`.
        """
        if hatched_in:
            self._hatch(commands, hatched_in, fill, opacity)
        self._element(
            "path",
            tip,
            d=commands,
            fill=None if hatched_in else fill,
            fill_opacity=0 if hatched_in else None,
            stroke=stroke or None,
            stroke_width=width if stroke else None,
            stroke_dasharray=dash or None,
            stroke_linejoin="round" if stroke else None,
            opacity=opacity,
        )

    def text(
        self,
        x: float,
        y: float,
        content: str,
        size: float,
        *,
        fill: str = "ink",
        anchor: str = "start",
        bold: bool = False,
        italic: bool = False,
        halo: bool = False,
        tip: str = "",
    ) -> None:
        """One line of text; `halo` draws a paper-coloured rim so that it reads over shapes."""
        tag = "text"
        common = {
            "x": x,
            "y": y,
            "font_size": size,
            "text_anchor": None if anchor == "start" else anchor,
            "font_weight": 600 if bold else None,
            "font_style": "italic" if italic else None,
        }
        if halo:
            # Two texts rather than paint-order, which not every renderer knows.
            self._element(
                tag,
                "",
                content,
                **common,
                fill="paper",
                stroke="paper",
                stroke_width=2.4,
                stroke_linejoin="round",
                aria_hidden="true",
            )
        self._element(tag, tip, content, **common, fill=fill)

    def render(self) -> str:
        """The whole SVG document as text."""
        w, h = _num(self.width), _num(self.height)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" '
            f'height="{h}" role="img" aria-labelledby="{self.name}-title {self.name}-desc" '
            f"font-family={quoteattr(FONT_STACK)}>"
            f'<title id="{self.name}-title">{escape(self._title)}</title>'
            f'<desc id="{self.name}-desc">{escape(self._description)}</desc>'
        )
        return "\n".join([head, *self._parts, "</svg>\n"])

    def _hatch(
        self,
        outline: str,
        box: tuple[float, float, float, float],
        colour: str,
        opacity: float | None,
    ) -> None:
        """Diagonal lines clipped to an outline.

        Drawn one by one: a tiled pattern shows seams in PDF viewers.
        """
        x, y, width, height = box
        self._hatches += 1
        name = f"{self.name}-clip-{self._hatches}"
        self._parts.append(f'<clipPath id="{name}"><path d="{outline}"/></clipPath>')
        foot, lines = x - height, []
        while foot < x + width:
            lines.append(f"M{_num(foot)} {_num(y + height)}l{_num(height)} {_num(-height)}")
            foot += _HATCH_STEP
        self._element(
            "path",
            d="".join(lines),
            fill="none",
            stroke=colour,
            stroke_width=1.5,
            opacity=opacity,
            clip_path=f"url(#{name})",
        )

    def _element(self, tag: str, tip: str = "", content: str = "", **attributes: object) -> None:
        written = [f"<{tag}"]
        classes = []
        for key, item in attributes.items():
            if item is None:
                continue
            name = key.replace("_", "-")
            if key in ("fill", "stroke") and item in PALETTE:
                classes.append(f"{key[0]}-{item}")
                item = PALETTE[str(item)].light
            number = isinstance(item, (int, float))
            written.append(f"{name}={quoteattr(_num(float(item)) if number else str(item))}")  # type: ignore[arg-type]
        if classes:
            written.insert(1, f'class="{" ".join(classes)}"')
        inside = (f"<title>{escape(tip)}</title>" if tip else "") + escape(content)
        end = f">{inside}</{tag}>" if inside else "/>"
        self._parts.append(" ".join(written) + end)


def path_data(parts: Iterable[str | float]) -> str:
    """Join path letters and coordinates into SVG path data."""
    return " ".join(part if isinstance(part, str) else _num(part) for part in parts)


def _num(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
