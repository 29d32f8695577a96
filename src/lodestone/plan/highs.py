"""HiGHS, called quietly, with fixed options, and never believed without a check.

Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lodestone.terms.errors import PlanError

Floats = NDArray[np.float64]

#: A row may be missed by this much of its size.
FEASIBLE = 1e-6
#: The solver's objective may differ from that of its answer by this much.
_AGREE = 1e-6
_OPTIONS = (
    ("output_flag", False),
    ("threads", 1),
    ("parallel", "off"),
    ("random_seed", 0),
    ("primal_feasibility_tolerance", 1e-8),
    ("dual_feasibility_tolerance", 1e-8),
    ("mip_feasibility_tolerance", 1e-7),
    # the bound takes the time here, not the search for points: measured on the EU's plan
    ("mip_heuristic_effort", 0.01),
    ("mip_allow_restart", False),
)


@dataclass(frozen=True)
class Solved:
    """What the solver says.

    Attributes
    ----------
    status : 'optimal', 'infeasible', or the solver's own word
    x, prices : of columns and rows (prices of a linear program only)
    value, bound : objective, and the least it can be
    """

    status: str
    x: Floats
    prices: Floats
    value: float
    bound: float


class Highs:
    """One program that grows by rows.

    Parameters
    ----------
    cost, lower, upper : (n,) of the columns
    integer : (n,) which are whole numbers
    matrix, row_lower, row_upper : the rows it starts with
    """

    def __init__(
        self,
        cost: Floats,
        lower: Floats,
        upper: Floats,
        integer: NDArray[np.bool_],
        matrix: sparse.csr_matrix,
        row_lower: Floats,
        row_upper: Floats,
    ) -> None:
        import highspy

        for name, values in (("cost", cost), ("matrix", matrix.data)):
            if not np.isfinite(values).all():
                raise PlanError(f"{name} of the program: not finite")
        if np.isnan(lower).any() or np.isnan(upper).any():
            raise PlanError("bounds of the program: not a number")
        self._highspy = highspy
        self.cost, self.lower, self.upper, self.integer = cost, lower, upper, integer
        # the public class prints a banner when it is made, which would spoil JSON on the screen
        self._solver = highspy._core._Highs()
        for option, value in _OPTIONS:
            self._solver.setOptionValue(option, value)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = cost.size, matrix.shape[0]
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
        lp.row_lower_, lp.row_upper_ = row_lower, row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        self._solver.passModel(lp)
        self._blocks = [(matrix, row_lower, row_upper)]
        self._whole = False

    def add(self, matrix: sparse.csr_matrix, lower: Floats, upper: Floats) -> None:
        """Further rows."""
        if not (np.isfinite(matrix.data).all() and not np.isnan(lower).any()):
            raise PlanError("rows of the program: not finite")
        if matrix.shape[0] == 0:
            return
        self._solver.addRows(
            matrix.shape[0],
            lower,
            upper,
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        self._blocks.append((matrix, lower, upper))

    def solve(self, *, whole: bool, gap: float = 1e-9, start: Floats | None = None) -> Solved:
        """Solve, with whole numbers or without.

        Parameters
        ----------
        gap : relative gap at which a program with whole numbers may stop
        start : a point to start from, where whole numbers are wanted

        Raises
        ------
        PlanError
            If the answer violates a bound or a row.
        """
        whole = whole and bool(self.integer.any())
        self._set_whole(whole)
        self._solver.setOptionValue("mip_rel_gap", gap)
        if whole:
            # from an earlier basis its presolve loses part of the objective (seen in 1.16)
            self._solver.clearSolver()
        if whole and start is not None:
            solution = self._highspy.HighsSolution()
            solution.col_value = list(start)
            self._solver.setSolution(solution)
        found = self._run(whole)
        if found.status == "optimal" and not self._agrees(found):
            self._solver.clearSolver()
            found = self._run(whole)
        if found.status == "unsure" or (found.status == "optimal" and not self._agrees(found)):
            # presolve could not tell infeasible from unbounded, and no program here is unbounded
            self._solver.clearSolver()
            self._solver.setOptionValue("presolve", "off")
            found = self._run(whole)
            self._solver.setOptionValue("presolve", "choose")
        if found.status == "optimal":
            if not self._agrees(found):
                raise PlanError("the solver's objective is not that of its answer")
            self._check(found.x, whole)
        return found

    def _run(self, whole: bool) -> Solved:
        self._solver.run()
        status, none = _words(self._solver, self._highspy), np.zeros(0)
        if status != "optimal":
            return Solved(status, none, none, float("nan"), float("nan"))
        found, info = self._solver.getSolution(), self._solver.getInfo()
        x = np.array(found.col_value)
        value = float(self.cost @ x)
        bound = float(info.mip_dual_bound) if whole else value
        prices = none if whole else np.array(found.row_dual)
        return Solved("optimal", x, prices, value, min(bound, value))

    def _agrees(self, found: Solved) -> bool:
        """Whether the solver's own objective is that of its answer: else its bound is of another."""
        said = float(self._solver.getInfo().objective_function_value)
        return abs(said - found.value) <= _AGREE * max(abs(found.value), 1.0)

    def _set_whole(self, whole: bool) -> None:
        if whole == self._whole:
            return
        kind = self._highspy.HighsVarType
        at = np.flatnonzero(self.integer).astype(np.int32)
        which = kind.kInteger if whole else kind.kContinuous
        self._solver.changeColsIntegrality(at.size, at, np.array([which] * at.size))
        self._whole = whole

    def _check(self, x: Floats, whole: bool) -> None:
        worst = max(
            float(np.maximum(self.lower - x, 0.0).max(initial=0.0)),
            float(np.maximum(x - self.upper, 0.0).max(initial=0.0)),
        )
        for matrix, lower, upper in self._blocks:
            value = matrix @ x
            size = 1.0 + np.abs(matrix).dot(np.abs(x))
            off = np.maximum(np.maximum(lower - value, value - upper), 0.0) / size
            worst = max(worst, float(off.max(initial=0.0)))
        if whole and self.integer.any():
            part = x[self.integer]
            worst = max(worst, float(np.abs(part - np.round(part)).max()))
        if worst > FEASIBLE:
            raise PlanError(f"the solver's answer misses a row or bound by {worst:.1e} of its size")


def _words(solver: Any, highspy: Any) -> str:
    status = solver.getModelStatus()
    known = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "unsure",
    }
    return known.get(status, str(status))
