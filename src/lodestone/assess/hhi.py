"""Concentration of supply: the Herfindahl-Hirschman index, plain and weighted by governance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, Labels, gaps
from lodestone.assess.band_sampling import HOW, percentile_band, sobol, spread
from lodestone.assess.panel import OTHERS, WORLD, FloatArray, Panel
from lodestone.assess.ratio import ratio


def hhi(supply: Panel, *, of: str = WORLD, seed: int = 0) -> Assessment:
    """How concentrated is supply: 1 for a single supplier, 1/n for n equal ones.

    `HHI = sum_i S_i^2`, with S_i the share of supplier i. A source's "other countries" (`XOT`)
    count in the total but add no square, as many small suppliers would: errs low. Source: Herfindahl (1950), Hirschman
    (1964, Am. Econ. Rev. 54:761); on the scale 0..1, not 0..10,000.

    Parameters
    ----------
    supply : Panel
        Tonnes by supplier: places are the suppliers. A supplier that is unknown makes the index
        unknown; see `Panel.with_absent_as_zero` for complete sources.
    of : str
        Whose supply it is: the world's, or a buyer's.
    seed : int
        Of the band, which is sampled because the index is not monotone in one producer's tonnes.

    Returns
    -------
    Assessment
        Method `hhi`, one place `of`; `supplier` is the largest.
    """
    weight = unweighted(supply.places, len(supply.years))
    return _assess(supply, weight, "hhi", "score", of, seed)


def governance_weighted_hhi(
    supply: Panel,
    weight: FloatArray,
    trade_parameter: FloatArray | None = None,
    *,
    of: str = WORLD,
    seed: int = 0,
) -> Assessment:
    """How concentrated is supply in badly governed places: the HHI(WGI,t) of the EC method.

    `HHI_WGI,t = sum_i S_i^2 * WGI_i * t_i`: WGI_i from 0 (best) to 10 (worst), t_i the trade
    parameter (0.8 for an EU member, 1.0 by default, up to 1.5 under export restrictions).
    Source: EC Guidelines 2017, doi:10.2873/769526.

    Parameters
    ----------
    supply : Panel
        Tonnes by supplier.
    weight : array, shape (places, years)
        `Governance.weight_0_to_10`; NaN for a place that supplies something makes the index
        unknown.
    trade_parameter : array, shape (places,), optional
        t of each supplier; 1 without it.
    """
    t = np.ones(len(supply.places)) if trade_parameter is None else trade_parameter
    named = unweighted(supply.places, len(supply.years))
    weighted = np.where(named == 0.0, 0.0, weight * t[:, None])
    return _assess(supply, weighted, "hhi_governance", "score 0-10", of, seed)


def concentration(quantity: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted sum of squared shares; shapes (..., places, years), (places, years) -> (..., years).

    NaN where a quantity is unknown, where a supplier's weight is, or where nothing is supplied.
    """
    total = quantity.sum(axis=-2)
    # 0 * NaN would let a place that supplies nothing make the index unknown
    squares = np.where(quantity == 0.0, 0.0, quantity**2 * weight).sum(axis=-2)
    return ratio(squares, total**2)


def unweighted(places: Sequence[str], years: int) -> FloatArray:
    """Weight 1 for every named place and 0 for `XOT`, shape (places, years)."""
    weight: FloatArray = np.ones((len(places), years))
    weight[[place == OTHERS for place in places]] = 0.0
    return weight


def _assess(
    supply: Panel, weight: FloatArray, method: str, unit: str, of: str, seed: int
) -> Assessment:
    supply.require_non_negative("supply")
    central = concentration(supply.value, weight)
    low, high = _band(supply, weight, central, seed) if supply.has_band else (None, None)
    panel = Panel(
        supply.nodes,
        (of,),
        supply.years,
        central[:, None, :],
        None if low is None else low[:, None, :],
        None if high is None else high[:, None, :],
        unit,
    )
    nothing = supply.value.sum(axis=1, keepdims=True) == 0.0
    named = np.where(np.array(supply.places)[:, None] == OTHERS, -1.0, supply.value)
    largest = np.nan_to_num(named, nan=-1.0).argmax(axis=1)[:, None, :]
    return Assessment(
        method,
        panel,
        gaps(panel.value, (nothing, Gap.NO_WORLD_PRODUCTION)),
        supplier=Labels(np.where(np.isnan(panel.value), -1, largest), supply.places),
        note=HOW if supply.has_band else "",
    )


def _band(
    supply: Panel, weight: FloatArray, central: FloatArray, seed: int
) -> tuple[FloatArray, FloatArray]:
    low, high = np.full_like(central, np.nan), np.full_like(central, np.nan)
    all_low, all_high = supply.bounds
    points = sobol(len(supply.places), seed)
    for n in range(len(supply.nodes)):
        active = (np.nan_to_num(all_high[n], nan=1.0) > 0).any(axis=1)
        sampled = spread(
            points[:, active, None],
            all_low[n, active],
            supply.value[n, active],
            all_high[n, active],
        )
        low[n], high[n] = percentile_band(concentration(sampled, weight[active]), central[n])
    return low, high
