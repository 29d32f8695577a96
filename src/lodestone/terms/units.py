"""Units of mass and price as publishers print them, turned into tonnes and USD a tonne."""

from __future__ import annotations

import re
from functools import cache

from lodestone.terms.content import atomic_weight
from lodestone.terms.errors import RequestError
from lodestone.terms.minerals import material as material_of
from lodestone.terms.table import read_table, split_list

# State in which the USGS measures helium and rare gases: 101.325 kPa and 15 degrees Celsius.
_PRESSURE_PA, _TEMPERATURE_K, _GAS_CONSTANT = 101_325.0, 288.15, 8.314462618
_GASES = ("He", "Ne", "Ar", "Kr", "Xe")
# A dry metric ton unit is one per cent of a dry tonne: 10 kg of what the ore is paid for.
_DRY_METRIC_TON_UNITS = 100.0


def to_tonnes(value: float, unit: str, material: str | None = None) -> float:
    """Tonnes in `value` of a unit of mass; for a gas given by volume, name the material.

    Parameters
    ----------
    value
        Amount in `unit`.
    unit
        As printed: "thousand metric tons", "kg", "million carats", "troy ounces", "flasks".
    material
        Needed for volumes of helium, neon, krypton and xenon, which are weighed as an ideal gas
        at 101.325 kPa and 15 degrees Celsius (0.1693 kg of helium in a cubic metre).

    Raises
    ------
    RequestError
        If the unit is not a mass (percent, dollars, a number of people), or is unknown.

    Examples
    --------
    >>> to_tonnes(2.5, "thousand metric tons"), to_tonnes(1, "million carats")
    (2500.0, 0.2)
    >>> round(to_tonnes(1, "million cubic meters", "helium"), 1)
    169.3
    """
    factor = _masses().get(_plain(unit))
    if factor is None:
        factor = _tonnes_of_gas(unit, material)
    return value * factor


def is_mass(unit: str) -> bool:
    """Whether `to_tonnes` knows the unit without being told the material."""
    return _plain(unit) in _masses()


def to_usd_per_tonne(value: float, unit: str) -> float:
    """USD a tonne from a price as printed: "cents per pound", "dollars per troy ounce", "$/dmtu".

    The tonne is of whatever the price is quoted for. A dry metric ton unit is 10 kg of content,
    so that price becomes USD a tonne of content.

    Raises
    ------
    RequestError
        If the text is not a price by mass ("index", "dollars per 100 milliliters").

    Examples
    --------
    >>> round(to_usd_per_tonne(100, "cents per pound"), 2), to_usd_per_tonne(5, "($/dmtu)")
    (2204.62, 500.0)
    """
    found = re.fullmatch(
        r"\(?(?P<money>dollars per|cents per|US dollars per|\$/|usd/)\s*"
        r"(?P<count>[\d.,]+)?[\s-]*(?P<mass>.+?)\)?",
        unit.strip(),
        flags=re.IGNORECASE,
    )
    if found is None:
        raise RequestError(f"unit {unit!r} is not a price in US money")
    money = value / 100 if found["money"].lower().startswith("cents") else value
    count = float(found["count"].replace(",", "")) if found["count"] else 1.0
    mass = _plain(found["mass"])
    if mass in ("dmtu", "dry metric ton unit"):
        return money / count * _DRY_METRIC_TON_UNITS
    return money / to_tonnes(count, mass)


def _tonnes_of_gas(unit: str, material: str | None) -> float:
    cubic_metres = _volumes().get(_plain(unit))
    if cubic_metres is None:
        raise RequestError(f"unit {unit!r} is not a mass: known are {', '.join(_unit_ids())}")
    symbol = material_of(material).symbol if material else ""
    if symbol not in _GASES:
        raise RequestError(
            f"unit {unit!r} is a volume: only helium, neon, krypton and xenon can be weighed,"
            f" not {material or 'an unnamed material'}"
        )
    moles = _PRESSURE_PA / (_GAS_CONSTANT * _TEMPERATURE_K)
    return cubic_metres * moles * atomic_weight(symbol) / 1e6


def _plain(unit: str) -> str:
    """Unit text for comparison; kept apart where only the case differs (Mt is not mt)."""
    text = " ".join(unit.split())
    return text if text in _exact() else text.lower()


@cache
def _exact() -> frozenset[str]:
    return frozenset(_unit_ids())


def _unit_ids() -> tuple[str, ...]:
    return tuple(row["unit"] for name in ("units", "volumes") for row in read_table(name))


@cache
def _masses() -> dict[str, float]:
    return _factors("units", "tonnes")


@cache
def _volumes() -> dict[str, float]:
    return _factors("volumes", "cubic_metres")


def _factors(table: str, column: str) -> dict[str, float]:
    factors: dict[str, float] = {}
    for row in read_table(table):
        for spelling in (row["unit"], *(s.lower() for s in split_list(row["spellings"]))):
            factors[spelling] = float(row[column])
    return factors
