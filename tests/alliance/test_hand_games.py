"""Shapley value, core and nucleolus of games with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.alliance.hand_games import airport, bankruptcy, glove, made, vault

from lodestone.alliance.core import core_check, least_core
from lodestone.alliance.emergency_sharing import emergency_sharing
from lodestone.alliance.game import Game
from lodestone.alliance.nucleolus import nucleolus
from lodestone.alliance.proportional import proportional
from lodestone.alliance.shapley import shapley
from lodestone.alliance.staying_out import staying_out
from lodestone.terms.errors import RequestError


def test_one_left_glove_and_two_right_ones() -> None:
    """Shapley 2/3, 1/6, 1/6; the core is the one point where the scarce glove takes all."""
    game = glove("L", "RS")
    assert shapley(game) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert nucleolus(game) == pytest.approx([1.0, 0.0, 0.0], abs=1e-9)
    assert not least_core(game).empty
    assert core_check(game, [1.0, 0.0, 0.0]).inside
    seen = core_check(game, shapley(game))
    assert not seen.inside
    assert seen.excess == pytest.approx(1 / 6)
    assert game.names(seen.coalition) in {"L+R", "L+S"}


def test_a_thousand_left_gloves_do_not_help() -> None:
    """Two left and three right gloves: by hand, v = min; left ones are scarce and take 1 each."""
    game = glove("AB", "XYZ")
    assert nucleolus(game) == pytest.approx([1.0, 1.0, 0.0, 0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("estate", "shares"),
    [(100.0, [100 / 3] * 3), (200.0, [50.0, 75.0, 75.0]), (300.0, [50.0, 100.0, 150.0])],
)
def test_the_talmud_shares_an_estate_by_the_nucleolus(estate: float, shares: list[float]) -> None:
    """The Mishna's three estates for claims of 100, 200, 300 (Aumann & Maschler 1985)."""
    game = bankruptcy(estate, {"a": 100.0, "b": 200.0, "c": 300.0})
    assert nucleolus(game) == pytest.approx(shares, abs=1e-7)


def test_an_airport_is_paid_by_those_who_need_the_next_metre() -> None:
    """Littlechild & Owen 1973: each part of the runway by all who need it, in equal parts."""
    game = airport({"a": 1.0, "b": 3.0, "c": 6.0})
    assert shapley(game) == pytest.approx([-1 / 3, -1 / 3 - 1.0, -1 / 3 - 1.0 - 3.0])
    # by hand: complaints e = -x_i (one pays x_i more by staying) and x_c - 6 ... settle at
    # x_a = 1/2, x_b = (3 - 1/2)/2 = 5/4, x_c = 6 - 7/4
    assert nucleolus(game) == pytest.approx([-0.5, -1.25, -4.25], abs=1e-9)


def test_three_members_and_a_vault_by_hand() -> None:
    """Orders of A, B, C: A adds 0, 0, 6, 6, 9, 9; B 6, 3, 0, 0, 3, 0; C 3, 6, 3, 6-... by hand."""
    game = vault()
    # ABC: 0 6 3 | ACB: 0 3 6 | BAC: 6 0 3 | BCA: 9 0 0 | CAB: 6 3 0 | CBA: 9 0 0  (A B C)
    assert shapley(game) == pytest.approx([30 / 6, 12 / 6, 12 / 6])
    # core: x_B <= 3, x_C <= 3, so x_A >= 3; the nucleolus halves the play of each
    assert nucleolus(game) == pytest.approx([6.0, 1.5, 1.5], abs=1e-9)
    assert core_check(game, [3.0, 3.0, 3.0]).inside
    assert core_check(game, shapley(game)).inside
    assert not core_check(game, [2.0, 3.5, 3.5]).inside


def test_three_of_whom_any_two_suffice_have_no_core() -> None:
    """Majority game: any two are worth 1. Least complaint 2/3 - 1 = 1/3 at equal shares."""
    game = made("abc", lambda s: float(len(s) >= 2))
    found = least_core(game)
    assert found.empty
    assert found.excess == pytest.approx(1 / 3)
    assert nucleolus(game) == pytest.approx([1 / 3] * 3)


def test_a_free_rider_would_rather_stay_out() -> None:
    """Outside it gets 4 for nothing, inside 3: it gains 1 by leaving, and costs the others 3."""
    game = vault()
    others = [game.of(names) for names in ("BC", "AC", "AB")]
    seen = staying_out(game.grand, others, [0.0, 4.0, 0.0], [4.0, 3.0, 2.0])
    assert seen.gain.tolist() == [-4.0, 1.0, -2.0]
    assert seen.lost.tolist() == [9.0, 3.0, 3.0]


def test_the_rule_for_oil_by_hand() -> None:
    """Use 100, 50, 50; B makes all it uses. Supply 60, 50, 30; restraint 10 %.

    Permissible 90, 45, 45 = 180; supply 140; short 40. Net imports 100, 0, 50 share it 80/3,
    0, 40/3. Rights 190/3, 45, 95/3; B gives 5, A gets 10/3, C gets 5/3.
    """
    found = emergency_sharing([100.0, 50.0, 50.0], [100.0, 0.0, 50.0], [60.0, 50.0, 30.0], 0.1)
    assert found.obligation == pytest.approx([80 / 3, 0.0, 40 / 3])
    assert found.right == pytest.approx([190 / 3, 45.0, 95 / 3])
    assert found.allocation == pytest.approx([10 / 3, -5.0, 5 / 3])
    assert found.right.sum() == pytest.approx(140.0)
    enough = emergency_sharing([100.0, 50.0], [100.0, 0.0], [95.0, 50.0], 0.1)
    assert not enough.allocation.any()


def test_shares_in_proportion() -> None:
    assert proportional(10.0, [1.0, 3.0]).tolist() == [2.5, 7.5]
    with pytest.raises(RequestError, match="not all 0"):
        proportional(10.0, [0.0, 0.0])


def test_a_single_member() -> None:
    game = Game(("A",), np.array([0.0, 5.0]))
    assert shapley(game).tolist() == nucleolus(game).tolist() == [5.0]
    assert core_check(game, [5.0]).inside
    assert not least_core(game).empty


def test_what_is_no_game_is_refused_with_all_its_faults() -> None:
    with pytest.raises(RequestError) as refused:
        Game(("A", "A"), np.array([1.0, np.nan, 0.0, 0.0]))
    assert "named twice" in str(refused.value)
    assert "no number" in str(refused.value)
    with pytest.raises(RequestError, match="add up"):
        core_check(vault(), [1.0, 1.0, 1.0])
    with pytest.raises(RequestError, match="not among"):
        vault().of(["Z"])
