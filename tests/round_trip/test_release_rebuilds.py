"""The release holds enough to balance its own chains again, with the same answer."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from lodestone.atlas.gather import Evidence, evidence_from_tables, gather
from lodestone.atlas.recipe import recipe
from lodestone.atlas.reconcile import reconcile
from lodestone.atlas.release import EMBEDDED
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade
from lodestone.chain.from_account import from_account
from lodestone.desk.library import library


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    def read(name: str) -> pl.DataFrame:
        return pl.read_parquet(EMBEDDED / f"{name}.parquet")

    confidence = {r.rule: r.confidence for r in load_trade_rules().rules}
    trade = ClassifiedTrade(read("trade"), read("trade_ledger"), confidence)
    return evidence_from_tables(read("facts"), trade, read("distances"), read("use_weights"))


@pytest.mark.parametrize(
    ("name", "year"), [("cobalt", 2024), ("copper", 2021), ("gallium", 2023), ("aluminium", 2022)]
)
def test_chain_balanced_again_from_the_release(evidence: Evidence, name: str, year: int) -> None:
    inputs = gather(evidence, recipe(name), year)
    assert inputs is not None
    again = from_account(reconcile(inputs))
    stored = library().chain(name, year)
    assert again.places == stored.places
    for a, b in zip(again.stages, stored.stages, strict=True):
        world = a.output.sum()
        # Customs contents are stored with four digits; balancing passes that on.
        np.testing.assert_allclose(a.output / world, b.output / world, atol=1e-3)
        np.testing.assert_allclose(a.flow / world, b.flow / world, atol=1e-3)
