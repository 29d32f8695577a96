"""A group loses what its worst part takes; what nobody knows is not zero; too deep is not printed."""

from __future__ import annotations

import numpy as np
import pytest
from tests.economy.made_tables import three_sectors

from lodestone.economy.exposure import Part, exposure
from lodestone.economy.losses import Shortage, losses, programs
from lodestone.economy.upstream import _inverse, multipliers

SIGMA = (1e-12, 1e-12, 1e-12)


def short(phi: float, missing: float, sector: str = "chips", members: tuple = ()) -> Shortage:
    part = Part("use", "use", sector, sector, 1.0, (phi, phi, phi), "by hand")
    return Shortage(exposure(three_sectors(), "x", [part]), 1.0, np.full(12, missing), members)


def test_a_group_takes_the_worst_of_its_parts_sector_by_sector() -> None:
    """Leontief parts: 0.2 of chips, 0.4 of chips, 0.1 of cars: 0.4 and 0.1, no sum."""
    group = short(0.2, 1.0, members=(short(0.4, 1.0), short(0.1, 1.0, "cars")))
    found = losses(three_sectors(), [group], 0.0, sigma=SIGMA)
    assert found.share[1, :, 0] == pytest.approx([0.0, 0.4, 0.1])


def test_unknown_prices_and_uses_are_not_zero() -> None:
    nothing = Shortage(exposure(three_sectors(), "x", []), 0.0, np.full(12, 0.9))
    found = losses(three_sectors(), [nothing], float("nan"))
    assert np.isnan(found.central)
    assert np.isnan(found.low)
    known = losses(three_sectors(), [short(0.5, 0.5)], float("nan"), sigma=SIGMA)
    assert known.central == pytest.approx(known.economy[1])


def test_a_sector_that_keeps_too_little_is_beyond() -> None:
    deep = losses(
        three_sectors(), [short(0.9, 1.0)], 1.0, sigma=SIGMA, solvers=programs(three_sectors())
    )
    assert deep.too_deep is not None
    assert "Chips keeps 10.0%" in deep.too_deep
    assert deep.high is None
    fine = losses(
        three_sectors(), [short(0.6, 1.0)], 1.0, sigma=SIGMA, solvers=programs(three_sectors())
    )
    assert fine.too_deep is None


def test_the_ordered_inverse_is_the_inverse() -> None:
    table = three_sectors()
    matrix = np.eye(3) - table.coefficients
    assert _inverse(matrix) == pytest.approx(np.linalg.inv(matrix), abs=1e-14)
    assert multipliers(table) == pytest.approx([0.6, 0.72, 0.668], abs=1e-12)
