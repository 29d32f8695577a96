"""What members lose under the plans of several groups at once: their measures added, one walk for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lodestone.desk.plan_curves import Cost, Market, channel_measure
from lodestone.desk.plan_judging import NOTHING
from lodestone.desk.plan_scenarios import Drawn, State
from lodestone.terms.errors import MarketError

if TYPE_CHECKING:
    from lodestone.chain.measure import Measure
    from lodestone.desk.assess_buyer import Buyer
    from lodestone.desk.plan_economies import MemberEconomy
    from lodestone.desk.plan_problem import PlanProblem, Progress
    from lodestone.plan.need import Need
    from lodestone.plan.question import PlanQuestion
    from lodestone.plan.solution import Plan

    Floats = np.ndarray[Any, Any]

#: Plans that stand at the same time, each of another group.
Pairs = Sequence[tuple["PlanProblem", "Plan"]]
#: Kind of option of which each buyer has its own, wherever it is.
_OF_EACH = "contract"


@dataclass(frozen=True)
class Member:
    """One member of an alliance.

    Attributes
    ----------
    who : a place or bloc
    economies : whose tables its losses are counted by
    materials : those of its own plan; losses of others are not counted
    """

    who: Buyer
    economies: tuple[MemberEconomy, ...]
    materials: frozenset[str]


@dataclass(frozen=True)
class MemberLosses:
    """Losses by member and scenario, discounted million USD.

    Attributes
    ----------
    whole : (n, S) a year is the larger of price cost and output lost
    price : (n, S) price costs alone, the year never below nothing
    """

    whole: Floats
    price: Floats


@dataclass(frozen=True)
class Walks:
    """Losses under every set of plans, on the same states.

    Attributes
    ----------
    losses : in the order that was asked
    walks : how many states were walked
    dropped : states that the market could not prove under some set of plans: they count in none
    """

    losses: tuple[MemberLosses, ...]
    walks: int
    dropped: tuple[str, ...]


def joint_walks(
    question: PlanQuestion,
    markets: Mapping[str, Market],
    members: Sequence[Member],
    sets: Sequence[Pairs],
    drawn: Drawn,
    progress: Progress | None = None,
) -> Walks:
    """Walk every state of the scenarios under each set of plans, and read each member's losses.

    Parameters
    ----------
    question : of all members together: years, growth, discount
    markets : material -> its market, whose economies are those of the members, one after the other
    sets : plans that stand at once
    """
    names = {need.material: m for m, need in enumerate(question.needs)}
    wanted = {key: state for key, state in drawn.states.items() if key[2] in names}
    events = sorted({(name, y, state) for (_, y, name), state in wanted.items()})
    found: list[dict[tuple[str, int, State], tuple[Cost, ...] | None]] = []
    seen: set[tuple[str, State, tuple[Measure, ...]]] = set()
    for n, pairs in enumerate(sets):
        costs: dict[tuple[str, int, State], tuple[Cost, ...] | None] = {}
        for k, (name, y, state) in enumerate(events):
            measures = tuple(added_measures(pairs, name, y, state))
            seen.add((name, state, measures))
            try:
                costs[name, y, state] = markets[name].costs(state.cuts, measures)
            except MarketError:
                costs[name, y, state] = None
            if progress is not None and (k % 20 == 0 or k + 1 == len(events)):
                progress(n * len(events) + k + 1, len(sets) * len(events))
        found.append(costs)
    dropped = [e for e in events if any(costs[e] is None for costs in found)]
    kept: dict[tuple[int, int], list[tuple[str, int, State]]] = {}
    for (s, y, name), state in wanted.items():
        if (name, y, state) not in dropped:
            kept.setdefault((s, y), []).append((name, y, state))
    size = drawn.probability.size
    return Walks(
        tuple(_losses(question, names, members, costs, kept, size) for costs in found),
        len(seen),
        tuple(f"{name}, {state.name} in {question.years[y]}" for name, y, state in dropped),
    )


def _losses(
    question: PlanQuestion,
    names: Mapping[str, int],
    members: Sequence[Member],
    costs: Mapping[tuple[str, int, State], tuple[Cost, ...] | None],
    kept: Mapping[tuple[int, int], Sequence[tuple[str, int, State]]],
    scenarios: int,
) -> MemberLosses:
    whole, priced = (np.zeros((len(members), scenarios)) for _ in range(2))
    ends = np.cumsum([0, *(len(m.economies) for m in members)])
    for (s, y), events in kept.items():
        worth = question.discount(y)
        for k, member in enumerate(members):
            price, sectors = 0.0, []
            for event in events:
                each = costs[event]
                if each is None or event[0] not in member.materials:
                    continue
                grown = question.growth(names[event[0]], y)
                own = each[ends[k] : ends[k + 1]]
                price += grown * sum(c.price for c in own)
                sectors.append(grown * np.concatenate([c.sectors for c in own]))
            output = float(np.max(sectors, axis=0).sum()) if sectors else 0.0
            whole[k, s] += worth * max(price, output, 0.0)
            priced[k, s] += worth * max(price, 0.0)
    return MemberLosses(whole, priced)


def added_measures(pairs: Pairs, name: str, y: int, state: State) -> list[Measure]:
    """What several plans tell the market of one material in one year.

    Tonnes of a channel at a place add up. An option that two plans start at the same place is one
    plant (that of the larger), except contracts, of which each buyer has its own.
    """
    plants: dict[tuple[str, str, str], _Plant] = {}
    for n, (_, plan) in enumerate(pairs):
        for (ident, place), plant in _plants(plan, name, y).items():
            key = (ident, place, str(n) if plant.kind == _OF_EACH else "")
            if key not in plants or plants[key].size < plant.size:
                plants[key] = plant
    ways: dict[tuple[str, str, str, float], tuple[float, Need]] = {}
    for key, plant in plants.items():
        for (stage, channel, level), amount in plant.tonnes.items():
            at = (stage, channel, key[1], level)
            before = ways[at][0] if at in ways else 0.0
            ways[at] = (before + amount, plant.need)
    there = pairs[0][0].there
    first = f"{there.year + 1}-01"
    stock = bool(state.cuts) and not state.spent
    return [
        channel_measure(there, need, stage, channel, amount, place, state.cuts, level, first)
        for (stage, channel, place, level), (amount, need) in sorted(
            ways.items(), key=lambda item: item[0]
        )
        if amount > NOTHING * need.use and (channel != "stock" or stock)
    ]


class _Plant(NamedTuple):
    """An option as it stands in a year: tonnes at base-year use by (stage, channel, level)."""

    kind: str
    need: Need
    tonnes: dict[tuple[str, str, float], float]

    @property
    def size(self) -> float:
        return sum(self.tonnes.values())


def _plants(plan: Plan, name: str, y: int) -> dict[tuple[str, str], _Plant]:
    """(option, place) -> what runs of it for a material in a year."""
    q = plan.question
    found: dict[tuple[str, str], _Plant] = {}
    for m, need in enumerate(q.needs):
        if need.material != name:
            continue
        for start in plan.starts:
            o = q.options[start.option]
            if not start.year <= q.years[y] < start.year + o.life:
                continue
            run = o.ramp if q.years[y] == start.year else 1.0
            for e in o.effects:
                if e.material == name:
                    plant = found.setdefault((o.id, o.place), _Plant(o.kind, need, {}))
                    way = (e.stage, e.channel, o.level)
                    more = run * start.share * e.tonnes / q.growth(m, y)
                    plant.tonnes[way] = plant.tonnes.get(way, 0.0) + more
    return found


def shared_plants(plans: Sequence[Plan]) -> dict[tuple[str, str], int]:
    """(option, place) -> how many of several plans start it: all but contracts stand there once."""
    found: dict[tuple[str, str], int] = {}
    for plan in plans:
        chosen = {s.option for s in plan.starts}
        for o in (plan.question.options[n] for n in sorted(chosen)):
            if o.kind != _OF_EACH:
                found[o.id, o.place] = found.get((o.id, o.place), 0) + 1
    return {key: n for key, n in found.items() if n > 1}


def option_costs(plan: Plan) -> dict[str, float]:
    """Option -> what it costs in the plan, discounted: capital and running less purchases avoided."""
    from lodestone.plan.program import first_stage

    q = plan.question
    program = first_stage(q)
    found: dict[str, float] = {}
    for start in plan.starts:
        column = program.at["start", start.option, q.years.index(start.year)]
        cost = sum(part.get(column, 0.0) for part in program.parts.values()) * start.share
        ident = q.options[start.option].id
        found[ident] = found.get(ident, 0.0) + cost
    return found
