"""Who gets what when there is not enough for all: three published ways of sharing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]

PRO_RATA, BY_NEED, BY_ENTITLEMENT = "pro rata", "need", "entitlement"
WAYS = (PRO_RATA, BY_NEED, BY_ENTITLEMENT)


def allocate(way: str, available: float, use: Floats, need: Floats, entitlement: Floats) -> Floats:
    """Share out tonnes among participants; nobody gets more than he needs while another lacks.

    Parameters
    ----------
    way : 'pro rata' by normal use, 'need' by what each misses now, 'entitlement' by what each signed
    available : tonnes
    use, need, entitlement : (P,) tonnes, 0 or more

    Returns
    -------
    Floats
        (P,) tonnes; in sum the lesser of what is there and what is needed.
    """
    if way not in WAYS:
        raise RequestError(f"no way of sharing {way!r}: one of {', '.join(WAYS)}")
    weight = {PRO_RATA: use, BY_NEED: need, BY_ENTITLEMENT: entitlement}[way]
    given = np.zeros(need.size)
    left = min(available, float(need.sum()))
    # each round somebody is served in full, so it ends
    for _ in range(2 * need.size + 1):
        lacks = need - given > 1e-15 * max(float(need.max(initial=0.0)), 1e-300)
        if left <= 0.0 or not lacks.any():
            break
        w = np.where(lacks, weight, 0.0)
        if w.sum() <= 0.0:
            w = np.where(lacks, need, 0.0)
        more = np.minimum(left * w / w.sum(), need - given)
        given += more
        left = max(left - float(more.sum()), 0.0)
    return given
