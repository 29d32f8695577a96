"""What a cut-off does to one material: prices outside and inside by month, and who goes without.

One panel a material, all on one scale. Above, the price outside (bold, with its band) and inside
(thin, dotted) in multiples of the base price on a logarithmic scale; below, a strip for each
place, filled as high as the share of its use that is lost.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lodestone.report.brief_content import CutOff, Figure, ShortPlace
from lodestone.report.charts.frame import LABEL_SIZE, SMALL_SIZE, TINY_SIZE
from lodestone.report.drawing import (
    HALF_WIDTH,
    Drawing,
    fit_text,
    path_data,
    text_width,
    wrap_text,
)
from lodestone.report.number_text import TIMES, figure_text, figure_tip
from lodestone.report.texts import Texts

_LEFT, _RIGHT, _TOP, _PLOT = 62.0, 176.0, 25.0, 70.0
_STRIPS, _ROW, _BAR, _FOOT, _NOTE, _TAIL = 15.0, 11.5, 9.0, 9.5, 7.8, 2.0
_APART, _MOST_NOTES = 7.5, 3
_NARROWEST = (0.8, 1.6)
#: Lower prices run along the foot of the plot: the supplier's goods are next to worthless.
_LOWEST = 0.05
_REACH = 3.0


@dataclass(frozen=True)
class CutOffScale:
    """What the panels of one set share, so that they can be compared.

    Attributes
    ----------
    low, high : ends of the price axis, in base prices
    months : months on the time axis
    rows, notes : places, and lines of note, that every panel has room for
    """

    low: float
    high: float
    months: int
    rows: int
    notes: int

    @property
    def height(self) -> float:
        """Height of a panel."""
        return _TOP + _PLOT + _STRIPS + _ROW * self.rows + _FOOT + _NOTE * self.notes + _TAIL

    @property
    def step(self) -> int:
        """Months from one mark of the time axis to the next: half a year, or whole years."""
        return 6 if self.months <= 36 else 12 * -(-self.months // 96)

    def x(self, months: float) -> float:
        """Where so many months after the cut-off lie."""
        return _LEFT + months / self.months * (_RIGHT - _LEFT)

    def y(self, price: float) -> float:
        """Height of a price; beyond the ends it stops at the end."""
        part = math.log(max(price, self.low) / self.low) / math.log(self.high / self.low)
        return _TOP + _PLOT - min(max(part, 0.0), 1.0) * _PLOT


def cutoff_scale(cutoffs: Sequence[CutOff]) -> CutOffScale:
    """The scale on which all of these can be drawn."""
    seen = [*_NARROWEST]
    for c in cutoffs:
        seen += [x for f in c.outside for x in (f.low, f.value, f.high) if x is not None]
        seen += [f.value for f in c.inside if f.value is not None]
    # The price at which users give up has its line where prices come near it.
    limits = [x for c in cutoffs if (x := _limit(c)) is not None and x <= _REACH * max(seen)]
    seen += limits
    return CutOffScale(
        low=max(min(seen), _LOWEST) / 1.08,
        high=max(seen) * 1.08,
        months=max((len(c.months) for c in cutoffs), default=1),
        rows=max((len(c.short) for c in cutoffs), default=0),
        notes=max((len(_note_lines(c)) for c in cutoffs), default=0),
    )


def cutoff_chart(cutoff: CutOff, scale: CutOffScale, name: str, texts: Texts) -> str:
    """Draw one panel; dashed and hatched at grade C, an unknown month leaves a gap."""
    drawing = Drawing(
        name, HALF_WIDTH, scale.height, cutoff_title(cutoff, texts), cutoff_words(cutoff, texts)
    )
    _title(drawing, cutoff, texts)
    _axes(drawing, cutoff, scale, texts)
    _prices(drawing, cutoff, scale, texts)
    top = _TOP + _PLOT + _STRIPS
    _strip_heads(drawing, top, texts)
    for i, row in enumerate(cutoff.short):
        _strip(drawing, row, cutoff, scale, top + _ROW * i, i, texts)
    bottom = top + _ROW * scale.rows
    for months in range(0, scale.months + 1, scale.step):
        drawing.text(
            scale.x(months), bottom + 7, str(months), TINY_SIZE, fill="muted", anchor="middle"
        )
    drawing.text(_RIGHT + 8, bottom + 7, texts("word.months"), TINY_SIZE, fill="muted")
    for n, line in enumerate(_note_lines(cutoff)):
        drawing.text(0, bottom + _FOOT + 7 + _NOTE * n, line, TINY_SIZE, fill="muted")
    return drawing.render()


def cutoff_title(cutoff: CutOff, texts: Texts) -> str:
    """Material and stage."""
    return texts("head.cutoff", material=cutoff.material, stage=cutoff.stage)


def cutoff_words(cutoff: CutOff, texts: Texts) -> str:
    """The panel in words, for readers who cannot see it."""
    last = _last(cutoff.inside)
    inside = texts("alt.cutoff_inside", supplier=cutoff.supplier, last=figure_text(last[1]))
    return texts(
        "alt.cutoff",
        event=cutoff.event,
        price=price_words(cutoff, texts),
        peak=figure_text(cutoff.peak),
        first=figure_text(cutoff.first_year),
        later=figure_text(cutoff.later),
        inside=f"; {inside}" if last[1].value is not None else "",
        items="; ".join(
            texts(
                "alt.cutoff_item",
                place=row.place,
                share=figure_text(row.first_year),
                recovery=figure_text(row.recovery),
            )
            for row in cutoff.short
        ),
        note=f" {cutoff.note}" if cutoff.note else "",
    )


def price_words(cutoff: CutOff, texts: Texts) -> str:
    """Name of the price that buyers beyond the supplier pay."""
    if not cutoff.supplier:
        return texts("word.price")
    return texts("word.price_outside", supplier=cutoff.supplier)


def _note_lines(cutoff: CutOff) -> list[str]:
    return wrap_text(cutoff.note, HALF_WIDTH, TINY_SIZE, _MOST_NOTES)


def _title(drawing: Drawing, cutoff: CutOff, texts: Texts) -> None:
    grade = cutoff.first_year.grade and texts("word.graded", grade=cutoff.first_year.grade)
    room = HALF_WIDTH - text_width(grade, TINY_SIZE) - 6
    short = fit_text(cutoff.material, room * 0.7, LABEL_SIZE, bold=True)
    drawing.text(
        0, 8, short, LABEL_SIZE, bold=True, tip=cutoff.material if short != cutoff.material else ""
    )
    at = text_width(short, LABEL_SIZE, bold=True) + 4
    stage = fit_text(cutoff.stage, room - at, SMALL_SIZE)
    drawing.text(at, 8, stage, SMALL_SIZE, fill="muted")
    drawing.text(HALF_WIDTH, 8, grade, TINY_SIZE, fill="muted", anchor="end")
    # With both bands if there is room, else with that of the first year, else shortened.
    first, later = figure_text(cutoff.first_year), figure_text(cutoff.later)
    key = "chart.cutoff_price" if cutoff.supplier else "chart.cutoff_price_all"
    lines = [texts(key, first=first, later=words) for words in (later, later.value)]
    line = next((x for x in lines if text_width(x, TINY_SIZE + 0.2) <= HALF_WIDTH), lines[-1])
    drawing.text(0, 18, fit_text(line, HALF_WIDTH, TINY_SIZE + 0.2), TINY_SIZE + 0.2)


# --- prices --------------------------------------------------------------------------------


def _axes(drawing: Drawing, cutoff: CutOff, scale: CutOffScale, texts: Texts) -> None:
    floor = _TOP + _PLOT
    for months in range(0, scale.months + 1, scale.step):
        x = scale.x(months)
        drawing.line(x, _TOP, x, floor, "axis" if months == 0 else "grid", 0.5)
    year = cutoff.first_year.year
    named = [(1.0, texts("chart.base", year=year) if year is not None else _times(1.0), True)]
    limit = _limit(cutoff)
    if limit is not None and scale.low <= limit <= scale.high:
        named.append((limit, texts("chart.limit", price=_times(limit)), False))
    taken: list[float] = []
    for price, words, base in [*named, *((p, _times(p), False) for p in _ticks(scale))]:
        y = scale.y(price)
        if any(abs(y - other) < _APART for other in taken):
            continue
        taken.append(y)
        plain = len(taken) > len(named)
        drawing.line(
            _LEFT,
            y,
            _RIGHT,
            y,
            "ink" if base else "grid" if plain else "axis",
            0.7 if base else 0.5,
            dash="" if plain or base else "1 2",
        )
        size = TINY_SIZE if base else TINY_SIZE - 0.4
        room = fit_text(words, _LEFT - 4, size)
        drawing.text(_LEFT - 3, y + 2.2, room, size, fill="ink" if base else "muted", anchor="end")


def _limit(cutoff: CutOff) -> float | None:
    return None if cutoff.limit is None else cutoff.limit.value


def _ticks(scale: CutOffScale) -> list[float]:
    """Powers of ten inside the scale, then fives, then twos: the order in which they get room.

    A scale of more than a hundredfold needs no twos.
    """
    steps = (1.0, 5.0) if scale.high > 100.0 * scale.low else (1.0, 5.0, 2.0)
    span = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    return [
        times * 10.0**power
        for times in steps
        for power in span
        if scale.low <= times * 10.0**power <= scale.high
    ]


def _times(price: float) -> str:
    return f"{price:g}\u00a0{TIMES}"


@dataclass(frozen=True)
class _Line:
    """How one price is drawn, and what stands at its end."""

    figures: Sequence[Figure]
    words: str
    colour: str
    width: float
    dash: str
    bold: bool


def _prices(drawing: Drawing, cutoff: CutOff, scale: CutOffScale, texts: Texts) -> None:
    weak = any(f.grade == "C" for f in cutoff.outside)
    words = texts("chart.outside") if cutoff.supplier else texts("chart.price")
    outside = _Line(cutoff.outside, words, "place", 1.9, "2.6 1.7" if weak else "", True)
    home = texts("chart.inside", supplier=cutoff.supplier)
    value = figure_text(_last(cutoff.inside)[1]).value
    fits = text_width(f"{home} {value}", SMALL_SIZE) <= HALF_WIDTH - _RIGHT - 4
    inside = _Line(
        cutoff.inside,
        home if fits else texts("chart.inside_short"),
        "through",
        1.1,
        "0.9 1.7",
        False,
    )
    for run in _runs(cutoff.outside, banded=True):
        _band(drawing, run, scale)
    for line in (inside, outside):
        for run in _runs(line.figures):
            drawing.path(
                path_data(_points(run, scale)), stroke=line.colour, width=line.width, dash=line.dash
            )
    _end_labels(drawing, (outside, inside), scale)
    for t, (out, own) in enumerate(zip(cutoff.outside, cutoff.inside, strict=True)):
        tip = figure_tip(out, f"{cutoff.months[t]}, {outside.words}", texts)
        if own.value is not None:
            tip += f"; {home} {figure_text(own)}"
        x = scale.x(t)
        drawing.rect(x, _TOP, scale.x(t + 1) - x, _PLOT, "paper", opacity=0, tip=tip)


def _runs(figures: Sequence[Figure], banded: bool = False) -> Iterator[list[tuple[int, Figure]]]:
    """Stretches of known months (with `banded`: whose band is known), counted from 0."""
    run: list[tuple[int, Figure]] = []
    for t, f in enumerate(figures):
        if f.value is None or (banded and None in (f.low, f.high)):
            if run:
                yield run
            run = []
        else:
            run.append((t, f))
    if run:
        yield run


def _points(run: list[tuple[int, Figure]], scale: CutOffScale) -> list[str | float]:
    """A line through the months; it sets out from 1, the price before the first of them."""
    start = [(0.0, 1.0)] if run[0][0] == 0 else []
    spots = [*start, *((t + 1.0, _known(f)) for t, f in run)]
    out: list[str | float] = []
    for n, (t, price) in enumerate(spots):
        out += ["L" if n else "M", scale.x(t), scale.y(price)]
    return out


def _band(drawing: Drawing, run: list[tuple[int, Figure]], scale: CutOffScale) -> None:
    start = [(0.0, 1.0, 1.0)] if run[0][0] == 0 else []
    spots = [*start, *((t + 1.0, f.low or 0.0, f.high or 0.0) for t, f in run)]
    upper: list[str | float] = []
    for n, (t, _, high) in enumerate(spots):
        upper += ["L" if n else "M", scale.x(t), scale.y(high)]
    for t, low, _ in reversed(spots):
        upper += ["L", scale.x(t), scale.y(low)]
    drawing.path(path_data([*upper, "Z"]), fill="place", opacity=0.2)


def _end_labels(drawing: Drawing, lines: Sequence[_Line], scale: CutOffScale) -> None:
    """Name each line at its end, where it ends, kept apart from each other."""
    ends = [
        (scale.y(_known(last[1])), last, line)
        for line in lines
        if _has(last := _last(line.figures))
    ]
    ends.sort(key=lambda e: e[0])
    heights = [min(max(e[0], _TOP + 3), _TOP + _PLOT - 2) for e in ends]
    for i in range(1, len(heights)):
        gap = _APART + 1.3 - (heights[i] - heights[i - 1])
        if gap > 0:
            heights[i - 1] -= gap / 2
            heights[i] += gap / 2
    for y, (_, (_, figure), line) in zip(heights, ends, strict=True):
        value = figure_text(figure).value
        room = HALF_WIDTH - _RIGHT - 4
        words = fit_text(
            line.words, room - text_width(f" {value}", SMALL_SIZE, line.bold), SMALL_SIZE, line.bold
        )
        drawing.text(
            _RIGHT + 4, y + 2.4, f"{words} {value}", SMALL_SIZE, fill=line.colour, bold=line.bold
        )


def _last(figures: Sequence[Figure]) -> tuple[int, Figure]:
    """The last known month, or the last if none is."""
    known = [(t, f) for t, f in enumerate(figures) if f.value is not None]
    return known[-1] if known else (len(figures) - 1, figures[-1])


def _has(last: tuple[int, Figure]) -> bool:
    return last[1].value is not None


def _known(figure: Figure) -> float:
    assert figure.value is not None
    return figure.value


# --- who goes without ----------------------------------------------------------------------


def _strip_heads(drawing: Drawing, top: float, texts: Texts) -> None:
    size = TINY_SIZE - 0.2
    drawing.text(0, top - 3, texts("chart.use_lost"), size, fill="muted")
    drawing.text(HALF_WIDTH, top - 3, texts("chart.first_year"), size, fill="muted", anchor="end")


def _strip(
    drawing: Drawing,
    row: ShortPlace,
    cutoff: CutOff,
    scale: CutOffScale,
    top: float,
    number: int,
    texts: Texts,
) -> None:
    """One place: a box a hundred per cent high, filled by the share lost in each month."""
    buyer = number == 0
    floor = top + _BAR
    name = fit_text(row.place, _LEFT - 5, SMALL_SIZE, bold=buyer)
    drawing.text(
        0, top + 7, name, SMALL_SIZE, bold=buyer, tip=row.place if name != row.place else ""
    )
    colour = "through" if row.place == cutoff.supplier else "place" if buyer else "other"
    label = texts("chart.use_lost_of", place=row.place)
    drawing.rect(
        _LEFT, top, _RIGHT - _LEFT, _BAR, "panel", stroke="grid", stroke_width=0.4,
        tip=figure_tip(row.first_year, label, texts),
    )  # fmt: skip
    for run in _runs(row.months):
        _filled(drawing, run, scale, floor, colour)
    drawing.line(_LEFT, floor, _RIGHT, floor, "axis", 0.5)
    words = str(figure_text(row.first_year))
    room = HALF_WIDTH - _RIGHT - 4
    size = SMALL_SIZE if text_width(words, SMALL_SIZE, buyer) <= room else TINY_SIZE - 0.6
    fitted = fit_text(words, room, size, buyer)
    drawing.text(HALF_WIDTH, top + 7, fitted, size, bold=buyer, anchor="end")


def _filled(
    drawing: Drawing, run: list[tuple[int, Figure]], scale: CutOffScale, floor: float, colour: str
) -> None:
    """Steps from month to month, closed at the floor; nothing where nothing is lost."""
    if not any(_known(f) > 0.0 for _, f in run):
        return
    left, right = scale.x(run[0][0]), scale.x(run[-1][0] + 1)
    steps: list[str | float] = ["M", left, floor]
    for t, f in run:
        y = floor - min(max(_known(f), 0.0), 1.0) * _BAR
        steps += ["L", scale.x(t), y, "L", scale.x(t + 1), y]
    outline = path_data([*steps, "L", right, floor, "Z"])
    if any(f.grade == "C" for _, f in run):
        drawing.path(outline, fill=colour, opacity=0.3)
        drawing.path(
            outline,
            fill=colour,
            stroke=colour,
            width=0.7,
            dash="2.2 1.6",
            hatched_in=(left, floor - _BAR, right - left, _BAR),
        )
    else:
        drawing.path(outline, fill=colour)
