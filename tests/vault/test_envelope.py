"""Splitting a budget: by hand, against every possible split, and by law."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.terms.errors import PlanError
from lodestone.vault.envelope import Curve, envelope, split_budget


def curve(name: str, *points: tuple[float, float]) -> Curve:
    every = [(0.0, 0.0), *points]
    return Curve(name, np.array([c for c, _ in every]), np.array([v for _, v in every]))


def test_the_steepest_step_is_bought_first() -> None:
    a = curve("a", (10.0, 30.0), (20.0, 40.0))  # slopes 3, 1
    b = curve("b", (5.0, 10.0), (10.0, 12.0))  # slopes 2, 0.4
    found = split_budget([a, b], 15.0)
    assert found.money.tolist() == [10.0, 5.0]
    assert found.value == found.whole == 40.0
    assert found.bound == 0.0
    assert found.next_slope == 1.0


def test_a_part_of_a_step_is_the_bound() -> None:
    found = split_budget([curve("a", (10.0, 30.0), (20.0, 40.0))], 15.0)
    assert found.money.tolist() == [15.0]
    assert (found.value, found.whole, found.bound) == (35.0, 30.0, 5.0)


def test_a_dent_in_the_curve_is_jumped() -> None:
    # nothing for the first 10, all for 20: the envelope goes straight there
    dented = curve("a", (10.0, 1.0), (20.0, 40.0), (30.0, 35.0))
    assert envelope(dented).tolist() == [0, 2]
    assert split_budget([dented], 100.0).money.tolist() == [20.0]


points = st.lists(st.tuples(st.integers(1, 20), st.integers(-10, 40)), min_size=1, max_size=4)


def _curves(raw: list[list[tuple[int, int]]]) -> list[Curve]:
    found = []
    for n, steps in enumerate(raw):
        cost = np.cumsum([0, *(c for c, _ in steps)]).astype(float)
        value = np.cumsum([0, *(v for _, v in steps)]).astype(float)
        found.append(Curve(str(n), cost, value))
    return found


def _best(curves: list[Curve], budget: float) -> float:
    """The best of all ways to choose one point of each curve."""
    best = 0.0
    for chosen in product(*(range(c.cost.size) for c in curves)):
        cost = sum(c.cost[k] for c, k in zip(curves, chosen, strict=True))
        if cost <= budget + 1e-9:
            best = max(best, sum(c.value[k] for c, k in zip(curves, chosen, strict=True)))
    return float(best)


@settings(max_examples=150, deadline=None)
@given(st.lists(points, min_size=1, max_size=4), st.integers(0, 120))
def test_no_split_is_better_by_more_than_the_bound(
    raw: list[list[tuple[int, int]]], budget: int
) -> None:
    curves = _curves(raw)
    found = split_budget(curves, float(budget))
    best = _best(curves, float(budget))
    assert found.whole - 1e-9 <= best <= found.value + 1e-9
    # exact at the breakpoints: budgets that end with a whole step
    for n in range(len(found.steps)):
        spent = sum(s.cost for s in found.steps[: n + 1] if s.part == 1.0)
        there = split_budget(curves, spent)
        assert there.value == pytest.approx(_best(curves, spent), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(st.lists(points, min_size=1, max_size=5), st.floats(0, 100), st.floats(0, 100))
def test_more_money_never_keeps_less_away(
    raw: list[list[tuple[int, int]]], one: float, more: float
) -> None:
    curves = _curves(raw)
    assert split_budget(curves, one + more).value >= split_budget(curves, one).value - 1e-9


@pytest.mark.parametrize(("cost", "price"), [(1.0, 4.0), (3.0, 4.0), (2.0, 5.0)])
def test_newsvendor(cost: float, price: float) -> None:
    """Demand uniform on 0..100: hold the quantile (price - cost) / price (Arrow et al. 1951)."""
    fine = np.arange(0.0, 100.5, 0.5)
    # expected sales min(stock, demand) of a uniform demand
    gain = price * (fine - fine**2 / 200.0) - cost * fine
    chosen = split_budget([Curve("papers", fine, gain)], 100.0)
    assert chosen.money[0] == pytest.approx(100.0 * (price - cost) / price, abs=0.5)


@pytest.mark.parametrize("budget", [-1.0, float("nan"), float("inf")])
def test_bad_budgets_are_refused(budget: float) -> None:
    with pytest.raises(PlanError, match="budget"):
        split_budget([curve("a", (1.0, 1.0))], budget)


def test_bad_curves_are_refused() -> None:
    with pytest.raises(PlanError, match="rising cost"):
        curve("a", (1.0, 1.0), (1.0, 2.0))
    with pytest.raises(PlanError, match="finite"):
        curve("a", (1.0, float("nan")))
