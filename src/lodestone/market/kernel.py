"""The compiled solver: one market cleared by Newton's method on prices, matrix-free.

The dual of the market minimises `Psi(v, mu)` = profits + users' surplus + sum mu q over prices v
of supply nodes and shadow prices mu >= 0 of limits; its gradient is supply minus sales. A step
solves `H d = -gradient` by conjugate gradients and is accepted by the slope along it alone (a line
search on values cycles on markets with nearly vertical curves). H is never made: H times d is two
passes over the shares of purchases, in single precision, which is as fast as leaving out small
shares. Gradients, and with them answers, are in double precision throughout. The twin in `twin.py`
says the same in plain NumPy, by another method.

With ad-valorem rates or levy floors there is one answer but no program: then the exact unsymmetric
Jacobian is solved densely, and the size of the gradient decides.
"""

from __future__ import annotations

import math

import numpy as np

from lodestone.market.arrays import Demand, Floats, Layout, Links, Scratch, Solution, Supply
from lodestone.market.compiled import compiled, inlined
from lodestone.market.curves import (
    LEAST,
    last_price,
    release,
    releases,
    supplies,
    supply,
    use,
    uses,
)
from lodestone.market.elementary import exps, largest, logs

#: A buyer whose weights sum to less has only suppliers far dearer than the cheapest of others.
_FAR = 1e-200
#: Shares of purchases below this do not shape Newton's step.
_THIN = 1e-15
#: Keeps a buyer's rounded shares from summing to more than 1, which would bend the program down.
_WITHIN = 1.0 - 2e-7
#: Below this residual the curvature that sales had a step before serves to precondition the next.
_SETTLED = 1e-3
#: Above this sum of weights a buyer's shares are weights times two factors, in single precision too.
_NEAR = 1e-9
_RIDGE = 1e-9
#: Part of what would move all prices of a stage together that is taken beside their own moves.
_PART_TOGETHER = 0.7
_TRIES, _TRIES_GENERAL, _CALM, _LONG = 40, 12, 8, 40


@compiled()
def solve(
    layout: Layout,
    curves: Supply,
    demand: Demand,
    links: Links,
    start: Floats,
    start_rent: Floats,
    tolerance: float,
    most: int,
) -> Solution:
    """Clear the market from starting prices; see `Solution`.

    Prunes in place: `links.weight` and supply of what cannot trade become 0.
    """
    n, nq = layout.feed.size, links.limit.size
    alive = prune(layout, curves, demand, links)
    z = np.ones(n + nq)
    for k in range(n):
        if alive[k] and start[k] > 0.0 and start[k] < np.inf:
            z[k] = start[k]
    for q in range(nq):
        z[n + q] = max(start_rent[q], 0.0)
    plain = nq == 0 and links.tax.size == 0
    work = links.weight if plain else np.empty(links.weight.size)
    room = scratch(layout, nq, work, links.general)
    if links.general:
        # a contract for refined output is no part of any program; see `months`
        room.rfloor[:] = curves.floor
    end = last_price(demand.eta, demand.choke, demand.kappa)
    scale = np.empty(n + nq)
    scale[:n] = layout.scale
    for q in range(nq):
        scale[n + q] = max(links.limit[q], 1e-3 * layout.scale[links.limit_node[q]])
    discount(layout, links, room)
    logs(demand.expected, room.hoped)
    worst, steps = _descend(
        z, layout, curves, demand, links, end, scale, alive, tolerance, most, room, n
    )
    price = np.full(n, np.nan)
    for k in range(n):
        if alive[k]:
            price[k] = z[k]
    return Solution(
        price,
        z[n:].copy(),
        room.effective,
        room.inner,
        room.bought,
        room.made,
        room.refined,
        worst,
        steps if worst <= tolerance else -steps - 1,
    )


@compiled(allocates=False)
def _descend(
    z: Floats,
    layout: Layout,
    curves: Supply,
    demand: Demand,
    links: Links,
    end: float,
    scale: Floats,
    alive: np.ndarray,
    tolerance: float,
    most: int,
    room: Scratch,
    n: int,
) -> tuple[float, int]:
    """Newton's steps from z to the answer; residual there, and steps taken.

    Apart from `solve`, which makes arrays: see `compiled`.
    """
    evaluate(z, layout, curves, demand, links, end, room, room.gradient)
    damp, steps, worst, kept, calm = _RIDGE, 0, np.inf, False, True
    for steps in range(most):
        worst = residual(room.gradient, z, scale, alive, n)
        if worst <= tolerance:
            break
        kept = weigh(z, layout, links, room, kept, calm)
        _brace(damp, scale, alive, room, n)
        if steps == 0 or worst > _SETTLED or not kept:
            curvature(layout, links, room)
        diagonal(layout, links, room)
        _soften(curves, 0.05 * tolerance, scale, steps < _LONG, room, n)
        _temper(z, room)
        if links.general:
            _newton_general(z, layout, links, alive, room, n)
        else:
            _conjugate(z, layout, links, alive, worst, tolerance, room, n)
        length = _search(z, layout, curves, demand, links, end, scale, alive, worst, steps, room, n)
        # A price that little holds (everything near it at capacity) must not shorten the steps
        # of all others: damp such prices, and let go again as steps succeed.
        damp = min(max(100.0 * damp, 1e-5), 1.0) if length < 0.5 else max(0.1 * damp, _RIDGE)
        calm = calm and length >= 0.5 and steps < _CALM
    worst = residual(room.gradient, z, scale, alive, n)
    _settle_inner(z, layout, curves, demand, end, room)
    return worst, steps


@compiled()
def scratch(layout: Layout, nq: int, work: Floats, general: bool) -> Scratch:
    """Room to compute in: rows of three blocks, for an array of its own costs each as much as what
    is computed in it. Rows begin at multiples of eight numbers, so that they share no cache line."""
    n, m = layout.feed.size, layout.rptr.size - 1
    u = n + nq
    dense = u if general else 0
    nodes, buyers, unknowns = _rows(10, n), _rows(13, m), _rows(12, u)
    most, at = max(n, m), np.zeros(layout.ns.size, dtype=np.int64)
    for s in range(layout.ns.size - 1):
        size = (layout.ns[s + 1] - layout.ns[s]) * wide(layout.ms[s + 1] - layout.ms[s])
        at[s + 1] = at[s] + size
    part = np.empty(at[-1], dtype=np.float32)
    for s in range(layout.ns.size - 1):
        _clear_rest(part[at[s] : at[s + 1]], layout.ms[s + 1] - layout.ms[s])
    spare, thin = _rows(2, most), np.zeros((2, wide(most)), dtype=np.float32)
    buyers[5, :m] = 1.0
    nodes[7, :n] = 1.0
    buyers[8, :m] = 1.0
    return Scratch(
        work=work,
        share=nodes[0, :n],
        phi=buyers[0, :m],
        far=np.zeros(m, dtype=np.bool_),
        shift=buyers[1, :m],
        ratio=buyers[2, :m],
        effective=buyers[3, :m],
        inner=buyers[5, :m],
        bought=buyers[4, :m],
        pull=buyers[6, :m],
        made=nodes[1, :n],
        refined=nodes[2, :n],
        slope=nodes[3, :n],
        rslope=nodes[4, :n],
        sold=nodes[5, :n],
        limited=np.zeros(nq),
        gradient=unknowns[0, :u],
        other=unknowns[1, :u],
        soft=unknowns[2, :u],
        step=unknowns[3, :u],
        trial=unknowns[4, :u],
        ridge=unknowns[5, :u],
        own=unknowns[6, :u],
        hold=buyers[7, :m],
        lead=nodes[7, :n],
        lag=buyers[8, :m],
        diag=unknowns[7, :u],
        bend=nodes[6, :n],
        rfloor=nodes[8, :n],
        pre=unknowns[8, :u],
        r=unknowns[9, :u],
        p=unknowns[10, :u],
        hp=unknowns[11, :u],
        dv=buyers[9, :m],
        gain=buyers[10, :m],
        hoped=buyers[11, :m],
        rise=buyers[12, :m],
        spread=nodes[9, :n],
        seen=spare[0, :most],
        power=spare[1, :most],
        at=at,
        part=part,
        thin=thin[0],
        other_thin=thin[1],
        jacobian=np.empty((dense, dense)),
        limits=np.empty(dense, dtype=np.int64),
        give=np.zeros(layout.ns.size - 1),
        lift=np.zeros(layout.ns.size - 1),
    )


@compiled(allocates=False)
def _clear_rest(part: np.ndarray, width: int) -> None:
    """0 beyond the buyers of every row."""
    if width < wide(width):
        for first in range(width, part.size, wide(width)):
            for x in range(first, first + wide(width) - width):
                part[x] = 0.0


@inlined
def _rows(count: int, width: int) -> Floats:
    return np.zeros((count, wide(width)))


# --- what supply and sales are at given prices ---------------------------------------------


@compiled(allocates=False)
def evaluate(
    z: Floats,
    layout: Layout,
    curves: Supply,
    demand: Demand,
    links: Links,
    end: float,
    room: Scratch,
    gradient: Floats,
) -> None:
    """Supply minus sales at every node, room left under every limit: the dual's gradient.

    Fills effective and inner prices, purchases and their `pull` (minus the slope of what users
    and stocks need), output, and slopes (`rslope` in the refiner's margin).
    """
    n = layout.feed.size
    if links.limit.size > 0:
        _discount_limited(z, layout, links, room)
    for s in range(layout.ns.size - 1):
        if links.general:
            _price_general(s, z, layout, links, room)
        else:
            _price(s, z, layout, links, room)
    if layout.ridx.size > 0:
        _refine_all(z, layout, curves, room)
    _buy(z, layout, curves, demand, end, room)
    _make(z, curves, room, gradient)
    for s in range(layout.ns.size - 1):
        _sell(s, z, layout, links, room)
    sold = room.sold
    for k in range(n):
        gradient[k] -= sold[k]
    for q in range(links.limit.size):
        gradient[n + q] = links.limit[q] - room.limited[q]


@inlined
def _make(z: Floats, curves: Supply, room: Scratch, supplied: Floats) -> None:
    """Output of every node, and slopes of what is made without feed."""
    y, given, floor = curves.y, curves.given, curves.floor
    made, slope, refined, spread = room.made, room.slope, room.refined, room.spread
    for k in range(y.size):
        spread[k] = max(z[k], floor[k])
    supplies(spread, y, curves.eps, curves.cap, curves.tail, room.seen, made, slope)
    for k in range(y.size):
        slope[k] = slope[k] if z[k] >= floor[k] else 0.0
        supplied[k] = made[k] + refined[k] + given[k]


@inlined
def _refine_all(z: Floats, layout: Layout, curves: Supply, room: Scratch) -> None:
    """Output from feed, and its slope in the margin, where feed costs its effective price."""
    feed, cost, size, rslope = layout.feed, layout.cost, curves.margin, room.rslope
    spread = room.spread
    for k in range(feed.size):
        spread[k] = 0.0
        if curves.ry[k] > 0.0 and room.effective[feed[k]] < np.inf:
            paid = cost[k] * room.effective[feed[k]]
            spread[k] = (max(z[k], room.rfloor[k]) - paid + curves.credit[k]) / size[k]
    supplies(
        spread, curves.ry, curves.reps, curves.rcap, curves.tail, room.seen, room.refined, rslope
    )
    for k in range(feed.size):
        rslope[k] /= size[k]


@compiled()
def discount(layout: Layout, links: Links, room: Scratch) -> None:
    """Habit shares discounted by what a link costs beyond the price.

    Where nothing discounts them `work` is `weight` itself.
    """
    if links.tax.size == 0 and links.limit.size == 0:
        return
    room.work[:] = links.weight
    if links.tax.size == 0:
        return
    for s in range(layout.ns.size - 1):
        theta = links.theta[s]
        for x in range(layout.wo[s], layout.wo[s + 1]):
            if links.tax[x] != 0.0:
                room.work[x] *= math.exp(-theta * links.tax[x])


@compiled(allocates=False)
def _discount_limited(z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """The same for links under a limit, by the limit's shadow price."""
    n = layout.feed.size
    for q in range(links.limit.size):
        i = links.limit_node[q]
        s = _stage_of(layout.ns, i)
        width = layout.ms[s + 1] - layout.ms[s]
        o = layout.wo[s] + (i - layout.ns[s]) * width
        for x in range(o, o + width):
            if links.limit_of[x] == q:
                extra = z[n + q] + (links.tax[x] if links.tax.size > 0 else 0.0)
                room.work[x] = links.weight[x] * math.exp(-links.theta[s] * extra)


@inlined
def _stage_of(offsets: np.ndarray, k: int) -> int:
    s = 0
    while k >= offsets[s + 1]:
        s += 1
    return s


@inlined
def _price(s: int, z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """Effective prices of a stage's buyers, by log-sum-exp around the cheapest node."""
    theta = links.theta[s]
    n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
    work = room.work[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
    phi, shift, effective = room.phi[m0:m1], room.shift[m0:m1], room.effective[m0:m1]
    share, far, low = room.share[n0:n1], room.far[m0:m1], np.inf
    for i in range(n0, n1):
        low = min(low, z[i])
    dearer = room.seen[: n1 - n0]
    for i in range(n1 - n0):
        dearer[i] = -theta * (z[n0 + i] - low)
    exps(dearer, share)
    columns(work, share, phi)
    logs(phi, effective)
    for j in range(m1 - m0):
        shift[j], far[j] = low, phi[j] < _FAR
        effective[j] = low - effective[j] / theta
    for j in range(m1 - m0):
        if far[j]:
            _price_far(j, s, z, layout, links, room)
            effective[j] = shift[j] - math.log(phi[j]) / theta if phi[j] > 0.0 else np.inf


@compiled(allocates=False)
def _price_general(s: int, z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """The same where prices pass through rates and levy floors, link by link."""
    for j in range(layout.ms[s + 1] - layout.ms[s]):
        _price_far(j, s, z, layout, links, room)
        at = layout.ms[s] + j
        room.far[at] = True
        phi = room.phi[at]
        room.effective[at] = (
            room.shift[at] - math.log(phi) / links.theta[s] if phi > 0.0 else np.inf
        )


@compiled(allocates=False)
def _price_far(j: int, s: int, z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """Weights of one buyer around its own cheapest open link, all costs in the exponent."""
    theta, n0, n = links.theta[s], layout.ns[s], layout.feed.size
    width = layout.ms[s + 1] - layout.ms[s]
    low, total = np.inf, 0.0
    for i in range(n0, layout.ns[s + 1]):
        x = layout.wo[s] + (i - n0) * width + j
        if links.weight[x] > 0.0:
            low = min(low, _full_cost(z[i], x, z, n, links))
    if low < np.inf:
        for i in range(n0, layout.ns[s + 1]):
            x = layout.wo[s] + (i - n0) * width + j
            if links.weight[x] > 0.0:
                c = _full_cost(z[i], x, z, n, links)
                total += links.weight[x] * math.exp(-theta * (c - low))
    room.phi[layout.ms[s] + j] = total
    room.shift[layout.ms[s] + j] = low


@inlined
def _full_cost(v: float, x: int, z: Floats, n: int, links: Links) -> float:
    """All that a unit costs over a link: price, duty, and the shadow price of its limit."""
    c = delivered(v, x, links)
    if links.tax.size > 0:
        c += links.tax[x]
    if links.limit.size > 0 and links.limit_of[x] >= 0:
        c += z[n + links.limit_of[x]]
    return c


@inlined
def delivered(v: float, x: int, links: Links) -> float:
    """Price on a link before specific costs: through its rate and levy floor if it has any."""
    if links.general:
        return max(v * (1.0 + links.rate[x]), links.floor[x])
    return v


@inlined
def _need(v: float, j: int, demand: Demand) -> tuple[float, float]:
    """What a buyer's users and stocks need at inner price v, without refiners; and its slope."""
    d, slope = use(v, demand.use[j], demand.eta, demand.choke, demand.kappa)
    if demand.fixed[j] > 0.0:
        f, fslope = use(v, demand.fixed[j], 0.0, demand.choke, demand.kappa)
        d += f
        slope += fslope
    months = demand.months[j]
    if months > 0.0:
        r, rslope = release(v, demand.stock[j], demand.target[j], demand.expected[j], demand.rules)
        d -= r * months
        slope -= rslope * months
    return d - demand.handed[j], slope


@inlined
def _refine(v: float, inner: float, k: int, cost: float, curves: Supply) -> tuple[float, float]:
    """Output of a refining node at its price and its feed's price; and its slope in the margin."""
    if inner == np.inf:
        return 0.0, 0.0
    size = curves.margin[k]
    z = (v - cost * inner + curves.credit[k]) / size
    y, slope = supply(z, curves.ry[k], curves.reps[k], curves.rcap[k], curves.tail)
    return y, slope / size


@inlined
def _buy(
    z: Floats, layout: Layout, curves: Supply, demand: Demand, end: float, room: Scratch
) -> None:
    """Purchases of every buyer. Where its stocks cover all it needs, it buys nothing and its
    inner price lies below the market's; without refiners nothing else depends on that price."""
    rptr, ridx, cost, phi, pull = layout.rptr, layout.ridx, layout.cost, room.phi, room.pull
    effective, inner, bought, ratio = room.effective, room.inner, room.bought, room.ratio
    need, slope = room.gain, room.dv
    _need_all(demand, room, need, slope)
    for j in range(bought.size):
        top, total = effective[j], 0.0
        if top < np.inf:
            total = need[j]
            for q in range(rptr[j], rptr[j + 1]):
                total += cost[ridx[q]] * room.refined[ridx[q]]
        if total > 0.0:
            inner[j], bought[j], ratio[j], pull[j] = top, total, total / phi[j], -slope[j]
        else:
            bought[j], ratio[j], pull[j] = 0.0, 0.0, 0.0
            if top < np.inf:
                pull[j] = -slope[j]
            if rptr[j] < rptr[j + 1]:
                pull[j] = -_turn_inward(j, z, layout, curves, demand, end, room)


@inlined
def _need_all(demand: Demand, room: Scratch, need: Floats, slope: Floats) -> None:
    """The same as `_need` of every buyer at its effective price, where that is finite."""
    price, logarithm, power = room.effective, room.rise, room.power[: need.size]
    for j in range(need.size):
        power[j] = max(price[j], LEAST)
    logs(power, logarithm)
    for j in range(need.size):
        power[j] = -demand.eta * logarithm[j]
        logarithm[j] -= room.hoped[j]
    exps(power, power)
    uses(price, power, demand, need, slope)
    releases(price, logarithm, demand, need, slope)
    for j in range(need.size):
        need[j] -= demand.handed[j]


@compiled(allocates=False)
def _turn_inward(
    j: int, z: Floats, layout: Layout, curves: Supply, demand: Demand, end: float, room: Scratch
) -> float:
    """Inner price of a buyer that buys nothing and has refiners, and what these make; slope of needs."""
    top, guess = room.effective[j], room.inner[j]
    v = _inner_price(j, top, z, layout, curves, demand, end, guess, room.rfloor)
    room.inner[j] = v
    for q in range(layout.rptr[j], layout.rptr[j + 1]):
        k = layout.ridx[q]
        y, bend = 0.0, 0.0
        if curves.ry[k] > 0.0:
            y, bend = _refine(max(z[k], room.rfloor[k]), v, k, layout.cost[k], curves)
        room.refined[k], room.rslope[k] = y, bend
    _n, slope = _need(v, j, demand)
    return slope


@compiled(allocates=False)
def _settle_inner(
    z: Floats, layout: Layout, curves: Supply, demand: Demand, end: float, room: Scratch
) -> None:
    """Inner prices that the solver had no need of."""
    for j in range(room.bought.size):
        if room.bought[j] <= 0.0 and layout.rptr[j] == layout.rptr[j + 1]:
            top = room.effective[j]
            room.inner[j] = _inner_price(j, top, z, layout, curves, demand, end, 1.0, room.rfloor)


@compiled(allocates=False)
def _inner_price(
    j: int,
    top: float,
    z: Floats,
    layout: Layout,
    curves: Supply,
    demand: Demand,
    end: float,
    guess: float,
    rfloor: Floats,
) -> float:
    """Price below `top` at which a buyer that buys nothing balances stocks, users, refiners.

    Newton's method on a falling function, inside a bracket that halves where it does not help.
    """
    high = top
    if top == np.inf:
        high = max(end, demand.choke * (1.0 + demand.kappa))  # where stock building ends
        for q in range(layout.rptr[j], layout.rptr[j + 1]):
            k = layout.ridx[q]
            seen = max(z[k], rfloor[k])
            high = max(high, (seen + curves.credit[k]) / layout.cost[k])
    low, v = 1e-6, min(max(guess, 1e-3), high)
    for _ in range(200):
        total, slope = _need(v, j, demand)
        for q in range(layout.rptr[j], layout.rptr[j + 1]):
            k = layout.ridx[q]
            y, bend = _refine(max(z[k], rfloor[k]), v, k, layout.cost[k], curves)
            total += layout.cost[k] * y
            slope -= layout.cost[k] ** 2 * bend
        if total > 0.0:
            low = v
        else:
            high = v
        step = v - total / slope if slope < 0.0 else -1.0
        if not low < step < high:
            step = 0.5 * (low + high)
        if abs(step - v) <= 1e-13 * v or high - low <= 1e-13 * high:
            return step
        v = step
    return v


@compiled(fastmath={"contract"}, allocates=False)
def columns(work: np.ndarray, x: np.ndarray, out: np.ndarray) -> None:
    """out_j = sum over i of work_ij x_i, eight rows at a time: `out` is fetched once for them."""
    n = work.shape[0]
    out[:] = 0.0
    for i in range(0, n - 7, 8):
        _add_eight(work, x, i, out)
    if n % 8 >= 4:
        _add_four(work, x, n - n % 8, out)
    for i in range(n - n % 4, n):
        row, e = work[i], x[i]
        for j in range(out.size):
            out[j] += row[j] * e


@inlined
def _add_eight(work: np.ndarray, x: np.ndarray, i: int, out: np.ndarray) -> None:
    a, b, c, d = work[i], work[i + 1], work[i + 2], work[i + 3]
    e, f, g, h = work[i + 4], work[i + 5], work[i + 6], work[i + 7]
    xa, xb, xc, xd = x[i], x[i + 1], x[i + 2], x[i + 3]
    xe, xf, xg, xh = x[i + 4], x[i + 5], x[i + 6], x[i + 7]
    for j in range(out.size):
        first = a[j] * xa + b[j] * xb + c[j] * xc + d[j] * xd
        out[j] += first + e[j] * xe + f[j] * xf + g[j] * xg + h[j] * xh


@inlined
def _add_four(work: np.ndarray, x: np.ndarray, i: int, out: np.ndarray) -> None:
    a, b, c, d = work[i], work[i + 1], work[i + 2], work[i + 3]
    xa, xb, xc, xd = x[i], x[i + 1], x[i + 2], x[i + 3]
    for j in range(out.size):
        out[j] += a[j] * xa + b[j] * xb + c[j] * xc + d[j] * xd


@compiled(fastmath={"reassoc", "contract"}, allocates=False)
def rows(work: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """out_i = sum over j of work_ij y_j, four rows at a time.

    From the last row up: `columns` goes down, and each finds in the nearest memory what the other
    left there.
    """
    n, m = work.shape
    whole = n - n % 4
    zero = y.dtype.type(0.0)
    for i in range(whole, n):
        a, ta = work[i], zero
        for j in range(m):
            ta += a[j] * y[j]
        out[i] = ta
    for block in range(whole // 4):
        i = whole - 4 - 4 * block
        a, b, c, d = work[i], work[i + 1], work[i + 2], work[i + 3]
        ta, tb, tc, td = zero, zero, zero, zero
        for j in range(m):
            ta += a[j] * y[j]
            tb += b[j] * y[j]
            tc += c[j] * y[j]
            td += d[j] * y[j]
        out[i], out[i + 1], out[i + 2], out[i + 3] = ta, tb, tc, td


@inlined
def _sell(s: int, z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """Sales of a stage's nodes, and what limits count."""
    n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
    work = room.work[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
    near, far, ratio = room.dv[m0:m1], room.far[m0:m1], room.ratio[m0:m1]
    sold, share, apart = room.sold[n0:n1], room.share[n0:n1], False
    for j in range(m1 - m0):
        near[j] = 0.0 if far[j] else ratio[j]
        apart |= far[j]
    rows(work, near, sold)
    for i in range(n1 - n0):
        sold[i] *= share[i]
    for q in range(links.limit.size):
        k = links.limit_node[q]
        if n0 <= k < n1:
            total = 0.0
            o = layout.wo[s] + (k - n0) * (m1 - m0)
            for j in range(m1 - m0):
                if links.limit_of[o + j] == q:
                    total += room.work[o + j] * near[j]
            room.limited[q] = total * room.share[k]
    if apart:
        for j in range(m1 - m0):
            if far[j] and ratio[j] > 0.0:
                _sell_far(m0 + j, s, z, layout, links, room)


@compiled(allocates=False)
def _sell_far(j: int, s: int, z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """Add what is sold to a buyer whose weights stand around its own cheapest link."""
    n0, width, n = layout.ns[s], layout.ms[s + 1] - layout.ms[s], layout.feed.size
    for i in range(n0, layout.ns[s + 1]):
        x = layout.wo[s] + (i - n0) * width + j - layout.ms[s]
        if links.weight[x] > 0.0:
            c = _full_cost(z[i], x, z, n, links)
            own = links.weight[x] * room.ratio[j] * math.exp(-links.theta[s] * (c - room.shift[j]))
            room.sold[i] += own
            if links.limit.size > 0 and links.limit_of[x] >= 0:
                room.limited[links.limit_of[x]] += own


# --- what cannot trade ---------------------------------------------------------------------


@compiled()
def prune(layout: Layout, curves: Supply, demand: Demand, links: Links) -> np.ndarray:
    """Close what cannot carry anything, to a fixed point; True for nodes that still trade.

    A node without supply loses its links; a buyer without links and without stocks leaves its
    refiners without feed, and what they alone supplied goes too.
    """
    n, m = layout.feed.size, layout.rptr.size - 1
    alive = np.ones(n, dtype=np.bool_)
    served = np.ones(m, dtype=np.bool_)
    changed = True
    while changed:
        changed = False
        for s in range(layout.ns.size - 1):
            n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
            weight = links.weight[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
            able = np.zeros(n1 - n0, dtype=np.bool_)
            for i in range(n1 - n0):
                if not alive[n0 + i]:
                    continue
                if _can_supply(n0 + i, curves) and _is_linked(weight[i]):
                    able[i] = True
                    continue
                alive[n0 + i] = False
                changed = True
                weight[i, :] = 0.0
                curves.y[n0 + i], curves.ry[n0 + i], curves.given[n0 + i] = 0.0, 0.0, 0.0
            for j in range(m1 - m0):
                if served[m0 + j] and not _is_open(weight, able, j):
                    served[m0 + j] = False
                    if not _has_stock(m0 + j, demand):
                        for q in range(layout.rptr[m0 + j], layout.rptr[m0 + j + 1]):
                            curves.ry[layout.ridx[q]] = 0.0
                            changed = True
    return alive


@compiled(allocates=False)
def _is_linked(row: Floats) -> bool:
    for j in range(row.size):  # noqa: SIM110
        if row[j] > 0.0:
            return True
    return False


@compiled(allocates=False)
def _is_open(weight: Floats, able: np.ndarray, j: int) -> bool:
    for i in range(able.size):  # noqa: SIM110
        if able[i] and weight[i, j] > 0.0:
            return True
    return False


@inlined
def _can_supply(k: int, curves: Supply) -> bool:
    own = min(curves.y[k], curves.cap[k]) + curves.given[k]
    return own > 0.0 or min(curves.ry[k], curves.rcap[k]) > 0.0


@inlined
def _has_stock(j: int, demand: Demand) -> bool:
    top = min(demand.rules[3], demand.rules[4] * demand.stock[j])
    return top * demand.months[j] + demand.handed[j] > 0.0


# --- Newton's step -------------------------------------------------------------------------


@compiled(allocates=False)
def weigh(z: Floats, layout: Layout, links: Links, room: Scratch, kept: bool, calm: bool) -> bool:
    """Shares of each node in each buyer's purchases, which shape Newton's step.

    Shares are `part * lead * lag`, by link, node and buyer. `part` is in single precision: the step
    need not be more exact than that, and passes over all links are most of its work. Where no
    buyer is far and steps succeed (`calm`) it holds the weights themselves, and is made once in a
    solve (`kept`, returned). Else it holds the shares, for there a sole supplier's is exactly 1,
    and a market in which hardly anything bends needs that.
    Parts below `_THIN` are left out, for their products would be denormal.
    """
    if calm and _all_near(links, room):
        if not kept:
            for s in range(layout.ns.size - 1):
                _thin_out(_block(s, layout, room.work), _parts(s, layout, room))
        for k in range(room.lead.size):
            room.lead[k] = room.share[k]
        for j in range(room.lag.size):
            room.lag[j] = _WITHIN / room.phi[j] if room.bought[j] > 0.0 else 0.0
        return True
    room.lead[:], room.lag[:] = 1.0, 1.0
    for s in range(layout.ns.size - 1):
        m0, m1 = layout.ms[s], layout.ms[s + 1]
        work, part = _block(s, layout, room.work), _parts(s, layout, room)
        factor, apart = room.dv[m0:m1], False
        for j in range(m0, m1):
            buys = room.bought[j] > 0.0
            apart = apart or (buys and room.far[j])
            factor[j - m0] = 1.0 / room.phi[j] if buys and not room.far[j] else 0.0
        _divide(work, room.share[layout.ns[s] : layout.ns[s + 1]], factor, part)
        if apart:
            for j in range(m0, m1):
                if room.far[j] and room.bought[j] > 0.0:
                    _weigh_far(j, s, z, layout, links, room)
    return False


@compiled(allocates=False)
def _all_near(links: Links, room: Scratch) -> bool:
    """Whether single precision holds the sums of weights of all who buy."""
    if links.general or links.limit.size > 0:
        return False
    least = 1.0
    for j in range(room.phi.size):
        least = min(least, room.phi[j] if room.bought[j] > 0.0 else 1.0)
    return least >= _NEAR


@compiled(allocates=False)
def _thin_out(work: Floats, part: np.ndarray) -> None:
    """Weights in single precision, without the smallest."""
    for i in range(work.shape[0]):
        row, out = work[i], part[i]
        for j in range(row.size):
            out[j] = np.float32(row[j] if row[j] > _THIN else 0.0)


@inlined
def _block(s: int, layout: Layout, flat: np.ndarray) -> np.ndarray:
    """(nodes, buyers) of one stage of a flat array of links."""
    size = (layout.ns[s + 1] - layout.ns[s], layout.ms[s + 1] - layout.ms[s])
    return flat[layout.wo[s] : layout.wo[s + 1]].reshape(size)


@inlined
def _parts(s: int, layout: Layout, room: Scratch) -> np.ndarray:
    """(nodes, `wide` buyers) of one stage of the parts; beyond its buyers they are 0."""
    n0, n1 = layout.ns[s], layout.ns[s + 1]
    width = wide(layout.ms[s + 1] - layout.ms[s])
    return room.part[room.at[s] : room.at[s] + (n1 - n0) * width].reshape(n1 - n0, width)


@inlined
def wide(width: int) -> int:
    """The width of rows made of whole vectors, so that no loop over them has a rest."""
    return (width + 7) // 8 * 8


@compiled(allocates=False)
def _divide(work: np.ndarray, share: Floats, factor: Floats, part: np.ndarray) -> None:
    """part_ij = work_ij share_i factor_j."""
    for i in range(share.size):
        row, out, e = work[i], part[i], share[i]
        for j in range(factor.size):
            own = row[j] * e * factor[j]
            out[j] = np.float32(own if own > _THIN else 0.0)


@compiled(allocates=False)
def _weigh_far(j: int, s: int, z: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """The same of one buyer whose weights stand around its own cheapest link."""
    n0, width, n = layout.ns[s], layout.ms[s + 1] - layout.ms[s], layout.feed.size
    part = _parts(s, layout, room)
    for i in range(n0, layout.ns[s + 1]):
        x = layout.wo[s] + (i - n0) * width + j - layout.ms[s]
        own = 0.0
        if links.weight[x] > 0.0:
            c = _full_cost(z[i], x, z, n, links)
            own = links.weight[x] * math.exp(-links.theta[s] * (c - room.shift[j])) / room.phi[j]
        part[i - n0, j - layout.ms[s]] = np.float32(own if own > _THIN else 0.0)


@inlined
def _brace(damp: float, scale: Floats, alive: np.ndarray, room: Scratch, n: int) -> None:
    for k in range(scale.size):
        room.ridge[k] = damp * scale[k]
        if k < n and not alive[k]:
            room.ridge[k] = 1.0


@compiled(fastmath={"reassoc", "contract"}, allocates=False)
def _squares(part: np.ndarray, gain: np.ndarray, out: Floats) -> None:
    """out_i = sum over j of gain_j times the squared share of i in j's purchases."""
    n, m = part.shape
    for i in range(n):
        row, total = part[i], np.float32(0.0)
        for j in range(m):
            total += gain[j] * row[j] * row[j]
        out[i] = total


@inlined
def curvature(layout: Layout, links: Links, room: Scratch) -> None:
    """What sales add to the diagonal of the Hessian: `bend`."""
    gain, bend, cost, rslope = room.gain, room.bend, layout.cost, room.rslope
    for s in range(layout.ns.size - 1):
        n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
        theta, square = links.theta[s], room.seen[: m1 - m0]
        for j in range(m0, m1):
            gain[j] = room.pull[j] - theta * room.bought[j]
        for q in range(layout.rptr[m0], layout.rptr[m1]):
            k = layout.ridx[q]
            gain[layout.feed[k]] += cost[k] * cost[k] * rslope[k]
        for j in range(m1 - m0):
            square[j] = gain[m0 + j] * room.lag[m0 + j] * room.lag[m0 + j]
        most = _narrow(square, room.thin[: m1 - m0])
        _squares(_parts(s, layout, room), room.thin[: wide(m1 - m0)], bend[n0:n1])
        for k in range(n0, n1):
            bend[k] = most * bend[k] * room.lead[k] * room.lead[k] + theta * room.sold[k]


@inlined
def diagonal(layout: Layout, links: Links, room: Scratch) -> None:
    """Diagonal of the Hessian, to precondition with."""
    n, diag = layout.feed.size, room.diag
    for k in range(n):
        diag[k] = room.slope[k] + room.rslope[k] + room.ridge[k] + room.bend[k]
    for q in range(links.limit.size):
        s, o = _limited_row(q, layout, links)
        m0, part = layout.ms[s], _limited_parts(q, s, layout, links, room)
        total = room.ridge[n + q] + links.theta[s] * room.limited[q]
        for j in range(m0, layout.ms[s + 1]):
            if links.limit_of[o + j] == q:
                total += room.gain[j] * part[j - m0] ** 2
        diag[n + q] = total


@inlined
def _limited_row(q: int, layout: Layout, links: Links) -> tuple[int, int]:
    """Stage of a limit's node, and where buyer 0 would stand among the node's links."""
    k = links.limit_node[q]
    s = _stage_of(layout.ns, k)
    return s, layout.wo[s] + (k - layout.ns[s]) * (layout.ms[s + 1] - layout.ms[s]) - layout.ms[s]


@inlined
def _limited_parts(q: int, s: int, layout: Layout, links: Links, room: Scratch) -> np.ndarray:
    """Parts of a limit's node."""
    return _parts(s, layout, room)[links.limit_node[q] - layout.ns[s]]


@compiled(allocates=False)
def _narrow(x: Floats, out: np.ndarray) -> float:
    """x in single precision, in units of its largest entry (returned).

    So the largest entry is exact: where one price hardly bends anything, nothing is lost of it.
    """
    most = max(1e-300, largest(x))
    unit = 1.0 / most
    for k in range(x.size):
        out[k] = np.float32(x[k] * unit)
    return most


@inlined
def _hold(layout: Layout, links: Links, room: Scratch) -> None:
    """What of the Hessian is diagonal: in prices (`own`), and in effective prices (`hold`)."""
    own, hold, slope, sold, ridge = room.own, room.hold, room.slope, room.sold, room.ridge
    bought, pull = room.bought, room.pull
    for k in range(ridge.size):
        own[k] = ridge[k]
    for s in range(layout.ns.size - 1):
        theta, n0, n1 = links.theta[s], layout.ns[s], layout.ns[s + 1]
        # slices, for a loop that begins at 0 is done several at a time
        firm, free, sells = own[n0:n1], slope[n0:n1], sold[n0:n1]
        for k in range(n1 - n0):
            firm[k] += free[k] + theta * sells[k]
        m0, m1 = layout.ms[s], layout.ms[s + 1]
        holds, buys, bends = hold[m0:m1], bought[m0:m1], pull[m0:m1]
        for j in range(m1 - m0):
            holds[j] = theta * buys[j] - bends[j]


@inlined
def times(d: Floats, out: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """Hessian of the dual times d.

    Stage by stage, for refiners join stages by their own prices alone: how effective prices move
    (`dv`), what purchases do then (`gain`), and supply less sales.
    """
    own, ms = room.own, layout.ms
    for k in range(d.size):
        out[k] = own[k] * d[k]
    for s in range(ms.size - 1):
        _prices_move(s, d, layout, links, room)
        hold, dv = room.hold[ms[s] : ms[s + 1]], room.dv[ms[s] : ms[s + 1]]
        gain = room.gain[ms[s] : ms[s + 1]]
        for j in range(gain.size):
            gain[j] = hold[j] * dv[j]
        if layout.rptr[ms[s]] < layout.rptr[ms[s + 1]]:
            _refining_moves(s, d, out, layout, room)
        _sales_move(s, d, out, layout, links, room)


@inlined
def _refining_moves(s: int, d: Floats, out: Floats, layout: Layout, room: Scratch) -> None:
    """What refiners who buy in a stage make more, and buy for it."""
    feed, cost, rslope, bought = layout.feed, layout.cost, room.rslope, room.bought
    dv, gain, idle = room.dv, room.gain, -1
    for q in range(layout.rptr[layout.ms[s]], layout.rptr[layout.ms[s + 1]]):
        k = layout.ridx[q]
        j = feed[k]
        if bought[j] <= 0.0:
            # all refiners of a place are beside each other
            if j != idle:
                _inward(j, d, out, layout, room)
            idle = j
            continue
        more = rslope[k] * (d[k] - cost[k] * dv[j])
        out[k] += more
        gain[j] += cost[k] * more


@inlined
def _prices_move(s: int, d: Floats, layout: Layout, links: Links, room: Scratch) -> None:
    """How a stage's effective prices move with prices and shadow prices: `dv`."""
    n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
    x, y, scaled = room.thin[: n1 - n0], room.other_thin[: wide(m1 - m0)], room.seen[: n1 - n0]
    lead, lag, move, dv = room.lead[n0:n1], room.lag[m0:m1], d[n0:n1], room.dv[m0:m1]
    for i in range(n1 - n0):
        scaled[i] = lead[i] * move[i]
    most = _narrow(scaled, x)
    columns(_parts(s, layout, room), x, y)
    for j in range(m1 - m0):
        dv[j] = most * lag[j] * y[j]
    for q in range(links.limit.size):
        if n0 <= links.limit_node[q] < n1:
            _s, o = _limited_row(q, layout, links)
            part, rise = _limited_parts(q, s, layout, links, room), d[layout.feed.size + q]
            for j in range(m0, m1):
                if links.limit_of[o + j] == q:
                    room.dv[j] += part[j - m0] * rise


@inlined
def _sales_move(
    s: int, d: Floats, out: Floats, layout: Layout, links: Links, room: Scratch
) -> None:
    """Less what sales, and what limits count of them, gain by purchases (`gain`)."""
    n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
    x, y, scaled = room.thin[: wide(m1 - m0)], room.other_thin[: n1 - n0], room.seen[: m1 - m0]
    lead, lag, gain, less = room.lead[n0:n1], room.lag[m0:m1], room.gain[m0:m1], out[n0:n1]
    for j in range(m1 - m0):
        scaled[j] = lag[j] * gain[j]
    most = _narrow(scaled, x)
    # beyond the buyers x is whatever it was, and parts are 0
    rows(_parts(s, layout, room), x, y)
    for i in range(n1 - n0):
        less[i] -= most * lead[i] * y[i]
    for q in range(links.limit.size):
        k, at = links.limit_node[q], layout.feed.size + q
        if n0 <= k < n1:
            _s, o = _limited_row(q, layout, links)
            part = _limited_parts(q, s, layout, links, room)
            total, flow = 0.0, links.theta[s] * room.limited[q]
            for j in range(m0, m1):
                if links.limit_of[o + j] == q:
                    total += part[j - m0] * room.gain[j]
            out[k] += flow * d[at]
            out[at] += flow * (d[k] + d[at]) - total


@compiled(allocates=False)
def _inward(j: int, d: Floats, out: Floats, layout: Layout, room: Scratch) -> None:
    """Refiners of a buyer that buys nothing: their feed price moves with their own price."""
    bend, push = room.pull[j], 0.0
    for q in range(layout.rptr[j], layout.rptr[j + 1]):
        k = layout.ridx[q]
        bend += layout.cost[k] ** 2 * room.rslope[k]
        push += layout.cost[k] * room.rslope[k] * d[k]
    inner = push / bend if bend > 0.0 else 0.0
    for q in range(layout.rptr[j], layout.rptr[j + 1]):
        k = layout.ridx[q]
        out[k] += room.rslope[k] * (d[k] - layout.cost[k] * inner)


@inlined
def _soften(
    curves: Supply, nothing: float, scale: Floats, apart: bool, room: Scratch, n: int
) -> None:
    """The gradient as Newton should see it: of logarithms, and the same near the answer.

    Where that has not led to the answer in many steps (not `apart`), the plain one does: a damped
    step along it always goes down. What is off by `nothing` has arrived: a price that hardly
    anything depends on would else go on for ever, and take the exactness of the others' steps.

    Sales fall like exp(-theta v), supply runs like a power. Where the two are off by factors the
    plain gradient would throw a price to zero, or crawl upwards by 1/theta a step; the logarithm
    of their ratio over the logarithmic slopes is exact for either.
    """
    for k in range(room.gradient.size):
        off = room.gradient[k]
        room.soft[k] = off if abs(off) > nothing * scale[k] else 0.0
    for k in range(n):
        sold = room.sold[k]
        supplied = room.made[k] + room.refined[k] + curves.given[k]
        near = abs(supplied - sold) < 0.01 * sold
        if near or supplied <= 0.0 or sold <= 1e-290 or room.soft[k] == 0.0 or not apart:
            continue
        own = room.slope[k] + room.rslope[k]
        over = max(room.bend[k], 1e-3 * sold) / sold + own / supplied
        room.soft[k] = room.diag[k] * math.log(supplied / sold) / over


@inlined
def _temper(z: Floats, room: Scratch) -> None:
    """Hold what has no curvature of its own: alone it would move no further than it may.

    A node that nobody buys from any more, or a shadow price of an empty link, would else ask for
    an endless step, and shorten that of all others to nothing.
    """
    for k in range(z.size):
        far = 3.0 + 2.0 * z[k] if room.soft[k] < 0.0 else max(z[k], 1e-12)
        lacking = abs(room.soft[k]) / far - room.diag[k]
        if lacking > 0.0:
            room.ridge[k] += lacking
            room.diag[k] += lacking


@inlined
def held(k: int, z: Floats, gradient: Floats, alive: np.ndarray, n: int) -> bool:
    """Unknowns that stay: dead nodes, and bounds that hold."""
    if k < n and not alive[k]:
        return True
    return z[k] <= 0.0 and gradient[k] >= 0.0


@compiled(allocates=False)
def residual(gradient: Floats, z: Floats, scale: Floats, alive: np.ndarray, n: int) -> float:
    """Largest gradient of the free unknowns, in units of scale."""
    worst = 0.0
    for k in range(z.size):
        if not held(k, z, gradient, alive, n):
            off = abs(gradient[k]) / scale[k]
            if not off <= worst:
                worst = off
    return worst


@compiled(fastmath={"reassoc", "contract"}, allocates=False)
def _dot(a: Floats, b: Floats) -> float:
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@compiled(fastmath={"reassoc", "contract"}, allocates=False)
def _advance(a: float, p: Floats, hp: Floats, pre: Floats, d: Floats, r: Floats) -> float:
    """Go a along p; size of the remainder. What is held has p = 0 and counts nothing."""
    total = 0.0
    for k in range(d.size):
        d[k] += a * p[k]
        r[k] -= a * hp[k]
        total += r[k] * r[k] * pre[k]
    return total


@compiled(fastmath={"reassoc", "contract"}, allocates=False)
def _sum_free(r: Floats, pre: Floats) -> float:
    total = 0.0
    for k in range(r.size):
        total += r[k] if pre[k] > 0.0 else 0.0
    return total


@compiled(allocates=False)
def _pool(layout: Layout, room: Scratch) -> None:
    """How readily all prices of a stage move together: `give`, per unit that is missing in all.

    Buyers do not turn to others then, so that only use, supply and refining hold against it:
    little beside what holds each price alone, and what steps along single prices find last.
    """
    slope, rslope, pull, ridge, rptr = room.slope, room.rslope, room.pull, room.ridge, layout.rptr
    for s in range(layout.ns.size - 1):
        firm = 0.0
        for k in range(layout.ns[s], layout.ns[s + 1]):
            firm += slope[k] + rslope[k] + ridge[k] if room.pre[k] > 0.0 else 0.0
        for j in range(layout.ms[s], layout.ms[s + 1]):
            firm += pull[j] if room.bought[j] > 0.0 else 0.0
        for q in range(rptr[layout.ms[s]], rptr[layout.ms[s + 1]]):
            k = layout.ridx[q]
            firm += layout.cost[k] * layout.cost[k] * rslope[k]
        room.give[s] = _PART_TOGETHER / firm if firm > 0.0 else 0.0


@compiled(allocates=False)
def _lift(layout: Layout, room: Scratch) -> float:
    """What each stage's prices shall do together against what is left; and its part of the size."""
    total = 0.0
    for s in range(layout.ns.size - 1):
        n0, n1 = layout.ns[s], layout.ns[s + 1]
        missing = _sum_free(room.r[n0:n1], room.pre[n0:n1])
        room.lift[s] = room.give[s] * missing
        total += room.lift[s] * missing
    return total


@inlined
def _turn(b: float, layout: Layout, room: Scratch) -> None:
    """The next direction: against what is left, each price alone and each stage together."""
    p, pre, r = room.p, room.pre, room.r
    for k in range(p.size):
        p[k] = pre[k] * r[k] + b * p[k]
    for s in range(layout.ns.size - 1):
        n0, n1, lift = layout.ns[s], layout.ns[s + 1], room.lift[s]
        own, free = p[n0:n1], pre[n0:n1]
        for k in range(own.size):
            own[k] += lift if free[k] > 0.0 else 0.0


@compiled(allocates=False)
def _conjugate(
    z: Floats,
    layout: Layout,
    links: Links,
    alive: np.ndarray,
    worst: float,
    tolerance: float,
    room: Scratch,
    n: int,
) -> None:
    """step = -H^-1 gradient on the free unknowns, to an accuracy that grows with convergence."""
    d, r, p, hp, pre = room.step, room.r, room.p, room.hp, room.pre
    _hold(layout, links, room)
    for k in range(z.size):
        stays = held(k, z, room.gradient, alive, n)
        d[k], p[k], hp[k] = 0.0, 0.0, 0.0
        pre[k] = 0.0 if stays else 1.0 / max(room.diag[k], 1e-300)
        r[k] = 0.0 if stays else -room.soft[k]
    _pool(layout, room)
    rz = _advance(0.0, p, hp, pre, d, r) + _lift(layout, room)
    _turn(0.0, layout, room)
    # as exact as Newton's own step is near the answer, and no more than is still missing
    goal = rz * min(1e-3, max(0.1 * worst * worst, (0.2 * tolerance / worst) ** 2, 1e-14))
    for _ in range(4 * z.size + 20):
        if rz <= goal or rz <= 0.0:
            break
        times(p, hp, layout, links, room)
        curve = _dot(p, hp)  # what is held has p = 0 throughout
        if curve <= 0.0:
            break
        new = _advance(rz / curve, p, hp, pre, d, r) + _lift(layout, room)
        b = new / rz
        rz = new
        _turn(b, layout, room)
    if _dot(room.gradient, d) >= 0.0:
        for k in range(z.size):
            d[k] = -room.gradient[k] * pre[k]


@compiled(allocates=False)
def _newton_general(
    z: Floats,
    layout: Layout,
    links: Links,
    alive: np.ndarray,
    room: Scratch,
    n: int,
) -> None:
    """The exact step with rates and levy floors: Jacobian of the gradient, solved densely."""
    jac, right = room.jacobian, room.step
    jac[:] = 0.0
    for k in range(n):
        jac[k, k] = room.slope[k]
    _jacobian(z, layout, links, room, n)
    for k in range(z.size):
        right[k] = -room.soft[k]
        jac[k, k] += room.ridge[k]
        if held(k, z, room.gradient, alive, n):
            jac[k, :] = 0.0
            jac[k, k] = 1.0
            right[k] = 0.0
    _eliminate(jac, right)


@compiled(allocates=False)
def _eliminate(a: Floats, b: Floats) -> None:
    """Solve a x = b in place by Gauss with row pivots; b becomes x.

    Written out so that no threaded library decides the last digits.
    """
    n = b.size
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[pivot, k]):
                pivot = i
        if pivot != k:
            for j in range(k, n):
                a[k, j], a[pivot, j] = a[pivot, j], a[k, j]
            b[k], b[pivot] = b[pivot], b[k]
        if a[k, k] == 0.0:
            a[k, k] = 1e-300
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            if factor != 0.0:
                for j in range(k + 1, n):
                    a[i, j] -= factor * a[k, j]
                b[i] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            b[k] -= a[k, j] * b[j]
        b[k] /= a[k, k]


@compiled(allocates=False)
def _jacobian(z: Floats, layout: Layout, links: Links, room: Scratch, n: int) -> None:
    """Derivatives of supply minus sales by prices and shadow prices, added to `jacobian`."""
    jac, floor = room.jacobian, room.rfloor
    for j in range(room.bought.size):
        if room.bought[j] <= 0.0:
            _jacobian_inward(j, z, layout, room)
            continue
        s = _stage_of(layout.ms, j)
        theta, n0, width = links.theta[s], layout.ns[s], layout.ms[s + 1] - layout.ms[s]
        gain = room.pull[j]
        for q in range(layout.rptr[j], layout.rptr[j + 1]):
            k = layout.ridx[q]
            gain += layout.cost[k] ** 2 * room.rslope[k]
            # below a guaranteed price a refiner follows its feed alone
            if z[k] >= floor[k]:
                jac[k, k] += room.rslope[k]
        # shares of the purchase by origin, and how the delivered price follows the price
        count = layout.ns[s + 1] - n0
        part, passed, lim = room.seen[:count], room.power[:count], room.limits[:count]
        for i in range(count):
            part[i], passed[i], lim[i] = 0.0, 0.0, -1
            x = layout.wo[s] + i * width + j - layout.ms[s]
            if links.weight[x] > 0.0:
                c = _full_cost(z[n0 + i], x, z, n, links)
                part[i] = links.weight[x] * math.exp(-theta * (c - room.shift[j])) / room.phi[j]
                passed[i] = _passed(z[n0 + i], x, links)
                if links.limit.size > 0:
                    lim[i] = links.limit_of[x]
        for i in range(part.size):
            if part[i] == 0.0:
                continue
            for q in range(layout.rptr[j], layout.rptr[j + 1]):
                k = layout.ridx[q]
                move = layout.cost[k] * room.rslope[k] * part[i]
                own = move if z[k] >= floor[k] else 0.0
                jac[n0 + i, k] -= own
                jac[k, n0 + i] -= move * passed[i]
                if lim[i] >= 0:
                    jac[n + lim[i], k] -= own
                    jac[k, n + lim[i]] -= move
            for i2 in range(part.size):
                base = (gain - theta * room.bought[j]) * part[i] * part[i2]
                if i == i2:
                    base += theta * room.bought[j] * part[i]
                jac[n0 + i, n0 + i2] += base * passed[i2]
                if lim[i] >= 0:
                    jac[n + lim[i], n0 + i2] += base * passed[i2]
                if lim[i2] >= 0:
                    jac[n0 + i, n + lim[i2]] += base
                    if lim[i] >= 0:
                        jac[n + lim[i], n + lim[i2]] += base


@compiled(allocates=False)
def _jacobian_inward(j: int, z: Floats, layout: Layout, room: Scratch) -> None:
    """Refiners of a buyer that buys nothing."""
    jac, floor = room.jacobian, room.rfloor
    bend = room.pull[j]
    for q in range(layout.rptr[j], layout.rptr[j + 1]):
        bend += layout.cost[layout.ridx[q]] ** 2 * room.rslope[layout.ridx[q]]
    for q in range(layout.rptr[j], layout.rptr[j + 1]):
        k = layout.ridx[q]
        if z[k] >= floor[k]:
            jac[k, k] += room.rslope[k]
        for q2 in range(layout.rptr[j], layout.rptr[j + 1]):
            k2 = layout.ridx[q2]
            if bend > 0.0 and z[k2] >= floor[k2]:
                cross = layout.cost[k] * room.rslope[k] * layout.cost[k2] * room.rslope[k2]
                jac[k, k2] -= cross / bend


@inlined
def _passed(v: float, x: int, links: Links) -> float:
    """How the delivered price moves with the price."""
    if v * (1.0 + links.rate[x]) < links.floor[x]:
        return 0.0
    return 1.0 + links.rate[x]


@inlined
def moved(z: float, d: float, length: float) -> float:
    """A step that does not leave z >= 0, and gets to 0 only where a free good is worth nothing."""
    if z < 1e-9 and d < 0.0:
        return -z
    return max(length * d, -0.95 * z)


@compiled(allocates=False)
def _merit(gradient: Floats, z: Floats, scale: Floats, alive: np.ndarray, n: int) -> float:
    """Size of what is open. What is left over at a price near 0 counts as little as the price."""
    total = 0.0
    for k in range(z.size):
        if k < n and not alive[k]:
            continue
        off = gradient[k] / scale[k]
        if off > 0.0:
            off = min(off, 10.0 * z[k])
        total += off * off
    return math.sqrt(total)


@compiled(allocates=False)
def _grope(
    z: Floats,
    layout: Layout,
    links: Links,
    curves: Supply,
    alive: np.ndarray,
    room: Scratch,
    n: int,
) -> None:
    """Walras's way, for the corner of a levy floor where no step helps: who sells too much gets
    dearer, who sells too little cheaper, each by the logarithm of the ratio."""
    for k in range(n):
        supplied = room.made[k] + room.refined[k] + curves.given[k]
        room.trial[k] = z[k]
        if alive[k] and supplied > 0.0 and room.sold[k] > 0.0:
            move = 0.5 * math.log(room.sold[k] / supplied) / links.theta[_stage_of(layout.ns, k)]
            room.trial[k] += moved(z[k], min(move, 1.0), 1.0)
    for q in range(links.limit.size):
        room.trial[n + q] = z[n + q]


@compiled(allocates=False)
def _shorten(z: Floats, d: Floats, gradient: Floats, room: Floats) -> float:
    """Shorten the step so that no price moves by more than 3 + 2 z; its slope at the start."""
    for k in range(d.size):
        room[k] = d[k] / (3.0 + 2.0 * z[k])
    over = max(1.0, largest(room))
    first = 0.0
    for k in range(d.size):
        d[k] /= over
        first += gradient[k] * moved(z[k], d[k], 1e-9)
    return first / 1e-9


@compiled(allocates=False)
def _slope_between(gradient: Floats, a: Floats, b: Floats) -> float:
    total = 0.0
    for k in range(gradient.size):
        total += gradient[k] * (b[k] - a[k])
    return total


@compiled(allocates=False)
def _search(
    z: Floats,
    layout: Layout,
    curves: Supply,
    demand: Demand,
    links: Links,
    end: float,
    scale: Floats,
    alive: np.ndarray,
    worst: float,
    steps: int,
    room: Scratch,
    n: int,
) -> float:
    """Take the step, as long as the slope along it allows; its length. z and gradient move.

    A price may rise by at most 3 + 2 v: the step is shortened as a whole. No price passes the choke
    at one go: beyond the end of use nothing bends, and steps know no measure. The slope at the end
    may not point up by more than 0.3 of how it pointed down at the start (0 after many steps,
    which makes every step go down); nor, once a length was too far, down by more than half of it.
    Slopes and halves give the lengths between.
    """
    d, size = room.step, z.size
    gate = demand.choke * (1.0 + 0.5 * demand.kappa)
    for k in range(n):
        if z[k] < demand.choke:
            d[k] = min(d[k], gate - z[k])
    first = _shorten(z, d, room.gradient, room.trial)
    allowed = 0.3 if steps < _LONG else 0.0
    merit = _merit(room.gradient, z, scale, alive, n) if links.general else 0.0
    length, low, high, low_slope, high_slope = 1.0, 0.0, 0.0, first, 0.0
    for tries in range(_TRIES):
        for k in range(size):
            room.trial[k] = z[k] + moved(z[k], d[k], length)
        evaluate(room.trial, layout, curves, demand, links, end, room, room.other)
        if links.general:
            if _merit(room.other, room.trial, scale, alive, n) < (1.0 - 1e-4 * length) * merit:
                break
            length *= 0.5
            if tries == _TRIES_GENERAL:
                evaluate(z, layout, curves, demand, links, end, room, room.other)
                _grope(z, layout, links, curves, alive, room, n)
                evaluate(room.trial, layout, curves, demand, links, end, room, room.other)
                break
            continue
        now = _slope_between(room.other, z, room.trial) / length
        far = now > allowed * abs(first)
        short = high > 0.0 and now < -0.5 * abs(first) and tries < 6
        if tries == _TRIES - 1 or not (far or short):
            break
        if (
            far
            and steps < _LONG
            and residual(room.other, room.trial, scale, alive, n) <= 0.5 * worst
        ):
            break
        # between a length too short and one too far: by the slopes, then by halves
        part = 0.5
        if far:
            high, high_slope = length, now
            part = low_slope / (low_slope - high_slope)
        else:
            low, low_slope = length, now
        length = low + (high - low) * min(max(part, 0.05), 0.95)
    for k in range(size):
        z[k], room.gradient[k] = room.trial[k], room.other[k]
    return length
