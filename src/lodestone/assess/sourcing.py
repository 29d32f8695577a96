"""EC supply-risk inputs from our own baseline, for any buyer: the live mode of EC criticality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lodestone.assess.ec_supply_risk import SupplyRiskInputs, SupplyUsed, import_reliance
from lodestone.assess.flows import Flows, blocs_checked
from lodestone.assess.hhi import governance_weighted_hhi
from lodestone.assess.panel import FloatArray, Node, Panel, require_same_axes
from lodestone.assess.ratio import ratio


def supply_risk_inputs(
    production: Panel,
    trade: Flows,
    weight: FloatArray,
    eol_rir: Panel,
    substitution: Panel,
    *,
    blocs: Mapping[str, Sequence[str]] | None = None,
    trade_parameter: FloatArray | None = None,
    supply_used: Mapping[Node, SupplyUsed] | None = None,
    seed: int = 0,
) -> SupplyRiskInputs:
    """What `supply_risk` needs, from production and trade of a baseline, for all places and blocs.

    The buyer's sourcing is its own production plus its imports from outside, by country of
    origin as shipped; members of a bloc count as separate sources. Source of the method: EC
    Guidelines 2017, doi:10.2873/769526. Differences from the Commission's practice: one year
    instead of a five-year mean, and `supply_used` is GS + EUS unless stated.

    Parameters
    ----------
    production : Panel
        Tonnes by place; its band goes into HHI_GS only.
    trade : Flows
        Tonnes of the same content.
    weight : array, shape (places, years)
        `Governance.weight_0_to_10` of the mean of the six indicators. A source without one makes
        the index of its buyers unknown.
    eol_rir, substitution : Panel
        Place `WLD`, or by place *with the blocs*.
    trade_parameter : array, shape (places,), optional
        t of each source, 1 without it.

    Returns
    -------
    SupplyRiskInputs
        Buyers are the places of `production`, then the blocs.
    """
    require_same_axes(production=production, trade=trade)
    t = np.ones(len(production.places)) if trade_parameter is None else trade_parameter
    own = production.with_blocs(blocs or {})
    imports, exports = trade.totals(blocs)
    axes = (production.nodes, own.places, production.years)
    sourcing = _sourcing_hhi(production, trade, weight * t[:, None], blocs)
    reliance = import_reliance(own.value, imports.value - exports.value)
    return SupplyRiskInputs(
        governance_weighted_hhi(production, weight, t, seed=seed).panel,
        Panel(*axes, sourcing, unit="score 0-10"),
        Panel(*axes, reliance, unit="share"),
        eol_rir,
        substitution,
        supply_used or {},
    )


def _sourcing_hhi(
    production: Panel,
    trade: Flows,
    weight: FloatArray,
    blocs: Mapping[str, Sequence[str]] | None,
) -> FloatArray:
    """HHI(WGI,t) of every buyer's sources, shape (nodes, places and blocs, years)."""
    merged = _merged(trade)
    squares = merged.total(merged.importer, _weighted(merged, weight))
    bought = merged.total(merged.importer, merged.tonnes)
    home = _own_squares(production.value, weight)
    index = [ratio(squares + home, (bought + production.value) ** 2)]
    for name, members in blocs_checked(blocs, production.places).items():
        by_origin = trade.imports_of(name, [production.places[i] for i in members]).value.copy()
        by_origin[:, members] += production.value[:, members]
        total = by_origin.sum(axis=1)
        index.append(ratio(_own_squares(by_origin, weight).sum(axis=1), total**2)[:, None, :])
    return merged.unknown_where_uncovered(np.concatenate(index, axis=1))


def _merged(trade: Flows) -> Flows:
    """One flow per exporter and importer: several customs codes of a node added up."""
    _, p, t = trade.shape
    key = ((trade.node * t + trade.year) * p + trade.importer) * p + trade.exporter
    foreign = trade.exporter != trade.importer
    unique, inverse = np.unique(key[foreign], return_inverse=True)
    tonnes = np.bincount(inverse, weights=trade.tonnes[foreign], minlength=unique.size)
    rest, exporter = np.divmod(unique, p)
    rest, importer = np.divmod(rest, p)
    node, year = np.divmod(rest, t)
    return replace(
        trade,
        node=node,
        year=year,
        exporter=exporter,
        importer=importer,
        tonnes=tonnes.astype(np.float64),
    )


def _weighted(trade: Flows, weight: FloatArray) -> FloatArray:
    """Squared flow times its exporter's weight; a flow of nothing needs no weight."""
    squares = trade.tonnes**2
    return np.where(squares == 0.0, 0.0, squares * weight[trade.exporter, trade.year])


def _own_squares(quantity: FloatArray, weight: FloatArray) -> FloatArray:
    return np.where(quantity == 0.0, 0.0, quantity**2 * weight)
