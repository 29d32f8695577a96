"""Dates as sources print them: a day, a month or only a year, never more precise than printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lodestone.atlas.readers.strict_table import Row
from lodestone.terms.errors import Problems

Precision = Literal["day", "month", "year"]
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d-])")
_PRECISIONS: tuple[Precision, ...] = ("year", "month", "day")


@dataclass(frozen=True)
class PartialDate:
    """The first day a printed date may mean, and how precise it was printed."""

    first_day: date
    precision: Precision


def first_date(text: str) -> PartialDate | None:
    """The first date in a text, or None if there is none.

    Examples
    --------
    >>> first_date("2009 (law)")
    PartialDate(first_day=datetime.date(2009, 1, 1), precision='year')
    >>> first_date("relaxed 2017-01 for Ni ore").precision, first_date("in force")
    ('month', None)
    """
    for match in _PARTIAL.finditer(text):
        parts = [int(part) for part in match.groups() if part is not None]
        try:
            day = date(*[*parts, 1, 1][:3])
        except ValueError:
            continue
        return PartialDate(day, _PRECISIONS[len(parts) - 1])
    return None


def year(row: Row, column: str, problems: Problems) -> int | None:
    """The year a cell holds; anything else is a problem and gives None."""
    if re.fullmatch(r"[12]\d{3}", row[column]):
        return int(row[column])
    problems.add(f"{row[column]!r} is not a year", row.where(column), "write four digits")
    return None
