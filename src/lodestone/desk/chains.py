"""The verb `chain`: the balanced supply chain of one material, with look-through and ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.library import Library, library
from lodestone.terms import attribute, material

if TYPE_CHECKING:
    from lodestone.chain.supply_chain import SupplyChain


@dataclass(frozen=True)
class ChainAnswer(Answer):
    """The answer of `chain`: its rows, and the chain itself to compute with."""

    supply_chain: SupplyChain


def chain(material_name: str, year: int | None = None) -> ChainAnswer:
    """Show who makes, ships and uses a material, stage by stage, in one year.

    Parameters
    ----------
    material_name : id, name, symbol or alias
    year : calendar year; the latest with data if left out

    Returns
    -------
    ChainAnswer
        Rows of four kinds, told apart by the column `table`: `ledger` (each place and stage),
        `flow` (each link, with the part that customs do not show), `stage` (totals, grade and
        the proof of the balance) and `adjustment` (entries moved by more than two errors).

    Raises
    ------
    RequestError
        Unknown material, or a year without data (the nearest years are named).

    Examples
    --------
    >>> answer = chain("cobalt", 2024)
    >>> answer.supply_chain.stages[0].stage
    'mine'
    """
    found = material(material_name)
    books = library()
    when = books.year(year, found.id)
    built = books.chain(found.id, when)
    rows = [
        *_stage_rows(books, found.id, when),
        *({"table": "ledger", **row} for row in built.rows()),
        *_flow_rows(books, found.id, when),
        *_adjustments(books, found.id, when),
    ]
    return ChainAnswer(
        query={"verb": "chain", "material": found.id, "year": when},
        results=tuple(rows),
        units={"adjustment": "errors", "residual": "share of world output"},
        sources=sources_of([found.id], when),
        notes=_notes(books, found.id, when),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
        supply_chain=built,
    )


def _stage_rows(books: Library, name: str, year: int) -> list[dict[str, Any]]:
    labels = material(name).stage_labels
    return [
        {
            "table": "stage",
            "material": name,
            "year": year,
            "stage": row["stage"],
            "what": labels.get(row["stage"], row["stage"]),
            "value": row["world_output"],
            "unit": row["unit"],
            "grade": row["grade"],
            "seen_share": row["seen_share"],
            "moved_share": row["moved_share"],
            "residual": row["residual"],
            "gap": row["gap"],
            "missing_codes": row["missing_codes"],
        }
        for row in books.stages(year)
        if row["material"] == name
    ]


def _flow_rows(books: Library, name: str, year: int) -> list[dict[str, Any]]:
    rows = books.rows(
        "SELECT * FROM chain_links WHERE material = ? AND year = ? ORDER BY stage, value DESC",
        [name, year],
    )
    unit = {s["stage"]: s["unit"] for s in books.stages(year) if s["material"] == name}
    return [
        {
            "table": "flow",
            "id": f"link:{name}:{year}:{r['stage']}:{r['origin']}>{r['destination']}",
            **r,
            "unit": unit[r["stage"]],
            "kind": "inferred" if r["customs"] is None else "reported",
        }
        for r in rows
    ]


def _adjustments(books: Library, name: str, year: int) -> list[dict[str, Any]]:
    """The ledger of large adjustments: what moved by more than two of its errors."""
    unit = {s["stage"]: s["unit"] for s in books.stages(year) if s["material"] == name}
    return [
        {"table": "adjustment", **row, "unit": unit[row["stage"]]}
        for row in books.rows(
            "SELECT * FROM ledger WHERE material = ? AND year = ? ORDER BY abs(adjustment) DESC",
            [name, year],
        )
    ]


def sources_of(names: Sequence[str], year: int) -> tuple[str, ...]:
    """Citations of everything that the chains of some materials rest on in a year."""
    books = library()
    return citations(set().union(*(_sources_of(books, name, year) for name in names)))


def _sources_of(books: Library, name: str, year: int) -> set[str]:
    from lodestone.desk.provenance import fact_source

    rows = books.rows(
        "SELECT DISTINCT facts FROM chain_cells WHERE material = ? AND year = ?", [name, year]
    )
    ids = {f for r in rows for f in str(r["facts"] or "").split(";") if f}
    traded = books.rows(
        "SELECT DISTINCT source FROM trade WHERE material = ? AND year = ?", [name, year]
    )
    return {fact_source(f) for f in ids} | {str(r["source"]) for r in traded}


def _notes(books: Library, name: str, year: int) -> tuple[str, ...]:
    limit = attribute("large_adjustment").default
    notes = [
        f"Adjustments above {limit:g} errors are listed under `adjustment`; nothing is hidden.",
        "Grades: A production and trade reported; B one of them inferred; "
        "C shares of another year, or inferred trade.",
    ]
    for row in books.stages(year):
        if row["material"] == name and row["missing_codes"]:
            notes.append(
                f"{row['stage']}: customs codes missing from the open files: "
                f"{row['missing_codes']}; that trade is inferred."
            )
    if any(r["unit"] == "index" for r in books.stages(year) if r["material"] == name):
        notes.append("Tonnes are not published: quantities are in units of world output = 100.")
    return tuple(notes)
