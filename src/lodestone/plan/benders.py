"""Benders decomposition by material and scenario: many small cuts instead of all lines at once.

Benders (1962), doi:10.1007/BF01386316, in the multi-cut form of Birge & Louveaux (1988),
doi:10.1016/0377-2217(88)90159-2. First without whole numbers, then with them: each answer of the
master is a lower bound, each point completed with its true losses an upper one. Deterministic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lodestone.plan.highs import Highs, Solved
from lodestone.plan.program import Program, solver_of
from lodestone.plan.recourse import Cut, Recourse
from lodestone.terms.errors import PlanError

Floats = NDArray[np.float64]

#: A cut is added where it raises a column by this much of the objective.
_VIOLATED = 1e-9
_MOST_ROUNDS = 400
#: Part of the gap that the master's own search may leave open; the rest is for the cuts.
_SHARE_OF_GAP = 0.8


@dataclass
class Progress:
    """Where a decomposition stands: enough to show, to stop, and to go on later.

    Attributes
    ----------
    round : of cuts; cuts : how many rows they are
    bound, value : the least the objective can be, and the best found, million USD
    points : (started and held columns) at which cuts were made; they make the cuts again
    best : the best point's started and held columns; empty before there is one
    whole : whether whole numbers are asked for yet
    """

    round: int = 0
    cuts: int = 0
    bound: float = float("-inf")
    value: float = float("inf")
    points: list[list[float]] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    whole: bool = False

    @property
    def gap(self) -> float:
        """Relative distance of the two."""
        if not np.isfinite(self.value - self.bound):
            return float("inf")
        return max(self.value - self.bound, 0.0) / max(abs(self.value), 1e-9)


#: Called after every round; an answer of False stops.
Watch = Callable[[Progress], bool | None]


@dataclass(frozen=True)
class Decomposed:
    """The answer of a decomposition.

    Attributes
    ----------
    x : all columns, losses true; master : the solver, to be asked for prices
    """

    x: Floats
    value: float
    bound: float
    progress: Progress
    master: Highs
    stopped: bool


def decompose(
    program: Program,
    recourse: Recourse,
    *,
    gap: float,
    watch: Watch | None = None,
    resume: Progress | None = None,
) -> Decomposed | None:
    """Solve a program with losses; None if its first stage has no answer.

    Parameters
    ----------
    gap : relative gap at which it stops
    watch : is told of every round
    resume : where an earlier run stopped; its points alone are taken over, and their cuts made
        again: a bound or a value of another question would be no proof of this one

    Raises
    ------
    PlanError
        If the gap is not reached, or points are of another program.
    """
    first = _first_columns(program)
    state = _gone_on_from(resume, first)
    master = solver_of(program)
    have: set[tuple[tuple[str, int], bytes]] = set()
    points = [np.array(p) for p in state.points] or [np.zeros(first)]
    if not state.points:
        state.points.append(points[0].tolist())
    for point in points:
        cuts = recourse.cuts(_padded(point, program))[0]
        _add(master, program, cuts, have, None, 0.0)
    return _rounds(program, recourse, master, state, have, gap, watch, first)


def _gone_on_from(resume: Progress | None, first: int) -> Progress:
    """What an earlier run learnt, without what it proved."""
    if resume is None:
        return Progress()
    if any(len(point) != first for point in resume.points):
        raise PlanError("where an earlier run stopped: belongs to another plan -> begin anew")
    return Progress(resume.round, resume.cuts, points=[list(point) for point in resume.points])


def _rounds(
    program: Program,
    recourse: Recourse,
    master: Highs,
    state: Progress,
    have: set[tuple[tuple[str, int], bytes]],
    gap: float,
    watch: Watch | None,
    first: int,
) -> Decomposed | None:
    cost = master.cost
    any_whole = bool(master.integer.any())
    best: Floats | None = None
    for _ in range(_MOST_ROUNDS):
        start = best if state.whole else None
        found = master.solve(whole=state.whole, gap=_SHARE_OF_GAP * gap, start=start)
        if found.status == "infeasible":
            return None
        if found.status != "optimal":
            raise PlanError(f"the master program was not solved: {found.status}")
        state.round += 1
        if state.whole or not any_whole:
            state.bound = max(state.bound, found.bound)
        point = _rounded(found, master, state.whole)
        true = recourse.complete(point)
        value = float(cost @ true)
        if (state.whole or not any_whole) and value < state.value:
            state.value, best = value, true
            state.best = true[:first].tolist()
        cuts = recourse.cuts(point)[0]
        state.points.append(point[:first].tolist())
        least = _VIOLATED * max(abs(value), 1.0)
        new = _add(master, program, cuts, have, point, least)
        state.cuts += new
        relative = max(value - found.value, 0.0) / max(abs(value), 1e-9)
        if not state.whole and any_whole and (relative <= 0.1 * gap or new == 0):
            state.whole = True
        go_on = watch(state) if watch is not None else True
        if best is not None and (state.gap <= gap or (new == 0 and state.gap <= max(gap, 1e-7))):
            return Decomposed(best, state.value, state.bound, state, master, False)
        if go_on is False:
            at = best if best is not None else true
            return Decomposed(at, float(cost @ at), state.bound, state, master, True)
    raise PlanError(
        f"gap {state.gap:.2%} after {state.round} rounds of cuts, {gap:.2%} wanted "
        "-> ask for a wider gap, fewer scenarios or fewer options"
    )


def _first_columns(program: Program) -> int:
    """How many columns come before the losses."""
    losses = [c for key, c in program.at.items() if key[0] in ("price", "shared", "var")]
    return min(losses, default=len(program.keys))


def _padded(point: Floats, program: Program) -> Floats:
    return np.concatenate([point, np.zeros(len(program.keys) - point.size)])


def _rounded(found: Solved, master: Highs, whole: bool) -> Floats:
    """Whole numbers exactly, where they were asked for."""
    x = found.x.copy()
    if whole:
        x[master.integer] = np.round(x[master.integer])
    return x


def _add(
    master: Highs,
    program: Program,
    cuts: list[Cut],
    have: set[tuple[tuple[str, int], bytes]],
    point: Floats | None,
    least: float,
) -> int:
    """Add the cuts that are new, and that a point violates; how many there were."""
    chosen = []
    for cut in cuts:
        column = program.at[cut.key]
        if point is not None:
            there = cut.constant + sum(v * point[c] for c, v in cut.slopes)
            if point[column] >= there - least:
                continue
        mark = (cut.key, np.array([cut.constant, *(v for _, v in cut.slopes)]).tobytes())
        if mark not in have:
            have.add(mark)
            chosen.append((column, cut))
    if not chosen:
        return 0
    indices = [c for column, cut in chosen for c in (column, *(c for c, _ in cut.slopes))]
    values = [v for _, cut in chosen for v in (1.0, *(-v for _, v in cut.slopes))]
    starts = np.cumsum([0, *(1 + len(cut.slopes) for _, cut in chosen)])
    matrix = sparse.csr_matrix(
        (np.array(values), np.array(indices, dtype=np.int32), starts.astype(np.int32)),
        shape=(len(chosen), len(program.keys)),
    )
    lower = np.array([cut.constant for _, cut in chosen])
    master.add(matrix, lower, np.full(lower.size, np.inf))
    return len(chosen)
