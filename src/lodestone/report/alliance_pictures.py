"""Pictures of an alliance's answer as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lodestone.report.brief import write_whole
from lodestone.report.charts.alliance import (
    InvestmentBar,
    MovedFlow,
    ShareRow,
    WorthBar,
    flows_chart,
    flows_words,
    investment_chart,
    investment_words,
    shares_chart,
    shares_words,
    staying_out_chart,
    staying_words,
    worth_chart,
    worth_words,
)
from lodestone.report.paper import picture_png
from lodestone.report.pictures import Picture


def write_alliance(
    name: str,
    words: str,
    bars: Sequence[WorthBar],
    rows: Sequence[ShareRow],
    flows: Sequence[MovedFlow],
    out: Path,
) -> tuple[Path, ...]:
    """Write `worth`, `shares`, `staying-out` and `flows` as SVG and PNG into a folder.

    The same numbers give the same bytes.

    Parameters
    ----------
    name : part of the file names
    words : what the alliance is held against, for the titles
    """
    titles = {
        "worth": f"What acting together is worth, against {words}",
        "shares": f"Who gets what, against {words}",
        "staying-out": f"Who would rather stay out, against {words}",
        "flows": f"What moves when they act together, against {words}",
    }
    drawn = {
        "worth": (worth_words(bars), worth_chart(titles["worth"], bars)),
        "shares": (shares_words(rows), shares_chart(titles["shares"], rows)),
        "staying-out": (staying_words(rows), staying_out_chart(titles["staying-out"], rows)),
        "flows": (flows_words(flows), flows_chart(titles["flows"], flows)),
    }
    out.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for key, (text, svg) in drawn.items():
        if key == "flows" and not flows:
            continue
        written += _written(f"{name}-{key}", Picture(key, titles[key], "", text, svg, (), ()), out)
    return tuple(written)


def write_investment(bars: Sequence[InvestmentBar], out: Path) -> tuple[Path, ...]:
    """Write `alliance-joint-investment` as SVG and PNG: capital by place, alone and together."""
    title = "Where capital goes: plans of each, and the joint plan"
    svg = investment_chart(title, bars)
    out.mkdir(parents=True, exist_ok=True)
    picture = Picture("investment", title, "", investment_words(bars), svg, (), ())
    return tuple(_written("joint-investment", picture, out))


def _written(name: str, picture: Picture, out: Path) -> list[Path]:
    return [
        write_whole(out / f"alliance-{name}.{ending}", content)
        for ending, content in (("svg", picture.svg.encode()), ("png", picture_png(picture)))
    ]
