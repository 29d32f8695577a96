"""N-1: can the rest of the world be fed if the largest supplier falls away?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, Labels, gaps
from lodestone.assess.panel import OTHERS, WORLD, FloatArray, Panel, require_same_axes
from lodestone.assess.ratio import ratio
from lodestone.terms.errors import DataError

_NOTE = "band: exact, with the largest supplier that of the central figures"


@dataclass(frozen=True)
class NMinus1:
    """Both readings in use, named by what they divide by."""

    rest_of_world_demand: Assessment
    all_demand: Assessment


def n_minus_1(supply: Panel, demand: Panel, own_demand: Panel | None = None) -> NMinus1:
    """Supply without the largest supplier, over demand: below 1 means a shortage.

    ```
    rest_of_world_demand   (S - S_top) / (D - D_top)
    all_demand             (S - S_top) / D
    ```
    The first is the wording of the IEA (Global Critical Minerals Outlook 2025, CC BY 4.0): the
    largest supplier keeps its metal for its own use, so its demand leaves with it. The second
    divides by all demand and is the lower figure. Both leave price and stocks out.

    Parameters
    ----------
    supply : Panel
        Tonnes by supplier; an unknown supplier leaves the node unknown, and "other countries"
        (`XOT`) are never the largest.
    demand : Panel
        World demand in tonnes, place `WLD`.
    own_demand : Panel, optional
        Demand by place, on the axes of `supply`. Without it, or where the largest supplier's is
        unknown, the first reading is unknown.

    Returns
    -------
    NMinus1
        Two assessments with the one place `WLD`; `supplier` is the one that falls away.
    """
    require_same_axes(supply=supply, demand=demand, own_demand=own_demand)
    if demand.places != (WORLD,):
        raise DataError("n_minus_1: demand must be that of the world -> one place, WLD")
    supply.require_non_negative("supply")
    named = np.where(np.array(supply.places)[:, None] == OTHERS, -1.0, supply.value)
    top = np.nan_to_num(named, nan=-1.0).argmax(axis=1, keepdims=True)
    left = [_without(array, top) for array in (supply.value, *supply.bounds)]
    all_demand = [demand.value, *demand.bounds]
    nowhere = np.full_like(demand.value, np.nan)
    own = [nowhere] * 3
    if own_demand is not None:
        arrays = (own_demand.value, *own_demand.bounds)
        own = [np.take_along_axis(array, top, axis=1) for array in arrays]
    # the least demand of others is the low world figure without the high own one
    rest = [all_demand[0] - own[0], all_demand[1] - own[2], all_demand[2] - own[1]]
    banded = supply.has_band or demand.has_band
    answers = (
        _answer(supply, f"n_minus_1 ({name})", left, over, top, banded)
        for name, over in (("rest of world demand", rest), ("all demand", all_demand))
    )
    return NMinus1(*answers)


def _without(array: FloatArray, top: np.ndarray) -> FloatArray:
    """Sum over suppliers but the top one, (nodes, 1, years); NaN where any is unknown."""
    others = array.copy()
    np.put_along_axis(others, top, 0.0, axis=1)
    unknown = np.isnan(array).any(axis=1, keepdims=True)
    return np.where(unknown, np.nan, others.sum(axis=1, keepdims=True))


def _answer(
    supply: Panel,
    method: str,
    left: list[FloatArray],
    demand: list[FloatArray],
    top: np.ndarray,
    banded: bool,
) -> Assessment:
    value = ratio(left[0], demand[0])
    low, high = ratio(left[1], demand[2]), ratio(left[2], demand[1])
    value = np.where(np.isnan(low) | np.isnan(high), np.nan, value) if banded else value
    unknown = np.isnan(value)
    axes = (supply.nodes, (WORLD,), supply.years)
    panel = Panel(*axes, value, unit="ratio")
    if banded:
        low, high = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
        panel = Panel(*axes, value, low, high, "ratio")
    return Assessment(
        method,
        panel,
        gaps(value, (demand[0] <= 0, Gap.NO_DEMAND)),
        supplier=Labels(np.where(unknown, -1, top), supply.places),
        note=_NOTE if banded else "",
    )
