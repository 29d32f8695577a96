"""The Shapley value of many members, from orders of joining drawn by lot, with error bars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lodestone.alliance.game import Floats
from lodestone.terms.errors import RequestError

#: What a coalition is worth, by its number (bit k for member k).
Value = Callable[[int], float]


@dataclass(frozen=True)
class SampledShapley:
    """A sampled value.

    Attributes
    ----------
    value, error : (n,) mean, and its standard error over pairs of orders
    pairs : how many pairs of orders were drawn
    coalitions : how many different coalitions were valued
    """

    value: Floats
    error: Floats
    pairs: int
    coalitions: int


def sampled_shapley(value: Value, members: int, pairs: int, seed: int = 0) -> SampledShapley:
    """Estimate what each member adds on average, from orders drawn by lot.

    Each order is walked forwards and backwards (antithetic): who joins early in one joins late in
    the other, which cancels most of the noise. A coalition is valued once. Every order's parts
    add up to the value of all, so the estimate does too.

    Parameters
    ----------
    value : of a coalition by its number; `value(0)` is 0
    members : how many
    pairs : of orders, at least 2
    seed : the same seed draws the same orders

    References
    ----------
    Castro, Gómez & Tejada (2009), doi:10.1016/j.cor.2008.04.004; Mitchell, Cooper, Frank & Holmes
    (2022), arXiv:2104.12199 (antithetic orders).
    """
    if members < 1 or pairs < 2:
        raise RequestError(f"{members} members, {pairs} pairs of orders: at least 1 and 2")
    known: dict[int, float] = {0: 0.0}

    def worth(which: int) -> float:
        if which not in known:
            known[which] = float(value(which))
        return known[which]

    draw = np.random.default_rng(seed)
    seen = np.zeros((pairs, members))
    for p in range(pairs):
        order = draw.permutation(members)
        for way in (order, order[::-1]):
            which, before = 0, 0.0
            for k in way:
                which |= 1 << int(k)
                after = worth(which)
                seen[p, k] += 0.5 * (after - before)
                before = after
    error = seen.std(axis=0, ddof=1) / np.sqrt(pairs)
    return SampledShapley(seen.mean(axis=0), error, pairs, len(known) - 1)
