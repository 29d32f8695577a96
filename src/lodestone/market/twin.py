"""The market's twin: the same equations in plain NumPy, by another method, to test the kernel with.

Nothing of the product calls it. It is written from the equations, not from the kernel, so that a
slip in either shows as a difference: whole stages at once instead of numbers one by one, flows by
an explicit log-sum-exp for each buyer, and a dense Jacobian. Where the kernel minimises the dual,
the twin finds a root of ``min(ln(supply/sales), 10 v)`` (a free good, v = 0, need not be taken)
and ``min(ln(limit/flow), 10 mu)`` by Newton's method with backtracking, by Levenberg's ridge where
that fails, and by clearing one node after the other by bisection where that fails too. It is slow,
and meant for a dozen places; markets of a real year with a hundred nodes take a second or so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply

Mask = NDArray[np.bool_]

#: Below this price use follows its tangent.
_LEAST = 0.05
#: Slope of the function that stands for a free good, or for a limit that does not bind.
_AT_ZERO = 10.0


@dataclass(frozen=True)
class _State:
    """All that follows from prices.

    Attributes
    ----------
    excess : (N+Q,) supply minus sales, room under limits
    have, take : (N+Q,) supply and ceilings; sales and what limits let through
    slopes : (N+Q, N+Q) each, derivatives of `have` and `take`; None if they were not asked for
    """

    have: Floats
    take: Floats
    effective: Floats
    inner: Floats
    bought: Floats
    made: Floats
    refined: Floats
    slopes: tuple[Floats, Floats] | None


def solve_twin(
    layout: Layout,
    supply: Supply,
    demand: Demand,
    links: Links,
    tolerance: float = 1e-11,
    most: int = 500,
) -> Solution:
    """Clear a market slowly and plainly; what is given is left as it is.

    Parameters
    ----------
    tolerance : largest residual, in units of `layout.scale`
    most : largest number of steps; `Solution.steps` is negative if they did not do
    """
    twin = _Twin(layout, supply, demand, links)
    z, worst, steps = twin.root(tolerance, most)
    at = twin.state(z, False)
    n = layout.feed.size
    return Solution(
        np.where(twin.alive, z[:n], np.nan),
        z[n:].copy(),
        at.effective,
        at.inner,
        at.bought,
        at.made,
        at.refined,
        worst,
        steps if worst <= tolerance else -steps - 1,
    )


def flows_of(layout: Layout, links: Links, found: Solution) -> Floats:
    """(L,) flow of every link at an answer, by a softmax over delivered costs."""
    out = np.zeros(links.weight.size)
    for s in range(layout.ns.size - 1):
        a, b = int(layout.wo[s]), int(layout.wo[s + 1])
        nodes, buyers = _stage(layout, s)
        v = found.v[nodes]
        shape = (v.size, found.bought[buyers].size)
        weight = np.where(np.isnan(v)[:, None], 0.0, links.weight[a:b].reshape(shape))
        cost, _passed = _costs(np.nan_to_num(v), found.rent, links, a, b, shape)
        _top, share = _sourcing(weight, cost, float(links.theta[s]))
        out[a:b] = (share * found.bought[buyers]).ravel()
    return out


# --- the equations -------------------------------------------------------------------------


def _stage(layout: Layout, s: int) -> tuple[slice, slice]:
    return (
        slice(int(layout.ns[s]), int(layout.ns[s + 1])),
        slice(int(layout.ms[s]), int(layout.ms[s + 1])),
    )


def _costs(
    v: Floats, rent: Floats, links: Links, a: int, b: int, shape: tuple[int, int]
) -> tuple[Floats, Floats]:
    """(nodes, buyers) delivered cost: price through rate and floor, duty, shadow price of a limit;
    and how it moves with the price."""
    cost = np.repeat(v[:, None], shape[1], axis=1)
    passed = np.ones(shape)
    if links.general:
        factor = 1.0 + links.rate[a:b].reshape(shape)
        floor = links.floor[a:b].reshape(shape)
        passed = np.where(cost * factor < floor, 0.0, factor)
        cost = np.maximum(cost * factor, floor)
    if links.tax.size:
        cost = cost + links.tax[a:b].reshape(shape)
    if links.limit.size:
        which = links.limit_of[a:b].reshape(shape)
        cost = cost + np.where(which >= 0, rent[np.maximum(which, 0)], 0.0)
    return cost, passed


def _sourcing(weight: Floats, cost: Floats, theta: float) -> tuple[Floats, Floats]:
    """(buyers,) effective price V, and (nodes, buyers) shares pi; inf and 0 without open links."""
    with np.errstate(divide="ignore"):
        power = np.where(weight > 0.0, np.log(weight) - theta * cost, -np.inf)
    top = power.max(axis=0, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0.0)
    part = np.exp(power - shift)
    total = part.sum(axis=0)
    served = total > 0.0
    phi = np.where(served, total, 1.0)
    return np.where(served, -(shift + np.log(phi)) / theta, np.inf), part / phi


def _curve(v: Floats, y: Floats, eps: Floats, cap: Floats, tail: float) -> tuple[Floats, Floats]:
    """Supply and its slope: a power between the tail and the ceiling, a line to the origin below."""
    foot = np.minimum(y * tail**eps, cap)
    at = np.maximum(v, tail)
    power = y * at**eps
    capped = power >= cap
    high, high_slope = np.where(capped, cap, power), np.where(capped, 0.0, eps * power / at)
    low = v < tail
    out = np.where(low, foot * v / tail, high)
    slope = np.where(low, foot / tail, high_slope)
    none = (v <= 0.0) | (y <= 0.0)
    return np.where(none, 0.0, out), np.where(none, 0.0, slope)


def _use(v: Floats, level: Floats, eta: float, choke: float, kappa: float) -> tuple[Floats, Floats]:
    """Use and its slope; past the choke it falls to nothing."""
    finite = np.isfinite(v)
    at = np.where(finite, np.maximum(v, _LEAST), 1.0)
    out = level * at**-eta
    slope = -eta * out / at
    under = np.where(finite & (v < _LEAST), v - _LEAST, 0.0)
    fall = np.where(at > choke, level * choke**-eta / kappa, 0.0)
    out = out + slope * under - fall * (at / choke - 1.0)
    slope = slope - fall / choke
    gone = ~finite | (level <= 0.0) | (out <= 0.0)
    return np.where(gone, 0.0, out), np.where(gone, 0.0, slope)


def _release(v: Floats, demand: Demand) -> tuple[Floats, Floats]:
    """Months of stock released, and its slope."""
    response, back, build, most, draw, ceiling = demand.rules
    top = np.minimum(most, draw * demand.stock)
    low = -np.minimum(build, np.maximum(ceiling * demand.target - demand.stock, 0.0))
    at = np.where(np.isfinite(v), np.maximum(v, _LEAST), 1.0)
    r = response * np.log(at / demand.expected) + (demand.stock - demand.target) * back
    r = np.where(np.isfinite(v), r, np.inf)
    bent = (r > low) & (r < top) & (v > _LEAST)
    return np.where(r >= top, top, np.maximum(r, low)), np.where(bent, response / at, 0.0)


def _needs(v: Floats, demand: Demand) -> tuple[Floats, Floats]:
    """What users and stocks of each buyer need at its price, and the slope."""
    d, slope = _use(v, demand.use, demand.eta, demand.choke, demand.kappa)
    f, f_slope = _use(v, demand.fixed, 0.0, demand.choke, demand.kappa)
    r, r_slope = _release(v, demand)
    held = np.maximum(demand.months, 0.0)
    return d + f - held * r - demand.handed, slope + f_slope - held * r_slope


def _last(demand: Demand) -> float:
    """Highest price of any use, by bisection."""
    low, high = demand.choke, demand.choke * (1.0 + demand.kappa)
    one = np.ones(1)
    for _ in range(200):
        middle = 0.5 * (low + high)
        d, _s = _use(np.array([middle]), one, demand.eta, demand.choke, demand.kappa)
        low, high = (middle, high) if d[0] > 0.0 else (low, middle)
    return high


class _Twin:
    """One market, pruned, with its equations as methods."""

    def __init__(self, layout: Layout, supply: Supply, demand: Demand, links: Links) -> None:
        self.layout, self.demand = layout, demand
        self.stages = range(layout.ns.size - 1)
        self.n, self.m = layout.feed.size, demand.use.size
        self.fed = np.flatnonzero(layout.feed >= 0)
        self.through = layout.feed[self.fed]
        self.prune(supply, links)
        self.end = max(_last(demand), demand.choke * (1.0 + demand.kappa))
        ceilings = np.maximum(self.links.limit, 1e-6 * layout.scale[links.limit_node])
        self.scale = np.concatenate([layout.scale, ceilings])

    def prune(self, supply: Supply, links: Links) -> None:
        """Close what cannot carry anything, until nothing changes."""
        weight = links.weight.copy()
        y, ry, given = supply.y.copy(), supply.ry.copy(), supply.given.copy()
        demand, lay = self.demand, self.layout
        most, draw = demand.rules[3], demand.rules[4]
        stocked = np.minimum(most, draw * demand.stock) * demand.months + demand.handed > 0.0
        while True:
            before = (weight.copy(), ry.copy())
            able = np.minimum(y, supply.cap) + given > 0.0
            able |= np.minimum(ry, supply.rcap) > 0.0
            served, linked = np.zeros(self.m, dtype=bool), np.zeros(self.n, dtype=bool)
            for s in self.stages:
                nodes, buyers = _stage(lay, s)
                block = weight[lay.wo[s] : lay.wo[s + 1]].reshape(-1, lay.ms[s + 1] - lay.ms[s])
                block[~able[nodes]] = 0.0
                served[buyers] = (block > 0.0).any(axis=0)
                linked[nodes] = (block > 0.0).any(axis=1)
            alive = able & linked
            for level in (y, ry, given):
                level[~alive] = 0.0
            ry[self.fed[~served[self.through] & ~stocked[self.through]]] = 0.0
            if np.array_equal(before[0], weight) and np.array_equal(before[1], ry):
                break
        self.alive: Mask = alive
        self.links = links._replace(weight=weight)
        self.dead = np.concatenate([~alive, np.zeros(links.limit.size, dtype=bool)])
        self.supply = supply._replace(y=y, ry=ry, given=given)

    def refine(self, v: Floats, inner: Floats) -> tuple[Floats, Floats]:
        """(N,) output from feed, and its slope in the margin; at the guaranteed price if there is
        one (then the market is no program)."""
        if self.links.general:
            v = np.maximum(v, self.supply.floor)
        a, k = self.supply, self.fed
        out, slope = np.zeros(self.n), np.zeros(self.n)
        feed = inner[self.through]
        known = np.isfinite(feed)
        gain = v[k] - self.layout.cost[k] * np.where(known, feed, 0.0) + a.credit[k]
        y, dy = _curve(gain / a.margin[k], a.ry[k], a.reps[k], a.rcap[k], a.tail)
        out[k], slope[k] = np.where(known, y, 0.0), np.where(known, dy / a.margin[k], 0.0)
        return out, slope

    def wants(self, v: Floats, inner: Floats) -> Floats:
        """(M,) needs of users, stocks and refiners at the places' prices."""
        refined, _slope = self.refine(v, inner)
        intake = np.bincount(self.through, self.layout.cost[self.fed] * refined[self.fed], self.m)
        return np.asarray(_needs(inner, self.demand)[0] + intake)

    def inside(self, v: Floats, effective: Floats, wants: Floats) -> Floats:
        """(M,) price at which places decide: V, or less where stocks cover everything."""
        covered = ~(np.isfinite(effective) & (wants > 0.0))
        if not covered.any():
            return effective
        high = np.full(self.m, self.end)
        k = self.fed
        least = (v[k] + self.supply.credit[k]) / np.maximum(self.layout.cost[k], 1e-300)
        np.maximum.at(high, self.through, least)
        high = np.where(np.isfinite(effective), effective, high)
        low = np.full(self.m, 1e-6)
        high = np.maximum(high, low)
        for _ in range(64):
            middle = np.sqrt(low * high)
            short = self.wants(v, middle) > 0.0
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.where(covered, high, effective)

    def state(self, z: Floats, slopes: bool) -> _State:
        """Everything at prices v and shadow prices mu."""
        lay, links, a, n = self.layout, self.links, self.supply, self.n
        v, rent = z[:n], z[n:]
        effective = np.empty(self.m)
        shares, passes = [], []
        for s in self.stages:
            nodes, buyers = _stage(lay, s)
            w0, w1 = int(lay.wo[s]), int(lay.wo[s + 1])
            shape = (nodes.stop - nodes.start, buyers.stop - buyers.start)
            cost, passed = _costs(v[nodes], rent, links, w0, w1, shape)
            top, share = _sourcing(links.weight[w0:w1].reshape(shape), cost, float(links.theta[s]))
            effective[buyers] = top
            shares.append(share)
            passes.append(passed)
        wants = self.wants(v, np.where(np.isfinite(effective), effective, 1e300))
        buys = np.isfinite(effective) & (wants > 0.0)
        bought = np.where(buys, wants, 0.0)
        inner = self.inside(v, effective, wants)
        refined, r_slope = self.refine(v, inner)
        self.follows = (v >= a.floor) | (not links.general)
        made, slope = _curve(np.maximum(v, a.floor), a.y, a.eps, a.cap, a.tail)
        slope = np.where(v >= a.floor, slope, 0.0)
        sold, limited = np.zeros(n), np.zeros(rent.size)
        for s in self.stages:
            nodes, buyers = _stage(lay, s)
            flow = shares[s] * bought[buyers]
            sold[nodes] = flow.sum(axis=1)
            if rent.size:
                which = links.limit_of[lay.wo[s] : lay.wo[s + 1]]
                held = which >= 0
                limited += np.bincount(which[held], flow.ravel()[held], rent.size)
        have = np.concatenate([made + refined + a.given, links.limit])
        take = np.concatenate([sold, limited])
        both = self.slopes(buys, inner, bought, slope, r_slope, shares, passes) if slopes else None
        return _State(have, take, effective, inner, bought, made, refined, both)

    def slopes(
        self,
        buys: Mask,
        inner: Floats,
        bought: Floats,
        slope: Floats,
        r_slope: Floats,
        shares: list[Floats],
        passes: list[Floats],
    ) -> tuple[Floats, Floats]:
        """Derivatives of supply and of sales by prices and shadow prices, by the chain rule."""
        lay, links, n, m = self.layout, self.links, self.n, self.m
        size, k = n + links.limit.size, self.fed
        d_top = np.zeros((m, size))  # of effective prices
        for s in self.stages:
            nodes, buyers = _stage(lay, s)
            d_top[buyers, nodes] = (shares[s] * passes[s]).T
            for q in range(links.limit.size):
                d_top[buyers, n + q] = np.where(self.counted(s, q), shares[s], 0.0).sum(axis=0)
        _d, need_slope = _needs(inner, self.demand)
        cost = np.zeros(n)
        cost[k] = lay.cost[k]
        push = np.zeros((m, size))  # of intake by the refiners' own prices
        # below a guaranteed price a refiner follows its feed alone
        moved = r_slope * self.follows
        push[self.through, k] = cost[k] * moved[k]
        bend = np.bincount(self.through, cost[k] ** 2 * r_slope[k], m) - need_slope
        d_inside = push / np.where(bend > 0.0, bend, np.inf)[:, None]
        d_inner = np.where(buys[:, None], d_top, d_inside)
        d_bought = np.where(buys[:, None], push - bend[:, None] * d_top, 0.0)
        have, take = np.zeros((size, size)), np.zeros((size, size))
        index = np.arange(n)
        have[index, index] = slope + moved
        have[k] -= (r_slope[k] * cost[k])[:, None] * d_inner[self.through]
        for s in self.stages:
            nodes, buyers = _stage(lay, s)
            theta, own = float(links.theta[s]), index[nodes]
            flow = shares[s] * bought[buyers]
            moves = d_bought[buyers] + theta * bought[buyers, None] * d_top[buyers]
            take[nodes] += shares[s] @ moves
            take[own, own] -= theta * (flow * passes[s]).sum(axis=1)
            for q in range(links.limit.size):
                held = self.counted(s, q)
                if held.any():
                    i = int(links.limit_node[q])
                    through = theta * np.where(held, flow, 0.0).sum()
                    take[n + q] += np.where(held, shares[s], 0.0)[i - nodes.start] @ moves
                    take[i, n + q] -= through
                    take[n + q, n + q] -= through
                    take[n + q, i] -= theta * np.where(held, flow * passes[s], 0.0).sum()
        return have, take

    def counted(self, s: int, q: int) -> Mask:
        """(nodes, buyers) links of a stage that a limit counts."""
        lay = self.layout
        which = self.links.limit_of[lay.wo[s] : lay.wo[s + 1]]
        return np.asarray((which == q).reshape(-1, lay.ms[s + 1] - lay.ms[s]))

    # --- the root --------------------------------------------------------------------------

    def merit(self, z: Floats, at: _State) -> tuple[Floats, Mask]:
        """The function whose root is sought, and where it is the price itself."""
        little = 1e-9 * self.scale
        log = np.log((at.have + little) / (at.take + little))
        bound = _AT_ZERO * z < log
        f = np.where(bound, _AT_ZERO * z, log)
        f[: self.n][~self.alive] = 0.0
        return f, bound

    def matrix(self, at: _State, bound: Mask) -> Floats:
        """Jacobian of `merit`."""
        assert at.slopes is not None
        little = 1e-9 * self.scale
        have, take = at.slopes
        out = have / (at.have + little)[:, None] - take / (at.take + little)[:, None]
        for rows, level in ((bound, _AT_ZERO), (self.dead, 1.0)):
            k = np.flatnonzero(rows)
            out[k] = 0.0
            out[k, k] = level
        return np.asarray(out)

    def worst(self, z: Floats, at: _State) -> float:
        """Largest residual of what is not held at 0."""
        off = at.have - at.take
        free = ~((z <= 0.0) & (off >= 0.0)) & ~self.dead
        return float(np.max(np.abs(off[free]) / self.scale[free], initial=0.0))

    def root(self, tolerance: float, most: int) -> tuple[Floats, float, int]:
        """Prices and shadow prices, the residual, and steps taken."""
        z = np.concatenate([np.ones(self.n), np.zeros(self.links.limit.size)])
        best, least = z, np.inf
        for step in range(most):
            at = self.state(z, True)
            worst = self.worst(z, at)
            if worst < least:
                best, least = z, worst
            if worst <= tolerance:
                return z, worst, step
            z = self.stepped(z, at)
        return best, least, most

    def stepped(self, z: Floats, at: _State) -> Floats:
        """Prices after one step that brings the root nearer."""
        f, bound = self.merit(z, at)
        jac = self.matrix(at, bound)
        size = float(np.linalg.norm(f))
        square = jac.T @ jac
        for ridge in (0.0, 1e-6, 1e-3, 1e-1):
            try:
                if ridge == 0.0:
                    d = np.linalg.solve(jac, -f)
                else:
                    braced = square + ridge * np.diag(np.diag(square) + 1e-12)
                    d = np.linalg.solve(braced, -jac.T @ f)
            except np.linalg.LinAlgError:
                continue
            if not np.isfinite(d).all():
                continue
            d = np.minimum(d, 3.0 + 2.0 * z)
            for half in range(9):
                trial = np.maximum(z + 0.5**half * d, 0.0)
                g, _bound = self.merit(trial, self.state(trial, False))
                if np.linalg.norm(g) < (1.0 - 1e-3 * 0.5**half) * size:
                    return trial
        return self.swept(z)

    def swept(self, z: Floats) -> Floats:
        """Every unknown in turn at the value that clears it, all others standing."""
        z = z.copy()
        for k in np.flatnonzero(~self.dead).tolist():
            low, high = 0.0, 2.0 * z[k] + 1.0
            for _ in range(60):
                z[k] = high
                if self.short(z, k):
                    low, high = high, 2.0 * high
                else:
                    break
            for _ in range(60):
                z[k] = 0.5 * (low + high)
                low, high = (z[k], high) if self.short(z, k) else (low, z[k])
            z[k] = 0.0 if high < 1e-15 else high
        return z

    def short(self, z: Floats, k: int) -> bool:
        """Whether more is taken of an unknown than there is."""
        at = self.state(z, False)
        return bool(at.take[k] > at.have[k])
