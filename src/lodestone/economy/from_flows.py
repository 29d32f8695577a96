"""From printed flows between industries to `EconomyTable`: rows and columns closed, losses mended.

Published tables are rounded, and a few of their cells are negative. Here the flows between
industries, what they import and their output are taken as printed; what is left of a row is final
use, what is left of a column is value added. So value added is always final use less imported
intermediates, and no cent of rounding is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lodestone.economy.spectral import check_convergent
from lodestone.economy.table import EconomyTable, Floats


def from_flows(
    *,
    place: str,
    year: int,
    source: str,
    scheme: str,
    sectors: Sequence[str],
    names: Sequence[str],
    flows: Floats,
    imported: Floats,
    output: Floats,
    currency: str = "USD",
    notes: Sequence[str] = (),
) -> EconomyTable:
    """The table of an economy from its domestic flows, imported intermediates and output.

    Parameters
    ----------
    place, year, source, scheme, sectors, names, currency : as in `EconomyTable`
    flows : (n, n) domestic flows as printed; a negative one is a sale from stocks
    imported : (n,) imported intermediates
    output : (n,)
    notes : of the reader; those on what is mended here are added

    Raises
    ------
    DataError
        For what `EconomyTable` refuses, or coefficients without a convergent sum.

    Examples
    --------
    >>> t = from_flows(place="AAA", year=2020, source="by hand", scheme="two",
    ...     sectors=("a", "b"), names=("A", "B"), flows=np.array([[0.0, 4.0], [2.0, 0.0]]),
    ...     imported=np.array([1.0, 1.0]), output=np.array([10.0, 20.0]))
    >>> t.final_use.tolist(), t.value_added.tolist()
    ([6.0, 18.0], [7.0, 15.0])
    """
    positive = np.maximum(flows, 0.0)
    below = flows - positive
    said = list(notes)
    if below.any():
        said.append(
            f"negative flows (sales of stocks) moved to final use: {np.count_nonzero(below)} "
            f"cells, {-below.sum():,.0f} million {currency}"
        )
    # The buyer's costs stay as printed: what a negative purchase took off them stays taken off.
    bought = imported + below.sum(axis=0)
    table = EconomyTable(
        place=place,
        year=year,
        source=source,
        sectors=tuple(sectors),
        names=tuple(names),
        flows=positive,
        final_use=output - positive.sum(axis=1),
        imported=bought,
        value_added=output - positive.sum(axis=0) - bought,
        output=output,
        currency=currency,
        scheme=scheme,
        notes=tuple(said),
    )
    table = without_losses(table)
    check_convergent(table)
    return replace(table, notes=(*table.notes, *_final_use_note(table)))


def without_losses(table: EconomyTable) -> EconomyTable:
    """Industries that buy more than they make are cut to what they make; each is a note.

    A transit authority lives on subsidies: its value added is negative, and a dollar of its
    output would draw more than a dollar of others'. What it buys beyond its output is bought by
    whoever pays the subsidy, which is final use.
    """
    costs = table.flows.sum(axis=0) + table.imported
    losing = table.value_added < -_ROUNDING * np.abs(table.output)
    if not losing.any():
        return table
    kept = np.divide(table.output, costs, where=losing, out=np.ones_like(costs))
    flows = table.flows * kept[None, :]
    notes = tuple(
        f"{table.sectors[k]} ({table.names[k]}) buys {costs[k]:,.0f} for an output of "
        f"{table.output[k]:,.0f} million {table.currency}: the {-table.value_added[k]:,.0f} beyond "
        "it counts as final use, its value added is zero instead of negative"
        for k in np.flatnonzero(losing)
    )
    return replace(
        table,
        flows=flows,
        final_use=table.final_use + (table.flows - flows).sum(axis=1),
        imported=table.imported * kept,
        value_added=np.where(losing, 0.0, table.value_added),
        notes=(*table.notes, *notes),
    )


def _final_use_note(table: EconomyTable) -> list[str]:
    negative = np.flatnonzero(table.final_use < 0.0)
    if not negative.size:
        return []
    named = ", ".join(f"{table.sectors[k]} {table.final_use[k]:,.0f}" for k in negative)
    return [f"final use is negative (stocks drawn down), million {table.currency}: {named}"]


#: A loss below this part of output is rounding of a sum, not a subsidy.
_ROUNDING = 1e-12
