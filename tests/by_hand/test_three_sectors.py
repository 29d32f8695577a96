"""Power, chips and cars: the case that docs/methods/losses.md works by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.economy.made_tables import three_sectors

from lodestone.economy.exposure import Case, Part, exposure
from lodestone.economy.largest_gdp import LargestGdp
from lodestone.economy.losses import Shortage, losses, programs
from lodestone.economy.upstream import multipliers, with_upstream


def test_chips_that_make_a_fifth_less_cost_seven_point_two() -> None:
    """Chips lose 10 of 50: value added 6; they order 2 less power: value added 1.2."""
    table = three_sectors()
    lost = with_upstream(table, np.array([0.0, 10.0, 0.0]))
    assert lost == pytest.approx([2.0, 10.0, 0.0], abs=1e-12)
    assert table.value_added_share @ lost == pytest.approx(7.2, abs=1e-12)
    assert multipliers(table)[1] * 10.0 == pytest.approx(7.2, abs=1e-12)


def test_an_industry_short_itself_does_not_lose_twice() -> None:
    """Power is held back by 5; chips order 2 less of it: it loses 5, not 7."""
    lost = with_upstream(three_sectors(), np.array([5.0, 10.0, 0.0]))
    assert lost == pytest.approx([5.0, 10.0, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("kept", "threshold", "gdp_lost"),
    [
        # chips for final use give way first: cars go on, and the loss is the central one
        (0.8, 0.0, 7.2),
        # chips 20: none for final use, cars 20/0.15 = 133.3; 18 + 33.33 + 0.6*(6 + 6.667)
        (0.4, 0.0, 18.0 + 100.0 / 3.0 + 0.6 * (6.0 + 20.0 / 3.0)),
        # chips are 15 % of a car: under a threshold of 20 % cars go on without them
        (0.4, 0.2, 18.0 + 0.6 * 6.0),
    ],
)
def test_largest_gdp(kept: float, threshold: float, gdp_lost: float) -> None:
    table = three_sectors()
    found = LargestGdp(table, threshold).solve(np.array([1.0, kept, 1.0]))
    assert table.gdp - found.gdp == pytest.approx(gdp_lost, abs=1e-7)


def test_the_three_figures() -> None:
    """All gallium gone for half a year; 40 % of chips need it; half of those can do without.

    Substitution 1 with a cost share of one half: sqrt(0.5^2) of the exposed part is kept when
    three quarters are missing, so f = 1 - 0.4 (1 - 0.5) = 0.8 in 6 of 12 months.
    """
    table = three_sectors()
    part = Part("radio", "radio chips", "chips", "chips", 1.0, (0.4, 0.4, 0.4), "by hand")
    short = Shortage(
        exposure(table, "gallium", [part]),
        spend=0.5 * 0.4 * 50.0,
        missing=np.array([0.75] * 6 + [0.0] * 6),
    )
    found = losses(table, [short], 1.5, sigma=(1.0, 1.0, 1.0), solvers=programs(table))
    assert found.direct == pytest.approx([3.0] * 3, abs=1e-9)
    assert found.economy == pytest.approx([3.6] * 3, abs=1e-9)
    assert found.by_month == pytest.approx([0.6] * 6 + [0.0] * 6, abs=1e-9)
    assert (found.low, found.central) == pytest.approx((1.5, 3.6), abs=1e-9)
    assert found.high == pytest.approx(3.6, abs=1e-6)
    assert found.by_sector == pytest.approx([0.6, 3.0, 0.0], abs=1e-9)
    assert found.share[Case.CENTRAL][1, 0] == pytest.approx(0.2, abs=1e-12)
    assert found.beyond is None
