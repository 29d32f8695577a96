"""The answer of `explain` as a trail: the number, what it is made of, and each printed figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.cli.numerals import Scale
from lodestone.cli.sheet import Sheet
from lodestone.cli.wording import LABELS, Row, cell, heading, one_line, with_unit

#: Level of a row -> how far it stands in.
_INDENT = {"number": 0, "part": 2, "fact": 6, "trade": 6}
_DEEPEST = max(_INDENT.values())
#: Columns that have a line of their own; all others are said as `name: entry`.
_TOLD = frozenset(
    ("level", "what", "id", "value", "low", "high", "before", "error", "after", "adjustment")
) | {"unit", "raw_value", "kind", "grade", "source", "file", "row", "licence", "note"}
#: Published figures are stated in full, ours with the digits that mean something.
_PRINTED_DIGITS = 9


def print_trail(
    sheet: Sheet, rows: Sequence[Row], units: Mapping[str, str], query: Mapping[str, Any]
) -> None:
    """Print rows from the number down, each level further in; ids on lines of their own."""
    if query.get("id") and not rows[0].get("id"):
        sheet.line(one_line(str(query["id"])))
    above = ""
    for row in rows:
        level = str(row.get("level"))
        if level == "part" and above == "number":
            sheet.heading("made of")
        _print_step(sheet, row, units, _INDENT.get(level, _DEEPEST))
        above = level


def _print_step(sheet: Sheet, row: Row, units: Mapping[str, str], indent: int) -> None:
    sheet.blank()
    if row.get("what"):
        sheet.paragraph(one_line(str(row["what"])), indent)
    if row.get("id"):
        sheet.line(one_line(str(row["id"])), indent)
    inner = indent + 2
    figures = (_figure(row), _balanced(row, units), _standing(row))
    for text in ("; ".join(text for text in figures if text), *_origin(row)):
        if text:
            sheet.paragraph(text, inner)
    if row.get("note"):
        sheet.paragraph(f"note: {one_line(str(row['note']))}", inner, hang=6)
    rest = [
        f"{heading(name)}: {_entry(name, value)}"
        for name, value in row.items()
        if name not in _TOLD and value is not None
    ]
    if rest:
        sheet.paragraph("; ".join(rest), inner)


def _figure(row: Row) -> str:
    """Value, band and how the publisher prints it."""
    if "value" not in row:
        return ""
    unit = row.get("unit")
    exact = row.get("level") == "fact"
    numbers = [row.get(c) for c in ("value", "low", "high")]
    scale = Scale.of(numbers, unit, _PRINTED_DIGITS if exact else 4)
    text = with_unit(scale.text(row["value"]), unit)
    band = scale.band(row.get("low"), row.get("high"))
    if band:
        text += f" ({band})"
    if row.get("raw_value"):
        text += f", printed as: {one_line(str(row['raw_value']))}"
    return text


def _balanced(row: Row, units: Mapping[str, str]) -> str:
    """Estimate before and value after balancing, and how far it moved."""
    if "after" not in row:
        return ""
    unit = row.get("unit")
    scale = Scale.of([row.get(c) for c in ("before", "after", "error")], unit)
    before = scale.text(row.get("before"))
    if row.get("error") is not None:
        before += f" ± {scale.text(row['error'])}"
    text = f"balancing: {before} -> {with_unit(scale.text(row['after']), unit)}"
    if row.get("adjustment") is not None:
        moved = Scale.of([row["adjustment"]], digits=2).text(row["adjustment"])
        text += f", moved by {with_unit(moved, units.get('adjustment'))}"
    return text


def _standing(row: Row) -> str:
    grade = row.get("grade")
    words = (row.get("kind"), f"grade {grade}" if grade else None)
    return ", ".join(one_line(str(word)) for word in words if word)


def _origin(row: Row) -> list[str]:
    """Publisher, file, row and licence."""
    where = [f"{key} {one_line(str(row[key]))}" for key in ("file", "row") if row.get(key)]
    who = _publisher(str(row["source"])) if row.get("source") else ""
    licence = f"licence: {one_line(str(row['licence']))}" if row.get("licence") else ""
    return [who, ", ".join(where), licence]


def _publisher(id: str) -> str:
    """Publisher, title and year of a source; its id where the list does not know it."""
    from lodestone.atlas.source import sources

    for source in sources():
        if source.id == id:
            return f"{source.publisher}: {source.title} [{id}]"
    return one_line(id)


def _entry(name: str, value: object) -> str:
    quantity = isinstance(value, float) and name not in LABELS
    return Scale.of([value]).text(value) if quantity else cell(name, value)
