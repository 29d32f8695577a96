"""The kernels' own exponentials, logarithms and powers against NumPy's in extended precision."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.market.elementary import exps, largest, logs, powers

_WIDE = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps


def off(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Distance in units in the last place of our answer."""
    return (np.abs(ours - theirs) / np.spacing(np.abs(ours))).astype(float)


@pytest.mark.skipif(not _WIDE, reason="no extended precision on this platform")
def test_within_one_unit_in_the_last_place() -> None:
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.uniform(-707, 708, 20000), rng.uniform(-1, 1, 20000), [0.0]])
    out = np.empty_like(x)
    exps(x, out)
    assert off(out, np.exp(x.astype(np.longdouble))).max() < 1.0
    y = np.concatenate(
        [10.0 ** rng.uniform(-307, 307, 20000), rng.uniform(0.5, 2, 20000), 1 + 1e-7 * x[-20001:]]
    )
    out = np.empty_like(y)
    logs(y, out)
    real = np.log(y.astype(np.longdouble))
    assert off(out[real != 0], real[real != 0]).max() < 1.0


@pytest.mark.skipif(not _WIDE, reason="no extended precision on this platform")
def test_powers_err_as_their_logarithm_allows() -> None:
    rng = np.random.default_rng(2)
    x, power = 10.0 ** rng.uniform(-3, 3, 20000), rng.uniform(-3, 3, 20000)
    out = np.empty_like(x)
    powers(x, power, out)
    allowed = 2.0 + 2.0 * np.abs(power * np.log(x))
    assert (off(out, x.astype(np.longdouble) ** power.astype(np.longdouble)) < allowed).all()


def test_ends_are_those_of_numpy() -> None:
    x = np.array([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 800.0, -800.0])
    out = np.empty_like(x)
    exps(x, out)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(out, np.exp(x), rtol=1e-15, atol=0.0)
        logs(x, out)
        np.testing.assert_allclose(out, np.log(x), rtol=1e-15, atol=0.0)
    ones = np.ones(3)
    powers(ones, np.array([0.0, 0.3, -2.0]), ones)
    assert (ones == 1.0).all(), "markets at rest stay at rest to the last digit"


def test_largest_entry_without_its_sign() -> None:
    x = np.random.default_rng(3).normal(size=77)
    assert largest(x) == np.abs(x).max()
    assert largest(np.zeros(0)) == 0.0
