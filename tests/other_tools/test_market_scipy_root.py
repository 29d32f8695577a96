"""Markets of the release against the same equations written a second time, in plain NumPy.

The equations are `supply - sales = 0` at every node that sells, each link its own exponential; a
price is given, everything else follows. They are first evaluated at the kernel's prices, and then
solved by `scipy.optimize.root` (MINPACK's hybrid method, which knows nothing of convexity).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy.optimize import root

from lodestone.chain.apply import apply
from lodestone.chain.measure import ExportBan, ExportQuota, Measure, Outage, PriceFloor, Tariff
from lodestone.chain.scenario import Scenario
from lodestone.chain.world import World
from lodestone.desk.worlds import world
from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply
from lodestone.market.assumptions import central
from lodestone.market.baseline import MarketBaseline, market_baseline
from lodestone.market.kernel import solve
from lodestone.market.months import compile_months
from lodestone.market.path import _rest, habits_of
from lodestone.market.walk_kernel import _conditions

YEAR = 2024
#: The curves' own end: below this price use follows its tangent, and stocks react no more.
LEAST = 0.05


@cache
def _world() -> World:
    return world(YEAR)


@cache
def _baseline(name: str) -> MarketBaseline:
    return market_baseline(_world(), name, central())


@dataclass(frozen=True)
class Program:
    """The first month of a scenario, and what the kernel says of it."""

    layout: Layout
    supply: Supply
    demand: Demand
    links: Links
    found: Solution


def _program(name: str, measure: Measure, *, stocks: bool = True) -> Program:
    """Build the month as `path.walk` does: fresh memory, commercial stocks as wanted."""
    a, there, base = central(), _world(), _baseline(name)
    edits = apply(there, Scenario("other_tools", (measure,), f"{YEAR + 1}-01", 1, YEAR))[name]
    compiled = compile_months(base, edits, a, there.distances(base.places))
    market, rest, habits = compiled.market, _rest(compiled.market, a), habits_of(base, a)
    if not stocks:
        habits = habits._replace(stock_months=0.0)
    lay = market.layout
    n, m = lay.feed.size, lay.rptr.size - 1
    refines = lay.feed >= 0
    top = np.minimum(1.0 + habits.spare, np.maximum(rest.ceiling, 1.0))
    earned = 1.0 - lay.cost
    credit = np.where(refines, np.maximum(0.0, habits.credit_floor - earned), 0.0)
    supply, demand, links = _conditions(
        0,
        lay,
        rest,
        habits,
        compiled.months,
        rest.weight.copy(),
        np.ones(m),
        np.ones(n),
        np.ones(n),
        rest.made * top,
        rest.refined * top,
        np.where(refines, earned + credit, 1.0),
        credit,
        np.full(m, habits.stock_months),
        np.ones(m),
    )
    pruned = links._replace(weight=links.weight.copy())
    curves = Supply(*(x.copy() if isinstance(x, np.ndarray) else x for x in supply))
    rent = np.zeros(links.limit.size)
    found = solve(lay, curves, demand, pruned, np.ones(n), rent, 1e-11, 400)
    return Program(lay, supply, demand, links, found)


# --- the equations, without the kernel ------------------------------------------------------


def _output(price: Floats, y: Floats, eps: Floats, cap: Floats, tail: float) -> Floats:
    """Level times power, held by the ceiling, straight to the origin below the tail."""
    power = np.minimum(y * np.maximum(price, tail) ** eps, cap)
    return np.where(y > 0.0, power * np.clip(price / tail, 0.0, 1.0), 0.0)


def _used(price: Floats, level: Floats, eta: float, choke: float, kappa: float) -> Floats:
    """Use at a price: none at an infinite one, along its tangent below `LEAST`."""
    with np.errstate(invalid="ignore"):
        at = np.maximum(price, LEAST)
        power = at ** (-eta) * (1.0 - eta * np.minimum(price / LEAST - 1.0, 0.0))
        fall = choke ** (-eta) * np.maximum(0.0, (price / choke - 1.0) / kappa)
        return np.where(np.isinf(price), 0.0, level * np.maximum(0.0, power - fall))


def _released(price: Floats, d: Demand) -> Floats:
    """Months of stock released at a price."""
    response, back, build, most, draw, ceiling = d.rules
    most_now = np.minimum(most, draw * d.stock)
    least = -np.minimum(build, np.maximum(ceiling * d.target - d.stock, 0.0))
    wish = response * np.log(np.maximum(price, LEAST) / d.expected) + (d.stock - d.target) * back
    return np.clip(wish, least, most_now)


@dataclass(frozen=True)
class Equations:
    """Supply less sales at prices of the nodes in `live`; prices of others are infinite.

    Attributes
    ----------
    live : nodes that have anything to sell and anybody to sell to
    """

    of: Program
    live: np.ndarray

    def net(self, stage: int, v: Floats, rent: Floats) -> tuple[Floats, Floats]:
        """Delivered costs (nodes, buyers) and weights of a stage."""
        lay, k = self.of.layout, self.of.links
        shape = (lay.ns[stage + 1] - lay.ns[stage], lay.ms[stage + 1] - lay.ms[stage])
        at = slice(lay.wo[stage], lay.wo[stage + 1])
        cost = np.broadcast_to(v[lay.ns[stage] : lay.ns[stage + 1], None], shape).copy()
        if k.general:
            cost = np.maximum(cost * (1.0 + k.rate[at].reshape(shape)), k.floor[at].reshape(shape))
        if k.tax.size:
            cost += k.tax[at].reshape(shape)
        if k.limit.size:
            counted = k.limit_of[at].reshape(shape)
            cost += np.where(counted >= 0, rent[np.maximum(counted, 0)], 0.0)
        return cost, k.weight[at].reshape(shape)

    def excess(self, v: Floats, rent: Floats) -> tuple[Floats, Floats]:
        """(N,) supply less sales, (Q,) room under limits. Every buyer with a link must buy."""
        lay, c, d, k = self.of.layout, self.of.supply, self.of.demand, self.of.links
        stages = range(lay.ns.size - 1)
        grid = [self.net(s, v, rent) for s in stages]
        shares, effective = [], np.full(d.use.size, np.inf)
        for s in stages:
            cost, weight = grid[s]
            own = np.where((weight > 0.0) & np.isfinite(cost), cost, np.inf)
            low = own.min(axis=0)
            served = np.isfinite(low)
            near = np.where(served, low, 0.0)
            pull = np.where(np.isfinite(own), weight, 0.0) * np.exp(-k.theta[s] * (own - near))
            phi = pull.sum(axis=0)
            at = np.arange(lay.ms[s], lay.ms[s + 1])
            effective[at[served]] = near[served] - np.log(phi[served]) / k.theta[s]
            shares.append(pull / np.where(served, phi, 1.0))
        feed = np.where(lay.feed >= 0, effective[np.maximum(lay.feed, 0)], 0.0)
        # a contract for refined output makes the market general: the refiner sees its price
        seen = np.maximum(v, c.floor) if k.general else v
        margin = np.where(np.isfinite(seen), seen, 0.0) - lay.cost * feed + c.credit
        refined = _output(margin / c.margin, c.ry, c.reps, c.rcap, c.tail)
        made = _output(np.maximum(v, c.floor), c.y, c.eps, c.cap, c.tail)
        # `made` of a node without a price is not sold; it is not among the equations
        bought = _used(effective, d.use, d.eta, d.choke, d.kappa)
        bought += _used(effective, d.fixed, 0.0, d.choke, d.kappa)
        np.add.at(bought, lay.feed[lay.feed >= 0], (lay.cost * refined)[lay.feed >= 0])
        with np.errstate(invalid="ignore"):
            bought -= np.where(d.months > 0.0, d.months * _released(effective, d), 0.0) + d.handed
        bought = np.where(np.isfinite(effective), np.maximum(bought, 0.0), 0.0)
        sold, room = np.zeros(v.size), k.limit.copy()
        for s in stages:
            flow = shares[s] * bought[lay.ms[s] : lay.ms[s + 1]]
            sold[lay.ns[s] : lay.ns[s + 1]] = flow.sum(axis=1)
            if k.limit.size:
                counted = k.limit_of[lay.wo[s] : lay.wo[s + 1]].reshape(flow.shape)
                np.subtract.at(room, counted[counted >= 0], flow[counted >= 0])
        return made + refined + c.given - sold, room

    def residual(self, v: Floats, rent: Floats) -> float:
        """Largest excess over scale, of the nodes with a price, and largest excess over a limit."""
        off, room = self.excess(v, rent)
        off = np.where(v <= 0.0, np.minimum(off, 0.0), off)
        worst = float(np.abs(off[self.live] / self.of.layout.scale[self.live]).max())
        for q in range(rent.size):
            slack = -room[q] if rent[q] <= 0.0 else abs(room[q])
            worst = max(worst, slack / self.of.links.limit[q])
        return worst


def _equations(program: Program) -> tuple[Equations, Floats]:
    """The equations and the kernel's prices, infinite where nothing is sold."""
    assert program.found.steps >= 0, program.found.residual
    v = np.where(np.isnan(program.found.v), np.inf, program.found.v)
    return Equations(program, np.flatnonzero(np.isfinite(v))), v


def _price(z: Floats) -> Floats:
    """An unknown without bounds as a price: itself from 1 up, an exponential below."""
    return np.where(z >= 1.0, z, np.exp(np.minimum(z, 1.0) - 1.0))


def _solve(eq: Equations, v: Floats, rent: Floats, size: float) -> tuple[Floats, Floats]:
    """Prices (N,) and rents (Q,) by the hybrid method, from the kernel's moved by up to `size`.

    Free goods stay free, and limits that do not bind stay without a rent.
    """
    k, rng = eq.of.links, np.random.default_rng(0)
    free = eq.live[v[eq.live] > 0.0]
    binding = np.flatnonzero(rent > 0.0)
    scale = eq.of.layout.scale[free]
    at, rents = v.copy(), rent.copy()

    def placed(z: Floats) -> None:
        at[free], rents[binding] = _price(z[: free.size]), z[free.size :]

    def off(z: Floats) -> Floats:
        placed(z)
        with np.errstate(over="ignore"):
            excess, room = eq.excess(at, rents)
        return np.concatenate([excess[free] / scale, room[binding] / k.limit[binding]])

    first = v[free] + rng.uniform(-size, size, free.size) * np.minimum(v[free], 1.0)
    first = np.where(first >= 1.0, first, 1.0 + np.log(np.minimum(first, 1.0)))
    answer = root(
        off,
        np.concatenate([first, (1.0 - size) * rent[binding]]),
        method="hybr",
        options={"xtol": 1e-13, "maxfev": 40000, "factor": 1.0},
    )
    assert np.abs(answer.fun).max() <= 1e-10, np.abs(answer.fun).max()
    placed(answer.x)
    return at, rents


# --- what happens ---------------------------------------------------------------------------


def _measure(kind: str, material: str, stage: str, place: str) -> Measure:
    what = {"materials": (material,), "stages": (stage,)}
    match kind:
        case "ban":
            return ExportBan(supplier=place, **what)
        case "quota":
            return ExportQuota(supplier=place, share=0.4, **what)
        case "outage":
            return Outage(place=place, share=0.5, **what)
        case "contract":
            return PriceFloor(zone=place, price=1.3, **what)
        case "specific":
            return Tariff(importer="USA", rate=0.25, on=place, **what)
        case _:
            return Tariff(importer="USA", rate=0.25, on=place, levy="ad_valorem", **what)


#: The largest supplier and a middling one of each stage.
_PLACES = [
    ("gallium", "refine", "CHN"),
    ("gallium", "refine", "JPN"),
    ("tungsten", "mine", "CHN"),
    ("tungsten", "mine", "BOL"),
    ("tungsten", "refine", "CHN"),
    ("tungsten", "refine", "VNM"),
    ("cobalt", "mine", "COD"),
    ("cobalt", "mine", "AUS"),
    ("cobalt", "refine", "CHN"),
    ("cobalt", "refine", "FIN"),
    ("antimony", "mine", "CHN"),
    ("antimony", "mine", "TJK"),
    ("antimony", "refine", "CHN"),
    ("antimony", "refine", "VNM"),
]
_KINDS = ["ban", "quota", "outage", "contract", "specific", "ad valorem"]
#: Where users give up, MINPACK finds the answer only from nearby.
_CHOKED = 15.0


@pytest.mark.parametrize("stocks", [True, False], ids=["stocks", "no stocks"])
@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize(("material", "stage", "place"), _PLACES)
def test_same_prices_as_the_hybrid_method(
    material: str, stage: str, place: str, kind: str, stocks: bool
) -> None:
    program = _program(material, _measure(kind, material, stage, place), stocks=stocks)
    eq, v = _equations(program)
    assert eq.residual(v, program.found.rent) <= 1e-9
    size = 1e-3 if v[eq.live].max() > _CHOKED else 0.05
    theirs, rent = _solve(eq, v, program.found.rent, size)
    ours, theirs = v[eq.live], theirs[eq.live]
    assert np.abs(theirs - ours).max() <= 1e-6
    assert np.abs(theirs / np.where(ours > 0.0, ours, 1.0) - 1.0)[ours > 0.0].max() <= 1e-6
    assert np.abs(rent - program.found.rent).max(initial=0.0) <= 1e-6


@pytest.mark.parametrize("stocks", [True, False], ids=["stocks", "no stocks"])
def test_without_china_gallium_is_choked(stocks: bool) -> None:
    """Most places use nothing, the price is where the others' use falls to what is left."""
    ban = _measure("ban", "gallium", "refine", "CHN")
    program = _program("gallium", ban, stocks=stocks)
    eq, v = _equations(program)
    assert np.sort(v)[1] > program.demand.choke
    assert eq.residual(v, program.found.rent) <= 1e-9


@pytest.mark.parametrize("material", ["gallium", "tungsten", "cobalt", "antimony"])
def test_from_prices_at_rest(material: str) -> None:
    """Without the kernel's answer at hand MINPACK finds the same, if prices stay moderate."""
    stage, place = {"gallium": ("refine", "JPN"), "cobalt": ("refine", "CHN")}.get(
        material, ("refine", "VNM")
    )
    program = _program(material, _measure("outage", material, stage, place))
    eq, v = _equations(program)
    at_rest = Equations(program, eq.live)
    theirs, _rent = _solve(at_rest, np.where(np.isfinite(v), 1.0, v), program.found.rent, 0.0)
    assert np.abs(theirs[eq.live] - v[eq.live]).max() <= 1e-6
