"""What cut-offs cost the place of a brief, in sectors and GDP, and what to worry about first.

Ids: `loss:material:year:supplier:place:what` (what: `central`, `gdp`) is a year's full stop;
`risk:material:year:supplier:place:what` (what: `expected`, `chance`) is likelihood times loss, with
our hazards as of the day of the release.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lodestone.desk.brief_labels import material_label, place_label
from lodestone.desk.library import library
from lodestone.desk.loss_surfaces import CENTRAL, HIGH, PRICE
from lodestone.report.brief_content import Figure, Finding, LossRow, RiskRow
from lodestone.terms import group_members
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.briefing import Case
    from lodestone.desk.losing import Cut
    from lodestone.desk.risking import Weighed
    from lodestone.economy.losses import Loss
    from lodestone.economy.table import EconomyTable

LOSSES_SOURCES_KEY = "losses"
#: A year's full stop.
MONTHS = 12
_LOSSES, _RISKS, _SECTORS = 6, 8, 1
_MILLION = 1e6
#: Words for what a chance rests on, short enough for a column.
_WHY = {
    "control in force": "control in force",
    "used on this material": "used on it before",
    "used on other materials": "used on others",
    "never used": "never used",
    "user": "your table",
}


@dataclass(frozen=True)
class EconomyPart:
    """What a brief says of sectors, GDP and likelihood.

    Attributes
    ----------
    table_source : id of the source of the input-output table; empty where there is none
    """

    losses: tuple[LossRow, ...] = ()
    risks: tuple[RiskRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    table_source: str = ""


def economy_part(case: Case) -> EconomyPart:
    """Losses from a year's stop by the brief's supplier, and the ranking over all suppliers."""
    try:
        table, found = stops(case.buyer, case.year, case.against)
    except RequestError:  # no input-output table of this place: the brief says so
        return EconomyPart()
    worst = [(cut, loss) for cut, loss in found if _counts(cut, loss)][:_LOSSES]
    losses = tuple(_loss_row(case, cut, loss) for cut, loss in worst)
    risks = tuple(_risk_rows(case))
    return EconomyPart(losses, risks, tuple(_findings(case, losses, risks)), table.source)


@lru_cache(maxsize=4)
def stops(place: str, year: int, supplier: str) -> tuple[EconomyTable, list[tuple[Cut, Loss]]]:
    """A year's full stop of everything a supplier sells, and what each costs a place."""
    from lodestone.desk.assess_buyer import buyer
    from lodestone.desk.economies import economy
    from lodestone.desk.exposures import exposures
    from lodestone.desk.losing import cuts_of, ranked_losses
    from lodestone.economy.losses import programs

    who = buyer(place, year)
    table = economy(who.id, year)
    cuts = cuts_of(who.id, year, MONTHS, [1.0], suppliers=[supplier])
    exposed = exposures(who.id, year)
    return table, ranked_losses(table, exposed, cuts[1.0], who.members, programs(table))


def weighed(place: str, year: int) -> Weighed:
    """Likelihood times loss of every supplier and material for a place, as of the release."""
    from lodestone.desk.briefing import RELEASE_DATE
    from lodestone.desk.weighed_losses import weighed_losses

    return weighed_losses(place, year, date.fromisoformat(RELEASE_DATE))


def loss_numbers(table: EconomyTable, loss: Loss) -> tuple[float, float, float | None]:
    """Central, low and high of a loss in USD; the low end is never above the central."""
    high = None if loss.high is None else loss.high * _MILLION
    return loss.central * _MILLION, min(loss.low, loss.central) * _MILLION, high


def _counts(cut: Cut, loss: Loss) -> bool:
    """Whether a row says something: a loss in money, not an element counted in its group."""
    known = loss.central == loss.central and loss.price_cost == loss.price_cost
    return known and not loss.too_deep and cut.material not in group_members("rare_earths")


def _loss_row(case: Case, cut: Cut, loss: Loss) -> LossRow:
    from lodestone.desk.losing import leading_sectors

    central, low, high = loss_numbers(loss.table, loss)
    gdp = loss.table.gdp * _MILLION * loss.months / 12.0
    names = [short_sector(loss.table.names[k]) for k in leading_sectors(loss, _SECTORS)]
    label = f"{cut.material}:{case.year}:{cut.supplier}:{case.buyer}"
    note = loss.beyond or ""
    return LossRow(
        material=material_label(cut.material),
        loss=_figure(f"loss:{label}:central", central, low, high, "USD", case.year, note),
        share=_figure(f"loss:{label}:gdp", central / gdp, None, None, "share", case.year, note),
        sectors="; ".join(names),
    )


def short_sector(name: str) -> str:
    """An official name of a sector, short enough for a column."""
    short = name.replace(" manufacturing", "").replace(", nec", "")
    short = short.split(", except")[0].split(" (")[0]
    return short if len(short) <= 44 else short[:42].rsplit(" ", 1)[0] + " …"


def _risk_rows(case: Case) -> list[RiskRow]:
    import numpy as np

    w = weighed(case.buyer, case.year)
    order = np.argsort(-w.mean[CENTRAL], kind="stable")[:_RISKS]
    rows = []
    for p in (int(k) for k in order):
        h = w.hazards[p]
        label = f"{h.material}:{case.year}:{h.supplier}:{case.buyer}"
        value, low, high = risk_numbers(w, p)
        rows.append(
            RiskRow(
                material=material_label(h.material),
                supplier=place_label(h.supplier),
                expected=_figure(f"risk:{label}:expected", value, low, high, "USD", case.year),
                chance=_figure(
                    f"risk:{label}:chance",
                    h.probability,
                    h.probability_low,
                    h.probability_high,
                    "share",
                    case.year,
                    h.reason,
                ),
                why=_WHY.get(h.evidence, h.evidence),
            )
        )
    return rows


def risk_numbers(w: Weighed, pair: int) -> tuple[float, float, float]:
    """Expected loss of a pair in USD, from the price cost to the high judgement."""
    value = float(w.mean[CENTRAL, pair])
    low = min(float(w.mean[PRICE, pair]), value)
    return value * _MILLION, low * _MILLION, float(w.mean[HIGH, pair]) * _MILLION


def _findings(case: Case, losses: Sequence[LossRow], risks: Sequence[RiskRow]) -> list[Finding]:
    found = []
    if losses:
        one = losses[0]
        sectors = f", first in {one.sectors.split('; ')[0].lower()}" if one.sectors else ""
        found.append(
            Finding(
                f"The costliest stop by {case.against_name} is that of {one.material.lower()}: {{0}} "
                f"in a year, {{1}} of GDP{sectors}.",
                (one.loss, one.share),
            )
        )
    if risks:
        one_risk = risks[0]
        found.append(
            Finding(
                f"Weighed by how likely it is, {one_risk.material.lower()} from "
                f"{one_risk.supplier} comes first of all suppliers: {{0}} a year, at a chance "
                "of {1}.",
                (one_risk.expected, one_risk.chance),
            )
        )
    return found


def _figure(
    id: str,
    value: float,
    low: float | None,
    high: float | None,
    unit: str,
    year: int,
    note: str = "",
) -> Figure:
    return Figure(
        id=id,
        value=value + 0.0,
        low=low,
        high=high,
        unit=unit,
        year=year,
        kind="modelled",
        sources=(LOSSES_SOURCES_KEY,),
        note=note,
    )


def explained(kind: str, labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows behind an id of this module: the number, the uses it rests on, the assumptions.

    Raises
    ------
    RequestError
        Labels without a number, saying which there are.
    """
    name, year, supplier, place, what = labels
    if not year.isdecimal():
        raise RequestError(f"{year!r} is not a year")
    when = library().year(int(year))
    if kind == "risk":
        return _risk_explained(name, when, supplier, place, what)
    return _loss_explained(name, when, supplier, place, what)


def _loss_explained(
    name: str, year: int, supplier: str, place: str, what: str
) -> list[dict[str, Any]]:
    from lodestone.desk.exposures import exposures
    from lodestone.desk.losing import assumption_rows
    from lodestone.economy.exposure import cost_shares

    table, found = stops(place, year, supplier)
    pick = [(cut, loss) for cut, loss in found if cut.material == name]
    if not pick:
        raise RequestError(
            f"{supplier} supplies no more than 1 % of {name}, or all of it to itself"
        )
    cut, loss = pick[0]
    central, low, high = loss_numbers(table, loss)
    if what not in ("central", "gdp"):
        raise RequestError(f"unknown number {what!r}: one of central, gdp")
    over = table.gdp * _MILLION if what == "gdp" else 1.0
    rows: list[dict[str, Any]] = [
        {
            "level": "number",
            "what": f"what a year's full stop of {name} by {supplier} costs {place}, {year}",
            "value": central / over,
            "low": low / over,
            "high": None if high is None else high / over,
            "unit": "share of GDP" if what == "gdp" else "USD",
            "kind": "modelled",
            "note": loss.beyond or "low: price cost; high: largest GDP still possible",
        },
        _part("use missing, mean of the year", float(cut.missing.mean()), "share"),
        _part("spend on the material in a normal year", cut.spend, "USD"),
        _part("price cost of the year", float(cut.price_cost.sum()), "USD"),
        _part("value added of what cannot be made", loss.direct[1] * _MILLION, "USD"),
        _part("the same with suppliers who lose orders", loss.economy[1] * _MILLION, "USD"),
    ]
    exposed = exposures(place, year).get(name)
    if exposed is not None:
        alpha = cost_shares(table, exposed, cut.spend / _MILLION)[1]
        for k, part in enumerate(exposed.parts):
            rows.append(
                {
                    "level": "part",
                    "what": f"exposure phi: {part.label} in {part.industry}",
                    "value": part.phi[1],
                    "low": part.phi[0],
                    "high": part.phi[2],
                    "unit": "share of the sector's output",
                    "kind": "judged",
                    "note": f"{part.basis}; {part.spend_share:.1%} of the spend, cost share "
                    f"{alpha[k]:.2g}",
                }
            )
    rows += [
        {
            "level": "part",
            "id": f"assumption:{r['assumption']}" if "value" in r else None,
            "what": r["what"],
            "value": r.get("value"),
            "low": r.get("low"),
            "high": r.get("high"),
            "unit": r.get("unit"),
            "kind": "judged" if "value" in r else "reported",
            "note": r["source"],
        }
        for r in assumption_rows(table)
    ]
    return rows


def _risk_explained(
    name: str, year: int, supplier: str, place: str, what: str
) -> list[dict[str, Any]]:
    w = weighed(place, year)
    if (supplier, name) not in w.chances.pairs:
        raise RequestError(f"no hazard of {supplier} and {name}: no pair of more than 1 %")
    p = w.chances.pairs.index((supplier, name))
    h = w.hazards[p]
    value, low, high = risk_numbers(w, p)
    chance = {"value": h.probability, "low": h.probability_low, "high": h.probability_high}
    expected = {"value": value, "low": low, "high": high}
    if what not in ("expected", "chance"):
        raise RequestError(f"unknown number {what!r}: one of expected, chance")
    return [
        {
            "level": "number",
            "what": f"{what} of a cut of {name} by {supplier}, for {place}",
            **(expected if what == "expected" else chance),
            "unit": "USD a year" if what == "expected" else "share",
            "kind": "modelled",
            "note": "likelihood times loss" if what == "expected" else h.reason,
        },
        {
            "level": "part",
            "what": "chance that a cut begins within a year",
            **chance,
            "unit": "share",
            "kind": "modelled",
            "note": h.reason,
        },
        _part(
            "share of exports that it withholds",
            h.severity,
            "share",
            h.severity_low,
            h.severity_high,
        ),
        _part("months that it lasts", h.months, "months", h.months_low, h.months_high),
        {
            "level": "part",
            "id": f"loss:{name}:{year}:{supplier}:{place}:central",
            "what": "a year's full stop",
            "value": float(w.found.surface.losses[CENTRAL, p, -1, MONTHS]) * _MILLION,
            "unit": "USD",
            "kind": "modelled",
        },
    ]


def _part(
    what: str, value: float, unit: str, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    known = None if value != value else value
    return {
        "level": "part",
        "what": what,
        "value": known,
        "low": low,
        "high": high,
        "unit": unit,
        "kind": "modelled" if low is None else "judged",
    }
