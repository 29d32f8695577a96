"""From what members lose under every coalition to a game: who of a coalition acts is its own choice."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lodestone.alliance.game import MOST_MEMBERS, Floats, Game
from lodestone.terms.errors import RequestError

#: Differences of losses below this part of the largest are rounding.
ROUNDING = 1e-12


class Acting(NamedTuple):
    """Who acts in each coalition.

    Attributes
    ----------
    chosen : (2^n,) the part of each coalition that acts; 0 where none does
    losses : (2^n, n) what every member loses then, in the coalition or not
    """

    chosen: NDArray[np.int64]
    losses: Floats


def acting(losses: Floats, chosen: NDArray[np.int64] | None = None) -> Acting:
    """What each coalition makes of the losses it can bring about.

    Parameters
    ----------
    losses : (2^n, n) what member k loses when the members of a coalition, all of them, act together
        and the others alone
    chosen : who acts in each coalition, where that was decided before (by other losses); else the
        part of it that leaves its members, acting or not, with the smallest loss; of equal ones
        the largest

    Returns
    -------
    Acting
        A coalition whose members do better if only some of them act, or none, lets them.
    """
    n = losses.shape[1]
    if losses.shape != (1 << n, n) or n > MOST_MEMBERS or not np.isfinite(losses).all():
        raise RequestError(f"losses of shape {losses.shape}: finite, one row for each coalition")
    picked = _picked(np.ascontiguousarray(losses), ROUNDING) if chosen is None else chosen
    return Acting(picked, losses[picked])


def game_of_losses(members: tuple[str, ...], found: Acting) -> Game:
    """The game: what members of a coalition lose alone, less what they lose by what it does.

    Values below rounding are 0.
    """
    from lodestone.alliance.game import inside

    losses = found.losses
    values = ((losses[0][None, :] - losses) * inside(len(members))).sum(axis=1)
    least = ROUNDING * max(float(np.abs(losses).max()), 1e-300)
    return Game(members, np.where(np.abs(values) <= least, 0.0, values))


@njit(cache=True)
def _picked(losses: Any, rounding: float) -> Any:
    """Best part of every coalition: all parts of all coalitions, 3^n of them."""
    size, n = losses.shape
    out = np.zeros(size, dtype=np.int64)
    for whole in range(1, size):
        best, least = 0, np.inf
        part = whole
        while True:
            total, scale = 0.0, 0.0
            for k in range(n):
                if whole >> k & 1:
                    total += losses[part, k]
                    scale += abs(losses[0, k])
            # the whole comes first and parts after it, so equal ones leave the larger
            if total < least - rounding * scale:
                best, least = part, total
            if part == 0:
                break
            part = (part - 1) & whole
        out[whole] = best
    return out
