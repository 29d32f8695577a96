"""What a shortage costs an economy: three figures, each with its own question.

price cost
    what users pay more, less what the place's own producers and its treasury gain
output loss, and what it draws along upstream (central)
    value added of the exposed parts that cannot be made, and of suppliers who lose orders
largest GDP still possible (high)
    the loss when those who need a short product cannot work either, at the high end of what was
    judged (exposures high, substitution low)

Never one number alone. The low figure is the price cost; the central one is the larger of price
cost and central output loss (a shortage costs at least what its prices cost); the high one is not
below the central. At the central judgement the program mostly finds the central figure again: a
short product is taken from final use and exports first, and its users work on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lodestone.economy.exposure import Case, Exposure, cost_shares, lost_share, together
from lodestone.economy.largest_gdp import LargestGdp
from lodestone.economy.table import EconomyTable
from lodestone.economy.upstream import multipliers, with_upstream
from lodestone.terms import attribute

Floats = NDArray[np.float64]

#: No figure is a finding where an industry keeps less than this,
LEAST_KEPT = 0.3
#: or where the threshold band of the high figure is wider than this.
WIDEST_BAND = 5.0
#: Below this part of GDP the program is not asked: the answer is that of the lost orders.
_NEGLIGIBLE = 1e-8


@dataclass(frozen=True)
class Shortage:
    """One material that is short in one place.

    Attributes
    ----------
    exposed : which parts of which sectors need it
    spend : what the place pays for it in a normal year, million of the table's currency
    missing : (T,) share of use that is missing, by month
    members : shortages of its parts, where the material is a group (rare earths and each of them):
        a sector loses what the worst of them takes, never the sum
    """

    exposed: Exposure
    spend: float
    missing: Floats
    members: tuple[Shortage, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any use of it, or of its parts, is known."""
        return bool(self.exposed.parts) or any(m.known for m in self.members)


@dataclass(frozen=True)
class Loss:
    """Losses of one place over T months; money in million of the table's currency.

    Attributes
    ----------
    table : the economy
    price_cost : over the months; NaN where a price is unknown
    share : (3, n, T) share of each sector's output that cannot be made: low, central, high judgement
    lost : (3, n) output lost of each sector, own and upstream, over these months
    by_threshold : criticality threshold -> GDP lost at the high shares, yearly rate; None where
        the program was not asked
    cost_share : largest alpha of any part, central
    known : whether any use is known; without one there is a price cost alone
    """

    table: EconomyTable
    price_cost: float
    share: Floats
    lost: Floats
    by_threshold: Mapping[float, float] | None
    cost_share: float
    known: bool = True

    @property
    def months(self) -> int:
        """How many."""
        return int(self.share.shape[2])

    @cached_property
    def direct(self) -> Floats:
        """(3,) value added of the exposed parts that cannot be made, over the months."""
        monthly = self.table.value_added / 12.0
        return np.array([float((monthly[:, None] * s).sum()) for s in self.share])

    @cached_property
    def economy(self) -> Floats:
        """(3,) value added lost in the whole economy, own and upstream, over the months."""
        v = self.table.value_added_share
        return np.array([float((v * lost).sum()) for lost in self.lost])

    @cached_property
    def by_month(self) -> Floats:
        """(T,) value added lost in the whole economy, central: spread by what each month misses."""
        weight = (self.table.output * multipliers(self.table))[:, None]
        monthly = (weight * self.share[Case.CENTRAL]).sum(axis=0)
        total = monthly.sum()
        return monthly * (self.economy[Case.CENTRAL] / total) if total > 0.0 else monthly

    @cached_property
    def by_sector(self) -> Floats:
        """(n,) value added lost by each sector over the months, own and upstream, central."""
        return self.table.value_added_share * self.lost[Case.CENTRAL]

    @cached_property
    def direct_by_sector(self) -> Floats:
        """(n,) value added of what each sector cannot make over the months, central."""
        return self.table.value_added * self.share[Case.CENTRAL].sum(axis=1) / 12.0

    @cached_property
    def kept(self) -> Floats:
        """(n,) mean share of output that each sector can make, central."""
        return self.kept_at(Case.CENTRAL)

    def kept_at(self, case: Case) -> Floats:
        """(n,) mean share of output that each sector can make."""
        return np.clip(1.0 - self.share[case].mean(axis=1), 0.0, 1.0)

    @property
    def low(self) -> float:
        """The price cost; NaN where unknown."""
        return self.price_cost

    @property
    def central(self) -> float:
        """The larger of price cost and central economy-wide output loss; NaN if both are unknown."""
        if not self.known:
            return self.price_cost
        return float(np.fmax(self.price_cost, self.economy[Case.CENTRAL]))

    @property
    def spread(self) -> tuple[float, float]:
        """The central figure at the low and at the high end of what was judged."""
        ends = np.fmax(self.price_cost, self.economy[[Case.LOW, Case.HIGH]])
        return float(ends[0]), float(ends[1])

    @property
    def high(self) -> float | None:
        """Loss of the largest GDP still possible, at the central threshold; None if beyond."""
        if self.beyond or self.by_threshold is None:
            return None
        years = self.months / 12.0
        found = self.by_threshold[attribute("criticality_threshold").default] * years
        return max(found, self.central, float(self.economy[Case.HIGH]))

    @property
    def too_deep(self) -> str | None:
        """Why no figure of output may be printed as a finding, or None."""
        return self._too_deep(Case.CENTRAL)

    @property
    def beyond(self) -> str | None:
        """Why no high figure may be printed, or None."""
        deep = self._too_deep(Case.CENTRAL) or self._too_deep(Case.HIGH)
        if deep:
            return deep
        band = [] if self.by_threshold is None else list(self.by_threshold.values())
        if band and max(band) > WIDEST_BAND * max(min(band), 1e-12):
            return (
                f"GDP lost goes from {min(band):,.0f} to {max(band):,.0f} million with the "
                "criticality threshold: beyond this model"
            )
        return None

    def _too_deep(self, case: Case) -> str | None:
        kept = self.kept_at(case)
        worst = int(kept.argmin())
        if kept[worst] >= LEAST_KEPT:
            return None
        at = "" if case is Case.CENTRAL else " at the high judgement"
        return (
            f"{self.table.names[worst]} keeps {kept[worst]:.1%} of its output{at}: "
            "beyond this model"
        )


def thresholds() -> tuple[float, float, float]:
    """Criticality thresholds from strict to lenient: the low, central and high of the attribute."""
    a = attribute("criticality_threshold")
    return float(a.low), float(a.default), float(a.high)


def programs(table: EconomyTable) -> dict[float, LargestGdp]:
    """The program of the high figure at each threshold, to be used for many shortages."""
    return {at: LargestGdp(table, at) for at in thresholds()}


def losses(
    table: EconomyTable,
    shortages: Sequence[Shortage],
    price_cost: float,
    *,
    sigma: tuple[float, float, float] | None = None,
    solvers: Mapping[float, LargestGdp] | None = None,
    months: int = 12,
) -> Loss:
    """What shortages of some materials cost a place over the same T months.

    Parameters
    ----------
    price_cost : over the months, million of the table's currency; NaN if unknown
    sigma : substitution for the low, central and high judgement of the loss, falling; the
        attribute `sigma` if left out
    solvers : from `programs`; without them there is no high figure
    months : how many, where nothing is short: a loss of prices alone
    """
    a = attribute("sigma")
    each = sigma or (float(a.high), float(a.default), float(a.low))
    months = shortages[0].missing.size if shortages else months
    share = np.zeros((3, len(table.sectors), months))
    for case in Case:
        if shortages:
            share[case] = together([share_of(table, s, each[case], case) for s in shortages])
    # over the whole time at once: months differ in depth, hardly in who is hit
    direct = np.minimum(share.mean(axis=2), 1.0).T * table.output[:, None]
    lost = with_upstream(table, direct).T * (months / 12.0)
    by_threshold = None
    if solvers is not None:
        by_threshold = _by_threshold(table, share[Case.HIGH], lost[Case.HIGH], solvers)
    dear = [
        float(cost_shares(table, s.exposed, s.spend)[Case.CENTRAL].max(initial=0.0))
        for s in shortages
    ]
    known = any(s.known for s in shortages)
    return Loss(table, price_cost, share, lost, by_threshold, max(dear, default=0.0), known)


def share_of(table: EconomyTable, short: Shortage, sigma: float, case: Case) -> Floats:
    """(n, T) share of each sector's output lost to one material, or to the worst part of a group."""
    lost = lost_share(table, short.exposed, short.spend, short.missing, sigma, case)
    for member in short.members:
        lost = np.maximum(lost, share_of(table, member, sigma, case))
    return lost


def _by_threshold(
    table: EconomyTable, share: Floats, lost: Floats, solvers: Mapping[float, LargestGdp]
) -> dict[float, float]:
    """GDP lost in a year at the mean kept output, at each threshold."""
    years = share.shape[1] / 12.0
    alone = float((table.value_added_share * lost).sum()) / years
    if alone < _NEGLIGIBLE * table.gdp:
        return dict.fromkeys(solvers, alone)
    kept = np.clip(1.0 - share.mean(axis=1), 0.0, 1.0)
    return {at: table.gdp - solver.solve(kept).gdp for at, solver in solvers.items()}
