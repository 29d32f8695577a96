"""Open one source table strictly: every wrong column, cell or name is noted, none is guessed.

A reader asks for the columns it needs and gets numbered rows. A renamed column, a row of the
wrong width, a word where a number belongs, an unknown country or material: each becomes one
`Problem` that says file, row and column, and the reader raises them all together at its end.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lodestone import terms
from lodestone.terms.errors import Problems


@dataclass(frozen=True)
class Row:
    """One data row of a source file: its number (from 1), its cells, and where it stands."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def where(self, column: str) -> str:
        """Place of one cell, as a person would look it up."""
        return f"{self.file}, row {self.number}, column {column}"


def csv_rows(
    raw: Path, file: str, columns: Sequence[str], problems: Problems, *, encoding: str = "utf-8-sig"
) -> list[Row]:
    """Rows of `raw / file`, cells stripped, in file order; an empty list if it cannot be read.

    Columns may stand in any order. A missing column is a problem, and so is a column nobody
    asked for: it may be the missing one under a new name, or a meaning we do not know.
    """
    try:
        text = (raw / file).read_text(encoding=encoding)
    except FileNotFoundError:
        problems.add("the file is missing", file, "put the publisher's file there and build again")
        return []
    except UnicodeDecodeError as error:
        problems.add(f"not {encoding} text ({error.reason})", file, "fetch the file again")
        return []
    lines = csv.reader(io.StringIO(text, newline=""))
    header = [name.strip() for name in next(lines, [])]
    if not _header_fits(header, columns, file, problems):
        return []
    return list(_rows(lines, header, file, problems))


def number(text: str, where: str, problems: Problems) -> float | None:
    """The finite number a cell holds; anything else is a problem and gives None."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value - value != 0.0:
        problems.add(f"{text!r} is not a number", where, "correct the cell or the reader")
        return None
    return value


@dataclass
class Names:
    """Turns a source's words into Lodestone's ids; an unknown word is one problem, not many.

    Parameters
    ----------
    source : source id; some publishers use a code for another place than the rest do.
    problems : where an unknown word is noted, with the first place it was met.
    """

    source: str
    problems: Problems
    _places: dict[str, str | None] = field(default_factory=dict)

    def place(self, name: str, where: str) -> str | None:
        """ISO3 code of a country as the source names it, or None with a problem noted."""
        if name not in self._places:
            found = terms.find_place(name, self.source)
            if found is None:
                self.problems.add(
                    f"unknown country {name!r}", where, "add the name to the table of places"
                )
            self._places[name] = None if found is None else found.iso3
        return self._places[name]


def _header_fits(
    header: Sequence[str], columns: Sequence[str], file: str, problems: Problems
) -> bool:
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    for name in missing:
        near = difflib.get_close_matches(name, unknown, n=1, cutoff=0.4)
        hint = f"is it now called {near[0]!r}?" if near else f"the file has {', '.join(header)}"
        problems.add(f"column {name!r} is missing", f"{file}, row 0", hint)
    for name in unknown:
        problems.add(f"unknown column {name!r}", f"{file}, row 0", "teach the reader what it means")
    for name in twice:
        problems.add(f"column {name!r} stands twice", f"{file}, row 0", "remove one")
    return not (missing or unknown or twice)


def _rows(
    lines: Iterator[list[str]], header: Sequence[str], file: str, problems: Problems
) -> Iterator[Row]:
    for count, cells in enumerate(lines, start=1):
        if len(cells) != len(header):
            problems.add(
                f"{len(cells)} cells where the header has {len(header)}",
                f"{file}, row {count}",
                "quote the cell that holds a comma, or remove the row",
            )
            continue
        stripped = (cell.strip() for cell in cells)
        yield Row(file, count, dict(zip(header, stripped, strict=True)))
