"""What a stock earns, and calms, by leaning against the price: buying when cheap, selling when dear.

The price wanders about its mean and falls back slowly. A vault of some size buys and sells with its
own purchases moving the price against it. The best trading is a dynamic program over stock and
price; its yearly spread and what it takes off the swings of the price are read off the long run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.vault.optimal_policy import StockProblem, optimal

Floats = NDArray[np.float64]

_LEVELS, _PRICES = 7, 5


@dataclass(frozen=True)
class Trading:
    """The long run of the best trading of a stock.

    Attributes
    ----------
    spread : money a year earned by buying and selling, before storage
    damped : share of the variance of the logarithm of the price that is gone
    held : mean share of the vault that is full
    """

    spread: float
    damped: float
    held: float


def trading(
    days: float,
    day_value: float,
    impact: float,
    volatility: float,
    persistence: float,
    carry: float,
    interest: float,
) -> Trading:
    """Trade a vault of so many days of use.

    Parameters
    ----------
    day_value : money for a day of use at the mean price
    impact : rise of the logarithm of the price for a day of use bought in a month
    volatility : standard deviation of the yearly change of the logarithm of the price
    persistence : part of a deviation that is left after a month
    carry : storage, insurance and decay a year, of the mean value held
    interest : a year
    """
    x, chance = _price_states(volatility, persistence)
    stock = np.linspace(0.0, days, _LEVELS)
    bought = stock[None, None, :] - stock[:, None, None]
    log_price = x[None, :, None] + impact * bought
    money = np.exp(log_price) * bought * day_value
    holding = stock[None, None, :] * day_value * carry / 12.0
    problem = StockProblem(stock, chance, money + holding, 1.0 / (1.0 + interest / 12.0))
    choice = optimal(problem).choice
    often = _long_run(choice, chance)
    taken = np.take_along_axis(money, choice[:, :, None], axis=2)[:, :, 0]
    moved = np.take_along_axis(np.broadcast_to(log_price, money.shape), choice[:, :, None], axis=2)[
        :, :, 0
    ]
    mean = float((often * moved).sum())
    before = float((often.sum(axis=0) * x**2).sum())
    after = float((often * (moved - mean) ** 2).sum())
    held = float((often.sum(axis=1) * stock).sum()) / days
    return Trading(-12.0 * float((often * taken).sum()), 1.0 - after / before, held)


def _price_states(volatility: float, persistence: float) -> tuple[Floats, Floats]:
    """Logarithm of the price and chances of the next, with this persistence and variance.

    References
    ----------
    Rouwenhorst (1995); Kopecky & Suen (2010), doi:10.1016/j.red.2010.02.002: both moments exact.
    """
    # the change over twelve months of such a price has variance 2 s^2 (1 - persistence^12)
    sd = volatility / np.sqrt(2.0 * (1.0 - persistence**12))
    p = 0.5 * (1.0 + persistence)
    chance = np.array([[p, 1.0 - p], [1.0 - p, p]])
    for n in range(3, _PRICES + 1):
        big = np.zeros((n, n))
        big[:-1, :-1] += p * chance
        big[:-1, 1:] += (1.0 - p) * chance
        big[1:, :-1] += (1.0 - p) * chance
        big[1:, 1:] += p * chance
        big[1:-1] /= 2.0
        chance = big
    return np.linspace(-1.0, 1.0, _PRICES) * sd * np.sqrt(_PRICES - 1.0), chance


def _long_run(choice: NDArray[np.int64], chance: Floats) -> Floats:
    """(S, E) how often each stock and price is met in the long run, from an empty vault on."""
    s, e = choice.shape
    step = np.zeros((s * e, s * e))
    for i in range(s):
        for j in range(e):
            step[i * e + j, choice[i, j] * e : choice[i, j] * e + e] = chance[j]
    often = np.zeros(s * e)
    often[:e] = 1.0 / e
    far = step
    for _ in range(20):
        far = far @ far
    # after 2^20 months, and one more: a chain that alternates has a mean all the same
    found = 0.5 * (often @ far + often @ far @ step)
    return np.asarray((found / found.sum()).reshape(s, e))
