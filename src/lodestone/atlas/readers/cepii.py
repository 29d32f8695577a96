"""GeoDist (CEPII): how far apart countries are, whether they touch and share a language.

The distance is the one between people rather than capitals (`distw`: between the largest cities,
weighted by their share of the population, Mayer and Zignago 2011); where CEPII has none, it is
the distance between the main cities (`dist`) and the row says so. It feeds the gravity priors of
absent trade links, nothing finer.

Traps it meets: codes of 2011 (ROM, ZAR, TMP, PAL); Yugoslavia, measured from Belgrade, stands for
Serbia and, marked, for Montenegro and Kosovo; numbers that are absent are a single dot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.cards import Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.strict_table import Row, csv_rows, number
from lodestone.terms.errors import Problems

SOURCE = "cepii_geodist"
FILE = "governance/cepii_dist_cepii.csv"

DISTANCES = TableCard(
    "Distance between countries, each ordered pair once, a country to itself included",
    {
        "iso_o": Column("ISO3 of the origin"),
        "iso_d": Column("ISO3 of the destination"),
        "dist_km": Column("distance", "km"),
        "measure": Column("weighted (between cities, by people) or main_city (fallback)"),
        "contig": Column("they share a border; null where stands_for"),
        "comlang": Column("they share an official language; null where stands_for"),
        "stands_for": Column("code in the source where it is another place's, else null"),
    },
    (SOURCE,),
)
CARDS = {"distances": DISTANCES}

_SCHEMA: dict[str, Any] = {
    "iso_o": pl.String,
    "iso_d": pl.String,
    "dist_km": pl.Float32,
    "measure": pl.String,
    "contig": pl.Boolean,
    "comlang": pl.Boolean,
    "stands_for": pl.String,
}
_COLUMNS = (
    "iso_o",
    "iso_d",
    "contig",
    "comlang_off",
    "comlang_ethno",
    "colony",
    "comcol",
    "curcol",
    "col45",
    "smctry",
    "dist",
    "distcap",
    "distw",
    "distwces",
)
# Places that the 2011 table knows only as one: the first is what the row truly measures.
_HEIRS = {"YUG": ("SRB", "MNE", "XKX")}
_ABSENT = "."


def read(raw: Path) -> Reading:
    """The table `distances`, today's codes, one row per ordered pair.

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown country, a word where a number belongs, or a
        pair with no distance at all.
    """
    problems = Problems("CEPII GeoDist")
    rows = csv_rows(raw, FILE, _COLUMNS, problems)
    heirs = _heirs(rows, problems)
    found = [pair for row in rows for pair in _pairs(row, heirs, problems)]
    problems.raise_if_any()
    frame = pl.DataFrame(found, schema=_SCHEMA, orient="row")
    return Reading({"distances": frame}, _notes(frame))


def _heirs(rows: list[Row], problems: Problems) -> dict[str, tuple[str, ...]]:
    """Today's places for each code of the source."""
    heirs: dict[str, tuple[str, ...]] = {}
    for row in rows:
        code = row["iso_o"]
        if code in heirs:
            continue
        found = terms.find_place(code, "cepii")
        if code not in _HEIRS and found is None:
            what = f"unknown country {code!r}"
            problems.add(what, row.where("iso_o"), "add the code to the table of places")
        heirs[code] = _HEIRS.get(code) or ((found.iso3,) if found else ())
    return heirs


def _pairs(
    row: Row, heirs: dict[str, tuple[str, ...]], problems: Problems
) -> list[tuple[Any, ...]]:
    if row["iso_d"] not in heirs:
        problems.add(f"{row['iso_d']!r} is never an origin", row.where("iso_d"), "fetch it again")
        return []
    weighted = row["distw"] != _ABSENT
    column = "distw" if weighted else "dist"
    km = number(row[column], row.where(column), problems)
    measure = "weighted" if weighted else "main_city"
    pairs = []
    for origin in heirs[row["iso_o"]]:
        for destination in heirs[row["iso_d"]]:
            stands_for = _stands_for(row, origin, destination)
            # a borrowed distance is a fair guess; a borrowed border is not
            own = stands_for is None
            border = row["contig"] == "1.0" if own else None
            language = row["comlang_off"] == "1.0" if own else None
            pairs.append((origin, destination, km, measure, border, language, stands_for))
    return pairs


def _stands_for(row: Row, origin: str, destination: str) -> str | None:
    """The source's code where a pair borrows the distance of a larger, former country."""
    for code, place in ((row["iso_o"], origin), (row["iso_d"], destination)):
        if place in _HEIRS.get(code, ())[1:]:
            return code
    return None


def _notes(frame: pl.DataFrame) -> list[str]:
    fallback = frame.filter(pl.col("measure") == "main_city").height
    return [
        f"{FILE}: {fallback} of {frame.height} pairs have no weighted distance; "
        "the distance between main cities stands there",
        f"{FILE}: ROM, ZAR, TMP, PAL are read as ROU, COD, TLS, PSE; YUG (Belgrade) as SRB and, "
        "marked in stands_for, as MNE and XKX, up to 300 km off",
        f"{FILE}: places younger than 2011 or left out by the publisher (SSD, GGY, IMN ...) have "
        "no rows: their distance is unknown",
    ]
