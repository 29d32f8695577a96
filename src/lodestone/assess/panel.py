"""Labelled numbers by material and stage, place and year: what every method reads and returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lodestone.terms.errors import DataError, Problems

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

#: The place a number is about when it is about the whole world.
WORLD = "WLD"
#: A source's "other countries": many suppliers in one row, so never the largest supplier.
OTHERS = "XOT"


class Node(NamedTuple):
    """One stage of one material: the unit that is never mixed with another stage."""

    material: str
    stage: str


class Labelled(Protocol):
    """Anything by material and stage, place and year."""

    @property
    def nodes(self) -> tuple[Node, ...]: ...
    @property
    def places(self) -> tuple[str, ...]: ...
    @property
    def years(self) -> tuple[int, ...]: ...


@dataclass(frozen=True, eq=False)
class Panel:
    """Numbers by (material, stage), place and year, with a band where the source has one.

    Missing is not zero: NaN means unknown and stays unknown through every method, 0.0 means that
    somebody reported zero.

    Parameters
    ----------
    nodes : tuple of Node
        First axis.
    places : tuple of str
        Second axis: ISO3 codes, bloc ids, or `WLD`.
    years : tuple of int
        Third axis.
    value : array, shape (nodes, places, years)
        NaN where unknown.
    low, high : arrays of the same shape, or None
        The band. Known exactly where `value` is known.
    unit : str
        `t`, `share`, `USD/t`, `years`, `score`, ...

    Raises
    ------
    DataError
        With every problem found: wrong shape, repeated label, infinite number, value outside
        its band, band half known.
    """

    nodes: tuple[Node, ...]
    places: tuple[str, ...]
    years: tuple[int, ...]
    value: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None
    unit: str = "t"

    def __post_init__(self) -> None:
        problems = Problems("panel")
        for axis in ("nodes", "places", "years"):
            _check_unique(axis, getattr(self, axis), problems)
        for name in ("value", "low", "high"):
            self._freeze(name, problems)
        problems.raise_if_any(DataError)
        self._check_band(problems)
        problems.raise_if_any(DataError)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Lengths of the three axes."""
        return len(self.nodes), len(self.places), len(self.years)

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper arrays; the value itself where there is no band."""
        if self.low is None or self.high is None:
            return self.value, self.value
        return self.low, self.high

    @property
    def has_band(self) -> bool:
        """Whether low and high are given."""
        return self.low is not None

    def place(self, name: str) -> int:
        """Position of a place on the second axis."""
        return index_of(self.places, [name], "place")[0]

    def node(self, material: str, stage: str) -> int:
        """Position of a material's stage on the first axis."""
        return index_of(self.nodes, [Node(material, stage)], "material and stage")[0]

    def at(self, material: str, stage: str, place: str, year: int) -> float | None:
        """One number, or None where it is unknown."""
        year_at = index_of(self.years, [year], "year")[0]
        number = float(self.value[self.node(material, stage), self.place(place), year_at])
        return None if np.isnan(number) else number

    def bands_at(self, cell: tuple[int, int, int]) -> tuple[float | None, float | None]:
        """Low and high of one cell, or (None, None) where there is no band."""
        if self.low is None or self.high is None or np.isnan(self.value[cell]):
            return None, None
        return float(self.low[cell]), float(self.high[cell])

    def as_one_place(self, name: str, members: Sequence[str]) -> Panel:
        """Sum the members into one place, as for a bloc that acts as one buyer or producer.

        A member whose number is unknown makes the sum unknown: nothing is hidden.
        """
        at = index_of(self.places, members, "member place")
        parts = {
            key: None if array is None else array[:, at, :].sum(axis=1, keepdims=True)
            for key, array in (("value", self.value), ("low", self.low), ("high", self.high))
        }
        total = parts["value"]
        assert total is not None
        low, high = parts["low"], parts["high"]
        return Panel(self.nodes, (name,), self.years, total, low, high, self.unit)

    def with_blocs(self, blocs: Mapping[str, Sequence[str]]) -> Panel:
        """Append blocs as further places, each the sum of its members."""
        summed = [self.as_one_place(name, members) for name, members in blocs.items()]
        arrays = [
            None if ours is None else np.concatenate([ours, *(getattr(b, key) for b in summed)], 1)
            for key, ours in (("value", self.value), ("low", self.low), ("high", self.high))
        ]
        assert arrays[0] is not None
        places = (*self.places, *blocs)
        return Panel(self.nodes, places, self.years, arrays[0], arrays[1], arrays[2], self.unit)

    def with_absent_as_zero(self) -> Panel:
        """Read unknown cells as zero: only for a source that claims to list every producer.

        This is the one door through which a gap becomes a zero, so it has a name that can be
        searched for; World Mining Data is such a source, customs data are not.
        """
        low, high = (None if a is None else np.nan_to_num(a) for a in (self.low, self.high))
        value = np.nan_to_num(self.value)
        return Panel(self.nodes, self.places, self.years, value, low, high, self.unit)

    def require_non_negative(self, name: str) -> None:
        """Refuse negative tonnages, naming each cell."""
        problems = Problems(name)
        for n, p, t in np.argwhere(self.bounds[0] < 0)[:20]:
            where = f"{'/'.join(self.nodes[n])}, {self.places[p]}, {self.years[t]}"
            problems.add(f"negative number {self.value[n, p, t]:g}", where, "give it as >= 0")
        problems.raise_if_any(DataError)

    def _freeze(self, name: str, problems: Problems) -> None:
        given: ArrayLike | None = getattr(self, name)
        if given is None:
            return
        array = np.array(given, dtype=np.float64)
        if array.shape != self.shape:
            problems.add(f"shape {array.shape}, expected {self.shape}", name)
        elif np.isinf(array).any():
            problems.add("infinite numbers", name, "use NaN for unknown")
        array.flags.writeable = False
        object.__setattr__(self, name, array)

    def _check_band(self, problems: Problems) -> None:
        if self.low is None and self.high is None:
            return
        if self.low is None or self.high is None:
            problems.add("only one of low and high is given", "band", "give both or neither")
            return
        known = np.isfinite(self.value)
        if (np.isfinite(self.low) != known).any() or (np.isfinite(self.high) != known).any():
            problems.add("band and value are not known in the same cells", "band")
        slack = 1e-9 * np.maximum(1.0, np.abs(self.value))
        outside = (self.low > self.value + slack) | (self.high < self.value - slack)
        for n, p, t in np.argwhere(outside)[:20]:
            where = f"{'/'.join(self.nodes[n])}, {self.places[p]}, {self.years[t]}"
            low, value, high = self.low[n, p, t], self.value[n, p, t], self.high[n, p, t]
            problems.add(f"value {value:g} outside its band {low:g} to {high:g}", where)


def index_of(labels: Sequence[object], wanted: Iterable[object], what: str) -> list[int]:
    """Positions of labels on an axis; every label that is not there is named.

    Raises
    ------
    DataError
        If any label is missing.
    """
    position: Mapping[object, int] = {label: i for i, label in enumerate(labels)}
    problems = Problems(f"{what} not found")
    found: list[int] = []
    for label in wanted:
        if label in position:
            found.append(position[label])
        else:
            problems.add(f"no {what} {label!r}", mend=f"have {_some(labels)}")
    problems.raise_if_any(DataError)
    return found


def require_same_axes(**panels: Labelled | None) -> None:
    """Refuse inputs whose labels differ: arrays are aligned by label exactly, or not at all.

    A panel with the single place `WLD` may stand beside panels by place.
    """
    given = {name: panel for name, panel in panels.items() if panel is not None}
    first_name, first = next(iter(given.items()))
    problems = Problems("inputs with different labels")
    for name, panel in given.items():
        for axis in ("nodes", "places", "years"):
            ours, theirs = getattr(panel, axis), getattr(first, axis)
            if ours != theirs and not (axis == "places" and (WORLD,) in (ours, theirs)):
                problems.add(
                    f"{axis} of {name} differ from those of {first_name}: "
                    f"{_some(set(ours) ^ set(theirs)) or 'another order'}",
                    mend="bring both to the same labels in the same order",
                )
    problems.raise_if_any(DataError)


def _check_unique(axis: str, labels: Sequence[object], problems: Problems) -> None:
    if len(set(labels)) != len(labels):
        twice = sorted({str(label) for label in labels if labels.count(label) > 1})
        problems.add(f"labels used twice: {_some(twice)}", axis)


def _some(labels: Iterable[object]) -> str:
    shown = [str(label) for label in labels]
    return ", ".join(shown[:6]) + (f" and {len(shown) - 6} more" if len(shown) > 6 else "")
