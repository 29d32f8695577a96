"""Groupings and their game, worked by hand, and laws on random losses."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.alliance.game import inside
from lodestone.alliance.structures import game_of_structures, structures
from lodestone.terms.errors import RequestError


def test_groupings_of_three_are_five() -> None:
    assert structures(3) == [(1, 2, 4), (1, 6), (2, 5), (3, 4), (7,)]
    assert [len(structures(n)) for n in (1, 2, 3, 4)] == [1, 2, 5, 15]
    for groups in structures(4):
        assert sum(groups) == 15
        assert np.bitwise_or.reduce(groups) == 15


def losses(**changed: list[float]) -> dict[tuple[int, ...], np.ndarray]:
    found = {s: np.array([10.0, 8.0, 6.0]) for s in structures(3)}
    names = {"ab": (3, 4), "ac": (2, 5), "bc": (1, 6), "abc": (7,)}
    return found | {names[k]: np.array(v) for k, v in changed.items()}


def test_what_others_gain_is_not_theirs() -> None:
    """A and B save 3 and 1 together; that C is relieved by 2 is worth nothing to them."""
    found = game_of_structures(tuple("ABC"), losses(ab=[7.0, 7.0, 4.0]))
    assert found.game.of("AB") == 4.0
    # all three may let A and B plan together, and then C's relief is theirs
    assert found.game.of("ABC") == 6.0
    assert found.chosen[7] == (3, 4)


def test_a_plan_that_harms_is_not_made() -> None:
    found = game_of_structures(tuple("ABC"), losses(abc=[12.0, 8.0, 5.0], bc=[14.0, 6.0, 5.0]))
    assert found.game.values.tolist() == [0, 0, 0, 0, 0, 0, 3, 0]
    assert found.chosen[7] == (1, 2, 4)


def test_no_grouping_inside_a_coalition_is_better() -> None:
    draw = np.random.default_rng(5)
    drawn = {s: draw.uniform(0.0, 10.0, 4) for s in structures(4)}
    found = game_of_structures(tuple("ABCD"), drawn)
    members = inside(4).astype(bool)
    for which in range(16):
        own = [s for s in drawn if all(g.bit_count() == 1 or g & which == g for g in s)]
        saved = [float((drawn[1, 2, 4, 8] - drawn[s])[members[which]].sum()) for s in own]
        assert found.game.values[which] == pytest.approx(max(saved), abs=1e-9)
        assert found.game.values[which] >= 0.0


def test_without_spill_overs_no_split_is_worth_more() -> None:
    """Each group's losses depend on it alone: the game is superadditive."""
    draw = np.random.default_rng(6)
    by_group = {g: draw.uniform(0.0, 10.0, 4) for g in range(1, 16)}
    drawn = {
        s: np.array([next(by_group[g][k] for g in s if g >> k & 1) for k in range(4)])
        for s in structures(4)
    }
    values = game_of_structures(tuple("ABCD"), drawn).game.values
    for one in range(1, 16):
        for two in range(1, 16):
            if one & two == 0:
                assert values[one | two] >= values[one] + values[two] - 1e-9


def test_a_grouping_without_losses_is_refused() -> None:
    some = losses()
    del some[7,]
    with pytest.raises(RequestError, match="no finite losses of 1"):
        game_of_structures(tuple("ABC"), some)
