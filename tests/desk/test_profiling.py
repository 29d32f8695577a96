"""The verb `profile`: held against `chain`, `assess`, printed tables and the dated catalogue."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lodestone.desk import assess, chain, dossier, explain, profile
from lodestone.desk.library import library
from lodestone.desk.profile_controls import control_rows
from lodestone.terms.errors import RequestError

DAY = date(2026, 1, 31)


@pytest.fixture(scope="module")
def cobalt() -> list[dict[str, Any]]:
    return profile("cobalt", "EU27", 2024, as_of=DAY).to_rows()


def of(rows: list[dict[str, Any]], table: str) -> list[dict[str, Any]]:
    return [r for r in rows if r["table"] == table]


def test_codes_that_the_open_files_do_not_hold_are_said() -> None:
    assert any("760120" in note for note in profile("aluminium", "EU27", 2024).notes)


def test_makers_are_those_of_the_chain_in_every_year(cobalt: list[dict[str, Any]]) -> None:
    makers = of(cobalt, "maker")
    assert {r["year"] for r in makers} == set(library().years("cobalt"))
    for year in (2018, 2024):
        ledger = {
            (r["stage"], r["place"]): r["output"]
            for r in chain("cobalt", year).to_rows()
            if r["table"] == "ledger" and r["output"] > 0
        }
        found = {(r["stage"], r["place"]): r["value"] for r in makers if r["year"] == year}
        assert found == pytest.approx(ledger)
        for stage in {s for s, _ in found}:
            shares = [r["share"] for r in makers if (r["stage"], r["year"]) == (stage, year)]
            assert sum(shares) == pytest.approx(1.0)
    assert explain(makers[0]["id"]).to_rows()[0]["after"] == pytest.approx(makers[0]["value"])


def test_concentration_is_the_index_that_assess_computes(cobalt: list[dict[str, Any]]) -> None:
    scored = assess(["cobalt"], "EU27", 2024, ["hhi"]).to_rows()
    found = {r["stage"]: r for r in of(cobalt, "concentration") if r["year"] == 2024}
    assert len(scored) == len(found) == 2
    for score in scored:
        assert found[score["stage"]]["value"] == pytest.approx(score["value"], rel=1e-6)
        assert found[score["stage"]]["largest"] == score["supplier"]
        assert found[score["stage"]]["id"] == score["id"]


def test_a_trend_ends_at_the_exposure_of_the_year(cobalt: list[dict[str, Any]]) -> None:
    trend = of(cobalt, "trend")
    for key in {(r["lens"], r["stage"]) for r in trend}:
        same = [r for r in trend if (r["lens"], r["stage"]) == key]
        assert len({r["origin"] for r in same}) == 5
        assert len(same) == 5 * len(library().years("cobalt"))
    kept = {
        (r["lens"], r["stage"], r["origin"], r["year"]): r["share"]
        for r in library().dependence("EU27", material="cobalt")
    }
    held = [k for r in trend if (k := (r["lens"], r["stage"], r["origin"], r["year"])) in kept]
    assert len(held) > 50
    for row in trend:
        share = kept.get((row["lens"], row["stage"], row["origin"], row["year"]))
        if share is not None:
            assert row["value"] == pytest.approx(share, abs=1e-6)


def test_official_shares_are_as_printed_and_ours_beside(cobalt: list[dict[str, Any]]) -> None:
    """USGS MCS 2026, cobalt, import sources 2021-24: Norway 26 %, Finland 16, Canada, Japan 14."""
    usgs = {r["origin"]: r for r in of(cobalt, "official") if r["place"] == "USA"}
    printed = {"NOR": 0.26, "FIN": 0.16, "CAN": 0.14, "JPN": 0.14}
    assert {o: usgs[o]["official"] for o in printed} == printed
    assert usgs["NOR"]["years"] == "2021-2024"
    for origin in printed:
        row = usgs[origin]
        assert row["ours_direct_low"] <= row["ours_direct"] <= row["ours_direct_high"]
    assert "unnamed" in usgs["XOT"]["note"]
    assert usgs["CHN"]["official"] is None
    assert usgs["CHN"]["ours_look_through"] > usgs["CHN"]["ours_direct"]
    # EC (2023), cobalt, processing: Finland 62 % and Belgium 29 % of EU supply
    ec = {r["origin"]: r["official"] for r in of(cobalt, "official") if r["place"] == "EU27"}
    assert (ec["FIN"], ec["BEL"]) == (0.62, 0.29)


def test_our_shares_of_imports_sum_to_one_and_leave_own_supply_out() -> None:
    rows = of(profile("copper", "USA", 2024, as_of=DAY).to_rows(), "official")
    refined = [r for r in rows if r["series"] == "Refined copper"]
    assert "USA" not in {r["origin"] for r in refined}
    for column in ("ours_direct", "ours_look_through"):
        assert 0.9 <= sum(r[column] or 0.0 for r in refined) <= 1.001


@pytest.mark.parametrize("material", library().materials(2024))
def test_every_material_has_its_published_tables_or_a_note(material: str) -> None:
    from lodestone.desk.profile_official import official_rows

    books = library()
    rows = official_rows(books, material, {})
    for quantity, place in (("import_share", "USA"), ("sourcing_share", "EU27")):
        printed = books.rows(
            "SELECT value FROM facts WHERE quantity = ? AND material = ?", [quantity, material]
        )
        found = [r for r in rows if r["place"] == place]
        if printed:
            large = [p for p in printed if (p["value"] or 0.0) >= 0.01]
            assert len([r for r in found if (r["official"] or 0.0) >= 0.01]) == len(large)
        else:
            (row,) = found
            assert row["official"] is None
            assert "no such table" in row["note"]


def test_prices_are_printed_figures_or_customs_values(cobalt: list[dict[str, Any]]) -> None:
    prices = of(cobalt, "price")
    spot = [r for r in prices if r["printed"] == "16.77 dollars per pound"]
    assert [r["value"] for r in spot] == [pytest.approx(16.77 * 2204.62262, rel=1e-6)]
    assert {"reported", "inferred"} <= {r["kind"] for r in prices}
    copper = of(profile("copper", "EU27", 2024, as_of=DAY).to_rows(), "price")
    months = [r for r in copper if r["note"] == "mean of 12 months" and r["year"] == 2024]
    assert [r["value"] for r in months] == [pytest.approx(9142, rel=0.01)]  # World Bank, 2024


@pytest.mark.parametrize(
    ("material", "event", "day", "status"),
    [
        ("gallium", "CN-US-BAN-2024", date(2025, 6, 1), "in force"),
        ("gallium", "CN-US-BAN-2024", date(2026, 6, 1), "suspended until 2026-11-27"),
        ("gallium", "CN-US-BAN-2024", date(2026, 12, 1), "check"),
        ("cobalt", "CD-CO-2025", date(2025, 6, 1), "in force"),
        ("cobalt", "CD-CO-2025", date(2025, 12, 1), "ended"),
        ("gallium", "CN-GAGE-2023", date(2023, 7, 10), "announced"),
        ("dysprosium", "CN-REE-2010", date(2026, 1, 1), "ended"),
        ("nickel", "ID-NI-2014", date(2026, 1, 1), "ended"),
    ],
)
def test_a_control_holds_or_not_on_a_day(material: str, event: str, day: date, status: str) -> None:
    (row,) = [r for r in control_rows(library(), material, day) if r["event"] == event]
    assert row["status"] == status


@pytest.mark.parametrize(
    ("day", "events", "listed"),
    [
        (date(2010, 1, 1), set(), 0),
        (date(2022, 12, 31), set(), 0),  # the USGS entry of China begins in 2023
        (date(2023, 7, 10), {"CN-GAGE-2023"}, 1),
        (date(2024, 12, 2), {"CN-GAGE-2023"}, 1),
        (date(2024, 12, 3), {"CN-GAGE-2023", "CN-US-BAN-2024"}, 1),
    ],
)
def test_what_came_after_the_day_is_not_in_a_profile(
    day: date, events: set[str], listed: int
) -> None:
    """MOFCOM announced licences for gallium on 3 July 2023, and the ban to the US on 3 December 2024."""
    answer = profile("gallium", "EU27", 2024, as_of=day)
    rows = [r for r in of(answer.to_rows(), "control") if r["country"] == "CHN"]
    assert {r["event"] for r in rows if r["event"]} == events
    assert len([r for r in rows if r["event"] is None]) == listed
    silent = [note for note in answer.notes if "No export control" in note]
    assert bool(silent) == (not rows)
    assert all(str(day) in note for note in silent)


def test_a_profile_and_a_dossier_know_the_same_controls_on_a_day(tmp_path: Path) -> None:
    bill = b"material,quantity,suppliers\ngallium,0.5,CHN 100 %\n"
    for day in (date(2022, 6, 1), date(2023, 7, 10), date(2025, 6, 1)):
        held = dossier(bill, "DEU", as_of=day, draws=0, months=1, out=tmp_path).content.controls
        rows = [r for r in control_rows(library(), "gallium", day) if r["country"] == "CHN"]
        assert {c.source for c in held if c.source != "usgs_mcs2026"} == {
            r["event"] for r in rows if r["event"]
        }


def test_an_event_has_the_status_of_the_catalogue_in_the_words_of_a_profile() -> None:
    """Announced without a day of effect holds nothing yet; a suspension need not have an end."""
    from lodestone.atlas.readers.controls import status_on
    from lodestone.desk.profile_controls import _status

    def said(row: dict[str, Any]) -> tuple[str, str]:
        return _status(row, status_on(row, DAY))

    nothing = dict.fromkeys(("relaxed", "suspended", "suspended_until", "ended", "effective"))
    row = {"measure": "export_licence", **nothing, "announced": date(2025, 10, 9)}
    assert said(row) == ("announced", "")
    row |= {"effective": date(2025, 11, 8), "suspended": date(2025, 11, 7)}
    assert said(row) == ("suspended", "")
    assert said(row | {"ended": date(2026, 1, 30)}) == ("ended", "")


def test_uses_sum_to_one_and_lists_are_the_official_ones(cobalt: list[dict[str, Any]]) -> None:
    uses = of(cobalt, "use")
    assert sum(r["share"] for r in uses) == pytest.approx(1.0, abs=0.021)
    assert all(r["low"] <= r["share"] <= r["high"] and r["source"] for r in uses)
    lists = {r["list"]: r["value"] for r in of(cobalt, "criticality") if r["what"] == "list"}
    assert lists == {"EU_CRM_2024": 1.0, "EU_SRM_2024": 1.0, "US_2025": 1.0}
    zinc = of(profile("zinc", "USA", 2024, as_of=DAY).to_rows(), "criticality")
    found = {r["list"]: r["value"] for r in zinc if r["what"] == "list"}
    assert found == {"EU_CRM_2024": 0.0, "EU_SRM_2024": 0.0, "US_2025": 1.0}


def test_scores_are_those_of_assess_with_the_official_beside(cobalt: list[dict[str, Any]]) -> None:
    rows = of(cobalt, "criticality")
    (bottleneck,) = [r for r in rows if r.get("id", "").startswith("score:ec_supply_risk:cobalt:b")]
    assert bottleneck["official"] == 2.8  # EC (2023)
    editions = {r["year"]: r["official"] for r in rows if r["name"] == "EC supply risk"}
    assert editions == {2011: 1.1, 2014: 1.6, 2017: 1.6, 2020: 2.5, 2023: 2.8}


def test_the_day_is_part_of_the_question() -> None:
    one, two = (profile("gallium", "JPN", 2024, as_of=date(2026, m, 1)) for m in (1, 12))
    assert one.run_id != two.run_id
    again = profile("Ga", "Japan", 2024, as_of=date(2026, 1, 1))
    assert again.to_rows() == one.to_rows()
    assert again.run_id == one.run_id


def test_the_world_and_unknown_words_are_refused() -> None:
    with pytest.raises(RequestError, match="buys from nobody"):
        profile("cobalt", "WLD")
    with pytest.raises(RequestError, match="cobalt"):
        profile("cobald")
