"""Measures that overlap or contradict one another in a chain, told with an example of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from lodestone.chain.edits import Mask
from lodestone.chain.months import month_number, month_text
from lodestone.chain.sheet import Entry, Sheet

#: Two of a kind on one link or cell in one month: who says which of the two holds?
_TWICE = {
    "limit": ("both limit", "end the first quota or licence before the second starts"),
    "outage": ("both take capacity from", "write one outage with the share lost altogether"),
    "duty": ("both levy a duty on", "write one tariff with the whole rate"),
    "floor": ("both set a floor for", "write one price floor for a zone"),
}
_BANNED = (
    "a ban closes every link that the other limits:",
    "end the ban before the quota or licence starts, or leave one of them out",
)
_IN_AND_OUT = ("one fills and one empties the stock of", "let the release start after the build")
_BELOW_ZERO = ("together they take more than all use of", "make the changes smaller")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Conflict:
    """Two measures (or one alone, below zero use) that cannot both hold.

    Attributes
    ----------
    by : indices of the measures
    what, mend : words around the example
    example : link or cell, and the month
    """

    by: tuple[int, ...]
    what: str
    mend: str
    example: str


def conflicts(sheet: Sheet) -> list[Conflict]:
    """Every pair of measures that contradict in one chain."""
    return [*_pairs(sheet), *_bans_over_limits(sheet), *_use_below_zero(sheet)]


def _pairs(sheet: Sheet) -> Iterator[Conflict]:
    for one, two in combinations(sheet.entries, 2):
        if one.by == two.by or one.stage != two.stage:
            continue
        if one.kind == two.kind and one.kind in _TWICE:
            what, mend = _TWICE[one.kind]
        elif {one.kind, two.kind} == {"build", "release"}:
            what, mend = _IN_AND_OUT
        else:
            continue
        together = one.active & two.active
        places, others = one.places & two.places, one.others & two.others
        links = one.kind in {"limit", "duty"}
        if together.any() and places.any() and (others.any() or not links):
            # A duty is written from its importer, a limit from its supplier.
            ends = (others, places) if one.kind == "duty" else (places, others)
            example = _example(sheet, one.stage, ends, together)
            yield Conflict(_by(one, two), what, mend, example)


def _by(one: Entry, two: Entry) -> tuple[int, ...]:
    return tuple(sorted((one.by, two.by)))


def _bans_over_limits(sheet: Sheet) -> Iterator[Conflict]:
    """A ceiling none of whose links is open in some month."""
    for limit in sheet.limits:
        banned = sheet.banned(limit.stage, limit.origin)
        shut = limit.active & ~(limit.destinations & ~banned).any(axis=1)
        if not shut.any():
            continue
        bans = {
            e.by
            for e in sheet.entries
            if e.kind == "closed"
            and e.stage == limit.stage
            and e.places[limit.origin]
            and (e.active & shut).any()
        }
        ends = (_one(limit.origin, limit.destinations.size), limit.destinations)
        example = _example(sheet, limit.stage, ends, shut)
        yield Conflict(tuple(sorted({limit.measure, *bans})), *_BANNED, example)


def _one(position: int, size: int) -> Mask:
    return np.asarray(np.arange(size) == position)


def _use_below_zero(sheet: Sheet) -> Iterator[Conflict]:
    below = sheet.cells.demand < -_ROUNDING
    for stage in np.flatnonzero(below.any(axis=(0, 2))):
        places = np.asarray(below[:, stage, :].any(axis=0))
        months = np.asarray(below[:, stage, :].any(axis=1))
        touching = {
            e.by
            for e in sheet.entries
            if e.kind == "demand" and e.stage == stage and (e.places & places).any()
        }
        nobody = np.zeros_like(places)
        example = _example(sheet, int(stage), (places, nobody), months)
        yield Conflict(tuple(sorted(touching)), *_BELOW_ZERO, example)


def _example(sheet: Sheet, stage: int, ends: tuple[Mask, Mask], months: Mask) -> str:
    """One place or link and month in words, such as `gallium refine CHN > USA in 2024-12`."""
    names = sheet.chain.places
    one, other = (np.flatnonzero(mask) for mask in ends)
    # A link within one place is none: take the first pair that differs.
    pair = next(((i, j) for i in one for j in other if i != j), None)
    where = f"{names[pair[0]]} > {names[pair[1]]}" if pair else names[int(one[0])]
    month = month_text(month_number(sheet.scenario.start) + int(np.flatnonzero(months)[0]))
    return f"{sheet.chain.material} {sheet.chain.stages[stage].stage} {where} in {month}"
