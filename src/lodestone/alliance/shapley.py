"""The Shapley value: what each member adds, on average over all orders of joining."""

from __future__ import annotations

from math import factorial

import numpy as np

from lodestone.alliance.game import Floats, Game, sizes


def shapley(game: Game) -> Floats:
    """(n,) what each member adds to those before it, the mean over all orders.

    ``phi_i = sum over S without i of |S|! (n-|S|-1)! / n! (v(S+i) - v(S))``, all coalitions at once.

    References
    ----------
    Shapley (1953), A value for n-person games, doi:10.1515/9781400881970-018.

    Examples
    --------
    >>> from lodestone.alliance.game import Game
    >>> import numpy as np
    >>> shapley(Game(("left", "right"), np.array([0.0, 0.0, 0.0, 10.0]))).tolist()
    [5.0, 5.0]
    """
    n = game.size
    held = sizes(n)
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])
    which = np.arange(1 << n)
    found = np.zeros(n)
    for k in range(n):
        without = which[which >> k & 1 == 0]
        added = game.values[without | 1 << k] - game.values[without]
        found[k] = float((weight[held[without]] * added).sum())
    return found
