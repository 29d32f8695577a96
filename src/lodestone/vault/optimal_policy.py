"""The best way to run a stock: a dynamic program over stock and state of the world.

A keeper sees how much lies in the vault and whether trade is normal. Each period he decides how
much shall lie there next. Dynamic programming finds the decision that costs least from now on, all
later decisions being the best as well (Bellman 1957; for stockpiles Teisberg 1981).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import PlanError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Largest violation of Bellman's equation, relative to the value, that a proof allows.
PROOF = 1e-9
_MOST_ROUNDS = 1000


@dataclass(frozen=True)
class StockProblem:
    """A stock to be run for ever.

    Attributes
    ----------
    stock : (S,) levels
    transition : (E, E) chance of the next state given this one; rows sum to 1
    cost : (S, E, S) cost of a period by stock, state and next stock; inf where not allowed
    discount : of a period, below 1
    """

    stock: Floats
    transition: Floats
    cost: Floats
    discount: float

    def __post_init__(self) -> None:
        s, e = self.stock.size, self.transition.shape[0]
        fine = (
            self.cost.shape == (s, e, s)
            and self.transition.shape == (e, e)
            and np.allclose(self.transition.sum(axis=1), 1.0, atol=1e-12)
            and bool((self.transition >= 0.0).all())
            and not bool(np.isnan(self.cost).any())
            and not bool(np.isneginf(self.cost).any())
            and bool(np.isfinite(self.cost).any(axis=2).all())
            and 0.0 < self.discount < 1.0
        )
        if not fine:
            raise PlanError(
                f"stock problem of {s} levels and {e} states: cost (S, E, S) without NaN and with a "
                "choice everywhere, chances that sum to 1, discount between 0 and 1"
            )


@dataclass(frozen=True)
class Policy:
    """What to do, and what it costs from each stock and state on.

    Attributes
    ----------
    choice : (S, E) position of the next stock
    value : (S, E) discounted cost from now on
    residual : largest violation of Bellman's equation, relative; NaN for a rule that is no optimum
    """

    choice: Ints
    value: Floats
    residual: float


def optimal(problem: StockProblem) -> Policy:
    """The best policy, by policy iteration (Howard 1960): exact, with its proof.

    Raises
    ------
    PlanError
        If the equation of Bellman does not hold to `PROOF`.
    """
    choice = problem.cost.argmin(axis=2)
    for _ in range(_MOST_ROUNDS):
        value = value_of(problem, choice)
        ahead = _ahead(problem, value)
        best = ahead.min(axis=2)
        kept = np.take_along_axis(ahead, choice[:, :, None], axis=2)[:, :, 0]
        # a choice that is as good as the best is kept: else rounding could go round in circles
        better = best < kept - 1e-12 * np.maximum(np.abs(kept), 1.0)
        if not better.any():
            off = np.abs(best - value) / np.maximum(np.abs(value), 1.0)
            if not off.max() <= PROOF:
                raise PlanError(f"stock policy: Bellman's equation is off by {off.max():.1e}")
            return Policy(choice, value, float(off.max()))
        choice = np.where(better, ahead.argmin(axis=2), choice)
    raise PlanError(f"stock policy: no best policy in {_MOST_ROUNDS} rounds")


def value_of(problem: StockProblem, choice: Ints) -> Floats:
    """(S, E) discounted cost of following a rule for ever.

    Raises
    ------
    PlanError
        A rule that is not allowed somewhere.
    """
    s, e = choice.shape
    cost = np.take_along_axis(problem.cost, choice[:, :, None], axis=2)[:, :, 0]
    if not np.isfinite(cost).all():
        raise PlanError("stock policy: a rule goes where it must not")
    step = np.zeros((s * e, s * e))
    for j in range(e):
        for i in range(s):
            step[i * e + j, choice[i, j] * e : choice[i, j] * e + e] = problem.transition[j]
    solved = np.linalg.solve(np.eye(s * e) - problem.discount * step, cost.ravel())
    return np.asarray(solved.reshape(s, e))


def _ahead(problem: StockProblem, value: Floats) -> Floats:
    """(S, E, S) cost of each choice when all later ones are worth `value`."""
    later = np.einsum("jk,lk->jl", problem.transition, value)
    return np.asarray(problem.cost + problem.discount * later[None, :, :])
