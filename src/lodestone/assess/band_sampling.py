"""Bands by quasi-random sampling, for methods that are not monotone in their inputs."""

from __future__ import annotations

from functools import cache

import numpy as np

from lodestone.assess.panel import FloatArray

#: Points of the Sobol sequence: a power of two, so that it stays balanced.
POINTS = 256
#: Share of sampled answers below the band and above it.
TAIL = 0.05
#: Said in every note of a sampled band.
HOW = (
    f"band: 5th to 95th percentile of {POINTS} seeded Sobol points; input bands read as bounds "
    "with the central figure as median; errors of different places independent"
)


@cache
def sobol(dimensions: int, seed: int) -> FloatArray:
    """Scrambled Sobol points in the unit cube, shape (POINTS, dimensions); same seed, same points.

    Source: Owen (1998), doi:10.1006/jcom.1998.0487, as in `scipy.stats.qmc.Sobol`.
    """
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=True, seed=seed)
    points: FloatArray = np.asarray(engine.random(POINTS), dtype=np.float64)
    points.flags.writeable = False  # one array serves every method that asks for it
    return points


def spread(
    points: FloatArray, low: FloatArray, central: FloatArray, high: FloatArray
) -> FloatArray:
    """Map unit points to quantities: median at central, evenly spread on either side of it.

    Shapes: points (samples, ...), the others (...).
    """
    below = low + 2.0 * points * (central - low)
    above = central + (2.0 * points - 1.0) * (high - central)
    return np.where(points < 0.5, below, above)


def percentile_band(sampled: FloatArray, central: FloatArray) -> tuple[FloatArray, FloatArray]:
    """5th and 95th percentile over the first axis, widened to hold the central answer."""
    low, high = np.quantile(sampled, [TAIL, 1.0 - TAIL], axis=0)
    return np.minimum(low, central), np.maximum(high, central)
