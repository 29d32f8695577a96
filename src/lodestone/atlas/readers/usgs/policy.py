"""Export controls in force (Table 4) and agreements of the United States (Table 5) of 2026."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.usgs.places import printed_place
from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.atlas.readers.usgs.sheet import SheetRow, read_sheet
from lodestone.terms import material
from lodestone.terms.errors import Problems

SOURCE = "usgs_mcs2026"
CONTROLS_FILE = "controls/usgs_mcs2026_T4_Country_Export_Control.csv"
AGREEMENTS_FILE = "controls/usgs_mcs2026_T5_Trade_Agreements.csv"
_CONTROLS = ("Country", "Control_Type", "Commodity_Year", "Data_source", "Notes")
_AGREEMENTS = (
    "Country",
    "Agreement",
    "Signing_printed",
    "Signing_date",
    "Focus_area",
    "Source",
)
_CONTROL_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "source": pl.String,
    "file": pl.String,
    "place": pl.String,
    "control": pl.String,
    "goods": pl.String,
    "material": pl.String,
    "since": pl.Int32,
    "reference": pl.String,
    "note": pl.String,
}
_AGREEMENT_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "source": pl.String,
    "file": pl.String,
    "place": pl.String,
    "agreement": pl.String,
    "signed": pl.String,
    "focus": pl.String,
    "reference": pl.String,
    "note": pl.String,
}
# "Bauxite (2023), copper concentrates (2023), and nickel ore (2020)." is three dated phrases.
_DATED = re.compile(r"(?P<goods>.+?) \((?P<year>\d{4})\)")
_BETWEEN = re.compile(r"^(?:,? and |, )")


def read_controls(raw: Path, problems: Problems) -> pl.DataFrame:
    """Export controls, one row a country, kind of control, dated phrase and material.

    `material` is null where the goods named are none of ours (scrap of any metal); `since` is the
    year the publisher prints.
    """
    sheet = read_sheet(raw, CONTROLS_FILE, problems, columns=_CONTROLS)
    rows = [entry for row in sheet.rows for entry in _control_rows(row, problems)]
    return pl.DataFrame(rows, schema=_CONTROL_SCHEMA, orient="row")


def _control_rows(row: SheetRow, problems: Problems) -> Iterator[dict[str, Any]]:
    known = {entry["phrase"]: entry for entry in reviewed("control_phrases")}
    place = _place(row, row["Country"], problems)
    for goods, year in _dated(row, problems):
        phrase = known.get(goods)
        if phrase is None:
            problems.add(
                f"unknown goods {goods!r}",
                row.where("Commodity_Year"),
                "add the phrase and its materials to usgs/tables/control_phrases.csv",
            )
            continue
        # A phrase without a material of ours keeps its row: the control is in force all the same.
        idents: list[str | None] = [material(name).id for name in phrase["materials"].split()]
        for ident in idents or [None]:
            yield {
                "fact": f"{SOURCE}:{row.file}:{row.number}:{goods}:{ident or ''}",
                "source": SOURCE,
                "file": row.file,
                "place": place,
                "control": row["Control_Type"].strip(),
                "goods": goods,
                "material": ident,
                "since": year,
                "reference": row["Data_source"].strip(),
                "note": "; ".join(filter(None, (phrase["note"], row["Notes"].strip()))),
            }


def _dated(row: SheetRow, problems: Problems) -> list[tuple[str, int]]:
    rest = row["Commodity_Year"].strip().rstrip(".")
    found = []
    while rest:
        match = _DATED.match(rest)
        if match is None:
            problems.add(
                f"{rest!r} does not end in a year", row.where("Commodity_Year"), "correct the cell"
            )
            break
        found.append((match["goods"], int(match["year"])))
        rest = _BETWEEN.sub("", rest[match.end() :])
    return found


def read_agreements(raw: Path, problems: Problems) -> pl.DataFrame:
    """Agreements of the United States on critical minerals, one row a partner and agreement."""
    sheet = read_sheet(raw, AGREEMENTS_FILE, problems, columns=_AGREEMENTS)
    rows = []
    for row in sheet.rows:
        if not re.fullmatch(r"\d{4}-\d{2}(?:-\d{2})?", row["Signing_date"].strip()):
            problems.add(
                f"{row['Signing_date']!r} is not a date", row.where("Signing_date"), "correct it"
            )
            continue
        for name in row["Country"].split(" and "):
            place = _place(row, name, problems)
            rows.append(
                {
                    "fact": f"{SOURCE}:{row.file}:{row.number}:{place}",
                    "source": SOURCE,
                    "file": row.file,
                    "place": place,
                    "agreement": row["Agreement"].strip(),
                    "signed": row["Signing_date"].strip(),
                    "focus": row["Focus_area"].strip(),
                    "reference": row["Source"].strip(),
                    "note": _date_note(row),
                }
            )
    return pl.DataFrame(rows, schema=_AGREEMENT_SCHEMA, orient="row")


def _date_note(row: SheetRow) -> str:
    """Say it where the two printed dates do not name the same month."""
    shown = row["Signing_printed"].strip()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    month = months[int(row["Signing_date"].strip()[5:7]) - 1]
    return "" if month in shown else f"printed as {shown} beside {row['Signing_date'].strip()}"


def _place(row: SheetRow, name: str, problems: Problems) -> str | None:
    place = printed_place(name)
    if place is None:
        problems.add(
            f"unknown country {name.strip()!r}",
            row.where("Country"),
            "add the name to the table of places",
        )
    return None if place is None else place.code
