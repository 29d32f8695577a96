"""EC criticality in live mode: our chains, and what only the Commission's studies have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from lodestone.assess.assessment import Assessment, gaps
from lodestone.assess.ec_criticality import (
    ECONOMIC_IMPORTANCE_FROM,
    SUPPLY_RISK_FROM,
    Criticality,
    criticality,
    economic_importance,
)
from lodestone.assess.ec_supply_risk import bottleneck, supply_risk
from lodestone.assess.flows import Flows
from lodestone.assess.panel import WORLD, Node, Panel
from lodestone.assess.sourcing import supply_risk_inputs
from lodestone.desk.assess_ec_inputs import EcInputs
from lodestone.desk.assess_governance import ec_weight
from lodestone.desk.assess_live import Question
from lodestone.desk.assess_methods import GROUPS
from lodestone.desk.assess_rows import ScoreRow, rows_of, score_row

#: The only buyer whose end uses the Commission publishes.
EU = "EU27"
BOTTLENECK, USE = "bottleneck", "use"
_SR_NOTE = (
    "SI_SR of the 2017 study, the latest open one; t of the 2023 study; WGI: latest mean of six; "
    "one year of trade, GS + EUS"
)
_EI_NOTE = (
    "EU end uses and value added of the 2023 study, SI_EI of the 2017 study; uses without a "
    "sector: spread like the others (central), worth nothing (low), in the largest sector (high)"
)
_VERDICT = f"critical from SR {SUPPLY_RISK_FROM:g} and EI {ECONOMIC_IMPORTANCE_FROM:g} on"
_NO_USES = "unknown: no end uses in the EC study of 2023"


def ec_rows(asked: Question) -> list[ScoreRow]:
    """Supply risk by stage and at the bottleneck, economic importance, and the verdict.

    The last two exist for the EU only, whose end uses the Commission publishes.
    """
    methods = asked.methods & set(GROUPS["ec_criticality"])
    if asked.buyer.is_world or not methods:
        return []
    rows = _supply_risk_rows(asked)
    if asked.buyer.id == EU and methods != {"ec_supply_risk"}:
        rows += _importance_rows(asked)
        rows += _verdicts(rows, *asked.base.years)
    return [row for row in rows if row["method"] in methods]


def _supply_risk_rows(asked: Question) -> list[ScoreRow]:
    inputs = EcInputs(asked.books)
    by_stage = _supply_risk(asked, inputs)
    grades = asked.base.grades(asked.buyer)
    rows: list[ScoreRow] = []
    for answer in (by_stage, bottleneck(by_stage)):
        rows += rows_of(
            answer, asked.buyer.id, method="ec_supply_risk", grades=grades, about=[_SR_NOTE]
        )
    return [_explained(row, inputs) for row in rows]


def _explained(row: ScoreRow, inputs: EcInputs) -> ScoreRow:
    """The row with its recycling rate, or with what the Commission did not publish for it."""
    rate = inputs.recycling.get(row["material"])
    index = inputs.substitution_sr.at(Node(row["material"], row["stage"]))
    said = [row["note"]]
    if rate is None:
        said.append("no EOL-RIR is published for it")
    else:
        spread = "" if rate.low == rate.high else f" ({rate.low:g} to {rate.high:g} by copy)"
        said.append(f"EOL-RIR {rate.value:g}{spread} of {rate.year}")
    if np.isnan(index):
        said.append("no SI_SR is published for it")
    return {**row, "note": "; ".join(filter(None, said))}


def _supply_risk(asked: Question, inputs: EcInputs) -> Assessment:
    """SR of the buyer at every node, one place."""
    base, buyer = asked.base, asked.buyer
    weight = ec_weight(asked.books, base.places, base.years).weight
    answers = []
    for n, node in enumerate(base.nodes):
        rate = inputs.recycling.get(node.material)
        rates = (rate.value, rate.low, rate.high) if rate else (np.nan,) * 3
        found = supply_risk_inputs(
            _production_at(base.production, n),
            _flows_at(base.trade, n),
            weight,
            _constant(node, base.years, rates),
            _constant(node, base.years, (inputs.substitution_sr.at(node),) * 3),
            blocs=buyer.blocs,
            # t belongs to a material and a place, so each node is asked on its own
            trade_parameter=inputs.trade_parameter(node, base.places),
            seed=asked.seed,
        )
        answers.append(supply_risk(found).chosen)
    return _stacked(answers, buyer.id)


def _production_at(panel: Panel, n: int) -> Panel:
    value, low, high = (array[n : n + 1] for array in (panel.value, *panel.bounds))
    return Panel((panel.nodes[n],), panel.places, panel.years, value, low, high, panel.unit)


def _flows_at(trade: Flows, n: int) -> Flows:
    rows = trade.node == n
    return replace(
        trade,
        nodes=(trade.nodes[n],),
        node=np.zeros(int(rows.sum()), dtype=np.int64),
        year=trade.year[rows],
        exporter=trade.exporter[rows],
        importer=trade.importer[rows],
        tonnes=trade.tonnes[rows],
        covered=trade.covered[n : n + 1],
    )


def _constant(node: Node, years: tuple[int, ...], band: Sequence[float]) -> Panel:
    value, low, high = (np.full((1, 1, len(years)), number) for number in band)
    return Panel((node,), (WORLD,), years, value, low, high, "share")


def _stacked(answers: Sequence[Assessment], place: str) -> Assessment:
    """Answers about one node each as one answer about one place."""
    first = answers[0]
    at = first.panel.place(place)
    value, low, high = (
        np.concatenate([a[:, at : at + 1] for a in arrays])
        for arrays in zip(*((x.panel.value, *x.panel.bounds) for x in answers), strict=True)
    )
    nodes = tuple(node for answer in answers for node in answer.panel.nodes)
    panel = Panel(nodes, (place,), first.panel.years, value, low, high, first.panel.unit)
    return replace(first, panel=panel, gap=gaps(value))


def _importance_rows(asked: Question) -> list[ScoreRow]:
    (year,) = asked.base.years
    inputs = EcInputs(asked.books)
    materials = tuple(dict.fromkeys(node.material for node in asked.base.nodes))
    indices = {m: inputs.substitution_ei.at(Node(m, USE)) for m in materials}
    answers = [
        economic_importance(
            inputs.end_uses(materials, unknown_sector=reading), indices, place=EU, year=year
        )
        for reading in ("spread", "nothing", "largest")
    ]
    central, low, high = (answer.panel.value for answer in answers)
    banded = replace(answers[0].panel, low=np.minimum(low, central), high=np.maximum(high, central))
    answer = replace(answers[0], panel=banded)
    rows = rows_of(answer, EU, method="ec_economic_importance", about=[_EI_NOTE])
    without = set(materials) - {row["material"] for row in rows}
    return rows + [_unknown_importance(material, year) for material in sorted(without)]


def _unknown_importance(material: str, year: int) -> ScoreRow:
    node = Node(material, USE)
    return score_row("ec_economic_importance", node, EU, year, None, unit="score", note=_NO_USES)


def _verdicts(rows: Sequence[ScoreRow], year: int) -> list[ScoreRow]:
    """Critical (1) or not (0) by both thresholds; the band is open where a score's band is."""
    risk = {r["material"]: r for r in rows if r["stage"] == BOTTLENECK}
    importance = {r["material"]: r for r in rows if r["stage"] == USE}
    central, low, high = (_tested(risk, importance, end) for end in ("value", "low", "high"))
    return [
        score_row(
            "ec_criticality",
            Node(material, BOTTLENECK),
            EU,
            year,
            _number(found),
            band=(_number(low[material]), _number(high[material])),
            unit="1 = critical",
            grade=risk[material]["grade"] or "",
            note="" if found.critical else found.why,
            about=[_VERDICT],
        )
        for material, found in central.items()
    ]


def _tested(
    risk: Mapping[str, ScoreRow], importance: Mapping[str, ScoreRow], end: str
) -> dict[str, Criticality]:
    """The test on the central scores, or on one end of their bands."""
    tested = criticality(
        {material: row[end] for material, row in risk.items()},
        {material: row[end] for material, row in importance.items()},
    )
    return {found.material: found for found in tested}


def _number(found: Criticality) -> float | None:
    return None if found.critical is None else float(found.critical)
