"""United States statistics of 2023 and 2024: one file a commodity, one row a year."""

from __future__ import annotations

import re
from pathlib import Path

from lodestone.atlas.readers.usgs.facts import Cell, FactRows
from lodestone.atlas.readers.usgs.series import SeriesList
from lodestone.atlas.readers.usgs.sheet import SheetRow, read_sheet

_FILE = re.compile(r"mcs(?P<edition>\d{4})-?(?P<stem>.+)_salient\.(?:csv|xlsx)", re.IGNORECASE)
_KEYS = ("DataSource", "Commodity", "Year")


def read_salient_files(raw: Path, edition: int, facts: FactRows) -> None:
    """Add the United States statistics of 2023 or 2024.

    The last year of each file is the publisher's estimate. Two files of 2023 are workbooks; both
    are of commodities that are skipped.
    """
    names = SeriesList("us_columns", str(edition))
    folder = f"usgs/mcs{edition}/salient"
    files = sorted(path.name for path in (raw / folder).glob("*"))
    if not files:
        facts.problems.add("the folder is missing or empty", folder, "put the files there")
        return
    for name in files:
        found = _FILE.fullmatch(name)
        if found is None:
            facts.problems.add("unknown file", f"{folder}/{name}", "teach the reader what it holds")
        elif not names.skips_whole(found["stem"]):
            _read_file(raw, f"{folder}/{name}", found["stem"], edition, names, facts)
    names.report_missing(folder, facts.problems)


def _read_file(
    raw: Path, file: str, stem: str, edition: int, names: SeriesList, facts: FactRows
) -> None:
    sheet = read_sheet(raw, file, facts.problems)
    missing = [key for key in _KEYS if key not in sheet.columns]
    if sheet.columns and missing:
        facts.problems.add(
            f"columns {', '.join(missing)} are missing",
            f"{file}, row 0",
            f"the file has {', '.join(sheet.columns)}",
        )
        return
    for column in sheet.columns[len(_KEYS) :]:
        series = names.find(stem, "", column)
        if series is None:
            facts.problems.add(
                f"unknown column {column!r}",
                f"{file}, row 0",
                "add it to usgs/tables/us_columns.csv, or say there why it is skipped",
            )
        elif not series.skipped:
            for row in sheet.rows:
                year = _year(row, edition, facts)
                if year is not None:
                    facts.add(
                        Cell(
                            row=row,
                            column=column,
                            series=series,
                            place="USA",
                            year=year,
                            unit=series.unit,
                            estimated=year == edition - 1,
                        )
                    )


def _year(row: SheetRow, edition: int, facts: FactRows) -> int | None:
    """Year of a row: each edition covers the five years before it."""
    text = row["Year"].strip()
    if re.fullmatch(r"\d{4}", text) and edition - 5 <= int(text) < edition:
        return int(text)
    facts.problems.add(
        f"{text!r} is not one of the five years before {edition}", row.where("Year"), "correct it"
    )
    return None
