"""What a place needs of each material of a plan, and what it makes itself, in the base year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodestone.terms import attribute, material
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    from lodestone.chain.supply_chain import SupplyChain
    from lodestone.chain.world import World
    from lodestone.desk.assess_buyer import Buyer
    from lodestone.desk.assess_dependence import Share
    from lodestone.desk.plan_request import PlanRequest
    from lodestone.plan.need import Need

#: Suppliers below this share of a stage are not looked at.
LEAST_SHARE = 0.02
#: Magnets are goods made from processed rare earths, not a step of processing them.
_GOODS = {("rare_earths", "product")}
_STEPS = ("refine", "product")


@dataclass(frozen=True)
class Asked:
    """The materials of a plan.

    Attributes
    ----------
    entries : chain -> (list entry, whether only the metal counts, what stands for what)
    left_out : material -> why it is not in the plan
    """

    entries: dict[str, tuple[str, bool, str]]
    left_out: dict[str, str]


def asked_materials(request: PlanRequest, there: World) -> Asked:
    """Chains of the materials that a plan names; `strategic` is the Union's list.

    Raises
    ------
    RequestError
        For names that nobody knows, all at once.
    """
    from lodestone.desk.assess_strategic import strategic_entries
    from lodestone.desk.library import library
    from lodestone.desk.plan_request import STRATEGIC

    entries: dict[str, tuple[str, bool, str]] = {}
    left_out: dict[str, str] = {}
    problems = Problems("plan")
    for word in request.head["materials"]:
        if word == STRATEGIC:
            for entry in strategic_entries(library(), there.year):
                for chain in entry.chains:
                    entries[chain] = (entry.name, entry.metal_only, entry.proxy)
            continue
        try:
            found = material(word).id
        except RequestError as error:
            problems.add(str(error), "materials", "`lodestone materials` lists them")
            continue
        if found not in there.chains:
            left_out[found] = f"no balanced chain in {there.year}"
        elif any(s.unit != "t" for s in there.chain(found).stages):
            left_out[found] = "its chain is counted in shares of the world, not in tonnes"
        else:
            entries.setdefault(found, (found, False, ""))
    if not entries and not problems:
        problems.add("no material with a chain in tonnes", "materials", "name at least one")
    problems.raise_if_any(RequestError)
    return Asked(entries, left_out)


def needs_of(
    asked: Asked, there: World, who: Buyer, growth: dict[str, float]
) -> tuple[list[Need], dict[str, str]]:
    """Needs of a place, and the materials that it does not use or that have no price."""
    from lodestone.assess.crm_act_scoreboard import Benchmark
    from lodestone.chain.bands import LOOK_THROUGH
    from lodestone.desk.assess_baseline import baseline
    from lodestone.desk.assess_dependence import sources_of
    from lodestone.desk.assess_prices import prices
    from lodestone.desk.assess_strategic import Entry, strategic_account
    from lodestone.desk.library import library
    from lodestone.plan.need import Need

    books = library()
    names = list(asked.entries)
    base = baseline(books, names, [there.year], who.members)
    listed = [Entry(name, (name,), asked.entries[name][1], "") for name in names]
    account = strategic_account(books, base, who, listed)
    sources = sources_of(books, base, who)
    quoted = prices(books, there.year)
    usual = float(attribute("plan_demand_growth").default)
    found: list[Need] = []
    left_out = dict(asked.left_out)
    for n, name in enumerate(names):
        chain = there.chain(name)
        use = float(account.consumption.value[n, 0, 0])
        price = quoted.get(name, float("nan"))
        if price != price:
            price = _priced(there, chain)
        if not use > 0.0:
            left_out[name] = f"{who.id} uses none of it"
            continue
        if price != price:
            left_out[name] = "no price is known, so nothing can be weighed"
            continue
        made = {}
        for benchmark in (Benchmark.EXTRACTION, Benchmark.RECYCLING):
            value = float(account.capacity[benchmark].value[n, 0, 0])
            if value == value:
                made[str(benchmark)] = value
        shares = {
            node.stage: _largest(lenses[LOOK_THROUGH].shares)
            for node, lenses in sources.items()
            if node.material == name and tuple(node) not in _GOODS
        }
        entry, metal_only, proxy = asked.entries[name]
        counted = [s.stage for s in chain.stages if s.stage in _STEPS or not metal_only]
        found.append(
            Need(
                name,
                use,
                price,
                growth.get(name, usual),
                entry,
                made,
                _steps(chain, who.members),
                supply_of(chain, who.members),
                {stage: s for stage, s in shares.items() if s},
                {},
                proxy,
                tuple(counted),
            )
        )
    return found, left_out


def supply_of(chain: SupplyChain, members: Sequence[str]) -> dict[str, float]:
    """What a place takes in at each stage: use and the intake of the next."""
    inside = [k for k, p in enumerate(chain.places) if p in members]
    taken = {s.stage: float(s.absorbed[inside].sum()) for s in chain.stages}
    return {stage: value for stage, value in taken.items() if value > 0.0}


def use_of(chain: SupplyChain, members: Sequence[str], stages: Sequence[str] = ()) -> float:
    """What a place uses at some stages, or at all."""
    inside = [k for k, p in enumerate(chain.places) if p in members]
    counted = [s for s in chain.stages if not stages or s.stage in stages]
    return float(sum(s.use[inside].sum() for s in counted))


def output_of(chain: SupplyChain, stage: str, members: Sequence[str]) -> float:
    """What a place makes at a stage."""
    at = chain.stage(stage)
    return float(sum(at.output[k] for k, p in enumerate(chain.places) if p in members))


def _steps(chain: SupplyChain, members: Sequence[str]) -> dict[str, float]:
    return {
        s.stage: output_of(chain, s.stage, members)
        for s in chain.stages
        if s.stage in _STEPS and (chain.material, s.stage) not in _GOODS
    }


def _priced(there: World, chain: SupplyChain) -> float:
    """Price of the last stage that has one."""
    for stage in reversed(chain.stages):
        if (chain.material, stage.stage) in there.prices:
            return there.prices[chain.material, stage.stage].usd_per_t
    return float("nan")


def _largest(shares: Mapping[str, Share]) -> dict[str, float]:
    return {
        supplier: float(share.value)
        for supplier, share in shares.items()
        if share.value is not None and share.value >= LEAST_SHARE
    }
