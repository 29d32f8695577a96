"""The brief on paper: resolved words and numbers handed to a typst template, PDF bytes back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

from lodestone.report.brief_content import (
    BriefContent,
    CutOff,
    Figure,
    Finding,
    MaterialRow,
    TopOrigin,
)
from lodestone.report.envelope import result_rows
from lodestone.report.number_text import figure_text
from lodestone.report.pictures import MAIN_PICTURES, Cell, Picture
from lodestone.report.texts import Texts
from lodestone.report.wording import (
    ALLIANCE_COLUMNS,
    LEDGER_COLUMNS,
    LOSS_COLUMNS,
    PLAN_COLUMNS,
    PROVENANCE_COLUMNS,
    RISK_COLUMNS,
    VAULT_COLUMNS,
    Wording,
    errors_text,
    finding_parts,
    material_figures,
)
from lodestone.terms.errors import RequestError

PNG_PPI = 220.0
#: Months of a cut-off that the annex prints, counted from 0.
_PRINTED_MONTHS = (0, 2, 5, 11, 17, 23)


def brief_pdf(content: BriefContent, pictures: Mapping[str, Picture], texts: Texts) -> bytes:
    """Set the brief as tagged PDF (PDF/UA-1); the same content gives the same bytes.

    Raises
    ------
    RequestError
        If the texts of page 1 or 2 are too long for one page at the smallest size.
    """
    import typst

    template = (resources.files("lodestone.report") / "paper.typ").read_bytes()
    view = _paper_view(content, pictures, texts)
    files = {"main.typ": template, "brief.json": json.dumps(view, ensure_ascii=False).encode()}
    files |= {f"{name}.svg": picture.svg.encode() for name, picture in pictures.items()}
    issued = date.fromisoformat(content.meta.issued)
    try:
        return typeset(
            files,
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=datetime(issued.year, issued.month, issued.day, tzinfo=UTC),
        )
    except typst.TypstError as error:
        if "is too full" in str(error):
            raise RequestError(
                f"the decision brief: {error} -> shorten findings, labels or unknowns"
            ) from error
        raise


def picture_png(picture: Picture) -> bytes:
    """One picture as PNG on white, for slides and mail."""
    page = b'#set page(width: auto, height: auto, margin: 6pt)\n#image("figure.svg")\n'
    return typeset(
        {"main.typ": page, "figure.svg": picture.svg.encode()}, format="png", ppi=PNG_PPI
    )


def typeset(files: Mapping[str, bytes], **options: Any) -> bytes:
    """Run typst on files in memory with our own fonts only, so that every machine agrees."""
    import typst

    # The stubs of typst do not know that the input may be several files.
    compile_files: Any = typst.compile
    fonts = resources.files("lodestone.report") / "fonts"
    with resources.as_file(fonts) as folder:
        done = compile_files(dict(files), font_paths=[folder], ignore_system_fonts=True, **options)
    return bytes(done)


def _paper_view(
    content: BriefContent, pictures: Mapping[str, Picture], texts: Texts
) -> dict[str, Any]:
    """Everything the template prints, as plain JSON."""
    words = Wording(content, texts)
    issued = date.fromisoformat(content.meta.issued)
    return {
        "language": texts.language,
        "texts": _fixed(texts),
        "title": words.title,
        "subject": words.subject,
        "kicker": texts("title.kicker"),
        "dateline": words.dateline,
        "issued": [issued.year, issued.month, issued.day],
        "imprint": words.imprint,
        "page_of": texts("title.page", page="PAGE", pages="LAST"),
        "headlines": [{"label": h.label, "fig": _fig(h.figure, words)} for h in content.headlines],
        "findings": [_told(finding, words) for finding in content.findings],
        **_cutoffs_view(content, pictures, words),
        **_economy_view(content, words),
        "pictures": {
            name: {"title": p.title, "lead": p.lead, "words": p.words, "file": f"{name}.svg"}
            for name, p in pictures.items()
        },
        "missing": {
            name: dict(zip(("title", "words"), words.missing(name), strict=True))
            for name in MAIN_PICTURES
        },
        "further_chains": [name for name in pictures if name.startswith("chain-")],
        "grade_line": words.grade_line,
        "grades": words.grades,
        "reading": words.reading,
        "reading_first": words.reading_first,
        "unknowns": words.unknowns,
        "more_unknowns": words.more_unknowns,
        "all_unknowns": content.unknowns if words.more_unknowns else (),
        "citation": words.citation,
        "command": content.meta.command,
        **_annex_view(content, words),
    }


def _cutoffs_view(
    content: BriefContent, pictures: Mapping[str, Picture], words: Wording
) -> dict[str, Any]:
    """The panels of page 2 and, for the annex, their tables with the months that are printed."""
    names = [name for name in pictures if name.startswith("cutoff-")]
    return {
        "cutoffs": names,
        "cutoffs_lead": words.cutoffs_lead,
        "cutoffs_told": [_told(c.instead, words) for c in content.cutoffs if c.instead],
        "cutoffs_tables": [
            {
                "title": pictures[name].title,
                "columns": pictures[name].columns,
                "rows": [
                    [{"text": c} if isinstance(c, str) else {"fig": _fig(c, words)} for c in row]
                    for row in _printed_rows(pictures[name], cutoff)
                ],
            }
            for name, cutoff in zip(names, content.cutoffs, strict=True)
        ],
    }


def _economy_view(content: BriefContent, words: Wording) -> dict[str, Any]:
    """Losses and ranking of page 2."""
    texts = words.texts
    return {
        "losses_lead": texts("lead.losses", against=content.meta.against),
        "losses_columns": words.heads(*LOSS_COLUMNS),
        "losses": [
            {
                "material": row.material,
                "loss": _fig(row.loss, words),
                "share": _fig(row.share, words),
                "sectors": row.sectors,
            }
            for row in content.losses
        ],
        "risks_lead": texts("lead.risks"),
        "risks_columns": words.heads(*RISK_COLUMNS),
        "risks": [
            {
                "material": row.material,
                "supplier": row.supplier,
                "expected": _fig(row.expected, words),
                "chance": _fig(row.chance, words),
                "why": row.why,
            }
            for row in content.risks
        ],
        "plan_lead": texts("lead.plan"),
        "plan_columns": words.heads(*PLAN_COLUMNS),
        "plan": [
            {
                "what": row.what,
                "start": str(row.start),
                "capital": _fig(row.capital, words),
                "share": _fig(row.share, words),
                "numbers": row.numbers,
            }
            for row in content.plan
        ],
        "alliance_lead": texts("lead.alliance", against=content.meta.against),
        "alliance_columns": words.heads(*ALLIANCE_COLUMNS),
        "alliance": [
            {
                "against": row.against,
                "who": row.who,
                "worth": _fig(row.worth, words),
                "share": None if row.share is None else _fig(row.share, words),
                "outside": None if row.outside is None else _fig(row.outside, words),
            }
            for row in content.alliance
        ],
        "vault_lead": texts("lead.vault"),
        "vault_columns": words.heads(*VAULT_COLUMNS),
        "vault": [
            {
                "material": row.material,
                "cost": _fig(row.cost, words),
                "avoided": _fig(row.avoided, words),
                "per_dollar": _fig(row.per_dollar, words),
                "next_day": _fig(row.next_day, words),
            }
            for row in content.vault
        ],
    }


def _printed_rows(picture: Picture, cutoff: CutOff) -> Iterator[tuple[Cell, ...]]:
    """What is said of the year, and of some months; the page and the JSON have all."""
    months = set(cutoff.months)
    kept = {cutoff.months[t] for t in _PRINTED_MONTHS if t < len(cutoff.months)}
    for row in picture.rows:
        if row[0] not in months or row[0] in kept:
            yield row


def _told(finding: Finding, words: Wording) -> list[dict[str, Any]]:
    """A sentence as texts and numbers."""
    return [
        {"text": part} if isinstance(part, str) else {"fig": _fig(part, words)}
        for part in finding_parts(finding)
    ]


def _annex_view(content: BriefContent, words: Wording) -> dict[str, Any]:
    texts = words.texts
    return {
        "materials_lead": texts("lead.materials", place=content.meta.place),
        "materials_columns": words.material_columns,
        "materials": [_material(row, words) for row in content.materials],
        "ledger_lead": texts("lead.ledger"),
        "cutoffs_numbers_lead": texts("lead.cutoffs_numbers"),
        "no_ledger": texts("empty.ledger"),
        "ledger_columns": words.heads(*LEDGER_COLUMNS),
        "ledger": [
            {
                "material": row.material,
                "stage": row.stage,
                "flow": row.flow,
                "before": _fig(row.before, words),
                "after": _fig(row.after, words),
                "errors": errors_text(row.errors, texts),
                "reason": row.reason,
            }
            for row in content.ledger
        ],
        "provenance_lead": texts("lead.provenance"),
        "provenance_columns": words.heads(*PROVENANCE_COLUMNS),
        "provenance": [
            {
                "what": row.what,
                "fig": _fig(row.figure, words),
                "kind": texts(f"kind.{row.figure.kind}"),
                "id": row.figure.id,
            }
            for row in result_rows(content, texts)
            if row.on_first_pages
        ],
        "sources": [
            {"number": n, "citation": s.citation, "licence": s.licence, "address": s.address}
            for n, s in enumerate(content.sources, start=1)
        ],
        "notes": content.notes,
    }


def _fixed(texts: Texts) -> dict[str, str]:
    """Fixed words that the template names itself."""
    return {
        "annex": texts("title.annex"),
        "unknown": texts("word.unknown"),
        "command": texts("word.command"),
        "repeat": texts("cite.repeat"),
        **{
            k: texts(f"head.{k}")
            for k in (
                "unknowns",
                "cite",
                "reading",
                "cutoffs",
                "cutoffs_numbers",
                "losses",
                "risks",
                "plan",
                "alliance",
                "vault",
                "materials",
                "provenance",
                "ledger",
                "sources",
            )
        },
    }


def _fig(figure: Figure, words: Wording) -> dict[str, Any]:
    text = figure_text(figure)
    return {
        "known": figure.value is not None,
        "value": text.value,
        "band": text.band,
        "year": "" if figure.year is None else str(figure.year),
        "grade": figure.grade,
        "refs": words.references(figure),
    }


def _material(row: MaterialRow, words: Wording) -> dict[str, Any]:
    tops = (row.direct, row.mined, row.refined)
    figures = material_figures(row)
    behind = (*(top.figure for top in tops if top is not None), *figures)
    return {
        "material": row.material,
        "stages": ", ".join(row.stages),
        "year": str(row.year),
        "grade": row.grade,
        "tops": [_top(top, words) for top in tops],
        "figures": [None if f is None else _fig(f, words) for f in figures],
        "refs": words.references(*behind),
    }


def _top(top: TopOrigin | None, words: Wording) -> dict[str, Any] | None:
    return None if top is None else {"place": top.place, "fig": _fig(top.figure, words)}
