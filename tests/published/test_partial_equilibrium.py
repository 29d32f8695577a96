"""The closed forms of a market that loses part of its supply: prices to 1e-9."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lodestone.market.arrays import Demand, Layout, Links, Supply
from lodestone.market.kernel import solve

_ROWS = list(
    csv.DictReader((Path(__file__).parent / "data" / "pe_reference.csv").open(encoding="utf-8"))
)


def _price_of_what_is_left(lost: float, es: float, ed: float, ceiling: float | None) -> float:
    """One maker left with 1 - lost of a market, one buyer with demand v^-ed."""
    zero, one, none = np.zeros(1), np.ones(1), np.zeros(0)
    ends = np.array([0, 1], dtype=np.int64)
    layout = Layout(
        ns=ends,
        ms=ends,
        wo=ends,
        feed=np.array([-1], dtype=np.int64),
        cost=zero,
        rptr=np.zeros(2, dtype=np.int64),
        ridx=np.zeros(0, dtype=np.int64),
        scale=one,
    )
    left = 1.0 - lost
    supply = Supply(
        y=np.array([left]),
        eps=np.array([es]),
        cap=np.array([left * (1e9 if ceiling is None else ceiling)]),
        ry=zero,
        reps=zero,
        rcap=zero,
        margin=one,
        credit=zero,
        given=zero,
        tail=0.3,
        floor=zero,
    )
    demand = Demand(
        use=one,
        eta=ed,
        fixed=zero,
        choke=1e9,
        kappa=0.1,
        months=zero,
        stock=zero,
        target=zero,
        expected=one,
        handed=zero,
        rules=np.zeros(6),
    )
    links = Links(
        weight=np.ones(1),
        theta=np.array([3.0]),
        tax=none,
        rate=none,
        floor=none,
        limit_of=np.zeros(0, dtype=np.int32),
        limit_node=np.zeros(0, dtype=np.int64),
        limit=none,
        general=False,
    )
    found = solve(layout, supply, demand, links, np.ones(1), none, 1e-13, 400)
    assert found.steps >= 0
    return float(found.v[0])


@pytest.mark.parametrize("row", _ROWS, ids=lambda r: "-".join(x or "inf" for x in r.values()))
def test_price_ratio(row: dict[str, str]) -> None:
    """The table prints ten decimals, half of whose last is more than 1e-9 of nothing here."""
    ceiling = float(row["capacity_ratio_K"]) if row["capacity_ratio_K"] else None
    lost, es = float(row["lost_share_L"]), float(row["supply_elasticity"])
    price = _price_of_what_is_left(lost, es, float(row["demand_elasticity"]), ceiling)
    assert price == pytest.approx(float(row["price_ratio"]), rel=1e-9)
