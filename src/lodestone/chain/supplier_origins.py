"""Where goods bought from a known supplier come from: its country's feed, traced stage by stage.

A buyer knows who sold it a refined metal, seldom who mined the ore. The plant in country j works
what country j takes in; what j takes in is known from the balanced chain. So with e_j the unit
vector of j, the origins of its goods one stage back are j's own feed, then the feed of those, as
in `look_through` (scrap is an origin of its own).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.look_through import made_by, step_back
from lodestone.chain.supply_chain import SupplyChain
from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]


def supplier_origins(
    chain: SupplyChain,
    supplier: str,
    stage: str,
    origin_stage: str,
    made: Sequence[Floats] | None = None,
) -> Floats:
    """Where goods that a supplier's country sells at `stage` were worked at `origin_stage`.

    Parameters
    ----------
    supplier : ISO3 code of the country from which the goods come. Where it makes any at `stage`,
        the goods are taken as made there; where it makes none, it trades, and what it has is
        traced to its makers
    stage : at which the goods are bought
    origin_stage : the same, or an earlier one
    made : `made_by` of every stage, if it is at hand

    Returns
    -------
    (n + 1,) shares by place of the chain and, last, scrap; they sum to 1. All NaN where the
    country has nothing at `stage`, or no traceable feed.

    Raises
    ------
    RequestError
        A stage that the chain has not, or an origin stage after `stage`.
    """
    names = [s.stage for s in chain.stages]
    last, first = (
        names.index(chain.stage(stage).stage),
        names.index(chain.stage(origin_stage).stage),
    )
    if first > last:
        raise RequestError(f"cannot trace {stage} of {chain.material} forward to {origin_stage}")
    n = len(chain.places)
    if supplier not in chain.places:
        return np.full(n + 1, np.nan)
    at = chain.index(supplier)
    mix = np.zeros((1, n + 1))
    if makes(chain, supplier, stage):
        mix[0, at] = 1.0
    else:
        mix[0, :n] = _made(chain, last, made)[at]
    for k in range(last, first, -1):
        if np.isnan(mix).any():
            break
        mix = step_back(mix, chain.stages[k], _made(chain, k - 1, made))
    return np.asarray(mix[0])


def _made(chain: SupplyChain, k: int, made: Sequence[Floats] | None) -> Floats:
    return made_by(chain.stages[k]) if made is None else made[k]


def makes(chain: SupplyChain, place: str, stage: str) -> bool:
    """Whether a country makes any of a material at a stage, or only trades it."""
    if place not in chain.places:
        return False
    return bool(chain.stage(stage).output[chain.index(place)] > 0.0)
