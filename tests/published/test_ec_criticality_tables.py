"""EC criticality on the Commission's own inputs: the 2017 table and the 2023 list."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from lodestone.assess.assessment import Assessment
from lodestone.assess.ec_criticality import criticality
from lodestone.assess.ec_supply_risk import (
    SupplyRiskInputs,
    SupplyUsed,
    group_mean,
    supply_risk,
)
from lodestone.assess.panel import Node, Panel
from lodestone.assess.published_inputs import Official, PublishedInputs, beside_official

DATA = Path(__file__).parent / "data"
PLACE, YEAR = "EU28", 2017
LREE = ("Cerium", "Lanthanum", "Neodymium", "Praseodymium", "Samarium")
PGM = ("Iridium", "Palladium", "Platinum", "Rhodium", "Ruthenium")
#: Entries of the annexes -> rows of the 2023 study, where the names differ.
STUDY_NAME = {
    "bauxite/alumina/aluminium": "aluminium",
    "graphite": "natural graphite",
    "graphite (battery grade)": "natural graphite",
    "heavy rare earth elements": "hrees",
    "light rare earth elements": "lrees",
    "platinum group metals": "pgms",
    "nickel (battery grade)": "nickel",
    "lithium (battery grade)": "lithium",
    "manganese (battery grade)": "manganese",
    "boron (metallurgy grade)": "boron",
    "magnesium metal": "magnesium",
    "rare earth elements for permanent magnets (Nd, Pr, Tb, Dy, Gd, Sm, Ce)": "lrees",
}


def _number(text: str) -> float:
    return float(text) if text not in ("", "N/A") else np.nan


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _published_2017() -> PublishedInputs[SupplyRiskInputs]:
    rows = _rows("ec_crm2017_results.csv")
    nodes = tuple(Node(r["material"], r["stage"]) for r in rows)

    def panel(column: str, place: str, scale: float = 1.0) -> Panel:
        numbers = np.array([_number(r[column]) for r in rows]) * scale
        return Panel(nodes, (place,), (YEAR,), numbers[:, None, None])

    inputs = SupplyRiskInputs(
        panel("HHI_WGI_t_global", "WLD"),
        panel("HHI_WGI_t_eu28", PLACE),
        panel("import_reliance_pct", PLACE, 0.01),
        panel("eol_rir_pct", PLACE, 0.01),
        panel("SI_SR", "WLD"),
        {
            node: SupplyUsed(row["supply_used"])
            for node, row in zip(nodes, rows, strict=True)
            if row["supply_used"]
        },
    )
    official = tuple(
        Official(node, PLACE, YEAR, None if np.isnan(sr) else sr)
        for node, sr in zip(nodes, (_number(r["SR"]) for r in rows), strict=True)
    )
    return PublishedInputs("ec_supply_risk", "ec_crm2017", inputs, official)


@pytest.fixture(scope="module")
def published() -> PublishedInputs[SupplyRiskInputs]:
    return _published_2017()


@pytest.fixture(scope="module")
def ours(published: PublishedInputs[SupplyRiskInputs]) -> Assessment:
    return supply_risk(published.inputs).chosen


def test_every_2017_supply_risk_with_complete_inputs(
    published: PublishedInputs[SupplyRiskInputs], ours: Assessment
) -> None:
    beside = beside_official(ours, published.official)
    off = {b.official.node.material: abs(b.difference) for b in beside if b.difference is not None}
    assert len(off) >= 75
    assert max(off.values()) <= 0.25, {m: d for m, d in off.items() if d > 0.25}
    assert np.mean(list(off.values())) <= 0.06


def test_the_formula_used_blindly_would_be_seen(
    published: PublishedInputs[SupplyRiskInputs],
) -> None:
    """Where the study set one HHI aside, mixing both is far off: the check above can fail."""
    both = supply_risk(published.inputs).both
    beside = beside_official(both, published.official)
    off = [abs(b.difference) for b in beside if b.difference is not None]
    assert np.mean(off) > 0.15


def test_a_row_without_inputs_stays_unknown(
    published: PublishedInputs[SupplyRiskInputs], ours: Assessment
) -> None:
    unknown = {
        b.official.node.material
        for b in beside_official(ours, published.official)
        if b.ours is None
    }
    assert unknown == {"Beryllium", "LREEs", "PGMs"}


def test_antimony_worked_example(ours: Assessment) -> None:
    expected = (7.1 / 2 + 5.7 / 2) * 0.72 * 0.90
    assert ours.panel.at("Antimony", "Processing", PLACE, YEAR) == pytest.approx(
        expected, abs=1e-12
    )
    assert expected == pytest.approx(4.3, abs=0.25)


@pytest.mark.parametrize(("group", "members", "sr"), [("LREEs", LREE, 5.0), ("PGMs", PGM, 2.5)])
def test_a_group_is_the_mean_of_its_members(
    ours: Assessment, group: str, members: tuple[str, ...], sr: float
) -> None:
    mean = group_mean(ours, {group: members})
    (node,) = mean.panel.nodes
    assert mean.panel.at(*node, PLACE, YEAR) == pytest.approx(sr, abs=0.1)


def test_the_published_list_of_2023() -> None:
    scores = {r["material"].lower(): r for r in _rows("ec_crm2023_scores.csv")}
    annexes = _rows("crma_2024_annexes.csv")
    listed = {
        annex: {STUDY_NAME.get(r["material"], r["material"]) for r in annexes if r["list"] == annex}
        for annex in {r["list"] for r in annexes}
    }
    assert listed["SRM (Annex I)"] <= set(scores)
    sr, ei = (
        {m: (float(r[key]) if r[key] else None) for m, r in scores.items()} for key in ("SR", "EI")
    )
    by_thresholds = {c.material for c in criticality(sr, ei) if c.critical}
    assert len(by_thresholds) == 32
    assert criticality(sr, ei)[list(sr).index("bauxite")].critical is None
    critical = {c.material for c in criticality(sr, ei, listed["SRM (Annex I)"]) if c.critical}
    assert critical - by_thresholds == {"copper", "nickel"}
    assert critical == listed["CRM (Annex II)"]
    assert len(critical) == 34
