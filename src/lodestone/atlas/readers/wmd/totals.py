"""Check countries against the printed world totals, and mend what the totals prove wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from lodestone.atlas.readers.wmd.database import FILE, FOREIGN_CODE, YEARS, Line, Table
from lodestone.terms.errors import Problems

_LAST_YEAR_OF_OLD_EDITION = 2022
# The totals are exact sums of printed integers: a unit, or a millionth, is already an edit.
_LEAST_GAP, _RELATIVE_GAP = 1.0, 1e-6


def mend(table: Table, notes: list[str]) -> Table:
    """Give back to a country what a neighbour under the same code overwrote.

    French Guiana stands under the code of Guyana, and joining the two editions by code put its
    figures of 2023-2024 into Guyana's row as well. The lost figure is known exactly: where both
    rows print the same and the world total is larger than the sum of countries, it is the
    printed total less all other rows.
    """
    codes = [line.code for line in table.lines]
    shared = [line for line in table.lines if codes.count(line.code) > 1]
    lines = {line.number: line for line in table.lines}
    for victim in shared:
        if (victim.country, victim.code) in FOREIGN_CODE:
            continue
        for k, year in enumerate(YEARS):
            twin = any(o is not victim and o.values[k] == victim.values[k] for o in shared)
            lost = table.totals[k] - table.world(k)
            if not twin or lost <= 0.0:
                continue
            lines[victim.number] = _rebuilt(lines[victim.number], k, lost)
            notes.append(
                f"{table.rule.table}: {victim.country} {year} printed the figure of the neighbour"
                f" that shares its code {victim.code}; rebuilt from the printed world total as"
                f" {lines[victim.number].values[k]:,.0f} {victim.unit}"
            )
    return replace(table, lines=tuple(lines.values()))


def check_totals(table: Table, problems: Problems) -> Iterator[dict[str, Any]]:
    """One row a year: printed world total, sum of countries, and what explains the difference.

    The totals of 2018-2022 were printed by the 2024 edition and leave out the countries that
    only the 2026 edition lists. What is still unexplained is a problem.
    """
    for k, year in enumerate(YEARS):
        printed, summed = table.totals[k], table.world(k)
        late = table.world(k, table.late) if year <= _LAST_YEAR_OF_OLD_EDITION else 0.0
        unexplained = summed - late - printed
        if abs(unexplained) > max(_LEAST_GAP, _RELATIVE_GAP * printed):
            problems.add(
                f"countries sum to {summed:,.0f} but the printed total is {printed:,.0f}",
                f"{FILE}, table {table.rule.table}, row {table.total_row}, column {year}",
                "a row is lost, doubled or edited: fetch the file again",
            )
        yield {
            "detail": table.rule.table,
            "material": table.rule.material,
            "stage": table.rule.stage,
            "year": year,
            "unit": table.lines[0].unit if table.lines else None,
            "printed": printed,
            "summed": summed,
            "late_listed": late,
            "unexplained": unexplained,
        }


def _rebuilt(line: Line, k: int, lost: float) -> Line:
    value = (line.values[k] or 0.0) + lost
    values = (*line.values[:k], value, *line.values[k + 1 :])
    return replace(line, values=values, mended=(*line.mended, YEARS[k]))
