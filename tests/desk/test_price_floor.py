"""A price floor: NdPr cut out of the rare earths, transfers that net out, instruments side by side."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lodestone.atlas.recipe import oxide_shares
from lodestone.chain.magnet_feed import ndpr_chain
from lodestone.desk.price_floor import break_even, price_floor
from lodestone.desk.worlds import world
from lodestone.terms.errors import ChainError, RequestError

ZONE = ["EU27", "USA", "JPN"]


@pytest.fixture(scope="module")
def floor() -> list[dict]:
    return price_floor(ZONE, "NdPr", 110.0).to_rows()


def prices(rows: list[dict]) -> dict[str, dict]:
    found = (r for r in rows if r["table"] == "floor_price")
    return {r["instrument"]: {**r, "inside": r["value"]} for r in found}


def payers(rows: list[dict], instrument: str) -> dict[str, dict]:
    found = (r for r in rows if r["table"] == "floor_payer")
    return {r["who"]: r for r in found if r["instrument"] == instrument}


def test_ndpr_is_cut_out_of_the_oxide_and_balances() -> None:
    """By hand: 17 % and 5.1 % of 393 kt mined, times the yield of 0.85."""
    whole = world(2024).chain("rare_earths")
    share = sum(oxide_shares()[m][0].central for m in ("neodymium", "praseodymium"))
    assert share == pytest.approx(0.221)
    chain = ndpr_chain(whole, share)
    chain.check_balance()
    mined = float(whole.stages[0].output.sum())
    assert chain.stages[0].output.sum() == pytest.approx(share * mined, rel=1e-3)
    assert chain.stages[1].output.sum() == pytest.approx(0.85 * share * mined, rel=1e-3)
    # users of NdPr are the magnet makers, each with its part of what all take in
    taken, before = chain.stages[1].intake, whole.stages[1].intake
    assert np.allclose(taken / taken.sum(), before / before.sum(), atol=1e-12)
    assert not chain.stages[1].use.any()


def test_ndpr_needs_a_chain_with_magnets() -> None:
    with pytest.raises(ChainError, match="magnets"):
        ndpr_chain(world(2024).chain("gallium"), 0.2)


def test_nothing_is_the_market_at_rest(floor: list[dict]) -> None:
    """USGS prints 56 USD/kg for neodymium and for praseodymium oxide in 2024."""
    rest = prices(floor)["nothing"]
    assert rest["inside"] == pytest.approx(56.0)
    assert rest["outside"] == pytest.approx(56.0)


def test_instruments_do_what_they_are_named_for(floor: list[dict]) -> None:
    found = prices(floor)
    rest, contract, levy, tariff = (found[k] for k in ("nothing", "contract", "levy", "tariff"))
    assert contract["received"] == pytest.approx(110.0)
    assert contract["inside"] < rest["inside"] < levy["inside"]
    assert levy["outside"] < rest["outside"]
    assert levy["imports"] < rest["imports"]
    assert tariff["made"] == pytest.approx(contract["made"], rel=1e-6)
    assert all(r["residual"] <= 1e-10 for r in found.values())
    assert "offtake (as the contract)" in found  # one market: nothing of its own to test


def test_a_contract_moves_money_and_makes_none(floor: list[dict]) -> None:
    """What the treasury pays is floor less market price on what is made inside."""
    price, paid = prices(floor)["contract"], payers(floor, "contract")["zone"]
    support = price["made"] * 1000.0 / 1e6 * (110.0 - price["market"])
    assert -paid["treasury"] == pytest.approx(support, rel=1e-9)
    # a subsidy of makers costs a little more than it brings
    assert -0.2 * -paid["treasury"] < paid["value"] < 0.05 * -paid["treasury"]
    for who in payers(floor, "levy").values():
        assert who["value"] == pytest.approx(who["users"] + who["makers"] + who["treasury"])


def test_members_add_up_to_the_zone(floor: list[dict]) -> None:
    for instrument in ("contract", "levy", "tariff"):
        found = payers(floor, instrument)
        for part in ("users", "makers", "treasury"):
            assert sum(found[m][part] for m in ZONE) == pytest.approx(found["zone"][part])


def test_a_floor_below_the_market_changes_nothing() -> None:
    found = prices(price_floor(ZONE, "NdPr", 20.0).to_rows())
    for form in ("contract", "levy"):
        for key in ("inside", "outside", "made", "imports"):
            assert found[form][key] == pytest.approx(found["nothing"][key], rel=1e-6)


def test_new_capacity_is_held_against_its_cost(floor: list[dict]) -> None:
    """200 USD a kg and year over 15 years at 10 %: 26.29 a year; with 45 of running cost 71.29."""
    assert break_even() == pytest.approx(45.0 + 200.0 * 0.131474, abs=0.01)
    assert break_even("low") < break_even() < break_even("high")


def test_one_verdict_by_instrument_and_side_from_what_makers_there_receive(
    floor: list[dict],
) -> None:
    priced = prices(floor)
    rows = [r for r in floor if r["table"] == "floor_viable"]
    assert [(r["instrument"], r["side"]) for r in rows] == [
        (name, side) for name in priced for side in ("inside", "outside")
    ]
    for r in rows:
        key = "received" if r["side"] == "inside" else "received_outside"
        assert r["value"] == priced[r["instrument"]][key]
        reached = [r["value"] >= r[k] for k in ("break_even_low", "break_even", "break_even_high")]
        assert r["viable"] == ("no", "unlikely", "likely", "yes")[sum(reached)]
    # a plant outside is not carried by what the zone pays its own
    outside = {r["instrument"]: r["value"] for r in rows if r["side"] == "outside"}
    assert max(outside.values()) == pytest.approx(outside["nothing"])
    assert outside["contract"] < 110.0


def test_a_contract_pays_plants_inside_alone(floor: list[dict]) -> None:
    rows = {r["project"]: r for r in floor if r["table"] == "floor_capacity"}
    assert not any({"viable", "without", "break_even"} & set(r) for r in rows.values())
    songwe = rows["Songwe Hill"]  # in Malawi; 1,953 t of NdPr a year by its study
    assert (songwe["value"], songwe["side"], songwe["support"]) == (1953.0, "outside", None)
    market = prices(floor)["contract"]["market"]
    joined = price_floor([*ZONE, "MWI"], "NdPr", 110.0).to_rows()
    there = next(r for r in joined if r.get("project") == "Songwe Hill")
    assert there["side"] == "inside"
    own = prices(joined)["contract"]["market"]
    assert there["support"] == pytest.approx(1953 * (110 - own) / 1000)
    assert own == pytest.approx(market, rel=0.05)  # Malawi refines nothing that moves a price


def test_magnets_go_around_the_floor(floor: list[dict]) -> None:
    leak = {r["what"]: r["value"] for r in floor if r["table"] == "floor_leak"}
    assert leak["of it from outside, free of the floor, at rest"] > 0.5
    assert (
        leak["share from outside under the levy"]
        != leak["of it from outside, free of the floor, at rest"]
    )
    assert leak["made inside at the next stage, change"] < 0.0


def test_other_materials_have_floors_too() -> None:
    found = prices(price_floor(["USA", "JPN"], "gallium", 1000.0).to_rows())
    assert found["levy"]["inside"] > found["nothing"]["inside"]
    with pytest.raises(RequestError, match="no price"):
        price_floor(ZONE, "thulium", 10.0)


def test_where_the_zone_works_none_of_it_there_is_no_change() -> None:
    """Malaysia separates NdPr; neither it nor Iceland makes or buys any at the next stage."""
    rows = price_floor(["MYS", "ISL"], "NdPr", 110.0).to_rows()
    leak = {r["what"]: r["value"] for r in rows if r["table"] == "floor_leak"}
    assert leak["made inside at the next stage, change"] is None
    assert leak["bought inside at the floor's stage, at rest"] == 0.0


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        # Malaysia makes, and nobody inside buys: a duty keeps nothing out
        (["AUS", "MYS"], r"no duty up to 1,120 USD/kg \(20 base prices\) makes as much"),
        # nothing is made inside, whatever it is paid
        (["JPN", "AUS"], "the contract calls forth no output inside"),
    ],
)
def test_where_no_tariff_does_the_same_the_answer_says_so(zone: list[str], words: str) -> None:
    answer = price_floor(zone, "NdPr", 110.0)
    assert "tariff" not in prices(answer.to_rows())
    assert any(re.search(words, note) for note in answer.notes)


def test_a_tariff_that_is_shown_needs_no_excuse() -> None:
    answer = price_floor(["USA", "JPN"], "gallium", 1000.0)
    assert "tariff" in prices(answer.to_rows())
    assert not any("No tariff is shown" in note for note in answer.notes)
