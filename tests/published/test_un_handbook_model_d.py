"""Make and use to industry by industry, against the worked example of the United Nations.

United Nations (2018), Handbook on Supply and Use Tables and Input-Output Tables with Extensions
and Applications, Studies in Methods F 74 Rev. 1, chapter 12: the square tables of Table 12.3
(p. 376), and what model D, fixed product sales structure, makes of them in Table 12.16 (p. 396).
Printed with two decimals. The numbers were taken from a public transcription of these tables, not
from the printed page.
"""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.economy.from_make_use import MakeUse, from_make_use
from lodestone.economy.table import EconomyTable

INDUSTRIES = ("agriculture", "manufacturing and construction", "services")
SUPPLY = np.array([[25.77, 5.15, 7.04], [1.35, 402.51, 40.21], [13.32, 25.64, 717.41]])
DOMESTIC_USE = np.array([[4.35, 9.28, 0.61], [8.08, 107.80, 46.29], [3.78, 62.72, 211.40]])
IMPORTED_USE = np.array([[0.77, 6.40, 0.48], [1.49, 100.14, 35.30], [0.28, 17.20, 42.52]])
PRINTED_FLOWS = np.array([[3.04, 7.73, 4.28], [8.04, 101.09, 49.20], [5.13, 70.97, 204.82]])
PRINTED_FINAL_USE = np.array([[15.12, 0.64, 9.64], [42.52, 67.73, 164.72], [332.35, 26.39, 125.0]])
PRINTED_VALUE_ADDED = np.array([21.70, 129.78, 428.07])
PRINTED_OUTPUT = np.array([40.45, 433.31, 764.66])


@pytest.fixture(scope="module")
def table() -> EconomyTable:
    return from_make_use(
        MakeUse(
            place="AAA",
            year=2011,
            source="UN Handbook 2018, Table 12.3",
            scheme="three",
            products=("agricultural", "manufactured", "service"),
            industries=INDUSTRIES,
            names=INDUSTRIES,
            use=DOMESTIC_USE + IMPORTED_USE,
            imports=IMPORTED_USE,
            make=SUPPLY.T,  # the Handbook prints product by industry
        )
    )


def test_flows_between_industries(table: EconomyTable) -> None:
    # The tables that go in are rounded too: the last printed digit may be off by one.
    np.testing.assert_allclose(table.flows, PRINTED_FLOWS, atol=0.01)


def test_imports_output_and_value_added_of_industries(table: EconomyTable) -> None:
    np.testing.assert_allclose(table.imported, IMPORTED_USE.sum(axis=0))
    np.testing.assert_allclose(table.output, PRINTED_OUTPUT, atol=0.016)
    # A column of six rounded cells and a rounded total.
    np.testing.assert_allclose(table.value_added, PRINTED_VALUE_ADDED, atol=0.035)


def test_final_use_of_industries(table: EconomyTable) -> None:
    np.testing.assert_allclose(table.final_use, PRINTED_FINAL_USE.sum(axis=1), atol=0.035)
