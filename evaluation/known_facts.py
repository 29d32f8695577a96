"""Known facts beside ours: shares that publishers print, and what the balanced chains say.

A report, not a test: nothing is tuned to agree. Each row of `known_facts.csv` is a share that
an expert of the field knows, with the publishers and years that state it. Figures marked
`read_from` are read again from the facts of the data release, so that no copying error stands
between the publisher and this page; the others are quoted and say so.

Run: python evaluation/known_facts.py
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from page import percent, points, run, table

from lodestone.desk.library import Library

TABLE = Path(__file__).parent / "known_facts.csv"
#: Differences above this many points are explained in the column `why`.
EXPLAIN_FROM = 0.05
#: What a row's share is a share of.
WORLD, BUYER = "world output", "supply of "


@dataclass(frozen=True)
class KnownFact:
    """One published share, 0..1.

    Attributes
    ----------
    measure : `world output`, or `supply of <buyer>` (by place of making, look-through)
    low, central, high : lowest and highest published figure, and the one to compare with
    source : publishers and editions in words
    read_from : `<source id>:<stage>:<quantity>` joined by `;` where the release holds the
        figures (publishers file platinum metals under other stages); empty where it is quoted
    why : the reviewed reason of a difference above five points
    """

    id: str
    material: str
    stage: str
    measure: str
    place: str
    year: int
    low: float
    central: float
    high: float
    source: str
    read_from: tuple[str, ...]
    note: str
    why: str


@dataclass(frozen=True)
class Comparison:
    """A known fact and ours; `ours` is None where no chain has the stage in that year."""

    fact: KnownFact
    ours: float | None
    before: float | None
    grade: str

    @property
    def difference(self) -> float | None:
        """Ours minus the published figure."""
        return None if self.ours is None else self.ours - self.fact.central

    @property
    def outside(self) -> float | None:
        """How far ours lies outside what publishers print; 0 inside."""
        if self.ours is None:
            return None
        return min(0.0, self.ours - self.fact.low) + max(0.0, self.ours - self.fact.high)


def known_facts(path: Path = TABLE) -> list[KnownFact]:
    """The rows of the table, shares as fractions."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_fact(row) for row in csv.DictReader(file)]


def _fact(row: dict[str, str]) -> KnownFact:
    low, central, high = (float(row[k]) / 100.0 for k in ("low", "central", "high"))
    if not low <= central <= high:
        raise ValueError(f"{row['id']}: {low} <= {central} <= {high} does not hold")
    return KnownFact(
        id=row["id"],
        material=row["material"],
        stage=row["stage"],
        measure=row["measure"],
        place=row["place"],
        year=int(row["year"]),
        low=low,
        central=central,
        high=high,
        source=row["source"],
        read_from=tuple(part for part in row["read_from"].split(";") if part),
        note=row["note"],
        why=row["why"],
    )


def published(books: Library, fact: KnownFact) -> dict[str, float]:
    """The share as each publisher in `read_from` has it, by source id.

    Output shares are the place over the printed world total, or over the sum of places where
    none is printed.
    """
    named = [tuple(text.split(":")) for text in fact.read_from]
    return {source: _published(books, fact, source, stage, of) for source, stage, of in named}


def _published(books: Library, fact: KnownFact, source: str, stage: str, quantity: str) -> float:
    where = "WHERE source = ? AND material = ? AND quantity = ? AND stage = ? AND value IS NOT NULL"
    key: list[object] = [source, fact.material, quantity, stage]
    if quantity == "supply_share":  # a mean over years, already a share
        rows = books.rows(
            f"SELECT sum(value) AS v FROM facts {where} AND place = ?", [*key, fact.place]
        )
        return float(rows[0]["v"])
    rows = books.rows(
        f"SELECT place, sum(value) AS v FROM facts {where} AND year = ? AND year_to = ? "
        "AND unit = 't' GROUP BY place",
        [*key, fact.year, fact.year],
    )
    by_place = {str(r["place"]): float(r["v"]) for r in rows}
    world = by_place.pop("WLD", None) or sum(by_place.values())
    return by_place[fact.place] / world


def compare(books: Library, facts: Iterable[KnownFact]) -> list[Comparison]:
    """Ours beside each known fact."""
    return [_compare(books, fact) for fact in facts]


def _compare(books: Library, fact: KnownFact) -> Comparison:
    if fact.measure.startswith(BUYER):
        buyer = fact.measure.removeprefix(BUYER)
        found = books.dependence(
            buyer, year=fact.year, material=fact.material, lens="look_through", stage=fact.stage
        )
        share = next((float(r["share"]) for r in found if r["origin"] == fact.place), None)
        grade = _stage_grade(books, fact)
        return Comparison(fact, share, None, grade)
    cells = books.rows(
        "SELECT place, value, estimate FROM chain_cells WHERE material = ? AND year = ? "
        "AND stage = ? AND entry = 'output'",
        [fact.material, fact.year, fact.stage],
    )
    here = next((c for c in cells if c["place"] == fact.place), None)
    if here is None:
        return Comparison(fact, None, None, "")
    ours = here["value"] / sum(c["value"] for c in cells)
    before = here["estimate"] / sum(c["estimate"] for c in cells)
    return Comparison(fact, float(ours), float(before), _stage_grade(books, fact))


def _stage_grade(books: Library, fact: KnownFact) -> str:
    rows = books.rows(
        "SELECT grade FROM chain_stages WHERE material = ? AND year = ? AND stage = ?",
        [fact.material, fact.year, fact.stage],
    )
    return str(rows[0]["grade"]) if rows else ""


def report(books: Library) -> list[str]:
    """The page: the table, then the reasons of the large differences."""
    found = compare(books, known_facts())
    large = [c for c in found if c.difference is not None and abs(c.difference) > EXPLAIN_FROM]
    absent = [c.fact.id for c in found if c.ours is None]
    inside = sum(c.outside == 0.0 for c in found)
    stale = [c.fact.id for c in found if c.fact.why and c not in large]
    differences = sorted(abs(c.difference) for c in found if c.difference is not None)
    summary = (
        f"{len(found)} known facts; {inside} of ours lie inside what publishers print for the "
        f"year; the median difference is {100 * differences[len(differences) // 2]:.1f} points; "
        f"{len(large)} differ by more than 5 points and are explained below. "
        "*Before* is the share before balancing: where it agrees and *ours* does not, the "
        "balance moved it. *Outside* is how far ours lies outside the published range."
    )
    heads = (
        "material", "stage", "share of", "place", "year", "published %", "low", "high",
        "before", "ours", "difference", "outside", "grade", "source",
    )  # fmt: skip
    why_heads = ("material", "stage", "place", "year", "published %", "ours", "difference", "why")
    parts = [
        summary,
        table(heads, map(_row, found)),
        "## Differences above five points",
        table(why_heads, map(_why, sorted(large, key=lambda c: -abs(c.difference or 0.0)))),
    ]
    if stale:
        parts.append(f"Explained once, now within five points: {', '.join(stale)}.")
    if absent:
        parts.append(f"No chain has these: {', '.join(absent)}.")
    return parts


def _why(c: Comparison) -> tuple[object, ...]:
    f = c.fact
    return (
        f.material,
        f.stage,
        f.place,
        f.year,
        percent(f.central),
        percent(c.ours),
        points(c.difference),
        f.why or "**not yet explained**",
    )


def _row(c: Comparison) -> tuple[object, ...]:
    f = c.fact
    quoted = "" if f.read_from else " (quoted)"
    return (
        f.material, f.stage, f.measure, f.place, f.year,
        percent(f.central), percent(f.low), percent(f.high),
        percent(c.before), percent(c.ours), points(c.difference), points(c.outside),
        c.grade, f"{f.source}{quoted}{'; ' + f.note if f.note else ''}",
    )  # fmt: skip


if __name__ == "__main__":
    run("known_facts", "Known facts beside ours", report)
