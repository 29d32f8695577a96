"""Who else stands still: losses of suppliers when some industries make less.

A chip maker that stops also stops ordering power, gases and repairs. Those suppliers make less
too, and so do theirs. An industry that is already held back by a shortage of its own does not
lose twice: it loses the larger of what it cannot make and what nobody orders.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lodestone.economy.table import EconomyTable
from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]

_AIM, _MOST_ROUNDS = 1e-12, 20_000


def with_upstream(table: EconomyTable, direct: Floats) -> Floats:
    """Output lost by each industry, own and upstream: the least `d >= max(direct, A d)`.

    Where one industry is hit, this is its loss times its column of the Leontief inverse over the
    inverse's own diagonal: the mixed model with that industry's output given. Final use of
    unhindered industries stays as it was.

    Parameters
    ----------
    direct : (n,) or (n, T) output that the industries cannot make, in the table's money

    Returns
    -------
    Floats
        The same shape; `table.value_added_share` times it is value added lost.

    Raises
    ------
    RequestError
        If a direct loss is negative, above the output, or not a number.

    References
    ----------
    Miller & Blair (2009), Input-Output Analysis, 2nd ed., section 13.2 (exogenous outputs).
    """
    asked = np.asarray(direct, dtype=np.float64)
    columns = np.ascontiguousarray(asked.reshape(asked.shape[0], -1))
    _check(table, columns)
    start, at, value = table.once("rows", _sparse_rows)
    found, rounds = _least(start, at, value, columns, _AIM, _MOST_ROUNDS)
    if rounds < 0:
        raise RequestError(
            f"input-output table of {table.place} {table.year}: losses upstream do not converge in "
            f"{_MOST_ROUNDS} rounds; the table's coefficients have a spectral radius of 1 or more"
        )
    return np.asarray(found.reshape(asked.shape))


def multipliers(table: EconomyTable) -> Floats:
    """(n,) value added lost in the whole economy for each unit of output lost by one industry."""
    return table.once("multipliers", _multipliers)


def _multipliers(table: EconomyTable) -> Floats:
    inverse = _inverse(np.eye(len(table.sectors)) - table.coefficients)
    drawn = (table.value_added_share[:, None] * inverse).sum(axis=0)
    return np.asarray(drawn / np.diag(inverse))


def _check(table: EconomyTable, columns: Floats) -> None:
    over = columns > table.output[:, None] * (1.0 + 1e-9)
    bad = ~np.isfinite(columns) | (columns < 0.0) | over
    if bad.any():
        k = int(np.argwhere(bad)[0][0])
        raise RequestError(
            f"direct loss of {table.sectors[k]} is {columns[k].max():g}: between 0 and its output "
            f"of {table.output[k]:,.0f} million {table.currency}"
        )


def _sparse_rows(table: EconomyTable) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """A by rows, without its zeros: sums in a fixed order, the same bytes on any machine."""
    a = table.coefficients
    rows, cols = np.nonzero(a)
    start = np.zeros(a.shape[0] + 1, dtype=np.int64)
    np.cumsum(np.bincount(rows, minlength=a.shape[0]), out=start[1:])
    return start, cols.astype(np.int64), a[rows, cols]


@njit(cache=True)
def _least(start: Any, at: Any, value: Any, direct: Any, aim: float, most: int) -> Any:
    """Least fixed point of d = max(direct, A d) by rounds from below, in place after each row."""
    n, spans = direct.shape
    lost = direct.copy()
    for rounds in range(most):
        worst = 0.0
        for i in range(n):
            for t in range(spans):
                ordered = 0.0
                for k in range(start[i], start[i + 1]):
                    ordered += value[k] * lost[at[k], t]
                if ordered > lost[i, t]:
                    worst = max(worst, (ordered - lost[i, t]) / ordered)
                    lost[i, t] = ordered
        if worst < aim:
            return lost, rounds
    return lost, -1


@njit(cache=True)
def _inverse(matrix: Any) -> Any:
    """Inverse by elimination in a fixed order: a library's last digits depend on its threads.

    I - A of a table whose multipliers converge needs no pivoting.
    """
    n = matrix.shape[0]
    left, right = matrix.copy(), np.eye(n)
    for k in range(n):
        pivot = left[k, k]
        for j in range(n):
            left[k, j] /= pivot
            right[k, j] /= pivot
        for i in range(n):
            factor = left[i, k]
            if i != k and factor != 0.0:
                for j in range(n):
                    left[i, j] -= factor * left[k, j]
                    right[i, j] -= factor * right[k, j]
    return right
