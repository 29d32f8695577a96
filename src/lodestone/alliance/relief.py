"""Who gets the tonnes of a common stock: each to its own, by need, or where a tonne saves most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lodestone.alliance.game import Floats


def by_need(pool: float, need: Floats) -> Floats:
    """(k,) the pool in proportion to what is missing; what is left over goes the same way."""
    total = float(need.sum())
    return np.asarray(pool * need / total) if total > 0.0 else np.zeros_like(need)


def by_worth(pool: float, relief: Floats, loss: Floats) -> Floats:
    """(k,) the pool where a tonne avoids most, until it is spent.

    Parameters
    ----------
    relief : (k, G) tonnes a member may get, rising from 0
    loss : (k, G) its loss then; the line between two points counts

    Returns
    -------
    Floats
        The best share-out where every loss is convex (each further tonne saves less). Tonnes that
        save nobody anything are shared in proportion to the last point of `relief`.
    """
    width = np.diff(relief, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(width > 0.0, -np.diff(loss, axis=1) / width, 0.0)
    order = _steepest(slope)
    found = np.zeros(relief.shape[0])
    left = pool
    for k, g in order:
        if left <= 0.0 or slope[k, g] <= 0.0:
            break
        taken = min(left, float(width[k, g]))
        found[k] += taken
        left -= taken
    return found + by_need(max(left, 0.0), relief[:, -1])


def _steepest(slope: Floats) -> list[tuple[int, int]]:
    """Steps of all members, the steepest first; of equal ones the first member's."""
    flat: NDArray[np.int64] = np.argsort(-slope, axis=None, kind="stable")
    return [(int(x) // slope.shape[1], int(x) % slope.shape[1]) for x in flat]
