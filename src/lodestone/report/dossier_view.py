"""The dossier as it is read: sections, tables and sentences with every word and number written out.

The paper and the page set the same view; neither knows what a figure means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lodestone.report.brief_content import Figure, Finding
from lodestone.report.charts.origins import OriginBar, origins_chart, origins_words
from lodestone.report.charts.stop_costs import StopBar, stop_costs_chart, stop_costs_words
from lodestone.report.dossier_content import (
    BillMaterial,
    DossierContent,
    OriginShare,
    Stop,
)
from lodestone.report.number_text import figure_text
from lodestone.report.pictures import Picture
from lodestone.report.texts import Texts
from lodestone.report.wording import finding_parts

#: Stops drawn; all are in the table.
_MOST_BARS, _MOST_SCENARIOS = 14, 14
_ARTICLE = ("a24_2", "a24_2a", "a24_2b", "a24_2c", "a24_3", "a24_4", "a24_6")
Cell = dict[str, Any]
Table = dict[str, Any]


def dossier_pictures(content: DossierContent, texts: Texts) -> dict[str, Picture]:
    """The charts of a dossier: origins, and the cost of stops where there are any."""
    bars = [
        OriginBar(m.label, s.stage.partition(" (")[0], tuple((o.place, o.share) for o in s.company))
        for m in content.materials
        for s in m.stages
    ]
    title = texts("head.origins")
    found = [
        _picture(
            "origins",
            title,
            texts("lead.origins"),
            origins_words(bars, texts),
            origins_chart(bars, title, texts),
        )
    ]
    stops = [
        StopBar(s.label, s.supplier, s.cost, s.expected)
        for s in content.stops[:_MOST_BARS]
        if s.cost.value is not None
    ]
    if stops:
        title = texts("head.ranking")
        lead = texts("lead.ranking", months=content.meta.months)
        words, svg = stop_costs_words(stops, texts), stop_costs_chart(stops, title, texts)
        found.append(_picture("ranking", title, lead, words, svg))
    return {picture.name: picture for picture in found}


def _picture(name: str, title: str, lead: str, words: str, svg: str) -> Picture:
    return Picture(name=name, title=title, lead=lead, words=words, svg=svg, columns=(), rows=())


def dossier_view(
    content: DossierContent, pictures: Mapping[str, Picture], texts: Texts
) -> dict[str, Any]:
    """Everything that is set, as plain JSON: titles, sentences, sections of blocks, sources."""
    writer = _Writer(content, texts)
    meta = content.meta
    document = texts("title.document", bill=meta.bill, year=meta.year)
    return {
        "language": texts.language,
        "title": texts("title.main"),
        "document": document,
        "subject": texts("title.subject"),
        "kicker": texts("title.kicker"),
        "dateline": texts("title.dateline", place=meta.place, year=meta.year, as_of=meta.as_of),
        "bill": meta.bill,
        "imprint": texts(
            "title.imprint", version=meta.version, release=meta.data_release, run=meta.run_id
        ),
        "page_of": texts("title.page", page="PAGE", pages="LAST"),
        "headlines": writer.headlines(),
        "board": texts("head.board"),
        "findings": [writer.told(finding) for finding in content.findings],
        "front": [writer.at_a_glance(), writer.article()],
        "grade": texts("lead.grade"),
        "sections": [
            _section(
                texts("head.mapping"),
                [_shown(pictures, "origins"), writer.beside(), writer.suppliers()],
            ),
            _section(
                texts("head.factors"), [writer.controls(), writer.concentration(), writer.scores()]
            ),
            _section(
                texts("head.vulnerability"),
                [
                    *([_shown(pictures, "ranking")] if "ranking" in pictures else []),
                    writer.stops(),
                    writer.scenarios(),
                ],
            ),
            _section(
                texts("head.mitigation"),
                [writer.stock(), writer.others(), writer.projects()],
                texts("lead.mitigation"),
            ),
            _section(
                texts("head.unknowns"),
                [_items(content.unknowns)],
                texts("lead.unknowns"),
            ),
            _section(texts("head.reading"), [_items(texts.section("read").values())]),
            _section(
                texts("head.cite"),
                [
                    _items(
                        [
                            texts(
                                "cite.text",
                                version=meta.version,
                                title=document,
                                release=meta.data_release,
                                run=meta.run_id,
                            ),
                            f"{texts('word.command')}: {meta.command}",
                            texts("word.repeat"),
                        ]
                    )
                ],
            ),
        ],
        "annex": [writer.quantities(), writer.provenance()],
        "sources_head": texts("head.sources"),
        "sources": [
            {"number": n, "citation": s.citation, "licence": s.licence, "address": s.address}
            for n, s in enumerate(content.sources, start=1)
        ],
    }


def _section(title: str, blocks: Sequence[Any], lead: str = "") -> dict[str, Any]:
    return {"title": title, "lead": lead, "blocks": list(blocks)}


def _shown(pictures: Mapping[str, Picture], name: str) -> dict[str, Any]:
    one = pictures[name]
    return {
        "kind": "picture",
        "name": name,
        "title": one.title,
        "lead": one.lead,
        "words": one.words,
    }


def _items(said: Iterable[str]) -> dict[str, Any]:
    return {"kind": "list", "items": list(said)}


def _text(words: str) -> Cell:
    return {"text": words}


def _strong(words: str) -> Cell:
    return {"strong": words}


class _Writer:
    """Writes the tables of a dossier."""

    def __init__(self, content: DossierContent, texts: Texts) -> None:
        self.content, self.texts = content, texts
        self._number = {s.key: n for n, s in enumerate(content.sources, start=1)}
        self._worst: dict[int, Stop] = {}
        for stop in content.stops:
            self._worst.setdefault(stop.row, stop)

    # --- pieces ----------------------------------------------------------------------------

    def fig(self, figure: Figure) -> Cell:
        """A figure as value, band, year, grade and references."""
        text = figure_text(figure)
        return {
            "known": figure.value is not None,
            "value": text.value,
            "band": text.band,
            "year": "" if figure.year is None else str(figure.year),
            "grade": figure.grade,
            "refs": sorted(self._number[k] for k in figure.sources),
            "mark": "",
        }

    def told(self, finding: Finding) -> list[Cell]:
        """A sentence as texts and numbers."""
        return [
            _text(part) if isinstance(part, str) else {"fig": self.fig(part)}
            for part in finding_parts(finding)
        ]

    def _fig(self, figure: Figure, caution: str = "") -> Cell:
        """A figure in a cell; one that needs caution carries a dagger."""
        return {"fig": {**self.fig(figure), "mark": "†" if caution else ""}}

    def _origins(self, found: Sequence[OriginShare], most: int = 3) -> Cell:
        if not found:
            return _text(self.texts("word.unknown"))
        return {"parts": [{"name": o.place, "fig": self.fig(o.share)} for o in found[:most]]}

    def _table(
        self,
        title: str,
        lead: str,
        columns: Sequence[str],
        widths: Sequence[Any],
        rows: list[Any],
        empty: str = "",
    ) -> Table:
        return {
            "kind": "table",
            "title": title,
            "lead": lead,
            "columns": [self.texts(f"word.{c}") for c in columns],
            "widths": list(widths),
            "rows": rows,
            "empty": empty,
        }

    # --- page 1 ----------------------------------------------------------------------------

    def headlines(self) -> list[dict[str, Any]]:
        """Large numbers at the top."""
        content, texts = self.content, self.texts
        count = len({m.material for m in content.materials})
        strategic = len({m.material for m in content.materials if m.strategic})
        over = len({m.material for m in content.materials if _top(m)[0] > 0.65})
        known = [s.expected.value for s in content.stops if s.expected.value is not None]
        found: list[dict[str, Any]] = [
            {"value": figure_text(content.bill_value).value, "label": texts("word.bill_value")},
            {"value": str(strategic), "label": texts("word.strategic_count", count=count)},
            {"value": str(over), "label": texts("word.concentrated", count=count)},
        ]
        if known:
            total = Figure("bill:expected", sum(known), "USD", None, "modelled")
            found.append({"value": figure_text(total).value, "label": texts("word.expected_total")})
        return found

    def at_a_glance(self) -> Table:
        """One row a line: value, largest country, the stop to fear, stock."""
        texts, rows = self.texts, []
        order = list(self._worst)
        for m in sorted(
            self.content.materials,
            key=lambda m: order.index(m.row) if m.row in order else len(order),
        ):
            _, stage, top = _top(m)
            worst = self._worst.get(m.row)
            rows.append(
                [
                    _strong(m.label),
                    _text(texts("word.yes" if m.strategic else "word.no")),
                    self._fig(m.value),
                    {"parts": [{"name": f"{top.place}, {stage}", "fig": self.fig(top.share)}]}
                    if top
                    else _text(texts("word.unknown")),
                    _text(worst.supplier if worst else texts("word.none")),
                    self._fig(worst.cost, worst.note) if worst else _text(""),
                    self._fig(worst.expected, worst.note) if worst else _text(""),
                    self._fig(m.cover),
                ]
            )
        columns = (
            "material",
            "strategic",
            "value",
            "largest",
            "worst",
            "cost",
            "expected",
            "cover",
        )
        widths = ("1.1fr", "auto", "auto", "1.9fr", "1fr", "1.5fr", "1.5fr", "auto")
        return self._table(texts("head.bill"), texts("lead.bill"), columns, widths, rows)

    def article(self) -> Table:
        """What the Article asks and where it is answered."""
        texts = self.texts
        rows = [
            [
                _strong(_paragraph(key)),
                _text(texts(f"article.{key}")),
                _text(texts(f"article.{key}_where")),
            ]
            for key in _ARTICLE
        ]
        table = self._table(
            texts("head.article"),
            texts("lead.article"),
            ("asks", "where"),
            ("auto", "1.9fr", "1fr"),
            rows,
        )
        return {**table, "columns": ["Art.", *table["columns"]]}

    # --- sections --------------------------------------------------------------------------

    def beside(self) -> Table:
        """The company, its place and the world at each stage."""
        rows = [
            [
                _strong(m.label if n == 0 else ""),
                _text(s.stage),
                self._origins(s.company),
                self._origins(s.around),
                self._origins(s.world),
            ]
            for m in self.content.materials
            for n, s in enumerate(m.stages)
        ]
        texts = self.texts
        return self._table(
            texts("head.beside", place=self.content.meta.place),
            texts("lead.beside"),
            ("material", "stage", "company", "around", "world"),
            ("0.9fr", "1fr", "1.7fr", "1.7fr", "1.5fr"),
            rows,
        )

    def suppliers(self) -> Table:
        """Suppliers as stated, and their feed."""
        texts = self.texts
        rows = [
            [
                _strong(m.label if n == 0 else ""),
                _text(s.place if s.makes else f"{s.place} ({texts('word.trader')})"),
                self._fig(s.share),
                _text(s.feed_stage),
                self._origins(s.feed) if s.feed_stage else _text(""),
            ]
            for m in self.content.materials
            for n, s in enumerate(m.suppliers)
        ]
        return self._table(
            texts("head.suppliers"),
            texts("lead.suppliers"),
            ("material", "supplier", "share", "stage", "feed"),
            ("0.8fr", "1fr", "auto", "1fr", "2.6fr"),
            rows,
            texts("empty.suppliers"),
        )

    def controls(self) -> Table:
        """Controls that are not lifted."""
        texts = self.texts
        rows = [
            [
                _strong(c.label),
                _text(c.place),
                _text(c.measure),
                _text(c.target),
                _text(c.since),
                _text(c.status),
                self._fig(c.touches),
            ]
            for c in self.content.controls
        ]
        return self._table(
            texts("head.controls"),
            texts("lead.controls", as_of=self.content.meta.as_of),
            ("material", "supplier", "measure", "target", "since", "status", "touches"),
            ("1fr", "1fr", "1fr", "0.8fr", "auto", "1.4fr", "1fr"),
            rows,
            texts("empty.controls"),
        )

    def concentration(self) -> Table:
        """HHI and N-1 at each stage."""
        texts = self.texts
        rows = [
            [
                _strong(m.label if n == 0 else ""),
                _text(s.stage),
                self._fig(s.hhi),
                self._fig(s.hhi_world),
                _text(s.largest),
                self._fig(s.left),
            ]
            for m in self.content.materials
            for n, s in enumerate(m.stages)
        ]
        return self._table(
            texts("head.concentration"),
            texts("lead.concentration"),
            ("material", "stage", "hhi", "hhi_world", "largest", "left"),
            ("1fr", "1.3fr", "auto", "auto", "1.2fr", "1.2fr"),
            rows,
        )

    def scores(self) -> Table:
        """Lists, published scores, by-product."""
        texts = self.texts
        rows = [
            [
                _strong(m.label),
                _text(m.lists or texts("word.none")),
                self._fig(m.risk_score),
                self._fig(m.importance),
                self._fig(m.byproduct),
                _text(m.hosts),
            ]
            for m in self.content.materials
        ]
        return self._table(
            texts("head.scores"),
            texts("lead.scores"),
            ("material", "lists", "risk_score", "importance", "byproduct", "hosts"),
            ("1fr", "1.9fr", "auto", "auto", "auto", "1fr"),
            rows,
        )

    def stops(self) -> Table:
        """Every walked stop."""
        texts, meta = self.texts, self.content.meta
        rows = [
            [
                _strong(s.label),
                _text(s.supplier),
                self._fig(s.hit),
                self._fig(s.peak),
                self._fig(s.cost),
                self._fig(s.short),
                self._fig(s.missing),
                self._fig(s.lasts),
                self._fig(s.chance),
                self._fig(s.expected),
                _text("; ".join(w for w in (s.why, s.note) if w)),
            ]
            for s in self.content.stops
        ]
        return self._table(
            texts("head.stops"),
            texts("lead.stops", months=meta.months, year=meta.year, draws=meta.draws),
            (
                "material",
                "supplier",
                "hit",
                "peak",
                "cost",
                "short",
                "missing",
                "lasts",
                "chance",
                "expected",
                "why",
            ),
            (
                "1fr",
                "0.9fr",
                "0.9fr",
                "1fr",
                "1.2fr",
                "0.9fr",
                "0.9fr",
                "0.8fr",
                "1.2fr",
                "1.2fr",
                "1.5fr",
            ),
            rows,
            texts("empty.stops"),
        )

    def scenarios(self) -> Table:
        """Ready scenarios, the costliest first."""
        texts = self.texts
        rows = [
            [
                _strong(r.label),
                _text(r.title),
                self._fig(r.peak),
                self._fig(r.cost),
                self._fig(r.short),
            ]
            for r in self.content.scenarios[:_MOST_SCENARIOS]
        ]
        return self._table(
            texts("head.scenarios"),
            texts("lead.scenarios", year=self.content.meta.year),
            ("material", "scenario", "peak", "cost", "short"),
            ("1fr", "2.8fr", "auto", "auto", "auto"),
            rows,
            texts("empty.scenarios"),
        )

    def stock(self) -> Table:
        """Stock that bridges, scrap, recycling, substitution."""
        texts = self.texts
        rows = [
            [
                _strong(o.label),
                _text(o.without),
                self._fig(o.stock),
                self._fig(o.stock_days),
                self._fig(o.stock_cost),
                self._fig(o.scrap),
                self._fig(o.recycled),
                _text(o.substitution or texts("word.unknown")),
            ]
            for o in self.content.options
        ]
        return self._table(
            texts("head.stock"),
            texts("lead.stock"),
            (
                "material",
                "without",
                "stock",
                "stock_days",
                "stock_cost",
                "scrap",
                "recycled",
                "substitution",
            ),
            ("1fr", "1fr", "1.1fr", "1fr", "1.2fr", "auto", "1fr", "auto"),
            rows,
            texts("empty.stops"),
        )

    def others(self) -> Table:
        """Other makers, line by line."""
        texts = self.texts
        rows = [
            [
                _strong(f"{o.label}" if n == 0 else ""),
                _text(o.without if n == 0 else ""),
                _text(x.place),
                self._fig(x.output),
                self._fig(x.share),
                self._fig(x.idle),
                _text(texts("word.yes" if x.already else "word.no")),
                _text(x.controlled or texts("word.none")),
            ]
            for o in self.content.options
            for n, x in enumerate(o.others)
        ]
        return self._table(
            texts("head.others"),
            texts("lead.others"),
            (
                "material",
                "without",
                "supplier",
                "output",
                "world_share",
                "idle",
                "already",
                "controlled",
            ),
            ("1fr", "1fr", "1.1fr", "auto", "auto", "auto", "auto", "1.5fr"),
            rows,
            texts("empty.stops"),
        )

    def projects(self) -> dict[str, Any]:
        """Announced projects as sentences."""
        texts = self.texts
        none = texts("empty.projects")
        said = [f"{o.label}: {'; '.join(o.projects) or none}." for o in self.content.options]
        return {**_items(said), "title": texts("head.projects")}

    # --- annex -----------------------------------------------------------------------------

    def quantities(self) -> Table:
        """The bill as it was understood."""
        texts = self.texts
        rows = [
            [
                _strong(
                    m.label if m.written.lower() == m.label.lower() else f"{m.label} ({m.written})"
                ),
                _text(m.bought),
                self._fig(m.tonnes),
                _text(m.basis),
                self._fig(m.value),
                self._fig(m.price),
                self._fig(m.stock),
                self._fig(m.declared),
                _text(m.product),
                _text("; ".join(_said(m))),
            ]
            for m in self.content.materials
        ]
        columns = (
            "material",
            "bought",
            "tonnes",
            "what",
            "value",
            "price",
            "held",
            "declared",
            "product",
            "note",
        )
        widths = ("1.1fr", "1.1fr", "auto", "auto", "auto", "auto", "auto", "auto", "1fr", "2.2fr")
        return self._table(
            texts("head.quantities"), texts("lead.quantities"), columns, widths, rows
        )

    def provenance(self) -> Table:
        """Ids of the main numbers."""
        texts = self.texts
        rows = [
            [
                _text(f"{material}: {what}"),
                self._fig(figure),
                _text(texts(f"kind.{figure.kind}")),
                {"id": figure.id},
            ]
            for material, what, figure in _main_numbers(self.content, texts)
        ]
        return self._table(
            texts("head.provenance"),
            texts("lead.provenance"),
            ("what", "number", "kind", "id"),
            ("1.4fr", "1fr", "auto", "1.6fr"),
            rows,
        )


def _said(m: BillMaterial) -> list[str]:
    """What the numbers of a line rest on, and what to beware of."""
    return [
        *(
            f.note
            for f in (m.tonnes, m.value, m.price)
            if f.note and not f.note.startswith("stated")
        ),
        *m.notes,
    ]


def _top(m: BillMaterial) -> tuple[float, str, OriginShare | None]:
    """Largest share of one country at any stage of a line."""
    found = [
        (o.share.value or 0.0, s.stage, o)
        for s in m.stages
        for o in s.company
        if o.code not in ("scrap", "XOT")
    ]
    return max(found, key=lambda x: x[0], default=(0.0, "", None))


def _paragraph(key: str) -> str:
    """`a24_2a` as lawyers write it: 24(2)(a)."""
    number = key.split("_")[1]
    letter = f"({number[1:]})" if len(number) > 1 else ""
    return f"24({number[0]}){letter}"


def _main_numbers(content: DossierContent, texts: Texts) -> Iterable[tuple[str, str, Figure]]:
    for m in content.materials:
        for name in ("tonnes", "value"):
            yield m.label, texts(f"word.{name}"), getattr(m, name)
        for s in m.stages:
            for o in s.company[:1]:
                yield m.label, f"{s.stage}, {o.place}", o.share
    for stop in content.stops:
        for name in ("peak", "cost", "chance"):
            yield (
                stop.label,
                f"{stop.supplier}, {texts(f'word.{name}').lower()}",
                getattr(stop, name),
            )
    for option in content.options:
        yield option.label, texts("word.recycled"), option.recycled
