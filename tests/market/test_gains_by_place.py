"""Gains of every place at once are those of each."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.desk.study_work import hit_edits, market_at_rest
from lodestone.desk.worlds import world
from lodestone.market.outcome import gains, gains_by_place
from lodestone.market.path import walk


def test_gains_of_all_places_are_those_of_each() -> None:
    hit = {"material": "gallium", "severity": 0.8, "begins": 0, "lasts": 4}
    edits = hit_edits(2024, "CHN", hit, 6)
    base = market_at_rest(2024, "gallium")
    path = walk(world(2024), edits, baseline=base)
    again = walk(world(2024), edits, baseline=base, like=path)
    assert again.at_rest is path.at_rest
    every = gains_by_place(path)
    for k, place in enumerate(path.market.places):
        one = gains(path, (place,))
        for part in ("users", "makers", "rents", "treasury"):
            assert getattr(every, part)[k] == pytest.approx(getattr(one, part), rel=1e-9, abs=1e-3)
    assert np.isfinite(every.users).all()
