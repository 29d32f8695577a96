"""One material's market under a threat, with members who act alone or together.

What members do in a crisis is written as edits, from which the market makes flows and prices:

alone
    each hands out its own stock to its own users; where all *scramble*, each also keeps a part of
    its exports from everybody else, and buys for its stock while prices are highest
together
    no scramble among those who act together: their exports to each other stay free and none of
    them buys; the stocks of all may be shared out anew, and all may forgo a part of their use

Members with little use and no output to speak of take no part in a material: they hand out their
own stock to themselves, whoever is in the alliance. So the market of a material depends on the
members that take part in it alone, which is what makes every coalition cheap to value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodestone.alliance.game import Floats
from lodestone.chain.edits import Edits, LinkLimit
from lodestone.chain.world import World
from lodestone.market.assumptions import Assumptions
from lodestone.market.baseline import MarketBaseline
from lodestone.market.outcome import gains_by_month, missing_share, use_value
from lodestone.market.path import Path, walk

#: Makers of less than this share of a stage keep nothing back that anybody would miss.
_SMALL_MAKER = 0.01
_DAYS = 365.0
#: What members may share: stocks handed out anew, exports to each other free of controls, buying
#: without outbidding each other, use forgone together.
STOCKS, EXPORTS, BUYING, RESTRAINT = SHARES = ("stocks", "exports", "buying", "restraint")


class Terms(NamedTuple):
    """What members hold and do in a crisis; see the attributes `alliance_*`.

    Attributes
    ----------
    scramble_days : of normal use, bought in the first `scramble_months`
    hoarding, restraint : shares of exports, and of use
    least_share : from which a member takes part
    """

    scramble_days: float
    scramble_months: float
    hoarding: float
    restraint: float
    least_share: float


class Outcome(NamedTuple):
    """What one market leaves to each of k members.

    Attributes
    ----------
    missing : (k, T) share of use that is missing; what is forgone counts as missing
    price_cost : (k, T) USD; NaN without a price
    price : (k, T) price at which the last user decides, in base prices, mean by use
    path : the answer itself, which knows nothing of use that was forgone
    forgone : (k,) USD that this use was worth over all months, part of `price_cost`
    """

    missing: Floats
    price_cost: Floats
    price: Floats
    path: Path
    forgone: Floats


@dataclass(frozen=True)
class CoalitionMarket:
    """One material, its threat, and k members; see `coalition_market`.

    Attributes
    ----------
    members : names; codes : their places
    shares : what those together share: of `SHARES`
    flows : whether paths keep every link's flow
    threat : edits that strike whatever members do
    stage : index of the stage at which stocks are held: where members use most, by value
    use : (k,) normal use at that stage, in its units a year
    stock : (k,) held there, in the same units
    spend : (k,) USD a year for what is used at all stages; NaN without a price
    part : (k,) whether a member takes part
    """

    world: World
    market: MarketBaseline
    assumed: Assumptions
    threat: Edits
    members: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    terms: Terms
    shares: frozenset[str]
    flows: bool
    stage: int
    places: NDArray[np.bool_]
    use_by_place: Floats
    use: Floats
    stock: Floats
    spend: Floats
    part: NDArray[np.bool_]

    @property
    def taking_part(self) -> int:
        """The coalition of all who take part."""
        return sum(1 << k for k in range(len(self.members)) if self.part[k])

    def outcome(
        self, together: int, release: Floats, *, restraint: float = 0.0, scramble: bool = False
    ) -> Outcome:
        """Walk the market with some members together.

        Parameters
        ----------
        together : coalition (bit k for member k); 0 for all alone
        release : (k,) what each member's users get from stocks over all months, in units of the
            stage; its sum is what is held
        restraint : share of their use that those together forgo
        scramble : whether those alone hoard and outbid

        Raises
        ------
        MarketError
            If a month cannot be proved.
        """
        acting = np.array([bool(together >> k & 1) for k in range(len(self.members))])
        edits = self._edits(acting, release, restraint, scramble)
        path = walk(
            self.world,
            edits,
            self.assumed,
            baseline=self.market,
            keep_flows=self.flows,
            like=self._threatened,
        )
        missing = np.stack([missing_share(path, c) for c in self.codes])
        cost = np.stack([-gains_by_month(path, c).total for c in self.codes])
        forgone = np.zeros(acting.size)
        if restraint > 0.0:
            for k in np.flatnonzero(acting):
                # path counts what is wanted after restraint
                missing[k] = 1.0 - (1.0 - missing[k]) * (1.0 - restraint)
                monthly = self._forgone(restraint) * self.spend[k] / 12.0
                cost[k] += monthly
                forgone[k] = monthly * path.months
        return Outcome(missing, cost, self._price(path), path, forgone)

    @cached_property
    def _threatened(self) -> Path:
        """The threat alone; its market at rest serves all others."""
        return walk(self.world, self.threat, self.assumed, baseline=self.market)

    def _forgone(self, share: float) -> float:
        """What forgoing the least valued share of use costs, in normal spend.

        Area under the demand of elasticity eta_S above the base price, from 1 - share to 1.
        """
        power = 1.0 / self.assumed["eta_S"]
        return float(((1.0 - share) ** (1.0 - power) - 1.0) / (power - 1.0) - share)

    def _price(self, path: Path) -> Floats:
        market, w = path.market, path.walked
        span = market.buyers_of(self.stage)
        found = np.full((len(self.members), path.months), np.nan)
        for k in range(len(self.members)):
            pick = np.flatnonzero(self.places[k][market.buyer_place[span]]) + span.start
            weight = market.use[pick]
            if weight.sum() > 0.0:
                found[k] = (w.inner[:, pick] * weight).sum(axis=1) / weight.sum()
        return found

    def _edits(
        self, acting: NDArray[np.bool_], release: Floats, restraint: float, scramble: bool
    ) -> Edits:
        t, _, n = self.threat.capacity.shape
        handed = self.threat.release.copy()
        wanted = self.threat.demand.copy()
        bought = self.threat.build.copy()
        limits = self.threat.limits
        for k in range(len(self.members)):
            if self.use[k] > 0.0:
                spread = self.use_by_place[k] / self.use[k]
                handed[:, self.stage, :] += release[k] * 12.0 / t * spread
                calm = acting[k] and BUYING in self.shares
                if scramble and not calm and self.part[k]:
                    months = min(t, round(self.terms.scramble_months))
                    tonnes = self.use[k] * self.terms.scramble_days / _DAYS
                    bought[:months, self.stage, :] += tonnes * 12.0 / months * spread
            if restraint > 0.0 and acting[k]:
                wanted[:, :, self.places[k]] *= 1.0 - restraint
        if scramble and self.terms.hoarding > 0.0:
            limits = (*limits, *self._hoarding(acting, n, t))
        return replace(self.threat, release=handed, demand=wanted, build=bought, limits=limits)

    def _hoarding(self, acting: NDArray[np.bool_], n: int, t: int) -> list[LinkLimit]:
        """Ceilings on what makers in each member's places send out, those together apart."""
        market = self.market
        free = acting & (EXPORTS in self.shares)
        friends = self.places[free].any(axis=0) if free.any() else np.zeros(n, dtype=bool)
        share = np.full(t, 1.0 - self.terms.hoarding)
        active = np.ones(t, dtype=bool)
        found = []
        for s in range(len(market.stages)):
            span = market.nodes_of(s)
            supply = np.zeros(n)
            np.add.at(supply, market.node_place[span], market.supply[span])
            for k in np.flatnonzero(self.part):
                own = friends if free[k] else self.places[k]
                for p in np.flatnonzero(self.places[k] & (supply > _SMALL_MAKER * supply.sum())):
                    found.append(LinkLimit(s, int(p), np.asarray(~own), active, share=share))
        return [limit for limit in found if self._sends(limit)]

    def _sends(self, limit: LinkLimit) -> bool:
        """Whether anything flows over the links of a limit at rest, bans apart."""
        market, s = self.market, limit.stage
        closed = np.zeros(limit.destinations.size, dtype=bool)
        for c in self.threat.closed:
            if c.stage == s and c.origins[limit.origin]:
                closed |= c.destinations
        rows = market.node_place[market.nodes_of(s)] == limit.origin
        to = (limit.destinations & ~closed)[market.buyer_place[market.buyers_of(s)]]
        return bool(market.links(s)[np.ix_(rows, to)].any())


def coalition_market(
    world: World,
    market: MarketBaseline,
    assumed: Assumptions,
    threat: Edits,
    codes: Mapping[str, Sequence[str]],
    cover: Sequence[float],
    terms: Terms,
    shares: Iterable[str] = SHARES,
    flows: bool = False,
) -> CoalitionMarket:
    """One material's market, ready to be asked for every coalition.

    Parameters
    ----------
    market : at rest, under the same assumptions
    threat : edits of the threat
    codes : member -> ISO3 of its places
    cover : days of normal use that each member holds in stock
    """
    names = tuple(codes)
    places = np.array([[p in codes[m] for p in market.places] for m in names])
    value = np.stack([use_value(world, market, codes[m]) for m in names])
    tonnes = _use(market)
    by_stage = np.array(
        [[float(tonnes[s][mask].sum()) for mask in places] for s in range(len(tonnes))]
    )
    weight = np.nansum(value, axis=0)
    stage = int(weight.argmax()) if weight.any() else int(by_stage.sum(axis=1).argmax())
    use = by_stage[stage]
    spend = np.array([np.nansum(v) if np.isfinite(v).any() else np.nan for v in value])
    return CoalitionMarket(
        world,
        market,
        assumed,
        threat,
        names,
        tuple(tuple(codes[m]) for m in names),
        terms,
        frozenset(shares),
        flows,
        stage,
        places,
        tonnes[stage][None, :] * places,
        use,
        use * np.array(cover, dtype=np.float64) / _DAYS,
        spend,
        _taking_part(market, places, by_stage, terms.least_share),
    )


def _use(market: MarketBaseline) -> Floats:
    """(S, n) normal use in the units of each stage."""
    found = np.zeros((len(market.stages), len(market.places)))
    np.add.at(
        found,
        (market.buyer_stage, market.buyer_place),
        market.use * market.tonnes[market.buyer_stage],
    )
    return found


def _taking_part(
    market: MarketBaseline, places: NDArray[np.bool_], by_stage: Floats, least: float
) -> NDArray[np.bool_]:
    """(k,) who uses or makes enough at some stage."""
    total = by_stage.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        uses = np.nan_to_num(by_stage / total[:, None]).max(axis=0) >= least
    made = np.zeros((len(market.stages), len(market.places)))
    np.add.at(made, (market.node_stage, market.node_place), market.supply)
    makes = np.array([(made[:, mask].sum(axis=1) / made.sum(axis=1)).max() for mask in places])
    return np.asarray((uses | (makes >= least)) & (by_stage.sum(axis=0) + makes > 0.0))
