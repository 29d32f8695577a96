"""Reads one of the small tables that ship with this room, as text, exactly as written."""

from __future__ import annotations

import csv
from functools import cache

from lodestone.terms.errors import DataError, Problems

LIST_MARK = "|"


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `tables/<name>.csv` as dicts of text; an empty cell is an empty string.

    Text stays text on purpose: Namibia's two-letter code `NA` must not become a missing value.
    """
    from importlib import resources  # costs more to import than the whole room

    file = resources.files("lodestone.terms.tables").joinpath(f"{name}.csv")
    return parse_table(file.read_text(encoding="utf-8"), f"{name}.csv")


def parse_table(text: str, name: str) -> tuple[dict[str, str], ...]:
    """Rows of a table with a header line; a row of another length is refused.

    Raises
    ------
    DataError
        Naming every row that has more or fewer cells than the header.
    """
    header, *lines = csv.reader(text.splitlines(), strict=True)
    problems = Problems(name)
    for number, cells in enumerate(lines, start=1):
        if len(cells) != len(header):
            what = f"{len(cells)} cells where the header has {len(header)}"
            problems.add(what, f"row {number}", "quote a cell that holds a comma, or fill the row")
    problems.raise_if_any(DataError)
    return tuple(dict(zip(header, cells, strict=True)) for cells in lines)


def split_list(cell: str) -> tuple[str, ...]:
    """Items of a cell that holds a list, such as aliases."""
    return tuple(cell.split(LIST_MARK)) if cell else ()
