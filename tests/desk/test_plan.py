"""The verb plan: what it reads, what it answers, what it says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import lodestone as ls
from lodestone.desk.plan_judging import plan_measures
from lodestone.desk.plan_request import plan_names, plan_text, read_plan
from lodestone.desk.plan_rows import plan_rows
from lodestone.desk.planning import PlanAnswer, plan
from lodestone.plan.solution import Start
from lodestone.plan.solve import solve
from lodestone.terms.errors import PlanError, RequestError

TEXT = """
name = "two metals"
place = "EU27"
materials = ["gallium", "germanium"]
first = 2026
last = 2031
not_with = ["CHN", "RUS"]

[[target]]
kind = "processing"
value = 0.5
year = 2031

[[target]]
kind = "stock_days"
value = 60
year = 2028
materials = ["Ga"]
price = 1

[[budget]]
amount = 2000
money = "public"

[[option]]
id = "refinery-gallium"
capital = 40
source = "a test"

[[option]]
id = "our own plant"
kind = "refinery"
material = "germanium"
stage = "refine"
tonnes = 3
capital = 5
running = 1
place = "DEU"

[[scenario]]
probability = 0.2
[[scenario.cut]]
supplier = "CHN"
materials = ["gallium", "germanium"]
year = 2029
severity = 0.7
months = 18

[[scenario]]
probability = 0.1
[[scenario.cut]]
supplier = "CHN"
materials = ["all"]
year = 2030
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlanAnswer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODESTONE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield plan(read_plan(TEXT), rounds=1, frontier=(0.0, 1.0), as_of=date(2026, 11, 26))


def rows(answer: PlanAnswer, table: str) -> list[dict]:
    return [r for r in answer.to_rows() if r["table"] == table]


def test_parts_sum_to_the_objective(found: PlanAnswer) -> None:
    (proof,) = rows(found, "proof")
    parts = sum(r["value"] for r in rows(found, "cost"))
    assert parts == pytest.approx(proof["objective"], rel=1e-9)
    assert proof["gap"] <= 0.005
    assert proof["bound"] <= proof["objective"] + 1e-6


def test_transfers_net_to_zero(found: PlanAnswer) -> None:
    """Support goes from the public purse to makers: what one line pays the other gets, to the cent."""
    held = found.problem.question
    supported = next(n for n, o in enumerate(held.options) if o.kind == "stock")
    options = tuple(
        replace(o, support=7.0) if n == supported else o for n, o in enumerate(held.options)
    )
    asked = replace(held, options=options)
    with_it, without = solve(asked), solve(held)
    paid = plan_rows(found.problem, with_it, None, (), None)
    moved = {r["part"]: r["value"] for r in paid if r["table"] == "transfer"}
    assert moved["support paid"] > 0.0
    worth = np.array([asked.discount(y) for y in range(len(asked.years))])
    public = worth @ (with_it.spending - without.spending)
    assert public[0] == pytest.approx(moved["support paid"], rel=1e-6)
    assert public[1] == pytest.approx(moved["support received"], rel=1e-6)
    assert with_it.value == pytest.approx(without.value, rel=1e-6)


def test_targets_are_met_and_say_how_far(found: PlanAnswer) -> None:
    hard = rows(found, "target")[0]
    assert hard["hard"]
    assert hard["status"] == "met"
    assert hard["before"] < 0.5 <= hard["after"] + 1e-6
    three = rows(found, "aggregate")
    assert {r["weighting"] for r in three} == {"mass", "value", "mean"}
    mean = next(r for r in three if r["weighting"] == "mean")
    assert mean["after"] >= hard["after"] - 1e-6


def test_public_money_keeps_its_budget(found: PlanAnswer) -> None:
    assert sum(r["public"] for r in rows(found, "money")) <= 2000.0 * (1 + 1e-6)


def test_what_a_gap_is_proved_of_is_said(found: PlanAnswer) -> None:
    assert found.verdict is not None
    assert found.verdict.kept == 1
    (proof,) = rows(found, "proof")
    assert proof["within"] == "the trust region of round 1"
    assert proof["unfenced"] <= proof["objective"] * (1 + 1e-6)
    assert any("within the trust region of round 1" in note for note in found.notes)
    first = replace(found.plan, unfenced=None)
    told = plan_rows(found.problem, first, replace(found.verdict, kept=0), (), None)
    (proof,) = [r for r in told if r["table"] == "proof"]
    assert proof["within"] == "all plans"


def test_the_users_options_are_on_the_menu(found: PlanAnswer) -> None:
    menu = {r["option"]: r for r in rows(found, "option")}
    assert menu["refinery-gallium"]["capital"] == 40.0
    assert menu["refinery-gallium"]["source"] == "a test"
    assert menu["our own plant"]["tonnes"] == 3.0
    assert not any(name.endswith(("-CHN", "-RUS")) for name in menu)


def test_losses_fall_and_the_market_was_asked(found: PlanAnswer) -> None:
    figures = {r["what"]: r["value"] for r in rows(found, "summary")}
    assert 0.0 <= figures["loss_with"] < figures["loss_without"]
    loss, _ = rows(found, "judge")
    assert loss["walked"] == pytest.approx(figures["loss_walked"])
    assert found.verdict is not None
    assert found.verdict.walks > 0
    assert found.verdict.walked[0] < figures["loss_without"]


def test_the_frontier_trades_cost_for_the_tail(found: PlanAnswer) -> None:
    low, high = rows(found, "frontier")
    assert high["cvar"] <= low["cvar"] + 1e-6
    assert low["note"] == high["note"] == "the surrogate's first curves, not walked"
    assert any("is not walked" in note for note in found.notes)
    assert high["cost"] + high["expected"] >= low["cost"] + low["expected"] - 1e-6


def test_a_cut_of_eighteen_months_goes_on_in_the_next_year(found: PlanAnswer) -> None:
    cuts = found.problem.drawn.cuts
    assert cuts[0, 3, "gallium"] == (("CHN", 0.7, 12),)
    assert cuts[0, 4, "gallium"] == (("CHN", 0.7, 6),)
    assert found.problem.drawn.probability.sum() == pytest.approx(1.0)


def test_a_stock_is_not_whole_again_in_the_second_year_of_a_cut(found: PlanAnswer) -> None:
    """It relieves and is released in 2029, the first year, and in 2030 only on the path calm before."""
    problem, q = found.problem, found.problem.question
    first, second = (problem.drawn.states[0, y, "gallium"] for y in (3, 4))
    alone = problem.drawn.states[1, 4, "gallium"]
    assert [s.spent for s in (first, second, alone)] == [False, True, False]
    m = [n.material for n in q.needs].index("gallium")
    states = problem.states["gallium"]
    (stock,) = (o for o in q.options if o.id == "stock-gallium")
    way = (stock.effects[0].stage, "stock")
    reach = [q.outlook.curves[m][states.index(s)].reach[way] for s in (first, second, alone)]
    assert reach[1] == 0.0 < min(reach[0], reach[2])
    with_stock = replace(found.plan, starts=(Start(q.options.index(stock), 2027, 1.0),))
    released = [
        [type(x).__name__ for x in plan_measures(problem, with_stock, "gallium", y, s)]
        for y, s in ((3, first), (4, second), (4, alone))
    ]
    assert released == [["StockRelease"], [], ["StockRelease"]]


def test_ids_are_there_for_every_number(found: PlanAnswer) -> None:
    silent = {"unknown", "proof"}
    numbers = [r for r in found.to_rows() if r["table"] not in silent]
    assert all(r["id"].startswith(("plan:two metals:2024:", "option:2024:EU27:")) for r in numbers)


def test_an_option_is_followed_to_the_rules_behind_it(found: PlanAnswer) -> None:
    (row,) = [r for r in rows(found, "option") if r["option"] == "refinery-germanium"]
    number, *parts = ls.explain(row["id"]).to_rows()
    assert number["value"] == pytest.approx(row["capital"])
    assert any("plan_refinery_capital" in p["what"] for p in parts)
    with pytest.raises(RequestError, match="no ready plan"):
        ls.explain("plan:two metals:2024:cost:capital")
    with pytest.raises(RequestError):
        ls.explain("option:2024:EU27:refinery-unobtainium")


def test_the_state_is_kept_and_gone_on_from(
    found: PlanAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lodestone.desk import planning

    state = tmp_path / "state.json"
    planning._keep(state, found.problem, _progress())
    assert planning._held(state, found.problem) == _progress()
    again = planning._solved(found.problem, 0.005, state, False, None)
    assert again.value == pytest.approx(
        planning._solved(found.problem, 0.005, None, False, None).value, rel=0.006
    )
    other = json.loads(state.read_text())
    state.write_text(json.dumps({**other, "question": "another"}))
    with pytest.raises(RequestError, match="another plan"):
        planning._held(state, found.problem)
    state.write_text("{")
    with pytest.raises(RequestError, match="no state"):
        planning._held(state, found.problem)


@pytest.mark.parametrize(
    "change",
    [{"rate": 0.01}, {"risk_weight": 9.0}, {"tail": 0.5}, {"targets": ()}, {"budgets": ()}],
)
def test_a_state_is_of_the_whole_question(found: PlanAnswer, change: dict[str, object]) -> None:
    """Curves, rate and targets too: what was proved of one is nothing of the other."""
    from lodestone.desk import planning

    problem = found.problem
    q = problem.question
    mine = planning._digest(problem)
    assert mine == planning._digest(replace(problem, question=replace(q)))
    assert mine != planning._digest(replace(problem, question=replace(q, **change)))
    curves = tuple(
        tuple(replace(c, price=c.price * (1 + 1e-12)) for c in of_material)
        for of_material in q.outlook.curves
    )
    moved = replace(q, outlook=replace(q.outlook, curves=curves))
    assert mine != planning._digest(replace(problem, question=moved))


def _progress() -> object:
    from lodestone.plan.benders import Progress

    return Progress(round=1, cuts=0)


def test_what_cannot_be_is_explained() -> None:
    text = TEXT.replace("value = 0.5", "value = 3.0").replace('weighting = "mean"', "")
    with pytest.raises(PlanError) as error:
        plan(read_plan(text), judge=False, as_of=date(2026, 11, 26))
    assert "300 % processing" in str(error.value)
    assert "Cheapest way out" in str(error.value)


def test_ready_plans_can_be_read_and_listed() -> None:
    listed = {r["plan"] for r in ls.plans().to_rows()}
    assert listed == set(plan_names())
    assert len(listed) == 6
    for name in plan_names():
        assert read_plan(plan_text(name)).targets


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("place =", "plaza ="), "unknown key 'plaza'"),
        (("value = 0.5", 'value = "much"'), "should be a number"),
        (("value = 0.5", "value = nan"), "should be a number"),
        (("[[target]]", "[target]"), "broken TOML"),
        (('kind = "processing"', 'kind = "magic"'), "kind 'magic'"),
        (('materials = ["Ga"]', 'materials = ["copper"]'), "copper is not in the plan"),
        (('supplier = "CHN"', 'supplier = "Atlantis"'), "unknown supplier 'Atlantis'"),
        (('supplier = "CHN"', 'supplier = "DEU"'), "scenario 1, cut 1: DEU is in EU27, who plans"),
        (("year = 2029", "year = 2050"), "year 2050"),
        (("amount = 2000", "amount = -1"), "amount -1"),
        (("probability = 0.2", "probability = 2.0"), "probabilities"),
        (('"germanium"]', '"unobtainium"]'), "unobtainium"),
        (("tonnes = 3", "tonnes = -3"), "-3 tonnes"),
        (('place = "DEU"\n', ""), "option 2 (our own plant): new, without place"),
        (('place = "DEU"', 'place = "Atlantis"'), "option 2 (our own plant): place 'Atlantis'"),
        (
            ('stage = "refine"', 'stage = "smelt"'),
            "option 2 (our own plant): unknown stage 'smelt'",
        ),
        (('supplier = "CHN"', 'supplier = "FJI"'), "scenario 1, cut 1: FJI exports no gallium"),
    ],
)
def test_a_bad_plan_is_refused_with_what_is_wrong(change: tuple[str, str], words: str) -> None:
    with pytest.raises(RequestError) as error:
        plan(read_plan(TEXT.replace(*change, 1)), judge=False, as_of=date(2026, 11, 26))
    assert words in str(error.value)


def test_all_problems_are_said_at_once() -> None:
    text = 'place = 3\ncolour = "red"\n[[target]]\nkind = "n_1"\n[[budget]]\nmoney = "all"\n'
    with pytest.raises(RequestError) as error:
        read_plan(text)
    assert len(error.value.problems) >= 5


def test_a_place_that_is_the_world_is_refused() -> None:
    with pytest.raises(RequestError, match="place or bloc"):
        plan(read_plan(TEXT.replace('"EU27"', '"WLD"', 1)), judge=False)
