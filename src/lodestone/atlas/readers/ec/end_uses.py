"""End uses of the 2023 study: share by application, NACE-2 sector and its value added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.readers.ec.printed import (
    SOURCE_2023,
    material_id,
    optional_number,
    plain_name,
    read_share,
)
from lodestone.atlas.readers.strict_table import Row, csv_rows
from lodestone.terms.errors import Problems

FILE = "ec/ec_crm2023_end_use_shares.csv"

_COLUMNS = (
    "material",
    "application",
    "share_raw",
    "nace_sector",
    "va_mn_eur",
    "share",
    "nace2",
)
_ROUNDING = 0.035
_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "material": pl.String,
    "detail": pl.String,
    "application": pl.String,
    "share": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "nace2": pl.String,
    "sector": pl.String,
    "va_mn_eur": pl.Float64,
    "flag": pl.String,
    "note": pl.String,
}


def read_end_uses(raw: Path, problems: Problems, notes: list[str]) -> pl.DataFrame:
    """One row an application; sector and value added are null where the study names none.

    Mended: a row printed twice is kept once where the shares exceed one; a row whose value
    added belongs to another sector gets that sector: motor vehicles printed under C30 carry
    the value added of C29.
    """
    rows = csv_rows(raw, FILE, _COLUMNS, problems)
    rows = _without_repeats(rows, problems, notes)
    sectors = _sectors(rows, problems)
    left_out = set()
    table = []
    for row in rows:
        material = material_id(row, "material", problems)
        if material is None:
            left_out.add(plain_name(row, "material"))
            continue
        table.append(_use(row, material, sectors, problems, notes))
    notes.append(f"EC end uses left out, out of scope: {', '.join(sorted(left_out))}")
    frame = pl.DataFrame(table, schema=_SCHEMA)
    return _flag_sums(frame, notes)


def _without_repeats(rows: Sequence[Row], problems: Problems, notes: list[str]) -> list[Row]:
    """Rows with each exact repetition dropped; a problem where the shares do not exceed one."""
    first: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(row[column] for column in _COLUMNS)
        original = first.setdefault(key, row)
        if original is row:
            continue
        notes.append(
            f"EC end uses {row['material']}: row {row.number} repeats row {original.number}"
            f" ({row['application']}, {row['share_raw']}), kept once"
        )
        same = [r for r in rows if r["material"] == row["material"]]
        total = sum(optional_number(r, "share", problems) or 0.0 for r in same)
        if total <= 1.0 + _ROUNDING:
            problems.add(
                "a row stands twice though the shares do not exceed one",
                row.where("application"),
                "tell the two uses apart, or remove one",
            )
    return list(first.values())


def _sectors(rows: Sequence[Row], problems: Problems) -> dict[str, tuple[str, str]]:
    """Value added of a sector (as printed) -> its code and name, by majority of rows."""
    votes: dict[str, Counter[tuple[str, str]]] = {}
    for row in rows:
        if row["va_mn_eur"]:
            sector = (row["nace2"], plain_name(row, "nace_sector"))
            votes.setdefault(row["va_mn_eur"], Counter())[sector] += 1
    found = {va: count.most_common(1)[0][0] for va, count in votes.items()}
    values: dict[str, str] = {}
    for va, (code, _) in found.items():
        if code in values:
            problems.add(
                f"sector {code} has the value added {values[code]} and {va}",
                f"{FILE}, column va_mn_eur",
                "a sector has one value added: correct the rows",
            )
        values[code] = va
    return found


def _use(
    row: Row,
    material: str,
    sectors: Mapping[str, tuple[str, str]],
    problems: Problems,
    notes: list[str],
) -> dict[str, Any]:
    share = read_share(row, problems)
    printed = (row["nace2"], plain_name(row, "nace_sector"))
    code, name = sectors.get(row["va_mn_eur"], printed)
    note = None
    if code != row["nace2"]:
        note = f"printed under {row['nace2']}, with the value added of {code}"
        notes.append(
            f"EC end uses {row['material']}, {row['application']}: {note}, moved to {code}"
        )
    return {
        "fact": f"{SOURCE_2023}:{FILE}:{row.number}",
        "material": material,
        "detail": plain_name(row, "material"),
        "application": plain_name(row, "application"),
        "share": None if share is None else share.value,
        "low": None if share is None else share.low,
        "high": None if share is None else share.high,
        "nace2": code or None,
        "sector": name or None,
        "va_mn_eur": optional_number(row, "va_mn_eur", problems),
        "flag": None if share is None else share.flag,
        "note": note,
    }


def _flag_sums(frame: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Mark materials whose shares miss one by more than rounding can explain."""
    sums = frame.group_by("detail", maintain_order=True).agg(pl.col("share").sum())
    odd = sums.filter((pl.col("share") - 1.0).abs() > _ROUNDING)
    for name, total in odd.iter_rows():
        notes.append(f"EC end uses {name}: shares sum to {total:.2f}; kept as printed, suspect")
    suspect = pl.col("detail").is_in(odd["detail"].to_list())
    return frame.with_columns(
        pl.when(suspect).then(pl.col("flag") + ";suspect").otherwise(pl.col("flag")).alias("flag")
    )
