"""The menu of a plan: what it holds does not hang on who else plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodestone.chain.measure import Substitution
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.plan_curves import channel_measure
from lodestone.desk.plan_menu import menu
from lodestone.desk.plan_needs import asked_materials, needs_of, use_of
from lodestone.desk.plan_request import PlanRequest, read_plan, ready_plan
from lodestone.desk.worlds import world
from lodestone.plan.need import Need
from lodestone.plan.option import Option
from lodestone.terms import attribute, members
from lodestone.terms.errors import RequestError

FIRST = 2026


def asked_of(place: str, plan: PlanRequest) -> tuple[list[Need], dict[str, Option]]:
    """Needs and menu of a place in a plan that is put to it."""
    there = world(None)
    request = replace(plan, head={**plan.head, "place": place})
    who = buyer(place, there.year)
    needs, _ = needs_of(asked_materials(request, there), there, who, {})
    return needs, {o.id: o for o in menu(there, who, needs, request, FIRST)}


@pytest.mark.parametrize("plan", ["allies_four_metals", "eu_2030"])
def test_a_project_is_as_large_and_as_dear_whoever_plans(plan: str) -> None:
    request = ready_plan(plan)
    alone = [asked_of(place, request)[1] for place in ("EU27", "USA", "JPN")]
    _, together = asked_of("EU27+USA+JPN", request)
    projects = [(o, together[o.id]) for each in alone for o in each.values() if o.kind == "project"]
    assert len(projects) >= 8
    for own, joint in projects:
        assert own.effects == joint.effects
        assert (own.capital, own.running, own.avoided) == pytest.approx(
            (joint.capital, joint.running, joint.avoided)
        )


def test_an_estimate_is_a_share_of_what_the_place_of_the_programme_uses() -> None:
    """The Act's two germanium projects count for 5 % of the EU's use, in a plan of any three."""
    needs, _ = asked_of("EU27", ready_plan("allies_four_metals"))
    used = next(n.use for n in needs if n.material == "germanium")
    _, found = asked_of("EU27+USA+JPN", ready_plan("allies_four_metals"))
    (effect,) = found["project-gepeto-bel"].effects
    assert effect.tonnes == pytest.approx(attribute("plan_project_share").default * used)
    assert found["project-gepeto-bel"].note.startswith(
        "capacity not published: taken as 5% of use of EU27"
    )


def test_use_is_that_of_the_needs() -> None:
    """Titanium is listed as the metal: what is used of the ore does not count."""
    text = 'place = "EU27"\nmaterials = ["strategic"]\n'
    there, request = world(None), read_plan(text)
    asked = asked_materials(request, there)
    needs, _ = needs_of(asked, there, buyer("EU27", there.year), {})
    for need in needs:
        used = use_of(there.chain(need.material), members("EU27"), need.stages)
        assert used == pytest.approx(need.use)
    titanium = there.chain("titanium")
    assert use_of(titanium, members("EU27")) > 2.0 * next(
        n.use for n in needs if n.material == "titanium"
    )


@pytest.mark.parametrize("place", ["EU27", "EU27+USA+JPN"])
def test_what_users_do_without_is_told_in_the_tonnes_that_the_option_brings(place: str) -> None:
    """Share that is told, times what the users of its place use, is the effect; RE-GAIN among them."""
    there = world(None)
    needs, found = asked_of(place, ready_plan("allies_four_metals"))
    by_name = {need.material: need for need in needs}
    seen = set()
    for option in found.values():
        for e in option.effects:
            if e.channel != "substitution":
                continue
            need = by_name[e.material]
            told = channel_measure(there, need, e.stage, e.channel, e.tonnes, option.place)
            assert isinstance(told, Substitution)
            chain = there.chain(e.material)
            mask = np.isin(chain.places, members(told.place))
            freed = sum(
                told.share * float(s.use[mask].sum())
                for s in chain.stages
                if s.stage in told.stages
            )
            assert freed == pytest.approx(e.tonnes)
            seen.add(option.id)
    assert {"project-regain-bel", "substitution-germanium"} <= seen
    assert found["project-regain-bel"].place == "EU27"


def test_a_member_alone_does_without_no_more_than_it_uses() -> None:
    """RE-GAIN counts for 1.1 t of the EU's 22 t; Belgium by itself uses 0.7 t."""
    needs, found = asked_of("BEL", ready_plan("allies_four_metals"))
    option = found["project-regain-bel"]
    assert option.place == "BEL"
    used = next(n.use for n in needs if n.material == "germanium")
    assert option.effects[0].tonnes == pytest.approx(used)


def test_nobody_does_without_what_nobody_uses() -> None:
    needs, _ = asked_of("EU27", ready_plan("allies_four_metals"))
    need = next(n for n in needs if n.material == "germanium")
    idle = next(p for p in members("EU27") if not use_of(world(None).chain("germanium"), [p]) > 0.0)
    with pytest.raises(RequestError, match=f"{idle} uses no germanium"):
        channel_measure(world(None), need, "refine", "substitution", 1.0, idle)


def test_a_contract_of_the_users_own_stands_at_its_supplier() -> None:
    text = """
place = "EU27"
materials = ["germanium"]
[[option]]
id = "ours"
kind = "contract"
supplier = "CAN"
material = "germanium"
stage = "refine"
tonnes = 2
capital = 0
running = 1
"""
    _, found = asked_of("EU27", read_plan(text))
    assert found["ours"].place == "CAN"
    assert found["ours"].effects[0].channel == "contract:CAN"
    with pytest.raises(RequestError, match=r"option 1 \(ours\): place 'Atlantis'"):
        asked_of("EU27", read_plan(text.replace('"CAN"', '"Atlantis"')))
    with pytest.raises(RequestError, match=r"option 1 \(ours\): new, without supplier"):
        asked_of("EU27", read_plan(text.replace('supplier = "CAN"\n', "")))


def test_nobody_plans_to_do_without_more_than_is_used() -> None:
    """Belgium uses 0.7 t of germanium."""
    text = """
place = "EU27"
materials = ["germanium"]
[[option]]
id = "ours"
kind = "substitution"
place = "BEL"
material = "germanium"
stage = "refine"
tonnes = 0.6
capital = 0
running = 1
"""
    assert asked_of("EU27", read_plan(text))[1]["ours"].effects[0].tonnes == 0.6
    with pytest.raises(RequestError, match=r"0\.8 tonnes of germanium are more than BEL uses"):
        asked_of("EU27", read_plan(text.replace("0.6", "0.8")))
