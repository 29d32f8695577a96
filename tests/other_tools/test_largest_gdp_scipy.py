"""The program of the largest GDP against SciPy, flow by flow, and against brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog
from tests.economy.made_tables import random_table

from lodestone.economy.largest_gdp import LargestGdp
from lodestone.economy.table import EconomyTable


def flow_by_flow(t: EconomyTable, kept: np.ndarray, threshold: float) -> float:
    """The same question with a variable for every flow that is not critical."""
    n, a = len(t.sectors), t.coefficients
    spare = [(i, j) for i in range(n) for j in range(n) if 0.0 < a[i, j] < threshold]
    width = 2 * n + len(spare)
    rows, limits = np.zeros((n, width)), np.zeros((len(spare), width))
    for i in range(n):
        rows[i, i] += 1.0
        rows[i, n + i] = -1.0
        for j in range(n):
            if a[i, j] >= max(threshold, 1e-300):
                rows[i, j] -= a[i, j]
    for k, (i, j) in enumerate(spare):
        rows[i, 2 * n + k] = -1.0
        limits[k, 2 * n + k], limits[k, j] = 1.0, -a[i, j]
    bounds = [(0.0, kept[i] * t.output[i]) for i in range(n)]
    bounds += [(0.0, float(y)) for y in t.final_use] + [(0.0, None)] * len(spare)
    cost = np.concatenate([-t.value_added_share, np.zeros(width - n)])
    upper = {"A_ub": limits, "b_ub": np.zeros(len(spare))} if spare else {}
    found = linprog(cost, A_eq=rows, b_eq=np.zeros(n), bounds=bounds, method="highs-ipm", **upper)
    assert found.status == 0
    return -float(found.fun)


@pytest.mark.parametrize("seed", range(40))
def test_scipy_finds_the_same_gdp(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = random_table(int(rng.integers(3, 12)), rng)
    for threshold in (0.0, 0.02, 0.1):
        kept = np.where(rng.random(len(t.sectors)) < 0.5, rng.random(len(t.sectors)), 1.0)
        ours = LargestGdp(t, threshold).solve(kept).gdp
        assert ours == pytest.approx(flow_by_flow(t, kept, threshold), rel=1e-7)


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_on_a_fine_grid_is_better(seed: int) -> None:
    """Two sectors, every input critical: try every pair of outputs on a grid."""
    rng = np.random.default_rng(1000 + seed)
    t = random_table(2, rng, filled=1.0)
    kept = np.array([rng.uniform(0.3, 1.0), 1.0])
    steps = np.linspace(0.0, 1.0, 801)
    best = 0.0
    for i, j in itertools.product(steps, steps):
        x = np.array([i * kept[0], j * kept[1]]) * t.output
        y = x - t.coefficients @ x
        if (y >= -1e-12).all() and (y <= t.final_use + 1e-12).all():
            best = max(best, float(t.value_added_share @ x))
    ours = LargestGdp(t, 0.0).solve(kept).gdp
    assert best <= ours + 1e-9
    assert ours - best <= 0.02 * t.gdp
