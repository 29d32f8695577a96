"""Every picture of a brief: its drawing, its words, and its table twin."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone.report.brief_content import BriefContent, ChainFlow, CutOff, Figure
from lodestone.report.charts.comparison import comparison_chart, comparison_words
from lodestone.report.charts.cutoff import (
    CutOffScale,
    cutoff_chart,
    cutoff_scale,
    cutoff_title,
    cutoff_words,
    price_words,
)
from lodestone.report.charts.dependence import dependence_chart, dependence_words
from lodestone.report.charts.sankey import chain_words, is_weak, sankey_chart
from lodestone.report.charts.scoreboard import scoreboard_chart, scoreboard_words, target_words
from lodestone.report.charts.trend import trend_chart, trend_words, year_span
from lodestone.report.texts import Texts

Cell = str | Figure
MAIN_PICTURES = ("dependences", "scoreboard", "chain", "trends", "comparison")


@dataclass(frozen=True)
class Picture:
    """One chart as SVG text, with title, lead, words for those who cannot see it, and a table.

    `caption` is empty where the lead says enough.
    """

    name: str
    title: str
    lead: str
    words: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def draw_pictures(content: BriefContent, texts: Texts) -> dict[str, Picture]:
    """Draw every picture that has data, by name; what has none is absent, never empty.

    Names: `dependences`, `scoreboard`, `cutoff-1`, `cutoff-2`, ..., `chain` (the first) and
    `chain-2`, `chain-3`, ..., `trends`, `comparison`.
    """
    pictures: list[Picture] = []
    if content.dependences:
        pictures.append(_dependences(content, texts))
    if content.scoreboard:
        pictures.append(_scoreboard(content, texts))
    scale = cutoff_scale(content.cutoffs)
    for n, one in enumerate(content.cutoffs, start=1):
        pictures.append(cutoff_picture(one, scale, f"cutoff-{n}", texts))
    drawable = [chain for chain in content.chains if any(k.figure.value for k in chain.links)]
    for n, chain in enumerate(drawable, start=1):
        pictures.append(_chain(chain, "chain" if n == 1 else f"chain-{n}", texts))
    if content.trends:
        pictures.append(_trends(content, texts))
    if content.comparison.rows:
        pictures.append(_comparison(content, texts))
    return {picture.name: picture for picture in pictures}


def _dependences(content: BriefContent, texts: Texts) -> Picture:
    rows = content.dependences
    return Picture(
        name="dependences",
        title=texts("head.dependences_n", count=len(rows)),
        lead=texts("lead.dependences", place=content.meta.place, origin=content.meta.against),
        words=dependence_words(rows, texts),
        svg=dependence_chart(rows, texts),
        columns=_heads(texts, "material", "stage", "origin", "direct", "through"),
        rows=tuple((r.material, r.stage, r.origin, r.direct, r.look_through) for r in rows),
    )


def _scoreboard(content: BriefContent, texts: Texts) -> Picture:
    rows = content.scoreboard
    return Picture(
        name="scoreboard",
        title=texts("head.scoreboard"),
        lead=texts("lead.scoreboard", place=content.meta.place),
        words=scoreboard_words(rows, texts),
        svg=scoreboard_chart(rows, texts),
        columns=_heads(texts, "benchmark", "target", "basis", "value", "status"),
        rows=tuple(
            (row.benchmark, target_words(row, texts), basis, figure, texts(f"status.{row.status}"))
            for row in rows
            for basis, figure in [
                *((weighing.basis, weighing.figure) for weighing in row.values),
                *([(f"{texts('word.worst')}: {row.worst_case}", row.worst)] if row.worst else []),
            ]
        ),
    )


def cutoff_picture(cutoff: CutOff, scale: CutOffScale, name: str, texts: Texts) -> Picture:
    """One panel of a cut-off; its table says the year, then every month."""
    short = cutoff.short
    months = zip(cutoff.months, cutoff.outside, cutoff.inside, strict=True)
    # Nobody is cut off from anything without a supplier: there is no price inside.
    gap: tuple[Cell, ...] = ("",) if cutoff.supplier else ()
    blank: tuple[Cell, ...] = (*gap, *("" for _ in short))
    given: tuple[tuple[Cell, ...], ...] = (
        (texts("word.first_year"), cutoff.first_year, *gap, *(s.first_year for s in short)),
        (texts("word.peak"), cutoff.peak, *blank),
        (texts("word.later"), cutoff.later, *blank),
        (texts("word.recovery"), "", *gap, *(s.recovery for s in short)),
    )
    if cutoff.limit is not None:
        given += ((texts("word.limit"), cutoff.limit, *blank),)
    return Picture(
        name=name,
        title=cutoff_title(cutoff, texts),
        lead="",
        words=cutoff_words(cutoff, texts),
        svg=cutoff_chart(cutoff, scale, name, texts),
        columns=cutoff_columns(cutoff, texts),
        rows=(
            *given,
            *(
                (month, out, *((home,) if gap else ()), *(s.months[t] for s in short))
                for t, (month, out, home) in enumerate(months)
            ),
        ),
    )


def cutoff_columns(cutoff: CutOff, texts: Texts) -> tuple[str, ...]:
    """Heads of a cut-off's table."""
    return (
        texts("word.month"),
        price_words(cutoff, texts),
        *([texts("word.price_inside", supplier=cutoff.supplier)] if cutoff.supplier else []),
        *(texts("word.use_lost", place=row.place) for row in cutoff.short),
    )


def _chain(chain: ChainFlow, name: str, texts: Texts) -> Picture:
    labels = {node.id: f"{node.label} ({node.stage})" for node in chain.nodes}
    yes, no = texts("word.yes"), texts("word.no")
    return Picture(
        name=name,
        title=texts.heading("head.chain", material=chain.material, year=chain.year),
        lead=texts("lead.chain", material=chain.material),
        words=chain_words(chain, texts),
        svg=sankey_chart(chain, texts, name),
        columns=_heads(texts, "from", "to", "flow", "inferred"),
        rows=(
            *((labels[n.id], texts("word.total"), n.figure, "") for n in chain.nodes),
            *(
                (labels[k.source], labels[k.target], k.figure, yes if is_weak(k) else no)
                for k in chain.links
            ),
        ),
    )


def _trends(content: BriefContent, texts: Texts) -> Picture:
    first, last = year_span(content.trends)
    return Picture(
        name="trends",
        title=texts("head.trends", first=first, last=last),
        lead=texts("lead.trends", against=content.meta.against),
        words=trend_words(content.trends, texts),
        svg=trend_chart(content.trends, texts),
        columns=_heads(texts, "material", "stage", "year", "value"),
        rows=tuple(
            (one.material, one.stage, str(point.year or ""), point)
            for one in content.trends
            for point in one.points
        ),
    )


def _comparison(content: BriefContent, texts: Texts) -> Picture:
    both = content.comparison
    return Picture(
        name="comparison",
        title=texts.heading("head.comparison", first=both.first, second=both.second),
        lead=texts("lead.comparison"),
        words=comparison_words(both, texts),
        svg=comparison_chart(both, texts),
        columns=(*_heads(texts, "material", "stage"), both.first, both.second),
        rows=tuple((r.material, r.stage, r.first, r.second) for r in both.rows),
    )


def _heads(texts: Texts, *keys: str) -> tuple[str, ...]:
    return tuple(texts(f"word.{key}") for key in keys)
