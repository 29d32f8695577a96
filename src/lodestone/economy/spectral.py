"""Whether demand for a dollar of output calls for a finite sum of inputs.

A dollar of cars needs steel, steel needs coal, coal needs cars: the rounds A, A^2, A^3 ... must
shrink. They do when the largest eigenvalue of A, its *spectral radius*, is below one; only then
is the Leontief inverse (1 - A)^-1 the sum of all rounds (Miller and Blair, Input-Output Analysis,
2009, chapter 2).
"""

from __future__ import annotations

import numpy as np

from lodestone.economy.table import EconomyTable, Floats
from lodestone.terms.errors import DataError


def spectral_radius(coefficients: Floats) -> float:
    """Largest absolute eigenvalue of a square matrix; 0 for an empty one.

    Examples
    --------
    >>> import numpy as np
    >>> round(spectral_radius(np.array([[0.0, 0.5], [0.5, 0.0]])), 6)
    0.5
    """
    if not coefficients.size:
        return 0.0
    return float(np.abs(np.linalg.eigvals(coefficients)).max())


def check_convergent(table: EconomyTable) -> None:
    """Raise DataError, naming the industries to look at, if the multipliers do not converge."""
    radius = spectral_radius(table.coefficients)
    if radius < 1.0:
        return
    columns = table.coefficients.sum(axis=0)
    worst = ", ".join(f"{table.sectors[k]} ({columns[k]:.2f})" for k in np.argsort(-columns)[:5])
    raise DataError(
        f"input-output table of {table.place} {table.year} ({table.source}): spectral radius "
        f"{radius:.4f} is not below 1, so no multiplier exists; the largest domestic inputs per "
        f"unit of output are those of {worst}"
    )
