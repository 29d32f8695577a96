"""What a measure reaches in one chain: which stages, whose places, which others.

Names become positions here, and what the chain cannot hold is said: a place that is not in it, a
stage it has not, a supplier that exports nothing, a quota above what flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.links import Floats, supplied, taken_in, traced_links
from lodestone.chain.measure import (
    DemandChange,
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
from lodestone.chain.scenario_check import places_behind
from lodestone.chain.supply_chain import SupplyChain

Mask = NDArray[np.bool_]

#: Below this part of world output a place makes or ships nothing.
NOTHING = 1e-12
#: A quota may exceed the baseline by rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Complaint:
    """Why a measure cannot act in a chain: the field, what is wrong, how to mend it."""

    field: str
    what: str
    mend: str


@dataclass(frozen=True)
class Reach:
    """Where a measure acts in one chain.

    Attributes
    ----------
    stages : indices
    places : (n,) who acts or is struck: suppliers, importers, the zone, the place
    others : (n,) destinations of a restriction, origins of a tariff; all False else
    """

    stages: tuple[int, ...]
    places: Mask
    others: Mask


def reach(measure: Measure, chain: SupplyChain, year: int) -> tuple[Reach, list[Complaint]]:
    """Where a measure acts in a chain, and why it cannot.

    Parameters
    ----------
    year : blocs are those of this year

    Returns
    -------
    Reach, and complaints; the reach is of use only if there are none.
    """
    look = _Look(chain, year)
    if isinstance(measure, Restriction):
        found = _restriction(measure, look)
    elif isinstance(measure, Tariff):
        found = _tariff(measure, look)
    elif isinstance(measure, PriceFloor):
        zone = look.mask("zone", measure.zone)
        found = Reach(look.stages(measure) or look.all_stages, zone, look.nobody)
    elif isinstance(measure, Outage):
        found = _outage(measure, look)
    elif isinstance(measure, NewCapacity | Recycling):
        found = _plant(measure, look)
    elif isinstance(measure, StockRelease | StockBuild):
        found = _stock(measure, look)
    else:
        found = _demand(measure, look)
    return found, look.complaints


class _Look:
    """Turns names into positions of one chain, and collects what does not fit."""

    def __init__(self, chain: SupplyChain, year: int) -> None:
        self.chain = chain
        self.year = year
        self.complaints: list[Complaint] = []
        self.nobody: Mask = np.zeros(len(chain.places), dtype=bool)
        self.all_stages = tuple(range(len(chain.stages)))
        self.title = f"{chain.material} {chain.year}"

    def complain(self, field: str, what: str, mend: str) -> None:
        self.complaints.append(Complaint(field, what, mend))

    def mask(self, field: str, words: Sequence[str]) -> Mask:
        """(n,) the places behind some words; a word with none in the chain is complained of."""
        out = self.nobody.copy()
        for word in words:
            wanted = places_behind(word, self.year)[0]
            if not wanted:
                continue  # a name that nobody knows is reported with the scenario's own problems
            held = np.array([place in wanted for place in self.chain.places])
            if not held.any():
                self.complain(field, self._absent(word, wanted), _absent_mend(wanted))
            out |= held
        return out

    def _absent(self, word: str, wanted: frozenset[str]) -> str:
        if len(wanted) == 1:
            return f"{word} is not in the chain of {self.title}"
        return f"none of the {len(wanted)} places of {word} is in the chain of {self.title}"

    def stages(self, measure: Measure) -> tuple[int, ...]:
        """Indices of the stages a measure names."""
        names = [stage.stage for stage in self.chain.stages]
        for name in measure.stages:
            if name not in names:
                have = ", ".join(names)
                self.complain("stages", f"{self.title} has no stage {name!r}", f"it has {have}")
        return tuple(k for k, name in enumerate(names) if name in measure.stages)

    def where(self, amount: Floats, stage: int) -> Mask:
        """(n,) where an amount at a stage is more than rounding."""
        return np.asarray(amount > NOTHING * supplied(self.chain.stages[stage]).sum())

    def stages_with(self, places: Mask, *, use: bool = False) -> tuple[int, ...]:
        """Stages at which any of some places makes (or uses) anything."""
        amounts = [s.use if use else supplied(s) for s in self.chain.stages]
        return tuple(k for k, a in enumerate(amounts) if (self.where(a, k) & places).any())

    def words(self, stages: Sequence[int]) -> str:
        return " or ".join(self.chain.stages[k].stage for k in stages) or "any stage"

    def in_tonnes(self, stages: Sequence[int], mend: str) -> None:
        """Complain of tonnes where the chain counts in parts of world output."""
        for k in stages:
            if self.chain.stages[k].unit != "t":
                what = f"{self.title} {self.chain.stages[k].stage} is counted as an index"
                self.complain("tonnes", f"{what} (world output is 100), not in tonnes", mend)
                return


def _absent_mend(wanted: frozenset[str]) -> str:
    if wanted == {"WLD"}:
        return "leave the field out: that means everybody"
    return "it neither makes, ships nor uses any of it"


def _restriction(measure: Restriction, look: _Look) -> Reach:
    who = look.mask("supplier", (measure.supplier,))
    others = look.mask("to", measure.to) if measure.to else ~look.nobody
    named = look.stages(measure)
    stages = named if measure.stages else look.stages_with(who)
    found = Reach(stages, who, others & ~who)
    if who.any() and (named or not measure.stages):
        exports = _exports(look, found.stages, who, ~who)
        if not any(e > NOTHING * _world(look, k) for k, e in zip(stages, exports, strict=True)):
            look.complain(
                "supplier",
                f"{measure.supplier} exports no {look.title} ({look.words(stages)})",
                "re-exports count for the place that made the goods; name that one, or leave "
                "this material out",
            )
        elif isinstance(measure, ExportQuota) and measure.tonnes is not None:
            found = _quota_in_tonnes(measure, measure.tonnes, found, look)
    return found


def _quota_in_tonnes(measure: ExportQuota, tonnes: float, found: Reach, look: _Look) -> Reach:
    """Check that a ceiling in tonnes lies below what flows, at one stage."""
    flows = _exports(look, found.stages, found.places, found.others)
    if len(found.stages) > 1:
        look.complain(
            "stages",
            f"{measure.supplier} makes {look.title} at several stages ({look.words(found.stages)})",
            "name the one stage whose tonnes these are",
        )
        return found
    look.in_tonnes(found.stages, "give the quota as a share of baseline exports")
    if tonnes > flows[0] * (1.0 + _ROUNDING):
        look.complain(
            "tonnes",
            f"a quota of {tonnes:,.6g} t a year is above the baseline flow of {flows[0]:,.6g} t",
            "a ceiling above what flows restricts nothing: lower it, or leave it out",
        )
    return found


def _exports(look: _Look, stages: Sequence[int], who: Mask, to: Mask) -> list[float]:
    """What some places' goods amount to in some others, by stage, wherever they pass through."""
    links = [traced_links(look.chain.stages[k]) for k in stages]
    return [float(x[np.ix_(who, to)].sum()) for x in links]


def _world(look: _Look, stage: int) -> float:
    return float(supplied(look.chain.stages[stage]).sum())


def _tariff(measure: Tariff, look: _Look) -> Reach:
    importer = look.mask("importer", (measure.importer,))
    origins = look.mask("on", measure.on) if measure.on else ~look.nobody
    return Reach(look.stages(measure) or look.all_stages, importer, origins & ~importer)


def _outage(measure: Outage, look: _Look) -> Reach:
    place = look.mask("place", (measure.place,))
    named = look.stages(measure)
    making = look.stages_with(place)
    stages = tuple(k for k in named if k in making) if measure.stages else making
    if place.any() and not stages and (named or not measure.stages):
        look.complain(
            "place",
            f"{measure.place} makes no {look.title} ({look.words(named)})",
            "an outage needs output to be lost",
        )
    return Reach(stages, place, look.nobody)


def _plant(measure: NewCapacity | Recycling, look: _Look) -> Reach:
    found = Reach(look.stages(measure), look.mask("place", (measure.place,)), look.nobody)
    look.in_tonnes(found.stages, "a plant needs a material that is counted in tonnes")
    return found


def _stock(measure: StockRelease | StockBuild, look: _Look) -> Reach:
    place = look.mask("place", (measure.place,))
    stages = look.stages(measure) if measure.stages else look.all_stages[-1:]
    look.in_tonnes(stages, "a stock needs a material that is counted in tonnes")
    for k in stages:
        if place.any() and not (look.where(taken_in(look.chain.stages[k]), k) & place).any():
            look.complain(
                "place",
                f"nobody in {measure.place} takes in {look.title} ({look.words(stages)})",
                "name a stage at which it is used or worked",
            )
    return Reach(stages, place, look.nobody)


def _demand(measure: DemandChange | Substitution, look: _Look) -> Reach:
    place = look.mask("place", (measure.place,))
    using = look.stages_with(place, use=True)
    named = look.stages(measure)
    stages = tuple(k for k in named if k in using) if measure.stages else using
    if place.any() and not stages and (named or not measure.stages):
        look.complain(
            "place",
            f"{measure.place} uses no {look.title} ({look.words(named)})",
            "name a stage at which it uses any",
        )
    return Reach(stages, place, look.nobody)
