"""GeoPolRisk by hand and by law; the published cases are in tests/published."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.assess.assessment import Gap
from lodestone.assess.flows import Flows
from lodestone.assess.geopolrisk import geopolrisk, geopolrisk_band
from lodestone.assess.governance import Governance
from lodestone.assess.panel import Node, Panel
from lodestone.terms.errors import DataError

PLACES = ("AAA", "BBB", "CCC", "DDD")
NODES = (Node("cobalt", "mine"), Node("gallium", "refine"))
YEARS = (2023, 2024)


class World(NamedTuple):
    production: Panel
    trade: Flows
    governance: Governance


def small_world(scale: float = 1.0, places: tuple[str, ...] = PLACES) -> World:
    """AAA and BBB mine; CCC and DDD buy; gallium has production but no trade rows."""
    order = [places.index(p) for p in PLACES]
    production = np.zeros((2, 4, 2))
    production[0, order[0]] = 75.0
    production[0, order[1]] = 25.0
    production[1, order[0]] = 10.0
    flows = [("AAA", "CCC", 30.0), ("BBB", "CCC", 10.0), ("AAA", "DDD", 20.0), ("CCC", "DDD", 5.0)]
    rows = [(year, *flow) for year in YEARS for flow in flows]
    trade = Flows.from_columns(
        NODES,
        places,
        YEARS,
        node=[NODES[0]] * len(rows),
        year=[r[0] for r in rows],
        exporter=[r[1] for r in rows],
        importer=[r[2] for r in rows],
        tonnes=[r[3] * scale for r in rows],
    )
    estimate = np.full((4, 2), np.nan)
    estimate[order[0]], estimate[order[1]], estimate[order[2]] = -2.5, 0.0, 2.5
    return World(
        Panel(NODES, places, YEARS, production * scale), trade, Governance(places, YEARS, estimate)
    )


def test_by_hand() -> None:
    score = geopolrisk(*small_world()).score.panel
    hhi = 0.75**2 + 0.25**2
    assert score.at("cobalt", "mine", "CCC", 2024) == pytest.approx(
        hhi * (30 * 1.0 + 10 * 0.5) / 40
    )
    # DDD buys from CCC, which is stable
    assert score.at("cobalt", "mine", "DDD", 2024) == pytest.approx(hhi * 20.0 / 25.0)
    # AAA mines for itself and imports nothing: no risk, and that is a number
    assert score.at("cobalt", "mine", "AAA", 2024) == 0.0


def test_what_a_place_ships_to_itself_is_bought_without_risk() -> None:
    world = small_world()
    own = Flows.from_columns(
        NODES,
        PLACES,
        YEARS,
        node=[NODES[0]] * 2,
        year=[2024] * 2,
        exporter=["AAA", "BBB"],
        importer=["AAA", "AAA"],
        tonnes=[15.0, 10.0],
    )
    score = geopolrisk(world.production, own, world.governance).score.panel
    # AAA mines 75 t and buys 25 t, of which only BBB's 10 t count, at g = 0.5
    assert score.at("cobalt", "mine", "AAA", 2024) == pytest.approx(0.625 * 10 * 0.5 / 100)


def test_no_trade_rows_is_unknown_never_zero() -> None:
    score = geopolrisk(*small_world()).score
    for place in PLACES:
        assert score.panel.at("gallium", "refine", place, 2024) is None
    assert (score.gap[1] == Gap.NO_TRADE_ROWS).all()


def test_a_place_that_neither_makes_nor_buys_has_no_score() -> None:
    world = small_world()
    keep = world.trade.importer != PLACES.index("DDD")
    trade = Flows(
        NODES,
        PLACES,
        YEARS,
        *(a[keep] for a in (world.trade.node, world.trade.year, world.trade.exporter)),
        world.trade.importer[keep],
        world.trade.tonnes[keep],
        world.trade.covered,
    )
    score = geopolrisk(world.production, trade, world.governance).score
    assert score.panel.at("cobalt", "mine", "DDD", 2024) is None
    assert score.gap_at((0, 3, 1)) is Gap.NO_SUPPLY


def test_a_flow_without_a_quantity_leaves_its_buyer_unknown_unless_left_out() -> None:
    world = small_world()
    tonnes = world.trade.tonnes.copy()
    tonnes[1] = np.nan
    trade = Flows(
        *(getattr(world.trade, f) for f in ("nodes", "places", "years")),
        *(getattr(world.trade, f) for f in ("node", "year", "exporter", "importer")),
        tonnes,
        world.trade.covered,
    )
    score = geopolrisk(world.production, trade, world.governance).score
    assert score.gap_at((0, 2, 0)) is Gap.FLOW_WITHOUT_QUANTITY
    assert score.gap_at((0, 3, 0)) is Gap.NONE
    left_out = geopolrisk(world.production, trade.leaving_out_unweighed(), world.governance).score
    assert "1 of 8 flows" in left_out.note
    assert left_out.panel.at("cobalt", "mine", "CCC", 2023) == pytest.approx(0.625 * 30.0 / 30.0)


def test_a_bloc_is_one_buyer() -> None:
    world = small_world()
    bloc = {"BLOC": ("AAA", "CCC", "DDD")}
    counted = geopolrisk(*world, bloc).score.panel.at("cobalt", "mine", "BLOC", 2024)
    outside = geopolrisk(*world, bloc, within_bloc="left out").score.panel.at(
        "cobalt", "mine", "BLOC", 2024
    )
    # all imports of CCC and DDD are 65 t, of which only 10 t from outside; AAA makes 75 t
    assert counted == pytest.approx(0.625 * 10 * 0.5 / (75 + 65))
    assert outside == pytest.approx(0.625 * 10 * 0.5 / (75 + 10))


@pytest.mark.parametrize("within", ["counted", "left out"])
@pytest.mark.parametrize("place", PLACES)
def test_a_bloc_of_one_is_the_country(place: str, within: str) -> None:
    world = small_world()
    panel = geopolrisk(*world, {"ONE": (place,)}, within_bloc=within).score.panel  # type: ignore[arg-type]
    np.testing.assert_array_equal(
        panel.value[:, panel.place("ONE")], panel.value[:, panel.place(place)]
    )


@given(st.floats(1e-6, 1e6))
def test_scaling_all_tonnes_changes_no_score(scale: float) -> None:
    one, other = (geopolrisk(*small_world(s)).score.panel.value for s in (1.0, scale))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@given(st.permutations(PLACES))
def test_the_order_of_places_changes_no_score(order: list[str]) -> None:
    one = geopolrisk(*small_world()).score.panel
    other = geopolrisk(*small_world(places=tuple(order))).score.panel
    for place in PLACES:
        np.testing.assert_allclose(
            one.value[:, one.place(place)], other.value[:, other.place(place)], rtol=1e-9
        )


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 1e6)), max_size=20))
def test_scores_lie_between_zero_and_the_concentration(flows: list[tuple[int, int, float]]) -> None:
    world = small_world()
    trade = Flows.from_columns(
        NODES,
        PLACES,
        YEARS,
        node=[NODES[0]] * len(flows),
        year=[2024] * len(flows),
        exporter=[PLACES[f[0]] for f in flows],
        importer=[PLACES[f[1]] for f in flows],
        tonnes=[f[2] for f in flows],
    )
    answer = geopolrisk(world.production, trade, world.governance)
    known = answer.score.gap == Gap.NONE
    top = np.broadcast_to(answer.hhi.value, known.shape)
    assert (answer.score.panel.value[known] >= 0).all()
    assert (answer.score.panel.value[known] <= top[known] + 1e-12).all()
    assert np.isnan(answer.score.panel.value[~known]).all()


def test_the_band_of_one_buyer_holds_its_score_and_narrows_with_the_inputs() -> None:
    world = small_world()
    wide, narrow = (
        geopolrisk_band(
            _widened(world.production, error),
            _widened(world.trade.imports_of("CCC", ("CCC",)), error),
            world.governance,
            "CCC",
            ("CCC",),
            seed=1,
        ).panel
        for error in (0.4, 0.1)
    )
    kernel = geopolrisk(*world).score.panel
    for band in (wide, narrow):
        assert band.at("cobalt", "mine", "CCC", 2024) == kernel.at("cobalt", "mine", "CCC", 2024)
        assert band.at("gallium", "refine", "CCC", 2024) is None
    assert np.ptp([b[0, 0, 0] for b in narrow.bounds]) < np.ptp([b[0, 0, 0] for b in wide.bounds])


def test_stages_are_never_mixed() -> None:
    world = small_world()
    refined = Panel((Node("cobalt", "refine"), NODES[1]), PLACES, YEARS, world.production.value)
    with pytest.raises(DataError, match="different labels"):
        geopolrisk(refined, world.trade, world.governance)


def test_an_unknown_bloc_member_is_named() -> None:
    with pytest.raises(DataError, match="'ZZZ'"):
        geopolrisk(*small_world(), {"BLOC": ("AAA", "ZZZ")})


def _widened(panel: Panel, error: float) -> Panel:
    low, high = panel.value * (1 - error), panel.value * (1 + error)
    return Panel(panel.nodes, panel.places, panel.years, panel.value, low, high)
