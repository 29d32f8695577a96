"""What a cut of any depth and length costs: read off walks at a few depths.

Each supplier and material was walked at a few severities for some months. A cut of another depth
lies between two of them; a cut that ends after five months costs what the first five months cost.
What it costs after its end (stocks to fill, habits) is left out, which errs low.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LossSurface:
    """Cumulative losses of P pairs for K figures.

    Attributes
    ----------
    severities : (S,) rising, the first 0
    losses : (K, P, S, T+1) from the start of a cut to the end of its month t; 0 at severity 0 and
        at t = 0; never NaN
    """

    severities: Floats
    losses: Floats

    def __post_init__(self) -> None:
        s, shape = self.severities, self.losses.shape
        fine = (
            len(shape) == 4
            and shape[2] == s.size >= 2
            and s[0] == 0.0
            and bool((np.diff(s) > 0.0).all())
            and bool(np.isfinite(self.losses).all())
        )
        if not fine:
            raise RequestError(
                f"loss surface of shape {shape} over severities {s.tolist()}: four dimensions, "
                "finite, severities rising from 0"
            )

    @property
    def months(self) -> int:
        """Longest cut that was walked."""
        return int(self.losses.shape[3]) - 1

    def at(self, pair: NDArray[np.int64], severity: Floats, months: Floats) -> Floats:
        """(K, H) losses of H cuts; longer ones than were walked cost what was walked."""
        grid, top = self.severities, self.severities.size - 2
        i = np.clip(np.searchsorted(grid, severity, side="right") - 1, 0, top)
        a = np.clip((severity - grid[i]) / (grid[i + 1] - grid[i]), 0.0, 1.0)
        span = np.clip(months, 0.0, float(self.months))
        t = np.minimum(span.astype(np.int64), self.months - 1)
        b = span - t
        f = self.losses
        below = (1.0 - b) * f[:, pair, i, t] + b * f[:, pair, i, t + 1]
        above = (1.0 - b) * f[:, pair, i + 1, t] + b * f[:, pair, i + 1, t + 1]
        return np.asarray((1.0 - a) * below + a * above)
