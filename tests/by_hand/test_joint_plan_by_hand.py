"""The joint plan worked by hand in docs/methods/alliance.md: a plant that pays only together."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.alliance.nucleolus import nucleolus
from lodestone.alliance.shapley import shapley
from lodestone.alliance.structures import game_of_structures
from lodestone.plan.need import Need
from lodestone.plan.option import Effect, Option
from lodestone.plan.outlook import Outlook, StateCurve
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solve import solve


def question(members: int) -> PlanQuestion:
    """One year; each member uses 50 t, and a cut in one year of four costs it 40 - 80 relief.

    A refinery of 50 t, all or nothing: capital 100 over ten years is 10, running 45, purchases
    avoided 40: net 15.
    """
    refinery = Option(
        "refinery",
        "refinery",
        "refinery",
        (Effect("gallium", "refine", "refine", 50.0),),
        2030,
        100.0,
        45.0,
        40.0,
        divisible=False,
        build_years=1,
        life=10,
        ramp=1.0,
    )
    curve = StateCurve(
        "CHN 100 % 12 months",
        {("refine", "refine"): 1.0},
        np.array([[40.0 * members, -80.0 * members], [0.0, 0.0]]),
        np.zeros((0, 0, 2)),
    )
    return PlanQuestion(
        (2030,),
        2030,
        (Need("gallium", 50.0 * members, price=1e6),),
        (refinery,),
        (),
        (),
        Outlook(np.array([0.75, 0.25]), np.array([[[0]], [[1]]]), ((curve,),)),
        rate=0.0,
        risk_weight=0.0,
        tail=0.25,
    )


def test_a_plant_that_pays_only_together() -> None:
    """Alone it saves 0.25 * 40 = 10 for 15; together half of all use, so 20 for 15."""
    alone, joint = solve(question(1)), solve(question(2))
    assert not alone.starts
    assert alone.value == pytest.approx(10.0)
    (start,) = joint.starts
    assert start.share == 1.0
    assert joint.value == pytest.approx(15.0)
    assert joint.expected == pytest.approx(0.0, abs=1e-9)
    found = game_of_structures(
        ("A", "B"),
        {(1, 2): np.full(2, alone.value), (3,): np.full(2, joint.value / 2.0)},
    )
    assert found.chosen[3] == (3,)
    assert found.game.of("AB") == pytest.approx(5.0)
    assert shapley(found.game) == pytest.approx([2.5, 2.5])
    assert nucleolus(found.game) == pytest.approx([2.5, 2.5])
