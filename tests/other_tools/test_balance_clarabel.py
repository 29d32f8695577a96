"""The dual Newton balance against Clarabel, a general interior-point solver."""

from __future__ import annotations

import clarabel
import numpy as np
import pytest
import scipy.sparse as sp

from lodestone.atlas.balance import BalanceProgram
from lodestone.terms.errors import ChainError


def _ledger(n: int, seed: int) -> tuple[BalanceProgram, np.ndarray, np.ndarray]:
    """A one-stage chain with heavy-tailed output, use and trade that disagree."""
    rng = np.random.default_rng(seed)
    output = rng.pareto(1.0, n) + 1e-4
    output /= output.sum()
    use = rng.pareto(1.0, n) + 1e-4
    use /= use.sum()
    cells, estimate, error, lower = [], [], [], []

    def add(value: float, sigma: float, low: float, entries: list[tuple[int, float]]) -> None:
        cells.extend((row, len(estimate), v) for row, v in entries)
        estimate.append(value)
        error.append(sigma)
        lower.append(low)

    for i in range(n):
        add(output[i], 0.05 * output[i] + 1e-6, 0.0, [(i, 1.0)])
        add(use[i], use[i] + 1e-6, 0.0, [(i, -1.0)])
        add(0.0, 0.03 * (output[i] + use[i]) + 1e-6, -np.inf, [(i, -1.0)])
        for j in range(n):
            if i != j and rng.random() < 0.3:
                flow = output[i] * use[j] * rng.lognormal(0, 1)
                add(flow, 0.2 * flow + 1e-7, 0.0, [(i, -1.0), (j, 1.0)])
    rows, columns, values = zip(*cells, strict=True)
    matrix = sp.csr_matrix((values, (rows, columns)), shape=(n, len(estimate)))
    program = BalanceProgram(matrix, np.zeros(n), np.array(lower))
    return program, np.array(estimate), np.array(error)


def _clarabel(program: BalanceProgram, estimate: np.ndarray, error: np.ndarray) -> np.ndarray:
    """The same program in deviations u = (v - e) / s, solved by Clarabel."""
    m = estimate.size
    bounded = np.flatnonzero(np.isfinite(program.lower))
    scale = sp.diags(error)
    a = sp.vstack([program.rows @ scale, -(sp.eye(m).tocsr()[bounded]) @ scale]).tocsc()
    b = np.concatenate(
        [program.right - program.rows @ estimate, (estimate - program.lower)[bounded]]
    )
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    cones = [clarabel.ZeroConeT(program.right.size), clarabel.NonnegativeConeT(bounded.size)]
    answer = clarabel.DefaultSolver(sp.eye(m).tocsc(), np.zeros(m), a, b, cones, settings).solve()
    assert str(answer.status) == "Solved"
    return np.array(answer.x) * error + estimate


@pytest.mark.parametrize(("n", "seed"), [(5, 0), (20, 1), (60, 2), (120, 3)])
def test_same_answer_as_clarabel(n: int, seed: int) -> None:
    program, estimate, error = _ledger(n, seed)
    ours = program.solve(estimate, error)
    theirs = _clarabel(program, estimate, error)
    assert ours.residual <= 1e-11
    assert ours.gap <= 1e-9
    np.testing.assert_allclose(ours.value, theirs, atol=2e-6)
    deviation = 0.5 * float(np.sum(((theirs - estimate) / error) ** 2))
    assert ours.objective <= deviation * (1 + 1e-6)


def test_warm_start_gives_the_same_answer() -> None:
    program, estimate, error = _ledger(40, 4)
    cold = program.solve(estimate, error)
    warm = program.solve(estimate * 1.02, error, start=cold.multiplier)
    again = program.solve(estimate * 1.02, error)
    np.testing.assert_allclose(warm.value, again.value, atol=1e-10)


def test_contradiction_is_an_error_with_the_row() -> None:
    program = BalanceProgram(sp.csr_matrix([[1.0]]), np.array([-1.0]), np.array([0.0]))
    with pytest.raises(ChainError, match="row 0"):
        program.solve(np.array([1.0]), np.array([1.0]))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nothing_non_finite_reaches_the_solver(bad: float) -> None:
    program, estimate, error = _ledger(5, 0)
    estimate[3] = bad
    with pytest.raises(ChainError, match="not finite at entries \\[3\\]"):
        program.solve(estimate, error)


def test_by_hand_two_deliveries() -> None:
    """10 shipped, 8 received, errors 1 and 2: the gap of 2 splits by variance, 0.4 and 1.6."""
    program = BalanceProgram(sp.csr_matrix([[1.0, -1.0]]), np.zeros(1), np.zeros(2))
    answer = program.solve(np.array([10.0, 8.0]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(answer.value, [9.6, 9.6])
    assert answer.objective == pytest.approx(0.5 * (0.4**2 + 0.8**2))
