"""What a path says, in the words of an analyst: prices outside and inside, who is short, for how long.

All series are by month (T,). A *place* here is any set of countries. Prices are in base prices
of the stage (1 = the baseline year's price), quantities in tonnes a year of the stage's reference
content (or index points, where the chain has no tonnes).

price outside
    mean price paid by buyers outside the restricting suppliers, weighted by what they bought at
    rest; a buyer that can buy nothing counts with the price at which its own stocks and users
    balance
price inside
    mean price at the suppliers' own nodes, weighted by what they sold at rest; unknown (NaN)
    where they sell nothing to nobody
shortage
    use without any rise of price, less use: what users go without, by choice or by force
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.world import World
from lodestone.market.arrays import Floats
from lodestone.market.baseline import MarketBaseline
from lodestone.market.path import Path

#: Above this price, and this share of use, a market has not recovered.
RECOVERED_PRICE, RECOVERED_SHORT = 1.1, 0.02


@dataclass(frozen=True)
class PlaceMonths:
    """One place at one stage, month by month.

    Attributes
    ----------
    price : mean price paid, see `outcome`; effective : with the cost of switching
    use, wanted : (T,) a year's rate; use, and use at base prices
    bought, from_suppliers, from_home : purchases; part from the restricting suppliers; from itself
    stock : months of use held in commercial stocks, mean over purchases at rest
    """

    price: Floats
    effective: Floats
    use: Floats
    wanted: Floats
    bought: Floats
    from_suppliers: Floats
    from_home: Floats
    stock: Floats

    @property
    def shortage(self) -> Floats:
        """(T,) use that is missing, a year's rate; never negative."""
        return np.maximum(self.wanted - self.use, 0.0)

    @property
    def short_share(self) -> Floats:
        """(T,) the same as a share of what would be used; NaN where nothing is used."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.wanted > 0, self.shortage / self.wanted, np.nan)


def headline_stage(path: Path) -> int:
    """Stage at which most is used, by value: where a shortage is felt."""
    market = path.market
    used = [market.use[market.buyers_of(s)].sum() for s in range(len(market.stages))]
    return int(np.argmax(used))


def short_stage(path: Path) -> int:
    """Stage at which most use is missing over all months, by value; the headline stage if none."""
    market, w = path.market, path.walked
    short = np.zeros(len(market.stages))
    for s in range(short.size):
        span = market.buyers_of(s)
        price = float(market.base_price[s])
        weight = market.tonnes[s] * (price if np.isfinite(price) else 1.0)
        short[s] = weight * np.maximum(w.wanted[:, span] - w.used[:, span], 0.0).sum()
    return int(short.argmax()) if short.any() else headline_stage(path)


def price_outside(path: Path, s: int, suppliers: Collection[str]) -> Floats:
    """(T,) mean price paid at stage s by all but the suppliers; NaN where nobody else buys."""
    market = path.market
    names = [market.places[p] for p in market.buyer_place]
    pick = [j for j in range(*market.buyers_of(s).indices(len(names))) if names[j] not in suppliers]
    return _mean_price(path, np.array(pick, dtype=int))


def price_inside(path: Path, s: int, suppliers: Collection[str]) -> Floats:
    """(T,) mean price of the suppliers' own makers at stage s; NaN where they sell nothing."""
    market = path.market
    pick = [
        i
        for i in range(*market.nodes_of(s).indices(market.node_place.size))
        if market.places[market.node_place[i]] in suppliers
    ]
    price, weight = path.walked.price[:, pick], market.supply[pick]
    known = ~np.isnan(price)
    total = (known * weight).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(
            total > 0, (np.where(known, price, 0.0) * weight).sum(axis=1) / total, np.nan
        )


def place_months(
    path: Path, s: int, members: Collection[str], suppliers: Collection[str]
) -> PlaceMonths | None:
    """One place at one stage; None where it buys nothing there.

    `from_suppliers` and `from_home` need a path with flows kept, else they are NaN.
    """
    market, walked = path.market, path.walked
    span = range(*market.buyers_of(s).indices(market.buyer_place.size))
    pick = np.array([j for j in span if market.places[market.buyer_place[j]] in members], dtype=int)
    if pick.size == 0 or market.bought[pick].sum() <= 0.0:
        return None
    unit, at_rest = market.tonnes[s], market.bought[pick]
    return PlaceMonths(
        price=_mean_price(path, pick),
        effective=_mean(walked.inner[:, pick], at_rest),
        use=walked.used[:, pick].sum(axis=1) * unit,
        wanted=walked.wanted[:, pick].sum(axis=1) * unit,
        bought=walked.bought[:, pick].sum(axis=1) * unit,
        from_suppliers=_arriving(path, s, pick, suppliers) * unit,
        from_home=_arriving(path, s, pick, members) * unit,
        stock=_mean(walked.stock[:, pick], at_rest),
    )


class PlaceOutcome(NamedTuple):
    """What a whole path does to the users of one place at one stage.

    Attributes
    ----------
    place : ISO3
    lost : share of use lost over all months; NaN where nothing is used
    peak : highest price paid, base prices
    worst, worst_month : largest share of use lost in a month, and the first such month
    lost_by_month, price_by_month : (months,) share of use lost, and price paid in base prices
    """

    place: str
    lost: float
    peak: float
    worst: float
    worst_month: int
    lost_by_month: Floats
    price_by_month: Floats


def place_outcomes(path: Path, s: int) -> list[PlaceOutcome]:
    """What a path does to every place that buys at a stage, each place on its own."""
    market, walked = path.market, path.walked
    span = range(*market.buyers_of(s).indices(market.buyer_place.size))
    buyers: dict[str, list[int]] = {}
    for j in span:
        buyers.setdefault(market.places[market.buyer_place[j]], []).append(j)
    found = []
    for place in sorted(buyers):
        pick = np.array(buyers[place], dtype=int)
        if market.bought[pick].sum() <= 0.0:
            continue
        wanted, used = walked.wanted[:, pick].sum(axis=1), walked.used[:, pick].sum(axis=1)
        short = np.maximum(wanted - used, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(wanted > 0.0, short / wanted, 0.0)
        whole, price = float(wanted.sum()), _mean_price(path, pick)
        month = int(share.argmax())
        found.append(
            PlaceOutcome(
                place,
                float(short.sum()) / whole if whole > 0.0 else float("nan"),
                float(price.max()),
                float(share[month]) if whole > 0.0 else float("nan"),
                month,
                share,
                price,
            )
        )
    return found


def months_to_recover(price: Floats, short: Floats) -> int | None:
    """First month from which price and shortage stay below their marks; None if they do not.

    0 means that they never left. `RECOVERED_PRICE` and `RECOVERED_SHORT` are the marks.
    """
    bad = (price > RECOVERED_PRICE) | (np.nan_to_num(short) > RECOVERED_SHORT)
    if not bad.any():
        return 0
    last = int(np.flatnonzero(bad)[-1])
    return last + 1 if last + 1 < bad.size else None


@dataclass(frozen=True)
class Gains:
    """What a place gains against the market at rest, USD over all months; NaN without a price.

    Attributes
    ----------
    users : what users lose by dearer prices (negative), with the gains of commercial stocks
    makers : profits of makers and refiners (with support by contract)
    rents : what limits leave to the licensing places
    treasury : duties and levies, less support by contract; gains of strategic stocks
    """

    users: float
    makers: float
    rents: float
    treasury: float

    @property
    def total(self) -> float:
        """All four."""
        return self.users + self.makers + self.rents + self.treasury


def gains(path: Path, members: Collection[str]) -> Gains:
    """What a place gains (or loses, if negative) by the scenario over all its months.

    Users' loss is the area left of the demand that was seen: the curve of constant elasticity
    through use at the base price and use at this month's price, or at the choke; beyond the choke
    the straight fall along which use gives up. (The surplus of the month's own program would count
    a user who has learnt to do without as one who never gained by it.)
    Stocks count at base prices: a tonne taken out gains, and one put in costs, the price above.
    """
    each = gains_by_month(path, members)
    return Gains(*(float(part.sum()) for part in each))


class MonthlyGains(NamedTuple):
    """The parts of `Gains` by month, each (T,) USD; NaN without a price."""

    users: Floats
    makers: Floats
    rents: Floats
    treasury: Floats

    @property
    def total(self) -> Floats:
        """(T,) all four."""
        return self.users + self.makers + self.rents + self.treasury


def gains_by_month(path: Path, members: Collection[str]) -> MonthlyGains:
    """What a place gains by the scenario in each month; see `gains`."""
    market, rest, w = path.market, path.at_rest, path.walked
    last = len(market.stages) - 1
    money = (
        float(market.base_price[last] * market.tonnes[last])
        / 12.0
        * tonnes_per_unit(path.world, market, last)
    )
    inside = np.array([p in members for p in market.places])
    buyers, nodes = inside[market.buyer_place], inside[market.node_place]
    rest_nodes = inside[rest.market.node_place]
    above = w.inner[:, buyers] - 1.0
    lost = _price_cost(path, buyers)
    stocked = above * (w.released[:, buyers] - market.fixed[buyers])
    owned = inside[path.limit_owner] if path.limit_owner.size else np.zeros(0, dtype=bool)
    strategic = (above * path.strategic[:, buyers]).sum(axis=1)
    return MonthlyGains(
        users=(stocked - lost).sum(axis=1) * money,
        makers=(w.makers[:, nodes].sum(axis=1) - rest.walked.makers[0, rest_nodes].sum()) * money,
        rents=(w.rent * w.limited)[:, owned].sum(axis=1) * money,
        treasury=(w.treasury[:, buyers].sum(axis=1) - w.support[:, nodes].sum(axis=1) + strategic)
        * money,
    )


def gains_by_place(path: Path) -> PlaceGains:
    """What every place of a path's market gains over all months: `gains` of each, at once."""
    market, rest, w = path.market, path.at_rest, path.walked
    last = len(market.stages) - 1
    money = (
        float(market.base_price[last] * market.tonnes[last])
        / 12.0
        * tonnes_per_unit(path.world, market, last)
    )
    above = w.inner - 1.0
    lost = _price_cost(path, slice(None))
    stocked = above * (w.released - market.fixed)
    by_buyer, by_node = market.buyer_place, market.node_place
    n = len(market.places)

    def summed(at: NDArray[np.int64], values: Floats) -> Floats:
        out = np.zeros(n)
        np.add.at(out, at, values)
        return out * money

    at_rest = summed(rest.market.node_place, rest.walked.makers[0]) * path.months
    return PlaceGains(
        users=summed(by_buyer, (stocked - lost).sum(axis=0)),
        makers=summed(by_node, w.makers.sum(axis=0)) - at_rest,
        rents=summed(path.limit_owner, (w.rent * w.limited).sum(axis=0)),
        treasury=summed(by_buyer, (w.treasury + above * path.strategic).sum(axis=0))
        - summed(by_node, w.support.sum(axis=0)),
    )


class PlaceGains(NamedTuple):
    """The parts of `Gains` by place, each (n,) USD; NaN without a price."""

    users: Floats
    makers: Floats
    rents: Floats
    treasury: Floats


def use_value(world: World, market: MarketBaseline, members: Collection[str]) -> Floats:
    """(S,) what a place pays in a normal year for what it uses at each stage, USD; NaN unknown."""
    inside = np.array([p in members for p in market.places])[market.buyer_place]
    found = np.full(len(market.stages), np.nan)
    for s in range(found.size):
        span = market.buyers_of(s)
        used = float((market.use[span] * inside[span]).sum()) * market.tonnes[s]
        found[s] = used * market.base_price[s] * tonnes_per_unit(world, market, s)
    return found


def tonnes_per_unit(world: World, market: MarketBaseline, s: int) -> float:
    """Tonnes in one unit of a stage: 1, or what an index point stands for (judged); NaN unknown."""
    if market.units[s] == "t":
        return 1.0
    return world.volumes.get(market.material, float("nan")) / 100.0


def missing_share(path: Path, members: Collection[str]) -> Floats:
    """(T,) share of a place's use that is missing, over all stages by value; 0 without use.

    Stages without a price count by their content.
    """
    market, w = path.market, path.walked
    inside = np.array([p in members for p in market.places])[market.buyer_place]
    wanted, short = np.zeros(path.months), np.zeros(path.months)
    for s in range(len(market.stages)):
        span = market.buyers_of(s)
        pick = np.flatnonzero(inside[span]) + span.start
        price = float(market.base_price[s])
        weight = market.tonnes[s] * (price if np.isfinite(price) else 1.0)
        need, used = w.wanted[:, pick].sum(axis=1), w.used[:, pick].sum(axis=1)
        wanted += weight * need
        short += weight * np.maximum(need - used, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(wanted > 0.0, short / wanted, 0.0)


def _price_cost(path: Path, buyers: NDArray[np.bool_] | slice) -> Floats:
    """(T, b) area between base price and price, left of demand: what users lose, in base prices."""
    w, assumed = path.walked, path.assumed
    price, used, choking = w.inner[:, buyers], w.used[:, buyers], w.choking[:, buyers]
    choke = assumed["choke"]
    # Past this price nothing is used, and nothing more can be lost.
    end = np.where(used > 0.0, price, np.minimum(price, choke * (1.0 + assumed["kappa"])))
    beyond = 0.5 * (choking + used) * np.maximum(end - choke, 0.0)
    return _curved(np.minimum(price, choke), choking, w.wanted[:, buyers]) + beyond


def _curved(price: Floats, used: Floats, wanted: Floats) -> Floats:
    """Area left of the curve of constant elasticity through (1, wanted) and (price, used)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = -np.log(np.maximum(used, 1e-9 * wanted) / wanted) / np.log(price)
        curved = wanted * (price ** (1.0 - slope) - 1.0) / (1.0 - slope)
        straight = 0.5 * (wanted + used) * (price - 1.0)
        fits = np.isfinite(curved) & (np.abs(np.log(price)) > 1e-6) & (np.abs(slope - 1.0) > 1e-6)
    # A move of use at an unmoved price (a boom, a habit) has no area.
    return np.where(wanted > 0.0, np.where(fits, curved, straight), 0.0)


def _mean_price(path: Path, pick: NDArray[np.int64]) -> Floats:
    """Price paid, or the inner price of those who can buy nothing; weighted by purchases at rest."""
    walked = path.walked
    paid = walked.paid[:, pick]
    price = np.where(np.isnan(paid), walked.inner[:, pick], paid)
    return _mean(price, path.market.bought[pick])


def _mean(values: Floats, weight: Floats) -> Floats:
    total = weight.sum()
    if total <= 0.0:
        return np.full(values.shape[0], np.nan)
    # not a matrix product: its last digits depend on the number of threads
    return np.asarray((values * weight).sum(axis=1) / total)


def _arriving(path: Path, s: int, pick: NDArray[np.int64], origins: Collection[str]) -> Floats:
    """(T,) purchases of these buyers from some origins, in the market's units."""
    market, walked = path.market, path.walked
    if walked.flow.shape[0] == 0:
        return np.full(path.months, np.nan)
    lay = market.layout
    shape = (path.months, int(lay.ns[s + 1] - lay.ns[s]), int(lay.ms[s + 1] - lay.ms[s]))
    block = walked.flow[:, lay.wo[s] : lay.wo[s + 1]].reshape(shape)
    rows = [
        i - int(lay.ns[s])
        for i in range(int(lay.ns[s]), int(lay.ns[s + 1]))
        if market.places[market.node_place[i]] in origins
    ]
    return np.asarray(block[:, rows][:, :, pick - int(lay.ms[s])].sum(axis=(1, 2)))
