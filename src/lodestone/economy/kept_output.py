"""What is left of an industry's output when a material it needs runs short.

A car maker can leave out no catalyst: the part of its output that carries one is *exposed*. Inside
that part, the material is a tiny share of the cost, and some of it can be spared or replaced. The
rest of the industry goes on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Substitution this close to 1 or to 0 is the limit itself.
_UNIT, _NIL = 1e-9, 1e-9


def kept_exposed(alpha: ArrayLike, delta: ArrayLike, sigma: ArrayLike) -> Floats:
    """Share of the exposed part that is still made: `[(1-a) + a (1-d)^((s-1)/s)]^(s/(s-1))`.

    A function of constant elasticity of substitution between the short material and everything
    else, with everything else at hand in full.

    Parameters
    ----------
    alpha : spend on the material over the value of the exposed output, 0 to 1
    delta : share of the material that is missing, 0 to 1
    sigma : elasticity of substitution; 0 is Leontief (`1 - d` where a > 0), 1 Cobb-Douglas
        (`(1-d)^a`), both taken as limits

    Returns
    -------
    Floats
        Broadcast over the three; 1 where nothing is missing or nothing is spent.

    References
    ----------
    Arrow, Chenery, Minhas & Solow (1961), doi:10.2307/1927286, in calibrated share form.
    """
    a, d, s = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (alpha, delta, sigma)))
    left = np.maximum(1.0 - d, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_left, power = np.log(left), (s - 1.0) / s
        # in logarithms: 0.01 to the power of -19 would leave the range of doubles for d near 1
        mixed = np.logaddexp(np.log1p(-a), np.log(a) + power * log_left) / power
        unit = a * log_left
        logs = np.where(np.abs(s - 1.0) < _UNIT, unit, np.where(s < _NIL, log_left, mixed))
    return np.where((a <= 0.0) | (d <= 0.0), 1.0, np.minimum(np.exp(logs), 1.0))


def kept_output(phi: ArrayLike, alpha: ArrayLike, delta: ArrayLike, sigma: ArrayLike) -> Floats:
    """Share of the whole industry's output that is still made: `1 - phi (1 - kept_exposed)`.

    Parameters
    ----------
    phi : share of the industry's output that needs the application, 0 to 1

    Examples
    --------
    >>> float(kept_output(phi=0.1, alpha=1e-4, delta=0.0, sigma=0.1))
    1.0
    >>> round(float(kept_output(phi=0.1, alpha=1e-4, delta=1.0, sigma=0.1)), 6)
    0.9
    """
    return np.asarray(1.0 - np.asarray(phi) * (1.0 - kept_exposed(alpha, delta, sigma)))
