"""Targets and budgets: what a plan must reach, and what it may spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

TargetKind = Literal[
    "extraction", "processing", "recycling", "supplier_cap", "n_1", "independence", "stock_days"
]
TARGET_KINDS: tuple[str, ...] = get_args(TargetKind)
BENCHMARKS = ("extraction", "processing", "recycling")
WEIGHTINGS = ("mass", "value", "mean")
MONEY = ("all", "public", "private")


@dataclass(frozen=True)
class Target:
    """Something to be reached from a year on.

    Attributes
    ----------
    kind : 'extraction', 'processing', 'recycling': home capacity over use of all materials, at
        least `value`; 'supplier_cap': share of one supplier in each material and stage, at most;
        'n_1': share of use covered when the largest supplier stops, at least; 'independence': the
        same when all `suppliers` stop; 'stock_days': days of use held, at least
    value : a share, or days
    year : first year in which it must hold
    weighting : of the three aggregates: 'mass', 'value' or 'mean' of entries, each at most 1
    materials, stages, suppliers : empty for all
    price : million USD a year for each unit it is missed by (a whole share, or a day); None: hard
    """

    kind: str
    value: float
    year: int
    weighting: str = "mean"
    materials: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    price: float | None = None
    name: str = ""

    @property
    def at_most(self) -> bool:
        """Whether it is a ceiling."""
        return self.kind == "supplier_cap"

    @property
    def words(self) -> str:
        """What it demands, in plain words."""
        if self.name:
            return self.name
        of = f" of {', '.join(self.materials)}" if self.materials else ""
        percent = f"{100.0 * self.value:g} %"
        if self.kind in BENCHMARKS:
            return f"{percent} {self.kind}{of} by {self.year} ({self.weighting})"
        if self.kind == "supplier_cap":
            who = ", ".join(self.suppliers) or "third country"
            return f"no {who} above {percent}{of} by {self.year}"
        if self.kind == "n_1":
            return f"{percent} of use{of} covered without the largest supplier by {self.year}"
        if self.kind == "independence":
            return (
                f"{percent} of use{of} covered without {', '.join(self.suppliers)} by {self.year}"
            )
        return f"{self.value:g} days of stock{of} by {self.year}"


@dataclass(frozen=True)
class Budget:
    """The most that may be spent, million USD.

    Attributes
    ----------
    amount : in `year`, or in all years where that is None
    money : 'all', 'public' or 'private'
    """

    amount: float
    year: int | None = None
    money: str = "all"

    @property
    def words(self) -> str:
        """What it says, in plain words."""
        whose = "" if self.money == "all" else f"{self.money} "
        when = "in all years" if self.year is None else f"in {self.year}"
        return f"{whose}budget of {self.amount:,.0f} million USD {when}"
