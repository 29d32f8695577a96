"""Laws of the losses: limits of the formula, conservation, and the program against itself."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.economy.made_tables import random_table

from lodestone.economy.exposure import Part, exposure, lost_share, together
from lodestone.economy.kept_output import kept_exposed, kept_output
from lodestone.economy.largest_gdp import LargestGdp
from lodestone.economy.losses import Shortage, losses, programs
from lodestone.economy.upstream import multipliers, with_upstream

CASES = settings(max_examples=300, deadline=None)
FEW = settings(max_examples=60, deadline=None)
shares = st.floats(0.0, 1.0)
inner = st.floats(1e-6, 0.99)
seeds = st.integers(0, 2**32 - 1)


@CASES
@given(phi=shares, alpha=inner, delta=st.floats(0.0, 0.999))
def test_without_substitution_the_exposed_part_follows_the_material(
    phi: float, alpha: float, delta: float
) -> None:
    assert kept_output(phi, alpha, delta, 0.0) == pytest.approx(1.0 - phi * delta, abs=1e-12)


@CASES
@given(alpha=st.floats(1e-3, 0.99), delta=st.floats(0.05, 0.95))
def test_small_substitution_goes_to_that_limit(alpha: float, delta: float) -> None:
    assert kept_exposed(alpha, delta, 1e-4) == pytest.approx(1.0 - delta, rel=2e-3)


@CASES
@given(alpha=inner, delta=st.floats(0.0, 0.999))
def test_unit_substitution_is_cobb_douglas(alpha: float, delta: float) -> None:
    expected = (1.0 - delta) ** alpha
    assert kept_exposed(alpha, delta, 1.0) == pytest.approx(expected, rel=1e-12)
    for near in (1.0 - 1e-5, 1.0 + 1e-5):
        assert kept_exposed(alpha, delta, near) == pytest.approx(expected, rel=1e-3)


@CASES
@given(phi=shares, alpha=shares, delta=shares, sigma=st.floats(0.01, 1.5))
def test_nothing_missing_or_nothing_exposed_costs_nothing(
    phi: float, alpha: float, delta: float, sigma: float
) -> None:
    assert kept_output(phi, alpha, 0.0, sigma) == 1.0
    assert kept_output(0.0, alpha, delta, sigma) == 1.0
    assert 1.0 - phi - 1e-12 <= kept_output(phi, alpha, delta, sigma) <= 1.0


@CASES
@given(
    alpha=inner,
    deltas=st.tuples(shares, shares),
    sigmas=st.tuples(st.floats(0.01, 2.0), st.floats(0.01, 2.0)),
)
def test_more_missing_keeps_less_and_more_substitution_keeps_more(
    alpha: float, deltas: tuple[float, float], sigmas: tuple[float, float]
) -> None:
    d, s = sorted(deltas), sorted(sigmas)
    assert kept_exposed(alpha, d[1], s[0]) <= kept_exposed(alpha, d[0], s[0]) + 1e-12
    assert kept_exposed(alpha, d[1], s[0]) <= kept_exposed(alpha, d[1], s[1]) + 1e-9


@CASES
@given(seed=seeds, n=st.integers(2, 8))
def test_value_added_is_final_use_less_imported_inputs(seed: int, n: int) -> None:
    t = random_table(n, np.random.default_rng(seed))
    assert t.gdp == pytest.approx(float(t.final_use.sum() - t.imported.sum()), rel=1e-9)


@CASES
@given(seed=seeds, n=st.integers(2, 8))
def test_upstream_losses_never_fall_and_stay_within_multipliers(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    t = random_table(n, rng)
    direct = t.output * rng.random(n) * (rng.random(n) < 0.5)
    lost = with_upstream(t, direct)
    assert (lost >= direct - 1e-12).all()
    assert (lost <= t.output * (1.0 + 1e-9)).all()
    orders = t.coefficients @ lost
    assert lost == pytest.approx(np.maximum(direct, orders), rel=1e-9, abs=1e-12)
    one_by_one = float(multipliers(t) @ direct)
    assert float(t.value_added_share @ lost) <= one_by_one * (1.0 + 1e-9)


@FEW
@given(seed=seeds, n=st.integers(2, 7))
def test_without_critical_inputs_the_program_is_the_leontief_answer(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    t = random_table(n, rng)
    kept = np.where(rng.random(n) < 0.5, rng.random(n), 1.0)
    central = float(t.value_added_share @ with_upstream(t, (1.0 - kept) * t.output))
    found = LargestGdp(t, 1.0).solve(kept)
    assert t.gdp - found.gdp == pytest.approx(central, rel=1e-6, abs=1e-8 * t.gdp)


@FEW
@given(seed=seeds, n=st.integers(2, 7))
def test_stricter_thresholds_and_deeper_cuts_never_lose_less(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    t = random_table(n, rng)
    kept = np.where(rng.random(n) < 0.5, rng.random(n), 1.0)
    lost = [t.gdp - LargestGdp(t, at).solve(kept).gdp for at in (1.0, 0.1, 0.02, 0.0)]
    assert all(b >= a - 1e-7 * t.gdp for a, b in itertools.pairwise(lost))
    deeper = t.gdp - LargestGdp(t, 0.02).solve(kept * 0.9).gdp
    assert deeper >= lost[2] - 1e-7 * t.gdp
    whole = LargestGdp(t, 0.02).solve(np.ones(n))
    assert whole.gdp == pytest.approx(t.gdp, rel=1e-9)


@FEW
@given(seed=seeds)
def test_a_solver_asked_again_answers_as_a_new_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = random_table(6, rng)
    used = LargestGdp(t, 0.05)
    for _ in range(4):
        kept = np.where(rng.random(6) < 0.5, rng.random(6), 1.0)
        fresh = LargestGdp(t, 0.05).solve(kept)
        assert used.solve(kept).gdp == pytest.approx(fresh.gdp, rel=1e-9)


@FEW
@given(seed=seeds)
def test_figures_are_in_order_and_months_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = random_table(5, rng)
    phi = np.sort(rng.random(3))
    parts = [
        Part(f"use{k}", "", t.sectors[k], "", 0.4, (phi[0], phi[1], phi[2]), "") for k in (0, 3)
    ]
    short = Shortage(exposure(t, "x", parts), 0.01 * t.gdp, rng.random(6) * 0.9)
    found = losses(t, [short], 0.0, solvers=programs(t))
    assert (np.diff(found.economy) >= -1e-12).all()
    assert found.by_month.sum() == pytest.approx(found.economy[1], rel=1e-9)
    assert found.by_sector.sum() == pytest.approx(found.economy[1], rel=1e-9)
    assert (found.economy >= found.direct - 1e-12).all()
    assert found.high is None or found.high >= found.central >= found.low


@CASES
@given(a=st.lists(shares, min_size=1, max_size=5))
def test_shortages_together_lose_no_more_than_their_sum_and_no_less_than_the_worst(
    a: list[float],
) -> None:
    both = float(together([np.array([x]) for x in a])[0])
    assert max(a) - 1e-12 <= both <= min(sum(a), 1.0) + 1e-12


@CASES
@given(phis=st.tuples(shares, shares), delta=shares, spend=st.floats(0.0, 0.2))
def test_a_larger_exposed_part_never_loses_less(
    phis: tuple[float, float], delta: float, spend: float
) -> None:
    t = random_table(3, np.random.default_rng(1))
    low, high = sorted(phis)

    def lost(phi: float) -> float:
        part = Part("u", "", t.sectors[0], "", 1.0, (phi, phi, phi), "")
        found = lost_share(t, exposure(t, "x", [part]), spend, np.array([delta]), 0.1)
        return float(found[0, 0])

    assert lost(low) <= lost(high) + 1e-9
