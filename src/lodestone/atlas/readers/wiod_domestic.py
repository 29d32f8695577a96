"""Home economies out of the World Input-Output Table 2011: who buys what at home, 35 sectors.

The world table says who in the world sells what to whom. A study of one economy needs what its
sectors buy from each other, and three sums: what they import, what they add, what they sell to
final users at home and to anybody abroad. That is all that is kept, in whole million USD as
printed. One line is a sum of many: the European Union, with trade between members counted as
domestic.

Traps it meets: the union of today without Croatia, which the table does not have, and without the
United Kingdom; value added is the rest of output, so that it holds net taxes on inputs and
freight of imports; the rest of the world is no economy and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lodestone import terms
from lodestone.atlas.cards import Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import wiod
from lodestone.atlas.readers.home_flows import HomeFlows
from lodestone.terms.errors import DataError

UNION, UNION_YEAR = "EU27", 2023
_NOT_AN_ECONOMY = "XOT"
_MONEY = "million USD of 2011"
_PLACE = Column("ISO3, or EU27: the 26 members of today that the table has, without Croatia")

CARDS = {
    "wiod_domestic": TableCard(
        "Domestic flows between 35 sectors of 40 economies and of the EU in 2011",
        {
            "place": _PLACE,
            "seller": Column("sector that sells, c1 to c35"),
            "buyer": Column("sector that buys, c1 to c35"),
            "value": Column("domestic flow; one that is not there is a printed 0", _MONEY),
        },
        (wiod.SOURCE,),
    ),
    "wiod_sectors_totals": TableCard(
        "Output of 35 sectors of 40 economies and of the EU in 2011, and what it is made of",
        {
            "place": _PLACE,
            "sector": Column("sector, c1 to c35"),
            "output": Column("gross output", _MONEY),
            "value_added": Column(
                "output less all intermediates: with net taxes on inputs and freight of imports",
                _MONEY,
            ),
            "imported": Column("imported intermediates", _MONEY),
            "final_use": Column("output less domestic intermediates: exports are in it", _MONEY),
        },
        (wiod.SOURCE,),
    ),
}
_FLOWS: dict[str, Any] = {
    "place": pl.String,
    "seller": pl.String,
    "buyer": pl.String,
    "value": pl.Int32,
}
_TOTALS: dict[str, Any] = {"place": pl.String, "sector": pl.String} | dict.fromkeys(
    ("output", "value_added", "imported", "final_use"), pl.Int32
)


def read(raw: Path) -> Reading:
    """Tables `wiod_domestic` and `wiod_sectors_totals`.

    Raises
    ------
    DataError
        As `wiod.read`: for a missing file, an unknown region or sector, an output that is not the
        sum of its uses.
    """
    world = wiod.read(raw)
    sectors = world.tables["wiod_sectors"]["code"].to_list()
    output = world.tables["wiod_output"]
    places = [p for p in dict.fromkeys(output["place"]) if p != _NOT_AN_ECONOMY]
    inside = [p for p in terms.members(UNION, UNION_YEAR) if p in places]
    groups = {place: [place] for place in places} | ({UNION: inside} if inside else {})
    economies = {
        place: _economy(world, members, sectors) for place, members in sorted(groups.items())
    }
    return Reading(
        {
            "wiod_domestic": _flows_table(economies, sectors),
            "wiod_sectors_totals": _totals_table(economies, sectors),
        },
        _notes(world, inside),
    )


def read_home(raw: Path, members: Sequence[str]) -> HomeFlows:
    """One home economy of any places, for a user's own table.

    Parameters
    ----------
    raw : folder of raw files, with `io/wiod2013rel_2011_*` in it
    members : ISO3 of the places, trade between them domestic

    Raises
    ------
    DataError
        As `read`, or if the table has none of the places.
    """
    world = wiod.read(raw)
    codes = dict(world.tables["wiod_sectors"].iter_rows())
    have = set(world.tables["wiod_output"]["place"]) - {_NOT_AN_ECONOMY}
    inside = [place for place in members if place in have]
    if not inside:
        known = ", ".join(sorted(have))
        raise DataError(f"{wiod.OUTPUT}: has no {', '.join(members)}; it has {known}")
    missing = sorted(set(members) - set(inside))
    found = _economy(world, inside, list(codes))
    return HomeFlows(
        sectors=tuple(codes),
        names=tuple(codes.values()),
        flows=found["domestic"],
        imported=found["imported"],
        value_added=found["value_added"],
        output=found["output"],
        used=found["output"],
        scheme="wiod35",
        currency="USD",
        notes=(*((f"not in the table: {', '.join(missing)}",) if missing else ()),),
    )


def _economy(world: Reading, members: Sequence[str], sectors: list[str]) -> dict[str, Any]:
    """Flows and sums of one economy of one or more members."""
    flows, output = world.tables["wiod_flows"], world.tables["wiod_output"]
    bought = flows.filter(pl.col("buyer").is_in(members))
    home = pl.col("place").is_in(members)
    domestic = _matrix(bought.filter(home), sectors)
    imported = _matrix(bought.filter(~home), sectors).sum(axis=0)
    made = output.filter(home).group_by("sector").agg(pl.col("value").sum())
    by_sector = dict(made.iter_rows())
    total = np.array([by_sector.get(sector, 0.0) for sector in sectors])
    return {
        "domestic": domestic,
        "output": total,
        "value_added": total - domestic.sum(axis=0) - imported,
        "imported": imported,
        "final_use": total - domestic.sum(axis=1),
    }


def _matrix(cells: pl.DataFrame, sectors: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Flows from sector to sector, summed over the places of the cells."""
    at = {code: k for k, code in enumerate(sectors)}
    values = np.zeros((len(sectors), len(sectors)))
    summed = cells.group_by("sector", "buyer_sector").agg(pl.col("value").sum())
    for seller, buyer, value in summed.iter_rows():
        values[at[seller], at[buyer]] = value
    return values


def _flows_table(economies: dict[str, dict[str, Any]], sectors: list[str]) -> pl.DataFrame:
    rows = [
        (place, sectors[i], sectors[j], int(value["domestic"][i, j]))
        for place, value in economies.items()
        for i, j in np.argwhere(value["domestic"] != 0.0)
    ]
    return pl.DataFrame(rows, schema=_FLOWS, orient="row")


def _totals_table(economies: dict[str, dict[str, Any]], sectors: list[str]) -> pl.DataFrame:
    sums = list(_TOTALS)[2:]
    rows = [
        (place, sector, *(int(value[name][k]) for name in sums))
        for place, value in economies.items()
        for k, sector in enumerate(sectors)
    ]
    return pl.DataFrame(rows, schema=_TOTALS, orient="row")


def _notes(world: Reading, inside: list[str]) -> list[str]:
    missing = sorted(set(terms.members(UNION, UNION_YEAR)) - set(inside))
    return [
        *world.notes,
        f"WIOD: {UNION} is the sum of {len(inside)} members, trade between them domestic; "
        f"missing in the table: {', '.join(missing) or 'none'}",
    ]
