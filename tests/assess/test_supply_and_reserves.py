"""N-1, reserves over production and trade exposure by hand."""

from __future__ import annotations

import numpy as np
import pytest
from small_panel import make_panel

from lodestone.assess.assessment import Gap
from lodestone.assess.flows import Flows
from lodestone.assess.n_minus_1 import n_minus_1
from lodestone.assess.net_import_reliance import net_import_reliance
from lodestone.assess.panel import Node
from lodestone.assess.reserves_over_production import reserves_over_production
from lodestone.assess.trade_exposure import trade_exposure
from lodestone.terms.errors import DataError

ABC = ("AAA", "BBB", "CCC")
AT = ("cobalt", "mine", "WLD", 2024)


def test_both_readings_of_n_minus_1_by_hand() -> None:
    supply = make_panel(ABC, [70.0, 20.0, 10.0])
    answer = n_minus_1(supply, make_panel(["WLD"], [90.0]), make_panel(ABC, [50.0, 25.0, 15.0]))
    assert answer.rest_of_world_demand.panel.at(*AT) == pytest.approx(30.0 / 40.0)
    assert answer.all_demand.panel.at(*AT) == pytest.approx(30.0 / 90.0)
    assert answer.all_demand.supplier is not None
    assert answer.all_demand.supplier.at((0, 0, 0)) == "AAA"


def test_without_its_own_demand_the_first_reading_is_unknown() -> None:
    answer = n_minus_1(make_panel(ABC, [70.0, 20.0, 10.0]), make_panel(["WLD"], [90.0]))
    assert answer.rest_of_world_demand.panel.at(*AT) is None
    assert answer.all_demand.panel.at(*AT) == pytest.approx(1.0 / 3.0)


def test_a_supplier_that_eats_all_leaves_nobody_to_feed() -> None:
    supply, own = make_panel(ABC, [70.0, 20.0, 10.0]), make_panel(ABC, [90.0, 0.0, 0.0])
    answer = n_minus_1(supply, make_panel(["WLD"], [90.0]), own).rest_of_world_demand
    assert answer.gap_at((0, 0, 0)) is Gap.NO_DEMAND


def test_an_unknown_supplier_leaves_n_minus_1_unknown() -> None:
    answer = n_minus_1(make_panel(ABC, [70.0, np.nan, 10.0]), make_panel(["WLD"], [90.0]))
    assert answer.all_demand.panel.at(*AT) is None


def test_the_band_of_n_minus_1_by_hand() -> None:
    supply = make_panel(ABC, [70.0, 20.0, 10.0], low=[60.0, 15.0, 8.0], high=[80.0, 25.0, 12.0])
    demand = make_panel(["WLD"], [90.0], low=[80.0], high=[100.0])
    low, high = n_minus_1(supply, demand).all_demand.panel.bands_at((0, 0, 0))
    assert low == pytest.approx(23.0 / 100.0)
    assert high == pytest.approx(37.0 / 80.0)


def test_the_band_of_the_rest_of_the_world_by_hand() -> None:
    supply = make_panel(ABC, [70.0, 20.0, 10.0], low=[60.0, 15.0, 8.0], high=[80.0, 25.0, 12.0])
    demand = make_panel(["WLD"], [90.0], low=[80.0], high=[100.0])
    own = make_panel(ABC, [50.0, 25.0, 15.0], low=[40.0, 25.0, 15.0], high=[55.0, 25.0, 15.0])
    answer = n_minus_1(supply, demand, own).rest_of_world_demand.panel
    low, high = answer.bands_at((0, 0, 0))
    assert low == pytest.approx(23.0 / (100.0 - 40.0))
    assert high == pytest.approx(37.0 / (80.0 - 55.0))


def test_demand_by_place_is_not_that_of_the_world() -> None:
    with pytest.raises(DataError, match="WLD"):
        n_minus_1(make_panel(ABC, [1.0, 1.0, 1.0]), make_panel(ABC, [1.0, 1.0, 1.0]))


def test_reserves_over_production_by_hand() -> None:
    answer = reserves_over_production(
        make_panel(ABC, [100.0, 100.0, np.nan], unit="t"), make_panel(ABC, [4.0, 0.0, 5.0])
    )
    assert answer.panel.at("cobalt", "mine", "AAA", 2024) == 25.0
    assert answer.gap_at((0, 1, 0)) is Gap.NO_PRODUCTION
    assert answer.gap_at((0, 2, 0)) is Gap.INPUT_UNKNOWN


def test_reserves_band_by_hand() -> None:
    answer = reserves_over_production(
        make_panel(["AAA"], [100.0], low=[80.0], high=[130.0]),
        make_panel(["AAA"], [5.0], low=[4.0], high=[10.0]),
    )
    assert answer.panel.bands_at((0, 0, 0)) == (8.0, 32.5)


def test_exposure_to_one_supplier_by_hand() -> None:
    nodes = (Node("cobalt", "mine"),)
    trade = Flows.from_columns(
        nodes,
        ABC,
        (2024,),
        node=nodes * 3,
        year=[2024] * 3,
        exporter=["AAA", "BBB", "AAA"],
        importer=["CCC", "CCC", "BBB"],
        tonnes=[30.0, 10.0, 10.0],
    )
    blocs = {"BC": ("BBB", "CCC")}
    imports, exports = trade.totals(blocs)
    made = make_panel(ABC, [100.0, 0.0, 40.0]).with_blocs(blocs)
    reliance = net_import_reliance(made, imports, exports)
    everyone = trade_exposure(reliance)
    np.testing.assert_array_equal(everyone.panel.value, reliance.panel.value)
    on_a = trade_exposure(reliance, trade, against=("AAA",), blocs=blocs)
    assert on_a.panel.at("cobalt", "mine", "CCC", 2024) == pytest.approx(0.5 * 0.75)
    # the bloc buys 40 t, all from AAA, and makes 40 t
    assert on_a.panel.at("cobalt", "mine", "BC", 2024) == pytest.approx(0.5)
    assert on_a.panel.at("cobalt", "mine", "AAA", 2024) == 0.0
    # BBB is inside the bloc: the bloc cannot be cut off from itself, CCC can
    on_b = trade_exposure(reliance, trade, against=("BBB",), blocs=blocs)
    assert on_b.panel.at("cobalt", "mine", "BC", 2024) == 0.0
    assert on_b.panel.at("cobalt", "mine", "CCC", 2024) == pytest.approx(0.5 * 0.25)
    with pytest.raises(DataError, match="together"):
        trade_exposure(reliance, against=("BBB",))
