"""A balanced supply chain, ready to be asked: who makes, ships, takes in and uses a material."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import ChainError, RequestError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChainStage:
    """One stage of a balanced chain; places in the order of `SupplyChain.places`.

    Attributes
    ----------
    stage : 'mine', 'refine' or 'product'
    unit : 't' (reference tonnes a year) or 'index' (world output = 100)
    process_yield : tonnes out a tonne of the stage before; NaN at the first stage
    output, scrap_output, intake, use, stock_change : (n,) a year; `scrap_output` is the part
        of output made from scrap, `intake` is what the next stage takes in
    flow : (n, n) from row to column, seen and unseen together; zero diagonal
    unseen : (n, n) the part of `flow` that no customs code shows
    grade : (n,) 'A', 'B' or 'C' for the cell of each place
    """

    stage: str
    unit: str
    process_yield: float
    output: Floats
    scrap_output: Floats
    intake: Floats
    use: Floats
    stock_change: Floats
    flow: Floats
    unseen: Floats
    grade: tuple[str, ...]

    @property
    def supply(self) -> Floats:
        """(n,) what a place has at this stage: own output plus imports."""
        return np.asarray(self.output + self.flow.sum(axis=0))

    @property
    def absorbed(self) -> Floats:
        """(n,) what stays in a place at this stage: direct use plus intake."""
        return self.use + self.intake

    def imbalance(self) -> Floats:
        """(n,) output + imports - exports - intake - use - stock change; zero if balanced."""
        return np.asarray(
            self.supply - self.flow.sum(axis=1) - self.intake - self.use - self.stock_change
        )


@dataclass(frozen=True)
class SupplyChain:
    """The balanced chain of one material in one year.

    Attributes
    ----------
    material : material id
    year : calendar year
    places : ISO3 codes (and XOT for countries a source does not name)
    stages : first to last
    """

    material: str
    year: int
    places: tuple[str, ...]
    stages: tuple[ChainStage, ...]

    def stage(self, name: str) -> ChainStage:
        """The stage called `name`; RequestError names the stages there are."""
        for stage in self.stages:
            if stage.stage == name:
                return stage
        have = ", ".join(s.stage for s in self.stages)
        raise RequestError(
            f"{self.material} {self.year} has no stage {name!r}; its stages are {have}"
        )

    def index(self, place: str) -> int:
        """Position of a place; RequestError if the chain does not hold it."""
        try:
            return self.places.index(place)
        except ValueError:
            raise RequestError(
                f"{place} neither makes, ships nor uses {self.material} in {self.year}"
            ) from None

    def check_balance(self, tolerance: float = 1e-9) -> None:
        """Refuse a chain whose ledgers do not add up.

        Every ledger must close to `tolerance` of the stage's world output, and output of every
        stage must equal yield times intake of the stage before plus scrap-fed output.

        Raises
        ------
        ChainError
            Naming the worst place, stage and imbalance.
        """
        for k, stage in enumerate(self.stages):
            world = stage.output.sum()
            self._refuse(stage.stage, "ledger", stage.imbalance() / world, tolerance)
            if k > 0:
                feed = stage.process_yield * self.stages[k - 1].intake + stage.scrap_output
                gap = (stage.output - feed) / world
                self._refuse(stage.stage, "conversion", gap, tolerance)

    def _refuse(self, stage: str, what: str, gap: Floats, tolerance: float) -> None:
        worst = int(np.abs(gap).argmax())
        if not np.abs(gap[worst]) <= tolerance:
            raise ChainError(
                f"{self.material} {self.year} {stage}: {what} of {self.places[worst]} is off by "
                f"{gap[worst]:.2e} of world output (allowed {tolerance:.0e}). "
                "Run `lodestone data verify`; if the release is whole, rebuild it."
            )

    def rows(self) -> list[dict[str, Any]]:
        """One row a place and stage: the ledger as labelled numbers.

        `kept` is output less exports: what at least stays where it was made.
        """
        return [
            {
                "material": self.material,
                "year": self.year,
                "stage": stage.stage,
                "place": place,
                "output": float(stage.output[k]),
                "from_scrap": float(stage.scrap_output[k]),
                "imports": float(stage.flow[:, k].sum()),
                "exports": float(stage.flow[k].sum()),
                "kept": max(0.0, float(stage.output[k] - stage.flow[k].sum())),
                "intake": float(stage.intake[k]),
                "use": float(stage.use[k]),
                "stock_change": float(stage.stock_change[k]),
                "unit": stage.unit,
                "grade": stage.grade[k],
            }
            for stage in self.stages
            for k, place in enumerate(self.places)
        ]
