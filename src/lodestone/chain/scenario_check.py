"""What is wrong with a scenario before any world is looked at: names, numbers, dates.

The same checks serve scenarios made in Python and scenario files. A file's table may be unreadable
in part; what is readable of it is checked all the same, so that one error lists everything.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral, Real
from typing import Any, TypeGuard, get_args, get_type_hints

from lodestone.chain.measure import KINDS
from lodestone.chain.months import is_month, month_number
from lodestone.chain.scenario import Scenario
from lodestone.terms import find_material, group_members, material, members, stages
from lodestone.terms.errors import Problems, RequestError

MOST_MONTHS = 240
#: Beyond these the rest is not looked at: near names cost time.
MOST_PROBLEMS = 200
MOST_WORDS = 300

PLACE_FIELDS = ("supplier", "to", "importer", "on", "zone", "place")
_PLANTS = ("new_capacity", "recycling")
#: Measures whose tonnes are of one material, and how many stages they may name.
_ONE_MATERIAL = dict.fromkeys(_PLANTS, (1, 1)) | {
    "stock_release": (0, 1),
    "stock_build": (0, 1),
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_WRITE_MONTH = "write a month as 2023-08"


@dataclass(frozen=True)
class Range:
    """Numbers a field may hold; `above` shuts the lower end out."""

    low: float
    high: float
    mend: str
    above: bool = False

    def holds(self, value: float) -> bool:
        """Whether a number lies within; infinity and NaN never do."""
        return (
            math.isfinite(value)
            and self.low <= value <= self.high
            and not (self.above and value == self.low)
        )


# The upper ends are beyond any market: they keep sums of numbers finite.
_RANGES = {
    "share": Range(0.0, 1.0, "give a part between 0 and 1: 0.4 is 40 %"),
    "tonnes": Range(0.0, 1e12, "give tonnes of content, from 0 to 1e12"),
    "delay": Range(0.0, 1200.0, "give months, from 0 to 1200"),
    "ramp": Range(0.0, 1200.0, "give months, from 0 to 1200"),
    "rate": Range(-1.0, 1e6, "give a rate above -1: 0.25 is 25 % of the price", True),
    "price": Range(0.0, 1e6, "give a price above 0, in base prices of the stage", True),
    "change": Range(-1.0, 1e6, "give a change of -1 or more: 0.1 is 10 % more"),
}
_OPTIONAL = {("export_quota", "share"), ("export_quota", "tonnes")} | {
    ("export_licence", name) for name in ("delay", "share", "ramp")
}


@dataclass(frozen=True)
class Draft:
    """What could be read of a measure: its kind, and the fields that have a sound type."""

    kind: str
    fields: Mapping[str, Any]


def check_scenario(scenario: Scenario) -> Problems:
    """Everything that is wrong with a scenario in itself; empty if nothing is.

    Returns
    -------
    Problems
        Each says where ("measure 2 (export_quota), field share"), what, and how to mend it.
    """
    problems = Problems(f"scenario {scenario.name!r}")
    head = vars(scenario)
    check_head(head, problems)
    check_drafts(head, [draft_of(measure) for measure in scenario.measures], problems)
    return problems


def draft_of(measure: object) -> Draft:
    """A measure made in Python as a draft; of a thing that is no measure, nothing is readable."""
    kind = getattr(measure, "kind", None)
    if kind in KINDS and type(measure) is KINDS[kind]:
        return Draft(kind, vars(measure))
    return Draft(shown(measure), {})


def place_of(k: int, kind: str, field: str = "") -> str:
    """Where a problem sits, in words: measure number (from 1), its kind, the field."""
    return f"measure {k + 1} ({kind})" + (f", field {field}" if field else "")


def shown(value: object) -> str:
    """A value as it was written, cut to what a line can hold."""
    text = repr(value)
    return text if len(text) <= 90 else f"{text[:90]} ..."


def near(word: str, options: Iterable[str]) -> str:
    """How to mend a word that is none of some options: the nearest ones, or all."""
    known = list(options)
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    return f"did you mean {', '.join(close)}?" if close else _one_of(known)


def _one_of(options: Iterable[str]) -> str:
    return "one of " + ", ".join(options)


def check_head(head: Mapping[str, Any], problems: Problems) -> None:
    """Check what a scenario says about itself; absent fields are left alone."""
    name, months, year = head.get("name", "x"), head.get("months", 1), head.get("year")
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        problems.add(
            f"{shown(name)} cannot be a name",
            "name",
            "up to 100 letters, digits and _ . - , no spaces",
        )
    if not is_month(head.get("start", "2000-01")):
        problems.add(f"{shown(head['start'])} is not a month", "start", _WRITE_MONTH)
    if not _whole(months) or not 1 <= months <= MOST_MONTHS:
        problems.add(f"{shown(months)} months", "months", f"a whole number from 1 to {MOST_MONTHS}")
    if year is not None and not (_whole(year) and 1900 <= year <= 2200):
        problems.add(f"{shown(year)} is not a calendar year", "year", "such as 2024")


def _whole(value: object) -> TypeGuard[int]:
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_drafts(head: Mapping[str, Any], drafts: Iterable[Draft], problems: Problems) -> None:
    """Check each measure, and its dates against the months of the scenario."""
    for k, draft in enumerate(drafts):
        if too_many(k, problems):
            return
        check_draft(k, draft, head, problems)


def too_many(k: int, problems: Problems) -> bool:
    """Whether to stop before measure `k`, which is then said."""
    if len(problems.items) < MOST_PROBLEMS:
        return False
    problems.add("more than enough problems", f"measure {k + 1}", "the rest was not looked at")
    return True


def check_draft(k: int, draft: Draft, head: Mapping[str, Any], problems: Problems) -> None:
    """Check one measure."""

    def add(field: str, what: str, mend: str = "") -> None:
        problems.add(what, place_of(k, draft.kind, field), mend)

    if draft.kind not in KINDS:
        problems.add(f"unknown kind {draft.kind}", f"measure {k + 1}", near(draft.kind, KINDS))
        return
    fields = draft.fields
    year = head.get("year") if _whole(head.get("year")) else None
    _check_words(fields, year, add)
    _check_numbers(draft, add)
    _check_choices(draft, add)
    _check_counts(draft, add)
    _check_own_places(draft.kind, fields, year, add)
    _check_dates(fields, head, add)


_Add = Callable[..., None]


def _check_words(fields: Mapping[str, Any], year: int | None, add: _Add) -> None:
    """Materials, stages and places must be names that somebody knows."""
    for name in ("materials", "stages", *PLACE_FIELDS):
        words = _words(fields, name)
        if len(words) > MOST_WORDS:
            add(name, f"{len(words)} names", f"{MOST_WORDS} at most")
        for word in words[:MOST_WORDS]:
            if not isinstance(word, str) or not word.strip() or len(word) > 200:
                add(name, f"{shown(word)} is not a name", "write a name in quotes")
            elif fault := _unknown(name, word, year):
                add(name, *fault)
    if "materials" in fields and not fields["materials"]:
        add("materials", "no material is named", 'such as materials = ["gallium"]')
    if "zone" in fields and not fields["zone"]:
        add("zone", "no place is named", "name the places or blocs of the zone")


def _words(fields: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    value = fields.get(name, ())
    return value if isinstance(value, tuple) else (value,)


def _unknown(field: str, word: str, year: int | None) -> tuple[str, str] | None:
    """What is wrong with a name in a field, and how to mend it; None if it is known."""
    if field == "stages":
        fault = (f"unknown stage {shown(word)}", near(word, stages()))
        return None if word in stages() else fault
    return _material_fault(word) if field == "materials" else places_behind(word, year)[1]


@lru_cache(maxsize=4096)
def _material_fault(word: str) -> tuple[str, str] | None:
    if find_material(word) is None:
        try:
            group_members(word)  # some groups, such as `battery`, are no materials
        except RequestError:
            try:
                material(word)
            except RequestError as error:
                return _said(error)
    return None


@lru_cache(maxsize=4096)
def places_behind(word: str, year: int | None) -> tuple[frozenset[str], tuple[str, str] | None]:
    """Places that a place, a bloc or a sum stands for; of an unknown one, what to say of it."""
    try:
        return frozenset(members(word, year)), None
    except RequestError as error:
        return frozenset(), _said(error)


def _said(error: RequestError) -> tuple[str, str]:
    """What an error of the name tables says, and how it says to mend it."""
    what, _, mend = str(error).rpartition(": ")
    return (what, mend) if what else (mend, "")


def _check_numbers(draft: Draft, add: _Add) -> None:
    for name, value in draft.fields.items():
        if name not in _RANGES or (value is None and (draft.kind, name) in _OPTIONAL):
            continue
        allowed = _RANGES[name]
        number = _number(value)
        if number is None:
            add(name, f"{shown(value)} is not a number", allowed.mend)
        elif not allowed.holds(number):
            negative = name == "tonnes" and number < 0 and draft.kind in _PLANTS
            what = f"negative capacity {number:g}" if negative else f"it cannot be {number:g}"
            add(name, what, allowed.mend)


def _number(value: object) -> float | None:
    if type(value) is bool or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _check_choices(draft: Draft, add: _Add) -> None:
    for name in ("levy", "form"):
        if name in draft.fields:
            allowed = get_args(get_type_hints(KINDS[draft.kind])[name])
            if draft.fields[name] not in allowed:
                add(name, f"unknown {name} {shown(draft.fields[name])}", _one_of(allowed))


def _check_counts(draft: Draft, add: _Add) -> None:
    """Tonnes are of one material at one stage; a quota is a share or tonnes, not both."""
    fields = draft.fields
    fewest, most = _ONE_MATERIAL.get(draft.kind, (0, 99))
    if draft.kind == "export_quota" and {"share", "tonnes"} <= set(fields):
        given = [n for n in ("share", "tonnes") if fields[n] is not None]
        if len(given) != 1:
            have = "both share and tonnes" if given else "neither share nor tonnes"
            add("share, tonnes", f"{have} given", "give exactly one of the two")
        if given == ["tonnes"]:
            most = 1
    if most > 1:
        return
    if len({str(word) for word in _words(fields, "materials")}) > 1:
        add("materials", "tonnes of several materials", "write one measure for each material")
    if "stages" in fields and not fewest <= len(set(fields["stages"])) <= most:
        what = "several stages" if fields["stages"] else "no stage"
        add("stages", f"{what} named", "name the one stage whose tonnes these are")


def _check_own_places(kind: str, fields: Mapping[str, Any], year: int | None, add: _Add) -> None:
    """Nobody restricts or taxes itself; a plant stands in one country."""
    for one, many, what in (
        ("supplier", "to", "restricts exports to itself"),
        ("importer", "on", "taxes its own goods"),
    ):
        both = _members(_words(fields, one), year) & _members(_words(fields, many), year)
        if both:
            names = ", ".join(sorted(both))
            add(many, f"{names} {what}", f"leave {names} out: trade inside stays open")
    if kind in _PLANTS and "place" in fields:
        standing = _members((fields["place"],), year)
        if len(standing) > 1:
            add("place", f"{fields['place']!r} is a group of places", "name one country")


def _members(words: Iterable[Any], year: int | None) -> frozenset[str]:
    """Places behind words; words that nobody knows are reported elsewhere."""
    known = [places_behind(word, year)[0] for word in words if isinstance(word, str)]
    return frozenset().union(*known)


def _check_dates(fields: Mapping[str, Any], head: Mapping[str, Any], add: _Add) -> None:
    for name in ("start", "end", "announced"):
        if fields.get(name) and not is_month(fields[name]):
            add(name, f"{shown(fields[name])} is not a month", _WRITE_MONTH)
    start, end = _month(fields, "start"), _month(fields, "end")
    announced, first = _month(fields, "announced"), _month(head, "start")
    begins = first if "start" in fields and not fields["start"] else start
    if begins is not None and end is not None and end < begins:
        add("start, end", f"it ends ({fields['end']}) before it starts", "swap the dates")
    if announced is not None and begins is not None and announced > begins:
        add(
            "announced",
            f"it is announced ({fields['announced']}) after it starts",
            "give a month before the start, or leave it out",
        )
    _check_inside(start, end, head, add)


def _check_inside(start: int | None, end: int | None, head: Mapping[str, Any], add: _Add) -> None:
    """A measure that never acts in the months walked is a mistake, not an empty answer."""
    first, months = _month(head, "start"), head.get("months")
    if first is None or not _whole(months):
        return
    over = end is not None and end < first and (start is None or start <= end)
    if over or (start is not None and start >= first + months):
        add(
            "start, end",
            f"it acts in none of the {months} months from {head['start']}",
            "move its dates, or the start and months of the scenario",
        )


def _month(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return month_number(value) if is_month(value) else None
