"""What every way of sharing must keep, whatever the game."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.alliance.core import core_check, least_core
from lodestone.alliance.game import Floats, Game, inside
from lodestone.alliance.nucleolus import nucleolus
from lodestone.alliance.sampled_shapley import sampled_shapley
from lodestone.alliance.shapley import shapley


@st.composite
def games(draw: st.DrawFn, least: int = 2, most: int = 5) -> Game:
    n = draw(st.integers(least, most))
    values = draw(
        st.lists(st.floats(-100.0, 100.0, width=32), min_size=(1 << n) - 1, max_size=(1 << n) - 1)
    )
    return Game(tuple("ABCDEFGH"[:n]), np.array([0.0, *values]))


def _with_core(n: int, seed: int) -> Game:
    """A pooled vault: what members have and need, and what a tonne saves each: a market game."""
    draw = np.random.default_rng(seed)
    held, need, saves = draw.uniform(0, 5, n), draw.uniform(0, 5, n), draw.uniform(0, 3, n)
    return Game(tuple("ABCDEFGHIJKLMNOP"[:n]), _pooled(held, need, saves))


def _pooled(held: Floats, need: Floats, saves: Floats) -> Floats:
    order = np.argsort(-saves)
    values = np.zeros(1 << held.size)
    for which, members in enumerate(inside(held.size).astype(bool)):
        left = held[members].sum()
        for k in order[members[order]]:
            used = min(left, need[k])
            values[which] += saves[k] * used
            left -= used
        values[which] -= (saves * np.minimum(held, need))[members].sum()
    # where nobody has anything to spare a difference of equal sums is rounding
    return np.where(np.abs(values) <= 1e-12 * float((saves * need).sum()), 0.0, values)


@given(games())
@settings(max_examples=60, deadline=None)
def test_all_is_shared_out(game: Game) -> None:
    scale = float(np.abs(game.values).max()) or 1.0
    for shares in (shapley(game), nucleolus(game)):
        assert abs(shares.sum() - game.grand) <= 1e-9 * scale


@given(games(), st.integers(0, 4), st.floats(-10, 10))
@settings(max_examples=60, deadline=None)
def test_who_only_adds_what_he_has_gets_that(game: Game, at: int, own: float) -> None:
    """A null member (own = 0) gets nothing, a dummy what it has alone."""
    n = game.size
    k = min(at, n)
    low = np.arange(1 << (n + 1)) & ((1 << k) - 1)
    high = (np.arange(1 << (n + 1)) >> (k + 1)) << k
    joined = np.arange(1 << (n + 1)) >> k & 1
    values = game.values[low | high] + own * joined
    wider = Game(tuple("ABCDEFGH"[: n + 1]), values)
    found = shapley(wider)
    assert abs(found[k] - own) <= 1e-9 * (100.0 + abs(own))
    assert np.allclose(np.delete(found, k), shapley(game), atol=1e-9 * 1000.0)


@given(games(3, 5))
@settings(max_examples=40, deadline=None)
def test_members_that_can_stand_for_each_other_get_the_same(game: Game) -> None:
    which = np.arange(game.values.size)
    swapped = (which & ~3) | ((which & 1) << 1) | ((which & 2) >> 1)
    alike = Game(game.members, 0.5 * (game.values + game.values[swapped]))
    for shares in (shapley(alike), nucleolus(alike)):
        assert abs(shares[0] - shares[1]) <= 1e-7 * 100.0


@given(games(4, 4), games(4, 4), st.floats(0.1, 5.0))
@settings(max_examples=40, deadline=None)
def test_shapley_adds_up_over_games(one: Game, two: Game, factor: float) -> None:
    both = Game(one.members, one.values + factor * two.values)
    assert np.allclose(shapley(both), shapley(one) + factor * shapley(two), atol=1e-9 * 1000.0)


@given(st.integers(2, 6), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_the_nucleolus_of_a_pooled_vault_is_in_its_core(n: int, seed: int) -> None:
    game = _with_core(n, seed)
    assert not least_core(game).empty
    assert core_check(game, nucleolus(game)).excess <= 1e-7 * max(game.grand, 1e-9) + 1e-12


@given(games(2, 4))
@settings(max_examples=40, deadline=None)
def test_no_share_out_complains_less_than_the_nucleolus(game: Game) -> None:
    """Sorted complaints of the nucleolus come first in the dictionary; others drawn by lot do not."""
    found = nucleolus(game)
    scale = float(np.abs(game.values).max()) or 1.0
    assert core_check(game, found).excess <= least_core(game).excess + 1e-6 * scale
    draw = np.random.default_rng(0)
    own = np.sort(game.values - inside(game.size) @ found)[::-1]
    for _ in range(30):
        step = draw.normal(size=game.size)
        other = found + scale * 10.0 ** draw.uniform(-3, 0) * (step - step.mean())
        theirs = np.sort(game.values - inside(game.size) @ other)[::-1]
        apart = np.flatnonzero(np.abs(own - theirs) > 1e-6 * scale)
        assert apart.size == 0 or own[apart[0]] < theirs[apart[0]]


def test_sampled_shares_of_twelve_are_within_their_error_bars() -> None:
    """Two hundred pairs: of 36 shares nearly all within three standard errors, none beyond five."""
    off = []
    for seed in range(3):
        game = _with_core(12, seed)
        exact = shapley(game)
        found = sampled_shapley(lambda s, g=game: float(g.values[s]), 12, 200, seed)
        assert abs(found.value.sum() - game.grand) <= 1e-9 * game.grand
        off += list(np.abs(found.value - exact) / np.maximum(found.error, 1e-12))
        assert found.error.max() < 0.2 * exact.max()
    assert np.mean(np.array(off) <= 3.0) > 0.95
    assert max(off) < 5.0


def test_the_same_seed_draws_the_same() -> None:
    game = _with_core(8, 1)
    one, two, three = (
        sampled_shapley(lambda s: float(game.values[s]), 8, 20, seed) for seed in (5, 5, 6)
    )
    assert np.array_equal(one.value, two.value)
    assert not np.array_equal(one.value, three.value)
