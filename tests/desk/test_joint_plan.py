"""Planning together: what is refused, what adds up, and the market walked with all plans at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from lodestone.chain.measure import NewCapacity
from lodestone.desk.joint_planning import JointAnswer, joint_plan
from lodestone.desk.joint_rows import joint_notes, joint_rows
from lodestone.desk.joint_walks import Member, added_measures, joint_walks, shared_plants
from lodestone.desk.plan_curves import Market
from lodestone.desk.plan_judging import plan_measures, walked_losses
from lodestone.desk.plan_request import read_plan
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solution import Start
from lodestone.terms.errors import PlanError, RequestError

TEXT = """
name = "together"
place = "EU27"
materials = ["gallium", "germanium"]
first = 2026
last = 2031
not_with = ["CHN"]

[[target]]
kind = "processing"
value = 0.5
year = 2030
price = 500

[[scenario]]
probability = 0.3
[[scenario.cut]]
supplier = "CHN"
materials = ["all"]
year = 2030
severity = 0.7
"""
DAY = date(2026, 11, 26)
MEMBERS = ("EU27", "USA", "JPN")


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JointAnswer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODESTONE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield joint_plan(MEMBERS, read_plan(TEXT), as_of=DAY, rounds=3)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        (["EU27"], "1 members"),
        (["EU27", "USA", "JPN", "KOR", "AUS"], "5 members"),
        (["EU27", "DEU"], "DEU is in EU27"),
        (["EU27", "Atlantis"], "Atlantis"),
    ],
)
def test_members_that_cannot_be_are_refused_before_any_work(members: list[str], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        joint_plan(members, read_plan(TEXT), as_of=DAY)


def test_a_member_that_cuts_off_another_is_refused() -> None:
    text = TEXT.replace('supplier = "CHN"', 'supplier = "JPN"')
    with pytest.raises(
        RequestError, match=r"scenario 1, cut 1: JPN is in EU27\+USA\+JPN, who plans"
    ):
        joint_plan(MEMBERS, read_plan(text), as_of=DAY)


def test_who_cannot_keep_a_hard_target_is_named() -> None:
    text = (
        TEXT.replace("price = 500", "")
        .replace("value = 0.5", "value = 1.0")
        .replace("2030\n", "2026\n", 1)
    )
    with pytest.raises(PlanError, match=r"plan of EU27\+USA: no plan reaches every target"):
        joint_plan(["EU27", "USA"], read_plan(text), as_of=DAY, rounds=0)


def test_worth_is_what_is_borne_alone_less_together(answer: JointAnswer) -> None:
    rows = [r for r in answer.to_rows() if r["table"] == "joint_worth"]
    assert [r["coalition"] for r in rows] == ["EU27+USA", "EU27+JPN", "USA+JPN", "EU27+USA+JPN"]
    for row in rows:
        alone, together = (
            sum(row[f"{part}_{how}"] for part in ("cost", "loss", "missed"))
            for how in ("alone", "together")
        )
        assert row["value"] == pytest.approx(alone - together, abs=1e-6 * max(abs(alone), 1.0))
        assert (
            0.0
            <= row["value"]
            <= row["loss_alone"]
            + row["missed_alone"]
            + max(row["cost_alone"], 0.0)
            + abs(row["cost_together"])
        )
        assert row["low"] <= row["value"] <= row["high"]
    # all together do what is best for all, whoever plans with whom; a pair alone may gain more than
    # all do, by what it does to the third
    work, grand = answer.work, rows[-1]["value"]
    before = work.outcomes[work.alone].total
    saved = {groups: before - found.total for groups, found in work.outcomes.items()}
    assert grand == pytest.approx(max(float(s.sum()) for s in saved.values()), abs=1e-6)
    for row, pair in zip(rows, (3, 5, 6), strict=False):
        groups = next(g for g in saved if pair in g)
        inside = [k for k in range(3) if pair >> k & 1]
        assert row["value"] == pytest.approx(max(float(saved[groups][inside].sum()), 0.0), abs=1e-6)
    assert grand > 0.0


def test_shares_add_up_to_the_worth(answer: JointAnswer) -> None:
    rows = answer.to_rows()
    grand = [r for r in rows if r["table"] == "joint_worth"][-1]["value"]
    shares = [r for r in rows if r["table"] == "joint_share"]
    for rule in ("value", "nucleolus", "own"):
        assert sum(r[rule] for r in shares) == pytest.approx(grand, rel=1e-6)
    assert sum(r["payment"] for r in shares) == pytest.approx(0.0, abs=1e-6 * grand)


def test_capital_by_place_is_that_of_the_plans(answer: JointAnswer) -> None:
    rows = [r for r in answer.to_rows() if r["table"] == "investment"]
    work = answer.work
    alone = [work.plans[g] for g in work.alone]
    assert not shared_plants(alone)
    for how, plans in (("alone", alone), ("together", [work.plans[work.all]])):
        spent = sum(p.question.options[s.option].capital * s.share for p in plans for s in p.starts)
        held = sum(r[f"capital_{how}"] + r[f"stocks_{how}"] for r in rows)
        assert held == pytest.approx(spent, rel=1e-6)
    assert {r["member"] for r in rows} <= {*MEMBERS, "third country", "all together"}


def test_every_plan_rests_on_the_same_scenarios(answer: JointAnswer) -> None:
    problems = list(answer.work.problems.values())
    assert all(p.drawn is problems[0].drawn for p in problems)


def test_prices_of_targets_count_once_for_each_member(answer: JointAnswer) -> None:
    for which, problem in answer.work.problems.items():
        (target,) = problem.question.targets
        assert target.price == 500.0 * which.bit_count()


def test_one_plan_alone_is_walked_as_its_judge_walks_it(answer: JointAnswer) -> None:
    problem, plan = answer.work.problems[1], answer.work.plans[1]
    names = frozenset(need.material for need in problem.question.needs)
    members = [Member(problem.who, problem.economies, names)]
    ours = joint_walks(
        problem.question, problem.markets, members, [[(problem, plan)]], problem.drawn
    )
    judge = walked_losses(problem, plan, problem.drawn)
    assert not judge.unproved
    assert ours.losses[0].whole[0] == pytest.approx(judge.losses, rel=1e-6, abs=1e-6)


def test_measures_of_one_plan_are_its_own_and_of_two_their_sum(answer: JointAnswer) -> None:
    work = answer.work
    problem, plan = work.problems[1], work.plans[1]
    state = problem.states["gallium"][0]
    for y in range(len(problem.question.years)):
        own = plan_measures(problem, plan, "gallium", y, state)
        assert added_measures([(problem, plan)], "gallium", y, state) == own
    last = len(problem.question.years) - 1
    pairs = [(work.problems[g], work.plans[g]) for g in work.alone]
    each = sum(
        m.tonnes
        for p in pairs
        for m in plan_measures(*p, "gallium", last)
        if isinstance(m, NewCapacity)
    )
    both = sum(
        m.tonnes
        for m in added_measures(pairs, "gallium", last, state)
        if isinstance(m, NewCapacity)
    )
    assert both == pytest.approx(each, rel=1e-9)
    assert both > 0.0


def _at(q: PlanQuestion, name: str) -> int:
    return [need.material for need in q.needs].index(name)


def test_a_plant_that_two_plan_stands_once(answer: JointAnswer) -> None:
    problem, plan = answer.work.problems[1], answer.work.plans[1]
    q = plan.question
    n = next(k for k, o in enumerate(q.options) if o.id == "refinery-gallium")
    half = replace(plan, starts=(Start(n, q.years[0], 0.5),))
    whole = replace(plan, starts=(Start(n, q.years[0], 1.0),))
    assert shared_plants([half, whole]) == {("refinery-gallium", q.options[n].place): 2}
    state = problem.states["gallium"][0]
    found = added_measures([(problem, half), (problem, whole)], "gallium", 2, state)
    assert found == added_measures([(problem, whole)], "gallium", 2, state)
    # of a contract each buyer has its own
    c, o = next((k, o) for k, o in enumerate(q.options) if o.kind == "contract")
    bought = replace(plan, starts=(Start(c, q.years[0], 1.0),))
    name = o.effects[0].material
    (one,) = added_measures([(problem, bought)], name, 2, state)
    (two,) = added_measures([(problem, bought), (problem, bought)], name, 2, state)
    assert isinstance(one, NewCapacity)
    assert isinstance(two, NewCapacity)
    assert one.tonnes == pytest.approx(o.effects[0].tonnes / q.growth(_at(q, name), 2))
    # as far as the supplier has enough for both
    assert two.tonnes == pytest.approx(min(2.0 * one.tonnes, o.ceiling / q.growth(_at(q, name), 2)))
    assert not shared_plants([bought, bought])


def test_risk_is_weighed_as_the_plan_weighs_it(answer: JointAnswer) -> None:
    """One scenario of probability 0.3 beside calm: the worst tenth is all cut."""
    work = answer.work
    q = work.problems[work.all].question
    outcome = work.outcomes[work.alone]
    assert q.tail < 0.3
    cut = outcome.loss / (0.3 + q.risk_weight)
    pairs = [(work.problems[g], work.plans[g]) for g in work.alone]
    members = [Member(p.who, p.economies, frozenset(p.markets)) for p, _ in pairs]
    grand = work.problems[work.all]
    economies = [e for m in members for e in m.economies]
    markets = {n: Market(m.there, m.who, m.need, economies) for n, m in grand.markets.items()}
    walks = joint_walks(grand.question, markets, members, [pairs], grand.drawn)
    assert walks.losses[0].whole.max(axis=1) == pytest.approx(cut, rel=1e-6, abs=1e-9)


def test_what_gaps_leave_open_stands_beside_the_worth(answer: JointAnswer) -> None:
    """Each plan's gap in money; plans that are the same on both sides leave nothing open."""
    work = answer.work
    spoilt = {g: replace(p, bound=p.value - 10.0 * 2.0**g) for g, p in work.plans.items()}
    open_work = replace(work, plans=spoilt)
    rows = {r["coalition"]: r for r in joint_rows(open_work) if r["table"] == "joint_worth"}
    for which, name in ((3, "EU27+USA"), (5, "EU27+JPN"), (6, "USA+JPN"), (7, "EU27+USA+JPN")):
        groups = work.grouped.chosen[which]
        plans = {1, 2, 4} ^ set(groups)
        assert rows[name]["left_open"] == pytest.approx(sum(10.0 * 2.0**g for g in plans))
    (proof,) = [r for r in joint_rows(open_work) if r["table"] == "joint_proof"]
    assert proof["left_open"] == pytest.approx(10.0 * sum(2.0**g for g in range(1, 8)))
    (note,) = [n for n in joint_notes(open_work) if "so no finding" in n]
    assert f"EU27+USA+JPN ({rows['EU27+USA+JPN']['value']:,.1f} of" in note
    # as they were proved, the worth of all is more than that
    assert not any("EU27+USA+JPN (" in n for n in answer.notes if "so no finding" in n)


def test_money_as_it_is_spent_says_so(answer: JointAnswer) -> None:
    spent = {r["unit"] for r in answer.to_rows() if r["table"] in ("investment", "joint_choice")}
    assert spent == {"million USD, not discounted"}
    assert any("not discounted; everything else is" in note for note in answer.notes)
