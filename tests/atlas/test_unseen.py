"""The unseen channel: what must leave leaves, what must come comes, and nothing is invented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.atlas.recipe import Band
from lodestone.atlas.unseen import _gravity, unseen_flows
from lodestone.terms import attribute


def _flows(
    made: list[float],
    wanted: list[float],
    *,
    customs: dict[tuple[int, int], float] | None = None,
    seen: float = 0.0,
    known: float = 1.0,
    distance: Any = None,
    routes: dict[tuple[int, int], Band] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and errors as matrices; all places 1000 km apart unless said otherwise."""
    n = len(made)
    shown = np.zeros((n, n))
    for (i, j), value in (customs or {}).items():
        shown[i, j] = value
    found = unseen_flows(
        made=np.array(made, float),
        wanted=np.array(wanted, float),
        known_need=known,
        customs=shown,
        seen=seen,
        distance=np.full((n, n), 1000.0) if distance is None else np.array(distance, float),
        routes=routes,
    )
    estimate, error = np.zeros((n, n)), np.zeros((n, n))
    for i, j, value, wide in found:
        estimate[i, j], error[i, j] = value, wide
    return estimate, error


def test_by_hand_one_maker_two_users() -> None:
    """A makes 1 and needs 0.4; B and C need 0.3 each and nothing is on record: 0.3 goes to each."""
    estimate, error = _flows([1, 0, 0], [0.4, 0.3, 0.3])
    np.testing.assert_allclose(estimate, [[0, 0.3, 0.3], [0, 0, 0], [0, 0, 0]], atol=1e-12)
    assert (error[0, 1:] >= attribute("error_unseen").default * 0.3).all()


def test_nearer_users_trade_more() -> None:
    """Two makers, two users: each prefers its neighbour, yet every row and column adds up."""
    far = [[0, 9000, 500, 9000], [9000, 0, 9000, 500], [500, 9000, 0, 9000], [9000, 500, 9000, 0]]
    estimate, _ = _flows([0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5], distance=far)
    np.testing.assert_allclose(estimate.sum(axis=1), [0.5, 0.5, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(estimate.sum(axis=0), [0, 0, 0.5, 0.5], rtol=1e-6)
    assert estimate[0, 2] > 10 * estimate[0, 3]


def test_zero_when_customs_explain_everything() -> None:
    """A ships 0.6 to B on record, which is what B needs: nothing is left to guess."""
    estimate, _ = _flows([1, 0], [0.4, 0.6], customs={(0, 1): 0.6}, seen=1.0)
    np.testing.assert_allclose(estimate, 0.0, atol=1e-12)


def test_a_place_that_makes_nothing_sends_nothing_unseen() -> None:
    """B imports twice its need on record: a hub lacks a record, it has nothing of its own."""
    estimate, _ = _flows([1, 0, 0], [0, 0.3, 0.7], customs={(0, 1): 0.6}, seen=0.2)
    assert estimate[1].sum() == 0.0
    assert estimate[0, 2] > 0


def test_half_a_guess_where_need_is_a_guess() -> None:
    """Need known from smelters must travel in full; need by size of industry only where codes lack."""
    known, _ = _flows([1, 0], [0.5, 0.5], seen=0.2, known=1.0)
    guessed, _ = _flows([1, 0], [0.5, 0.5], seen=0.2, known=0.0)
    assert known[0, 1] == pytest.approx(0.5)
    assert guessed[0, 1] == pytest.approx(0.8 * 0.5)


def test_what_codes_show_is_scaled_up_where_need_is_a_guess() -> None:
    """Half of trade is seen and the need of nobody known: as much again goes the same way."""
    estimate, _ = _flows([1, 0, 0], [0.8, 0.1, 0.1], customs={(0, 1): 0.1}, seen=0.5, known=0.0)
    assert estimate[0, 1] == pytest.approx(0.1)
    assert estimate[0, 2] == 0.0


def test_hidden_exports_of_a_maker_without_use() -> None:
    """All codes are there, yet a maker of half the world that needs 1 % ships nothing on record."""
    patience = attribute("hidden_export_ratio").default
    estimate, _ = _flows([0.5, 0.5, 0], [0.01, 0.5, 0.49], seen=0.9, known=0.0)
    assert estimate[0].sum() == pytest.approx(0.49 - (patience - 1) * 0.01)


def test_a_judged_route_takes_its_share_and_the_rest_follows_the_guess() -> None:
    route = {(0, 1): Band(0.85, 0.9, 0.95)}
    estimate, error = _flows([1, 0, 0], [0, 0.5, 0.5], routes=route)
    assert estimate[0, 1] >= 0.9
    assert estimate[0].sum() == pytest.approx(1.0)
    assert error[0, 1] >= 0.05


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 9), seed=st.integers(0, 9999), share=st.floats(0, 1), known=st.floats(0, 1))
def test_laws(n: int, seed: int, share: float, known: float) -> None:
    """Nothing negative, nothing to oneself, only makers send, and nobody sends more than is left."""
    rng = np.random.default_rng(seed)
    made = rng.pareto(1, n) * (rng.random(n) < 0.6)
    made[0] += 0.1
    made /= made.sum()
    wanted = rng.pareto(1, n) + 1e-3
    wanted /= wanted.sum()
    distance = rng.uniform(200, 15000, (n, n))
    estimate, error = _flows(
        made.tolist(), wanted.tolist(), seen=0.0, known=known, distance=distance
    )
    left = np.clip(made - wanted, 0, None)
    lacking = np.clip(wanted - made, 0, None)
    assert (estimate >= 0).all()
    assert not np.diagonal(estimate).any()
    assert not np.diagonal(error).any()
    assert not estimate[made == 0].any()
    cut = n * attribute("unseen_cut").default
    assert (estimate.sum(axis=1) <= left + cut).all()
    assert (estimate.sum(axis=0) <= lacking + 1e-6).all()
    some, _ = _flows(made.tolist(), wanted.tolist(), seen=share, known=known, distance=distance)
    assert (some >= 0).all()


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 10), seed=st.integers(0, 9999), factor=st.floats(0.1, 10))
def test_gravity_conserves_and_scales(n: int, seed: int, factor: float) -> None:
    rng = np.random.default_rng(seed)
    maker = rng.random(n) < 0.5
    maker[0], maker[-1] = True, False
    surplus = np.where(maker, rng.random(n) + 0.01, 0.0)
    deficit = np.where(maker, 0.0, rng.random(n) + 0.01)
    deficit *= surplus.sum() / deficit.sum()
    distance = rng.uniform(200, 15000, (n, n))
    flow = _gravity(surplus, deficit, distance)
    np.testing.assert_allclose(flow.sum(axis=1), surplus, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(flow.sum(axis=0), deficit, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        _gravity(factor * surplus, factor * deficit, distance), factor * flow, rtol=1e-9
    )
    assert not _gravity(surplus, np.zeros(n), distance).any()
