"""GeoPolRisk on its authors' own inputs: World Mining Data, BACI and the World Bank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodestone.assess.flows import Flows
from lodestone.assess.governance import Governance
from lodestone.assess.panel import Node, Panel
from lodestone.desk.assess_governance import political_stability
from lodestone.desk.library import Library

#: Tonnes of a unit that World Mining Data prints.
_TONNES = {"metr. t": 1.0, "kg": 1e-3, "ct": 2e-7}


@dataclass(frozen=True, eq=False)
class GeoPolRiskInputs:
    """What the authors of GeoPolRisk put in, by material and the stage of its trade codes."""

    production: Panel
    trade: Flows
    governance: Governance


def geopolrisk_inputs(
    books: Library, years: Sequence[int], places: Sequence[str] = ()
) -> GeoPolRiskInputs:
    """World Mining Data, BACI (HS 1992) and WGI as the method's authors use them.

    Production as printed, in World Mining Data's own content; a place that it does not list
    produces nothing. Trade in gross tonnes as printed, whatever our own rules say about it;
    flows without a quantity are left out, as the authors do. Codes are those of the table
    `hs_map`, main and complementary.
    """
    codes = _codes(books)
    made = _production(books, years)
    traded = _trade(books, codes, years)
    axis = tuple(sorted({*made["place"], *traded["exporter"], *traded["importer"], *places}))
    nodes = tuple(codes)
    details = {detail: node for node, (detail, _) in codes.items()}
    value = np.full((len(nodes), len(axis), len(years)), np.nan)
    at = {place: n for n, place in enumerate(axis)}
    for detail, place, year, tonnes in zip(*made.values(), strict=True):
        if detail in details:
            cell = nodes.index(details[detail]), at[place], list(years).index(year)
            value[cell] = np.nansum([value[cell], tonnes])
    flows = Flows.from_columns(
        nodes,
        axis,
        years,
        node=traded["node"],
        year=traded["year"],
        exporter=traded["exporter"],
        importer=traded["importer"],
        tonnes=traded["tonnes"],
    )
    return GeoPolRiskInputs(
        Panel(nodes, axis, tuple(years), value).with_absent_as_zero(),
        flows.leaving_out_unweighed(),
        political_stability(books, axis, years),
    )


def geopolrisk_years(books: Library) -> list[int]:
    """Years in which both World Mining Data and the trade rows have figures."""
    rows = books.rows(
        "SELECT DISTINCT year FROM trade WHERE source = 'baci_hs92' AND year IN "
        "(SELECT year FROM facts WHERE source = 'wmd_2026') ORDER BY year"
    )
    return [int(r["year"]) for r in rows]


def _codes(books: Library) -> dict[Node, tuple[str, tuple[str, ...]]]:
    """Node -> the table of World Mining Data, and its customs codes; none is a gap."""
    rows = books.rows(
        "SELECT h.detail, h.material, coalesce(h.stage, any_value(f.stage)) AS stage, "
        "h.hs_code, h.complementary_codes FROM hs_map h "
        "LEFT JOIN facts f ON f.detail = h.detail AND f.source = 'wmd_2026' "
        "GROUP BY h.detail, h.material, h.stage, h.hs_code, h.complementary_codes ORDER BY h.detail"
    )
    found = {}
    for row in rows:
        printed = ";".join(filter(None, (row["hs_code"], row["complementary_codes"])))
        codes = tuple(c.strip() for c in printed.replace(",", ";").split(";") if c.strip())
        found[Node(row["material"], row["stage"])] = (row["detail"], codes)
    return found


def _production(books: Library, years: Sequence[int]) -> dict[str, list[Any]]:
    """World Mining Data as printed: table, place, year, tonnes."""
    rows = books.rows(
        "SELECT detail, place, year, raw_value, raw_unit FROM facts WHERE source = 'wmd_2026' "
        f"AND quantity = 'production' AND raw_value IS NOT NULL AND year IN ({_marks(years)})",
        list(years),
    )
    tonnes = [float(r["raw_value"]) * _TONNES[r["raw_unit"]] for r in rows]
    columns: dict[str, list[Any]] = {c: [r[c] for r in rows] for c in ("detail", "place", "year")}
    return {**columns, "tonnes": tonnes}


def _trade(
    books: Library, codes: Mapping[Node, tuple[str, tuple[str, ...]]], years: Sequence[int]
) -> dict[str, list[Any]]:
    """BACI rows of the mapped codes, gross tonnes as printed; NaN without a quantity."""
    nodes: dict[str, list[Node]] = defaultdict(list)
    for node, (_, mapped) in codes.items():
        for code in mapped:
            nodes[code].append(node)
    rows = books.rows(
        "SELECT code, year, exporter, importer, gross_t FROM trade WHERE source = 'baci_hs92' "
        f"AND code IN ({_marks(tuple(nodes))}) AND year IN ({_marks(years)})",
        [*nodes, *years],
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for node in nodes[row["code"]]:
            found["node"].append(node)
            found["year"].append(int(row["year"]))
            found["exporter"].append(row["exporter"])
            found["importer"].append(row["importer"])
            found["tonnes"].append(np.nan if row["gross_t"] is None else row["gross_t"])
    return {c: found[c] for c in ("node", "year", "exporter", "importer", "tonnes")}


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
