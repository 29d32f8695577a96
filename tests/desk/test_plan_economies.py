"""A plan for a sum of places: losses by the tables of its members, from one walk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from lodestone.desk.assess_buyer import buyer
from lodestone.desk.plan_curves import Market
from lodestone.desk.plan_economies import plan_economies, sector_names
from lodestone.desk.plan_problem import PlanProblem, plan_problem
from lodestone.desk.plan_request import read_plan
from lodestone.plan.program import first_stage
from lodestone.plan.recourse import Recourse

TEXT = """
place = "EU27+USA"
materials = ["gallium"]
first = 2026
last = 2028

[[scenario]]
probability = 0.2
[[scenario.cut]]
supplier = "CHN"
materials = ["gallium"]
year = 2027

[[scenario]]
probability = 0.2
[[scenario.cut]]
supplier = "CHN"
materials = ["gallium"]
year = 2027
severity = 0.4
months = 6
"""
YEAR = 2024


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlanProblem]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODESTONE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield plan_problem(read_plan(TEXT), as_of=date(2026, 11, 26))


def test_a_place_with_a_table_has_that_one() -> None:
    (one,) = plan_economies(buyer("EU27"), YEAR)
    assert one.table is not None
    assert one.who.id == "EU27"
    assert sector_names([one]) == tuple(one.table.names)


@pytest.mark.parametrize("name", ["EU27+USA+JPN", "ALLIANCE", "JPN+DEU+EU27+USA"])
def test_a_sum_has_those_of_its_members_each_place_once(name: str) -> None:
    who = buyer(name, YEAR)
    found = plan_economies(who, YEAR)
    assert {one.who.id for one in found} == {"EU27", "USA", "JPN"}
    assert sorted(p for one in found for p in one.who.members) == sorted(who.members)
    assert any(n.startswith("USA: ") for n in sector_names(found))


def test_who_has_no_table_stands_for_price_costs_alone() -> None:
    found = plan_economies(buyer("USA+KAZ+UZB"), YEAR)
    assert [(one.who.id, one.table is None) for one in found] == [("USA", False), ("KAZ+UZB", True)]
    assert [one.who.id for one in plan_economies(buyer("KAZ+UZB"), YEAR)] == ["KAZ+UZB"]


def test_sector_losses_of_a_sum_are_those_of_its_members(problem: PlanProblem) -> None:
    """In every state, walked with nothing built: the same path looked at by each alone."""
    need, there = problem.question.needs[0], problem.there
    together = Market(there, problem.who, need, problem.economies)
    alone = [Market(there, one.who, need, [one]) for one in problem.economies]
    states = {state.cuts for state in problem.states["gallium"]}
    assert states
    for cuts in sorted(states):
        found = together.cost(cuts, ())
        each = [market.cost(cuts, ()) for market in alone]
        assert found.price == pytest.approx(sum(c.price for c in each), rel=1e-9)
        sectors = np.concatenate([c.sectors for c in each])
        assert found.sectors == pytest.approx(sectors, rel=1e-9)
        assert float(found.sectors.sum()) > 0.0


def test_tables_never_make_the_loss_smaller_than_price_costs(problem: PlanProblem) -> None:
    """With no plan at all, in every scenario."""
    from dataclasses import replace

    q = problem.question
    bare = tuple(
        tuple(replace(c, sectors=np.zeros((0, 1, 2))) for c in curves)
        for curves in q.outlook.curves
    )
    priced = replace(q, outlook=replace(q.outlook, curves=bare, sectors=()))
    both = [_without_plan(question) for question in (q, priced)]
    assert (both[0] >= both[1] - 1e-9).all()
    assert both[0].sum() > both[1].sum()


def _without_plan(question: object) -> np.ndarray:
    recourse = Recourse(first_stage(question))  # type: ignore[arg-type]
    x = recourse.complete(np.zeros(len(recourse.program.keys)))
    year = np.array([x[recourse.program.at["year", e]] for e in range(len(recourse.events))])
    return recourse.scenario_losses(year)
