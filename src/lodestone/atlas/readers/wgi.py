"""Worldwide Governance Indicators (World Bank): how well, and how stably, a country is run.

Two series. Political stability, an estimate of about -2.5 (weak) to 2.5 (strong) with its
standard error, every year from 1996 (the years 1997, 1999 and 2001 do not exist), 2024 the last;
and the mean of all six indicators, for the latest year each economy has.

Traps it meets: the two-letter code of Namibia is NA; a column `normalized` prints 0.0, the best
possible risk, where there is no estimate; French Guiana stands under the code of Guyana, and its
rows of 2023-24 are copies of Guyana's; Kosovo and the US Virgin Islands stand under customs codes
of other places (see `terms`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from lodestone.atlas.cards import PROVENANCE, Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.dates import year
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows, number
from lodestone.terms.errors import Problems

SOURCE = "wgi"
STABILITY = "wgi/wgi_political_stability_1996_2024.csv"
MEAN_OF_SIX = "wgi/wgi_mean_of_six_latest.csv"

GOVERNANCE = TableCard(
    "Governance of countries: political stability by year, and the mean of six indicators",
    {
        "place": Column("ISO3 of the economy"),
        "year": Column("year, or first year from which the latest was taken"),
        "year_to": Column("last year; differs from year for mean_of_six"),
        "indicator": Column("political_stability or mean_of_six"),
        "value": Column("estimate; null where there is none", "about -2.5 (weak) to 2.5 (strong)"),
        "stderr": Column("standard error of the estimate", "same scale"),
        **PROVENANCE,
        "note": Column("mendings"),
    },
    (SOURCE,),
)
CARDS = {"governance": GOVERNANCE}

_SCHEMA: dict[str, Any] = {
    "place": pl.String,
    "year": pl.Int32,
    "year_to": pl.Int32,
    "indicator": pl.String,
    "value": pl.Float64,
    "stderr": pl.Float64,
    "source": pl.String,
    "file": pl.String,
    "row": pl.Int32,
    "note": pl.String,
}
_STABILITY_COLUMNS = (
    "country",
    "iso3",
    "year",
    "estimate",
    "stderr",
    "numsrc",
    "rank",
    "lower",
    "upper",
    "normalized",
)
_LATEST_YEARS = (2015, 2024)
_SCALE = 5.0  # estimates are standard normal deviates; beyond five no economy was ever seen


def read(raw: Path) -> Reading:
    """Both series as one table `governance`.

    Returns
    -------
    Reading
        Table `governance`, a row per economy, year and indicator; `value` is null where the
        publisher gives no estimate (it is then unknown, not zero).

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown economy, a word where a number belongs, an
        estimate off the scale, or an economy that stands twice in a year.
    """
    problems = Problems("Worldwide Governance Indicators")
    notes: list[str] = []
    names = Names(SOURCE, problems)
    rows = _stability(raw, names, problems, notes) + _mean_of_six(raw, names, problems)
    problems.raise_if_any()
    return Reading({"governance": pl.DataFrame(rows, schema=_SCHEMA)}, notes)


def _stability(
    raw: Path, names: Names, problems: Problems, notes: list[str]
) -> list[dict[str, Any]]:
    rows = csv_rows(raw, STABILITY, _STABILITY_COLUMNS, problems)
    guiana, copies = _french_guiana(rows)
    read_rows: list[dict[str, Any]] = []
    for row in rows:
        if row.number in copies:
            continue
        note = "printed under the code of Guyana" if row.number in guiana else ""
        own = names.place(row["iso3"], row.where("iso3"))
        place = "GUF" if row.number in guiana else own
        read_rows.append(_row(row, place, "political_stability", row["estimate"], problems, note))
    _check_once(read_rows, problems)
    false_zeros = sum(1 for row in rows if not row["estimate"] and row["normalized"] == "0.0")
    notes += [
        f"{STABILITY}: column normalized prints 0.0 (no risk) in {false_zeros} rows without an "
        "estimate; the column is not used",
        f"{STABILITY}: {len(guiana)} rows under GUY are French Guiana's (the rows stand in the "
        f"alphabetical place of GUF); {len(copies)} later ones only copy Guyana and are dropped",
        f"{STABILITY}: R20 is read as Kosovo, PUS as the US Virgin Islands",
    ]
    return read_rows


def _mean_of_six(raw: Path, names: Names, problems: Problems) -> list[dict[str, Any]]:
    rows = csv_rows(raw, MEAN_OF_SIX, ("iso2", "wgi_mean_of_6", "source"), problems)
    note = "latest year each economy has"
    read_rows = []
    for row in rows:
        place = names.place(row["iso2"], row.where("iso2"))
        read_rows.append(_row(row, place, "mean_of_six", row["wgi_mean_of_6"], problems, note))
    _check_once(read_rows, problems)
    return read_rows


def _row(
    row: Row, place: str | None, indicator: str, estimate: str, problems: Problems, note: str
) -> dict[str, Any]:
    stable = indicator == "political_stability"
    column = "estimate" if stable else "wgi_mean_of_6"
    value = _number(estimate, row.where(column), problems)
    if value is not None and abs(value) > _SCALE:
        problems.add(f"estimate {value} is off the scale", row.where(column), "check the column")
    years = (year(row, "year", problems),) * 2 if stable else _LATEST_YEARS
    return {
        "place": place,
        "year": years[0],
        "year_to": years[1],
        "indicator": indicator,
        "value": value,
        "stderr": _number(row["stderr"], row.where("stderr"), problems) if stable else None,
        "source": SOURCE,
        "file": row.file,
        "row": row.number,
        "note": note,
    }


def _french_guiana(rows: Sequence[Row]) -> tuple[set[int], set[int]]:
    """Numbers of the rows under GUY that are French Guiana's, and of those that copy Guyana.

    The rows of a year are in the order of the publisher's codes; the first of the two rows
    under GUY stands before GUM (Guam), where GUF belongs.
    """
    by_year: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["iso3"] == "GUY":
            by_year[row["year"]].append(row)
    pairs = [pair for pair in by_year.values() if len(pair) == 2]
    copies = {a.number for a, b in pairs if a["estimate"] == b["estimate"]}
    return {a.number for a, _ in pairs} - copies, copies


def _number(text: str, where: str, problems: Problems) -> float | None:
    return number(text, where, problems) if text else None


def _check_once(rows: Sequence[dict[str, Any]], problems: Problems) -> None:
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        key = (row["place"], row["year"], row["indicator"])
        if key in seen and row["place"] is not None:
            where = f"{row['file']}, row {row['row']}"
            problems.add(f"{key[0]} stands twice in {key[1]}", where, "keep the right row")
        seen.add(key)
