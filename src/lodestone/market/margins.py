"""Biproportional fitting, compiled: scale rows and columns of a table to given sums.

Scaling in turn (RAS) stalls where a self-sufficient country hangs on the rest by a thread;
Newton's method on the logarithms of the row factors, columns eliminated, does not. No library of
linear algebra is called, so that the same table has the same bytes on any number of threads.
"""

from __future__ import annotations

import numpy as np

from lodestone.market.arrays import Floats
from lodestone.market.compiled import compiled

_ROUNDS = 80


@compiled()
def fit_margins(table: Floats, rows: Floats, columns: Floats, goal: float) -> float:
    """Scale `table` (n, m) in place to row sums `rows` and column sums `columns`.

    Both must have the same total, and every row and column a positive entry.

    Returns
    -------
    float
        Largest relative miss of a row at the end; columns are exact.
    """
    n, m = table.shape
    gap, move, weight = np.empty(n), np.empty(n), np.empty(n)
    off = np.inf
    for _ in range(_ROUNDS):
        _scale_columns(table, columns)
        off = 0.0
        for i in range(n):
            total = 0.0
            for j in range(m):
                total += table[i, j]
            weight[i] = total
            gap[i] = rows[i] - total
            off = max(off, abs(gap[i]) / rows[i])
        if off <= goal:
            break
        _newton_rows(table, columns, weight, gap, move)
        for i in range(n):
            factor = np.exp(min(max(move[i], -2.0), 2.0))
            for j in range(m):
                table[i, j] *= factor
    _scale_columns(table, columns)
    return off


@compiled()
def _scale_columns(table: Floats, columns: Floats) -> None:
    n, m = table.shape
    total = np.zeros(m)
    for i in range(n):
        for j in range(m):
            total[j] += table[i, j]
    for j in range(m):
        total[j] = columns[j] / total[j]
    for i in range(n):
        for j in range(m):
            table[i, j] *= total[j]


@compiled(fastmath={"reassoc", "contract"})
def _newton_rows(table: Floats, columns: Floats, weight: Floats, gap: Floats, move: Floats) -> None:
    """Solve (diag(row sums) - X diag(1/columns) X') move = gap; move is 0 on average.

    The matrix is that of a graph (a Laplacian): it does not see a constant, so the weighted mean
    is pinned. Cholesky, because links as weak as the prior would cost conjugate gradients all
    their accuracy.
    """
    n, m = table.shape
    part = np.empty((n, m))
    for i in range(n):
        for j in range(m):
            part[i, j] = table[i, j] / columns[j]
    total = weight.sum()
    a = np.empty((n, n))
    for i in range(n):
        for k in range(i + 1):
            shared = 0.0
            for j in range(m):
                shared += table[i, j] * part[k, j]
            a[i, k] = weight[i] * weight[k] / total - shared
        a[i, i] += weight[i]
    for i in range(n):
        for k in range(i + 1):
            value = a[i, k]
            for j in range(k):
                value -= a[i, j] * a[k, j]
            if i == k:
                a[i, i] = np.sqrt(max(value, 1e-300))
            else:
                a[i, k] = value / a[k, k]
    for i in range(n):
        value = gap[i]
        for j in range(i):
            value -= a[i, j] * move[j]
        move[i] = value / a[i, i]
    for i in range(n - 1, -1, -1):
        value = move[i]
        for j in range(i + 1, n):
            value -= a[j, i] * move[j]
        move[i] = value / a[i, i]
