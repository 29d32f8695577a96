"""A hazard: how likely a supplier cuts one material in a year, how deep, and for how long.

The table is data that a user edits: one row a supplier and material, each with a reason. Ours is
made by `hazard_rules` and labelled ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from lodestone import terms
from lodestone.terms.errors import LodestoneError, Problems, RequestError

#: Why a hazard is what it is, from the strongest evidence to the weakest.
IN_FORCE, USED_HERE, USED_ELSEWHERE, NEVER_USED, OWN = (
    "control in force",
    "used on this material",
    "used on other materials",
    "never used",
    "user",
)
CLASSES = (IN_FORCE, USED_HERE, USED_ELSEWHERE, NEVER_USED, OWN)
_BANDS = ("probability", "severity", "months")


@dataclass(frozen=True)
class Hazard:
    """One supplier and one material.

    Attributes
    ----------
    supplier, material : ids
    probability, probability_low, probability_high : that a cut begins within a year
    severity, severity_low, severity_high : share of exports that a cut withholds
    months, months_low, months_high : how long it lasts
    evidence : one of `CLASSES`
    reason : what it rests on, in words
    """

    supplier: str
    material: str
    probability: float
    probability_low: float
    probability_high: float
    severity: float
    severity_low: float
    severity_high: float
    months: float
    months_low: float
    months_high: float
    evidence: str
    reason: str

    @property
    def pair(self) -> tuple[str, str]:
        """(supplier, material)."""
        return self.supplier, self.material


COLUMNS = tuple(f.name for f in fields(Hazard))


def hazards_as_text(hazards: Sequence[Hazard]) -> str:
    """The table as CSV, to be edited and read back by `read_hazards`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for hazard in hazards:
        row = [getattr(hazard, name) for name in COLUMNS]
        writer.writerow([f"{x:.6g}" if isinstance(x, float) else x for x in row])
    return out.getvalue()


def read_hazards(
    text: str, file: str, pairs: Collection[tuple[str, str]] | None = None
) -> list[Hazard]:
    """Hazards of a CSV text.

    Low and high may be left empty: they are then the central value. Columns may stand in any
    order; `evidence` and `reason` may be missing.

    Parameters
    ----------
    file : its name, for messages
    pairs : (supplier, material) that have a chain; others are problems

    Raises
    ------
    RequestError
        Every problem of the file at once, with its row and column.
    """
    problems = Problems(file)
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    needed = {"supplier", "material", "probability", "severity", "months"}
    missing = sorted(needed - set(reader.fieldnames or ()))
    if missing:
        problems.add(
            f"no column {', '.join(missing)}", "row 1", f"needed: {', '.join(sorted(needed))}"
        )
        problems.raise_if_any(RequestError)
    named = list(reader.fieldnames or ())
    for column in sorted({c for c in named if named.count(c) > 1}):
        problems.add(f"column {column!r} stands twice", "row 1", "keep one")
    unknown = sorted(set(named) - set(COLUMNS))
    if unknown:
        problems.add(
            f"unknown column {', '.join(unknown)}", "row 1", f"known: {', '.join(COLUMNS)}"
        )
    found: dict[tuple[str, str], Hazard] = {}
    for number, row in enumerate(reader, start=2):
        if None in row or None in row.values():
            problems.add("not as many cells as the first row", f"row {number}", "quote commas")
            continue
        hazard = _hazard(row, f"row {number}", problems)
        if hazard is None:
            continue
        if hazard.pair in found:
            problems.add(f"{hazard.pair} stands twice", f"row {number}", "keep one")
        if pairs is not None and hazard.pair not in pairs:
            problems.add(
                f"{hazard.supplier} and {hazard.material} are no pair of this answer",
                f"row {number}",
                "remove the row: a pair is a supplier abroad of more than 1 % of a stage; single "
                "rare earths are counted in rare_earths; --write-hazards lists all pairs",
            )
        found[hazard.pair] = hazard
    if not found and not problems:
        problems.add("no hazard in it", "", "one row a supplier and material")
    problems.raise_if_any(RequestError)
    return list(found.values())


def _hazard(row: dict[str, str], where: str, problems: Problems) -> Hazard | None:
    before = len(problems.items)
    numbers: dict[str, float] = {}
    for name in _BANDS:
        central = _number(row, name, where, problems)
        numbers[name] = central
        for end in ("low", "high"):
            column = f"{name}_{end}"
            given = (row.get(column) or "").strip()
            numbers[column] = _number(row, column, where, problems) if given else central
        top = 120.0 if name == "months" else 1.0
        low, high = numbers[f"{name}_low"], numbers[f"{name}_high"]
        if not 0.0 <= low <= central <= high <= top:
            problems.add(
                f"{low:g}, {central:g}, {high:g}",
                f"{where}, {name}",
                f"0 <= low <= central <= high <= {top:g}",
            )
    supplier = _known(terms.place, row.get("supplier"), f"{where}, supplier", problems)
    material = _known(terms.material, row.get("material"), f"{where}, material", problems)
    evidence = _evidence(row, where, problems)
    if len(problems.items) > before:
        return None
    return Hazard(
        supplier=supplier.iso3,
        material=material.id,
        evidence=evidence,
        reason=(row.get("reason") or "").strip() or "from the user's table",
        **numbers,
    )


def _evidence(row: dict[str, str], where: str, problems: Problems) -> str:
    text = (row.get("evidence") or "").strip() or OWN
    if text not in CLASSES:
        problems.add(f"unknown evidence {text!r}", where, f"one of {', '.join(CLASSES)}, or empty")
    return text


def _number(row: dict[str, str], column: str, where: str, problems: Problems) -> float:
    text = (row.get(column) or "").strip()
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        problems.add(f"{text!r} is no number", f"{where}, column {column}", "write a number")
        return 0.0
    return value


def _known(look_up: Callable[[str], Any], key: str | None, where: str, problems: Problems) -> Any:
    try:
        return look_up((key or "").strip())
    except LodestoneError as error:
        problems.add(str(error).splitlines()[0], where, "use an id or a name of the tables")
        return None
