"""Strategic projects, and the parameters of programmes and policies, with their evidence.

73 projects of the EU, the US and Japan, and 34 parameters (benchmarks, funds, lead times). Every
number is read from the text in which it was found ("up to 110 M EUR from JOGMEC/Iwatani") and
the text stays beside it; where no number can be read, only the text is there.

Traps it meets: a capacity cell may hold an output, a resource or a share of demand, and several
figures of which only the first is the capacity; one amount may be shared by three projects; names
that nobody published; one cell with three numbers ("82/86/82").
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.cards import PROVENANCE, Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.material_words import material_ids
from lodestone.atlas.readers.printed import Printed, printed, printed_parts
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows
from lodestone.terms.errors import Problems

SOURCE = "projects"
PROJECTS = "projects/strategic_projects.csv"
PARAMETERS = "projects/policy_parameters.csv"

CARDS = {
    "projects": TableCard(
        "Strategic projects of the EU, the United States and Japan",
        {
            "project_id": Column("id made from name and place"),
            "programme": Column("programme that selected or supports it"),
            "project": Column("name"),
            "promoter": Column("who runs it"),
            "places": Column("ISO3 of where it is"),
            "materials": Column("material ids"),
            "stages": Column("mine, refine, product, recycling, substitution or stockpile"),
            "start_year": Column("first year of output or delivery, where stated"),
            "start_year_high": Column("last year of that, where a span is stated"),
            "status": Column("construction, permitting, feasibility, pilot, idle or insolvent"),
            "name_confirmed": Column("yes, no, site only, country and metal only"),
            "materials_raw": Column("materials as printed"),
            "stage_raw": Column("stage as printed"),
            "capacity_raw": Column("capacity as printed; numbers in project_capacities"),
            "capex_raw": Column("money as printed; numbers in project_money"),
            "status_raw": Column("start or status as printed"),
            "evidence": Column("publications it was read in"),
            "url": Column("address of the evidence"),
            "note": Column("remarks of the compiler"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
    "project_capacities": TableCard(
        "Yearly tonnes stated for projects. Clause 1 is the capacity; later clauses tell parts of "
        "it or where they go: never add across clauses",
        {
            "project_id": Column("id of the project"),
            "clause": Column("place of the statement in the cell, from 1"),
            "product": Column("what the tonnes are of, as printed; empty where not said"),
            "value": Column("capacity", "t/year of product"),
            "low": Column("lower bound", "t/year of product"),
            "high": Column("upper bound", "t/year of product"),
            "flag": Column("reported, estimated, more_than or less_than"),
            "raw": Column("the statement as printed"),
        },
        (SOURCE,),
    ),
    "project_money": TableCard(
        "Money stated for projects: investment, loans, equity. Each statement is a part; parts "
        "overlap and are not to be added without reading them",
        {
            "project_id": Column("id of the project"),
            "value": Column("amount", "million units of currency"),
            "low": Column("lower bound", "million units of currency"),
            "high": Column("upper bound", "million units of currency"),
            "currency": Column("EUR, USD or AUD"),
            "purpose": Column("what it is for, as printed; empty where it is simply the cost"),
            "shared": Column("the amount covers several projects"),
            "flag": Column("reported, estimated, more_than, less_than or range"),
            "raw": Column("the statement as printed"),
        },
        (SOURCE,),
    ),
    "policy_parameters": TableCard(
        "Parameters of programmes and policies; a cell with several numbers has several parts",
        {
            "parameter": Column("what it is"),
            "part": Column("place of the number in the cell, from 1"),
            "value": Column("the number, in unit"),
            "low": Column("lower bound"),
            "high": Column("upper bound"),
            "unit": Column("unit as printed"),
            "flag": Column("reported, estimated, range, less_than, more_than or text"),
            "raw_value": Column("the cell as printed"),
            "evidence": Column("publication it was read in"),
            "url": Column("address of the evidence"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
}

_PROVIDED: dict[str, Any] = {"source": pl.String, "file": pl.String, "row": pl.Int32}
_BOUNDS: dict[str, Any] = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
_LIST = pl.List(pl.String)
_PROJECT_SCHEMA: dict[str, Any] = {
    name: {
        "places": _LIST,
        "materials": _LIST,
        "stages": _LIST,
        "start_year": pl.Int32,
        "start_year_high": pl.Int32,
        "row": pl.Int32,
    }.get(name, pl.String)
    for name in CARDS["projects"].columns
}
_CAPACITY_SCHEMA: dict[str, Any] = {
    "project_id": pl.String,
    "clause": pl.Int32,
    "product": pl.String,
    **_BOUNDS,
    "flag": pl.String,
    "raw": pl.String,
}
_MONEY_SCHEMA: dict[str, Any] = {
    "project_id": pl.String,
    **_BOUNDS,
    "currency": pl.String,
    "purpose": pl.String,
    "shared": pl.Boolean,
    "flag": pl.String,
    "raw": pl.String,
}
_PARAMETER_SCHEMA: dict[str, Any] = {
    "parameter": pl.String,
    "part": pl.Int32,
    **_BOUNDS,
    "unit": pl.String,
    "flag": pl.String,
    "raw_value": pl.String,
    "evidence": pl.String,
    "url": pl.String,
    **_PROVIDED,
}
_COLUMNS = (
    "programme",
    "project",
    "promoter",
    "country",
    "materials",
    "stage",
    "capacity",
    "capex",
    "start_or_status",
    "source",
    "url",
    "name_confirmed",
    "notes",
)
_STAGES = {
    "extraction": "mine",
    "extraction (tailings)": "mine",
    "mine": "mine",
    "processing": "refine",
    "separation": "refine",
    "smelting": "refine",
    "by-product recovery": "refine",
    "magnet": "product",
    "recycling": "recycling",
    "substitution": "substitution",
    "stockpile": "stockpile",
}
_PHRASES: dict[str, tuple[str, ...]] = {
    "critical minerals (list not published)": (),
    "graphite (silicon anode)": ("graphite",),
    "molybdenum (magnesium by-product)": ("molybdenum", "magnesium"),
    "phosphorus": ("phosphate_rock",),  # phosphate from iron-ore waste, not elemental phosphorus
}
_START = (
    re.compile(r"^(20\d{2})-(20\d{2})$"),
    re.compile(r"(?:from|commissioning|output about|late|first [^,;]*) (20\d{2})(?!s)"),
)
_STATUS = {
    "under construction": "construction",
    "permits pending": "permitting",
    "feasibility": "feasibility",
    "pilot": "pilot",
    "care and maintenance": "idle",
    "insolvent": "insolvent",
}
_AMOUNT = r"(?:up to |about |at least |[<>~] ?)?[\d.,]*\d(?:-[\d.,]*\d)?"
_TONNES = re.compile(rf"(?P<amount>{_AMOUNT}) t(?P<rate>/yr)?(?= |$)(?P<product>[^;]*)")
_PER_YEAR = re.compile(r"/yr| per year")
_PRODUCT_END = re.compile(r"/yr.*| per year.*| total.*| contracted.*| for .*|[+,(].*| and .*")
_MONEY = re.compile(
    rf"(?P<amount>{_AMOUNT}) (?P<scale>M|bn) (?P<currency>EUR|USD|AUD)\b(?P<rest>.*)"
)
_MILLIONS = {"M": 1.0, "bn": 1000.0}


def read(raw: Path) -> Reading:
    """Tables `projects`, `project_capacities`, `project_money` and `policy_parameters`.

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown country, material or stage, or two projects
        with the same name and place.
    """
    problems = Problems("strategic projects")
    rows = csv_rows(raw, PROJECTS, _COLUMNS, problems)
    names = Names(SOURCE, problems)
    projects = [_project(row, names, problems) for row in rows]
    parameters = _parameters(raw, problems)
    _check_unique([project["project_id"] for project in projects], problems)
    problems.raise_if_any()
    capacities = [c for project in projects for c in _capacities(project)]
    money = [m for project in projects for m in _money(project)]
    tables = {
        "projects": pl.DataFrame(projects, schema=_PROJECT_SCHEMA),
        "project_capacities": pl.DataFrame(capacities, schema=_CAPACITY_SCHEMA),
        "project_money": pl.DataFrame(money, schema=_MONEY_SCHEMA),
        "policy_parameters": pl.DataFrame(parameters, schema=_PARAMETER_SCHEMA),
    }
    return Reading(tables, _notes(tables))


def _project(row: Row, names: Names, problems: Problems) -> dict[str, Any]:
    places = [names.place(code, row.where("country")) for code in row["country"].split(";")]
    start = _start(row["start_or_status"])
    where = row.where("materials")
    return {
        "project_id": _slug(f"{row['project']} {row['country']}"),
        "programme": row["programme"],
        "project": row["project"],
        "promoter": row["promoter"],
        "places": [place for place in places if place is not None],
        "materials": material_ids(row["materials"], _PHRASES, where, problems),
        "stages": _stages(row, problems),
        "start_year": start[0],
        "start_year_high": start[1],
        "status": next(
            (s for words, s in _STATUS.items() if words in row["start_or_status"]), None
        ),
        "name_confirmed": row["name_confirmed"],
        "materials_raw": row["materials"],
        "stage_raw": row["stage"],
        "capacity_raw": row["capacity"],
        "capex_raw": row["capex"],
        "status_raw": row["start_or_status"],
        "evidence": row["source"],
        "url": row["url"],
        "note": row["notes"],
        "source": SOURCE,
        "file": row.file,
        "row": row.number,
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _stages(row: Row, problems: Problems) -> list[str]:
    found: dict[str, None] = {}
    for word in filter(None, row["stage"].split("+")):
        stage = _STAGES.get(word.strip())
        if stage is None:
            mend = f"use one of {', '.join(_STAGES)}"
            problems.add(f"unknown stage {word!r}", row.where("stage"), mend)
        else:
            found[stage] = None
    return list(found)


def _start(text: str) -> tuple[int | None, int | None]:
    """First and last year of the first output that a status text states."""
    for pattern in _START:
        match = pattern.search(text)
        if match:
            years = [int(year) for year in match.groups()]
            return years[0], years[-1]
    return None, None


def _capacities(project: dict[str, Any]) -> list[dict[str, Any]]:
    """Statements "N t of something a year" of one project's capacity cell."""
    found = []
    for clause, text in enumerate(project["capacity_raw"].split(";"), start=1):
        if not _PER_YEAR.search(text):
            continue
        for part in re.split(r" \+ | and |, (?=\d)", text):
            match = _TONNES.search(part)
            if match is None or "ore processed" in part:
                continue
            amount = printed(match["amount"])
            found.append(
                {
                    "project_id": project["project_id"],
                    "clause": clause,
                    "product": _PRODUCT_END.sub("", match["product"]).strip(),
                    "value": amount.value,
                    "low": amount.low,
                    "high": amount.high,
                    "flag": amount.flag,
                    "raw": text.strip(),
                }
            )
    return found


def _money(project: dict[str, Any]) -> list[dict[str, Any]]:
    """Statements "N million of a currency" of one project's money cell."""
    found = []
    for text in re.split(r";|\+", project["capex_raw"]):
        match = _MONEY.search(text)
        if match is None:
            continue
        amount, scale = printed(match["amount"]), _MILLIONS[match["scale"]]
        bounds = {
            name: None if bound is None else bound * scale
            for name, bound in (("value", amount.value), ("low", amount.low), ("high", amount.high))
        }
        found.append(
            {
                "project_id": project["project_id"],
                **bounds,
                "currency": match["currency"],
                "purpose": match["rest"].strip(),
                "shared": "together" in match["rest"],
                "flag": amount.flag,
                "raw": text.strip(),
            }
        )
    return found


def _parameters(raw: Path, problems: Problems) -> list[dict[str, Any]]:
    rows = csv_rows(raw, PARAMETERS, ("parameter", "value", "unit", "source", "url"), problems)
    return [
        {
            "parameter": row["parameter"],
            "part": count,
            "value": part.value,
            "low": part.low,
            "high": part.high,
            "unit": row["unit"],
            "flag": part.flag,
            "raw_value": row["value"],
            "evidence": row["source"],
            "url": row["url"],
            "source": SOURCE,
            "file": row.file,
            "row": row.number,
        }
        for row in rows
        for count, part in enumerate(_parts(row), start=1)
    ]


def _parts(row: Row) -> list[Printed]:
    """The numbers of a parameter; "less than" may hide in the unit, as in "% (less than)"."""
    parts = printed_parts(row["value"])
    if "(less than)" in row["unit"]:
        return [Printed(None, None, part.value, "less_than") for part in parts]
    return parts


def _check_unique(ids: list[str], problems: Problems) -> None:
    for repeated in sorted({ident for ident in ids if ids.count(ident) > 1}):
        problems.add(f"project {repeated!r} stands twice", PROJECTS, "tell them apart by name")


def _notes(tables: dict[str, pl.DataFrame]) -> list[str]:
    projects, capacities = tables["projects"], tables["project_capacities"]
    stated = projects.filter(pl.col("capacity_raw") != "")
    unread = stated.filter(~pl.col("project_id").is_in(capacities["project_id"].implode()))
    nameless = projects.filter(pl.col("name_confirmed") == "no").height
    return [
        f"{PROJECTS}: {stated.height} projects state a capacity; it is no yearly tonnage of a "
        f"product in {unread.height}: {', '.join(unread['project_id'])}",
        f"{PROJECTS}: {projects.filter(pl.col('capex_raw') != '').height} projects state money, "
        f"{tables['project_money']['project_id'].n_unique()} of them an amount of their own",
        f"{PROJECTS}: the names of {nameless} projects were not found; they are listed by country",
        f"{PROJECTS}: 'phosphorus' is read as phosphate_rock (phosphate from iron-ore waste)",
    ]
