"""Reserves over production: for how many years would known reserves last?"""

from __future__ import annotations

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, gaps
from lodestone.assess.panel import Panel, require_same_axes
from lodestone.assess.ratio import ratio

_NOTE = "static: reserves grow with prices and exploration"


def reserves_over_production(reserves: Panel, production: Panel) -> Assessment:
    """How many years known reserves last at today's rate: `R / P`.

    Reserves are what could be mined profitably at today's prices (USGS, Mineral Commodity
    Summaries, appendix), so this is no date of exhaustion; it errs low.

    Parameters
    ----------
    reserves : Panel
        Tonnes of contained reference content.
    production : Panel
        Mine production in tonnes a year of the *same* content basis.

    Returns
    -------
    Assessment
        Years. A place with reserves that mines none, or may mine none, has no number.
        The band is exact: least reserves over most production, and the other way round.
    """
    require_same_axes(reserves=reserves, production=production)
    reserves.require_non_negative("reserves")
    production.require_non_negative("production")
    value = ratio(reserves.value, production.value)
    low, high = None, None
    if reserves.has_band or production.has_band:
        low = ratio(reserves.bounds[0], production.bounds[1])
        high = ratio(reserves.bounds[1], production.bounds[0])
        # where production may be nil there is no longest life, so no honest number either
        value = np.where(np.isnan(high), np.nan, value)
        low = np.where(np.isnan(value), np.nan, low)
    panel = Panel(reserves.nodes, reserves.places, reserves.years, value, low, high, "years")
    idle = np.broadcast_to(production.bounds[0] <= 0, value.shape)
    gap = gaps(value, (idle & ~np.isnan(reserves.value), Gap.NO_PRODUCTION))
    return Assessment("reserves_over_production", panel, gap, note=_NOTE)
