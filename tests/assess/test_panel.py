"""Labelled numbers: what is refused, and what missing means."""

from __future__ import annotations

import numpy as np
import pytest
from small_panel import make_panel

from lodestone.assess.assessment import Assessment, Gap
from lodestone.assess.band_sampling import spread
from lodestone.assess.flows import Flows
from lodestone.assess.governance import Governance
from lodestone.assess.panel import Node, Panel
from lodestone.assess.scorecard import scorecard
from lodestone.terms.errors import DataError

NODES = (Node("cobalt", "mine"),)


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(DataError) as caught:
        Panel(NODES * 2, ("AAA",), (2024,), np.array([[[np.inf]], [[1.0]]]))
    assert "labels used twice" in str(caught.value)
    assert "infinite" in str(caught.value)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ([2.0], [3.0], "outside its band"),
        ([np.nan], [3.0], "not known in the same cells"),
        ([0.5], None, "only one of low and high"),
    ],
)
def test_a_broken_band_is_refused(low: list[float], high: list[float] | None, words: str) -> None:
    with pytest.raises(DataError, match=words):
        make_panel(["AAA"], [1.0], low=low, high=high)


def test_a_panel_cannot_be_changed_afterwards() -> None:
    given = np.array([[[1.0]]])
    panel = Panel(NODES, ("AAA",), (2024,), given)
    given[0, 0, 0] = 5.0
    assert panel.at("cobalt", "mine", "AAA", 2024) == 1.0
    with pytest.raises(ValueError, match="read-only"):
        panel.value[0, 0, 0] = 2.0


def test_an_unknown_member_makes_the_bloc_unknown() -> None:
    panel = make_panel(["AAA", "BBB"], [1.0, np.nan]).with_blocs(
        {"AB": ("AAA", "BBB"), "A": ("AAA",)}
    )
    assert panel.at("cobalt", "mine", "AB", 2024) is None
    assert panel.at("cobalt", "mine", "A", 2024) == 1.0


def test_only_a_named_door_turns_a_gap_into_zero() -> None:
    panel = make_panel(["AAA"], [np.nan])
    assert panel.at("cobalt", "mine", "AAA", 2024) is None
    assert panel.with_absent_as_zero().at("cobalt", "mine", "AAA", 2024) == 0.0


def test_an_assessment_must_name_its_gaps() -> None:
    panel = make_panel(["AAA"], [np.nan])
    with pytest.raises(DataError, match="a gap must be named"):
        Assessment("test", panel, np.zeros((1, 1, 1), dtype=np.int8))


def test_totals_leave_out_what_stays_inside() -> None:
    trade = Flows.from_columns(
        NODES,
        ("AAA", "BBB", "CCC"),
        (2023, 2024),
        node=NODES * 4,
        year=[2024] * 4,
        exporter=["AAA", "AAA", "CCC", "AAA"],
        importer=["BBB", "CCC", "BBB", "AAA"],
        tonnes=[1.0, 2.0, 4.0, 8.0],
    )
    imports, exports = trade.totals({"AB": ("AAA", "BBB")})
    assert [imports.at("cobalt", "mine", p, 2024) for p in imports.places] == [0.0, 5.0, 2.0, 4.0]
    assert [exports.at("cobalt", "mine", p, 2024) for p in exports.places] == [3.0, 0.0, 4.0, 2.0]
    assert imports.at("cobalt", "mine", "AAA", 2023) is None


def test_flows_with_an_unknown_place_name_every_one() -> None:
    with pytest.raises(DataError, match="'ZZZ'"):
        Flows.from_columns(
            NODES,
            ("AAA",),
            (2024,),
            node=NODES,
            year=[2024],
            exporter=["ZZZ"],
            importer=["AAA"],
            tonnes=[1.0],
        )


def test_governance_scales() -> None:
    governance = Governance(("AAA", "BBB", "CCC"), (2024,), np.array([[0.9932], [np.nan], [-2.9]]))
    np.testing.assert_allclose(governance.instability()[:, 0], [0.30136, 0.5, 1.0])
    np.testing.assert_allclose(governance.weight_0_to_10()[:, 0], [3.0136, np.nan, 10.0])
    with pytest.raises(DataError, match="estimates beyond"):
        Governance(("AAA",), (2024,), np.array([[55.0]]))


def test_the_scorecard_keeps_unknown_rows_and_says_why() -> None:
    panel = make_panel(["AAA", "BBB"], [np.nan, 0.0], unit="score")
    gap = np.array([[[Gap.NO_TRADE_ROWS], [Gap.NONE]]], dtype=np.int8)
    answer = Assessment("geopolrisk", panel, gap, note="all rows")
    (unknown,) = scorecard("AAA", [answer], grades={("cobalt", "mine", 2024): "C"})
    assert unknown.value is None
    assert unknown.grade == "C"
    assert "no customs code" in unknown.note
    (zero,) = scorecard("BBB", [answer])
    assert zero.value == 0.0
    assert scorecard("ZZZ", [answer]) == ()


def test_sampled_quantities_have_the_central_figure_as_median() -> None:
    points = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(
        spread(points, np.array(10.0), np.array(20.0), np.array(60.0)), [10, 15, 20, 40, 60]
    )
