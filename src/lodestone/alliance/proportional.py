"""Shares in proportion to something that can be looked up: GDP, or use."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lodestone.alliance.game import Floats
from lodestone.terms.errors import RequestError


def proportional(total: float, weights: ArrayLike) -> Floats:
    """(n,) the total in proportion to weights; RequestError if there is nothing to weigh by."""
    weight = np.asarray(weights, dtype=np.float64)
    if not np.isfinite(weight).all() or (weight < 0.0).any() or not weight.sum() > 0.0:
        raise RequestError("weights of shares: finite, not negative, not all 0")
    return np.asarray(total * weight / weight.sum())
