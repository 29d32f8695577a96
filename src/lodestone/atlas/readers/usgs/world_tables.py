"""World tables of 2023 to 2025: one file a commodity (2023, 2024), or one file for all (2025).

Each row is a country and a series ("Mine production, tin content"); each column a measure and a
year. The columns of 2023 and 2024 carry their unit: `Prod_kt_est_2023`, `Cap_Sponge_t_2023`,
`Reserves_ore_K2O_equiv_kt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lodestone.atlas.readers.usgs.facts import Cell, FactRows
from lodestone.atlas.readers.usgs.places import PrintedPlace, printed_place
from lodestone.atlas.readers.usgs.series import Series, SeriesList
from lodestone.atlas.readers.usgs.sheet import Sheet, SheetRow, read_sheet

FILE_2025 = "usgs/mcs2025/MCS2025_World_Data.csv"
_COLUMNS_2025 = (
    "SOURCE",
    "COMMODITY",
    "COUNTRY",
    "TYPE",
    "UNIT_MEAS",
    "PROD_2023",
    "PROD_EST_ 2024",
    "PROD_NOTES",
    "CAP_2023",
    "CAP_EST_ 2024",
    "CAP_NOTES",
    "RESERVES_2024",
    "RESERVE_NOTES",
)
_FILE = re.compile(r"mcs(?P<edition>\d{4})-?(?P<stem>.+)_world\.csv", re.IGNORECASE)
_MEASURE = re.compile(
    r"(?P<measure>prod|cap|reserves)_(?:(?P<part>sponge|pigment|ore_k2o_equiv|ore)_)?"
    r"(?P<unit>t|kt|mt|mmt|kg|mct|kct|mcm)(?P<estimated>_est)?(?:_(?P<year>\d{4}))?",
    re.IGNORECASE,
)
_MEASURES = {"prod": "production", "cap": "capacity", "reserves": "reserves"}
_UNITS = {
    "t": "metric tons",
    "kt": "thousand metric tons",
    "mt": "million metric tons",
    "mmt": "million metric tons",
    "kg": "kilograms",
    "mct": "million carats",
    "kct": "thousands of carats",
    "mcm": "million cubic meters",
}
# "Gold - mine production (rounded)" is the world total of "Gold - mine production".
_TOTAL_SUFFIX = re.compile(r"[:,]? ?\(?rounded\)?$", re.IGNORECASE)
_ALSO_ESTIMATED = re.compile(
    r"estimated (?:in|for)? ?\d{4}|in \d{4} (?:is|was) also estimated|estimated in both"
    r"|also estimated|^estimated\b",
    re.IGNORECASE,
)
# "Reported", "Reported quantity in 2022"; not "as reported by the statistical office".
_ALSO_REPORTED = re.compile(
    r"^re(?:por|pro)ted\b|\breported (?:\w+ )?in \d{4}|production was reported", re.IGNORECASE
)


@dataclass(frozen=True)
class _Column:
    """One column of values: what it measures, of which year, in which unit, with which notes.

    `first` marks the earlier of the two years, which is an estimate only if a note says so.
    """

    name: str
    measure: str
    year: int
    unit: str
    estimated: bool
    first: bool
    notes: str


@dataclass(frozen=True)
class _Keys:
    """What a row is about: the commodity, and the columns of its country and its series."""

    commodity: str
    country: str
    title: str


def read_world_files(raw: Path, edition: int, facts: FactRows) -> None:
    """Add the facts of the world tables of 2023 or 2024, one file a commodity."""
    names = SeriesList("world_series", str(edition))
    folder = f"usgs/mcs{edition}/world"
    files = sorted(path.name for path in (raw / folder).glob("*"))
    if not files:
        facts.problems.add("the folder is missing or empty", folder, "put the files there")
        return
    for name in files:
        found = _FILE.fullmatch(name)
        if found is None:
            facts.problems.add("unknown file", f"{folder}/{name}", "teach the reader what it holds")
        elif not names.skips_whole(found["stem"]):
            sheet = read_sheet(raw, f"{folder}/{name}", facts.problems)
            columns = list(_columns(sheet, edition, facts))
            for row in sheet.rows:
                _add_row(row, _Keys(found["stem"], "Country", "Type"), columns, names, facts)
    names.report_missing(folder, facts.problems)


def read_world_2025(raw: Path, facts: FactRows) -> None:
    """Add the facts of the world table of 2025, one file for all commodities.

    A blank cell there is a zero, a number nobody has, or a column that the printed table does not
    have. The last kind is left out: the column is blank for the whole series while its neighbour
    of another year is not.
    """
    sheet = read_sheet(raw, FILE_2025, facts.problems, columns=_COLUMNS_2025)
    names = SeriesList("world_series", "2025")
    filled = {
        (row["COMMODITY"], row["TYPE"], column.name)
        for row in sheet.rows
        for column in _columns_2025("")
        if row[column.name].strip()
    }
    for row in sheet.rows:
        commodity, columns = row["COMMODITY"], list(_columns_2025(row["UNIT_MEAS"]))
        if names.skips_whole(commodity):
            continue
        shown = [c for c in columns if (commodity, row["TYPE"], c.name) in filled]
        measures = {column.measure for column in shown}
        shown += [column for column in columns if column.measure not in measures]
        _add_row(row, _Keys(commodity, "COUNTRY", "TYPE"), shown, names, facts)
    if sheet.rows:
        names.report_missing(FILE_2025, facts.problems)


def _columns_2025(unit: str) -> Iterator[_Column]:
    yield _Column("PROD_2023", "production", 2023, unit, False, True, "PROD_NOTES")
    yield _Column("PROD_EST_ 2024", "production", 2024, unit, True, False, "PROD_NOTES")
    yield _Column("CAP_2023", "capacity", 2023, unit, False, True, "CAP_NOTES")
    yield _Column("CAP_EST_ 2024", "capacity", 2024, unit, True, False, "CAP_NOTES")
    yield _Column("RESERVES_2024", "reserves", 2024, unit, False, True, "RESERVE_NOTES")


def _columns(sheet: Sheet, edition: int, facts: FactRows) -> Iterator[_Column]:
    """Columns of values of a file of 2023 or 2024; an unknown heading is a problem."""
    for needed in ("Source", "Country", "Type"):
        if sheet.columns and needed not in sheet.columns:
            facts.problems.add(
                f"column {needed!r} is missing",
                f"{sheet.file}, row 0",
                f"the file has {', '.join(sheet.columns)}",
            )
            return
    for at, name in enumerate(sheet.columns):
        found = _MEASURE.fullmatch(name)
        if found is not None:
            measure = _MEASURES[found["measure"].lower()]
            part = f" {found['part'].lower()}" if found["part"] else ""
            year = int(found["year"]) if found["year"] else edition - 1
            notes = next((n for n in sheet.columns[at + 1 :] if "note" in n.lower()), "")
            yield _Column(
                name=name,
                measure=measure + part,
                year=year if measure != "reserves" else edition - 1,
                unit=_UNITS[found["unit"].lower()],
                estimated=found["estimated"] is not None,
                first=year == edition - 2,
                notes=notes,
            )
        elif name not in ("Source", "Country", "Type") and "note" not in name.lower():
            facts.problems.add(
                f"unknown column {name!r}", f"{sheet.file}, row 0", "teach the reader its meaning"
            )


def _add_row(
    row: SheetRow, keys: _Keys, columns: list[_Column], names: SeriesList, facts: FactRows
) -> None:
    place = printed_place(row[keys.country])
    if place is None:
        facts.problems.add(
            f"unknown country {row[keys.country]!r}",
            row.where(keys.country),
            "add the name to the table of places",
        )
        return
    title = _TOTAL_SUFFIX.sub("", row[keys.title].strip()).strip()
    for column in columns:
        series = names.find(keys.commodity, column.measure, title)
        # A column that does not belong to the series is blank, or says that it does not apply.
        if series is None and row[column.name].strip() not in ("", "XX"):
            facts.problems.add(
                f"unknown series {keys.commodity!r}, {column.measure!r}, {title!r}",
                row.where(column.name),
                "add it to usgs/tables/world_series.csv, or say there why it is skipped",
            )
        elif series is not None and not series.skipped:
            facts.add(_cell(row, column, series, place, "estimated" in title.lower()))


def _cell(
    row: SheetRow, column: _Column, series: Series, place: PrintedPlace, all_estimated: bool
) -> Cell:
    note = row.cells.get(column.notes, "").strip()
    estimated = column.estimated or (column.measure == "production" and all_estimated)
    if column.first and _ALSO_ESTIMATED.search(note):
        estimated = True
    elif column.first and _ALSO_REPORTED.search(note):
        estimated = False
    return Cell(
        row=row,
        column=column.name,
        series=series,
        place=place.code,
        year=column.year,
        unit=column.unit,
        estimated=estimated,
        notes=(place.note, note),
    )
