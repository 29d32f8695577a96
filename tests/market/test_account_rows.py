"""Accounts of whole rows say what they say of one buyer and one maker, at every corner."""

from __future__ import annotations

import numpy as np
import pytest
from small_worlds import KINDS, NAME, happening, made_world, month_program

from lodestone.market.account_rows import (
    Tally,
    account_users,
    cost_row,
    profit_row,
    surplus_row,
    tally,
    used_row,
)
from lodestone.market.arrays import Demand, Layout, Solution
from lodestone.market.assumptions import central
from lodestone.market.baseline import market_baseline
from lodestone.market.curves import LEAST, last_price, profit, release, surplus, use
from lodestone.market.path import walk
from lodestone.market.proof import area_of_cost
from lodestone.market.walk_kernel import _empty
from lodestone.market.welfare_kernel import makers_profit, users_surplus

#: Below, at and above every corner.
_PRICES = np.array(
    [
        *(1e-12, 0.01, LEAST, 0.0500001, 0.0999, 0.1, 0.5, 1.0, 1.3),
        *(7.9, 8.0, 8.1, 9.7, 12.0, 50.0, 1e4, 1e12),
    ]
)


def _room(size: int) -> Tally:
    none = np.zeros(0, dtype=np.int64)
    rptr = np.zeros(size + 1, dtype=np.int64)
    each = np.zeros(size)
    return tally(Layout(none, none, none, np.full(size, -1), each, rptr, none, each))


@pytest.mark.parametrize("tail", [0.0, 0.1])
@pytest.mark.parametrize("level", [0.0, 0.7])
@pytest.mark.parametrize("eps", [0.0, 0.02, 0.15, 1.2])
def test_profit_and_cost(tail: float, level: float, eps: float) -> None:
    prices = np.array([-1.0, 0.0, *_PRICES[:-1]])
    n = prices.size
    for cap in (0.0, 0.3, level, 0.9, np.inf):
        row = (np.full(n, level), np.full(n, eps), np.full(n, cap))
        out = np.empty(n)
        profit_row(prices, *row, tail, _room(n), out)
        one = np.array([profit(v, level, eps, cap, tail) for v in prices])
        np.testing.assert_allclose(out, one, rtol=1e-11, atol=1e-14)
        made = np.linspace(0.0, min(cap, 2.0 * level), n)
        cost_row(made, *row, tail, _room(n), out)
        one = np.array([area_of_cost(q, level, eps, cap, tail) for q in made])
        np.testing.assert_allclose(out, one, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("eta", [0.05, 0.4, 1.0, 1.7])
@pytest.mark.parametrize("level", [0.0, 1.4])
def test_use_and_surplus(eta: float, level: float) -> None:
    n, choke, kappa = _PRICES.size, 8.0, 0.2
    none, end = np.zeros(n), last_price(eta, choke, kappa)
    rules = np.array([1.5, 0.1, 0.25, 0.5, 0.3, 1.5])
    demand = Demand(
        np.full(n, level), eta, none, choke, kappa, none, none, none, np.ones(n), none, rules
    )
    high = np.maximum(_PRICES, LEAST)
    used, choking, gain = np.empty(n), np.empty(n), np.empty(n)
    used_row(_PRICES, high**-eta, demand, used, choking)
    surplus_row(_PRICES, np.log(high), high**-eta, demand, end, gain)
    for j, v in enumerate(_PRICES):
        assert used[j] == pytest.approx(use(v, level, eta, choke, kappa)[0], rel=1e-12)
        near = use(min(v, choke), level, eta, choke, kappa)[0]
        assert choking[j] == pytest.approx(near, rel=1e-12)
        one = surplus(v, level, eta, choke, kappa, end)
        assert gain[j] == pytest.approx(one, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("response", [0.0, 1.5])
@pytest.mark.parametrize("seed", range(5))
def test_buyers_with_stocks(seed: int, response: float) -> None:
    rng = np.random.default_rng(seed)
    prices = np.concatenate([_PRICES[:-1], [np.inf], np.exp(rng.normal(0.0, 1.5, 40))])
    n, eta, choke, kappa = prices.size, float(rng.uniform(0.05, 0.9)), 8.0, 0.2
    held, target = rng.uniform(0.0, 4.0, n), rng.uniform(0.0, 3.0, n)
    demand = Demand(
        rng.uniform(0.0, 2.0, n),
        eta,
        np.where(rng.random(n) < 0.3, rng.uniform(0.0, 1.0, n), 0.0),
        choke,
        kappa,
        np.where(rng.random(n) < 0.8, rng.uniform(0.0, 2.0, n), 0.0),
        held,
        target,
        np.exp(rng.normal(0.0, 1.0, n)),
        np.where(rng.random(n) < 0.3, rng.uniform(0.0, 0.2, n), 0.0),
        np.array([response, 0.1, 0.25, 0.5, 0.3, 1.5]),
    )
    end = last_price(eta, choke, kappa)
    none = np.zeros(n)
    found = Solution(none, none[:0], none, prices, none, none, none, 0.0, 1)
    out = _empty(1, n, n, 0, 0)
    account_users(0, demand, found, end, _room(n), out)
    for j, v in enumerate(prices):
        one = users_surplus(j, min(v, 1e12), demand, end)
        assert out.users[0, j] == pytest.approx(one, rel=1e-10, abs=1e-11)
        given, _ = release(v, held[j], target[j], demand.expected[j], demand.rules)
        assert out.released[0, j] == pytest.approx(given * demand.months[j], rel=1e-12, abs=1e-14)
        left = max(held[j] - given, 0.0) if demand.months[j] > 0.0 else 0.0
        assert out.stock[0, j] == pytest.approx(left, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "none"])
@pytest.mark.parametrize("seed", [3, 12, 26])
def test_makers_of_a_month(seed: int, kind: str) -> None:
    there, a = made_world(seed, 4, 2), central()
    base = market_baseline(there, NAME, a)
    edits = happening(there.chain(NAME), kind, 0, 1, 0.6)
    program = month_program(there, edits, a, None, base)
    w = walk(there, edits, a, baseline=base).walked
    layout, supply = program.layout, program.supply
    compared = 0
    for k in range(supply.y.size):
        v = w.price[0, k]
        if np.isnan(v) or supply.floor[k] > v:
            continue
        inner = w.inner[0, layout.feed[k]] if layout.feed[k] >= 0 else 0.0
        one = makers_profit(k, v, inner, layout.cost[k], supply)
        assert w.makers[0, k] == pytest.approx(one, rel=1e-10, abs=1e-12)
        compared += 1
    assert compared > 2
