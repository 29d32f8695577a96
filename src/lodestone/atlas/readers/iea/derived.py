"""Concentration figures in the IEA folder: top-3 shares, and N-1 worked out from IEA data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.iea.minerals import SCENARIOS, SOURCE, STAGES, material_id
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows, number
from lodestone.terms.errors import Problems

_TOP3_FILE = "iea/iea_cm2025_top3_share.csv"
_TOP3_COLUMNS = ("mineral", "stage", "year", "top3_share")
_TOP3_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "mineral": pl.String,
    "stage": pl.String,
    "year": pl.Int32,
    "top3_share": pl.Float64,
}

_N1_FILE = "iea/iea_cm2025_n1_computed.csv"
_N1_NUMBERS = (
    "largest_share",
    "supply_kt",
    "supply_ex_largest_kt",
    "global_demand_kt",
    "n1_supply_ex_largest_over_global_demand",
    "supply_over_demand",
)
_N1_COLUMNS = ("mineral", "stage", "year", "demand_scenario", "largest_supplier", *_N1_NUMBERS)
_N1_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "mineral": pl.String,
    "stage": pl.String,
    "year": pl.Int32,
    "scenario": pl.String,
    "largest_supplier": pl.String,
    **dict.fromkeys(_N1_NUMBERS, pl.Float64),
}


def read_top3(raw: Path, problems: Problems) -> pl.DataFrame:
    """Share of the three largest named countries by mineral, stage and year."""
    rows = []
    for row in csv_rows(raw, _TOP3_FILE, _TOP3_COLUMNS, problems):
        share = number(row["top3_share"], row.where("top3_share"), problems)
        rows.append({**_key(row, problems), "top3_share": share})
    return pl.DataFrame(rows, schema=_TOP3_SCHEMA)


def read_n1(raw: Path, problems: Problems) -> pl.DataFrame:
    """Supply without its largest supplier over world demand (not the IEA's own N-1).

    The IEA divides by demand outside that supplier, so its published figures are higher.
    """
    names = Names(SOURCE, problems)
    rows = []
    for row in csv_rows(raw, _N1_FILE, _N1_COLUMNS, problems):
        if row["demand_scenario"] not in SCENARIOS:
            problems.add(
                f"unknown scenario {row['demand_scenario']!r}",
                row.where("demand_scenario"),
                f"one of {', '.join(SCENARIOS)}",
            )
        rows.append(
            {
                **_key(row, problems),
                "scenario": row["demand_scenario"],
                "largest_supplier": names.place(
                    row["largest_supplier"], row.where("largest_supplier")
                ),
                **{name: number(row[name], row.where(name), problems) for name in _N1_NUMBERS},
            }
        )
    return pl.DataFrame(rows, schema=_N1_SCHEMA)


def _key(row: Row, problems: Problems) -> dict[str, Any]:
    if row["stage"] not in STAGES:
        problems.add(f"unknown stage {row['stage']!r}", row.where("stage"), "mining or refining")
    if not row["year"].isdigit():
        problems.add(f"{row['year']!r} is not a year", row.where("year"), "four digits")
    return {
        "material": material_id(row["mineral"], row, problems),
        "mineral": row["mineral"],
        "stage": STAGES.get(row["stage"]),
        "year": int(row["year"]) if row["year"].isdigit() else None,
    }
