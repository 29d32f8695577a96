"""One market clearing on real chains: our kernel against the same equations in scipy.optimize.root.

Cold: the largest supplier stops exporting a stage, solved from base prices. Hardest: the month after
it, from its prices; no warm month is harder. Warm: the median of months 2 to 24 of the walked path,
each from the prices the path starts it with. All three are called from Python, which a path does not
pay: `in path` is the warm month called from compiled code, as a path calls it. `month` is a whole
month of the path with memory, records and proof.
The rival solves the same unknowns (makers' prices) with the same residual, vectorised in NumPy, by
`hybr`, started where ours starts.

Run: python benchmarks/market_clearing.py
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numba import njit
from scipy.optimize import root

from lodestone.chain.edits import ClosedLinks, Edits, no_edits
from lodestone.desk.worlds import world
from lodestone.market.arrays import Demand, Layout, Links, Supply
from lodestone.market.assumptions import central
from lodestone.market.baseline import MarketBaseline, market_baseline
from lodestone.market.curves import LEAST, last_price, release
from lodestone.market.kernel import solve
from lodestone.market.months import compile_months
from lodestone.market.path import _rest, habits_of, walk
from lodestone.market.walk_kernel import (
    _TREND,
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
        f"{'chain':14}{'stages':>7}{'links':>8}{'cold':>8}{'hardest':>8}{'warm':>8}{'in path':>9}{'month':>8}"
        f"{'scipy':>9}{'ratio':>8}{'apart':>10}{'residual':>10}"
    )
    for stages in (1, 2):
        bases = [
            market_baseline(there, m, a)
            for m in there.chains
            if len(there.chain(m).stages) == stages
        ]
        bases.sort(key=lambda b: -b.weight.size)
        rows = [case(b, stages) for b in bases[:6]]
        cold, hardest, warm, inside, ratio = (
            statistics.median(r[k] for r in rows) for k in range(5)
        )
        print(
            f"{stages} stage(s), median: cold {cold:.3f} ms (target {TARGET[stages]}), "
            f"hardest warm month {hardest:.3f} ms, median warm month {warm:.3f} ms, {inside:.3f} in a path (target 0.1), "
            f"{ratio:.0f} x scipy root (target 70)\n"
        )


def case(base: MarketBaseline, stages: int) -> tuple[float, float, float, float, float]:
    """Cold, hardest, warm, warm in a path, and ratio of one chain; prints its line."""
    edits = largest_stop(base)
    walked = list(months_of(base, edits))
    program = walked[0][0]
    n = base.layout.feed.size
    start, rent = np.ones(n), np.zeros(0)
    cold, found = timed(lambda p: solve(*p, start, rent, 5e-11, 400), program)
    pruned = fresh(program)
    solve(*pruned, start, rent, 5e-11, 400)
    known = np.where(np.isnan(found.v), 1.0, found.v)
    hardest, _ = timed(lambda p: solve(*p, known, rent, 5e-11, 400), walked[1][0])
    spent, inside = [], []
    for later, guess in walked[1:]:
        took, last = timed(lambda p, v=guess: solve(*p, v, rent, 5e-11, 400), later)
        assert last.residual <= 1e-10
        spent.append(took)
        inside.append(timed_inside(later, guess))
    warm, within = statistics.median(spent), statistics.median(inside)
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
        f"{base.material:14}{stages:7}{base.weight.size:8}{cold:8.3f}{hardest:8.3f}{warm:8.3f}"
        f"{within:9.3f}{month:8.3f}{scipy_ms:9.1f}{scipy_ms / cold:8.0f}{apart:10.1e}{found.residual:10.1e}"
    )
    return cold, hardest, warm, within, scipy_ms / cold


def largest_stop(base: MarketBaseline) -> Edits:
    """The largest supplier of the last stage stops exporting it, for good."""
    s = len(base.stages) - 1
    nodes = base.nodes_of(s)
    origin = np.zeros(len(base.places), dtype=bool)
    origin[base.node_place[nodes][base.supply[nodes].argmax()]] = True
    active = np.ones(MONTHS, dtype=bool)
    quiet = no_edits(base.material, len(base.stages), len(base.places), MONTHS, "2025-01")
    return replace(quiet, closed=(ClosedLinks(s, origin, ~origin, active),))


def months_of(base: MarketBaseline, edits: Edits) -> Iterator[tuple[Program, np.ndarray]]:
    """Every month's program and the prices it starts from, as `walk_months` has them."""
    a = central()
    months = compile_months(base, edits, a, world(2024).distances(base.places)).months
    habits, rest, layout = habits_of(base, a), _rest(base, a), base.layout
    n, m = layout.feed.size, layout.rptr.size - 1
    refines = layout.feed >= 0
    credit = np.where(refines, np.maximum(0.0, habits.credit_floor - (1.0 - layout.cost)), 0.0)
    margin = np.where(refines, 1.0 - layout.cost + credit, 1.0)
    top = np.minimum(1.0 + habits.spare, np.maximum(rest.ceiling, 1.0))
    weight, habit, expected = rest.weight.copy(), np.ones(m), np.ones(m)
    built, rbuilt, stock = np.ones(n), np.ones(n), np.full(m, habits.stock_months)
    cap, rcap = rest.made * top, rest.refined * top
    late = habits.eta_now + habits.l_use * (habits.eta_late - habits.eta_now)
    end = last_price(late, habits.choke, habits.kappa)
    part, start, price = np.zeros(weight.size), np.ones(n), np.ones(n)
    for t in range(MONTHS):
        state = (weight, habit, built, rbuilt, cap, rcap, margin, credit, stock, expected)
        program: Program = (layout, *_conditions(t, layout, rest, habits, months, *state))
        yield fresh(program), start.copy()
        found = solve(*program, start, np.zeros(0), 5e-11, 400)
        _shares(layout, program[3], found, part)
        held, stock = stock, np.zeros(m)
        for j in np.flatnonzero(program[2].months > 0.0):
            target = program[2].target[j]
            given, _slope = release(found.inner[j], held[j], target, expected[j], habits.rules)
            stock[j] = max(held[j] - given, 0.0)
        _remember_use(found, habits, habit, end)
        able = (months.capacity[t], months.contract[t], built, rbuilt, cap, rcap, margin, credit)
        _remember_supply(found, layout, rest, habits, *able)
        _remember_sourcing(layout, rest, habits, found, part, weight)
        inner = np.clip(found.inner, LEAST, end)
        expected = expected ** (1.0 - habits.smoothing) * inner**habits.smoothing
        known = np.where(np.isnan(found.v), 1.0, found.v)
        trend = known / price
        start = np.where((trend > 0.8) & (trend < 1.25), known * trend**_TREND, known)
        price = known


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


def timed_inside(program: Program, start: np.ndarray) -> float:
    """Milliseconds of a solve that compiled code calls, the median of a few rows of calls."""
    copy, rent, spent = fresh(program), np.zeros(0), []
    again(*copy, start, rent, 1)
    for _ in range(5):
        began = time.perf_counter()
        again(*copy, start, rent, REPEATS)
        spent.append(1e3 * (time.perf_counter() - began) / REPEATS)
    return statistics.median(spent)


@njit
def again(layout, supply, demand, links, start, rent, count):  # type: ignore[no-untyped-def]
    """Solve the same program over and over."""
    total = 0.0
    for _ in range(count):
        total += solve(layout, supply, demand, links, start, rent, 5e-11, 400).residual
    return total


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
