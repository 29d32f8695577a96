"""Open the World Mining Data file: its tables as typed rows, and its HS code map."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lodestone.atlas.readers.strict_table import Names
from lodestone.terms.errors import Problems

SOURCE = "wmd_2026"
FILE = "wmd/wmd2026_world_mining_data_2018_2024.db"
YEARS = tuple(range(2018, 2025))
UNITS = {"metr. t": "t", "kg": "kg", "ct": "ct"}
# One row stands under a neighbour's code (see `totals.mend`).
FOREIGN_CODE = frozenset({("French Guiana", "GUY")})

_HS_MAP = "HS Code Map"
_OTHER_TABLES = {_HS_MAP, "Country_ISO", "logging"}
_COLUMNS = ("Country", "Country_ISO", *map(str, YEARS), "unit", "data_source")
_HS_COLUMNS = (
    "Sheet_name",
    "Supply Chain Stage",
    "Symbol",
    "EoL-RIR (2023)",
    "HS Code - Complementary",
    "HS Code",
)
_HS_STAGES = {"Extraction": "mine", "Processing": "refine", None: None}
_MARKS = ("r", "e", "p")


@dataclass(frozen=True)
class Rule:
    """What one table of the file is: material, stage, printed basis, content factor, and why."""

    table: str
    material: str
    stage: str
    basis: str
    factor: tuple[float, float, float] | None
    why: str


@dataclass(frozen=True)
class Line:
    """One country row: values by year in the printed unit, None where not listed."""

    number: int
    country: str
    code: str
    place: str
    values: tuple[float | None, ...]
    unit: str
    mark: str
    mended: tuple[int, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its rule, its country rows, its printed totals and the row they stand in."""

    rule: Rule
    lines: tuple[Line, ...]
    totals: tuple[float, ...]
    total_row: int

    @property
    def late(self) -> tuple[Line, ...]:
        """Countries below the total: those that only the 2026 edition lists."""
        return tuple(line for line in self.lines if line.number > self.total_row)

    def world(self, k: int, lines: Iterable[Line] | None = None) -> float:
        """Sum of country rows in year number `k`, unknown cells left out."""
        return sum(line.values[k] or 0.0 for line in (self.lines if lines is None else lines))


@dataclass(frozen=True)
class Database:
    """The whole file: tables kept, tables left out with the reason, rows of the HS code map."""

    tables: list[Table]
    left_out: dict[str, str]
    hs_map: list[dict[str, Any]]


def open_database(raw: Path, problems: Problems) -> Database:
    """Read every table named in `tables.csv`; note each one that is missing, new or damaged."""
    rules = _rules()
    path = raw / FILE
    if not path.is_file():
        problems.add("the file is missing", FILE, "put the publisher's file there and build again")
        problems.raise_if_any()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as base:
            found = _check_tables(base, rules, problems)
            names = Names(SOURCE, problems)
            return Database(
                tables=[
                    _table(base, rule, names, problems)
                    for rule in rules.values()
                    if rule.material and rule.table in found
                ],
                left_out={rule.table: rule.why for rule in rules.values() if not rule.material},
                hs_map=_hs_map(base, rules, problems) if _HS_MAP in found else [],
            )
    except sqlite3.DatabaseError as error:
        problems.add(f"not a readable SQLite file ({error})", FILE, "fetch the file again")
        problems.raise_if_any()
        raise


def _rules() -> dict[str, Rule]:
    with (Path(__file__).parent / "tables.csv").open(encoding="utf-8", newline="") as file:
        return {row["table"]: _rule(row) for row in csv.DictReader(file)}


def _rule(row: Mapping[str, str]) -> Rule:
    factor = None
    if row["central"]:
        factor = (float(row["low"]), float(row["central"]), float(row["high"]))
    return Rule(row["table"], row["material"], row["stage"], row["basis"], factor, row["why"])


def _check_tables(
    base: sqlite3.Connection, rules: Mapping[str, Rule], problems: Problems
) -> set[str]:
    found = {name for (name,) in base.execute("select name from sqlite_master where type='table'")}
    for name in sorted({*rules, _HS_MAP} - found):
        problems.add(f"table {name!r} is missing", FILE, "is it renamed? see wmd/tables.csv")
    for name in sorted(found - {*rules, *_OTHER_TABLES}):
        problems.add(
            f"unknown table {name!r}", FILE, "say what it is in wmd/tables.csv (material, stage)"
        )
    return found


def _select(
    base: sqlite3.Connection, table: str, columns: Sequence[str], problems: Problems
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbered rows of a table in file order; nothing where a column is missing."""
    found = [row[1] for row in base.execute(f'pragma table_info("{table}")')]
    missing = [name for name in columns if name not in found]
    for name in missing:
        problems.add(
            f"column {name!r} is missing", f"{FILE}, table {table}", f"it has {', '.join(found)}"
        )
    if missing:
        return
    wanted = ", ".join(f'"{name}"' for name in columns)
    rows = base.execute(f'select {wanted} from "{table}" order by rowid')
    for count, cells in enumerate(rows, start=1):
        yield count, dict(zip(columns, cells, strict=True))


def _table(base: sqlite3.Connection, rule: Rule, names: Names, problems: Problems) -> Table:
    lines: list[Line] = []
    totals: list[tuple[int, tuple[float | None, ...]]] = []
    for count, cells in _select(base, rule.table, _COLUMNS, problems):
        where = f"{FILE}, table {rule.table}, row {count}"
        values = tuple(_amount(cells[str(year)], year, where, problems) for year in YEARS)
        if cells["Country_ISO"] == "DELETE":
            totals.append((count, values))
        else:
            lines.append(_line(count, cells, values, where, names, problems))
    if lines and len(totals) != 1:
        problems.add(
            f"{len(totals)} closing rows with code DELETE, expected one",
            f"{FILE}, table {rule.table}",
            "without it the countries cannot be checked: fetch the file again",
        )
    row, printed = totals[0] if totals else (0, (0.0,) * len(YEARS))
    return Table(rule, tuple(lines), tuple(value or 0.0 for value in printed), row)


def _line(
    count: int,
    cells: Mapping[str, Any],
    values: tuple[float | None, ...],
    where: str,
    names: Names,
    problems: Problems,
) -> Line:
    country, code = str(cells["Country"]), str(cells["Country_ISO"])
    place = names.place(country, f"{where}, column Country")
    by_code = names.place(code, f"{where}, column Country_ISO")
    if place != by_code and (country, code) not in FOREIGN_CODE:
        problems.add(
            f"country {country!r} stands under the code {code!r} of another place",
            where,
            "correct one of them",
        )
    unit, mark = str(cells["unit"]), str(cells["data_source"])
    if unit not in UNITS:
        problems.add(f"unknown unit {unit!r}", f"{where}, column unit", "add it to wmd UNITS")
    if mark not in _MARKS:
        problems.add(f"unknown mark {mark!r}", f"{where}, column data_source", "r, e or p")
    return Line(count, country, code, place or "", values, unit, mark)


def _amount(cell: object, year: int, where: str, problems: Problems) -> float | None:
    if cell is None:
        return None
    if isinstance(cell, int | float) and 0.0 <= cell < float("inf"):
        return float(cell)
    problems.add(f"{cell!r} is not an amount", f"{where}, column {year}", "a number >= 0 or empty")
    return None


def _hs_map(
    base: sqlite3.Connection, rules: Mapping[str, Rule], problems: Problems
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for count, cells in _select(base, _HS_MAP, _HS_COLUMNS, problems):
        where = f"{FILE}, table {_HS_MAP}, row {count}"
        rule = rules.get(str(cells["Sheet_name"]))
        if rule is None:
            problems.add(f"unknown table {cells['Sheet_name']!r}", where, "see wmd/tables.csv")
        elif rule.material:
            rows.append(_hs_row(rule, cells, where, problems))
    return rows


def _hs_row(rule: Rule, cells: Mapping[str, Any], where: str, problems: Problems) -> dict[str, Any]:
    stage = cells["Supply Chain Stage"]
    if stage not in _HS_STAGES:
        problems.add(f"unknown stage {stage!r}", where, "Extraction or Processing")
    code, more = cells["HS Code"], cells["HS Code - Complementary"]
    codes = [] if code == "Not Available" else [code, *(more.split(";") if more else [])]
    for six in codes:
        if not (isinstance(six, str) and len(six) == 6 and six.isdigit()):
            problems.add(f"{six!r} is not a six-digit customs code", where, "correct the cell")
    return {
        "detail": rule.table,
        "material": rule.material,
        "stage": _HS_STAGES.get(stage),
        "symbol": cells["Symbol"],
        "hs_code": codes[0] if codes else None,
        "complementary_codes": ";".join(codes[1:]) or None,
        "eol_rir_2023": cells["EoL-RIR (2023)"],
    }
