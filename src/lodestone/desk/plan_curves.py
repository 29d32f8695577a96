"""What each state of a material costs a place, and how own supply relieves it: asked of the market.

For each state (who cuts how much for how long) the market is walked for a year at five levels of
the place's demand; what is lost beyond the same demand in calm is a point of the curve, relief is
the demand that is gone. One more walk for each channel (a mine at home, a refinery, scrap, a
stock, a contract abroad) says how much of its tonnes reaches the place's users in that state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.desk.plan_economies import MemberEconomy
from lodestone.desk.plan_scenarios import Cuts, State
from lodestone.terms import group_members, members
from lodestone.terms.errors import MarketError, RequestError

if TYPE_CHECKING:
    from lodestone.chain.measure import Measure
    from lodestone.chain.world import World
    from lodestone.desk.assess_buyer import Buyer
    from lodestone.market.path import Path
    from lodestone.plan.need import Need
    from lodestone.plan.option import Option
    from lodestone.plan.outlook import StateCurve

    Floats = np.ndarray[Any, Any]

#: Levels of the place's demand at which a state is walked.
LEVELS = (0.2, 0.1, 0.0, -0.1, -0.2)
#: Size of a channel, in shares of use, at which its reach is measured.
_TRIAL = 0.1
#: A channel never counts for more than this part of its tonnes.
MOST_REACH = 1.2
_YEAR = 12

#: (stage, channel): the same channel at two stages is two ways in.
Way = tuple[str, str]
_MILLION = 1e6


@dataclass(frozen=True)
class Cost:
    """What a year costs a place, million USD: price cost, and output lost by sector."""

    price: float
    sectors: Floats

    @property
    def whole(self) -> float:
        """The larger of the two."""
        return max(self.price, float(self.sectors.sum()))


class Market:
    """Walks of one material for one place, whose losses are those of its economies."""

    def __init__(
        self, there: World, who: Buyer, need: Need, economies: Sequence[MemberEconomy]
    ) -> None:
        from lodestone.desk.study_work import market_at_rest

        self.there, self.who, self.need = there, who, need
        self.economies = tuple(economies)
        self.base = market_at_rest(there.year, need.material)
        self.unproved: dict[str, None] = {}
        self.at_ceiling: dict[str, None] = {}
        self._paid: dict[tuple[Measure, ...], tuple[float, ...]] = {}
        self._costs: dict[tuple[Cuts, tuple[Measure, ...]], tuple[Cost, ...]] = {}
        self._scale: dict[tuple[str, Cuts], float] = {}

    def walk(self, cuts: Cuts, measures: Sequence[Measure], *, flows: bool = False) -> Path:
        """A year of the market under cuts and measures."""
        from lodestone.chain.apply import apply
        from lodestone.chain.edits import no_edits
        from lodestone.chain.scenario import Scenario
        from lodestone.market.path import walk

        first = f"{self.there.year + 1}-01"
        whole = (*self._cut_measures(cuts, first), *measures)
        if whole:
            asked = Scenario("state", whole, first, _YEAR, self.there.year)
            edits = apply(self.there, asked)[self.need.material]
        else:
            chain = self.there.chain(self.need.material)
            edits = no_edits(chain.material, len(chain.stages), len(chain.places), _YEAR, first)
        return walk(self.there, edits, baseline=self.base, keep_flows=flows)

    def cost(self, cuts: Cuts, measures: Sequence[Measure]) -> Cost:
        """What cuts cost under measures, beyond the same measures in calm; walked once.

        Price costs of the economies add up, and their sectors stand one after the other.
        """
        each = self.costs(cuts, measures)
        return Cost(sum(c.price for c in each), np.concatenate([c.sectors for c in each]))

    def costs(self, cuts: Cuts, measures: Sequence[Measure]) -> tuple[Cost, ...]:
        """The same of each economy, from the same walk."""
        key = (cuts, tuple(measures))
        if key not in self._costs:
            self._costs[key] = self._walked_costs(cuts, measures)
        return self._costs[key]

    def _walked_costs(self, cuts: Cuts, measures: Sequence[Measure]) -> tuple[Cost, ...]:
        from lodestone.chain.measure import StockRelease

        if measures and any(one.table is not None for one in self.economies):
            # losses upstream scale as in the cut alone, whatever is asked first
            self.costs(cuts, ())
        # a strategic stock stays where it is as long as nobody cuts
        quiet = tuple(m for m in measures if not isinstance(m, StockRelease))
        path = self.walk(cuts, measures)
        calm = self._calm_prices(quiet)
        return tuple(
            Cost(_price(path, one.who) - before, self._sectors(path, cuts, one))
            for one, before in zip(self.economies, calm, strict=True)
        )

    def _calm_prices(self, measures: tuple[Measure, ...]) -> tuple[float, ...]:
        if measures not in self._paid:
            path = self.walk((), measures)
            self._paid[measures] = tuple(_price(path, one.who) for one in self.economies)
        return self._paid[measures]

    def _cut_measures(self, cuts: Cuts, first: str) -> list[Measure]:
        from lodestone.chain.measure import ExportBan, ExportQuota
        from lodestone.chain.months import month_label

        names = (self.need.material,)
        found: list[Measure] = []
        for supplier, depth, months in cuts:
            end = month_label(first, months - 1)
            left = 1.0 - depth
            if left > 0.02:
                found.append(ExportQuota(supplier, left, materials=names, start=first, end=end))
            else:
                found.append(ExportBan(supplier, materials=names, start=first, end=end))
        return found

    def _sectors(self, path: Path, cuts: Cuts, one: MemberEconomy) -> Floats:
        """(n,) value added lost by each sector's own shortage, upstream included."""
        from lodestone.economy.exposure import Case
        from lodestone.economy.losses import share_of
        from lodestone.economy.upstream import multipliers, with_upstream
        from lodestone.market.outcome import missing_share, use_value
        from lodestone.terms import attribute

        if one.table is None:
            return np.zeros(0)
        table = one.table
        missing = missing_share(path, one.who.members)[:_YEAR]
        spend = float(np.nansum(use_value(path.world, path.market, one.who.members)))
        short = self._shortage(spend / _MILLION, missing, one)
        if short is None:
            return np.zeros(len(table.sectors))
        sigma = float(attribute("sigma").default)
        share = share_of(table, short, sigma, Case.CENTRAL).mean(axis=1)
        direct = np.minimum(share, 1.0) * table.output
        alone = direct * multipliers(table)
        if (one.who.id, cuts) not in self._scale:
            total = float(alone.sum())
            whole = with_upstream(table, direct[:, None])[:, 0] * table.value_added_share
            self._scale[one.who.id, cuts] = float(whole.sum()) / total if total > 0.0 else 1.0
        return np.asarray(alone * self._scale[one.who.id, cuts])

    def _shortage(self, spend: float, missing: Floats, one: MemberEconomy) -> Any:
        """The material as a shortage; a group with its elements, which miss the same share."""
        from lodestone.desk.group_shortages import GROUP
        from lodestone.desk.study_work import market_at_rest
        from lodestone.economy.losses import Shortage
        from lodestone.market.outcome import use_value

        name, exposed = self.need.material, one.exposed
        parts = []
        for part in group_members(GROUP) if name == GROUP else ():
            if part in exposed and part in self.there.chains:
                own = use_value(self.there, market_at_rest(self.there.year, part), one.who.members)
                paid = float(np.nansum(own)) / _MILLION
                parts.append(Shortage(exposed[part], paid, missing))
        if name not in exposed and not parts:
            return None
        if name not in exposed:
            return Shortage(parts[0].exposed, parts[0].spend, missing, tuple(parts[1:]))
        return Shortage(exposed[name], spend, missing, tuple(parts))


def _price(path: Path, who: Buyer) -> float:
    """Price cost of a year, million USD.

    Raises
    ------
    MarketError
        If it is not finite: what is not known is not nothing.
    """
    from lodestone.market.outcome import gains_by_month

    cost = -gains_by_month(path, who.members).total[:_YEAR]
    if not np.isfinite(cost).all():
        raise MarketError(f"price cost of {who.id} is not finite in some month")
    return float(cost.sum()) / _MILLION


def channel_measure(
    there: World,
    need: Need,
    stage: str,
    channel: str,
    tonnes: float,
    place: str,
    cuts: Cuts = (),
    level: float = 0.0,
    first: str = "",
) -> Measure:
    """Tonnes of one channel as a measure.

    A stock hands out what it holds evenly over the longest cut: its rule, without foresight of
    how deep the cut is. What users do without is told as a share of what those of the place use, who
    may be a part of those who plan.
    """
    from lodestone.chain.measure import (
        NewCapacity,
        PriceFloor,
        Recycling,
        StockRelease,
        Substitution,
    )
    from lodestone.chain.months import month_label

    names, stages = (need.material,), (stage,)
    if channel == "stock":
        months = max((m for _, _, m in cuts), default=_YEAR)
        end = month_label(first, months - 1)
        return StockRelease(place, tonnes, materials=names, stages=stages, start=first, end=end)
    if channel == "substitution":
        share = min(tonnes / used_at(there, need, place), 1.0)
        return Substitution(place, share, 0.0, materials=names, stages=need.stages)
    if channel == "recycling":
        return Recycling(place, tonnes, 0.0, materials=names, stages=stages)
    if channel == "price_floor":
        return PriceFloor((place,), level, "contract", materials=names, stages=stages)
    return NewCapacity(place, tonnes, 0.0, materials=names, stages=stages)


def used_at(there: World, need: Need, place: str) -> float:
    """Tonnes that users of a place use of a material, at the stages that count.

    Raises
    ------
    RequestError
        If it uses none: nobody there can do without it.
    """
    from lodestone.desk.plan_needs import use_of

    used = use_of(there.chain(need.material), members(place), need.stages)
    if not used > 0.0:
        raise RequestError(f"{place} uses no {need.material}, so it cannot do without any")
    return used


@dataclass(frozen=True)
class Channel:
    """A way tonnes reach a material: where they come in, and how the market is told."""

    stage: str
    channel: str
    place: str
    level: float = 0.0
    full: float = 0.0

    @property
    def name(self) -> str:
        """`recycling (refine)`."""
        return f"{self.channel} ({self.stage})"


def channels_of(options: Sequence[Option], name: str) -> dict[Way, Channel]:
    """Channels of a material on a menu, by stage and name: a floor for mines is none for smelters."""
    found: dict[Way, Channel] = {}
    for o in options:
        for e in o.effects:
            if e.material == name and (e.stage, e.channel) not in found:
                found[e.stage, e.channel] = Channel(e.stage, e.channel, o.place, o.level, e.tonnes)
    return found


@dataclass(frozen=True)
class StatePoints:
    """A state as it was walked: the points that its curve is drawn under.

    Attributes
    ----------
    name : such as `CHN 75 % 12 months`
    reach : (stage, channel) -> part of a tonne that relieves the place's users in this state
    relief, costs : (P,) of each walk that is proved: five levels of demand, then plans
    """

    name: str
    reach: Mapping[Way, float]
    relief: tuple[float, ...]
    costs: tuple[Cost, ...]

    def after_a_cut(self, name: str) -> StatePoints:
        """The same the year after another cut: no stock is left to reach anybody."""
        reach = {way: 0.0 if way[1] == "stock" else part for way, part in self.reach.items()}
        return replace(self, name=name, reach=reach)

    def curve(self) -> StateCurve:
        """Lines under the points."""
        return curve_of(self.name, self.reach, self.relief, self.costs)

    def and_walk(self, relief: float, cost: Cost) -> StatePoints:
        """The same with one more walk."""
        return replace(self, relief=(*self.relief, relief), costs=(*self.costs, cost))


def state_points(
    market: Market, channels: Mapping[Way, Channel], states: Sequence[Cuts]
) -> list[StatePoints]:
    """All states of a material: five walks each.

    Reach is measured in the worst state of each set of suppliers, once for each channel: how much
    of a tonne arrives depends on who cuts, hardly on how deep.
    """
    found: dict[Cuts, StatePoints] = {}
    reaches: dict[tuple[str, ...], dict[Way, float]] = {}
    worst_first = sorted(states, key=lambda cuts: [(-d, -m, s) for s, d, m in cuts])
    for cuts in worst_first:
        relief, points = _points(market, cuts)
        who = tuple(supplier for supplier, _, _ in cuts)
        if who not in reaches:
            reaches[who] = {
                way: 1.0
                if channel.channel == "substitution"
                else _reach(market, cuts, channel, relief, points)
                for way, channel in channels.items()
            }
        found[cuts] = StatePoints(State(cuts).name, reaches[who], tuple(relief), tuple(points))
    return [found[cuts] for cuts in states]


def curve_of(
    name: str, reach: Mapping[Way, float], relief: Sequence[float], points: Sequence[Cost]
) -> StateCurve:
    """Lines under the points of a state."""
    from lodestone.plan.outlook import StateCurve, convex_lines

    price = [p.price for p in points]
    lines = [
        convex_lines(relief, [float(p.sectors[n]) for p in points], 0.0)
        for n in range(points[0].sectors.size)
    ]
    most = max((x.shape[0] for x in lines), default=0)
    padded = np.array([np.pad(x, ((0, most - x.shape[0]), (0, 0)), "edge") for x in lines])
    return StateCurve(
        name,
        dict(reach),
        convex_lines(relief, price, min(0.0, *price)),
        padded.reshape(len(lines), most, 2),
    )


def _points(market: Market, cuts: Cuts) -> tuple[list[float], list[Cost]]:
    """Relief and cost at the levels of demand whose market is proved; said where one is not."""
    relief, points = [], []
    for level in LEVELS:
        try:
            points.append(_at_level(market, cuts, level))
        except MarketError:
            if level == 0.0:
                raise
            market.unproved[f"{State(cuts).name} at demand {level:+.0%} (no point)"] = None
            continue
        relief.append(-level)
    return relief, points


def _at_level(market: Market, cuts: Cuts, level: float) -> Cost:
    from lodestone.chain.measure import DemandChange

    if level == 0.0:
        return market.cost(cuts, ())
    change = DemandChange(market.who.id, level, materials=(market.need.material,))
    return market.cost(cuts, (change,))


def _reach(
    market: Market,
    cuts: Cuts,
    channel: Channel,
    relief: Sequence[float],
    points: Sequence[Cost],
) -> float:
    """Part of a channel's tonnes that relieves the place: read off the curve of relief.

    A channel that brings more than the curve or the ceiling can say is named in `at_ceiling`.
    """
    size = _trial_size(market, channel)
    if not size > 0.0:
        return 0.0  # a place that uses nothing has nothing to spare
    measure = _trial(market, channel, size, cuts)
    try:
        found = market.cost(cuts, (measure,)).whole
    except MarketError:
        # what cannot be proved relieves nobody: errs against the channel, and is said
        market.unproved[f"{channel.name} in {State(cuts).name} (no relief)"] = None
        return 0.0
    wholes = np.maximum.accumulate([p.whole for p in points][::-1])[::-1]
    if wholes[0] - wholes[-1] <= 1e-9 * max(abs(wholes[0]), 1.0):
        return 1.0
    # losses fall with relief: turned round, the curve gives the relief of a loss
    at = float(np.interp(found, wholes[::-1], np.array(relief)[::-1]))
    reach = at / (size / market.need.use)
    if reach > MOST_REACH or found <= wholes[-1]:
        market.at_ceiling[channel.name] = None
    return float(np.clip(reach, 0.0, MOST_REACH))


def _trial(market: Market, channel: Channel, size: float, cuts: Cuts = ()) -> Measure:
    """So many tonnes of a channel, as the market is told of them."""
    return channel_measure(
        market.there,
        market.need,
        channel.stage,
        channel.channel,
        size,
        channel.place,
        cuts,
        channel.level,
        f"{market.there.year + 1}-01",
    )


def _trial_size(market: Market, channel: Channel) -> float:
    """Tonnes of a channel that the market is told of to see what they do."""
    size = _TRIAL * market.need.use
    if channel.channel == "price_floor":
        return channel.full  # what the floor calls forth is not for us to choose
    if channel.channel == "substitution":
        return min(size, used_at(market.there, market.need, channel.place))
    return size


def share_shifts(
    market: Market, channels: Mapping[Way, Channel]
) -> dict[tuple[str, str], dict[Way, float]]:
    """How a tonne of each channel moves the share of each supplier: a difference of two walks.

    In place of the adjoint of the market program: the walks are the plan's own judge.
    """
    rest = _shares(market, ())
    found: dict[tuple[str, str], dict[Way, float]] = {}
    for way, channel in channels.items():
        size = _trial_size(market, channel)
        if channel.channel == "stock" or not size > 0.0:
            continue
        try:
            moved = _shares(market, (_trial(market, channel, size),))
        except MarketError:
            # what cannot be proved moves no share: errs against the channel, and is said
            market.unproved[f"shares with {channel.name} (moves none)"] = None
            continue
        for key, share in moved.items():
            found.setdefault(key, {})[way] = (share - rest.get(key, 0.0)) / size
    return found


def shares_under(market: Market, measures: Sequence[Measure]) -> dict[tuple[str, str], float]:
    """(stage, supplier) -> share of the place's supply in the last month, in calm."""
    return _shares(market, tuple(measures))


def _shares(market: Market, measures: tuple[Measure, ...]) -> dict[tuple[str, str], float]:
    from lodestone.market.outcome import place_months

    path = market.walk((), measures, flows=True)
    found = {}
    for s, stage in enumerate(path.market.stages):
        for supplier in market.need.shares.get(stage, {}):
            months = place_months(path, s, market.who.members, (supplier,))
            if months is not None and months.bought[-1] > 0.0:
                found[stage, supplier] = float(months.from_suppliers[-1] / months.bought[-1])
    return found
