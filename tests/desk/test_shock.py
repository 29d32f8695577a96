"""The verb `shock`: what it answers, how it refuses, and that its rows mean what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

import lodestone as ls
from lodestone.chain.months import month_label
from lodestone.desk.asking import read_scenario_words, shock_in_words
from lodestone.terms.errors import RequestError


@pytest.fixture(scope="module")
def gallium() -> object:
    ban = ls.ExportBan("CHN", materials=["gallium"])
    return ls.shock(ls.world(2024), ban, months=14, draws=16, places=["EU27", "USA", "CHN"])


def rows(answer, table: str) -> list[dict]:
    return [r for r in answer.to_rows() if r["table"] == table]


def test_every_number_lies_in_its_band(gallium) -> None:
    for row in gallium.to_rows():
        for column in ("value", "inside", "price", "stock", "from_suppliers"):
            low = row.get("low" if column == "value" else f"{column}_low")
            high = row.get("high" if column == "value" else f"{column}_high")
            if row.get(column) is not None and low is not None:
                assert low <= row[column] <= high


def test_the_price_outside_rises_and_inside_falls(gallium) -> None:
    found = {r["what"]: r for r in rows(gallium, "summary") if r["place"] == "outside"}
    assert found["price_outside_peak"]["value"] > 2.0
    assert found["price_inside_lowest"]["value"] < 1.0
    assert found["price_outside_peak"]["low"] > found["price_inside_lowest"]["high"]


def test_who_is_cut_off_gets_nothing_from_the_supplier_and_is_short(gallium) -> None:
    for row in rows(gallium, "place"):
        if row["place"] in ("EU27", "USA"):
            assert row["from_suppliers"] in (0.0, None)
            assert row["value"] > 0.0
        else:
            assert row["value"] == 0.0  # the supplier uses no less than before


def test_users_outside_lose_and_users_inside_gain(gallium) -> None:
    loss = {(r["place"], r["what"]): r["value"] for r in rows(gallium, "summary")}
    assert loss["USA", "users_loss"] > 0 > loss["CHN", "users_loss"]
    assert loss["CHN", "makers_loss"] > 0
    parts = ("users_loss", "makers_loss", "treasury_loss")
    for place in ("EU27", "USA", "CHN"):
        assert sum(loss[place, p] for p in parts) == pytest.approx(loss[place, "loss"])


def test_months_are_labelled_from_the_year_after_the_world(gallium) -> None:
    months = [(r["month"], r["date"]) for r in rows(gallium, "market")]
    assert months[0] == (0, "2025-01")
    assert months[-1] == (13, "2026-02")
    assert month_label("2023-12", 1) == "2024-01"


def test_the_proof_is_in_the_answer(gallium) -> None:
    (proof,) = rows(gallium, "proof")
    assert proof["residual"] <= 1e-10
    assert proof["imbalance"] <= 1e-9
    assert proof["gap"] <= 1e-9
    assert (proof["drawn"], proof["failed"]) == (16, 0)


def test_the_prior_on_absent_links_is_always_among_the_assumptions_moved() -> None:
    from lodestone.market.assumptions import NAMES

    assert "new_link_share" in NAMES


def test_the_same_question_has_the_same_rows_and_run_id(gallium) -> None:
    ban = ls.ExportBan("China", materials=["Ga"])
    again = ls.shock(ls.world(2024), ban, months=14, draws=16, places=["EU27", "USA", "CHN"])
    assert again.to_rows() == gallium.to_rows()


def test_another_seed_moves_bands_only(gallium) -> None:
    ban = ls.ExportBan("CHN", materials=["gallium"])
    other = ls.shock(
        ls.world(2024), ban, months=14, draws=16, places=["EU27"], seed=5, sensitivity=False
    )
    (mine,) = [r for r in rows(other, "summary") if r["what"] == "price_outside_year"]
    (first,) = [r for r in rows(gallium, "summary") if r["what"] == "price_outside_year"]
    assert mine["value"] == first["value"]
    assert (mine["low"], mine["high"]) != (first["low"], first["high"])


def test_a_by_product_follows_its_host() -> None:
    outage = ls.Outage("CHN", 0.5, materials=["aluminium"], stages=["refine"])
    answer = ls.shock(ls.world(2024), outage, months=3, draws=0, sensitivity=False)
    assert "gallium" in answer.answers
    path = answer.answers["gallium"].path
    market = path.market
    (china,) = [i for i, p in enumerate(market.node_place) if market.places[p] == "CHN"]
    # half of one of two hosts is lost: a quarter, less what a higher price brings back
    assert path.walked.made[0, china] == pytest.approx(0.75 * market.made[china], rel=0.05)


def test_words_become_measures_and_bad_words_are_all_named() -> None:
    found = shock_in_words(
        quotas=["CHN:gallium:0.5"], months=2, draws=0, sensitivity=False, places=["USA,JPN"]
    )
    assert {r["place"] for r in rows(found, "place")} == {"USA", "JPN"}
    with pytest.raises(RequestError) as refused:
        shock_in_words(bans=["CHN"], quotas=["CHN:gallium:half"], outages=["a:b:c:d"])
    assert len(refused.value.problems) == 3


def test_one_error_lists_everything_wrong_with_a_scenario() -> None:
    measures = (
        ls.ExportBan("CHN", materials=["caesium"]),
        ls.ExportQuota("COD", 1.5, materials=["cobalt"]),
        ls.Outage("ZAF", -0.2, materials=["gallium"]),
        ls.ExportBan("CHN", materials=["gallium"], start="2025-06", end="2025-03"),
        ls.ExportLicence("CHN", materials=["germanium"]),
        ls.ExportQuota("CHN", 0.5, materials=["germanium"]),
    )
    with pytest.raises(RequestError) as refused:
        ls.shock(ls.world(2024), *measures, draws=0)
    text = str(refused.value)
    for words in ("measure 1", "measure 2", "measure 3", "measure 4"):
        assert words in text


def test_a_scenario_by_name_by_file_and_by_nothing(tmp_path: Path) -> None:
    from lodestone.chain.scenario_file import to_toml

    ready = read_scenario_words("china_graphite_2023")
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(ready), encoding="utf-8")
    assert read_scenario_words(str(file)).digest == ready.digest
    with pytest.raises(RequestError, match="china_graphite_2023"):
        read_scenario_words("china_graphit_2023")
    with pytest.raises(RequestError, match="nothing happens"):
        ls.shock(ls.world(2024))


def test_ready_scenarios_are_listed_with_what_must_be_checked() -> None:
    found = {r["scenario"]: r for r in ls.scenarios().to_rows()}
    assert len(found) >= 20
    assert "suspension expired" in found["china_five_rare_earths_2025"]["checks"]
    assert all(r["source"] and r["title"] for r in found.values())


def test_an_answer_does_not_depend_on_what_was_asked_before() -> None:
    def asked(name: str) -> list[dict]:
        ban = ls.ExportBan("CHN", materials=[name])
        plain = {"months": 3, "places": ["JPN"], "draws": 0, "sensitivity": False}
        return ls.shock(ls.world(2024), ban, **plain).to_rows()

    first = asked("gallium")
    asked("graphite")
    assert asked("gallium") == first
