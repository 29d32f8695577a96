"""The CRM Act benchmarks by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.assess.assessment import Gap
from lodestone.assess.crm_act_scoreboard import (
    STRATEGIC,
    Benchmark,
    Weighting,
    crm_act_scoreboard,
    diversification,
    verdict,
)
from lodestone.assess.look_through_dependence import OriginShares, look_through_dependence
from lodestone.assess.panel import Node, Panel
from lodestone.terms.errors import DataError

MATERIALS = ("copper", "gallium", "cobalt")


def panel(stage: str, value: list[float], **band: list[float]) -> Panel:
    nodes = tuple(Node(m, stage) for m in MATERIALS)
    shaped = {key: np.array(numbers)[:, None, None] for key, numbers in band.items()}
    return Panel(nodes, ("EU27",), (2024,), np.array(value)[:, None, None], **shaped)


USE = panel("use", [1000.0, 10.0, 100.0])
PRICE = panel("use", [10.0, 500.0, 30.0])


def share(
    capacity: Panel, weighting: Weighting, use: Panel = USE, price: Panel = PRICE
) -> float | None:
    board = crm_act_scoreboard({Benchmark.EXTRACTION: capacity}, use, price)
    return board[weighting].panel.at(STRATEGIC, "extraction", "EU27", 2024)


def test_the_three_ways_by_hand() -> None:
    mined = panel("mine", [200.0, 0.0, 300.0])
    assert share(mined, Weighting.MASS) == pytest.approx(500 / 1110)
    assert share(mined, Weighting.VALUE) == pytest.approx((2000 + 9000) / (10000 + 5000 + 3000))
    # cobalt is mined threefold, but feeds only its own use
    assert share(mined, Weighting.MEAN) == pytest.approx((0.2 + 0.0 + 1.0) / 3)


def test_an_unknown_material_leaves_both_sums_and_lowers_the_low_end() -> None:
    mined = panel("mine", [200.0, np.nan, 50.0])
    board = crm_act_scoreboard({Benchmark.EXTRACTION: mined}, USE, PRICE)
    mass = board[Weighting.MASS]
    assert mass.panel.at(STRATEGIC, "extraction", "EU27", 2024) == pytest.approx(250 / 1100)
    assert mass.panel.bands_at((0, 0, 0))[0] == pytest.approx(250 / 1110)
    assert mass.remark is not None
    assert mass.remark.at((0, 0, 0)) == "2 of 3 materials known"
    mean = board[Weighting.MEAN].panel
    assert mean.at(STRATEGIC, "extraction", "EU27", 2024) == pytest.approx((0.2 + 0.5) / 2)
    assert mean.bands_at((0, 0, 0))[0] == pytest.approx((0.2 + 0.5) / 3)


def test_a_missing_price_only_touches_the_value_weighting() -> None:
    mined = panel("mine", [200.0, 0.0, 300.0])
    price = panel("use", [10.0, np.nan, 30.0])
    assert share(mined, Weighting.MASS, price=price) == pytest.approx(500 / 1110)
    assert share(mined, Weighting.VALUE, price=price) == pytest.approx(11000 / 13000)


def test_nothing_known_is_unknown_not_zero() -> None:
    board = crm_act_scoreboard({Benchmark.RECYCLING: panel("refine", [np.nan] * 3)}, USE, PRICE)
    assert board[Weighting.MASS].gap_at((0, 0, 0)) is Gap.INPUT_UNKNOWN
    assert verdict(board[Weighting.MASS], Benchmark.RECYCLING, "EU27", 2024).met is None


@pytest.mark.parametrize(("mined", "met"), [(200.0, True), (60.0, False), (112.0, None)])
def test_a_band_across_the_target_decides_nothing(mined: float, met: bool | None) -> None:
    capacity = panel(
        "mine", [mined, 0.0, 0.0], low=[mined * 0.9, 0.0, 0.0], high=[mined * 1.1, 0.0, 0.0]
    )
    board = crm_act_scoreboard({Benchmark.EXTRACTION: capacity}, USE, PRICE)
    assert verdict(board[Weighting.MASS], Benchmark.EXTRACTION, "EU27", 2024).met is met


def test_materials_in_another_order_are_refused() -> None:
    nodes = tuple(Node(m, "mine") for m in reversed(MATERIALS))
    mined = Panel(nodes, ("EU27",), (2024,), np.zeros((3, 1, 1)))
    with pytest.raises(DataError, match="different materials"):
        crm_act_scoreboard({Benchmark.EXTRACTION: mined}, USE, PRICE)


@pytest.mark.parametrize(
    ("share_of_top", "low", "high", "over"),
    [(0.9, 0.8, 0.95, True), (0.5, 0.4, 0.6, False), (0.6, 0.5, 0.7, None)],
)
def test_the_worst_third_country(share_of_top: float, low: float, high: float, over: bool) -> None:
    row = np.array([[share_of_top, 1 - share_of_top]])
    shares = OriginShares(
        Node("gallium", "refine"),
        2024,
        ("EU27",),
        ("CHN", "DEU"),
        row,
        row,
        np.array([[low, 1 - high]]),
        np.array([[high, 1 - low]]),
    )
    dependence = look_through_dependence(shares, {"EU27": ("DEU",)})
    (answer,) = diversification(dependence, look_through=True)
    assert (answer.worst, answer.share, answer.over) == ("CHN", share_of_top, over)
    (shipped,) = diversification(dependence, look_through=False)
    assert shipped.over is (share_of_top > 0.65)


def test_the_targets_are_those_of_article_5() -> None:
    assert [b.target for b in Benchmark] == [0.10, 0.40, 0.25, 0.65]
