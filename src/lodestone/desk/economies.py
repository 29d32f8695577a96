"""The input-output table of a place, moved to a year."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from lodestone.desk.assess_buyer import buyer
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


def economy(place: str, year: int | None = None, *, detail: bool = True) -> EconomyTable:
    """Who buys what from whom in a place, moved to a year.

    Parameters
    ----------
    place : country or bloc: the United States in 402 industries
    year : to move to, by growth of GDP; the latest year with a GDP if left out
    detail : for the United States, 402 industries of 2017, or else 71 industries of 2023

    Returns
    -------
    EconomyTable
        Its notes say what was mended, with its size, and how it was moved.

    Raises
    ------
    RequestError
        A place without a table, or a year long before every GDP.

    Examples
    --------
    >>> table = economy("USA", 2017)
    >>> len(table.sectors), round(table.gdp / 1e6, 2)
    (402, 19.62)
    """
    return _economy(library(), buyer(place, year).id, year, detail)


@cache
def concordance_of(name: str) -> Concordance:
    """One of the concordances of this project, such as `nace2_to_wiod35`."""
    from lodestone.atlas.concordances import sector_codes, sector_links
    from lodestone.economy.concordance import concordance

    links = [(x.from_code, x.to_code, x.weight) for x in sector_links(name)]
    return concordance(name, links, tuple(sector_codes(name.split("_to_")[1])))


@cache
def _economy(books: Library, place: str, year: int | None, detail: bool) -> EconomyTable:
    return _moved_to(books, _table(books, place, detail), year)


@cache
def _table(books: Library, place: str, detail: bool) -> EconomyTable:
    """The table of a place in its own year."""
    from lodestone.economy.from_make_use import from_make_use

    if place == "USA":
        return from_make_use(_us_accounts(books, 2017 if detail else 2023))
    raise RequestError(f"no input-output table of {place} in this release: there is one of USA")


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
    import numpy as np

    at_row = {code: k for k, code in enumerate(rows)}
    at_col = {code: k for k, code in enumerate(cols)}
    values = np.zeros((len(rows), len(cols)))
    cells: list[dict[str, Any]] = books.rows(
        f'SELECT "row", col, value FROM {table} WHERE kind = ?', [kind]
    )
    for cell in cells:
        values[at_row[cell["row"]], at_col[cell["col"]]] = cell["value"]
    return values


def _moved_to(books: Library, table: EconomyTable, year: int | None) -> EconomyTable:
    """The table with every flow the same share of GDP as in its own year."""
    from lodestone.economy.move import moved

    then, _ = _gdp(books, table.place, table.year)
    now, found = _gdp(books, table.place, year)
    to = found if year is None else year
    note = (
        f"moved from {table.year} to {to}: every flow keeps its share of GDP "
        f"({then / 1e12:.3f} trillion USD in {table.year}, {now / 1e12:.3f} in {found}; World Bank)"
    )
    if found != to:
        note += f"; no GDP of {to} in this release, so that of {found} is taken"
    return moved(table, to, now / then, note)


def _gdp(books: Library, place: str, year: int | None) -> tuple[float, int]:
    """GDP of a place in current USD, and its year: the one asked for, or the latest before it."""
    rows = books.rows(
        "SELECT year, value FROM gdp WHERE place = ? AND year <= ? ORDER BY year DESC LIMIT 1",
        [place, 9999 if year is None else year],
    )
    if not rows:
        raise RequestError(f"no GDP of {place} in or before {year} to move its table with")
    return float(rows[0]["value"]), int(rows[0]["year"])
