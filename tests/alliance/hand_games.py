"""Games whose answers are published, or small enough for a pencil."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lodestone.alliance.game import Game


def made(members: str, value: Callable[[frozenset[str]], float]) -> Game:
    """A game from a rule."""
    n = len(members)
    sets = [frozenset(m for k, m in enumerate(members) if s >> k & 1) for s in range(1 << n)]
    return Game(tuple(members), np.array([value(s) if s else 0.0 for s in sets]))


def glove(left: str, right: str) -> Game:
    """A pair of gloves is worth 1, a single one nothing."""
    return made(left + right, lambda s: float(min(len(s & set(left)), len(s & set(right)))))


def bankruptcy(estate: float, claims: dict[str, float]) -> Game:
    """What the others leave when they are paid in full (O'Neill 1982)."""
    total = sum(claims.values())
    return made(
        "".join(claims),
        lambda s: max(0.0, estate - (total - sum(claims[m] for m in s))),
    )


def airport(costs: dict[str, float]) -> Game:
    """Minus the cost of the longest runway that is needed (Littlechild & Owen 1973)."""
    return made("".join(costs), lambda s: -max(costs[m] for m in s))


def vault() -> Game:
    """Three members, one vault. A holds 6 and needs none, B and C need 6 and 3 and hold none.

    A tonne avoids a loss of 1 for B and of 2 for C: A and B avoid 6, A and C 6 (three tonnes at 2),
    all of them 3 * 2 + 3 * 1 = 9.
    """
    worth = {"AB": 6.0, "AC": 6.0, "ABC": 9.0}
    return made("ABC", lambda s: worth.get("".join(sorted(s)), 0.0))
