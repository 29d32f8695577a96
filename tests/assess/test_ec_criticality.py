"""EC supply risk, bottleneck, economic importance and the test, by hand and by law."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_panel import make_panel

from lodestone.assess.assessment import Assessment, gaps
from lodestone.assess.ec_criticality import EndUses, criticality, economic_importance
from lodestone.assess.ec_supply_risk import (
    SupplyRiskInputs,
    SupplyUsed,
    bottleneck,
    group_mean,
    import_reliance,
    supply_risk,
)
from lodestone.assess.panel import Node, Panel
from lodestone.terms.errors import DataError

NODE = Node("cobalt", "mine")
SHARE = st.floats(0.0, 1.0)


def inputs(
    hhi_global: float = 3.6,
    hhi_sourcing: float = 1.3,
    reliance: float = 0.32,
    eol: float = 0.2,
    substitution: float = 0.9,
    used: SupplyUsed = SupplyUsed.BOTH,
) -> SupplyRiskInputs:
    return SupplyRiskInputs(
        make_panel(["WLD"], [hhi_global]),
        make_panel(["EU27"], [hhi_sourcing]),
        make_panel(["EU27"], [reliance]),
        make_panel(["EU27"], [eol]),
        make_panel(["WLD"], [substitution]),
        {NODE: used},
    )


def score(given_inputs: SupplyRiskInputs) -> float | None:
    return supply_risk(given_inputs).chosen.panel.at("cobalt", "mine", "EU27", 2024)


def test_the_three_variants_by_hand() -> None:
    left = 0.8 * 0.9
    assert score(inputs()) == pytest.approx((3.6 * 0.16 + 1.3 * 0.84) * left)
    assert score(inputs(used=SupplyUsed.GLOBAL)) == pytest.approx(3.6 * left)
    assert score(inputs(used=SupplyUsed.SOURCING)) == pytest.approx(1.3 * left)


def test_full_import_reliance_weighs_both_halves() -> None:
    assert score(inputs(reliance=1.0, eol=0.0, substitution=1.0)) == pytest.approx((3.6 + 1.3) / 2)


def test_an_input_that_the_variant_does_not_use_may_be_unknown() -> None:
    assert score(inputs(hhi_sourcing=np.nan, used=SupplyUsed.GLOBAL)) is not None
    assert score(inputs(hhi_sourcing=np.nan)) is None
    assert score(inputs(eol=np.nan, used=SupplyUsed.GLOBAL)) is None


def test_percentages_are_refused() -> None:
    with pytest.raises(DataError, match="import_reliance"):
        inputs(reliance=32.0)


@given(SHARE, SHARE, SHARE, st.floats(0.0, 0.3))
def test_the_band_is_that_of_every_corner(ir: float, eol: float, si: float, error: float) -> None:
    """Exact by a denser search: no point inside the box leaves the band."""

    def banded(place: str, value: float, top: float) -> Panel:
        low, high = max(0.0, value - error), min(top, value + error)
        return make_panel([place], [value], low=[low], high=[high])

    box = {
        "hhi_global": banded("WLD", 3.6, 15.0),
        "hhi_sourcing": banded("EU27", 1.3, 15.0),
        "import_reliance": banded("EU27", ir, 1.0),
        "eol_rir": banded("EU27", eol, 1.0),
        "substitution": banded("WLD", si, 1.0),
    }
    answer = supply_risk(SupplyRiskInputs(**box, supply_used={})).chosen.panel
    low, high = (float(b[0, 0, 0]) for b in answer.bounds)
    for weights in product((0.0, 0.5, 1.0), repeat=5):
        g, e, r, x, s = (
            float(p.bounds[0][0, 0, 0]) * (1 - w) + float(p.bounds[1][0, 0, 0]) * w
            for p, w in zip(box.values(), weights, strict=True)
        )
        inside = (g * r / 2 + e * (1 - r / 2)) * (1 - x) * s
        assert low - 1e-9 <= inside <= high + 1e-9


def test_the_bottleneck_is_the_riskiest_stage_and_named() -> None:
    by_stage = _scores({("cobalt", "mine"): 1.6, ("cobalt", "refine"): 2.4, ("tin", "mine"): 0.5})
    worst = bottleneck(by_stage)
    assert worst.panel.at("cobalt", "bottleneck", "EU27", 2024) == 2.4
    assert worst.remark is not None
    assert worst.remark.at((0, 0, 0)) == "bottleneck: refine"
    assert worst.panel.at("tin", "bottleneck", "EU27", 2024) == 0.5


def test_an_unknown_stage_leaves_a_lower_bound_that_says_so() -> None:
    worst = bottleneck(_scores({("cobalt", "mine"): 1.6, ("cobalt", "refine"): np.nan}))
    assert worst.panel.at("cobalt", "bottleneck", "EU27", 2024) == 1.6
    assert worst.remark is not None
    assert "at least" in worst.remark.at((0, 0, 0))
    nothing = bottleneck(_scores({("cobalt", "mine"): np.nan}))
    assert nothing.panel.at("cobalt", "bottleneck", "EU27", 2024) is None


def test_a_group_with_an_unknown_member_is_unknown() -> None:
    scores = _scores({("ce", "mine"): 5.7, ("la", "mine"): np.nan})
    mean = group_mean(scores, {"lree": ("ce", "la")})
    assert mean.panel.at("lree", "mine", "EU27", 2024) is None
    with pytest.raises(DataError, match="'nd'"):
        group_mean(scores, {"lree": ("ce", "nd")})


def test_import_reliance_of_a_net_exporter_is_nil() -> None:
    production, net = np.array([10.0, 10.0, 0.0, np.nan]), np.array([30.0, -5.0, 0.0, 1.0])
    np.testing.assert_allclose(import_reliance(production, net), [0.75, 0.0, np.nan, np.nan])


def test_economic_importance_by_hand() -> None:
    uses = EndUses(
        ("cobalt", "tin"),
        ("C25", "C26"),
        np.array([[0.25, 0.75], [0.5, 0.4]]),
        np.array([100.0, 50.0]),
        200.0,
    )
    answer = economic_importance(uses, {"cobalt": 0.9}, year=2024)
    assert answer.panel.at("cobalt", "use", "EU27", 2024) == pytest.approx(
        0.9 * (0.25 * 5.0 + 0.75 * 2.5)
    )
    assert answer.panel.at("tin", "use", "EU27", 2024) is None
    incomplete = economic_importance(uses, {"tin": 1.0}, year=2024)
    assert incomplete.remark is not None
    assert incomplete.remark.at((1, 0, 0)) == "use shares sum to 0.90"


def test_a_sector_of_unknown_worth_leaves_the_score_unknown() -> None:
    uses = EndUses(
        ("cobalt",), ("C25", "C26"), np.array([[0.5, 0.5]]), np.array([100.0, np.nan]), 100.0
    )
    answer = economic_importance(uses, {"cobalt": 1.0}, year=2024)
    assert answer.panel.at("cobalt", "use", "EU27", 2024) is None


def test_the_test_stands_on_its_thresholds() -> None:
    tested = criticality(
        {"on both": 1.0, "low risk": 0.99, "low worth": 3.0, "named": 0.1, "half known": 2.0},
        {"on both": 2.8, "low risk": 9.0, "low worth": 2.79, "named": 4.0, "half known": None},
        ["named"],
    )
    assert {c.material: c.critical for c in tested} == {
        "on both": True,
        "low risk": False,
        "low worth": False,
        "named": True,
        "half known": None,
    }


def _scores(values: dict[tuple[str, str], float]) -> Assessment:
    array = np.array(list(values.values()))[:, None, None]
    nodes = tuple(Node(*key) for key in values)
    return Assessment("ec_supply_risk", Panel(nodes, ("EU27",), (2024,), array), gaps(array))
