"""Scenarios that matter to a company: its suppliers' stops and the ready scenarios, in money and months.

The question is that of `brief_cutoffs`: one country stops all exports of one material to everybody
from the January after the year of the data. What the company meets is read off the market of its
place: the price that buyers there pay at the stage at which it buys, and the part of their use
that they go without.

cost = value of the line x sum over months of (price - 1) / 12: what as much as before costs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.chain.from_account import stage_grade
from lodestone.desk.brief_cutoffs import MARKET_SOURCES_KEY, priced_out
from lodestone.desk.brief_labels import place_label
from lodestone.desk.brief_losses import LOSSES_SOURCES_KEY
from lodestone.desk.brief_rows import CHAIN_SOURCES_KEY
from lodestone.desk.dossier_case import BILL_SOURCES_KEY, CaseLine, DossierCase
from lodestone.desk.dossier_factors import hit
from lodestone.desk.dossier_sourcing import Sourcing
from lodestone.desk.group_shortages import counted_in_group
from lodestone.desk.loss_surfaces import SEVERITIES
from lodestone.report.brief_content import Figure
from lodestone.report.dossier_content import ReadyScenario, Stop
from lodestone.terms import attribute
from lodestone.terms.errors import MarketError, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from lodestone.chain.edits import Edits
    from lodestone.market.path import Path
    from lodestone.risk.hazard import Hazard

    Floats = NDArray[np.float64]

#: Suppliers whose stop is walked for each line, and the least share of the line that they touch.
MOST_SUPPLIERS, LEAST_HIT = 2, 0.1
_DAYS = 365.0
_SOURCES = (CHAIN_SOURCES_KEY, MARKET_SOURCES_KEY, BILL_SOURCES_KEY)


@dataclass(frozen=True)
class CompanyReading:
    """What a company at a stage and place reads off a path, per unit of what it buys in a year.

    Attributes
    ----------
    members : its place; stage : index in the chain; suppliers : who restricts
    """

    members: tuple[str, ...]
    stage: int
    suppliers: tuple[str, ...]

    def __call__(self, path: Path) -> dict[str, Floats]:
        """Price and shortage by month, and what follows from them."""
        from lodestone.market.outcome import RECOVERED_SHORT, place_months

        seen = place_months(path, self.stage, self.members, self.suppliers)
        if seen is None:  # its place buys none at this stage: everybody abroad stands for it
            abroad = tuple(p for p in path.market.places if p not in self.suppliers)
            seen = place_months(path, self.stage, abroad, self.suppliers)
        if seen is None:
            nothing = np.full(path.months, np.nan)
            price, short = nothing, nothing
        else:
            price = np.asarray(seen.price)
            short = _missing_part(path, self.stage, seen)
        return {
            "price": price,
            "short": short,
            "costs": np.cumsum(price - 1.0) / 12.0,
            "cost": np.array([(price - 1.0).sum() / 12.0]),
            "months": np.array([float((short > RECOVERED_SHORT).sum())]),
            "missing": np.array([short.sum() / 12.0]),
        }


def _missing_part(path: Path, stage: int, seen: Any) -> Floats:
    """(T,) part of what is wanted that is missing; of purchases where nothing is used directly."""
    if seen.wanted.max() > 0.0:
        return np.asarray(np.nan_to_num(seen.short_share))
    at_rest = float(seen.bought[0]) if seen.bought.size else 0.0
    return np.asarray(np.clip(1.0 - seen.bought / max(at_rest, 1e-300), 0.0, 1.0))


@dataclass(frozen=True)
class Walked:
    """One supplier's stop of one line: numbers with bands, and costs by depth and month.

    Attributes
    ----------
    series : name -> (value, low, high), per unit bought a year
    surface : (S + 1, T + 1) cumulative cost by severity and month, per unit of value
    """

    supplier: str
    series: Mapping[str, tuple[Floats, Floats, Floats]]
    surface: Floats


def walked_stops(case: DossierCase, sourcing: Sourcing) -> list[Walked]:
    """Stops of the suppliers that touch most of a line, the largest first.

    Raises
    ------
    MarketError
        A month that cannot be proved.
    """
    found = []
    for n, code in enumerate(_suppliers(case, sourcing)):
        draws = case.draws if n == 0 else 0
        found.append(
            _walked(
                case.there.content_hash,
                case.year,
                sourcing.line.material,
                code,
                sourcing.line.position,
                case.members,
                case.months,
                draws,
            )
        )
    return found


def _suppliers(case: DossierCase, sourcing: Sourcing) -> list[str]:
    """Whose stop matters: countries outside the home market that export it, by what they touch."""
    name = sourcing.line.material
    exporters = {code for _, _, code, _ in _cells(case.year, name)}
    touched = {code: hit(sourcing, code).value or 0.0 for code in exporters - case.home}
    order = sorted(touched, key=lambda code: (-touched[code], code))
    chosen = [c for c in order[:MOST_SUPPLIERS] if touched[c] >= LEAST_HIT]
    if case.against is not None and case.against in exporters and case.against not in chosen:
        chosen.append(case.against)
    return chosen


@lru_cache(maxsize=256)
def _cells(year: int, name: str) -> tuple[tuple[str, str, str, float], ...]:
    from lodestone.desk.studying import supplier_cells
    from lodestone.desk.worlds import world

    return tuple(supplier_cells(world(year), (name,)))


@lru_cache(maxsize=256)
def _walked(
    release: str,
    year: int,
    name: str,
    supplier: str,
    stage: int,
    members: tuple[str, ...],
    months: int,
    draws: int,
) -> Walked:
    from lodestone.desk.study_work import hit_edits, market_at_rest
    from lodestone.desk.worlds import world
    from lodestone.market.band import banded_walk
    from lodestone.market.path import walk

    there, base = world(year), market_at_rest(year, name)
    read = CompanyReading(members, stage, (supplier,))
    surface = np.zeros((len(SEVERITIES) + 1, months + 1))
    edits: dict[float, Edits] = {}
    for severity in SEVERITIES:
        wanted = {"material": name, "severity": severity, "begins": 0, "lasts": months}
        edits[severity] = hit_edits(year, supplier, wanted, months)
    for k, severity in enumerate(SEVERITIES[:-1], start=1):
        path = walk(there, edits[severity], baseline=base, keep_flows=True)
        surface[k, 1:] = read(path)["costs"]
    full = banded_walk(there, edits[SEVERITIES[-1]], read, count=draws, seed=0)
    surface[-1, 1:] = full.series["costs"].value
    series = {n: (b.value, b.low, b.high) for n, b in full.series.items()}
    return Walked(supplier, series, surface)


# --- as it is printed ----------------------------------------------------------------------


def stops(case: DossierCase, lines: Sequence[Sourcing]) -> tuple[tuple[Stop, ...], list[str]]:
    """Every walked stop, the largest expected cost first, and materials without a proved answer."""
    pairs: list[tuple[Sourcing, Walked]] = []
    unproved: list[str] = []
    for sourcing in lines:
        try:
            pairs += [(sourcing, one) for one in walked_stops(case, sourcing)]
        except MarketError:
            unproved.append(case.label(sourcing.line))
    held = _hazards(case, [(one.supplier, s.line.material) for s, one in pairs])
    expected = _expected(pairs, held)
    rows = [
        _stop(case, sourcing, one, hazard, cost)
        for (sourcing, one), hazard, cost in zip(pairs, held, expected, strict=True)
    ]
    rows.sort(
        key=lambda r: (
            -(r.expected.value or 0.0),
            -(r.hit.value or 0.0),
            r.label,
            r.supplier_code,
        )
    )
    return tuple(rows), unproved


def _hazards(case: DossierCase, pairs: Sequence[tuple[str, str]]) -> list[Hazard]:
    """Our hazards of the pairs, counted over every pair of the world as in `risk`."""
    from lodestone.desk.hazard_inputs import hazard_table

    if not pairs:
        return []
    found = hazard_table(list(dict.fromkeys(pairs)), _at_risk(case.year), case.as_of)
    by_pair = {h.pair: h for h in found}
    return [by_pair[pair] for pair in pairs]


@lru_cache(maxsize=4)
def _at_risk(year: int) -> tuple[tuple[str, str], ...]:
    from lodestone.desk.studying import supplier_cells
    from lodestone.desk.worlds import world

    pairs = dict.fromkeys((code, name) for name, _, code, _ in supplier_cells(world(year)))
    names = {name for _, name in pairs}
    return tuple(pair for pair in pairs if not counted_in_group(pair[1], names))


def _expected(
    pairs: Sequence[tuple[Sourcing, Walked]], held: Sequence[Hazard]
) -> list[float | None]:
    """Chance times cost of each pair, USD a year; None where the line has no known value."""
    from lodestone.risk.loss_surface import LossSurface
    from lodestone.risk.sampling import chances, expected

    known = [
        k
        for k, (s, one) in enumerate(pairs)
        if s.line.value is not None and np.isfinite(one.surface).all()
    ]
    out: list[float | None] = [None] * len(pairs)
    if not known:
        return out
    stack = np.stack([(pairs[k][0].line.value or 0.0) * pairs[k][1].surface for k in known])
    surface = LossSurface(np.array([0.0, *SEVERITIES]), stack[None, :, :, :])
    c = chances([held[k] for k in known], float(attribute("cut_correlation").default))
    for k, value in zip(known, expected(c, surface)[0], strict=True):
        out[k] = float(value)
    return out


def _stop(
    case: DossierCase, sourcing: Sourcing, one: Walked, hazard: Hazard, cost: float | None
) -> Stop:
    line = sourcing.line
    figures = _Figures(case, line, one)
    touched = hit(sourcing, one.supplier)
    odds = hazard.probability
    scale = [
        1.0 if odds <= 0.0 else p / odds for p in (hazard.probability_low, hazard.probability_high)
    ]
    chance = Figure(
        id=f"risk:{line.material}:{case.year}:{one.supplier}:{case.place}:chance",
        value=odds,
        low=hazard.probability_low,
        high=hazard.probability_high,
        unit="share",
        year=case.year,
        kind="modelled",
        sources=(LOSSES_SOURCES_KEY,),
        note=hazard.reason,
    )
    ends = sorted((cost or 0.0) * x for x in scale)
    yearly = Figure(
        id=f"bill:{line.line.row}:{line.material}:{one.supplier}:expected",
        value=cost,
        low=None if cost is None else ends[0],
        high=None if cost is None else ends[1],
        unit="USD",
        year=case.year,
        kind="modelled",
        grade=figures.grade,
        sources=(*_SOURCES, LOSSES_SOURCES_KEY),
        note="" if cost is not None else "value and price are not known",
    )
    return Stop(
        row=line.line.row,
        stage=line.stage,
        material=line.material,
        label=case.label(line),
        supplier=place_label(one.supplier),
        supplier_code=one.supplier,
        hit=touched,
        peak=figures.peak(),
        cost=figures.scaled("cost", "USD", line.value),
        short=figures.months(),
        missing=figures.scaled("missing", "t", line.tonnes),
        lasts=_lasts(case, line, touched, one.supplier),
        chance=chance,
        expected=yearly,
        why=hazard.evidence,
        note=figures.note,
    )


class _Figures:
    """Turns the numbers of one walk into figures."""

    def __init__(self, case: DossierCase, line: CaseLine, one: Walked, scenario: str = "") -> None:
        self.case, self.line, self.one = case, line, one
        self.scenario = scenario
        self.grade: Any = stage_grade(line.chain.stage(line.stage))

    def peak(self) -> Figure:
        """Highest price of the path, with the band of its month."""
        value, low, high = self.one.series["price"]
        t = 0 if np.isnan(value).all() else int(np.nanargmax(value))
        id = self._id(f"price@{t:02d}")
        return self._figure(id, value[t], low[t], high[t], "ratio", f"month {t + 1}")

    def months(self) -> Figure:
        """Months in which buyers of the place go short."""
        value, low, high = (float(x[0]) for x in self.one.series["months"])
        return self._figure(self._own("months_short"), value, low, high, "months", "")

    def scaled(self, name: str, unit: str, by: float | None) -> Figure:
        """A number per unit bought, times what the company buys."""
        value, low, high = (
            float(x[0]) * (np.nan if by is None else by) for x in self.one.series[name]
        )
        note = "" if by is not None else "quantity or price is not known"
        return self._figure(self._own(name), value, low, high, unit, note)

    @property
    def note(self) -> str:
        """What to beware of."""
        value = self.one.series["price"][0]
        beyond = int(sum(priced_out(float(x)) for x in value if np.isfinite(x)))
        return f"price set by the assumed choke in {beyond} months" if beyond else ""

    def _id(self, what: str) -> str:
        """Id of the cut-off that it is read off, where that is read at the same stage."""
        from lodestone.desk.study_work import market_at_rest

        market = market_at_rest(self.case.year, self.line.material)
        used = [market.use[market.buyers_of(s)].sum() for s in range(len(market.stages))]
        same = int(np.argmax(used)) == self.line.position and self.case.months == _explained()
        if self.scenario or not same:
            return self._own(what)
        m, y = self.line.material, self.case.year
        return f"cutoff:ban:{m}:{y}:{self.one.supplier}:{self.case.place}:{what}"

    def _own(self, what: str) -> str:
        of = self.scenario or self.one.supplier
        return f"bill:{self.line.line.row}:{self.line.material}:{of}:{what}"

    def _figure(
        self, id: str, value: float, low: float, high: float, unit: str, note: str
    ) -> Figure:
        ends = [None if not np.isfinite(x) else float(x) for x in (low, value, high)]
        banded = ends[0] != ends[2]
        return Figure(
            id=id,
            value=ends[1],
            low=ends[0] if banded else None,
            high=ends[2] if banded else None,
            unit=unit,
            year=self.case.year,
            kind="modelled",
            grade=self.grade,
            sources=_SOURCES,
            note=note,
        )


def _explained() -> int:
    from lodestone.desk.brief_cutoffs import MONTHS

    return MONTHS


def _lasts(case: DossierCase, line: CaseLine, touched: Figure, supplier: str) -> Figure:
    """Days that the stock lasts if nobody replaces what came from or through the supplier."""
    known = line.stock is not None and bool(line.tonnes)
    shares = (touched.high, touched.value, touched.low)

    def days(share: float | None) -> float | None:
        if not known or not share:
            return None
        return _DAYS * (line.stock or 0.0) / ((line.tonnes or 0.0) * share)

    low, value, high = (days(share) for share in shares)
    low, high = (None, None) if touched.low is None else (low, high)
    return Figure(
        id=f"bill:{line.line.row}:{line.material}:{supplier}:lasts",
        value=value,
        low=low,
        high=high if low is not None else None,
        unit="days",
        year=case.year,
        kind="modelled",
        sources=(BILL_SOURCES_KEY, CHAIN_SOURCES_KEY),
        note="" if known else "the bill states no stock",
    )


def ready_scenarios(case: DossierCase, lines: Sequence[Sourcing]) -> tuple[ReadyScenario, ...]:
    """Ready scenarios that touch a line, asked of this world; central answers, largest cost first.

    Their measures are kept; the world is that of the dossier, not that of the scenario's own year.
    A scenario that does not fit this world, or has no proved answer in it, is left out.
    """
    from lodestone.chain.apply import apply
    from lodestone.chain.scenario_library import ready_scenario, scenario_names

    names = {s.line.material for s in lines}
    found = []
    for name in scenario_names():
        asked = replace(ready_scenario(name), year=case.year, months=case.months)
        if not _touches(asked, names):
            continue
        try:
            edits = apply(case.there, asked)
        except RequestError:
            continue
        for sourcing in lines:
            if sourcing.line.material not in edits:
                continue
            one = _ready(case, sourcing, name, edits[sourcing.line.material])
            if one is not None:
                found.append((asked.title or name, one))
    rows = [
        ReadyScenario(
            stage=f.line.stage,
            material=f.line.material,
            label=case.label(f.line),
            name=f.scenario,
            title=title,
            peak=f.peak(),
            cost=f.scaled("cost", "USD", f.line.value),
            short=f.months(),
        )
        for title, f in found
    ]
    return tuple(sorted(rows, key=lambda r: (-(r.cost.value or 0.0), r.label, r.name)))


def _touches(scenario: Any, names: set[str]) -> bool:
    from lodestone.desk.hazard_inputs import named_materials

    return any(
        names & set(named_materials(word)) for m in scenario.measures for word in m.materials
    )


def _ready(case: DossierCase, sourcing: Sourcing, name: str, edits: Edits) -> _Figures | None:
    from lodestone.desk.study_work import market_at_rest
    from lodestone.market.path import walk

    line = sourcing.line
    base = market_at_rest(case.year, line.material)
    try:
        path = walk(case.there, edits, baseline=base, keep_flows=True)
    except MarketError:
        return None
    series = CompanyReading(case.members, line.position, edits.suppliers)(path)
    one = Walked(name, {k: (v, v, v) for k, v in series.items()}, np.zeros((0, 0)))
    return _Figures(case, line, one, scenario=name)
