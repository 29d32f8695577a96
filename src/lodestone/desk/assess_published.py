"""The methods on their authors' own inputs: published mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lodestone.assess.assessment import Assessment
from lodestone.assess.ec_supply_risk import SupplyRiskInputs, SupplyUsed, supply_risk
from lodestone.assess.geopolrisk import geopolrisk
from lodestone.assess.n_minus_1 import n_minus_1
from lodestone.assess.panel import OTHERS, WORLD, Node, Panel
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.assess_geopolrisk_inputs import geopolrisk_inputs, geopolrisk_years
from lodestone.desk.assess_methods import GROUPS
from lodestone.desk.assess_official import iea_n_minus_1, usgs_reliance
from lodestone.desk.assess_rows import ScoreRow, rows_of, score_row, with_official
from lodestone.desk.library import Library
from lodestone.terms.errors import RequestError

KIND = "published"
_VARIANTS: dict[str, Literal["counted", "left out"]] = {
    "geopolrisk": "counted",
    "geopolrisk_extra_region": "left out",
}
_GEOPOLRISK_NOTE = (
    "World Mining Data production, BACI trade of the codes that the authors map, WGI political "
    "stability; mine tonnes stand beside processed imports where the code is of a later stage"
)
#: The study of 2017 is of the union of that time; who asks for the EU of today gets it, labelled.
_EC_PLACE, _EC_YEAR = "EU28", 2017
_EC_ASKED = ("EU", "EU27", "EU28")
_SUPPLY_USED = {
    "world": SupplyUsed.GLOBAL,
    "eu": SupplyUsed.SOURCING,
    "both": SupplyUsed.BOTH,
}


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


def _geopolrisk_years(asked: PublishedQuestion) -> list[int]:
    return [] if asked.buyer.is_world else geopolrisk_years(asked.books)


def _geopolrisk(asked: PublishedQuestion, year: int) -> list[ScoreRow]:
    inputs = geopolrisk_inputs(asked.books, [year], asked.buyer.members)
    rows: list[ScoreRow] = []
    for method, within_bloc in _VARIANTS.items():
        answer = geopolrisk(
            inputs.production,
            inputs.trade,
            inputs.governance,
            asked.buyer.blocs,
            within_bloc=within_bloc,
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
            about=["as printed, not recomputed"],
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
    return rows_of(replace(answer, kind=KIND), place, method=method, about=[note])


def _beside(row: ScoreRow, value: float | None, source: str) -> ScoreRow:
    return with_official(row, None if value is None else {"value": value, "source": source})


def _node(row: ScoreRow) -> Node:
    return Node(row["material"], row["stage"])


YearsOf = Callable[[PublishedQuestion], list[int]]
AnswerOf = Callable[[PublishedQuestion, int], list[ScoreRow]]
_SOURCES: tuple[tuple[Sequence[str], YearsOf, AnswerOf], ...] = (
    (tuple(_VARIANTS), _geopolrisk_years, _geopolrisk),
    (("ec_supply_risk",), _ec_years, _ec),
    (("net_import_reliance",), _usgs_years, _usgs),
    (GROUPS["n_minus_1"], _iea_years, _iea),
)
