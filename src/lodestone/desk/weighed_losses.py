"""Expected losses of a place, kept while the program runs: briefs and vaults ask for the same ones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lodestone.desk.impact_cache import Progress
    from lodestone.desk.risking import Weighed

_KEPT: dict[tuple[str, int, date], Weighed] = {}
_MOST_KEPT = 6


def weighed_losses(
    place: str, year: int, as_of: date, workers: int = 1, progress: Progress | None = None
) -> Weighed:
    """Likelihood times loss of every supplier and material, with our hazards as of a day."""
    from lodestone.desk.risking import expected_losses

    asked = (place, year, as_of)
    if asked not in _KEPT:
        while len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[asked] = expected_losses(place, year, as_of, None, workers, progress)
    return _KEPT[asked]
