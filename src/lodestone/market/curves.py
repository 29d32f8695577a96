"""The curves of the market, compiled: supply, use, stocks, one number at a time or a row (plural
names: without branches, so that several are done at once); and the areas of supply and use.

Formulas (prices in base prices):

    supply   y(v) = y a v^eps between `tail` and the price where it meets its ceiling; above, the
             ceiling; below, the straight line to the origin; 0 for v <= 0
    use      D(V) = max(0, D0 V^-eta - D0 ch^-eta max(0, (V/ch - 1)/kappa))
    release  r(V) = clip(c ln(V/E) + (N - N*)/R, -build, min(draw limit, draw share * N))
"""

from __future__ import annotations

import math

import numpy as np

from lodestone.market.arrays import Demand, Floats
from lodestone.market.compiled import compiled
from lodestone.market.elementary import powers

#: Below this price use goes on along its tangent: at a price near 0 the curve has no end. Only goods
#: that a ban leaves in a place with hardly any use of its own get there.
LEAST = 0.05


@compiled(allocates=False)
def supply(v: float, y: float, eps: float, cap: float, tail: float) -> tuple[float, float]:
    """Output and its slope at price v."""
    if v <= 0.0 or y <= 0.0:
        return 0.0, 0.0
    if v < tail:
        top = min(y * tail**eps, cap)
        return top * v / tail, top / tail
    out = y * v**eps
    if out >= cap:
        return cap, 0.0
    return out, eps * out / v


@compiled(fastmath={"contract"}, allocates=False)
def supplies(
    v: Floats,
    y: Floats,
    eps: Floats,
    cap: Floats,
    tail: float,
    room: Floats,
    out: Floats,
    slope: Floats,
) -> None:
    """The same of a row of makers at prices v; `room` is scribbled in."""
    tail = max(tail, 1e-300)
    for k in range(out.size):
        room[k] = max(v[k], tail)
    powers(room, eps, out)
    for k in range(out.size):
        wish = y[k] * out[k]
        most = min(wish, cap[k])
        near_nothing = v[k] < tail
        bend = eps[k] * most / room[k] if wish < cap[k] else 0.0
        steep = most / tail if v[k] > 0.0 else 0.0
        out[k] = steep * v[k] if near_nothing else most
        slope[k] = steep if near_nothing else bend


@compiled(allocates=False)
def profit(v: float, y: float, eps: float, cap: float, tail: float) -> float:
    """Area left of the supply curve up to price v: what makers earn above cost."""
    if v <= 0.0 or y <= 0.0:
        return 0.0
    top = min(y * tail**eps, cap)
    if v < tail:
        return 0.5 * top * v * v / tail
    area = 0.5 * top * tail
    if top >= cap:
        return area + cap * (v - tail)
    knee = (cap / y) ** (1.0 / eps) if eps > 0.0 else np.inf
    end = min(v, knee)
    area += y * (end ** (1.0 + eps) - tail ** (1.0 + eps)) / (1.0 + eps)
    if v > knee:
        area += cap * (v - knee)
    return area


@compiled(allocates=False)
def use(v: float, level: float, eta: float, choke: float, kappa: float) -> tuple[float, float]:
    """Quantity used and its slope at price v (v may be inf)."""
    if level <= 0.0 or v == np.inf:
        return 0.0, 0.0
    if v < LEAST:
        at = level * LEAST ** (-eta)
        slope = -eta * at / LEAST
        return at + slope * (v - LEAST), slope
    out = level * v ** (-eta)
    slope = -eta * out / v
    if v > choke:
        fall = level * choke ** (-eta) / kappa
        out -= fall * (v / choke - 1.0)
        slope -= fall / choke
        if out <= 0.0:
            return 0.0, 0.0
    return out, slope


@compiled(fastmath={"contract"}, allocates=False)
def uses(v: Floats, power: Floats, demand: Demand, out: Floats, slope: Floats) -> None:
    """Use and stock building of a row of buyers at finite prices v; `power` is max(v, LEAST)^-eta."""
    eta, choke, use, fixed = demand.eta, demand.choke, demand.use, demand.fixed
    fall, drop = choke ** (-eta) / demand.kappa, 1.0 / demand.kappa
    per_choke = 1.0 / choke
    for j in range(out.size):
        beyond = v[j] > choke
        over = v[j] * per_choke - 1.0 if beyond else 0.0
        wish = use[j] * power[j]
        bend = -eta * wish / max(v[j], LEAST)
        wish += bend * min(v[j] - LEAST, 0.0) - use[j] * fall * over
        bend -= use[j] * fall * per_choke if beyond else 0.0
        hold = fixed[j] - fixed[j] * drop * over
        down = -fixed[j] * drop * per_choke if beyond else 0.0
        out[j] = (wish if wish > 0.0 else 0.0) + (hold if hold > 0.0 else 0.0)
        slope[j] = (bend if wish > 0.0 else 0.0) + (down if hold > 0.0 else 0.0)


@compiled(allocates=False)
def last_price(eta: float, choke: float, kappa: float) -> float:
    """Price at which use ends: D = 0."""
    v = choke * (1.0 + kappa)
    for _ in range(60):
        f = v ** (-eta) - choke ** (-eta) * (v / choke - 1.0) / kappa
        slope = -eta * v ** (-eta - 1.0) - choke ** (-eta) / (choke * kappa)
        step = f / slope
        v -= step
        if abs(step) < 1e-15 * v:
            break
    return v


@compiled(allocates=False)
def surplus(v: float, level: float, eta: float, choke: float, kappa: float, end: float) -> float:
    """Area under use from price v up to its end: what users gain above what they pay."""
    if level <= 0.0 or v >= end:
        return 0.0
    area = 0.0
    low = v
    if v < LEAST:
        at = level * LEAST ** (-eta)
        gap = LEAST - v
        area = at * gap + 0.5 * eta * at / LEAST * gap * gap
        low = LEAST
    if abs(eta - 1.0) < 1e-12:
        area += level * math.log(end / low)
    else:
        area += level * (end ** (1.0 - eta) - low ** (1.0 - eta)) / (1.0 - eta)
    fall = level * choke ** (-eta) / kappa
    start = max(low, choke)
    area -= fall * choke * 0.5 * ((end / choke - 1.0) ** 2 - (start / choke - 1.0) ** 2)
    return area


@compiled(allocates=False)
def release(
    v: float, stock: float, target: float, expected: float, rules: Floats
) -> tuple[float, float]:
    """Months of use taken from commercial stock in a month at price v, and its slope (>= 0)."""
    top = min(rules[3], rules[4] * stock)
    low = -min(rules[2], max(rules[5] * target - stock, 0.0))
    if v == np.inf:
        return top, 0.0
    at = max(v, LEAST)
    r = rules[0] * math.log(at / expected) + (stock - target) * rules[1]
    if r >= top:
        return top, 0.0
    if r <= low:
        return low, 0.0
    return r, (rules[0] / at if v > LEAST else 0.0)


@compiled(fastmath={"contract"}, allocates=False)
def releases(v: Floats, rise: Floats, demand: Demand, need: Floats, slope: Floats) -> None:
    """Take from a row of buyers' needs what their stocks give at finite prices v; `rise` is the
    logarithm of max(v, LEAST) over the expected price."""
    months, stock, target, rules = demand.months, demand.stock, demand.target, demand.rules
    answer, back, build, limit, draw, ceiling = (
        rules[0],
        rules[1],
        rules[2],
        rules[3],
        rules[4],
        rules[5],
    )
    for j in range(need.size):
        top = min(limit, draw * stock[j])
        low = -min(build, max(ceiling * target[j] - stock[j], 0.0))
        wish = answer * rise[j] + (stock[j] - target[j]) * back
        bend = answer / v[j] if v[j] > LEAST else 0.0
        bend = bend if low < wish else 0.0
        bend = bend if wish < top else 0.0
        got = min(max(wish, low), top)
        need[j] -= got * months[j]
        slope[j] -= bend * months[j]
