"""The best policy: Teisberg's published table, other ways to the same answer, and laws."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from lodestone.terms.errors import PlanError
from lodestone.vault.keeping import Keeping, rule_choice, stock_problem
from lodestone.vault.optimal_policy import StockProblem, optimal, value_of
from lodestone.vault.teisberg import objective, teisberg
from lodestone.vault.trading import trading

TABLE = Path(__file__).parents[1] / "published" / "data" / "teisberg_policy.csv"


def test_teisberg_objective_and_policy_as_published() -> None:
    found = optimal(teisberg())
    assert objective(found) == pytest.approx(2401.577, abs=0.01)
    stock = teisberg().stock
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    assert len(rows) == stock.size
    for row in rows:
        at = int(np.flatnonzero(stock == float(row["stock"]))[0])
        assert stock[found.choice[at, 0]] == float(row["next_stock_if_normal"])
        assert stock[found.choice[at, 1]] == float(row["next_stock_if_disrupted"])


def _small(seed: int, levels: int = 4, states: int = 2) -> StockProblem:
    rng = np.random.default_rng(seed)
    chance = rng.random((states, states)) + 0.1
    cost = rng.random((levels, states, levels)) * 10.0
    cost[rng.random(cost.shape) < 0.2] = np.inf
    cost[:, :, 0] = rng.random((levels, states)) * 10.0
    return StockProblem(
        np.arange(float(levels)), chance / chance.sum(axis=1, keepdims=True), cost, 0.9
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_linear_program_has_the_same_values(seed: int) -> None:
    """Another way: the largest V with V <= cost + discount * E V' (d'Epenoux 1963)."""
    problem = _small(seed)
    s, e, _ = problem.cost.shape
    rows, limits = [], []
    for i in range(s):
        for j in range(e):
            for k in range(s):
                if np.isfinite(problem.cost[i, j, k]):
                    row = np.zeros(s * e)
                    row[i * e + j] += 1.0
                    row[k * e : k * e + e] -= problem.discount * problem.transition[j]
                    rows.append(row)
                    limits.append(problem.cost[i, j, k])
    program = linprog(-np.ones(s * e), np.array(rows), np.array(limits), bounds=(None, None))
    assert program.status == 0
    assert optimal(problem).value.ravel() == pytest.approx(program.x, rel=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_no_rule_costs_less_than_the_best_policy(seed: int, draw: object) -> None:
    problem = _small(seed)
    rng = np.random.default_rng(seed + 1)
    best = optimal(problem)
    allowed = np.isfinite(problem.cost)
    rule = np.array(
        [[rng.choice(np.flatnonzero(allowed[i, j])) for j in range(2)] for i in range(4)]
    )
    assert (value_of(problem, rule) >= best.value - 1e-9).all()
    assert value_of(problem, best.choice) == pytest.approx(best.value)


def _keeping(**changed: float) -> Keeping:
    handed = np.linspace(0.0, 365.0 / 12.0, 5)
    values = {
        "most": 120.0,
        "day_value": 1.0,
        "impact": 0.001,
        "begins": 0.02,
        "ends": 1.0 / 12.0,
        "carry": 0.015,
        "interest": 0.05,
        **changed,
    }
    return Keeping(handed=handed, loss=100.0 - 8.0 * np.sqrt(handed * 12.0), **values)


@pytest.mark.parametrize("part", [1.0, 1.0 / 12.0])
@pytest.mark.parametrize("out", [0.0, 10.0, 365.0 / 12.0])
def test_simple_rules_are_allowed_and_never_better(out: float, part: float) -> None:
    problem = stock_problem(_keeping())
    best = optimal(problem)
    rule = rule_choice(problem, 60.0, 5.0, out, part)
    assert (value_of(problem, rule) >= best.value - 1e-9 * np.abs(best.value)).all()


def test_nothing_is_held_where_no_cut_comes() -> None:
    best = optimal(stock_problem(_keeping(begins=0.0)))
    assert best.choice[0, 0] == 0


def test_more_is_held_where_cuts_come_oftener() -> None:
    held = []
    for begins in (1e-5, 1e-3, 0.1):
        choice, at = optimal(stock_problem(_keeping(begins=begins))).choice, 0
        for _ in range(choice.shape[0]):
            at = int(choice[at, 0])
        held.append(at)
    assert held[0] <= held[1] <= held[2]
    assert held[2] > held[0]


def test_trading_earns_nothing_where_prices_stand_still() -> None:
    still = trading(60.0, 1.0, 0.001, 1e-6, 0.9, 0.02, 0.05)
    assert still.spread == pytest.approx(0.0, abs=1e-3)


def test_trading_earns_more_where_prices_swing_more_and_calms_them() -> None:
    calm, wild = (trading(60.0, 1.0, 0.001, v, 0.95, 0.02, 0.05) for v in (0.15, 0.4))
    assert 0.0 < calm.spread < wild.spread
    assert 0.0 < wild.damped < 1.0


def test_bad_problems_are_refused() -> None:
    good = _small(1)
    with pytest.raises(PlanError, match="sum to 1"):
        StockProblem(good.stock, good.transition * 2.0, good.cost, 0.9)
    with pytest.raises(PlanError, match="without NaN"):
        StockProblem(good.stock, good.transition, good.cost * np.nan, 0.9)
    cost = good.cost.copy()
    cost[0, 0, 3] = np.inf
    forbidden = StockProblem(good.stock, good.transition, cost, 0.9)
    with pytest.raises(PlanError, match="goes where it must not"):
        value_of(forbidden, np.full((4, 2), 3))
