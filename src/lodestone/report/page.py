"""The brief as one self-contained page: no request leaves it, every number explains itself.

Each number is a button that opens a card with its source, year, band, grade, kind and explain
id (the browser's own popover, no script). Each chart has a table twin below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib import resources

from lodestone.report.brief_content import (
    BriefContent,
    Figure,
    Finding,
    Headline,
    LedgerRow,
    MaterialRow,
    TopOrigin,
)
from lodestone.report.drawing import FONT_STACK
from lodestone.report.envelope import result_rows
from lodestone.report.number_text import figure_text
from lodestone.report.palette import colour_rules
from lodestone.report.pictures import Cell, Picture
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

# The browser itself refuses any load from elsewhere, should one ever slip in.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def brief_page(content: BriefContent, pictures: Mapping[str, Picture], texts: Texts) -> str:
    """The whole page as HTML text; the same content gives the same text."""
    words = Wording(content, texts)
    numbers = Numbers(words)
    body = [
        _masthead(words),
        '<main id="main">',
        _front(content, numbers, words),
        _picture("dependences", pictures, numbers, words),
        _cutoffs(pictures, numbers, words),
        _economy(content, numbers, words),
        *([_plan(content, numbers, words)] if content.plan else []),
        *([_alliance(content, numbers, words)] if content.alliance else []),
        *([_vault(content, numbers, words)] if content.vault else []),
        _picture("scoreboard", pictures, numbers, words),
        f'<p class="legend">{escape(words.grade_line)}</p>',
        _picture("chain", pictures, numbers, words),
        '<div class="pair">',
        _picture("trends", pictures, numbers, words),
        _picture("comparison", pictures, numbers, words),
        "</div>",
        *(_picture(n, pictures, numbers, words) for n in pictures if n.startswith("chain-")),
        _plain_sections(content, words),
        _materials(content, numbers, words),
        _ledger(content.ledger, numbers, words),
        _provenance(content, numbers, words),
        _sources(content, words),
        "</main>",
        f"<footer>{escape(words.imprint)}</footer>",
        *numbers.cards(),
    ]
    return f"{_head(words)}<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"


def page_style() -> str:
    """The style sheet of a page: colours by theme, then the rules."""
    css = (resources.files("lodestone.report") / "page.css").read_text("utf-8")
    return colour_rules() + css.replace("FONT_STACK", FONT_STACK)


@dataclass
class Numbers:
    """Writes numbers as buttons and remembers which cards the page must carry."""

    words: Wording
    seen: dict[Figure, int] = field(default_factory=dict)

    def button(
        self, figure: Figure, row: MaterialRow | None = None, besides: Sequence[str] = ()
    ) -> str:
        """A number that opens its card; a mark where year or grade differ from the row's.

        `besides` is written into the brackets after the band.
        """
        key = self.seen.setdefault(figure, len(self.seen) + 1)
        text = figure_text(figure)
        inside = ", ".join(part for part in (text.band, *besides) if part)
        band = f' <span class="band">({escape(inside)})</span>' if inside else ""
        value = "" if figure.value is None else repr(float(figure.value))
        button = (
            f'<button type="button" class="n" popovertarget="f{key}" '
            f'data-id="{escape(figure.id)}" data-value="{value}">{escape(text.value)}{band}'
            f"</button>"
        )
        mark = self._mark(figure, row)
        return f'<span class="kept">{button}{mark}</span>' if mark else button

    def told(self, figure: Figure) -> str:
        """A number in a sentence, with year, grade and the numbers of its sources."""
        known = figure.value is not None
        besides = (str(figure.year or ""), figure.grade) if known else ()
        return self.button(figure, besides=besides) + self.footnotes(figure)

    def footnotes(self, *figures: Figure) -> str:
        """Raised numbers of the sources, each a link into the list."""
        links = ",".join(source_link(n) for n in self.words.references(*figures))
        return f"<sup>{links}</sup>" if links else ""

    def cell(self, cell: Cell | None) -> str:
        """A table cell: a number, a text, or unknown."""
        if cell is None:
            return escape(self.words.texts("word.unknown"))
        return escape(cell) if isinstance(cell, str) else self.button(cell)

    def cards(self) -> Iterable[str]:
        """The cards of all numbers written so far."""
        for figure, key in self.seen.items():
            yield self._card(figure, key)

    def _mark(self, figure: Figure, row: MaterialRow | None) -> str:
        if row is None or figure.value is None:
            return ""
        parts = [str(figure.year)] if figure.year not in (None, row.year) else []
        parts += [figure.grade] if figure.grade not in ("", row.grade) else []
        return f'<span class="mark">{" ".join(parts)}</span>' if parts else ""

    def _card(self, figure: Figure, key: int) -> str:
        texts = self.words.texts
        grade = figure.grade and f"{figure.grade}: {texts(f'grade.{figure.grade}')}"
        cited = "<br>".join(
            f"{source_link(n)} {escape(self.words.content.sources[n - 1].citation)}"
            for n in self.words.references(figure)
        )
        facts = (
            ("year", escape(str(figure.year or ""))),
            ("grade", escape(grade or texts("grade.none"))),
            ("kind", escape(texts(f"kind.{figure.kind}"))),
            ("sources", cited or escape(texts("word.none"))),
            ("note", escape(figure.note)),
            ("explain", f"<code>lodestone explain {escape(figure.id)}</code>"),
        )
        rows = "".join(
            f"<dt>{escape(texts(f'word.{name}'))}</dt><dd>{fact}</dd>"
            for name, fact in facts
            if fact
        )
        return (
            f'<div popover class="why" id="f{key}" role="dialog" '
            f'aria-label="{escape(texts("word.details"))}">'
            f"<p>{escape(str(figure_text(figure)))}</p><dl>{rows}</dl>"
            f'<button type="button" popovertarget="f{key}" popovertargetaction="hide">'
            f"{escape(texts('word.close'))}</button></div>"
        )


def source_link(number: int) -> str:
    """The number of a source, linked to its line."""
    return f'<a href="#source-{number}">{number}</a>'


def _head(words: Wording) -> str:
    style = page_style()
    return (
        f'<!doctype html>\n<html lang="{escape(words.texts.language)}">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{PAGE_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{escape(words.document_title)}</title>\n"
        f'<meta name="description" content="{escape(words.subject)}">\n'
        f"<style>{style}</style>\n</head>\n"
    )


def _masthead(words: Wording) -> str:
    texts = words.texts
    return (
        f'<a class="skip" href="#main">{escape(texts("word.skip"))}</a>\n<header>'
        f'<p class="kicker"><b>{escape(texts("title.kicker"))}</b>'
        f"<span>{escape(words.dateline)}</span></p>"
        f"<h1>{escape(words.title)}</h1></header>"
    )


def _cutoffs(pictures: Mapping[str, Picture], numbers: Numbers, words: Wording) -> str:
    """The panels side by side where there is room, each with its table, then the milder course."""
    told = "".join(
        f"<li>{_told(cutoff.instead, numbers)}</li>"
        for cutoff in words.content.cutoffs
        if cutoff.instead is not None
    )
    panels = "".join(
        _panel(name, picture, numbers, words)
        for name, picture in pictures.items()
        if name.startswith("cutoff-")
    )
    inside = f'<div class="pair panels">{panels}</div>' if panels else ""
    inside += f'<ul class="findings">{told}</ul>' if told else ""
    return _section("cutoffs", words.texts("head.cutoffs"), words.cutoffs_lead, inside)


def _economy(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    """What a year's stop costs, and the ranking by likelihood times loss."""
    texts = words.texts
    if not content.losses:
        inside = f"<p>{escape(texts('empty.losses'))}</p>"
        return _section("losses", texts("head.losses"), "", inside)
    losses = _table(
        texts("head.losses"),
        words.heads(*LOSS_COLUMNS),
        (
            [
                escape(row.material),
                numbers.button(row.loss) + numbers.footnotes(row.loss),
                numbers.button(row.share),
                escape(row.sectors),
            ]
            for row in content.losses
        ),
    )
    risks = _table(
        texts("head.risks"),
        words.heads(*RISK_COLUMNS),
        (
            [
                escape(row.material),
                escape(row.supplier),
                numbers.button(row.expected) + numbers.footnotes(row.expected),
                numbers.button(row.chance),
                escape(row.why),
            ]
            for row in content.risks
        ),
    )
    lead = texts("lead.losses", against=content.meta.against)
    return _section("losses", texts("head.losses"), lead, losses) + _section(
        "risks", texts("head.risks"), texts("lead.risks"), risks
    )


def _plan(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    """What to do first."""
    texts = words.texts
    table = _table(
        texts("head.plan"),
        words.heads(*PLAN_COLUMNS),
        (
            [
                escape(row.what),
                str(row.start),
                numbers.button(row.capital),
                numbers.button(row.share),
                escape(row.numbers),
            ]
            for row in content.plan
        ),
    )
    return _section("plan", texts("head.plan"), texts("lead.plan"), table)


def _alliance(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    """What acting together is worth."""
    texts = words.texts
    table = _table(
        texts("head.alliance"),
        words.heads(*ALLIANCE_COLUMNS),
        (
            [
                escape(row.against),
                escape(row.who),
                numbers.button(row.worth) + numbers.footnotes(row.worth),
                "" if row.share is None else numbers.button(row.share),
                "" if row.outside is None else numbers.button(row.outside),
            ]
            for row in content.alliance
        ),
    )
    lead = texts("lead.alliance", against=content.meta.against)
    return _section("alliance", texts("head.alliance"), lead, table)


def _vault(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    """What a vault should hold."""
    texts = words.texts
    table = _table(
        texts("head.vault"),
        words.heads(*VAULT_COLUMNS),
        (
            [
                escape(row.material),
                numbers.button(row.cost),
                numbers.button(row.avoided) + numbers.footnotes(row.avoided),
                numbers.button(row.per_dollar),
                numbers.button(row.next_day),
            ]
            for row in content.vault
        ),
    )
    return _section("vault", texts("head.vault"), texts("lead.vault"), table)


def _panel(name: str, picture: Picture, numbers: Numbers, words: Wording) -> str:
    """One of several small pictures under one head."""
    return (
        f'<section id="{name}" aria-label="{escape(picture.title)}">'
        f"{_drawn(picture, numbers, words)}</section>"
    )


def _front(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    heads = "".join(_headline(head, numbers) for head in content.headlines)
    findings = "".join(f"<li>{_told(finding, numbers)}</li>" for finding in content.findings)
    return (f'<ul class="headlines">{heads}</ul>' if heads else "") + (
        f'<ul class="findings">{findings}</ul>' if findings else ""
    )


def _told(finding: Finding, numbers: Numbers) -> str:
    """A sentence with its numbers."""
    return "".join(
        escape(part) if isinstance(part, str) else numbers.told(part)
        for part in finding_parts(finding)
    )


def _headline(head: Headline, numbers: Numbers) -> str:
    figure = head.figure
    known = figure.value is not None
    dated = ", ".join(p for p in (str(figure.year or ""), figure.grade) if p) if known else ""
    return (
        f"<li>{numbers.button(figure)}<p>{escape(head.label)} "
        f'<span class="band">{escape(dated)}</span>{numbers.footnotes(figure)}</p></li>'
    )


def _picture(name: str, pictures: Mapping[str, Picture], numbers: Numbers, words: Wording) -> str:
    if name not in pictures:
        title, reason = words.missing(name)
        return _section(name, title, "", f"<p>{escape(reason)}</p>")
    picture = pictures[name]
    return _section(name, picture.title, picture.lead, _drawn(picture, numbers, words))


def _drawn(picture: Picture, numbers: Numbers, words: Wording) -> str:
    """The drawing with its table twin."""
    table = _table(
        picture.title,
        picture.columns,
        ([numbers.cell(cell) for cell in row] for row in picture.rows),
    )
    summary = escape(words.texts("word.table"))
    label = escape(picture.title)
    return (
        f'<div class="drawing" role="group" tabindex="0" aria-label="{label}">{picture.svg}</div>'
        f"<details><summary>{summary}</summary>{table}</details>"
    )


def _plain_sections(content: BriefContent, words: Wording) -> str:
    texts = words.texts
    unknowns = content.unknowns or words.unknowns
    reading = "".join(
        f"<li><b>{escape(name)}</b>: {escape(rule)}</li>" for name, rule in words.grades
    ) + "".join(f"<li>{escape(rule)}</li>" for rule in words.reading)
    cite = (
        f"<p>{escape(words.citation)}</p><p>{escape(texts('word.command'))}:</p>"
        f"<pre>{escape(content.meta.command)}</pre><p>{escape(texts('cite.repeat'))}</p>"
    )
    listed = "".join(f"<li>{escape(unknown)}</li>" for unknown in unknowns)
    return (
        _section("unknowns", texts("head.unknowns"), "", f"<ul>{listed}</ul>")
        + _section("cite", texts("head.cite"), "", cite)
        + _section("reading", texts("head.reading"), "", f"<ul>{reading}</ul>")
    )


def _materials(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    def cells(row: MaterialRow) -> list[str]:
        tops = (row.direct, row.mined, row.refined)
        figures = material_figures(row)
        behind = words.references(*(t.figure for t in tops if t is not None), *figures)
        return [
            escape(row.material),
            escape(", ".join(row.stages)),
            str(row.year),
            escape(row.grade),
            *(_top(top, row, numbers) for top in tops),
            *(numbers.cell(None) if f is None else numbers.button(f, row) for f in figures),
            ", ".join(map(source_link, behind)),
        ]

    title = words.texts("head.materials")
    lead = words.texts("lead.materials", place=content.meta.place)
    table = _table(title, words.material_columns, (cells(row) for row in content.materials))
    return _section("materials", title, lead, table, "wide")


def _top(top: TopOrigin | None, row: MaterialRow, numbers: Numbers) -> str:
    if top is None:
        return numbers.cell(None)
    return f"{escape(top.place)} {numbers.button(top.figure, row)}"


def _ledger(rows: Sequence[LedgerRow], numbers: Numbers, words: Wording) -> str:
    texts = words.texts
    if not rows:
        inside = f"<p>{escape(texts('empty.ledger'))}</p>"
        return _section("ledger", texts("head.ledger"), "", inside)
    table = _table(
        texts("head.ledger"),
        words.heads(*LEDGER_COLUMNS),
        (
            [
                escape(row.material),
                escape(row.stage),
                escape(row.flow),
                numbers.button(row.before),
                numbers.button(row.after),
                escape(errors_text(row.errors, texts)),
                escape(row.reason),
            ]
            for row in rows
        ),
    )
    return _section("ledger", texts("head.ledger"), texts("lead.ledger"), table)


def _provenance(content: BriefContent, numbers: Numbers, words: Wording) -> str:
    texts = words.texts
    table = _table(
        texts("head.provenance"),
        words.heads(*PROVENANCE_COLUMNS),
        (
            [
                escape(row.what),
                numbers.button(row.figure),
                str(row.figure.year or ""),
                row.figure.grade,
                escape(texts(f"kind.{row.figure.kind}")),
                ", ".join(map(source_link, words.references(row.figure))),
                f"<code>{escape(row.figure.id)}</code>",
            ]
            for row in result_rows(content, texts)
            if row.on_first_pages
        ),
    )
    return _section("provenance", texts("head.provenance"), texts("lead.provenance"), table)


def _sources(content: BriefContent, words: Wording) -> str:
    items = "".join(
        f'<li id="source-{n}">{escape(source.citation)} '
        f'<span class="band">{escape(source.licence)}</span>{_address(source.address)}</li>'
        for n, source in enumerate(content.sources, start=1)
    )
    notes = "".join(f"<p>{escape(note)}</p>" for note in content.notes)
    return _section(
        "sources", words.texts("head.sources"), "", f'<ol class="sources">{items}</ol>{notes}'
    )


def _address(address: str) -> str:
    """A link, but only to a web address: text from a table must not become a script."""
    if not address:
        return ""
    if not address.startswith(("https://", "http://")):
        return f" {escape(address)}"
    return f' <a href="{escape(address)}" rel="noreferrer">{escape(address)}</a>'


def _section(name: str, title: str, lead: str, inside: str, kind: str = "") -> str:
    words = f'<p class="lead">{escape(lead)}</p>' if lead else ""
    role = f' class="{kind}"' if kind else ""
    return (
        f'<section id="{name}" aria-labelledby="{name}-head"{role}>'
        f'<h2 id="{name}-head">{escape(title)}</h2>{words}{inside}</section>'
    )


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of ready cells; the first cell of a row is its head."""
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    label = escape(title)
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{label}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )
