"""The market's public verbs: `clear` one period, `walk` a path of months. Labelled in and out.

`walk` answers what a scenario does to one material month by month; `clear` answers where the
market would stand after a given number of months if nothing else moved, in one program. Both
return the same kind of answer, a `Path` (of one month for `clear`), proved month by month.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lodestone.chain.edits import Edits, no_edits
from lodestone.chain.world import World
from lodestone.market.arrays import Floats, Ints
from lodestone.market.assumptions import Assumptions, central, supply_elasticities
from lodestone.market.baseline import MarketBaseline, market_baseline
from lodestone.market.months import Compiled, compile_months, first_months
from lodestone.market.walk_kernel import Habits, Rest, Walked, walk_months
from lodestone.terms import attribute
from lodestone.terms.errors import MarketError

#: Newton aims below the residual that a proof allows.
_AIM, _MOST_STEPS = 0.5, 400
_BALANCE = 1e-9


@dataclass(frozen=True)
class Path:
    """A proved answer: one material, month by month.

    Attributes
    ----------
    world, assumed, base : what it was asked of: world, assumptions, market at rest
    market : who and where (the baseline, extended by the scenario's plants)
    edits : what happened
    walked : arrays by month, node and buyer, in the market's units (see `walk_kernel.Walked`)
    strategic : (T, M) out of strategic stocks, less into them
    limit_owner, limit_measure : (Q,) place that earns a limit's rent; measure it comes from
    residual, imbalance, gap : largest of any month; the gap is NaN where there is no program
    age : months into the edits at which the market was cleared once; None where it was walked
    """

    world: World
    assumed: Assumptions
    base: MarketBaseline
    market: MarketBaseline
    edits: Edits
    walked: Walked
    strategic: Floats
    limit_owner: Ints
    limit_measure: Ints
    residual: float
    imbalance: float
    gap: float
    age: float | None = None

    @property
    def months(self) -> int:
        """How many months were walked."""
        return int(self.walked.price.shape[0])

    @cached_property
    def at_rest(self) -> Path:
        """One month of the same market with nothing happening: what changes are counted from."""
        stages, places = len(self.base.stages), len(self.base.places)
        quiet = no_edits(self.edits.material, stages, places, 1, self.edits.first)
        if self.age is not None:  # curves of the same age: profits of others do not compare
            return clear(self.world, quiet, self.assumed, age=self.age, baseline=self.base)
        return walk(self.world, quiet, self.assumed, baseline=self.base)


def walk(
    world: World,
    edits: Edits,
    assumed: Assumptions | None = None,
    *,
    baseline: MarketBaseline | None = None,
    keep_flows: bool = False,
    capacity: Floats | None = None,
    like: Path | None = None,
) -> Path:
    """Walk one material through the months of a scenario.

    Parameters
    ----------
    edits : what the scenario does to the material (`chain.apply`)
    assumed : assumptions; the central ones if left out
    baseline : market at rest under the same assumptions, if it is at hand
    keep_flows : keep every link's flow of every month
    capacity : (T, S, n) further factor on what is won without feed (a host's output)
    like : an earlier path of the same baseline and assumptions; its market at rest is taken over

    Raises
    ------
    MarketError
        If a month cannot be proved: residual 1e-10, mass balance 1e-9, duality gap 1e-9.
    """
    a = assumed or central()
    base = baseline or market_baseline(world, edits.material, a)
    path = _walked(world, edits, base, a, habits_of(base, a), keep_flows, capacity)
    if like is not None and like.base is base and like.assumed == a:
        # what `at_rest` would walk again: it depends on baseline and assumptions alone
        path.__dict__["at_rest"] = like.at_rest
    return path


def clear(
    world: World,
    edits: Edits,
    assumed: Assumptions | None = None,
    *,
    age: float = 12.0,
    baseline: MarketBaseline | None = None,
    keep_flows: bool = False,
) -> Path:
    """Clear the market once under the edits of their first month, `age` months into them.

    Use and supply have then closed the part of the gap to their long run that they close in
    `age` months, and idle capacity is back as far as it comes; commercial stocks are spent,
    sourcing habits are still the old ones.

    Raises
    ------
    MarketError
        If the answer cannot be proved.
    """
    a = assumed or central()
    base = baseline or market_baseline(world, edits.material, a)
    usual = habits_of(base, a)
    grown = 1.0 + usual.spare + usual.ratchet * max(age - 1.0, 0.0)
    still = usual._replace(
        l_use=1.0 - (1.0 - usual.l_use) ** max(age, 1.0),
        l_supply=1.0 - (1.0 - usual.l_supply) ** max(age, 1.0),
        spare=grown - 1.0,
        stock_months=0.0,
    )
    found = _walked(world, edits, base, a, still, keep_flows, None, only=1)
    return replace(found, age=age)


def _walked(
    world: World,
    edits: Edits,
    base: MarketBaseline,
    assumed: Assumptions,
    habits: Habits,
    keep_flows: bool,
    capacity: Floats | None,
    only: int | None = None,
) -> Path:
    compiled = compile_months(base, edits, assumed, world.distances(base.places))
    if compiled.market is not base:
        habits = _for_plants(compiled.market, habits, assumed)
    if only is not None:
        compiled = replace(compiled, months=first_months(compiled.months, only))
        edits = replace(edits, months=only)
    months = compiled.months
    if capacity is not None:
        own = capacity[:, compiled.market.node_stage, compiled.market.node_place]
        first_stage = (compiled.market.layout.feed < 0)[None, :]
        months = months._replace(capacity=months.capacity * np.where(first_stage, own, 1.0))
    walked = walk_months(
        compiled.market.layout,
        _rest(compiled.market, assumed),
        habits,
        months,
        keep_flows,
        _AIM * attribute("market_residual").default,
        _MOST_STEPS,
    )
    return _proved(world, assumed, base, compiled, edits, walked)


def habits_of(market: MarketBaseline, a: Assumptions) -> Habits:
    """Elasticities and memory of a market under given assumptions."""
    first, late = supply_elasticities(a, market.companionality)
    scrap = (market.layout.feed >= 0) | (market.node_stage > 0)
    return Habits(
        theta=np.full(len(market.stages), a["theta"]),
        eta_now=a["eta_S"],
        eta_late=a["eta_L"],
        l_use=a["l_use"],
        eps_now=np.where(scrap, a["scrap_supply_elasticity"], first),
        eps_late=np.where(scrap, a["scrap_supply_elasticity"], late),
        reps_now=a["eps_S"],
        reps_late=a["eps_L"],
        l_supply=a["l_supply"],
        l_sourcing=a["l_sourcing"],
        anchor=a["sourcing_anchor"],
        choke=a["choke"],
        kappa=a["kappa"],
        tail=a["supply_floor"],
        credit_floor=a["refining_margin_floor"],
        spare=a["spare_capacity"],
        ratchet=a["capacity_ratchet"],
        ratchet_price=a["ratchet_price"],
        stock_months=a["stock_months"],
        smoothing=a["expected_price_weight"],
        rules=np.array(
            [
                a["stock_release_response"],
                1.0 / a["stock_return_months"],
                a["stock_build_limit"],
                a["stock_release_limit"],
                a["stock_draw_share"],
                a["stock_ceiling"],
            ]
        ),
    )


def _for_plants(market: MarketBaseline, habits: Habits, a: Assumptions) -> Habits:
    """The same habits for the nodes of an extended market."""
    own = habits_of(market, a)
    return habits._replace(eps_now=own.eps_now, eps_late=own.eps_late)


def _rest(market: MarketBaseline, a: Assumptions) -> Rest:
    """Levels at rest; a place can make its published capacity, else the assumed ceiling."""
    made = market.made + market.refined
    with np.errstate(invalid="ignore", divide="ignore"):
        published = np.where(made > 0, market.capacity / made, np.nan)
    ceiling = np.where(np.isnan(published), a["capacity_ceiling"], np.maximum(published, 1.0))
    return Rest(
        market.made,
        market.refined,
        market.given,
        market.use,
        market.fixed,
        market.bought,
        market.weight.copy(),
        ceiling,
    )


def _proved(
    world: World,
    assumed: Assumptions,
    base: MarketBaseline,
    compiled: Compiled,
    edits: Edits,
    walked: Walked,
) -> Path:
    """The path, if every month is proved."""
    residual, imbalance, gap, steps = walked.proof.T
    allowed = attribute("market_residual").default
    for t in range(edits.months):
        convex = not np.isnan(gap[t]) or bool(compiled.months.rate.shape[1])
        fine = (
            steps[t] >= 0
            and residual[t] <= allowed
            and imbalance[t] <= _BALANCE
            and convex
            and not gap[t] > attribute("duality_gap").default
        )
        if not fine:
            raise MarketError(_unproved(compiled, edits, walked, t))
    return Path(
        world,
        assumed,
        base,
        compiled.market,
        edits,
        walked,
        compiled.months.handed - compiled.months.build,
        compiled.limit_owner,
        compiled.limit_measure,
        float(residual.max(initial=0.0)),
        float(imbalance.max(initial=0.0)),
        float(np.max(gap)) if gap.size else 0.0,
    )


def _unproved(compiled: Compiled, edits: Edits, walked: Walked, t: int) -> str:
    """Which material, month and place could not be proved, and by how much."""
    market = compiled.market
    off = np.abs(walked.made[t] + walked.refined[t] + market.given - walked.sold[t])
    off = np.where(np.isnan(off) | np.isnan(walked.price[t]), 0.0, off / market.layout.scale)
    worst = int(off.argmax())
    residual, imbalance, gap, steps = walked.proof[t]
    return (
        f"{market.material} {market.year}, month {t} of {edits.first}: no proved market. Worst at "
        f"{market.places[market.node_place[worst]]} ({market.stages[market.node_stage[worst]]}); "
        f"residual {residual:.2e}, imbalance {imbalance:.2e}, duality gap {gap:.2e}, "
        f"{abs(int(steps)) if np.isfinite(steps) else 0} steps. Please report the scenario; other "
        "assumptions (a larger `eta_S` or `new_link_share`) may be solved"
    )
