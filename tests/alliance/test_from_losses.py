"""From losses to a game, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.alliance.from_losses import acting, game_of_losses
from lodestone.alliance.game import inside
from lodestone.terms.errors import RequestError


def test_losses_become_a_game() -> None:
    """Alone 10 and 5; together 7 and 4: worth 4. An outsider's gain is not theirs."""
    found = acting(np.array([[10.0, 5.0], [10.0, 5.0], [10.0, 5.0], [7.0, 4.0]]))
    assert game_of_losses(("A", "B"), found).values.tolist() == [0.0, 0.0, 0.0, 4.0]
    assert found.chosen.tolist() == [0, 1, 2, 3]


def test_a_coalition_lets_only_some_act_where_that_is_better() -> None:
    """All three acting cost A 2; B and C alone avoid 3 and do A no harm: A joins, they act."""
    losses = np.full((8, 3), 10.0)
    losses[0b110] = [10.0, 8.0, 9.0]
    losses[0b111] = [12.0, 8.0, 9.0]
    losses[0b011] = [11.0, 10.0, 10.0]
    found = acting(losses)
    assert found.chosen[0b111] == 0b110
    assert found.chosen[0b011] in (0b001, 0b010)
    assert game_of_losses(tuple("ABC"), found).values.tolist() == [0, 0, 0, 0, 0, 0, 3, 3]


def test_no_part_of_a_coalition_would_have_been_better() -> None:
    draw = np.random.default_rng(3)
    losses = draw.uniform(0.0, 10.0, (32, 5))
    losses[[1, 2, 4, 8, 16]] = losses[0]
    found = acting(losses)
    values = game_of_losses(tuple("ABCDE"), found).values
    members = inside(5).astype(bool)
    for whole in range(32):
        parts = [p for p in range(32) if p & whole == p]
        best = max(float((losses[0] - losses[p])[members[whole]].sum()) for p in parts)
        assert values[whole] == pytest.approx(best, abs=1e-9)
        assert values[whole] >= 0.0
    # decided before: the same parts act, whatever the losses are now
    again = acting(losses * draw.uniform(0.5, 2.0, losses.shape), found.chosen)
    assert again.chosen is found.chosen


def test_losses_of_another_shape_are_refused() -> None:
    with pytest.raises(RequestError, match="one row for each coalition"):
        acting(np.zeros((3, 2)))
