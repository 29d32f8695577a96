"""The largest GDP that is still possible: when an industry's output is missed by its customers.

The central case says who loses orders. This one asks who cannot work: if chips are short, whoever
needs chips makes less, unless it needs so few that their lack does not stop it. What is left is
shared out in the best possible way, so the answer is the least loss once those needs are strict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodestone.economy.table import EconomyTable
from lodestone.terms.errors import LodestoneError, RequestError

Floats = NDArray[np.float64]

#: An answer with a larger infeasibility (in outputs), or a larger gap (in GDP, and on top of it a
#: part of the GDP lost), is an error.
_FEASIBLE, _GAP, _GAP_OF_LOSS = 1e-7, 1e-7, 1e-5
#: Iterations after which the simplex has stalled: a usual answer takes hundreds.
_STALLED = 5_000
_USUAL: Mapping[str, str | int] = {
    "presolve": "off",
    # what is asked again differs by bounds alone: the last basis stays dual feasible
    "solver": "simplex",
    "run_crossover": "on",
    "simplex_iteration_limit": _STALLED,
}
#: Where an economy all but stops the simplex may stall: from inside, then with all its time.
_SURER: tuple[Mapping[str, str | int], ...] = (
    {"solver": "ipm", "run_crossover": "off"},
    {"solver": "simplex", "simplex_iteration_limit": 10 * _STALLED},
)


@dataclass(frozen=True)
class Production:
    """A proved answer.

    Attributes
    ----------
    output : (n,) what each industry makes, in the table's money
    gdp : value added of it
    gap, infeasibility : relative duality gap; largest violated row, in the largest output
    """

    output: Floats
    gdp: float
    gap: float
    infeasibility: float


class LargestGdp:
    """The program for one table and one criticality threshold, solved for many shortages.

    Maximise `v'x` subject to `x = A* x + u + y`, `0 <= y <= final use`, `0 <= x <= f x0`,
    `0 <= u <= (A - A*) x`. `A*` are the inputs that stop their user: those of at least `threshold`
    of its output. The others are taken as far as they are there.

    Parameters
    ----------
    threshold : share of a user's output from which an input is critical; 0: every input is

    Notes
    -----
    It goes on from its last answer, so the last digits of an answer depend on what it was asked
    before. Who wants the same bytes makes a new one for each question and asks in a fixed order.

    Attributes
    ----------
    worst_gap : largest duality gap of all answers so far
    """

    def __init__(self, table: EconomyTable, threshold: float) -> None:
        if not 0.0 <= threshold <= 1.0:
            raise RequestError(f"criticality threshold {threshold:g}: a share from 0 to 1")
        self.table, self.threshold = table, threshold
        self.worst_gap = 0.0
        self._scale = float(table.output.max())
        self._build()

    def solve(self, kept: Floats) -> Production:
        """The largest GDP when industry k makes at most `kept[k]` of its output.

        Raises
        ------
        RequestError
            If a share is not a number from 0 to 1.
        LodestoneError
            If the answer cannot be proved.
        """
        share = np.asarray(kept, dtype=np.float64)
        if share.shape != self.table.output.shape or not (
            np.isfinite(share).all() and (share >= 0.0).all() and (share <= 1.0).all()
        ):
            raise RequestError("kept output: one share from 0 to 1 for each industry")
        n = share.size
        self._upper[:n] = (
            np.where(self._stopped(share), 0.0, share) * self.table.output / self._scale
        )
        at = np.arange(n, dtype=np.int32)
        self._solver.changeColsBounds(n, at, self._lower[:n], self._upper[:n])
        self._solver.run()
        found = self._answer()
        for way in _SURER:
            if not found.fine:
                found = self._anew(way)
        if not found.fine:
            raise LodestoneError(
                f"largest GDP of {self.table.place} {self.table.year} at threshold "
                f"{self.threshold:g}: not proved ({found.status}, infeasibility "
                f"{found.infeasibility:.1e}, gap {found.gap:.1e})"
            )
        self.worst_gap = max(self.worst_gap, found.gap)
        made = found.x[:n] * self._scale
        return Production(made, found.value * self._scale, found.gap, found.infeasibility)

    def _stopped(self, share: Floats) -> NDArray[np.bool_]:
        """Industries that cannot make anything: without output, or without a critical input.

        Said beforehand, since a solver meets a whole economy that stops only with difficulty.
        """
        stopped = share <= 0.0
        while True:
            # what is drawn from stocks (negative final use) may stand in for output
            gone = stopped & (self.table.final_use >= 0.0)
            more = stopped | self._needs[gone].any(axis=0)
            if (more == stopped).all():
                return stopped
            stopped = more

    def _anew(self, way: Mapping[str, str | int]) -> _Answer:
        """Solve without the last basis, in another way."""
        self._solver.clearSolver()
        for option, value in {"presolve": "on", **way}.items():
            self._solver.setOptionValue(option, value)
        self._solver.run()
        found = self._answer()
        self._solver.clearSolver()
        for option, value in _USUAL.items():
            self._solver.setOptionValue(option, value)
        return found

    def _build(self) -> None:
        """Rows: n balances, n limits on spare inputs. Columns: x, u, y, in the largest output."""
        from scipy import sparse

        t = self.table
        n, a = len(t.sectors), t.coefficients
        strict = np.where(a >= self.threshold, a, 0.0) if self.threshold > 0.0 else a
        spare = a - strict
        self._needs = strict > 0.0
        one = sparse.identity(n, format="csc")
        none = sparse.csc_matrix((n, n))
        self._matrix = sparse.vstack(
            [
                sparse.hstack([one - sparse.csc_matrix(strict), -one, -one]),
                sparse.hstack([sparse.csc_matrix(spare), -one, none]),
            ],
            format="csc",
        )
        final = t.final_use / self._scale
        made = t.output / self._scale
        most_spare = spare @ made
        self._lower = np.concatenate([np.zeros(2 * n), np.minimum(final, 0.0)])
        self._upper = np.concatenate([made, np.maximum(most_spare, 0.0), np.maximum(final, 0.0)])
        self._row_lower = np.zeros(2 * n)
        self._row_upper = np.concatenate([np.zeros(n), np.full(n, np.inf)])
        self._cost = np.concatenate([t.value_added_share, np.zeros(2 * n)])
        self._solver = self._loaded()

    def _loaded(self) -> Any:
        import highspy

        # the public class prints a banner when it is made, which would spoil JSON on the screen
        solver = highspy._core._Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("simplex_strategy", 1),
            *_USUAL.items(),
            ("primal_feasibility_tolerance", 1e-9),
            ("dual_feasibility_tolerance", 1e-9),
        ):
            solver.setOptionValue(option, value)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._matrix.shape[1], self._matrix.shape[0]
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self._cost, self._lower, self._upper
        lp.row_lower_, lp.row_upper_ = self._row_lower, self._row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = self._matrix.indptr, self._matrix.indices
        lp.a_matrix_.value_ = self._matrix.data
        lp.sense_ = highspy.ObjSense.kMaximize
        solver.passModel(lp)
        return solver

    def _answer(self) -> _Answer:
        """What the solver found, checked by its own rows and by the bound that its prices give."""
        status = str(self._solver.getModelStatus())
        found = self._solver.getSolution()
        x = np.array(found.col_value)
        price = np.array(found.row_dual)
        n = len(self.table.sectors)
        rows = self._matrix @ x
        off = max(
            float(np.abs(rows[:n]).max()),
            float(np.maximum(-rows[n:], 0.0).max()),
            float(np.maximum(self._lower - x, 0.0).max()),
            float(np.maximum(x - self._upper, 0.0).max()),
        )
        value = float(self._cost @ x)
        # Weak duality: with any prices of the rows (none negative in value for the second block),
        # no plan is worth more than this.
        price[n:] = np.minimum(price[n:], 0.0)
        reduced = self._cost - self._matrix.T @ price
        bound = float(np.where(reduced > 0.0, reduced * self._upper, reduced * self._lower).sum())
        gap = abs(bound - value) / max(self.table.gdp / self._scale, 1e-300)
        # the bound proves an answer, whatever the solver thinks of it
        lost = 1.0 - value * self._scale / self.table.gdp
        fine = off <= _FEASIBLE and gap <= _GAP + _GAP_OF_LOSS * max(lost, 0.0)
        return _Answer(x, value, off, gap, status, fine)


class _Answer(NamedTuple):
    """What a solver found, in the largest output, and whether it is proved."""

    x: Floats
    value: float
    infeasibility: float
    gap: float
    status: str
    fine: bool
