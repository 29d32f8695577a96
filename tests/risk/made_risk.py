"""Small hazards and loss surfaces, made by hand."""

from __future__ import annotations

import numpy as np

from lodestone.risk.hazard import Hazard
from lodestone.risk.loss_surface import LossSurface


def hazard(
    supplier: str,
    material: str,
    p: float,
    severity: tuple[float, float, float] = (1.0, 1.0, 1.0),
    months: tuple[float, float, float] = (12.0, 12.0, 12.0),
) -> Hazard:
    """A hazard with the same probability at both ends."""
    return Hazard(
        supplier,
        material,
        p,
        p,
        p,
        severity[1],
        severity[0],
        severity[2],
        months[1],
        months[0],
        months[2],
        "user",
        "made",
    )


def surface(full: list[float], months: int = 24) -> LossSurface:
    """One figure; pair p loses `full[p]` in twelve months of a full cut, in proportion else."""
    grid = np.array([0.0, 0.5, 1.0])
    t = np.arange(months + 1) / 12.0
    losses = np.array(full)[None, :, None, None] * grid[None, None, :, None] * t
    return LossSurface(grid, losses)
