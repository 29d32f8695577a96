"""Who would rather stay out: what a member keeps by leaving, beside what it is offered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lodestone.alliance.game import Floats
from lodestone.terms.errors import RequestError


@dataclass(frozen=True)
class StayingOut:
    """What leaving alone would bring each member, the others going on together.

    Attributes
    ----------
    outside : (n,) what each gains as an outsider, when all others act together (cheaper goods,
        fewer rivals: it shares in what they do)
    lost : (n,) what all together lose by its leaving: v(N) - v(N without it)
    gain : (n,) `outside` less its share: above 0, it would rather stay out
    """

    outside: Floats
    lost: Floats
    gain: Floats


def staying_out(
    grand: float, without: ArrayLike, outside: ArrayLike, shares: ArrayLike
) -> StayingOut:
    """Hold what each member gets inside against what it gets for nothing outside.

    Parameters
    ----------
    grand : what all are worth together
    without : (n,) what the others are worth together, without each member
    outside : (n,) gain of each member when the others act together without it
    shares : (n,) what it is offered inside

    References
    ----------
    d'Aspremont, Jacquemin, Gabszewicz & Weymark (1983), doi:10.2307/134987 (internal stability);
    Barrett (1994), doi:10.1093/oxfordjournals.oep.a042242.
    """
    others, there, given = (np.asarray(x, dtype=np.float64) for x in (without, outside, shares))
    if there.ndim != 1 or not there.shape == given.shape == others.shape:
        raise RequestError("worth without, outside gains and shares: one number for each member")
    return StayingOut(there, grand - others, there - given)
