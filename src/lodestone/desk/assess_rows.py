"""One row of an assessment: labels, number with band, grade, note, id, official figure beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lodestone.assess.assessment import Assessment
from lodestone.assess.panel import Node
from lodestone.assess.scorecard import Grades, scorecard
from lodestone.desk.assess_buyer import WORLD
from lodestone.desk.assess_methods import PUBLISHED

ScoreRow = dict[str, Any]
#: Column with sentences that hold for many rows.
ABOUT = "about"


def score_row(
    method: str,
    node: Node,
    place: str,
    year: int,
    value: float | None,
    *,
    band: tuple[float | None, float | None] = (None, None),
    unit: str = "share",
    grade: str = "",
    kind: str = "modelled",
    note: str = "",
    about: Sequence[str] = (),
    supplier: str | None = None,
) -> ScoreRow:
    """A row with every column that an assessment has; unknown is None, and the note says why.

    `about` are sentences that hold for many rows; an answer says each once (`said_once`).
    """
    suffix = PUBLISHED if kind == "published" else ""
    return {
        "material": node.material,
        "stage": node.stage,
        "place": place,
        "year": year,
        "method": method,
        "value": value,
        "low": band[0],
        "high": band[1],
        "unit": unit,
        "grade": grade or None,
        "kind": kind,
        "supplier": supplier,
        "official": None,
        "official_low": None,
        "official_high": None,
        "official_source": None,
        "note": note,
        ABOUT: tuple(filter(None, about)),
        "id": f"score:{method}{suffix}:{node.material}:{node.stage}:{year}:{place}",
    }


def rows_of(
    assessment: Assessment,
    place: str,
    *,
    method: str = "",
    grades: Grades | None = None,
    about: Sequence[str] = (),
) -> list[ScoreRow]:
    """What an assessment says about a place, as rows; answers about the world carry `WLD`."""
    panel = assessment.panel
    where = place if place in panel.places else WORLD
    rows = []
    for row in scorecard(place, [replace(assessment, note="")], grades=grades):
        node = Node(row.material, row.stage)
        cell = (panel.node(*node), panel.place(where), panel.years.index(row.year))
        supplier = assessment.supplier.at(cell) if assessment.supplier else ""
        rows.append(
            score_row(
                method or assessment.method,
                node,
                where,
                row.year,
                row.value,
                band=(row.low, row.high),
                unit=row.unit,
                grade=row.grade,
                kind=row.kind,
                note=row.note,
                about=(assessment.note, *about),
                supplier=supplier or None,
            )
        )
    return rows


def said_once(rows: Iterable[ScoreRow]) -> tuple[list[ScoreRow], list[str]]:
    """The rows without what holds for many of them, and that as notes with their methods."""
    methods: dict[str, dict[str, None]] = defaultdict(dict)
    bare = []
    for row in rows:
        for sentence in row[ABOUT]:
            methods[sentence][row["method"]] = None
        bare.append({column: value for column, value in row.items() if column != ABOUT})
    return bare, [f"{', '.join(names)}: {sentence}." for sentence, names in methods.items()]


def with_official(row: ScoreRow, official: Mapping[str, Any] | None) -> ScoreRow:
    """The row with the official figure beside ours: `value`, `low`, `high`, `source`."""
    if official is None:
        return row
    return {
        **row,
        "official": official.get("value"),
        "official_low": official.get("low"),
        "official_high": official.get("high"),
        "official_source": official["source"],
    }
