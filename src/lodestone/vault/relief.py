"""What a vault does in a cut, read off walked markets: released, lost and paid, by stock and depth.

A cut of each supplier and material was walked through the market at a few depths, with a vault of a
few sizes. Any other size and depth lies between four of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import PlanError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Relief:
    """Walked cuts of P pairs with K stocks, S depths and T months.

    Attributes
    ----------
    pairs : (supplier, material)
    material : (P,) position of the pair's material among the contents
    days : (K,) stocks in days of use, the first 0; depth : (S,) shares withheld, the first 0
    released : (P, K, S, T+1) days of use handed out from the start to the end of each month
    loss : (P, K, S, T+1) what the place loses from the start on, in money
    price : (P, K, S, T) price paid outside the supplier, base prices
    """

    pairs: tuple[tuple[str, str], ...]
    material: Ints
    days: Floats
    depth: Floats
    released: Floats
    loss: Floats
    price: Floats

    def __post_init__(self) -> None:
        p, k, s = len(self.pairs), self.days.size, self.depth.size
        t = self.price.shape[3] if self.price.ndim == 4 else -1
        fine = (
            self.released.shape == self.loss.shape == (p, k, s, t + 1)
            and self.price.shape == (p, k, s, t)
            and self.material.shape == (p,)
            and self.days[0] == 0.0
            and self.depth[0] == 0.0
            and bool((np.diff(self.days) > 0.0).all() and (np.diff(self.depth) > 0.0).all())
            and all(bool(np.isfinite(x).all()) for x in (self.released, self.loss, self.price))
            and bool((np.diff(self.released, axis=3) >= -1e-9).all())
        )
        if not fine:
            raise PlanError(
                f"relief of {p} pairs: finite tables over stocks and depths that rise from 0"
            )

    @property
    def months(self) -> int:
        """Longest cut that was walked."""
        return int(self.price.shape[3])


def between(table: Floats, pair: Ints, at_stock: Floats, at_depth: Floats, month: Ints) -> Floats:
    """Values of a table (P, K, S, .) at positions of stock and depth between its points."""
    k = np.clip(at_stock.astype(np.int64), 0, table.shape[1] - 2)
    s = np.clip(at_depth.astype(np.int64), 0, table.shape[2] - 2)
    a, b = at_stock - k, at_depth - s
    low = (1.0 - b) * table[pair, k, s, month] + b * table[pair, k, s + 1, month]
    high = (1.0 - b) * table[pair, k + 1, s, month] + b * table[pair, k + 1, s + 1, month]
    return np.asarray((1.0 - a) * low + a * high)


def position(grid: Floats, value: Floats) -> Floats:
    """Where values lie on a rising grid: 1.5 is half-way between its second and third point."""
    return np.interp(value, grid, np.arange(grid.size, dtype=np.float64))
