"""World Bank: monthly commodity prices, GDP, and what trade agreements promise on exports.

Prices come from the Pink Sheet (metals and fertilizers), converted once to USD per tonne of the
product as traded; the printed number and unit stay beside it. GDP is in current USD. Agreements
are those in force by 2015, one row per country pair and agreement, with what they say on export
taxes and on investment.

Traps it meets: iron ore is labelled "$/dmtu" but printed in USD per dry tonne (the publisher's
description says so); 48 World Bank aggregates stand among the countries in GDP; an agreement's
year of entry into force is not the year a pair joined it.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import itertools
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.cards import PROVENANCE, Column, TableCard
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers.dates import year
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows, number
from lodestone.terms.errors import Problems

PRICE_SOURCE, GDP_SOURCE, AGREEMENT_SOURCE = "wb_prices", "wdi_gdp", "wb_dta"
PRICES = "prices/wb_pinksheet_metals_fertilizers_monthly_tidy.csv"
GDP = "governance/gdp_current_usd_1960_2023.csv"
AGREEMENTS = "governance/wb_deep_trade_agreements_bilateral.csv.gz"

CARDS = {
    "prices_monthly": TableCard(
        "World market prices by month, nominal",
        {
            "month": Column("first day of the month"),
            "series": Column("the publisher's name of the series"),
            "material": Column("material id; null for fertilizers that are not a material here"),
            "stage": Column("stage the price belongs to"),
            "basis": Column("what a tonne counts: an element, or gross product as traded"),
            "value": Column("price", "USD/t of basis"),
            "raw_value": Column("the number as printed"),
            "raw_unit": Column("the unit as printed"),
            **PROVENANCE,
        },
        (PRICE_SOURCE,),
    ),
    "gdp": TableCard(
        "Gross domestic product at current prices and exchange rates",
        {
            "place": Column("ISO3, or WLD"),
            "year": Column("year"),
            "value": Column("GDP", "USD of the year"),
            **PROVENANCE,
        },
        (GDP_SOURCE,),
    ),
    "trade_agreements": TableCard(
        "Trade agreements in force by 2015, by country pair, with export taxes and investment",
        {
            "place_1": Column("ISO3 of one party"),
            "place_2": Column("ISO3 of the other party"),
            "agreement": Column("name of the agreement"),
            "type": Column("FTA, CU (customs union), EIA (services) or both"),
            "year": Column("first year the pair was covered"),
            "entry_year": Column("year the agreement entered into force"),
            "export_taxes": Column("it has rules on export taxes: yes, enforceable or no"),
            "investment": Column("it has rules on investment: yes, enforceable or no"),
            "depth": Column("number of policy areas covered", "of 52"),
            "depth_enforceable": Column("number of those that are legally enforceable", "of 52"),
            **PROVENANCE,
        },
        (AGREEMENT_SOURCE,),
    ),
}


@dataclass(frozen=True)
class Series:
    """A price series: which material at which stage, and what a tonne of it counts."""

    material: str | None
    stage: str | None
    basis: str


_FERTILIZER = Series(None, None, "gross")
_SERIES = {
    "Aluminum": Series("aluminium", "product", "Al"),
    "Copper": Series("copper", "refine", "Cu"),
    "DAP": _FERTILIZER,
    "Gold": Series("gold", "mine", "Au"),
    "Iron ore, cfr spot": Series("iron", "mine", "gross"),
    "Lead": Series("lead", "refine", "Pb"),
    "Nickel": Series("nickel", "refine", "Ni"),
    "Phosphate rock": Series("phosphate_rock", "mine", "gross"),
    "Platinum": Series("platinum", "refine", "Pt"),
    "Potassium chloride": Series("potash", "mine", "gross"),
    "Silver": Series("silver", "mine", "Ag"),
    "TSP": _FERTILIZER,
    "Tin": Series("tin", "refine", "Sn"),
    "Urea": _FERTILIZER,
    "Zinc": Series("zinc", "refine", "Zn"),
}
_TROY_OUNCE_T = 31.1034768e-6
# USD per tonne in one USD per printed unit. "dmtu" is a wrong label: see the module's traps.
_PER_TONNE = {"($/mt)": 1.0, "($/troy oz)": 1.0 / _TROY_OUNCE_T, "($/dmtu)": 1.0}

_PROVIDED = {"source": pl.String, "file": pl.String, "row": pl.Int32}
_PRICE_SCHEMA: dict[str, Any] = {
    "month": pl.Date,
    "series": pl.String,
    "material": pl.String,
    "stage": pl.String,
    "basis": pl.String,
    "value": pl.Float64,
    "raw_value": pl.String,
    "raw_unit": pl.String,
    **_PROVIDED,
}
_GDP_SCHEMA: dict[str, Any] = {
    "place": pl.String,
    "year": pl.Int32,
    "value": pl.Float64,
    **_PROVIDED,
}
_AGREEMENT_SCHEMA: dict[str, Any] = {
    "place_1": pl.String,
    "place_2": pl.String,
    "agreement": pl.String,
    "type": pl.String,
    "year": pl.Int32,
    "entry_year": pl.Int32,
    "export_taxes": pl.String,
    "investment": pl.String,
    "depth": pl.Int32,
    "depth_enforceable": pl.Int32,
    **_PROVIDED,
}
# The file has 124 columns, one per policy area and its enforceability; these are read.
_AGREEMENT_COLUMNS = (
    "iso1",
    "iso2",
    "year",
    "agreement",
    "entry_force",
    "type",
    "wto_plus_exporttaxes",
    "wto_plus_exporttaxes_le",
    "wto_X_investment",
    "wto_X_investment_le",
    "depth",
    "depth_le",
)
# Covered at all; and if so 0 not enforceable, 1 without, 2 with dispute settlement.
_PROVISIONS = {
    ("0", "0"): "no",
    ("1", "0"): "yes",
    ("1", "1"): "yes",
    ("1", "2"): "enforceable",
}


def read(raw: Path) -> Reading:
    """Tables `prices_monthly`, `gdp` and `trade_agreements`.

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown country, series or unit, a word where a
        number belongs, or a price printed twice for a month.
    """
    problems = Problems("World Bank")
    notes: list[str] = []
    tables = {
        "prices_monthly": _prices(raw, problems, notes),
        "gdp": _gdp(raw, problems, notes),
        "trade_agreements": _agreements(raw, problems, notes),
    }
    problems.raise_if_any()
    return Reading(tables, notes)


def _prices(raw: Path, problems: Problems, notes: list[str]) -> pl.DataFrame:
    rows = csv_rows(raw, PRICES, ("month", "commodity", "unit", "value"), problems)
    found = [price for row in rows if (price := _price(row, problems)) is not None]
    frame = pl.DataFrame(found, schema=_PRICE_SCHEMA)
    printed = Counter(zip(frame["series"], frame["month"], strict=True))
    for (series, month), count in printed.items():
        if count > 1:
            problems.add(f"{series} {month:%Y-%m} stands {count} times", PRICES, "keep one row")
    notes.append(f"{PRICES}: iron ore, labelled $/dmtu, is read as USD per dry tonne of ore")
    notes += [f"{PRICES}: no price of {gap}" for gap in _gaps(frame)]
    return frame


def _price(row: Row, problems: Problems) -> dict[str, Any] | None:
    series, factor = _SERIES.get(row["commodity"]), _PER_TONNE.get(row["unit"])
    if series is None:
        what = f"unknown series {row['commodity']!r}"
        problems.add(what, row.where("commodity"), "teach the reader which material it is")
    if factor is None:
        what = f"unknown unit {row['unit']!r}"
        problems.add(what, row.where("unit"), "teach the reader how many tonnes it is")
    value = number(row["value"], row.where("value"), problems)
    month = _first_day(row, problems)
    if series is None or factor is None or value is None or month is None:
        return None
    return {
        "month": month,
        "series": row["commodity"],
        "material": series.material,
        "stage": series.stage,
        "basis": series.basis,
        "value": value * factor,
        "raw_value": row["value"],
        "raw_unit": row["unit"],
        "source": PRICE_SOURCE,
        "file": row.file,
        "row": row.number,
    }


def _first_day(row: Row, problems: Problems) -> date | None:
    try:
        return date.fromisoformat(row["month"] + "-01")
    except ValueError:
        problems.add(f"{row['month']!r} is not a month", row.where("month"), "write it as 2024-05")
        return None


def _gaps(frame: pl.DataFrame) -> list[str]:
    """Months that a series leaves out between its first and its last."""
    gaps = []
    for (series,), group in frame.group_by("series", maintain_order=True):
        for before, after in itertools.pairwise(group["month"].sort().to_list()):
            months = (after.year - before.year) * 12 + after.month - before.month
            if months > 1:
                gaps.append(f"{series} between {before:%Y-%m} and {after:%Y-%m}")
    return gaps


def _gdp(raw: Path, problems: Problems, notes: list[str]) -> pl.DataFrame:
    rows = csv_rows(raw, GDP, ("country", "iso3", "year", "gdp_current_usd"), problems)
    countries = [row for row in rows if terms.excluded_place(row["iso3"]) is None]
    names = Names(GDP_SOURCE, problems)
    found = [
        {
            "place": names.place(row["iso3"], row.where("iso3")),
            "year": year(row, "year", problems),
            "value": number(row["gdp_current_usd"], row.where("gdp_current_usd"), problems),
            "source": GDP_SOURCE,
            "file": row.file,
            "row": row.number,
        }
        for row in countries
    ]
    dropped = sorted({row["iso3"] for row in rows} - {row["iso3"] for row in countries})
    notes.append(f"{GDP}: {len(dropped)} aggregates are not countries: {', '.join(dropped)}")
    return pl.DataFrame(found, schema=_GDP_SCHEMA)


def _agreements(raw: Path, problems: Problems, notes: list[str]) -> pl.DataFrame:
    names = Names(AGREEMENT_SOURCE, problems)
    rows = _agreement_rows(raw, problems)
    found = [_agreement(row, names, problems) for row in rows]
    joined_later = sum(1 for row in rows if row["year"] != row["entry_force"])
    notes.append(
        f"{AGREEMENTS}: {joined_later} of {len(rows)} pairs joined after the agreement entered "
        "into force; nothing after 2015 is in it"
    )
    return pl.DataFrame(found, schema=_AGREEMENT_SCHEMA)


def _agreement_rows(raw: Path, problems: Problems) -> list[Row]:
    try:
        text = gzip.decompress((raw / AGREEMENTS).read_bytes()).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        problems.add(f"cannot be read ({error})", AGREEMENTS, "fetch the file again")
        return []
    lines = csv.DictReader(text.splitlines())
    header = list(lines.fieldnames or ())
    missing = [name for name in _AGREEMENT_COLUMNS if name not in header]
    for name in missing:
        near = difflib.get_close_matches(name, header, n=1, cutoff=0.4)
        hint = f"is it now called {near[0]!r}?" if near else "fetch the file again"
        problems.add(f"column {name!r} is missing", f"{AGREEMENTS}, row 0", hint)
    if missing:
        return []
    return [Row(AGREEMENTS, count, cells) for count, cells in enumerate(lines, start=1)]


def _agreement(row: Row, names: Names, problems: Problems) -> dict[str, Any]:
    return {
        "place_1": names.place(row["iso1"], row.where("iso1")),
        "place_2": names.place(row["iso2"], row.where("iso2")),
        "agreement": row["agreement"],
        "type": row["type"],
        "year": year(row, "year", problems),
        "entry_year": year(row, "entry_force", problems),
        "export_taxes": _provision(row, "wto_plus_exporttaxes", problems),
        "investment": _provision(row, "wto_X_investment", problems),
        "depth": _areas(row, "depth", problems),
        "depth_enforceable": _areas(row, "depth_le", problems),
        "source": AGREEMENT_SOURCE,
        "file": row.file,
        "row": row.number,
    }


def _areas(row: Row, column: str, problems: Problems) -> int | None:
    count = number(row[column], row.where(column), problems)
    return None if count is None else int(count)


def _provision(row: Row, column: str, problems: Problems) -> str | None:
    found = _PROVISIONS.get((row[column], row[f"{column}_le"]))
    if found is None:
        what = f"coverage {row[column]!r} with enforceability {row[f'{column}_le']!r}"
        problems.add(what, row.where(column), "coverage is 0 or 1, enforceability 0, 1 or 2")
    return found
