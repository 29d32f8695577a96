"""When a vault hands out in an emergency: three rules, none of which knows when it ends.

The keeper sees how deep the cut is and what it would leave missing month by month if it went on. He
does not know its end.

cover
    hands out all that is missing until the vault is empty
even
    hands out what is missing above a line; the line is the lowest at which the stock lasts for the
    span that the keeper plans for. What is left after the span covers all that is missing
supply
    serves the whole use of the participants while the cut lasts, so that they need buy nothing
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]

COVER, EVEN, SUPPLY = "cover", "even", "supply"
RULES = (EVEN, COVER, SUPPLY)
#: Share of use that must be missing for a month to count as one of the cut.
NOTICED = 0.01


def release(rule: str, missing: Floats, use: float, stock: float, span: int) -> Floats:
    """Tonnes handed out in each month of a cut that goes on.

    Parameters
    ----------
    rule : one of `RULES`
    missing : (T,) tonnes a month that would be missing without the vault, 0 or more
    use : tonnes a month in a normal month
    stock : tonnes at hand
    span : months that the keeper plans for

    Returns
    -------
    Floats
        (T,) in sum never more than the stock.
    """
    if rule not in RULES:
        raise RequestError(f"no release rule {rule!r}: one of {', '.join(RULES)}")
    if rule == EVEN:
        head = _above_line(missing[:span], stock)
        left = max(stock - float(head.sum()), 0.0)
        return np.concatenate([head, _until_empty(missing[span:], left)])
    wanted = missing if rule == COVER else np.where(missing > NOTICED * use, use, 0.0)
    return _until_empty(wanted, stock)


def _until_empty(wanted: Floats, stock: float) -> Floats:
    """As much as is wanted, month after month, until nothing is left."""
    out = np.minimum(np.cumsum(wanted), stock)
    return np.diff(out, prepend=0.0)


def _above_line(missing: Floats, stock: float) -> Floats:
    """What is missing above the lowest line that the stock can hold."""
    if missing.sum() <= stock:
        return missing.copy()
    high = np.sort(missing)[::-1]
    # with the n largest months cut down to the line, n * line = their sum - stock
    lines = (np.cumsum(high) - stock) / np.arange(1, high.size + 1)
    after = np.append(high[1:], 0.0)
    n = int(np.flatnonzero(lines >= after - 1e-15 * high[0])[0])
    return np.maximum(missing - max(float(lines[n]), 0.0), 0.0)
