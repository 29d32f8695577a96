"""The brief as JSON: the envelope of every verb, one row per printed number, and the content.

`results` holds each figure with its labels, raw value and band, and `text`, the exact words
that stand in the PDF and on the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from lodestone.report.brief_content import BriefContent, CutOff, Figure, Finding, MaterialRow
from lodestone.report.charts.cutoff import price_words
from lodestone.report.number_text import figure_text
from lodestone.report.texts import Texts

_PAGES = ("headline", "finding", "dependence", "scoreboard", "cutoff", "loss", "risk", "comparison")


@dataclass(frozen=True)
class ResultRow:
    """One printed number: the part of the brief, its labels, and the figure.

    `of` is the code of the place it speaks of, where that is not the place of the brief.
    """

    section: str
    what: str
    figure: Figure
    material: str | None = None
    stage: str | None = None
    place: str | None = None
    measure: str | None = None
    of: str | None = None
    month: str | None = None

    @property
    def on_first_pages(self) -> bool:
        """Whether it is a main number, whose source is listed in the annex."""
        return self.section in _PAGES


def result_rows(content: BriefContent, texts: Texts) -> tuple[ResultRow, ...]:
    """Every printed number with its labels, in the order of printing."""
    return (
        *_front_rows(content, texts),
        *(row for cutoff in content.cutoffs for row in _cutoff_rows(cutoff, texts)),
        *_economy_rows(content, texts),
        *_plan_rows(content, texts),
        *_alliance_rows(content, texts),
        *_vault_rows(content, texts),
        *_chain_rows(content),
        *_trend_rows(content, texts),
        *_comparison_rows(content),
        *(row for m in content.materials for row in _material_rows(m, content, texts)),
        *_ledger_rows(content, texts),
    )


def brief_json(content: BriefContent, texts: Texts) -> str:
    """The envelope with results and full content, as JSON text with a final newline."""
    meta = content.meta
    envelope = {
        "query": {
            "verb": "brief",
            "place": meta.place_code,
            "against": meta.against_code,
            "year": meta.year,
            "command": meta.command,
        },
        "run_id": meta.run_id,
        "data_release": meta.data_release,
        "version": meta.version,
        "results": [_plain_row(row, content) for row in result_rows(content, texts)],
        "units": {"value": "column unit", "low": "column unit", "high": "column unit"},
        "sources": [asdict(source) for source in content.sources],
        "notes": [*content.notes, *content.unknowns],
        "content": asdict(content),
    }
    return json.dumps(envelope, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain_row(row: ResultRow, content: BriefContent) -> dict[str, Any]:
    figure = row.figure
    return {
        "section": row.section,
        "what": row.what,
        "material": row.material,
        "stage": row.stage,
        "place": row.of or content.meta.place_code,
        "origin": row.place,
        "measure": row.measure,
        "year": figure.year,
        "month": row.month,
        "value": figure.value,
        "low": figure.low,
        "high": figure.high,
        "unit": figure.unit,
        "text": str(figure_text(figure)),
        "grade": figure.grade or None,
        "kind": figure.kind,
        "sources": list(figure.sources),
        "id": figure.id,
        "note": figure.note,
    }


def _front_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    for head in content.headlines:
        yield ResultRow("headline", head.label, head.figure)
    for finding in content.findings:
        for what, figure in _told(finding):
            yield ResultRow("finding", what, figure)
    direct, through = texts("word.direct"), texts("word.through")
    for row in content.dependences:
        for lens, figure in ((direct, row.direct), (through, row.look_through)):
            what = f"{row.material}, {row.stage}: {lens}, {row.origin}"
            yield ResultRow("dependence", what, figure, row.material, row.stage, row.origin, lens)
    for board in content.scoreboard:
        yield ResultRow("scoreboard", f"{board.benchmark}: {texts('word.target')}", board.target)
        for weighing in board.values:
            what = f"{board.benchmark}: {weighing.basis}"
            yield ResultRow("scoreboard", what, weighing.figure, measure=weighing.basis)
        if board.worst is not None:
            what = f"{board.benchmark}: {texts('word.worst')}, {board.worst_case}"
            yield ResultRow("scoreboard", what, board.worst)


def _cutoff_rows(cutoff: CutOff, texts: Texts) -> Iterator[ResultRow]:
    """The numbers of the year, the sentence about the milder course, then every month."""
    name = f"{cutoff.material}, {cutoff.stage}"
    labels = (cutoff.material, cutoff.stage, cutoff.supplier)

    def row(section: str, measure: str, figure: Figure, of: str | None, month: str) -> ResultRow:
        what = f"{name}: {measure}{month and f', {month}'}"
        return ResultRow(section, what, figure, *labels, measure, of, month or None)

    outside = price_words(cutoff, texts)
    inside = texts("word.price_inside", supplier=cutoff.supplier)
    for key, figure in (
        ("first_year", cutoff.first_year),
        ("peak", cutoff.peak),
        ("later", cutoff.later),
    ):
        yield row("cutoff", f"{outside}, {texts(f'word.{key}').lower()}", figure, None, "")
    if cutoff.limit is not None:
        yield row("cutoff", texts("word.limit"), cutoff.limit, None, "")
    lost = {s.code: texts("word.use_lost", place=s.place) for s in cutoff.short}
    for s in cutoff.short:
        first = f"{lost[s.code]}, {texts('word.first_year').lower()}"
        yield row("cutoff", first, s.first_year, s.code, "")
        yield row("cutoff", f"{s.place}, {texts('word.recovery').lower()}", s.recovery, s.code, "")
    if cutoff.instead is not None:
        for what, figure in _told(cutoff.instead):
            yield ResultRow("cutoff", what, figure, *labels)
    for t, month in enumerate(cutoff.months):
        yield row("cutoff_month", outside, cutoff.outside[t], None, month)
        yield row("cutoff_month", inside, cutoff.inside[t], None, month)
        for s in cutoff.short:
            yield row("cutoff_month", lost[s.code], s.months[t], s.code, month)


def _economy_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    """Losses to the economy, and the ranking by likelihood times loss."""
    against = content.meta.against
    for loss in content.losses:
        for key, figure in (("loss", loss.loss), ("of_gdp", loss.share)):
            measure = texts(f"word.{key}")
            what = f"{loss.material}: {measure}"
            yield ResultRow("loss", what, figure, loss.material, place=against, measure=measure)
    for risk in content.risks:
        for key, figure in (("expected", risk.expected), ("chance", risk.chance)):
            measure = texts(f"word.{key}")
            what = f"{risk.material}, {risk.supplier}: {measure}"
            yield ResultRow(
                "risk", what, figure, risk.material, place=risk.supplier, measure=measure
            )


def _plan_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    """What to start first, and what it takes."""
    for one in content.plan:
        for key, figure in (("part", one.share), ("capital", one.capital)):
            measure = texts(f"word.{key}")
            what = f"{one.what}, {one.start}: {measure}"
            yield ResultRow("plan", what, figure, measure=measure)


def _alliance_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    """What acting together is worth, by coalition."""
    against = content.meta.against
    for one in content.alliance:
        for key, figure in (
            ("worth", one.worth),
            ("share", one.share),
            ("outside", one.outside),
        ):
            if figure is not None:
                measure = texts(f"word.{key}")
                what = f"{one.who}, {texts('word.against').lower()} {one.against}: {measure}"
                yield ResultRow("alliance", what, figure, place=against, measure=measure)


def _vault_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    """What a vault should hold, by material."""
    for one in content.vault:
        for key, figure in (
            ("sixty_cost", one.cost),
            ("sixty_avoided", one.avoided),
            ("per_dollar", one.per_dollar),
            ("next_day", one.next_day),
        ):
            measure = texts(f"word.{key}")
            what = f"{one.material}: {measure}"
            yield ResultRow("vault", what, figure, one.material, measure=measure)


def _told(finding: Finding) -> Iterator[tuple[str, Figure]]:
    """Each figure of a sentence, with the sentence in which it stands as `[…]`."""
    for n, figure in enumerate(finding.figures):
        what = finding.sentence.replace(f"{{{n}}}", "[…]")
        for other, told in enumerate(finding.figures):
            what = what.replace(f"{{{other}}}", figure_text(told).value)
        yield what, figure


def _chain_rows(content: BriefContent) -> Iterator[ResultRow]:
    for chain in content.chains:
        labels = {node.id: node.label for node in chain.nodes}
        for node in chain.nodes:
            what = f"{chain.material}, {node.stage}: {node.label}"
            yield ResultRow("chain", what, node.figure, chain.material, node.stage, node.label)
        for link in chain.links:
            what = f"{chain.material}: {labels[link.source]} → {labels[link.target]}"
            yield ResultRow("chain", what, link.figure, chain.material)


def _trend_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    for one in content.trends:
        for point in one.points:
            what = f"{one.material}, {one.stage}: {texts('word.through')}"
            yield ResultRow(
                "trend",
                what,
                point,
                one.material,
                one.stage,
                content.meta.against,
                texts("word.through"),
            )


def _comparison_rows(content: BriefContent) -> Iterator[ResultRow]:
    both = content.comparison
    for row in both.rows:
        for place, figure in ((both.first, row.first), (both.second, row.second)):
            what = f"{row.material}, {row.stage}: {place}"
            yield ResultRow("comparison", what, figure, row.material, row.stage, place)


def _material_rows(row: MaterialRow, content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    both = content.comparison
    for key, top in (
        ("top_direct", row.direct),
        ("top_mined", row.mined),
        ("top_refined", row.refined),
    ):
        if top is not None:
            measure = texts(f"word.{key}")
            yield ResultRow(
                "material",
                f"{row.material}: {measure}",
                top.figure,
                row.material,
                place=top.place,
                measure=measure,
            )
    plain = (
        (texts("word.on", against=both.first), row.on_first),
        (texts("word.on", against=both.second), row.on_second),
        (texts("word.reliance"), row.net_import_reliance),
        (texts("word.sr"), row.supply_risk),
        (texts("word.sr_official"), row.supply_risk_official),
        (texts("word.ei"), row.importance),
        (texts("word.ei_official"), row.importance_official),
    )
    for measure, figure in plain:
        if figure is not None:
            what = f"{row.material}: {measure}"
            yield ResultRow("material", what, figure, row.material, measure=measure)


def _ledger_rows(content: BriefContent, texts: Texts) -> Iterator[ResultRow]:
    for row in content.ledger:
        for key, figure in (("before", row.before), ("after", row.after)):
            measure = texts(f"word.{key}")
            what = f"{row.material}, {row.stage}, {row.flow}: {measure}"
            yield ResultRow("ledger", what, figure, row.material, row.stage, measure=measure)
