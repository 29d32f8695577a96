"""Our table of hazards: counted from the dated catalogue of export controls.

A coin that fell heads 9 times in 50 throws is heads with about 0.18. In the same way we count, for
supplier-material pairs in each of four states, how many new restrictions began and how many
pair-years there were for them to begin in. What cannot be counted (how deep, how long) is judged,
with a band.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from lodestone.risk.hazard import IN_FORCE, NEVER_USED, USED_ELSEWHERE, USED_HERE, Hazard
from lodestone.terms import attribute

#: The catalogue is complete enough from here on; `RECENT` years carry the central value.
FIRST_DAY, RECENT = date(2010, 1, 1), 5.0
_YEAR = 365.25
#: A never-used supplier's rate at the worst and best governance, in means of its class.
_WORST, _BEST = 2.0, 0.25


@dataclass(frozen=True)
class Restriction:
    """A restriction of exports, or a disruption, that began.

    Attributes
    ----------
    supplier, material : a pair
    begun : first day; ended : last day, or None while in force or suspended
    suspended_until : last day of a suspension, or None
    event : id or words of the source
    """

    supplier: str
    material: str
    begun: date
    ended: date | None
    suspended_until: date | None
    event: str


@dataclass(frozen=True)
class CountedRate:
    """Restrictions begun per pair and year in one state.

    Attributes
    ----------
    begun, pair_years : counted over `RECENT` years; all_begun, all_pair_years : since `FIRST_DAY`
    low, central, high : per year; low is the 5th percentile of the long count's posterior, central
        the recent count's mean, high its 95th percentile (Jeffreys prior: gamma of count + 1/2)
    """

    evidence: str
    begun: int
    pair_years: float
    all_begun: int
    all_pair_years: float
    low: float
    central: float
    high: float


def counted_rates(
    pairs: Sequence[tuple[str, str]], restrictions: Sequence[Restriction], as_of: date
) -> dict[str, CountedRate]:
    """How often restrictions began, by what the pair's supplier had done before.

    Parameters
    ----------
    pairs : (supplier, material) at risk
    restrictions : any order; those of other pairs are left out
    as_of : last day counted
    """
    histories = _histories(pairs, restrictions, as_of)
    supplier_first = _first_use(restrictions)
    recent_day = date.fromordinal(as_of.toordinal() - round(RECENT * _YEAR))
    long = _count(histories, supplier_first, FIRST_DAY, as_of)
    recent = _count(histories, supplier_first, max(recent_day, FIRST_DAY), as_of)
    return {
        evidence: _rate(evidence, *recent[evidence], *long[evidence])
        for evidence in (IN_FORCE, USED_HERE, USED_ELSEWHERE, NEVER_USED)
    }


def hazards(
    pairs: Sequence[tuple[str, str]],
    restrictions: Sequence[Restriction],
    governance: Mapping[str, float],
    as_of: date,
    at_risk: Sequence[tuple[str, str]] | None = None,
) -> list[Hazard]:
    """Our hazard of every pair.

    Parameters
    ----------
    at_risk : pairs that rates are counted over; `pairs` if left out
    governance : supplier -> World Bank estimate, about -2.5 (worst) to 2.5 (best); a place without
        one counts as middling
    """
    everybody = pairs if at_risk is None else at_risk
    rates = counted_rates(everybody, restrictions, as_of)
    histories = _histories(pairs, restrictions, as_of)
    supplier_first = _first_use(restrictions)
    depth, span = attribute("cut_severity"), attribute("cut_months")
    scale = _mean_scale(everybody, governance, supplier_first, as_of)
    found = []
    for pair in pairs:
        evidence, reason = _evidence(pair, histories[pair], supplier_first, as_of)
        rate, factor = rates[evidence], 1.0
        if evidence == NEVER_USED:
            estimate = governance.get(pair[0])
            factor = governance_factor(estimate) / scale
            reason += (
                f"; governance {estimate:+.2f}: {factor:.2f} times the mean of such suppliers"
                if estimate is not None
                else "; governance unknown: taken as middling"
            )
        counted = (
            f"{reason}; counted: {rate.begun} begun in {rate.pair_years:.0f} pair-years "
            f"of {RECENT:.0f} years, {rate.all_begun} in {rate.all_pair_years:.0f} "
            f"since {FIRST_DAY.year}"
        )
        found.append(
            Hazard(
                supplier=pair[0],
                material=pair[1],
                probability=_probability(rate.central * factor),
                probability_low=_probability(rate.low * factor),
                probability_high=_probability(rate.high * factor),
                severity=float(depth.default),
                severity_low=float(depth.low),
                severity_high=float(depth.high),
                months=float(span.default),
                months_low=float(span.low),
                months_high=float(span.high),
                evidence=evidence,
                reason=counted,
            )
        )
    return found


def governance_factor(estimate: float | None) -> float:
    """How much likelier a place cuts that never did, by its governance: judged, 0.25 to 2."""
    if estimate is None:
        return (_WORST * _BEST) ** 0.5
    badness = min(max((2.5 - estimate) / 5.0, 0.0), 1.0)
    return float(_BEST * (_WORST / _BEST) ** badness)


def _mean_scale(
    pairs: Sequence[tuple[str, str]],
    governance: Mapping[str, float],
    supplier_first: Mapping[str, date],
    as_of: date,
) -> float:
    """Mean factor of the pairs of never-users, so that the class keeps its counted rate."""
    never = [s for s, _ in pairs if not _used_before(supplier_first, s, as_of)]
    factors = [governance_factor(governance.get(s)) for s in never]
    return sum(factors) / len(factors) if factors else 1.0


def _probability(rate: float) -> float:
    """That at least one begins within a year."""
    return 1.0 - math.exp(-rate)


def _histories(
    pairs: Sequence[tuple[str, str]], restrictions: Sequence[Restriction], as_of: date
) -> dict[tuple[str, str], list[Restriction]]:
    found: dict[tuple[str, str], list[Restriction]] = {pair: [] for pair in pairs}
    for r in sorted(restrictions, key=lambda r: (r.begun, r.event)):
        if (r.supplier, r.material) in found and r.begun <= as_of:
            found[(r.supplier, r.material)].append(r)
    return found


def _first_use(restrictions: Sequence[Restriction]) -> dict[str, date]:
    first: dict[str, date] = {}
    for r in restrictions:
        first[r.supplier] = min(first.get(r.supplier, r.begun), r.begun)
    return first


def _used_before(supplier_first: Mapping[str, date], supplier: str, day: date) -> bool:
    begun = supplier_first.get(supplier)
    return begun is not None and begun < day


def _state(
    history: Sequence[Restriction], supplier_first: Mapping[str, date], supplier: str, day: date
) -> str:
    """State of a pair at the start of a day, before anything that begins on it."""
    earlier = [r for r in history if r.begun < day]
    if any(r.ended is None or r.ended >= day for r in earlier):
        return IN_FORCE
    if earlier:
        return USED_HERE
    return USED_ELSEWHERE if _used_before(supplier_first, supplier, day) else NEVER_USED


def _count(
    histories: Mapping[tuple[str, str], Sequence[Restriction]],
    supplier_first: Mapping[str, date],
    start: date,
    end: date,
) -> dict[str, tuple[int, float]]:
    """(begun, pair-years) in each state between two days."""
    begun = dict.fromkeys((IN_FORCE, USED_HERE, USED_ELSEWHERE, NEVER_USED), 0)
    years = dict.fromkeys(begun, 0.0)
    for (supplier, _), history in histories.items():
        for day in {r.begun for r in history if start <= r.begun <= end}:
            begun[_state(history, supplier_first, supplier, day)] += 1
        turns = {start, end}
        for r in history:
            turns |= {_next(r.begun)} | ({_next(r.ended)} if r.ended else set())
        if supplier in supplier_first:
            turns.add(_next(supplier_first[supplier]))
        days = sorted(d for d in turns if start <= d <= end)
        for a, b in pairwise(days):
            state = _state(history, supplier_first, supplier, a)
            years[state] += (b.toordinal() - a.toordinal()) / _YEAR
    return {state: (begun[state], years[state]) for state in begun}


def _next(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _rate(evidence: str, begun: int, years: float, all_begun: int, all_years: float) -> CountedRate:
    from scipy.stats import gamma

    # a state that no pair was in has no count: the prior alone would be unbounded
    recent, long = max(years, 1.0), max(all_years, 1.0)
    central = (begun + 0.5) / recent
    low = min(float(gamma.ppf(0.05, all_begun + 0.5)) / long, central)
    high = max(float(gamma.ppf(0.95, begun + 0.5)) / recent, central)
    return CountedRate(evidence, begun, years, all_begun, all_years, low, central, high)


def _evidence(
    pair: tuple[str, str],
    history: Sequence[Restriction],
    supplier_first: Mapping[str, date],
    as_of: date,
) -> tuple[str, str]:
    state = _state(history, supplier_first, pair[0], _next(as_of))
    if state in (IN_FORCE, USED_HERE):
        last = history[-1]
        until = last.suspended_until
        held = ""
        if until is not None:
            held = (
                f", suspended until {until}"
                if until >= as_of
                else f", suspension expired on {until}: check"
            )
        return state, f"{state}: {last.event} since {last.begun}{held}"
    if state == USED_ELSEWHERE:
        return state, f"{pair[0]} has restricted other materials since {supplier_first[pair[0]]}"
    return state, f"{pair[0]} is in no entry of the catalogue"
