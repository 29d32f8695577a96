"""GeoPolRisk: the geopolitical supply risk of a buyer, from world concentration and its imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, Labels, gaps
from lodestone.assess.band_sampling import HOW, percentile_band, sobol, spread
from lodestone.assess.flows import Flows, blocs_checked
from lodestone.assess.governance import Governance
from lodestone.assess.hhi import concentration, unweighted
from lodestone.assess.panel import BoolArray, FloatArray, IntArray, Panel, require_same_axes
from lodestone.assess.ratio import ratio
from lodestone.terms.errors import DataError

#: Trade codes with fewer rows than this in a year carry a remark: they are about to disappear.
FEW_ROWS = 10
_REMARKS = ("trade code nearly empty this year",)


@dataclass(frozen=True, eq=False)
class GeoPolRisk:
    """Scores of all places and blocs, and the two factors they are made of."""

    score: Assessment
    hhi: Panel
    import_risk: Panel


def geopolrisk(
    production: Panel,
    trade: Flows,
    governance: Governance,
    blocs: Mapping[str, Sequence[str]] | None = None,
    *,
    within_bloc: Literal["counted", "left out"] = "counted",
    missing_governance: float = 0.5,
) -> GeoPolRisk:
    """How risky is a buyer's supply: many unstable suppliers in a concentrated world, near 1.

    ```
    Score(A,c) = HHI_A * sum_i g_i f_Aic / (p_Ac + F_Ac)
    HHI_A      = sum_i P_i^2 / (sum_i P_i)^2
    g_i        = (2.5 - WGI_PV_i) / 5
    ```
    with P production, f imports of c from i, F all imports of c, p its own production, all in
    tonnes a year. A bloc is one buyer: production summed, exporters inside it with g = 0.
    Source: Gemechu et al. (2016), doi:10.1111/jiec.12279; Santillan-Saldivar et al. (2022),
    doi:10.1007/s11367-022-02027-y; software of the authors doi:10.21105/joss.09600.

    Parameters
    ----------
    production : Panel
        Tonnes by producer; stages must be those of the trade.
    trade : Flows
        Imports; `covered` false means unknown, not zero.
    governance : Governance
        World Bank estimate of political stability and absence of violence, of the year.
    blocs : mapping of id to members, optional
        Appended to the places.
    within_bloc : "counted" or "left out"
        As published, trade inside a bloc counts in F with g = 0, which dilutes the bloc's risk;
        `left out` is the extra-region variant, where only imports from outside count.
    missing_governance : float
        g of a place without an estimate.

    Returns
    -------
    GeoPolRisk
        Places are those of `production`, then the blocs. A place that neither produces nor
        imports has no score; nor has any place where the trade codes have no rows.

    Raises
    ------
    DataError
        If labels or stages differ, a bloc is unknown, or a tonnage is negative.
    """
    _check(production, trade, governance)
    g = governance.instability(missing_governance)
    members = blocs_checked(blocs, production.places)
    imports, risky = _buyers(trade, g, members, within_bloc == "left out")
    own = production.with_blocs(blocs or {})
    named = unweighted(production.places, len(production.years))
    hhi = concentration(production.value, named)[:, None, :]
    supply = own.value + imports
    import_risk = ratio(risky, supply)
    score = hhi * import_risk
    axes = (production.nodes, own.places, production.years)
    world = Panel(production.nodes, ("WLD",), production.years, hhi, unit="score")
    return GeoPolRisk(
        Assessment(
            "geopolrisk" if within_bloc == "counted" else "geopolrisk_extra_region",
            Panel(*axes, score, unit="score"),
            gaps(
                score,
                (~trade.covered[:, None, :], Gap.NO_TRADE_ROWS),
                (_unweighed(trade, members), Gap.FLOW_WITHOUT_QUANTITY),
                (np.isnan(own.value), Gap.INPUT_UNKNOWN),
                (production.value.sum(axis=1, keepdims=True) == 0, Gap.NO_WORLD_PRODUCTION),
                (supply == 0, Gap.NO_SUPPLY),
            ),
            remark=_few_rows(trade, score),
            note=trade.note,
        ),
        world,
        Panel(*axes, import_risk, unit="score"),
    )


def geopolrisk_band(
    production: Panel,
    imports: Panel,
    governance: Governance,
    buyer: str,
    members: Sequence[str],
    *,
    seed: int = 0,
    missing_governance: float = 0.5,
) -> Assessment:
    """GeoPolRisk of one buyer with its band, from banded production and imports by exporter.

    The formula is that of `geopolrisk`; imports come from outside the buyer
    (`Flows.imports_of`), so for a bloc it is the extra-region variant. Producers and suppliers
    are sampled independently; the buyer's own production is the same draw in HHI and in p.
    """
    require_same_axes(production=production, imports=imports)
    production.require_non_negative("production")
    imports.require_non_negative("imports")
    g = governance.instability(missing_governance)
    own = np.isin(production.places, list(members))
    arrays = [np.full((len(production.nodes), len(production.years)), np.nan) for _ in range(3)]
    points = sobol(2 * len(production.places), seed)
    for n in range(len(production.nodes)):
        central, low, high = _buyer_band(production, imports, g, own, n, points)
        for array, row in zip(arrays, (central, low, high), strict=True):
            array[n] = row
    value, lower, upper = (a[:, None, :] for a in arrays)
    panel = Panel(production.nodes, (buyer,), production.years, value, lower, upper, "score")
    nothing = (production.value[:, own].sum(1) + imports.value.sum(1) == 0)[:, None, :]
    name = "geopolrisk" if len(members) == 1 else "geopolrisk_extra_region"
    return Assessment(name, panel, gaps(value, (nothing, Gap.NO_SUPPLY)), note=HOW)


def _buyer_band(
    production: Panel, imports: Panel, g: FloatArray, own: BoolArray, n: int, points: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Central, low and high score of one node by year, shape (years,) each."""
    sampled: list[FloatArray] = []
    half = len(production.places)
    for panel, draws in ((production, points[:, :half]), (imports, points[:, half:])):
        low, high = (bound[n] for bound in panel.bounds)
        drawn = spread(draws[:, :, None], low, panel.value[n], high)
        sampled.append(np.concatenate([panel.value[n][None], drawn]))
    made, bought = sampled
    supply = made[:, own].sum(axis=1) + bought.sum(axis=1)
    risky = (bought * g).sum(axis=1)
    named = unweighted(production.places, len(production.years))
    score = concentration(made, named) * ratio(risky, supply)
    low, high = percentile_band(score[1:], score[0])
    return score[0], low, high


def _buyers(
    trade: Flows, g: FloatArray, blocs: Mapping[str, IntArray], outside_only: bool
) -> tuple[FloatArray, FloatArray]:
    """Imports F and risk-weighted imports sum g f of all places and blocs, (nodes, places, years).

    NaN where the node has no trade rows in the year or a flow has no quantity.
    """
    foreign = trade.exporter != trade.importer
    instability = np.where(foreign, g[trade.exporter, trade.year], 0.0)
    imports = [trade.total(trade.importer, trade.tonnes)]
    risky = [trade.total(trade.importer, trade.tonnes * instability)]
    for members in blocs.values():
        inside = np.zeros(len(trade.places), dtype=np.bool_)
        inside[members] = True
        bought = inside[trade.importer]
        outside = bought & ~inside[trade.exporter]
        counted = outside if outside_only else bought
        for kept, weight, into in (
            (counted, trade.tonnes, imports),
            (outside, trade.tonnes * instability, risky),
        ):
            into.append(trade.total(trade.importer, weight, kept).sum(axis=1, keepdims=True))
    return (
        trade.unknown_where_uncovered(np.concatenate(imports, axis=1)),
        trade.unknown_where_uncovered(np.concatenate(risky, axis=1)),
    )


def _unweighed(trade: Flows, blocs: Mapping[str, IntArray]) -> BoolArray:
    """Where a buyer has a flow without a quantity."""
    missing = np.isnan(trade.tonnes)
    by_place = trade.total(trade.importer, missing.astype(np.float64), missing) > 0
    by_bloc = [by_place[:, m].any(axis=1, keepdims=True) for m in blocs.values()]
    return np.concatenate([by_place, *by_bloc], axis=1)


def _few_rows(trade: Flows, score: FloatArray) -> Labels:
    n, _, t = trade.shape
    rows = np.bincount(trade.node * t + trade.year, minlength=n * t).reshape(n, 1, t)
    return Labels(np.where((rows < FEW_ROWS) & ~np.isnan(score), 0, -1), _REMARKS)


def _check(production: Panel, trade: Flows, governance: Governance) -> None:
    production.require_non_negative("production")
    require_same_axes(production=production, trade=trade)
    if (governance.places, governance.years) != (production.places, production.years):
        raise DataError(
            "geopolrisk: governance and production have different places or years "
            "-> bring both to the same labels in the same order"
        )
