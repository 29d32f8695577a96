"""Traced links by hand and by law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_worlds import PLACES, cobalt, real_world, stage

from lodestone.chain.links import supplied, taken_in, traced_links
from lodestone.terms.errors import ChainError


def link(links: np.ndarray, origin: str, destination: str) -> float:
    return float(links[PLACES.index(origin), PLACES.index(destination)])


def test_a_re_export_is_a_link_from_its_maker() -> None:
    links = traced_links(cobalt().stages[1])
    assert link(links, "CHN", "JPN") == pytest.approx(24)
    assert link(links, "HKG", "JPN") == 0
    assert link(links, "CHN", "HKG") == 0
    # Germany has 8 of its own and 8 from China: it passes on half of each.
    assert link(links, "CHN", "FRA") == pytest.approx(2)
    assert link(links, "DEU", "FRA") == pytest.approx(2)
    assert link(links, "CHN", "CHN") == pytest.approx(32)


def test_what_is_drawn_from_stocks_is_supplied_and_what_is_stocked_is_taken_in() -> None:
    drawn = stage(
        "refine",
        {"CHN": 10},
        {("USA", "JPN"): 4},
        {"CHN": 7, "JPN": 4, "USA": 1},
        stock_change={"USA": -5, "CHN": 3},
    )
    links = traced_links(drawn)
    assert link(links, "USA", "JPN") == pytest.approx(4)
    assert link(links, "USA", "USA") == pytest.approx(1)
    assert link(links, "CHN", "CHN") == pytest.approx(10)


@pytest.mark.parametrize("material", ["gallium", "cobalt", "rare_earths", "nickel", "silver"])
def test_rows_are_what_is_supplied_and_columns_what_is_taken_in(material: str) -> None:
    for at in real_world(2024, material).chain(material).stages:
        links = traced_links(at)
        small = 1e-9 * at.output.sum()
        np.testing.assert_allclose(links.sum(axis=1), supplied(at), atol=small)
        np.testing.assert_allclose(links.sum(axis=0), taken_in(at), atol=small)
        assert (links >= 0).all()


def test_an_answer_is_the_callers_own() -> None:
    at = cobalt().stages[0]
    traced_links(at)[:] = -1
    assert traced_links(at).min() == 0


def test_an_unbalanced_stage_is_refused() -> None:
    at = cobalt().stages[1]
    with pytest.raises(ChainError, match=r"refine: the links of place number .* not balanced"):
        traced_links(replace(at, use=at.use * 1.001))


def test_a_stage_with_nothing_has_no_links() -> None:
    assert not traced_links(stage("mine", {}, {}, {})).any()
