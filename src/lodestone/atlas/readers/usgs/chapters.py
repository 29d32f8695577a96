"""The long table of 2026: every number of every chapter, one row each."""

from __future__ import annotations

import re
from pathlib import Path

from lodestone.atlas.readers.usgs.facts import Cell, FactRows
from lodestone.atlas.readers.usgs.places import printed_place
from lodestone.atlas.readers.usgs.series import Series, SeriesList
from lodestone.atlas.readers.usgs.sheet import SheetRow, read_sheet

FILE = "usgs/mcs2026/MCS2026_Commodities_Data.csv"
_COLUMNS = (
    "MCS chapter",
    "Section",
    "Commodity",
    "Country",
    "Statistics",
    "Statistics_detail",
    "Unit",
    "Year",
    "Value",
    "Notes",
    "Is critical mineral 2025",
    "Other notes",
)
_SALIENT, _SOURCES = "Salient Statistics—United States", "Import Sources"
# The headings of world tables; a new one may hold something that this reader does not know.
_WORLD_SECTIONS = frozenset(
    {
        "World Alumina Refinery and Bauxite Mine Production and Bauxite Reserves",
        "World Ammonia Production and Reserves",
        "World Gem-Quality Natural Diamond Mine Production and Reserves",
        "World Lime Production and Limestone Reserves",
        "World Low-Purity Production and Production Capacity",
        "World Magnesite Mine Production and Reserves (gross weight)",
        "World Mine Production (manganese content) and Reserves",
        "World Mine Production and Reserves",
        "World Mine and Refinery Production and Reserves",
        "World Natural Industrial Diamond Mine Production and Reserves",
        "World Primary Production and Reserves",
        "World Production",
        "World Production Capacity",
        "World Production and Capacity",
        "World Production and Reserves",
        "World Refinery Production and Capacity",
        "World Refinery Production and Reserves",
        "World Smelter Production and Capacity",
        "World Sponge Metal Production and Sponge and Pigment Capacity",
    }
)
# "Mine production: rounded" is the world total of "Mine production".
_TOTAL_SUFFIX = re.compile(r"[:,] ?rounded$", re.IGNORECASE)
_YEARS = re.compile(r"(?P<first>\d{4})(?:[–-](?P<last>\d{2}))?")


def read_chapters(raw: Path, facts: FactRows) -> None:
    """Add the facts of the 2026 data release: world tables, United States, import sources."""
    sheet = read_sheet(raw, FILE, facts.problems, columns=_COLUMNS, encoding="cp1252")
    world, us = SeriesList("world_series", "2026"), SeriesList("us_series", "2026")
    for row in sheet.rows:
        listed = _series(row, world, us, facts)
        if listed is not None and not listed.skipped:
            _add(row, listed, facts)
    if sheet.rows:
        world.report_missing(FILE, facts.problems)
        us.report_missing(FILE, facts.problems)


def _series(row: SheetRow, world: SeriesList, us: SeriesList, facts: FactRows) -> Series | None:
    section = row["Section"].strip().rstrip(":")
    measure, detail = row["Statistics"], _TOTAL_SUFFIX.sub("", row["Statistics_detail"].strip())
    if section in _WORLD_SECTIONS:
        found, table = world.find(row["Commodity"], measure, detail), "world_series"
    elif section == _SALIENT:
        found, table = us.find(row["Commodity"], measure, detail), "us_series"
    elif section == _SOURCES:
        found, table = us.find(row["Commodity"], "import sources", detail), "us_series"
    else:
        facts.problems.add(
            f"unknown section {row['Section']!r}",
            row.where("Section"),
            "teach the reader what it is",
        )
        return None
    if found is None:
        facts.problems.add(
            f"unknown series {row['Commodity']!r}, {measure!r}, {detail!r}",
            row.where("Statistics_detail"),
            f"add it to usgs/tables/{table}.csv, or say there why it is skipped",
        )
    return found


def _add(row: SheetRow, series: Series, facts: FactRows) -> None:
    place = printed_place(row["Country"])
    span = _YEARS.fullmatch(row["Year"].strip())
    if place is None:
        facts.problems.add(
            f"unknown country {row['Country']!r}",
            row.where("Country"),
            "add the name to the table of places",
        )
    if span is None:
        facts.problems.add(
            f"{row['Year']!r} is not a year or a span of years", row.where("Year"), "correct it"
        )
    if place is None or span is None:
        return
    first = int(span["first"])
    sourcing = series.quantity == "import_share"
    notes = tuple(row["Notes"].split(" -- "))
    facts.add(
        Cell(
            row=row,
            column="Value",
            series=series,
            place="USA" if sourcing else place.code,
            partner=place.code if sourcing else None,
            year=first,
            year_to=first // 100 * 100 + int(span["last"]) if span["last"] else first,
            unit=row["Unit"],
            estimated=any(note.strip().lower().startswith("estimated") for note in notes),
            alone=True,
            notes=(place.note, *notes),
        )
    )
