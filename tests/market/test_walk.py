"""Months: what a path remembers, what it conserves, and the shape that history has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from two_places import licensed, quiet, stopped, two_place_world

import lodestone
from lodestone.chain.edits import Duty, Floor, LinkLimit, Plant, Rush
from lodestone.market.assumptions import central
from lodestone.market.band import banded_walk, swings
from lodestone.market.outcome import gains, headline_stage, months_to_recover, price_outside
from lodestone.market.path import Path, clear, walk
from lodestone.terms.errors import MarketError


def price(path: Path) -> np.ndarray:
    """Effective price at B."""
    return path.walked.inner[:, -1]


def test_at_rest_it_stays_at_rest() -> None:
    path = walk(two_place_world(0.3), quiet(24))
    assert np.abs(path.walked.price - 1.0).max() <= 1e-9
    assert np.abs(path.walked.stock[:, -1] - central()["stock_months"]).max() <= 1e-9


def test_a_licensed_loss_of_three_tenths_has_the_shape_of_history() -> None:
    v = price(walk(two_place_world(0.3), licensed(13)))
    assert v[:3].max() == pytest.approx(2.7, rel=0.05)
    assert v.argmax() <= 2
    assert v[3:6].min() <= 0.5 * v.max() + 0.5  # half way back to 1 within months 3 to 5
    assert v[12] == pytest.approx(1.16, rel=0.05)


def test_a_loss_for_good_of_four_tenths_stays_dear() -> None:
    v = price(walk(two_place_world(0.4), stopped(36)))
    assert v[12:].min() > 1.3


def test_nothing_oscillates() -> None:
    for part in (0.1, 0.3, 0.5, 0.7):
        for edits in (licensed(48), stopped(48)):
            step = np.diff(np.log(price(walk(two_place_world(part), edits))))[6:]
            signs = np.sign(step[np.abs(step) > 0.01])
            assert (np.diff(signs) != 0).sum() <= 2


def test_memory_moves_the_peak_and_not_the_end() -> None:
    world, a = two_place_world(0.3), central().replace({"capacity_ceiling": 3.0})
    slow = a.replace({n: 0.5 * a[n] for n in ("l_use", "l_supply", "l_sourcing")})
    usual, late = (price(walk(world, stopped(400), x)) for x in (a, slow))
    assert late[6] > usual[6] * 1.05
    assert late[-1] == pytest.approx(usual[-1], rel=1e-3)


def test_what_is_sold_is_bought_and_stocks_add_up() -> None:
    path = walk(two_place_world(0.4), licensed(24), keep_flows=True)
    walked, market = path.walked, path.market
    assert walked.sold.sum(axis=1) == pytest.approx(walked.bought.sum(axis=1), abs=1e-9)
    assert walked.flow.sum(axis=1) == pytest.approx(walked.sold.sum(axis=1), abs=1e-12)
    assert walked.bought + walked.released == pytest.approx(walked.used, abs=1e-9)
    held = np.vstack([np.full((1, market.bought.size), 2.0), walked.stock])
    drawn = walked.released / np.where(market.bought > 0, market.bought, np.nan)
    assert np.nan_to_num(-np.diff(held, axis=0) - drawn) == pytest.approx(0.0, abs=1e-9)


def test_a_lifted_ban_undershoots_once_and_returns() -> None:
    v = price(walk(two_place_world(0.3), stopped(60, until=6)))
    assert v[5] > 1.3
    assert v[6] < 1.0
    assert v[-1] == pytest.approx(1.0, abs=0.02)


def test_idle_capacity_comes_back_and_never_beyond_the_ceiling() -> None:
    a = central()
    path = walk(two_place_world(0.5), stopped(40), a)
    own = path.walked.made[:, 1] / path.market.made[1]
    assert own[0] <= 1.0 + a["spare_capacity"] + 1e-12
    assert np.diff(own).max() <= a["capacity_ratchet"] + 1e-9
    assert own.max() <= a["capacity_ceiling"] + 1e-12


def test_quotas_may_follow_each_other_over_the_same_links() -> None:
    first, later = np.arange(12) < 6, np.arange(12) >= 6
    there = np.array([False, True])
    edits = replace(
        quiet(12),
        limits=(
            LinkLimit(0, 0, there, first, share=np.full(12, 0.5)),
            LinkLimit(0, 0, there, later, share=np.full(12, 0.8)),
        ),
    )
    sold = walk(two_place_world(0.4), edits).walked.sold[:, 0] / 0.4
    total = walk(two_place_world(0.4), quiet(1)).walked.sold.sum()
    assert sold[:6] / total == pytest.approx(0.5, abs=1e-9)
    assert sold[6:] / total == pytest.approx(0.8, abs=1e-9)


def test_two_limits_on_one_link_at_once_are_refused() -> None:
    limit = licensed(4).limits[0]
    with pytest.raises(MarketError, match="two limits"):
        walk(two_place_world(0.3), replace(quiet(4), limits=(limit, limit)))


def test_buyers_rush_before_an_announced_stop() -> None:
    ban = stopped(12).closed[0]
    late = replace(ban, active=np.arange(12) >= 4)
    rush = Rush(0, np.array([True, False]), np.array([False, True]), 0, 4)
    known = walk(two_place_world(0.4), replace(quiet(12), closed=(late,), rushes=(rush,)))
    unknown = walk(two_place_world(0.4), replace(quiet(12), closed=(late,)))
    assert known.walked.stock[3, -1] > unknown.walked.stock[3, -1] + 0.01
    assert price(known)[0] > 1.0
    assert price(known)[4] < price(unknown)[4]


def test_a_plant_sells_what_it_makes_and_lowers_the_price() -> None:
    ramp = np.clip((np.arange(36) - 2) / 6.0, 0.0, 1.0) * 20.0
    plant = Plant(0, 1, ramp, from_scrap=False)
    base = walk(two_place_world(0.4), stopped(36))
    built = walk(two_place_world(0.4), replace(stopped(36), plants=(plant,)))
    assert price(built)[20] < price(base)[20] - 0.1
    (node,) = np.flatnonzero(np.isclose(built.market.made, 0.2))
    assert built.walked.made[0, node] == 0.0
    assert built.walked.made[-1, node] >= 0.19
    assert built.walked.sold[-1, node] == pytest.approx(built.walked.made[-1, node], abs=1e-9)


def test_a_stock_sold_and_bought_moves_the_price_by_its_tonnes() -> None:
    release, build = quiet(6), quiet(6)
    release.release[:, 0, 1] = 12.0
    build.build[:, 0, 1] = 6.0
    sold = walk(two_place_world(0.4), release)
    bought = walk(two_place_world(0.4), build)
    assert price(sold)[0] < 1.0 < price(bought)[0]
    for path, tonnes in ((sold, 12.0), (bought, -6.0)):
        w = path.walked
        handed = w.used[:, -1] - w.bought[:, -1] - w.released[:, -1]
        assert handed * path.market.tonnes[0] == pytest.approx(tonnes, abs=1e-7)


def test_a_whole_outage_and_a_boom_are_answered() -> None:
    lost = quiet(6)
    lost.capacity[:, 0, 0] = 0.0
    path = walk(two_place_world(0.4), lost)
    assert np.isnan(path.walked.price[:, 0]).all()
    assert price(path)[0] > 2.0
    boom = quiet(6)
    boom.demand[:, 0, 1] = 1.1
    assert price(walk(two_place_world(0.4), boom))[0] > 1.1


def test_duties_and_floors_pay_what_they_say() -> None:
    to_b, from_a = np.array([False, True]), np.array([True, False])
    duty = Duty(0, from_a, to_b, np.full(3, 0.2), "specific")
    taxed = walk(two_place_world(0.4), replace(quiet(3), duties=(duty,)), keep_flows=True)
    assert taxed.walked.treasury.sum(axis=1) == pytest.approx(
        0.2 * taxed.walked.sold[:, 0], abs=1e-9
    )
    rate = Duty(0, from_a, to_b, np.full(3, 0.2), "ad_valorem")
    path = walk(two_place_world(0.4), replace(quiet(3), duties=(rate,)))
    assert np.isnan(path.gap)
    assert path.walked.treasury.sum(axis=1) == pytest.approx(
        0.2 * path.walked.price[:, 0] * path.walked.sold[:, 0], abs=1e-9
    )
    glut = quiet(3)
    glut.demand[:, 0, 1] = 0.8
    contract = Floor(0, np.array([False, True]), np.full(3, 0.9), "contract")
    held = walk(two_place_world(0.4), replace(glut, floors=(contract,))).walked
    assert held.support[:, 1] == pytest.approx(
        np.maximum(0.9 - held.price[:, 1], 0.0) * held.made[:, 1], abs=1e-12
    )
    levy = Floor(0, np.array([False, True]), np.full(3, 0.9), "levy")
    zone = walk(two_place_world(0.4), replace(glut, floors=(levy,))).walked
    assert zone.price[0, 0] < 0.9
    assert zone.treasury.sum(axis=1) == pytest.approx(
        (0.9 - zone.price[:, 0]) * zone.sold[:, 0], abs=1e-9
    )


def test_clear_is_a_year_on_and_dearer_than_rest() -> None:
    found = clear(two_place_world(0.4), stopped(1))
    assert 1.2 < price(found)[0] < 3.0


def test_gains_are_losses_of_others_at_most() -> None:
    path = walk(two_place_world(0.3), stopped(12))
    b, a = gains(path, ["BBB"]), gains(path, ["AAA"])
    assert b.users < 0 < b.makers
    assert a.makers < 0
    assert a.total + b.total < 0


def test_recovery_is_for_good() -> None:
    assert months_to_recover(np.array([1.0, 1.0]), np.zeros(2)) == 0
    assert months_to_recover(np.array([2.0, 1.0, 1.5, 1.0]), np.zeros(4)) == 3
    assert months_to_recover(np.array([1.0, 2.0]), np.zeros(2)) is None


def test_bands_hold_the_answer_and_swings_are_ordered() -> None:
    world = two_place_world(0.3)

    def read(path: Path) -> dict[str, np.ndarray]:
        return {"price": price_outside(path, headline_stage(path), ["AAA"])}

    found = banded_walk(world, licensed(6), read, count=32, seed=1)
    band = found.series["price"]
    assert (band.low <= band.value).all()
    assert (band.value <= band.high).all()
    assert band.high[0] > band.value[0] * 1.1
    moved = swings(world, licensed(6), lambda p: {"price": float(read(p)["price"].mean())})["price"]
    assert [s.width for s in moved] == sorted((s.width for s in moved), reverse=True)
    assert {"eta_S", "stock_release_limit"} & {s.assumption for s in moved[:8]}


def test_an_answer_that_cannot_be_proved_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import lodestone.market.path as module

    monkeypatch.setattr(module, "_MOST_STEPS", 1)
    with pytest.raises(MarketError, match=r"toy 2024, month 0 .* residual"):
        walk(two_place_world(0.5), stopped(2))


def test_a_month_at_which_steps_stand_still_begins_again() -> None:
    """A stock of 90 days in a cut of Congolese cobalt by 0.9: only at exactly this size does the
    first start lead nowhere. What is found lies between its neighbours."""
    from lodestone.desk.shock_reading import place_groups
    from lodestone.desk.study_work import hit_edits, market_at_rest
    from lodestone.desk.vault_walks import handed_out

    there, base = lodestone.world(2024), market_at_rest(2024, "cobalt")
    hit = {"material": "cobalt", "severity": 0.9, "begins": 0, "lasts": 12}
    edits = hit_edits(2024, "COD", hit, 12)
    (members,) = place_groups(["EU27"], 2024).values()
    alone = walk(there, edits, baseline=base)
    tonnes = handed_out(alone, members, "even", 90.0, 12).tonnes
    less, exact, more = (
        walk(there, replace(edits, release=tonnes * part), baseline=base).walked
        for part in (0.999, 1.0, 1.001)
    )
    inside = np.isin(base.places, members)[base.buyer_place]
    prices = [found.inner[0, inside].mean() for found in (less, exact, more)]
    assert prices[0] >= prices[1] >= prices[2]
    assert prices[0] == pytest.approx(prices[2], rel=0.02)
