"""Losses of every supplier's cut as surfaces over depth and length, for one economy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodestone.terms import group_members

if TYPE_CHECKING:
    from lodestone.desk.losing import Cut
    from lodestone.economy.exposure import Exposure
    from lodestone.economy.table import EconomyTable
    from lodestone.risk.loss_surface import LossSurface

    Floats = Any

#: Depths that are walked, and for how long.
SEVERITIES, MONTHS = (1.0 / 3.0, 2.0 / 3.0, 1.0), 24
#: Figures of a surface, in this order.
PRICE, LOW, CENTRAL, HIGH = 0, 1, 2, 3
FIGURES = ("price cost", "low judgement", "central", "high judgement")
_MILLION = 1e6
#: Groups that are chains of their own: what they hold is not counted twice.
_GROUPS = ("rare_earths",)


@dataclass(frozen=True)
class Surfaces:
    """Cuts with known losses.

    Attributes
    ----------
    pairs : (supplier, material) in the order of the surface
    surface : the four `FIGURES`, million of the table's currency
    sector_loss : (P, n) share of each sector's output that a full cut of 12 months takes, central
    unknown : pairs whose losses cannot be told, and why
    """

    pairs: tuple[tuple[str, str], ...]
    surface: LossSurface
    sector_loss: Floats
    unknown: Mapping[tuple[str, str], str]


def surfaces(
    table: EconomyTable,
    exposed: Mapping[str, Exposure],
    cuts: Mapping[float, Sequence[Cut]],
    members: Sequence[str],
    sigma: tuple[float, float, float] | None = None,
) -> Surfaces:
    """Cumulative losses of each supplier and material at each depth and month.

    The price cost and the output loss with its suppliers' (by each industry's own multiplier, which
    counts a supplier of two short industries twice; `losses` does not). The figures at the three
    judgements are the larger of both, as in `losses`.
    """
    import numpy as np

    from lodestone.risk.loss_surface import LossSurface

    grid = sorted(cuts)
    by_pair: dict[tuple[str, str], dict[float, Cut]] = {}
    for severity in grid:
        for cut in cuts[severity]:
            if cut.supplier not in members:
                by_pair.setdefault((cut.supplier, cut.material), {})[severity] = cut
    unknown: dict[tuple[str, str], str] = {}
    kept, losses, sectors = [], [], []
    for pair, found in by_pair.items():
        one = found[grid[-1]]
        why = _left_out(pair[1], one, {name for _, name in by_pair})
        if why:
            unknown[pair] = why
            continue
        kept.append(pair)
        stack = [np.zeros((4, one.missing.size + 1))]
        stack += [_cumulative(table, exposed.get(pair[1]), found[s], sigma) for s in grid]
        losses.append(np.stack(stack, axis=1))
        sectors.append(_sector_share(table, exposed.get(pair[1]), one))
    return Surfaces(
        tuple(kept),
        LossSurface(np.array([0.0, *grid]), np.stack(losses, axis=1)),
        np.stack(sectors),
        unknown,
    )


def _left_out(name: str, cut: Cut, others: Collection[str]) -> str | None:
    """Why a pair is not counted: no money, or its tonnes are counted under its group."""
    import numpy as np

    if not np.isfinite(cut.price_cost).all():
        return "no price in tonnes is known"
    group = next((g for g in others if g in _GROUPS and name in group_members(g)), None)
    return f"counted in {group}" if group else None


def _cumulative(
    table: EconomyTable,
    exposed: Exposure | None,
    cut: Cut,
    sigma: tuple[float, float, float] | None,
) -> Floats:
    """(4, T+1) losses from the start to the end of each month."""
    import numpy as np

    from lodestone.economy.exposure import Case, lost_share
    from lodestone.economy.upstream import multipliers
    from lodestone.terms import attribute

    a = attribute("sigma")
    each = sigma or (float(a.high), float(a.default), float(a.low))
    price = np.cumsum(cut.price_cost) / _MILLION
    found = [price]
    weight = table.output * multipliers(table) / 12.0
    for case in Case:
        output = np.zeros_like(price)
        if exposed is not None:
            share = lost_share(table, exposed, cut.spend / _MILLION, cut.missing, each[case], case)
            # not a matrix product: its last digits depend on the number of threads
            output = np.cumsum((weight[:, None] * share).sum(axis=0))
        found.append(np.maximum(price, output))
    return np.concatenate([np.zeros((4, 1)), np.stack(found)], axis=1)


def _sector_share(table: EconomyTable, exposed: Exposure | None, cut: Cut) -> Floats:
    import numpy as np

    from lodestone.economy.exposure import lost_share
    from lodestone.terms import attribute

    if exposed is None:
        return np.zeros(len(table.sectors))
    sigma = float(attribute("sigma").default)
    year = cut.missing[:12]
    return lost_share(table, exposed, cut.spend / _MILLION, year, sigma).mean(axis=1)
