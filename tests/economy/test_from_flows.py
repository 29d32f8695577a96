"""Printed flows closed into a table: what is mended, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lodestone.economy.from_flows import from_flows
from lodestone.economy.move import moved
from lodestone.economy.spectral import spectral_radius
from lodestone.economy.table import EconomyTable
from lodestone.terms.errors import DataError


def two(**changed: Any) -> EconomyTable:
    given: dict[str, Any] = {
        "place": "AAA",
        "year": 2020,
        "source": "by hand",
        "scheme": "two",
        "sectors": ("a", "b"),
        "names": ("A", "B"),
        "flows": np.array([[0.0, 4.0], [2.0, 0.0]]),
        "imported": np.array([1.0, 1.0]),
        "output": np.array([10.0, 20.0]),
    }
    return from_flows(**(given | changed))


def test_rows_and_columns_are_closed() -> None:
    table = two()
    assert table.final_use.tolist() == [6.0, 18.0]
    assert table.value_added.tolist() == [7.0, 15.0]
    assert table.gdp == table.final_use.sum() - table.imported.sum()


def test_a_negative_flow_is_a_sale_and_costs_stay_as_printed() -> None:
    table = two(flows=np.array([[0.0, 4.0], [-2.0, 0.0]]))
    assert table.flows.tolist() == [[0.0, 4.0], [0.0, 0.0]]
    assert table.final_use.tolist() == [6.0, 20.0]
    # The buyer's costs are 1 - 2: value added is output less that, as printed.
    assert table.imported.tolist() == [-1.0, 1.0]
    assert table.value_added.tolist() == [11.0, 15.0]
    assert "1 cells, 2 million USD" in table.notes[0]


def test_a_loss_is_cut_and_final_use_takes_it() -> None:
    table = two(imported=np.array([14.0, 1.0]))
    assert table.value_added.tolist() == [0.0, 15.0]
    np.testing.assert_allclose(table.flows[:, 0].sum() + table.imported[0], 10.0)
    assert table.gdp == pytest.approx(table.final_use.sum() - table.imported.sum())
    assert "a (A) buys 16 for an output of 10" in table.notes[-1]


def test_a_sector_that_makes_nothing_may_stand_in_the_list() -> None:
    table = two(flows=np.zeros((2, 2)), imported=np.array([0.0, 1.0]), output=np.array([0.0, 20.0]))
    assert table.coefficients[:, 0].tolist() == [0.0, 0.0]
    assert spectral_radius(table.coefficients) == 0.0


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(DataError, match="is not a finite number"):
        two(output=np.array([10.0, np.nan]))


def test_moving_changes_money_and_no_share() -> None:
    table = two()
    later = moved(table, 2023, 2.0, "twice")
    assert later.gdp == 2.0 * table.gdp
    assert (later.year, later.notes[-1]) == (2023, "twice")
    np.testing.assert_array_equal(later.coefficients, table.coefficients)
