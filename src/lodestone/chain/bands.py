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
from lodestone.chain.from_account import from_account
from lodestone.chain.look_through import SCRAP, made_by, step_back
from lodestone.chain.supply_chain import SupplyChain

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
    """

    lens: str
    stage: str
    share: Floats
    total: Floats


def shares_by_buyer(chain: SupplyChain, buyers: Sequence[Sequence[str]]) -> list[SharesByBuyer]:
    """All lenses of one chain for many buyers (each a tuple of ISO3 codes).

    Direct: imports by last shipper plus own output, trade inside a buyer left out.
    Look-through: of what the buyer uses at this and every later stage, who made it here.
    """
    member = np.array([[p in set(group) for p in chain.places] for group in buyers])
    found = []
    for k, stage in enumerate(chain.stages):
        share, total = _direct(stage.output, stage.flow, member)
        found.append(SharesByBuyer(DIRECT, stage.stage, share, total))
        share, total = _look_through(chain, k, member)
        found.append(SharesByBuyer(LOOK_THROUGH, stage.stage, share, total))
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
            for o in np.flatnonzero((base.share[b] > CUT) | (high[b] > 2 * CUT)):
                rows.append(
                    {
                        "material": account.material,
                        "year": account.year,
                        "buyer": name,
                        "lens": base.lens,
                        "stage": base.stage,
                        "origin": origins[o],
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


def _direct(output: Floats, flow: Floats, member: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    arriving = member.astype(float) @ flow.T  # (buyers, origins)
    arriving = np.where(member, output[None, :], arriving)
    total = arriving.sum(axis=1)
    share = np.full((member.shape[0], output.size + 1), np.nan)
    alive = total > 0
    share[alive] = np.hstack([arriving, np.zeros((len(total), 1))])[alive] / total[alive, None]
    return share, total


def _look_through(
    chain: SupplyChain, first: int, member: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    n = len(chain.places)
    weighted = np.zeros((member.shape[0], n + 1))
    total = np.zeros(member.shape[0])
    made = [made_by(s) for s in chain.stages]
    for last in range(first, len(chain.stages)):
        mix = np.hstack([made[last], np.zeros((n, 1))])
        for k in range(last, first, -1):
            mix = step_back(mix, chain.stages[k], made[k - 1])
        known = ~np.isnan(mix[:, 0])
        need = member * np.where(known, chain.stages[last].use, 0.0)[None, :]
        weighted += need @ np.where(known[:, None], mix, 0.0)
        total += need.sum(axis=1)
    share = np.full_like(weighted, np.nan)
    alive = total > 0
    share[alive] = weighted[alive] / total[alive, None]
    return share, total
