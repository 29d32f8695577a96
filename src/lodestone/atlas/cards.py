"""What the columns of a released table mean: a card per table, kept beside whoever makes it.

No table enters the data release without a card, and no column without a line on it, so the
release describes itself and the documentation of the data is written from the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """What one column holds, and its unit where it has one."""

    description: str
    unit: str = ""


@dataclass(frozen=True)
class TableCard:
    """What one table holds: a sentence, a line per column, and the sources it is made from.

    A table with a column `source` must name a listed source in every row.
    """

    description: str
    columns: Mapping[str, Column]
    sources: tuple[str, ...]


PROVENANCE = {
    "source": Column("source id"),
    "file": Column("raw file the row was read from"),
    "row": Column("data row in that file, counted from 1"),
}

FACT_COLUMNS = {
    "fact": Column("unique id, <source>:<file>:<row>[:<column>]"),
    "source": Column("source id"),
    "file": Column("raw file the number was read from"),
    "material": Column("material id"),
    "stage": Column("mine, refine or product; null where the number is not of a stage"),
    "quantity": Column("what is counted: production, capacity, reserves, use, imports ..."),
    "detail": Column("the publisher's own name of the series"),
    "place": Column("place the number is about: ISO3, WLD, XOT or a bloc id"),
    "partner": Column("origin, for import_share and sourcing_share"),
    "year": Column("year, or first year of a span"),
    "year_to": Column("last year of the span; equal to year for one year"),
    "value": Column("the number, in unit; null where unknown or withheld, 0 where reported so"),
    "low": Column("lower bound where the source gives a range, a bound or rounding"),
    "high": Column("upper bound where the source gives a range, a bound or rounding"),
    "unit": Column("t, share, USD/t, percent ..."),
    "basis": Column("content basis of tonnes, or gross"),
    "raw_value": Column("the cell exactly as printed"),
    "raw_unit": Column("the unit exactly as printed"),
    "flag": Column("reported, estimated, withheld, unknown, range ..., joined by ;"),
    "kind": Column("measured, reported, inferred, judged or modelled"),
    "note": Column("footnotes, and every mending the reader did"),
}

TRADE_COLUMNS = {
    "source": Column("source id"),
    "code": Column("HS6 code as in the source"),
    "revision": Column("revision of the Harmonized System, HS92, HS17 ..."),
    "year": Column("calendar year"),
    "exporter": Column("ISO3 of the exporter"),
    "importer": Column("ISO3 of the importer"),
    "value_kusd": Column("value", "thousand USD"),
    "gross_t": Column("gross weight as the source prints it; null where it prints none", "t"),
    "gross_t_used": Column("gross weight after mending", "t"),
    "flag": Column(
        "ok, rebuilt_from_value, no_quantity, modelled_quantity, double_booked, excluded"
    ),
    "material": Column("material id that the rule table gives; null where excluded"),
    "stage": Column("stage that the rule table gives; null where excluded"),
    "content_t": Column("contained reference tonnes, central", "t"),
    "content_low": Column("contained reference tonnes, low", "t"),
    "content_high": Column("contained reference tonnes, high", "t"),
    "rule": Column("id of the rule row that decided"),
}
