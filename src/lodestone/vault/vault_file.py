"""Vault files: what a vault is for, what it may hold and on which terms, in TOML.

name = "my_vault"
title = "Sixty days for Japan"
place = "JPN"
materials = ["gallium", "rare_earths", "EU_CRM_2024"]   # all with a chain if left out
budget_usd = 12e9                # or
cover_days = 60                  # or both: the budget is split, the days stand beside it
release = "best"                 # or even, cover, supply

[more_days]                      # other days for some materials
rare_earths = 180

[aims]                           # weights; emergency alone if left out
emergency = 1.0
market_making = 0.0
demand = 0.0

[terms]                          # of the finance; attributes where left out
loan_usd = 10e9
equity_usd = 1.67e9

[[stated]]                       # a material without a chain: bought on a stated supply curve
material = "caesium"
tonnes = 5
usd_per_t = 80e6
market_t = 20
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lodestone import terms
from lodestone.terms.errors import LodestoneError, Problems, RequestError
from lodestone.terms.minerals import materials as listed
from lodestone.terms.minerals import official_lists
from lodestone.vault.release import RULES

BEST = "best"
AIMS = ("emergency", "market_making", "demand")
#: Terms of the finance that a file may state -> lowest and highest.
TERMS: Mapping[str, tuple[float, float]] = {
    "loan_usd": (0.0, 1e13),
    "equity_usd": (0.0, 1e13),
    "loan_months": (1, 240),
    "fill_months": (1, 120),
    "plan_months": (1, 24),
    "interest": (0.0, 1.0),
    "cash_yield": (0.0, 1.0),
    "storage": (0.0, 1.0),
    "insurance": (0.0, 1.0),
    "decay": (0.0, 1.0),
    "entry_fee": (0.0, 1.0),
    "carrying_fee": (0.0, 1.0),
    "committed": (0.0, 1.0),
    "walk_away": (0.0, 1.0),
    "sale_discount": (0.0, 1.0),
    "draw_months": (1, 120),
    "replenish_months": (1, 120),
    "equity_return": (0.0, 1.0),
}
_WHOLE = ("loan_months", "fill_months", "plan_months", "draw_months", "replenish_months")
_REPAYMENT = ("bullet", "level")
_TEXTS = ("name", "title", "about", "place", "release")
_KEYS = (
    *_TEXTS,
    "materials",
    "budget_usd",
    "cover_days",
    "more_days",
    "aims",
    "terms",
    "stated",
)
_STATED = ("material", "tonnes", "usd_per_t", "market_t")
_MOST_BYTES, _MOST_DAYS, _MOST_BUDGET = 1_000_000, 360.0, 1e13


@dataclass(frozen=True)
class Stated:
    """A purchase of a material without a chain.

    Attributes
    ----------
    tonnes : to hold; usd_per_t : price before the purchase; market_t : tonnes a year traded
    """

    material: str
    tonnes: float
    usd_per_t: float
    market_t: float


@dataclass(frozen=True)
class VaultPlan:
    """A vault as it is asked for.

    Attributes
    ----------
    place : who holds it
    materials : ids; empty for all that have a chain
    budget_usd, cover_days : at least one of them
    more_days : material -> other days of cover
    release : `best`, or one of `release.RULES`
    aims : weights of `AIMS`, summing to 1
    terms : of the finance, by name in `TERMS`, and `repayment`
    """

    name: str
    place: str
    title: str = ""
    about: str = ""
    materials: tuple[str, ...] = ()
    budget_usd: float | None = None
    cover_days: float | None = None
    more_days: Mapping[str, float] = field(default_factory=dict)
    release: str = BEST
    aims: Mapping[str, float] = field(default_factory=lambda: {"emergency": 1.0})
    terms: Mapping[str, float | str] = field(default_factory=dict)
    stated: tuple[Stated, ...] = ()


@cache
def preset_names() -> tuple[str, ...]:
    """Names of the vaults that ship, in order."""
    from importlib import resources

    folder = resources.files("lodestone.vault").joinpath("presets")
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in files if n.endswith(".toml")))


def preset_text(name: str) -> str:
    """The file of a preset: a form to copy for one's own."""
    from importlib import resources

    if name not in preset_names():
        raise RequestError(f"no ready vault {name!r}: one of {', '.join(preset_names())}")
    file = resources.files("lodestone.vault").joinpath("presets", f"{name}.toml")
    return file.read_text(encoding="utf-8")


def read_vault(source: Path | str | bytes) -> VaultPlan:
    """Read a vault file.

    Parameters
    ----------
    source : a `Path` is a file to read; text or bytes are its content

    Raises
    ------
    RequestError
        With every problem of the file: where, what, and how to mend it.
    """
    subject = f"vault file {source.name}" if isinstance(source, Path) else "vault"
    table = _parsed(source, subject)
    problems = Problems(subject)
    for key in table:
        if key not in _KEYS:
            problems.add(f"unknown key {key!r}", "top of the file", f"one of {', '.join(_KEYS)}")
    texts = {k: _text(table, k, problems) for k in _TEXTS}
    plan = VaultPlan(
        name=texts["name"],
        title=texts["title"],
        about=texts["about"],
        place=_place(texts["place"], problems),
        materials=_materials(table.get("materials", []), problems),
        budget_usd=_optional(table, "budget_usd", _MOST_BUDGET, problems),
        cover_days=_optional(table, "cover_days", _MOST_DAYS, problems),
        more_days=_more_days(table.get("more_days", {}), problems),
        release=_release(texts["release"], problems),
        aims=_aims(table.get("aims", {}), problems),
        terms=_terms(table.get("terms", {}), problems),
        stated=_stated(table.get("stated", []), problems),
    )
    if not plan.name:
        problems.add("name is missing", "top of the file", 'write name = "my_vault"')
    if plan.budget_usd is None and plan.cover_days is None:
        problems.add("neither budget_usd nor cover_days", "top of the file", "say how much to hold")
    problems.raise_if_any(RequestError)
    return plan


# --- from bytes to a table -------------------------------------------------------------------


def _parsed(source: Path | str | bytes, subject: str) -> dict[str, Any]:
    try:
        data = _bytes(source, subject)
        if len(data) > _MOST_BYTES:
            raise RequestError(
                f"{subject}: larger than {_MOST_BYTES // 1000} kB -> a vault is a page"
            )
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeError:
        raise RequestError(f"{subject}: not UTF-8 text -> save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(
            f"{subject}: broken TOML: {error} -> texts stand in quotes, lists in [ ]"
        ) from None


def _bytes(source: Path | str | bytes, subject: str) -> bytes:
    if isinstance(source, bytes):
        return source
    if isinstance(source, str):
        return source.encode()
    try:
        with source.open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{subject}: cannot be read: {error.strerror}") from None


# --- from the table to a plan ----------------------------------------------------------------


def _text(table: Mapping[str, Any], key: str, problems: Problems) -> str:
    value = table.get(key, "")
    if isinstance(value, str) and (value.isprintable() or key == "about"):
        return value.strip()
    problems.add(f"{value!r} is not text", key, f'write {key} = "..."')
    return ""


def _number(value: Any, where: str, low: float, high: float, problems: Problems) -> float:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if fine and low <= value <= high:
        return float(value)
    problems.add(f"{value!r}", where, f"a number from {low:g} to {high:g}")
    return low


def _optional(table: Mapping[str, Any], key: str, most: float, problems: Problems) -> float | None:
    if key not in table:
        return None
    return _number(table[key], key, 1e-9, most, problems)


def _table(value: Any, where: str, problems: Problems) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    problems.add(f"{value!r} is not a table", where, f"write [{where}] and one line for each")
    return {}


def _place(text: str, problems: Problems) -> str:
    if not text:
        problems.add("place is missing", "top of the file", 'write place = "USA"')
        return ""
    try:
        terms.members(text)
    except LodestoneError as error:
        problems.add(str(error).splitlines()[0], "place", "ISO3 code, country name or bloc")
    return text


def _materials(value: Any, problems: Problems) -> tuple[str, ...]:
    if not isinstance(value, list):
        problems.add(f"{value!r} is not a list", "materials", 'write materials = ["gallium"]')
        return ()
    found: dict[str, None] = {}
    for word in value:
        found.update(dict.fromkeys(_meant(word, "materials", problems)))
    return tuple(found)


def _meant(word: Any, where: str, problems: Problems) -> tuple[str, ...]:
    """Ids behind a name, a group or an official list."""
    if not isinstance(word, str):
        problems.add(f"{word!r} is not text", where, "names, symbols, groups or lists in quotes")
        return ()
    if word in official_lists():
        return tuple(m.id for m in listed(word))
    known = terms.find_material(word)
    if known is not None:
        return (known.id,)
    try:
        return terms.group_members(word)
    except LodestoneError:
        problems.add(f"unknown material {word!r}", where, "a name, a symbol, a group or a list")
        return ()


def _more_days(value: Any, problems: Problems) -> dict[str, float]:
    found: dict[str, float] = {}
    for word, days in _table(value, "more_days", problems).items():
        wanted = _number(days, f"more_days, {word}", 0.0, _MOST_DAYS, problems)
        found.update(dict.fromkeys(_meant(word, "more_days", problems), wanted))
    return found


def _release(text: str, problems: Problems) -> str:
    if text and text not in (BEST, *RULES):
        problems.add(f"unknown rule {text!r}", "release", f"one of {', '.join((BEST, *RULES))}")
    return text or BEST


def _aims(value: Any, problems: Problems) -> dict[str, float]:
    given = _table(value, "aims", problems)
    for name in given:
        if name not in AIMS:
            problems.add(f"unknown aim {name!r}", "aims", f"one of {', '.join(AIMS)}")
    weights = {n: _number(given[n], f"aims, {n}", 0.0, 1e6, problems) for n in AIMS if n in given}
    total = sum(weights.values())
    if given and total <= 0.0:
        problems.add("weights sum to 0", "aims", "give one of them a weight")
    return {n: w / total for n, w in weights.items()} if total > 0.0 else {"emergency": 1.0}


def _terms(value: Any, problems: Problems) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    for name, given in _table(value, "terms", problems).items():
        where = f"terms, {name}"
        if name == "repayment":
            if given not in _REPAYMENT:
                problems.add(f"{given!r}", where, f"one of {', '.join(_REPAYMENT)}")
            found[name] = str(given)
        elif name not in TERMS:
            problems.add(
                f"unknown term {name!r}", "terms", f"one of {', '.join((*TERMS, 'repayment'))}"
            )
        else:
            found[name] = _number(given, where, *TERMS[name], problems)
            if name in _WHOLE and found[name] != int(float(found[name])):
                problems.add(f"{given!r}", where, "a whole number of months")
    return found


def _stated(value: Any, problems: Problems) -> tuple[Stated, ...]:
    if not isinstance(value, list) or not all(isinstance(t, Mapping) for t in value):
        problems.add("is no list of tables", "stated", "begin each with a line [[stated]]")
        return ()
    found = []
    for k, table in enumerate(value, 1):
        where = f"stated {k}"
        unknown = sorted(set(table) - set(_STATED))
        if unknown:
            problems.add(f"unknown key {unknown[0]!r}", where, f"one of {', '.join(_STATED)}")
        names = _meant(table.get("material"), where, problems)
        if len(names) > 1:
            problems.add("a group", where, "name one material")
        numbers = [
            _number(table.get(n), f"{where}, {n}", 1e-9, 1e15, problems) for n in _STATED[1:]
        ]
        if len(names) == 1:
            found.append(Stated(names[0], *numbers))
    return tuple(found)
