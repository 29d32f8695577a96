"""Opens one published CSV file strictly, mending only what the reviewed lists name.

`tables/headings.csv` lists headings that are wrong in the published file, `tables/corrections.csv`
single cells (errata, footnote numbers glued to a value). A mending that no longer meets what it
was written for is itself a problem: the publisher has changed the file.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.terms.errors import Problems


@dataclass(frozen=True)
class SheetRow:
    """One data row: its number from 1, its cells as printed, and what was mended in it."""

    file: str
    number: int
    cells: Mapping[str, str]
    mended: tuple[str, ...] = ()

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def where(self, column: str) -> str:
        """Say where a cell stands, as a person would look it up."""
        return f"{self.file}, row {self.number}, column {column}"


@dataclass(frozen=True)
class Sheet:
    """A published table: its headings after mending, and its rows that are not blank."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(
    raw: Path,
    file: str,
    problems: Problems,
    *,
    columns: Sequence[str] = (),
    encoding: str = "utf-8-sig",
) -> Sheet:
    """Read `raw / file`; every defect becomes a problem and the rows read so far are kept.

    Parameters
    ----------
    raw, file : folder of raw files, and the file relative to it
    columns : headings that must all be there, and no others; empty if the caller judges them
    encoding : `utf-8-sig` (the editions to 2025) or `cp1252` (the long table of 2026)
    """
    try:
        text = (raw / file).read_text(encoding=encoding)
    except FileNotFoundError:
        problems.add("the file is missing", file, "put the publisher's file there and read again")
        return Sheet(file, (), ())
    except UnicodeDecodeError as error:
        problems.add(f"not {encoding} text ({error.reason})", file, "fetch the file again")
        return Sheet(file, (), ())
    records = list(csv.reader(io.StringIO(text, newline="")))
    header = _mended_header(
        [cell.strip() for cell in records[0]] if records else [], file, problems
    )
    if columns and not _fits(header, columns, file, problems):
        return Sheet(file, (), ())
    rows = _rows(records[1:], header, file, problems)
    return Sheet(file, tuple(name for name in header if name), rows)


def _mended_header(header: list[str], file: str, problems: Problems) -> list[str]:
    header = list(header)
    for fix in _fixes("headings", file):
        at = int(fix["column"]) - 1
        header += [""] * (at + 1 - len(header))
        if header[at] != fix["printed"]:
            problems.add(
                f"heading of column {at + 1} is {header[at]!r}, expected {fix['printed']!r}",
                f"{file}, row 0",
                "the publisher changed the file: review its lines in usgs/tables/headings.csv",
            )
        header[at] = fix["meant"]
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        problems.add(f"column {name!r} stands twice", f"{file}, row 0", "name the columns apart")
    return header


def _fits(header: Sequence[str], columns: Sequence[str], file: str, problems: Problems) -> bool:
    unknown = [name for name in header if name and name not in columns]
    missing = [name for name in columns if name not in header]
    for name in missing:
        near = difflib.get_close_matches(name, unknown, n=1, cutoff=0.4)
        hint = f"is it now called {near[0]!r}?" if near else f"the file has {', '.join(header)}"
        problems.add(f"column {name!r} is missing", f"{file}, row 0", hint)
    for name in unknown:
        problems.add(f"unknown column {name!r}", f"{file}, row 0", "teach the reader its meaning")
    return not missing


def _rows(
    records: Sequence[Sequence[str]], header: Sequence[str], file: str, problems: Problems
) -> tuple[SheetRow, ...]:
    ignored = {int(fix["column"]) - 1 for fix in _fixes("headings", file) if not fix["meant"]}
    corrections = {(int(fix["row"]), fix["column"]): fix for fix in _fixes("corrections", file)}
    rows = []
    for number, record in enumerate(records, start=1):
        if not any(cell.strip() for cell in record):
            continue
        for at, cell in enumerate(record):
            nameless = at >= len(header) or not header[at]
            if nameless and cell.strip() and at not in ignored:
                problems.add(
                    f"{cell.strip()!r} stands in a column without a heading",
                    f"{file}, row {number}, column {at + 1}",
                    "name the column, or list it in usgs/tables/headings.csv",
                )
        padded = [*record, *[""] * (len(header) - len(record))]
        cells = {name: padded[at] for at, name in enumerate(header) if name}
        mended = _correct(cells, number, corrections, file, problems)
        rows.append(SheetRow(file, number, cells, mended))
    for row, column in corrections:
        problems.add(
            "a reviewed correction finds no such cell",
            f"{file}, row {row}, column {column}",
            "the publisher changed the file: review usgs/tables/corrections.csv",
        )
    return tuple(rows)


def _correct(
    cells: dict[str, str],
    number: int,
    corrections: dict[tuple[int, str], dict[str, str]],
    file: str,
    problems: Problems,
) -> tuple[str, ...]:
    """Apply the corrections of one row and take them off the list."""
    mended = []
    for column in [c for n, c in corrections if n == number]:
        fix = corrections.pop((number, column))
        if cells.get(column, "").strip() != fix["printed"]:
            problems.add(
                f"{cells.get(column, '')!r} where a reviewed correction expects {fix['printed']!r}",
                f"{file}, row {number}, column {column}",
                "the publisher changed the file: review usgs/tables/corrections.csv",
            )
            continue
        cells[column] = fix["corrected"]
        mended.append(f"{column} {fix['printed']!r} read as {fix['corrected']!r}: {fix['reason']}")
    return tuple(mended)


def _fixes(table: str, file: str) -> list[dict[str, str]]:
    name = PurePosixPath(file).name
    return [row for row in reviewed(table) if row["file"] == name]
