"""Pictures of a vault answer as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lodestone.report.brief import write_whole
from lodestone.report.charts.vault import (
    HeldBar,
    MoneyYear,
    budget_chart,
    budget_title,
    budget_words,
    contents_chart,
    contents_title,
    contents_words,
    money_chart,
    money_title,
    money_words,
    stock_chart,
    stock_title,
    stock_words,
)
from lodestone.report.paper import picture_png
from lodestone.report.pictures import Picture


def write_contents(
    place: str,
    bars: Sequence[HeldBar],
    points: Sequence[tuple[float, float]],
    marks: Sequence[tuple[str, float, float]],
    out: Path,
) -> tuple[Path, ...]:
    """Write `contents`, and `budget` where a budget was split, as SVG and PNG."""
    drawn = {"contents": (contents_title(place), contents_words(bars), contents_chart(place, bars))}
    if points:
        drawn["budget"] = (
            budget_title(place),
            budget_words(points, marks),
            budget_chart(place, points, marks),
        )
    return _written(drawn, out)


def write_stock(
    place: str, mean: Sequence[float], low: Sequence[float], out: Path
) -> tuple[Path, ...]:
    """Write `stock` as SVG and PNG."""
    drawn = {"stock": (stock_title(place), stock_words(mean, low), stock_chart(place, mean, low))}
    return _written(drawn, out)


def write_money(place: str, years: Sequence[MoneyYear], out: Path) -> tuple[Path, ...]:
    """Write `money` as SVG and PNG."""
    return _written(
        {"money": (money_title(place), money_words(years), money_chart(place, years))}, out
    )


def _written(drawn: dict[str, tuple[str, str, str]], out: Path) -> tuple[Path, ...]:
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, (title, words, svg) in drawn.items():
        picture = Picture(name, title, "", words, svg, (), ())
        for ending, content in (("svg", svg.encode()), ("png", picture_png(picture))):
            written.append(write_whole(out / f"vault-{name}.{ending}", content))
    return tuple(written)
