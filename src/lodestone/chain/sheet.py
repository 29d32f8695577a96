"""The sheet on which measures write what they do to one chain, before it becomes `Edits`.

Every entry remembers the measure it comes from, so that two that contradict can be named.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lodestone.chain.edits import (
    ClosedLinks,
    Duty,
    Edits,
    Floats,
    Floor,
    LinkLimit,
    Mask,
    Plant,
    Rush,
    no_edits,
)
from lodestone.chain.links import supplied, taken_in, traced_links
from lodestone.chain.measure import (
    DemandChange,
    ExportBan,
    ExportLicence,
    ExportQuota,
    Measure,
    NewCapacity,
    Outage,
    PriceFloor,
    Recycling,
    Restriction,
    StockBuild,
    StockRelease,
    Substitution,
    Tariff,
)
from lodestone.chain.months import month_number
from lodestone.chain.reach import NOTHING, Reach
from lodestone.chain.scenario import Scenario
from lodestone.chain.supply_chain import SupplyChain


@dataclass(frozen=True)
class Window:
    """When a measure acts, in months of the scenario.

    Attributes
    ----------
    start, end : first and last month; may lie outside the months walked
    announced : month from which it is known, 0 at the earliest; `start` if that is not said
    active : (T,)
    """

    start: int
    end: int
    announced: int
    active: Mask

    def age(self) -> Floats:
        """(T,) months since it began; 0 in its first month and before."""
        return np.maximum(np.arange(self.active.size) - self.start, 0).astype(float)

    def risen(self, ramp: float) -> Floats:
        """(T,) part that has come by each month: even steps, all of it after `ramp` months."""
        steps = np.minimum(self.age() + 1.0, ramp)
        return np.where(self.active, steps / ramp if ramp > 0 else 1.0, 0.0)


def window(measure: Measure, scenario: Scenario) -> Window:
    """When a measure acts; its dates must be sound."""
    first, months = month_number(scenario.start), scenario.months
    start = month_number(measure.start) - first if measure.start else 0
    end = month_number(measure.end) - first if measure.end else months - 1
    announced = getattr(measure, "announced", "")
    known = max(0, month_number(announced) - first) if announced else start
    at = np.arange(months)
    return Window(start, end, known, (at >= start) & (at <= end))


@dataclass(frozen=True)
class Entry:
    """What one measure wrote at one stage, for finding contradictions.

    Attributes
    ----------
    by : index of the measure
    kind : what it is: 'closed', 'limit', 'duty', 'floor', 'outage', 'build', 'release', 'demand'
    places, others : (n,) whose links or cells
    active : (T,)
    """

    by: int
    kind: str
    stage: int
    places: Mask
    others: Mask
    active: Mask


@dataclass
class Sheet:
    """Edits of one chain while they are being written; `edits` closes it."""

    chain: SupplyChain
    scenario: Scenario
    entries: list[Entry] = field(default_factory=list)
    closed: list[ClosedLinks] = field(default_factory=list)
    limits: list[LinkLimit] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    floors: list[Floor] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    rushes: list[Rush] = field(default_factory=list)
    cells: Edits = field(init=False)
    restricting: Mask = field(init=False)

    def __post_init__(self) -> None:
        """Begin with a chain to which nothing happens."""
        chain, n = self.chain, len(self.chain.places)
        self.cells = no_edits(
            chain.material, len(chain.stages), n, self.scenario.months, self.scenario.start
        )
        self.restricting = np.zeros(n, dtype=bool)

    def write(self, by: int, measure: Measure, reach: Reach, when: Window) -> None:
        """Enter what a measure does where it reaches."""
        for stage in reach.stages:
            if isinstance(measure, Restriction):
                self._restrict(by, measure, stage, reach, when)
            elif isinstance(measure, Tariff):
                self._levy(by, measure, stage, reach, when)
            elif isinstance(measure, PriceFloor):
                price = np.where(when.active, measure.price, 0.0)
                self.floors.append(Floor(stage, reach.places, price, measure.form))
                self._enter(by, "floor", stage, reach, when)
            elif isinstance(measure, Outage):
                lost = measure.share * np.outer(when.active, reach.places)
                self.cells.capacity[:, stage, :] *= 1.0 - lost
                self._enter(by, "outage", stage, reach, when)
            elif isinstance(measure, NewCapacity | Recycling):
                self._build_plant(measure, stage, reach, when)
            elif isinstance(measure, StockBuild | StockRelease):
                self._stock(by, measure, stage, reach, when)
            else:
                self._move_demand(by, measure, stage, reach, when)

    def _enter(self, by: int, kind: str, stage: int, reach: Reach, when: Window) -> None:
        self.entries.append(Entry(by, kind, stage, reach.places, reach.others, when.active))

    def _restrict(
        self, by: int, measure: Restriction, stage: int, reach: Reach, when: Window
    ) -> None:
        self.restricting |= reach.places
        if isinstance(measure, ExportBan):
            self.closed.append(ClosedLinks(stage, reach.places, reach.others, when.active))
            self._enter(by, "closed", stage, reach, when)
        else:
            self._limit(by, measure, stage, reach, when)
            self._enter(by, "limit", stage, reach, when)
        if when.announced < when.start:
            self.rushes.append(Rush(stage, reach.places, reach.others, when.announced, when.start))

    def _limit(
        self, by: int, measure: ExportQuota | ExportLicence, stage: int, reach: Reach, when: Window
    ) -> None:
        """One ceiling for each origin, by its own baseline share."""
        at = self.chain.stages[stage]
        own = supplied(at)
        flow = traced_links(at)[:, reach.others].sum(axis=1)
        total = float(flow[reach.places].sum())
        making = own > NOTHING * own.sum()
        making[[plant.place for plant in self.plants if plant.stage == stage]] = True
        for origin in np.flatnonzero(reach.places & making):
            limit = LinkLimit(stage, int(origin), reach.others, when.active, measure=by)
            if isinstance(measure, ExportLicence):
                limit = replace(
                    limit,
                    age=when.age(),
                    delay=measure.delay,
                    granted=measure.share,
                    ramp=measure.ramp,
                )
            elif measure.tonnes is None:
                limit = replace(limit, share=self._constant(measure.share or 0.0))
            else:
                part = flow[origin] / total if total > 0 else 0.0
                limit = replace(limit, tonnes=self._constant(measure.tonnes * part))
            self.limits.append(limit)

    def _constant(self, value: float) -> Floats:
        return np.full(self.scenario.months, value)

    def _levy(self, by: int, measure: Tariff, stage: int, reach: Reach, when: Window) -> None:
        rate = np.where(when.active, measure.rate, 0.0)
        self.duties.append(Duty(stage, reach.others, reach.places, rate, measure.levy))
        self._enter(by, "duty", stage, reach, when)

    def _build_plant(
        self, measure: NewCapacity | Recycling, stage: int, reach: Reach, when: Window
    ) -> None:
        tonnes = measure.tonnes * when.risen(measure.ramp)
        place = int(np.flatnonzero(reach.places)[0])
        self.plants.append(Plant(stage, place, tonnes, isinstance(measure, Recycling)))

    def _stock(
        self, by: int, measure: StockBuild | StockRelease, stage: int, reach: Reach, when: Window
    ) -> None:
        """The total evenly over its months, and over the places by what they take in."""
        wanted = np.where(reach.places, taken_in(self.chain.stages[stage]), 0.0)
        yearly = measure.tonnes * 12.0 / (when.end - when.start + 1)
        kind = "build" if isinstance(measure, StockBuild) else "release"
        into = self.cells.build if kind == "build" else self.cells.release
        into[:, stage, :] += np.outer(when.active, yearly * wanted / wanted.sum())
        self._enter(by, kind, stage, replace(reach, places=wanted > 0), when)

    def _move_demand(
        self,
        by: int,
        measure: DemandChange | Substitution,
        stage: int,
        reach: Reach,
        when: Window,
    ) -> None:
        """Changes are parts of baseline use, and add up."""
        if isinstance(measure, Substitution):
            change = -measure.share * when.risen(measure.ramp)
        else:
            change = np.where(when.active, measure.change, 0.0)
        self.cells.demand[:, stage, :] += np.outer(change, reach.places)
        self._enter(by, "demand", stage, reach, when)

    def edits(self) -> Edits:
        """The sheet as edits; links that a ban closes leave the ceilings that held them."""
        names = np.array(self.chain.places)[self.restricting]
        return replace(
            self.cells,
            # Changes that take all of it may leave a rounding below nothing.
            demand=np.maximum(self.cells.demand, 0.0),
            closed=tuple(self.closed),
            limits=tuple(part for limit in self.limits for part in self._opened(limit)),
            duties=tuple(self.duties),
            floors=tuple(self.floors),
            plants=tuple(self.plants),
            rushes=tuple(self.rushes),
            suppliers=tuple(str(name) for name in names),
        )

    def banned(self, stage: int, origin: int) -> Mask:
        """(T, n) destinations that a ban closes to an origin, by month."""
        out = np.zeros((self.scenario.months, len(self.chain.places)), dtype=bool)
        for links in self.closed:
            if links.stage == stage and links.origins[origin]:
                out |= links.active[:, None] & links.destinations[None, :]
        return out

    def _opened(self, limit: LinkLimit) -> list[LinkLimit]:
        """A ceiling without the links that bans close, one for each set of links left open."""
        banned = self.banned(limit.stage, limit.origin)
        if not (banned[limit.active] & limit.destinations).any():
            return [limit]
        left = limit.destinations & ~banned
        parts: dict[bytes, list[int]] = {}
        for t in np.flatnonzero(limit.active & left.any(axis=1)):
            parts.setdefault(left[t].tobytes(), []).append(int(t))
        return [
            replace(limit, destinations=left[months[0]].copy(), active=self._months(months))
            for months in parts.values()
        ]

    def _months(self, months: list[int]) -> Mask:
        out = np.zeros(self.scenario.months, dtype=bool)
        out[months] = True
        return out
