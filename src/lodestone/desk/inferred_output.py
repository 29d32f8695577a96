"""Output that no producer list names: inferred for places which a list leaves out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from lodestone.desk.library import Library

_UNLISTED = "unlisted"


@dataclass(frozen=True)
class InferredOutput:
    """Output of places by material and stage in one year, and what of it no list names.

    Attributes
    ----------
    cells : (material, stage) -> place -> (output, whether it is inferred)
    """

    cells: dict[tuple[str, str], dict[str, tuple[float, bool]]]

    def part(self, material: str, stage: str, places: Collection[str]) -> float:
        """Share of what some places make that is inferred; 0 where they make nothing."""
        held = self.cells.get((material, stage), {})
        made = [held[p] for p in places if p in held]
        total = sum(value for value, _ in made)
        return sum(value for value, guess in made if guess) / total if total > 0.0 else 0.0


def inferred_output(books: Library, year: int) -> InferredOutput:
    """Read who makes what in a year, and how that is known."""
    cells: dict[tuple[str, str], dict[str, tuple[float, bool]]] = {}
    for r in books.rows(
        "SELECT material, stage, place, value, kind FROM chain_cells "
        "WHERE year = ? AND entry = 'output' AND value > 0",
        [year],
    ):
        cell = (float(r["value"]), r["kind"] == _UNLISTED)
        cells.setdefault((r["material"], r["stage"]), {})[r["place"]] = cell
    return InferredOutput(cells)
