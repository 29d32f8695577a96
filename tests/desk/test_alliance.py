"""The verb `alliance`: the same engines, every coalition as if asked alone, laws, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import lodestone as ls
from lodestone.desk import alliance_sampled, alliancing
from lodestone.desk.alliance_asking import alliance_in_words
from lodestone.desk.alliance_charts import alliance_charts
from lodestone.desk.alliance_file import read_alliance
from lodestone.desk.alliance_games import WholeGames
from lodestone.desk.alliance_question import MOST_PLACES, question
from lodestone.desk.alliance_rows import Sharing
from lodestone.desk.alliance_sampled import SampledGames, acting_of_all
from lodestone.desk.alliance_study import alliance_study
from lodestone.desk.alliance_values import AllianceValues, values_of
from lodestone.desk.alliance_work import (
    CALM,
    OIL,
    SCHEMA,
    SCRAMBLE,
    CoalitionSearch,
    coalition_impacts,
    search,
)
from lodestone.desk.alliancing import AllianceAnswer
from lodestone.desk.exposures import exposures
from lodestone.desk.shock_losses import _table
from lodestone.desk.worlds import world
from lodestone.economy.exposure import Case
from lodestone.economy.losses import Shortage, losses
from lodestone.terms.errors import RequestError

FOUR = ["EU27", "USA", "JPN", "AUS"]
TWO_MATERIALS = ["gallium", "germanium"]


@pytest.fixture(scope="module")
def four() -> AllianceAnswer:
    return ls.alliance(FOUR[:3], FOUR[3:], materials=TWO_MATERIALS)


def of(answer: AllianceAnswer, table: str, mode: str = SCRAMBLE) -> list[dict]:
    return [r for r in answer.to_rows() if r["table"] == table and r.get("against") == mode]


def test_every_coalition_is_what_it_is_when_asked_alone(four: AllianceAnswer) -> None:
    """Each of 2^4: markets walked for that coalition alone, losses by the economy's own verb."""
    payloads = [t.payload for t in alliance_study(four.asked).tasks]
    for mode in (CALM, SCRAMBLE):
        mine = [p for p in payloads if p["mode"] == mode]
        ours = four.values[mode].losses(Case.CENTRAL)
        for which in range(16):
            assert ours[which] == pytest.approx(_separate(mine, which), rel=1e-9)


def _separate(payloads: list, which: int) -> np.ndarray:
    """(4,) what members lose when one coalition acts, from fresh markets."""
    found = [search(p) for p in payloads]
    outcomes = [s.best(s.acting(which))[1] for s in found]
    total = []
    for k, member in enumerate(FOUR):
        table, exposed = _table(member, 2024), exposures(member, 2024)
        assert table is not None
        short, cost = [], 0.0
        for s, outcome, payload in zip(found, outcomes, payloads, strict=True):
            cost += float(outcome.price_cost[k].sum()) / 1e6
            spend = float(s.market.spend[k]) / 1e6
            short.append(Shortage(exposed[payload["material"]], spend, outcome.missing[k]))
        total.append(losses(table, short, cost).central)
    return np.array(total)


def test_alone_is_what_the_verb_losses_says_without_stocks() -> None:
    """No stock, nothing shared: the loss alone is the loss that `losses` prints."""
    bare = ls.alliance(
        ["USA", "JPN"],
        materials=["gallium"],
        cover={"USA": 0, "JPN": 0},
        shares=[],
        shifts=False,
    )
    row = ls.losses("USA", materials=["gallium"], suppliers=["CHN"]).to_rows()[0]
    here = next(r for r in of(bare, "share", CALM) if r["member"] == "USA")
    assert here["loss_alone"] == pytest.approx(row["central"], rel=1e-9)
    assert [r["value"] for r in of(bare, "worth", CALM)] == [0.0]


def test_shares_add_up_and_nobody_is_forgotten(four: AllianceAnswer) -> None:
    for mode in (CALM, SCRAMBLE):
        grand = of(four, "worth", mode)[-1]
        assert grand["size"] == 4
        rows = of(four, "share", mode)
        assert [r["member"] for r in rows] == FOUR
        for rule in ("value", "nucleolus", "gdp", "use", "own"):
            assert sum(r[rule] for r in rows) == pytest.approx(grand["value"], rel=1e-9)
        assert sum(r["payment"] for r in rows) == pytest.approx(0.0, abs=1e-6 * grand["value"])
        assert grand["loss_alone"] - grand["loss_together"] == pytest.approx(grand["value"])
        assert all(r["low"] <= r["value"] <= r["high"] for r in rows)
        assert all(r["value"] >= -1e-9 for r in of(four, "worth", mode))


def test_the_invited_add_what_the_game_says(four: AllianceAnswer) -> None:
    game = four.values[SCRAMBLE].game(Case.CENTRAL)
    row = of(four, "invited")[0]
    assert row["member"] == "AUS"
    assert row["value"] == pytest.approx(game.of(FOUR) - game.of(FOUR[:3]))
    assert row["value"] == pytest.approx(row["founders_gain"] + row["own"])
    assert row["by_staying_out"] == pytest.approx(row["outside"] - row["share"])


def test_the_invited_act_beside_the_founders_and_the_answer_says_so(four: AllianceAnswer) -> None:
    """Australia hoards and outbids once it is named: the three lose something else, and rows say so."""
    bare = ls.alliance(FOUR[:3], materials=TWO_MATERIALS, shifts=False)
    beside = next(r for r in of(four, "worth") if r["coalition"] == "EU27+USA+JPN")
    alone = next(r for r in of(bare, "worth") if r["coalition"] == "EU27+USA+JPN")
    assert beside["loss_alone"] != pytest.approx(alone["loss_alone"], rel=1e-6)
    assert "the invited act alone" in beside["note"]
    assert alone["note"] is None
    assert sum(r["note"] is not None for r in of(four, "worth")) == 1
    assert any("without the invited" in note for note in four.notes)
    assert not any("invited" in note for note in bare.notes)


def test_a_member_without_a_part_changes_no_market(four: AllianceAnswer) -> None:
    payload = dict(alliance_study(four.asked).tasks[0].payload)
    payload["terms"] = [*payload["terms"][:-1], 0.9]  # nobody uses nine tenths
    found = search(payload)
    assert found.market.taking_part == 0
    assert found.distinct() == [0]
    assert found.acting(15) == 0
    assert not found.has_oil_rule


def test_stocks_are_handed_out_whole_in_a_long_stop(four: AllianceAnswer) -> None:
    """Whatever the rule, where more is missing than is held users get all of it, and no more."""
    payload = next(
        t.payload
        for t in alliance_study(four.asked).tasks
        if t.payload["material"] == "gallium" and t.payload["mode"] == CALM
    )
    found = search(payload)
    for how in ("own stocks", "by need", "by worth"):
        release = found._release(how, 15)
        assert release.sum() == pytest.approx(found.market.stock.sum())
        assert (release >= 0.0).all()
    path = found.best(15)[1].path
    assert path.strategic.sum() * path.market.tonnes[found.market.stage] / 12.0 == pytest.approx(
        found.market.stock.sum()
    )


def test_a_short_stop_draws_no_more_than_is_missing() -> None:
    """Sixty days of stock against one month: the rest stays in it, and no stop makes anybody richer."""
    short = ls.alliance(["USA", "JPN"], materials=["tungsten"], months=1, shifts=False)
    for mode in (CALM, SCRAMBLE):
        assert all(r["loss_alone"] >= 0.0 for r in of(short, "share", mode))
        assert all(r["loss_together"] >= 0.0 for r in of(short, "worth", mode))
    for task in alliance_study(short.asked).tasks:
        found = search(task.payload)
        missing = found._missing_tonnes(found.bare)
        assert (found.market.stock > missing).all()
        if not found.scramble:  # a scramble also puts into stocks
            path = found.alone.path
            drawn = path.strategic.sum() * path.market.tonnes[found.market.stage] / 12.0
            assert drawn == pytest.approx(missing.sum())
        for how in ("own stocks", "by need", "by worth"):
            release = found._release(how, 3)
            assert (release <= found.need(3) * (1.0 + 1e-9)).all()
            assert release.sum() == pytest.approx(found.need(3).sum())


def test_more_to_share_is_never_worth_less() -> None:
    """A coalition takes the best of what it may do; alone is always among it."""
    worth = []
    for shares in ([], ["buying"], ["buying", "stocks"], ["buying", "stocks", "restraint"]):
        found = ls.alliance(["USA", "JPN"], materials=["gallium"], shares=shares, shifts=False)
        worth.append(of(found, "worth")[0]["value"])
    # `buying` alone leaves hoarding, and one material: what it chooses by is the loss itself
    assert worth[0] == pytest.approx(0.0, abs=1e-6)
    assert worth == sorted(worth)


def test_the_rule_for_oil_takes_nothing_from_what_the_coalition_chose(four: AllianceAnswer) -> None:
    """Without stocks of one material that is as alone; unproved in one, there is no figure at all."""
    one = four.values[SCRAMBLE]
    gallium = one.materials["gallium"]
    full = int(gallium.at(np.array([15]))[0])
    assert gallium.oil is not None
    assert full > 0
    bare = {**one.materials, "gallium": replace(gallium, oil=None)}
    got, why = _oil_of(four, replace(one, materials=bare))
    # whatever the coalition does for gallium, the rule leaves its members as alone there
    worse = gallium.missing.copy()
    worse[full] = 1.0
    bare["gallium"] = replace(gallium, oil=None, missing=worse)
    again, _ = _oil_of(four, replace(one, materials=bare))
    assert why is None
    assert got is not None
    assert np.array_equal(got, again)
    bare["gallium"] = replace(gallium, oil=None, oil_unproved=True)
    assert _oil_of(four, replace(one, materials=bare)) == (None, "no proved market of gallium")


def _oil_of(four: AllianceAnswer, values: AllianceValues) -> tuple[np.ndarray | None, str | None]:
    games = WholeGames(four.asked, values, ())
    return Sharing(four.asked, SCRAMBLE, values, games)._oil_gains()


def test_a_rule_for_oil_that_is_not_proved_is_told(
    four: AllianceAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = alliance_study(four.asked).tasks[0].payload
    monkeypatch.setattr(CoalitionSearch, "oil_rule", lambda self: None)
    frame = pl.DataFrame(
        coalition_impacts(payload), schema={k: getattr(pl, v) for k, v in SCHEMA.items()}
    )
    table = values_of(frame, four.asked.all, 2024, payload["mode"]).materials[payload["material"]]
    assert table.oil_unproved
    assert table.oil is None
    assert np.isfinite(table.price_cost).all()


def test_the_supplier_and_third_countries_are_told(four: AllianceAnswer) -> None:
    rows = of(four, "place")
    roles = {r["place"]: r["role"] for r in rows}
    assert roles["CHN"] == "supplier"
    assert roles["USA"] == "member"
    assert roles["AUS"] == "invited"
    assert "third" in roles.values()
    for r in rows:
        parts = r["users_moved"] + r["makers_moved"] + r["treasury_moved"]
        assert r["value"] == pytest.approx(parts, abs=1e-6)
        assert r["value"] == pytest.approx(r["gain_together"] - r["gain_alone"], abs=1e-6)
    total = next(r for r in of(four, "leverage") if r["member"] == "all")
    assert total["inflicted_alone"] - total["value"] == pytest.approx(
        of(four, "worth")[-1]["value"]
    )


def test_flows_leave_nothing_over(four: AllianceAnswer) -> None:
    """What a maker sends is what it makes and draws from its stocks: before, alone and together."""
    from lodestone.desk.alliance_shifts import shifts_of

    payloads = [t.payload for t in alliance_study(four.asked).tasks]
    at_rest = {p["material"]: search(p).market.market for p in payloads}
    for shift in shifts_of(four.asked, SCRAMBLE, 15):
        m = at_rest[shift.material]
        drawn = np.zeros((len(m.stages), len(m.places)))
        np.add.at(drawn, (m.node_stage, m.node_place), m.given * m.tonnes[m.node_stage])
        for s, block in enumerate(shift.flow):
            sent = block.sum(axis=2)
            assert sent.sum() > 0.0
            assert np.allclose(sent, shift.output[:, s] + drawn[s], rtol=1e-9, atol=1e-9)
        assert not np.allclose(shift.flow[0][1], shift.flow[0][2], rtol=1e-3)


@pytest.mark.parametrize("restraint", [0.0, 0.07])
def test_gains_of_places_are_what_members_pay_with_what_they_forgo(
    four: AllianceAnswer, restraint: float
) -> None:
    """The price cost of every member again, from its places: use that is forgone costs too."""
    from lodestone.desk.alliance_shifts import _gain

    for task in alliance_study(four.asked).tasks:
        if task.payload["mode"] != SCRAMBLE:
            continue
        found = search(task.payload)
        outcome = found.market.outcome(
            found.market.taking_part, np.zeros(4), restraint=restraint, scramble=True
        )
        by_place = _gain(found.market, outcome).sum(axis=0)
        ours = np.array([-by_place[mask].sum() for mask in found.market.places])
        assert ours == pytest.approx(outcome.price_cost.sum(axis=1), rel=1e-9)
        assert (outcome.forgone.sum() > 0.0) == (restraint > 0.0)


def test_the_same_question_has_the_same_bytes(four: AllianceAnswer) -> None:
    again = ls.alliance(FOUR[:3], FOUR[3:], materials=TWO_MATERIALS)
    assert json.dumps(again.envelope()) == json.dumps(four.envelope())


def test_draws_widen_the_band() -> None:
    plain = ls.alliance(["USA", "JPN"], materials=["gallium"], shifts=False)
    drawn = ls.alliance(["USA", "JPN"], materials=["gallium"], shifts=False, draws=2)
    for mode in (CALM, SCRAMBLE):
        one, two = of(plain, "worth", mode)[0], of(drawn, "worth", mode)[0]
        assert one["value"] == two["value"]
        assert two["low"] <= one["low"] <= one["high"] <= two["high"]
        assert of(drawn, "core", mode)[0]["in_draws"] in (0.0, 0.5, 1.0)


def test_more_places_than_can_be_sampled_are_refused_before_any_work() -> None:
    """Nobody waits for an answer that cannot come."""
    gone = {"CHN", "ANT", "SCG", "YUG"}
    places = [p for p in world(2024).places if p not in gone and len(p) == 3][: MOST_PLACES + 1]
    assert len(question(places[:-1], materials=["gallium"]).all) == MOST_PLACES
    with pytest.raises(RequestError, match=rf"{MOST_PLACES + 1} places.*{MOST_PLACES} at most"):
        question(places[:-1], places[-1:], materials=["gallium"])


# --- more than sixteen -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def sampled(four: AllianceAnswer) -> dict[str, tuple[WholeGames, SampledGames]]:
    """The same four valued whole, and as if they were too many."""
    asked = four.asked
    return {
        m: (WholeGames(asked, four.values[m], []), SampledGames(asked, four.values[m], []))
        for m in (CALM, SCRAMBLE)
    }


@pytest.mark.parametrize("mode", [CALM, SCRAMBLE])
def test_sampled_shares_are_the_exact_ones_within_their_bars(
    four: AllianceAnswer, sampled: dict, mode: str
) -> None:
    exact, found = (
        [r for r in Sharing(four.asked, mode, four.values[mode], g).rows() if r["table"] == "share"]
        for g in sampled[mode]
    )
    for a, b in zip(exact, found, strict=True):
        assert a["member"] == b["member"]
        for column in ("own", "outside", "lost_to_others", "loss_alone", "gdp", "use"):
            assert b[column] == pytest.approx(a[column], rel=1e-12, abs=1e-9), column
        # 1.96 standard errors hold nineteen times of twenty; three bars practically always
        assert abs(a["value"] - b["value"]) <= 3.0 * b["error"] + 1e-9
        assert b["low"] <= b["value"] <= b["high"]
    assert sum(r["value"] for r in found) == pytest.approx(sampled[mode][1].worth(15), rel=1e-12)


@pytest.mark.parametrize("mode", [CALM, SCRAMBLE])
def test_where_all_parts_are_looked_at_each_acts_as_in_the_exact_game(
    sampled: dict, mode: str
) -> None:
    whole, drawn = sampled[mode]
    assert drawn.which == list(range(16))
    for s in drawn.which:
        assert drawn.worth(s) == pytest.approx(whole.worth(s), abs=1e-9)
        assert drawn.acting(s) == whole.acting(s)


def test_a_few_orders_of_nine_never_overstate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer parts to choose from: a coalition is worth no more than where all are valued."""
    monkeypatch.setattr(alliance_sampled, "PAIRS", 4)
    nine = ["AUS", "BRA", "CAN", "EU27", "GBR", "IND", "JPN", "KOR", "USA"]
    answer = ls.alliance(nine, materials=TWO_MATERIALS, shifts=False)
    for mode in (CALM, SCRAMBLE):
        whole = WholeGames(answer.asked, answer.values[mode], [])
        drawn = SampledGames(answer.asked, answer.values[mode], [])
        assert drawn.coalitions < whole.coalitions / 4
        for s in drawn.which:
            assert drawn.worth(s) <= whole.worth(s) + 1e-9 * abs(whole.worth(s))
            assert drawn.acting(s) & ~s == 0
            alone, lost = whole.lost(0), whole.lost(drawn.acting(s))
            inside = [k for k in range(9) if s >> k & 1]
            if whole.acting(drawn.acting(s)) == drawn.acting(s):
                assert drawn.lost(s) == pytest.approx(lost, rel=1e-12)
                assert drawn.worth(s) == pytest.approx((alone - lost)[inside].sum(), abs=1e-9)
        together = 511
        shares = [share.value for share in drawn.shapley()]
        assert sum(shares) == pytest.approx(drawn.worth(together), rel=1e-12)


def test_those_who_act_are_the_same_wherever_it_is_asked(
    four: AllianceAnswer, sampled: dict
) -> None:
    for mode in (CALM, SCRAMBLE):
        drawn = sampled[mode][1]
        acting, lost = acting_of_all(four.asked, four.values[mode])
        assert acting == drawn.acting(15)
        assert lost[1] == pytest.approx(drawn.lost(15), rel=1e-12)


def test_seventeen_places_are_answered() -> None:
    places = [
        "AUS",
        "BRA",
        "CAN",
        "CHL",
        "GBR",
        "IDN",
        "IND",
        "JPN",
        "KOR",
        "MEX",
        "MYS",
        "NOR",
        "PHL",
        "TUR",
        "USA",
        "ZAF",
        "EU27",
    ]
    found = ls.alliance(places, ["VNM"], materials=["gallium"])
    for mode in (CALM, SCRAMBLE):
        shares = of(found, "share", mode)
        assert [r["member"] for r in shares] == [*places, "VNM"]
        everybody = next(r for r in of(found, "worth", mode) if r["coalition"] == "all")
        assert sum(r["value"] for r in shares) == pytest.approx(everybody["value"], rel=1e-9)
        assert all(r["nucleolus"] is None and "orders of joining" in r["note"] for r in shares)
        # what was looked at can show that shares do not hold, never that they do
        assert {r["inside"] for r in of(found, "core", mode)} <= {False, None}
        assert [r["member"] for r in of(found, "invited", mode)] == ["VNM"]
    assert any("drawn by lot" in note for note in found.notes)


# --- words -----------------------------------------------------------------------------------


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(RequestError) as refused:
        question(
            ["EU27", "DEU", "Atlantis"],
            ["USA", "USA"],
            supplier="DEU",
            materials=["unobtainium"],
            severity=2.0,
            months=0,
            shares=["gold"],
            cover={"FRA": 10, "USA": -1},
            terms={"luck": 1.0, "hoarding": 2.0},
        )
    text = str(refused.value)
    for part in (
        "Atlantis",
        "DEU is in EU27 and in DEU",
        "named twice",
        "part of EU27",
        "unobtainium",
        "severity",
        "months",
        "gold",
        "FRA is not among",
        "-1 days",
        "luck",
        "hoarding = 2",
    ):
        assert part in text
    with pytest.raises(RequestError, match="at least two"):
        question(["USA"])
    with pytest.raises(RequestError, match="sells none"):
        question(["USA", "JPN"], supplier="AUS", materials=["gallium"])


FILE = """
name = "test"
members = ["USA", "JPN"]
invite = ["KOR"]
against = "CHN"
materials = ["gallium"]
severity = 0.9
months = 6
share = ["stocks", "buying"]
draws = 1

[stock_days]
JPN = 180

[terms]
hoarding = 0.5

[floor]
material = "NdPr"
usd_per_kg = 110
"""


def test_a_file_says_the_same_as_words(tmp_path: Path) -> None:
    read = read_alliance(FILE)
    asked = question(
        ["USA", "JPN"],
        ["KOR"],
        materials=["gallium"],
        severity=0.9,
        months=6,
        shares=["stocks", "buying"],
        cover={"JPN": 180},
        terms={"hoarding": 0.5},
        draws=1,
    )
    assert read.asked == asked
    assert read.floor == ("NdPr", 110.0)
    path = tmp_path / "alliance.toml"
    path.write_text(FILE, encoding="utf-8")
    assert read_alliance(path) == replace(read)


def test_a_file_is_asked_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "alliance.toml"
    path.write_text('members = ["USA", "JPN"]\nmaterials = ["gallium"]\n', encoding="utf-8")
    found = ls.alliance(path)
    assert found.envelope() == ls.alliance(["USA", "JPN"], materials=["gallium"]).envelope()
    with pytest.raises(RequestError, match="not both: invite, months, seed ->"):
        ls.alliance(path, ["KOR"], months=12, seed=0)
    with pytest.raises(RequestError, match="no list of members"):
        ls.alliance("alliance.toml")


def test_a_bad_file_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    bad = """
members = "USA"
invite = ["Atlantis"]
luck = 3
months = 1.5
severity = true
against = 7

[stock_days]
JPN = "many"

[floor]
material = "NdPr"
"""
    with pytest.raises(RequestError) as refused:
        read_alliance(bad)
    for part in (
        "members",
        "Atlantis",
        "luck",
        "months",
        "severity",
        "against",
        "stock_days",
        "floor",
    ):
        assert part in str(refused.value)
    for text in ("members = [", "\x00"):
        with pytest.raises(RequestError, match="TOML"):
            read_alliance(text)
    with pytest.raises(RequestError, match="no such file"):
        read_alliance(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RequestError, match="UTF-8"):
        read_alliance(tmp_path / "odd.toml")


def test_words_of_a_command_line() -> None:
    found = alliance_in_words(
        ["USA,JPN"], materials=["gallium"], cover=["USA=30,JPN=90"], shares=["stocks"]
    )
    assert found.asked.cover == {"USA": 30.0, "JPN": 90.0}
    assert found.asked.members == ("USA", "JPN")
    with pytest.raises(RequestError, match="PLACE=DAYS"):
        alliance_in_words(["USA", "JPN"], cover=["JPN:60"])
    with pytest.raises(RequestError, match="MATERIAL:USD_PER_KG"):
        alliance_in_words(["USA", "JPN"], floor="NdPr")
    with pytest.raises(RequestError, match="not both"):
        alliance_in_words(["USA"], file=FILE)
    with pytest.raises(RequestError, match="not both: months, cover"):
        alliance_in_words(file=FILE, months=12, cover=["JPN=60"])


PLAN = """
place = "EU27"
materials = ["gallium"]
first = 2026
last = 2031

[[scenario]]
probability = 0.3
[[scenario.cut]]
supplier = "CHN"
materials = ["gallium"]
year = 2030
"""


def test_founders_also_plan_together(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    day = date(2026, 11, 26)
    found = alliance_in_words(
        ["USA", "JPN"], invite=["KOR"], materials=["gallium"], plan=path, as_of=day
    )
    asked = ls.alliance(["USA", "JPN"], ["KOR"], materials=["gallium"], plan=path, as_of=day)
    assert asked.envelope() == found.envelope()
    own = ls.joint_plan(["USA", "JPN"], path, year=found.asked.year, as_of=day)
    assert found.query["plan"]["as_of"] == "2026-11-26"
    rows = found.to_rows()
    assert [r for r in rows if r in own.to_rows()] == own.to_rows()
    assert {r["member"] for r in rows if r["table"] == "joint_share"} == {"USA", "JPN"}
    assert {r["member"] for r in rows if r["table"] == "invited"} == {"KOR"}
    assert found.query["plan"]["materials"] == ["gallium"]
    alliance_charts(found, tmp_path / "charts")
    written = {p.name for p in (tmp_path / "charts").iterdir()}
    assert {"alliance-joint-investment.svg", "alliance-joint-investment.png"} <= written


def test_the_day_is_the_plans_alone() -> None:
    plain = alliance_in_words(["USA", "JPN"], materials=["gallium"])
    dated = alliance_in_words(["USA", "JPN"], materials=["gallium"], as_of=date(2024, 1, 2))
    assert dated.envelope() == plain.envelope()


def test_a_plan_that_cannot_be_made_together_is_refused_before_any_walk() -> None:
    with pytest.raises(RequestError, match="5 members"):
        alliance_in_words(["EU27", "USA", "JPN", "KOR", "AUS"], plan="japan")
    with pytest.raises(RequestError, match="no ready plan 'nonsense'"):
        alliance_in_words(["EU27", "USA"], plan="nonsense")
    with pytest.raises(RequestError, match=r"no ready plan 'mine\.toml'"):
        read_alliance('members = ["USA", "JPN"]\nplan = "mine.toml"')
    assert read_alliance('members = ["USA", "JPN"]\nplan = "japan"').plan == "japan"


def test_a_floor_that_cannot_be_set_is_refused_before_any_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def walks(*words: object, **named: object) -> None:
        raise AssertionError("walked")

    monkeypatch.setattr(alliancing, "walked", walks)
    file = 'members = ["USA", "JPN"]\n[floor]\nmaterial = "unobtainium"\nusd_per_kg = 110\n'
    with pytest.raises(RequestError, match="unknown material 'unobtainium'"):
        alliance_in_words(file=file)
    with pytest.raises(RequestError, match="unknown material 'unobtainium'"):
        alliance_in_words(["USA", "JPN"], floor="unobtainium:110")
    with pytest.raises(RequestError, match="unknown material 'unobtainium'"):
        ls.alliance(["USA", "JPN"], floor="unobtainium:110")
    with pytest.raises(AssertionError, match="walked"):
        ls.alliance(["USA", "JPN"], floor="NdPr:110")


def test_pictures_are_written(tmp_path: Path, four: AllianceAnswer) -> None:
    drawn = alliance_charts(four, tmp_path)
    written = {p.name for p in tmp_path.iterdir()}
    assert {
        f"alliance-{m}-{k}.svg" for m in (CALM, SCRAMBLE) for k in ("worth", "shares")
    } <= written
    assert "alliance-scramble-staying-out.png" in written
    assert sum("Chart:" in note for note in drawn.notes) == len(written)
    assert OIL not in (tmp_path / "alliance-scramble-worth.svg").read_text(encoding="utf-8")
