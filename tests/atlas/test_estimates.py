"""Output before balancing: sources that disagree, gaps filled, shares moved between years."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from fact_rows import book, said
from hypothesis import given
from hypothesis import strategies as st

from lodestone.atlas import estimates
from lodestone.atlas.estimates import Estimate, OutputEstimates, stage_output
from lodestone.atlas.recipe import Band, Recipe, StageRecipe, recipe
from lodestone.terms import attribute

USGS, WMD, EC, IEA = "usgs_mcs2026", "wmd_2026", "ec_crm2023", "iea_cm2025"


def _stage(name: str = "mine", *methods: str) -> StageRecipe:
    return StageRecipe(
        stage=name,
        production_stages=(name,),
        rest_like=(name,),
        trade_stages=(name,),
        methods=methods or ("production",),
        process_yield=None,
        scrap=Band(0, 0, 0),
        direct=Band(1, 1, 1),
        home=0.0,
        seen=(1.0, 1.0, 1.0),
        unit="t",
        missing_codes="",
        reason="test",
    )


def _output(
    rows: list[dict[str, Any]],
    year: int = 2023,
    stage: StageRecipe | None = None,
    expected: float | None = None,
    material: str = "cobalt",
) -> OutputEstimates:
    part = stage or _stage()
    return stage_output(book(*rows), Recipe(material, (part,)), part, year, expected)


def _share(source: str, place: str, value: float, stage: str = "mine", **kw: Any) -> dict[str, Any]:
    return said(
        source, place, 2016, value, stage=stage, year_to=2020, unit="share",
        quantity="supply_share", **kw,
    )  # fmt: skip


# -- pooling -------------------------------------------------------------------------------------


def test_two_equally_sure_publishers_are_averaged_and_their_spread_is_the_error() -> None:
    """DRC cobalt 2023: 175 kt and 140 kt, both reported: 157.5, give or take half the gap."""
    found = _output([said(USGS, "COD", 2023, 175e3), said(WMD, "COD", 2023, 140e3)])
    assert found.places["COD"].value == pytest.approx(157_500)
    assert found.places["COD"].error == pytest.approx(17_500)
    assert len(found.places["COD"].facts) == 2


def test_the_surer_figure_weighs_more_by_relative_error() -> None:
    """Weights 1/0.05^2 and 1/0.15^2: nine to one, whichever of the two is the larger."""
    sure, rough = attribute("error_reported").default, attribute("error_estimated").default
    weight = (rough / sure) ** 2
    for firm, loose in ((100.0, 140.0), (140.0, 100.0)):
        found = _output(
            [said(USGS, "COD", 2023, firm), said("bgs", "COD", 2023, loose, flag="estimated")]
        )
        assert found.places["COD"].value == pytest.approx((weight * firm + loose) / (weight + 1))


def test_agreeing_publishers_make_a_surer_figure() -> None:
    error = attribute("error_reported").default
    found = _output([said(USGS, "COD", 2023, 100.0), said(WMD, "COD", 2023, 100.0)])
    assert found.places["COD"].error == pytest.approx(100 * error / math.sqrt(2))


def test_a_later_edition_replaces_the_earlier_one() -> None:
    """MCS2026 cut China's antimony of 2024 from 60 to 40 kt: a correction, not a second opinion."""
    found = _output([said("usgs_mcs2025", "CHN", 2023, 60e3), said(USGS, "CHN", 2023, 40e3)])
    assert found.places["CHN"].value == pytest.approx(40e3)
    assert found.places["CHN"].facts == (f"{USGS}:f.csv:2",)


def test_an_earlier_edition_speaks_where_the_later_withholds() -> None:
    found = _output(
        [
            said("usgs_mcs2025", "USA", 2023, 5.0),
            said(USGS, "USA", 2023, None),
            said(USGS, "COD", 2023, 95.0),
        ]
    )
    assert found.places["USA"].value == pytest.approx(5.0)
    assert found.unknown == ()


def test_series_of_one_place_and_edition_add_up() -> None:
    """Ilmenite and rutile of one place are one output of titanium; errors add in quadrature."""
    found = _output([said(USGS, "AUS", 2023, 300.0), said(USGS, "AUS", 2023, 400.0)])
    assert found.places["AUS"].value == pytest.approx(700.0)
    error = attribute("error_reported").default
    assert found.places["AUS"].error == pytest.approx(error * 500.0)


@pytest.mark.parametrize(("stage", "lowered"), [("mine", True), ("refine", False)])
def test_left_out_by_a_complete_list_counts_near_zero_only_at_the_mine(
    stage: str, lowered: bool
) -> None:
    """USGS says PNG made 10; World Mining Data names others but not PNG."""
    found = _output(
        [
            said(USGS, "PNG", 2023, 10.0, stage=stage),
            said(USGS, "COD", 2023, 90.0, stage=stage),
            said(WMD, "COD", 2023, 90.0, stage=stage),
        ],
        stage=_stage(stage),
    )
    png = found.places["PNG"]
    if lowered:
        assert 0 < png.value < 10.0
        assert png.error == pytest.approx(5.0)  # half the spread between 10 and 0
    else:
        assert png.value == pytest.approx(10.0)
    assert found.complete == lowered


def test_world_totals_other_bases_and_spans_do_not_count() -> None:
    found = _output(
        [
            said(USGS, "COD", 2023, 100.0),
            said(USGS, "WLD", 2023, 130.0),
            said(USGS, "CAN", 2023, 7.0, basis="gross"),
            said(USGS, "CUB", 2023, 8.0, year_to=2024),
            said(USGS, "AUS", 2023, 9.0, unit="kg"),
        ]
    )
    assert set(found.places) == {"COD"}
    assert found.total == pytest.approx(100.0)


def test_a_reported_zero_is_a_figure_and_a_gap_is_unknown() -> None:
    found = _output(
        [
            said(USGS, "COD", 2023, 100.0),
            said(USGS, "CAN", 2023, 0.0),
            said(USGS, "USA", 2023, None),
        ]
    )
    assert found.places["CAN"].value == 0.0
    assert "USA" not in found.places
    assert found.unknown == ("USA",)


values = st.floats(1.0, 1e6)


@given(a=values, b=values, factor=st.floats(1e-3, 1e3))
def test_pooling_lies_between_keeps_order_and_scales(a: float, b: float, factor: float) -> None:
    one, two = Estimate(a, 0.05 * a, "reported"), Estimate(b, 0.15 * b, "estimated")
    mean = estimates._pool([one, two], max(a, b))
    assert min(a, b) * (1 - 1e-9) <= mean.value <= max(a, b) * (1 + 1e-9)
    assert mean.error >= abs(a - b) / 2 * (1 - 1e-9)
    turned = estimates._pool([two, one], max(a, b))
    assert turned.value == pytest.approx(mean.value)
    big = estimates._pool([one.scaled(factor), two.scaled(factor)], factor * max(a, b))
    assert big.value == pytest.approx(factor * mean.value)
    assert big.error == pytest.approx(factor * mean.error)


# -- places that a source does not name ----------------------------------------------------------


def test_withheld_place_is_filled_from_the_ec_pattern() -> None:
    """EC: USA 20 %, COD 80 %. USGS withholds the USA and gives COD 80: the USA made 20."""
    found = _output(
        [
            said(USGS, "COD", 2023, 80.0),
            said(USGS, "USA", 2023, None),
            _share(EC, "COD", 0.8),
            _share(EC, "USA", 0.2),
        ]
    )
    usa = found.places["USA"]
    assert usa.value == pytest.approx(20.0)
    assert usa.error == pytest.approx(attribute("error_split").default * 20.0)
    assert usa.kind == "shares"


def test_nothing_is_filled_where_the_pattern_is_mostly_the_gap() -> None:
    found = _output(
        [
            said(USGS, "COD", 2023, 20.0),
            said(USGS, "USA", 2023, None),
            _share(EC, "COD", 0.2),
            _share(EC, "USA", 0.8),
        ]
    )
    assert "USA" not in found.places


def test_other_countries_are_split_among_places_the_source_does_not_name() -> None:
    """Rest of 10 goes to CUB and PHL as 3 to 1; COD, already named, gets none of it."""
    found = _output(
        [
            said(USGS, "COD", 2023, 90.0),
            said(USGS, "XOT", 2023, 10.0),
            _share(EC, "COD", 0.6),
            _share(EC, "CUB", 0.3),
            _share(EC, "PHL", 0.1),
        ]
    )
    assert {p: round(e.value, 9) for p, e in found.places.items()} == {
        "COD": 90.0,
        "CUB": 7.5,
        "PHL": 2.5,
    }
    assert found.places["CUB"].kind == "shares"
    assert found.total == pytest.approx(100.0)


def test_other_countries_stay_unnamed_without_a_pattern() -> None:
    found = _output([said(USGS, "COD", 2023, 90.0), said(USGS, "XOT", 2023, 10.0)])
    assert found.places["XOT"].value == pytest.approx(10.0)


# -- shares, other years, judgement --------------------------------------------------------------


def test_shares_become_tonnes_and_sum_to_the_expected_total() -> None:
    """IEA shares of 2024 may sum to 1.03: they are made to sum to 1."""
    rows = [
        said(IEA, "CHN", 2024, 81.0, stage="refine"),
        said(IEA, "FIN", 2024, 22.0, stage="refine"),
    ]
    found = _output(rows, 2024, _stage("refine", "shares_iea_2024"), expected=200.0)
    assert found.total == pytest.approx(200.0)
    assert found.places["CHN"].value == pytest.approx(200 * 81 / 103)
    assert found.places["CHN"].kind == "reported"


def test_shares_without_a_total_say_nothing() -> None:
    rows = [said(IEA, "CHN", 2024, 81.0, stage="refine")]
    assert _output(rows, 2024, _stage("refine", "shares_iea_2024")).places == {}


@pytest.mark.parametrize(("year", "china"), [(2018, 0.6), (2021, 0.7), (2024, 0.8)])
def test_shares_walk_straight_from_2018_to_2024(year: int, china: float) -> None:
    rows = [
        said(IEA, "CHN", 2024, 80.0, stage="refine"),
        said(IEA, "FIN", 2024, 20.0, stage="refine"),
        _share(EC, "CHN", 0.6, "refine"),
        _share(EC, "FIN", 0.4, "refine"),
    ]
    found = _output(rows, year, _stage("refine", "shares_iea_2024"), expected=100.0)
    assert found.places["CHN"].value == pytest.approx(100 * china)
    assert found.total == pytest.approx(100.0)
    assert found.places["CHN"].kind == ("reported" if year == 2024 else "shares")


def test_an_interpolation_needs_both_ends() -> None:
    """EC shares alone are no point on the way to IEA figures that do not exist."""
    rows = [_share(EC, "CHN", 0.6, "refine"), _share(EC, "FIN", 0.4, "refine")]
    assert _output(rows, 2021, _stage("refine", "shares_iea_2024"), expected=100.0).places == {}


def test_rest_of_world_of_the_iea_is_split_with_a_wide_error() -> None:
    rows = [
        said(IEA, "CHN", 2024, 90.0, stage="refine"),
        said(IEA, "XOT", 2024, 10.0, stage="refine"),
        _share(EC, "CHN", 0.6, "refine"),
        _share(EC, "FIN", 0.4, "refine"),
    ]
    found = _output(rows, 2024, _stage("refine", "shares_iea_2024"), expected=100.0)
    assert found.places["FIN"].value == pytest.approx(10.0)
    assert found.places["FIN"].kind == "shares"
    assert found.places["FIN"].error >= attribute("error_split").default * 10.0


def test_reworkers_are_left_out_and_the_rest_sums_to_one() -> None:
    """Belgium makes antimony trioxide from bought metal; it is no origin of it."""
    rows = [
        _share(EC, p, v, "refine", material="antimony", basis="Sb")
        for p, v in (("CHN", 0.6), ("BEL", 0.2), ("TJK", 0.2))
    ]
    stage = _stage("refine", "shares_ec")
    found = _output(rows, 2023, stage, expected=100.0, material="antimony")
    assert set(found.places) == {"CHN", "TJK"}
    assert found.places["CHN"].value == pytest.approx(75.0)


def test_another_years_pattern_is_moved_and_grows_less_certain() -> None:
    """Output of 2020 stands for 2021 and 2024: the error grows with the root of the distance."""
    rows = [said(USGS, "CHN", 2020, 100.0, stage="refine")]
    stage = _stage("refine")
    near, far = (_output(rows, y, stage, expected=120.0).places["CHN"] for y in (2021, 2024))
    assert near.kind == far.kind == "other_year"
    assert near.value == far.value == pytest.approx(120.0)
    drift, own = attribute("error_other_year").default, attribute("error_reported").default
    assert near.error == pytest.approx(120 * math.hypot(own, drift))
    assert far.error == pytest.approx(120 * math.hypot(own, 2 * drift))


def test_a_total_out_of_reason_does_not_move_another_years_figures() -> None:
    rows = [said(USGS, "CHN", 2020, 100.0, stage="refine")]
    found = _output(rows, 2021, _stage("refine"), expected=1000.0)
    assert found.places["CHN"].value == pytest.approx(100.0)


def test_first_method_with_data_decides() -> None:
    rows = [said(USGS, "CHN", 2023, 70.0, stage="refine"), _share(EC, "FIN", 1.0, "refine")]
    both = _stage("refine", "production", "shares_ec")
    assert set(_output(rows, 2023, both, expected=100.0).places) == {"CHN"}
    turned = replace(both, methods=("shares_ec", "production"))
    assert set(_output(rows, 2023, turned, expected=100.0).places) == {"FIN"}


def test_judged_shares_of_magnets_follow_the_total_and_point_to_their_rows() -> None:
    chain = recipe("rare_earths")
    magnets = chain.stages[-1]
    found = stage_output(book(), chain, magnets, 2024, 1000.0)
    assert found.places["CHN"].value / 1000.0 == pytest.approx(0.94)
    assert all(e.kind == "judged" for e in found.places.values())
    assert all(e.facts[0].startswith("judged_shares.csv:") for e in found.places.values())
    assert stage_output(book(), chain, magnets, 2024, None).places == {}


def test_no_figure_at_all_is_an_empty_answer_not_a_zero() -> None:
    assert _output([]).places == {}
