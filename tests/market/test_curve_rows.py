"""Curves of a whole row say what the curves say one at a time, at every corner."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.market.arrays import Demand
from lodestone.market.curves import LEAST, release, releases, supplies, supply, use, uses

#: Below, at and above every corner.
_PRICES = np.array(
    [
        *(-1.0, 0.0, 1e-12, 0.01, LEAST, 0.0500001, 0.0999, 0.1, 0.5, 1.0, 1.3),
        *(7.9, 8.0, 8.1, 9.7, 12.0, 50.0, 1e4),
    ]
)


@pytest.mark.parametrize("tail", [0.0, 0.1])
@pytest.mark.parametrize("level", [0.0, 0.7])
@pytest.mark.parametrize("eps", [0.0, 0.15, 1.2])
def test_supply(tail: float, level: float, eps: float) -> None:
    n = _PRICES.size
    for cap in (0.0, 0.3, level, 1.0, np.inf):
        out, slope, room = np.empty(n), np.empty(n), np.empty(n)
        row = (np.full(n, level), np.full(n, eps), np.full(n, cap))
        supplies(_PRICES, *row, tail, room, out, slope)
        one = np.array([supply(v, level, eps, cap, tail) for v in _PRICES])
        np.testing.assert_allclose(out, one[:, 0], rtol=1e-13, atol=0.0)
        np.testing.assert_allclose(slope, one[:, 1], rtol=1e-13, atol=0.0)


@pytest.mark.parametrize("level", [0.0, 1.4])
@pytest.mark.parametrize("fixed", [0.0, 0.2])
@pytest.mark.parametrize("months", [0.0, 1.1])
@pytest.mark.parametrize("stock", [0.0, 0.4, 1.5, 4.0])
def test_needs(level: float, fixed: float, months: float, stock: float) -> None:
    prices = _PRICES[2:]
    n, eta, choke, kappa = prices.size, 0.2, 8.0, 0.2
    rules = np.array([1.5, 0.1, 0.25, 0.5, 0.3, 1.5])
    expected, target = np.linspace(0.5, 3.0, n), 1.5
    demand = Demand(
        np.full(n, level),
        eta,
        np.full(n, fixed),
        choke,
        kappa,
        np.full(n, months),
        np.full(n, stock),
        np.full(n, target),
        expected,
        np.zeros(n),
        rules,
    )
    at = np.maximum(prices, LEAST)
    out, slope = np.empty(n), np.empty(n)
    uses(prices, at**-eta, demand, out, slope)
    releases(prices, np.log(at / expected), demand, out, slope)
    for j, v in enumerate(prices):
        d, down = use(v, level, eta, choke, kappa)
        f, fdown = use(v, fixed, 0.0, choke, kappa)
        r, more = release(v, stock, target, expected[j], rules)
        assert out[j] == pytest.approx(d + f - months * r, rel=1e-12, abs=1e-14)
        assert slope[j] == pytest.approx(down + fdown - months * more, rel=1e-12, abs=1e-14)
