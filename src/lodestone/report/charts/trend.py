"""Dependence over the years: one small chart per material, all on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lodestone.report.brief_content import Figure, TrendSeries
from lodestone.report.charts.frame import SMALL_SIZE, TINY_SIZE
from lodestone.report.drawing import HALF_WIDTH, Drawing, fit_text, path_data, text_width
from lodestone.report.number_text import UNKNOWN, figure_text, figure_tip
from lodestone.report.texts import Texts

_ACROSS, _GUTTER, _HEAD, _PLOT, _FOOT, _AXIS = 3, 9.0, 19.0, 63.0, 15.0, 15.0
_PANEL = (HALF_WIDTH - _GUTTER * (_ACROSS - 1)) / _ACROSS


def trend_chart(series: Sequence[TrendSeries], texts: Texts) -> str:
    """Draw small multiples with bands; dashed where an end of the segment has grade C.

    A year without data breaks the line: it is not bridged and not zero.
    """
    down = -(-len(series) // _ACROSS)
    first, last = year_span(series)
    drawing = Drawing(
        "trends",
        HALF_WIDTH,
        down * (_HEAD + _PLOT + _FOOT),
        texts("head.trends", first=first, last=last),
        trend_words(series, texts),
    )
    for i, one in enumerate(series):
        left = (i % _ACROSS) * (_PANEL + _GUTTER)
        top = (i // _ACROSS) * (_HEAD + _PLOT + _FOOT)
        _panel(drawing, one, _Frame(left, top, first, last), texts)
    return drawing.render()


def year_span(series: Sequence[TrendSeries]) -> tuple[int, int]:
    """First and last year of all series together."""
    years = [p.year for one in series for p in one.points if p.year is not None]
    return min(years, default=0), max(years, default=0)


def trend_words(series: Sequence[TrendSeries], texts: Texts) -> str:
    """The trends in words, for readers who cannot see them."""
    items = "; ".join(
        texts(
            "alt.trends_item",
            material=one.material,
            stage=one.stage,
            first=one.points[0].year,
            first_text=figure_text(one.points[0]),
            last=one.points[-1].year,
            last_text=figure_text(one.points[-1]),
        )
        for one in series
        if one.points
    )
    return texts("alt.trends", items=items)


@dataclass(frozen=True)
class _Frame:
    """Where one small chart lies, and how a year and a share become a point in it."""

    left: float
    top: float
    first: int
    last: int

    @property
    def floor(self) -> float:
        return self.top + _HEAD + _PLOT

    @property
    def start(self) -> float:
        return self.left + _AXIS

    @property
    def end(self) -> float:
        return self.left + _PANEL

    def x(self, year: int) -> float:
        part = (year - self.first) / max(self.last - self.first, 1)
        return self.start + 3 + part * (self.end - self.start - 6)

    def y(self, share: float) -> float:
        return self.floor - min(max(share, 0.0), 1.0) * (_PLOT - 3)


def _panel(drawing: Drawing, one: TrendSeries, frame: _Frame, texts: Texts) -> None:
    short = fit_text(one.material, _PANEL, SMALL_SIZE, bold=True)
    tip = one.material if short != one.material else ""
    drawing.text(frame.left, frame.top + 7, short, SMALL_SIZE, bold=True, tip=tip)
    stage = fit_text(one.stage, _PANEL, TINY_SIZE)
    drawing.text(frame.left, frame.top + 14.6, stage, TINY_SIZE, fill="muted")
    _axes(drawing, frame)
    for run in _runs(one.points, banded=True):
        _band(drawing, run, frame)
    for run in _runs(one.points):
        _line(drawing, run, frame, f"{one.material}, {one.stage}", texts)
    _last_value(drawing, one.points, frame)


def _axes(drawing: Drawing, frame: _Frame) -> None:
    for share in (0.0, 0.5, 1.0):
        y = frame.y(share)
        drawing.line(frame.start, y, frame.end, y, "axis" if share == 0 else "grid", 0.5)
        drawing.text(
            frame.start - 2,
            y + 2.1,
            f"{share * 100:.0f}",
            TINY_SIZE - 0.6,
            fill="muted",
            anchor="end",
        )
    below = frame.floor + 8
    drawing.text(frame.start, below, str(frame.first), TINY_SIZE, fill="muted")
    if frame.last > frame.first:
        drawing.text(frame.end, below, str(frame.last), TINY_SIZE, fill="muted", anchor="end")


def _last_value(drawing: Drawing, points: Sequence[Figure], frame: _Frame) -> None:
    """Print the last known value beside its point, on the side that has room."""
    known = [spot for run in _runs(points) for spot in run]
    if not known:
        middle = (frame.start + frame.end) / 2
        drawing.text(
            middle,
            frame.y(0.5) - 3,
            UNKNOWN,
            SMALL_SIZE,
            fill="muted",
            italic=True,
            anchor="middle",
        )
        return
    spot = known[-1]
    y = frame.y(spot.value)
    words = figure_text(spot.figure).value
    half = text_width(words, SMALL_SIZE) / 2
    x = min(frame.x(spot.year), frame.end - half)
    drawing.text(
        x,
        y + 10 if y < frame.top + _HEAD + 14 else y - 5,
        words,
        SMALL_SIZE,
        bold=True,
        anchor="middle",
        halo=True,
    )


@dataclass(frozen=True)
class _Spot:
    """A point that can be drawn: its year and value are known."""

    year: int
    value: float
    low: float
    high: float
    figure: Figure


def _runs(points: Sequence[Figure], banded: bool = False) -> Iterator[list[_Spot]]:
    """Stretches of points without a gap (with `banded`: whose band is known)."""
    run: list[_Spot] = []
    for p in points:
        bare = p.low is None or p.high is None
        if p.value is None or p.year is None or (banded and bare):
            if run:
                yield run
            run = []
            continue
        low = p.value if p.low is None else p.low
        high = p.value if p.high is None else p.high
        run.append(_Spot(p.year, p.value, low, high, p))
    if run:
        yield run


def _band(drawing: Drawing, run: Sequence[_Spot], frame: _Frame) -> None:
    upper: list[str | float] = []
    for n, spot in enumerate(run):
        upper += ["L" if n else "M", frame.x(spot.year), frame.y(spot.high)]
    for spot in reversed(run):
        upper += ["L", frame.x(spot.year), frame.y(spot.low)]
    drawing.path(path_data([*upper, "Z"]), fill="against", opacity=0.18)


def _line(drawing: Drawing, run: Sequence[_Spot], frame: _Frame, label: str, texts: Texts) -> None:
    for a, b in pairwise(run):
        weak = "C" in (a.figure.grade, b.figure.grade)
        drawing.line(
            frame.x(a.year),
            frame.y(a.value),
            frame.x(b.year),
            frame.y(b.value),
            "against",
            1.5,
            dash="2.4 1.8" if weak else "",
        )
    for spot in run:
        fill = "paper" if spot.figure.grade == "C" else "against"
        drawing.circle(
            frame.x(spot.year),
            frame.y(spot.value),
            1.3,
            fill,
            stroke="against",
            width=0.8,
            tip=figure_tip(spot.figure, label, texts),
        )
