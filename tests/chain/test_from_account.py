"""From account to chain: nothing is lost, and grades follow from how a cell was known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_chain import cobalt

from lodestone.atlas.reconcile import OUTPUT, UNSEEN, ChainInputs, reconcile
from lodestone.chain import from_account as module
from lodestone.chain.from_account import from_account, stage_grade
from lodestone.chain.supply_chain import SupplyChain
from lodestone.terms.errors import ChainError


def _chain(inputs: ChainInputs) -> SupplyChain:
    return from_account(reconcile(inputs))


def _grade(inputs: ChainInputs, place: str) -> str:
    chain = _chain(inputs)
    return chain.stages[1].grade[chain.index(place)]


def test_a_production_and_trade_reported() -> None:
    assert _grade(cobalt(), "CHN") == "A"
    assert _grade(cobalt("estimated"), "CHN") == "A"


def test_b_production_inferred() -> None:
    assert _grade(cobalt("unlisted"), "CHN") == "B"


def test_trade_whose_quantity_is_modelled_costs_an_importer_its_a() -> None:
    assert _grade(cobalt(), "DEU") == "A"
    assert _grade(cobalt(modelled=True), "DEU") in ("B", "C")


@pytest.mark.parametrize("kind", ["other_year", "shares", "judged"])
def test_c_shares_of_another_year(kind: str) -> None:
    assert _grade(cobalt(kind), "CHN") == "C"


def test_c_trade_inferred() -> None:
    """No code shows refined cobalt: what the USA uses arrives by guess, whoever made it."""
    assert _grade(cobalt(seen=0.0), "USA") == "C"


@pytest.mark.parametrize(
    ("production", "unknown", "grade"),
    [
        (0, 0.0, "A"),
        (0, 0.15, "A"),
        (0, 0.16, "B"),
        (0, 0.51, "C"),
        (1, 0.0, "B"),
        (1, 0.51, "C"),
        (2, 0.0, "C"),
    ],
)
def test_conditions_of_a_grade(production: int, unknown: float, grade: str) -> None:
    assert module._grade(production, unknown) == grade


def test_output_moved_far_is_not_grade_a() -> None:
    """Sources that had to be moved by a quarter do not agree, however well each is reported."""
    account = reconcile(cobalt())
    china = account.places.index("CHN")
    hit = (account.entry == OUTPUT) & (account.stage == 1) & (account.place == china)
    before = np.where(hit, account.value / 1.25, account.estimate)
    moved = from_account(replace(account, estimate=before))
    assert moved.stages[1].grade[china] == "B"


def test_grade_of_a_stage_is_that_of_most_of_it() -> None:
    traded = _chain(cobalt()).stages[1]
    stage = replace(traded, unseen=np.zeros_like(traded.unseen))
    n = len(stage.grade)
    assert stage_grade(replace(stage, grade=("A",) * n)) == "A"
    assert stage_grade(replace(stage, grade=("B",) * n)) == "B"
    assert stage_grade(replace(stage, grade=("C",) * n)) == "C"
    biggest = int(np.argmax(stage.output))
    mixed = tuple("C" if k == biggest else "A" for k in range(n))
    assert stage_grade(replace(stage, grade=mixed)) == "C"


def test_trade_that_customs_do_not_show_costs_the_stage_a_grade() -> None:
    """However well makers are known: with all trade inferred the stage is C."""
    stage = _chain(cobalt()).stages[1]
    known = replace(stage, grade=("A",) * len(stage.grade))
    assert stage_grade(replace(known, unseen=0.3 * stage.flow)) == "B"
    assert stage_grade(replace(known, unseen=stage.flow)) == "C"


def test_tonnes_of_the_account_are_all_in_the_chain() -> None:
    account = reconcile(cobalt())
    chain = from_account(account)
    for s, stage in enumerate(chain.stages):
        here = account.stage == s
        made = account.value[here & (account.entry == OUTPUT)].sum()
        assert stage.output.sum() == pytest.approx(made)
        assert (stage.unseen <= stage.flow + 1e-12).all()
        assert not np.diagonal(stage.flow).any()


def test_dropped_links_may_not_move_a_ledger() -> None:
    """Were many unseen grams of one place too small to keep, the chain would be refused."""
    account = reconcile(cobalt(seen=0.0))
    big = account.value.copy()
    unseen = np.flatnonzero((account.entry == UNSEEN) & (account.stage == 1))
    big[unseen[0]] += 0.5 * account.scale[1]
    with pytest.raises(ChainError, match="cobalt 2024 refine"):
        from_account(account, big)
