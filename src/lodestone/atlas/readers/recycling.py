"""Recycling and by-products: how much comes from scrap, and how much hangs on another metal.

End-of-life recycling input rate (EOL-RIR): the share of a material's supply that comes from old
scrap. Companionality: the share of its mine output that is won as a by-product of a host. Both
become facts, as shares.

Traps it meets: copies of one study disagree (copper 0.17 and 0.55 for 2023), so every row is
kept and each carries the range of all rows on that material and edition; bauxite and aluminium are two rows
of one material; a row printed twice; labels of energy carriers and of wood.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.cards import PROVENANCE, Column, TableCard
from lodestone.atlas.facts import Reading, facts_frame
from lodestone.atlas.readers.material_words import material_ids
from lodestone.atlas.readers.strict_table import Row, csv_rows, number
from lodestone.terms.errors import Problems

SOURCE = "recycling"
EOL_RIR = "materials/eol_rir_by_source.csv"
HOSTS = "materials/byproduct_hosts.csv"
COMPANIONALITY = "methods/companionality.csv"

CARDS = {
    "byproducts": TableCard(
        "Which materials are by-products of which hosts",
        {
            "material": Column("material id"),
            "class": Column("byproduct, mixed or primary"),
            "companionality": Column("share of mine output won as a by-product", "share"),
            "hosts": Column("host material ids; plain words for hosts that are no material here"),
            "substitutability": Column("high, medium or low, as the source judges it"),
            "note": Column("remark of the source"),
            "evidence": Column("publication"),
            **PROVENANCE,
        },
        (SOURCE,),
    ),
}

_BYPRODUCT_SCHEMA: dict[str, Any] = {
    "material": pl.String,
    "class": pl.String,
    "companionality": pl.Float64,
    "hosts": pl.List(pl.String),
    "substitutability": pl.String,
    "note": pl.String,
    "evidence": pl.String,
    "source": pl.String,
    "file": pl.String,
    "row": pl.Int32,
}
_EDITION = re.compile(r"EC CRM (20\d{2})")
_EU_OF_EDITION = {"2023": "EU27", "2017": "EU28"}
_PHRASES: dict[str, tuple[str, ...]] = {
    "diamonds": ("diamond_gem", "diamond_industrial"),
    "aggregates": (),
}
# One material, two forms whose rates differ: of the ore hardly any, of the metal much is scrap.
_STAGE_OF_LABEL = {"bauxite": "mine", "aluminium": "product"}
_CLASSES = {"byproduct", "mixed", "primary"}
_BYPRODUCT_YEARS = (2015, 2024)


def read(raw: Path) -> Reading:
    """Facts `eol_rir` and `companionality`, and the table `byproducts`.

    Returns
    -------
    Reading
        `facts` with values as shares 0..1; where rows on the same material (and form) of one
        edition differ, `low` and `high` are their range and the flag says so; `byproducts`.

    Raises
    ------
    DataError
        For a missing or renamed column, an unknown material, edition or class, a word where a
        number belongs, or a share outside 0 to 100 %.
    """
    problems = Problems("recycling and by-products")
    notes: list[str] = []
    facts = _recycling(raw, problems, notes)
    hosts = csv_rows(raw, HOSTS, _HOST_COLUMNS, problems)
    facts += _companionality(raw, hosts, problems, notes)
    byproducts = [b for row in hosts for b in _byproduct(row, problems)]
    problems.raise_if_any()
    tables = {
        "facts": facts_frame(facts),
        "byproducts": pl.DataFrame(byproducts, schema=_BYPRODUCT_SCHEMA),
    }
    return Reading(tables, notes)


_HOST_COLUMNS = (
    "label",
    "title",
    "class",
    "companionality_pct",
    "hosts",
    "note",
    "substitutability",
    "source",
)


def _recycling(raw: Path, problems: Problems, notes: list[str]) -> list[dict[str, Any]]:
    columns = ("material", "source", "eol_rir_pct", "stage_or_class", "key")
    seen: set[tuple[str, ...]] = set()
    facts: list[dict[str, Any]] = []
    repeated = 0
    for row in csv_rows(raw, EOL_RIR, columns, problems):
        cells = tuple(row[column] for column in columns)
        if cells in seen:
            repeated += 1
            continue
        seen.add(cells)
        edition = _EDITION.search(row["source"])
        if edition is None:
            what = f"unknown study {row['source']!r}"
            problems.add(what, row.where("source"), "name the edition: EC CRM 2023")
            continue
        share = _share(row, "eol_rir_pct", problems)
        for ident in material_ids(row["material"], _PHRASES, row.where("material"), problems):
            facts.append(
                {
                    **_fact(row, ident, "eol_rir", share, row["eol_rir_pct"]),
                    "stage": _STAGE_OF_LABEL.get(row["material"].lower()),
                    "detail": row["source"],
                    "place": _EU_OF_EDITION[edition[1]],
                    "year": int(edition[1]),
                    "year_to": int(edition[1]),
                }
            )
    apart = _spread(facts)
    notes.append(f"{EOL_RIR}: {repeated} rows printed twice; each counts once")
    notes.append(
        f"{EOL_RIR}: copies of one edition disagree on {len(apart)} materials; all are kept: "
        + ", ".join(f"{name} {low:.2f}-{high:.2f}" for name, (low, high) in apart.items())
    )
    return facts


def _companionality(
    raw: Path, hosts: list[Row], problems: Problems, notes: list[str]
) -> list[dict[str, Any]]:
    columns = ("material", "class", "companionality_pct", "hosts", "empirical_pct", "note")
    other = csv_rows(raw, COMPANIONALITY, (*columns, "source"), problems)
    labelled = [(row, row["title"]) for row in hosts] + [(row, row["material"]) for row in other]
    facts = []
    for row, label in labelled:
        if not row["companionality_pct"]:
            continue
        share = _share(row, "companionality_pct", problems)
        for ident in material_ids(label, _PHRASES, row.where("material"), problems):
            facts.append(
                {
                    **_fact(row, ident, "companionality", share, row["companionality_pct"]),
                    "detail": row["source"],
                    "place": "WLD",
                    "year": _BYPRODUCT_YEARS[0],
                    "year_to": _BYPRODUCT_YEARS[1],
                    "kind": "judged",
                }
            )
    apart = _spread(facts)
    notes.append(
        f"{HOSTS} and {COMPANIONALITY} give the same shares"
        if not apart
        else f"{HOSTS} and {COMPANIONALITY} differ on {', '.join(apart)}; both are kept"
    )
    notes.append(f"{COMPANIONALITY}: column empirical_pct is not explained there and not used")
    return facts


def _fact(row: Row, ident: str, quantity: str, share: float | None, printed: str) -> dict[str, Any]:
    return {
        "fact": f"{SOURCE}:{row.file}:{row.number}:{ident}",
        "source": SOURCE,
        "file": row.file,
        "material": ident,
        "quantity": quantity,
        "value": share,
        "unit": "share",
        "raw_value": printed,
        "raw_unit": "percent",
        "flag": "reported" if share is not None else "unknown",
        "kind": "reported",
        "note": "",
    }


def _share(row: Row, column: str, problems: Problems) -> float | None:
    percent = number(row[column], row.where(column), problems)
    if percent is None:
        return None
    if not 0.0 <= percent <= 100.0:
        problems.add(f"{percent} is no share in per cent", row.where(column), "0 to 100")
    return round(percent / 100.0, 6)  # the file prints 28.000000000000004 for 28


def _spread(facts: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """Give every fact the range of all on its material, form and edition; return what varies."""
    groups: dict[tuple[str, str | None, int], list[dict[str, Any]]] = defaultdict(list)
    for fact in facts:
        if fact["value"] is not None:
            groups[(fact["material"], fact.get("stage"), fact["year"])].append(fact)
    apart = {}
    for (material, stage, _), group in groups.items():
        low, high = min(f["value"] for f in group), max(f["value"] for f in group)
        if low < high:
            apart[f"{material} ({stage})" if stage else material] = (low, high)
            for fact in group:
                fact.update(low=low, high=high, flag="reported;range")
                fact["note"] = f"rows on this material range from {low} to {high}"
    return apart


def _byproduct(row: Row, problems: Problems) -> list[dict[str, Any]]:
    kind = row["class"].split(" ")[0]
    if kind not in _CLASSES:
        mend = f"use one of {', '.join(sorted(_CLASSES))}"
        problems.add(f"unknown class {row['class']!r}", row.where("class"), mend)
    percent = row["companionality_pct"]
    return [
        {
            "material": ident,
            "class": kind,
            "companionality": _share(row, "companionality_pct", problems) if percent else None,
            "hosts": [_host(word) for word in row["hosts"].split(";") if word],
            "substitutability": row["substitutability"] or None,
            "note": row["note"],
            "evidence": row["source"],
            "source": SOURCE,
            "file": row.file,
            "row": row.number,
        }
        for ident in material_ids(row["title"], _PHRASES, row.where("title"), problems)
    ]


def _host(word: str) -> str:
    found = terms.find_material(word)
    return word if found is None else found.id
