"""The linear program behind least core and nucleolus: the smallest worst complaint.

Solved by HiGHS, quiet and on one thread, so that the same game gives the same bytes; every answer
is checked by its own rows.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodestone.alliance.game import Floats, Game, inside
from lodestone.terms.errors import LodestoneError

#: Rows may be off by this part of the largest value.
_FEASIBLE = 1e-7


class Least(NamedTuple):
    """What the program found, in parts of the largest value.

    Attributes
    ----------
    excess : smallest worst complaint of the open coalitions
    shares : (n,)
    weight : (2^n,) dual price of each coalition; above 0 where it complains in every optimum
    """

    excess: float
    shares: Floats
    weight: Floats


class ExcessProgram:
    """min e  s.t.  x(S) + e >= v(S) for open coalitions,  x(S) = v(S) - level for settled ones."""

    def __init__(self, game: Game) -> None:
        self.inside = inside(game.size)
        self.scale = float(np.abs(game.values).max()) or 1.0
        self.values = game.values / self.scale
        #: Complaints that are settled, by coalition; NaN where open. All members share all.
        self.level = np.full(self.values.size, np.nan)
        self.level[-1] = 0.0
        #: Coalitions that still count (those inside the span of settled ones do not).
        self.open: NDArray[np.bool_] = np.ones(self.values.size, dtype=bool)
        self.open[[0, -1]] = False

    def solve(self) -> Least:
        """The smallest worst complaint over the open coalitions.

        Raises
        ------
        LodestoneError
            If the answer cannot be proved.
        """
        rows = np.flatnonzero(self.open | np.isfinite(self.level))
        settled = np.isfinite(self.level[rows])
        need = self.values[rows] - np.where(settled, self.level[rows], 0.0)
        matrix = np.column_stack([self.inside[rows], np.where(settled, 0, 1)]).astype(np.float64)
        upper = np.where(settled, need, np.inf)
        status, x, price = _solved(matrix, need, upper)
        lack = np.maximum(need - matrix @ x, 0.0)
        over = np.where(settled, np.abs(matrix @ x - need), 0.0)
        worst = float(max(lack.max(), over.max()))
        # Weak duality: with these prices nobody gets below the bound.
        price = np.where(settled, price, np.maximum(price, 0.0))
        off = float(np.abs(matrix.T @ price - np.append(np.zeros(x.size - 1), 1.0)).max())
        gap = abs(float(price @ need) - float(x[-1]))
        if not max(worst, off, gap) <= _FEASIBLE:
            raise LodestoneError(
                f"sharing of {x.size - 1} members: no proved answer ({status}, rows off by "
                f"{worst:.1e}, prices by {off:.1e}, gap {gap:.1e})"
            )
        weight = np.zeros(self.values.size)
        weight[rows[~settled]] = price[~settled]
        return Least(float(x[-1]), x[:-1], weight)


def _solved(matrix: Floats, lower: Floats, upper: Floats) -> tuple[str, Floats, Floats]:
    import highspy
    from scipy import sparse

    # the public class prints a banner when it is made, which would spoil JSON on the screen
    solver: Any = highspy._core._Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("solver", "simplex"),
        ("presolve", "off"),
        ("primal_feasibility_tolerance", 1e-9),
        ("dual_feasibility_tolerance", 1e-9),
    ):
        solver.setOptionValue(option, value)
    columns = sparse.csc_matrix(matrix)
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_ = np.append(np.zeros(matrix.shape[1] - 1), 1.0)
    lp.col_lower_ = np.full(matrix.shape[1], -np.inf)
    lp.col_upper_ = np.full(matrix.shape[1], np.inf)
    lp.row_lower_, lp.row_upper_ = lower, upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = columns.indptr, columns.indices
    lp.a_matrix_.value_ = columns.data
    solver.passModel(lp)
    solver.run()
    found = solver.getSolution()
    return str(solver.getModelStatus()), np.array(found.col_value), np.array(found.row_dual)
