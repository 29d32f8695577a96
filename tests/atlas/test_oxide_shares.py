"""Judged shares of each element in the world's rare-earth oxide: a whole, anchored to published sums."""

from __future__ import annotations

import pytest

import lodestone as ls
from lodestone.atlas.recipe import oxide_shares
from lodestone.terms import group_members


def test_they_cover_the_group_and_are_one_whole() -> None:
    shares = oxide_shares()
    assert set(shares) == set(group_members("rare_earths"))
    assert sum(band.central for band, _ in shares.values()) == pytest.approx(1.0, abs=0.03)
    for band, source in shares.values():
        assert 0.0 < band.low < band.central < band.high
        assert source.startswith("judged")


def test_magnet_elements_are_the_tonnes_that_the_iea_counts() -> None:
    """IEA 2025: 91 kt of the four magnet elements used in 2024."""
    volumes = ls.world(2024).volumes
    magnet = sum(volumes[name] for name in group_members("magnet_REE"))
    assert magnet == pytest.approx(91_000.0, rel=0.1)
