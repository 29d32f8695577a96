"""Published scores: supply risk and economic importance 2011-2023, and the study of 2017."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.ec.printed import (
    SOURCE_2017,
    SOURCE_2023,
    material_id,
    optional_number,
    plain_name,
)
from lodestone.atlas.readers.strict_table import Row, csv_rows
from lodestone.terms.errors import Problems

_SCORES_FILE = "ec/ec_crm_sr_ei_2011_2023.csv"
_SCORES_COLUMNS = ("material", "year", "SR_raw", "EI_raw", "SR", "EI")
_SCORES_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "material": pl.String,
    "detail": pl.String,
    "year": pl.Int32,
    "supply_risk": pl.Float64,
    "economic_importance": pl.Float64,
}

_RESULTS_FILE = "ec/ec_crm2017_results.csv"
_NUMBERS = {
    "SR": "supply_risk",
    "EI": "economic_importance",
    "import_reliance_pct": "import_reliance_pct",
    "eol_rir_pct": "eol_rir_pct",
    "SI_EI": "substitution_ei",
    "SI_SR": "substitution_sr",
    "HHI_WGI_t_global": "hhi_wgi_t_world",
    "HHI_WGI_t_eu28": "hhi_wgi_t_eu",
    "SR_global_only": "sr_world_only",
    "SR_eu_only": "sr_eu_only",
    "SR_both": "sr_both",
}
_RESULTS_COLUMNS = ("material", "stage", "supply_used", *_NUMBERS)
_STAGES = {"Extraction": "mine", "Processing": "refine", "": None}
_SUPPLY_USED = {"GS + EUS": "both", "GS only": "world", "EUS only": "eu", "": None}
_RESULTS_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "material": pl.String,
    "detail": pl.String,
    "stage": pl.String,
    "supply_used": pl.String,
    **dict.fromkeys(_NUMBERS.values(), pl.Float64),
}


def read_scores(raw: Path, problems: Problems) -> pl.DataFrame:
    """Supply risk and economic importance by material and study year; null where not assessed."""
    table = []
    for row in csv_rows(raw, _SCORES_FILE, _SCORES_COLUMNS, problems):
        if not row["year"].isdigit():
            problems.add(f"{row['year']!r} is not a year", row.where("year"), "four digits")
            continue
        table.append(
            {
                "fact": f"{SOURCE_2023}:{_SCORES_FILE}:{row.number}",
                "material": material_id(row, "material", problems),
                "detail": plain_name(row, "material"),
                "year": int(row["year"]),
                "supply_risk": optional_number(row, "SR_raw", problems),
                "economic_importance": optional_number(row, "EI_raw", problems),
            }
        )
    return pl.DataFrame(table, schema=_SCORES_SCHEMA)


def read_results_2017(raw: Path, problems: Problems) -> pl.DataFrame:
    """Inputs and results of the 2017 study, one row a material or group.

    `supply_used` says which concentration the score rests on: `world`, `eu` or `both`. Numbers
    that the study sets aside (N/A) or does not print are null.
    """
    table = []
    for row in csv_rows(raw, _RESULTS_FILE, _RESULTS_COLUMNS, problems):
        table.append(
            {
                "fact": f"{SOURCE_2017}:{_RESULTS_FILE}:{row.number}",
                "material": material_id(row, "material", problems),
                "detail": plain_name(row, "material"),
                "stage": _word(row, "stage", _STAGES, problems),
                "supply_used": _word(row, "supply_used", _SUPPLY_USED, problems),
                **{
                    name: optional_number(row, column, problems)
                    for column, name in _NUMBERS.items()
                },
            }
        )
    return pl.DataFrame(table, schema=_RESULTS_SCHEMA)


def _word(row: Row, column: str, known: dict[str, str | None], problems: Problems) -> str | None:
    if row[column] not in known:
        words = ", ".join(repr(word) for word in known)
        problems.add(f"unknown {column} {row[column]!r}", row.where(column), f"one of {words}")
    return known.get(row[column])
