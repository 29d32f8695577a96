"""Three plans worked by hand in docs/methods/plan.md."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodestone.desk.plan_curves import channels_of
from lodestone.plan.need import Need
from lodestone.plan.option import Effect, Option
from lodestone.plan.outlook import Outlook, StateCurve, convex_lines
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solve import solve
from lodestone.plan.target import Budget, Target


def question(
    *targets: Target,
    budgets: tuple[Budget, ...] = (),
    probability: float = 0.25,
    weight: float = 0.0,
    divisible: bool = True,
) -> PlanQuestion:
    """One year, 100 t of one metal, a cut in one year of four that costs 80 - 200 relief."""
    need = Need(
        "gallium",
        100.0,
        price=1e6,
        steps={"refine": 10.0},
        supply={"refine": 100.0},
        shares={"refine": {"CHN": 0.9}},
    )
    refinery = Option(
        "refinery",
        "refinery",
        "refinery",
        (Effect("gallium", "refine", "refine", 50.0),),
        2030,
        100.0,
        45.0,
        40.0,
        divisible=divisible,
        build_years=1,
        life=10,
        ramp=1.0,
    )
    stock = Option(
        "stock",
        "stock",
        "stock",
        (Effect("gallium", "refine", "stock", 50.0),),
        2030,
        50.0,
        2.0,
        0.0,
        build_years=1,
        life=99,
        ramp=1.0,
    )
    curve = StateCurve(
        "CHN 100 % 12 months",
        {("refine", "refine"): 1.0, ("refine", "stock"): 0.5},
        np.array([[80.0, -200.0], [0.0, 0.0]]),
        np.zeros((0, 0, 2)),
    )
    return PlanQuestion(
        (2030,),
        2030,
        (need,),
        (refinery, stock),
        targets,
        budgets,
        Outlook(
            np.array([1.0 - probability, probability]),
            np.array([[[0]], [[1]]]),
            ((curve,),),
        ),
        rate=0.0,
        risk_weight=weight,
        tail=probability,
    )


def test_the_refinery_is_worth_what_it_avoids() -> None:
    """Whole refinery: capital 100/10 = 10 a year, running 45, purchases avoided 40: net 15.

    It relieves 0.5 of use, which a cut needs only 0.4 of: four fifths of it stop the loss of 80.
    They cost 12 and save 0.25 * 80 = 20. The stock reaches half as far: whole, 0.25 relief, it
    costs 0 interest + 2 storage and saves 0.25 * 50 = 12.5. Stock first, then the rest by refinery:
    0.15 relief is three tenths of it, 4.5. In all 6.5, and no loss.
    """
    plan = solve(question(), gap=1e-9)
    assert {plan.question.options[s.option].id: s.share for s in plan.starts} == {
        "refinery": pytest.approx(0.3),
        "stock": pytest.approx(1.0),
    }
    assert plan.parts["capital"] == pytest.approx(3.0)
    assert plan.parts["running"] == pytest.approx(13.5)
    assert plan.parts["avoided purchases"] == pytest.approx(-12.0)
    assert plan.parts["stocks"] == pytest.approx(2.0)
    assert plan.parts["expected losses"] == pytest.approx(0.0, abs=1e-9)
    assert plan.value == pytest.approx(6.5)
    assert plan.expected_before == pytest.approx(20.0)
    assert plan.cvar_before == pytest.approx(80.0)


def test_the_same_channel_at_two_stages_is_two_ways_in() -> None:
    """A smelter at 14 a year would be cheaper than the refinery at 15, but its tonnes reach nobody."""
    q = question()
    effect = Effect("gallium", "smelt", "refine", 50.0)
    smelter = replace(q.options[0], id="smelter", effects=(effect,), running=44.0)
    plan = solve(replace(q, options=(*q.options, smelter)), gap=1e-9)
    assert {plan.question.options[s.option].id for s in plan.starts} == {"refinery", "stock"}
    assert plan.value == pytest.approx(6.5)
    two = channels_of((q.options[0], smelter), "gallium")
    assert [c.name for c in two.values()] == ["refine (refine)", "refine (smelt)"]


def test_all_or_nothing() -> None:
    """A refinery that cannot be had in part costs 15: the stock alone leaves 0.25 * 30 = 7.5.

    2 + 7.5 = 9.5 against 2 + 15 = 17 with both, and 15 with the refinery alone.
    """
    plan = solve(question(divisible=False), gap=1e-9)
    assert [plan.question.options[s.option].id for s in plan.starts] == ["stock"]
    assert plan.value == pytest.approx(9.5)


def test_a_target_and_its_price() -> None:
    """40 % processing: 10 t are made, 30 more are six tenths of the refinery: 9; the stock 0.1 relief.

    A relief of 0.4 needs 0.1 more, two fifths of the stock: 0.8. In all 9.8. One per cent more is
    1 t, 2 % of the refinery: 0.3 more, and 0.01 relief less from the stock, 0.08 less: 0.22.
    """
    plan = solve(question(Target("processing", 0.4, 2030)), gap=1e-9)
    assert plan.value == pytest.approx(9.8)
    assert plan.targets[0].before == pytest.approx(0.1)
    assert plan.targets[0].after == pytest.approx(0.4)
    assert plan.targets[0].price == pytest.approx(0.22)


def test_a_budget_and_its_price() -> None:
    """50 million buy the stock or half the refinery.

    A million of stock brings 0.005 relief for 0.04 and saves 0.25: 0.21 a million. A million of
    the refinery brings 0.005 relief for 0.15 and saves 0.25: 0.10. So all goes into the stock:
    2 + 0.25 * 30 = 9.5, and one more million would save 0.10.
    """
    plan = solve(question(budgets=(Budget(50.0),)), gap=1e-9)
    assert plan.value == pytest.approx(9.5)
    assert plan.budget_prices[0] == pytest.approx(0.1)


def test_weight_on_the_worst_year() -> None:
    """All or nothing again; CVaR of the worst quarter is the loss in a cut. Weight 1 adds it whole.

    Stock alone: 9.5 + 30. Both: 17. Refinery alone: 15 + 0. So it is built, without the stock.
    """
    plan = solve(question(divisible=False, weight=1.0), gap=1e-9)
    assert [plan.question.options[s.option].id for s in plan.starts] == ["refinery"]
    assert plan.value == pytest.approx(15.0)
    assert plan.cvar == pytest.approx(0.0, abs=1e-9)


def test_lines_under_points() -> None:
    """Falls by 10, then by 2 a tenth, then rises: the lowest holds from there on.

    (0, 20), (0.1, 10), (0.2, 8) make 20 - 100 x and 12 - 20 x; (0.1, 14) and (0.15, 9.5) lie above.
    Rises to 9 and 12 beyond are noise: 8 stays, as the lowest of two walks at one relief.
    """
    x = (0.0, 0.1, 0.1, 0.15, 0.2, 0.2, 0.3, 0.4)
    y = (20.0, 14.0, 10.0, 9.5, 8.0, 8.5, 9.0, 12.0)
    lines = convex_lines(x, y, 0.0)
    at = [float((lines[:, 0] + lines[:, 1] * r).max()) for r in (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 2)]
    assert at == pytest.approx([20.0, 15.0, 10.0, 9.0, 8.0, 8.0, 8.0])
    # what still falls at the last point goes on to the floor
    falling = convex_lines(x[:5], y[:5], 3.0)
    assert float((falling[:, 0] + falling[:, 1] * 0.4).max()) == pytest.approx(4.0)
    assert float((falling[:, 0] + falling[:, 1] * 2.0).max()) == pytest.approx(3.0)
    # one walk alone says the same everywhere
    assert convex_lines([0.0], [5.0], 0.0)[:, 0].max() == 5.0


@pytest.mark.parametrize(
    ("last", "beyond"),
    # falls by 1 a tenth at the end: on to the floor; ends flat, or rises: what was seen last stays
    [(4.0, 0.0), (5.0, 5.0), (6.0, 5.0)],
)
def test_only_what_still_falls_goes_on_to_the_floor(last: float, beyond: float) -> None:
    lines = convex_lines((0.0, 0.1, 0.2), (10.0, 5.0, last), 0.0)
    at = [float((lines[:, 0] + lines[:, 1] * r).max()) for r in (0.0, 0.1, 0.2, 3.0)]
    assert at == pytest.approx([10.0, 5.0, min(last, 5.0), beyond])


def test_a_loss_that_no_relief_moves_stays() -> None:
    lines = convex_lines((-0.2, 0.0, 0.2), (5.0, 5.0, 5.0), 0.0)
    assert [float((lines[:, 0] + lines[:, 1] * r).max()) for r in (-1.0, 0.0, 1.0)] == [5.0] * 3
