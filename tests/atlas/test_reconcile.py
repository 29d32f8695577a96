"""Reconciliation by hand and by law, on small chains made up here."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.atlas.estimates import Estimate, OutputEstimates
from lodestone.atlas.recipe import Band, Recipe, StageRecipe
from lodestone.atlas.reconcile import (
    OUTPUT,
    ChainInputs,
    Link,
    ShareAnchor,
    StageInputs,
    reconcile,
)
from lodestone.chain.from_account import from_account
from lodestone.chain.look_through import direct, look_through
from lodestone.chain.published import cell_rows, chain_from_rows, link_rows, stage_rows
from lodestone.terms.errors import ChainError


def _recipe(stage: str, seen: float = 1.0, process_yield: Band | None = None) -> StageRecipe:
    return StageRecipe(
        stage=stage,
        production_stages=(stage,),
        rest_like=(stage,),
        trade_stages=(stage,),
        methods=("production",),
        process_yield=process_yield,
        scrap=Band(0, 0, 0),
        direct=Band(0, 0, 0) if stage == "mine" else Band(1, 1, 1),
        home=0.0,
        seen=(seen, seen, seen),
        unit="t",
        missing_codes="",
        reason="test",
    )


def _output(**tonnes: float) -> OutputEstimates:
    return OutputEstimates({p: Estimate(v, 0.05 * v, "reported") for p, v in tonnes.items()}, True)


def _inputs(stages: list[StageInputs], weights: dict[str, float] | None = None) -> ChainInputs:
    recipe = Recipe("cobalt", tuple(s.recipe for s in stages))
    return ChainInputs(recipe, 2024, tuple(stages), weights or {"CHN": 0.6, "USA": 0.4}, {})


def _cobalt() -> ChainInputs:
    mine = StageInputs(
        _recipe("mine"), _output(COD=100, CAN=10), (Link("COD", "CHN", 95, 0.1, ("260500",)),), {}
    )
    refine = StageInputs(
        _recipe("refine", 1.0, Band(0.8, 0.9, 0.95)),
        _output(CHN=85, CAN=9),
        (Link("CHN", "USA", 30, 0.1, ("810520",)),),
        {"USA": Estimate(40, 4, "reported", ("fact",))},
    )
    return _inputs([mine, refine])


def test_ledgers_close_and_the_answer_is_proved() -> None:
    account = reconcile(_cobalt())
    chain = from_account(account)
    chain.check_balance(1e-9)
    assert account.balanced.residual <= 1e-11
    assert account.balanced.gap <= 1e-9
    for stage in chain.stages:
        for vector in (stage.output, stage.use, stage.intake, stage.flow, stage.scrap_output):
            assert (vector >= 0).all()


def test_agreeing_figures_do_not_move() -> None:
    """CHN makes 60, uses 30, sends 30; USA uses 30: nothing to reconcile, nothing moves."""
    stage = StageInputs(
        _recipe("mine"),
        _output(CHN=60),
        (Link("CHN", "USA", 30, 0.1),),
        {"USA": Estimate(30, 3, "reported"), "CHN": Estimate(30, 3, "reported")},
    )
    account = reconcile(_inputs([stage]))
    assert np.abs(account.adjustment).max() < 1e-9


def test_the_less_certain_figure_moves_more() -> None:
    """Exports of 50 from an output of 40 (5 % error): the 20 % customs figure gives way."""
    stage = StageInputs(
        _recipe("mine"),
        _output(COD=40, CHN=60),
        (Link("COD", "CHN", 50, 0.2),),
        {"CHN": Estimate(100, 1, "reported")},
    )
    chain = from_account(reconcile(_inputs([stage], {"CHN": 1.0})))
    made = chain.stages[0].output[chain.index("COD")]
    shipped = chain.stages[0].flow[chain.index("COD"), chain.index("CHN")]
    assert abs(made - 40) < abs(shipped - 50)
    assert shipped == pytest.approx(made, abs=2.0)


def test_place_without_output_or_use_passes_on_what_it_gets() -> None:
    """Belgium makes and uses nothing: what it ships on to Germany was made in China."""
    stage = StageInputs(
        _recipe("mine"),
        _output(CHN=100),
        (Link("CHN", "BEL", 40, 0.1), Link("BEL", "DEU", 40, 0.1)),
        {"DEU": Estimate(40, 4, "reported"), "CHN": Estimate(60, 6, "reported")},
    )
    chain = from_account(reconcile(_inputs([stage], {"CHN": 0.6, "DEU": 0.4})))
    assert direct(chain, "mine", ["DEU"]).of("BEL") > 0.95
    assert look_through(chain, ["DEU"], "mine").of("CHN") > 0.95


def test_unseen_channel_feeds_users_where_codes_are_missing() -> None:
    """No code at all: China makes everything, so others' use must arrive unseen from China."""
    stage = StageInputs(_recipe("mine", seen=0.0), _output(CHN=100), (), {})
    chain = from_account(reconcile(_inputs([stage])))
    at = chain.stages[0]
    flow = at.flow[chain.index("CHN"), chain.index("USA")]
    assert flow == pytest.approx(40, rel=0.1)
    assert at.unseen[chain.index("CHN"), chain.index("USA")] == pytest.approx(flow)
    assert at.grade[chain.index("USA")] == "C"


def test_published_import_shares_pull_the_unseen_channel() -> None:
    """Two makers of equal size; USGS says 90 % of US imports come from one of them."""
    shares = {"CAN": 0.9, "CHN": 0.1}
    base = StageInputs(_recipe("mine", seen=0.0), _output(CHN=50, CAN=50), (), {})
    weights = {"USA": 0.5, "JPN": 0.5}
    anchored = StageInputs(
        base.recipe,
        base.output,
        (),
        {},
        (ShareAnchor("USA", ("USA",), shares, 0.05, own_output=False),),
    )
    free = direct(from_account(reconcile(_inputs([base], weights))), "mine", ["USA"]).of("CAN")
    held = direct(from_account(reconcile(_inputs([anchored], weights))), "mine", ["USA"]).of("CAN")
    assert held > free + 0.2
    assert held == pytest.approx(0.9, abs=0.1)


def test_scaling_all_quantities_scales_the_chain_only() -> None:
    inputs = _cobalt()
    factor = 1000.0

    def scaled(stage: StageInputs) -> StageInputs:
        return StageInputs(
            stage.recipe,
            OutputEstimates(
                {p: e.scaled(factor) for p, e in stage.output.places.items()}, stage.output.complete
            ),
            tuple(
                Link(x.origin, x.destination, x.tonnes * factor, x.relative_error, x.codes)
                for x in stage.links
            ),
            {p: e.scaled(factor) for p, e in stage.use.items()},
        )

    big = ChainInputs(
        inputs.recipe,
        inputs.year,
        tuple(scaled(s) for s in inputs.stages),
        inputs.use_weights,
        inputs.distance,
    )
    small_answer, big_answer = reconcile(inputs), reconcile(big)
    np.testing.assert_allclose(big_answer.value, factor * small_answer.value, rtol=1e-8, atol=1e-6)


def test_release_rows_round_trip() -> None:
    account = reconcile(_cobalt())
    chain = from_account(account)
    back = chain_from_rows(
        stage_rows(account), cell_rows(account, chain), link_rows(account, chain)
    )
    assert back.places == chain.places
    for a, b in zip(chain.stages, back.stages, strict=True):
        for name in ("output", "scrap_output", "intake", "use", "stock_change", "flow", "unseen"):
            np.testing.assert_allclose(getattr(b, name), getattr(a, name), rtol=1e-12, atol=1e-9)
        assert a.grade == b.grade


def test_resampling_is_seeded_and_keeps_balance() -> None:
    account = reconcile(_cobalt())
    one, two = account.resample(4, seed=7), account.resample(4, seed=7)
    np.testing.assert_array_equal(one, two)
    for values in one:
        from_account(account, values).check_balance(1e-9)
    outputs = one[:, (account.entry == OUTPUT) & (account.stage == 0)]
    assert outputs.std(axis=0).max() > 0


def test_a_stage_without_output_is_refused() -> None:
    stage = StageInputs(_recipe("mine"), OutputEstimates({}, True), (), {})
    with pytest.raises(ChainError, match="no output figure for stage mine"):
        reconcile(_inputs([stage]))
