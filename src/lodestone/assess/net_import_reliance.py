"""Net import reliance: how much of what a place uses comes from abroad."""

from __future__ import annotations

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, Labels, gaps
from lodestone.assess.panel import FloatArray, Panel, require_same_axes
from lodestone.assess.ratio import ratio

_NET_EXPORTER = "net exporter"
_NOTE = "apparent consumption = production + imports - exports + releases from stocks"


def net_import_reliance(
    production: Panel, imports: Panel, exports: Panel, stock_release: Panel | None = None
) -> Assessment:
    """What share of use is imported, net: 0 for a place that feeds itself, 1 for none of its own.

    ```
    net imports          NI  = imports - exports + releases from stocks
    apparent consumption AC  = production + NI
    net import reliance  NIR = NI / AC
    ```
    The USGS definition (Mineral Commodity Summaries, appendix: imports - exports + adjustments
    for stock changes, as a share of apparent consumption). A net exporter has reliance 0 and the
    remark that says so, where the USGS prints "E".

    Parameters
    ----------
    production : Panel
        Tonnes from mines or plants *and from scrap* of the place, of one content basis.
    imports, exports : Panel
        Tonnes of the same basis; see `Flows.totals`.
    stock_release : Panel, optional
        Tonnes drawn from stocks, negative where stocks grew. Without it the reliance is that of
        trade alone, and the note says so; an unknown cell makes the reliance unknown.

    Returns
    -------
    Assessment
        Shares 0..1. The band is exact: NIR rises with NI and falls with production.
    """
    inputs = {"production": production, "imports": imports, "exports": exports}
    require_same_axes(**inputs, stock_release=stock_release)
    for name, panel in inputs.items():
        panel.require_non_negative(name)
    signed, use = _reliance(production.value, _net(imports, exports, stock_release, 0, 0))
    value = np.maximum(signed, 0.0)
    given = [p for p in (production, imports, exports, stock_release) if p is not None]
    low, high = None, None
    if any(panel.has_band for panel in given):
        low, high = _band(production, imports, exports, stock_release, value)
    panel = Panel(production.nodes, production.places, production.years, value, low, high, "share")
    return Assessment(
        "net_import_reliance",
        panel,
        gaps(value, (use <= 0, Gap.NO_DEMAND)),
        remark=Labels(np.where(signed < 0, 0, -1), (_NET_EXPORTER,)),
        note=_NOTE if stock_release is not None else f"{_NOTE}; stock changes not counted",
    )


def _net(
    imports: Panel, exports: Panel, stock_release: Panel | None, bound: int, opposite: int
) -> FloatArray:
    """Net imports at the central figures (0, 0), or at their low (1, 2) or high (2, 1) end."""

    def end(panel: Panel, which: int) -> FloatArray:
        return (panel.value, *panel.bounds)[which]

    net = end(imports, bound) - end(exports, opposite)
    return net if stock_release is None else net + end(stock_release, bound)


def _reliance(production: FloatArray, net_imports: FloatArray) -> tuple[FloatArray, FloatArray]:
    use = production + net_imports
    return ratio(net_imports, use), use


def _band(
    production: Panel,
    imports: Panel,
    exports: Panel,
    stock_release: Panel | None,
    value: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    least, most = production.bounds
    low, _ = _reliance(most, _net(imports, exports, stock_release, 1, 2))
    high, _ = _reliance(least, _net(imports, exports, stock_release, 2, 1))
    # where the low end would use less than nothing, no reliance above zero is excluded
    low = np.where(np.isnan(low), 0.0, np.clip(low, 0.0, 1.0))
    high = np.where(np.isnan(high), 1.0, np.clip(high, 0.0, 1.0))
    unknown = np.isnan(value)
    return (
        np.where(unknown, np.nan, np.minimum(low, value)),
        np.where(unknown, np.nan, np.maximum(high, value)),
    )
