"""The judge of a plan: what curves say after they were measured again, held against the market."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from lodestone.desk.plan_judging import Verdict, judged, refreshed, trust_region
from lodestone.desk.plan_problem import PlanProblem, plan_problem
from lodestone.desk.plan_request import read_plan
from lodestone.plan.outlook import StateCurve
from lodestone.plan.solution import Plan
from lodestone.plan.solve import solve

TEXT = """
name = "drawn"
place = "EU27"
materials = ["gallium", "germanium"]
first = 2026
last = 2035
"""


class Round(NamedTuple):
    """A problem, its plan, and what the market said of it."""

    problem: PlanProblem
    plan: Plan
    verdict: Verdict


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Round, Round]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODESTONE_CACHE", str(tmp_path_factory.mktemp("cache")))
        problem = plan_problem(read_plan(TEXT), as_of=date(2026, 11, 26))
        plan = solve(problem.question)
        first = Round(problem, plan, judged(problem, plan))
        again = refreshed(problem, plan)
        next_plan = solve(again.question, near=trust_region(plan))
        yield first, Round(again, next_plan, judged(again, next_plan))


def loss(curve: StateCurve, relief: float) -> float:
    """The larger of price cost and output lost, by the lines of a state."""
    price = float((curve.price[:, 0] + curve.price[:, 1] * relief).max())
    if not curve.sectors.size:
        return price
    each = (curve.sectors[:, :, 0] + curve.sectors[:, :, 1] * relief).max(axis=1)
    return max(price, float(each.sum()))


def test_years_before_anything_is_built_keep_their_losses(rounds: tuple[Round, Round]) -> None:
    """At no relief a curve says what the market says without a plan, within a fifth."""
    problem = rounds[1].problem
    for m, need in enumerate(problem.question.needs):
        market, curves = problem.markets[need.material], problem.question.outlook.curves[m]
        walked = np.array([market.cost(c, ()).whole for c in problem.states[need.material]])
        said = np.array([loss(curve, 0.0) for curve in curves])
        # a state of small change may be off by more: it decides nothing
        large = walked > 0.01 * walked.max()
        assert large.sum() >= 3
        assert said[large] == pytest.approx(walked[large], rel=0.2)


def test_curves_lie_under_every_walk_of_the_plan(rounds: tuple[Round, Round]) -> None:
    for of_material, curves in zip(
        rounds[1].problem.points.values(), rounds[1].problem.question.outlook.curves, strict=True
    ):
        assert any(len(points.costs) > 5 for points in of_material)
        for points, curve in zip(of_material, curves, strict=True):
            for relief, cost in zip(points.relief, points.costs, strict=True):
                assert loss(curve, relief) <= cost.whole + 1e-6 * max(abs(cost.whole), 1.0)


def test_measuring_again_brings_the_prediction_to_the_walk(rounds: tuple[Round, Round]) -> None:
    first, then = rounds
    assert abs(first.verdict.difference) > 0.15
    assert abs(then.verdict.difference) < 0.15
    assert then.verdict.walked[0] < first.plan.expected_before
