"""Output that no producer list names: inferred for places which a list leaves out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from lodestone.desk.library import Library

_UNLISTED = "unlisted"
#: From which part on own supply that is inferred lowers the grade of a share.
_MOSTLY = 0.5
#: What an answer says of such a share, and the best grade that it can have.
INFERRED_NOTE = "own output is inferred: no producer list names it"
INFERRED_GRADE = "C"


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

    def carries(
        self,
        material: str,
        stage: str,
        members: Collection[str],
        own: float,
        origin: str | None = None,
    ) -> bool:
        """Whether a buyer's supply, or what one member makes of it, is mostly own, inferred output.

        Parameters
        ----------
        members : ISO3 codes behind the buyer
        own : share of the supply that comes from them
        origin : whose share is asked about; None for the supply as a whole
        """
        if own * self.part(material, stage, members) > _MOSTLY:
            return True
        if origin is None or origin not in members:
            return False
        return self.part(material, stage, (origin,)) > _MOSTLY


@lru_cache(maxsize=16)
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
