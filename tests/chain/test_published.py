"""Release rows: what is written comes back, and edited numbers do not pass."""

from __future__ import annotations

from typing import Any

import pytest
from small_chain import cobalt

from lodestone.atlas.reconcile import reconcile
from lodestone.chain.from_account import from_account
from lodestone.chain.published import (
    cell_rows,
    chain_from_rows,
    ledger_rows,
    link_rows,
    stage_rows,
)
from lodestone.terms import attribute
from lodestone.terms.errors import DataError

Rows = list[dict[str, Any]]


@pytest.fixture
def rows() -> tuple[Rows, Rows, Rows]:
    account = reconcile(cobalt())
    chain = from_account(account)
    return stage_rows(account), cell_rows(account, chain), link_rows(account, chain)


def _largest(cells: Rows, entry: str) -> dict[str, Any]:
    return max((c for c in cells if c["entry"] == entry), key=lambda c: c["value"])


@pytest.mark.parametrize("entry", ["output", "intake", "use", "scrap"])
@pytest.mark.parametrize("change", [1.01, -1.0, float("nan")])
def test_an_edited_ledger_entry_is_refused(
    rows: tuple[Rows, Rows, Rows], entry: str, change: float
) -> None:
    stages, cells, links = rows
    _largest(cells, entry)["value"] *= change
    with pytest.raises(DataError, match="cobalt 2024"):
        chain_from_rows(stages, cells, links)


def test_an_edited_flow_or_yield_is_refused(rows: tuple[Rows, Rows, Rows]) -> None:
    stages, cells, links = rows
    edited = [{**links[0], "value": 0.5 * links[0]["value"]}, *links[1:]]
    with pytest.raises(DataError, match="stock change"):
        chain_from_rows(stages, cells, edited)
    with pytest.raises(DataError, match="scrap-fed"):
        chain_from_rows([stages[0], {**stages[1], "process_yield": 0.8}], cells, links)


def test_a_lost_row_is_refused(rows: tuple[Rows, Rows, Rows]) -> None:
    stages, cells, links = rows
    lost = [c for c in cells if c is not _largest(cells, "use")]
    with pytest.raises(DataError, match="stock change"):
        chain_from_rows(stages, lost, links)
    with pytest.raises(DataError, match="no chain rows"):
        chain_from_rows([], cells, links)


@pytest.mark.parametrize(
    ("table", "column"), [("cells", "place"), ("cells", "entry"), ("links", "destination")]
)
def test_an_unknown_label_is_refused_by_name(
    rows: tuple[Rows, Rows, Rows], table: str, column: str
) -> None:
    stages, cells, links = rows
    edited = {"cells": cells, "links": links}[table]
    edited[0] = {**edited[0], column: "Atlantis"}
    with pytest.raises(DataError, match="Atlantis"):
        chain_from_rows(stages, cells, links)


def test_order_of_rows_does_not_matter(rows: tuple[Rows, Rows, Rows]) -> None:
    stages, cells, links = rows
    one = chain_from_rows(stages, cells, links)
    two = chain_from_rows(stages[::-1], cells[::-1], links[::-1])
    assert one.rows() == two.rows()


def test_customs_and_their_codes_stand_beside_the_balanced_flow(
    rows: tuple[Rows, Rows, Rows],
) -> None:
    _, _, links = rows
    (ore,) = [r for r in links if (r["origin"], r["destination"]) == ("COD", "CHN")]
    assert ore["customs"] == pytest.approx(98)
    assert ore["codes"] == "260500"
    assert ore["adjustment"] == pytest.approx(
        (ore["value"] - ore["unseen"] - 98) / ore["customs_error"]
    )
    for row in links:
        if row["codes"] is None:
            assert row["customs"] is None
            assert row["unseen"] == pytest.approx(row["value"])


def test_ledger_holds_published_figures_moved_by_more_than_two_errors() -> None:
    account = reconcile(cobalt())
    limit = attribute("large_adjustment").default
    assert all(abs(r["adjustment"]) > limit for r in ledger_rows(account))
    inputs = cobalt()
    mine = inputs.stages[0]
    from dataclasses import replace

    from lodestone.atlas.reconcile import Link

    wrong = replace(mine, links=(Link("COD", "CHN", 980, 0.1, ("260500",)),))
    ledger = ledger_rows(reconcile(replace(inputs, stages=(wrong, inputs.stages[1]))))
    (found,) = [r for r in ledger if r["entry"] == "seen" and r["place"] == "COD"]
    assert found["before"] == pytest.approx(980)
    assert found["after"] < 200
    assert found["other"] == "CHN"
    assert found["world_share"] > 5
