"""What a reader of input-output tables hands on: one home economy, as printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import Problems

Floats = NDArray[np.float64]

#: Uses of a sector may miss its output by this part of it, or by this many millions: rounding.
_UNBALANCED, _ROUNDING = 0.005, 2.0
#: More than this many problems of one kind are counted, not listed.
LISTED = 20


@dataclass(frozen=True)
class HomeFlows:
    """Flows of one economy, million `currency`.

    Attributes
    ----------
    sectors, names : (n,)
    flows : (n, n) domestic flows, seller by buyer
    imported, value_added, output : (n,)
    used : (n,) all that is used of each sector, at home and abroad; equals output but for rounding
    scheme, currency, notes : as in an economy's table
    """

    sectors: tuple[str, ...]
    names: tuple[str, ...]
    flows: Floats
    imported: Floats
    value_added: Floats
    output: Floats
    used: Floats
    scheme: str
    currency: str
    notes: tuple[str, ...] = ()


def check_home(home: HomeFlows, file: str, problems: Problems) -> HomeFlows:
    """Note what makes the table unusable: not finite, negative output, rows or columns apart.

    Returns the table with a note on the largest gap that passed as rounding.
    """
    for code, output in zip(home.sectors, home.output, strict=True):
        if not output >= 0.0:
            problems.add(f"output is {output:g}", f"{file}, {code}", "an output is never negative")
    costs = home.flows.sum(axis=0) + home.imported + home.value_added
    gaps = {"uses": np.abs(home.used - home.output), "costs": np.abs(costs - home.output)}
    allowed = np.maximum(_UNBALANCED * np.abs(home.output), _ROUNDING)
    for what, found in (("uses", home.used), ("costs", costs)):
        apart = np.flatnonzero(~(gaps[what] <= allowed)).tolist()
        for k in apart[:LISTED]:
            problems.add(
                f"{what} sum to {found[k]:,.1f}, output is {home.output[k]:,.1f}",
                f"{file}, {home.sectors[k]}",
                "unbalanced: take the whole file of one edition",
            )
        _say_rest(len(apart), f"sectors whose {what} miss their output", file, problems)
    largest = max((float(g.max(initial=0.0)) for g in gaps.values()), default=0.0)
    note = f"rows and columns miss output by at most {largest:,.1f} million (rounding)"
    return replace(home, notes=(*home.notes, note))


def say_each(found: Sequence[str], what: str, file: str, mend: str, problems: Problems) -> None:
    """Note a problem for each label, and the number of the rest."""
    for label in found[:LISTED]:
        problems.add(f"{what} {label!r}", file, mend)
    _say_rest(len(found), what, file, problems)


def _say_rest(count: int, what: str, file: str, problems: Problems) -> None:
    if count > LISTED:
        problems.add(f"and {count - LISTED} more: {what}", file, "")
