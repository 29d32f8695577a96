"""The question of a plan: who, when, what is on the menu, what must be reached, what may happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.plan.need import Need
from lodestone.plan.option import Option, check_menu
from lodestone.plan.outlook import Outlook
from lodestone.plan.target import (
    BENCHMARKS,
    MONEY,
    TARGET_KINDS,
    WEIGHTINGS,
    Budget,
    Target,
)
from lodestone.terms.errors import Problems, RequestError


@dataclass(frozen=True)
class PlanQuestion:
    """Everything a plan is made from; money in million USD.

    Attributes
    ----------
    years : of the plan, one after another
    base_year : year of the needs
    needs, options, targets, budgets, outlook : see there
    rate : yearly discount rate
    risk_weight : what a unit of CVaR weighs (lambda); 0 looks at the mean alone
    tail : share of scenarios that CVaR looks at: 0.1 for the worst tenth
    """

    years: tuple[int, ...]
    base_year: int
    needs: tuple[Need, ...]
    options: tuple[Option, ...]
    targets: tuple[Target, ...]
    budgets: tuple[Budget, ...]
    outlook: Outlook
    rate: float
    risk_weight: float
    tail: float

    def __post_init__(self) -> None:
        """Refuse a question with anything wrong in it, all at once."""
        materials = [need.material for need in self.needs]
        problems = Problems("plan")
        years = list(self.years)
        if not years or years != list(range(years[0], years[0] + len(years))):
            problems.add(f"years {years}", "years", "one after another, at least one")
        if self.outlook.state.shape[1:] != (len(self.years), len(self.needs)):
            problems.add("other years or materials", "scenarios", "as many as the plan has")
        if not -0.5 < self.rate < 1.0 or self.risk_weight < 0.0 or not 0.0 < self.tail <= 1.0:
            problems.add("rate, risk_weight or tail", "risk", "tail above 0 to 1, weight from 0")
        for need in self.needs:
            if not 0.0 < need.use < float("inf"):
                problems.add(f"use {need.use:g}", need.material, "leave out what is not used")
        for n, target in enumerate(self.targets, 1):
            _check_target(n, target, years, materials, problems)
        for n, budget in enumerate(self.budgets, 1):
            where = f"budget {n}"
            if not 0.0 <= budget.amount < float("inf"):
                problems.add(f"amount {budget.amount:g}", where, "million USD, not below zero")
            if budget.money not in MONEY:
                problems.add(f"money {budget.money!r}", where, f"one of {', '.join(MONEY)}")
            if budget.year is not None and budget.year not in years:
                problems.add(f"year {budget.year}", where, f"from {years[0]} to {years[-1]}")
        problems.raise_if_any(RequestError)
        check_menu(self.options, materials)

    def growth(self, m: int, y: int) -> float:
        """Use of material m in year position y over use in the base year."""
        return float((1.0 + self.needs[m].growth) ** (self.years[y] - self.base_year))

    def discount(self, y: int) -> float:
        """What money of year position y is worth in the first year."""
        return float((1.0 + self.rate) ** -y)


def _check_target(
    n: int, t: Target, years: Sequence[int], materials: Sequence[str], problems: Problems
) -> None:
    where = f"target {n} ({t.kind})"
    if t.kind not in TARGET_KINDS:
        problems.add(f"kind {t.kind!r}", where, f"one of {', '.join(TARGET_KINDS)}")
    if t.kind in BENCHMARKS and t.weighting not in WEIGHTINGS:
        problems.add(f"weighting {t.weighting!r}", where, f"one of {', '.join(WEIGHTINGS)}")
    most = 3650.0 if t.kind == "stock_days" else 10.0
    if not 0.0 <= t.value <= most:
        problems.add(f"value {t.value:g}", where, "a share (0.4 for 40 %), or days")
    if t.year not in years:
        problems.add(f"year {t.year}", where, f"from {years[0]} to {years[-1]}")
    if t.kind == "independence" and not t.suppliers:
        problems.add("no suppliers", where, "name whom to be independent of")
    for name in t.materials:
        if name not in materials:
            problems.add(f"{name} is not in the plan", where, "add it to materials")
    if t.price is not None and not 0.0 < t.price < float("inf"):
        problems.add(f"price {t.price:g}", where, "above zero, or leave it out for a hard target")
