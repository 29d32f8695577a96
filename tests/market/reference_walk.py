"""A path walked in plain NumPy, month by month from cold starts: what `walk_kernel` is held against.

Every month is cleared by the twin from base prices, and what markets remember is written down from
the formulas of the page. Conditions (what the scenario does each month) are taken as compiled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lodestone.chain.edits import Edits
from lodestone.market.arrays import Demand, Floats, Links, Solution, Supply
from lodestone.market.assumptions import Assumptions
from lodestone.market.baseline import MarketBaseline
from lodestone.market.curves import last_price
from lodestone.market.months import compile_months
from lodestone.market.path import habits_of
from lodestone.market.twin import flows_of, solve_twin

_LEAST = 0.05


class Reference(NamedTuple):
    """Month by month: price and output by node, inner price, stock and purchases by buyer."""

    price: Floats
    output: Floats
    inner: Floats
    stock: Floats
    bought: Floats


def reference_walk(market: MarketBaseline, edits: Edits, a: Assumptions) -> Reference:
    """Walk a market without plants."""
    km = np.full((len(market.places),) * 2, np.nan)
    months = compile_months(market, edits, a, km).months
    lay, h = market.layout, habits_of(market, a)
    n, m = lay.feed.size, market.bought.size
    fed = lay.feed >= 0
    credit = np.where(fed, np.maximum(0.0, a["refining_margin_floor"] - (1.0 - lay.cost)), 0.0)
    margin = np.where(fed, 1.0 - lay.cost + credit, 1.0)
    eta = a["eta_S"] + a["l_use"] * (a["eta_L"] - a["eta_S"])
    eps = h.eps_now + a["l_supply"] * (h.eps_late - h.eps_now)
    reps = a["eps_S"] + a["l_supply"] * (a["eps_L"] - a["eps_S"])
    end = last_price(eta, a["choke"], a["kappa"])
    response, back, build, limit, share, ceiling = h.rules

    used_to, built, refit = np.ones(m), np.ones(n), np.ones(n)
    ready = np.full(n, 1.0 + a["spare_capacity"])
    stock, expected = np.full(m, a["stock_months"]), np.ones(m)
    weight = market.weight.copy()
    told: dict[str, list[Floats]] = {name: [] for name in Reference._fields}
    for t in range(edits.months):
        part = months.capacity[t]
        supply = Supply(
            y=market.made * part * built ** (1.0 - a["l_supply"]),
            eps=eps,
            cap=market.made * ready * part,
            ry=market.refined * part * refit ** (1.0 - a["l_supply"]),
            reps=np.full(n, reps),
            rcap=market.refined * ready * part,
            margin=margin,
            credit=credit,
            given=market.given,
            tail=a["supply_floor"],
            floor=months.contract[t],
        )
        target = a["stock_months"] * months.target[t]
        demand = Demand(
            use=market.use * months.demand[t] * used_to ** (1.0 - a["l_use"]),
            eta=eta,
            fixed=market.fixed + months.build[t],
            choke=a["choke"],
            kappa=a["kappa"],
            months=market.bought,
            stock=stock,
            target=target,
            expected=expected,
            handed=months.handed[t],
            rules=h.rules,
        )
        open_ = np.where(months.closed[months.closed_at[t]], 0.0, weight)
        limit_of = months.limit_of[months.limited_at[t]]
        none = months.limit[t] <= 1e-9 * lay.scale[months.limit_node]
        for q in np.flatnonzero(none):
            open_ = np.where(limit_of == q, 0.0, open_)
        at = months.priced_at[t]
        links = Links(
            open_,
            h.theta,
            months.tax[at],
            months.rate[at],
            months.floor[at],
            limit_of,
            months.limit_node,
            np.where(none, 1e6, months.limit[t]),
            months.rate.shape[1] > 0,
        )
        found = solve_twin(lay, supply, demand, links, tolerance=2e-12)
        assert found.residual <= 1e-10
        # what is remembered
        v = np.clip(found.inner, _LEAST, end)
        used_to = used_to ** (1.0 - a["l_use"]) * v ** (-a["l_use"] * (a["eta_L"] - a["eta_S"]))
        seen = np.maximum(np.nan_to_num(found.v, nan=0.0), a["supply_floor"])
        with np.errstate(invalid="ignore"):
            spread = (found.v - lay.cost * found.inner[lay.feed] + credit) / margin
        spread = np.maximum(np.nan_to_num(spread, nan=0.0, neginf=0.0), a["supply_floor"])
        spread = np.where(fed, spread, seen)
        gap = a["l_supply"] * (h.eps_late - h.eps_now)
        built = np.minimum(built ** (1.0 - a["l_supply"]) * seen**gap, ready)
        rgap = a["l_supply"] * (a["eps_L"] - a["eps_S"])
        refit = np.minimum(refit ** (1.0 - a["l_supply"]) * spread**rgap, ready)
        dear = seen > a["ratchet_price"]
        more = np.minimum(a["capacity_ceiling"], ready + a["capacity_ratchet"])
        ready = np.where(dear, more, ready)
        weight = _habits(market, links, found, weight, a)
        low = -np.minimum(build, np.maximum(ceiling * target - stock, 0.0))
        wish = response * np.log(np.clip(found.inner, _LEAST, 1e12) / expected)
        taken = np.clip(wish + (stock - target) * back, low, np.minimum(limit, share * stock))
        stock = np.where(market.bought > 0.0, stock - taken, 0.0)
        smooth = a["expected_price_weight"]
        expected = expected ** (1.0 - smooth) * v**smooth
        told["price"].append(found.v)
        told["output"].append(found.made + found.refined)
        told["inner"].append(found.inner)
        told["stock"].append(stock)
        told["bought"].append(found.bought)
    return Reference(*(np.array(told[name]) for name in Reference._fields))


def _habits(
    market: MarketBaseline, links: Links, found: Solution, weight: Floats, a: Assumptions
) -> Floats:
    """w <- (1 - l) w + l ((1 - anchor) pi + anchor w0); who has no open link learns nothing."""
    lay, out = market.layout, []
    # shares follow from flows of a purchase of 1
    unit = found._replace(bought=np.ones_like(found.bought))
    part = flows_of(lay, links, unit)
    goal = (1.0 - a["sourcing_anchor"]) * part + a["sourcing_anchor"] * market.weight
    new = (1.0 - a["l_sourcing"]) * weight + a["l_sourcing"] * goal
    for s in range(lay.ns.size - 1):
        shape = (lay.ns[s + 1] - lay.ns[s], lay.ms[s + 1] - lay.ms[s])
        block = slice(lay.wo[s], lay.wo[s + 1])
        linked = np.isfinite(found.effective[lay.ms[s] : lay.ms[s + 1]])
        kept = np.where(linked, new[block].reshape(shape), weight[block].reshape(shape))
        out.append(kept.ravel())
    return np.concatenate(out)
