"""What may happen, and what each thing costs as a function of what is built.

A *state* is one year of one material: calm, or some supplier cutting so deep for so long. The
market was asked what each state costs at some levels of the place's own supply; between them the
cost is a convex broken line in the *relief*: own tonnes over use, each channel weighed by how much
of it reaches the place's users in that state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import RequestError

#: Reliefs that are one.
_SAME = 1e-6

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class StateCurve:
    """Losses of one state of one material in a year of base-year use, million USD.

    Attributes
    ----------
    name : such as 'CHN 75 % 12 months'
    reach : (stage, channel) -> part of a tonne that relieves the place's users in this state
    price : (L, 2) lines `a + b relief` whose largest is the price cost
    sectors : (N, L, 2) lines whose largest is the output loss of each of the N sectors
    """

    name: str
    reach: Mapping[tuple[str, str], float]
    price: Floats
    sectors: Floats

    def __post_init__(self) -> None:
        """Refuse what is not finite: a solver would take it for an answer."""
        if not (np.isfinite(self.price).all() and np.isfinite(self.sectors).all()):
            raise RequestError(f"losses of {self.name}: not finite")


@dataclass(frozen=True)
class Outlook:
    """Scenarios: paths of years, each material in one of its states each year.

    Attributes
    ----------
    probability : (S,) summing to 1
    state : (S, Y, M) 0 for calm, else 1 + position in `curves[m]`
    curves : for each material its states
    sectors : (N,) names of the sectors
    """

    probability: Floats
    state: Ints
    curves: tuple[tuple[StateCurve, ...], ...]
    sectors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse scenarios that are no probabilities, or states that do not exist."""
        p, most = self.probability, [len(c) for c in self.curves]
        if not (np.isfinite(p).all() and (p >= 0.0).all() and abs(p.sum() - 1.0) < 1e-9):
            raise RequestError("scenarios: probabilities from 0 that sum to 1")
        if self.state.shape[0] != p.size or self.state.shape[2] != len(most):
            raise RequestError(f"scenarios: states of shape {self.state.shape}, not (S, Y, M)")
        if (self.state < 0).any() or (self.state > np.array(most)[None, None, :]).any():
            raise RequestError("scenarios: a state that no curve stands for")


def convex_lines(relief: Sequence[float], loss: Sequence[float], floor: float) -> Floats:
    """(L, 2) lines whose largest value is the convex broken line under some points.

    The lower convex hull of the points, of several at one relief the lowest; beyond the last point
    its last slope goes on as far as the floor (a hull that ends flat or rises stays at its lowest),
    before the first point its first slope goes on.

    Parameters
    ----------
    relief, loss : (n,) points, relief rising
    floor : the least a loss can be
    """
    hull: list[tuple[float, float]] = []
    for x, y in _lowest(sorted(zip(relief, loss, strict=True))):
        while len(hull) >= 2 and _slope(hull[-2], hull[-1]) >= _slope(hull[-2], (x, y)):
            hull.pop()
        hull.append((x, y))
    lines = [(floor, 0.0)]
    if len(hull) == 1 or _slope(hull[-2], hull[-1]) >= 0.0:
        # more own supply never costs more: what rises is noise of a market far from the cut
        lines.append((min(y for _, y in hull), 0.0))
    for left, right in pairwise(hull):
        b = _slope(left, right)
        if b < 0.0:
            lines.append((right[1] - b * right[0], b))
    return np.array(list(dict.fromkeys(lines)))


def _lowest(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of several losses at one relief the lowest: a line through both would stand upright."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        if found and x - found[-1][0] < _SAME:
            found[-1] = (found[-1][0], min(y, found[-1][1]))
        else:
            found.append((x, y))
    return found


def _slope(left: tuple[float, float], right: tuple[float, float]) -> float:
    return (right[1] - left[1]) / (right[0] - left[0])
