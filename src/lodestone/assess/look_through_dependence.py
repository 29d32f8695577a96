"""Dependence on suppliers as shipped and as mined or refined, from a chain's share matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.assess.panel import OTHERS, BoolArray, FloatArray, Node, index_of
from lodestone.terms.errors import Problems

_SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class OriginShares:
    """Where each buyer's supply of one stage of a material comes from in one year.

    Parameters
    ----------
    node : Node
    year : int
    buyers, origins : tuples of str
        A buyer is its own origin for what it makes itself.
    direct, look_through : arrays, shape (buyers, origins)
        Shares that sum to 1 by buyer: as shipped, and as made (traced through re-exports and
        stages). A buyer without use has NaN throughout.
    low, high : arrays of the same shape, or None
        Band of `look_through`.
    """

    node: Node
    year: int
    buyers: tuple[str, ...]
    origins: tuple[str, ...]
    direct: FloatArray
    look_through: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None

    def __post_init__(self) -> None:
        problems = Problems(f"origin shares of {'/'.join(self.node)} {self.year}")
        for name in ("direct", "look_through", "low", "high"):
            shares: FloatArray | None = getattr(self, name)
            if shares is None:
                continue
            if shares.shape != (len(self.buyers), len(self.origins)):
                problems.add(f"shape {shares.shape}", name, "give (buyers, origins)")
            elif (shares < -_SLACK).any() or (shares > 1.0 + _SLACK).any():
                problems.add("shares outside 0..1", name)
            elif name in ("direct", "look_through"):
                self._check_rows(name, shares, problems)
        if (self.low is None) != (self.high is None):
            problems.add("only one of low and high is given", "band", "give both or neither")
        problems.raise_if_any()

    def _check_rows(self, name: str, shares: FloatArray, problems: Problems) -> None:
        total = shares.sum(axis=1)
        partly = np.isnan(shares).any(axis=1) & ~np.isnan(shares).all(axis=1)
        for buyer in np.flatnonzero((np.abs(total - 1.0) > 1e-6) | partly)[:10]:
            problems.add(f"row sums to {total[buyer]:g}", f"{name}, buyer {self.buyers[buyer]}")


@dataclass(frozen=True, eq=False)
class LookThroughDependence:
    """Each buyer's largest foreign supplier, as shipped and as made, and the gap between them.

    All arrays have shape (buyers,); NaN and -1 where the buyer has no use or buys nothing abroad.

    Parameters
    ----------
    top_direct, top_look_through : integer arrays
        Position of the largest foreign supplier in `origins`.
    direct, look_through : arrays
        Its share of the buyer's supply.
    low, high : arrays
        Band of the look-through share; NaN without one.
    gap : array
        Look-through minus direct share of the top look-through supplier: what customs hide.
    """

    node: Node
    year: int
    buyers: tuple[str, ...]
    origins: tuple[str, ...]
    top_direct: NDArray[np.int64]
    top_look_through: NDArray[np.int64]
    direct: FloatArray
    look_through: FloatArray
    low: FloatArray
    high: FloatArray
    gap: FloatArray


@dataclass(frozen=True)
class Dependence:
    """One buyer's dependence on one supplier; None where unknown."""

    buyer: str
    supplier: str
    direct: float | None
    look_through: float | None
    low: float | None
    high: float | None

    @property
    def gap(self) -> float | None:
        """Look-through minus direct share: what customs hide."""
        if self.direct is None or self.look_through is None:
            return None
        return self.look_through - self.direct


def look_through_dependence(
    shares: OriginShares, blocs: Mapping[str, Sequence[str]] | None = None
) -> LookThroughDependence:
    """Who supplies each buyer most, by customs and by where it was made, and how far they differ.

    A reading of the chain's share matrices (see the chain's look-through); the buyer's own
    production is not a supplier, nor are "other countries" (`XOT`). No published method: our own, stated in the model notes.

    Parameters
    ----------
    shares : OriginShares
    blocs : mapping of id to members, optional
        For buyers that are blocs: their members are not foreign suppliers.
    """
    foreign = _foreign(shares, blocs or {})
    direct = np.where(foreign, shares.direct, 0.0)
    through = np.where(foreign, shares.look_through, 0.0)
    top_direct, share_direct = _top(direct)
    top_through, share_through = _top(through)
    low, high = (
        np.full_like(share_through, np.nan) if band is None else _take(band, top_through)
        for band in (shares.low, shares.high)
    )
    return LookThroughDependence(
        shares.node,
        shares.year,
        shares.buyers,
        shares.origins,
        top_direct,
        top_through,
        share_direct,
        share_through,
        low,
        high,
        share_through - _take(direct, top_through),
    )


def dependence_on(shares: OriginShares, buyer: str, supplier: str) -> Dependence:
    """How much of one buyer's supply comes from one supplier, as shipped and as made."""
    row = index_of(shares.buyers, [buyer], "buyer")[0]
    column = index_of(shares.origins, [supplier], "origin")[0]

    def share(array: FloatArray | None) -> float | None:
        number = np.nan if array is None else float(array[row, column])
        return None if np.isnan(number) else number

    return Dependence(
        buyer,
        supplier,
        share(shares.direct),
        share(shares.look_through),
        share(shares.low),
        share(shares.high),
    )


def _foreign(shares: OriginShares, blocs: Mapping[str, Sequence[str]]) -> BoolArray:
    origins = np.array(shares.origins)[None, :]
    foreign: BoolArray = (np.array(shares.buyers)[:, None] != origins) & (origins != OTHERS)
    for name, members in blocs.items():
        if name in shares.buyers:
            foreign[shares.buyers.index(name)] &= ~np.isin(shares.origins, list(members))
    return foreign


def _top(shares: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Position and share of each row's largest; -1 and NaN where the row is unknown or empty."""
    known = np.nan_to_num(shares, nan=-1.0)
    top = known.argmax(axis=1)
    share = known.max(axis=1)
    none = (share <= 0.0) | np.isnan(shares).any(axis=1)
    return np.where(none, -1, top), np.where(none, np.nan, share)


def _take(shares: FloatArray, column: NDArray[np.int64]) -> FloatArray:
    taken = np.take_along_axis(shares, np.maximum(column, 0)[:, None], axis=1)[:, 0]
    return np.where(column < 0, np.nan, taken)
