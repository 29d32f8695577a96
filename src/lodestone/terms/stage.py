"""The stages a material goes through, in order: dug up, refined, made into a product."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """One step of a supply chain. What it *is* for a material is `Material.stage_labels`.

    Examples
    --------
    >>> Stage("refine") == "refine", Stage.REFINE.order
    (True, 1)
    """

    MINE = "mine"
    REFINE = "refine"
    PRODUCT = "product"

    @property
    def order(self) -> int:
        """Position in the chain, from 0 at the mine."""
        return stages().index(self)


def stages() -> tuple[Stage, ...]:
    """All stages, from the mine onwards."""
    return tuple(Stage)
