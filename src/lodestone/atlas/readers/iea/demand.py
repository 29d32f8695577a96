"""IEA demand: six minerals by sector and scenario, and 38 minerals of clean energy technologies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.iea.minerals import SCENARIOS, SOURCE, material_id, series
from lodestone.atlas.readers.strict_table import Row, csv_rows, number
from lodestone.terms.errors import Problems

TOTAL_FILE = "iea/iea_cm2025_total_demand.csv"

_TOTAL, _CLEAN, _OTHER, _SHARE = "__totalDemand", "__totalClean", "__otherUses", "__cleanShare"
_NAMES_OF_TOTALS = {
    _TOTAL: "total demand",
    _CLEAN: "clean energy technologies",
    _OTHER: "other uses",
    "__total": "clean energy technologies",
    "": "clean energy technologies",
}
_WORST_GAP = 1e-3
_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "series": pl.String,
    "material": pl.String,
    "mineral": pl.String,
    "sector": pl.String,
    "is_total": pl.Boolean,
    "scenario": pl.String,
    "year": pl.Int32,
    "tonnes": pl.Float64,
}


@dataclass(frozen=True)
class _File:
    """One demand file: its columns, the series it is, and which column names the sector."""

    name: str
    series: str
    columns: tuple[str, ...]
    sector: str | None


_FILES = (
    _File(TOTAL_FILE, "total_demand", ("mineral", "sector", "scenario", "year", "kt"), "sector"),
    _File(
        "iea/iea_cm2025_cleantech_by_mineral_tech.csv",
        "cleantech_by_technology",
        ("mineral", "technology", "scenario", "year", "kt"),
        "technology",
    ),
    _File(
        "iea/iea_cm2025_cleantech_total_by_mineral.csv",
        "cleantech_total",
        ("mineral", "scenario", "year", "kt"),
        None,
    ),
    _File(
        "iea/iea_cm2025_by_technology.csv",
        "technology_by_mineral",
        ("technology", "case", "mineral", "scenario", "year", "kt"),
        "technology",
    ),
)


def read_demand(
    raw: Path, problems: Problems, notes: list[str]
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    """Facts of world demand (totals of six minerals) and the table of every demand row."""
    facts: list[dict[str, Any]] = []
    table: list[dict[str, Any]] = []
    left_out: set[str] = set()
    for file in _FILES:
        rows = csv_rows(raw, file.name, file.columns, problems)
        rows = [row for row in rows if _readable(row, problems)]
        if file.series == "total_demand":
            _check_identities(rows, problems, notes)
            facts += [fact for row in rows if (fact := _total_fact(row, problems)) is not None]
        for row in rows:
            entry = _entry(file, row, problems)
            if entry is not None:
                table.append(entry)
            elif file.sector is None or row[file.sector] != _SHARE:
                left_out.add(row["mineral"])
    notes.append(
        "IEA demand: rows that sum several materials of one technology left out: "
        + ", ".join(sorted(left_out))
    )
    return facts, pl.DataFrame(table, schema=_SCHEMA)


def _readable(row: Row, problems: Problems) -> bool:
    before = len(problems.items)
    if row["scenario"] not in SCENARIOS:
        problems.add(
            f"unknown scenario {row['scenario']!r}",
            row.where("scenario"),
            f"one of {', '.join(SCENARIOS)}",
        )
    if not row["year"].isdigit():
        problems.add(f"{row['year']!r} is not a year", row.where("year"), "four digits")
    number(row["kt"], row.where("kt"), problems)
    return len(problems.items) == before


def _entry(file: _File, row: Row, problems: Problems) -> dict[str, Any] | None:
    """Row of the demand table; None for a share and for sums over materials."""
    sector = row[file.sector] if file.sector else ""
    if sector == _SHARE:
        return None
    material = material_id(row["mineral"], row, problems)
    if material is None:
        return None
    return {
        "fact": f"{SOURCE}:{file.name}:{row.number}",
        "series": file.series,
        "material": material,
        "mineral": row["mineral"],
        "sector": _NAMES_OF_TOTALS.get(sector, sector),
        "is_total": sector in _NAMES_OF_TOTALS,
        "scenario": row["scenario"],
        "year": int(row["year"]),
        "tonnes": float(row["kt"]) * 1000.0,
    }


def _total_fact(row: Row, problems: Problems) -> dict[str, Any] | None:
    if row["sector"] != _TOTAL:
        return None
    what = series(row["mineral"], "demand", row, problems)
    if what is None:
        return None
    base = row["scenario"] == "base"
    return {
        "fact": f"{SOURCE}:{TOTAL_FILE}:{row.number}",
        "source": SOURCE,
        "file": TOTAL_FILE,
        "material": what.material,
        "quantity": "demand" if base else "demand_projection",
        "detail": what.detail if base else f"{what.detail}, {row['scenario']}",
        "place": "WLD",
        "year": int(row["year"]),
        "year_to": int(row["year"]),
        "value": float(row["kt"]) * 1000.0,
        "unit": "t",
        "basis": what.basis,
        "raw_value": row["kt"],
        "raw_unit": "kt",
        "flag": "estimated",
        "kind": "reported" if base else "modelled",
        "note": what.note or None,
    }


def _check_identities(rows: Sequence[Row], problems: Problems, notes: list[str]) -> None:
    """Clean + other = total and clean / total = share must hold; sector gaps are only told."""
    groups: dict[tuple[str, str, str], dict[str, float]] = {}
    for row in rows:
        key = (row["mineral"], row["scenario"], row["year"])
        groups.setdefault(key, {})[row["sector"]] = float(row["kt"])
    gaps: dict[str, float] = {}
    for key, kt in groups.items():
        where = f"{TOTAL_FILE}, {', '.join(key)}"
        absent = [name for name in (_TOTAL, _CLEAN, _OTHER, _SHARE) if name not in kt]
        if absent:
            problems.add(f"rows {', '.join(absent)} are missing", where, "fetch the file again")
            continue
        _check_sums(kt, where, problems)
        parts = sum(amount for sector, amount in kt.items() if not sector.startswith("__"))
        gap = abs(parts / kt[_CLEAN] - 1.0)
        if gap > _WORST_GAP:
            gaps[key[0]] = max(gap, gaps.get(key[0], 0.0))
    for mineral, gap in gaps.items():
        notes.append(
            f"IEA {mineral} demand: sectors differ from the printed clean energy total by up to"
            f" {gap:.1%}; the totals are kept"
        )


def _check_sums(kt: Mapping[str, float], where: str, problems: Problems) -> None:
    small = 1e-6 * kt[_TOTAL]
    if abs(kt[_CLEAN] + kt[_OTHER] - kt[_TOTAL]) > small:
        problems.add("clean and other uses do not sum to the total", where, "fetch the file again")
    if abs(kt[_SHARE] * kt[_TOTAL] - kt[_CLEAN]) > small:
        problems.add("the clean share is not clean over total", where, "fetch the file again")
