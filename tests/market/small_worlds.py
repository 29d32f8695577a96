"""Small worlds from a seed, and the bare program of one period, as the product would solve it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lodestone.chain.edits import ClosedLinks, Duty, Edits, Floor, LinkLimit, no_edits
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.chain.world import Price, World
from lodestone.market import path as verbs
from lodestone.market import walk_kernel
from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply
from lodestone.market.assumptions import Assumptions, central
from lodestone.market.baseline import MarketBaseline, market_baseline
from lodestone.market.curves import last_price
from lodestone.market.kernel import prune, solve
from lodestone.market.months import compile_months
from lodestone.market.proof import certify

NAME = "testium"
_STAGES = ("mine", "refine", "product")


class Program(NamedTuple):
    """One period of a market, bare, and the market it comes from."""

    layout: Layout
    supply: Supply
    demand: Demand
    links: Links
    market: MarketBaseline


def small_chain(seed: int, places: int = 5, stages: int = 2) -> SupplyChain:
    """A balanced chain: a few makers and many users, entrepots, scrap, small stock changes."""
    rng = np.random.default_rng(seed)
    names = tuple(f"P{k:02d}" for k in range(places))
    found: list[ChainStage] = []
    need = np.zeros(places)
    for s in range(stages):
        first, last = s == 0, s == stages - 1
        process_yield = float("nan") if first else float(rng.uniform(0.6, 1.0))
        if first:
            output = rng.lognormal(0.0, 1.3, places) * (rng.random(places) < 0.7)
            output[rng.integers(places)] += 2.0
            scrap = np.zeros(places)
        else:
            scrap = 0.2 * rng.random(places) * need.mean() * (rng.random(places) < 0.4)
            output = process_yield * need + scrap
        change = (
            rng.choice([0.0, 0.0, 1.0, -1.0], places) * 0.03 * output.mean() * rng.random(places)
        )
        supply = output + np.maximum(-change, 0.0)
        share = rng.random((places, places)) ** 4 * (rng.random((places, places)) < 0.7)
        share[np.arange(places), (np.arange(places) + rng.integers(places)) % places] += 0.2
        move = supply[:, None] * share / share.sum(axis=1, keepdims=True)
        got = move.sum(axis=0)
        change = np.where(change > 0.0, np.minimum(change, 0.3 * got), change)
        rest = got - np.maximum(change, 0.0)
        refines = np.zeros(places)
        if not last:
            refines = rng.uniform(0.2, 1.0, places) * (rng.random(places) < 0.6)
            refines[int(np.argmax(rest))] = 0.9
        intake = refines * rest
        flow = move - np.diag(np.diag(move))
        for _ in range(places // 2):  # a part of some links goes round by an entrepot
            i, e, j = rng.integers(places, size=3)
            if i != e and e != j and i != j:
                part = rng.random() * flow[i, j]
                flow[i, j] -= part
                flow[i, e] += part
                flow[e, j] += part
        found.append(
            ChainStage(
                _STAGES[s],
                "t",
                process_yield,
                output,
                scrap,
                intake,
                rest - intake,
                change,
                flow,
                np.zeros_like(flow),
                ("A",) * places,
            )
        )
        need = intake
    chain = SupplyChain(NAME, 2024, names, tuple(found))
    chain.check_balance(1e-9)
    return chain


def small_world(chain: SupplyChain, seed: int = 0) -> World:
    """A world of one chain: places on a plane, prices that leave refiners a margin."""
    rng = np.random.default_rng(seed)
    n = len(chain.places)
    at = rng.uniform(0.0, 8000.0, (n, 2))
    km = np.hypot(*(at[:, None, :] - at[None, :, :]).transpose(2, 0, 1)) + 300.0
    prices, level = {}, 1000.0
    for stage in chain.stages:
        if not np.isnan(stage.process_yield):
            level *= float(rng.uniform(1.2, 3.0)) / stage.process_yield
        prices[(chain.material, stage.stage)] = Price(level, "reported", "test")
    companionality = {chain.material: 0.6} if rng.random() < 0.3 else {}
    return World(chain.year, {chain.material: chain}, prices, chain.places, km, companionality)


def made_world(seed: int, places: int = 5, stages: int = 2) -> World:
    """`small_world` of `small_chain`."""
    return small_world(small_chain(seed, places, stages), seed)


def quiet(chain: SupplyChain, months: int = 1) -> Edits:
    """Edits that change nothing."""
    return no_edits(chain.material, len(chain.stages), len(chain.places), months, "2025-01")


def month_program(
    world: World,
    edits: Edits,
    assumed: Assumptions | None = None,
    age: float | None = None,
    baseline: MarketBaseline | None = None,
) -> Program:
    """The program that the product solves: of a path's first month, or `age` months in (`clear`)."""
    a = assumed or central()
    base = baseline or market_baseline(world, edits.material, a)
    made = compile_months(base, edits, a, world.distances(base.places))
    habits = verbs.habits_of(made.market, a)
    if age is not None:
        grown = 1.0 + habits.spare + habits.ratchet * max(age - 1.0, 0.0)
        habits = habits._replace(
            l_use=1.0 - (1.0 - habits.l_use) ** max(age, 1.0),
            l_supply=1.0 - (1.0 - habits.l_supply) ** max(age, 1.0),
            spare=min(grown, a["capacity_ceiling"]) - 1.0,
            stock_months=0.0,
        )
    rest, layout = verbs._rest(made.market, a), made.market.layout
    n, m = layout.feed.size, layout.rptr.size - 1
    weight = rest.weight.copy()
    walk_kernel._grow_offtake(0, layout, made.months, rest, weight)
    top = np.minimum(1.0 + habits.spare, np.maximum(rest.ceiling, 1.0))
    fed, base_margin = layout.feed >= 0, 1.0 - layout.cost
    credit = np.where(fed, np.maximum(0.0, habits.credit_floor - base_margin), 0.0)
    supply, demand, links = walk_kernel._conditions(
        0,
        layout,
        rest,
        habits,
        made.months,
        weight,
        np.ones(m),
        np.ones(n),
        np.ones(n),
        rest.made * top,
        rest.refined * top,
        np.where(fed, base_margin + credit, 1.0),
        credit,
        np.full(m, habits.stock_months),
        np.ones(m),
    )
    return Program(layout, supply, demand, links, made.market)


def copied(program: Program) -> Program:
    """The same with arrays of its own where the kernel prunes in place."""
    a = program.supply
    return program._replace(
        supply=a._replace(y=a.y.copy(), ry=a.ry.copy(), given=a.given.copy()),
        links=program.links._replace(weight=program.links.weight.copy()),
    )


def by_kernel(program: Program, tolerance: float = 5e-12) -> Solution:
    """The kernel's answer from a cold start; `program` is left as it is."""
    p = copied(program)
    n, nq = p.layout.feed.size, p.links.limit.size
    found = solve(p.layout, p.supply, p.demand, p.links, np.ones(n), np.zeros(nq), tolerance, 400)
    return Solution(*found)


def flows(program: Program, found: Solution) -> Floats:
    """(L,) flow of every link."""
    layout, links = program.layout, program.links
    part = np.zeros(links.weight.size)
    walk_kernel._shares(layout, links, found, part)
    for s in range(layout.ns.size - 1):
        block = part[layout.wo[s] : layout.wo[s + 1]].reshape(-1, layout.ms[s + 1] - layout.ms[s])
        block *= found.bought[layout.ms[s] : layout.ms[s + 1]]
    return part


def sums(program: Program, flow: Floats) -> tuple[Floats, Floats, Floats]:
    """Sold by nodes, arriving at buyers, counted by limits."""
    layout, links = program.layout, program.links
    sold, arriving = np.zeros(layout.feed.size), np.zeros(layout.rptr.size - 1)
    limited = np.zeros(links.limit.size)
    for s in range(layout.ns.size - 1):
        block = flow[layout.wo[s] : layout.wo[s + 1]].reshape(-1, layout.ms[s + 1] - layout.ms[s])
        sold[layout.ns[s] : layout.ns[s + 1]] = block.sum(axis=1)
        arriving[layout.ms[s] : layout.ms[s + 1]] = block.sum(axis=0)
    for q in range(limited.size):
        limited[q] = flow[links.limit_of == q].sum()
    return sold, arriving, limited


def proof_of(program: Program, found: Solution) -> tuple[float, float, float]:
    """Residual, imbalance and duality gap, by the product's own certificate."""
    p = copied(program)
    prune(p.layout, p.supply, p.demand, p.links)  # as `solve` leaves it to the certificate
    sold, _arriving, limited = sums(p, flows(p, found))
    d = p.demand
    end = last_price(d.eta, d.choke, d.kappa)
    return certify(p.layout, p.supply, d, p.links, found, end, sold, limited)


# --- things that happen --------------------------------------------------------------------

KINDS = (
    "none",
    "ban",
    "quota",
    "specific",
    "ad_valorem",
    "levy",
    "contract",
    "outage",
    "release",
)


def mask(count: int, *which: int) -> np.ndarray:
    """(count,) True at the given positions."""
    out = np.zeros(count, dtype=bool)
    out[list(which)] = True
    return out


def largest_maker(chain: SupplyChain, stage: int) -> int:
    """Place that exports most of a stage."""
    return int(chain.stages[stage].flow.sum(axis=1).argmax())


def happening(chain: SupplyChain, kind: str, stage: int, place: int, size: float) -> Edits:
    """One month of one measure of a place at a stage; `size` from 0 to 1 says how much of it."""
    n = len(chain.places)
    edits, on = quiet(chain), np.ones(1, dtype=bool)
    one, rest = mask(n, place), ~mask(n, place)
    if kind == "ban":
        return replace(edits, closed=(ClosedLinks(stage, one, rest, on),))
    if kind == "quota":
        limit = LinkLimit(stage, place, rest, on, share=np.array([size]))
        return replace(edits, limits=(limit,))
    if kind in ("specific", "ad_valorem"):
        levy = "specific" if kind == "specific" else "ad_valorem"
        duty = Duty(stage, rest, one, np.array([2.0 * size]), levy)  # type: ignore[arg-type]
        return replace(edits, duties=(duty,))
    if kind in ("levy", "contract"):
        form = "levy" if kind == "levy" else "contract"
        floor = Floor(stage, one, np.array([0.8 + size]), form)  # type: ignore[arg-type]
        return replace(edits, floors=(floor,))
    if kind == "outage":
        edits.capacity[0, stage, place] = 1.0 - size
    if kind == "release":
        edits.release[0, stage, place] = size * 0.5 * chain.stages[stage].use.sum()
    return edits
