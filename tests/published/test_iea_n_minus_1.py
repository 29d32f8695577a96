"""N-1 from the supply and demand of the IEA's 2025 critical minerals data set (CC BY 4.0)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lodestone.assess.n_minus_1 import n_minus_1
from lodestone.assess.panel import OTHERS, Node, Panel

pytestmark = pytest.mark.raw


def _rows(raw: Path, name: str) -> list[dict[str, str]]:
    with (raw / "iea" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_over_all_demand_as_tabulated(raw: Path) -> None:
    """The table divides by all demand; its shares are rounded, and nickel's sum to 1.03."""
    supply = _rows(raw, "iea_cm2025_supply_by_country.csv")
    table = _rows(raw, "iea_cm2025_n1_computed.csv")
    assert len(table) == 120
    named = {r["country"] for r in supply if r["country"] != "Rest of world"}
    for row in table:
        key = (row["mineral"], row["stage"], row["year"])
        mine = {
            r["country"]: float(r["kt"])
            for r in supply
            if (r["mineral"], r["stage"], r["year"]) == key
        }
        places = (*sorted(named), OTHERS)
        others = max(0.0, float(row["supply_kt"]) - sum(v for c, v in mine.items() if c in named))
        tonnes = [mine.get(place, 0.0) for place in places[:-1]] + [others]
        node, year = Node(row["mineral"], row["stage"]), int(row["year"])
        answer = n_minus_1(
            Panel((node,), places, (year,), np.array(tonnes)[None, :, None]),
            Panel((node,), ("WLD",), (year,), np.full((1, 1, 1), float(row["global_demand_kt"]))),
        )
        assert answer.all_demand.supplier is not None
        assert answer.all_demand.supplier.at((0, 0, 0)) == row["largest_supplier"]
        theirs = float(row["n1_supply_ex_largest_over_global_demand"])
        ours = answer.all_demand.panel.at(*node, "WLD", year)
        assert ours == pytest.approx(theirs, rel=1e-6 if others > 0 else 0.1)
        # nobody publishes the largest supplier's own demand: the IEA's wording stays unknown here
        assert answer.rest_of_world_demand.panel.at(*node, "WLD", year) is None
