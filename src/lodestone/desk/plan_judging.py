"""The market as judge: the plan as measures, every state walked again, predicted against walked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.desk.plan_curves import Cost, channel_measure, shares_under
from lodestone.desk.plan_problem import outlook_of
from lodestone.desk.plan_scenarios import Drawn, State
from lodestone.terms import attribute
from lodestone.terms.errors import MarketError

if TYPE_CHECKING:
    from lodestone.chain.measure import Measure
    from lodestone.desk.plan_problem import PlanProblem, Progress
    from lodestone.plan.outlook import StateCurve
    from lodestone.plan.program import Key
    from lodestone.plan.solution import Plan

#: Predicted and walked losses may differ by this much of the walked before curves are refreshed.
TOLERANCE = 0.05
MOST_ROUNDS = 6
#: Tonnes under this share of use are no measure.
NOTHING = 1e-6
#: A capacity may always move by this share of use, however small it is.
_LEAST_MOVE = 0.05


#: Nobody cuts.
CALM = State(())


@dataclass(frozen=True)
class Verdict:
    """Losses of a plan, discounted million USD.

    Attributes
    ----------
    predicted, walked : (expected, CVaR), by the surrogate and by the market
    fresh : (expected, CVaR) by the market on scenarios that the plan has not seen; None if given
    fresh_before : the same with nothing built: what `fresh` is to be held against
    shares : year -> (material, stage, supplier) -> share by the market; in the years from which
        a cap holds, and the last
    walks : how many states were walked
    unproved : states whose market was not proved, and what stands for them
    rounds : how often the curves were refreshed
    kept : the round whose plan is kept; 0 for the first, which no trust region fences
    fresh_walks, fresh_unproved : the same on fresh scenarios
    """

    predicted: tuple[float, float]
    walked: tuple[float, float]
    fresh: tuple[float, float] | None
    shares: Mapping[int, Mapping[tuple[str, str, str], float]]
    walks: int
    unproved: tuple[str, ...]
    rounds: int
    fresh_walks: int = 0
    fresh_unproved: tuple[str, ...] = ()
    kept: int = 0
    fresh_before: tuple[float, float] | None = None

    def largest_share(self, key: tuple[str, str, str], since: int) -> float | None:
        """The largest walked share of (material, stage, supplier) from a year on; None if none is."""
        walked = [found[key] for y, found in self.shares.items() if y >= since and key in found]
        return max(walked, default=None)

    @property
    def difference(self) -> float:
        """Predicted less walked expected loss, over the walked."""
        return (self.predicted[0] - self.walked[0]) / max(abs(self.walked[0]), 1e-9)


def judged(problem: PlanProblem, plan: Plan, progress: Progress | None = None) -> Verdict:
    """Walk a plan through every state of its scenarios.

    The tonnes of a year are told to the market of the base year over the growth since then: the
    world is taken to grow in step.
    """
    walked = walked_losses(problem, plan, problem.drawn, progress)
    return Verdict(
        (plan.expected, plan.cvar),
        walked.mean_and_tail(problem.question.tail),
        None,
        {y: _shares(problem, plan, y) for y in _share_years(problem)},
        walked.walks,
        walked.unproved,
        0,
    )


@dataclass(frozen=True)
class Walked:
    """Scenarios by the market.

    Attributes
    ----------
    losses, probability : (S,) discounted million USD, of the paths that are proved, and their
        chances among them
    walks : how many states were walked
    unproved : states whose market was not proved, and what stands for them
    """

    losses: np.ndarray[Any, Any]
    probability: np.ndarray[Any, Any]
    walks: int
    unproved: tuple[str, ...]

    def mean_and_tail(self, tail: float) -> tuple[float, float]:
        """Expected loss and CVaR."""
        from lodestone.plan.solution import tail_mean

        expected = float(self.probability @ self.losses)
        return expected, tail_mean(self.losses, self.probability, tail)


def walked_losses(
    problem: PlanProblem, plan: Plan, drawn: Drawn, progress: Progress | None = None
) -> Walked:
    """Losses of scenarios by the market.

    For a state that is not proved with the plan the surrogate's figure stands, of a state it never
    saw that of the market without a plan; where neither is proved its paths are left out.

    Raises
    ------
    MarketError
        If no path is left.
    """
    q = problem.question
    unproved: dict[str, None] = {}
    at = {need.material: m for m, need in enumerate(q.needs)}
    costs: dict[tuple[str, State, tuple[Measure, ...]], Cost | None] = {}
    left_out: set[int] = set()
    events: dict[tuple[int, int], list[tuple[int, Cost]]] = {}
    wanted = drawn.states.items()
    for n, ((s, y, name), state) in enumerate(wanted):
        if name not in at:
            continue
        measures = tuple(plan_measures(problem, plan, name, y, state))
        key = (name, state, measures)
        if key not in costs:
            try:
                costs[key] = problem.markets[name].cost(state.cuts, measures)
            except MarketError:
                costs[key], stands = _instead(problem, plan, at[name], state, y)
                unproved[f"{name}, {state.name} in {q.years[y]}: {stands}"] = None
        cost = costs[key]
        if cost is None:
            left_out.add(s)
        else:
            events.setdefault((s, y), []).append((at[name], cost))
        if progress is not None and (n % 50 == 0 or n + 1 == len(wanted)):
            progress(n + 1, len(wanted))
    losses = np.zeros(drawn.probability.size)
    for (s, y), parts in events.items():
        losses[s] += q.discount(y) * _year_loss(q, y, parts)
    stay = np.array([s not in left_out for s in range(losses.size)])
    chance = drawn.probability[stay]
    if not chance.sum() > 0.0:
        raise MarketError(f"no path of the scenarios is proved: {'; '.join(list(unproved)[:3])}")
    return Walked(losses[stay], chance / chance.sum(), len(costs), tuple(unproved))


def _instead(
    problem: PlanProblem, plan: Plan, m: int, state: State, y: int
) -> tuple[Cost | None, str]:
    """What stands for a state that is not proved with the plan, and what that is."""
    name = problem.question.needs[m].material
    if state in problem.states[name]:
        return _predicted(problem, plan, m, state, y), "by the surrogate"
    try:
        return problem.markets[name].cost(state.cuts, ()), "as without a plan"
    except MarketError:
        return None, "its paths are left out"


def _predicted(problem: PlanProblem, plan: Plan, m: int, state: State, y: int) -> Cost:
    """What the surrogate says of a state, at base-year use."""
    name = problem.question.needs[m].material
    curve = problem.question.outlook.curves[m][problem.states[name].index(state)]
    rho = _relief(problem, plan, m, curve, y)
    lines = curve.sectors[:, :, 0] + curve.sectors[:, :, 1] * rho
    price = float((curve.price[:, 0] + curve.price[:, 1] * rho).max())
    return Cost(price, lines.max(axis=1) if lines.size else np.zeros(0))


def _year_loss(q: Any, y: int, parts: Sequence[tuple[int, Cost]]) -> float:
    """The larger of price costs and of output lost, each sector once at its worst."""
    price = sum(q.growth(m, y) * cost.price for m, cost in parts)
    sectors = [q.growth(m, y) * cost.sectors for m, cost in parts if cost.sectors.size]
    output = float(np.max(sectors, axis=0).sum()) if sectors else 0.0
    return max(float(price), output, 0.0)


def plan_measures(
    problem: PlanProblem, plan: Plan, name: str, y: int, state: State = CALM
) -> list[Measure]:
    """What a plan tells the market of one material in one year.

    Stocks only where somebody cuts, and nobody did the year before.
    """
    q = problem.question
    m = [need.material for need in q.needs].index(name)
    need, growth = q.needs[m], q.growth(m, y)
    tonnes: dict[tuple[str, str, str, float], float] = {}
    year = q.years[y]
    for start in plan.starts:
        o = q.options[start.option]
        if not start.year <= year < start.year + o.life:
            continue
        run = o.ramp if year == start.year else 1.0
        for e in o.effects:
            if e.material == name:
                key = (e.stage, e.channel, o.place, o.level)
                tonnes[key] = tonnes.get(key, 0.0) + run * start.share * e.tonnes / growth
    first = f"{problem.there.year + 1}-01"
    stock = bool(state.cuts) and not state.spent
    return [
        channel_measure(
            problem.there, need, stage, channel, amount, place, state.cuts, level, first
        )
        for (stage, channel, place, level), amount in sorted(tonnes.items())
        if amount > NOTHING * need.use and (channel != "stock" or stock)
    ]


def refreshed(problem: PlanProblem, plan: Plan) -> PlanProblem:
    """The problem with a plan's own walks as further points of its curves.

    Every state is walked as the plan stands in each year that meets it (the judge has done so), and
    the first walks stay: a plan says nothing of the years before anything is built.
    """
    q = problem.question
    points = {name: list(of_material) for name, of_material in problem.points.items()}
    at = {need.material: m for m, need in enumerate(q.needs)}
    for name, k, y in _met(problem):
        market, state = problem.markets[name], problem.states[name][k]
        measures = tuple(plan_measures(problem, plan, name, y, state))
        if not measures:
            continue  # as nothing built, which was walked first
        try:
            cost = market.cost(state.cuts, measures)
        except MarketError:
            market.unproved[f"{state.name} with the plan in {q.years[y]} (no point)"] = None
            continue
        relief = _relief(problem, plan, at[name], q.outlook.curves[at[name]][k], y)
        points[name][k] = points[name][k].and_walk(relief, cost)
    names = [need.material for need in q.needs]
    curves = {name: [p.curve() for p in of_material] for name, of_material in points.items()}
    outlook = outlook_of(
        problem.drawn, names, len(q.years), problem.states, curves, q.outlook.sectors
    )
    return replace(
        problem,
        question=replace(q, outlook=outlook),
        points={name: tuple(of_material) for name, of_material in points.items()},
    )


def _met(problem: PlanProblem) -> list[tuple[str, int, int]]:
    """(material, position of a state, year position) of all that some scenario meets."""
    found = {
        (name, problem.states[name].index(state), y)
        for (_, y, name), state in problem.drawn.states.items()
        if name in problem.states
    }
    return sorted(found)


def trust_region(plan: Plan) -> dict[Key, tuple[float, float]]:
    """Tonnes that each capacity may have next: as much as now, give or take."""
    q = plan.question
    trust = float(attribute("plan_trust").default)
    use = {need.material: need.use for need in q.needs}
    found: dict[Key, tuple[float, float]] = {}
    for (name, stage, channel), series in plan.held.items():
        for y, amount in enumerate(series):
            move = max(trust * float(amount), _LEAST_MOVE * use[name])
            bounds = (max(float(amount) - move, 0.0), float(amount) + move)
            found["have", name, stage, channel, y] = bounds
    return found


def _relief(problem: PlanProblem, plan: Plan, m: int, curve: StateCurve, y: int) -> float:
    q = problem.question
    need = q.needs[m]
    total = sum(
        curve.reach.get((stage, channel), 0.0) * float(series[y])
        for (name, stage, channel), series in plan.held.items()
        if name == need.material
    )
    return total / (need.use * q.growth(m, y))


def _share_years(problem: PlanProblem) -> list[int]:
    q = problem.question
    caps = {t.year for t in q.targets if t.kind == "supplier_cap"}
    return sorted({*caps, q.years[-1]})


def _shares(problem: PlanProblem, plan: Plan, year: int) -> dict[tuple[str, str, str], float]:
    y = problem.question.years.index(year)
    found = {}
    for need in problem.question.needs:
        measures = plan_measures(problem, plan, need.material, y)
        try:
            shares = shares_under(problem.markets[need.material], measures)
        except MarketError:
            # the prediction stands alone, and the row shows no walked share
            problem.markets[need.material].unproved[f"shares with the plan in {year}"] = None
            continue
        for (stage, supplier), share in shares.items():
            found[need.material, stage, supplier] = share
    return found
