"""What a place needs of one material, and where it comes from before anything is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Need:
    """One material of a plan, as the place stands in the base year; tonnes of reference content.

    Attributes
    ----------
    material : chain id; entry : the list entry it stands for (several chains may share one)
    use : what the place uses in the base year
    price : USD a tonne, for weighing by value; NaN unknown
    growth : of use a year; the world is taken to grow in step
    made : benchmark ('extraction', 'recycling') -> tonnes made at home; absent where unknown
    steps : processing step -> tonnes made at home; the least is what counts
    supply : stage -> what the place takes in at it
    shares : stage -> supplier outside the place -> share of that supply
    shifts : (stage, supplier) -> (stage, channel) -> change of that share for a tonne of the channel
        that comes in at a stage
    proxy : what stands for what; empty where the chain is the entry
    stages : at which use counts; all where empty
    """

    material: str
    use: float
    price: float = float("nan")
    growth: float = 0.0
    entry: str = ""
    made: Mapping[str, float] = field(default_factory=dict)
    steps: Mapping[str, float] = field(default_factory=dict)
    supply: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    shifts: Mapping[tuple[str, str], Mapping[tuple[str, str], float]] = field(default_factory=dict)
    proxy: str = ""
    stages: tuple[str, ...] = ()

    @property
    def listed(self) -> str:
        """The list entry that it counts for."""
        return self.entry or self.material
