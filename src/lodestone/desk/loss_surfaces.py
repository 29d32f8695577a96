"""Losses of every supplier's cut as surfaces over depth and length, for one economy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lodestone.desk.group_shortages import GROUP, counted_in_group
from lodestone.desk.losing import shortage
from lodestone.terms import attribute, group_members

if TYPE_CHECKING:
    from lodestone.desk.losing import Cut
    from lodestone.economy.exposure import Case, Exposure
    from lodestone.economy.losses import Shortage
    from lodestone.economy.table import EconomyTable
    from lodestone.risk.loss_surface import LossSurface

    Floats = Any

#: Depths that are walked, and for how long.
# Losses rise steeply towards a full stop, so the grid is closer there.
SEVERITIES, MONTHS = (0.4, 0.7, 0.85, 0.95, 1.0), 24
#: Figures of a surface, in this order.
PRICE, LOW, CENTRAL, HIGH = 0, 1, 2, 3
FIGURES = ("price cost", "low judgement", "central", "high judgement")
_MILLION = 1e6


@dataclass(frozen=True)
class Surfaces:
    """Cuts with known losses.

    Attributes
    ----------
    pairs : (supplier, material) in the order of the surface
    surface : the four `FIGURES`, million of the table's currency
    upstream : (P, 3) loss with suppliers over the sum of each industry's own, by judgement
    sector_loss : (P, n) share of each sector's output that a full cut of 12 months takes, central
    unknown : pairs whose losses cannot be told, and why
    """

    pairs: tuple[tuple[str, str], ...]
    surface: LossSurface
    upstream: Floats
    sector_loss: Floats
    unknown: Mapping[tuple[str, str], str]


def surfaces(
    table: EconomyTable,
    exposed: Mapping[str, Exposure],
    cuts: Mapping[float, Sequence[Cut]],
    members: Sequence[str],
    sigma: tuple[float, float, float] | None = None,
    upstream: Mapping[tuple[str, str], Floats] | None = None,
) -> Surfaces:
    """Cumulative losses of each supplier and material at each depth and month.

    The figures at the three judgements are the larger of price cost and output loss with suppliers,
    as in `losses`: at a full stop of twelve months they are the same numbers; other depths and
    months follow each industry's own multiplier in between.

    Parameters
    ----------
    sigma : substitution for the three judgements; the attribute if left out
    upstream : of an earlier answer, to be taken over
    """
    import numpy as np

    from lodestone.economy.exposure import Case
    from lodestone.risk.loss_surface import LossSurface

    grid = sorted(cuts)
    by_pair: dict[tuple[str, str], dict[float, Cut]] = {}
    for severity in grid:
        for cut in cuts[severity]:
            if cut.supplier not in members:
                by_pair.setdefault((cut.supplier, cut.material), {})[severity] = cut
    unknown: dict[tuple[str, str], str] = {}
    kept, losses, sectors, scales = [], [], [], []
    names = {name for _, name in by_pair}
    for pair, found in by_pair.items():
        one = found[grid[-1]]
        if counted_in_group(pair[1], names):
            unknown[pair] = f"counted in {GROUP}"
            continue
        if not np.isfinite(one.price_cost).all():
            unknown[pair] = "no price in tonnes is known"
            continue
        parts = _parts(pair, by_pair)
        short = {s: _shortage(exposed, found[s], [p[s] for p in parts]) for s in grid}
        scale = _to_upstream(table, short[grid[-1]], sigma) if upstream is None else upstream[pair]
        scales.append(scale)
        stack = [np.zeros((4, one.missing.size + 1))]
        stack += [_cumulative(table, short[s], found[s], scale, sigma) for s in grid]
        kept.append(pair)
        losses.append(np.stack(stack, axis=1))
        sectors.append(_first_year(table, short[grid[-1]], Case.CENTRAL, sigma).mean(axis=1))
    return Surfaces(
        tuple(kept),
        LossSurface(np.array([0.0, *grid]), np.stack(losses, axis=1)),
        np.stack(scales),
        np.stack(sectors),
        unknown,
    )


def _parts(
    pair: tuple[str, str], by_pair: Mapping[tuple[str, str], dict[float, Cut]]
) -> list[dict[float, Cut]]:
    """The same supplier's cuts of the elements, for a pair of the group."""
    if pair[1] != GROUP:
        return []
    return [
        found for (s, m), found in by_pair.items() if s == pair[0] and m in group_members(GROUP)
    ]


def _shortage(exposed: Mapping[str, Exposure], cut: Cut, parts: Sequence[Cut]) -> Shortage:
    inside = tuple(shortage(exposed, part) for part in parts)
    return replace(shortage(exposed, cut), members=inside)


def _sigmas(sigma: tuple[float, float, float] | None) -> tuple[float, float, float]:
    a = attribute("sigma")
    return sigma or (float(a.high), float(a.default), float(a.low))


def _first_year(
    table: EconomyTable,
    short: Shortage,
    case: Case,
    sigma: tuple[float, float, float] | None,
) -> Floats:
    """(n, 12) share of each sector's output lost in the first months."""
    from lodestone.economy.losses import share_of

    return share_of(table, short, _sigmas(sigma)[case], case)[:, :12]


def _to_upstream(
    table: EconomyTable, short: Shortage, sigma: tuple[float, float, float] | None
) -> Floats:
    """(3,) loss with suppliers over the sum of each industry's own, a full stop of a year."""
    import numpy as np

    from lodestone.economy.exposure import Case
    from lodestone.economy.upstream import multipliers, with_upstream

    direct = np.stack(
        [_first_year(table, short, case, sigma).mean(axis=1) * table.output for case in Case],
        axis=1,
    )
    alone = (direct * multipliers(table)[:, None]).sum(axis=0)
    if not alone.any():
        return np.ones(3)
    whole = (with_upstream(table, direct) * table.value_added_share[:, None]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(alone > 0.0, whole / alone, 1.0)


def _cumulative(
    table: EconomyTable,
    short: Shortage,
    cut: Cut,
    scale: Floats,
    sigma: tuple[float, float, float] | None,
) -> Floats:
    """(4, T+1) losses from the start to the end of each month."""
    import numpy as np

    from lodestone.economy.exposure import Case
    from lodestone.economy.losses import share_of
    from lodestone.economy.upstream import multipliers

    price = np.cumsum(cut.price_cost) / _MILLION
    found = [price]
    weight = table.output * multipliers(table) / 12.0
    for case in Case:
        share = share_of(table, short, _sigmas(sigma)[case], case)
        # not a matrix product: its last digits depend on the number of threads
        output = np.cumsum((weight[:, None] * share).sum(axis=0)) * scale[case]
        found.append(np.maximum(price, output))
    return np.concatenate([np.zeros((4, 1)), np.stack(found)], axis=1)
