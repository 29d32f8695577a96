"""The two annexes of the CRM Act, and the groups that the 2023 study puts materials in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.ec.printed import SOURCE_2023, SOURCE_LISTS, material_id, plain_name
from lodestone.atlas.readers.strict_table import csv_rows
from lodestone.terms.errors import Problems

_LISTS_FILE = "ec/crma_lists.csv"
_LISTS_COLUMNS = ("list", "material", "basis", "url")
_LISTS = {"SRM (Annex I)": "EU_SRM_2024", "CRM (Annex II)": "EU_CRM_2024"}
_LISTS_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "list": pl.String,
    "material": pl.String,
    "entry": pl.String,
    "basis": pl.String,
    "url": pl.String,
}

_GROUPS_FILE = "ec/ec_crm2023_material_groupings.csv"
_PERMUTATIONS = {
    "perm_noXREE_noPGM": "group_plain",
    "perm_noXREE_PGM": "group_with_pgm",
    "perm_XREE_noPGM": "group_with_split_ree",
    "perm_XREE_PGM": "group_with_both",
}
_GROUPS_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "material": pl.String,
    "detail": pl.String,
    **dict.fromkeys(_PERMUTATIONS.values(), pl.String),
}


def read_lists(raw: Path, problems: Problems) -> pl.DataFrame:
    """Entries of Annex I (strategic) and Annex II (critical) as printed, with material ids."""
    table = []
    for row in csv_rows(raw, _LISTS_FILE, _LISTS_COLUMNS, problems):
        if row["list"] not in _LISTS:
            problems.add(
                f"unknown list {row['list']!r}", row.where("list"), f"one of {', '.join(_LISTS)}"
            )
        table.append(
            {
                "fact": f"{SOURCE_LISTS}:{_LISTS_FILE}:{row.number}",
                "list": _LISTS.get(row["list"]),
                "material": material_id(row, "material", problems),
                "entry": plain_name(row, "material"),
                "basis": row["basis"],
                "url": row["url"],
            }
        )
    return pl.DataFrame(table, schema=_LISTS_SCHEMA)


def read_groupings(raw: Path, problems: Problems, notes: list[str]) -> pl.DataFrame:
    """Group of each screened material, with and without HREE/LREE and PGM as groups."""
    table = []
    columns = ("screened_material", *_PERMUTATIONS)
    for row in csv_rows(raw, _GROUPS_FILE, columns, problems):
        table.append(
            {
                "fact": f"{SOURCE_2023}:{_GROUPS_FILE}:{row.number}",
                "material": material_id(row, "screened_material", problems),
                "detail": plain_name(row, "screened_material"),
                **{name: row[column] for column, name in _PERMUTATIONS.items()},
            }
        )
    counts = Counter(str(entry["detail"]) for entry in table)
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        notes.append(f"EC groupings: {', '.join(sorted(twice))} stand in two groups, both kept")
    return pl.DataFrame(table, schema=_GROUPS_SCHEMA)
