"""The compiled path: month after month one convex program, with what markets remember between.

Four things are remembered, all updated implicitly so that no month jumps and none oscillates:
how users and makers have got used to prices (`habit`, `built`), whom buyers have turned to
(`weight`), what they hold and expect (`stock`, `expected`), and how much idle capacity has been
brought back (`cap`). Formulas stand with each update.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from lodestone.market.account_rows import (
    Tally,
    account_makers,
    account_users,
    cost_of_all,
    tally,
)
from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply
from lodestone.market.compiled import compiled
from lodestone.market.curves import LEAST, last_price
from lodestone.market.elementary import exps, logs, powers
from lodestone.market.kernel import columns, delivered, rows, solve
from lodestone.market.months import Months
from lodestone.market.proof import certify_by

#: A limit below this part of what its maker sold at rest is a ban.
_NOTHING = 1e-5
_TREND = 0.9
_TINY = 1e-300


class Rest(NamedTuple):
    """The market at rest: levels of the baseline, see `MarketBaseline`.

    Attributes
    ----------
    made, refined, given, use, fixed, bought, weight : as there
    ceiling : (N,) most that a node can make in the years of a path, in baseline outputs
    """

    made: Floats
    refined: Floats
    given: Floats
    use: Floats
    fixed: Floats
    bought: Floats
    weight: Floats
    ceiling: Floats


class Habits(NamedTuple):
    """Elasticities and memory.

    Attributes
    ----------
    theta : (S,)
    eta_now, eta_late, l_use : elasticity of use at once and in the long run, part of the gap
        that closes in a month
    eps_now, eps_late : (N,) the same of what is won without feed; reps_now, reps_late of refining
    l_supply, l_sourcing, anchor : parts of the gap closed in a month; weight of first habits
    choke, kappa, tail, credit_floor : of the curves
    spare, ratchet, ratchet_price : idle capacity, and how it comes back
    stock_months, smoothing : months of stock wanted; weight of this month in expected prices
    rules : (6,) see `Demand`
    """

    theta: Floats
    eta_now: float
    eta_late: float
    l_use: float
    eps_now: Floats
    eps_late: Floats
    reps_now: float
    reps_late: float
    l_supply: float
    l_sourcing: float
    anchor: float
    choke: float
    kappa: float
    tail: float
    credit_floor: float
    spare: float
    ratchet: float
    ratchet_price: float
    stock_months: float
    smoothing: float
    rules: Floats


class Walked(NamedTuple):
    """What a path leaves behind, month by month.

    Attributes
    ----------
    price : (T, N) at each node, NaN where it sells nothing
    rent : (T, Q) shadow prices; limited : (T, Q) what the limits let through
    effective, inner, paid : (T, M) price with the cost of switching, price at which the place
        decides, price paid (NaN where nothing is bought)
    bought, used, wanted, released, stock : (T, M) purchases, use, use without any price, taken
        from commercial stocks, months held at the end
    choking : (T, M) what this month's curve would use at the price, or at the choke if that is
        lower: where use begins to give up for good
    sold, made, refined : (T, N)
    flow : (T, L) or (0, L)
    users, treasury : (T, M) surplus of users and stock holders; duties and levies of the place
    makers : (T, N) profit of makers and refiners; support : (T, N) paid to them by contract
    proof : (T, 4) residual, largest imbalance, duality gap, steps; steps < 0 is a failure
    """

    price: Floats
    rent: Floats
    limited: Floats
    effective: Floats
    inner: Floats
    paid: Floats
    bought: Floats
    used: Floats
    wanted: Floats
    choking: Floats
    released: Floats
    stock: Floats
    sold: Floats
    made: Floats
    refined: Floats
    flow: Floats
    users: Floats
    treasury: Floats
    makers: Floats
    support: Floats
    proof: Floats


#: Prices, all alike, from which a month begins again where steps came to a standstill: at single
#: points of a scenario they do. The program is convex, so that any start leads to its one answer.
_HEIGHTS = (1.0, 1.25, 2.0, 5.0)


@compiled()
def walk_months(
    layout: Layout,
    rest: Rest,
    habits: Habits,
    months: Months,
    keep_flows: bool,
    tolerance: float,
    most: int,
) -> Walked:
    """Walk all months; stops (steps < 0 in `proof`) at the first that cannot be proved."""
    t_end, n, m = months.capacity.shape[0], layout.feed.size, layout.rptr.size - 1
    nq, size = months.limit.shape[1], rest.weight.size
    out = _empty(t_end, n, m, nq, size if keep_flows else 0)
    end = last_price(
        habits.eta_now + habits.l_use * (habits.eta_late - habits.eta_now),
        habits.choke,
        habits.kappa,
    )
    weight, part = rest.weight.copy(), np.zeros(size)
    habit, built, rbuilt = np.ones(m), np.ones(n), np.ones(n)
    cap, rcap = np.empty(n), np.empty(n)
    margin, credit = np.empty(n), np.empty(n)
    for k in range(n):
        top = min(1.0 + habits.spare, max(rest.ceiling[k], 1.0))
        cap[k], rcap[k] = rest.made[k] * top, rest.refined[k] * top
        base = 1.0 - layout.cost[k]
        credit[k] = max(0.0, habits.credit_floor - base) if layout.feed[k] >= 0 else 0.0
        margin[k] = base + credit[k] if layout.feed[k] >= 0 else 1.0
    stock, expected = np.full(m, habits.stock_months), np.ones(m)
    price, rent, start = np.ones(n), np.zeros(nq), np.ones(n)
    room = tally(layout)
    for t in range(t_end):
        _grow_offtake(t, layout, months, rest, weight)
        supply, demand, links = _conditions(
            t,
            layout,
            rest,
            habits,
            months,
            weight,
            habit,
            built,
            rbuilt,
            cap,
            rcap,
            margin,
            credit,
            stock,
            expected,
        )
        found = solve(layout, supply, demand, links, start, rent, tolerance, most)
        for height in _HEIGHTS:
            if found.steps >= 0:
                break
            lift = np.full(n, height)
            found = solve(layout, supply, demand, links, lift, np.zeros(nq), tolerance, most)
        _shares(layout, links, found, part)
        _record(
            t, layout, rest, supply, demand, links, months, found, end, part, room, out, keep_flows
        )
        if found.steps < 0:
            break
        _remember_use(found, habits, habit, end)
        _remember_supply(
            found,
            layout,
            rest,
            habits,
            months.capacity[t],
            months.contract[t],
            built,
            rbuilt,
            cap,
            rcap,
            margin,
            credit,
        )
        _remember_sourcing(layout, rest, habits, found, part, weight)
        stock[:] = out.stock[t]
        _remember_price(found, habits, end, expected)
        for k in range(n):
            # what prices did last month they mostly do again
            v = found.v[k] if found.v[k] == found.v[k] else 1.0
            trend = v / price[k]
            start[k] = v * trend**_TREND if 0.8 < trend < 1.25 else v
            price[k] = v
        rent[:] = found.rent
    return out


@compiled()
def _empty(t: int, n: int, m: int, nq: int, size: int) -> Walked:
    kept = t if size > 0 else 0
    return Walked(
        price=np.full((t, n), np.nan),
        rent=np.zeros((t, nq)),
        limited=np.zeros((t, nq)),
        effective=np.full((t, m), np.nan),
        inner=np.full((t, m), np.nan),
        paid=np.full((t, m), np.nan),
        bought=np.full((t, m), np.nan),
        used=np.full((t, m), np.nan),
        wanted=np.full((t, m), np.nan),
        choking=np.full((t, m), np.nan),
        released=np.full((t, m), np.nan),
        stock=np.full((t, m), np.nan),
        sold=np.full((t, n), np.nan),
        made=np.full((t, n), np.nan),
        refined=np.full((t, n), np.nan),
        flow=np.zeros((kept, size)),
        users=np.full((t, m), np.nan),
        treasury=np.full((t, m), np.nan),
        makers=np.full((t, n), np.nan),
        support=np.full((t, n), np.nan),
        proof=np.full((t, 4), np.nan),
    )


@compiled(allocates=False)
def _grow_offtake(t: int, layout: Layout, months: Months, rest: Rest, weight: Floats) -> None:
    """A plant's customers sign before it runs: its habit share grows with it, others give way."""
    if months.grow.shape[1] == 0:
        return
    for s in range(layout.ns.size - 1):
        n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
        for k in range(n0, n1):
            if months.grow[t, k] <= 0.0:
                continue
            for j in range(m1 - m0):
                at = layout.wo[s] + j
                add = min(months.grow[t, k] * months.reach[at + (k - n0) * (m1 - m0)], 0.9)
                for i in range(n1 - n0):
                    x = at + i * (m1 - m0)
                    weight[x] *= 1.0 - add
                    rest.weight[x] *= 1.0 - add
                weight[at + (k - n0) * (m1 - m0)] += add
                rest.weight[at + (k - n0) * (m1 - m0)] += add


@compiled()
def _conditions(
    t: int,
    layout: Layout,
    rest: Rest,
    habits: Habits,
    months: Months,
    weight: Floats,
    habit: Floats,
    built: Floats,
    rbuilt: Floats,
    cap: Floats,
    rcap: Floats,
    margin: Floats,
    credit: Floats,
    stock: Floats,
    expected: Floats,
) -> tuple[Supply, Demand, Links]:
    """This month's program.

    use      D0 H^(1-l) V^-(eta_S + l (eta_L - eta_S))
    supply   y0 a B^(1-l) v^(eps_S + l (eps_L - eps_S)), at most a cap
    """
    n, m = layout.feed.size, layout.rptr.size - 1
    l_s, l_u = habits.l_supply, habits.l_use
    y, ry, ycap, rycap = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    eps, reps = np.full(n, 1.0 - l_s), np.empty(n)
    powers(built, eps, y)
    powers(rbuilt, eps, ry)
    for k in range(n):
        a = months.capacity[t, k]
        y[k] *= rest.made[k] * a
        ry[k] *= rest.refined[k] * a
        ycap[k], rycap[k] = cap[k] * a, rcap[k] * a
        eps[k] = habits.eps_now[k] + l_s * (habits.eps_late[k] - habits.eps_now[k])
        reps[k] = habits.reps_now + l_s * (habits.reps_late - habits.reps_now)
    supply = Supply(
        y,
        eps,
        ycap,
        ry,
        reps,
        rycap,
        margin,
        credit,
        rest.given.copy(),
        habits.tail,
        months.contract[t],
    )
    level, fixed, target = np.empty(m), np.full(m, 1.0 - l_u), np.empty(m)
    powers(habit, fixed, level)
    for j in range(m):
        level[j] *= rest.use[j] * months.demand[t, j]
        fixed[j] = rest.fixed[j] + months.build[t, j]
        target[j] = habits.stock_months * months.target[t, j]
    held = rest.bought if habits.stock_months > 0.0 else np.zeros(m)
    demand = Demand(
        level,
        habits.eta_now + l_u * (habits.eta_late - habits.eta_now),
        fixed,
        habits.choke,
        habits.kappa,
        held,
        stock,
        target,
        expected,
        months.handed[t],
        habits.rules,
    )
    now = np.empty(weight.size)
    closed = months.closed[months.closed_at[t]]
    for x in range(now.size):
        now[x] = 0.0 if closed[x] else weight[x]
    limit = months.limit[t].copy()
    limit_of = months.limit_of[months.limited_at[t]]
    for q in range(limit.size):
        if limit[q] <= _NOTHING * layout.scale[months.limit_node[q]]:
            # its shadow price would have no end
            for x in range(now.size):
                if limit_of[x] == q:
                    now[x] = 0.0
            limit[q] = 1e6
    h = months.priced_at[t]
    general = months.rate.shape[1] > 0
    links = Links(
        now,
        habits.theta,
        months.tax[h],
        months.rate[h],
        months.floor[h],
        limit_of,
        months.limit_node,
        limit,
        general,
    )
    return supply, demand, links


@compiled()
def _record(
    t: int,
    layout: Layout,
    rest: Rest,
    supply: Supply,
    demand: Demand,
    links: Links,
    months: Months,
    found: Solution,
    end: float,
    part: Floats,
    room: Tally,
    out: Walked,
    keep_flows: bool,
) -> None:
    """Write down a month, with its proof."""
    out.price[t], out.rent[t] = found.v, found.rent
    out.effective[t], out.inner[t], out.bought[t] = found.effective, found.inner, found.bought
    out.made[t], out.refined[t] = found.made, found.refined
    for j in range(demand.use.size):
        out.wanted[t, j] = rest.use[j] * months.demand[t, j]
    _trade(t, layout, links, found, part, out, keep_flows)
    account_users(t, demand, found, end, room, out)
    account_makers(t, layout, supply, links, found, room, out)
    cost_of_all(layout, supply, found, room)
    residual, imbalance, gap = certify_by(
        layout,
        supply,
        demand,
        links,
        found,
        out.sold[t],
        out.limited[t],
        out.users[t],
        out.makers[t],
        room.cost,
    )
    out.proof[t, 0], out.proof[t, 1] = residual, imbalance
    out.proof[t, 2], out.proof[t, 3] = gap, found.steps


@compiled()
def _shares(layout: Layout, links: Links, found: Solution, part: Floats) -> None:
    """Share of each link in its buyer's purchases, pi; 0 where closed or where nothing is open."""
    for s in range(layout.ns.size - 1):
        theta = links.theta[s]
        n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
        weight = links.weight[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
        share = part[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
        low, high = np.inf, -np.inf
        for k in range(n0, n1):
            if found.v[k] < low:
                low = found.v[k]
        column = np.zeros(m1 - m0)
        for j in range(m1 - m0):
            v = found.effective[m0 + j]
            if v < np.inf:
                high = max(high, v)
        plain = not links.general and links.tax.size == 0 and theta * (high - low) < 600.0
        if plain:
            for j in range(m1 - m0):
                if found.effective[m0 + j] < np.inf:
                    column[j] = math.exp(theta * (found.effective[m0 + j] - low))
            for i in range(n1 - n0):
                v = found.v[n0 + i]
                e = math.exp(-theta * (v - low)) if v == v else 0.0
                for j in range(m1 - m0):
                    share[i, j] = weight[i, j] * e * column[j]
            for q in range(links.limit.size):
                k = links.limit_node[q]
                if n0 <= k < n1:
                    o = layout.wo[s] + (k - n0) * (m1 - m0)
                    for j in range(m1 - m0):
                        if links.limit_of[o + j] == q:
                            share[k - n0, j] *= math.exp(-theta * found.rent[q])
            continue
        for i in range(n1 - n0):
            v = found.v[n0 + i]
            for j in range(m1 - m0):
                share[i, j] = 0.0
                top = found.effective[m0 + j]
                if v != v or top == np.inf or weight[i, j] <= 0.0:
                    continue
                x = layout.wo[s] + i * (m1 - m0) + j
                c = delivered(v, x, links)
                if links.tax.size > 0:
                    c += links.tax[x]
                if links.limit.size > 0 and links.limit_of[x] >= 0:
                    c += found.rent[links.limit_of[x]]
                share[i, j] = weight[i, j] * math.exp(-theta * (c - top))


@compiled()
def _trade(
    t: int,
    layout: Layout,
    links: Links,
    found: Solution,
    part: Floats,
    out: Walked,
    keep_flows: bool,
) -> None:
    """Sales, prices paid and duties from the flows of every link."""
    out.treasury[t, :] = 0.0
    out.limited[t, :] = 0.0
    for s in range(layout.ns.size - 1):
        n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
        share = part[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
        bought = found.bought[m0:m1]
        price, spent = np.zeros(n1 - n0), np.empty(m1 - m0)
        for i in range(n1 - n0):
            v = found.v[n0 + i]
            price[i] = v if v == v else 0.0  # who sells nothing has a share of nothing
        rows(share, bought, out.sold[t, n0:n1])
        columns(share, price, spent)
        for j in range(m1 - m0):
            spent[j] *= bought[j]
        if links.general or links.tax.size > 0 or links.limit.size > 0:
            _charge(t, s, layout, links, found, part, out, spent)
        for j in range(m1 - m0):
            out.paid[t, m0 + j] = spent[j] / bought[j] if bought[j] > 0.0 else np.nan
        if keep_flows:
            for i in range(n1 - n0):
                o = layout.wo[s] + i * (m1 - m0)
                for j in range(m1 - m0):
                    out.flow[t, o + j] = share[i, j] * bought[j]


@compiled(allocates=False)
def _charge(
    t: int,
    s: int,
    layout: Layout,
    links: Links,
    found: Solution,
    part: Floats,
    out: Walked,
    spent: Floats,
) -> None:
    """What links cost beyond the price: duties and levies to treasuries, rents of limits."""
    n0, m0, m1 = layout.ns[s], layout.ms[s], layout.ms[s + 1]
    for i in range(n0, layout.ns[s + 1]):
        v = found.v[i]
        if v != v:
            continue
        for j in range(m1 - m0):
            x = layout.wo[s] + (i - n0) * (m1 - m0) + j
            flow = part[x] * found.bought[m0 + j]
            if flow <= 0.0:
                continue
            duty = delivered(v, x, links) - v
            if links.tax.size > 0:
                duty += links.tax[x]
            out.treasury[t, m0 + j] += flow * duty
            spent[j] += flow * duty
            q = links.limit_of[x] if links.limit.size > 0 else -1
            if q >= 0:
                out.limited[t, q] += flow
                spent[j] += flow * found.rent[q]


# --- memory --------------------------------------------------------------------------------


@compiled()
def _remember_use(found: Solution, habits: Habits, habit: Floats, end: float) -> None:
    """H <- H^(1-l) V^-(l (eta_L - eta_S))."""
    gain = -habits.l_use * (habits.eta_late - habits.eta_now)
    _blend(found.inner, end, gain, 1.0 - habits.l_use, habit)


@compiled()
def _remember_price(found: Solution, habits: Habits, end: float, expected: Floats) -> None:
    """E <- E^(1-s) V^s."""
    _blend(found.inner, end, habits.smoothing, 1.0 - habits.smoothing, expected)


@compiled()
def _blend(price: Floats, end: float, new: float, old: float, what: Floats) -> None:
    """what <- what^old price^new, with prices between the least and the last of use."""
    seen, known = np.empty(what.size), np.empty(what.size)
    for j in range(what.size):
        seen[j] = min(max(price[j], LEAST), end)
    logs(seen, seen)
    logs(what, known)
    for j in range(what.size):
        known[j] = old * known[j] + new * seen[j]
    exps(known, what)


@compiled()
def _remember_supply(
    found: Solution,
    layout: Layout,
    rest: Rest,
    habits: Habits,
    capacity: Floats,
    contract: Floats,
    built: Floats,
    rbuilt: Floats,
    cap: Floats,
    rcap: Floats,
    margin: Floats,
    credit: Floats,
) -> None:
    """B <- B^(1-l) v^(l (eps_L - eps_S)), no more than was built; idle capacity comes back.

    A node without a market remembers the lowest price of its curve. `cap <- min(K, cap + 0.03 y0)`
    in a month after v > 1.1.
    """
    part, n = habits.l_supply, built.size
    price, z, late = np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        v = found.v[k]
        price[k] = habits.tail if v != v else max(v, contract[k], habits.tail)
        z[k] = price[k]
        if layout.feed[k] >= 0:
            inner = found.inner[layout.feed[k]]
            z[k] = habits.tail
            if v == v and inner < np.inf:
                seen = max(v, contract[k])
                z[k] = max((seen - layout.cost[k] * inner + credit[k]) / margin[k], habits.tail)
        late[k] = part * (habits.eps_late[k] - habits.eps_now[k])
    grown = _grown(price, late, built, 1.0 - part)
    for k in range(n):
        late[k] = part * (habits.reps_late - habits.reps_now)
    rgrown = _grown(z, late, rbuilt, 1.0 - part)
    for k in range(n):
        if capacity[k] <= 0.0:
            continue  # what is not there learns and forgets nothing
        built[k], rbuilt[k] = grown[k], rgrown[k]
        if rest.made[k] > 0.0:
            built[k] = min(built[k], cap[k] / rest.made[k])
        if rest.refined[k] > 0.0:
            rbuilt[k] = min(rbuilt[k], rcap[k] / rest.refined[k])
        if price[k] > habits.ratchet_price:
            most = max(rest.ceiling[k], 1.0)
            cap[k] = min(rest.made[k] * most, cap[k] + habits.ratchet * rest.made[k])
            rcap[k] = min(rest.refined[k] * most, rcap[k] + habits.ratchet * rest.refined[k])


@compiled()
def _grown(price: Floats, late: Floats, built: Floats, old: float) -> Floats:
    """built^old price^late."""
    seen, known = np.empty(built.size), np.empty(built.size)
    for k in range(built.size):
        seen[k] = max(price[k], _TINY)
    logs(seen, seen)
    logs(built, known)
    for k in range(built.size):
        known[k] = old * known[k] + late[k] * seen[k]
    exps(known, seen)
    return seen


@compiled()
def _remember_sourcing(
    layout: Layout, rest: Rest, habits: Habits, found: Solution, part: Floats, weight: Floats
) -> None:
    """w <- (1 - l) w + l ((1 - anchor) pi + anchor w0); closed links have pi = 0.

    Shares keep summing to 1. A buyer without an open link remembers what it knew.
    """
    late, anchor = habits.l_sourcing, habits.anchor
    for s in range(layout.ns.size - 1):
        n0, n1, m0, m1 = layout.ns[s], layout.ns[s + 1], layout.ms[s], layout.ms[s + 1]
        now = weight[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
        first = rest.weight[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
        share = part[layout.wo[s] : layout.wo[s + 1]].reshape(n1 - n0, m1 - m0)
        pace = np.zeros(m1 - m0)
        for j in range(m1 - m0):
            pace[j] = late if found.effective[m0 + j] < np.inf else 0.0
        for i in range(n1 - n0):
            for j in range(m1 - m0):
                goal = (1.0 - anchor) * share[i, j] + anchor * first[i, j]
                now[i, j] += pace[j] * (goal - now[i, j])
