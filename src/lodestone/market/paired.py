"""Two market answers side by side: the difference of a number, with a band of paired draws.

Both are walked under the same draws of the assumptions. What a draw does to both falls out of
their difference, so its band is narrower than that of two bands laid side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lodestone.market.arrays import Floats
from lodestone.market.band import Banded, BandedAnswer, band


def difference(
    first: BandedAnswer | None, second: BandedAnswer | None, name: str, at_rest: float
) -> Banded:
    """Second minus first of a series, with the 5th to 95th percentile over paired draws.

    Parameters
    ----------
    first, second : walked with the same count and seed; None for a market that is left at rest
    name : of a series that both have read
    at_rest : the series in a market at rest
    """
    known = first or second
    assert known is not None, "one of the two happens"
    size = known.series[name].value.size
    rest = np.full(size, at_rest)
    middle = _value(second, name, rest) - _value(first, name, rest)
    count = len(known.readings)
    samples = [
        b - a
        for a, b in zip(
            _readings(first, name, rest, count), _readings(second, name, rest, count), strict=True
        )
        if a is not None and b is not None
    ]
    return band(middle, samples)


def _value(answer: BandedAnswer | None, name: str, rest: Floats) -> Floats:
    return rest if answer is None else answer.series[name].value


def _readings(
    answer: BandedAnswer | None, name: str, rest: Floats, count: int
) -> Sequence[Floats | None]:
    if answer is None:
        return [rest] * count
    return [None if r is None else r[name] for r in answer.readings]
