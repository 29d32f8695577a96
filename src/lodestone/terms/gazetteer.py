"""Places: countries and territories, countries that are gone, the world, and "other countries"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lodestone.terms.errors import RequestError
from lodestone.terms.lookup import Index, fold
from lodestone.terms.table import read_table, split_list


@dataclass(frozen=True)
class Place:
    """A country or territory, or one of the two aggregates `WLD` (world) and `XOT` (others).

    Parameters
    ----------
    iso3, iso2
        ISO 3166-1 codes; `XKX`/`XK` for Kosovo, retired codes for countries that are gone.
    m49
        United Nations number, None where there is none (Kosovo, Taiwan has 158).
    baci_codes
        Numbers used in customs data, which differ from M49 for some: 842 is the USA,
        490 ("Other Asia, nes") is Taiwan.
    kind
        `country`, `historic` or `aggregate`.
    valid_from, valid_to
        First and last year of a historic place, None for the others.
    successors
        Places a historic place became.
    """

    iso3: str
    iso2: str
    m49: int | None
    name: str
    aliases: tuple[str, ...]
    baci_codes: tuple[int, ...]
    region: str
    subregion: str
    kind: str
    valid_from: int | None
    valid_to: int | None
    successors: tuple[str, ...]
    note: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """M49 and customs numbers under which the place is met."""
        own = () if self.m49 is None else (self.m49,)
        return tuple(dict.fromkeys((*own, *self.baci_codes)))


def place(key: str | int, source: str | None = None) -> Place:
    """Place with this ISO code, M49 or customs number, name or alias.

    Parameters
    ----------
    key
        Text is compared without case, accents and punctuation; a number is M49 or customs code.
    source
        Source id (`wmd_2026`, `wgi`). Some publishers use a code for another place than the rest
        do; with the source given, its own meaning wins.

    Raises
    ------
    RequestError
        If nobody knows the name; the message suggests the nearest ones.

    Examples
    --------
    >>> place("Congo (Kinshasa)").iso3, place("Burma").iso3, place(490).iso3, place("NA").name
    ('COD', 'MMR', 'TWN', 'Namibia')
    >>> place("R20", source="wgi").name
    'Kosovo'
    >>> place("Frence")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lodestone.terms.errors.RequestError: unknown place 'Frence': did you mean France (FRA), ...
    """
    found = find_place(key, source)
    if found is None:
        raise _unknown(str(key))
    return found


def find_place(key: str | int, source: str | None = None) -> Place | None:
    """Like `place`, but None for an unknown name. Never a guess."""
    ident = _quirks(source).get(fold(str(key))) if source else None
    return _catalogue().get(ident or _index().find(str(key)) or "")


def places(kind: str | None = "country") -> tuple[Place, ...]:
    """Places of one kind in order of ISO3; all of them with `kind=None`."""
    return tuple(p for p in _catalogue().values() if kind is None or p.kind == kind)


def excluded_place(key: str) -> str | None:
    """Why a name that publishers print in a country column is no place; None if it is not such.

    Examples
    --------
    >>> excluded_place("Euro area")
    'World Bank aggregate of countries'
    """
    return _excluded().get(fold(key))


@cache
def _excluded() -> dict[str, str]:
    return {fold(row["name"]): row["reason"] for row in read_table("excluded_places")}


@cache
def _catalogue() -> dict[str, Place]:
    return {row["iso3"]: _place(row) for row in read_table("places")}


def _place(row: dict[str, str]) -> Place:
    def year(name: str) -> int | None:
        return int(row[name]) if row[name] else None

    return Place(
        iso3=row["iso3"],
        iso2=row["iso2"],
        m49=year("m49"),
        name=row["name"],
        aliases=split_list(row["aliases"]),
        baci_codes=tuple(int(code) for code in split_list(row["baci_codes"])),
        region=row["region"],
        subregion=row["subregion"],
        kind=row["kind"],
        valid_from=year("valid_from"),
        valid_to=year("valid_to"),
        successors=split_list(row["successors"]),
        note=row["note"],
    )


@cache
def _index() -> Index:
    return Index("place", {p.iso3: _names(p) for p in _catalogue().values()})


def _names(p: Place) -> tuple[str, ...]:
    codes = (p.iso3, *((p.iso2,) if p.iso2 else ()))
    return (p.name, *codes, *p.aliases, *(str(number) for number in p.numbers))


def _unknown(key: str) -> RequestError:
    bloc_ids = {fold(row["id"]): row["id"] for row in read_table("blocs")}
    bloc_id = bloc_ids.get(fold(key))
    if bloc_id is None:
        return _index().unknown(key)
    return RequestError(f"{bloc_id} is a bloc of several places: ask bloc() or members() for it")


@cache
def _quirks(source: str) -> dict[str, str]:
    """Codes that one publisher uses for another place; a source id begins with its publisher."""
    publisher = source.split("_")[0]
    rows = read_table("place_quirks")
    return {fold(row["key"]): row["iso3"] for row in rows if row["publisher"] == publisher}
