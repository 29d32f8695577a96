"""The words of a brief with every slot filled, the same for paper and page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lodestone.report.brief_content import BriefContent, Figure, Finding, MaterialRow
from lodestone.report.number_text import figure_text
from lodestone.report.texts import Texts

SHOWN_UNKNOWNS = 6
LEDGER_COLUMNS = ("material", "stage", "flow", "before", "after", "errors", "reason")
LOSS_COLUMNS = ("material", "loss", "of_gdp", "sectors")
RISK_COLUMNS = ("material", "supplier", "expected", "chance", "why")
PLAN_COLUMNS = ("step", "starts", "capital", "part", "numbers")
ALLIANCE_COLUMNS = ("against", "together", "worth", "share", "outside")
VAULT_COLUMNS = ("material", "sixty_cost", "sixty_avoided", "per_dollar", "next_day")
PROVENANCE_COLUMNS = ("what", "value", "year", "grade", "kind", "sources", "id")
_SLOT = re.compile(r"\{(\d+)\}")


@dataclass(frozen=True)
class Wording:
    """Titles, leads and columns of one brief in one language."""

    content: BriefContent
    texts: Texts

    @property
    def title(self) -> str:
        meta = self.content.meta
        return self.texts("title.main", place=meta.place, against=meta.against)

    @property
    def document_title(self) -> str:
        meta = self.content.meta
        return self.texts("title.document", place=meta.place, against=meta.against, year=meta.year)

    @property
    def subject(self) -> str:
        meta = self.content.meta
        return self.texts("title.subject", place=meta.place, against=meta.against, year=meta.year)

    @property
    def dateline(self) -> str:
        meta = self.content.meta
        parts = [str(meta.year)]
        if meta.generated_for:
            parts.append(self.texts("title.prepared", reader=meta.generated_for))
        return " · ".join(parts)

    @property
    def imprint(self) -> str:
        """Version, release and run on one line."""
        meta, texts = self.content.meta, self.texts
        return (
            f"Lodestone {meta.version} · {texts('word.release')} {meta.data_release}"
            f" · {texts('word.run')} {meta.run_id} · {texts('word.issued')} {meta.issued}"
        )

    @property
    def citation(self) -> str:
        meta = self.content.meta
        return self.texts(
            "cite.text",
            version=meta.version,
            title=self.document_title,
            release=meta.data_release,
            run=meta.run_id,
            issued=meta.issued,
        )

    @property
    def grades(self) -> tuple[tuple[str, str], ...]:
        """Grade letters with what they mean."""
        return tuple((f"{self.texts('grade.name')} {g}", self.texts(f"grade.{g}")) for g in "ABC")

    @property
    def grade_line(self) -> str:
        """The legend of grades in one line."""
        grades = "; ".join(f"{g} {self.texts(f'grade.{g}')}" for g in "ABC")
        return f"{self.texts('grade.name')}: {grades}. {self.texts('lead.band')}"

    @property
    def reading(self) -> tuple[str, ...]:
        """How to read the numbers, one rule each."""
        return tuple(self.texts.section("read").values())

    @property
    def reading_first(self) -> tuple[str, ...]:
        """The rules that page 2 has room for."""
        keys = ("direct", "through", "band", "unknown")
        return tuple(self.texts(f"read.{key}") for key in keys)

    @property
    def cutoffs_lead(self) -> str:
        """What the panels of the cut-offs show; why there are none, if there are none."""
        if not self.content.cutoffs:
            return self.texts("empty.cutoffs")
        first = self.content.cutoffs[0]
        return self.texts(
            "lead.cutoffs",
            event=first.event,
            supplier=first.supplier,
            year=first.first_year.year or self.content.meta.year,
        )

    @property
    def unknowns(self) -> tuple[str, ...]:
        """What page 2 says we do not know; the rest is in the annex."""
        return self.content.unknowns[:SHOWN_UNKNOWNS] or (self.texts("empty.unknowns"),)

    @property
    def more_unknowns(self) -> str:
        more = len(self.content.unknowns) - SHOWN_UNKNOWNS
        return self.texts("lead.more_unknowns", count=more) if more > 0 else ""

    @property
    def material_columns(self) -> tuple[str, ...]:
        """Heads of the annex table of all materials."""
        texts, both = self.texts, self.content.comparison
        keys = ("material", "stages", "year", "grade", "top_direct", "top_mined", "top_refined")
        last = ("reliance", "sr", "sr_official", "ei", "ei_official", "sources")
        return (
            *(texts(f"word.{key}") for key in keys),
            texts("word.on", against=both.first),
            texts("word.on", against=both.second),
            *(texts(f"word.{key}") for key in last),
        )

    def heads(self, *keys: str) -> tuple[str, ...]:
        """Column heads by key."""
        return tuple(self.texts(f"word.{key}") for key in keys)

    def references(self, *figures: Figure | None) -> tuple[int, ...]:
        """Numbers of the sources behind some figures, as in the list of sources."""
        numbers = {source.key: n for n, source in enumerate(self.content.sources, start=1)}
        keys = {key for figure in figures if figure is not None for key in figure.sources}
        return tuple(sorted(numbers[key] for key in keys))

    def missing(self, name: str) -> tuple[str, str]:
        """Title and words that stand where a picture has no data."""
        meta, both, texts = self.content.meta, self.content.comparison, self.texts
        titles = {
            "dependences": texts("head.dependences"),
            "scoreboard": texts("head.scoreboard"),
            "chain": texts("head.chain_plain"),
            "trends": texts("head.trends_plain"),
            "comparison": texts.heading("head.comparison", first=both.first, second=both.second),
        }
        return titles[name], texts(f"empty.{name}", against=meta.against)


def finding_parts(finding: Finding) -> Iterator[str | Figure]:
    """A finding as plain text and figures in reading order."""
    end = 0
    for slot in _SLOT.finditer(finding.sentence):
        if slot.start() > end:
            yield finding.sentence[end : slot.start()]
        yield finding.figures[int(slot.group(1))]
        end = slot.end()
    if end < len(finding.sentence):
        yield finding.sentence[end:]


def material_figures(row: MaterialRow) -> tuple[Figure | None, ...]:
    """The plain figures of an annex row, in the order of its columns."""
    return (
        row.on_first,
        row.on_second,
        row.net_import_reliance,
        row.supply_risk,
        row.supply_risk_official,
        row.importance,
        row.importance_official,
    )


def errors_text(errors: float | None, texts: Texts) -> str:
    """How many errors an adjustment moves, with one decimal."""
    if errors is None:
        return texts("word.unknown")
    return figure_text(Figure("", round(errors, 1), "index", None, "modelled")).value
