"""Trade between places: a long list of flows, and where the customs codes have data at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lodestone.assess.panel import BoolArray, FloatArray, IntArray, Node, Panel, index_of
from lodestone.terms.errors import DataError, Problems


@dataclass(frozen=True, eq=False)
class Flows:
    """Flows of a stage of a material from an exporter to an importer in a year.

    Parameters
    ----------
    nodes, places, years : tuples of labels
        What the integer columns point into.
    node, year, exporter, importer : integer arrays, shape (flows,)
    tonnes : array, shape (flows,)
        NaN where the flow is recorded without a quantity.
    covered : bool array, shape (nodes, years)
        True where the source has rows for the node's codes in the year. Where it has none, a
        place without imports is unknown; where it has some, such a place imports nothing.
    note : str
        What was done to the flows, repeated by every method that reads them.
    """

    nodes: tuple[Node, ...]
    places: tuple[str, ...]
    years: tuple[int, ...]
    node: IntArray
    year: IntArray
    exporter: IntArray
    importer: IntArray
    tonnes: FloatArray
    covered: BoolArray
    note: str = ""

    def __post_init__(self) -> None:
        problems = Problems("flows")
        lengths = {"node": len(self.nodes), "year": len(self.years)}
        lengths |= {"exporter": len(self.places), "importer": len(self.places)}
        for name, length in lengths.items():
            column = getattr(self, name)
            if column.shape != self.tonnes.shape:
                problems.add(f"{column.shape} entries, {self.tonnes.shape} flows", name)
            elif column.size and (column.min() < 0 or column.max() >= length):
                problems.add(f"points outside its {length} labels", name)
        if np.isinf(self.tonnes).any() or (self.tonnes < 0).any():
            problems.add("negative or infinite quantity", "tonnes", "use NaN for unknown")
        if self.covered.shape != (len(self.nodes), len(self.years)):
            problems.add(f"shape {self.covered.shape}", "covered", "give (nodes, years)")
        problems.raise_if_any(DataError)

    @classmethod
    def from_columns(
        cls,
        nodes: Sequence[Node],
        places: Sequence[str],
        years: Sequence[int],
        *,
        node: Sequence[Node],
        year: Sequence[int],
        exporter: Sequence[str],
        importer: Sequence[str],
        tonnes: NDArray[np.float64] | Sequence[float],
        covered: BoolArray | None = None,
    ) -> Flows:
        """Build from labelled columns, one entry a flow.

        Without `covered`, a node and year with any row is covered: right for customs rows. A
        balanced baseline, which says of every place what it imports, gives its own.

        Raises
        ------
        DataError
            If a row has a label that is not on its axis.
        """
        at = index_of(nodes, node, "material and stage"), index_of(years, year, "year")
        node_at, year_at = (np.array(column, dtype=np.int64) for column in at)
        if covered is None:
            covered = np.zeros((len(nodes), len(years)), dtype=np.bool_)
            covered[node_at, year_at] = True
        return cls(
            tuple(nodes),
            tuple(places),
            tuple(years),
            node_at,
            year_at,
            np.array(index_of(places, exporter, "exporter"), dtype=np.int64),
            np.array(index_of(places, importer, "importer"), dtype=np.int64),
            np.asarray(tonnes, dtype=np.float64),
            covered,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Lengths of (nodes, places, years)."""
        return len(self.nodes), len(self.places), len(self.years)

    def total(
        self, by: NDArray[np.int64], weight: FloatArray, rows: BoolArray | None = None
    ) -> FloatArray:
        """Sum `weight` of the flows by node, the place in column `by`, and year.

        Returns
        -------
        array, shape (nodes, places, years)
        """
        n, p, t = self.shape
        key = (self.node * p + by) * t + self.year
        if rows is not None:
            key, weight = key[rows], weight[rows]
        summed: FloatArray = np.bincount(key, weights=weight, minlength=n * p * t).astype(
            np.float64
        )
        return summed.reshape(n, p, t)

    def leaving_out_unweighed(self) -> Flows:
        """Drop the flows without a quantity, and say so in the note.

        Without this, one such flow makes its buyer's total unknown. Leaving it out understates
        the buyer's imports; the authors of GeoPolRisk do so.
        """
        kept = np.isfinite(self.tonnes)
        return replace(
            self,
            node=self.node[kept],
            year=self.year[kept],
            exporter=self.exporter[kept],
            importer=self.importer[kept],
            tonnes=self.tonnes[kept],
            note=f"{int((~kept).sum())} of {kept.size} flows have no quantity and are left out",
        )

    def unknown_where_uncovered(self, value: FloatArray) -> FloatArray:
        """Put NaN where the source has no rows for the node in the year."""
        return np.where(self.covered[:, None, :], value, np.nan)

    def totals(self, blocs: Mapping[str, Sequence[str]] | None = None) -> tuple[Panel, Panel]:
        """Imports and exports of every place, and of every bloc from and to the outside.

        Unknown where the source has no rows for the node in the year, or a flow has no quantity.
        A place's trade with itself counts as neither.
        """
        members = blocs_checked(blocs, self.places)
        abroad = self.exporter != self.importer
        sums = [self.total(by, self.tonnes, abroad) for by in (self.importer, self.exporter)]
        for inside in members.values():
            mask = np.zeros(len(self.places), dtype=np.bool_)
            mask[inside] = True
            crosses = mask[self.importer] != mask[self.exporter]
            sums = [
                np.concatenate([ours, self._of(mask, by, crosses)], axis=1)
                for ours, by in zip(sums, (self.importer, self.exporter), strict=True)
            ]
        places = (*self.places, *members)
        imports, exports = (
            Panel(self.nodes, places, self.years, self.unknown_where_uncovered(s)) for s in sums
        )
        return imports, exports

    def imports_of(self, name: str, members: Sequence[str]) -> Panel:
        """Imports of one buyer by exporter, from outside itself.

        Returns
        -------
        Panel
            places = exporters; the buyer's own members have zero; unknown where the node has no
            rows in the year or a flow has no quantity.
        """
        inside = np.zeros(len(self.places), dtype=np.bool_)
        inside[index_of(self.places, members, f"member of {name}")] = True
        rows = inside[self.importer] & ~inside[self.exporter]
        value = self.total(self.exporter, self.tonnes, rows)
        return Panel(self.nodes, self.places, self.years, self.unknown_where_uncovered(value))

    def _of(self, mask: BoolArray, by: IntArray, rows: BoolArray) -> FloatArray:
        bloc: FloatArray = self.total(by, self.tonnes, rows & mask[by]).sum(axis=1, keepdims=True)
        return bloc


def blocs_checked(
    blocs: Mapping[str, Sequence[str]] | None, places: Sequence[str]
) -> dict[str, IntArray]:
    """Positions of each bloc's members on the place axis.

    Raises
    ------
    DataError
        If a bloc has the id of a place, no members, or members that are not on the axis.
    """
    problems = Problems("blocs")
    found: dict[str, IntArray] = {}
    for name, members in (blocs or {}).items():
        if name in places:
            problems.add(f"bloc {name} has the id of a place", mend="give it another id")
        elif not members:
            problems.add(f"bloc {name} has no members")
        else:
            found[name] = np.array(index_of(places, members, f"member of {name}"), dtype=np.int64)
    problems.raise_if_any(DataError)
    return found
