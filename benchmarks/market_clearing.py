"""One market clearing on real chains: our kernel against the same equations in scipy.optimize.root.

Cold: the largest supplier stops exporting a stage, solved from base prices. Warm: the month after
it, from its prices. `month` is a whole month of the path with memory, records and proof. The rival solves the same unknowns (makers' prices)
with the same residual, vectorised in NumPy, by `hybr`, started where ours starts.

Run: python benchmarks/market_clearing.py
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.optimize import root

from lodestone.chain.edits import ClosedLinks, Edits, no_edits
from lodestone.desk.worlds import world
from lodestone.market.arrays import Demand, Layout, Links, Solution, Supply
from lodestone.market.assumptions import central
from lodestone.market.baseline import MarketBaseline, market_baseline
from lodestone.market.curves import last_price
from lodestone.market.kernel import solve
from lodestone.market.months import compile_months
from lodestone.market.path import _rest, habits_of, walk
from lodestone.market.walk_kernel import (
    _conditions,
    _remember_sourcing,
    _remember_supply,
    _remember_use,
    _shares,
)

TARGET = {1: 0.25, 2: 0.6}
REPEATS, MONTHS = 30, 24
Program = tuple[Layout, Supply, Demand, Links]


def main() -> None:
    there, a = world(2024), central()
    print(f"load average {os.getloadavg()[0]:.1f}; medians of {REPEATS} runs, milliseconds")
    print(
        f"{'chain':14}{'stages':>7}{'links':>8}{'cold':>8}{'warm':>8}{'scipy':>9}{'ratio':>8}"
        f"{'apart':>10}{'residual':>10}"
    )
    for stages in (1, 2):
        bases = [
            market_baseline(there, m, a)
            for m in there.chains
            if len(there.chain(m).stages) == stages
        ]
        bases.sort(key=lambda b: -b.weight.size)
        rows = [case(b, stages) for b in bases[:6]]
        cold, warm, ratio = (statistics.median(r[k] for r in rows) for k in range(3))
        print(
            f"{stages} stage(s), median: cold {cold:.3f} ms (target {TARGET[stages]}), "
            f"warm {warm:.3f} ms (target 0.1), {ratio:.0f} x scipy root (target 70)\n"
        )


def case(base: MarketBaseline, stages: int) -> tuple[float, float, float]:
    """Cold, warm and ratio of one chain; prints its line."""
    edits = largest_stop(base)
    program = month_of(base, edits)
    n = base.layout.feed.size
    start, rent = np.ones(n), np.zeros(0)
    cold, found = timed(lambda p: solve(*p, start, rent, 5e-11, 400), program)
    pruned = fresh(program)
    solve(*pruned, start, rent, 5e-11, 400)
    later = month_of(base, edits, found, pruned[3])
    known = np.where(np.isnan(found.v), 1.0, found.v)
    warm, _ = timed(lambda p: solve(*p, known, rent, 5e-11, 400), later)
    month = whole_month(base, edits)
    alive = ~np.isnan(found.v)
    began = time.perf_counter()
    rival = root(lambda v: excess(v, pruned, alive), np.ones(int(alive.sum())), method="hybr")
    scipy_ms = 1e3 * (time.perf_counter() - began)
    if not rival.success:
        # from base prices hybr gives up on some bans: help it with a start near the answer
        began = time.perf_counter()
        rival = root(lambda v: excess(v, pruned, alive), 1.02 * found.v[alive], method="hybr")
        scipy_ms = 1e3 * (time.perf_counter() - began)
    apart = float(np.abs(rival.x - found.v[alive]).max()) if rival.success else float("nan")
    print(
        f"{base.material:14}{stages:7}{base.weight.size:8}{cold:8.3f}{warm:8.3f}{scipy_ms:9.1f}"
        f"{scipy_ms / cold:8.0f}{apart:10.1e}{found.residual:10.1e}{month:9.3f}"
    )
    return cold, warm, scipy_ms / cold


def largest_stop(base: MarketBaseline) -> Edits:
    """The largest supplier of the last stage stops exporting it, for good."""
    s = len(base.stages) - 1
    nodes = base.nodes_of(s)
    origin = np.zeros(len(base.places), dtype=bool)
    origin[base.node_place[nodes][base.supply[nodes].argmax()]] = True
    active = np.ones(MONTHS, dtype=bool)
    quiet = no_edits(base.material, len(base.stages), len(base.places), MONTHS, "2025-01")
    return replace(quiet, closed=(ClosedLinks(s, origin, ~origin, active),))


def month_of(
    base: MarketBaseline, edits: Edits, before: Solution | None = None, links: Links | None = None
) -> Program:
    """The program of the first month, as the path solves it; or of the second, after `before`."""
    a = central()
    km = world(2024).distances(base.places)
    months = compile_months(base, edits, a, km).months
    habits, rest = habits_of(base, a), _rest(base, a)
    n, m = base.layout.feed.size, base.layout.rptr.size - 1
    cost = base.layout.cost
    refines = base.layout.feed >= 0
    credit = np.where(refines, np.maximum(0.0, habits.credit_floor - (1.0 - cost)), 0.0)
    margin = np.where(refines, 1.0 - cost + credit, 1.0)
    top = np.minimum(1.0 + habits.spare, np.maximum(rest.ceiling, 1.0))
    weight, habit, expected = rest.weight.copy(), np.ones(m), np.ones(m)
    built, rbuilt = np.ones(n), np.ones(n)
    stock = np.full(m, habits.stock_months)
    cap, rcap = rest.made * top, rest.refined * top
    if before is not None and links is not None:
        end = last_price(habits.eta_now, habits.choke, habits.kappa)
        part, inner = np.zeros(weight.size), np.clip(before.inner, 0.05, end)
        _shares(base.layout, links, before, part)
        _remember_use(before, habits, habit, end)
        _remember_supply(
            before,
            base.layout,
            rest,
            habits,
            np.ones(n),
            np.zeros(n),
            built,
            rbuilt,
            cap,
            rcap,
            margin,
            credit,
        )
        _remember_sourcing(base.layout, rest, habits, before, part, weight)
        expected = inner**habits.smoothing
        stock = stock - np.clip(habits.rules[0] * np.log(inner), -habits.rules[2], habits.rules[3])
    state = (weight, habit, built, rbuilt, cap, rcap, margin, credit, stock, expected)
    found = _conditions(0, base.layout, rest, habits, months, *state)
    return (base.layout, *found)


def fresh(program: Program) -> Program:
    """A copy of what a solve prunes in place."""
    layout, supply, demand, links = program
    return (
        layout,
        supply._replace(y=supply.y.copy(), ry=supply.ry.copy(), given=supply.given.copy()),
        demand,
        links._replace(weight=links.weight.copy()),
    )


def timed(call: Callable[[Program], object], program: Program) -> tuple[float, object]:
    """Median milliseconds of a solve, copies outside the clock, and the last answer."""
    spent, found = [], None
    for _ in range(REPEATS):
        copy = fresh(program)
        began = time.perf_counter()
        found = call(copy)
        spent.append(1e3 * (time.perf_counter() - began))
    return statistics.median(spent[1:]), found


def whole_month(base: MarketBaseline, edits: Edits) -> float:
    """Milliseconds a month of a walked path: solve, memory, records and proof."""
    there, spent = world(2024), []
    for _ in range(5):
        began = time.perf_counter()
        walk(there, edits, baseline=base)
        spent.append(1e3 * (time.perf_counter() - began) / MONTHS)
    return min(spent)


# --- the rival: the same equations in NumPy ------------------------------------------------


def excess(v: np.ndarray, program: Program, alive: np.ndarray) -> np.ndarray:
    """Supply less sales of every live maker, over its baseline supply."""
    layout, supply, demand, links = program
    z = np.ones(alive.size)
    z[alive] = np.maximum(v, 1e-6)
    out = np.zeros(alive.size)
    made = curve(np.maximum(z, 0.0), supply.y, supply.eps, supply.cap, supply.tail)
    stages = layout.ns.size - 1
    prices, shares = [], []
    for s in range(stages):
        n, m = slice(layout.ns[s], layout.ns[s + 1]), slice(layout.ms[s], layout.ms[s + 1])
        w = links.weight[layout.wo[s] : layout.wo[s + 1]].reshape(n.stop - n.start, -1)
        low = z[n].min()
        e = w * np.exp(-links.theta[s] * (z[n] - low))[:, None]
        phi = np.maximum(e.sum(axis=0), 1e-300)
        prices.append(low - np.log(phi) / links.theta[s])
        shares.append(e / phi)
        del m
    inner = np.concatenate(prices)
    feeds = layout.feed >= 0
    margin = np.ones(alive.size)
    margin[feeds] = (
        z[feeds] - layout.cost[feeds] * inner[layout.feed[feeds]] + supply.credit[feeds]
    ) / supply.margin[feeds]
    refined = curve(margin, supply.ry, supply.reps, supply.rcap, supply.tail)
    intake = np.zeros(inner.size)
    np.add.at(intake, layout.feed[feeds], layout.cost[feeds] * refined[feeds])
    c, back, build, limit, draw, ceiling = demand.rules
    top = np.minimum(limit, draw * demand.stock)
    least = -np.minimum(build, np.maximum(ceiling * demand.target - demand.stock, 0.0))
    wish = c * np.log(np.maximum(inner, 0.05) / demand.expected)
    release = np.clip(wish + (demand.stock - demand.target) * back, least, top)
    need = used(inner, demand.use, demand.eta, demand) + used(inner, demand.fixed, 0.0, demand)
    bought = np.maximum(need + intake - release * demand.months - demand.handed, 0.0)
    for s in range(stages):
        n, m = slice(layout.ns[s], layout.ns[s + 1]), slice(layout.ms[s], layout.ms[s + 1])
        out[n] = (shares[s] * bought[m]).sum(axis=1)
    return ((made + refined + supply.given - out) / layout.scale)[alive]


def curve(
    v: np.ndarray, y: np.ndarray, eps: np.ndarray, cap: np.ndarray, tail: float
) -> np.ndarray:
    """Supply curve with ceiling and straight tail."""
    top = np.minimum(y * tail**eps, cap)
    body = np.minimum(y * np.maximum(v, tail) ** eps, cap)
    return np.where(v < tail, top * np.maximum(v, 0.0) / tail, body)


def used(v: np.ndarray, level: np.ndarray, eta: float, demand: Demand) -> np.ndarray:
    """Use with its choke."""
    v = np.maximum(v, 0.05)
    fall = demand.choke ** (-eta) * np.maximum(0.0, (v / demand.choke - 1.0) / demand.kappa)
    return np.maximum(level * (v ** (-eta) - fall), 0.0)


if __name__ == "__main__":
    main()
