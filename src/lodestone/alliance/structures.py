"""Games in which groups act at once: what a coalition is worth by the best way to group itself.

A *structure* says who acts with whom: numbers of coalitions that hold every member once, the
smallest first. What one group does reaches the others, so losses belong to whole structures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from lodestone.alliance.from_losses import ROUNDING
from lodestone.alliance.game import Floats, Game
from lodestone.terms.errors import RequestError

Structure = tuple[int, ...]


class Grouped(NamedTuple):
    """A game and how it comes about.

    Attributes
    ----------
    game : values of all coalitions
    chosen : (2^n,) the structure that leaves each coalition with the smallest loss, those outside
        it each by itself
    """

    game: Game
    chosen: tuple[Structure, ...]


def structures(n: int) -> list[Structure]:
    """All ways to group n members: 2, 5, 15 of two, three, four; all alone comes first.

    Examples
    --------
    >>> structures(2)
    [(1, 2), (3,)]
    """
    found: list[list[int]] = [[]]
    for k in range(n):
        own = 1 << k
        found = [
            grown
            for held in found
            for grown in (
                [*held, own],
                *([*held[:j], g | own, *held[j + 1 :]] for j, g in enumerate(held)),
            )
        ]
    return sorted((tuple(sorted(groups)) for groups in found), key=lambda s: (-len(s), s))


def game_of_structures(members: tuple[str, ...], losses: Mapping[Structure, Floats]) -> Grouped:
    """What members of a coalition lose when all act alone, less what they lose by their best grouping.

    Those outside the coalition act alone. Staying apart is among the groupings, so no value is
    below 0, and a coalition can do whatever any grouping of its members into smaller ones can.

    Parameters
    ----------
    losses : structure -> (n,) what each member loses under it; every structure

    Raises
    ------
    RequestError
        If a structure has no losses, or they are not finite.
    """
    n = len(members)
    every = structures(n)
    missing = [s for s in every if s not in losses or not np.isfinite(losses[s]).all()]
    if missing:
        raise RequestError(f"no finite losses of {len(missing)} structures, such as {missing[0]}")
    alone = losses[every[0]]
    values, chosen = np.zeros(1 << n), [every[0]] * (1 << n)
    for which in range(1, 1 << n):
        inside = np.array([bool(which >> k & 1) for k in range(n)])
        least = float(alone[inside].sum())
        scale = float(np.abs(alone[inside]).sum())
        for structure in every[1:]:
            if any(g & ~which and g.bit_count() > 1 for g in structure):
                continue  # others would have to act together as well
            total = float(losses[structure][inside].sum())
            if total < least - ROUNDING * scale:
                least, chosen[which] = total, structure
        values[which] = float(alone[inside].sum()) - least
    return Grouped(Game(members, values), tuple(chosen))
