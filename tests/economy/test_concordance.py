"""Numbers carried from one list of sectors to another keep their sum."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.economy.concordance import Concordance, concordance
from lodestone.terms.errors import DataError, RequestError

LINKS = [("a", "x", 0.25), ("a", "y", 0.75), ("b", "y", 1.0)]


def test_amounts_keep_their_sum() -> None:
    c = concordance("two", LINKS)
    carried = c.carry(np.array([8.0, 4.0]))
    assert carried.tolist() == [2.0, 10.0]
    assert carried.sum() == 12.0


def test_ratios_are_means_weighted_by_size() -> None:
    c = concordance("two", LINKS)
    # y holds 6 of a and 4 of b: (6 * 0.5 + 4 * 0.1) / 10
    np.testing.assert_allclose(c.carry(np.array([0.5, 0.1]), by=np.array([8.0, 4.0])), [0.5, 0.34])


def test_a_sector_into_which_nothing_falls_is_zero() -> None:
    c = concordance("two", LINKS, to_codes=("x", "y", "z"))
    assert c.carry(np.array([1.0, 1.0]), by=np.array([1.0, 1.0]))[2] == 0.0


def test_turned_takes_the_shares_of_sizes() -> None:
    back = concordance("two", LINKS).turned(np.array([8.0, 4.0]))
    np.testing.assert_allclose(back.weights, [[1.0, 0.0], [0.6, 0.4]])
    np.testing.assert_allclose(back.carry(np.array([2.0, 10.0])), [8.0, 4.0])


def test_what_cannot_be_turned_is_named() -> None:
    c = concordance("two", LINKS, to_codes=("x", "y", "z"))
    with pytest.raises(DataError, match="nothing falls into z"):
        c.turned(np.array([1.0, 1.0]))


@pytest.mark.parametrize(
    ("links", "says"),
    [
        ([("a", "x", 0.5)], "shares sum to 0.5000"),
        ([("a", "x", 0.5), ("a", "x", 0.5)], "stands twice"),
        ([("a", "x", 1.5), ("a", "y", -0.5)], "not between 0 and 1"),
    ],
)
def test_bad_rows_are_refused(links: list[tuple[str, str, float]], says: str) -> None:
    with pytest.raises(DataError, match=says):
        concordance("bad", links)


def test_unknown_target_and_wrong_length_are_refused() -> None:
    with pytest.raises(DataError, match="unknown code 'x'"):
        concordance("bad", [("a", "x", 1.0)], to_codes=("y",))
    with pytest.raises(RequestError, match="carries 2 numbers"):
        concordance("two", LINKS).carry(np.array([1.0]))
    with pytest.raises(RequestError, match="negative"):
        concordance("two", LINKS).carry(np.array([1.0, 1.0]), by=np.array([1.0, -1.0]))
    with pytest.raises(DataError, match="shape"):
        Concordance("bad", ("a",), ("x",), np.zeros((2, 2)))
