"""Drawn years against sums that can be done by hand, and the search against trying every set."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from made_risk import hazard, surface
from scipy.special import ndtri
from scipy.stats import multivariate_normal

from lodestone.risk.loss_sample import gathered
from lodestone.risk.reverse_stress import joint_probability, likeliest
from lodestone.risk.sampling import CHUNK, chances, draw_years, expected, triangular
from lodestone.terms.errors import RequestError


def test_expected_loss_by_hand() -> None:
    """A tenth times a loss of 100, and half a cut for half a year costs a quarter."""
    c = chances([hazard("CHN", "a", 0.1), hazard("COD", "b", 0.2, (0.5,) * 3, (6.0,) * 3)], 0.5)
    assert expected(c, surface([100.0, 40.0])) == pytest.approx(np.array([[10.0, 0.2 * 10.0]]))


def test_sample_mean_is_the_expected_loss_within_its_error() -> None:
    band, span = (0.2, 0.5, 1.0), (3.0, 12.0, 24.0)
    made = [
        hazard(s, m, p, band, span)
        for s, m, p in (("A", "x", 0.2), ("A", "y", 0.1), ("B", "x", 0.05))
    ]
    c, f = chances(made, 0.5), surface([100.0, 50.0, 400.0])
    sample = gathered([draw_years(c, f, 7, k) for k in range(40)])
    mean, error = sample.mean(0)
    assert abs(mean - float(expected(c, f).sum())) < 4.0 * error
    marks = sample.convergence(0)
    assert marks[-1] == (40 * CHUNK, pytest.approx(mean), pytest.approx(error))
    assert all(b[2] < a[2] for a, b in itertools.pairwise(marks))


def test_correlation_leaves_means_and_fattens_the_tail() -> None:
    made = [hazard("A", f"m{k}", 0.1) for k in range(10)]
    f = surface([10.0] * 10)
    loose, tight = (
        gathered([draw_years(chances(made, rho), f, 1, k) for k in range(30)]) for rho in (0.0, 0.8)
    )
    both = np.hypot(loose.mean(0)[1], tight.mean(0)[1])
    assert abs(loose.mean(0)[0] - tight.mean(0)[0]) < 4.0 * both
    assert tight.worst(0, 0.99)[1] > 1.5 * loose.worst(0, 0.99)[1]
    # independent cuts: the number in a year is binomial
    hits = np.bincount(loose.draws.year, minlength=loose.years)
    assert (hits == 0).mean() == pytest.approx(0.9**10, abs=0.02)


def test_bad_years_by_hand() -> None:
    """One cut of 100 in 4 % of years: VaR 95 is 0, CVaR 95 is 80."""
    c, f = chances([hazard("A", "x", 0.04)], 0.0), surface([100.0])
    sample = gathered([draw_years(c, f, 3, k) for k in range(40)])
    var, cvar, error = sample.worst(0, 0.95)
    assert var == 0.0
    assert abs(cvar - 80.0) < 4.0 * error
    assert sample.in_bad_years(0, 0.95, 1)[0] == pytest.approx(100.0)
    assert sample.exceedance(0, [10.0, 100.0]) == [0.0, 100.0]


def test_same_seed_same_bytes() -> None:
    c, f = chances([hazard("A", "x", 0.3), hazard("B", "y", 0.2)], 0.4), surface([1.0, 2.0])
    one, two = draw_years(c, f, 11, 4), draw_years(c, f, 11, 4)
    assert all(
        a.tobytes() == b.tobytes()
        for a, b in zip(vars(one).values(), vars(two).values(), strict=True)
    )
    assert draw_years(c, f, 12, 4).loss.tobytes() != one.loss.tobytes()


def test_triangular_quantiles() -> None:
    band = np.array([1.0, 2.0, 5.0])
    assert triangular(np.array([0.0, 0.25, 1.0]), band) == pytest.approx([1.0, 2.0, 5.0])
    u = np.random.default_rng(0).random(200_000)
    assert triangular(u, band).mean() == pytest.approx(8.0 / 3.0, abs=0.01)
    assert triangular(np.array([0.3]), np.array([2.0, 2.0, 2.0])) == pytest.approx([2.0])


@pytest.mark.parametrize("seed", range(25))
def test_reverse_stress_is_the_best_of_all_sets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 9
    made = [
        hazard("AB"[int(rng.integers(2))], f"m{k}", float(rng.uniform(0.01, 0.4))) for k in range(n)
    ]
    c = chances(made, float(rng.uniform(0.0, 0.8)))
    loss = rng.exponential(10.0, n)
    threshold = float(rng.uniform(0.2, 0.8) * loss.sum())
    found = likeliest(c, loss, threshold)
    best = max(
        joint_probability(c, cuts)
        for size in range(1, n + 1)
        for cuts in itertools.combinations(range(n), size)
        if loss[list(cuts)].sum() >= threshold
    )
    assert found.proved
    assert found.loss >= threshold
    assert found.probability == pytest.approx(best, rel=1e-9)


def test_a_threshold_out_of_reach_is_said() -> None:
    c = chances([hazard("A", "x", 0.1)], 0.0)
    found = likeliest(c, np.array([5.0]), 6.0)
    assert not found.reachable
    assert found.cuts == ()


def test_joint_probability_limits() -> None:
    made = [hazard("A", "x", 0.1), hazard("A", "y", 0.2), hazard("B", "z", 0.3)]
    assert joint_probability(chances(made, 0.0), [0, 1, 2]) == pytest.approx(0.006)
    for rho in (0.2, 0.5, 0.8):
        both = multivariate_normal(cov=[[1.0, rho], [rho, 1.0]]).cdf(ndtri([0.1, 0.2]))
        assert joint_probability(chances(made, rho), [0, 1]) == pytest.approx(both, rel=1e-4)
    with pytest.raises(RequestError):
        chances(made, 1.0)
