"""Look-through by hand and by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.chain.look_through import direct, look_through, made_by, traced
from lodestone.chain.supply_chain import ChainStage, SupplyChain


def _stage(
    name: str,
    output: list[float],
    flow: dict[tuple[int, int], float],
    use: list[float],
    intake: list[float] | None = None,
    scrap: list[float] | None = None,
    process_yield: float = float("nan"),
) -> ChainStage:
    n = len(output)
    matrix = np.zeros((n, n))
    for (i, j), value in flow.items():
        matrix[i, j] = value
    zero = np.zeros(n)
    return ChainStage(
        name,
        "t",
        process_yield,
        np.array(output, float),
        np.array(scrap, float) if scrap else zero,
        np.array(intake, float) if intake else zero,
        np.array(use, float),
        zero,
        matrix,
        np.zeros((n, n)),
        ("A",) * n,
    )


PLACES = ("COD", "CHN", "BEL", "DEU")


def _cobalt() -> SupplyChain:
    """COD mines 90, DEU 10; CHN refines 90 and BEL re-exports 30 of it to DEU; yield 1."""
    mine = _stage("mine", [90, 0, 0, 10], {(0, 1): 90}, [0, 0, 0, 0], [0, 90, 0, 10])
    refine = _stage(
        "refine",
        [0, 90, 0, 10],
        {(1, 2): 30, (2, 3): 30},
        [0, 60, 0, 40],
        process_yield=1.0,
    )
    return SupplyChain("cobalt", 2024, PLACES, (mine, refine))


def test_by_hand_entrepot() -> None:
    chain = _cobalt()
    chain.check_balance()
    shipped = direct(chain, "refine", ["DEU"])
    assert shipped.of("BEL") == pytest.approx(0.75)
    assert shipped.of("CHN") == 0.0
    refined = look_through(chain, ["DEU"], "refine")
    assert refined.of("CHN") == pytest.approx(0.75)
    assert refined.of("BEL") == pytest.approx(0.0)
    mined = look_through(chain, ["DEU"], "mine")
    assert mined.of("COD") == pytest.approx(0.75)
    assert mined.of("DEU") == pytest.approx(0.25)


def test_by_hand_scrap_is_an_origin() -> None:
    mine = _stage("mine", [50, 0], {(0, 1): 50}, [0, 0], [0, 50])
    refine = _stage("refine", [0, 100], {}, [0, 100], scrap=[0, 50], process_yield=1.0)
    chain = SupplyChain("lead", 2024, ("COD", "CHN"), (mine, refine))
    chain.check_balance()
    mined = look_through(chain, ["CHN"], "mine")
    assert mined.of("scrap") == pytest.approx(0.5)
    assert mined.of("COD") == pytest.approx(0.5)


def test_by_hand_two_hubs_trading_with_each_other() -> None:
    """A makes 10, sends to B; B and C swap 5: what B and C have still all comes from A."""
    stage = _stage("mine", [10, 0, 0], {(0, 1): 10, (1, 2): 9, (2, 1): 5}, [0, 6, 4])
    mix = made_by(stage)
    np.testing.assert_allclose(mix[:, 0], 1.0)


def test_bloc_counts_as_one_buyer() -> None:
    chain = _cobalt()
    bloc = direct(chain, "refine", ["BEL", "DEU"])
    # The 30 from Belgium to Germany are inside; supply is 10 own and 30 from China.
    assert bloc.of("CHN") == pytest.approx(0.75)
    assert bloc.of_group(["BEL", "DEU"]) == pytest.approx(0.25)


def test_a_buyer_with_nothing_is_unknown_not_zero() -> None:
    chain = _cobalt()
    assert np.isnan(direct(chain, "refine", ["COD"]).of("CHN"))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(0, 10_000))
def test_laws(n: int, seed: int) -> None:
    """Rows sum to 1; permuting places permutes the answer; scaling flows changes nothing."""
    rng = np.random.default_rng(seed)
    output = rng.pareto(1, n) * (rng.random(n) < 0.6)
    output[0] += 1.0
    # A pyramid of shipments: everybody gets something that was made somewhere.
    flow = {
        (i, j): float(rng.pareto(1) + 0.01)
        for i in range(n)
        for j in range(n)
        if i != j and (i == 0 or rng.random() < 0.3)
    }
    stage = _stage("mine", output.tolist(), flow, [0.0] * n)
    mix = made_by(stage)
    np.testing.assert_allclose(mix.sum(axis=1), 1.0, atol=1e-12)
    assert (mix >= 0).all()
    scaled = _stage("mine", (7 * output).tolist(), {k: 7 * v for k, v in flow.items()}, [0.0] * n)
    np.testing.assert_allclose(made_by(scaled), mix, atol=1e-10)
    order = rng.permutation(n)
    back = np.argsort(order)
    moved = _stage(
        "mine",
        output[order].tolist(),
        {(int(back[i]), int(back[j])): v for (i, j), v in flow.items()},
        [0.0] * n,
    )
    np.testing.assert_allclose(made_by(moved), mix[np.ix_(order, order)], atol=1e-10)


def test_traced_rows_sum_to_one_through_stages() -> None:
    mix = traced(_cobalt(), "refine", "mine")
    rows = mix[~np.isnan(mix[:, 0])]
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-12)
