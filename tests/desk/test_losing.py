"""The verbs `losses` and `risk`: order, conservation, refusals, and the same bytes on any worker."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

import lodestone as ls
from lodestone.desk.exposures import exposures
from lodestone.desk.risking import write_hazards
from lodestone.terms.errors import RequestError

DAY = date(2026, 11, 1)


@pytest.fixture(scope="module")
def gallium() -> list[dict]:
    return ls.losses("USA", materials=["gallium", "germanium"], suppliers=["CHN"]).to_rows()


def of(rows: list[dict], table: str) -> list[dict]:
    return [r for r in rows if r["table"] == table]


def test_figures_are_in_order_and_named(gallium: list[dict]) -> None:
    worst = of(gallium, "loss")
    assert [r["rank"] for r in worst] == [1, 2]
    for row in worst:
        assert row["low"] <= row["central"]
        assert row["high"] is None or row["high"] >= row["central"]
        assert row["output_low"] <= row["output_central"] <= row["output_high"]
        assert row["output_direct"] <= row["output_central"]
        assert 0.0 < row["missing"] < 1.0
        assert "Semiconductor" in row["sectors"] or "navigation" in row["sectors"]
    assert of(gallium, "proof")[0]["residual"] <= 1e-10
    names = {r["assumption"] for r in of(gallium, "assumption")}
    assert {"sigma", "criticality_threshold", "input-output table"} <= names


def test_a_smaller_cut_never_costs_output_more(gallium: list[dict]) -> None:
    half = ls.losses("USA", materials=["gallium"], suppliers=["CHN"], severity=0.5).to_rows()
    full = next(r for r in of(gallium, "loss") if r["material"] == "gallium")
    assert of(half, "loss")[0]["output_central"] <= full["output_central"]


def test_a_shock_says_the_same_as_the_ranking(gallium: list[dict]) -> None:
    """Both walk a full stop of twelve months; the ranking cuts every stage by one ban as well."""
    ban = ls.ExportBan("CHN", materials=["gallium"])
    shock = ls.shock(ls.world(2024), ban, months=12, draws=0, sensitivity=False, places=["USA"])
    rows = {r["what"]: r for r in shock.to_rows() if r["table"] == "economy"}
    listed = next(r for r in of(gallium, "loss") if r["material"] == "gallium")
    assert rows["output_economy"]["value"] == pytest.approx(listed["output_central"], rel=1e-6)
    assert rows["price_cost"]["value"] == pytest.approx(listed["low"], rel=1e-6)
    months = [r["value"] for r in shock.to_rows() if r["table"] == "economy_month"]
    assert sum(months) == pytest.approx(rows["output_economy"]["value"], rel=1e-9)


@pytest.mark.parametrize("place", ["USA", "EU27", "JPN"])
def test_shares_of_a_spend_are_one_whole(place: str) -> None:
    for name, one in exposures(place, 2024).items():
        assert one.spend_share.sum() + one.unmapped == pytest.approx(1.0, abs=1e-6), name
        assert (one.phi <= 1.0 + 1e-12).all()


def test_own_rows_of_one_stage_leave_those_of_the_others() -> None:
    """The US has rows of its own for oxide; magnets are bought at another stage, and stay."""
    from lodestone.desk.exposures import _stage_spend

    for place in ("USA", "EU27", "JPN"):
        one = exposures(place, 2024)["rare_earths"]
        magnets = sum(p.spend_share for p in one.parts if p.application.startswith("magnets"))
        oxide = sum(p.spend_share for p in one.parts if not p.application.startswith("magnets"))
        spend = _stage_spend("rare_earths", place, 2024)
        used = spend["product"] + spend["refine"]
        assert magnets == pytest.approx(spend["product"] / used, rel=1e-6)
        assert oxide + one.unmapped == pytest.approx(spend["refine"] / used, rel=1e-6)


def test_a_place_without_a_table_is_refused_with_a_way_out() -> None:
    with pytest.raises(RequestError, match="table"):
        ls.losses("NAM")


@pytest.mark.parametrize("bad", [{"severity": 0.0}, {"severity": 1.5}, {"months": 0}])
def test_bad_questions_are_refused(bad: dict) -> None:
    with pytest.raises(RequestError):
        ls.losses("USA", materials=["gallium"], **bad)


@pytest.fixture(scope="module")
def risk_usa() -> object:
    return ls.risk("USA", years=3000, as_of=DAY, workers=2)


def test_rankings_add_up(risk_usa) -> None:
    rows = risk_usa.to_rows()
    total = sum(r["value"] for r in of(rows, "pair"))
    assert sum(r["value"] for r in of(rows, "material")) == pytest.approx(total)
    assert sum(r["value"] for r in of(rows, "supplier")) == pytest.approx(total)
    for table in ("pair", "material", "supplier"):
        values = [r["value"] for r in of(rows, table)]
        assert values == sorted(values, reverse=True)
    exact = next(r for r in of(rows, "tail") if r["figure"] == "central" and "exact" in r)
    assert exact["exact"] == pytest.approx(total)
    assert abs(exact["value"] - exact["exact"]) < 4.0 * exact["error"]
    assert len(of(rows, "material")) >= 50


def test_a_threshold_is_reached_by_fewer_cuts_than_begin(risk_usa) -> None:
    rows = of(risk_usa.to_rows(), "reverse_stress")
    assert rows
    for row in rows:
        if row["probability"] is not None:
            assert 0.0 <= row["reaches"] <= row["probability"]
    # one set among many: years at least that bad are no rarer in the sample
    first = rows[0]
    share = (
        of(risk_usa.to_rows(), "tail")[0]["value"]
        / of(risk_usa.to_rows(), "tail")[0]["share_of_gdp"]
    )
    loss = 0.001 * share
    curve = [(r["once_in_years"], r["value"]) for r in of(risk_usa.to_rows(), "exceedance")]
    rarest = max((years for years, value in curve if value <= loss), default=1.0)
    assert first["reaches"] <= 1.0 / rarest + 0.01


def test_the_full_stop_of_the_ranking_is_that_of_losses(risk_usa) -> None:
    listed = ls.losses("USA", materials=["gallium", "rhodium"]).to_rows()
    central = {(r["supplier"], r["material"]): r["central"] for r in of(listed, "loss")}
    for row in of(risk_usa.to_rows(), "pair"):
        pair = (row["supplier"], row["material"])
        if pair in central:
            assert row["full_stop"] == pytest.approx(central[pair], rel=1e-6)


def test_an_expected_loss_is_its_chance_times_the_loss_once_begun(risk_usa) -> None:
    for row in of(risk_usa.to_rows(), "pair"):
        expected = row["probability"] * row["once_begun"]
        assert row["value"] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_elements_are_not_counted_beside_their_group(risk_usa) -> None:
    rows = risk_usa.to_rows()
    counted = {r["material"] for r in of(rows, "pair")}
    assert "rare_earths" in counted
    assert not counted & {"neodymium", "dysprosium", "terbium"}
    assert {"dysprosium", "terbium"} <= {r["material"] for r in of(rows, "unknown")}


def test_same_seed_same_bytes_on_one_and_two_workers(risk_usa) -> None:
    alone = ls.risk("USA", years=3000, as_of=DAY, workers=1)
    assert json.dumps(alone.envelope()) == json.dumps(risk_usa.envelope())


def test_an_edited_table_changes_what_it_names(risk_usa, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("supplier,material,probability,severity,months\nCHN,gallium,0,1,12\n")
    mine = ls.risk("USA", years=1000, as_of=DAY, hazards=file)
    found = {(r["supplier"], r["material"]): r for r in of(mine.to_rows(), "pair")}
    assert found["CHN", "gallium"]["value"] == 0.0
    before = {(r["supplier"], r["material"]): r for r in of(risk_usa.to_rows(), "pair")}
    assert found["COD", "cobalt"]["value"] == before["COD", "cobalt"]["value"]
    written = tmp_path / "ours.csv"
    again = write_hazards(risk_usa, written)
    assert f"Hazards: {written}" in again.notes
    same = ls.risk("USA", years=3000, as_of=DAY, hazards=written)
    ours = {(r["supplier"], r["material"]): r["value"] for r in of(same.to_rows(), "pair")}
    for pair, row in before.items():
        assert ours[pair] == pytest.approx(row["value"], rel=1e-4, abs=1e-9)


def test_a_bad_table_of_hazards_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("supplier,material,probability,severity,months\nCHN,gallium,2,1,12\n")
    with pytest.raises(RequestError, match=r"bad\.csv"):
        ls.risk("USA", hazards=file, as_of=DAY)
