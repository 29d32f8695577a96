"""What a vault holds: the split of a budget, or the days of cover that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodestone.desk.loss_surfaces import CENTRAL, HIGH, LOW, PRICE
from lodestone.desk.vault_options import Option, curves_for, weighed
from lodestone.desk.vault_walks import DAYS

if TYPE_CHECKING:
    from lodestone.desk.vault_curves import VaultCurves
    from lodestone.desk.vault_plans import AskedVault
    from lodestone.vault.envelope import Split

_MILLION = 1e6


@dataclass(frozen=True)
class Held:
    """A material in the vault.

    Attributes
    ----------
    days : of the place's use; cost : million USD
    """

    option: Option
    days: float
    cost: float

    @property
    def band(self) -> tuple[float, float, float]:
        """Low, central and high expected yearly loss avoided, million USD."""
        o = self.option
        each = [o.at(o.avoided[k], self.days) for k in range(4)]
        return (
            min(each[PRICE], each[LOW], each[CENTRAL]),
            each[CENTRAL],
            max(each[CENTRAL], each[HIGH]),
        )

    @property
    def tonnes(self) -> Mapping[str, float]:
        """Tonnes by stage."""
        import numpy as np

        return {
            stage: self.option.at(np.concatenate([[0.0], t]), self.days)
            for stage, t in self.option.fill.tonnes.items()
        }

    def next_day(self) -> tuple[float, float] | None:
        """What the next day would avoid a year, and cost, million USD; None beyond what is walked."""
        o, there = self.option, self.days + 1.0
        if there > float(o.days[-1]):
            return None
        gain = o.at(o.avoided[CENTRAL], there) - o.at(o.avoided[CENTRAL], self.days)
        return gain, o.at(o.cost, there) - o.at(o.cost, self.days)


@dataclass(frozen=True)
class BudgetContents:
    """A budget, split.

    Attributes
    ----------
    held : what is bought, in the order in which each material is first bought
    split : steps, bound, and the gain of the next dollar
    """

    held: tuple[Held, ...]
    split: Split


def budget_contents(
    found: Sequence[Option], aims: Mapping[str, float], budget: float
) -> BudgetContents:
    """The best split of a budget, million USD, for weighed aims."""
    import numpy as np

    from lodestone.vault.envelope import envelope, split_budget

    curves = weighed(found, aims, budget)
    split = split_budget(curves, budget)
    order = list(dict.fromkeys(s.item for s in split.steps))
    held = []
    for k in order:
        hull = envelope(curves[k])
        days = float(np.interp(split.money[k], found[k].cost[hull], found[k].days[hull]))
        held.append(Held(found[k], days, float(split.money[k])))
    return BudgetContents(tuple(held), split)


def cover_contents(asked: AskedVault, found: Sequence[Option]) -> tuple[Held, ...]:
    """So many days of each material, as asked."""
    held = []
    for option in found:
        days = asked.days(option.material)
        if days:
            held.append(Held(option, float(days), option.at(option.cost, float(days))))
    return tuple(sorted(held, key=lambda h: (-h.band[1], h.option.material)))


def unweighed_cost(asked: AskedVault, curves: VaultCurves, found: Sequence[Option]) -> float:
    """What the days asked for would cost of materials whose cuts are not weighed, million USD."""
    import numpy as np

    weighed_names = {o.material for o in found}
    total = 0.0
    for name, fill in curves.fills.items():
        days = asked.days(name)
        if name in weighed_names or not days or not np.isfinite(fill.paid).all():
            continue
        total += float(np.interp(days, [0.0, *DAYS], [0.0, *fill.paid])) / _MILLION
    return total


def wanted_contents(asked: AskedVault, found: Sequence[Option]) -> tuple[Held, ...]:
    """The contents that a vault is run and paid for: the budget's split, else the days asked."""
    if asked.plan.budget_usd is not None:
        return budget_contents(found, asked.plan.aims, asked.plan.budget_usd / _MILLION).held
    return cover_contents(asked, found)


def chance_band(curves: VaultCurves, held: Sequence[Held]) -> tuple[float, float]:
    """Central avoided loss if all chances lay at the low, and at the high end of their bands."""
    import numpy as np

    low = high = 0.0
    for part in curves.relief.values():
        hazards = {h.pair: h for h in part.weighed.hazards}
        for h in held:
            o = h.option
            for p, pair in enumerate(part.pairs):
                if pair[1] != o.material:
                    continue
                table = [part.avoided[o.rule, int(d)][CENTRAL, p] for d in o.days[1:]]
                value = o.at(np.array([0.0, *table]), h.days)
                z = hazards[pair]
                # expected losses are in proportion to the probability
                scale = 1.0 / z.probability if z.probability > 0.0 else 0.0
                low += value * z.probability_low * scale
                high += value * z.probability_high * scale
    return low, high


def trade_off(
    found: Sequence[Option], budget: float, weights: Sequence[Mapping[str, float]]
) -> list[dict[str, float]]:
    """For each set of weights, the share of its own best that each aim reaches."""
    from lodestone.vault.envelope import split_budget
    from lodestone.vault.vault_file import AIMS

    best = {a: split_budget(curves_for(found, a), budget).value for a in AIMS}
    rows = []
    for aims in weights:
        held = budget_contents(found, aims, budget).held
        reached = {a: sum(h.option.at(h.option.value(a), h.days) for h in held) for a in AIMS}
        rows.append({a: reached[a] / best[a] if best[a] > 0.0 else 0.0 for a in AIMS})
    return rows
