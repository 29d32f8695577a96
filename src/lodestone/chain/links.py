"""Links as the market sees them: from who makes a thing to who takes it in, re-exports undone.

A tonne that goes from China to Hong Kong and on to Japan is one link, China to Japan. An export
ban, a quota and the market's baseline are all about these links, not about the customs flow.
"""

from __future__ import annotations

import weakref

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.supply_chain import ChainStage
from lodestone.terms.errors import ChainError

Floats = NDArray[np.float64]

#: How far the links of an origin may miss what it supplies, in world output.
_TOLERANCE = 1e-9
# Thousands of scenarios ask about the same few stages, and each answer is a dense solve. Kept by
# identity (a stage holds arrays and has no hash) and only for as long as the stage itself lives.
_held: dict[int, tuple[weakref.ref[ChainStage], Floats]] = {}


def supplied(stage: ChainStage) -> Floats:
    """(n,) what a place brings to market: own output, and what it draws from stocks."""
    return np.asarray(stage.output + np.maximum(-stage.stock_change, 0.0))


def taken_in(stage: ChainStage) -> Floats:
    """(n,) what ends up in a place: use, intake of the next stage, and what it stocks."""
    return np.asarray(stage.use + stage.intake + np.maximum(stage.stock_change, 0.0))


def traced_links(stage: ChainStage) -> Floats:
    """Baseline links of a stage, from who made it to where it ends up.

    With C the shares of what each place has by maker (as in `look_through.made_by`, draw-down of
    stocks counted as made), the link is ``X[i, j] = C[j, i] * taken_in[j]``.

    Returns
    -------
    (n, n) rows origins, columns destinations, a year; the diagonal is home use. Rows sum to
    `supplied`, columns to `taken_in`.

    Raises
    ------
    ChainError
        If a row misses what its origin supplies by more than 1e-9 of world output.
    """
    held = _held.get(id(stage))
    if held is None or held[0]() is not stage:
        links = _trace(stage)
        key = id(stage)
        _held[key] = (weakref.ref(stage, lambda _: _held.pop(key, None)), links)
    else:
        links = held[1]
    return links.copy()


def _trace(stage: ChainStage) -> Floats:
    own, wanted = supplied(stage), taken_in(stage)
    links = np.asarray(_shares(own, stage.flow).T * wanted)
    world = own.sum()
    gap = np.abs(links.sum(axis=1) - own)
    # Written so that NaN, too, is refused.
    if not gap.max(initial=0.0) <= _TOLERANCE * world:
        worst = int(np.argmax(np.nan_to_num(gap, nan=np.inf)))
        raise ChainError(
            f"{stage.stage}: the links of place number {worst} carry {links[worst].sum():.6g} of "
            f"the {own[worst]:.6g} {stage.unit} it supplies; the chain is not balanced. "
            "Run `lodestone data verify`; if the release is whole, rebuild it."
        )
    return links


def _shares(own: Floats, flow: Floats) -> Floats:
    """C = (diag(T) - F')^-1 diag(own), rows of places that have nothing 0.

    Elimination without pivots (the matrix is diagonally dominant), written out: a library may give
    other last digits on another number of threads, and every market rests on these links.
    """
    total = own + flow.sum(axis=0)
    keep = np.flatnonzero(total > 1e-12 * max(float(total.max()), 1e-300))
    inner = flow[np.ix_(keep, keep)]
    a = np.diag(own[keep] + inner.sum(axis=0)) - inner.T
    b = np.diag(own[keep])
    for k in range(keep.size):
        factor = (a[k + 1 :, k] / a[k, k])[:, None]
        a[k + 1 :, k + 1 :] -= factor * a[k, k + 1 :]
        b[k + 1 :, : k + 1] -= factor * b[k, : k + 1]
    for k in range(keep.size - 1, -1, -1):
        b[k] /= a[k, k]
        b[:k] -= a[:k, k, None] * b[k]
    out = np.zeros((total.size, total.size))
    mix = np.maximum(b, 0.0)
    out[np.ix_(keep, keep)] = mix / mix.sum(axis=1)[:, None]
    return out
