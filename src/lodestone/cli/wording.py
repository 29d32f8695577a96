"""Words for what rows hold: headings, places with their names, text fit for a screen."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from lodestone.cli.numerals import SHARE

Row = Mapping[str, Any]

#: Columns whose codes are places.
PLACES = frozenset(
    (
        "place",
        "origin",
        "destination",
        "other",
        "supplier",
        "partner",
        "exporter",
        "importer",
        "member",
    )
)
#: Numbers in these columns are labels: 2024 is no quantity.
LABELS = frozenset(("year", "year_to", "month", "row", "code", "seed"))

#: Units that are not said: none, and shares, whose numbers say `%` themselves.
_UNSAID = (None, "", "1", SHARE)
_LONGEST_PLACE = 22
_CODE = re.compile(r"[A-Z]{3}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def heading(name: str, unit: str | None = None) -> str:
    """The name of a column in words, with the unit of its numbers."""
    words = name.replace("_", " ")
    return words if unit in (*_UNSAID, words) else f"{words} [{unit}]"


def with_unit(text: str, unit: str | None) -> str:
    """A number with its unit behind it."""
    return text if unit in _UNSAID else f"{text} {unit}"


def cell(name: str, value: object) -> str:
    """A label as people read it; an empty one where the row says nothing."""
    if value is None:
        return ""
    if name in PLACES and isinstance(value, str):
        return place_words(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, int | float):
        return str(value)
    return one_line(json.dumps(value, ensure_ascii=False))


def one_line(text: str) -> str:
    """Text without line breaks, tabs and codes that a terminal would obey."""
    return _CONTROL.sub(" ", text).strip()


@cache
def place_words(code: str) -> str:
    """Code and name of a place, `COD DR Congo`; blocs and unknown codes stay codes."""
    from lodestone.terms import find_place

    found = find_place(code) if _CODE.fullmatch(code) else None
    if found is None:
        return one_line(code)
    words = f"{code} {found.name}"
    return words if len(words) <= _LONGEST_PLACE else f"{words[: _LONGEST_PLACE - 1].rstrip()}…"


def common_entries(rows: Sequence[Row]) -> dict[str, Any]:
    """What every row says alike; what is unknown in all rows is not among it.

    Examples
    --------
    >>> common_entries([{"year": 2024, "place": "COD"}, {"year": 2024, "place": "CHN"}])
    {'year': 2024}
    """
    return {
        column: value
        for column, value in rows[0].items()
        if value is not None and all(column in row and row[column] == value for row in rows)
    }
