"""Look-through of a known supplier, worked by hand on three places, and its laws on the release."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.chain.supplier_origins import makes, supplier_origins
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.terms.errors import RequestError


def _stage(
    name: str, output: list[float], scrap: list[float], flow: list[list[float]]
) -> ChainStage:
    made, flows = np.array(output, dtype=float), np.array(flow, dtype=float)
    kept = made + flows.sum(axis=0) - flows.sum(axis=1)
    first = name == "mine"
    nothing = np.zeros(3)
    return ChainStage(
        stage=name,
        unit="t",
        process_yield=np.nan if first else 1.0,
        output=made,
        scrap_output=np.array(scrap, dtype=float),
        intake=kept if first else nothing,
        use=nothing if first else kept,
        stock_change=nothing,
        flow=flows,
        unseen=np.zeros((3, 3)),
        grade=("A", "A", "A"),
    )


@pytest.fixture
def chain() -> SupplyChain:
    """AUS mines 80, CHN 20; FRA takes in 60 and 15 of it and makes 100, a quarter from scrap.

    AUS refines nothing and holds 10 that FRA made.
    """
    # AUS -> FRA 60, CHN -> FRA 15; the rest stays and is refined at home
    mine = _stage("mine", [80, 20, 0], [0, 0, 0], [[0, 0, 60], [0, 0, 15], [0, 0, 0]])
    # FRA refines 75 of ore and 25 of scrap; ships 10 to AUS, which has no refinery
    refine = _stage("refine", [0, 5, 100], [0, 0, 25], [[0, 0, 0], [0, 0, 0], [10, 0, 0]])
    return SupplyChain("cobalt", 2024, ("AUS", "CHN", "FRA"), (mine, refine))


def test_a_refiner_is_where_it_stands_and_its_ore_where_it_was_dug(chain: SupplyChain) -> None:
    assert supplier_origins(chain, "FRA", "refine", "refine").tolist() == [0, 0, 1, 0]
    # three quarters from ore, 60 : 15; a quarter from scrap
    mined = supplier_origins(chain, "FRA", "refine", "mine")
    assert mined == pytest.approx([0.75 * 0.8, 0.75 * 0.2, 0.0, 0.25])


def test_a_trader_sells_what_it_has(chain: SupplyChain) -> None:
    assert not makes(chain, "AUS", "refine")
    assert supplier_origins(chain, "AUS", "refine", "refine") == pytest.approx([0, 0, 1, 0])
    assert supplier_origins(chain, "AUS", "refine", "mine") == pytest.approx([0.6, 0.15, 0, 0.25])


def test_what_nobody_can_trace_is_unknown(chain: SupplyChain) -> None:
    assert np.isnan(supplier_origins(chain, "BRA", "refine", "mine")).all()


def test_a_stage_is_not_traced_forward(chain: SupplyChain) -> None:
    with pytest.raises(RequestError, match="forward"):
        supplier_origins(chain, "FRA", "mine", "refine")


@pytest.mark.parametrize("name", ["cobalt", "rare_earths", "gallium"])
def test_shares_of_every_maker_sum_to_one(name: str) -> None:
    from lodestone.chain.look_through import made_by
    from lodestone.desk.library import library

    found = library().chain(name, 2024)
    stages = [s.stage for s in found.stages]
    made = [made_by(s) for s in found.stages]
    for place in found.places:
        if makes(found, place, stages[-1]):
            for before in stages:
                share = supplier_origins(found, place, stages[-1], before, made)
                assert np.isnan(share).all() or share.sum() == pytest.approx(1.0)
                assert np.isnan(share).all() or share.min() >= 0.0
