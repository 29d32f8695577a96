"""Release rules and sharing: by hand and by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.terms.errors import RequestError
from lodestone.vault.allocation import BY_ENTITLEMENT, BY_NEED, PRO_RATA, WAYS, allocate
from lodestone.vault.release import COVER, EVEN, RULES, SUPPLY, release

MISSING = np.array([3.0, 1.0, 2.0, 0.5, 4.0])


def test_cover_hands_out_until_it_is_empty() -> None:
    assert release(COVER, MISSING, 5.0, 5.0, 4).tolist() == [3.0, 1.0, 1.0, 0.0, 0.0]


def test_even_leaves_the_same_line_missing() -> None:
    # the line is 2/3: 3 - 2/3 + 1 - 2/3 + 2 - 2/3 = 4
    out = release(EVEN, MISSING, 5.0, 4.0, 4)
    left = MISSING - out
    assert out.sum() == pytest.approx(4.0)
    assert left[:3] == pytest.approx([2 / 3] * 3)
    assert left[3] == 0.5


def test_supply_serves_all_use_in_months_of_the_cut() -> None:
    quiet = np.array([0.0, 3.0, 3.0])
    assert release(SUPPLY, quiet, 5.0, 7.0, 3).tolist() == [0.0, 5.0, 2.0]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(RULES),
    st.lists(st.floats(0, 10), min_size=1, max_size=24),
    st.floats(0, 100),
    st.integers(1, 24),
)
def test_no_rule_hands_out_more_than_there_is(
    rule: str, missing: list[float], stock: float, span: int
) -> None:
    lacking = np.array(missing)
    out = release(rule, lacking, 10.0, stock, span)
    assert out.shape == lacking.shape
    assert (out >= 0.0).all()
    assert out.sum() <= stock * (1 + 1e-12) + 1e-12
    if rule != SUPPLY:
        assert (out <= lacking + 1e-9).all()
        # and nothing is kept back while something is missing at the end of all
        if lacking.sum() <= stock:
            assert out == pytest.approx(lacking)
    if rule == EVEN and lacking[:span].sum() > stock:
        assert out.sum() == pytest.approx(stock)


def test_unknown_rules_are_refused() -> None:
    with pytest.raises(RequestError, match="one of even, cover, supply"):
        release("guess", MISSING, 1.0, 1.0, 1)


def test_three_ways_of_sharing() -> None:
    use, need = np.array([10.0, 10.0, 20.0]), np.array([8.0, 2.0, 6.0])
    signed = np.array([0.0, 1.0, 3.0])
    assert allocate(PRO_RATA, 8.0, use, need, signed) == pytest.approx([2.0, 2.0, 4.0])
    assert allocate(BY_NEED, 8.0, use, need, signed) == pytest.approx([4.0, 1.0, 3.0])
    # the second is served in full, the third takes the rest up to its need, then the first
    assert allocate(BY_ENTITLEMENT, 12.0, use, need, signed) == pytest.approx([4.0, 2.0, 6.0])


amounts = st.lists(st.floats(0, 100), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WAYS), amounts, st.floats(0, 500), st.randoms(use_true_random=False))
def test_sharing_wastes_nothing(way: str, need: list[float], there: float, draw: object) -> None:
    lacks = np.array(need)
    use, signed = lacks[::-1] + 1.0, np.sqrt(lacks)
    given_out = allocate(way, there, use, lacks, signed)
    assert given_out.sum() == pytest.approx(min(there, lacks.sum()), abs=1e-9)
    assert (given_out <= lacks + 1e-9).all()
    assert (given_out >= 0.0).all()
