"""What users lose by dearer prices is the area left of the market's own demand, choke and all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

import lodestone as ls
from lodestone.chain.apply import apply
from lodestone.market.curves import use
from lodestone.market.outcome import _price_cost, gains_by_month
from lodestone.market.path import Path, walk

STOP = ls.ExportBan("CHN", materials=["gallium"])


def walked(*measures: Any, months: int = 3) -> Path:
    world = ls.world(2024)
    asked = ls.Scenario("asked", measures, "2025-01", months, 2024)
    return walk(world, apply(world, asked)["gallium"])


@pytest.fixture(scope="module")
def stopped() -> Path:
    return walked(STOP)


def test_the_first_month_is_the_integral_of_the_markets_own_demand(stopped: Path) -> None:
    """Nobody has got used to anything yet: the curve is known."""
    a = stopped.assumed
    eta = a["eta_S"] + a["l_use"] * (a["eta_L"] - a["eta_S"])
    choke, kappa = a["choke"], a["kappa"]
    w = stopped.walked
    cost = _price_cost(stopped, slice(None))[0]
    tried = 0
    for j in np.flatnonzero(w.wanted[0] > 0.0):
        level, price = w.wanted[0, j], w.inner[0, j]
        ends = [1.0, min(price, choke), price]
        area = sum(
            quad(lambda p, d=level: use(p, d, eta, choke, kappa)[0], low, high)[0]
            for low, high in pairwise(ends)
        )
        assert cost[j] == pytest.approx(area, rel=2e-3, abs=1e-9 * level)
        tried += price > choke
    assert tried > 20


@given(st.floats(1.0, 56.0), st.floats(1.0, 56.0), st.floats(0.05, 0.3), st.floats(20.0, 50.0))
def test_users_never_lose_less_by_a_dearer_price(
    a: float, b: float, eta: float, choke: float
) -> None:
    class Made:
        assumed = {"choke": choke, "kappa": 0.1}  # noqa: RUF012

    made: Any = Made()
    costs = []
    for price in sorted((a, b)):
        used = use(price, 1.0, eta, choke, 0.1)[0]
        near = use(min(price, choke), 1.0, eta, choke, 0.1)[0]
        arrays = {"inner": price, "used": used, "choking": near, "wanted": 1.0}
        made.walked = type("W", (), {k: np.array([[v]]) for k, v in arrays.items()})
        costs.append(float(_price_cost(made, slice(None))[0, 0]))
    assert costs[0] <= costs[1] + 1e-12


def test_a_stock_that_is_handed_out_never_costs_its_users(stopped: Path) -> None:
    """The first month: cheaper and more of it for the same users."""
    stock = ls.StockRelease("USA", 8.0, materials=["gallium"], end="2025-03")
    helped = walked(STOP, stock)
    alone, together = (gains_by_month(p, ("USA",)).users[0] for p in (stopped, helped))
    assert alone < together
