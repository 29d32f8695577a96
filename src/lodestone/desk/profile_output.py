"""Who makes a material, year by year, and how concentrated that is."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from lodestone.assess.panel import OTHERS
from lodestone.desk.library import Library


def maker_rows(books: Library, name: str) -> list[dict[str, Any]]:
    """Rows `maker`: output of every place, stage and year, with its share of the world's."""
    cells = books.rows(
        'SELECT c.*, s."order" AS rank FROM chain_cells c JOIN chain_stages s '
        "USING (material, year, stage) WHERE c.material = ? AND c.entry = 'output' AND c.value > 0 "
        'ORDER BY s."order", c.year, c.value DESC, c.place',
        [name],
    )
    world: dict[tuple[str, int], float] = defaultdict(float)
    for cell in cells:
        world[cell["stage"], cell["year"]] += cell["value"]
    return [
        {
            "table": "maker",
            "material": name,
            "stage": cell["stage"],
            "place": cell["place"],
            "year": cell["year"],
            "value": cell["value"],
            "unit": cell["unit"],
            "share": cell["value"] / world[cell["stage"], cell["year"]],
            "grade": cell["grade"],
            "kind": cell["kind"],
            "id": f"cell:{name}:{cell['year']}:{cell['stage']}:{cell['place']}:output",
        }
        for cell in cells
    ]


def concentration_rows(
    books: Library, name: str, makers: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows `concentration`: Herfindahl index (0 to 1) of each stage and year, and the largest.

    Countries that a source does not name count in the total and add no square, as in `assess`.
    """
    grades = {
        (r["stage"], r["year"]): r["grade"]
        for r in books.rows("SELECT * FROM chain_stages WHERE material = ?", [name])
    }
    by_year: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for row in makers:
        by_year[row["stage"], row["year"]].append(row)
    rows = []
    for (stage, year), found in by_year.items():
        named = [r for r in found if r["place"] != OTHERS]
        largest = named[0] if named else None
        rows.append(
            {
                "table": "concentration",
                "material": name,
                "stage": stage,
                "year": year,
                "value": sum(r["share"] ** 2 for r in named),
                "unit": "score",
                "largest": largest["place"] if largest else None,
                "largest_share": largest["share"] if largest else None,
                "makers": len(named),
                "grade": grades[stage, year],
                "kind": "modelled",
                "id": f"score:hhi:{name}:{stage}:{year}:WLD",
            }
        )
    return rows
