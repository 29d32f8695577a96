"""Many shortages at once are what each is by itself."""

from __future__ import annotations

import numpy as np
import pytest
from tests.economy.made_tables import random_table, three_sectors

from lodestone.economy.upstream import with_upstream
from lodestone.economy.upstream_many import with_upstream_many


@pytest.mark.parametrize("seed", range(6))
def test_many_shortages_are_what_each_is_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = random_table(12, rng)
    # some industries are hit in all, some in a few, some never
    hit = rng.random((12, 40)) < np.repeat(rng.choice([0.0, 0.3, 1.0], 12)[:, None], 40, axis=1)
    direct = hit * rng.uniform(0.0, 0.4, (12, 40)) * table.output[:, None]
    direct[:, 0] = 0.0
    each = np.stack([with_upstream(table, np.ascontiguousarray(c)) for c in direct.T], axis=1)
    assert np.allclose(with_upstream_many(table, direct), each, rtol=1e-10, atol=1e-12)


def test_the_sectors_worked_by_hand() -> None:
    """Chips make a fifth less: 10, and order 2 less of power (docs: Losses, worked by hand)."""
    table = three_sectors()
    found = with_upstream_many(table, np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 0.0]]))
    assert found[:, 0] == pytest.approx([2.0, 10.0, 0.0])
    assert not found[:, 1].any()
