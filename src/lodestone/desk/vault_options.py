"""Each material as a choice for a vault: what each sum of money in it does for three aims.

emergency
    expected yearly loss that the stock keeps away from the place, USD a year
market making
    what the stock would earn a year by buying cheap and selling dear, its own trades moving the price
    against it; USD a year before storage. Beside it stands the share of the price's variance that
    this takes away
demand
    what makers other than the largest sell more a year while the vault buys: offtake that they can
    build on; USD a year
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lodestone.desk.library import library
from lodestone.desk.loss_surfaces import CENTRAL
from lodestone.desk.vault_walks import DAYS
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

    from lodestone.desk.vault_curves import Fill, VaultCurves
    from lodestone.desk.vault_plans import AskedVault
    from lodestone.vault.envelope import Curve

    Floats = np.ndarray[Any, Any]

EMERGENCY, MARKET_MAKING, DEMAND = "emergency", "market_making", "demand"
_MILLION = 1e6
#: Yearly prices that make a volatility.
_FEWEST_PRICES = 5
#: At which size release rules are compared.
_AT = DAYS.index(60)


@dataclass(frozen=True)
class Option:
    """One material as a vault could hold it; money in million USD.

    Attributes
    ----------
    rule : of release, the better one where the plan leaves it open
    days : (K+1,) from 0
    cost, at_base : (K+1,) what buying it costs, with and without the rise of prices
    avoided : (4, K+1) expected yearly loss avoided, by figure; abroad : (K+1,)
    spread, damped : (K+1,) of market making
    offtake : (K+1,) of demand
    volatility : of the price; measured : whether from yearly prices
    by_rule : rule -> (K+1,) expected yearly loss avoided, central
    """

    material: str
    rule: str
    days: Floats
    cost: Floats
    at_base: Floats
    avoided: Floats
    abroad: Floats
    spread: Floats
    damped: Floats
    offtake: Floats
    volatility: float
    measured: bool
    by_rule: Mapping[str, Floats]
    fill: Fill

    def value(self, aim: str) -> Floats:
        """(K+1,) what the stock does for one aim, million USD a year."""
        by_aim: dict[str, Floats] = {
            EMERGENCY: self.avoided[CENTRAL],
            MARKET_MAKING: self.spread,
            DEMAND: self.offtake,
        }
        return by_aim[aim]

    def at(self, values: Floats, days: float) -> float:
        """A value of the table at so many days, straight between sizes."""
        import numpy as np

        return float(np.interp(days, self.days, values))


def options(asked: AskedVault, curves: VaultCurves) -> tuple[list[Option], dict[str, str]]:
    """Materials that a vault can hold, and why the others cannot be weighed."""
    import numpy as np

    found, silent = [], {}
    for name in curves.materials:
        fill = curves.fills[name]
        if not np.isfinite(fill.paid).all():
            silent[name] = "no price in tonnes is known"
        elif name in curves.without:
            silent[name] = curves.without[name]
        else:
            found.append(_option(asked, curves, name, fill))
    if not found:
        raise RequestError("no material of this vault has both a price and a known loss")
    return found, silent


def _option(asked: AskedVault, curves: VaultCurves, name: str, fill: Fill) -> Option:
    import numpy as np

    by_rule = {rule: curves.avoided(name, rule) for rule in curves.rules}
    rule = max(curves.rules, key=lambda r: (by_rule[r][_AT + 1], -curves.rules.index(r)))
    volatility, measured = price_volatility(name)
    days = np.array([0.0, *DAYS])
    at_base = np.concatenate([[0.0], fill.at_base]) / _MILLION
    cost = np.concatenate([[0.0], fill.paid]) / _MILLION
    spread, damped = _traded(asked, fill, days, cost, at_base, volatility)
    return Option(
        name,
        rule,
        days,
        cost,
        at_base,
        np.stack([curves.avoided(name, rule, figure) for figure in range(4)]),
        curves.avoided_abroad(name, rule),
        spread,
        damped,
        np.concatenate([[0.0], np.maximum(fill.offtake, 0.0)]) / _MILLION,
        volatility,
        measured,
        by_rule,
        fill,
    )


def _traded(
    asked: AskedVault, fill: Fill, days: Floats, cost: Floats, at_base: Floats, volatility: float
) -> tuple[Floats, Floats]:
    """Spread and damping of each size; how purchases move the price is that of the fill."""
    import numpy as np

    from lodestone.vault.trading import trading

    a = attribute("price_persistence")
    rate = days[-1] / asked.months("fill_months")
    impact = float(np.log(cost[-1] / at_base[-1])) / rate
    day_value = float(at_base[-1] / days[-1])
    found = [
        trading(
            float(d),
            day_value,
            max(impact, 0.0),
            volatility,
            float(a.default),
            asked.carry,
            asked.term("interest"),
        )
        for d in days[1:]
    ]
    # a larger vault can always trade as a smaller one does
    return (
        np.maximum.accumulate([0.0, *(t.spread for t in found)]),
        np.maximum.accumulate([0.0, *(t.damped for t in found)]),
    )


@cache
def price_volatility(name: str) -> tuple[float, bool]:
    """Standard deviation of yearly changes of log price, and whether it is from yearly prices.

    The stage with the most years counts; with fewer than five, the attribute.
    """
    import numpy as np

    rows = library().rows(
        "SELECT stage, unit, detail, year, avg(value) AS value FROM facts WHERE quantity = 'price' "
        "AND material = ? AND value > 0 AND year = year_to GROUP BY stage, unit, detail, year "
        "ORDER BY stage, unit, detail, year",
        [name],
    )
    series: dict[tuple[Any, ...], dict[int, float]] = {}
    for r in rows:
        series.setdefault((r["stage"], r["unit"], r["detail"]), {})[r["year"]] = r["value"]
    best: list[float] = []
    for prices in series.values():
        changes = [
            float(np.log(prices[y] / prices[y - 1])) for y in sorted(prices) if y - 1 in prices
        ]
        if len(changes) > len(best):
            best = changes
    if len(best) + 1 < _FEWEST_PRICES:
        return float(attribute("price_volatility").default), False
    return max(float(np.std(best, ddof=1)), 0.01), True


def curves_for(found: Sequence[Option], aim: str) -> list[Curve]:
    """One curve of money and gain for each option."""
    from lodestone.vault.envelope import Curve

    return [Curve(o.material, o.cost, o.value(aim)) for o in found]


def weighed(found: Sequence[Option], aims: Mapping[str, float], budget: float) -> list[Curve]:
    """Curves of several aims at once.

    Each aim counts as a share of what the budget could do for it alone; so the weights say how
    much of one aim's best is worth giving up for another's.
    """
    import numpy as np

    from lodestone.vault.envelope import Curve, split_budget

    wanted = {aim: w for aim, w in aims.items() if w > 0.0}
    if len(wanted) == 1:
        return curves_for(found, next(iter(wanted)))
    total = [np.zeros_like(o.cost) for o in found]
    for aim, weight in wanted.items():
        curves = curves_for(found, aim)
        best = split_budget(curves, budget).value
        for k, curve in enumerate(curves):
            total[k] = total[k] + (weight / best * curve.value if best > 0.0 else 0.0)
    return [Curve(o.material, o.cost, v) for o, v in zip(found, total, strict=True)]
