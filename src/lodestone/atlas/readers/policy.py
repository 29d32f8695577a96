"""Policy facts of this project's tables: benchmarks, elasticities, stockpiles, dated events.

Each row was read in a publication that it names. Numbers are taken out of their text ("up to
10", "0.5-3% (pessimistic 2-2.5%)") as value, low and high; the text stays.

Traps it meets: the source "same" means the row above; "None" as the size of a stockpile is a
reported zero, "not available" and "state secret" are not; short tons; fiscal years.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.cards import PROVENANCE, Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.dates import first_date
from lodestone.atlas.readers.material_words import material_ids
from lodestone.atlas.readers.printed import Printed, printed
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows, number
from lodestone.terms.errors import Problems

SOURCE = "policy"
BENCHMARKS = "methods/crma_benchmarks.csv"
ELASTICITIES = "methods/elasticities.csv"
EVENTS = "methods/policy_timeline.csv"
VAULT = "methods/project_vault_facts.csv"
STOCKPILES = "methods/stockpile_facts.csv"

_NUMBERS = {
    "value": Column("the number, in unit; null where the text states none or only a bound"),
    "low": Column("lower bound"),
    "high": Column("upper bound"),
    "flag": Column("reported, estimated, range, less_than, more_than or text"),
    "raw_value": Column("the cell as printed"),
}
CARDS = {
    "crma_benchmarks": TableCard(
        "Benchmarks of Regulation (EU) 2024/1252, Article 5(1)",
        {
            "benchmark": Column("extraction, processing, recycling or diversification"),
            "article": Column("article and paragraph"),
            "share": Column("benchmark as a share of the denominator", "share"),
            "sense": Column("min or max"),
            "definition": Column("what is measured, paraphrased"),
            "denominator": Column("what it is a share of"),
            "deadline": Column("by when"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
    "elasticities": TableCard(
        "Elasticities found in the literature, with how well each was checked",
        {
            "parameter": Column("what responds to what"),
            "material": Column("material id; null for a sector or a case"),
            "case": Column("material, sector or case as printed"),
            "horizon": Column("time horizon as printed"),
            **_NUMBERS,
            "status": Column("verified, recalled, citation only or analyst band"),
            "evidence": Column("publication; 'same' is written out"),
            "note": Column("remarks"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
    "policy_events": TableCard(
        "Dated policy events, 2020-2026",
        {
            "date": Column("first day of the printed date"),
            "precision": Column("day, month or year"),
            "actors": Column("places and blocs that act; bodies that are neither are left out"),
            "actors_raw": Column("actors as printed"),
            "event": Column("what happened"),
            "status": Column("read, secondary, recalled or not found"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
    "vault_facts": TableCard(
        "What is published about Project Vault",
        {
            "item": Column("what it is"),
            **_NUMBERS,
            "unit": Column("USD, USD/kg, days or empty"),
            "raw_unit": Column("unit as printed"),
            "detail": Column("detail as printed"),
            "status": Column("how well it was checked"),
            "evidence": Column("publication"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
    "stockpile_facts": TableCard(
        "What is published about public stockpiles",
        {
            "place": Column("ISO3"),
            "scheme": Column("who holds the stock"),
            "materials": Column("material ids; empty where the fact is of all or of a number"),
            "materials_raw": Column("materials as printed"),
            "metric": Column("what is counted"),
            **_NUMBERS,
            "unit": Column("t, USD, days, percent, count or empty"),
            "raw_unit": Column("unit as printed"),
            "as_of": Column("first day of the printed date"),
            "as_of_raw": Column("date as printed"),
            "publisher": Column("publisher of the evidence"),
            "evidence": Column("title of the evidence"),
            "url": Column("address of the evidence"),
            "confidence": Column("high, medium or low, ours"),
            "note": Column("remarks"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
}

_TYPES: dict[str, Any] = {
    "share": pl.Float64,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "date": pl.Date,
    "as_of": pl.Date,
    "materials": pl.List(pl.String),
    "actors": pl.List(pl.String),
    "row": pl.Int32,
}
_STATUS_COLUMN = "status(V read; S secondary; R recalled; - not found)"
_STATUS = {"V": "read", "S": "secondary", "R": "recalled", "-": "not found"}
_BLOCS = {"EU": "EU27", "G7": "G7"}
_BODIES = {"IEA"}
_SHORT_TON_T = 0.90718474
_UNITS = {
    "": (1.0, ""),
    "-": (1.0, ""),
    "USGS 2025 list": (1.0, ""),
    "bn USD": (1e9, "USD"),
    "billion USD": (1e9, "USD"),
    "bn USD assets (912.3 M material)": (1e9, "USD"),
    "million USD": (1e6, "USD"),
    "USD/kg NdPr": (1.0, "USD/kg"),
    "metric tons": (1.0, "t"),
    "metric tons gross weight": (1.0, "t"),
    "short tons": (_SHORT_TON_T, "t"),
    "days": (1.0, "days"),
    "days approx": (1.0, "days"),
    "days of domestic consumption": (1.0, "days"),
    "days ('such as 180 days')": (1.0, "days"),
    "days of supply": (1.0, "days"),
    "percent (approx.)": (1.0, "percent"),
    "metals": (1.0, "count"),
}
_PHRASES: dict[str, tuple[str, ...]] = {
    "all": (),
    "55 materials": (),
    "34 rare metals": (),
    "rare metals": (),
    "non-ferrous metals": (),
    "high geopolitical-risk minerals": (),
    "neodymium-praseodymium oxide": ("NdPr",),
    "neodymium-iron-boron magnet block": ("magnet_REE",),
    "samarium-cobalt alloy": ("samarium", "cobalt"),
    "lithium carbonate": ("lithium",),
    "gallium, cobalt, lithium, rare earths and other": (
        "gallium",
        "cobalt",
        "lithium",
        "rare_earths",
    ),
    "nickel, chrome, tungsten, cobalt, molybdenum, manganese, vanadium": (
        "nickel",
        "chromium",
        "tungsten",
        "cobalt",
        "molybdenum",
        "manganese",
        "vanadium",
    ),
}


def read(raw: Path) -> Reading:
    """Tables `crma_benchmarks`, `elasticities`, `policy_events`, `vault_facts`, `stockpile_facts`.

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown country, material, actor or unit, or a date
        that is not one.
    """
    problems = Problems("policy facts")
    found = {
        "crma_benchmarks": _benchmarks(raw, problems),
        "elasticities": _elasticities(raw, problems),
        "policy_events": _events(raw, problems),
        "vault_facts": _vault(raw, problems),
        "stockpile_facts": _stockpiles(raw, problems),
    }
    problems.raise_if_any()
    tables = {name: pl.DataFrame(rows, schema=_schema(name)) for name, rows in found.items()}
    return Reading(tables, _notes(tables))


def _schema(table: str) -> dict[str, Any]:
    return {column: _TYPES.get(column, pl.String) for column in CARDS[table].columns}


def _benchmarks(raw: Path, problems: Problems) -> list[dict[str, Any]]:
    columns = ("benchmark", "article", "percent", "sense", "definition (paraphrase)")
    rows = csv_rows(raw, BENCHMARKS, (*columns, "denominator", "deadline"), problems)
    found = []
    for row in rows:
        percent = number(row["percent"], row.where("percent"), problems)
        if row["sense"] not in ("min", "max"):
            problems.add(f"unknown sense {row['sense']!r}", row.where("sense"), "min or max")
        found.append(
            {
                "benchmark": row["benchmark"],
                "article": row["article"],
                "share": None if percent is None else percent / 100.0,
                "sense": row["sense"],
                "definition": row["definition (paraphrase)"],
                "denominator": row["denominator"],
                "deadline": row["deadline"],
                **_provided(row),
            }
        )
    return found


def _elasticities(raw: Path, problems: Problems) -> list[dict[str, Any]]:
    columns = ("parameter", "material_or_case", "horizon", "value", "status", "source", "note")
    found = []
    evidence = ""
    for row in csv_rows(raw, ELASTICITIES, columns, problems):
        evidence = evidence if row["source"] == "same" else row["source"]
        material = terms.find_material(row["material_or_case"])
        found.append(
            {
                "parameter": row["parameter"],
                "material": None if material is None else material.id,
                "case": row["material_or_case"],
                "horizon": row["horizon"],
                **_numbers(printed(row["value"]), row["value"]),
                "status": row["status"],
                "evidence": evidence,
                "note": row["note"],
                **_provided(row),
            }
        )
    return found


def _events(raw: Path, problems: Problems) -> list[dict[str, Any]]:
    found = []
    for row in csv_rows(raw, EVENTS, ("date", "actor", "event", _STATUS_COLUMN), problems):
        day = first_date(row["date"])
        if day is None:
            problems.add(f"{row['date']!r} is not a date", row.where("date"), "write 2025-10-31")
        status = _STATUS.get(row[_STATUS_COLUMN].split("/")[0])
        if status is None:
            what = f"unknown status {row[_STATUS_COLUMN]!r}"
            problems.add(what, row.where(_STATUS_COLUMN), "use V, S, R or -")
        found.append(
            {
                "date": day.first_day if day else None,
                "precision": day.precision if day else None,
                "actors": _actors(row, problems),
                "actors_raw": row["actor"],
                "event": row["event"],
                "status": status,
                **_provided(row),
            }
        )
    return found


def _actors(row: Row, problems: Problems) -> list[str]:
    """Place and bloc ids of the actors of an event, as in "US/EU/JP" or "CN-EU"."""
    actors = []
    for word in re.split(r"[-/]", row["actor"]):
        place = terms.find_place(word)
        if word in _BLOCS:
            actors.append(_BLOCS[word])
        elif place is not None:
            actors.append(place.iso3)
        elif word not in _BODIES:
            mend = "use a two-letter country code, or teach the reader the body"
            problems.add(f"unknown actor {word!r}", row.where("actor"), mend)
    return actors


def _vault(raw: Path, problems: Problems) -> list[dict[str, Any]]:
    columns = ("item", "value", "unit", "detail", "status", "source")
    return [
        {
            "item": row["item"],
            **_measured(row, problems),
            "detail": row["detail"],
            "status": row["status"],
            "evidence": row["source"],
            **_provided(row),
        }
        for row in csv_rows(raw, VAULT, columns, problems)
    ]


def _stockpiles(raw: Path, problems: Problems) -> list[dict[str, Any]]:
    columns = ("country", "scheme", "material", "metric", "value", "unit", "as_of")
    evidence = ("source_publisher", "source_title", "source_url", "confidence", "note")
    names = Names(SOURCE, problems)
    found = []
    for row in csv_rows(raw, STOCKPILES, (*columns, *evidence), problems):
        as_of = first_date(row["as_of"].removeprefix("FY"))
        where = row.where("material")
        found.append(
            {
                "place": names.place(row["country"], row.where("country")),
                "scheme": row["scheme"],
                "materials": material_ids(row["material"], _PHRASES, where, problems),
                "materials_raw": row["material"],
                "metric": row["metric"],
                **_measured(row, problems),
                "as_of": as_of.first_day if as_of else None,
                "as_of_raw": row["as_of"],
                "publisher": row["source_publisher"],
                "evidence": row["source_title"],
                "url": row["source_url"],
                "confidence": row["confidence"],
                "note": row["note"],
                **_provided(row),
            }
        )
    return found


def _measured(row: Row, problems: Problems) -> dict[str, Any]:
    """Number and unit of a row, converted once to t, USD, days, percent or count."""
    factor, unit = _UNITS.get(row["unit"], (None, None))
    if factor is None:
        what = f"unknown unit {row['unit']!r}"
        problems.add(what, row.where("unit"), f"use one of {', '.join(filter(None, _UNITS))}")
        factor = 1.0
    if row["value"] == "None":  # a publisher's word for an empty stockpile: a reported zero
        number_read = Printed(0.0, None, None, "reported")
    else:
        number_read = printed(row["value"])
    return {**_numbers(number_read, row["value"], factor), "unit": unit, "raw_unit": row["unit"]}


def _numbers(found: Printed, raw_value: str, factor: float = 1.0) -> dict[str, Any]:
    bounds: Mapping[str, float | None] = {
        "value": found.value,
        "low": found.low,
        "high": found.high,
    }
    scaled = {name: None if x is None else x * factor for name, x in bounds.items()}
    return {**scaled, "flag": found.flag, "raw_value": raw_value}


def _provided(row: Row) -> dict[str, Any]:
    return {"source": SOURCE, "file": row.file, "row": row.number}


def _notes(tables: dict[str, pl.DataFrame]) -> list[str]:
    notes = []
    for name in ("elasticities", "vault_facts", "stockpile_facts"):
        words = tables[name].filter(pl.col("flag") == "text").height
        notes.append(f"{name}: {words} of {tables[name].height} values are words, kept as printed")
    return notes
