"""Net import reliance from the salient statistics of the USGS, beside what it printed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lodestone.assess.net_import_reliance import net_import_reliance
from lodestone.assess.panel import Node, Panel
from lodestone.assess.published_inputs import Official, beside_official

TABLE = Path(__file__).parent / "data" / "usgs_mcs2023_net_import_reliance.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: f"{r['commodity']} {r['year']}")
def test_as_printed_to_the_percentage_point(row: dict[str, str]) -> None:
    """Inputs are rounded to three digits, so the printed figure may be one point away."""
    node, year = Node(row["commodity"], "refine"), int(row["year"])

    def tonnes(column: str) -> Panel:
        return Panel((node,), ("USA",), (year,), np.array([[[float(row[column])]]]))

    ours = net_import_reliance(*map(tonnes, ("production", "imports", "exports", "stock_release")))
    official = Official(node, "USA", year, float(row["net_import_reliance_pct"]) / 100)
    (beside,) = beside_official(ours, [official])
    assert beside.difference is not None
    assert abs(beside.difference) <= 0.01


def test_a_lower_bound_of_the_publisher_agrees_with_anything_above_it() -> None:
    node = Node("germanium", "refine")
    ours = net_import_reliance(
        *(Panel((node,), ("USA",), (2024,), np.array([[[x]]])) for x in (10.0, 30.0, 0.0))
    )
    above, below = (
        beside_official(ours, [Official(node, "USA", 2024, None, low=bound, flag="more_than")])[0]
        for bound in (0.5, 0.9)
    )
    assert above.inside_band is True
    assert below.inside_band is False
    assert above.difference is None
