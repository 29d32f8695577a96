"""An input-output table in one form: who sells what to whom, inside one economy.

A car maker buys steel at home and chips abroad, pays wages and profits, and sells cars to
households and abroad. One column of the table is that car maker: its domestic purchases `Z`, what
it imports, its value added; they add up to its output. One row is where the output goes: to other
industries (`Z`) and to final use at home and abroad.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import DataError, Problems

Floats = NDArray[np.float64]
Made = TypeVar("Made")

#: A row or a column may miss its total by this part of the output, or of the largest output.
BALANCE, BALANCE_OF_LARGEST = 1e-6, 1e-9


@dataclass(frozen=True)
class EconomyTable:
    """One economy in one year, industry by industry.

    Attributes
    ----------
    place : id of the place or bloc (`USA`, `EU27`, `JPN`)
    year : year of the flows
    source : id of the source in `atlas/sources.toml`, or the file of a user
    sectors, names : (n,) code and name of each industry
    flows : (n, n) `flows[i, j]`: domestic output of i bought by industry j, million `currency`
    final_use : (n,) domestic output of i bought by final users at home and abroad
    imported : (n,) imported intermediates that industry j uses
    value_added : (n,) wages, taxes and surplus of industry j
    output : (n,) output of each industry
    currency : of all money
    scheme : which list of sectors (`bea402`, `wiod35`, `nace2`, `icio`, ...)
    notes : what was mended, with its size
    """

    place: str
    year: int
    source: str
    sectors: tuple[str, ...]
    names: tuple[str, ...]
    flows: Floats
    final_use: Floats
    imported: Floats
    value_added: Floats
    output: Floats
    currency: str = "USD"
    scheme: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        _check(self)

    @property
    def gdp(self) -> float:
        """Value added of all industries, million `currency`."""
        return float(self.value_added.sum())

    @cached_property
    def at(self) -> Mapping[str, int]:
        """Position of each sector code."""
        return {code: i for i, code in enumerate(self.sectors)}

    def once(self, name: str, make: Callable[[EconomyTable], Made]) -> Made:
        """What `make` makes of this table, made when first asked for under that name."""
        if name not in self._made:
            self._made[name] = make(self)
        return self._made[name]

    @cached_property
    def _made(self) -> dict[str, Any]:
        return {}

    @cached_property
    def coefficients(self) -> Floats:
        """(n, n) A: domestic input of i in one unit of output of j; 0 for a sector without output."""
        made = self.output > 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(made[None, :], self.flows / self.output[None, :], 0.0)

    @cached_property
    def value_added_share(self) -> Floats:
        """(n,) value added in one unit of output; 0 for a sector without output."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.output > 0.0, self.value_added / self.output, 0.0)


def _check(table: EconomyTable) -> None:
    """Everything that makes a table unusable, all at once."""
    n = len(table.sectors)
    problems = Problems(f"input-output table of {table.place} {table.year} ({table.source})")
    shapes: dict[str, tuple[Any, tuple[int, ...]]] = {
        "flows": (table.flows, (n, n)),
        **{k: (getattr(table, k), (n,)) for k in _VECTORS},
    }
    for what, (values, shape) in shapes.items():
        if values.shape != shape:
            problems.add(f"has shape {values.shape}, not {shape}", what, "one row a sector")
        elif not np.isfinite(values).all():
            at = int(np.argwhere(~np.isfinite(values))[0][0])
            problems.add(
                "is not a finite number", f"{what}, {table.sectors[at]}", "fill in or drop"
            )
    if len(table.names) != n or len(set(table.sectors)) != n:
        problems.add("sector codes are not unique, or names are missing", "sectors", "one of each")
    problems.raise_if_any(DataError)
    for code, value in zip(table.sectors, table.output, strict=True):
        if value < 0.0:
            problems.add(f"output is {value:g}", code, "an output is never negative")
    _check_sums(table, problems)
    problems.raise_if_any(DataError)


_VECTORS = ("final_use", "imported", "value_added", "output")


def _check_sums(table: EconomyTable, problems: Problems) -> None:
    """Uses are output, and so are costs, sector by sector."""
    allowed = BALANCE * np.abs(table.output) + BALANCE_OF_LARGEST * np.abs(table.output).max(
        initial=0.0
    )
    sides = (
        ("uses", table.flows.sum(axis=1) + table.final_use),
        ("costs", table.flows.sum(axis=0) + table.imported + table.value_added),
    )
    for what, found in sides:
        for k in np.flatnonzero(np.abs(found - table.output) > allowed):
            problems.add(
                f"{what} sum to {found[k]:,.3f}, output is {table.output[k]:,.3f}",
                table.sectors[k],
                "balance the table: rounding belongs into final use and value added",
            )
