"""Small seeded markets as bare arrays, for other solvers to clear, and what may happen to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply
from lodestone.market.kernel import solve

TOLERANCE, MOST = 1e-12, 400
#: Elasticities whose inverse curves have whole powers.
_EPS = np.array([0.5, 1 / 3, 0.25])
_RULES = np.array([0.3, 1.0 / 24.0, 0.10, 0.15, 0.25, 2.0])
_TAIL = 0.3


@dataclass(frozen=True)
class Market:
    """One program; buyer p of stage s is the place p, node p of stage s as well.

    Attributes
    ----------
    places : how many
    bought : (M,) purchases at rest
    """

    places: int
    bought: Floats
    layout: Layout
    supply: Supply
    demand: Demand
    links: Links

    def solved(self, start: Floats | None = None) -> Solution:
        """The kernel's answer, from copies: it prunes in place."""
        at = np.ones(self.layout.feed.size) if start is None else start
        links = self.links._replace(weight=self.links.weight.copy())
        supply = Supply(*(x.copy() if isinstance(x, np.ndarray) else x for x in self.supply))
        rent = np.zeros(self.links.limit.size)
        return solve(self.layout, supply, self.demand, links, at, rent, TOLERANCE, MOST)

    def block(self, s: int, flat: Floats) -> Floats:
        """(nodes, buyers) block of a stage of a flat array over links."""
        lay = self.layout
        shape = (lay.ns[s + 1] - lay.ns[s], lay.ms[s + 1] - lay.ms[s])
        return np.asarray(flat[lay.wo[s] : lay.wo[s + 1]].reshape(shape))

    def exports(self, place: int, s: int) -> np.ndarray:
        """(L,) links of a place's node of a stage to all other places."""
        mask = np.zeros(self.links.weight.size, dtype=bool)
        block = mask[self.layout.wo[s] : self.layout.wo[s + 1]].reshape(self.places, self.places)
        block[place] = True
        block[place, place] = False
        return mask

    def flows(self, found: Solution) -> Floats:
        """(L,) flows at found prices, by the formula of the link alone."""
        lay, k = self.layout, self.links
        out = np.zeros(k.weight.size)
        for s in range(lay.ns.size - 1):
            for i in range(self.places):
                for j in range(self.places):
                    x = lay.wo[s] + i * self.places + j
                    if k.weight[x] > 0.0 and np.isfinite(found.v[lay.ns[s] + i]):
                        c = found.v[lay.ns[s] + i] + (k.tax[x] if k.tax.size else 0.0)
                        if k.limit.size and k.limit_of[x] >= 0:
                            c += found.rent[k.limit_of[x]]
                        b = lay.ms[s] + j
                        gap = c - found.effective[b]
                        out[x] = found.bought[b] * k.weight[x] * np.exp(-k.theta[s] * gap)
        return out


def made_market(places: int, stages: int, seed: int, *, choke: float = 1e6) -> Market:
    """A market at rest: all prices are 1, whatever the seed."""
    rng = np.random.default_rng(seed)
    n, size = places * stages, places * places
    weight = rng.lognormal(0.0, 1.5, (stages, places, places))
    weight[:, np.arange(places), np.arange(places)] += 1.0
    weight /= weight.sum(axis=1, keepdims=True)
    use = rng.lognormal(0.0, 1.0, (stages, places))
    use /= use.sum(axis=1, keepdims=True)
    if stages == 2:
        use[0] *= 0.2
    fixed = np.where(rng.random((stages, places)) < 0.3, 0.05 * use, 0.0)
    cost, feed = np.zeros(n), np.full(n, -1, dtype=np.int64)
    made, refined, given, bought = (np.zeros((stages, places)) for _ in range(4))
    for s in reversed(range(stages)):
        bought[s] = use[s] + fixed[s]
        if s + 1 < stages:
            down = slice((s + 1) * places, (s + 2) * places)
            cost[down] = rng.uniform(0.3, 0.85, places)
            feed[down] = s * places + np.arange(places)
            bought[s] += cost[down] * refined[s + 1]
        sold = weight[s] @ bought[s]
        given[s] = np.where(rng.random(places) < 0.3, 0.03 * sold, 0.0)
        made[s] = sold - given[s]
        if s > 0:
            refined[s] = made[s] * rng.uniform(0.7, 1.0, places)
            made[s] -= refined[s]
    refines = feed >= 0
    credit = np.where(refines, np.maximum(0.0, cost - 0.75), 0.0)
    rptr = np.zeros(n + 1, dtype=np.int64)
    rptr[1:] = np.cumsum(np.bincount(feed[refines], minlength=n)[:n])
    sold = (made + refined + given).ravel()
    layout = Layout(
        ns=np.arange(stages + 1, dtype=np.int64) * places,
        ms=np.arange(stages + 1, dtype=np.int64) * places,
        wo=np.arange(stages + 1, dtype=np.int64) * size,
        feed=feed,
        cost=cost,
        rptr=rptr,
        ridx=np.flatnonzero(refines).astype(np.int64),
        scale=np.maximum(sold, 1e-6 * sold.mean()),
    )
    supply = Supply(
        y=made.ravel(),
        eps=rng.choice(_EPS, n),
        cap=made.ravel() * rng.choice([1.03, 1.3, 2.5], n),
        ry=refined.ravel(),
        reps=rng.choice(_EPS, n),
        rcap=refined.ravel() * rng.choice([1.03, 1.3, 2.5], n),
        margin=np.where(refines, 1.0 - cost + credit, 1.0),
        credit=credit,
        given=given.ravel(),
        tail=_TAIL,
        floor=np.zeros(n),
    )
    demand = Demand(
        use=use.ravel(),
        eta=0.5,
        fixed=fixed.ravel(),
        choke=choke,
        kappa=0.1,
        months=bought.ravel(),
        stock=np.full(n, 2.0),
        target=np.full(n, 2.0),
        expected=np.ones(n),
        handed=np.zeros(n),
        rules=_RULES,
    )
    none = np.zeros(0)
    links = Links(
        weight=weight.ravel(),
        theta=np.full(stages, 3.0),
        tax=none,
        rate=none,
        floor=none,
        limit_of=np.zeros(0, dtype=np.int32),
        limit_node=np.zeros(0, dtype=np.int64),
        limit=none,
        general=False,
    )
    return Market(places, bought.ravel(), layout, supply, demand, links)


def largest(market: Market, s: int) -> int:
    """The place that sells most abroad at a stage."""
    flow = market.block(s, market.links.weight) * market.bought.reshape(-1, market.places)[s]
    np.fill_diagonal(flow, 0.0)
    return int(flow.sum(axis=1).argmax())


def banned(market: Market, place: int, s: int) -> Market:
    """Exports of a place closed."""
    weight = np.where(market.exports(place, s), 0.0, market.links.weight)
    return replace(market, links=market.links._replace(weight=weight))


def limited(market: Market, places: tuple[int, ...], s: int, share: float) -> Market:
    """Exports of each place held to a share of what they were."""
    bought = market.bought.reshape(-1, market.places)[s]
    limit_of = np.full(market.links.weight.size, -1, dtype=np.int32)
    ceiling = []
    for q, place in enumerate(places):
        mask = market.exports(place, s)
        limit_of[mask] = q
        weight = market.block(s, np.where(mask, market.links.weight, 0.0))
        ceiling.append(share * float((weight @ bought).sum()))
    links = market.links._replace(
        limit_of=limit_of,
        limit_node=market.layout.ns[s] + np.array(places, dtype=np.int64),
        limit=np.array(ceiling),
    )
    return replace(market, links=links)


def taxed(market: Market, importer: int, s: int, tax: float) -> Market:
    """A specific duty of a place on all that comes from abroad."""
    rows = np.zeros(market.links.weight.size)
    block = rows[market.layout.wo[s] : market.layout.wo[s + 1]]
    block = block.reshape(market.places, market.places)
    block[:, importer] = tax
    block[importer, importer] = 0.0
    return replace(market, links=market.links._replace(tax=rows))


def broken(market: Market, place: int, s: int, share: float) -> Market:
    """A share of a place's capacity lost."""
    left = np.ones(market.layout.feed.size)
    left[market.layout.ns[s] + place] -= share
    c = market.supply
    supply = c._replace(y=c.y * left, cap=c.cap * left, ry=c.ry * left, rcap=c.rcap * left)
    return replace(market, supply=supply)


def handed(market: Market, place: int, s: int, share: float) -> Market:
    """A strategic stock hands out a share of what the buyer of the place bought."""
    out = market.demand.handed.copy()
    j = market.layout.ms[s] + place
    out[j] = share * market.bought[j]
    return replace(market, demand=market.demand._replace(handed=out))


def guaranteed(market: Market, place: int, s: int, price: float) -> Market:
    """A contract for difference for what a place wins without feed."""
    floor = market.supply.floor.copy()
    floor[market.layout.ns[s] + place] = price
    return replace(market, supply=market.supply._replace(floor=floor))


def without_stocks(market: Market) -> Market:
    """The same, nobody holding commercial stocks."""
    return replace(market, demand=market.demand._replace(months=np.zeros(market.demand.use.size)))


def with_stocks(market: Market, seed: int) -> Market:
    """The same, stocks and expected prices away from rest."""
    rng, m = np.random.default_rng(seed), market.demand.use.size
    demand = market.demand._replace(
        stock=rng.uniform(0.2, 3.0, m), expected=rng.lognormal(0.0, 0.3, m)
    )
    return replace(market, demand=demand)
