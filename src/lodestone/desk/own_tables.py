"""Input-output tables that users bring: read, checked, and kept in one form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lodestone.desk.assess_buyer import buyer
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.atlas.readers.home_flows import HomeFlows
    from lodestone.economy.table import EconomyTable

LAYOUTS = ("lodestone", "icio", "figaro", "wiod")
#: What a WIOD file of the 2013 release that the reader knows is about.
_WIOD_YEAR = 2011


def build_own_table(
    file: Path, out: Path, place: str, layout: str, year: int | None, currency: str | None
) -> EconomyTable:
    """Read a publisher's or a user's table of one place and write it in Lodestone's form.

    Parameters
    ----------
    file : the table; for `wiod`, the folder of raw files that holds `io/wiod2013rel_2011_*`
    out : Parquet file to write
    place : country, bloc, or a sum such as `EU27+GBR`: one economy
    layout : one of `LAYOUTS`
    year : of the table; may be left out for `wiod`
    currency : of a table in Lodestone's own form; USD if left out
    """
    from lodestone.atlas.readers.own_table import write_own_parquet

    if layout not in LAYOUTS:
        raise RequestError(f"unknown layout {layout!r}: there are {', '.join(LAYOUTS)}")
    if currency is not None and layout != "lodestone":
        raise RequestError("currency belongs to the layout lodestone; a publisher's is known")
    of = _WIOD_YEAR if year is None and layout == "wiod" else year
    if of is None:
        raise RequestError("say the year of the table with --year")
    who = buyer(place)
    home = _read(file, layout, who.members, currency or "USD")
    table = _economy(home, who.id, of, file.name, home.notes)
    about = {
        "place": who.id,
        "year": of,
        "currency": home.currency,
        "scheme": home.scheme,
        "source": file.name,
    }
    write_own_parquet(out, home, about, "\n".join(home.notes))
    return table


def read_own_table(path: Path) -> EconomyTable:
    """The economy in a file that `build_own_table` wrote.

    Raises
    ------
    DataError
        If it is no such file, or was altered so that it does not balance.
    """
    from lodestone.atlas.readers.own_table import read_own_parquet

    own = read_own_parquet(path)
    about = own.about
    return _economy(own.home, about["place"], about["year"], about["source"], about["notes"])


def _read(file: Path, layout: str, members: tuple[str, ...], currency: str) -> HomeFlows:
    if layout == "lodestone":
        from lodestone.atlas.readers.own_table import read_own_csv

        return read_own_csv(file, currency)
    if layout == "wiod":
        from lodestone.atlas.readers.wiod_domestic import read_home

        return read_home(file, members)
    from lodestone.atlas.readers.world_tables import read_world_table

    return read_world_table(file, layout, members)


def _economy(
    home: HomeFlows, place: str, year: int, source: str, notes: tuple[str, ...]
) -> EconomyTable:
    from lodestone.economy.from_flows import from_flows

    return from_flows(
        place=place,
        year=year,
        source=source,
        scheme=home.scheme,
        sectors=home.sectors,
        names=home.names,
        flows=home.flows,
        imported=home.imported,
        output=home.output,
        currency=home.currency,
        notes=notes,
    )
