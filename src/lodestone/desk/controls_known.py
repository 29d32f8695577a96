"""Which export controls of a material were known on a day: one rule for all verbs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lodestone.desk.dated_control import dated_control
from lodestone.desk.hazard_inputs import named_materials

if TYPE_CHECKING:
    from lodestone.atlas.readers.controls import Status
    from lodestone.desk.library import Library

_LATER: Status = "not announced"
#: Year of which the USGS list speaks: an entry without a year of its own is known from then on.
_USGS_YEAR = 2026


@dataclass(frozen=True)
class ControlsKnown:
    """Controls that were known on a day.

    Attributes
    ----------
    dated : events of the catalogue with their days as days, and the status on the day; oldest first
    listed : what the USGS lists as in force, begun by then; oldest first
    """

    dated: tuple[tuple[Mapping[str, Any], Status], ...]
    listed: tuple[Mapping[str, Any], ...]


def controls_known(books: Library, material: str, day: date) -> ControlsKnown:
    """Find the controls of a material on a day, without what was announced or begun later.

    The USGS prints years: an entry counts from the first day of its year.
    """
    from lodestone.atlas.readers.controls import status_on

    dated = [
        dated_control(row)
        for row in books.rows("SELECT * FROM controls ORDER BY effective, event_id")
        if any(material in named_materials(key) for key in row["materials"])
    ]
    listed = [
        row
        for row in books.rows("SELECT * FROM us_controls ORDER BY since, place, fact")
        if material in named_materials(row["material"])
    ]
    with_status = [(row, status_on(row, day)) for row in dated]
    return ControlsKnown(
        tuple((row, status) for row, status in with_status if status != _LATER),
        tuple(row for row in listed if int(row["since"] or _USGS_YEAR) <= day.year),
    )
