"""The verb `assess` (being written)."""

from __future__ import annotations

from collections.abc import Sequence

from lodestone.desk.answer import Answer


def assess(
    materials: Sequence[str] = (),
    place: str = "EU27",
    year: int | None = None,
    methods: Sequence[str] = (),
    inputs: str = "live",
    *,
    seed: int = 0,
) -> Answer:
    """Score how critical materials are to a place."""
    raise NotImplementedError
