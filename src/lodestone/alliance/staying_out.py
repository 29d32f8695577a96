"""Who would rather stay out: what a member keeps by leaving, beside what it is offered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lodestone.alliance.game import Floats, Game
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


def staying_out(game: Game, outside: ArrayLike, shares: ArrayLike) -> StayingOut:
    """Hold what each member gets inside against what it gets for nothing outside.

    Parameters
    ----------
    outside : (n,) gain of each member when the others act together without it
    shares : (n,) what it is offered inside

    References
    ----------
    d'Aspremont, Jacquemin, Gabszewicz & Weymark (1983), doi:10.2307/134987 (internal stability);
    Barrett (1994), doi:10.1093/oxfordjournals.oep.a042242.
    """
    there, given = (np.asarray(x, dtype=np.float64) for x in (outside, shares))
    if there.shape != (game.size,) or given.shape != (game.size,):
        raise RequestError("outside gains and shares: one number for each member")
    everybody = (1 << game.size) - 1
    without = np.array([everybody & ~(1 << k) for k in range(game.size)])
    lost = game.grand - game.values[without]
    return StayingOut(there, lost, there - given)
