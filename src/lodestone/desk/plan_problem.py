"""From a plan's words to the question that the optimiser answers: needs, menu, scenarios, curves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.desk.plan_cache import kept_points
from lodestone.desk.plan_curves import (
    Channel,
    Market,
    StatePoints,
    Way,
    channels_of,
    share_shifts,
)
from lodestone.desk.plan_economies import MemberEconomy, plan_economies, sector_names
from lodestone.desk.plan_menu import menu
from lodestone.desk.plan_needs import asked_materials, needs_of
from lodestone.desk.plan_request import MOST_MATERIALS
from lodestone.desk.plan_scenarios import Drawn, State, drawn_scenarios, given_scenarios
from lodestone.desk.worlds import world
from lodestone.terms import attribute, find_place, material
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    from lodestone.chain.world import World
    from lodestone.desk.plan_request import PlanRequest
    from lodestone.plan.need import Need
    from lodestone.plan.outlook import Outlook, StateCurve
    from lodestone.plan.question import PlanQuestion
    from lodestone.plan.target import Budget, Target

#: Told of every state that was walked: (done, of).
Progress = Callable[[int, int], None]

#: Scenarios and years where a plan says nothing.
SCENARIOS, YEARS, FIRST = 50, 10, 2026


@dataclass
class PlanProblem:
    """A question with what the desk needs to judge its answer.

    Attributes
    ----------
    markets : material -> its market
    channels : material -> (stage, channel) -> where tonnes come in
    states : material -> its states, in the order of the curves
    points : material -> walks of each state, those its curves are drawn under
    unknown : materials left out, and why
    economies : whose losses are counted by which table; without one price costs alone
    """

    request: PlanRequest
    there: World
    who: Buyer
    question: PlanQuestion
    drawn: Drawn
    markets: Mapping[str, Market]
    channels: Mapping[str, Mapping[Way, Channel]]
    states: Mapping[str, tuple[State, ...]]
    points: Mapping[str, tuple[StatePoints, ...]]
    unknown: Mapping[str, str]
    economies: tuple[MemberEconomy, ...]


def plan_problem(
    request: PlanRequest,
    *,
    year: int | None = None,
    as_of: date | None = None,
    drawn: Drawn | None = None,
    progress: Progress | None = None,
) -> PlanProblem:
    """Everything a plan rests on, measured.

    Parameters
    ----------
    drawn : scenarios to take, those of another plan of the same years; drawn or as given if left out

    Raises
    ------
    RequestError
        Names, targets or options that cannot be, all of a kind at once.
    """
    head = request.head
    there = world(year or head.get("year"))
    who = buyer(str(head["place"]), there.year)
    if who.is_world:
        raise RequestError("a plan is of a place or bloc: name one, such as EU27")
    years = _years(head)
    asked = asked_materials(request, there)
    if len(asked.entries) > MOST_MATERIALS:
        raise RequestError(f"{len(asked.entries)} materials: {MOST_MATERIALS} at most")
    growth = _growth(request)
    needs, left_out = needs_of(asked, there, who, growth)
    if not needs:
        raise RequestError(f"{who.id} uses none of the materials of the plan")
    options = menu(there, who, needs, request, years[0])
    targets, budgets = _targets(request, needs), _budgets(request)
    names = [need.material for need in needs]
    if drawn is None:
        drawn = _scenarios(request, there, who, needs, years, as_of or date.today())
    economies = plan_economies(who, there.year)
    markets = {need.material: Market(there, who, need, economies) for need in needs}
    channels = {name: channels_of(options, name) for name in names}
    states = states_of(drawn, names)
    points = _points(markets, channels, states, progress)
    curves = {name: [p.curve() for p in of_material] for name, of_material in points.items()}
    needs = [
        replace(need, shifts=share_shifts(markets[need.material], channels[need.material]))
        for need in needs
    ]
    for need in needs:
        markets[need.material].need = need
    question = _question(
        head, there, years, needs, options, targets, budgets, drawn, states, curves, economies
    )
    return PlanProblem(
        request, there, who, question, drawn, markets, channels, states, points, left_out, economies
    )


def _scenarios(
    request: PlanRequest,
    there: World,
    who: Buyer,
    needs: Sequence[Need],
    years: tuple[int, ...],
    as_of: date,
) -> Drawn:
    """Those that the plan spells out, else drawn ones."""
    head = request.head
    if request.scenarios:
        names = [need.material for need in needs]
        return given_scenarios(request.scenarios, there, who, names, years, as_of)
    count, seed = int(head.get("scenarios", SCENARIOS)), int(head.get("seed", 0))
    return drawn_scenarios(there, who, needs, len(years), count, seed, as_of)


def states_of(drawn: Drawn, names: Sequence[str]) -> dict[str, tuple[State, ...]]:
    """Distinct states of each material, in order."""
    found: dict[str, dict[State, None]] = {name: {} for name in names}
    for (_, _, name), state in drawn.states.items():
        if name in found:
            found[name][state] = None
    return {name: tuple(states) for name, states in found.items()}


def outlook_of(
    drawn: Drawn,
    names: Sequence[str],
    years: int,
    states: Mapping[str, Sequence[State]],
    curves: Mapping[str, Sequence[StateCurve]],
    sectors: Sequence[str],
) -> Outlook:
    """Scenarios as positions of states."""
    from lodestone.plan.outlook import Outlook

    at = {name: {state: k + 1 for k, state in enumerate(states[name])} for name in names}
    met = np.zeros((drawn.probability.size, years, len(names)), dtype=np.int64)
    for (s, y, name), state in drawn.states.items():
        if name in at:
            met[s, y, list(names).index(name)] = at[name][state]
    return Outlook(drawn.probability, met, tuple(tuple(curves[n]) for n in names), tuple(sectors))


def _points(
    markets: Mapping[str, Market],
    channels: Mapping[str, Mapping[Way, Channel]],
    states: Mapping[str, Sequence[State]],
    progress: Progress | None,
) -> dict[str, tuple[StatePoints, ...]]:
    """Of each state; one that follows another cut rests on the same walks."""
    cuts_of = {name: tuple(dict.fromkeys(s.cuts for s in of)) for name, of in states.items()}
    total = sum(len(cuts) for cuts in cuts_of.values())
    done = 0
    found: dict[str, tuple[StatePoints, ...]] = {}
    for name, cuts in cuts_of.items():
        walked = kept_points(markets[name], channels[name], cuts) if cuts else []
        at = dict(zip(cuts, walked, strict=True))
        found[name] = tuple(
            at[s.cuts].after_a_cut(s.name) if s.spent else at[s.cuts] for s in states[name]
        )
        done += len(cuts)
        if progress is not None and cuts:
            progress(done, total)
    return found


def _question(
    head: Mapping[str, Any],
    there: World,
    years: tuple[int, ...],
    needs: Sequence[Need],
    options: Sequence[Any],
    targets: Sequence[Target],
    budgets: Sequence[Budget],
    drawn: Drawn,
    states: Mapping[str, Sequence[State]],
    curves: Mapping[str, Sequence[StateCurve]],
    economies: Sequence[MemberEconomy],
) -> PlanQuestion:
    from lodestone.plan.question import PlanQuestion

    names = [need.material for need in needs]
    sectors = sector_names(economies)
    return PlanQuestion(
        years,
        there.year,
        tuple(needs),
        tuple(options),
        tuple(targets),
        tuple(budgets),
        outlook_of(drawn, names, len(years), states, curves, sectors),
        float(head.get("rate", attribute("plan_rate").default)),
        float(head.get("risk_weight", attribute("plan_risk_weight").default)),
        float(head.get("tail", attribute("plan_tail").default)),
    )


def _years(head: Mapping[str, Any]) -> tuple[int, ...]:
    first = int(head.get("first", FIRST))
    last = int(head.get("last", first + YEARS - 1))
    if not first <= last < first + 25:
        raise RequestError(f"first {first}, last {last}: 1 to 25 years")
    return tuple(range(first, last + 1))


def _growth(request: PlanRequest) -> dict[str, float]:
    problems = Problems("growth of the plan")
    found = {}
    for word, rate in (request.growth or {}).items():
        try:
            found[material(word).id] = rate
        except RequestError as error:
            problems.add(str(error), word, "use a name, symbol or alias")
        if not -0.5 < rate < 1.0:
            problems.add(f"{rate:g}", word, "a share a year: 0.02 for 2 %")
    problems.raise_if_any(RequestError)
    return found


def _targets(request: PlanRequest, needs: Sequence[Need]) -> list[Target]:
    from lodestone.plan.target import Target

    problems = Problems("targets of the plan")
    have = {need.material for need in needs}
    found = []
    for n, t in enumerate(request.targets, 1):
        names = []
        for word in t.get("materials", ()):
            try:
                names.append(material(word).id)
            except RequestError as error:
                problems.add(str(error), f"target {n}", "use a name, symbol or alias")
        for name in names:
            if name not in have:
                problems.add(f"{name} is not in the plan", f"target {n}", "add it to materials")
        who = []
        for word in t.get("suppliers", ()):
            place = find_place(word)
            if place is None:
                problems.add(f"unknown supplier {word!r}", f"target {n}", "use an ISO3 code")
            else:
                who.append(place.iso3)
        found.append(
            Target(
                str(t["kind"]),
                float(t["value"]),
                int(t["year"]),
                str(t.get("weighting", "mean")),
                tuple(names),
                tuple(t.get("stages", ())),
                tuple(who),
                float(t["price"]) if "price" in t else None,
                str(t.get("name", "")),
            )
        )
    problems.raise_if_any(RequestError)
    return found


def _budgets(request: PlanRequest) -> list[Budget]:
    from lodestone.plan.target import Budget

    return [
        Budget(float(b["amount"]), b.get("year"), str(b.get("money", "all")))
        for b in request.budgets
    ]
