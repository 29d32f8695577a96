"""What a vault of the brief's place should hold: sixty days of what matters most.

Ids: `vault:material:year:place:what`, what is `avoided`, `cost`, `per_dollar` or `next_day`; `all` as material is
the sum. The vault is a small one: the materials with the largest expected loss for what the place
spends on them, two release rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lodestone.desk.brief_labels import material_label
from lodestone.desk.brief_losses import LOSSES_SOURCES_KEY, weighed
from lodestone.desk.library import library
from lodestone.desk.loss_surfaces import CENTRAL
from lodestone.report.brief_content import Figure, Finding, VaultRow
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.briefing import Case
    from lodestone.desk.vault_contents import Held

DAYS = 60.0
#: Materials of the small vault, and the rules it may release by.
MOST = 6
RULES = ("cover", "supply")
#: A material counts from this share of all expected loss on.
_LEAST = 0.005
_MILLION = 1e6
_WHATS = {
    "avoided": ("expected yearly loss avoided by sixty days", "USD"),
    "cost": ("what sixty days cost to buy, with the rise of prices", "USD"),
    "per_dollar": ("avoided a year for each dollar", "ratio"),
    "next_day": ("what the 61st day would avoid a year", "USD"),
}


@dataclass(frozen=True)
class VaultPart:
    """What a brief says of a vault; empty where nothing can be told."""

    rows: tuple[VaultRow, ...] = ()
    findings: tuple[Finding, ...] = ()


def vault_part(case: Case) -> VaultPart:
    """Rows by material, the best dollar first, and one sentence."""
    try:
        held = sixty_days(case.buyer, case.year)
    except RequestError:  # nothing with a price whose cut costs anything
        return VaultPart()
    ordered = sorted(held, key=lambda h: (-h.band[1] / h.cost, h.option.material))
    rows = tuple(_row(case, h) for h in ordered if h.band[1] > 0.0)
    if not rows:
        return VaultPart()
    cost = _sum(case, held, "cost")
    avoided = _sum(case, held, "avoided")
    names = [material_label(h.option.material).lower() for h in ordered[:2]]
    finding = Finding(
        f"Sixty days of {len(held)} materials would cost {{0}} to buy and keep away {{1}} of expected loss "
        f"a year; the first dollars belong into {' and '.join(names)}.",
        (cost, avoided),
    )
    return VaultPart(rows, (finding,))


@lru_cache(maxsize=4)
def sixty_days(place: str, year: int) -> tuple[Held, ...]:
    """Sixty days of the materials that lose most for what is spent on them.

    Raises
    ------
    RequestError
        A place without an input-output table, or without a material to hold.
    """
    from lodestone.desk.vault_contents import cover_contents
    from lodestone.desk.vault_curves import parts_of, vault_curves
    from lodestone.desk.vault_options import options
    from lodestone.desk.vault_plans import AskedVault, release_day
    from lodestone.vault.vault_file import VaultPlan

    worth: dict[str, float] = {}
    spend: dict[str, float] = {}
    for part in parts_of(place, year):
        w = weighed(part, year)
        for (_, name), value in zip(w.chances.pairs, w.mean[CENTRAL], strict=True):
            worth[name] = worth.get(name, 0.0) + float(value)
        own = {c.material: c.spend for c in w.cuts[1.0] if c.spend > 0.0}
        for name, paid in own.items():
            spend[name] = spend.get(name, 0.0) + paid
    least = _LEAST * sum(worth.values())
    dear = {n: v / spend[n] for n, v in worth.items() if v >= least and n in spend}
    names = tuple(sorted(dear, key=lambda n: (-dear[n], n))[:MOST])
    if not names:
        raise RequestError(f"no cut costs {place} anything we can tell")
    plan = VaultPlan(name="brief", place=place, materials=names, cover_days=DAYS)
    asked = AskedVault(plan, "", year, release_day(), names, {})
    curves = vault_curves(
        place,
        year,
        names,
        RULES,
        span=asked.months("plan_months"),
        fill_months=asked.months("fill_months"),
        as_of=asked.as_of,
    )
    return cover_contents(asked, options(asked, curves)[0])


def _row(case: Case, held: Held) -> VaultRow:
    return VaultRow(
        material=material_label(held.option.material),
        cost=_figure(case, held, "cost"),
        avoided=_figure(case, held, "avoided"),
        per_dollar=_figure(case, held, "per_dollar"),
        next_day=_figure(case, held, "next_day"),
    )


def _figure(case: Case, held: Held, what: str) -> Figure:
    low, value, high = _number(held, what)
    return _printed(
        f"vault:{held.option.material}:{case.year}:{case.buyer}:{what}",
        case,
        what,
        low,
        value,
        high,
    )


def _sum(case: Case, held: tuple[Held, ...], what: str) -> Figure:
    low, value, high = _total(held, what)
    return _printed(f"vault:all:{case.year}:{case.buyer}:{what}", case, what, low, value, high)


def _printed(
    id: str, case: Case, what: str, low: float | None, value: float, high: float | None
) -> Figure:
    return Figure(
        id=id,
        value=value + 0.0,
        low=low,
        high=high,
        unit=_WHATS[what][1],
        year=case.year,
        kind="modelled",
        sources=(LOSSES_SOURCES_KEY,),
    )


def _number(held: Held, what: str) -> tuple[float | None, float, float | None]:
    """Low, value, high of a number of one material, in its unit."""
    low, value, high = held.band
    if what == "avoided":
        return low * _MILLION, value * _MILLION, high * _MILLION
    if what == "cost":
        return None, held.cost * _MILLION, None
    if what == "per_dollar":
        return low / held.cost, value / held.cost, high / held.cost
    further = held.next_day()
    return None, (further[0] if further else 0.0) * _MILLION, None


def _total(held: tuple[Held, ...], what: str) -> tuple[float | None, float, float | None]:
    each = [_number(h, what) for h in held]
    low = [e[0] for e in each if e[0] is not None]
    high = [e[2] for e in each if e[2] is not None]
    return sum(low) if low else None, sum(e[1] for e in each), sum(high) if high else None


def explained(name: str, year: str, place: str, what: str) -> list[dict[str, Any]]:
    """Rows behind an id of this module.

    Raises
    ------
    RequestError
        Labels without a number, saying which there are.
    """
    if what not in _WHATS:
        raise RequestError(f"unknown number {what!r}: one of {', '.join(_WHATS)}")
    held = sixty_days(place, library().year(int(year)))
    mine = {h.option.material: h for h in held}
    if name == "all":
        low, value, high = _total(held, what)
    elif name in mine:
        low, value, high = _number(mine[name], what)
    else:
        raise RequestError(f"no {name} among what matters most: one of {', '.join(mine)}, all")
    words, unit = _WHATS[what]
    number = {
        "level": "number",
        "what": f"{words}: {name}, {place}",
        "value": value,
        "low": low,
        "high": high,
        "unit": unit,
        "kind": "modelled",
        "note": None if name == "all" else f"release rule {mine[name].option.rule}",
    }
    return [number, *(r for h in held if name in ("all", h.option.material) for r in _parts(h))]


def _parts(held: Held) -> list[dict[str, Any]]:
    base = held.option.at(held.option.at_base, held.days)
    forms = "; ".join(f"{t:,.4g} t {s}" for s, t in held.tonnes.items())
    found: list[tuple[str, float, str]] = [
        (f"{held.option.material}: cost of {held.days:.0f} days", held.cost * _MILLION, "USD"),
        (f"{held.option.material}: the same at base prices", base * _MILLION, "USD"),
        (f"{held.option.material}: expected yearly loss avoided", held.band[1] * _MILLION, "USD"),
    ]
    return [
        {"level": "part", "what": w, "value": v, "unit": u, "kind": "modelled", "note": forms}
        for w, v, u in found
    ]
