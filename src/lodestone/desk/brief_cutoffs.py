"""What a cut-off would do: the worst dependences of a brief, walked month by month.

The question is always the same, so that an id names it whole: one supplier stops (`ban`) or
licenses (`licence`) all exports of one material to everybody, for 24 months from the January
after the year of the data; bands from `market_draws` draws with seed 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lodestone.chain.months import month_label
from lodestone.desk.answer import known as _known
from lodestone.desk.brief_labels import (
    material_label,
    material_name,
    place_label,
    stage_label,
    with_article,
)
from lodestone.desk.brief_rows import CHAIN_SOURCES_KEY, Exposure
from lodestone.desk.library import library
from lodestone.desk.shock_reading import OUTSIDE, WHATS
from lodestone.desk.shocking import ShockAnswer, reading, shock
from lodestone.desk.worlds import world
from lodestone.report.brief_content import CutOff, Figure, Finding, Grade, ShortPlace
from lodestone.terms import attribute, group_members, members
from lodestone.terms.errors import MarketError, RequestError

if TYPE_CHECKING:
    from lodestone.desk.briefing import Case
    from lodestone.market.band import Banded, Swing

MONTHS = 24
#: Measure of an id -> what it does, in words.
MEASURES = {"ban": "stops all exports", "licence": "licenses all exports"}
#: Numbers by month of an id -> (unit, words).
MONTHLY = {
    "price_outside": ("base prices", "price outside"),
    "price_inside": ("base prices", "price inside"),
    "price": ("base prices", "price that buyers of the place pay"),
    "use_lost": ("share", "use lost"),
}
INSIDE = "inside"
MARKET_SOURCES_KEY = "market"

_MOST, _MOST_OTHERS = 4, 3
_OTHERS = ("EU27", "USA", "JPN", "KOR")
#: From this part of the choke price on, the assumption decides the price.
_NEAR = 0.8
_SOURCES = (CHAIN_SOURCES_KEY, MARKET_SOURCES_KEY)
_SEASON = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class CutOffs:
    """What a brief says of cut-offs.

    Attributes
    ----------
    shown : worst dependence first
    finding : one sentence for page 1, or None
    unproved : materials for which the market model has no proved answer
    """

    shown: tuple[CutOff, ...] = ()
    finding: Finding | None = None
    unproved: tuple[str, ...] = ()


def cutoffs(case: Case, exposures: Sequence[Exposure]) -> CutOffs:
    """What would happen if the supplier of a brief stopped all exports, for its worst dependences.

    Parameters
    ----------
    exposures : worst first, one for each family; at most one rare earth is taken
    """
    there = world(case.year)
    places = _places(case)
    found: list[tuple[Exposure, CutOff]] = []
    unproved: list[str] = []
    for e in exposures:
        rare = _is_rare_earth(e.material) and any(_is_rare_earth(x.material) for x, _ in found)
        if rare or e.material not in there.chains:
            continue
        try:
            answer = cut_off("ban", e.material, case.year, case.against, places)
        except MarketError:
            unproved.append(material_label(e.material))
            continue
        except RequestError:  # the supplier exports none of it: nothing to stop
            continue
        label = material_label(e.material)
        one = cut_off_of(answer, e.material, measure="ban", label=label, worst_stage=e.stage)
        if one.short and one.short[0].code == case.buyer:
            found.append((e, one))
        if len(found) == _MOST:
            break
    if not found:
        return CutOffs(unproved=tuple(unproved))
    k = _worst(case, found)
    worst, one = found[k]
    found[k] = (worst, replace(one, instead=_instead(case, worst.material, places)))
    return CutOffs(tuple(one for _, one in found), _finding(case, one), tuple(unproved))


def _worst(case: Case, found: Sequence[tuple[Exposure, CutOff]]) -> int:
    """The one of which most is lost; a chain in tonnes comes before one of world shares."""

    def lost(k: int) -> tuple[bool, float]:
        e, one = found[k]
        tonnes = case.view.stages[e.material, e.stage]["unit"] == "t"
        return bool(tonnes), one.short[0].first_year.value or 0.0

    return max(range(len(found)), key=lost)


def _is_rare_earth(name: str) -> bool:
    return name == "rare_earths" or name in group_members("REE")


def _places(case: Case) -> tuple[str, ...]:
    """The buyer, others who may go short and do not overlap with it, and the supplier."""
    inside = set(members(case.buyer, case.year)) | {case.against}
    others = [c for c in _OTHERS if not inside & set(members(c, case.year))]
    return (case.buyer, *others[:_MOST_OTHERS], case.against)


# --- the question --------------------------------------------------------------------------


def cut_off(
    measure: str, material: str, year: int, supplier: str, places: Sequence[str]
) -> ShockAnswer:
    """Walk one cut-off; the same question gives the same answer, and is remembered for a while.

    Raises
    ------
    RequestError
        An unknown measure, material, supplier or place; a supplier with nothing to restrict.
    MarketError
        A month that cannot be proved.
    """
    if measure not in MEASURES:
        raise RequestError(f"unknown measure {measure!r}: one of {', '.join(MEASURES)}")
    here = library().release.content_hash
    return _walked(here, measure, material, year, supplier, tuple(places))


@lru_cache(maxsize=16)
def _walked(
    release: str, measure: str, material: str, year: int, supplier: str, places: tuple[str, ...]
) -> ShockAnswer:
    from lodestone.chain.measure import ExportBan, ExportLicence

    there = world(library().year(year))
    # With one chain only, `rare_earths` is that chain and not each of its elements as well.
    alone = replace(there, chains={material: there.chain(material)})
    kind = ExportBan if measure == "ban" else ExportLicence
    return shock(
        alone,
        kind(supplier=supplier, materials=(material,)),
        months=MONTHS,
        places=places,
        sensitivity=False,
    )


def number_of(answer: ShockAnswer, material: str, place: str, what: str) -> tuple[Banded, int]:
    """The series and the month in it that an id names.

    Raises
    ------
    RequestError
        Saying what there is instead.
    """
    series = answer.answers[material].series
    name, _, month = what.partition("@")
    known = MONTHLY if month else WHATS
    if name not in known:
        months = ", ".join(f"{n}@MONTH" for n in MONTHLY)
        raise RequestError(f"unknown number {what!r}: one of {', '.join(WHATS)}, {months}")
    if month and not (month.isdecimal() and int(month) < MONTHS):
        raise RequestError(f"{what!r}: months are counted from 00 to {MONTHS - 1}")
    key = series_name(place, name)
    if key not in series:
        raise RequestError(
            f"{material} has no {name} for {place!r}: prices of the market are those of "
            f"{OUTSIDE!r} and {INSIDE!r}; a place that buys none of it has no numbers"
        )
    return series[key], int(month or 0)


def series_name(place: str, name: str) -> str:
    """Name of the series of a number, by the place of its id."""
    home = INSIDE if name.startswith("price_inside") else OUTSIDE
    return name if name.startswith("price_") and place == home else f"{name}|{place}"


def moved_by(answer: ShockAnswer, material: str, place: str, what: str) -> list[Swing]:
    """Which assumption moves a number most, largest first."""
    from lodestone.desk.shock_reading import place_groups
    from lodestone.market.band import swings

    _, t = number_of(answer, material, place, what)
    path = answer.answers[material].path
    groups = place_groups(answer.query["places"], answer.query["world"])
    read = reading(path.edits, groups)
    key = series_name(place, what.partition("@")[0])

    def one(walked: Any) -> dict[str, float]:
        return {key: float(read(walked)[key][t])}

    return [s for s in swings(path.world, path.edits, one)[key] if s.width > 0]


def asked_in_words(measure: str, material: str, year: int, supplier: str) -> str:
    """The question of an id as a sentence."""
    label = material_name(material).lower()
    words = f"{place_label(supplier)} {MEASURES[measure]} of {label} to everybody for {MONTHS} "
    return f"{words}months from {_month_words(f'{year + 1}-01')}; balanced world of {year}"


def priced_out(price: float) -> bool:
    """Whether a price lies where the assumed choke price decides it."""
    return price >= _NEAR * attribute("choke").default


# --- as the brief prints it ----------------------------------------------------------------


def cut_off_of(
    answer: ShockAnswer,
    material: str,
    *,
    measure: str = "",
    label: str = "",
    worst_stage: str = "",
) -> CutOff:
    """One material of a shock as the brief prints it.

    Parameters
    ----------
    label : how the material is named; its own name if left out
    measure : of `MEASURES`, where the answer is that of `cut_off`: its ids can be explained
    worst_stage : stage at which dependence is worst; a note says so where it is another one
    """
    writer = _Writer(answer, material, measure)
    outside, inside = writer.months("price_outside", OUTSIDE), writer.months("price_inside", INSIDE)
    return CutOff(
        material=label or material_name(material),
        stage=stage_label(material, writer.stage),
        supplier=writer.supplier_name,
        event=writer.event,
        months=tuple(month_label(answer.scenario.start, t) for t in range(writer.walked)),
        outside=outside,
        inside=inside,
        peak=writer.number("price_outside_peak", OUTSIDE),
        first_year=writer.number("price_outside_year", OUTSIDE),
        later=writer.number("price_outside_later", OUTSIDE),
        short=tuple(writer.short(code) for code in answer.query["places"] if writer.buys(code)),
        limit=_assumed("choke", "ratio"),
        note=writer.note(outside, worst_stage),
    )


class _Writer:
    """Turns the series of one material into figures."""

    def __init__(self, answer: ShockAnswer, material: str, measure: str) -> None:
        from lodestone.chain.from_account import stage_grade
        from lodestone.market.outcome import headline_stage

        self.answer, self.material, self.measure = answer, material, measure
        self.found = answer.answers[material]
        path = self.found.path
        self.walked, self.year = path.months, path.world.year
        self.stage = path.market.stages[headline_stage(path)]
        chain_stage = path.world.chain(material).stage(self.stage)
        self.grade: Grade = stage_grade(chain_stage)  # type: ignore[assignment]
        held = path.edits.suppliers
        named = getattr(answer.scenario.measures[0], "supplier", "") if held else ""
        self.supplier = named or "+".join(held)
        names = [named] if named else held
        self.supplier_name = ", ".join(with_article(place_label(name)) for name in names)

    @property
    def event(self) -> str:
        """What happens, as a clause."""
        start = _month_words(self.answer.scenario.start)
        if self.measure:
            return f"{self.supplier_name} {MEASURES[self.measure]} from {start}"
        return self.answer.scenario.title or f"what is asked happens from {start}"

    def buys(self, code: str) -> bool:
        """Whether a place buys any of it."""
        return f"use_lost|{code}" in self.found.series

    def short(self, code: str) -> ShortPlace:
        """What a place goes without."""
        return ShortPlace(
            place=place_label(code),
            code=code,
            months=self.months("use_lost", code),
            first_year=self.number("use_lost_year", code),
            recovery=self.number("recovery", code),
        )

    def months(self, name: str, place: str) -> tuple[Figure, ...]:
        """One figure a month."""
        return tuple(self._figure(name, place, t, f"{name}@{t:02d}") for t in range(self.walked))

    def number(self, name: str, place: str) -> Figure:
        """A number of the whole path."""
        return self._figure(name, place, 0, name)

    def _figure(self, name: str, place: str, t: int, what: str) -> Figure:
        series = self.found.series[series_name(place, name)]
        ends = [_known(x[t]) for x in (series.low, series.value, series.high)]
        note = ""
        if name == "recovery":
            ends = [None if x is not None and x > self.walked - 1 else x for x in ends]
            note = f"not within {self.walked} months" if ends[1] is None else ""
        unit = WHATS[name][0] if name in WHATS else MONTHLY[name][0]
        return Figure(
            id=self._id(place, what),
            value=ends[1],
            low=ends[0],
            high=ends[2],
            unit="ratio" if unit == "base prices" else unit,
            year=self.year,
            kind="modelled",
            grade=self.grade,
            sources=_SOURCES,
            note=note,
        )

    def _id(self, place: str, what: str) -> str:
        labels = f"{self.material}:{self.year}:{self.supplier}:{place}:{what}"
        if self.measure:
            return f"cutoff:{self.measure}:{labels}"
        return f"shock:{self.answer.scenario.name}:{labels}"

    def note(self, outside: Sequence[Figure], worst_stage: str) -> str:
        """What to beware of."""
        said = []
        beyond = sum(1 for f in outside if f.value is not None and priced_out(f.value))
        if beyond:
            span = (
                f"all {len(outside)}" if beyond == len(outside) else f"{beyond} of {len(outside)}"
            )
            said.append(f"Price set by an assumption in {span} months: read the shortage.")
        if worst_stage and worst_stage != self.stage:
            worst, here = (stage_label(self.material, s) for s in (worst_stage, self.stage))
            said.append(
                f"Shown {here}, where most is used; dependence is worst at the {worst} stage."
            )
        if self.found.failed:
            said.append(f"{self.found.failed} of {self.found.drawn} draws had no proved answer.")
        return " ".join(said)


def _month_words(label: str) -> str:
    year, month = label.split("-")
    return f"{_SEASON[int(month) - 1]} {year}"


def _assumed(name: str, unit: str) -> Figure:
    """An assumption as a figure."""
    item = attribute(name)
    return Figure(
        id=f"assumption:{name}",
        value=float(item.default),
        low=float(item.low),
        high=float(item.high),
        unit=unit,
        year=None,
        kind="judged",
        sources=(MARKET_SOURCES_KEY,),
    )


def _instead(case: Case, name: str, places: Sequence[str]) -> Finding | None:
    """The milder course that history shows more often: licences."""
    try:
        answer = cut_off("licence", name, case.year, case.against, places)
    except MarketError:
        return None
    writer = _Writer(answer, name, "licence")
    return Finding(
        f"{material_label(name)} under licences instead, with exports back after {{0}} to {{1}} of "
        f"before: the price outside would peak at {{2}} and stand at {{3}} a year on; "
        f"{with_article(place_label(case.buyer))} would lose {{4}} of its use in the first year.",
        (
            _assumed("licence_delay", "months"),
            _assumed("licence_share", "share"),
            writer.number("price_outside_peak", OUTSIDE),
            writer.number("price_outside_later", OUTSIDE),
            writer.number("use_lost_year", case.buyer),
        ),
    )


def _finding(case: Case, one: CutOff) -> Finding:
    """The sentence of page 1; where users are priced out, it says whose number the price is."""
    lost = one.short[0].first_year
    head = (
        f"If {case.against_name} stopped all exports of {one.material.lower()}, "
        f"{case.buyer_name} would lose {{0}} of its use in the first year"
    )
    if one.first_year.value is not None and priced_out(one.first_year.value):
        tail = f"; buyers outside would bid until users give up, at {{1}} the price of {case.year} "
        return Finding(f"{head}{tail}by our assumption.", (lost, one.first_year))
    tail = f"; the price outside {case.against_name} would be {{1}} that of {case.year}."
    return Finding(head + tail, (lost, one.first_year))
