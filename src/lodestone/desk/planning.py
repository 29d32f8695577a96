"""The verb `plan`: the cheapest portfolio that keeps the promise, with the market as its judge."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.plan_curves import MOST_REACH
from lodestone.desk.plan_judging import (
    MOST_ROUNDS,
    TOLERANCE,
    Verdict,
    judged,
    refreshed,
    trust_region,
    walked_losses,
)
from lodestone.desk.plan_problem import PlanProblem, plan_problem
from lodestone.desk.plan_request import (
    PlanRequest,
    plan_names,
    plan_text,
    read_plan,
    read_plan_words,
)
from lodestone.desk.plan_rows import plan_rows
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.plan.benders import Progress
    from lodestone.plan.conflicts import Conflict
    from lodestone.plan.solution import Plan

#: Told of every step: (what is being done, done, of).
Watch = Callable[[str, int, int], None]
#: Told of every round of cuts: (bound, value, gap).
Gap = Callable[[float, float, float], None]
#: Weights of risk behind a frontier.
FRONTIER = (0.0, 0.25, 0.5, 1.0, 2.0, 5.0)
SOURCES = (
    "usgs_mcs2026",
    "baci_hs92",
    "wmd_data",
    "iea_cm2025",
    "ec_crm2023",
    "projects",
    "controls",
    "wgi",
    "wdi_gdp",
)


@dataclass(frozen=True)
class PlanAnswer(Answer):
    """The answer of `plan`.

    Attributes
    ----------
    plan : the surrogate's plan, the best that was judged
    verdict : of the market; None if it was not asked
    frontier : plans by weight of risk; empty if it was not asked for
    conflict : why not all targets can be met as hard ones; None where they can
    """

    plan: Plan
    verdict: Verdict | None
    frontier: tuple[Plan, ...]
    conflict: Conflict | None
    problem: PlanProblem


def plan(
    what: str | Path | PlanRequest,
    *,
    year: int | None = None,
    gap: float | None = None,
    judge: bool = True,
    rounds: int = MOST_ROUNDS,
    frontier: Sequence[float] = (),
    as_of: date | None = None,
    state: Path | None = None,
    extensive: bool = False,
    watch: Watch | None = None,
    tell_gap: Gap | None = None,
) -> PlanAnswer:
    """Choose what to build, buy and agree, and when, at least cost for the promised safety.

    Parameters
    ----------
    what : name of a ready plan, path of a TOML file, or a plan that was read
    year : of the balanced world; the latest if left out
    gap : relative gap that must be proved, of the surrogate; 0.005 if left out
    judge : walk the plan through the market, and measure again where it differs by more than 5 %
    rounds : how often at most
    frontier : weights of risk for which the plan is solved as well: cost against CVaR
    as_of : day on which controls are in force or not; today if left out
    state : file in which the optimiser keeps where it stands: a run that was stopped goes on there
    extensive : solve in one program, for small plans
    watch, tell_gap : told of every step

    Returns
    -------
    PlanAnswer
        Rows `summary`, `choice` (what starts when), `target`, `cost` (named parts that sum to the
        objective), `money` (spending by year), `held` (tonnes by year), `judge`, `frontier`,
        `conflict`, `option` (the whole menu), `material`, `unknown`, `proof`.

    Raises
    ------
    RequestError
        A plan that cannot be read, with everything that is wrong with it.
    PlanError
        Hard targets that cannot be met within the budgets: which, why, and the cheapest way out.
    """
    request = what if isinstance(what, PlanRequest) else _read(what)
    if rounds < 0:
        raise RequestError(f"rounds {rounds}: 0 or more")
    wanted = gap if gap is not None else float(request.head.get("gap", 0.005))
    if not 0.0 < wanted < 1.0:
        raise RequestError(f"gap {wanted:g}: above 0 and below 1 (0.005 for 0.5 %)")
    day = as_of or date.today()
    problem = plan_problem(
        request, year=year, as_of=day, progress=_step(watch, "states of the market")
    )
    found = _solved(problem, wanted, state, extensive, tell_gap)
    verdict = None
    if judge:
        found, verdict = _judged(problem, found, wanted, rounds, watch, tell_gap)
    plans = _frontier(problem, frontier, wanted, watch)
    conflict = _conflict(problem, verdict)
    answer = PlanAnswer(
        query={
            "verb": "plan",
            "plan": request.name,
            **request.canonical(),
            "world": problem.there.year,
            "gap": wanted,
            "judge": judge,
            "rounds": rounds,
            "frontier": [float(w) for w in frontier],
            "as_of": day.isoformat(),
        },
        results=tuple(plan_rows(problem, found, verdict, plans, conflict)),
        units=dict.fromkeys(("value", "low", "high"), "million USD"),
        sources=citations(SOURCES),
        notes=_notes(problem, found, verdict, wanted, plans),
        data_release=problem.there.data_release,
        content_hash=problem.there.content_hash,
        plan=found,
        verdict=verdict,
        frontier=plans,
        conflict=conflict,
        problem=problem,
    )
    if state is not None:
        state.unlink(missing_ok=True)
    return answer


def plans() -> Answer:
    """List the ready plans: whose, what they promise, by when.

    Returns
    -------
    Answer
        One row a plan: `plan` (its name), `title`, `place`, `years`, `targets`, `about`.
    """
    from lodestone.desk.library import library

    books = library()
    rows = []
    for name in plan_names():
        request = read_plan(plan_text(name), name)
        head = request.head
        rows.append(
            {
                "plan": name,
                "title": head.get("title"),
                "place": head["place"],
                "years": f"{head.get('first')} to {head.get('last')}",
                "targets": len(request.targets),
                "about": head.get("about"),
            }
        )
    return Answer(
        query={"verb": "plan", "list": True},
        results=tuple(rows),
        units={},
        sources=(),
        notes=("`lodestone plan NAME` runs one; a copy of its file is a form for your own.",),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _read(what: str | Path) -> PlanRequest:
    from lodestone.desk.plan_request import read_plan_file

    return read_plan_file(what) if isinstance(what, Path) else read_plan_words(what)


def _step(watch: Watch | None, what: str) -> Callable[[int, int], None] | None:
    if watch is None:
        return None
    return lambda done, total: watch(what, done, total)


def _solved(
    problem: PlanProblem,
    gap: float,
    state: Path | None,
    extensive: bool,
    tell_gap: Gap | None,
) -> Plan:
    from lodestone.plan.solve import solve

    resume = _held(state, problem) if state is not None else None

    def told(progress: Progress) -> bool:
        if tell_gap is not None:
            tell_gap(progress.bound, progress.value, progress.gap)
        if state is not None:
            _keep(state, problem, progress)
        return True

    return solve(problem.question, gap=gap, extensive=extensive, watch=told, resume=resume)


def _keep(state: Path, problem: PlanProblem, progress: Progress) -> None:
    """Where the optimiser stands, by an atomic rename: a run that is killed leaves a whole file."""
    from lodestone.report.brief import write_whole

    whole = {"question": _digest(problem), "progress": asdict(progress)}
    state.parent.mkdir(parents=True, exist_ok=True)
    write_whole(state, json.dumps(whole).encode())


def _held(state: Path, problem: PlanProblem) -> Progress | None:
    """Where an earlier run of the same question stood.

    Raises
    ------
    RequestError
        A file that is no such state, or that of another question.
    """
    from lodestone.plan.benders import Progress

    if not state.exists():
        return None
    try:
        whole = json.loads(state.read_text(encoding="utf-8"))
        asked, held = whole["question"], whole["progress"]
        found = Progress(**{f.name: held[f.name] for f in fields(Progress)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RequestError(f"{state.name}: is no state of a plan -> delete it") from error
    if asked != _digest(problem):
        raise RequestError(f"{state.name}: belongs to another plan -> name another file")
    return found


def _digest(problem: PlanProblem) -> str:
    """Of the whole question, the data and the code that solves it."""
    import hashlib

    from lodestone import __version__
    from lodestone.desk.impacts import files_digest

    whole = [
        __version__,
        files_digest(("plan",), ()),
        problem.request.canonical(),
        problem.there.content_hash,
        _plain(problem.question),
    ]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A dataclass with all that is in it as lists, numbers and words; every digit kept."""
    if is_dataclass(value):
        return [_plain(getattr(value, f.name)) for f in fields(value)]
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return sorted([[_plain(k), _plain(v)] for k, v in value.items()], key=repr)
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _judged(
    problem: PlanProblem,
    first: Plan,
    gap: float,
    rounds: int,
    watch: Watch | None,
    tell_gap: Gap | None,
) -> tuple[Plan, Verdict]:
    """The best plan by the market, and how it does on scenarios that it has not seen."""
    best, verdict = best_judged(problem, first, gap, rounds, watch, tell_gap)
    return best, _with_fresh(problem, best, verdict, watch)


def best_judged(
    problem: PlanProblem,
    first: Plan,
    gap: float,
    rounds: int,
    watch: Watch | None = None,
    tell_gap: Gap | None = None,
) -> tuple[Plan, Verdict]:
    """The best plan by the market; curves are measured again while the two differ."""
    from lodestone.plan.solve import solve

    step = _step(watch, "states walked with the plan")
    best, verdict = first, judged(problem, first, step)
    now, at, held = first, verdict, problem
    for n in range(1, rounds + 1):
        if abs(at.difference) <= TOLERANCE:
            break
        held = refreshed(held, now)

        def told(progress: Progress) -> bool:
            if tell_gap is not None:
                tell_gap(progress.bound, progress.value, progress.gap)
            return True

        now = solve(held.question, gap=gap, watch=told, near=trust_region(now))
        at = replace(judged(held, now, step), rounds=n, kept=n)
        if _walked_value(now, at) <= _walked_value(best, verdict):
            best, verdict = now, at
    verdict = replace(verdict, rounds=at.rounds)
    # curves measured around a plan say nothing of having none
    best = replace(best, expected_before=first.expected_before, cvar_before=first.cvar_before)
    return best, verdict


def _walked_value(plan: Plan, verdict: Verdict) -> float:
    """The objective with the market's losses in place of the surrogate's."""
    surrogate = plan.parts["expected losses"] + plan.parts["tail"]
    expected, cvar = verdict.walked
    return plan.value - surrogate + expected + plan.question.risk_weight * cvar


def _with_fresh(problem: PlanProblem, plan: Plan, verdict: Verdict, watch: Watch | None) -> Verdict:
    """The verdict with losses on scenarios that the plan has not seen."""
    from lodestone.desk.plan_scenarios import drawn_scenarios

    if problem.request.scenarios:
        return verdict
    q, head = problem.question, problem.request.head
    fresh = drawn_scenarios(
        problem.there,
        problem.who,
        q.needs,
        len(q.years),
        problem.drawn.probability.size,
        int(head.get("seed", 0)) + 1,
        problem.drawn.as_of,
    )
    walked = walked_losses(problem, plan, fresh, _step(watch, "fresh states walked"))
    # the same years with nothing built: a mild sample flatters a plan, and a harsh one belies it
    bare = walked_losses(problem, replace(plan, starts=(), held={}), fresh)
    return replace(
        verdict,
        fresh=walked.mean_and_tail(q.tail),
        fresh_before=bare.mean_and_tail(q.tail),
        fresh_walks=walked.walks,
        fresh_unproved=walked.unproved,
    )


def _frontier(
    problem: PlanProblem, weights: Sequence[float], gap: float, watch: Watch | None
) -> tuple[Plan, ...]:
    from lodestone.plan.solve import solve

    found = []
    for n, weight in enumerate(weights):
        if not 0.0 <= weight < 1e6:
            raise RequestError(f"weight of risk {weight:g}: 0 or more")
        found.append(solve(replace(problem.question, risk_weight=float(weight)), gap=gap))
        if watch is not None:
            watch("points of the frontier", n + 1, len(weights))
    return tuple(found)


def _conflict(problem: PlanProblem, verdict: Verdict | None) -> Conflict | None:
    """Why priced targets cannot all be met: asked as if they were hard, the market's shares beside."""
    from lodestone.plan.conflicts import conflict_of

    q = problem.question
    if not any(t.price is not None for t in q.targets):
        return None
    walked = {
        (at, f"{need.material}, {stage}, {supplier}"): share
        for at, target in enumerate(q.targets)
        if target.kind == "supplier_cap"
        for need in q.needs
        for stage, shares in need.shares.items()
        for supplier in shares
        if verdict is not None
        and (share := verdict.largest_share((need.material, stage, supplier), target.year))
        is not None
    }
    hard = replace(q, targets=tuple(replace(t, price=None) for t in q.targets))
    return conflict_of(hard, walked)


def _notes(
    problem: PlanProblem,
    found: Plan,
    verdict: Verdict | None,
    gap: float,
    plans: Sequence[Plan],
) -> tuple[str, ...]:
    q = problem.question
    proxies = sorted({need.proxy for need in q.needs if need.proxy})
    notes = [
        f"Money is million USD of {problem.there.year}, discounted to {q.years[0]} at {q.rate:.0%} "
        "a year; capital is charged as equal yearly payments within the plan's years.",
        f"The gap of {found.gap:.2%} (at most {gap:.2%}) is proved of the surrogate, whose losses "
        "are convex lines through market runs; the market is the judge of the plan.",
        *_fence(found, verdict),
        "Capacity is read as output where no capacity is published; costs are rules of thumb with "
        "bands (attributes plan_*), except where a project states its own.",
        f"Scenarios: {q.outlook.probability.size}, "
        + ("given by the plan." if problem.request.scenarios else "drawn from our hazards."),
        "A year costs the larger of what users pay more and of what cannot be made, each sector "
        "counted once; support by price floors and contracts for difference is a transfer and "
        "nets to zero.",
    ]
    notes += _without_table(problem)
    if verdict is not None:
        notes.append(
            f"Predicted expected loss {verdict.predicted[0]:,.0f}, walked {verdict.walked[0]:,.0f} "
            f"million USD ({verdict.difference:+.1%}) after {verdict.rounds} rounds of measuring again."
        )
    if verdict is not None:
        notes += _unproved_walks("states", verdict.unproved, verdict.walks)
        notes += _unproved_walks("fresh states", verdict.fresh_unproved, verdict.fresh_walks)
    silent = {n: list(m.unproved) for n, m in problem.markets.items() if m.unproved}
    for name, what in silent.items():
        notes.append(f"Not proved, of {name}: {_some(what)}.")
    if plans:
        notes.append("The frontier is the surrogate's by its first curves, and is not walked.")
    notes += _ceilings(problem)
    notes += [f"Stands for another: {p}." for p in proxies]
    notes += [f"Left out: {name}, {why}." for name, why in problem.unknown.items()]
    notes += [f"Check: {text}" for text in problem.request.head.get("checks", ())]
    return tuple(notes)


def _without_table(problem: PlanProblem) -> list[str]:
    """Who has no table; of a sum, whose tables stand behind it."""
    bare = [one.who.id for one in problem.economies if one.table is None]
    notes = [f"{who} has no input-output table: losses are price costs alone." for who in bare]
    if len(problem.economies) > 1:
        tables = [one.who.id for one in problem.economies if one.table is not None]
        notes.append(
            f"{problem.who.id} has no table of its own: output losses are those of "
            f"{', '.join(tables)}, each by its table."
        )
    return notes


def _fence(found: Plan, verdict: Verdict | None) -> list[str]:
    """What is proved of the trust region alone, and what of the whole program."""
    if found.unfenced is None or verdict is None:
        return []
    return [
        f"That gap is proved within the trust region of round {verdict.kept} alone. Without the region "
        f"the least objective of its curves is {found.unfenced:,.0f} million USD (whole numbers "
        f"aside; here {found.value:,.0f}), and prices of targets and budgets are of that program."
    ]


def _ceilings(problem: PlanProblem) -> list[str]:
    """Channels whose tonnes may be worth more than is counted, all by name."""
    named = [
        f"{name}: {', '.join(sorted(market.at_ceiling))}"
        for name, market in problem.markets.items()
        if market.at_ceiling
    ]
    if not named:
        return []
    return [
        f"Reach at its ceiling in some state ({MOST_REACH:g} of a tonne, or the relief of the last "
        f"walk), so perhaps counted too low: {'; '.join(named)}."
    ]


def _unproved_walks(which: str, unproved: Sequence[str], walks: int) -> list[str]:
    if not unproved:
        return []
    return [
        f"{len(unproved)} of {walks} {which} could not be proved by the market: {_some(unproved)}."
    ]


def _some(words: Sequence[str], most: int = 3) -> str:
    more = f"; and {len(words) - most} more" if len(words) > most else ""
    return "; ".join(words[:most]) + more
