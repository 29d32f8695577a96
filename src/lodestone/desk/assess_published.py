"""The methods on their authors' own inputs: published mode."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lodestone.assess.assessment import Assessment
from lodestone.assess.ec_supply_risk import SupplyRiskInputs, SupplyUsed, supply_risk
from lodestone.assess.flows import Flows
from lodestone.assess.geopolrisk import geopolrisk
from lodestone.assess.governance import Governance
from lodestone.assess.n_minus_1 import n_minus_1
from lodestone.assess.panel import OTHERS, WORLD, Node, Panel
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.assess_governance import political_stability
from lodestone.desk.assess_methods import GROUPS
from lodestone.desk.assess_official import iea_n_minus_1, usgs_reliance
from lodestone.desk.assess_rows import ScoreRow, rows_of, score_row, with_official
from lodestone.desk.library import Library
from lodestone.terms.errors import RequestError

KIND = "published"
_GEOPOLRISK = ("geopolrisk", "geopolrisk_extra_region")
_GEOPOLRISK_NOTE = (
    "World Mining Data production, BACI trade of the codes that the authors map, WGI political "
    "stability; mine tonnes stand beside processed imports where the code is of a later stage"
)
#: Tonnes of a unit that World Mining Data prints.
_TONNES = {"metr. t": 1.0, "kg": 1e-3, "ct": 2e-7}
#: The study of 2017 is of the union of that time; who asks for the EU of today gets it, labelled.
_EC_PLACE, _EC_YEAR = "EU28", 2017
_EC_ASKED = ("EU", "EU27", "EU28")
_SUPPLY_USED = {
    "world": SupplyUsed.GLOBAL,
    "eu": SupplyUsed.SOURCING,
    "both": SupplyUsed.BOTH,
}


@dataclass(frozen=True, eq=False)
class GeoPolRiskInputs:
    """What the authors of GeoPolRisk put in, by material and the stage of its trade codes."""

    production: Panel
    trade: Flows
    governance: Governance


@dataclass(frozen=True)
class PublishedQuestion:
    """What published mode is asked; `materials` empty for all, `year` None for each latest."""

    books: Library
    materials: frozenset[str]
    buyer: Buyer
    year: int | None
    methods: frozenset[str]


def published_rows(asked: PublishedQuestion) -> list[ScoreRow]:
    """Rows of every method asked for, recomputed from its publisher's figures.

    Raises
    ------
    RequestError
        If none of the methods has the year for this place: the nearest years are named.
    """
    rows: list[ScoreRow] = []
    years: dict[str, list[int]] = {}
    for methods, years_of, answer in _SOURCES:
        wanted = asked.methods & set(methods)
        if not wanted:
            continue
        have = years_of(asked)
        years |= dict.fromkeys(wanted, have)
        year = max(have, default=None) if asked.year is None else asked.year
        if year in have:
            rows += [row for row in answer(asked, year) if row["method"] in wanted]
    if not any(asked.year in have or (asked.year is None and have) for have in years.values()):
        raise RequestError(_no_year(asked, years))
    return [r for r in rows if not asked.materials or r["material"] in asked.materials]


def _no_year(asked: PublishedQuestion, years: Mapping[str, Sequence[int]]) -> str:
    have = sorted({y for found in years.values() for y in found})
    methods = ", ".join(sorted(asked.methods))
    if not have or asked.year is None:
        return f"no published inputs of {methods} for {asked.buyer.id}"
    near = sorted(sorted(have, key=lambda y: (abs(y - (asked.year or 0)), y))[:3])
    return (
        f"no published inputs of {methods} for {asked.buyer.id} in {asked.year}; "
        f"the nearest years are {', '.join(map(str, near))}"
    )


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


def _geopolrisk_years(asked: PublishedQuestion) -> list[int]:
    return [] if asked.buyer.is_world else geopolrisk_years(asked.books)


def _geopolrisk(asked: PublishedQuestion, year: int) -> list[ScoreRow]:
    inputs = geopolrisk_inputs(asked.books, [year], asked.buyer.members)
    rows: list[ScoreRow] = []
    for method, within in zip(_GEOPOLRISK, ("counted", "left out"), strict=True):
        answer = geopolrisk(
            inputs.production,
            inputs.trade,
            inputs.governance,
            asked.buyer.blocs,
            within_bloc="counted" if within == "counted" else "left out",
        )
        rows += _rows(answer.score, asked.buyer.id, method, _GEOPOLRISK_NOTE)
    return rows


def _ec_years(asked: PublishedQuestion) -> list[int]:
    return [_EC_YEAR] if asked.buyer.id in _EC_ASKED else []


def _ec(asked: PublishedQuestion, year: int) -> list[ScoreRow]:
    """SR recomputed from the printed inputs of the 2017 study, beside the printed SR."""
    printed = {
        Node(r["material"], r["stage"]): r
        for r in asked.books.rows(
            "SELECT * FROM ec_crm2017 WHERE material IS NOT NULL AND stage IS NOT NULL ORDER BY fact"
        )
    }
    nodes = tuple(printed)

    def panel(column: str, place: str, scale: float = 1.0) -> Panel:
        numbers = [printed[node][column] for node in nodes]
        value = np.array([np.nan if x is None else x * scale for x in numbers])
        return Panel(nodes, (place,), (year,), value[:, None, None])

    inputs = SupplyRiskInputs(
        panel("hhi_wgi_t_world", WORLD),
        panel("hhi_wgi_t_eu", _EC_PLACE),
        panel("import_reliance_pct", _EC_PLACE, 0.01),
        panel("eol_rir_pct", _EC_PLACE, 0.01),
        panel("substitution_sr", WORLD),
        {n: _SUPPLY_USED[r["supply_used"]] for n, r in printed.items() if r["supply_used"]},
    )
    note = "inputs as printed in the study of 2017, rounded there"
    rows = _rows(supply_risk(inputs).chosen, _EC_PLACE, "ec_supply_risk", note)
    source = "EC study 2017, doi:10.2873/876644"
    return [_beside(row, printed[_node(row)]["supply_risk"], source) for row in rows]


def _usgs_years(asked: PublishedQuestion) -> list[int]:
    if asked.buyer.id != "USA":
        return []
    rows = asked.books.rows(
        "SELECT DISTINCT year FROM facts WHERE quantity = 'net_import_reliance' ORDER BY year"
    )
    return [int(r["year"]) for r in rows]


def _usgs(asked: PublishedQuestion, year: int) -> list[ScoreRow]:
    """Net import reliance as the USGS prints it; an open range has bounds and no number."""
    rows = []
    for (material, stage), printed in usgs_reliance(asked.books, year).items():
        row = score_row(
            "net_import_reliance",
            Node(material, stage),
            "USA",
            year,
            printed["value"],
            band=(printed["low"], printed["high"]),
            kind=KIND,
            note="as printed, not recomputed",
        )
        rows.append(with_official(row, printed))
    return rows


def _iea_years(asked: PublishedQuestion) -> list[int]:
    rows = asked.books.rows("SELECT DISTINCT year FROM iea_n1 WHERE scenario = 'base'")
    return [int(r["year"]) for r in rows]


def _iea(asked: PublishedQuestion, year: int) -> list[ScoreRow]:
    """N-1 recomputed from the IEA's supply by country and demand, beside its tabulated ratio."""
    made = asked.books.rows(
        "SELECT material, stage, place, sum(value) AS tonnes FROM facts WHERE source = "
        "'iea_cm2025' AND quantity = 'production' AND year = ? AND value IS NOT NULL GROUP BY ALL",
        [year],
    )
    wanted = asked.books.rows(
        "SELECT material, value FROM facts WHERE source = 'iea_cm2025' AND quantity = 'demand' "
        "AND year = ?",
        [year],
    )
    demand = {r["material"]: r["value"] for r in wanted}
    nodes = tuple(sorted({Node(r["material"], r["stage"]) for r in made}))
    places = tuple(sorted({r["place"] for r in made} | {OTHERS}))
    supply = np.zeros((len(nodes), len(places), 1))
    for r in made:
        cell = nodes.index(Node(r["material"], r["stage"])), places.index(r["place"]), 0
        supply[cell] = r["tonnes"]
    total = np.array([demand.get(node.material, np.nan) for node in nodes])[:, None, None]
    answers = n_minus_1(
        Panel(nodes, places, (year,), supply), Panel(nodes, (WORLD,), (year,), total)
    )
    note = "supply and demand of the IEA's May 2025 data set, in its own content"
    printed = iea_n_minus_1(asked.books, year)
    rows = _rows(answers.rest_of_world_demand, WORLD, GROUPS["n_minus_1"][0], note)
    return rows + [
        with_official(row, printed.get((row["material"], row["stage"])))
        for row in _rows(answers.all_demand, WORLD, GROUPS["n_minus_1"][1], note)
    ]


def _rows(answer: Assessment, place: str, method: str, note: str) -> list[ScoreRow]:
    return rows_of(replace(answer, kind=KIND), place, method=method, note=note)


def _beside(row: ScoreRow, value: float | None, source: str) -> ScoreRow:
    return with_official(row, None if value is None else {"value": value, "source": source})


def _node(row: ScoreRow) -> Node:
    return Node(row["material"], row["stage"])


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


YearsOf = Callable[[PublishedQuestion], list[int]]
AnswerOf = Callable[[PublishedQuestion, int], list[ScoreRow]]
_SOURCES: tuple[tuple[Sequence[str], YearsOf, AnswerOf], ...] = (
    (_GEOPOLRISK, _geopolrisk_years, _geopolrisk),
    (("ec_supply_risk",), _ec_years, _ec),
    (("net_import_reliance",), _usgs_years, _usgs),
    (GROUPS["n_minus_1"], _iea_years, _iea),
)
