"""All methods for one place in one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lodestone.assess.assessment import Assessment, Gap
from lodestone.assess.look_through_dependence import LookThroughDependence
from lodestone.assess.panel import WORLD, Node

#: Material, stage and year of the baseline -> grade A, B or C.
Grades = Mapping[tuple[str, str, int], str]


@dataclass(frozen=True)
class ScorecardRow:
    """One number of one method.

    Parameters
    ----------
    value, low, high : float or None
        None is unknown, and `note` says why; zero is zero.
    grade : str
        Of the baseline cell it was made from; empty where it was made from published inputs.
    kind : str
        `modelled` or `published`.
    note : str
        Named supplier, remark, gap, and how the band was made.
    """

    material: str
    stage: str
    year: int
    method: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    grade: str
    kind: str
    note: str


def scorecard(
    place: str,
    assessments: Iterable[Assessment],
    dependences: Iterable[LookThroughDependence] = (),
    *,
    grades: Grades | None = None,
    years: Sequence[int] | None = None,
) -> tuple[ScorecardRow, ...]:
    """Everything that the methods say about one place, as rows; unknown rows stay in.

    Answers about the world (HHI, N-1) belong to every place's card. A method that does not know
    the place is left out.

    Parameters
    ----------
    place : str
        ISO3 or bloc id.
    assessments : iterable of Assessment
    dependences : iterable of LookThroughDependence
    grades : mapping, optional
        Of (material, stage, year) for this place.
    years : sequence of int, optional
        Only these years.
    """
    rows: list[ScorecardRow] = []
    graded = grades or {}
    for assessment in assessments:
        rows += _rows(assessment, place, graded)
    for dependence in dependences:
        rows += _dependence_rows(dependence, place, graded)
    kept = [row for row in rows if years is None or row.year in years]
    return tuple(sorted(kept, key=lambda r: (r.material, r.stage, r.year, r.method)))


def _rows(assessment: Assessment, place: str, grades: Grades) -> list[ScorecardRow]:
    panel = assessment.panel
    name = place if place in panel.places else WORLD
    if name not in panel.places:
        return []
    p = panel.place(name)
    rows = []
    for n, node in enumerate(panel.nodes):
        for t, year in enumerate(panel.years):
            cell = (n, p, t)
            low, high = panel.bands_at(cell)
            known = assessment.gap_at(cell) is Gap.NONE
            rows.append(
                ScorecardRow(
                    node.material,
                    node.stage,
                    year,
                    assessment.method,
                    float(panel.value[cell]) if known else None,
                    low,
                    high,
                    panel.unit,
                    _grade(grades, node, year),
                    assessment.kind,
                    _note(assessment, cell),
                )
            )
    return rows


def _note(assessment: Assessment, cell: tuple[int, int, int]) -> str:
    supplier = assessment.supplier.at(cell) if assessment.supplier else ""
    parts = (
        f"largest supplier {supplier}" if supplier else "",
        assessment.remark.at(cell) if assessment.remark else "",
        assessment.gap_at(cell).words,
        assessment.note,
    )
    return "; ".join(part for part in parts if part)


def _dependence_rows(
    dependence: LookThroughDependence, place: str, grades: Grades
) -> list[ScorecardRow]:
    if place not in dependence.buyers:
        return []
    j = dependence.buyers.index(place)
    unknown = "undefined: the place uses none, or buys none abroad"
    top = {
        "dependence (as shipped)": dependence.top_direct[j],
        "dependence (look-through)": dependence.top_look_through[j],
        "dependence (look-through minus as shipped)": dependence.top_look_through[j],
    }
    low, high = (None if b[j] != b[j] else float(b[j]) for b in (dependence.low, dependence.high))
    values = (dependence.direct[j], dependence.look_through[j], dependence.gap[j])
    bands = ((None, None), (low, high), (None, None))
    return [
        ScorecardRow(
            dependence.node.material,
            dependence.node.stage,
            dependence.year,
            method,
            None if value != value else float(value),
            *band,
            "share",
            _grade(grades, dependence.node, dependence.year),
            "modelled",
            unknown if at < 0 else f"largest foreign supplier {dependence.origins[at]}",
        )
        for (method, at), value, band in zip(top.items(), values, bands, strict=True)
    ]


def _grade(grades: Grades, node: Node, year: int) -> str:
    """Grade of the node; of an answer over stages, the worst of the material's stages."""
    if (node.material, node.stage, year) in grades:
        return grades[node.material, node.stage, year]
    found = [g for (m, _, y), g in grades.items() if m == node.material and y == year]
    return max(found, default="")
