"""A panel of one material, stage and year for the tests of the methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lodestone.assess.panel import Node, Panel


def make_panel(
    places: Sequence[str],
    value: Sequence[float],
    *,
    low: Sequence[float] | None = None,
    high: Sequence[float] | None = None,
    material: str = "cobalt",
    stage: str = "mine",
    year: int = 2024,
    unit: str = "t",
) -> Panel:
    """One material, one stage, one year."""

    def column(numbers: Sequence[float] | None) -> np.ndarray | None:
        return None if numbers is None else np.array(numbers, dtype=float)[None, :, None]

    array = column(value)
    assert array is not None
    nodes = (Node(material, stage),)
    return Panel(nodes, tuple(places), (year,), array, column(low), column(high), unit)
