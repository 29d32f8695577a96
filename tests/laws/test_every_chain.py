"""Laws that every balanced chain of the embedded release must obey."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.chain.bands import shares_by_buyer
from lodestone.chain.look_through import made_by, traced
from lodestone.desk.library import library

_CHAINS = [(m, y) for y in (2018, 2021, 2024) for m in library().materials(y)]


def test_there_are_as_many_chains_as_promised() -> None:
    books = library()
    for year in (2022, 2023, 2024):
        assert len(books.materials(year)) >= 60
    for year in (2018, 2019, 2020, 2021):
        assert len(books.materials(year)) >= 55


def test_stages_promised_are_there() -> None:
    have = {(s["material"], s["stage"]) for s in library().stages(2024)}
    three = ("aluminium", "iron", "rare_earths")
    two = [
        "copper",
        "titanium",
        "cobalt",
        "nickel",
        "lithium",
        "graphite",
        "antimony",
        "chromium",
        "manganese",
        "niobium",
        "tin",
        "tungsten",
        "vanadium",
        "zinc",
        "lead",
        "beryllium",
    ]
    for name in three:
        assert {(name, s) for s in ("mine", "refine", "product")} <= have
    for name in two:
        assert {(name, s) for s in ("mine", "refine")} <= have
    for name in ("gallium", "germanium"):
        assert (name, "refine") in have


@pytest.mark.parametrize(("name", "year"), _CHAINS)
def test_ledgers_close_and_shares_sum_to_one(name: str, year: int) -> None:
    chain = library().chain(name, year)
    chain.check_balance(1e-9)
    for stage in chain.stages:
        assert (stage.flow >= 0).all()
        assert (stage.output >= 0).all()
        assert (stage.use >= 0).all()
        assert (stage.unseen <= stage.flow * (1 + 1e-3)).all()
        assert np.diagonal(stage.flow).max() == 0.0
        mix = made_by(stage)
        known = ~np.isnan(mix[:, 0])
        np.testing.assert_allclose(mix[known].sum(axis=1), 1.0, atol=1e-9)
    mix = traced(chain, chain.stages[-1].stage, chain.stages[0].stage)
    known = ~np.isnan(mix[:, 0])
    np.testing.assert_allclose(mix[known].sum(axis=1), 1.0, atol=1e-9)
    for found in shares_by_buyer(chain, [("USA",), ("DEU", "FRA")]):
        rows = found.share[~np.isnan(found.share[:, 0])]
        np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-9)


def test_every_balance_was_proved() -> None:
    rows = library().rows("SELECT max(residual) AS residual, max(gap) AS gap FROM chain_stages")
    assert rows[0]["residual"] <= 1e-11
    assert rows[0]["gap"] <= 1e-9


def test_bands_hold_their_value() -> None:
    rows = library().rows(
        "SELECT count(*) AS n FROM dependence WHERE NOT (low <= share AND share <= high)"
    )
    assert rows[0]["n"] == 0


def test_stored_dependence_is_what_the_chain_gives() -> None:
    """The published shares equal those recomputed from the published flows."""
    books = library()
    for name in ("cobalt", "copper", "gallium", "rare_earths"):
        chain = books.chain(name, 2024)
        for found in shares_by_buyer(chain, [("USA",)]):
            stored = {
                r["origin"]: r["share"]
                for r in books.dependence(
                    "USA", year=2024, material=name, lens=found.lens, stage=found.stage
                )
            }
            for k, place in enumerate(chain.places):
                if place in stored:
                    assert stored[place] == pytest.approx(found.share[0, k], abs=2e-3)
