"""The input-output table of a place, moved to a year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.desk.library import Library, library
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.economy.concordance import Concordance
    from lodestone.economy.from_make_use import MakeUse
    from lodestone.economy.table import EconomyTable, Floats

#: Products of the US tables that no industry makes as its business.
_NOT_MADE = {
    2017: {
        "S00401": "scrap",
        "S00402": "used and second-hand goods",
        "S00300": "noncomparable imports",
    },
    2023: {
        "Used": "scrap, used and second-hand goods",
        "Other": "noncomparable imports and rest-of-the-world adjustment",
    },
}
_WIOD_YEAR = 2011
#: The World Bank prints no GDP of Taiwan: its table is moved with the growth of a like economy.
_GROWS_LIKE = {"TWN": "KOR"}


def economy(
    place: str, year: int | None = None, table: Path | str | None = None, *, detail: bool = True
) -> EconomyTable:
    """Who buys what from whom in a place, moved to a year.

    Parameters
    ----------
    place : country or bloc: the United States in 402 industries; the EU (EU27), Japan, China and
        37 other economies in 35 sectors; with `table`, the place of that table
    year : to move to, by growth of GDP; the latest year with a GDP if left out (a table of your
        own stays in its year)
    table : a table of your own, as `lodestone data build --table` writes it
    detail : for the United States, 402 industries of 2017, or else 71 industries of 2023

    Returns
    -------
    EconomyTable
        Its notes say what was mended, with its size, and how it was moved.

    Raises
    ------
    RequestError
        A place without a table (the message says how to bring one), a year before every GDP, or
        a table of another place.
    DataError
        A table of your own that is damaged or does not balance.

    Examples
    --------
    >>> table = economy("USA", 2017)
    >>> len(table.sectors), round(table.gdp / 1e6, 2)
    (402, 19.62)
    """
    who = buyer(place, year)
    if table is not None:
        return _own(library(), who, year, Path(table))
    return _stored(library(), who.id, year, detail)


@cache
def concordance_of(name: str) -> Concordance:
    """One of the concordances of this project, such as `nace2_to_wiod35`."""
    from lodestone.atlas.concordances import sector_codes, sector_links
    from lodestone.economy.concordance import concordance

    links = [(x.from_code, x.to_code, x.weight) for x in sector_links(name)]
    return concordance(name, links, tuple(sector_codes(name.split("_to_")[1])))


def _own(books: Library, who: Buyer, year: int | None, path: Path) -> EconomyTable:
    """A user's table, in its own year or moved."""
    from lodestone.desk.own_tables import read_own_table

    own = read_own_table(path)
    if own.place != who.id:
        raise RequestError(f"{path} is a table of {own.place}, not of {who.id}")
    if year is None or year == own.year:
        return own
    if own.currency == "USD":
        return _moved_to(books, own, who.members, year)
    return _into_usd(books, own, who.members, year)


@cache
def _stored(books: Library, place: str, year: int | None, detail: bool) -> EconomyTable:
    table = _table(books, place, detail)
    return _moved_to(books, table, _inside(books, table), year)


@cache
def _table(books: Library, place: str, detail: bool) -> EconomyTable:
    """The table of a place in its own year."""
    from lodestone.economy.from_make_use import from_make_use

    if place == "USA":
        return from_make_use(_us_accounts(books, 2017 if detail else 2023))
    if place in _wiod_places(books):
        return _wiod_table(books, place)
    have = ", ".join(sorted({"USA", *_wiod_places(books)}))
    raise RequestError(
        f"no input-output table of {place} in this release, which has those of {have}. Bring one: "
        f"`lodestone data build --table FILE --layout lodestone|icio|figaro|wiod --place {place} "
        f'-o table.parquet`, then `economy("{place}", table="table.parquet")`'
    )


# --- the United States ---------------------------------------------------------------------


def _us_accounts(books: Library, year: int) -> MakeUse:
    """Make, use and import tables as the release holds them."""
    from lodestone.economy.from_make_use import MakeUse

    names = books.rows(f"SELECT code, kind, name FROM bea{year}_names")
    products = tuple(r["code"] for r in names if r["kind"] == "commodity")
    industries = {r["code"]: r["name"] for r in names if r["kind"] == "industry"}
    codes = tuple(industries)
    printed = books.rows(
        f"SELECT sum(value) AS total FROM bea{year}_use WHERE kind = 'value_added'"
    )
    return MakeUse(
        place="USA",
        year=year,
        source=f"bea_{year}",
        scheme="bea402" if year == 2017 else "bea71",
        products=products,
        industries=codes,
        names=tuple(industries.values()),
        use=_matrix(books, f"bea{year}_use", "intermediate", products, codes),
        imports=_matrix(books, f"bea{year}_imports", "intermediate", products, codes),
        make=_matrix(books, f"bea{year}_make", "make", codes, products),
        not_made=_NOT_MADE[year],
        printed_value_added=float(printed[0]["total"]),
    )


def _matrix(
    books: Library, table: str, kind: str, rows: Sequence[str], cols: Sequence[str]
) -> Floats:
    """A printed matrix from its cells; `kind` leaves totals and final use out."""
    cells = books.rows(
        f'SELECT "row" AS seller, col AS buyer, value FROM {table} WHERE kind = ?', [kind]
    )
    return _filled(cells, rows, cols)


def _filled(cells: Sequence[dict[str, Any]], rows: Sequence[str], cols: Sequence[str]) -> Floats:
    import numpy as np

    at_row = {code: k for k, code in enumerate(rows)}
    at_col = {code: k for k, code in enumerate(cols)}
    values = np.zeros((len(rows), len(cols)))
    for cell in cells:
        values[at_row[cell["seller"]], at_col[cell["buyer"]]] = cell["value"]
    return values


# --- the others ----------------------------------------------------------------------------


@cache
def _wiod_places(books: Library) -> frozenset[str]:
    rows = books.rows("SELECT DISTINCT place FROM wiod_sectors_totals")
    return frozenset(r["place"] for r in rows)


def _wiod_table(books: Library, place: str) -> EconomyTable:
    import numpy as np

    from lodestone.atlas.concordances import sector_codes
    from lodestone.economy.from_flows import from_flows

    sectors = sector_codes("wiod35")
    totals = {
        r["sector"]: r
        for r in books.rows("SELECT * FROM wiod_sectors_totals WHERE place = ?", [place])
    }
    cells = books.rows("SELECT seller, buyer, value FROM wiod_domestic WHERE place = ?", [place])
    return from_flows(
        place=place,
        year=_WIOD_YEAR,
        source="wiod_2011",
        scheme="wiod35",
        sectors=tuple(sectors),
        names=tuple(sectors.values()),
        flows=_filled(cells, tuple(sectors), tuple(sectors)),
        imported=np.array([float(totals[c]["imported"]) for c in sectors]),
        output=np.array([float(totals[c]["output"]) for c in sectors]),
        notes=_wiod_notes(books, place),
    )


def _wiod_notes(books: Library, place: str) -> list[str]:
    notes = [
        "value added is output less all intermediates: net taxes on inputs and freight of "
        "imported inputs are in it",
        "35 sectors of 2011 (WIOD, release 2013): structure is old, and metals and their "
        "products are one sector",
    ]
    missing = sorted(set(buyer(place).members) - _wiod_places(books))
    if missing:
        notes.append(
            f"the table is the sum of the members it has, trade between them domestic; "
            f"{', '.join(missing)} is not in it, and enters with its GDP when the table is moved"
        )
    return notes


def _inside(books: Library, table: EconomyTable) -> tuple[str, ...]:
    """Places whose economy the table holds."""
    members = buyer(table.place).members
    if table.scheme != "wiod35" or len(members) == 1:
        return members
    return tuple(p for p in members if p in _wiod_places(books))


# --- moved to a year -----------------------------------------------------------------------


def _moved_to(
    books: Library, table: EconomyTable, inside: Sequence[str], year: int | None
) -> EconomyTable:
    """The table with every flow the same share of GDP as in its own year."""
    from lodestone.economy.move import moved

    then, _ = _gdp(books, inside, table.year)
    now, found = _gdp(books, buyer(table.place).members, year)
    to = found if year is None else year
    note = (
        f"moved from {table.year} to {to}: every flow keeps its share of GDP "
        f"({then / 1e12:.3f} trillion USD in {table.year}, {now / 1e12:.3f} in {found}; World Bank)"
    )
    return moved(table, to, now / then, note + _gdp_remarks(table.place, found, to))


def _into_usd(
    books: Library, table: EconomyTable, inside: Sequence[str], year: int
) -> EconomyTable:
    """A table in another currency, moved to a year and into USD at once."""
    from lodestone.economy.move import moved

    now, found = _gdp(books, inside, year)
    note = (
        f"moved from {table.year} to {year} and from {table.currency} to USD: value added is set "
        f"to GDP ({now / 1e12:.3f} trillion USD in {found}; World Bank)"
    )
    factor = now / 1e6 / table.gdp
    return moved(table, year, factor, note + _gdp_remarks(table.place, found, year), "USD")


def _gdp_remarks(place: str, found: int, to: int) -> str:
    """What has to be said of a GDP that is of another year or of another place."""
    remarks = ""
    if found != to:
        remarks += f"; no GDP of {to} in this release, so that of {found} is taken"
    if place in _GROWS_LIKE:
        remarks += f"; the GDP is that of {_GROWS_LIKE[place]}: the World Bank prints none"
    return remarks


def _gdp(books: Library, places: Sequence[str], year: int | None) -> tuple[float, int]:
    """GDP of places together, current USD, and its year: the one asked for, or the latest before."""
    known = [_GROWS_LIKE.get(p, p) for p in places]
    marks = ", ".join("?" for _ in known)
    rows = books.rows(
        f"SELECT year, sum(value) AS value FROM gdp WHERE place IN ({marks}) AND year <= ? "
        "GROUP BY year HAVING count(*) = ? ORDER BY year DESC LIMIT 1",
        [*known, 9999 if year is None else year, len(known)],
    )
    if not rows:
        raise RequestError(
            f"no GDP of {', '.join(places)} in or before {year} to move a table with"
        )
    return float(rows[0]["value"]), int(rows[0]["year"])
