"""Decomposed against written out in full, parts against the whole, laws of targets."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.plan.random_plans import random_plan

from lodestone.plan.benders import Progress
from lodestone.plan.conflicts import conflict_of
from lodestone.plan.program import Key, first_stage
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solve import frontier, solve
from lodestone.terms.errors import PlanError

TIGHT = 1e-9


@pytest.mark.parametrize("seed", range(20))
def test_decomposed_is_the_extensive_form(seed: int) -> None:
    question = random_plan(seed)
    apart, whole = solve(question, gap=TIGHT), solve(question, gap=TIGHT, extensive=True)
    assert apart.value == pytest.approx(whole.value, rel=1e-6)
    assert sum(apart.parts.values()) == pytest.approx(apart.value, rel=1e-12)
    assert apart.bound <= apart.value * (1 + 1e-9)
    assert apart.gap <= 1e-8


@pytest.mark.parametrize("seed", range(6))
def test_losses_of_a_plan_are_those_of_its_lines(seed: int) -> None:
    """Expected losses and CVaR, worked out again from the question and what is held."""
    plan = solve(random_plan(seed), gap=TIGHT)
    q = plan.question
    losses = np.zeros(q.outlook.probability.size)
    for s in range(losses.size):
        for y in range(len(q.years)):
            losses[s] += q.discount(y) * _year(plan, s, y)
    assert plan.scenario_losses == pytest.approx(losses, rel=1e-7)
    expected = float(q.outlook.probability @ losses)
    assert plan.parts["expected losses"] == pytest.approx(expected, rel=1e-7)
    assert plan.parts["tail"] == pytest.approx(q.risk_weight * _cvar(plan, losses), rel=1e-6)


def _year(plan: object, s: int, y: int) -> float:
    q = plan.question  # type: ignore[attr-defined]
    price, worst = 0.0, np.zeros(len(q.outlook.sectors))
    for m, need in enumerate(q.needs):
        k = int(q.outlook.state[s, y, m])
        if k == 0:
            continue
        curve, growth = q.outlook.curves[m][k - 1], q.growth(m, y)
        relief = sum(
            curve.reach.get((stage, channel), 0.0) * series[y]
            for (name, stage, channel), series in plan.held.items()  # type: ignore[attr-defined]
            if name == need.material
        ) / (need.use * growth)
        price += growth * max(a + b * relief for a, b in curve.price)
        each = (curve.sectors[:, :, 0] + curve.sectors[:, :, 1] * relief).max(axis=1)
        worst = np.maximum(worst, growth * each)
    return max(price, float(worst.sum()), 0.0)


def _cvar(plan: object, losses: np.ndarray) -> float:
    """By its definition as a minimum: over all candidates for VaR."""
    q = plan.question  # type: ignore[attr-defined]
    p = q.outlook.probability
    return min(v + float(p @ np.maximum(losses - v, 0.0)) / q.tail for v in (0.0, *losses.tolist()))


@pytest.mark.parametrize("seed", range(4))
def test_tightening_a_target_never_costs_less(seed: int) -> None:
    question = random_plan(seed)
    values = []
    for share in (0.2, 0.25, 0.3, 0.35):
        targets = (replace(question.targets[0], value=share), *question.targets[1:])
        values.append(solve(replace(question, targets=targets), gap=TIGHT).value)
    assert all(b >= a - 1e-6 * abs(a) for a, b in pairwise(values))


@pytest.mark.parametrize("seed", range(4))
def test_a_smaller_budget_never_costs_less(seed: int) -> None:
    question = random_plan(seed)
    whole = solve(question, gap=TIGHT)
    spent = float(whole.spending.sum())
    found = []
    for part in (0.98, 0.9):
        budgets = (replace(question.budgets[0], amount=part * spent), question.budgets[1])
        asked = replace(question, budgets=budgets)
        if conflict_of(asked) is not None:
            with pytest.raises(PlanError):
                solve(asked, gap=TIGHT)
            continue
        tight = solve(asked, gap=TIGHT)
        assert tight.value >= whole.value - 1e-6 * abs(whole.value)
        assert float(tight.spending.sum()) <= part * spent * (1 + 1e-6)
        found.append(tight.value)
    # targets leave room below what the cheapest plan spends
    assert found
    assert found == sorted(found)


def test_every_cost_of_what_is_chosen_moves_the_objective() -> None:
    question = random_plan(3)
    plan = solve(question, gap=TIGHT)
    for start in plan.starts:
        for name in ("capital", "running", "avoided"):
            option = question.options[start.option]
            value = getattr(option, name)
            if value == 0.0:
                continue
            options = list(question.options)
            options[start.option] = replace(option, **{name: value * 1.01})
            moved = solve(replace(question, options=tuple(options)), gap=TIGHT)
            assert moved.value != pytest.approx(plan.value, rel=1e-9), (option.id, name)


def test_support_is_a_transfer() -> None:
    """A floor's support moves public money to the makers, and nothing else."""
    question = random_plan(5)
    plan = solve(question, gap=TIGHT)
    options = tuple(replace(o, support=100.0) for o in question.options)
    paid = solve(replace(question, options=options, budgets=()), gap=TIGHT)
    free = solve(replace(question, budgets=()), gap=TIGHT)
    assert paid.value == pytest.approx(free.value, rel=1e-9)
    assert paid.spending.sum() == pytest.approx(free.spending.sum(), rel=1e-6)
    assert plan.value >= free.value - 1e-6


def test_a_stopped_run_goes_on_to_the_same_plan() -> None:
    question = random_plan(18)
    whole = solve(question, gap=TIGHT)
    held: list[Progress] = []

    def stop(progress: Progress) -> bool:
        held.append(progress)
        return len(held) < 2

    first = solve(question, gap=TIGHT, watch=stop)
    assert first.stopped
    again = solve(question, gap=TIGHT, resume=held[-1])
    assert again.value == pytest.approx(whole.value, rel=1e-9)
    assert again.rounds > 2


@pytest.mark.parametrize("change", [{"rate": 0.0, "risk_weight": 0.0}, {"rate": 0.2}])
def test_going_on_from_another_question_proves_nothing_of_this_one(
    change: dict[str, float],
) -> None:
    """Points are taken over, bounds are not: a bound of another question may pass this value."""
    question = random_plan(18)
    held: list[Progress] = []
    solve(question, gap=1e-6, watch=lambda progress: held.append(progress))
    other = replace(question, **change)
    whole, again = solve(other, gap=1e-6), solve(other, gap=1e-6, resume=held[-1])
    assert again.value == pytest.approx(whole.value, rel=3e-6)
    assert again.bound <= again.value * (1 + 1e-9)
    assert again.gap <= 1e-6
    with pytest.raises(PlanError, match="another plan"):
        solve(random_plan(18, materials=2), resume=held[-1])


def test_a_bound_above_its_value_is_refused() -> None:
    plan = solve(random_plan(0), gap=TIGHT)
    with pytest.raises(PlanError, match="nothing is proved"):
        replace(plan, bound=plan.value + 1e-5 * abs(plan.value))


def test_the_same_question_gives_the_same_plan() -> None:
    a, b = (solve(random_plan(7), gap=TIGHT) for _ in range(2))
    assert a.starts == b.starts
    assert a.parts == b.parts


def test_more_weight_on_risk_never_raises_the_tail() -> None:
    question = replace(random_plan(2), targets=(), budgets=())
    points = frontier(question, (0.0, 0.5, 1.0, 4.0), gap=TIGHT)
    tails = [p.cvar for p in points]
    costs = [p.value - p.parts["tail"] for p in points]
    assert all(b <= a + 1e-6 * abs(a) for a, b in pairwise(tails))
    assert all(b >= a - 1e-6 * abs(a) for a, b in pairwise(costs))


def fence(question: PlanQuestion, least: float, most: float) -> dict[Key, tuple[float, float]]:
    """A trust region of parts of use, the same for everything that can be held."""
    use = {need.material: need.use for need in question.needs}
    have = [key for key in first_stage(question).at if key[0] == "have"]
    return {key: (least * use[key[1]], most * use[key[1]]) for key in have}


@pytest.mark.parametrize("seed", range(4))
def test_prices_are_of_the_whole_program_and_the_gap_of_the_region(seed: int) -> None:
    question = random_plan(seed)
    near = fence(question, 0.0, 0.3)
    free, fenced = solve(question, gap=TIGHT), solve(question, gap=TIGHT, near=near)
    written = solve(question, gap=TIGHT, near=near, extensive=True)
    assert free.unfenced is None
    assert fenced.unfenced is not None
    # a relaxation of a relaxation, and the same number written out in full
    assert fenced.unfenced <= free.value * (1 + 1e-9) <= fenced.value * (1 + 1e-6)
    assert fenced.unfenced == pytest.approx(written.unfenced, rel=1e-6)
    assert fenced.value == pytest.approx(written.value, rel=1e-6)
    assert fenced.bound <= fenced.value * (1 + 1e-9)
    for ours, theirs in zip(fenced.targets, free.targets, strict=True):
        assert ours.price == pytest.approx(theirs.price, rel=1e-6, abs=1e-6)
    assert fenced.budget_prices == pytest.approx(free.budget_prices, rel=1e-6, abs=1e-6)
    for (name, stage, channel), series in fenced.held.items():
        for y, tonnes in enumerate(series):
            least, most = near.get(("have", name, stage, channel, y), (0.0, 0.0))
            assert least - 1e-6 <= tonnes <= most + 1e-6 * most


def test_a_region_that_leaves_out_the_targets_says_so() -> None:
    question = random_plan(0)
    assert conflict_of(question) is None
    with pytest.raises(PlanError, match="within the trust region"):
        solve(question, gap=TIGHT, near=fence(question, 0.0, 0.0))


def test_what_can_be_met_has_no_conflict() -> None:
    assert conflict_of(random_plan(0)) is None
