"""A table of one year moved to another: every flow in proportion."""

from __future__ import annotations

from dataclasses import replace

from lodestone.economy.table import EconomyTable


def moved(
    table: EconomyTable, year: int, factor: float, note: str, currency: str | None = None
) -> EconomyTable:
    """The table with all money times `factor`, said to be of `year`.

    Who buys what from whom, in shares, stays that of the table's own year; coefficients and
    multipliers do not change.

    Parameters
    ----------
    table : of its own year
    year : to move to
    factor : money of `year` for one unit of money of the table
    note : where the factor comes from
    currency : of the moved money; that of the table if left out

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([1.0])
    >>> table = EconomyTable("AAA", 2017, "by hand", ("a",), ("A",), np.array([[0.0]]),
    ...     one, 0.0 * one, one, one)
    >>> moved(table, 2023, 1.4, "GDP").gdp
    1.4
    """
    return replace(
        table,
        year=year,
        flows=table.flows * factor,
        final_use=table.final_use * factor,
        imported=table.imported * factor,
        value_added=table.value_added * factor,
        output=table.output * factor,
        currency=currency or table.currency,
        notes=(*table.notes, note),
    )
