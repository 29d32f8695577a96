"""What a worker does for `risk`: draw a thousand years."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lodestone.risk.loss_surface import LossSurface
    from lodestone.risk.sampling import Chances, Draws


class YearsWanted(NamedTuple):
    """One chunk of years to draw."""

    chances: Chances
    surface: LossSurface
    seed: int
    chunk: int


def drawn(wanted: YearsWanted) -> Draws:
    """The cuts of one chunk."""
    from lodestone.risk.sampling import draw_years

    return draw_years(wanted.chances, wanted.surface, wanted.seed, wanted.chunk)
