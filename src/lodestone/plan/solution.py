"""A plan: what to start when, what it costs part by part, what it reaches, and the proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.plan.program import PARTS, Program
from lodestone.plan.question import PlanQuestion
from lodestone.plan.recourse import Recourse
from lodestone.terms.errors import PlanError

Floats = NDArray[np.float64]

#: A bound may pass its value by rounding of this size.
_PROVED = 1e-6
#: Part of an option under which it is not chosen.
_NOTHING = 1e-6


@dataclass(frozen=True)
class Start:
    """One decision: part `share` of an option starts in `year`."""

    option: int
    year: int
    share: float


@dataclass(frozen=True)
class TargetState:
    """How a target stands.

    Attributes
    ----------
    at : position in the question
    before, after : without and with the plan, in the first year it must hold; of several
        materials the worst
    worst : what that worst one is
    price : million USD for the last per cent (or day): the dual price of its rows in the
        program without whole numbers, all years together; at most its own price where it has one
    missed : units that a priced target is missed by, worst year
    """

    at: int
    before: float
    after: float
    worst: str
    price: float
    missed: float = 0.0


@dataclass(frozen=True)
class Plan:
    """The answer: million USD, discounted to the first year; refused where its bound is above it.

    Attributes
    ----------
    starts : decisions, by year and option
    parts : named parts of the cost; they sum to `value`
    value, bound : objective, and the least it can be: the proven gap is that of this surrogate
    expected, cvar : discounted losses with the plan: mean and mean of the worst scenarios
    expected_before, cvar_before : the same with nothing built
    targets, budget_prices : how targets stand; million saved for one more million of each budget
    spending : (Y, 2) public and private money by year, not discounted
    scenario_losses : (S,)
    held : (material, stage, channel) -> (Y,) tonnes
    rounds, cuts : of the decomposition; 0 for the extensive form
    stopped : it was stopped before its gap was reached
    unfenced : least objective, whole numbers aside, outside the trust region that `bound` is
        proved in; None where there was none
    """

    question: PlanQuestion
    starts: tuple[Start, ...]
    parts: Mapping[str, float]
    value: float
    bound: float
    expected: float
    cvar: float
    expected_before: float
    cvar_before: float
    targets: tuple[TargetState, ...]
    budget_prices: tuple[float, ...]
    spending: Floats
    scenario_losses: Floats
    held: Mapping[tuple[str, str, str], Floats]
    rounds: int
    cuts: int
    stopped: bool = False
    unfenced: float | None = None

    def __post_init__(self) -> None:
        """Nothing that is found can be below what was proved to be the least."""
        if self.bound > self.value + _PROVED * max(abs(self.value), 1.0):
            raise PlanError(
                f"a bound of {self.bound:,.6f} above a value of {self.value:,.6f}: nothing is proved"
            )

    @property
    def gap(self) -> float:
        """Proven relative gap of the surrogate."""
        return max(self.value - self.bound, 0.0) / max(abs(self.value), 1e-9)


def plan_of(
    program: Program,
    recourse: Recourse,
    x: Floats,
    bound: float,
    prices: Mapping[int, float],
    rounds: int,
    cuts: int,
    stopped: bool = False,
    unfenced: float | None = None,
) -> Plan:
    """Read a plan off a point.

    Parameters
    ----------
    prices : row -> dual price in the program without whole numbers
    """
    from lodestone.plan.demands import spending
    from lodestone.plan.reached import target_states

    q = program.question
    starts = tuple(
        sorted(
            (
                Start(key[1], q.years[key[2]], float(x[c]))
                for key, c in program.at.items()
                if key[0] == "start" and x[c] > _NOTHING
            ),
            key=lambda s: (s.year, s.option),
        )
    )
    use = {need.material: need.use for need in q.needs}
    held: dict[tuple[str, str, str], Floats] = {}
    for key, c in program.at.items():
        if key[0] == "have":
            series = held.setdefault(key[1:4], np.zeros(len(q.years)))
            series[key[4]] = x[c] * use[key[1]]
    parts = {name: program.part(name, x) for name in PARTS}
    rest = recourse.complete(np.zeros(x.size))
    losses, before = _losses(recourse, x), _losses(recourse, rest)
    spent = np.array(
        [
            [
                sum(v * x[c] for c, v in spending(program, y, m).items())
                for m in ("public", "private")
            ]
            for y in range(len(q.years))
        ]
    )
    return Plan(
        question=q,
        starts=starts,
        parts=parts,
        value=float(sum(parts.values())),
        bound=bound,
        expected=float(q.outlook.probability @ losses),
        cvar=tail_mean(losses, q.outlook.probability, q.tail),
        expected_before=float(q.outlook.probability @ before),
        cvar_before=tail_mean(before, q.outlook.probability, q.tail),
        targets=target_states(program, x, prices),
        budget_prices=tuple(
            max(-prices.get(d.rows[0], 0.0), 0.0) for d in program.demands if d.what == "budget"
        ),
        spending=spent,
        scenario_losses=losses,
        held=held,
        rounds=rounds,
        cuts=cuts,
        stopped=stopped,
        unfenced=unfenced,
    )


def _losses(recourse: Recourse, x: Floats) -> Floats:
    at = recourse.program.at
    year = np.array([x[at["year", e]] for e in range(len(recourse.events))])
    return recourse.scenario_losses(year)


def tail_mean(losses: Floats, probability: Floats, tail: float) -> float:
    """CVaR: mean of the worst `tail` of scenarios, a scenario at the edge in part.

    Rockafellar & Uryasev (2000), doi:10.21314/JOR.2000.038.
    """
    order = np.argsort(-losses, kind="stable")
    left, total = tail, 0.0
    for s in order:
        taken = min(float(probability[s]), left)
        total += taken * float(losses[s])
        left -= taken
        if left <= 0.0:
            break
    return total / tail
