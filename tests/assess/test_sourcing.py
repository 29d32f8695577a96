"""EC inputs from a baseline: by hand, and for blocs by adding up."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.assess.ec_supply_risk import supply_risk
from lodestone.assess.flows import Flows
from lodestone.assess.panel import Node, Panel
from lodestone.assess.sourcing import supply_risk_inputs

NODES = (Node("cobalt", "mine"),)
PLACES = ("AAA", "BBB", "CCC", "DDD")
WEIGHT = np.array([[8.0], [6.0], [2.0], [1.0]])
BLOCS = {"CD": ("CCC", "DDD")}
T = np.array([1.5, 1.0, 0.8, 0.8])


def world() -> Panel:
    return Panel(NODES, PLACES, (2024,), np.array([[[60.0], [30.0], [10.0], [0.0]]]))


def trade() -> Flows:
    """AAA sells to both buyers, in two customs codes to CCC; CCC sells on to DDD."""
    flows = [("AAA", "CCC", 10.0), ("AAA", "CCC", 10.0), ("BBB", "CCC", 10.0)]
    flows += [("AAA", "DDD", 15.0), ("CCC", "DDD", 5.0)]
    return Flows.from_columns(
        NODES,
        PLACES,
        (2024,),
        node=NODES * 5,
        year=[2024] * 5,
        exporter=[f[0] for f in flows],
        importer=[f[1] for f in flows],
        tonnes=[f[2] for f in flows],
    )


def one(value: float) -> Panel:
    return Panel(NODES, ("WLD",), (2024,), np.full((1, 1, 1), value))


def test_by_hand_for_a_country_and_a_bloc() -> None:
    inputs = supply_risk_inputs(
        world(), trade(), WEIGHT, one(0.1), one(0.9), blocs=BLOCS, trade_parameter=T
    )
    at = ("cobalt", "mine")
    assert inputs.hhi_global.at(*at, "WLD", 2024) == pytest.approx(
        0.36 * 12.0 + 0.09 * 6.0 + 0.01 * 1.6
    )
    # CCC: 20 from AAA, 10 from BBB, 10 of its own
    assert inputs.hhi_sourcing.at(*at, "CCC", 2024) == pytest.approx(
        (400 * 12.0 + 100 * 6.0 + 100 * 1.6) / 1600
    )
    # the bloc: 35 from AAA, 10 from BBB, 10 of CCC's own; what CCC sells DDD stays inside
    assert inputs.hhi_sourcing.at(*at, "CD", 2024) == pytest.approx(
        (1225 * 12.0 + 100 * 6.0 + 100 * 1.6) / 55**2
    )
    assert inputs.import_reliance.at(*at, "CCC", 2024) == pytest.approx(25.0 / 35.0)
    assert inputs.import_reliance.at(*at, "CD", 2024) == pytest.approx(45.0 / 55.0)
    assert inputs.import_reliance.at(*at, "AAA", 2024) == 0.0
    score = supply_risk(inputs).chosen.panel.at(*at, "CD", 2024)
    ir, hhi_eu = 45.0 / 55.0, (1225 * 12.0 + 700 - 100 + 160) / 55**2
    assert score == pytest.approx((4.876 * ir / 2 + hhi_eu * (1 - ir / 2)) * 0.9 * 0.9)


def test_a_bloc_of_one_is_the_country() -> None:
    inputs = supply_risk_inputs(
        world(), trade(), WEIGHT, one(0.1), one(0.9), blocs={"ONE": ("CCC",)}
    )
    for panel in (inputs.hhi_sourcing, inputs.import_reliance):
        assert panel.at("cobalt", "mine", "ONE", 2024) == pytest.approx(
            panel.at("cobalt", "mine", "CCC", 2024)
        )


def test_a_source_without_governance_makes_its_buyers_unknown() -> None:
    weight = WEIGHT.copy()
    weight[1] = np.nan
    inputs = supply_risk_inputs(world(), trade(), weight, one(0.1), one(0.9))
    assert inputs.hhi_sourcing.at("cobalt", "mine", "CCC", 2024) is None
    assert inputs.hhi_sourcing.at("cobalt", "mine", "DDD", 2024) is not None
    assert inputs.hhi_global.at("cobalt", "mine", "WLD", 2024) is None
