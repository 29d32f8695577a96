"""Inputs of published methods, read straight from the raw files, independent of our readers."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from lodestone.assess.flows import Flows
from lodestone.assess.governance import Governance
from lodestone.assess.panel import Node, Panel

_YEARS = (2018, 2019, 2020, 2021, 2022, 2023, 2024)
_TONNES = {"metr. t": 1.0, "kg": 1e-3}
#: CEPII's "Other Asia, nes" is Taiwan.
_CUSTOMS_ISO3 = {490: "TWN"}


class GeoPolRiskInputs(NamedTuple):
    """World Mining Data, BACI and WGI as the method's authors use them."""

    production: Panel
    trade: Flows
    governance: Governance
    eu27: tuple[str, ...]
    without_code: frozenset[str]


def read_inputs(raw: Path) -> GeoPolRiskInputs:
    """Everything World Mining Data and the HS code map cover, 2018-2024."""
    with sqlite3.connect(next((raw / "wmd").glob("*.db"))) as wmd:
        codes = _code_map(wmd)
        produced = _production(wmd, codes)
    wgi = pl.read_csv(raw / "wgi" / "wgi_political_stability_1996_2024.csv", null_values=[""])
    trade = _trade(raw, codes)
    eu27 = _eu27(raw)
    places = sorted({*produced["place"], *trade["exporter"], *trade["importer"], *eu27})
    nodes = [Node(m, "as published") for m in codes]
    production = _panel(produced, nodes, places).with_absent_as_zero()
    flows = Flows.from_columns(
        nodes,
        places,
        _YEARS,
        node=[Node(m, "as published") for m in trade["material"]],
        year=trade["year"].to_list(),
        exporter=trade["exporter"].to_list(),
        importer=trade["importer"].to_list(),
        tonnes=trade["quantity_t"].to_numpy(),
    )
    estimate = np.full((len(places), len(_YEARS)), np.nan)
    for place, year, value in wgi.select("iso3", "year", "estimate").iter_rows():
        if place in places and year in _YEARS and value is not None:
            estimate[places.index(place), _YEARS.index(year)] = value
    return GeoPolRiskInputs(
        production,
        flows.leaving_out_unweighed(),
        Governance(tuple(places), _YEARS, estimate),
        eu27,
        frozenset(m for m, hs in codes.items() if not hs),
    )


def _code_map(wmd: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    rows = wmd.execute('select Sheet_name, "HS Code", "HS Code - Complementary" from "HS Code Map"')
    return {
        sheet: () if main == "Not Available" else (main, *(more.split(";") if more else ()))
        for sheet, main, more in rows
    }


def _production(wmd: sqlite3.Connection, codes: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    rows = []
    for sheet in codes:
        columns = ", ".join(f'"{year}"' for year in _YEARS)
        for place, unit, *tonnes in wmd.execute(
            f'select Country_ISO, unit, {columns} from "{sheet}" where Country_ISO <> ?', ["DELETE"]
        ):
            if unit in _TONNES:
                rows += [
                    (sheet, place, year, t * _TONNES[unit])
                    for year, t in zip(_YEARS, tonnes, strict=True)
                    if t is not None
                ]
    frame = pl.DataFrame(rows, schema=["material", "place", "year", "t"], orient="row")
    return frame.group_by("material", "place", "year").agg(pl.col("t").sum())


def _trade(raw: Path, codes: dict[str, tuple[str, ...]]) -> pl.DataFrame:
    baci = pl.read_parquet(raw / "baci" / "baci_hs92_74codes_1995_2024.parquet")
    names = pl.read_csv(raw / "baci" / "baci_country_codes.csv", null_values=[])
    iso3 = dict(names.select("country_code", "country_iso3").iter_rows()) | _CUSTOMS_ISO3
    mapped = pl.DataFrame(
        [(m, hs) for m, many in codes.items() for hs in many],
        schema=["material", "hs6"],
        orient="row",
    )
    return (
        baci.filter(pl.col("year").is_in(_YEARS))
        .with_columns(pl.col("hs6").cast(pl.String))
        .join(mapped, on="hs6")
        .with_columns(
            exporter=pl.col("exporter_code").replace_strict(iso3, return_dtype=pl.String),
            importer=pl.col("importer_code").replace_strict(iso3, return_dtype=pl.String),
        )
    )


def _eu27(raw: Path) -> tuple[str, ...]:
    members = pl.read_csv(raw / "alliances" / "alliance_memberships.csv")
    return tuple(sorted(members.filter(pl.col("group") == "EU27")["iso3"]))


def _panel(frame: pl.DataFrame, nodes: list[Node], places: list[str]) -> Panel:
    value = np.full((len(nodes), len(places), len(_YEARS)), np.nan)
    at = {node.material: i for i, node in enumerate(nodes)}
    for material, place, year, tonnes in frame.iter_rows():
        value[at[material], places.index(place), _YEARS.index(year)] = tonnes
    return Panel(tuple(nodes), tuple(places), _YEARS, value)
