"""What the sources say about one chain, gathered: use, anchors, customs links, next totals."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from fact_rows import frame, said

from lodestone.atlas.facts import TRADE_SCHEMA
from lodestone.atlas.gather import Evidence, evidence_from_tables, gather
from lodestone.atlas.recipe import recipe
from lodestone.atlas.reconcile import ChainInputs
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade
from lodestone.terms import attribute

MCS = "usgs_mcs2026"
_RULE = load_trade_rules().rules[0].rule
OUTPUT = [
    said(MCS, "COD", 2023, 90.0),
    said(MCS, "CAN", 2023, 10.0),
    said(MCS, "CHN", 2023, 80.0, stage="refine"),
    said(MCS, "FIN", 2023, 20.0, stage="refine"),
]


def _shipment(
    code: str, link: str, tonnes: float, *, material: str = "cobalt", stage: str = "mine",
    flag: str = "ok",
) -> dict[str, Any]:  # fmt: skip
    exporter, importer = link.split(">")
    return {
        "source": "baci_hs92",
        "code": code,
        "revision": "HS92",
        "year": 2023,
        "exporter": exporter,
        "importer": importer,
        "value_kusd": tonnes,
        "gross_t": tonnes,
        "gross_t_used": tonnes,
        "flag": flag,
        "material": material,
        "stage": stage,
        "content_t": tonnes,
        "content_low": 0.9 * tonnes,
        "content_high": 1.1 * tonnes,
        "rule": _RULE,
    }


def _evidence(
    facts: list[dict[str, Any]],
    trade: list[dict[str, Any]] | None = None,
    without: tuple[str, ...] = (),
) -> Evidence:
    weights = {"CHN": 0.6, "USA": 0.2, "DEU": 0.2}
    confidence = {r.rule: r.confidence for r in load_trade_rules().rules}
    rows = pl.DataFrame(trade or [], schema=TRADE_SCHEMA)
    return evidence_from_tables(
        frame(*facts),
        ClassifiedTrade(rows, pl.DataFrame(), confidence),
        pl.DataFrame({"iso_o": ["COD"], "iso_d": ["CHN"], "dist_km": [11000.0]}),
        pl.DataFrame(
            [{"place": p, "year": y, "weight": w} for p, w in weights.items() for y in (2020, 2023)]
        ),
        without,
    )


def _gathered(
    facts: list[dict[str, Any]], trade: list[dict[str, Any]] | None = None, name: str = "cobalt"
) -> ChainInputs:
    inputs = gather(_evidence(facts, trade), recipe(name), 2023)
    assert inputs is not None
    return inputs


def _use(source: str, value: float, detail: str, **kw: Any) -> dict[str, Any]:
    return said(source, "USA", 2023, value, quantity="use", detail=detail, stage="refine", **kw)


def _origin(
    buyer: str, partner: str, value: float, quantity: str, stage: str = "mine", **kw: Any
) -> dict[str, Any]:
    source = kw.pop("source", MCS if quantity == "import_share" else "ec_crm2023")
    year, year_to = kw.pop("year", 2021), kw.pop("year_to", 2024)
    row = said(source, buyer, year, value, quantity=quantity, partner=partner, stage=stage)
    return {**row, "unit": "share", "year_to": year_to, **kw}


def test_no_output_figure_is_no_chain() -> None:
    assert gather(_evidence([]), recipe("cobalt"), 2023) is None


def test_a_chain_ends_where_the_next_stage_has_no_figure() -> None:
    assert [s.recipe.stage for s in _gathered(OUTPUT[:2]).stages] == ["mine"]


def test_apparent_use_is_preferred_and_the_newest_edition_of_it() -> None:
    rows = [
        _use("usgs_mcs2026", 30.0, "Consumption, reported"),
        _use("usgs_mcs2024", 50.0, "Consumption, apparent"),
        _use("usgs_mcs2026", 40.0, "Consumption, Apparent"),
    ]
    use = _gathered([*OUTPUT, *rows]).stages[1].use["USA"]
    assert use.value == 40.0
    assert use.error == pytest.approx(attribute("error_us_use").default * 40.0)
    use = _gathered([*OUTPUT, rows[0]]).stages[1].use["USA"]
    assert use.value == 30.0


@pytest.mark.parametrize("turn", [1, -1])
def test_the_narrower_of_two_series_of_one_edition_counts(turn: int) -> None:
    """MCS 2026 prints feldspar alone and with nepheline syenite; the chain is of feldspar."""
    rows = [_use(MCS, 590.0, "Apparent: Feldspar"), _use(MCS, 1000.0, "Apparent: with nepheline")]
    assert _gathered([*OUTPUT, *rows[::turn]]).stages[1].use["USA"].value == 590.0


def test_use_in_another_basis_or_of_ore_is_not_use() -> None:
    rows = [_use(MCS, 30.0, "apparent", basis="gross"), _use(MCS, 0.0, "apparent, zero")]
    ore = said(MCS, "USA", 2023, 9.0, quantity="use", detail="apparent", stage="mine")
    stages = _gathered([*OUTPUT, *rows, ore]).stages
    assert stages[0].use == {}  # cobalt ore is fed on: its consumption is intake
    assert stages[1].use == {}


def test_us_import_sources_are_the_newest_span_that_holds_the_year() -> None:
    rows = [
        _origin("USA", "NOR", 0.7, "import_share", "refine"),
        _origin("USA", "FIN", 0.3, "import_share", "refine", source="usgs_mcs2025"),
        _origin("USA", "XOT", 0.3, "import_share", "refine"),
        _origin("USA", "JPN", 1.0, "import_share", "refine", year=2017, year_to=2020),
    ]
    (anchor,) = _gathered([*OUTPUT, *rows]).stages[1].anchors
    assert dict(anchor.shares) == {"NOR": 0.7}
    assert anchor.members == ("USA",)
    assert not anchor.own_output


def test_shares_of_several_series_are_averaged() -> None:
    """Metal from NOR only, powder half NOR half JPN: together 75 and 25 %."""
    rows = [
        _origin("USA", "NOR", 1.0, "import_share", "refine", detail="metal"),
        _origin("USA", "NOR", 0.5, "import_share", "refine", detail="powder"),
        _origin("USA", "JPN", 0.5, "import_share", "refine", detail="powder"),
    ]
    (anchor,) = _gathered([*OUTPUT, *rows]).stages[1].anchors
    assert dict(anchor.shares) == {"NOR": 0.75, "JPN": 0.25}


def test_eu_sourcing_holds_flows_only_if_it_names_makers() -> None:
    """The EU's mined rare earths "from Japan", which mines none, are of a later stage."""
    good = [
        _origin("EU27", "COD", 0.8, "sourcing_share"),
        _origin("EU27", "CAN", 0.2, "sourcing_share"),
    ]
    (anchor,) = _gathered([*OUTPUT, *good]).stages[0].anchors
    assert anchor.own_output
    assert "FIN" in anchor.members
    bad = [
        _origin("EU27", "COD", 0.6, "sourcing_share"),
        _origin("EU27", "JPN", 0.4, "sourcing_share"),
    ]
    assert _gathered([*OUTPUT, *bad]).stages[0].anchors == ()
    refined = [_origin("EU27", "NOR", 1.0, "sourcing_share", "refine")]
    assert len(_gathered([*OUTPUT, *refined]).stages[1].anchors) == 1


@pytest.mark.parametrize(
    "row",
    [
        _origin("EU27", "COD", 0.4, "sourcing_share"),
        _origin("EU27", "COD", 0.9, "sourcing_share", flag="reported;suspect"),
    ],
    ids=["less than half", "suspect"],
)
def test_partial_or_suspect_sourcing_does_not_anchor(row: dict[str, Any]) -> None:
    assert _gathered([*OUTPUT, row]).stages[0].anchors == ()


def test_customs_links_of_several_codes_are_one_link() -> None:
    trade = [
        _shipment("260500", "COD>CHN", 60.0),
        _shipment("282200", "COD>CHN", 30.0, flag="modelled_quantity"),
        _shipment("260500", "COD>COD", 5.0),
        _shipment("260500", "CAN>CHN", 3.0, flag="double_booked"),
        _shipment("810520", "CHN>USA", 7.0, stage="refine"),
    ]
    stages = _gathered(OUTPUT, trade).stages
    (link,) = stages[0].links
    assert (link.origin, link.destination, link.tonnes) == ("COD", "CHN", 90.0)
    assert link.codes == ("260500", "282200")
    assert link.relative_error > 0.05
    assert [x.tonnes for x in stages[1].links] == [7.0]


def test_misdeclared_cargo_counts_where_it_is_from() -> None:
    """Copper cathode declared as of Congo (Brazzaville) joins that of DR Congo."""
    facts = [
        said(MCS, p, 2023, v, material="copper", basis="Cu", stage=s)
        for p, v, s in (("COD", 90.0, "mine"), ("COD", 80.0, "refine"))
    ]
    kind = {"material": "copper", "stage": "refine"}
    trade = [
        _shipment("740311", "COD>CHN", 50.0, **kind),
        _shipment("740311", "COG>CHN", 20.0, **kind),
        _shipment("740311", "COG>COD", 4.0, **kind),
    ]
    (link,) = _gathered(facts, trade, "copper").stages[1].links
    assert (link.origin, link.tonnes) == ("COD", 70.0)


def test_codes_that_show_nothing_are_not_asked() -> None:
    """Lithium ore has no code in the open extract; rows under its label would be a mistake."""
    facts = [said(MCS, "AUS", 2023, 90.0, material="lithium", basis="Li")]
    trade = [_shipment("253090", "AUS>CHN", 50.0, material="lithium")]
    assert _gathered(facts, trade, "lithium").stages[0].links == ()


def test_sources_left_out_leave_no_trace() -> None:
    facts = [*OUTPUT, said("bgs", "CUB", 2023, 5.0)]
    inputs = gather(_evidence(facts, without=("bgs",)), recipe("cobalt"), 2023)
    assert inputs is not None
    assert "CUB" not in inputs.stages[0].output.places


def test_only_the_distances_of_this_chain_travel() -> None:
    assert dict(_gathered(OUTPUT).distance) == {("COD", "CHN"): 11000.0}
