"""Rounding mantissas: small files, and an error that is known beforehand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.atlas.precision import keep_bits


def _kept(values: list[float | None], bits: int) -> pl.Series:
    return keep_bits(pl.DataFrame({"x": values, "y": values}), ["x"], bits)["x"]


@given(
    st.lists(st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30), min_size=1, max_size=20),
    st.integers(1, 22),
)
def test_relative_error_is_below_half_a_bit_and_a_second_rounding_changes_nothing(
    values: list[float], bits: int
) -> None:
    single = np.array(values, dtype=np.float32).astype(float)
    kept = _kept(single.tolist(), bits)
    error = np.abs(kept.to_numpy().astype(float) / single - 1.0)
    assert error.max() <= 2.0 ** -(bits + 1) * (1 + 1e-6)
    assert _kept(kept.to_list(), bits).to_list() == kept.to_list()


def test_by_hand() -> None:
    """Two bits of mantissa: 1, 1.25, 1.5, 1.75; a tie goes up."""
    assert _kept([1.0, 1.1, 1.125, 1.3, 1.9, 3.1, -1.3], 2).to_list() == [
        1.0,
        1.0,
        1.25,
        1.25,
        2.0,
        3.0,
        -1.25,
    ]


def test_missing_stays_missing_and_zero_stays_zero() -> None:
    assert _kept([None, 0.0, None, 5.0], 12).to_list() == [None, 0.0, None, 5.0]


def test_low_bits_are_zero_and_other_columns_are_untouched() -> None:
    values = np.random.default_rng(0).lognormal(size=100).tolist()
    out = keep_bits(pl.DataFrame({"x": values, "y": values}), ["x"], 12)
    raw = out["x"].to_numpy().copy().view(np.uint32)
    assert not (raw & np.uint32((1 << 11) - 1)).any()
    assert out["y"].to_list() == values


@pytest.mark.parametrize("value", [float("inf"), -float("inf")])
def test_infinity_survives(value: float) -> None:
    assert _kept([value], 12).to_list() == [value]
