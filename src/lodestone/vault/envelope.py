"""How to split a budget over materials: the concave envelope of what each sum of money buys.

Each material is a list of steps: so many dollars held, so much expected loss avoided. Later dollars
in one material do less than the first ones, so money goes to the steepest step of any material,
then to the next steepest, until it is spent. At each whole step the split is the best there is
(Fox 1966); between two of them it is at most one step away, and that step is stated.

References
----------
Fox (1966), Discrete optimization via marginal analysis, doi:10.1287/mnsc.13.3.210.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import PlanError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """What one item gives for what it costs.

    Attributes
    ----------
    name : of the item
    cost, value : (K,) both from 0 at the first point, cost rising; value may fall
    """

    name: str
    cost: Floats
    value: Floats

    def __post_init__(self) -> None:
        fine = (
            self.cost.shape == self.value.shape
            and self.cost.size >= 1
            and bool(np.isfinite(self.cost).all() and np.isfinite(self.value).all())
            and self.cost[0] == 0.0
            and self.value[0] == 0.0
            and bool((np.diff(self.cost) > 0.0).all())
        )
        if not fine:
            raise PlanError(f"curve of {self.name}: finite, from (0, 0), with rising cost")

    def at(self, cost: float) -> float:
        """Value of a sum of money, straight between the points of the envelope."""
        hull = envelope(self)
        return float(np.interp(cost, self.cost[hull], self.value[hull]))


@dataclass(frozen=True)
class Step:
    """One piece of an envelope, as it was bought.

    Attributes
    ----------
    item : position of the curve
    start, end : points of the curve it runs between
    cost, gain : of the whole step
    part : share of it that the budget reaches
    """

    item: int
    start: int
    end: int
    cost: float
    gain: float
    part: float

    @property
    def slope(self) -> float:
        """Gain for each unit of cost."""
        return self.gain / self.cost


@dataclass(frozen=True)
class Split:
    """A budget, split.

    Attributes
    ----------
    money : (M,) spent on each curve
    value : of all of it, with the last step taken in proportion
    whole : value of the whole steps alone: reached for certain
    steps : in the order of buying; the last may be a part
    bound : no split of the budget over points of the curves is worth more than `whole + bound`
    next_slope : gain of the next dollar; 0 where nothing is left to buy
    """

    money: Floats
    value: float
    whole: float
    steps: tuple[Step, ...]
    bound: float
    next_slope: float


def envelope(curve: Curve) -> NDArray[np.int64]:
    """Points of the upper concave hull from the first to the highest, by position."""
    cost, value = curve.cost, curve.value
    hull = [0]
    for k in range(1, int(np.argmax(value)) + 1):
        while len(hull) > 1:
            i, j = hull[-2], hull[-1]
            rise = (value[j] - value[i]) * (cost[k] - cost[i])
            if rise > (value[k] - value[i]) * (cost[j] - cost[i]):
                break
            hull.pop()
        hull.append(k)
    return np.array(hull, dtype=np.int64)


def split_budget(curves: Sequence[Curve], budget: float) -> Split:
    """The best split of a budget over the envelopes.

    Raises
    ------
    PlanError
        A budget that is negative or no number.
    """
    if not (np.isfinite(budget) and budget >= 0.0):
        raise PlanError(f"a budget of {budget}: a number, 0 or more")
    every = sorted(
        (s for n, c in enumerate(curves) for s in _steps(n, c)),
        key=lambda s: (-s.slope, s.item, s.start),
    )
    money, left = np.zeros(len(curves)), budget
    taken: list[Step] = []
    next_slope = 0.0
    for step in every:
        if left <= 0.0:
            next_slope = step.slope
            break
        part = min(left / step.cost, 1.0)
        money[step.item] += part * step.cost
        left -= part * step.cost
        taken.append(Step(step.item, step.start, step.end, step.cost, step.gain, part))
        if part < 1.0:
            next_slope = step.slope
            break
    whole = float(sum(s.gain for s in taken if s.part == 1.0))
    value = float(sum(s.gain * s.part for s in taken))
    return Split(money, value, whole, tuple(taken), value - whole, next_slope)


def _steps(item: int, curve: Curve) -> list[Step]:
    hull = envelope(curve)
    return [
        Step(item, int(i), int(j), float(curve.cost[j] - curve.cost[i]), gain, 1.0)
        for i, j in itertools.pairwise(hull)
        if (gain := float(curve.value[j] - curve.value[i])) > 0.0
    ]
