"""Pictures of a risk answer as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lodestone.report.brief import write_whole
from lodestone.report.charts.risk import (
    Bar,
    Curve,
    convergence_chart,
    convergence_title,
    convergence_words,
    exceedance_chart,
    exceedance_title,
    exceedance_words,
    ranking_chart,
    ranking_title,
    ranking_words,
)
from lodestone.report.paper import picture_png
from lodestone.report.pictures import Picture


def write_risk(
    place: str,
    bars: Sequence[Bar],
    curve: Curve,
    steps: Sequence[tuple[float, float, float]],
    exact: float,
    out: Path,
) -> tuple[Path, ...]:
    """Write `ranking`, `exceedance` and `convergence` as SVG and PNG into a folder.

    The same numbers give the same bytes.
    """
    drawn = {
        "ranking": (ranking_title(place), ranking_words(bars), ranking_chart(place, bars)),
        "exceedance": (
            exceedance_title(place),
            exceedance_words(curve),
            exceedance_chart(place, curve),
        ),
        "convergence": (
            convergence_title(place),
            convergence_words(steps, exact),
            convergence_chart(place, steps, exact),
        ),
    }
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (title, words, svg) in drawn.items():
        picture = Picture(name, title, "", words, svg, (), ())
        for ending, content in (("svg", svg.encode()), ("png", picture_png(picture))):
            written.append(write_whole(out / f"risk-{name}.{ending}", content))
    return tuple(written)
