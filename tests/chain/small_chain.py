"""A cobalt chain of four places, small enough to follow by hand."""

from __future__ import annotations

from lodestone.atlas.estimates import Estimate, OutputEstimates
from lodestone.atlas.recipe import Band, Recipe, StageRecipe
from lodestone.atlas.reconcile import ChainInputs, Link, StageInputs


def recipe_of(stage: str, seen: float = 1.0, process_yield: Band | None = None) -> StageRecipe:
    """A stage made from production figures; the mine is fed on, the refinery is used."""
    return StageRecipe(
        stage=stage,
        production_stages=(stage,),
        rest_like=(stage,),
        trade_stages=(stage,),
        methods=("production",),
        process_yield=process_yield,
        scrap=Band(0, 0, 0) if stage == "mine" else Band(0.02, 0.05, 0.08),
        direct=Band(0, 0, 0.05) if process_yield is None else Band(1, 1, 1),
        home=0.0,
        seen=(seen, seen, seen),
        unit="t",
        missing_codes="",
        reason="test",
    )


def output(kind: str = "reported", error: float = 0.05, **tonnes: float) -> OutputEstimates:
    """Output by place with one kind and relative error."""
    return OutputEstimates({p: Estimate(v, error * v, kind) for p, v in tonnes.items()}, True)


def cobalt(kind: str = "reported", modelled: bool = False, seen: float = 1.0) -> ChainInputs:
    """COD and CAN mine; CHN and CAN refine; CHN, USA and DEU use."""
    mine = StageInputs(
        recipe_of("mine"), output(COD=100, CAN=10), (Link("COD", "CHN", 98, 0.1, ("260500",)),), {}
    )
    trade = (
        Link("CHN", "USA", 30, 0.1, ("810520",), modelled),
        Link("CHN", "DEU", 20, 0.1, ("810520",), modelled),
    )
    refine = StageInputs(
        recipe_of("refine", seen, Band(0.8, 0.9, 0.95)),
        output(kind, CHN=88, CAN=9),
        trade if seen > 0 else (),
        {
            "USA": Estimate(38, 4, "reported", ("fact",)),
            "DEU": Estimate(20, 2, "reported"),
            "CHN": Estimate(39, 4, "reported"),
        },
    )
    weights = {"CHN": 0.5, "USA": 0.3, "DEU": 0.2}
    recipe = Recipe("cobalt", (mine.recipe, refine.recipe))
    return ChainInputs(recipe, 2024, (mine, refine), weights, {})
