"""Edits compiled for one market: every month's conditions as bare arrays, ready to be walked.

A plant that is built during the path is a node of its own, with the links of its future sales; a
refinery built where nobody bought feed brings a buyer with it. So the market is first *extended*,
then the edits of each month are written in nodes, buyers and links of the extended market.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.edits import Edits, LinkLimit, Plant
from lodestone.market.arrays import Floats, Ints, Layout
from lodestone.market.assumptions import Assumptions
from lodestone.market.baseline import MarketBaseline, refiners_of
from lodestone.terms import attribute
from lodestone.terms.errors import MarketError

#: A ceiling nobody reaches, for months in which a limit does not act.
_OPEN = 1e6


class Months(NamedTuple):
    """Conditions month by month (T), in the nodes (N), buyers (M), links (L), limits (Q) of a market.

    Attributes
    ----------
    capacity : (T, N) factor on capacity
    demand : (T, M) factor on use; build, handed : (T, M) into and out of strategic stocks
    target : (T, M) factor on wanted commercial stocks
    closed, closed_at : (G, L) sets of closed links, and which set acts in a month (T,)
    tax, rate, floor, priced_at : (H, L) specific duties, ad-valorem rates and levy floors, and
        which set acts in a month (T,)
    contract : (T, N) price guaranteed to a node
    limit_of, limited_at : (U, L) which limit counts a link, or -1, and which set acts in a
        month (T,): limits may follow each other over the same links
    limit_node, limit : (Q,), (T, Q) whose sales they count, and ceilings; `_OPEN` where one does
        not act
    grow : (T, N) share of the stage's purchases that a new node's offtake gains in the month
    reach : (L,) how a new node's offtake spreads over buyers (mean 1); 0 elsewhere
    first : first month in which anything acts
    """

    capacity: Floats
    demand: Floats
    build: Floats
    handed: Floats
    target: Floats
    closed: NDArray[np.bool_]
    closed_at: Ints
    tax: Floats
    rate: Floats
    floor: Floats
    priced_at: Ints
    contract: Floats
    limit_of: NDArray[np.int32]
    limited_at: Ints
    limit_node: Ints
    limit: Floats
    grow: Floats
    reach: Floats
    first: int


@dataclass(frozen=True)
class Compiled:
    """A market with its future plants, and the conditions of every month.

    Attributes
    ----------
    market : the baseline, extended by plants
    months : conditions
    limit_owner : (Q,) place index that earns a limit's rent
    limit_measure : (Q,) index of the scenario's measure
    """

    market: MarketBaseline
    months: Months
    limit_owner: Ints
    limit_measure: Ints


def compile_months(
    baseline: MarketBaseline, edits: Edits, assumed: Assumptions, km: Floats
) -> Compiled:
    """Write a scenario's edits as conditions of a market.

    Parameters
    ----------
    km : (n, n) distances between the places of the chain, for the offtake of new plants

    Raises
    ------
    MarketError
        If edits do not fit the market (other months, stages or places).
    """
    shape = (edits.months, len(baseline.stages), len(baseline.places))
    if edits.material != baseline.material or edits.capacity.shape != shape:
        raise MarketError(
            f"edits of {edits.material} {edits.capacity.shape} do not fit the market of "
            f"{baseline.material} {shape}: apply the scenario to the same world"
        )
    market, reach = _extended(baseline, edits.plants, km)
    limits = _limits(market, edits, assumed)
    limit_of, limited_at = _counted(market, limits, edits.months)
    closed, closed_at = _closed(market, edits)
    tax, rate, floor, priced_at = _priced(market, edits)
    s_of_node, p_of_node = market.node_stage, market.node_place
    s_of_buyer, p_of_buyer = market.buyer_stage, market.buyer_place
    per_unit = market.tonnes
    months = Months(
        capacity=np.ascontiguousarray(edits.capacity[:, s_of_node, p_of_node])
        * _running(baseline, market, edits),
        demand=np.ascontiguousarray(edits.demand[:, s_of_buyer, p_of_buyer]),
        build=edits.build[:, s_of_buyer, p_of_buyer] / per_unit[s_of_buyer],
        handed=edits.release[:, s_of_buyer, p_of_buyer] / per_unit[s_of_buyer],
        target=_wanted(market, edits, assumed),
        closed=closed,
        closed_at=closed_at,
        tax=tax,
        rate=rate,
        floor=floor,
        priced_at=priced_at,
        contract=_contracts(market, edits),
        limit_of=limit_of,
        limited_at=limited_at,
        limit_node=np.array([x.node for x in limits], dtype=np.int64),
        limit=_stacked([x.ceiling for x in limits], edits.months),
        grow=_growth(baseline, market, edits),
        reach=reach,
        first=0,
    )
    return Compiled(
        market,
        months._replace(first=_first(months, edits)),
        np.array([x.owner for x in limits], dtype=np.int64),
        np.array([x.measure for x in limits], dtype=np.int64),
    )


def first_months(months: Months, count: int) -> Months:
    """The conditions of the first months alone."""
    by_month = (
        "capacity",
        "demand",
        "build",
        "handed",
        "target",
        "closed_at",
        "priced_at",
        "contract",
        "limited_at",
        "limit",
        "grow",
    )
    return months._replace(**{name: getattr(months, name)[:count] for name in by_month})


# --- plants --------------------------------------------------------------------------------


def _extended(
    base: MarketBaseline, plants: tuple[Plant, ...], km: Floats
) -> tuple[MarketBaseline, Floats]:
    """The market with a node for every plant, at full run; and how their offtake spreads."""
    if not plants:
        return base, np.zeros(0)
    lay, stages = base.layout, range(len(base.stages))
    newcomers = _new_buyers(base, plants)
    nodes = [
        (
            *np.arange(lay.ns[s], lay.ns[s + 1]),
            *(-1 - k for k, p in enumerate(plants) if p.stage == s),
        )
        for s in stages
    ]
    buyers = [
        (*np.arange(lay.ms[s], lay.ms[s + 1]), *(-1 - p for q, p in newcomers if q == s))
        for s in stages
    ]
    ns = np.cumsum([0, *(len(x) for x in nodes)])
    ms = np.cumsum([0, *(len(x) for x in buyers)])
    order_n = np.array([i for x in nodes for i in x])
    order_m = np.array([j for x in buyers for j in x])
    node_place = np.array([base.node_place[i] if i >= 0 else plants[-1 - i].place for i in order_n])
    buyer_place = np.array([base.buyer_place[j] if j >= 0 else -1 - j for j in order_m])
    node_stage, buyer_stage = np.repeat(stages, np.diff(ns)), np.repeat(stages, np.diff(ms))
    full = np.array(
        [
            plants[-1 - i].tonnes.max() / base.tonnes[s] if i < 0 else 0.0
            for i, s in zip(order_n, node_stage, strict=True)
        ]
    )
    scrap = np.array(
        [
            i < 0 and (plants[-1 - i].from_scrap or s == 0)
            for i, s in zip(order_n, node_stage, strict=True)
        ]
    )

    def nodewise(values: Floats, new: Floats) -> Floats:
        return np.where(order_n >= 0, values[np.maximum(order_n, 0)], new)

    def buyerwise(values: Floats) -> Floats:
        return np.where(order_m >= 0, values[np.maximum(order_m, 0)], 0.0)

    feed, cost = _feeds(base, plants, order_n, node_stage, buyer_stage, buyer_place)
    rptr, ridx = refiners_of(feed, int(ms[-1]))
    weight, reach, wo = [], [], [0]
    for s in stages:
        w, r = _plant_links(base, s, nodes[s], buyers[s], node_place, buyer_place, ns, ms, km)
        weight.append(w.ravel())
        reach.append(r.ravel())
        wo.append(wo[-1] + w.size)
    layout = Layout(
        ns.astype(np.int64),
        ms.astype(np.int64),
        np.array(wo, dtype=np.int64),
        feed,
        cost,
        rptr,
        ridx,
        nodewise(lay.scale, np.maximum(full, 1e-12)),
    )
    market = replace(
        base,
        layout=layout,
        node_place=node_place,
        node_stage=node_stage,
        buyer_place=buyer_place,
        buyer_stage=buyer_stage,
        made=nodewise(base.made, np.where(scrap, full, 0.0)),
        refined=nodewise(base.refined, np.where(scrap, 0.0, full)),
        given=nodewise(base.given, np.zeros_like(full)),
        use=buyerwise(base.use),
        fixed=buyerwise(base.fixed),
        bought=buyerwise(base.bought),
        weight=np.concatenate(weight),
        capacity=nodewise(base.capacity, np.full(full.shape, np.nan)),
    )
    return market, np.concatenate(reach)


def _new_buyers(base: MarketBaseline, plants: tuple[Plant, ...]) -> list[tuple[int, int]]:
    """(stage, place) of buyers that new refineries bring."""
    have = set(zip(base.buyer_stage.tolist(), base.buyer_place.tolist(), strict=True))
    need = {(p.stage - 1, p.place) for p in plants if p.stage > 0 and not p.from_scrap}
    return sorted(need - have)


def _feeds(
    base: MarketBaseline,
    plants: tuple[Plant, ...],
    order: Ints,
    node_stage: Ints,
    buyer_stage: Ints,
    buyer_place: Ints,
) -> tuple[Ints, Floats]:
    """Feed buyer and feed cost of every node of the extended market."""
    at = {
        (s, p): j
        for j, (s, p) in enumerate(zip(buyer_stage.tolist(), buyer_place.tolist(), strict=True))
    }
    typical = [
        float(c[c > 0][0]) if (c := base.layout.cost[base.nodes_of(s)]).any() else 0.0
        for s in range(len(base.stages))
    ]
    feed = np.full(order.size, -1, dtype=np.int64)
    cost = np.zeros(order.size)
    for k, (i, s) in enumerate(zip(order, node_stage, strict=True)):
        if i >= 0 and base.layout.feed[i] >= 0:
            place = int(base.buyer_place[base.layout.feed[i]])
            feed[k], cost[k] = at[(int(s) - 1, place)], base.layout.cost[i]
        elif i < 0 and s > 0 and not plants[-1 - i].from_scrap:
            feed[k], cost[k] = at[(int(s) - 1, plants[-1 - i].place)], typical[s]
    return feed, cost


def _plant_links(
    base: MarketBaseline,
    s: int,
    nodes: tuple[int, ...],
    buyers: tuple[int, ...],
    node_place: Ints,
    buyer_place: Ints,
    ns: Ints,
    ms: Ints,
    km: Floats,
) -> tuple[Floats, Floats]:
    """Habit shares (0 for plants, gravity for new buyers) and the reach of plants."""
    old = base.links(s)
    w = np.zeros((len(nodes), len(buyers)))
    w[: old.shape[0], : old.shape[1]] = old
    reach = np.zeros_like(w)
    known = km[np.isfinite(km)]
    usual = float(np.median(known)) if known.size else 1.0

    def pull(rows: Ints, columns: Ints) -> Floats:
        far = km[np.ix_(rows, columns)]
        far = np.where(np.isfinite(far), np.maximum(far, 1.0), usual)
        return np.asarray(far ** -attribute("gravity_exponent").default)

    places_n, places_m = node_place[ns[s] : ns[s + 1]], buyer_place[ms[s] : ms[s + 1]]
    for j in range(old.shape[1], len(buyers)):
        supply = base.supply[base.nodes_of(s)]
        share = supply * pull(places_n[: old.shape[0]], places_m[j : j + 1])[:, 0]
        w[: old.shape[0], j] = share / share.sum()
    bought = base.bought[base.buyers_of(s)]
    for i in range(old.shape[0], len(nodes)):
        spread = pull(places_n[i : i + 1], places_m)[0]
        mean = (bought * spread[: old.shape[1]]).sum() / bought.sum()
        reach[i] = spread / mean
    return w, reach


def _plant_nodes(
    base: MarketBaseline, market: MarketBaseline, edits: Edits
) -> list[tuple[int, Plant]]:
    """Node index of every plant in the extended market."""
    found: list[tuple[int, Plant]] = []
    for s in range(len(base.stages)):
        at = int(market.layout.ns[s] + base.layout.ns[s + 1] - base.layout.ns[s])
        for p in edits.plants:
            if p.stage == s:
                found.append((at, p))
                at += 1
    return found


def _running(base: MarketBaseline, market: MarketBaseline, edits: Edits) -> Floats:
    """(T, N) part of full run of each node: 1 for what exists."""
    part = np.ones((edits.months, market.node_place.size))
    for node, plant in _plant_nodes(base, market, edits):
        part[:, node] = plant.tonnes / max(plant.tonnes.max(), 1e-300)
    return part


def _growth(base: MarketBaseline, market: MarketBaseline, edits: Edits) -> Floats:
    """(T, N) how much of the stage's purchases a plant's offtake gains each month."""
    grow = np.zeros((edits.months, market.node_place.size if edits.plants else 0))
    for node, plant in _plant_nodes(base, market, edits):
        world = base.supply[base.nodes_of(plant.stage)].sum() * base.tonnes[plant.stage]
        part = plant.tonnes / (world + plant.tonnes)
        grow[:, node] = np.maximum(np.diff(part, prepend=0.0), 0.0)
    return grow


# --- links ---------------------------------------------------------------------------------


def _mask(
    market: MarketBaseline, s: int, origins: NDArray[np.bool_], destinations: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(L,) links of a stage from origins to destinations, home links apart."""
    out = np.zeros(market.weight.size, dtype=bool)
    from_, to = market.node_place[market.nodes_of(s)], market.buyer_place[market.buyers_of(s)]
    block = origins[from_][:, None] & destinations[to][None, :] & (from_[:, None] != to[None, :])
    out[market.layout.wo[s] : market.layout.wo[s + 1]] = block.ravel()
    return out


def _closed(market: MarketBaseline, edits: Edits) -> tuple[NDArray[np.bool_], Ints]:
    """Distinct sets of closed links, and which acts in each month."""
    masks = [_mask(market, c.stage, c.origins, c.destinations) for c in edits.closed]
    sets: dict[tuple[int, ...], int] = {(): 0}
    at = np.zeros(edits.months, dtype=np.int64)
    for t in range(edits.months):
        acting = tuple(k for k, c in enumerate(edits.closed) if c.active[t])
        at[t] = sets.setdefault(acting, len(sets))
    rows = np.zeros((len(sets), market.weight.size), dtype=bool)
    for acting, k in sets.items():
        for c in acting:
            rows[k] |= masks[c]
    return rows, at


@dataclass(frozen=True)
class _NodeLimit:
    """A limit on the sales of one node over some links.

    Attributes
    ----------
    links : (L,) which links it counts
    ceiling : (T,) `_OPEN` where it does not act
    """

    node: int
    links: NDArray[np.bool_]
    ceiling: Floats
    active: NDArray[np.bool_]
    owner: int
    measure: int


def _limits(market: MarketBaseline, edits: Edits, assumed: Assumptions) -> list[_NodeLimit]:
    """Limits by node; a place's ceiling is shared out over its nodes, plants at full run among them."""
    found: list[_NodeLimit] = []
    flow = _baseline_flows(market)
    for limit in edits.limits:
        origin = np.zeros(len(market.places), dtype=bool)
        origin[limit.origin] = True
        mask = _mask(market, limit.stage, origin, limit.destinations)
        total = float(flow[mask].sum())
        ceiling = _ceiling(limit, edits, assumed, total, market)
        here = (market.node_stage == limit.stage) & (market.node_place == limit.origin)
        for node in np.flatnonzero(here):
            own = mask & _row_mask(market, int(node))
            share = float(market.supply[node]) / float(market.supply[here].sum())
            if share > 0.0:
                course = np.where(limit.active, ceiling * share, _OPEN)
                found.append(
                    _NodeLimit(int(node), own, course, limit.active, limit.origin, limit.measure)
                )
    return found


def _counted(
    market: MarketBaseline, limits: list[_NodeLimit], months: int
) -> tuple[NDArray[np.int32], Ints]:
    """Distinct sets of acting limits as the limit of each link, and which acts in each month.

    Raises
    ------
    MarketError
        If two limits act on one link in one month (`chain.apply` refuses such scenarios).
    """
    at = np.zeros(months, dtype=np.int64)
    if not limits:
        return np.zeros((1, 0), dtype=np.int32), at
    sets: dict[tuple[int, ...], int] = {(): 0}
    for t in range(months):
        acting = tuple(q for q, x in enumerate(limits) if x.active[t])
        at[t] = sets.setdefault(acting, len(sets))
    rows = np.full((len(sets), market.weight.size), -1, dtype=np.int32)
    for acting, k in sets.items():
        for q in acting:
            if (rows[k][limits[q].links] >= 0).any():
                raise MarketError(
                    f"{market.material}: two limits count the same links in one month; "
                    "apply the scenario with `chain.apply`, which says which"
                )
            rows[k][limits[q].links] = q
    return rows, at


def _stacked(columns: list[Floats], months: int) -> Floats:
    return np.stack(columns, axis=1) if columns else np.zeros((months, 0))


def limit_course(limit: LinkLimit, assumed: Assumptions) -> Floats | None:
    """(T,) share of baseline exports that a licence or a quota by share grants; None by tonnes.

    A licence grants nothing for `delay` months, then
    ``granted * (1 - exp(-(t - delay)/ramp))``.
    """
    if limit.age is None:
        return limit.share
    delay = assumed["licence_delay"] if limit.delay is None else limit.delay
    granted = assumed["licence_share"] if limit.granted is None else limit.granted
    ramp = assumed["licence_ramp"] if limit.ramp is None else limit.ramp
    late = np.maximum(limit.age - delay, 0.0)
    course = granted * (1.0 - np.exp(-late / ramp)) if ramp > 0 else granted * (limit.age >= delay)
    return np.asarray(course)


def _ceiling(
    limit: LinkLimit, edits: Edits, assumed: Assumptions, total: float, market: MarketBaseline
) -> Floats:
    """(T,) what may leave, in the market's units."""
    course = limit_course(limit, assumed)
    if course is not None:
        return course * total
    if limit.tonnes is None:
        raise MarketError(f"{edits.material}: a limit without share, tonnes or age limits nothing")
    return limit.tonnes / market.tonnes[limit.stage]


def _row_mask(market: MarketBaseline, node: int) -> NDArray[np.bool_]:
    out = np.zeros(market.weight.size, dtype=bool)
    s = int(market.node_stage[node])
    width = int(market.layout.ms[s + 1] - market.layout.ms[s])
    start = int(market.layout.wo[s]) + (node - int(market.layout.ns[s])) * width
    out[start : start + width] = True
    return out


def _baseline_flows(market: MarketBaseline) -> Floats:
    """(L,) baseline flow of every link."""
    return np.concatenate(
        [
            (market.links(s) * market.bought[market.buyers_of(s)][None, :]).ravel()
            for s in range(len(market.stages))
        ]
    )


def _priced(market: MarketBaseline, edits: Edits) -> tuple[Floats, Floats, Floats, Ints]:
    """Distinct sets of duties and levy floors, and which acts in each month."""
    levies = [f for f in edits.floors if f.form == "levy"]
    at = np.zeros(edits.months, dtype=np.int64)
    # A contract for refined output binds the refiner to its feed's price alone: no program then.
    guaranteed = bool(((_contracts(market, edits) > 0.0) & (market.refined > 0.0)).any())
    if not edits.duties and not levies and not guaranteed:
        none = np.zeros((1, 0))
        return none, none, none, at
    size = market.weight.size
    general = bool(levies) or guaranteed or any(d.levy == "ad_valorem" for d in edits.duties)
    sets: dict[tuple[float, ...], int] = {}
    rows: list[tuple[Floats, Floats, Floats]] = []
    for t in range(edits.months):
        key = (*(float(d.rate[t]) for d in edits.duties), *(float(f.price[t]) for f in levies))
        if key not in sets:
            sets[key] = len(rows)
            tax, rate, floor = np.zeros(size), np.zeros(size), np.zeros(size)
            for d in edits.duties:
                target = tax if d.levy == "specific" else rate
                target[_mask(market, d.stage, d.origins, d.destinations)] += d.rate[t]
            for f in levies:
                inward = _mask(market, f.stage, ~f.zone, f.zone)
                floor[inward] = np.maximum(floor[inward], f.price[t])
            rows.append((tax, rate, floor))
        at[t] = sets[key]
    tax, rate, floor = (np.stack(x) for x in zip(*rows, strict=True))
    if not general:
        rate = floor = np.zeros((len(rows), 0))
    return tax, rate, floor, at


def _contracts(market: MarketBaseline, edits: Edits) -> Floats:
    """(T, N) price guaranteed to a node by a contract for difference."""
    out = np.zeros((edits.months, market.node_place.size))
    for f in edits.floors:
        if f.form == "contract":
            inside = (market.node_stage == f.stage) & f.zone[market.node_place]
            out[:, inside] = np.maximum(out[:, inside], f.price[:, None])
    return out


# --- rushes --------------------------------------------------------------------------------


def _wanted(market: MarketBaseline, edits: Edits, assumed: Assumptions) -> Floats:
    """(T, M) factor on wanted stocks: up between announcement and start, fading back after.

    A buyer wants more in proportion to what it gets from the origin: who never bought there has
    no reason to rush.
    """
    out = np.ones((edits.months, market.buyer_place.size))
    month = np.arange(edits.months)
    for rush in edits.rushes:
        share = np.zeros(market.buyer_place.size)
        s = rush.stage
        links = market.links(s)
        from_, to = market.node_place[market.nodes_of(s)], market.buyer_place[market.buyers_of(s)]
        outside = rush.origins[from_][:, None] & (from_[:, None] != to[None, :])
        share[market.buyers_of(s)] = (links * outside).sum(axis=0) * rush.destinations[to]
        fade = np.clip(1.0 - (month - rush.start) / assumed["rush_fade_months"], 0.0, 1.0)
        course = np.where(month >= rush.announced, np.where(month < rush.start, 1.0, fade), 0.0)
        out += (assumed["rush_stock_factor"] - 1.0) * course[:, None] * share[None, :]
    return out


def _first(months: Months, edits: Edits) -> int:
    """First month in which anything differs from the baseline."""
    acts = (
        (months.capacity != 1.0).any(axis=1)
        | (months.demand != 1.0).any(axis=1)
        | (months.build != 0.0).any(axis=1)
        | (months.handed != 0.0).any(axis=1)
        | (months.target != 1.0).any(axis=1)
        | months.closed[months.closed_at].any(axis=1)
        | (months.contract != 0.0).any(axis=1)
    )
    if months.limit.size:
        acts |= (months.limit < _OPEN).any(axis=1)
    for name in ("tax", "rate", "floor"):
        rows = getattr(months, name)
        if rows.size:
            acts |= (rows[months.priced_at] != 0.0).any(axis=1)
    if edits.plants:
        acts |= (months.grow != 0.0).any(axis=1)
        acts |= True  # a plant that waits is a node without supply: not the baseline
    return int(np.argmax(acts)) if acts.any() else edits.months
