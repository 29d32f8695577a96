"""The judge of a plan: what curves say after they were measured again, held against the market."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from lodestone.chain.measure import DemandChange, Measure
from lodestone.desk.plan_cache import kept_points
from lodestone.desk.plan_curves import Cost, Market, shares_under
from lodestone.desk.plan_judging import (
    Verdict,
    judged,
    plan_measures,
    refreshed,
    trust_region,
    walked_losses,
)
from lodestone.desk.plan_problem import PlanProblem, plan_problem
from lodestone.desk.plan_request import read_plan
from lodestone.desk.plan_rows import plan_rows
from lodestone.desk.plan_scenarios import Cuts, Drawn, State
from lodestone.desk.planning import _conflict
from lodestone.plan.outlook import StateCurve
from lodestone.plan.solution import Plan
from lodestone.plan.solve import solve
from lodestone.plan.target import Target
from lodestone.terms.errors import MarketError

TEXT = """
name = "drawn"
place = "EU27"
materials = ["gallium", "germanium"]
first = 2026
last = 2035
"""


class Round(NamedTuple):
    """A problem, its plan, and what the market said of it."""

    problem: PlanProblem
    plan: Plan
    verdict: Verdict


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Round, Round]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LODESTONE_CACHE", str(tmp_path_factory.mktemp("cache")))
        problem = plan_problem(read_plan(TEXT), as_of=date(2026, 11, 26))
        plan = solve(problem.question)
        first = Round(problem, plan, judged(problem, plan))
        again = refreshed(problem, plan)
        next_plan = solve(again.question, near=trust_region(plan))
        yield first, Round(again, next_plan, judged(again, next_plan))


def loss(curve: StateCurve, relief: float) -> float:
    """The larger of price cost and output lost, by the lines of a state."""
    price = float((curve.price[:, 0] + curve.price[:, 1] * relief).max())
    if not curve.sectors.size:
        return price
    each = (curve.sectors[:, :, 0] + curve.sectors[:, :, 1] * relief).max(axis=1)
    return max(price, float(each.sum()))


def test_years_before_anything_is_built_keep_their_losses(rounds: tuple[Round, Round]) -> None:
    """At no relief a curve says what the market says without a plan, within a fifth."""
    problem = rounds[1].problem
    for m, need in enumerate(problem.question.needs):
        market, curves = problem.markets[need.material], problem.question.outlook.curves[m]
        walked = np.array([market.cost(s.cuts, ()).whole for s in problem.states[need.material]])
        said = np.array([loss(curve, 0.0) for curve in curves])
        # a state of small change may be off by more: it decides nothing
        large = walked > 0.01 * walked.max()
        assert large.sum() >= 3
        assert said[large] == pytest.approx(walked[large], rel=0.2)


def test_with_nothing_built_the_walk_finds_the_loss_without_a_plan(
    rounds: tuple[Round, Round],
) -> None:
    problem, plan = rounds[0].problem, rounds[0].plan
    bare = walked_losses(problem, replace(plan, starts=(), held={}), problem.drawn)
    expected, _ = bare.mean_and_tail(problem.question.tail)
    assert expected == pytest.approx(plan.expected_before, rel=0.1)
    assert expected > rounds[0].verdict.walked[0]


def test_curves_lie_under_every_walk_of_the_plan(rounds: tuple[Round, Round]) -> None:
    for of_material, curves in zip(
        rounds[1].problem.points.values(), rounds[1].problem.question.outlook.curves, strict=True
    ):
        assert any(len(points.costs) > 5 for points in of_material)
        for points, curve in zip(of_material, curves, strict=True):
            for relief, cost in zip(points.relief, points.costs, strict=True):
                assert loss(curve, relief) <= cost.whole + 1e-6 * max(abs(cost.whole), 1.0)


def test_measuring_again_brings_the_prediction_to_the_walk(rounds: tuple[Round, Round]) -> None:
    first, then = rounds
    assert abs(first.verdict.difference) > 0.15
    assert abs(then.verdict.difference) < 0.15
    assert then.verdict.walked[0] < first.plan.expected_before


def test_reach_at_its_ceiling_is_named(
    rounds: tuple[Round, Round], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ceiling far below what tonnes bring has every channel of the menu that brings any."""
    from lodestone.desk import plan_curves

    old = rounds[0].problem.markets["gallium"]
    channels = rounds[0].problem.channels["gallium"]
    states = [rounds[0].problem.states["gallium"][0].cuts]
    free = Market(old.there, old.who, old.need, old.economies)
    (measured,) = plan_curves.state_points(free, channels, states)
    beyond = {w for w, part in measured.reach.items() if part == plan_curves.MOST_REACH}
    assert {channels[w].name for w in beyond} <= set(free.at_ceiling)
    monkeypatch.setattr(plan_curves, "MOST_REACH", 0.01)
    low = Market(old.there, old.who, old.need, old.economies)
    (clipped,) = plan_curves.state_points(low, channels, states)
    over = {
        channels[w].name
        for w, part in measured.reach.items()
        if part > 0.01 and w[1] != "substitution"
    }
    assert over
    assert set(low.at_ceiling) == over | set(free.at_ceiling)
    assert all(p <= 0.01 for w, p in clipped.reach.items() if w[1] != "substitution")


def test_a_cost_does_not_hang_on_what_was_asked_before(rounds: tuple[Round, Round]) -> None:
    problem, plan, _ = rounds[0]
    old, y = problem.markets["germanium"], len(problem.question.years) - 1
    state = problem.states["germanium"][0]
    asked = ((), tuple(plan_measures(problem, plan, "germanium", y, state)))
    assert asked[1]
    markets = [Market(old.there, old.who, old.need, old.economies) for _ in range(2)]
    first = [markets[0].cost(state.cuts, m) for m in asked]
    then = [markets[1].cost(state.cuts, m) for m in reversed(asked)][::-1]
    for one, other in zip(first, then, strict=True):
        assert one.price == other.price
        assert one.sectors.tolist() == other.sectors.tolist()


class Refusing:
    """A market of which some walks cannot be proved."""

    def __init__(self, market: Market, refused: Callable[[Cuts, Sequence[Measure]], bool]) -> None:
        self.market, self.refused = market, refused
        self.unproved: dict[str, None] = {}

    def cost(self, cuts: Cuts, measures: Sequence[Measure]) -> Cost:
        if self.refused(cuts, measures):
            raise MarketError("not proved")
        return self.market.cost(cuts, measures)


def refusing(problem: PlanProblem, refused: Callable[[Cuts, Sequence[Measure]], bool]) -> Any:
    markets = {name: Refusing(market, refused) for name, market in problem.markets.items()}
    return replace(problem, markets=markets)


#: A cut that none of our hazards has: no curve stands for it.
_UNSEEN: Cuts = (("CAN", 1.0, 12),)


def unseen(problem: PlanProblem) -> Drawn:
    """Two paths, one calm, one with an unseen cut of gallium in the last year."""
    last = len(problem.question.years) - 1
    return Drawn(
        np.array([0.75, 0.25]), {(1, last, "gallium"): _UNSEEN}, ("calm", "cut"), date(2026, 11, 26)
    )


def test_a_state_that_is_not_proved_is_named_and_the_surrogate_stands(
    rounds: tuple[Round, Round],
) -> None:
    problem, plan, _ = rounds[0]
    walked = walked_losses(refusing(problem, lambda _, with_it: bool(with_it)), plan, problem.drawn)
    assert walked.unproved
    assert all(what.endswith(": by the surrogate") for what in walked.unproved)
    # states with nothing built are walked, the others predicted
    assert walked.mean_and_tail(0.1)[0] == pytest.approx(plan.expected, rel=0.2)


def test_a_state_that_no_curve_stands_for_never_counts_as_no_loss(
    rounds: tuple[Round, Round],
) -> None:
    problem, plan, _ = rounds[0]
    m, y = 0, len(problem.question.years) - 1
    q, drawn = problem.question, unseen(problem)
    assert q.needs[m].material == "gallium"
    assert State(_UNSEEN) not in problem.states["gallium"]
    walked = walked_losses(refusing(problem, lambda _, with_it: bool(with_it)), plan, drawn)
    alone = problem.markets["gallium"].cost(_UNSEEN, ())
    assert walked.losses[1] == pytest.approx(q.discount(y) * q.growth(m, y) * alone.whole)
    assert walked.unproved == (f"gallium, CAN 100 % 12 months in {q.years[y]}: as without a plan",)


def test_paths_that_cannot_be_told_are_left_out_by_name(rounds: tuple[Round, Round]) -> None:
    problem, plan, _ = rounds[0]
    nothing = refusing(problem, lambda *_: True)
    walked = walked_losses(nothing, plan, unseen(problem))
    assert walked.losses.tolist() == [0.0]
    assert walked.probability.tolist() == [1.0]
    assert walked.unproved[0].endswith(": its paths are left out")
    cut = Drawn(np.ones(1), {(0, 0, "gallium"): _UNSEEN}, ("cut",), date(2026, 11, 26))
    with pytest.raises(MarketError, match="no path"):
        walked_losses(nothing, plan, cut)


def test_what_is_not_proved_when_curves_are_measured_again_is_said(
    rounds: tuple[Round, Round],
) -> None:
    problem, plan, _ = rounds[0]
    nothing = refusing(problem, lambda _, with_it: bool(with_it))
    again = refreshed(nothing, plan)
    assert again.points == problem.points
    assert any("with the plan in" in what for what in nothing.markets["gallium"].unproved)


def test_what_is_not_proved_is_kept_with_the_walks(
    rounds: tuple[Round, Round], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = rounds[0].problem
    monkeypatch.setenv("LODESTONE_CACHE", str(tmp_path))
    states = [problem.states["germanium"][0].cuts]
    for _ in range(2):  # walked, then read
        old = problem.markets["germanium"]
        market = Market(old.there, old.who, old.need, old.economies)
        refuse_growth(market, monkeypatch)
        points = kept_points(market, problem.channels["germanium"], states)
        assert [len(p.costs) for p in points] == [4]
        assert set(market.at_ceiling) <= {c.name for c in problem.channels["germanium"].values()}
        assert any("at demand +20%" in what for what in market.unproved)
    # an unspoilt market of the same question reads the same file
    again = kept_points(old, problem.channels["germanium"], states)
    assert again[0].relief == points[0].relief
    assert again[0].costs[0].whole == points[0].costs[0].whole


def refuse_growth(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """One level of demand is not proved."""
    walk = market.walk

    def refusing(cuts: Cuts, measures: Sequence[Measure], **flows: bool) -> Any:
        if any(isinstance(m, DemandChange) and m.change > 0.15 for m in measures):
            raise MarketError("not proved")
        return walk(cuts, measures, **flows)

    monkeypatch.setattr(market, "walk", refusing)


def test_caps_are_met_or_missed_by_the_market(rounds: tuple[Round, Round]) -> None:
    problem = rounds[0].problem
    q = problem.question
    cap = Target("supplier_cap", 0.3, 2031, price=50.0, stages=("refine",))
    asked = replace(problem, question=replace(q, targets=(cap,)))
    plan = solve(asked.question)
    verdict = judged(asked, plan)
    assert set(verdict.shares) == {2031, 2035}
    rows = plan_rows(asked, plan, verdict, (), None)
    (row,) = [r for r in rows if r["table"] == "target"]
    walked = {}
    for y in (5, 9):
        for need in q.needs:
            measures = plan_measures(asked, plan, need.material, y)
            for (stage, supplier), share in shares_under(
                problem.markets[need.material], measures
            ).items():
                if stage == "refine":
                    key = f"{need.material}, {stage}, {supplier}"
                    walked[key] = max(walked.get(key, 0.0), share)
    assert row["walked"] == pytest.approx(max(walked.values()))
    assert row["worst"] == max(walked, key=lambda key: walked[key])
    assert (row["status"] == "met") == (row["walked"] <= 0.3)
    shares = [r for r in rows if r["table"] == "supplier_share"]
    assert shares
    assert all(0.0 <= r["after"] <= 1.0 for r in shares)


def test_a_price_cost_that_is_not_known_is_no_cost_of_nothing(
    rounds: tuple[Round, Round], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lodestone.market import outcome

    whole = outcome.gains_by_month

    def spoilt(path: Any, members: Any) -> Any:
        gains = whole(path, members)
        return gains._replace(rents=np.where(np.arange(path.months) == 3, np.nan, gains.rents))

    old = rounds[0].problem.markets["gallium"]
    cuts = rounds[0].problem.states["gallium"][0].cuts
    monkeypatch.setattr(outcome, "gains_by_month", spoilt)
    market = Market(old.there, old.who, old.need, old.economies)
    with pytest.raises(MarketError, match="price cost of EU27 is not finite"):
        market.cost(cuts, ())


def test_each_cap_is_held_against_the_shares_of_its_own_years(rounds: tuple[Round, Round]) -> None:
    """90 % in 2031 and 0.5 % in 2035 keep a cap of 95 % from 2031 and one of 1 % from 2035."""
    problem, _, verdict = rounds[0]
    q = problem.question
    caps = tuple(
        Target("supplier_cap", most, year, price=50.0)
        for most, year in ((0.95, 2031), (0.01, 2035))
    )
    asked = replace(problem, question=replace(q, targets=caps))
    keys = [
        (need.material, stage, supplier)
        for need in q.needs
        for stage, shares in need.shares.items()
        for supplier in shares
    ]
    shares = {2031: dict.fromkeys(keys, 0.9), 2035: dict.fromkeys(keys, 0.005)}
    assert _conflict(asked, replace(verdict, shares=shares)) is None
    # by the slopes alone the later cap cannot be kept, nor where the market says it is not
    assert _conflict(asked, None) is not None
    shares[2035][keys[0]] = 0.02
    found = _conflict(asked, replace(verdict, shares=shares))
    assert found is not None
    assert found.members == (("target", 1),)
