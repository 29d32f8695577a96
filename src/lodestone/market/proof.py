"""The proof of a clearing: residual, mass balance, and the gap between program and dual.

The dual value is the sum of profits, surplus and rents at the prices found. The program's value is
computed from quantities: benefit of what is used, less what it costs to make (areas under inverse
supply curves), less switching and duties. The two are equal only at the answer.
"""

from __future__ import annotations

import numpy as np

from lodestone.market.arrays import Demand, Floats, Layout, Links, Solution, Supply
from lodestone.market.compiled import compiled
from lodestone.market.welfare_kernel import makers_profit, users_surplus


@compiled(allocates=False)
def area_of_cost(q: float, y: float, eps: float, cap: float, tail: float) -> float:
    """Cost of making q: area under the inverse supply curve."""
    if q <= 0.0 or y <= 0.0:
        return 0.0
    top = min(y * tail**eps, cap)
    if q <= top:
        return 0.5 * tail * q * q / top
    area = 0.5 * tail * top
    if eps > 0.0:
        power = 1.0 + 1.0 / eps
        area += y * ((q / y) ** power - (top / y) ** power) / power
    return area


@compiled()
def certify(
    layout: Layout,
    supply: Supply,
    demand: Demand,
    links: Links,
    found: Solution,
    end: float,
    sold: Floats,
    limited: Floats,
) -> tuple[float, float, float]:
    """(residual, largest imbalance, relative duality gap); the gap is NaN where there is no program.

    Parameters
    ----------
    sold, limited : (N,), (Q,) sums of the flows of all links, computed apart from the solver
    """
    users, makers = np.zeros(demand.use.size), np.zeros(layout.feed.size)
    for j in range(users.size):
        if found.inner[j] < np.inf:
            users[j] = users_surplus(j, found.inner[j], demand, end)
    for k in range(makers.size):
        if found.v[k] == found.v[k]:
            inner = found.inner[layout.feed[k]] if layout.feed[k] >= 0 else 0.0
            makers[k] = makers_profit(k, found.v[k], inner, layout.cost[k], supply)
    cost = np.zeros(makers.size)
    for k in range(makers.size):
        made = (supply.y[k], supply.eps[k], supply.cap[k], supply.tail)
        cost[k] = area_of_cost(found.made[k], *made)
        if found.refined[k] > 0.0:
            more = (supply.ry[k], supply.reps[k], supply.rcap[k], supply.tail)
            cost[k] += supply.margin[k] * area_of_cost(found.refined[k], *more)
            cost[k] -= supply.credit[k] * found.refined[k]
    return certify_by(layout, supply, demand, links, found, sold, limited, users, makers, cost)


@compiled(allocates=False)
def certify_by(
    layout: Layout,
    supply: Supply,
    demand: Demand,
    links: Links,
    found: Solution,
    sold: Floats,
    limited: Floats,
    users: Floats,
    makers: Floats,
    cost: Floats,
) -> tuple[float, float, float]:
    """`certify` where surplus, profit and cost are at hand.

    Parameters
    ----------
    users, makers : (M,), (N,) surplus and profit at the prices found
    cost : (N,) of making what is made, from its quantities, less credits
    """
    n, m = layout.feed.size, layout.rptr.size - 1
    residual, imbalance = 0.0, 0.0
    for k in range(n):
        if found.v[k] != found.v[k]:
            continue
        off = found.made[k] + found.refined[k] + supply.given[k] - sold[k]
        if found.v[k] <= 0.0:
            off = min(off, 0.0)  # a free good need not be taken
        residual = max(residual, abs(off) / layout.scale[k])
        imbalance = max(imbalance, abs(off))
    rents = 0.0
    for q in range(limited.size):
        over = limited[q] - links.limit[q]
        scale = max(links.limit[q], 1e-3 * layout.scale[links.limit_node[q]])
        if found.rent[q] > 0.0:
            over = abs(over)
        residual = max(residual, max(over, 0.0) / scale)
        rents += found.rent[q] * links.limit[q]
    dual, primal = rents, 0.0
    for j in range(m):
        v = found.inner[j]
        if v == np.inf:
            continue
        worth = users[j]
        dual += worth
        intake = 0.0
        for q in range(layout.rptr[j], layout.rptr[j + 1]):
            intake += layout.cost[layout.ridx[q]] * found.refined[layout.ridx[q]]
        # benefit of what users and stocks take: surplus plus what it costs at the inner price
        primal += worth + v * (found.bought[j] - intake)
        if found.bought[j] > 0.0:
            primal -= found.bought[j] * found.effective[j]
    for k in range(n):
        v = found.v[k]
        if v != v:
            continue
        dual += makers[k] - max(supply.floor[k] - v, 0.0) * found.made[k]
        primal += v * sold[k]
        primal -= cost[k]
    for q in range(limited.size):
        primal += found.rent[q] * limited[q]
    if links.general:
        return residual, imbalance, np.nan
    gap = abs(dual - primal) / max(1.0, abs(dual), abs(primal))
    return residual, imbalance, gap
