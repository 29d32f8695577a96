"""The core: shares that no group of members can better by leaving together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lodestone.alliance.excess_program import ExcessProgram
from lodestone.alliance.game import Floats, Game, inside
from lodestone.terms.errors import RequestError

#: Complaints below this part of the largest value are rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class CoreCheck:
    """Whether a share-out is in the core.

    Attributes
    ----------
    inside : whether no coalition can do better by itself
    excess : largest complaint: what a coalition is worth less what its members get
    coalition : whose
    """

    inside: bool
    excess: float
    coalition: int


@dataclass(frozen=True)
class LeastCore:
    """The share-out whose worst complaint is smallest.

    Attributes
    ----------
    excess : that complaint; the core is not empty where it is 0 or less
    shares : (n,) one share-out that has it
    empty : whether the core is empty
    """

    excess: float
    shares: Floats
    empty: bool


def core_check(game: Game, shares: ArrayLike) -> CoreCheck:
    """Whether any coalition would do better by itself than with these shares of the whole.

    Raises
    ------
    RequestError
        If the shares are not one number a member, or do not add up to the value of all.
    """
    given = np.asarray(shares, dtype=np.float64)
    scale = scale_of(game)
    if given.shape != (game.size,) or not np.isfinite(given).all():
        raise RequestError(f"shares of shape {given.shape}: one number for each member")
    if abs(float(given.sum()) - game.grand) > 1e-6 * scale:
        raise RequestError(f"shares add up to {given.sum():g}, not to {game.grand:g}")
    if game.size == 1:
        return CoreCheck(True, 0.0, 1)
    excess = game.values - inside(game.size) @ given
    proper = excess[1:-1]
    worst = int(proper.argmax()) + 1
    most = float(excess[worst])
    return CoreCheck(most <= ROUNDING * scale, most, worst)


def least_core(game: Game) -> LeastCore:
    """The smallest worst complaint of any share-out, by a linear program.

    min e  s.t.  v(S) - x(S) <= e for every coalition but none and all,  x(N) = v(N).

    References
    ----------
    Maschler, Peleg & Shapley (1979), doi:10.1287/moor.4.4.303.
    """
    if game.size == 1:
        return LeastCore(0.0, game.values[1:].copy(), False)
    found = ExcessProgram(game).solve()
    excess = found.excess * scale_of(game)
    shares = found.shares * scale_of(game)
    return LeastCore(excess, shares, excess > ROUNDING * scale_of(game))


def scale_of(game: Game) -> float:
    """The largest value, or 1: programs are solved in parts of it."""
    return float(np.abs(game.values).max()) or 1.0
