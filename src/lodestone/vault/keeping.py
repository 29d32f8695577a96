"""One material in a vault, kept month by month: rules against the best policy.

Trade is normal or cut. In normal months the keeper buys, his purchases moving the price against
him, or sells; in a cut he hands out, and each tonne handed out takes something off the month's loss.
A rule says what to do with so much in the vault; the best policy is a dynamic program. Rule and best
policy meet the same months, so that a rule can never cost less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.vault.optimal_policy import StockProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NORMAL, CUT = 0, 1
_MONTH = 365.0 / 12.0
#: Levels of stock in a month of use.
_FINE = 4


@dataclass(frozen=True)
class Keeping:
    """A material to be kept.

    Attributes
    ----------
    most : days of use that the vault can hold
    day_value : money for a day of use at base prices
    impact : rise of the logarithm of the price for a day of use bought in a month
    begins, ends : chance that a cut begins, and ends, in a month
    handed : (R,) days of use handed out in a month of a cut, from 0 to a month's use
    loss : (R,) what the place loses in that month, with what it gains on the metal above base prices
    carry : storage, insurance and decay a year, of the value held
    interest : a year
    """

    most: float
    day_value: float
    impact: float
    begins: float
    ends: float
    handed: Floats
    loss: Floats
    carry: float
    interest: float


def stock_problem(k: Keeping) -> StockProblem:
    """The months as a stock problem: states are normal and cut."""
    step = _MONTH / _FINE
    stock = np.arange(0.0, k.most + 0.5 * step, step)
    then, now = stock[None, :], stock[:, None]
    bought = then - now
    hold = then * k.day_value * k.carry / 12.0
    normal = bought * k.day_value * np.exp(k.impact * np.maximum(bought, 0.0)) + hold
    out = np.maximum(-bought, 0.0)
    # what is handed out is worth its base price beside the loss that it takes away
    cut = np.interp(out, k.handed, k.loss) - out * k.day_value + hold
    cut = np.where((bought > 0.0) | (out > _MONTH * (1.0 + 1e-9)), np.inf, cut)
    chance = np.array([[1.0 - k.begins, k.begins], [k.ends, 1.0 - k.ends]])
    return StockProblem(
        stock, chance, np.stack([normal, cut], axis=1), 1.0 / (1.0 + k.interest / 12.0)
    )


def rule_choice(
    problem: StockProblem, target: float, bought: float, handed: float, part: float
) -> Ints:
    """(S, 2) what a simple rule does: fill up to a target, hand out in a cut.

    Parameters
    ----------
    target : days of use wanted; bought : at most bought in a month
    handed : days handed out in a month of a cut, at most; part : of the stock at hand, at most
    """
    stock = problem.stock
    normal = np.where(stock < target, np.minimum(stock + bought, target), stock)
    cut = stock - np.minimum(handed, part * stock)
    nearest = [np.abs(stock[:, None] - x[None, :]).argmin(axis=0) for x in (normal, cut)]
    choice = np.stack(nearest, axis=1)
    # a rule that would round to standing still still moves by a level, while there is one
    up = (choice[:, NORMAL] == np.arange(stock.size)) & (stock < target - 1e-9) & (bought > 0.0)
    down = (choice[:, CUT] == np.arange(stock.size)) & (stock > 0.0) & (handed > 0.0)
    choice[up, NORMAL] += 1
    choice[down, CUT] -= 1
    return choice.astype(np.int64)
