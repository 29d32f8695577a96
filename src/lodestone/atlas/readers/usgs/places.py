"""Which place a row is about: countries with glued footnotes, world totals, other countries."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lodestone.terms import find_place

_WORLD = re.compile(r"world total(?P<rest>.*)", re.IGNORECASE)
_OTHER = re.compile(
    r"other(?: countries)?(?P<rest>(?:\s*\([^)]*\))?(?:[a-z]|\d{1,2})?)", re.IGNORECASE
)
_FOOTNOTE = re.compile(r"(?P<name>.+?)(?P<mark>[a-z]|\d{1,2})")
_QUALIFIER = re.compile(
    r"(?P<name>.+?)(?:\s*\((?P<round>[a-z][^()]*)\)|, (?P<comma>[a-z][a-z ]+))(?P<tail>\d{0,2})"
)
# The tables print names, never codes: "NA" is no Namibia, and no name is shorter than "Chad".
_SHORTEST_NAME = 4


@dataclass(frozen=True)
class PrintedPlace:
    """A place as a table names it: its code, and what the name says beside it."""

    code: str
    note: str = ""


def printed_place(name: str) -> PrintedPlace | None:
    """Place of a row, or None for a name nobody knows.

    A footnote letter or number glued to a name, and a qualifier such as "(beneficiated)", are
    taken off only if the whole name is unknown and the rest is a known place. A qualifier starts
    with a small letter: "Congo (Kinshasa)" and "Korea, Republic of" are names and stay whole.

    Examples
    --------
    >>> printed_place("Japane")
    PrintedPlace(code='JPN', note="'Japane' read without its footnote mark")
    >>> printed_place("Congo (Kinshasa)").code, printed_place("Brazil (beneficiated)").note
    ('COD', 'beneficiated')
    >>> printed_place("World total (rounded)10").code, printed_place("Other countries4").code
    ('WLD', 'XOT')
    >>> printed_place("Atlantise") is None, printed_place("NA") is None
    (True, True)
    """
    name = " ".join(name.replace("\xa0", " ").split())
    world = _WORLD.fullmatch(name)
    if world is not None:
        return PrintedPlace("WLD", _world_note(world["rest"]))
    other = _OTHER.fullmatch(name)
    if other is not None:
        return PrintedPlace("XOT", re.sub(r"[()\d]", "", other["rest"]).strip())
    return _country(name)


def _country(name: str) -> PrintedPlace | None:
    if len(name) < _SHORTEST_NAME:
        return None
    whole = find_place(name)
    if whole is not None:
        return PrintedPlace(whole.iso3)
    footnote = _FOOTNOTE.fullmatch(name)
    if footnote is not None:
        bare = find_place(footnote["name"])
        if bare is not None:
            return PrintedPlace(bare.iso3, f"{name!r} read without its footnote mark")
    qualified = _QUALIFIER.fullmatch(name)
    if qualified is not None:
        bare = find_place(qualified["name"])
        if bare is not None:
            return PrintedPlace(bare.iso3, qualified["round"] or qualified["comma"])
    return None


def _world_note(rest: str) -> str:
    words = rest.lower()
    if "excluding" in words:
        return "excludes U.S. production"
    return ""
