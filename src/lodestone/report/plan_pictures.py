"""Pictures of a plan as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lodestone.report.brief import write_whole
from lodestone.report.charts.plan import (
    Bar,
    Part,
    Point,
    cost_chart,
    cost_title,
    cost_words,
    frontier_chart,
    frontier_title,
    frontier_words,
    gantt_chart,
    gantt_title,
    gantt_words,
)
from lodestone.report.paper import picture_png
from lodestone.report.pictures import Picture


def write_plan(
    place: str, bars: Sequence[Bar], parts: Sequence[Part], points: Sequence[Point], out: Path
) -> tuple[Path, ...]:
    """Write `gantt`, `cost` and, where there are two points or more, `frontier` as SVG and PNG.

    The same numbers give the same bytes.
    """
    drawn = {"cost": (cost_title(place), cost_words(parts), cost_chart(place, parts))}
    if bars:
        drawn["gantt"] = (gantt_title(place), gantt_words(bars), gantt_chart(place, bars))
    if len(points) > 1:
        drawn["frontier"] = (
            frontier_title(place),
            frontier_words(points),
            frontier_chart(place, points),
        )
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (title, words, svg) in drawn.items():
        picture = Picture(name, title, "", words, svg, (), ())
        for ending, content in (("svg", svg.encode()), ("png", picture_png(picture))):
            written.append(write_whole(out / f"plan-{name}.{ending}", content))
    return tuple(written)
