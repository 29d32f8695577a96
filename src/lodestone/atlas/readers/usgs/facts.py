"""Turns one printed cell of a known series into one row of the facts table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from lodestone.atlas.readers.usgs.conversion import Conversion, conversion
from lodestone.atlas.readers.usgs.printed import Printed, printed
from lodestone.atlas.readers.usgs.series import Series
from lodestone.atlas.readers.usgs.sheet import SheetRow
from lodestone.terms.errors import Problems, RequestError

_ROUNDED = re.compile(
    r"rounded to the nearest (?P<step>hundred thousand|[\d,]+) tons", re.IGNORECASE
)

_ELSEWHERE = re.compile(r"included (?:in|with)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """One printed cell, and all that the reader knows about it.

    Attributes
    ----------
    row, column : where it stands
    series : what it is
    place, partner : whom it is about, and the origin of imports
    year, year_to : the span it is about; one year if `year_to` is not given
    unit : as printed, or the words its heading stands for
    estimated : the publisher says that the figure is an estimate
    alone : the row holds this fact only, so that the row number names it
    notes : footnotes and mendings
    """

    row: SheetRow
    column: str
    series: Series
    place: str
    year: int
    unit: str
    partner: str | None = None
    year_to: int | None = None
    estimated: bool = False
    alone: bool = False
    notes: tuple[str, ...] = ()


@dataclass
class FactRows:
    """Facts of one source while its files are read, with the problems met on the way."""

    source: str
    problems: Problems
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, cell: Cell) -> None:
        """Add the fact of one cell, or a problem if its value or unit cannot be read."""
        statement = _from_note(cell) or printed(cell.row[cell.column])
        if statement is None:
            self.problems.add(
                f"{cell.row[cell.column].strip()!r} is not a value this reader knows",
                cell.row.where(cell.column),
                "correct the cell, or teach usgs/printed.py what it means",
            )
            return
        try:
            into = conversion(cell.series, cell.unit)
        except RequestError as error:
            self.problems.add(
                f"{cell.series.quantity} of {cell.series.series!r}: {error}",
                cell.row.where(cell.column),
                "add the unit to lodestone.terms, or set it in the reviewed list of series",
            )
            return
        self.rows.append(self._fact(cell, _not_small(statement, cell), into))

    def _fact(self, cell: Cell, statement: Printed, into: Conversion) -> dict[str, Any]:
        series, row = cell.series, cell.row
        value, low, high = _converted(statement, into, _rounding(cell))
        flag = _flag(statement.flag, cell.estimated)
        notes = (*row.mended, statement.note, *cell.notes, series.reason)
        number = f"{self.source}:{row.file}:{row.number}"
        return {
            "fact": number if cell.alone else f"{number}:{cell.column}",
            "source": self.source,
            "file": row.file,
            "material": series.material,
            "stage": series.stage or None,
            "quantity": series.quantity,
            "detail": series.detail,
            "place": cell.place,
            "partner": cell.partner,
            "year": cell.year,
            "year_to": cell.year if cell.year_to is None else cell.year_to,
            "value": value,
            "low": low,
            "high": high,
            "unit": into.unit,
            "basis": into.basis,
            "raw_value": row[cell.column],
            "raw_unit": cell.unit,
            "flag": flag,
            "kind": "inferred" if "estimated" in flag else "reported",
            "note": "; ".join(dict.fromkeys(note.strip() for note in notes if note.strip())),
        }


def _from_note(cell: Cell) -> Printed | None:
    """What the note says in place of a blank cell: in 2025 `W` and `NA` stand there."""
    if cell.row[cell.column].strip():
        return None
    for note in cell.notes:
        # "W for 23-24" is a W.
        sign = printed(re.sub(r" for [\d-]+$", "", note.strip())) if note.strip() else None
        if sign is not None and sign.value is None:
            return replace(sign, note="blank cell, explained in words")
    return None


def _converted(
    statement: Printed, into: Conversion, half_step: float | None
) -> tuple[float | None, float | None, float | None]:
    """Value and bounds in the unit of the facts table.

    A bound comes from the cell itself, from rounding that a footnote states (`half_step`, in
    printed tonnes), or from the band of a content; a bare number with none of these has none.
    """
    value, low, high = statement.value, statement.low, statement.high
    if value is not None and low is None and high is None:
        if half_step is not None and into.tonnes is not None:
            step = half_step / into.tonnes
            low, high = max(0.0, value - step), value + step
        elif into.low < into.high:
            low = high = value
    ceiling = into.ceiling if statement.flag == "more_than" else None
    return (
        None if value is None else value * into.central,
        None if low is None else low * into.low,
        ceiling if high is None else high * into.high,
    )


def _rounding(cell: Cell) -> float | None:
    """Half the step a footnote says the figure is rounded to, in printed tonnes."""
    for note in cell.notes:
        found = _ROUNDED.search(note)
        if found is not None:
            step = found["step"].lower()
            tons = 100_000.0 if step == "hundred thousand" else float(step.replace(",", ""))
            return tons / 2.0
    return None


def _not_small(statement: Printed, cell: Cell) -> Printed:
    """A figure printed `s` and footnoted as counted elsewhere is unknown, not small."""
    if statement.flag == "small" and any(_ELSEWHERE.search(note) for note in cell.notes):
        return replace(statement, low=None, high=None, flag="unknown", note="counted elsewhere")
    return statement


def _flag(flag: str, estimated: bool) -> str:
    if not estimated or flag in ("unknown", "withheld", "not_calculable", "estimated"):
        return flag
    return "estimated" if flag == "reported" else f"{flag};estimated"
