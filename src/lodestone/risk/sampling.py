"""Years drawn by lot: which suppliers cut what, how deep, how long, and what it costs.

All materials of a supplier hang on one thread: in a year of quarrel several are cut together. The
thread is one normal number a supplier and year; each material adds its own (a one-factor copula).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.risk.hazard import Hazard
from lodestone.risk.loss_surface import LossSurface
from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]

#: Years drawn from one stream of numbers: what one worker does at a time.
CHUNK = 1000


@dataclass(frozen=True)
class Chances:
    """Hazards as arrays over P pairs.

    Attributes
    ----------
    pairs : (supplier, material)
    supplier : (P,) position among `suppliers`
    probability : (P,)
    severity, months : (P, 3) low, central, high
    correlation : of the cuts of one supplier
    """

    pairs: tuple[tuple[str, str], ...]
    suppliers: tuple[str, ...]
    supplier: NDArray[np.int64]
    probability: Floats
    severity: Floats
    months: Floats
    correlation: float


def chances(hazards: Sequence[Hazard], correlation: float) -> Chances:
    """The arrays of a table of hazards."""
    if not 0.0 <= correlation < 1.0:
        raise RequestError(f"correlation {correlation:g}: from 0 to below 1")
    names = tuple(dict.fromkeys(h.supplier for h in hazards))
    return Chances(
        tuple(h.pair for h in hazards),
        names,
        np.array([names.index(h.supplier) for h in hazards], dtype=np.int64),
        np.array([h.probability for h in hazards]),
        np.array([(h.severity_low, h.severity, h.severity_high) for h in hazards]).reshape(-1, 3),
        np.array([(h.months_low, h.months, h.months_high) for h in hazards]).reshape(-1, 3),
        correlation,
    )


@dataclass(frozen=True)
class Draws:
    """H cuts in some years.

    Attributes
    ----------
    year, pair : (H,) when and which; severity, months : (H,) how deep and long
    loss : (K, H)
    """

    year: NDArray[np.int64]
    pair: NDArray[np.int64]
    severity: Floats
    months: Floats
    loss: Floats


def draw_years(c: Chances, surface: LossSurface, seed: int, chunk: int) -> Draws:
    """The cuts of years `chunk * CHUNK` and following, always the same for a seed and chunk."""
    year, pair, severity, months = draw_cuts(c, seed, chunk)
    return Draws(year, pair, severity, months, surface.at(pair, severity, months))


def draw_cuts(
    c: Chances, seed: int, chunk: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """Year, pair, severity and months of the cuts of a chunk, whatever they cost."""
    from scipy.special import ndtri

    rng = np.random.Generator(np.random.Philox(key=[seed, chunk]))
    common = rng.standard_normal((CHUNK, len(c.suppliers)))
    own = rng.standard_normal((CHUNK, len(c.pairs)))
    depth, span = rng.random((CHUNK, len(c.pairs))), rng.random((CHUNK, len(c.pairs)))
    root, rest = np.sqrt(c.correlation), np.sqrt(1.0 - c.correlation)
    pull = root * common[:, c.supplier] + rest * own
    year, pair = np.nonzero(pull < ndtri(c.probability)[None, :])
    severity = triangular(depth[year, pair], c.severity[pair])
    # lengths are spread over their logarithm: 3 and 24 months lie as far from 12 as they look
    months = np.exp(triangular(span[year, pair], np.log(np.maximum(c.months[pair], 1e-6))))
    return year + chunk * CHUNK, pair, severity, months


def triangular(u: Floats, band: Floats) -> Floats:
    """Quantile u of the triangular distribution with (low, mode, high) in the last axis."""
    low, mode, high = band[..., 0], band[..., 1], band[..., 2]
    width = high - low
    with np.errstate(invalid="ignore", divide="ignore"):
        turn = np.where(width > 0.0, (mode - low) / width, 0.0)
    rising = low + np.sqrt(np.maximum(u * width * (mode - low), 0.0))
    falling = high - np.sqrt(np.maximum((1.0 - u) * width * (high - mode), 0.0))
    return np.asarray(np.where(u < turn, rising, falling))


def expected(c: Chances, surface: LossSurface, points: int = 100) -> Floats:
    """(K, P) expected yearly loss of each pair, by quadrature: no sampling error.

    The mean over equally likely quantiles of depth and of length, `points` of each.
    """
    q = (np.arange(points) + 0.5) / points
    u, w = (x.ravel() for x in np.meshgrid(q, q))
    found = np.empty((surface.losses.shape[0], len(c.pairs)))
    for p in range(len(c.pairs)):
        severity = triangular(u, c.severity[p][None, :])
        months = np.exp(triangular(w, np.log(np.maximum(c.months[p], 1e-6))[None, :]))
        loss = surface.at(np.full(u.size, p), severity, months)
        found[:, p] = c.probability[p] * loss.mean(axis=1)
    return found
