"""Shares with a band, and their mean where the weights are bands too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lodestone.terms.errors import DataError

_SLACK = 1e-9


@dataclass(frozen=True)
class ShareBand:
    """A share known within bounds: 0 <= low <= value <= high <= 1."""

    low: float
    value: float
    high: float

    def __post_init__(self) -> None:
        ends = (-_SLACK, self.low, self.value, self.high, 1.0 + _SLACK)
        if not all(a <= b + _SLACK for a, b in pairwise(ends)):
            raise DataError(f"no share with a band: {self.low}, {self.value}, {self.high}")

    @classmethod
    def of(cls, low: float, value: float, high: float) -> ShareBand:
        """Cut numbers to 0..1, and widen the band to hold the value."""
        value = _cut(value)
        return cls(min(_cut(low), value), value, max(_cut(high), value))

    @classmethod
    def exactly(cls, value: float) -> ShareBand:
        """A share without doubt."""
        return cls.of(value, value, value)


#: A weight of one: everything counts the same.
ALIKE = ShareBand(1.0, 1.0, 1.0)
NOTHING = ShareBand(0.0, 0.0, 0.0)


def weighted_mean(
    shares: Sequence[ShareBand | None], weights: Sequence[ShareBand]
) -> ShareBand | None:
    """Mean of shares, with the least and the most that any weights within their bands give.

    `value = sum w x / sum w` over the known shares. The band lets every share and every weight
    take any value in its own band at once; an unknown share may be anything from 0 to 1. A mean
    with weights in a box is least where the smallest shares weigh most: the best cut of the
    sorted list is tried at every position (linear-fractional, so a corner is optimal).

    Examples
    --------
    >>> half = ShareBand(0.4, 0.5, 0.6)
    >>> weighted_mean([half, None], [ALIKE, ALIKE])
    ShareBand(low=0.2, value=0.5, high=0.8)
    >>> weighted_mean([None], [ALIKE]) is None
    True
    """
    known = [(x.value, w.value) for x, w in zip(shares, weights, strict=True) if x is not None]
    total = sum(w for _, w in known)
    if total <= 0.0:
        return None
    lows = [0.0 if x is None else x.low for x in shares]
    highs = [1.0 if x is None else x.high for x in shares]
    return ShareBand.of(
        _extreme(lows, weights, least=True),
        sum(x * w for x, w in known) / total,
        _extreme(highs, weights, least=False),
    )


def _extreme(shares: Sequence[float], weights: Sequence[ShareBand], *, least: bool) -> float:
    """The least (most) mean that weights within their bands can give."""
    ordered = sorted(zip(shares, weights, strict=True), key=lambda pair: pair[0])
    means = []
    for cut in range(len(ordered) + 1):
        chosen = [w.high if (i < cut) is least else w.low for i, (_, w) in enumerate(ordered)]
        total = sum(chosen)
        if total > 0.0:
            parts = zip(ordered, chosen, strict=True)
            means.append(sum(x * w for (x, _), w in parts) / total)
    return min(means) if least else max(means)


def _cut(share: float) -> float:
    return min(max(share, 0.0), 1.0)
