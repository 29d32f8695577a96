"""Who gains and who pays in a month: surplus of users, profit of makers, by the areas of the curves.

One place at a time and with the library's powers: what `account_rows`, which paths use, is held
against, and what `proof.certify` proves single answers with.
"""

from __future__ import annotations

import math

import numpy as np

from lodestone.market.arrays import Demand, Floats, Supply
from lodestone.market.compiled import compiled
from lodestone.market.curves import LEAST, profit, release, surplus


@compiled(allocates=False)
def stock_worth(v: float, stock: float, target: float, expected: float, rules: Floats) -> float:
    """Area of the release curve from price 0 up to v: what stock holders gain by it at price v.

    Its level is a convention (releases at price 0 are worth nothing); only changes mean anything.
    """
    low = -min(rules[2], max(rules[5] * target - stock, 0.0))
    top = min(rules[3], rules[4] * stock)
    shift = (stock - target) * rules[1]
    # the curve meets its bounds at these prices
    start = max(expected * math.exp((low - shift) / rules[0]), LEAST) if rules[0] > 0.0 else np.inf
    stop = max(expected * math.exp((top - shift) / rules[0]), start) if rules[0] > 0.0 else np.inf
    at_least, _s = release(LEAST, stock, target, expected, rules)
    area = at_least * min(v, start)
    if v > start:
        b = min(v, stop)
        area += (shift - rules[0] * math.log(expected) - rules[0]) * (b - start)
        area += rules[0] * (b * math.log(b) - start * math.log(start))
    if v > stop:
        area += top * (v - stop)
    return area


@compiled(allocates=False)
def users_surplus(j: int, v: float, demand: Demand, end: float) -> float:
    """Users' surplus of a buyer at inner price v, with its stocks' gains and handed-out stock."""
    gain = surplus(v, demand.use[j], demand.eta, demand.choke, demand.kappa, end)
    if demand.fixed[j] > 0.0:
        stop = demand.choke * (1.0 + demand.kappa)  # where use of no elasticity ends
        gain += surplus(v, demand.fixed[j], 0.0, demand.choke, demand.kappa, stop)
    if demand.months[j] > 0.0:
        gain += demand.months[j] * stock_worth(
            v, demand.stock[j], demand.target[j], demand.expected[j], demand.rules
        )
    return gain + v * demand.handed[j]


@compiled(allocates=False)
def makers_profit(k: int, v: float, inner: float, cost: float, curves: Supply) -> float:
    """Profit of a node at its price (contract included) and its feed's price; its draw-down too."""
    gain = profit(max(v, curves.floor[k]), curves.y[k], curves.eps[k], curves.cap[k], curves.tail)
    if curves.ry[k] > 0.0 and inner < np.inf:
        z = (v - cost * inner + curves.credit[k]) / curves.margin[k]
        gain += curves.margin[k] * profit(
            z, curves.ry[k], curves.reps[k], curves.rcap[k], curves.tail
        )
    return gain + v * curves.given[k]


@compiled(allocates=False)
def guaranteed(k: int, v: float, inner: float, cost: float, curves: Supply) -> float:
    """What a refiner earns more at its guaranteed price than at the market's."""
    size = curves.margin[k]
    low = (v - cost * inner + curves.credit[k]) / size
    high = (curves.floor[k] - cost * inner + curves.credit[k]) / size
    args = (curves.ry[k], curves.reps[k], curves.rcap[k], curves.tail)
    return size * (profit(high, *args) - profit(low, *args))
