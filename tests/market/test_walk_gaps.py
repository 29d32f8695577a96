"""What a path must do where it once did not: each test is the smallest case of one gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from two_places import quiet, stopped, two_place_world

from lodestone.chain.edits import Floor, LinkLimit, Plant, no_edits
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.chain.world import World
from lodestone.market.path import Path, clear, walk

A, B = 0, 1  # nodes, places and buyers of the two-place world


def _made(path: Path, node: int) -> np.ndarray:
    """(T,) tonnes that a node makes."""
    return (path.walked.made + path.walked.refined)[:, node] * path.market.tonnes[0]


def _at(place: int) -> np.ndarray:
    return np.arange(2) == place


def test_published_capacity_is_a_ceiling() -> None:
    world = replace(two_place_world(0.3), capacity={("toy", "refine", "BBB"): 84.0})
    assert _made(walk(world, stopped(36)), B).max() == pytest.approx(84.0, rel=1e-9)


def test_a_place_that_makes_all_it_can_has_no_spare() -> None:
    """Published capacity 70, output 70: it can never make 72.1."""
    world = replace(two_place_world(0.3), capacity={("toy", "refine", "BBB"): 70.0})
    assert _made(walk(world, stopped(36)), B).max() <= 70.0 * (1.0 + 1e-9)


def test_a_plant_that_opens_late_opens_whole() -> None:
    """The same plant, opened in month 0 and in month 24, makes the same in its first month."""
    month = np.arange(36)
    early, late = (
        walk(
            two_place_world(0.3),
            replace(quiet(36), plants=(Plant(0, B, np.where(month >= start, 10.0, 0.0), False),)),
        )
        for start in (0, 24)
    )
    assert _made(late, 2)[24] == pytest.approx(_made(early, 2)[0], rel=0.02)


def test_losing_all_is_the_end_of_losing_much() -> None:
    """Two years after an outage of everything, output is what it is after one of 0.99999."""
    after = []
    for left in (0.0, 1e-5):
        edits = quiet(37)
        edits.capacity[:12, 0, B] = left
        after.append(_made(walk(two_place_world(0.3), edits), B)[36])
    assert after[0] == pytest.approx(after[1], rel=0.05)


def test_a_quota_holds_for_what_its_origin_builds() -> None:
    """Who may export nothing exports nothing from a new plant either (a ban does hold)."""
    months = 6
    nothing = LinkLimit(0, A, _at(B), np.ones(months, dtype=bool), share=np.zeros(months))
    plant = Plant(0, A, np.full(months, 20.0), False)
    path = walk(
        two_place_world(0.3),
        replace(quiet(months), limits=(nothing,), plants=(plant,)),
        keep_flows=True,
    )
    for flow in path.walked.flow:
        abroad = path.market.links(0, flow)[path.market.node_place == A]
        assert abroad[:, path.market.buyer_place == B].sum() <= 1e-9


def test_a_contract_is_what_makers_get_used_to() -> None:
    """Three years at a guaranteed 1.5 build what three years at 1.5 build: more than 10 %."""
    floor = Floor(0, _at(B), np.full(36, 1.5), "contract")
    made = _made(walk(two_place_world(0.3), replace(quiet(36), floors=(floor,))), B)
    assert made[-1] > 1.1 * 70.0


def test_a_contract_holds_for_refined_goods() -> None:
    """A floor of 1.3 at a refinery: it makes more, and somebody pays the difference."""
    floor = Floor(1, _at(A), np.full(6, 1.3), "contract")
    path = walk(_two_stages(), replace(no_edits("toy", 2, 2, 6, "2025-01"), floors=(floor,)))
    node = int(np.flatnonzero((path.market.node_stage == 1) & (path.market.node_place == A))[0])
    assert (path.walked.support[:, node] > 0.0).all()
    assert (path.walked.refined[:, node] > path.market.refined[node]).all()


def test_clear_answers_for_one_month() -> None:
    """Its docstring: the edits of their first month; a path of one month."""
    assert clear(two_place_world(0.3), stopped(24)).months == 1


def _two_stages() -> World:
    """A mines and refines some of its ore; B refines the rest, and uses most of the metal."""

    def stage(name: str, made: list[float], sent: float, intake: list[float], use: list[float]):
        flow = np.array([[0.0, sent], [0.0, 0.0]])
        part = 0.9 if name == "refine" else float("nan")
        none, nowhere = np.zeros(2), np.zeros((2, 2))
        return ChainStage(
            name,
            "t",
            part,
            *map(np.array, (made, none, intake, use, none, flow, nowhere)),
            ("A", "A"),
        )

    chain = SupplyChain(
        "toy",
        2024,
        ("AAA", "BBB"),
        (
            stage("mine", [80.0, 40.0], 30.0, [50.0, 70.0], [0.0, 0.0]),
            stage("refine", [45.0, 63.0], 25.0, [0.0, 0.0], [20.0, 88.0]),
        ),
    )
    chain.check_balance()
    return World(2024, {"toy": chain}, {}, ("AAA", "BBB"), np.array([[10.0, 1000.0]] * 2))
