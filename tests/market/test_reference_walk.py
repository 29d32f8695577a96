"""The compiled path against a plain one: the page's memory, every month from a cold start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reference_walk import reference_walk
from small_worlds import NAME, made_world
from two_places import licensed, quiet, stopped, two_place_world

from lodestone.chain.edits import ClosedLinks, Duty, Edits, LinkLimit, Rush, no_edits
from lodestone.chain.world import World
from lodestone.market.assumptions import central
from lodestone.market.baseline import market_baseline
from lodestone.market.path import walk

_SAME = 1e-8


def _assert_same(world: World, edits: Edits) -> None:
    """Prices, output, inner prices, stocks and purchases of every month."""
    a = central()
    base = market_baseline(world, edits.material, a)
    ours = walk(world, edits, a, baseline=base).walked
    plain = reference_walk(base, edits, a)
    np.testing.assert_array_equal(np.isnan(ours.price), np.isnan(plain.price))
    for got, want in (
        (ours.price, plain.price),
        (ours.made + ours.refined, plain.output),
        (ours.inner, plain.inner),
        (ours.stock, plain.stock),
        (ours.bought, plain.bought),
    ):
        np.testing.assert_allclose(got, want, rtol=_SAME, atol=_SAME)


def _eventful(seed: int) -> tuple[World, Edits]:
    """Five places, one to three stages: outages, a stop or a quota, a duty, a rush; 15 months."""
    rng = np.random.default_rng(seed)
    months, stages = np.arange(15), 1 + seed % 3
    there = made_world(seed, 5, stages)
    edits = no_edits(NAME, stages, 5, months.size, "2025-01")
    who, s = np.arange(5) == rng.integers(5), int(rng.integers(stages))
    capacity = edits.capacity.copy()
    capacity[3:9, s, :] *= rng.uniform(0.3, 1.0, 5)
    on = (months >= 2) & (months < 11)
    edits = replace(
        edits,
        capacity=capacity,
        rushes=(Rush(s, who, ~who, 0, 3),),
        duties=(Duty(stages - 1, ~who, who, np.where(on, 0.4, 0.0), "specific"),),
    )
    if seed % 2:
        return there, replace(edits, closed=(ClosedLinks(s, who, ~who, on),))
    half = LinkLimit(s, int(who.argmax()), ~who, on, share=np.full(months.size, 0.5))
    return there, replace(edits, limits=(half,))


@pytest.mark.parametrize("seed", range(12))
def test_made_worlds(seed: int) -> None:
    _assert_same(*_eventful(seed))


@pytest.mark.parametrize("edits", [quiet(12), stopped(24, until=10), licensed(24)])
def test_two_places(edits: Edits) -> None:
    _assert_same(two_place_world(0.3), edits)
