"""Cards of the tables that a build makes itself: facts together, trade, chains, ledger, weights."""

from __future__ import annotations

from lodestone.atlas.cards import FACT_COLUMNS, TRADE_COLUMNS, Column, TableCard

_KEY = {
    "material": Column("material id"),
    "year": Column("calendar year"),
}
_STAGE = {"stage": Column("mine, refine or product")}

STAGES = {
    **_KEY,
    **_STAGE,
    "order": Column("position of the stage in the chain, from 0"),
    "unit": Column("t (reference tonnes a year) or index (world output = 100)"),
    "process_yield": Column("tonnes out a tonne of the stage before; null at the first stage"),
    "places": Column("ISO3 codes in the chain, joined by ;"),
    "world_output": Column("world output before balancing, in unit"),
    "moved_share": Column("sum of absolute adjustments of ledger entries over world output"),
    "seen_share": Column("share of world trade at this stage that the open customs codes show"),
    "grade": Column("grade of the stage: A, B or C"),
    "residual": Column("largest imbalance of any ledger, share of world output"),
    "gap": Column("relative duality gap of the balance"),
    "missing_codes": Column("customs codes whose absence makes trade unseen"),
}
CELLS = {
    **_KEY,
    **_STAGE,
    "place": Column("ISO3, or XOT for countries a source does not name"),
    "entry": Column("output, scrap (scrap-fed output), intake, use or stock_change"),
    "estimate": Column("figure before balancing, in unit"),
    "error": Column("standard error of the estimate, in unit"),
    "value": Column("balanced figure, in unit"),
    "adjustment": Column("(value - estimate) / error"),
    "unit": Column("t or index"),
    "kind": Column("reported, estimated, other_year, shares, judged, unlisted"),
    "grade": Column("grade of the cell: A, B or C"),
    "facts": Column("ids of the facts behind the estimate, joined by ;"),
}
LINKS = {
    **_KEY,
    **_STAGE,
    "origin": Column("place that ships"),
    "destination": Column("place that receives"),
    "value": Column("balanced flow, in the unit of the stage"),
    "unseen": Column("part of it that no open customs code shows"),
    "customs": Column("flow that customs show, in contained tonnes; null where they show none"),
    "customs_error": Column("standard error of the customs figure"),
    "adjustment": Column("move of the customs figure in units of its error"),
    "codes": Column("customs codes, joined by ;"),
}
DEPENDENCE = {
    **_KEY,
    "buyer": Column("ISO3 or bloc"),
    "lens": Column("direct (last shipper) or look_through (where the stage's work was done)"),
    **_STAGE,
    "origin": Column("place, or scrap"),
    "grade": Column("A, B or C: how the origins' output and the way it came were known"),
    "share": Column("share of the buyer's supply", "share"),
    "low": Column("5th percentile of resampled chains", "share"),
    "high": Column("95th percentile of resampled chains", "share"),
}
LEDGER = {
    **_KEY,
    **_STAGE,
    "entry": Column("what was moved: output, use, intake, seen flow ..."),
    "place": Column("place, or origin of a flow"),
    "other": Column("destination of a flow; null otherwise"),
    "before": Column("estimate, in the unit of the stage"),
    "after": Column("balanced value"),
    "adjustment": Column("move in units of the estimate's error"),
    "world_share": Column("absolute move over the stage's world output"),
    "accepted": Column("reason why a person accepted it; null where nobody has looked"),
}
TRADE_LEDGER = {
    "source": Column("source id"),
    "code": Column("HS6 code"),
    "revision": Column("revision of the Harmonized System"),
    "year": Column("calendar year"),
    "exporter": Column("ISO3; null where rows are added up"),
    "importer": Column("ISO3; null where rows are added up"),
    "rows": Column("customs rows"),
    "value_kusd": Column("value", "thousand USD"),
    "gross_t": Column("gross weight as printed", "t"),
    "gross_t_used": Column("gross weight after mending", "t"),
    "flag": Column("rebuilt_from_value, double_booked, excluded ..."),
    "rule": Column("rule row that decided"),
    "reason": Column("why"),
}
WEIGHTS = {
    "place": Column("ISO3"),
    "year": Column("calendar year"),
    "weight": Column("share of world manufacturing, the prior of where use is", "share"),
}
#: Sources whose numbers stand behind balanced chains.
CHAIN_SOURCES = (
    "usgs_mcs2026",
    "usgs_mcs2025",
    "usgs_mcs2024",
    "usgs_mcs2023",
    "wmd_2026",
    "iea_cm2025",
    "ec_crm2023",
    "baci_hs92",
    "baci_hs17",
    "baci_top6",
    "cepii_geodist",
    "wdi_gdp",
)


def build_cards(
    fact_sources: tuple[str, ...], trade_sources: tuple[str, ...]
) -> dict[str, TableCard]:
    """Cards of the tables a build makes, given the sources its facts and trade come from."""
    return {
        "facts": TableCard(
            "Every number a publisher states, one a row", FACT_COLUMNS, fact_sources
        ),
        "trade": TableCard(
            "Customs rows with what the rule table makes of them",
            TRADE_COLUMNS
            | {
                "gross_t_used": Column(
                    "gross weight after mending; null where it stands as printed"
                )
            },
            trade_sources,
        ),
        "trade_ledger": TableCard(
            "Customs rows that were rebuilt, set aside or counted once", TRADE_LEDGER, trade_sources
        ),
        "chain_stages": TableCard(
            "Stages of the balanced chains, with the proof of the balance", STAGES, CHAIN_SOURCES
        ),
        "chain_cells": TableCard(
            "Ledger entries of the balanced chains, before and after", CELLS, CHAIN_SOURCES
        ),
        "chain_links": TableCard("Flows of the balanced chains", LINKS, CHAIN_SOURCES),
        "dependence": TableCard(
            "Shares of each buyer's supply by origin, with bands", DEPENDENCE, CHAIN_SOURCES
        ),
        "ledger": TableCard(
            "Adjustments of the balanced chains above two errors", LEDGER, CHAIN_SOURCES
        ),
        "use_weights": TableCard(
            "Prior of where materials are used: share of world manufacturing. Manufacturing output "
            "of forty economies in the World Input-Output Database 2011 (only these shares ship), "
            "moved with World Bank GDP",
            WEIGHTS,
            ("wdi_gdp", "wiod_2011_shares"),
        ),
    }
