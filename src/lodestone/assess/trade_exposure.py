"""Trade exposure: how much of a place's use depends on foreign supply, in all or on one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, gaps
from lodestone.assess.flows import Flows, blocs_checked
from lodestone.assess.panel import FloatArray, Panel, index_of, require_same_axes
from lodestone.assess.ratio import ratio
from lodestone.terms.errors import DataError

_SOURCE = "in the manner of Nassar et al. 2020; standard form, not checked against its tables"


def trade_exposure(
    reliance: Assessment,
    trade: Flows | None = None,
    *,
    against: Sequence[str] = (),
    against_name: str = "",
    blocs: Mapping[str, Sequence[str]] | None = None,
) -> Assessment:
    """How exposed are a place's users to foreign supply: 0 not at all, 1 wholly.

    ```
    TE         = NIR                                  dependence on all foreign supply
    TE_against = NIR * imports from there / imports    the part that one place could cut off
    ```
    with NIR of `net_import_reliance` (0 for net exporters). The USGS multiplies such an exposure
    with the likelihood of a foreign disruption and the vulnerability of the economy (Nassar et
    al. 2020, doi:10.1126/sciadv.aay8647); only the middle factor is computed here. Standard
    literature form, not re-read: the second line is ours and counts the shipper, not the mine.

    Parameters
    ----------
    reliance : Assessment
        Of `net_import_reliance`; places that are blocs must be in `blocs`.
    trade : Flows, optional
        Imports; needed with `against`.
    against : places
        Suppliers whose cut-off is looked at, taken together.
    against_name : str
        How to call them; their ids joined without it.

    Returns
    -------
    Assessment
        Shares 0..1 on the axes of `reliance`, with its band.
    """
    if bool(against) != (trade is not None):
        raise DataError("trade_exposure: give the suppliers and the trade together, or neither")
    panel, name = reliance.panel, "trade_exposure"
    share: FloatArray = np.ones(panel.shape)
    nothing_bought = np.zeros(panel.shape, dtype=np.bool_)
    if trade is not None:
        shares = _import_share(trade, against, blocs)
        require_same_axes(reliance=panel, trade=shares)
        # a place that imports nothing depends on nobody: no share is needed
        share = np.where(panel.value == 0.0, 0.0, shares.value)
        nothing_bought = np.isnan(shares.value)
        name = f"trade_exposure ({against_name or '+'.join(against)})"
    value = panel.value * share
    band: tuple[FloatArray | None, FloatArray | None] = (None, None)
    if panel.has_band:
        low, high = panel.bounds
        band = (low * share, high * share)
    exposed = Panel(panel.nodes, panel.places, panel.years, value, *band, "share")
    no_trade = reliance.gap == Gap.NO_TRADE_ROWS
    gap = gaps(value, (no_trade | (nothing_bought & (panel.value > 0)), Gap.NO_TRADE_ROWS))
    return Assessment(name, exposed, gap, reliance.kind, note=_SOURCE)


def _import_share(
    trade: Flows, against: Sequence[str], blocs: Mapping[str, Sequence[str]] | None
) -> Panel:
    """Share of each place's and bloc's imports from outside that comes from `against`."""
    inside = np.zeros(len(trade.places), dtype=np.bool_)
    inside[index_of(trade.places, against, "supplier")] = True
    imports, _ = trade.totals(blocs)
    abroad = trade.exporter != trade.importer
    parts = [trade.total(trade.importer, trade.tonnes, abroad & inside[trade.exporter])]
    for members in blocs_checked(blocs, trade.places).values():
        member = np.zeros(len(trade.places), dtype=np.bool_)
        member[members] = True
        rows = member[trade.importer] & ~member[trade.exporter] & inside[trade.exporter]
        parts.append(trade.total(trade.importer, trade.tonnes, rows).sum(axis=1, keepdims=True))
    bought = np.concatenate(parts, axis=1)
    share = ratio(bought, imports.value)
    return Panel(trade.nodes, imports.places, trade.years, share, unit="share")
