"""IEA supply by country: production in 2024 and the project pipeline to 2040."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lodestone.atlas.readers.iea.minerals import SOURCE, STAGES, series
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows, number
from lodestone.terms.errors import Problems

FILE = "iea/iea_cm2025_supply_by_country.csv"
BASE_YEAR = 2024

_COLUMNS = ("mineral", "stage", "country", "year", "kt", "world_total_kt", "share")
_REST = "Rest of world"
_SAME = 1e-6
_Group = tuple[str, str, str]


def read_supply(raw: Path, problems: Problems, notes: list[str]) -> list[dict[str, Any]]:
    """One fact a row, in tonnes; "Rest of world" (XOT) without the country it counts twice."""
    names = Names(SOURCE, problems)
    rows = [row for row in csv_rows(raw, FILE, _COLUMNS, problems) if _readable(row, problems)]
    groups: dict[_Group, list[Row]] = {}
    for row in rows:
        groups.setdefault((row["mineral"], row["stage"], row["year"]), []).append(row)
    twice = {key: _counted_twice(key, group, problems) for key, group in groups.items()}
    notes += _notes(twice)
    return [
        fact
        for key, group in groups.items()
        for row in group
        if (fact := _fact(row, twice[key], names, problems)) is not None
    ]


def _readable(row: Row, problems: Problems) -> bool:
    """Whether stage, year and tonnes can be read; a problem for each that cannot."""
    before = len(problems.items)
    if row["stage"] not in STAGES:
        problems.add(f"unknown stage {row['stage']!r}", row.where("stage"), "mining or refining")
    if not row["year"].isdigit():
        problems.add(f"{row['year']!r} is not a year", row.where("year"), "four digits")
    for column in ("kt", "world_total_kt", "share"):
        number(row[column], row.where(column), problems)
    return len(problems.items) == before


def _counted_twice(
    key: _Group, group: Sequence[Row], problems: Problems
) -> tuple[str, float] | None:
    """Country that "Rest of world" holds as well, with its kilotonnes; None where sums agree.

    The printed world total is right: it is the sum of places less exactly one named country,
    which the IEA's own top-3 shares treat as part of the rest.
    """
    kt = {row["country"]: float(row["kt"]) for row in group}
    totals = {row["world_total_kt"] for row in group}
    if len(totals) > 1 or len(kt) < len(group):
        problems.add(
            "a place stands twice, or the world total differs between rows",
            f"{FILE}, {', '.join(key)}",
            "fetch the file again",
        )
        return None
    total = float(group[0]["world_total_kt"])
    excess = sum(kt.values()) - total
    if abs(excess) <= _SAME * total:
        return None
    for country, amount in kt.items():
        if country != _REST and abs(amount - excess) <= _SAME * total:
            return country, amount
    problems.add(
        f"places sum to {sum(kt.values()):,.1f} kt but the world total is {total:,.1f} kt",
        f"{FILE}, {', '.join(key)}",
        "no single country explains the difference: fetch the file again",
    )
    return None


def _notes(twice: Mapping[_Group, tuple[str, float] | None]) -> list[str]:
    years: dict[tuple[str, str, str], list[str]] = {}
    for (mineral, stage, year), found in twice.items():
        if found is not None:
            country, kt = found
            years.setdefault((mineral, stage, country), []).append(f"{year} ({kt:,.1f} kt)")
    return [
        f"IEA {mineral} {stage}: 'Rest of world' also holds {country} in {', '.join(when)}; taken"
        " out, so that places sum to the printed world total"
        for (mineral, stage, country), when in years.items()
    ]


def _fact(
    row: Row, twice: tuple[str, float] | None, names: Names, problems: Problems
) -> dict[str, Any] | None:
    place = names.place(row["country"], row.where("country"))
    what = series(row["mineral"], row["stage"], row, problems)
    if place is None or what is None:
        return None
    year, kt, notes = int(row["year"]), float(row["kt"]), [what.note] if what.note else []
    if twice is not None and row["country"] == _REST:
        kt -= twice[1]
        notes.append(f"{twice[0]} taken out: it is counted on its own")
    measured = year == BASE_YEAR
    return {
        "fact": f"{SOURCE}:{FILE}:{row.number}",
        "source": SOURCE,
        "file": FILE,
        "material": what.material,
        "stage": STAGES[row["stage"]],
        "quantity": "production" if measured else "supply_projection",
        "detail": what.detail,
        "place": place,
        "year": year,
        "year_to": year,
        "value": kt * 1000.0,
        "unit": "t",
        "basis": what.basis,
        "raw_value": row["kt"],
        "raw_unit": "kt",
        "flag": "estimated",
        "kind": "reported" if measured else "modelled",
        "note": "; ".join(notes) or None,
    }
