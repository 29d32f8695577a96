"""Export controls on raw materials: what was announced, what is in force, and what lapsed when.

The dated catalogue of this project, each row with its evidence. (The list of controls in force
that USGS prints is read with the other USGS tables; the two can be held against each other.) What
a control's status is depends on the day one asks: see `status_on`.

A control that was suspended to an end date that has passed is "suspension expired: check",
neither in force nor lifted, until somebody has looked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from lodestone.atlas.cards import PROVENANCE, Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.dates import first_date
from lodestone.atlas.readers.material_words import material_ids
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows
from lodestone.terms.errors import Problems

SOURCE = "controls"
TIMELINE = "controls/export_control_timeline.csv"

Status = Literal[
    "not announced",
    "announced",
    "in force",
    "relaxed",
    "suspended",
    "suspension expired: check",
    "lifted",
]

CARDS = {
    "controls": TableCard(
        "Dated export controls and other restrictions of supply; the status depends on the day",
        {
            "event_id": Column("id of the measure"),
            "place": Column("ISO3 of who imposed it"),
            "target": Column("ISO3 of the target, WLD for everybody; null where not a place"),
            "materials": Column("material ids it names"),
            "measure": Column(
                "export_ban, export_quota, export_licence, export_suspension, quota_abolished, "
                "disruption (no legal act) or threat (no act at all)"
            ),
            "announced": Column("first day of the printed date"),
            "announced_precision": Column("day, month or year"),
            "effective": Column("first day of the printed date, not before the announcement"),
            "effective_precision": Column("day, month or year"),
            "relaxed": Column("day from which it binds less"),
            "suspended": Column("first day of a suspension"),
            "suspended_until": Column("last day of the suspension"),
            "ended": Column("last day in force, where it was lifted"),
            "target_raw": Column("target as printed"),
            "materials_raw": Column("materials as printed"),
            "measure_raw": Column("measure as printed"),
            "effective_raw": Column("day it took effect, as printed"),
            "changes_raw": Column("what became of it, as printed"),
            "legal_ref": Column("legal act"),
            "hs_codes": Column("customs codes named, six to ten digits"),
            "evidence": Column("publications it was read in"),
            "url": Column("address of the evidence"),
            "note": Column("remarks of the compiler"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
}

_PROVIDED: dict[str, Any] = {"source": pl.String, "file": pl.String, "row": pl.Int32}
_SCHEMA: dict[str, Any] = {
    "event_id": pl.String,
    "place": pl.String,
    "target": pl.String,
    "materials": pl.List(pl.String),
    "measure": pl.String,
    "announced": pl.Date,
    "announced_precision": pl.String,
    "effective": pl.Date,
    "effective_precision": pl.String,
    "relaxed": pl.Date,
    "suspended": pl.Date,
    "suspended_until": pl.Date,
    "ended": pl.Date,
    "target_raw": pl.String,
    "materials_raw": pl.String,
    "measure_raw": pl.String,
    "effective_raw": pl.String,
    "changes_raw": pl.String,
    "legal_ref": pl.String,
    "hs_codes": pl.List(pl.String),
    "evidence": pl.String,
    "url": pl.String,
    "note": pl.String,
    **_PROVIDED,
}
_COLUMNS = (
    "event_id",
    "imposing_country",
    "target",
    "materials",
    "measure",
    "announced",
    "effective",
    "ended_or_changed",
    "legal_ref",
    "hs_codes",
    "source",
    "url",
    "notes",
)
_MEASURES = (
    (r"export quotas abolished", "quota_abolished"),
    (r"export ban", "export_ban"),
    (r"export licen[cs]", "export_licence"),
    (r"export quota", "export_quota"),
    (r"export suspension", "export_suspension"),
    (r"threat", "threat"),
    (r"mine area seized", "disruption"),
)
_DAY = r"(\d{4}(?:-\d{2}){0,2})"
# What became of a control: the first pattern found decides; dates go to the columns named.
_CHANGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"^in force", ()),
    (rf"^suspended {_DAY} until {_DAY}", ("suspended", "suspended_until")),
    (rf"\bended {_DAY}", ("ended",)),
    (rf"^{_DAY} quotas abolished", ("abolished",)),
    (rf"^relaxed {_DAY}", ("relaxed",)),
    (rf"released from {_DAY}", ("relaxed",)),
    (r"^$|^extended|carried into|quota system reported", ()),
)
# Phrases read by a person. Goods made from a material (cells, synthetic diamond) are not the
# material; "all raw minerals" is not a list of materials.
_PHRASES: dict[str, tuple[str, ...]] = {
    "rare earths (17)": ("rare_earths",),
    "rare earth ores": ("rare_earths",),
    "raw rare earths": ("rare_earths",),
    "nickel ore": ("nickel",),
    "bauxite (copper conc. conditional)": ("aluminium", "copper"),
    "copper concentrates": ("copper",),
    "lithium ore (unbeneficiated)": ("lithium",),
    "graphite (flake, spherical, synthetic)": ("graphite",),
    "antimony (and superhard materials)": ("antimony",),
    "superhard materials (graphite: stricter end-use checks)": ("graphite",),
    "superhard materials": (),
    "molybdenum (powder)": ("molybdenum",),
    "yttrium (oxides, metals, alloys, magnets)": ("yttrium",),
    "5 more ree (ho, er, tm, eu, yb)": (
        "holmium",
        "erbium",
        "thulium",
        "europium",
        "ytterbium",
    ),
    "ree equipment & technology": ("rare_earths",),
    "foreign-made goods with chinese ree": ("rare_earths",),
    "li-ion cells, lfp/precursor cathode, artificial graphite anode": ("graphite",),
    "all dual-use items for military end users/uses (de facto slows rare earths, magnets)": (
        "rare_earths",
    ),
    "all raw minerals and lithium concentrates": ("lithium",),
    "steel scrap": ("iron",),
    "tungsten scrap": ("tungsten",),
    "enriched uranium": ("uranium",),
}
_EVERYBODY = re.compile(r"World\b")
_NOT_A_PLACE = {"West"}


def read(raw: Path) -> Reading:
    """The table `controls`.

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown country, material or measure, a date that
        is not one, or an end or change in words the reader does not know.
    """
    problems = Problems("export controls")
    rows = csv_rows(raw, TIMELINE, _COLUMNS, problems)
    names = Names(SOURCE, problems)
    controls = [_control(row, names, problems) for row in rows]
    problems.raise_if_any()
    frame = pl.DataFrame(controls, schema=_SCHEMA)
    return Reading({"controls": frame}, _notes(frame))


def status_on(control: Mapping[str, Any], day: date) -> Status:
    """Status of one control on a day.

    A date printed as a month or a year counts from its first day (a day of effect not before the
    announcement). A suspension holds to the end
    of its last day; after it the status is open until a person has looked.

    Parameters
    ----------
    control
        A row of the table `controls` (`frame.row(0, named=True)`).

    Examples
    --------
    >>> licence = {"measure": "export_licence", "announced": date(2025, 10, 9),
    ...     "effective": date(2025, 11, 8), "ended": None, "relaxed": None,
    ...     "suspended": date(2025, 11, 7), "suspended_until": date(2026, 11, 10)}
    >>> [status_on(licence, day) for day in (date(2025, 10, 10), date(2026, 1, 1))]
    ['announced', 'suspended']
    >>> status_on(licence, date(2026, 11, 11))
    'suspension expired: check'
    """
    announced, effective = control["announced"], control["effective"]
    suspended, until = control["suspended"], control["suspended_until"]
    if control["ended"] is not None and day > control["ended"]:
        return "lifted"
    if suspended is not None and day >= suspended:
        return "suspended" if until is None or day <= until else "suspension expired: check"
    if effective is None or day < effective:
        return "announced" if announced is not None and announced <= day else "not announced"
    if control["measure"] == "quota_abolished":
        return "lifted"
    relaxed = control["relaxed"]
    return "relaxed" if relaxed is not None and day >= relaxed else "in force"


def _control(row: Row, names: Names, problems: Problems) -> dict[str, Any]:
    announced = _dated(row, "announced", problems)
    effective = _not_before(announced[0], _dated(row, "effective", problems))
    where = row.where("materials")
    return {
        "event_id": row["event_id"],
        "place": names.place(row["imposing_country"], row.where("imposing_country")),
        "target": _target(row, names),
        "materials": material_ids(row["materials"], _PHRASES, where, problems),
        "measure": _measure(row["measure"], row.where("measure"), problems),
        "announced": announced[0],
        "announced_precision": announced[1],
        "effective": effective[0],
        "effective_precision": effective[1],
        **_changes(row, problems),
        "target_raw": row["target"],
        "materials_raw": row["materials"],
        "measure_raw": row["measure"],
        "effective_raw": row["effective"],
        "changes_raw": row["ended_or_changed"],
        "legal_ref": row["legal_ref"],
        "hs_codes": re.findall(r"\b\d{6,10}\b", row["hs_codes"]),
        "evidence": row["source"],
        "url": row["url"],
        "note": row["notes"],
        "source": SOURCE,
        "file": row.file,
        "row": row.number,
    }


def _target(row: Row, names: Names) -> str | None:
    if row["target"] in _NOT_A_PLACE:
        return None
    target = "WLD" if _EVERYBODY.match(row["target"]) else row["target"]
    return names.place(target, row.where("target"))


def _measure(text: str, where: str, problems: Problems) -> str | None:
    for pattern, measure in _MEASURES:
        if re.match(pattern, text, re.IGNORECASE):
            return measure
    problems.add(f"unknown measure {text!r}", where, "begin it with export ban, quota, licence ...")
    return None


def _dated(row: Row, column: str, problems: Problems) -> tuple[date | None, str | None]:
    if not row[column]:
        return None, None
    found = first_date(row[column])
    if found is None:
        problems.add(f"{row[column]!r} is not a date", row.where(column), "write 2024-05-31")
        return None, None
    return found.first_day, found.precision


def _not_before(
    announced: date | None, effective: tuple[date | None, str | None]
) -> tuple[date | None, str | None]:
    """A day of effect printed as a year or a month does not lie before the announcement."""
    day, precision = effective
    if day is not None and announced is not None and precision != "day":
        return max(day, announced), precision
    return effective


def _changes(row: Row, problems: Problems) -> dict[str, date | None]:
    """Dates on which the control was relaxed, suspended or ended, from the words printed."""
    dates: dict[str, date | None] = dict.fromkeys(
        ("relaxed", "suspended", "suspended_until", "ended")
    )
    for pattern, columns in _CHANGES:
        match = re.search(pattern, row["ended_or_changed"])
        if match is None:
            continue
        for column, text in zip(columns, match.groups(), strict=True):
            found = first_date(text)
            if found is None:
                problems.add(f"{text!r} is not a date", row.where("ended_or_changed"))
            elif column == "abolished":  # the day printed is the first one without it
                dates["ended"] = found.first_day - timedelta(days=1)
            else:
                dates[column] = found.first_day
        return dates
    problems.add(
        f"cannot tell what became of it: {row['ended_or_changed']!r}",
        row.where("ended_or_changed"),
        "write 'in force', 'ended 2025-10-15' or 'suspended 2025-11-07 until 2026-11-10'",
    )
    return dates


def _notes(controls: pl.DataFrame) -> list[str]:
    vague = controls.filter(pl.col("effective_precision").is_in(["month", "year"]))
    undated = controls.filter(pl.col("effective").is_null())["event_id"].to_list()
    return [
        f"{TIMELINE}: {vague.height} of {controls.height} measures have no exact day of effect; "
        "they count from the first day of the month or year printed, or from the announcement",
        f"{TIMELINE}: no day of effect at all for {', '.join(undated)}",
        f"{TIMELINE}: synthetic diamond, battery cells and equipment are goods, not materials; "
        "only the materials named with them are listed",
    ]
