"""Reads one of the small tables that ship with this room, as text, exactly as written."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

LIST_MARK = "|"


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `tables/<name>.csv` as dicts of text; an empty cell is an empty string.

    Text stays text on purpose: Namibia's two-letter code `NA` must not become a missing value.
    """
    file = resources.files("lodestone.terms.tables").joinpath(f"{name}.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines, strict=True))


def split_list(cell: str) -> tuple[str, ...]:
    """Items of a cell that holds a list, such as aliases."""
    return tuple(cell.split(LIST_MARK)) if cell else ()
