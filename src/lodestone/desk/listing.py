"""The small lists: materials and places that the verbs know, and the sums of an economy table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.library import library
from lodestone.terms import blocs, material, members, places
from lodestone.terms.errors import RequestError

_SUMS = ("output", "value_added", "imported", "final_use")


def materials() -> Answer:
    """List the materials with a balanced chain: names, stages, years, official lists.

    Returns
    -------
    Answer
        One row a material: `material` (its id), `name`, `symbol`, `stages`, `first_year`,
        `last_year`, and whether it is on the EU lists of critical and strategic raw materials and
        on the US list.
    """
    sql = (
        "SELECT material, min(year) AS first, max(year) AS last "
        "FROM chain_stages GROUP BY material ORDER BY material"
    )
    return _listed("materials", [_material_row(row) for row in library().rows(sql)])


def _material_row(row: Mapping[str, Any]) -> dict[str, Any]:
    found = material(row["material"])
    return {
        "material": found.id,
        "name": found.name,
        "symbol": found.symbol or None,
        "stages": [stage.value for stage in found.stages],
        "first_year": int(row["first"]),
        "last_year": int(row["last"]),
        "eu_critical": found.eu_crm,
        "eu_strategic": found.eu_srm,
        "us_critical": found.us_2025,
    }


def known_places() -> Answer:
    """List the places: countries and territories, and the blocs with their members today.

    Returns
    -------
    Answer
        One row a place: `place` (ISO3 code or bloc), `name`, `kind` (`country` or `bloc`),
        `region`, and `members` of a bloc in the latest year with data.
    """
    latest = library().years()[-1]
    rows: list[dict[str, Any]] = [
        {"place": b.id, "name": b.name, "kind": "bloc", "region": None}
        | {"members": _members(b.id, latest)}
        for b in blocs()
    ]
    rows += [
        {"place": p.iso3, "name": p.name, "kind": "country", "region": p.region, "members": None}
        for p in places()
    ]
    return _listed("places", rows)


def _members(bloc: str, year: int) -> list[str] | None:
    """Members in a year; None for a bloc that nobody had joined yet."""
    try:
        return list(members(bloc, year))
    except RequestError:
        return None


def economy_summary(place: str, year: int | None = None) -> Answer:
    """Show what an economy's industries make, add, import and sell to final users.

    Parameters
    ----------
    place : country or bloc with an input-output table
    year : to move the table to, by growth of GDP; the latest if left out

    Returns
    -------
    Answer
        One row a sector, in million units of the table's currency; the notes say what was mended.

    Raises
    ------
    RequestError
        A place without a table, or a year before every GDP.
    """
    from lodestone.desk.economies import economy

    table = economy(place, year)
    books = library()
    rows = tuple(
        {"sector": code, "name": table.names[k]} | {s: float(getattr(table, s)[k]) for s in _SUMS}
        for k, code in enumerate(table.sectors)
    )
    return Answer(
        query={"verb": "economy", "place": table.place, "year": table.year},
        results=rows,
        units=dict.fromkeys(_SUMS, f"million {table.currency}"),
        sources=citations([table.source]),
        notes=table.notes,
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _listed(verb: str, rows: list[dict[str, Any]]) -> Answer:
    books = library()
    return Answer(
        query={"verb": verb},
        results=tuple(rows),
        units={},
        sources=(),
        notes=(),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )
