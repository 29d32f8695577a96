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
    from lodestone.plan.option import Option
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
    plant (that of the larger), except contracts, of which each buyer has its own, as far as the
    supplier has enough for all.
    """
    plants: dict[tuple[str, str, str], _Plant] = {}
    given = parts_given([plan for _, plan in pairs])
    for n, (_, plan) in enumerate(pairs):
        for (ident, place), found in _plants(plan, name, y).items():
            plant = found.scaled(given.get((ident, place), 1.0))
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

    def scaled(self, part: float) -> _Plant:
        """A part of it."""
        return self._replace(tonnes={way: part * t for way, t in self.tonnes.items()})


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


def parts_given(plans: Sequence[Plan]) -> dict[tuple[str, str], float]:
    """(contract, supplier) -> part of what several plans agree that the supplier has for them.

    Together they get no more than one buyer could (`Option.ceiling`, or what one of them agrees where
    that is more), each the same part of what it agreed; contracts that all fit are not named.
    """
    agreed: dict[tuple[str, str], list[float]] = {}
    most: dict[tuple[str, str], float] = {}
    for plan in plans:
        own: dict[tuple[str, str], float] = {}
        for start in plan.starts:
            o = plan.question.options[start.option]
            if o.kind == _OF_EACH and o.ceiling > 0.0:
                key = (o.id, o.place)
                tonnes = start.share * sum(e.tonnes for e in o.effects)
                own[key] = own.get(key, 0.0) + tonnes
                most[key] = max(most.get(key, 0.0), o.ceiling)
        for key, tonnes in own.items():
            agreed.setdefault(key, []).append(tonnes)
    parts = {key: max(most[key], *each) / sum(each) for key, each in agreed.items()}
    return {key: part for key, part in parts.items() if part < 1.0}


class Standing(NamedTuple):
    """A part of an option that several plans start together, counted once.

    Attributes
    ----------
    option, year, part : what starts when, and how much of it
    plan : position of the plan that asks for it
    """

    option: Option
    year: int
    part: float
    plan: int


def standing(plans: Sequence[Plan]) -> list[Standing]:
    """What stands under several plans: of a shared plant in each year the largest part.

    Of contracts what their supplier has.
    """
    shared, given = shared_plants(plans), parts_given(plans)
    found = [
        Standing(o, start.year, start.share * given.get((o.id, o.place), 1.0), n)
        for n, plan in enumerate(plans)
        for start in plan.starts
        if ((o := plan.question.options[start.option]).id, o.place) not in shared
    ]
    for key in sorted(shared):
        found += _largest_parts(plans, key)
    return found


def _largest_parts(plans: Sequence[Plan], key: tuple[str, str]) -> list[Standing]:
    """One shared plant, as it grows to the largest part that any plan has started by then."""
    starts = [
        (start.year, n, start.share, o)
        for n, plan in enumerate(plans)
        for start in plan.starts
        if ((o := plan.question.options[start.option]).id, o.place) == key
    ]
    parts = [0.0] * len(plans)
    found: list[Standing] = []
    for year in sorted({y for y, _, _, _ in starts}):
        before = sum(s.part for s in found)
        asked = {}
        for y, n, share, option in starts:
            if y == year:
                parts[n] += share
                asked[n] = option
        most = max(asked, key=lambda n: parts[n])
        if parts[most] > before:
            found.append(Standing(asked[most], year, parts[most] - before, most))
    return found


def saved_by_sharing(plans: Sequence[Plan]) -> list[float]:
    """What each of several plans pays less than by itself, as shared plants stand once.

    A plant costs what stands of it, and each plan pays in proportion to the part that it started; of a
    contract each pays for what it gets. Discounted million USD.
    """
    saved = [0.0] * len(plans)
    shared, given = shared_plants(plans), parts_given(plans)
    if not shared and not given:
        return saved
    costs = [start_costs(plan) for plan in plans]
    own: dict[tuple[str, str], dict[int, tuple[float, float]]] = {key: {} for key in shared}
    for n, plan in enumerate(plans):
        for start in plan.starts:
            o = plan.question.options[start.option]
            if (o.id, o.place) in given:
                less = 1.0 - given[o.id, o.place]
                saved[n] += less * start.share * costs[n][o.id, start.year]
            if (o.id, o.place) in own:
                part, cost = own[o.id, o.place].get(n, (0.0, 0.0))
                more = start.share * costs[n][o.id, start.year]
                own[o.id, o.place][n] = (part + start.share, cost + more)
    for key, by_plan in own.items():
        whole = sum(s.part * costs[s.plan][key[0], s.year] for s in _largest_parts(plans, key))
        parts = sum(part for part, _ in by_plan.values())
        for n, (part, cost) in by_plan.items():
            saved[n] += cost - whole * part / parts
    return saved


def start_costs(plan: Plan) -> dict[tuple[str, int], float]:
    """(option, year) of each start -> what a whole one costs: capital and running less purchases avoided.

    Discounted million USD.
    """
    from lodestone.plan.program import first_stage

    q = plan.question
    program = first_stage(q)
    found: dict[tuple[str, int], float] = {}
    for start in plan.starts:
        column = program.at["start", start.option, q.years.index(start.year)]
        cost = sum(part.get(column, 0.0) for part in program.parts.values())
        found[q.options[start.option].id, start.year] = cost
    return found
