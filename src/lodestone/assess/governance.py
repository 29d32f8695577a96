"""Governance estimates of the World Bank, on the scales that the methods use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.assess.panel import FloatArray
from lodestone.terms.errors import DataError


@dataclass(frozen=True, eq=False)
class Governance:
    """One World Bank governance estimate, or a mean of several, by place and year.

    The estimates run from about -2.5 (worst) to 2.5 (best). Source: Worldwide Governance
    Indicators, World Bank, CC BY 4.0 (Kaufmann, Kraay & Mastruzzi 2011,
    doi:10.1017/S1876404511200046).

    Parameters
    ----------
    places, years : tuples of labels
    estimate : array, shape (places, years)
        NaN where the World Bank gives none.
    """

    places: tuple[str, ...]
    years: tuple[int, ...]
    estimate: FloatArray

    def __post_init__(self) -> None:
        if self.estimate.shape != (len(self.places), len(self.years)):
            raise DataError(f"governance: shape {self.estimate.shape}, expected (places, years)")
        if np.nanmax(np.abs(self.estimate), initial=0.0) > 5.0:
            raise DataError("governance: estimates beyond +-5 -> give the World Bank's estimate")

    def instability(self, missing: float = 0.5) -> FloatArray:
        """Political instability g from 0 (stable) to 1, as GeoPolRisk scales it.

        `g = (2.5 - estimate) / 5`, held inside 0..1 (a few estimates lie beyond -2.5); a place
        without an estimate gets `missing` (0.5 as the method's authors do). See
        `geopolrisk` for the source.
        """
        g = instability(self.estimate)
        return np.where(np.isnan(g), missing, g)

    def weight_0_to_10(self) -> FloatArray:
        """The EC's WGI weight from 0 (best) to 10 (worst): `5 - 2 * estimate`.

        `estimate` must be the mean of the six indicators; the weight is held inside 0..10.
        Unknown stays NaN. Source: EC Guidelines 2017, doi:10.2873/769526.
        """
        return np.clip(5.0 - 2.0 * self.estimate, 0.0, 10.0)


def instability(estimate: NDArray[np.float64] | float) -> FloatArray:
    """Political instability g of bare estimates; see `Governance.instability`."""
    return np.clip((2.5 - np.asarray(estimate, dtype=np.float64)) / 5.0, 0.0, 1.0)
