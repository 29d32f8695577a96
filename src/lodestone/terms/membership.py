"""Blocs: groups of places with dates, and the phrases that add them up (`EU27+USA`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from lodestone.terms.errors import RequestError
from lodestone.terms.gazetteer import find_place, places
from lodestone.terms.lookup import Index
from lodestone.terms.table import read_table, split_list

UNION = "+"


@dataclass(frozen=True)
class Membership:
    """One place in one bloc, from and until (both included); None means without a limit."""

    iso3: str
    since: date | None
    until: date | None
    source: str
    url: str

    def holds_in(self, year: int) -> bool:
        """Whether the place is a member at the middle of that year."""
        middle = date(year, 7, 1)
        return (self.since is None or self.since <= middle) and (
            self.until is None or middle <= self.until
        )


@dataclass(frozen=True)
class Bloc:
    """A group of places: a union, a club, a partnership.

    `kind` is `dated` where members change with the year, and `fixed` where the same places are
    meant in every year, so that a trend over years is never a change of members.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    members: tuple[Membership, ...]
    note: str

    def places_in(self, year: int | None = None) -> tuple[str, ...]:
        """ISO3 of the members in a year; with None, of today's members."""
        if year is None:
            return tuple(sorted(m.iso3 for m in self.members if m.until is None))
        return tuple(sorted(m.iso3 for m in self.members if m.holds_in(year)))


def bloc(key: str) -> Bloc:
    """Bloc with this id, name or alias.

    Raises
    ------
    RequestError
        If nobody knows the name; the message suggests the nearest ones.

    Examples
    --------
    >>> bloc("EU-27").id, len(bloc("MSP").members)
    ('EU27', 14)
    """
    return _catalogue()[_index().get(key)]


def find_bloc(key: str) -> Bloc | None:
    """Bloc with this id, name or alias, or None. Never a guess."""
    ident = _index().find(key)
    return None if ident is None else _catalogue()[ident]


def blocs() -> tuple[Bloc, ...]:
    """All blocs, in the order of their table."""
    return tuple(_catalogue().values())


def members(key: str, year: int | None = None) -> tuple[str, ...]:
    """ISO3 codes behind a place, a bloc, or a sum of both such as `EU27+USA`.

    Parameters
    ----------
    key
        Names of places and blocs, joined by `+`.
    year
        Counts those who are members on 1 July of that year. Without it: today's members.

    Raises
    ------
    RequestError
        If a name is unknown, or if a bloc had no members in that year.

    Examples
    --------
    >>> members("Japan"), len(members("ALLIANCE")), len(members("EU", 2019))
    (('JPN',), 29, 28)
    >>> members("G7 + EU27") == tuple(sorted({*members("G7"), *members("EU27")}))
    True
    """
    parts = [part.strip() for part in key.split(UNION)]
    return tuple(sorted({iso3 for part in parts for iso3 in _part(part, year)}))


def _part(key: str, year: int | None) -> tuple[str, ...]:
    found = find_place(key)
    if found is not None:
        return (found.iso3,)
    ident = _index().find(key)
    if ident is None:
        raise _place_or_bloc().unknown(key)
    held = _catalogue()[ident].places_in(year)
    if not held:
        first = min(m.since for m in _catalogue()[ident].members if m.since is not None)
        raise RequestError(f"{ident} had no members in {year}: the first joined on {first}")
    return held


@cache
def _catalogue() -> dict[str, Bloc]:
    held: dict[str, list[Membership]] = {}
    for row in read_table("bloc_members"):
        held.setdefault(row["bloc"], []).append(
            Membership(
                iso3=row["iso3"],
                since=_day(row["since"]),
                until=_day(row["until"]),
                source=row["source"],
                url=row["url"],
            )
        )
    return {
        row["id"]: Bloc(
            id=row["id"],
            name=row["name"],
            aliases=split_list(row["aliases"]),
            kind=row["kind"],
            members=tuple(held[row["id"]]),
            note=row["note"],
        )
        for row in read_table("blocs")
    }


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _bloc_names() -> dict[str, tuple[str, ...]]:
    return {b.id: (b.name, b.id, *b.aliases) for b in _catalogue().values()}


@cache
def _index() -> Index:
    return Index("bloc", _bloc_names())


@cache
def _place_or_bloc() -> Index:
    """Places and blocs together: also the proof that no name means one of each."""
    own = {p.iso3: (p.name, p.iso3, *p.aliases) for p in places(kind=None)}
    return Index("place or bloc", {**own, **_bloc_names()})
