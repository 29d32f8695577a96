"""The verb `compare`, and a shock's row for every place."""

from __future__ import annotations

from typing import Any

import pytest

import lodestone as ls
from lodestone.desk.asking import scenario_of_text
from lodestone.terms.errors import RequestError

BAN = ls.ExportBan("CHN", materials=["gallium"])
QUOTA = ls.ExportQuota("CHN", 0.5, materials=["gallium"])
PLAIN: dict[str, Any] = {"months": 6, "places": ["JPN", "CHN"], "year": 2024}


def of(answer: Any, table: str) -> list[dict[str, Any]]:
    return [r for r in answer.to_rows() if r["table"] == table]


@pytest.fixture(scope="module")
def compared() -> Any:
    return ls.compare(BAN, [QUOTA, ls.ExportBan("CHN", materials=["germanium"])], draws=8, **PLAIN)


def test_each_side_is_the_shock_alone(compared: Any) -> None:
    alone = ls.shock(
        ls.world(2024), BAN, months=6, places=["JPN", "CHN"], draws=8, sensitivity=False
    )
    numbers = {(r["place"], r["what"]): r["value"] for r in of(alone, "summary")}
    found = {
        (r["place"], r["what"]): r["first"]
        for r in of(compared, "compared")
        if r["material"] == "gallium"
    }
    assert found == numbers
    assert of(compared, "side")[0]["run_id"] == alone.run_id
    months = {(r["place"], r["month"]): r for r in of(alone, "place")}
    for row in of(compared, "compared_month"):
        if row["material"] == "gallium" and row["place"] == "JPN":
            same = months["JPN", row["month"]]
            assert (row["price_first"], row["lost_first"]) == (same["price"], same["value"])
            assert row["date"] == same["date"]


def test_a_difference_is_second_less_first_and_lies_in_its_band(compared: Any) -> None:
    known = [r for r in of(compared, "compared") if r["value"] is not None]
    assert len(known) > 40
    for row in known:
        assert row["value"] == pytest.approx(row["second"] - row["first"])
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"]
        else:
            assert "no paired band" in row["note"]


def test_half_a_stop_costs_less_in_every_draw(compared: Any) -> None:
    rows = {
        (r["place"], r["what"]): r for r in of(compared, "compared") if r["material"] == "gallium"
    }
    lost = rows["JPN", "use_lost_year"]
    assert lost["high"] < 0.0
    assert lost["high"] - lost["low"] < lost["first"]


def test_a_market_that_one_side_leaves_alone_is_at_rest(compared: Any) -> None:
    rows = [r for r in of(compared, "compared") if r["material"] == "germanium"]
    assert all("at rest" in r["note"] for r in rows)
    found = {(r["place"], r["what"]): r["first"] for r in rows}
    assert found["outside", "price_outside_year"] == 1.0
    assert found["JPN", "use_lost_year"] == 0.0
    # the market's own program says the same of a measure that changes nothing
    nothing = ls.DemandChange("JPN", 0.0, materials=["germanium"])
    still = ls.shock(ls.world(2024), nothing, months=6, places=["JPN"], draws=0, sensitivity=False)
    for row in of(still, "summary"):
        if (row["place"], row["what"]) in found and row["what"] != "price_inside_lowest":
            expected = found[row["place"], row["what"]]
            if expected is not None and row["value"] is not None:
                assert row["value"] == pytest.approx(expected, abs=1e-6)


def test_measures_are_told_apart() -> None:
    answer = ls.compare([BAN, QUOTA_ON_GERMANIUM], [QUOTA_ON_GERMANIUM], draws=0, **PLAIN)
    assert [(r["in"], r["kind"], r["measure"]) for r in of(answer, "measure")] == [
        ("first", "export_ban", "CHN: gallium"),
        ("both", "export_quota", "CHN: germanium; share 0.5"),
    ]


QUOTA_ON_GERMANIUM = ls.ExportQuota("CHN", 0.5, materials=["germanium"])


def test_the_same_twice_differs_in_nothing() -> None:
    answer = ls.compare(BAN, "ban=CHN:gallium", draws=4, **PLAIN)
    for row in of(answer, "compared"):
        if row["value"] is not None:
            assert row["value"] == 0.0
            assert row["low"] in (0.0, None)
            assert row["high"] in (0.0, None)
    assert {r["in"] for r in of(answer, "measure")} == {"both"}


def test_words_mean_what_options_mean(tmp_path: Any) -> None:
    from lodestone.chain.scenario_file import to_toml
    from lodestone.desk import scenario_in_words

    text = "ban=CHN:gallium,germanium; quota=COD:cobalt:0.5; to=USA,JPN"
    asked = scenario_of_text(text, months=5, year=2024)
    same = scenario_in_words(
        bans=["CHN:gallium,germanium"],
        quotas=["COD:cobalt:0.5"],
        to=["USA,JPN"],
        months=5,
        year=2024,
    )
    assert asked.digest == same.digest
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(asked), encoding="utf-8")
    assert scenario_of_text(str(file)).digest == asked.digest
    with pytest.raises(RequestError) as refused:
        scenario_of_text("bann=CHN:gallium;to=")
    assert len(refused.value.problems) == 2


def test_different_worlds_are_refused_until_one_is_named() -> None:
    one = ls.Scenario("a", (BAN,), "2024-01", 3, 2023)
    two = ls.Scenario("b", (QUOTA,), "2025-01", 3, 2024)
    with pytest.raises(RequestError, match="2023"):
        ls.compare(one, two, draws=0)
    answer = ls.compare(one, two, draws=0, year=2024, places=["JPN"])
    assert any("counted from each one's own start" in n for n in answer.notes)


def test_what_makes_numbers_unlike_is_said() -> None:
    later = ls.ExportBan("CHN", materials=["gallium"], start="2025-03")
    other = ls.ExportBan("KOR", materials=["gallium"])
    answer = ls.compare(BAN, [later, other], draws=0, **PLAIN)
    assert any("different suppliers" in n for n in answer.notes)
    answer = ls.compare(BAN, later, draws=0, **PLAIN)
    assert any("month 0 of the first, 2 of the second" in n for n in answer.notes)


@pytest.fixture(scope="module")
def everywhere() -> Any:
    return ls.shock(
        ls.world(2024), BAN, months=6, places=["JPN", "ALL"], draws=0, sensitivity=False
    )


def test_every_place_has_a_row_that_agrees_with_its_months(everywhere: Any) -> None:
    rows = {r["place"]: r for r in of(everywhere, "place_summary")}
    assert len(rows) > 50
    months = of(everywhere, "place")
    worst = pytest.approx(rows["JPN"]["worst"])
    assert max(r["value"] for r in months) == worst
    assert months[rows["JPN"]["worst_month"]]["value"] == worst
    assert months[rows["JPN"]["worst_month"]]["date"] == rows["JPN"]["worst_date"]
    assert rows["JPN"]["peak"] == pytest.approx(max(r["price"] for r in months))
    least, most = (f(r["value"] for r in months) for f in (min, max))
    assert least <= rows["JPN"]["value"] <= most
    assert rows["CHN"]["value"] == 0.0
    assert {r["grade"] for r in rows.values()} <= {"A", "B", "C"}
    own = [r for r in of(everywhere, "place_month") if r["place"] == "JPN"]
    for key in ("month", "date"):
        assert [r[key] for r in own] == [r[key] for r in months]
    for key in ("value", "price"):
        assert [r[key] for r in own] == pytest.approx([r[key] for r in months])


def test_every_place_changes_nothing_else(everywhere: Any) -> None:
    plain = ls.shock(ls.world(2024), BAN, months=6, places=["JPN"], draws=0, sensitivity=False)
    added = ("place_summary", "place_month")
    rest = [r for r in everywhere.to_rows() if r["table"] not in added]
    assert rest == plain.to_rows()
    assert plain.query["places"] == ["JPN"]
    only = ls.shock(ls.world(2024), BAN, months=6, places=["all"], draws=0, sensitivity=False)
    assert of(only, "place_summary") == of(everywhere, "place_summary")
    assert not of(only, "economy")


def test_the_months_of_every_place_are_left_out_of_wide_scenarios() -> None:
    many = ["gallium", "germanium", "antimony", "tungsten", "bismuth"]
    ban = ls.ExportBan("CHN", materials=many)
    asked = {"months": 2, "places": ["ALL"], "draws": 0, "sensitivity": False}
    wide = ls.shock(ls.world(2024), ban, **asked)
    assert not of(wide, "place_month")
    assert any("months of every place are left out" in note for note in wide.notes)


def test_a_comparison_of_every_place_has_both_sides() -> None:
    words = {**PLAIN, "places": ["ALL"]}
    answer = ls.compare(BAN, QUOTA, draws=0, **words)
    rows = {r["place"]: r for r in of(answer, "compared_place")}
    assert rows["JPN"]["value"] == rows["JPN"]["second"] - rows["JPN"]["first"]
    assert rows["JPN"]["value"] < 0.0
    assert rows["JPN"]["peak_first"] > rows["JPN"]["peak_second"]
