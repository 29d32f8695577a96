"""A market of two places that can be thought through: A makes a part and uses nothing, B the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodestone.chain.edits import ClosedLinks, Edits, LinkLimit, no_edits
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.chain.world import Price, World

PLACES = ("AAA", "BBB")


def two_place_world(part: float, output: float = 100.0) -> World:
    """A makes `part` of the world's output and ships it all to B, which uses everything."""
    made = np.array([part, 1.0 - part]) * output
    flow = np.zeros((2, 2))
    flow[0, 1] = made[0]
    stage = ChainStage(
        stage="refine",
        unit="t",
        process_yield=float("nan"),
        output=made,
        scrap_output=np.zeros(2),
        intake=np.zeros(2),
        use=np.array([0.0, output]),
        stock_change=np.zeros(2),
        flow=flow,
        unseen=np.zeros((2, 2)),
        grade=("A", "A"),
    )
    chain = SupplyChain("toy", 2024, PLACES, (stage,))
    chain.check_balance()
    prices = {("toy", "refine"): Price(1000.0, "reported", "test")}
    return World(2024, {"toy": chain}, prices, PLACES, np.array([[10.0, 1000.0], [1000.0, 10.0]]))


def quiet(months: int) -> Edits:
    """Nothing happens."""
    return no_edits("toy", 1, 2, months, "2025-01")


def stopped(months: int, until: int | None = None) -> Edits:
    """A exports nothing, until a month or for good."""
    active = np.arange(months) < (months if until is None else until)
    ban = ClosedLinks(0, np.array([True, False]), np.array([False, True]), active)
    return replace(quiet(months), closed=(ban,), suppliers=("AAA",))


def licensed(months: int) -> Edits:
    """A's exports need a licence from month 0."""
    limit = LinkLimit(
        0,
        0,
        np.array([False, True]),
        np.ones(months, dtype=bool),
        age=np.arange(months, dtype=float),
    )
    return replace(quiet(months), limits=(limit,), suppliers=("AAA",))
