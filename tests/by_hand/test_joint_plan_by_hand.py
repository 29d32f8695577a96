"""The joint plan worked by hand in docs/methods/alliance.md: a plant that pays only together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodestone.alliance.nucleolus import nucleolus
from lodestone.alliance.shapley import shapley
from lodestone.alliance.structures import game_of_structures
from lodestone.desk.joint_rows import _by_stage, _money
from lodestone.desk.joint_walks import parts_given, saved_by_sharing, standing, start_costs
from lodestone.plan.need import Need
from lodestone.plan.option import Effect, Option
from lodestone.plan.outlook import Outlook, StateCurve
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solution import Start
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


def test_a_plant_that_two_plan_in_parts_is_paid_as_it_stands() -> None:
    """Half from 2030 for one, the whole from 2031 for the other; a year of it costs 15 net.

    Half stands in 2030 and the whole in 2031: 7.5 + 15 = 22.5, a third for who planned half of it. By
    themselves they would pay 15 each.
    """
    base = question(1)
    plant = replace(base.options[0], divisible=True, place="AUS")
    state = np.zeros((2, 2, 1), dtype=np.int64)
    q = replace(
        base, years=(2030, 2031), options=(plant,), outlook=replace(base.outlook, state=state)
    )
    plan = solve(q)
    first = replace(plan, starts=(Start(0, 2030, 0.5),))
    then = replace(plan, starts=(Start(0, 2031, 1.0),))
    plans = [first, then]
    assert start_costs(first) == {("refinery", 2030): pytest.approx(30.0)}
    assert [(s.year, s.part) for s in standing(plans)] == [(2030, 0.5), (2031, 0.5)]
    saved = saved_by_sharing(plans)
    assert saved == pytest.approx([15.0 - 7.5, 15.0 - 15.0])
    assert saved_by_sharing(plans[::-1]) == pytest.approx(saved[::-1])
    # the largest first: the other adds nothing
    early = replace(plan, starts=(Start(0, 2030, 1.0),))
    assert [(s.year, s.part) for s in standing([early, then])] == [(2030, 1.0)]
    assert saved_by_sharing([early, then]) == pytest.approx([30.0 - 15.0, 15.0 - 15.0])
    # by itself each pays what it starts
    assert saved_by_sharing([first]) == [0.0]
    # capital and tonnes by place are of what stands
    assert _money(plans) == {"AUS": {"capital": 100.0, "stocks": 0.0, "premiums": 0.0}}
    assert _by_stage(plans) == {("gallium", "refine", "refinery", "AUS"): 50.0}


def test_a_supplier_gives_all_buyers_together_what_it_has() -> None:
    """30 t for all; one agrees 30 t at 3 a year, the other half of that: each gets two thirds.

    So 20 t and 10 t arrive, and a third of 3 and of 1.5 is not paid.
    """
    contract = Option(
        "contract-gallium-KAZ",
        "contract",
        "contract",
        (Effect("gallium", "refine", "contract:KAZ", 30.0),),
        2030,
        0.0,
        3.0,
        0.0,
        build_years=0,
        ramp=1.0,
        place="KAZ",
        ceiling=30.0,
    )
    plan = solve(replace(question(1), options=(contract,)))
    one = replace(plan, starts=(Start(0, 2030, 1.0),))
    half = replace(plan, starts=(Start(0, 2030, 0.5),))
    assert parts_given([one, half]) == {("contract-gallium-KAZ", "KAZ"): pytest.approx(2.0 / 3.0)}
    assert saved_by_sharing([one, half]) == pytest.approx([1.0, 0.5])
    assert _by_stage([one, half]) == {("gallium", "refine", "contract", "KAZ"): pytest.approx(30.0)}
    assert _money([one, half])["KAZ"]["premiums"] == pytest.approx(3.0)
    # what fits is given in full, and so is what one alone agrees by the user's own tonnes
    assert not parts_given([half, half])
    larger = replace(contract, ceiling=20.0)
    own = replace(plan, question=replace(plan.question, options=(larger,)), starts=one.starts)
    assert not parts_given([own])
