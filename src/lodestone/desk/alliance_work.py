"""What coalitions do to one material, month by month: the work of an alliance's study.

One task is one material, one way in which members act alone, and one set of assumptions. It walks
the market of every coalition of the members that take part, and keeps of what a coalition may do
(each its own stock, stocks shared by need or by worth, a part of use forgone) what its members
lose least by; acting alone is always among it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.alliance.game import MOST_MEMBERS
from lodestone.desk.shock_losses import _table
from lodestone.desk.shock_reading import place_groups
from lodestone.desk.study_work import hit_edits, market_at_rest
from lodestone.desk.worlds import world
from lodestone.terms.errors import MarketError, RequestError

if TYPE_CHECKING:
    from lodestone.alliance.coalition_market import CoalitionMarket, Outcome
    from lodestone.alliance.game import Floats
    from lodestone.economy.exposure import Exposure

Payload = Mapping[str, Any]
Row = dict[str, Any]

#: Ways of acting alone: without, and with, scramble.
CALM, SCRAMBLE = "alone", "scramble"
#: What a coalition does; the last is looked at for comparison and never chosen.
ALONE, OWN, NEED, WORTH, OIL = "alone", "own stocks", "by need", "by worth", "rule for oil"
#: Rows that say that no market under the rule for oil could be proved; without numbers.
OIL_UNPROVED = "rule for oil, unproved"
RESTRAINT = " and restraint"
SCHEMA = {
    "material": "String",
    "mode": "String",
    "draw": "Int64",
    "coalition": "Int64",
    "does": "String",
    "member": "String",
    "part": "Boolean",
    "use": "Float64",
    "spend": "Float64",
    "month": "Int64",
    "missing": "Float64",
    "price_cost": "Float64",
    "residual": "Float64",
    "hoarding": "Float64",
    "unproved": "Int64",
}
_STEPS = 24
#: Where no market can be proved at the share that is kept back, a little less is, so many times.
_LESS, _TIMES = 0.96, 4
_MILLION = 1e6


def coalition_impacts(payload: Payload) -> list[Row]:
    """Rows of one material: coalition, member, month."""
    found = search(payload)
    label = {k: payload[k] for k in ("material", "mode", "draw")}
    return [
        *(row for which in found.distinct() for row in _rows(found, which, label)),
        *_oil_rows(found, label),
    ]


def search(payload: Payload, *, flows: bool = False) -> CoalitionSearch:
    """One material's coalitions, ready to be looked at."""
    from lodestone.alliance.coalition_market import Terms, coalition_market
    from lodestone.market.assumptions import at_quantiles, central
    from lodestone.market.baseline import market_baseline

    year, name = int(payload["year"]), str(payload["material"])
    there = world(year)
    drawn = payload["quantiles"]
    assumed = at_quantiles(np.array(drawn)) if drawn else central()
    base = market_baseline(there, name, assumed) if drawn else market_at_rest(year, name)
    hit = {
        "material": name,
        "severity": payload["severity"],
        "begins": 0,
        "lasts": payload["months"],
    }
    codes = place_groups(payload["members"], year)
    threat = hit_edits(year, payload["supplier"], hit, int(payload["months"]))
    market = coalition_market(
        there,
        base,
        assumed,
        threat,
        codes,
        payload["cover"],
        Terms(*payload["terms"]),
        payload["shares"],
        flows,
    )
    return CoalitionSearch(market, year, name, payload["mode"] == SCRAMBLE)


class CoalitionSearch:
    """What every coalition of a material does, and what that leaves to each member."""

    def __init__(
        self,
        market: CoalitionMarket,
        year: int,
        name: str,
        scramble: bool,
    ) -> None:
        self.scramble, self.shares = scramble, market.shares
        self.tables = [_exposed(m, year, name) for m in market.members]
        self.unproved = 0
        self.market, self.bare, self.alone = self._alone(market)
        self._needs = {0: self._missing_tonnes(self.bare)}

    def _alone(self, market: CoalitionMarket) -> tuple[CoalitionMarket, Outcome, Outcome]:
        """The threat without and with own stocks (as far as use is missing), each member alone.

        At some shares kept back the program has a kink on which no answer can be proved; then a little
        less is kept back, and rows say how much.
        """
        nothing = np.zeros(len(market.members))
        for time in range(_TIMES + 1):
            try:
                bare = market.outcome(0, nothing, scramble=self.scramble)
                own = np.minimum(market.stock, _missing_tonnes(market, bare))
                return market, bare, market.outcome(0, own, scramble=self.scramble)
            except MarketError:
                if time == _TIMES or not self.scramble:
                    raise
                terms = market.terms._replace(hoarding=market.terms.hoarding * _LESS)
                market = replace(market, terms=terms)
        raise AssertionError("not reached")

    def distinct(self) -> list[int]:
        """Coalitions that differ: subsets of those who take part; one member is none."""
        part = self.market.taking_part
        if part.bit_count() > MOST_MEMBERS:
            raise RequestError(
                f"{part.bit_count()} places take part in this material: {MOST_MEMBERS} at most -> "
                "raise alliance_least_share, or join some to a bloc"
            )
        subsets = [0]
        for k in range(len(self.market.members)):
            if part >> k & 1:
                subsets += [s | 1 << k for s in subsets]
        return [s for s in sorted(subsets) if s == 0 or s.bit_count() > 1]

    def acting(self, which: int) -> int:
        """The distinct coalition that a coalition comes down to: who takes part; 0 if one or none."""
        part = which & self.market.taking_part
        return part if part.bit_count() > 1 else 0

    def best(self, which: int) -> tuple[str, Outcome]:
        """What a coalition does, and what follows."""
        if which == 0:
            return ALONE, self.alone
        seen = [(ALONE, self.alone)]
        if self.need(which) is None:
            return ALONE, self.alone
        ways = [OWN] if self.scramble else []
        ways += [NEED, WORTH] if "stocks" in self.shares else []
        for how in ways:
            found = self._proved(which, self._release(how, which))
            if found is not None:
                seen.append((how, found))
        first = min(seen, key=lambda x: self.lost(which, x[1]))
        if "restraint" in self.shares and self.market.terms.restraint > 0.0:
            does = OWN if first[0] == ALONE else first[0]
            shared = self._release(does, which, self.market.terms.restraint)
            less = self._proved(which, shared, self.market.terms.restraint)
            if less is not None and self.lost(which, less) < self.lost(which, first[1]):
                return does + RESTRAINT, less
        return first

    def need(self, which: int) -> Floats | None:
        """(k,) tonnes missing while a coalition acts and nobody hands out any; None if unproved.

        Whatever stocks hold beyond this stays in them: handed out it would only push prices below
        those of a normal year.
        """
        calm = which if self.scramble else 0  # without a scramble, to act without stocks is nothing
        if calm not in self._needs:
            bare = self._proved(calm, np.zeros(len(self.market.members)))
            if bare is None:
                return None
            self._needs[calm] = self._missing_tonnes(bare)
        return self._needs[calm]

    def _release(self, does: str, which: int, restraint: float = 0.0) -> Floats:
        """(k,) what users of each member get from stocks, at most what they miss.

        Parameters
        ----------
        restraint : share of use that the coalition forgoes, and so does not miss
        """
        need = self.need(which)
        if need is None:
            raise MarketError(f"coalition {which}: no proved market without stocks")
        if does == NEED:
            release = self._by_need(which, need)
        else:
            release = self._by_worth(which, need) if does == WORTH else self.market.stock
        if restraint > 0.0:
            forgone = restraint * self.market.use * (self.bare.missing.shape[1] / 12.0)
            acts = np.array([bool(which >> k & 1) for k in range(need.size)])
            need = np.where(acts, np.maximum(need - forgone, 0.0), need)
        return np.minimum(release, need)

    def lost(self, which: int, found: Outcome) -> float:
        """What members of a coalition lose, million USD: the larger of price cost and output."""
        return sum(self._loss(k, found) for k in self._inside(which))

    def _loss(self, k: int, found: Outcome) -> float:
        cost = float(found.price_cost[k].sum()) / _MILLION
        output = self._output_lost(k, found.missing[k])
        return float(np.fmax(cost, output)) if cost == cost or output > 0.0 else 0.0

    def _output_lost(self, k: int, missing: Floats) -> float:
        """Value added lost, own and upstream by multipliers, central, million USD."""
        from lodestone.economy.exposure import Case, lost_share
        from lodestone.economy.upstream import multipliers
        from lodestone.terms import attribute

        held = self.tables[k]
        spend = self.market.spend[k]
        if held is None or spend != spend:
            return 0.0
        table, exposed = held
        sigma = float(attribute("sigma").default)
        share = lost_share(table, exposed, spend / _MILLION, missing, sigma, Case.CENTRAL)
        weight = table.output * multipliers(table) / 12.0
        return float((weight[:, None] * share).sum())

    def _proved(self, which: int, release: Floats, restraint: float = 0.0) -> Outcome | None:
        """What a coalition may do; None, and counted, where no market can be proved."""
        try:
            return self._walked(which, release, restraint)
        except MarketError:
            self.unproved += 1
            return None

    def _walked(self, which: int, release: Floats, restraint: float = 0.0) -> Outcome:
        return self.market.outcome(which, release, restraint=restraint, scramble=self.scramble)

    def _inside(self, which: int) -> list[int]:
        return [k for k in range(len(self.market.members)) if which >> k & 1]

    def _missing_tonnes(self, found: Outcome) -> Floats:
        return _missing_tonnes(self.market, found)

    def _by_need(self, which: int, need: Floats) -> Floats:
        from lodestone.alliance.relief import by_need

        pick = self._inside(which)
        release = self.market.stock.copy()
        release[pick] = by_need(self._pool(pick, need), need[pick])
        return release

    def _by_worth(self, which: int, need: Floats) -> Floats:
        from lodestone.alliance.relief import by_need, by_worth

        pick = self._inside(which)
        relief, loss = self._curves
        release = self.market.stock.copy()
        pool = self._pool(pick, need)
        given = np.minimum(by_worth(pool, relief[pick], loss[pick]), need[pick])
        # what is worth nothing to those who have enough goes to those who have not
        release[pick] = given + by_need(max(pool - given.sum(), 0.0), need[pick] - given)
        return release

    def _pool(self, pick: list[int], need: Floats) -> float:
        """What some members hand out together: all they hold, at most what they miss."""
        return min(float(self.market.stock[pick].sum()), float(need[pick].sum()))

    @cached_property
    def _curves(self) -> tuple[Floats, Floats]:
        """(k, G) tonnes that a member's users may get, and its loss then."""
        need = self._missing_tonnes(self.bare)
        relief = np.linspace(0.0, 1.0, _STEPS + 1)[None, :] * need[:, None]
        return relief, np.stack([self._relieved(k, r) for k, r in enumerate(relief)])

    def _relieved(self, k: int, relief: Floats) -> Floats:
        """(G,) loss of a member whose users get some tonnes more, prices as they are.

        Output lost, or what the tonnes are worth at the price where the last user decides.
        """
        months = self.bare.missing.shape[1] / 12.0
        use = max(float(self.market.use[k]) * months, 1e-300)
        missing = np.nan_to_num(self.bare.missing[k])
        left = np.array([self._output_lost(k, np.maximum(missing - r / use, 0.0)) for r in relief])
        price = np.nan_to_num(self.bare.price[k]).mean()
        market = self.market.market
        base = float(market.base_price[self.market.stage])
        paid = -relief * price * (base if base == base else 0.0) / _MILLION
        return np.asarray(
            np.minimum(np.diff(left, prepend=left[0]), np.diff(paid, prepend=0.0)).cumsum()
        )

    @property
    def has_oil_rule(self) -> bool:
        """Whether there is anything to share by the rule for oil: two who take part, and stocks."""
        pick = self._inside(self.market.taking_part)
        return len(pick) > 1 and bool(self.market.stock[pick].sum() > 0.0)

    def oil_rule(self) -> tuple[int, Outcome] | None:
        """All who take part under the sharing rule for oil; None if no market can be proved.

        Only where there is anything to share; see `has_oil_rule`.
        """
        from lodestone.alliance.emergency_sharing import emergency_sharing

        whole = self.market.taking_part
        pick = self._inside(whole)
        need = self.need(whole)
        if need is None:
            return None
        pool = self._pool(pick, need)
        held = self.market.stock[pick] * pool / self.market.stock[pick].sum()
        use = self.market.use[pick] * (self.bare.missing.shape[1] / 12.0)
        have = use - need[pick] + held
        rule = emergency_sharing(use, self._net_imports()[pick], have, self.market.terms.restraint)
        given = np.maximum(held + rule.allocation, 0.0)
        release = np.minimum(self.market.stock, need)
        if given.sum() > 0.0:
            release[pick] = np.minimum(given * pool / given.sum(), need[pick])
        found = self._proved(whole, release)
        return None if found is None else (whole, found)

    def _net_imports(self) -> Floats:
        """(k,) normal use less own output at the stage of the stocks."""
        m = self.market.market
        s = self.market.stage
        span = m.nodes_of(s)
        made = np.zeros(len(m.places))
        np.add.at(made, m.node_place[span], m.supply[span] * m.tonnes[s])
        own = np.array([made[mask].sum() for mask in self.market.places])
        bought = np.zeros(len(m.places))
        buyers = m.buyers_of(s)
        np.add.at(bought, m.buyer_place[buyers], m.bought[buyers] * m.tonnes[s])
        taken = np.array([bought[mask].sum() for mask in self.market.places])
        return np.asarray(taken - own)


def _missing_tonnes(market: CoalitionMarket, found: Outcome) -> Floats:
    """(k,) use missing at the stage of the stocks over all months."""
    months = found.missing.shape[1] / 12.0
    return np.asarray(np.nan_to_num(found.missing).mean(axis=1) * market.use * months)


def _rows(found: CoalitionSearch, which: int, label: Row) -> list[Row]:
    does, outcome = found.best(which)
    return _of_outcome(found, which, does, outcome, label)


def _oil_rows(found: CoalitionSearch, label: Row) -> list[Row]:
    if not found.has_oil_rule:
        return []
    asked = found.oil_rule()
    if asked is not None:
        return _of_outcome(found, asked[0], OIL, asked[1], label)
    alone = _of_outcome(found, found.market.taking_part, OIL_UNPROVED, found.alone, label)
    return [{**row, "missing": None, "price_cost": None} for row in alone]


def _of_outcome(
    found: CoalitionSearch, which: int, does: str, outcome: Outcome, label: Row
) -> list[Row]:
    market = found.market
    return [
        {
            **label,
            "coalition": which,
            "does": does,
            "member": member,
            "part": bool(market.part[k]),
            "use": float(market.use[k]),
            "spend": _known(market.spend[k]),
            "month": t,
            "missing": _known(outcome.missing[k, t]) or 0.0,
            "price_cost": _known(outcome.price_cost[k, t]),
            "residual": outcome.path.residual,
            "hoarding": market.terms.hoarding,
            "unproved": found.unproved,
        }
        for k, member in enumerate(market.members)
        for t in range(outcome.missing.shape[1])
    ]


@lru_cache(maxsize=512)
def _exposed(member: str, year: int, name: str) -> tuple[Any, Exposure] | None:
    """Table and exposure of a member to a material; None where either is not known."""
    from lodestone.desk.exposures import exposures

    table = _table(member, year)
    if table is None or name not in (found := exposures(member, year)):
        return None
    return table, found[name]


def _known(x: Any) -> float | None:
    value = float(x)
    return value if np.isfinite(value) else None
