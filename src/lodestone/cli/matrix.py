"""Scores of many materials by many methods: a line a material, a column a method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lodestone.cli.numerals import Scale
from lodestone.cli.sheet import Sheet
from lodestone.cli.table import Column
from lodestone.cli.wording import Row, cell, common_entries, heading

#: Up to so many materials, every score is better shown with its band, grade and notes.
FEW = 3
#: Stages of a chain, and what is asked of a material as a whole -> heading.
_WHOLE = "Material as a whole"
_STAGES = {
    "bottleneck": _WHOLE,
    "use": _WHOLE,
    "mine": "Mined",
    "refine": "Refined",
    "product": "Made",
}
_WORLD = "WLD"
#: What an analyst compares first, with words that fit above a column.
_FIRST = {
    "ec_criticality": "EC critical (1 = yes)",
    "ec_supply_risk": "EC supply risk",
    "ec_economic_importance": "EC economic importance",
    "dependence_look_through": "largest maker",
    "dependence_direct": "largest shipper",
    "net_import_reliance": "net import reliance",
    "geopolrisk": "GeoPolRisk",
    "hhi_wgi": "HHI-WGI, 0-10,",
    "n_minus_1_all_demand": "N-1 supply / demand,",
}
_SAID_ABOVE = ("place", "year", "kind")
#: More methods than this are too many to compare at once.
_MOST = 10
#: Methods whose supplier is the answer as much as the share is.
_NAMES_SUPPLIER = ("dependence_look_through", "dependence_direct")


def matrix_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows that are scores of many materials by several methods; none if they are few."""
    if not all({"material", "method", "stage", "place", "year", "value"} <= set(r) for r in rows):
        return []
    found = [row for row in rows if row["stage"] in _STAGES]
    materials, methods = ({row[column] for row in found} for column in ("material", "method"))
    cells = {(row["material"], row["stage"], *_which(row)) for row in found}
    several = len(materials) > FEW and len(methods) > 1
    return found if several and len(cells) == len(found) else []


def print_matrix(sheet: Sheet, rows: Sequence[Row]) -> None:
    """Print a table for each stage; what does not fit is named with the way to see it."""
    common = common_entries([row for row in rows if row["place"] != _WORLD] or rows)
    said = {name: entry for name, entry in common.items() if name in _SAID_ABOVE}
    if said:
        sheet.paragraph("; ".join(f"{name}: {cell(name, entry)}" for name, entry in said.items()))
    methods = list(dict.fromkeys(str(row["method"]) for row in rows))
    chosen = methods if len(methods) <= _MOST else [m for m in methods if m in _FIRST]
    left = dict.fromkeys(m for m in methods if m not in chosen)
    for title in dict.fromkeys(_STAGES.values()):
        part = [r for r in rows if _STAGES[str(r["stage"])] == title and r["method"] in chosen]
        if part:
            sheet.heading(title)
            left |= dict.fromkeys(_print_stage(sheet, part, said))
    sheet.blank()
    if left:
        sheet.paragraph(f"more methods (--method NAME shows them): {', '.join(left)}")
    sheet.paragraph(
        "bands, grades, notes and ids: name up to three materials, or one --method, or --format csv"
    )


def _which(row: Row) -> tuple[str, str, int]:
    """What a column of the matrix is about."""
    return str(row["method"]), str(row["place"]), int(row["year"])


def _print_stage(sheet: Sheet, rows: Sequence[Row], said: Mapping[str, object]) -> list[str]:
    """Print a table, and give the methods that did not fit."""
    materials = tuple(sorted({str(row["material"]) for row in rows}))
    by_column: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        by_column.setdefault(_which(row), []).append(row)
    columns = [Column("material", "material", materials)]
    for which in sorted(by_column, key=lambda w: _rank(w[0])):
        columns += _method_columns(materials, by_column[which], said)
    return list(sheet.table(columns))


def _rank(method: str) -> int:
    return list(_FIRST).index(method) if method in _FIRST else len(_FIRST)


def _method_columns(
    materials: Sequence[str], rows: Sequence[Row], said: Mapping[str, object]
) -> list[Column]:
    """Our score, and the official figure beside it where there is one."""
    scores = {str(row["material"]): row for row in rows}
    numbers = [row.get(name) for row in rows for name in ("value", "official")]
    units = {row.get("unit") for row in rows}
    scale = Scale.of(numbers, units.pop() if len(units) == 1 else None, digits=3)
    method, title = str(rows[0]["method"]), _title(rows[0], said)

    def column(name: str, words: str) -> Column:
        cells = tuple(_score(scores.get(m), name, scale) for m in materials)
        return Column(method, words, cells, right=True, rank=_rank(method))

    found = [column("value", title)]
    if any(row.get("official") is not None for row in rows):
        found.append(column("official", "official"))
    return found


def _title(row: Row, said: Mapping[str, object]) -> str:
    """The method in words, and what its scores are about where that is not said above."""
    method, unit = str(row["method"]), row.get("unit")
    title = _FIRST.get(method) or heading(method, unit if unit == "years" else None)
    if row["place"] == _WORLD:
        title += " world"
    elif "place" not in said:
        title += f" {row['place']}"
    return title if "year" in said else f"{title} {row['year']}"


def _score(row: Row | None, name: str, scale: Scale) -> str:
    """A score; blank where the method says nothing about the material."""
    if row is None or (name == "official" and row.get(name) is None):
        return ""
    text = scale.text(row.get(name))
    supplier = row.get("supplier") if name == "value" and row["method"] in _NAMES_SUPPLIER else None
    return f"{supplier} {text}" if supplier else text
