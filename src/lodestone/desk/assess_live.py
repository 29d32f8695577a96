"""The methods on our own balanced chains: live mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lodestone.assess.assessment import Assessment
from lodestone.assess.geopolrisk import geopolrisk_band
from lodestone.assess.hhi import governance_weighted_hhi, hhi
from lodestone.assess.n_minus_1 import n_minus_1
from lodestone.assess.net_import_reliance import net_import_reliance
from lodestone.assess.panel import Panel
from lodestone.assess.reserves_over_production import reserves_over_production
from lodestone.assess.trade_exposure import trade_exposure
from lodestone.desk.assess_baseline import Baseline
from lodestone.desk.assess_buyer import WORLD, Buyer
from lodestone.desk.assess_governance import ec_weight, political_stability, without_members
from lodestone.desk.assess_methods import GROUPS, RIVALS
from lodestone.desk.assess_reserves import reserves_of
from lodestone.desk.assess_rows import ScoreRow, rows_of
from lodestone.desk.library import Library


@dataclass(frozen=True, eq=False)
class Question:
    """What live methods are asked: whose scores, on which chains, which methods."""

    books: Library
    base: Baseline
    buyer: Buyer
    methods: frozenset[str]
    seed: int


def live_rows(asked: Question) -> list[ScoreRow]:
    """Rows of every method asked for that reads output, use, trade and governance."""
    grades = asked.base.grades(asked.buyer)
    rows: list[ScoreRow] = []
    for answers in _ANSWERS:
        for method, assessment in answers(asked):
            if method in asked.methods:
                world = assessment.panel.places == (WORLD,)
                graded = asked.base.stage_grade if world else grades
                rows += rows_of(assessment, asked.buyer.id, method=method, grades=graded)
    return rows


Answers = Iterator[tuple[str, Assessment]]


def _concentration(asked: Question) -> Answers:
    if "hhi" in asked.methods:
        yield "hhi", hhi(asked.base.production, seed=asked.seed)
    if "hhi_wgi" in asked.methods:
        made = asked.base.production
        weight = ec_weight(asked.books, made.places, made.years).weight
        yield "hhi_wgi", governance_weighted_hhi(made, weight, seed=asked.seed)


def _without_the_largest(asked: Question) -> Answers:
    if asked.methods.isdisjoint(GROUPS["n_minus_1"]):
        return
    base = asked.base
    taken_up = base.use.value + base.intake.value
    demand = Panel(base.nodes, (WORLD,), base.years, taken_up.sum(axis=1, keepdims=True))
    own = replace(base.use, value=taken_up)
    answers = n_minus_1(base.production, demand, own)
    yield "n_minus_1_rest_of_world_demand", answers.rest_of_world_demand
    yield "n_minus_1_all_demand", answers.all_demand


def _geopolrisk(asked: Question) -> Answers:
    base, buyer = asked.base, asked.buyer
    if buyer.is_world:
        return
    governance = political_stability(asked.books, base.places, base.years)
    for method, inside_too in (("geopolrisk", True), ("geopolrisk_extra_region", False)):
        if method in asked.methods:
            yield (
                method,
                geopolrisk_band(
                    base.production,
                    base.imports_by_exporter(buyer, inside_too=inside_too),
                    without_members(governance, buyer.members),
                    buyer.id,
                    buyer.members,
                    seed=asked.seed,
                ),
            )


def _imports(asked: Question) -> Answers:
    wanted = {"net_import_reliance", *GROUPS["trade_exposure"]}
    if asked.buyer.is_world or asked.methods.isdisjoint(wanted):
        return
    base, blocs = asked.base, asked.buyer.blocs
    release = replace(base.stock_change, value=-base.stock_change.value)
    reliance = net_import_reliance(
        base.production.with_blocs(blocs),
        base.imports(asked.buyer),
        base.exports(asked.buyer),
        release.with_blocs(blocs),
    )
    yield "net_import_reliance", reliance
    yield "trade_exposure", trade_exposure(reliance)
    for rival in foreign_rivals(asked.buyer):
        exposure = trade_exposure(reliance, base.trade, against=[rival], blocs=blocs)
        yield f"trade_exposure_on_{rival}", exposure


def _reserves(asked: Question) -> Answers:
    if "reserves_over_production" not in asked.methods:
        return
    for whose in dict.fromkeys((asked.buyer, Buyer(WORLD, (WORLD,)))):
        found = reserves_of(asked.books, asked.base, whose)
        if found is not None:
            answer = reserves_over_production(found.reserves, found.production)
            note = "; ".join((answer.note, found.note))
            yield "reserves_over_production", replace(answer, note=note)


def foreign_rivals(buyer: Buyer) -> Sequence[str]:
    """The suppliers shown side by side, without those that are part of the buyer."""
    return [rival for rival in RIVALS if rival not in buyer.members]


_ANSWERS: tuple[Callable[[Question], Answers], ...] = (
    _geopolrisk,
    _concentration,
    _imports,
    _without_the_largest,
    _reserves,
)
