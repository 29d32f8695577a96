"""The law of every method: to forget an input may lose an answer, never change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.assess.assessment import Assessment
from lodestone.assess.ec_supply_risk import supply_risk
from lodestone.assess.flows import Flows
from lodestone.assess.geopolrisk import geopolrisk
from lodestone.assess.governance import Governance
from lodestone.assess.hhi import governance_weighted_hhi, hhi
from lodestone.assess.n_minus_1 import n_minus_1
from lodestone.assess.net_import_reliance import net_import_reliance
from lodestone.assess.panel import Node, Panel
from lodestone.assess.reserves_over_production import reserves_over_production
from lodestone.assess.sourcing import supply_risk_inputs
from lodestone.assess.trade_exposure import trade_exposure

NODES = (Node("cobalt", "mine"), Node("gallium", "refine"))
PLACES = ("AAA", "BBB", "CCC", "XOT")
YEARS = (2023, 2024)
BLOCS = {"BC": ("BBB", "CCC")}
WORLD = Panel(NODES, ("WLD",), YEARS, np.full((2, 1, 2), 0.3))
_random = np.random.default_rng(20240501)
PRODUCTION = _random.uniform(1.0, 100.0, (2, 4, 2))
TONNES = _random.uniform(1.0, 50.0, 24)
COLUMNS = {
    name: _random.integers(0, top, 24)
    for name, top in {"node": 2, "year": 2, "exporter": 4, "importer": 4}.items()
}
GOVERNANCE = Governance(PLACES, YEARS, _random.uniform(-2, 2, (4, 2)))


def trade(tonnes: np.ndarray) -> Flows:
    return Flows(
        NODES, PLACES, YEARS, **COLUMNS, tonnes=tonnes, covered=np.ones((2, 2), dtype=bool)
    )


def _reliance(p: Panel, f: Flows) -> Assessment:
    imports, exports = f.totals(BLOCS)
    return net_import_reliance(p.with_blocs(BLOCS), imports, exports)


WEIGHT = GOVERNANCE.weight_0_to_10()
METHODS: dict[str, Callable[[Panel, Flows], Assessment]] = {
    "hhi": lambda p, f: hhi(p),
    "hhi_governance": lambda p, f: governance_weighted_hhi(p, WEIGHT),
    "hhi of a bloc's imports": lambda p, f: hhi(f.imports_of("BC", BLOCS["BC"])),
    "geopolrisk": lambda p, f: geopolrisk(p, f, GOVERNANCE, BLOCS).score,
    "geopolrisk_extra_region": lambda p, f: (
        geopolrisk(p, f, GOVERNANCE, BLOCS, within_bloc="left out").score
    ),
    "ec_supply_risk": lambda p, f: (
        supply_risk(supply_risk_inputs(p, f, WEIGHT, WORLD, WORLD, blocs=BLOCS)).chosen
    ),
    "net_import_reliance": _reliance,
    "trade_exposure": lambda p, f: trade_exposure(
        _reliance(p, f), f, against=("AAA",), blocs=BLOCS
    ),
    "n_minus_1": lambda p, f: n_minus_1(p, replace(WORLD, value=WORLD.value * 300)).all_demand,
    "reserves_over_production": lambda p, f: reserves_over_production(
        Panel(NODES, PLACES, YEARS, PRODUCTION * 20), p
    ),
}


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=30)
@given(
    forgotten=st.sets(st.integers(0, PRODUCTION.size - 1), max_size=4),
    unweighed=st.sets(st.integers(0, TONNES.size - 1), max_size=4),
)
def test_a_forgotten_input_never_changes_a_number(
    method: str, forgotten: set[int], unweighed: set[int]
) -> None:
    production, tonnes = PRODUCTION.copy(), TONNES.copy()
    production.reshape(-1)[list(forgotten)] = np.nan
    tonnes[list(unweighed)] = np.nan
    full = METHODS[method](Panel(NODES, PLACES, YEARS, PRODUCTION), trade(TONNES))
    less = METHODS[method](Panel(NODES, PLACES, YEARS, production), trade(tonnes))
    known = less.gap == 0
    np.testing.assert_array_equal(np.isnan(less.panel.value), ~known)
    np.testing.assert_allclose(less.panel.value[known], full.panel.value[known], rtol=1e-12)


@pytest.mark.parametrize("method", ["geopolrisk", "net_import_reliance", "ec_supply_risk"])
def test_a_year_without_rows_has_no_number_at_all(method: str) -> None:
    flows = trade(TONNES)
    kept = flows.year != 1
    columns = {k: v[kept] for k, v in COLUMNS.items()}
    covered = np.array([[True, False], [True, False]])
    gone = Flows(NODES, PLACES, YEARS, **columns, tonnes=TONNES[kept], covered=covered)
    answer = METHODS[method](Panel(NODES, PLACES, YEARS, PRODUCTION), gone)
    assert np.isnan(answer.panel.value[:, :, 1]).all()
    assert not np.isnan(answer.panel.value[:, :3, 0]).all()
