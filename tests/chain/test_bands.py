"""Bands: the same for the same seed, around the value, and a bloc is one buyer."""

from __future__ import annotations

import numpy as np
import pytest
from small_chain import cobalt

from lodestone.atlas.reconcile import reconcile
from lodestone.chain import bands
from lodestone.chain.bands import dependence_rows, shares_by_buyer
from lodestone.chain.from_account import from_account
from lodestone.chain.look_through import SCRAP, direct, look_through

BUYERS = {"USA": ("USA",), "DEU": ("DEU",), "WEST": ("USA", "DEU"), "NONE": ("NZL",)}


@pytest.fixture(scope="module")
def solved() -> tuple:
    account = reconcile(cobalt())
    return account, from_account(account)


def test_same_seed_same_rows_and_another_seed_other_bands(solved: tuple) -> None:
    account, chain = solved
    one, two = (dependence_rows(account, chain, BUYERS, draws=6, seed=5) for _ in range(2))
    assert one == two
    other = dependence_rows(account, chain, BUYERS, draws=6, seed=6)
    assert [r["share"] for r in other if r["share"] > 0.1] == [
        r["share"] for r in one if r["share"] > 0.1
    ]
    assert [(r["low"], r["high"]) for r in other] != [(r["low"], r["high"]) for r in one]


def test_bands_hold_their_value_and_shares_stay_shares(solved: tuple) -> None:
    account, chain = solved
    rows = dependence_rows(account, chain, BUYERS, draws=6, seed=5)
    assert rows
    for row in rows:
        assert 0 <= row["low"] <= row["share"] <= row["high"] <= 1
        assert row["share"] > bands.CUT or row["high"] >= 2 * bands.CUT
    assert max(r["high"] - r["low"] for r in rows) > 0.005
    assert {r["origin"] for r in rows} <= {*chain.places, SCRAP}


def test_a_buyer_with_nothing_has_no_row(solved: tuple) -> None:
    account, chain = solved
    rows = dependence_rows(account, chain, BUYERS, draws=2, seed=5)
    assert {r["buyer"] for r in rows} == {"USA", "DEU", "WEST"}


def test_every_lens_agrees_with_the_look_through_of_one_buyer(solved: tuple) -> None:
    """The many-buyers arithmetic against the one-buyer functions."""
    _, chain = solved
    groups = list(BUYERS.values())[:3]
    for found in shares_by_buyer(chain, groups):
        for b, group in enumerate(groups):
            if found.lens == bands.DIRECT:
                other = direct(chain, found.stage, group)
                shares = found.share[b, :-1]
            else:
                other = look_through(chain, group, found.stage)
                shares = found.share[b]
            np.testing.assert_allclose(shares, other.share, atol=1e-12)
            assert found.total[b] == pytest.approx(other.total)


def test_a_bloc_uses_what_its_members_use(solved: tuple) -> None:
    """Look-through of a bloc is the mean of its members', weighted by what each uses."""
    _, chain = solved
    usa, germany, west = (
        s
        for group in (("USA",), ("DEU",), ("USA", "DEU"))
        for s in shares_by_buyer(chain, [group])
        if (s.lens, s.stage) == (bands.LOOK_THROUGH, "mine")
    )
    both = usa.total[0] + germany.total[0]
    mean = (usa.total[0] * usa.share[0] + germany.total[0] * germany.share[0]) / both
    assert west.total[0] == pytest.approx(both)
    np.testing.assert_allclose(west.share[0], mean, atol=1e-9)


def test_percentiles_by_hand_and_empty_draws_say_nothing() -> None:
    stack = np.array([[[0.2]], [[0.4]], [[np.nan]]])
    low, high = bands._percentiles(stack, np.array([[0.5]]))
    assert low[0, 0] == pytest.approx(0.22)  # 5th percentile of 0.2, 0.4, 0.5
    assert high[0, 0] == pytest.approx(0.5)  # 0.49, widened to hold the baseline
    low, high = bands._percentiles(stack * np.nan, np.array([[np.nan]]))
    assert np.isnan(low).all()
    assert np.isnan(high).all()
