"""Teisberg's oil stockpile, the reference case of stockpile policy.

Oil is bought for the stock in normal years and drawn in disrupted ones. A country that buys moves
the price against itself, and a tariff-like wedge weighs consumers against sellers.
"""

from __future__ import annotations

import numpy as np

from lodestone.vault.optimal_policy import Policy, StockProblem

#: Stock levels, million barrels a day for a year; states are normal and disrupted.
_STOCK = np.arange(0.0, 22.0, 3.0)
_TRANSITION = np.array([[0.8, 0.2], [0.5, 0.5]])
_DISCOUNT, _HOLDING, _SUPPLY, _DEMAND_SHIFT = 0.95, 0.32, 110.0, -130.0
_LOST = (0.0, 11.0)
_ELASTICITY, _SCALE, _NORMAL_PRICE, _WEIGHT = 0.1, 342.0, 34.526, 0.25


def teisberg() -> StockProblem:
    """The case as the GAMS model library publishes it (model MARKOV).

    References
    ----------
    Teisberg (1981), Bell Journal of Economics 12(2), 526-546, doi:10.2307/3003571.
    """
    now, then = _STOCK[:, None, None], _STOCK[None, None, :]
    lost = np.array(_LOST)[None, :, None]
    bought = then - now
    e, k, p0 = _ELASTICITY, _SCALE, _NORMAL_PRICE
    price = (k / (_SUPPLY - lost - _DEMAND_SHIFT - bought)) ** (1.0 / e)
    surplus = _DEMAND_SHIFT * (price - p0) + k * (price ** (1.0 - e) - p0 ** (1.0 - e)) / (1.0 - e)
    cost = _WEIGHT * surplus + price * bought + _HOLDING * then
    forbidden = (lost > 0.0) & (bought > 0.0)
    return StockProblem(_STOCK, _TRANSITION, np.where(forbidden, np.inf, cost), _DISCOUNT)


def objective(policy: Policy) -> float:
    """The published objective: mean cost over all stocks and states."""
    return float(policy.value.mean())
