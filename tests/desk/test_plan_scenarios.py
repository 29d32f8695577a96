"""Scenarios of a plan: those that a person gives stand as they are given."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lodestone.desk.assess_buyer import buyer
from lodestone.desk.plan_scenarios import DEPTHS, MONTHS, Drawn, drawn_scenarios, given_scenarios
from lodestone.desk.worlds import world
from lodestone.plan.need import Need
from lodestone.terms.errors import RequestError

DAY = date(2026, 11, 26)
YEARS = range(2026, 2031)


def given(*cuts: dict[str, Any], materials: tuple[str, ...] = ("gallium",)) -> Drawn:
    there = world(None)
    scenario = {"probability": 0.5, "cut": [{"materials": ["all"], **cut} for cut in cuts]}
    return given_scenarios([scenario], there, buyer("EU27", there.year), materials, YEARS, DAY)


@pytest.mark.parametrize(
    ("severity", "months", "years"),
    [
        (0.05, 1, [1]),
        (0.05, 3, [3]),
        (0.55, 12, [12]),
        (1.0, 13, [12, 1]),
        (0.7, 18, [12, 6]),
        (1.0, 120, [12, 12, 12]),  # to the end of the plan
    ],
)
def test_a_given_cut_is_as_deep_and_as_long_as_stated(
    severity: float, months: int, years: list[int]
) -> None:
    found = given({"supplier": "CHN", "year": 2028, "severity": severity, "months": months})
    assert found.cuts == {
        (0, 2 + later, "gallium"): (("CHN", severity, here),) for later, here in enumerate(years)
    }


def test_drawn_cuts_are_rounded_to_what_is_walked() -> None:
    there = world(None)
    needs = [Need("gallium", 141.0, shares={"refine": {"CHN": 0.7}})]
    found = drawn_scenarios(there, buyer("EU27", there.year), needs, 5, 200, 0, DAY)
    cuts = {(depth, months) for held in found.cuts.values() for _, depth, months in held}
    assert cuts
    assert cuts <= {(depth, months) for depth in DEPTHS for months in MONTHS}


def test_all_materials_are_those_that_the_supplier_exports() -> None:
    """Chile exports lithium and no gallium."""
    materials = ("gallium", "lithium")
    found = given({"supplier": "CHL", "year": 2028}, materials=materials)
    assert {name for _, _, name in found.cuts} == {"lithium"}
    with pytest.raises(RequestError, match="scenario 1, cut 1: CHL exports no gallium"):
        given(
            {"supplier": "CHL", "year": 2028, "materials": ["lithium", "gallium"]},
            materials=materials,
        )
    with pytest.raises(RequestError, match="FJI exports no gallium, lithium"):
        given({"supplier": "FJI", "year": 2028}, materials=materials)
