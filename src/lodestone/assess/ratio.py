"""Division that leaves a gap where there is nothing to divide by."""

from __future__ import annotations

import numpy as np

from lodestone.assess.panel import FloatArray


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """`part / whole`, NaN where an input is NaN or `whole` is not positive; shapes broadcast."""
    out: FloatArray = np.full(np.broadcast_shapes(np.shape(part), np.shape(whole)), np.nan)
    np.divide(part, whole, out=out, where=np.broadcast_to(whole > 0, out.shape))
    return out
