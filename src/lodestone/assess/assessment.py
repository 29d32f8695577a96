"""The answer of a method: a number or a named gap in every cell, never a silent zero."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from lodestone.assess.panel import Panel
from lodestone.terms.errors import DataError


class Gap(IntEnum):
    """Why a cell has no number."""

    NONE = 0
    INPUT_UNKNOWN = 1
    NO_TRADE_ROWS = 2
    FLOW_WITHOUT_QUANTITY = 3
    NO_WORLD_PRODUCTION = 4
    NO_SUPPLY = 5
    NO_PRODUCTION = 6
    NO_DEMAND = 7

    @property
    def words(self) -> str:
        """The gap in plain words, for a note in a table."""
        return _WORDS[self]


_WORDS = {
    Gap.NONE: "",
    Gap.INPUT_UNKNOWN: "unknown: an input is not known",
    Gap.NO_TRADE_ROWS: "unknown: no customs code of this material has rows in this year",
    Gap.FLOW_WITHOUT_QUANTITY: "unknown: some imports are recorded without a quantity",
    Gap.NO_WORLD_PRODUCTION: "undefined: no production is recorded anywhere",
    Gap.NO_SUPPLY: "undefined: the place neither produces nor imports it",
    Gap.NO_PRODUCTION: "undefined: the place produces none, or may produce none",
    Gap.NO_DEMAND: "undefined: no consumption is left to compare with",
}


@dataclass(frozen=True, eq=False)
class Labels:
    """One word per cell, stored once: `names[index]`, and -1 for no word."""

    index: NDArray[np.int64]
    names: tuple[str, ...]

    def at(self, cell: tuple[int, int, int]) -> str:
        """The word of a cell, or an empty string."""
        i = int(self.index[cell])
        return self.names[i] if i >= 0 else ""


@dataclass(frozen=True, eq=False)
class Assessment:
    """What one method says about every material and stage, place and year.

    Parameters
    ----------
    method : str
        Id of the method, as in the scorecard.
    panel : Panel
        Numbers with their band and unit; NaN exactly where `gap` is not NONE.
    gap : integer array of the panel's shape
        A `Gap` per cell.
    kind : str
        `modelled` when made from our baseline, `published` when from published inputs.
    supplier : Labels, optional
        The place that a cell's number points at (largest supplier, worst third country).
    remark : Labels, optional
        What must be said beside the number (net exporter, at least, ...).
    note : str
        What holds for every cell: how the band was made, what is a proxy.
    """

    method: str
    panel: Panel
    gap: NDArray[np.int8]
    kind: str = "modelled"
    supplier: Labels | None = None
    remark: Labels | None = None
    note: str = ""

    def __post_init__(self) -> None:
        unknown = np.isnan(self.panel.value)
        if self.gap.shape != self.panel.shape or (unknown != (self.gap != Gap.NONE)).any():
            raise DataError(f"{self.method}: a gap must be named in every cell without a number")

    def gap_at(self, cell: tuple[int, int, int]) -> Gap:
        """The gap of one cell."""
        return Gap(int(self.gap[cell]))


def gaps(value: NDArray[np.float64], *reasons: tuple[NDArray[np.bool_], Gap]) -> NDArray[np.int8]:
    """Name the gap of every NaN cell: the first reason that applies, else an unknown input."""
    gap = np.where(np.isnan(value), Gap.INPUT_UNKNOWN, Gap.NONE).astype(np.int8)
    for applies, reason in reversed(reasons):
        gap[np.isnan(value) & np.broadcast_to(applies, value.shape)] = reason
    return gap
