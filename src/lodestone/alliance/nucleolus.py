"""The nucleolus: the share-out whose worst-off coalition complains least, then the next, and so on."""

from __future__ import annotations

import numpy as np

from lodestone.alliance.excess_program import ExcessProgram
from lodestone.alliance.game import Floats, Game
from lodestone.terms.errors import LodestoneError

#: Dual prices above this settle a complaint; directions below it are none.
_PRICED, _SPAN = 1e-7, 1e-9


def nucleolus(game: Game) -> Floats:
    """(n,) the one share-out that makes the sorted complaints of all coalitions least.

    A sequence of linear programs: find the smallest worst complaint; coalitions with a positive
    price complain that much in every optimum and are settled; those whose members' share follows
    from settled ones drop out; go on with the rest. Every round settles a new direction, so there
    are at most n - 1. This is the prenucleolus: it does not force members to get what they have
    alone. Where the core is not empty they do, and the two are the same.

    Raises
    ------
    LodestoneError
        If a program cannot be proved, or no coalition is settled.

    References
    ----------
    Schmeidler (1969), doi:10.1137/0117107; Kohlberg (1971), doi:10.1137/0120009; the sequence as in
    Potters, Reijnierse & Ansing (1996), doi:10.1287/moor.21.3.757.
    """
    if game.size == 1:
        return game.values[1:].copy()
    program = ExcessProgram(game)
    for _ in range(game.size):
        found = program.solve()
        settled = np.flatnonzero(program.open & (found.weight > _PRICED))
        if settled.size == 0:
            break
        program.level[settled] = found.excess
        program.open[settled] = False
        fixed = np.isfinite(program.level)
        rows = program.inside[fixed].astype(np.float64)
        basis = _basis(rows)
        if basis.shape[0] == game.size:
            owed = (program.values - program.level)[fixed]
            return np.asarray(np.linalg.lstsq(rows, owed, rcond=None)[0] * program.scale)
        every = program.inside.astype(np.float64)
        apart = every - every @ basis.T @ basis
        program.open &= np.abs(apart).max(axis=1) > _SPAN
    raise LodestoneError("nucleolus: complaints are left unsettled; please report the game")


def _basis(rows: Floats) -> Floats:
    """Orthonormal rows that span the same."""
    _, size, turned = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(turned[size > _SPAN * size[0]])
