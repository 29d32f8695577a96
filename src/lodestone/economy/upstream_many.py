"""Losses of suppliers for many shortages of one economy at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lodestone.economy.table import EconomyTable
from lodestone.economy.upstream import _inverse, with_upstream

Floats = NDArray[np.float64]

#: Sets of industries whose multiples are kept with a table: up to 0.3 MB each.
_MOST_KEPT = 256


def with_upstream_many(table: EconomyTable, direct: Floats) -> Floats:
    """Output lost by each industry, own and upstream, for C shortages: as `with_upstream`.

    Which industries are held back by their own shortage and which by lost orders is mostly the
    same from one shortage to the next. Given that, losses of the second kind are a fixed multiple
    of those of the first; the answer is taken where it proves itself (no industry loses less than
    it cannot make, none that is held back by itself loses more orders), and solved anew where not.

    Parameters
    ----------
    direct : (n, C) output that the industries cannot make, in the table's money

    Returns
    -------
    Floats
        (n, C)
    """
    found = np.empty_like(direct)
    known: list[tuple[NDArray[np.bool_], Floats]] = []
    for c in range(direct.shape[1]):
        asked = np.ascontiguousarray(direct[:, c])
        for own, drawn in known:
            lost = _drawn(own, drawn, asked)
            if _proves(table.coefficients, own, asked, lost):
                found[:, c] = lost
                break
        else:
            found[:, c] = with_upstream(table, asked)
            own = (asked > 0.0) & (found[:, c] <= asked)
            known.append((own, _kept_multiples(table, own)))
            lost = _drawn(*known[-1], asked)
            # the same way for all, so that equal shortages have equal losses to the last digit
            if _proves(table.coefficients, own, asked, lost):
                found[:, c] = lost
    return found


def _kept_multiples(table: EconomyTable, own: NDArray[np.bool_]) -> Floats:
    """`_multiples`, kept with the table: who is held back by itself comes again and again."""
    kept = table.once("multiples", _nothing_yet)
    which = own.tobytes()
    if which not in kept:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[which] = _multiples(table, own)
    return kept[which]


def _nothing_yet(_table: EconomyTable) -> dict[bytes, Floats]:
    return {}


def _multiples(table: EconomyTable, own: NDArray[np.bool_]) -> Floats:
    """(F, B) orders lost by the others for each unit lost by those held back by themselves."""
    a, free = table.coefficients, ~own
    inverse = _inverse(np.ascontiguousarray(np.eye(int(free.sum())) - a[np.ix_(free, free)]))
    return np.asarray(_product(inverse, np.ascontiguousarray(a[np.ix_(free, own)])))


@njit(cache=True)
def _product(left: Any, right: Any) -> Any:
    """Matrix product in a fixed order: a library's last digits depend on its threads."""
    out = np.zeros((left.shape[0], right.shape[1]))
    for i in range(left.shape[0]):
        for k in range(left.shape[1]):
            x = left[i, k]
            for j in range(right.shape[1]):
                out[i, j] += x * right[k, j]
    return out


@njit(cache=True)
def _drawn(own: Any, drawn: Any, asked: Any) -> Any:
    lost = asked.copy()
    f = 0
    for i in range(own.size):
        if own[i]:
            continue
        total = 0.0
        b = 0
        for j in range(own.size):
            if own[j]:
                total += drawn[f, b] * asked[j]
                b += 1
        lost[i] = total
        f += 1
    return lost


@njit(cache=True)
def _proves(a: Any, own: Any, asked: Any, lost: Any) -> Any:
    """Whether losses are the least that cover what cannot be made and what is not ordered."""
    for i in range(own.size):
        if not own[i]:
            if lost[i] < asked[i] * (1.0 - 1e-13):
                return False
            continue
        ordered = 0.0
        for j in range(own.size):
            ordered += a[i, j] * lost[j]
        if ordered > asked[i] * (1.0 + 1e-13):
            return False
    return True
