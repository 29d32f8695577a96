"""Dependence with its band: the baseline's shares, and how far they move when estimates are redrawn.

Each draw re-samples every estimate within its error, balances the chain again and traces it
again. The band is the 5th to 95th percentile of the draws, widened where needed to hold the
baseline. Where codes are missing the prior decides, and the band shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodestone.atlas.reconcile import ChainAccount
from lodestone.chain.from_account import MUCH, SOME, from_account
from lodestone.chain.look_through import SCRAP, made_by, step_back
from lodestone.chain.supply_chain import ChainStage, SupplyChain

Floats = NDArray[np.float64]

DIRECT, LOOK_THROUGH = "direct", "look_through"
_BAND = (5.0, 95.0)
#: Shares below this (and whose band stays below twice this) are not listed.
CUT = 0.02


@dataclass(frozen=True)
class SharesByBuyer:
    """Shares of every buyer's supply by origin, through one lens at one stage.

    Attributes
    ----------
    lens : 'direct' (last shipper at `stage`) or 'look_through' (where the stage's work was done)
    stage : the origin's stage
    share : (buyers, origins) rows sum to 1 or are NaN; origins are places, then scrap
    total : (buyers,) quantity the shares are of
    seen : (buyers,) part of it that came all the way through flows that customs show
    """

    lens: str
    stage: str
    share: Floats
    total: Floats
    seen: Floats


def shares_by_buyer(chain: SupplyChain, buyers: Sequence[Sequence[str]]) -> list[SharesByBuyer]:
    """All lenses of one chain for many buyers (each a tuple of ISO3 codes).

    Direct: imports by last shipper plus own output, trade inside a buyer left out.
    Look-through: of what the buyer uses at this and every later stage, who made it here.
    """
    member = np.array([[p in set(group) for p in chain.places] for group in buyers])
    found = []
    for k, stage in enumerate(chain.stages):
        found.append(_direct(stage, member))
        found.append(_look_through(chain, k, member))
    return found


def dependence_rows(
    account: ChainAccount,
    chain: SupplyChain,
    buyers: Mapping[str, Sequence[str]],
    *,
    draws: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Rows (buyer, lens, stage, origin, share, low, high) of one chain, shares above `CUT`.

    Buyers that hold less than 1e-5 of world output at a stage are left out there.
    """
    groups = list(buyers.values())
    baseline = shares_by_buyer(chain, groups)
    sampled = [
        shares_by_buyer(from_account(account, values), groups)
        for values in account.resample(draws, seed)
    ]
    origins = (*chain.places, SCRAP)
    rows: list[dict[str, Any]] = []
    for k, base in enumerate(baseline):
        stack = np.stack([draw[k].share for draw in sampled])
        low, high = _percentiles(stack, base.share)
        world = float(chain.stage(base.stage).output.sum())
        for b, name in enumerate(buyers):
            if not base.total[b] > 1e-5 * world:
                continue
            grade = share_grade(chain, base, b)
            for o in np.flatnonzero((base.share[b] > CUT) | (high[b] > 2 * CUT)):
                rows.append(
                    {
                        "material": account.material,
                        "year": account.year,
                        "buyer": name,
                        "lens": base.lens,
                        "stage": base.stage,
                        "origin": origins[o],
                        "grade": grade,
                        "share": round(float(base.share[b, o]), 3),
                        "low": round(float(low[b, o]), 3),
                        "high": round(float(high[b, o]), 3),
                    }
                )
    return rows


def _percentiles(stack: Floats, base: Floats) -> tuple[Floats, Floats]:
    """5th and 95th percentile over draws, widened to hold the baseline; NaN where unknown."""
    # A draw in which a buyer has nothing at all says nothing about its shares.
    filled = np.where(np.isnan(stack), base, stack)
    low, high = np.percentile(filled, _BAND, axis=0)
    return np.fmin(low, base), np.fmax(high, base)


def _direct(stage: ChainStage, member: NDArray[np.bool_]) -> SharesByBuyer:
    arriving = member.astype(float) @ stage.flow.T  # (buyers, origins)
    shown = member.astype(float) @ (stage.flow - stage.unseen).T
    arriving = np.where(member, stage.output[None, :], arriving)
    shown = np.where(member, stage.output[None, :], shown)
    total = arriving.sum(axis=1)
    share = np.full((member.shape[0], stage.output.size + 1), np.nan)
    alive = total > 0
    share[alive] = np.hstack([arriving, np.zeros((len(total), 1))])[alive] / total[alive, None]
    seen = np.divide(shown.sum(axis=1), total, out=np.ones_like(total), where=alive)
    return SharesByBuyer(DIRECT, stage.stage, share, total, seen)


def _look_through(chain: SupplyChain, first: int, member: NDArray[np.bool_]) -> SharesByBuyer:
    n = len(chain.places)
    weighted = np.zeros((member.shape[0], n + 1))
    total, shown = np.zeros(member.shape[0]), np.zeros(member.shape[0])
    made = [made_by(s) for s in chain.stages]
    open_way = [_shown_part(s) for s in chain.stages]
    for last in range(first, len(chain.stages)):
        mix = np.hstack([made[last], np.zeros((n, 1))])
        way = open_way[last]
        for k in range(last, first, -1):
            way = way * (np.nan_to_num(made[k]) @ open_way[k - 1])
            mix = step_back(mix, chain.stages[k], made[k - 1])
        known = ~np.isnan(mix[:, 0])
        need = member * np.where(known, chain.stages[last].use, 0.0)[None, :]
        weighted += need @ np.where(known[:, None], mix, 0.0)
        shown += need @ way
        total += need.sum(axis=1)
    share = np.full_like(weighted, np.nan)
    alive = total > 0
    share[alive] = weighted[alive] / total[alive, None]
    seen = np.divide(shown, total, out=np.ones_like(total), where=alive)
    return SharesByBuyer(LOOK_THROUGH, chain.stages[first].stage, share, total, seen)


def _shown_part(stage: ChainStage) -> Floats:
    """Part of what each place has that was made there or came only through seen flows.

    With T what a place has and S the seen flows, q solves (diag(T) - S') q = output.
    """
    total = stage.supply
    alive = total > 1e-12 * max(float(total.max()), 1e-300)
    keep = np.flatnonzero(alive)
    flows = (stage.flow - stage.unseen)[np.ix_(keep, keep)]
    matrix = np.diag(stage.output[keep] + stage.flow[np.ix_(keep, keep)].sum(axis=0)) - flows.T
    part = np.ones(total.size)
    part[keep] = np.clip(np.linalg.solve(matrix, stage.output[keep]), 0.0, 1.0)
    return part


def share_grade(chain: SupplyChain, found: SharesByBuyer, buyer: int) -> str:
    """Grade of a buyer's shares: how its origins' output was known, and the way it came.

    C where most rests on shares of another year or on inferred trade, B above a part of it.
    """
    cells = chain.stage(found.stage).grade
    share = np.nan_to_num(found.share[buyer, :-1])
    weak = {g: float(share[[x == g for x in cells]].sum()) for g in "BC"}
    hidden = 1.0 - float(found.seen[buyer])
    if weak["C"] > MUCH or hidden > MUCH:
        return "C"
    return "B" if weak["B"] + weak["C"] > SOME or hidden > SOME else "A"
