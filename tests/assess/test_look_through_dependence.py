"""Dependence as shipped and as made, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.assess.look_through_dependence import (
    OriginShares,
    dependence_on,
    look_through_dependence,
)
from lodestone.assess.panel import Node
from lodestone.terms.errors import DataError

ORIGINS = ("BEL", "CHN", "COD", "XOT")


def shares(**changes: np.ndarray) -> OriginShares:
    """EU27 buys in Belgium what was mined in Congo; USA is unknown; COD supplies itself."""
    given = {
        "direct": np.array([[0.6, 0.2, 0.1, 0.1], [np.nan] * 4, [0.0, 0.0, 1.0, 0.0]]),
        "look_through": np.array([[0.1, 0.2, 0.6, 0.1], [np.nan] * 4, [0.0, 0.0, 1.0, 0.0]]),
    } | changes
    return OriginShares(Node("cobalt", "mine"), 2024, ("EU27", "USA", "COD"), ORIGINS, **given)


def test_customs_hide_the_mine() -> None:
    answer = look_through_dependence(shares(), {"EU27": ("BEL",)})
    # Belgium is inside the bloc, so customs point at China and the mine is Congo's
    assert ORIGINS[answer.top_direct[0]] == "CHN"
    assert answer.direct[0] == pytest.approx(0.2)
    assert ORIGINS[answer.top_look_through[0]] == "COD"
    assert answer.look_through[0] == pytest.approx(0.6)
    assert answer.gap[0] == pytest.approx(0.5)


def test_unknown_and_self_supplied_buyers_have_no_top_supplier() -> None:
    answer = look_through_dependence(shares())
    assert list(answer.top_look_through[1:]) == [-1, -1]
    assert np.isnan(answer.look_through[1:]).all()


def test_dependence_on_one_supplier() -> None:
    answer = dependence_on(shares(), "EU27", "COD")
    assert (answer.direct, answer.look_through) == (0.1, 0.6)
    assert answer.gap == pytest.approx(0.5)
    assert dependence_on(shares(), "USA", "COD").look_through is None


def test_other_countries_are_never_the_largest_supplier() -> None:
    direct = np.array([[0.0, 0.2, 0.1, 0.7], [np.nan] * 4, [0.0, 0.0, 1.0, 0.0]])
    answer = look_through_dependence(shares(direct=direct))
    assert ORIGINS[answer.top_direct[0]] == "CHN"


def test_rows_that_do_not_sum_to_one_are_refused_by_name() -> None:
    broken = np.array([[0.6, 0.2, 0.1, 0.0], [np.nan] * 4, [0.0, 0.5, np.nan, 0.5]])
    with pytest.raises(DataError) as caught:
        shares(direct=broken)
    assert "EU27" in str(caught.value)
    assert "COD" in str(caught.value)
