"""Twenty plans that cannot be, and what is said of each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lodestone.plan.conflicts import Conflict, conflict_of
from lodestone.plan.need import Need
from lodestone.plan.option import Effect, Option
from lodestone.plan.outlook import Outlook
from lodestone.plan.question import PlanQuestion
from lodestone.plan.solve import solve
from lodestone.plan.target import Budget, Target
from lodestone.terms.errors import PlanError

YEARS = (2026, 2027, 2028, 2029, 2030)


def question(*what: Target | Budget, options: tuple[Option, ...] = ()) -> PlanQuestion:
    """Use of 100 t of one metal: none made at home, 80 % from China, 20 % from Chile."""
    needs = tuple(
        Need(
            name,
            100.0,
            price=1e6,
            made={"extraction": 0.0, "recycling": 0.0},
            steps={"refine": 0.0},
            supply={"refine": 100.0},
            shares={"refine": {"CHN": 0.8, "CHL": 0.2}},
            shifts={
                ("refine", "CHN"): {
                    ("refine", "refine"): -0.006,
                    ("refine", "contract:CAN"): -0.008,
                }
            },
        )
        for name in ("gallium", "germanium")
    )
    menu = options or (
        _option("mine", "mine", "mine", 20.0, 2030),
        _option("refinery", "refinery", "refine", 50.0, 2028),
        _option("recycling", "recycling", "recycling", 30.0, 2027, stage="refine"),
        _option("stock", "stock", "stock", 50.0, 2027, stage="refine"),
        _option("contract", "contract", "contract:CAN", 10.0, 2026, stage="refine"),
        _option("plant", "project", "refine", 40.0, 2029, divisible=False, capital=1000.0),
    )
    return PlanQuestion(
        YEARS,
        2026,
        needs,
        menu,
        tuple(w for w in what if isinstance(w, Target)),
        tuple(w for w in what if isinstance(w, Budget)),
        Outlook(np.ones(1), np.zeros((1, 5, 2), dtype=np.int64), ((), ())),
        rate=0.0,
        risk_weight=0.0,
        tail=1.0,
    )


def _option(
    ident: str,
    kind: str,
    channel: str,
    tonnes: float,
    earliest: int,
    *,
    stage: str = "",
    divisible: bool = True,
    capital: float = 100.0,
) -> Option:
    """An option that brings the same tonnes of both metals."""
    effects = tuple(
        Effect(name, stage or channel, channel, tonnes) for name in ("gallium", "germanium")
    )
    return Option(
        ident,
        ident,
        kind,
        effects,
        earliest,
        capital,
        0.0,
        0.0,
        divisible=divisible,
        build_years=1,
        public=0.5,
        ramp=1.0,
    )


def processing(value: float, year: int = 2030, **more: object) -> Target:
    return Target("processing", value, year, **more)  # type: ignore[arg-type]


T, B = "target", "budget"
CASES: dict[str, tuple[tuple[Target | Budget, ...], set[tuple[str, int]], str, float | None]] = {
    # what is asked; who is in conflict; words that must be said; how far it must give way
    "more ore than the menu has": (
        (Target("extraction", 0.3, 2030),),
        {(T, 0)},
        "menu is too small",
        0.2,
    ),
    "more metal than the menu has": ((processing(0.95),), {(T, 0)}, "menu is too small", 0.9),
    "more scrap than there is": (
        (Target("recycling", 0.5, 2030),),
        {(T, 0)},
        "menu is too small",
        0.3,
    ),
    "ore too early": ((Target("extraction", 0.1, 2029),), {(T, 0)}, "too late", 0.0),
    "metal too early": ((processing(0.4, 2027),), {(T, 0)}, "too late", 0.0),
    "scrap too early": ((Target("recycling", 0.2, 2026),), {(T, 0)}, "too late", 0.0),
    "metal half in time": ((processing(0.8, 2028),), {(T, 0)}, "too late", 0.5),
    "more days than a stock holds": (
        (Target("stock_days", 200.0, 2030),),
        {(T, 0)},
        "menu is too small",
        182.5,
    ),
    "days too early": ((Target("stock_days", 60.0, 2026),), {(T, 0)}, "too late", 0.0),
    "a cap that nothing reaches": (
        (Target("supplier_cap", 0.0, 2030, suppliers=("CHN",)),),
        {(T, 0)},
        "menu is too small",
        0.18,
    ),
    "a cap too early": (
        (Target("supplier_cap", 0.6, 2027, suppliers=("CHN",)),),
        {(T, 0)},
        "too late",
        0.72,
    ),
    "without the largest supplier": ((Target("n_1", 1.6, 2030),), {(T, 0)}, "too small", 1.5),
    "independent too early": (
        (Target("independence", 0.9, 2027, suppliers=("CHN",)),),
        {(T, 0)},
        "too late",
        0.6,
    ),
    "independent of both": (
        (Target("independence", 1.4, 2030, suppliers=("CHN", "CHL")),),
        {(T, 0)},
        "too small",
        1.3,
    ),
    "metal against the purse": (
        (processing(0.5), Budget(50.0)),
        {(T, 0), (B, 0)},
        "together",
        None,
    ),
    "two targets against one purse": (
        (processing(0.4), Target("recycling", 0.2, 2030), Budget(100.0)),
        {(T, 0), (T, 1), (B, 0)},
        "together",
        None,
    ),
    "public money alone": (
        (processing(0.5), Budget(1e6), Budget(20.0, None, "public")),
        {(T, 0), (B, 1)},
        "public",
        None,
    ),
    "private money alone": (
        (processing(0.5), Budget(20.0, None, "private")),
        {(T, 0), (B, 0)},
        "private",
        None,
    ),
    "money of the one year that counts": (
        (processing(0.5, 2028), Budget(10.0, 2027)),
        {(T, 0), (B, 0)},
        "2027",
        None,
    ),
    "one that can and one that cannot": (
        (Target("recycling", 0.1, 2030), Target("extraction", 0.5, 2030)),
        {(T, 1)},
        "extraction",
        0.2,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_conflict_is_explained(name: str) -> None:
    what, members, words, possible = CASES[name]
    found = conflict_of(question(*what))
    assert found is not None
    assert set(found.members) == members
    text = " ".join(found.sentences)
    assert words in text
    for kind, at in members:
        asked = question(*what)
        assert (asked.targets[at].words if kind == T else asked.budgets[at].words) in text
    if possible is not None:
        assert found.relaxation[0].possible == pytest.approx(possible, abs=1e-6)
    _relaxed_is_met(found, what)


def _relaxed_is_met(found: Conflict, what: tuple[Target | Budget, ...]) -> None:
    """The cheapest way out is one: with it, there is a plan."""
    asked = question(*what)
    targets, budgets = list(asked.targets), list(asked.budgets)
    for r in found.relaxation:
        if r.what == B:
            budgets[r.at] = replace(
                budgets[r.at], amount=max(r.possible * (1 + 1e-6), budgets[r.at].amount)
            )
        else:
            way = max if targets[r.at].at_most else min
            slack = 1e-6 if targets[r.at].at_most else -1e-6
            targets[r.at] = replace(
                targets[r.at],
                value=way(r.possible + slack, targets[r.at].value)
                if way is max
                else max(min(r.possible + slack, targets[r.at].value), 0.0),
            )
    eased = replace(asked, targets=tuple(targets), budgets=tuple(budgets))
    assert conflict_of(eased) is None


def test_the_solver_says_it_as_an_error() -> None:
    with pytest.raises(PlanError) as error:
        solve(question(processing(0.95)))
    assert "95 % processing" in str(error.value)
    assert error.value.exit_code == 6


def test_a_cap_that_the_market_keeps_is_no_conflict() -> None:
    """Shares are lines in the program; what was walked stands beside, and decides."""
    asked = question(Target("supplier_cap", 0.1, 2030, suppliers=("CHN",)))
    alone = conflict_of(asked)
    assert alone is not None
    assert "Cannot be met by the slopes of the surrogate" in alone.sentences[0]
    assert "18.0 % (gallium, refine, CHN; not walked)" in alone.sentences[0]
    walked = {(0, "gallium, refine, CHN"): 0.05, (0, "germanium, refine, CHN"): 0.31}
    found = conflict_of(asked, walked)
    assert found is not None
    assert [r.where for r in found.relaxation] == ["germanium, refine, CHN"]
    assert "18.0 % (germanium, refine, CHN; 31.0 % walked)" in found.sentences[0]
    assert not any("gallium" in sentence for sentence in found.sentences)
    assert conflict_of(asked, {**walked, (0, "germanium, refine, CHN"): 0.1}) is None


def test_a_predicted_share_is_a_share() -> None:
    """50 t of refineries and 10 of contracts move CHN by -0.38 in slopes of -0.006 and -0.008."""
    q = question(Target("supplier_cap", 0.9, 2030, suppliers=("CHN",)), processing(0.9))
    steep = tuple(
        replace(
            n,
            shifts={
                ("refine", "CHN"): dict.fromkeys(
                    (("refine", "refine"), ("refine", "contract:CAN")), -0.03
                )
            },
        )
        for n in q.needs
    )
    state = solve(replace(q, needs=steep)).targets[0]
    assert state.before == pytest.approx(0.8)
    assert state.after == 0.0
