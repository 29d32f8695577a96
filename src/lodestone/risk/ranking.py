"""Two rankings side by side: what stays, what enters the first ten, what leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TOP = 10


@dataclass(frozen=True)
class Compared:
    """How another ranking differs from a first.

    Attributes
    ----------
    spearman : rank correlation over all names (ties share their mean rank)
    same_in_top : names among the first ten of both
    first : first of the other
    enters, leaves : names that the other has among its first ten and the first has not, and back
    """

    spearman: float
    same_in_top: int
    first: str
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


def sums_by(names: Sequence[str], values: Floats) -> dict[str, float]:
    """Sum of the values of each name."""
    found: dict[str, float] = {}
    for name, value in zip(names, values, strict=True):
        found[name] = found.get(name, 0.0) + float(value)
    return found


def compared(base: Mapping[str, float], other: Mapping[str, float]) -> Compared:
    """The other ranking against the base; both over the same names, the largest first."""
    from scipy.stats import rankdata

    names = sorted(base)
    a, b = (rankdata([-table[n] for n in names]) for table in (base, other))
    spread = float(a.std() * b.std())
    spearman = float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0.0 else 1.0
    top_a, top_b = (sorted(names, key=lambda n: (-t[n], n))[:_TOP] for t in (base, other))
    return Compared(
        spearman,
        len(set(top_a) & set(top_b)),
        top_b[0],
        tuple(n for n in top_b if n not in top_a),
        tuple(n for n in top_a if n not in top_b),
    )
