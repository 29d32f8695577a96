"""Look-through: not who shipped it, but who refined and who mined it.

A tonne of cobalt that arrives from Belgium may have been refined in China from ore dug in the
Congo. We trace what a place uses back through re-exports to the places that made it, and from
refined output back through the refiners' intake to the mines.

With F the flows of a stage, y its output and T = y + imports what each place has, the share of
what j has that i made is C = (diag(T) - F')^-1 diag(y): a place passes on the same mix it has
(proportional mixing). Rows of C sum to 1. Origins of the stage before are C times the refiners'
own mix, with scrap kept as an origin of its own. This is the absorbing-chain form of Leontief's
trace (Kastner, Kastner & Nonhebel 2011, doi:10.1016/j.ecolecon.2011.01.012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.terms.errors import ChainError, RequestError

Floats = NDArray[np.float64]

#: Origin label of what was made from scrap, which no mine supplied.
SCRAP = "scrap"


@dataclass(frozen=True)
class Dependence:
    """Where a buyer's supply comes from.

    Attributes
    ----------
    lens : 'direct' (who shipped it) or 'look_through' (who made it)
    stage : stage whose supply or use is traced
    origin_stage : stage at which the origin did its work
    origins : labels of the columns of `share`; places, and `scrap` where it occurs
    share : (origins,) sums to 1, or all NaN where the buyer has none of it
    total : tonnes (or index units) that the shares are of
    """

    lens: str
    stage: str
    origin_stage: str
    origins: tuple[str, ...]
    share: Floats
    total: float

    def of(self, origin: str) -> float:
        """Share from one origin; 0 if it supplies nothing, NaN if the buyer has none."""
        if origin not in self.origins:
            return float("nan") if np.isnan(self.share).all() else 0.0
        return float(self.share[self.origins.index(origin)])

    def of_group(self, members: Sequence[str]) -> float:
        """Share from several origins together."""
        return float(sum(self.of(m) for m in members))


def made_by(stage: ChainStage) -> Floats:
    """Share of what each place has that each place made, at one stage.

    Returns
    -------
    (n, n) rows buyers, columns makers; rows sum to 1; NaN rows where a place has nothing.
    """
    return _made_by(stage.output, stage.flow)


def _made_by(output: Floats, flow: Floats) -> Floats:
    total = output + flow.sum(axis=0)
    alive = total > 1e-12 * max(total.max(), 1e-300)
    out = np.full((total.size, total.size), np.nan)
    if not alive.any():
        return out
    keep = np.flatnonzero(alive)
    inner = flow[np.ix_(keep, keep)]
    # What came from dropped places is below rounding; keep the rows stochastic without it.
    own = output[keep]
    matrix = np.diag(own + inner.sum(axis=0)) - inner.T
    mix = scipy.linalg.solve(matrix, np.diag(own), check_finite=True)
    mix = np.clip(mix, 0.0, None)
    sums = mix.sum(axis=1)
    if np.abs(sums - 1.0).max() > 1e-6:
        raise ChainError(
            "look-through: some places re-export to each other without anybody making anything; "
            f"rows sum to {sums.min():.3g}-{sums.max():.3g}"
        )
    out[np.ix_(keep, np.arange(total.size))] = 0.0
    out[np.ix_(keep, keep)] = mix / sums[:, None]
    return out


def traced(chain: SupplyChain, stage: str, origin_stage: str) -> Floats:
    """Share of what each place has at `stage` by where it was worked at `origin_stage`.

    Returns
    -------
    (n, n + 1) rows buyers, columns places and, last, scrap (made without the origin stage).
    """
    names = [s.stage for s in chain.stages]
    first, last = names.index(origin_stage), names.index(stage)
    if first > last:
        raise RequestError(f"cannot trace {stage} of {chain.material} forward to {origin_stage}")
    n = len(chain.places)
    mix = np.hstack([made_by(chain.stages[last]), np.zeros((n, 1))])
    for k in range(last, first, -1):
        mix = step_back(mix, chain.stages[k], made_by(chain.stages[k - 1]))
    return mix


def step_back(mix: Floats, stage: ChainStage, feed: Floats) -> Floats:
    """From who made it at a stage to who made its feed; scrap-fed output ends in scrap."""
    from_scrap = scrap_share(stage, feed)
    makers = mix[:, :-1]
    back = np.hstack(
        [
            makers @ (np.nan_to_num(feed) * (1.0 - from_scrap)[:, None]),
            (makers @ from_scrap)[:, None],
        ]
    )
    back[:, -1] += mix[:, -1]
    return back


def scrap_share(stage: ChainStage, feed: Floats) -> Floats:
    """(n,) share of each maker's output that is made from scrap.

    A maker that holds no feed at all (a NaN row of `feed`) can only have worked scrap.
    """
    made = stage.output > 0
    share = np.divide(stage.scrap_output, stage.output, out=np.ones_like(stage.output), where=made)
    share = np.clip(share, 0.0, 1.0)
    return np.where(np.isnan(feed).any(axis=1), 1.0, share)


def direct(chain: SupplyChain, stage: str, members: Sequence[str]) -> Dependence:
    """Who ships a stage's material to a buyer: imports by last shipper, and own output.

    Parameters
    ----------
    members : ISO3 codes of the buyer; a bloc counts as one buyer, trade inside it drops out
    """
    at = chain.stage(stage)
    inside = _mask(chain, members)
    arriving = at.flow[:, inside].sum(axis=1)
    arriving[inside] = at.output[inside]
    total = float(arriving.sum())
    share = arriving / total if total > 0 else np.full(arriving.size, np.nan)
    return Dependence("direct", stage, stage, chain.places, share, total)


def look_through(
    chain: SupplyChain, members: Sequence[str], origin_stage: str, stage: str | None = None
) -> Dependence:
    """Who made, at `origin_stage`, what a buyer uses.

    Parameters
    ----------
    members : ISO3 codes of the buyer
    stage : trace only what is used directly at this stage and fed from it; by default all
        direct use of the buyer at `origin_stage` and every later stage, in reference tonnes

    Returns
    -------
    Dependence
        `origins` are the chain's places and `scrap`.
    """
    inside = _mask(chain, members)
    names = [s.stage for s in chain.stages]
    wanted = [stage] if stage else names[names.index(origin_stage) :]
    share = np.zeros(len(chain.places) + 1)
    total = 0.0
    for name in wanted:
        at = chain.stage(name)
        need = np.where(inside, at.absorbed if stage else at.use, 0.0)
        weight = float(need.sum())
        if weight <= 0:
            continue
        mix = traced(chain, name, origin_stage)
        # A place whose use comes out of stocks alone has no traceable origin.
        known = inside & ~np.isnan(mix[:, 0])
        share += (need[known][:, None] * mix[known]).sum(axis=0)
        total += float(need[known].sum())
    share = share / total if total > 0 else np.full(share.size, np.nan)
    label = stage or names[-1]
    return Dependence("look_through", label, origin_stage, (*chain.places, SCRAP), share, total)


def _mask(chain: SupplyChain, members: Sequence[str]) -> NDArray[np.bool_]:
    wanted = set(members)
    return np.array([p in wanted for p in chain.places])
