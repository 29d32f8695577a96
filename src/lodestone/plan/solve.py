"""Solve a plan: decomposed, or written out in full where it is small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lodestone.plan.benders import Progress, Watch, decompose
from lodestone.plan.conflicts import conflict_of
from lodestone.plan.extensive import write_all_lines
from lodestone.plan.highs import Highs
from lodestone.plan.program import Key, Program, first_stage, solver_of
from lodestone.plan.question import PlanQuestion
from lodestone.plan.recourse import Recourse
from lodestone.plan.solution import Plan, plan_of
from lodestone.terms.errors import PlanError, Problem

#: Prices are taken where the program without whole numbers is solved to this part of the gap.
_OF_GAP = 0.1


def solve(
    question: PlanQuestion,
    *,
    gap: float = 0.005,
    extensive: bool = False,
    watch: Watch | None = None,
    resume: Progress | None = None,
    near: Mapping[Key, tuple[float, float]] | None = None,
) -> Plan:
    """The cheapest portfolio that keeps the promise.

    Minimise capital + running + stocks + contracts - avoided purchases + expected losses
    + lambda CVaR + missed targets, over what is started when, subject to targets and budgets.

    Parameters
    ----------
    gap : relative gap that must be proved (of this surrogate; the market is the judge of the plan)
    extensive : every line of every loss in one program, instead of cuts
    watch, resume : of the decomposition
    near : least and most tonnes of what is held: a trust region around an earlier plan. The gap is
        then proved within it; prices are of the whole program, and so is `unfenced`

    Raises
    ------
    PlanError
        If no plan reaches the hard targets within the budgets (with what is in conflict and the
        cheapest way out), or the gap is not proved.
    """
    program = first_stage(question, near)
    recourse = Recourse(program)
    if extensive:
        return _in_full(program, recourse, gap, near)
    found = decompose(program, recourse, gap=gap, watch=watch, resume=resume)
    if found is None:
        raise infeasible(question, near)
    prices: dict[int, float] = {}
    unfenced = None
    if near and not found.stopped:
        prices, unfenced = _without_fence(question, found.progress, gap)
    elif not found.stopped:
        prices = _prices(program, found.master)
    progress = found.progress
    return plan_of(
        program,
        recourse,
        found.x,
        found.bound,
        prices,
        progress.round,
        progress.cuts,
        found.stopped,
        unfenced,
    )


def infeasible(
    question: PlanQuestion, near: Mapping[Key, tuple[float, float]] | None = None
) -> PlanError:
    """The error that says why."""
    conflict = conflict_of(question)
    if conflict is None and near:
        return PlanError(
            "no plan within the trust region around an earlier plan reaches every target within "
            "the budgets, though one outside it does -> a wider region (plan_trust)"
        )
    if conflict is None:
        return PlanError(
            "the master program has no answer, but targets and budgets do not conflict"
        )
    return PlanError(
        "no plan reaches every target within the budgets",
        [Problem(sentence) for sentence in conflict.sentences],
    )


def frontier(
    question: PlanQuestion, weights: tuple[float, ...], *, gap: float = 0.005
) -> tuple[Plan, ...]:
    """The efficient frontier: the cheapest plan for each weight of risk, cost against CVaR."""
    return tuple(solve(replace(question, risk_weight=w), gap=gap) for w in weights)


def _in_full(
    program: Program,
    recourse: Recourse,
    gap: float,
    near: Mapping[Key, tuple[float, float]] | None,
) -> Plan:
    write_all_lines(program, recourse)
    solver = solver_of(program)
    relaxed = solver.solve(whole=False)
    found = solver.solve(whole=True, gap=gap) if any(program.integer) else relaxed
    if found.status == "infeasible":
        raise infeasible(program.question)
    if found.status != "optimal":
        raise PlanError(f"the extensive form was not solved: {found.status}")
    unfenced = None
    if near:
        whole = first_stage(program.question)
        write_all_lines(whole, Recourse(whole))
        relaxed = solver_of(whole).solve(whole=False)
        unfenced = relaxed.value
    prices = dict(enumerate(relaxed.prices))
    return plan_of(program, recourse, found.x, found.bound, prices, 0, 0, unfenced=unfenced)


def _without_fence(
    question: PlanQuestion, progress: Progress, gap: float
) -> tuple[dict[int, float], float]:
    """Dual prices and least objective of the whole program, whole numbers aside."""
    program = first_stage(question)
    recourse = Recourse(program)
    program.integer = [False] * len(program.integer)
    found = decompose(program, recourse, gap=_OF_GAP * gap, resume=progress)
    if found is None:
        raise infeasible(question)
    return _prices(program, found.master), found.bound


def _prices(program: Program, master: Highs) -> dict[int, float]:
    """Dual prices with all cuts, whole numbers aside."""
    found = master.solve(whole=False)
    return dict(enumerate(found.prices[: len(program.row_names)]))
