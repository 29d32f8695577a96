"""HHI by hand and by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_panel import make_panel

from lodestone.assess.assessment import Gap
from lodestone.assess.hhi import governance_weighted_hhi, hhi
from lodestone.assess.panel import Node, Panel
from lodestone.terms.errors import DataError

ABC = ("AAA", "BBB", "CCC")
TONNES = st.floats(min_value=1e-3, max_value=1e9, allow_nan=False)


def test_by_hand() -> None:
    answer = hhi(make_panel(ABC, [60.0, 30.0, 10.0]))
    assert answer.panel.at("cobalt", "mine", "WLD", 2024) == pytest.approx(0.36 + 0.09 + 0.01)
    assert answer.supplier is not None
    assert answer.supplier.at((0, 0, 0)) == "AAA"


def test_governance_weighted_by_hand() -> None:
    weight = np.array([[8.0], [2.0], [np.nan]])
    answer = governance_weighted_hhi(
        make_panel(ABC, [60.0, 40.0, 0.0]), weight, np.array([1.5, 0.8, 1.0])
    )
    expected = 0.36 * 8.0 * 1.5 + 0.16 * 2.0 * 0.8
    assert answer.panel.at("cobalt", "mine", "WLD", 2024) == pytest.approx(expected)


def test_a_supplier_without_governance_makes_the_weighted_index_unknown() -> None:
    weight = np.array([[8.0], [2.0], [np.nan]])
    answer = governance_weighted_hhi(make_panel(ABC, [60.0, 39.0, 1.0]), weight)
    assert answer.panel.at("cobalt", "mine", "WLD", 2024) is None


def test_an_unknown_supplier_makes_the_index_unknown_not_smaller() -> None:
    answer = hhi(make_panel(ABC, [60.0, np.nan, 10.0]))
    assert answer.panel.at("cobalt", "mine", "WLD", 2024) is None
    assert answer.gap_at((0, 0, 0)) is Gap.INPUT_UNKNOWN


def test_no_production_at_all_is_named() -> None:
    answer = hhi(make_panel(ABC, [0.0, 0.0, 0.0]))
    assert answer.gap_at((0, 0, 0)) is Gap.NO_WORLD_PRODUCTION


def test_other_countries_add_no_square_and_are_never_the_largest() -> None:
    answer = hhi(make_panel(("AAA", "BBB", "XOT"), [20.0, 30.0, 50.0]))
    assert answer.panel.at("cobalt", "mine", "WLD", 2024) == pytest.approx(0.04 + 0.09)
    assert answer.supplier is not None
    assert answer.supplier.at((0, 0, 0)) == "BBB"


def test_negative_tonnes_are_refused_by_name() -> None:
    with pytest.raises(DataError, match="cobalt/mine, BBB, 2024"):
        hhi(make_panel(ABC, [60.0, -1.0, 10.0]))


@given(arrays(np.float64, st.integers(1, 30), elements=TONNES))
def test_between_one_over_n_and_one(tonnes: np.ndarray) -> None:
    n = tonnes.size
    answer = hhi(_world(tonnes))
    value = float(answer.panel.value[0, 0, 0])
    assert 1.0 / n - 1e-9 <= value <= 1.0 + 1e-9


@given(arrays(np.float64, 12, elements=TONNES), st.floats(1e-3, 1e3), st.randoms())
def test_neither_scale_nor_order_of_places_matters(
    tonnes: np.ndarray, scale: float, random: object
) -> None:
    order = np.random.default_rng(abs(hash(random)) % 2**32).permutation(12)
    one, other = (hhi(_world(t)).panel.value for t in (tonnes, tonnes[order] * scale))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@given(arrays(np.float64, 6, elements=TONNES), st.floats(0.0, 0.5))
def test_the_band_holds_the_central_index_and_stays_possible(
    tonnes: np.ndarray, error: float
) -> None:
    answer = hhi(_world(tonnes, error), seed=3)
    low, high = answer.panel.bounds
    value = answer.panel.value
    assert (low <= value + 1e-12).all()
    assert (high >= value - 1e-12).all()
    assert (low >= 1.0 / 6 - 1e-9).all()
    assert (high <= 1.0 + 1e-9).all()


def test_same_seed_same_band() -> None:
    world = _world(np.array([5.0, 3.0, 2.0]), 0.3)
    first, second, other = (hhi(world, seed=s).panel.low for s in (7, 7, 8))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_band_of_no_width_is_the_number() -> None:
    world = make_panel(ABC, [60.0, 30.0, 10.0], low=[60.0, 30.0, 10.0], high=[60.0, 30.0, 10.0])
    low, high = hhi(world).panel.bounds
    assert low[0, 0, 0] == pytest.approx(0.46)
    assert high[0, 0, 0] == pytest.approx(0.46)


def _world(tonnes: np.ndarray, error: float | None = None) -> Panel:
    value = tonnes[None, :, None]
    places = tuple(f"P{i}" for i in range(tonnes.size))
    band = (None, None) if error is None else (value * (1 - error), value * (1 + error))
    return Panel((Node("cobalt", "mine"),), places, (2024,), value, *band)
