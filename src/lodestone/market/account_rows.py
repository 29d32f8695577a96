"""Who gains and who pays in a month, whole rows at once.

What `welfare_kernel` and `proof.area_of_cost` say of one buyer or one maker, said of all of them
by elementary functions of rows: most of a month of a path was powers taken one at a time.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply
from lodestone.market.compiled import compiled
from lodestone.market.curves import LEAST, release, surplus
from lodestone.market.elementary import exps, logs, powers
from lodestone.market.welfare_kernel import guaranteed

if TYPE_CHECKING:
    from lodestone.market.walk_kernel import Walked

#: A price at which nobody buys, in the place of none.
_BEYOND = 1e12
_TINY = 1e-300
_LOG_LEAST = math.log(LEAST)


class Tally(NamedTuple):
    """Room for a month's account, all (max(N, M),).

    Attributes
    ----------
    price, log_price, power : of buyers: price, its logarithm, and price^-eta
    log_expected, low, high : of buyers: logarithm of the expected price; where stocks begin and
        cease to follow the price, as powers of e
    first, second, third : rows for the curves of makers
    cost : what it costs to make what is made, from feed too
    """

    price: Floats
    log_price: Floats
    power: Floats
    log_expected: Floats
    low: Floats
    high: Floats
    first: Floats
    second: Floats
    third: Floats
    cost: Floats


@compiled()
def tally(layout: Layout) -> Tally:
    """Room for the accounts of a market."""
    room = np.zeros((10, max(layout.feed.size, layout.rptr.size - 1)))
    return Tally(
        room[0],
        room[1],
        room[2],
        room[3],
        room[4],
        room[5],
        room[6],
        room[7],
        room[8],
        room[9],
    )


# --- buyers --------------------------------------------------------------------------------


@compiled(fastmath={"contract"}, allocates=False)
def account_users(
    t: int, demand: Demand, found: Solution, end: float, room: Tally, out: Walked
) -> None:
    """Use, stocks and surplus of every buyer in month t."""
    size = demand.use.size
    price, at, log_price = room.price[:size], room.power[:size], room.log_price[:size]
    for j in range(size):
        price[j] = min(found.inner[j], _BEYOND)
        at[j] = max(price[j], LEAST)
    logs(at, log_price)
    for j in range(size):
        at[j] = -demand.eta * log_price[j]
    exps(at, room.power[:size])
    logs(demand.expected, room.log_expected[:size])
    used_row(price, room.power[:size], demand, out.used[t], out.choking[t])
    _stocks(t, demand, room, out)
    surplus_row(price, log_price, room.power[:size], demand, end, out.users[t])
    _add_rare(t, demand, price, out)
    _add_stock_worth(t, demand, room, out)


@compiled(fastmath={"contract"}, allocates=False)
def used_row(price: Floats, power: Floats, demand: Demand, used: Floats, choking: Floats) -> None:
    """What is used at prices, and at the choke where they are higher; `power` is price^-eta."""
    eta, choke, use = demand.eta, demand.choke, demand.use
    at_choke = choke ** (-eta)
    fall, per_choke = at_choke / demand.kappa, 1.0 / choke
    for j in range(use.size):
        v = price[j]
        beyond = v > choke
        wish = use[j] * power[j]
        below = -eta * wish / max(v, LEAST) * min(v - LEAST, 0.0)
        gone = use[j] * fall * (v * per_choke - 1.0) if beyond else 0.0
        used[j] = max(wish + below - gone, 0.0)
        choking[j] = use[j] * at_choke if beyond else wish + below


@compiled(fastmath={"contract"}, allocates=False)
def _stocks(t: int, demand: Demand, room: Tally, out: Walked) -> None:
    """What stocks give in a month, and what is left of them."""
    rules = demand.rules
    released, left = out.released[t], out.stock[t]
    for j in range(demand.use.size):
        held, target = demand.stock[j], demand.target[j]
        top = min(rules[3], rules[4] * held)
        low = -min(rules[2], max(rules[5] * target - held, 0.0))
        wish = rules[0] * (room.log_price[j] - room.log_expected[j]) + (held - target) * rules[1]
        wish = top if room.price[j] >= _BEYOND else wish
        got = min(max(wish, low), top)
        released[j] = got * demand.months[j]
        left[j] = max(held - got, 0.0) if demand.months[j] > 0.0 else 0.0


@compiled(fastmath={"contract"}, allocates=False)
def surplus_row(
    price: Floats, log_price: Floats, power: Floats, demand: Demand, end: float, out: Floats
) -> None:
    """Area under use from prices up to its end; `curves.surplus` of a row."""
    eta, choke, use = demand.eta, demand.choke, demand.use
    last, log_last = end ** (1.0 - eta), math.log(end)
    plain = abs(eta - 1.0) >= 1e-12
    per = 1.0 / (1.0 - eta) if plain else 0.0
    fall = choke ** (-eta) / demand.kappa * choke * 0.5
    far = (end / choke - 1.0) ** 2
    for j in range(use.size):
        v = price[j]
        low = max(v, LEAST)
        gap = max(LEAST - v, 0.0)
        area = (last - low * power[j]) * per if plain else log_last - log_price[j]
        area += power[j] * gap * (1.0 + 0.5 * eta / LEAST * gap)
        near = max(low, choke) / choke - 1.0
        area -= fall * (far - near * near)
        out[j] = use[j] * area if v < end else 0.0


@compiled(allocates=False)
def _add_rare(t: int, demand: Demand, price: Floats, out: Walked) -> None:
    """Of those who build stocks, and of those to whom stock is handed out."""
    stop = demand.choke * (1.0 + demand.kappa)  # where use of no elasticity ends
    for j in range(demand.use.size):
        if demand.fixed[j] > 0.0:
            out.users[t, j] += surplus(
                price[j], demand.fixed[j], 0.0, demand.choke, demand.kappa, stop
            )
        out.users[t, j] += price[j] * demand.handed[j]


@compiled(fastmath={"contract"}, allocates=False)
def _add_stock_worth(t: int, demand: Demand, room: Tally, out: Walked) -> None:
    """`welfare_kernel.stock_worth` of a row, in purchases."""
    size, c = demand.use.size, demand.rules[0]
    low, high = room.low[:size], room.high[:size]
    if c <= 0.0:
        for j in range(size):
            least, _s = release(
                LEAST, demand.stock[j], demand.target[j], demand.expected[j], demand.rules
            )
            out.users[t, j] += demand.months[j] * least * room.price[j]
        return
    for j in range(size):
        bottom, top, shift = _bounds(j, demand)
        low[j], high[j] = (bottom - shift) / c, (top - shift) / c
    exps(low, room.first[:size])
    exps(high, room.second[:size])
    for j in range(size):
        v, log_e = room.price[j], room.log_expected[j]
        bottom, top, shift = _bounds(j, demand)
        # the curve meets its bounds at these prices
        start = max(demand.expected[j] * room.first[j], LEAST)
        log_start = max(log_e + low[j], _LOG_LEAST)
        stop = max(demand.expected[j] * room.second[j], start)
        log_stop = max(log_e + high[j], log_start)
        least = min(max(c * (_LOG_LEAST - log_e) + shift, bottom), top)
        b, log_b = min(v, stop), min(room.log_price[j], log_stop)
        climb = (shift - c * log_e - c) * (b - start) + c * (b * log_b - start * log_start)
        area = least * min(v, start)
        area += climb if v > start else 0.0
        area += top * (v - stop) if v > stop else 0.0
        out.users[t, j] += demand.months[j] * area if demand.months[j] > 0.0 else 0.0


@compiled(allocates=False)
def _bounds(j: int, demand: Demand) -> tuple[float, float, float]:
    """Least and most that a stock gives in a month, and what it gives at the expected price."""
    rules, held, target = demand.rules, demand.stock[j], demand.target[j]
    low = -min(rules[2], max(rules[5] * target - held, 0.0))
    return low, min(rules[3], rules[4] * held), (held - target) * rules[1]


# --- makers --------------------------------------------------------------------------------


@compiled(allocates=False)
def account_makers(
    t: int,
    layout: Layout,
    supply: Supply,
    links: Links,
    found: Solution,
    room: Tally,
    out: Walked,
) -> None:
    """Profit of every node in month t, and what contracts pay it."""
    size, tail = layout.feed.size, supply.tail
    made, refined = room.power[:size], room.low[:size]
    at, margin = room.price[:size], room.log_price[:size]
    for k in range(size):
        v = found.v[k] if found.v[k] == found.v[k] else 0.0
        at[k] = max(v, supply.floor[k])
        margin[k] = 0.0
        if supply.ry[k] > 0.0 and layout.feed[k] >= 0 and found.inner[layout.feed[k]] < np.inf:
            paid = layout.cost[k] * found.inner[layout.feed[k]]
            margin[k] = (v - paid + supply.credit[k]) / supply.margin[k]
    profit_row(at, supply.y, supply.eps, supply.cap, tail, room, made)
    refined[:] = 0.0
    if layout.ridx.size > 0:
        profit_row(margin, supply.ry, supply.reps, supply.rcap, tail, room, refined)
    for k in range(size):
        v = found.v[k]
        out.makers[t, k], out.support[t, k] = 0.0, 0.0
        if v == v:
            out.makers[t, k] = made[k] + supply.margin[k] * refined[k] + v * supply.given[k]
            short = max(supply.floor[k] - v, 0.0)
            out.support[t, k] = short * found.made[k]
            if links.general and short > 0.0 and found.refined[k] > 0.0:
                # guaranteed to a refiner: its margin is that of the guaranteed price
                inner = found.inner[layout.feed[k]]
                out.support[t, k] += short * found.refined[k]
                out.makers[t, k] += guaranteed(k, v, inner, layout.cost[k], supply)


@compiled(allocates=False)
def profit_row(
    v: Floats, y: Floats, eps: Floats, cap: Floats, tail: float, room: Tally, out: Floats
) -> None:
    """Area left of supply curves up to prices v; `curves.profit` of a row."""
    size = out.size
    at, high, low = room.first[:size], room.second[:size], room.third[:size]
    for k in range(size):
        at[k] = max(v[k], tail, _TINY)
    powers(at, eps, at)
    _knees(y, eps, cap, room.high[:size], high)
    _tails(eps, tail, low)
    for k in range(size):
        price = max(v[k], tail)
        first = y[k] * low[k]
        top = min(first, cap[k])
        below = price <= high[k]
        body = y[k] * at[k] * price if below else cap[k] * high[k]
        climb = (body - first * tail) / (1.0 + eps[k])
        climb += 0.0 if below else cap[k] * (price - high[k])
        area = 0.5 * top * tail + (cap[k] * (price - tail) if top >= cap[k] else climb)
        area = 0.5 * top * v[k] * v[k] / tail if v[k] < tail else area
        out[k] = area if v[k] > 0.0 and y[k] > 0.0 else 0.0


@compiled(allocates=False)
def _knees(y: Floats, eps: Floats, cap: Floats, room: Floats, out: Floats) -> None:
    """Prices at which supply meets its ceiling; infinite where it does not."""
    for k in range(out.size):
        bends = eps[k] > 0.0 and y[k] > 0.0 and cap[k] < np.inf
        room[k] = 1.0 / eps[k] if bends else 0.0
        out[k] = max(cap[k] / y[k], _TINY) if bends else 1.0
    powers(out, room, out)
    for k in range(out.size):
        out[k] = out[k] if eps[k] > 0.0 and y[k] > 0.0 and cap[k] < np.inf else np.inf


@compiled(allocates=False)
def _tails(eps: Floats, tail: float, out: Floats) -> None:
    """tail^eps."""
    log_tail = math.log(max(tail, _TINY))
    for k in range(out.size):
        out[k] = eps[k] * log_tail
    exps(out, out)
    for k in range(out.size):
        out[k] = out[k] if tail > 0.0 or eps[k] == 0.0 else 0.0


@compiled(allocates=False)
def cost_of_all(layout: Layout, supply: Supply, found: Solution, room: Tally) -> None:
    """What it costs each node to make what it makes, less its credits: `cost`."""
    size = found.made.size
    cost, more = room.cost[:size], room.low[:size]
    cost_row(found.made, supply.y, supply.eps, supply.cap, supply.tail, room, cost)
    if layout.ridx.size == 0:
        return
    cost_row(found.refined, supply.ry, supply.reps, supply.rcap, supply.tail, room, more)
    for k in range(size):
        if found.refined[k] > 0.0:
            cost[k] += supply.margin[k] * more[k] - supply.credit[k] * found.refined[k]


@compiled(allocates=False)
def cost_row(
    q: Floats, y: Floats, eps: Floats, cap: Floats, tail: float, room: Tally, out: Floats
) -> None:
    """Area under inverse supply curves up to quantities q; `proof.area_of_cost` of a row."""
    size = out.size
    part, least, turn = room.first[:size], room.second[:size], room.third[:size]
    _tails(eps, tail, least)
    for k in range(size):
        turn[k] = 1.0 / eps[k] if eps[k] > 0.0 else 0.0
        least[k] = min(least[k], cap[k] / y[k] if y[k] > 0.0 else 0.0)
        part[k] = max(q[k] / y[k], _TINY) if y[k] > 0.0 else 1.0
        room.high[k] = max(least[k], _TINY)
    powers(part, turn, part)
    powers(room.high[:size], turn, turn)
    for k in range(size):
        top = least[k] * y[k]
        power = 1.0 + 1.0 / eps[k] if eps[k] > 0.0 else 1.0
        climb = (q[k] * part[k] - top * turn[k]) / power if eps[k] > 0.0 else 0.0
        area = 0.5 * tail * (q[k] * q[k] / top if q[k] <= top else top)
        area += climb if q[k] > top else 0.0
        out[k] = area if q[k] > 0.0 and y[k] > 0.0 else 0.0
