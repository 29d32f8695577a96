"""The verb `joint_plan`: contracts, plants, recycling and stocks chosen together, and what it is worth.

Every coalition of two to four members solves the same plan question on the same scenarios. Who is
not in it keeps the plan that it has alone, and the market is walked with all plans at once: what
one builds relieves the others too, whether they act together or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.desk.alliance_question import _check_apart, _places
from lodestone.desk.answer import Answer, citations
from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.desk.joint_walks import (
    Member,
    MemberLosses,
    Walks,
    joint_walks,
    saved_by_sharing,
)
from lodestone.desk.plan_curves import Market
from lodestone.desk.plan_economies import plan_economies
from lodestone.desk.plan_judging import MOST_ROUNDS
from lodestone.desk.plan_problem import PlanProblem, plan_problem
from lodestone.desk.plan_request import PlanRequest, read_plan_file, read_plan_words
from lodestone.desk.planning import SOURCES, Watch, best_judged
from lodestone.desk.worlds import world
from lodestone.terms.errors import PlanError, Problems, RequestError
from lodestone.terms.membership import UNION

if TYPE_CHECKING:
    from lodestone.alliance.game import Game
    from lodestone.alliance.structures import Grouped, Structure
    from lodestone.desk.plan_judging import Verdict
    from lodestone.desk.plan_scenarios import Drawn
    from lodestone.plan.solution import Plan

    Floats = np.ndarray[Any, Any]

#: Every coalition of more members would be a plan of its own, and every grouping a walk: 31 and 52.
MOST_MEMBERS = 4


@dataclass(frozen=True)
class Outcome:
    """One grouping of the members, all plans at once; (n,) discounted million USD by member.

    Attributes
    ----------
    cost : of the plans: that of a joint one in proportion to what its members spend on its materials
    missed : price of missed targets, split in the same way
    loss : expected loss and, weighed, CVaR of the member's own losses
    priced : the same by price costs alone
    """

    cost: Floats
    missed: Floats
    loss: Floats
    priced: Floats

    @property
    def total(self) -> Floats:
        """(n,) all that a member bears."""
        return np.asarray(self.cost + self.missed + self.loss)

    @property
    def sides(self) -> tuple[Floats, Floats]:
        """(n,) the same where output lost counts for nothing; and where missed targets do."""
        return np.asarray(self.cost + self.missed + self.priced), np.asarray(self.cost + self.loss)


@dataclass(frozen=True)
class JointWork:
    """All that the rows are read from.

    Attributes
    ----------
    names : of the members, in the order of the bits
    problems, plans : coalition -> its question, and its answer
    misfit : coalition -> its predicted less its walked expected loss; empty if no plan was judged
    outcomes : grouping -> what members bear
    grouped : the game, and how each coalition groups itself
    sides : games of the same groupings: by price costs alone, and without missed targets
    """

    names: tuple[str, ...]
    problems: Mapping[int, PlanProblem]
    plans: Mapping[int, Plan]
    misfit: Mapping[int, float]
    outcomes: Mapping[Structure, Outcome]
    grouped: Grouped
    sides: tuple[Game, ...]
    walks: Walks

    @property
    def all(self) -> int:
        """The coalition of everybody."""
        return (1 << len(self.names)) - 1

    @property
    def alone(self) -> Structure:
        """Everybody by itself."""
        return tuple(1 << k for k in range(len(self.names)))


@dataclass(frozen=True)
class JointAnswer(Answer):
    """The answer of `joint_plan`.

    Attributes
    ----------
    work : plans, outcomes and games behind the rows
    """

    work: JointWork


def joint_plan(
    members: Sequence[str],
    what: str | Path | PlanRequest,
    *,
    year: int | None = None,
    as_of: date | None = None,
    gap: float | None = None,
    rounds: int = MOST_ROUNDS,
    watch: Watch | None = None,
) -> JointAnswer:
    """Say what it is worth to plan together, to whom, and where capital moves.

    Parameters
    ----------
    members : two to four places and blocs that do not overlap
    what : name of a ready plan, path of a TOML file, or a plan that was read; its place is replaced
    year : of the balanced world; the latest if left out
    as_of : day on which controls are in force or not; today if left out
    gap : relative gap proved of each plan's surrogate; that of the plan, or 0.005, if left out
    rounds : how often the curves of each plan are measured again at most; with 0 no plan is judged,
        and what acting together is worth rests on curves that may be far off
    watch : told of every step

    Returns
    -------
    JointAnswer
        Rows `joint_worth` (by coalition), `joint_share`, `joint_core`, `investment` (capital by
        place, alone and together), `investment_tonnes`, `joint_choice` (what the joint plan of all
        starts, and who starts it alone), `joint_proof`. Million USD, discounted; `investment` and
        `joint_choice` as it is spent, not discounted.

    Raises
    ------
    RequestError
        Members or a plan that cannot be read.
    PlanError
        Hard targets that a member or a coalition cannot meet: which.
    """
    from lodestone.desk.joint_rows import joint_notes, joint_rows

    request = read_plan_of(what)
    there = world(year or request.head.get("year"))
    who = joint_members(members, there.year)
    wanted = gap if gap is not None else float(request.head.get("gap", 0.005))
    if not 0.0 < wanted < 1.0 or rounds < 0:
        raise RequestError(f"gap {wanted:g}, rounds {rounds}: above 0 and below 1; 0 or more")
    day = as_of or date.today()
    work = _worked(who, request, there.year, day, wanted, rounds, watch)
    return JointAnswer(
        query={
            "verb": "joint_plan",
            "members": list(work.names),
            "plan": request.name,
            **{k: v for k, v in request.canonical().items() if k != "place"},
            "world": there.year,
            "gap": wanted,
            "rounds": rounds,
            "as_of": day.isoformat(),
        },
        results=tuple(joint_rows(work)),
        units=dict.fromkeys(("value", "low", "high"), "million USD"),
        sources=_sources(work),
        notes=joint_notes(work),
        data_release=there.data_release,
        content_hash=there.content_hash,
        work=work,
    )


def joint_members(members: Sequence[str], year: int) -> list[Buyer]:
    """Who plans together.

    Raises
    ------
    RequestError
        With everything that is wrong: names, overlaps, fewer than two, more than four.
    """
    problems = Problems("joint plan")
    found = _places(members, "members", year, problems)
    _check_apart(found, {}, problems)
    if not 2 <= len(found) <= MOST_MEMBERS:
        problems.add(
            f"{len(found)} members", "members", f"2 to {MOST_MEMBERS}: every coalition is a plan"
        )
    problems.raise_if_any(RequestError)
    return [buyer(name, year) for name in found]


def read_plan_of(what: str | Path | PlanRequest) -> PlanRequest:
    """A plan by name, by path, or as it was read."""
    if isinstance(what, PlanRequest):
        return what
    return read_plan_file(what) if isinstance(what, Path) else read_plan_words(what)


def _sources(work: JointWork) -> tuple[str, ...]:
    from lodestone.desk.losing import sources_of_losses

    tables = [one.table for one in work.problems[work.all].economies if one.table is not None]
    return citations(dict.fromkeys([*SOURCES, *(s for t in tables for s in sources_of_losses(t))]))


def _worked(
    who: Sequence[Buyer],
    request: PlanRequest,
    year: int,
    day: date,
    gap: float,
    rounds: int,
    watch: Watch | None,
) -> JointWork:
    from lodestone.alliance.structures import game_of_structures, structures

    names = tuple(one.id for one in who)
    count = len(names)
    everybody = (1 << count) - 1
    problems: dict[int, PlanProblem] = {}
    plans: dict[int, Plan] = {}
    misfit: dict[int, float] = {}
    drawn: Drawn | None = None
    for n, which in enumerate(sorted(range(1, 1 << count), reverse=True)):
        part = UNION.join(name for k, name in enumerate(names) if which >> k & 1)
        asked = _of_coalition(request, part, which.bit_count())
        found = _solved(asked, part, year, day, drawn, gap, rounds, watch)
        problems[which], plans[which], verdict = found
        if verdict is not None:
            misfit[which] = verdict.predicted[0] - verdict.walked[0]
        # the scenarios of all together are those of every plan
        drawn = problems[which].drawn if drawn is None else drawn
        if watch is not None:
            watch("plans solved", n + 1, everybody)
    grand = problems[everybody]
    members = [
        Member(
            one,
            plan_economies(one, grand.there.year),
            frozenset(need.material for need in problems[1 << k].question.needs),
        )
        for k, one in enumerate(who)
    ]
    economies = [e for member in members for e in member.economies]
    markets = {
        need.material: Market(grand.there, grand.who, need, economies)
        for need in grand.question.needs
    }
    every = structures(count)
    sets = [[(problems[g], plans[g]) for g in groups] for groups in every]
    step = None if watch is None else lambda done, of: watch("states of all plans", done, of)
    walks = joint_walks(grand.question, markets, members, sets, grand.drawn, step)
    spend = np.array(
        [sum(n.use * n.price for n in problems[1 << k].question.needs) for k in range(count)]
    )
    outcomes = {
        groups: _outcome(groups, plans, lost, grand, spend)
        for groups, lost in zip(every, walks.losses, strict=True)
    }
    grouped = game_of_structures(names, {s: o.total for s, o in outcomes.items()})
    sides = tuple(_same_groupings(grouped, outcomes, side) for side in (0, 1))
    return JointWork(names, problems, plans, misfit, outcomes, grouped, sides, walks)


def _same_groupings(grouped: Grouped, outcomes: Mapping[Structure, Outcome], side: int) -> Game:
    """What coalitions are worth by another judgement, each doing what it does by the first."""
    from lodestone.alliance.game import Game, inside

    losses = np.array([outcomes[groups].sides[side] for groups in grouped.chosen])
    kept = (losses[0][None, :] - losses) * inside(grouped.game.size)
    return Game(grouped.game.members, kept.sum(axis=1))


def _of_coalition(request: PlanRequest, place: str, size: int) -> PlanRequest:
    """The plan question of a coalition: its place, and budgets and prices of targets of all its members.

    A share that two members both miss costs twice as much as one that one of them misses; so
    missing the same together costs the same.
    """
    targets = [{**t, "price": size * t["price"]} if "price" in t else t for t in request.targets]
    budgets = [{**b, "amount": size * b["amount"]} for b in request.budgets]
    return replace(
        request,
        head={**request.head, "place": place},
        targets=tuple(targets),
        budgets=tuple(budgets),
    )


def _solved(
    request: PlanRequest,
    place: str,
    year: int,
    day: date,
    drawn: Drawn | None,
    gap: float,
    rounds: int,
    watch: Watch | None,
) -> tuple[PlanProblem, Plan, Verdict | None]:
    """One plan and what the market says of it; errors say whose it is."""
    from lodestone.plan.solve import solve

    step = None if watch is None else lambda done, of: watch(f"states of {place}", done, of)
    try:
        problem = plan_problem(request, year=year, as_of=day, drawn=drawn, progress=step)
        first = solve(problem.question, gap=gap)
        if rounds == 0:
            return problem, first, None
        return problem, *best_judged(problem, first, gap, rounds, watch)
    except (RequestError, PlanError) as error:
        head = str(error).split("\n", 1)[0]
        raise type(error)(f"plan of {place}: {head}", error.problems) from error


def _outcome(
    groups: Structure,
    plans: Mapping[int, Plan],
    found: MemberLosses,
    grand: PlanProblem,
    spend: Floats,
) -> Outcome:
    """What members bear under one grouping."""
    cost, missed = np.zeros(spend.size), np.zeros(spend.size)
    saved = saved_by_sharing([plans[g] for g in groups])
    for group, less in zip(groups, saved, strict=True):
        inside = [k for k in range(spend.size) if group >> k & 1]
        part = spend[inside] / spend[inside].sum()
        cost[inside] = part * (_plan_cost(plans[group]) - less)
        missed[inside] = part * plans[group].parts["missed targets"]
    return Outcome(cost, missed, _weighed(found.whole, grand), _weighed(found.price, grand))


def _plan_cost(plan: Plan) -> float:
    """A plan without losses and targets."""
    losses = ("expected losses", "tail", "missed targets")
    return float(sum(v for name, v in plan.parts.items() if name not in losses))


def _weighed(losses: Floats, grand: PlanProblem) -> Floats:
    """(n,) expected loss and weight of risk times CVaR of each member's own losses."""
    from lodestone.plan.solution import tail_mean

    q, p = grand.question, grand.drawn.probability
    tails = [tail_mean(row, p, q.tail) if q.risk_weight > 0.0 else 0.0 for row in losses]
    return np.asarray(losses @ p + q.risk_weight * np.array(tails))
