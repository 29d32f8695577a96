"""Least-adjustment balancing: the smallest change of estimates that makes a ledger add up.

Think of a table of deliveries written down by people who disagree. Each figure has an error.
We move every figure as little as possible, in units of its own error, until what comes in at
each place equals what goes out, and nothing is negative.

    min  1/2 sum_k ((v_k - e_k) / s_k)^2     subject to  A v = b,  v >= l

The program is strictly convex and separable, so its dual is concave, smooth and unbounded only
if the constraints contradict each other. With multipliers `lam` (one a row of A) the best v is
explicit, `v = max(l, e + s^2 A' lam)`, and the dual gradient is the imbalance `b - A v`. A damped
semismooth Newton method on `lam` finds the answer in about ten small linear solves; the answer
is then *proved*: imbalance, bounds and the gap between primal and dual are checked.

Sources: Stone, Champernowne & Meade (1942), Rev. Econ. Stud. 9:111 (least-squares adjustment of
accounts); Li, Sun & Toh (2018), SIAM J. Optim. 28:433 (semismooth Newton on such duals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from lodestone.terms.errors import ChainError

Vector = NDArray[np.float64]

_MAX_STEPS = 200
_ARMIJO = 1e-4
_RIDGE = 1e-13
#: Largest relative duality gap of a proved answer.
_GAP = 1e-9


@dataclass(frozen=True)
class Balanced:
    """A proved answer of `balance`.

    Attributes
    ----------
    value : (n,) balanced figures, same units as the estimates
    multiplier : (m,) dual value of each row of A
    objective : half the sum of squared adjustments, each in units of its error
    residual : largest absolute imbalance of any row
    gap : |primal - dual| / max(1, |primal|)
    steps : Newton steps taken
    """

    value: Vector
    multiplier: Vector
    objective: float
    residual: float
    gap: float
    steps: int


@dataclass(frozen=True)
class BalanceProgram:
    """The rows and bounds of a balance, set up once and solved for many estimates.

    Parameters
    ----------
    rows : (m, n) sparse matrix A
    right : (m,) b
    lower : (n,) lower bounds; -inf where a figure may be negative (stock change)
    """

    rows: sp.csr_matrix
    right: Vector
    lower: Vector

    def solve(
        self,
        estimate: Vector,
        error: Vector,
        *,
        start: Vector | None = None,
        tolerance: float = 1e-11,
        subject: str = "balance",
    ) -> Balanced:
        """Balance `estimate` with standard errors `error`; see the module for the program.

        Parameters
        ----------
        estimate, error : (n,) figures and their standard errors (> 0), in one common unit
            chosen so that the largest figures are about 1 (units of world output).
        start : (m,) multipliers of a similar solved case, for a warm start
        tolerance : largest imbalance allowed in any row
        subject : named in the error message

        Raises
        ------
        ChainError
            If inputs are not finite, an error is not positive, or the answer cannot be proved.
        """
        _check(self, estimate, error, subject)
        lam = np.zeros(self.right.shape) if start is None else start.copy()
        return _newton(self, estimate, error, lam, tolerance, subject)


def _check(program: BalanceProgram, estimate: Vector, error: Vector, subject: str) -> None:
    if estimate.shape != program.lower.shape or error.shape != program.lower.shape:
        raise ChainError(f"{subject}: estimates and errors must have {program.lower.size} entries")
    if not (np.isfinite(estimate).all() and np.isfinite(error).all()):
        bad = np.flatnonzero(~(np.isfinite(estimate) & np.isfinite(error)))[:5]
        raise ChainError(f"{subject}: estimates or errors are not finite at entries {bad.tolist()}")
    if (error <= 0).any():
        bad = np.flatnonzero(error <= 0)[:5]
        raise ChainError(f"{subject}: errors must be positive, entries {bad.tolist()} are not")


def _primal(program: BalanceProgram, estimate: Vector, weight: Vector, lam: Vector) -> Vector:
    value: Vector = np.maximum(program.lower, estimate + weight * (program.rows.T @ lam))
    return value


def _dual_value(
    program: BalanceProgram, estimate: Vector, error: Vector, lam: Vector, value: Vector
) -> tuple[float, Vector]:
    """Dual objective and its gradient (the imbalance b - A v)."""
    imbalance = program.right - program.rows @ value
    objective = 0.5 * float(np.sum(((value - estimate) / error) ** 2))
    return objective + float(lam @ imbalance), imbalance


def _step(program: BalanceProgram, weight: Vector, imbalance: Vector) -> Vector:
    """Newton direction: (A W A' + ridge) d = imbalance, Jacobi-scaled so that rows compare."""
    hessian = (program.rows.multiply(weight) @ program.rows.T).toarray()
    diagonal = np.diagonal(hessian).copy()
    scale = 1.0 / np.sqrt(np.maximum(diagonal, diagonal.max() * 1e-16 + 1e-300))
    hessian *= scale[:, None] * scale[None, :]
    np.fill_diagonal(hessian, np.diagonal(hessian) + _RIDGE)
    dead = diagonal <= diagonal.max() * 1e-16
    hessian[dead, dead] = 1.0
    try:
        factor = scipy.linalg.cho_factor(hessian, lower=True, check_finite=False)
        return np.asarray(scale * scipy.linalg.cho_solve(factor, scale * imbalance))
    except scipy.linalg.LinAlgError:
        # Redundant rows: the least-squares direction is still an ascent direction.
        return np.asarray(scale * np.linalg.lstsq(hessian, scale * imbalance, rcond=1e-12)[0])


def _newton(
    program: BalanceProgram,
    estimate: Vector,
    error: Vector,
    lam: Vector,
    tolerance: float,
    subject: str,
) -> Balanced:
    weight = error**2
    value = _primal(program, estimate, weight, lam)
    dual, imbalance = _dual_value(program, estimate, error, lam, value)
    for step in range(_MAX_STEPS):
        residual = float(np.abs(imbalance).max(initial=0.0))
        gap = abs(float(lam @ imbalance)) / max(1.0, abs(dual))
        if residual <= tolerance and gap <= 0.1 * _GAP:
            return _proved(program, estimate, error, lam, value, step, tolerance, subject)
        free = value > program.lower
        direction = _step(program, np.where(free, weight, 0.0), imbalance)
        slope = float(direction @ imbalance)
        length, accepted = 1.0, False
        for _ in range(60):
            trial = lam + length * direction
            trial_value = _primal(program, estimate, weight, trial)
            trial_dual, trial_imbalance = _dual_value(program, estimate, error, trial, trial_value)
            # Near the end the dual is flat to rounding: a smaller imbalance is progress too.
            shrinks = np.abs(trial_imbalance).max() < 0.5 * residual
            if trial_dual >= dual + _ARMIJO * length * slope or (length == 1.0 and shrinks):
                accepted = True
                break
            length *= 0.5
        if not accepted:
            break
        lam, value, dual, imbalance = trial, trial_value, trial_dual, trial_imbalance
    residual = float(np.abs(imbalance).max(initial=0.0))
    if residual <= tolerance:
        return _proved(program, estimate, error, lam, value, step, tolerance, subject)
    worst = int(np.abs(imbalance).argmax())
    raise ChainError(
        f"{subject}: not balanced after {_MAX_STEPS} Newton steps or no further progress; "
        f"imbalance {residual:.3e} in row {worst}. Check for contradicting constraints there."
    )


def _proved(
    program: BalanceProgram,
    estimate: Vector,
    error: Vector,
    lam: Vector,
    value: Vector,
    steps: int,
    tolerance: float,
    subject: str,
) -> Balanced:
    primal = 0.5 * float(np.sum(((value - estimate) / error) ** 2))
    dual, imbalance = _dual_value(program, estimate, error, lam, value)
    residual = float(np.abs(imbalance).max(initial=0.0))
    gap = abs(primal - dual) / max(1.0, abs(primal))
    if residual > tolerance or (value < program.lower).any() or gap > _GAP:
        raise ChainError(f"{subject}: answer not proved (imbalance {residual:.2e}, gap {gap:.2e})")
    return Balanced(value, lam, primal, residual, gap, steps)
