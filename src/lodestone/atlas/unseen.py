"""Trade that customs codes do not show: a gravity guess with a wide error, never a fact.

Where codes are missing we still know who makes a thing and roughly who needs it. What a place
makes and gets beyond its need must leave, what it needs beyond that must come; surpluses and
deficits are matched so that nearer partners trade more (gravity), and the guess carries an
error of its own size. Source: Wilson (1967), Transportation Research 1:253 (entropy-maximising
trip matrices); distance exponent about 1, Disdier & Head (2008), doi:10.1162/rest.90.1.37.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lodestone.atlas.recipe import Band
from lodestone.terms import attribute

Floats = NDArray[np.float64]

_ROUNDS = 50


def unseen_flows(
    *,
    made: Floats,
    wanted: Floats,
    known_need: float,
    customs: Floats,
    seen: float,
    distance: Floats,
    routes: Mapping[tuple[int, int], Band] | None = None,
) -> list[tuple[int, int, float, float]]:
    """Guess the flows that customs codes do not show at one stage.

    Parameters
    ----------
    made, wanted : (n,) output and need (use + intake) by place, in units of world output
    known_need : share of the need that follows from output of the next stage, 0..1; the rest
        is use spread by the size of manufacturing
    customs : (n, n) flows that codes do show
    seen : share of the stage's world trade that the codes show, 0..1
    distance : (n, n) kilometres
    routes : (origin, destination) -> judged share of what the origin has left over; the rest
        follows the general guess

    Returns
    -------
    list of (origin, destination, estimate, error)
    """
    gap = 1.0 - seen
    reach = attribute("error_unseen").default
    surplus, deficit = _left_over(made, wanted, customs)
    routed, route_error = _routed(surplus, routes or {})
    gravity = _gravity(
        np.maximum(surplus - routed.sum(axis=1), 0.0),
        np.maximum(deficit - routed.sum(axis=0), 0.0),
        distance,
    )
    # Where the need is known (refiners must be fed) what is left over must travel. Where it is
    # a guess, missing codes are better guessed from the codes that are there, if there are any.
    if seen >= attribute("seen_enough").default:
        hidden = _gravity(_hidden(surplus - routed.sum(axis=1), wanted), deficit, distance)
        # The more the codes show, the less of a refiner's missing feed came some other way.
        open_share = min(1.0, 3.0 * gap)
        fed = open_share * gravity + (1.0 - open_share) * hidden
        guess = known_need * fed + (1.0 - known_need) * (customs * gap / seen + hidden)
        door = gap * attribute("error_unseen_seen").default * 10.0
    else:
        guess = (known_need + (1.0 - known_need) * gap) * gravity
        door = gap * reach
    # Any maker can reach any user a little, or the balance might find no way at all: the width
    # of that door is a fraction of (what i makes) x (j's share of need).
    door += attribute("error_unseen_seen").default
    possible = made[:, None] * wanted[None, :] / max(wanted.sum(), 1e-12)
    error = reach * guess + door * possible + route_error
    guess = guess + routed
    np.fill_diagonal(error, 0.0)
    keep = np.argwhere(error > attribute("unseen_cut").default)
    return [(int(i), int(j), float(guess[i, j]), float(error[i, j])) for i, j in keep]


def _left_over(made: Floats, wanted: Floats, customs: Floats) -> tuple[Floats, Floats]:
    """What makers must still get rid of, and users must still get, after seen trade."""
    net = made + customs.sum(axis=0) - customs.sum(axis=1) - wanted
    # A place that makes nothing has nothing of its own to send unseen.
    surplus = np.where(made > 0, np.clip(net, 0.0, made), 0.0)
    # A hub that ships more than it gets lacks a record, not material.
    return surplus, np.clip(-net, 0.0, wanted)


def _hidden(surplus: Floats, wanted: Floats) -> Floats:
    """What makers must ship unseen even though codes exist: confidential or misdeclared exports.

    A maker that would have to use several times its prior need to keep what customs do not show
    leaving (Australian zircon, say) evidently ships it.
    """
    patience = attribute("hidden_export_ratio").default
    return np.maximum(surplus - (patience - 1.0) * wanted, 0.0)


def _routed(surplus: Floats, routes: Mapping[tuple[int, int], Band]) -> tuple[Floats, Floats]:
    """Judged part of what makers have left over, and its error, as matrices."""
    flow = np.zeros((surplus.size, surplus.size))
    error = np.zeros_like(flow)
    for (i, j), share in routes.items():
        flow[i, j] = share.central * surplus[i]
        error[i, j] = (share.high - share.low) / 2.0 * surplus[i]
    return flow, error


def _gravity(surplus: Floats, deficit: Floats, distance: Floats) -> Floats:
    """Doubly constrained gravity matrix: rows add to surplus, columns to deficit (scaled)."""
    total = min(surplus.sum(), deficit.sum())
    if total <= 0:
        return np.zeros_like(distance)
    rows = surplus * (total / surplus.sum())
    columns = deficit * (total / deficit.sum())
    kernel = np.maximum(distance, 100.0) ** -attribute("gravity_exponent").default
    np.fill_diagonal(kernel, 0.0)
    a, b = np.ones_like(rows), np.ones_like(columns)
    for _ in range(_ROUNDS):
        pull = kernel @ (b * columns)
        a = np.divide(1.0, pull, out=np.zeros_like(pull), where=pull > 0)
        push = kernel.T @ (a * rows)
        b = np.divide(1.0, push, out=np.zeros_like(push), where=push > 0)
    flow: Floats = (a * rows)[:, None] * kernel * (b * columns)[None, :]
    return flow
