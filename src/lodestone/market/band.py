"""Bands of a market answer: the same scenario under many sets of assumptions, and what moves it.

Assumptions are drawn from the bands of the attribute table (quasi-random, seeded); the band of a
number is the 5th to 95th percentile of the draws, widened to hold the central answer. The
sensitivity table moves one assumption at a time to either end of its band.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from lodestone.chain.edits import Edits
from lodestone.chain.world import World
from lodestone.market.arrays import Floats
from lodestone.market.assumptions import NAMES, Assumptions, central, draws
from lodestone.market.path import Path, walk
from lodestone.terms import attribute
from lodestone.terms.errors import MarketError

_PERCENT = (5.0, 95.0)
#: Share of draws that may be without a proved answer before the band is refused.
_MOST_FAILED = 0.05

#: What is read off a path: named series (T,) or numbers (1,).
Reading = Callable[[Path], Mapping[str, Floats]]


@dataclass(frozen=True)
class Banded:
    """A series with its band.

    Attributes
    ----------
    value, low, high : (T,) central answer, 5th and 95th percentile; NaN where unknown
    """

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Swing:
    """How a number moves when one assumption goes to either end of its band.

    Attributes
    ----------
    assumption : name of the attribute
    low, high : its ends; at_low, at_high : the number there
    central : the number under the central assumptions
    """

    assumption: str
    low: float
    high: float
    at_low: float
    at_high: float
    central: float

    @property
    def width(self) -> float:
        """How far it moves, end to end."""
        return max(self.at_low, self.at_high, self.central) - min(
            self.at_low, self.at_high, self.central
        )


@dataclass(frozen=True)
class BandedAnswer:
    """Central path, bands of everything read off it, and how many draws they rest on.

    Attributes
    ----------
    path : the central answer
    series : name -> series with band
    drawn, failed : draws asked for, and draws without a proved answer (left out)
    readings : what was read off each draw, in the order of the draws; None where it has no proved
        answer. The same count and seed give the same draws, so two answers pair draw by draw
    """

    path: Path
    series: Mapping[str, Banded]
    drawn: int
    failed: int
    readings: tuple[Mapping[str, Floats] | None, ...] = ()


def banded_walk(
    world: World,
    edits: Edits,
    read: Reading,
    *,
    count: int,
    seed: int,
    follow: Callable[[Assumptions], Floats | None] | None = None,
) -> BandedAnswer:
    """Walk a scenario under the central assumptions and `count` draws, and read off the bands.

    Parameters
    ----------
    read : what to read off every path; the same names for each
    follow : host capacity (T, S, n) under given assumptions, for by-products

    Raises
    ------
    MarketError
        If the central path, or more than 5 % of the draws, cannot be proved.
    """
    follow = follow or (lambda _a: None)
    a = central()
    path = walk(world, edits, a, keep_flows=True, capacity=follow(a))
    middle = read(path)
    readings: list[Mapping[str, Floats] | None] = []
    for drawn in draws(count, seed):
        try:
            found = read(walk(world, edits, drawn, keep_flows=True, capacity=follow(drawn)))
        except MarketError:
            found = None
        readings.append(found)
    failed = readings.count(None)
    if failed > _MOST_FAILED * count:
        raise MarketError(
            f"{edits.material}: {failed} of {count} draws have no proved answer; no band can be "
            "given. Please report the scenario"
        )
    proved = [r for r in readings if r is not None]
    series = {name: band(middle[name], [r[name] for r in proved]) for name in middle}
    return BandedAnswer(path, series, count, failed, tuple(readings))


def band(middle: Floats, samples: list[Floats]) -> Banded:
    """A series with the 5th to 95th percentile of its samples, widened to hold it."""
    if not samples:
        return Banded(middle, middle, middle)
    stack = np.vstack([*samples, middle])
    low, high = np.full(middle.shape, np.nan), np.full(middle.shape, np.nan)
    for t in range(middle.size):
        known = stack[~np.isnan(stack[:, t]), t]
        if known.size and not np.isnan(middle[t]):
            low[t], high[t] = np.percentile(known, _PERCENT)
    return Banded(middle, np.fmin(low, middle), np.fmax(high, middle))


def swings(
    world: World,
    edits: Edits,
    read: Callable[[Path], Mapping[str, float]],
    *,
    follow: Callable[[Assumptions], Floats | None] | None = None,
) -> dict[str, list[Swing]]:
    """Which assumption moves each number most, one at a time; largest first.

    A number that cannot be proved at an end is NaN there.
    """
    follow = follow or (lambda _a: None)

    def at(a: Assumptions) -> Mapping[str, float]:
        try:
            return read(walk(world, edits, a, keep_flows=True, capacity=follow(a)))
        except MarketError:
            return {}

    a = central()
    middle = read(walk(world, edits, a, keep_flows=True, capacity=follow(a)))
    found: dict[str, list[Swing]] = {name: [] for name in middle}
    for name in NAMES:
        item = attribute(name)
        if item.low == item.high:
            continue
        ends = [at(a.replace({name: float(end)})) for end in (item.low, item.high)]
        for number, value in middle.items():
            low, high = (end.get(number, float("nan")) for end in ends)
            found[number].append(Swing(name, item.low, item.high, low, high, value))
    for number in found:
        found[number].sort(key=lambda s: -np.nan_to_num(s.width))
    return found
