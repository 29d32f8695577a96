"""The balanced chains of some materials and years as the sciences read them: panels and flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodestone.assess.flows import Flows
from lodestone.assess.panel import BoolArray, FloatArray, Node, Panel
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.library import Library

#: Half-width, in standard deviations, of a band from the 5th to the 95th percentile.
_NINETY = 1.645
#: Share of imports that no customs code shows, above which a score is B, and above which C.
_SOME, _MUCH = 0.15, 0.5
_GRADES = "ABC"
#: Output entries whose error is that of a published figure; of others only the balance is known.
_PUBLISHED_KINDS = ("reported", "estimated", "shares")
#: Said of every band made from this baseline.
BAND_NOTE = (
    "Bands of production and trade come from the errors of the published figures before "
    "balancing, so they are rather too wide; flows that no customs code shows count as 100 % "
    "uncertain."
)


@dataclass(frozen=True, eq=False)
class Baseline:
    """Output, use, stocks and flows of every (material, stage), place and year.

    A chain covers the world, so a place that it does not name has zero; a (material, stage) and
    year without a chain is unknown throughout.

    Attributes
    ----------
    production : Panel
        Output, scrap-fed output included, with its band (see `BAND_NOTE`).
    scrap, use, intake, stock_change : Panel
        Scrap-fed output; use at this stage; what the next stage takes in; growth of stocks.
    trade : Flows
        Seen and inferred flows.
    spread, unseen : arrays by flow
        Half-width of the flow's band; the part of it that no customs code shows.
    stage_grade : mapping of (material, stage, year) to grade
    cell_grade : array of the panels' shape
        0, 1, 2 for A, B, C; -1 for a place that a chain does not name.
    units : mapping of Node to 't' or 'index'
    """

    production: Panel
    scrap: Panel
    use: Panel
    intake: Panel
    stock_change: Panel
    trade: Flows
    spread: FloatArray
    unseen: FloatArray
    stage_grade: Mapping[tuple[str, str, int], str]
    cell_grade: NDArray[np.int8]
    units: Mapping[Node, str]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """(material, stage) pairs, materials in order, stages from the mine onwards."""
        return self.production.nodes

    @property
    def places(self) -> tuple[str, ...]:
        """Every place that any of the chains names, and the members of the buyer."""
        return self.production.places

    @property
    def years(self) -> tuple[int, ...]:
        """The years."""
        return self.production.years

    def imports_by_exporter(self, buyer: Buyer, *, inside_too: bool = False) -> Panel:
        """Imports of a buyer by exporter, with bands; `inside_too` keeps trade among members."""
        member = self._member(buyer)
        abroad = self.trade.exporter != self.trade.importer
        rows = member[self.trade.importer] & abroad
        if not inside_too:
            rows &= ~member[self.trade.exporter]
        return self._summed(rows, self.trade.exporter)

    def imports(self, buyer: Buyer) -> Panel:
        """Imports of every place, and of the buyer from outside itself, with bands."""
        return self._totals(buyer, self.trade.importer, self.trade.exporter)

    def exports(self, buyer: Buyer) -> Panel:
        """Exports of every place, and of the buyer to the outside, with bands."""
        return self._totals(buyer, self.trade.exporter, self.trade.importer)

    def grades(self, buyer: Buyer) -> dict[tuple[str, str, int], str]:
        """Grade of every score of this buyer: the worst of what it is made of.

        That is the grade of the stage in the world, the grade that holds for most of what the
        members supply and take up, and C (B) where more than half (15 %) of the buyer's imports
        are inferred.
        """
        if buyer.is_world:
            return dict(self.stage_grade)
        own = self._grade_of_members(buyer)
        traded = self._grade_of_imports(buyer)
        found = {}
        for n, node in enumerate(self.nodes):
            for t, year in enumerate(self.years):
                grade = self.stage_grade.get((*node, year))
                if grade is not None:
                    worst = max(_GRADES.index(grade), own[n, t], traded[n, t])
                    found[(*node, year)] = _GRADES[worst]
        return found

    def _member(self, buyer: Buyer) -> BoolArray:
        return np.isin(self.places, buyer.members)

    def _grade_of_members(self, buyer: Buyer) -> NDArray[np.int64]:
        """Grade (0-2) that holds for most of the members' output and use, (nodes, years)."""
        member = self._member(buyer)
        weight = (self.production.value + self.use.value + self.intake.value)[:, member]
        weight = np.nan_to_num(np.maximum(weight, 0.0))
        grade = self.cell_grade[:, member]
        held = np.stack([np.where(grade == g, weight, 0.0).sum(axis=1) for g in range(3)])
        total = held.sum(axis=0)
        return np.where(held[2] > total / 2, 2, np.where(held[0] >= total / 2, 0, 1))

    def _grade_of_imports(self, buyer: Buyer) -> NDArray[np.int64]:
        member = self._member(buyer)
        rows = member[self.trade.importer] & ~member[self.trade.exporter]
        bought, hidden = (
            self.trade.total(self.trade.importer, amount, rows).sum(axis=1)
            for amount in (self.trade.tonnes, self.unseen)
        )
        return np.where(hidden > _MUCH * bought, 2, np.where(hidden > _SOME * bought, 1, 0))

    def _totals(self, buyer: Buyer, ours: NDArray[np.int64], theirs: NDArray[np.int64]) -> Panel:
        """Sums by place and for the buyer; errors of flows add up as independent ones."""
        value, spread = self._sums(ours != theirs, ours)
        if buyer.blocs:
            member = self._member(buyer)
            inside, error = self._sums(member[ours] & ~member[theirs], ours)
            value = np.concatenate([value, inside.sum(axis=1, keepdims=True)], axis=1)
            error = np.sqrt((error**2).sum(axis=1, keepdims=True))
            spread = np.concatenate([spread, error], axis=1)
        return self._banded(value, spread, (*self.places, *buyer.blocs))

    def _summed(self, rows: BoolArray, by: NDArray[np.int64]) -> Panel:
        return self._banded(*self._sums(rows, by), self.places)

    def _sums(self, rows: BoolArray, by: NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
        value = self.trade.total(by, self.trade.tonnes, rows)
        return value, np.sqrt(self.trade.total(by, self.spread**2, rows))

    def _banded(self, value: FloatArray, spread: FloatArray, places: tuple[str, ...]) -> Panel:
        value = self.trade.unknown_where_uncovered(value)
        half = np.minimum(spread, value)
        return Panel(self.nodes, places, self.years, value, value - half, value + half)


def baseline(
    books: Library, materials: Iterable[str], years: Sequence[int], places: Sequence[str] = ()
) -> Baseline:
    """Read the balanced chains of some materials and years.

    Parameters
    ----------
    places : ISO3 codes that must be on the place axis, whether a chain names them or not
    """
    wanted = list(dict.fromkeys(materials))
    where = f"material IN ({_marks(wanted)}) AND year IN ({_marks(years)})"
    asked = [*wanted, *years]
    stages = books.rows(
        f'SELECT * FROM chain_stages WHERE {where} ORDER BY material, "order", year', asked
    )
    cells = books.release.query(_CELLS.format(where=where), asked)
    links = books.release.query(
        f"SELECT material, stage, year, origin, destination, value, unseen, customs_error "
        f"FROM chain_links WHERE {where}",
        asked,
    )
    nodes = _in_chain_order(stages)
    axes = _Axes(nodes, tuple(sorted({*cells["place"], *places})), tuple(years))
    covered = axes.covered(stages)
    return _assembled(axes, covered, stages, cells, links)


_CELLS = """
    SELECT material, stage, place, year, any_value(grade) AS grade,
        sum(value) FILTER (entry = 'output') AS production,
        sum(value) FILTER (entry = 'scrap') AS scrap,
        sum(value) FILTER (entry = 'use') AS use,
        sum(value) FILTER (entry = 'intake') AS intake,
        sum(value) FILTER (entry = 'stock_change') AS stock_change,
        max(error) FILTER (
            entry = 'output' AND kind IN ('reported', 'estimated', 'shares')
        ) AS error
    FROM chain_cells WHERE {where} GROUP BY material, stage, place, year
"""


@dataclass(frozen=True)
class _Axes:
    nodes: tuple[Node, ...]
    places: tuple[str, ...]
    years: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.nodes), len(self.places), len(self.years)

    def covered(self, stages: Iterable[Mapping[str, Any]]) -> BoolArray:
        """Which nodes have a chain in which year."""
        known = np.zeros((len(self.nodes), len(self.years)), dtype=np.bool_)
        for row in stages:
            node = Node(row["material"], row["stage"])
            known[self.nodes.index(node), self.years.index(int(row["year"]))] = True
        return known

    def at_nodes(self, columns: Mapping[str, Any]) -> NDArray[np.int64]:
        place = {tuple(node): n for n, node in enumerate(self.nodes)}
        pairs = zip(columns["material"], columns["stage"], strict=True)
        return np.array([place[pair] for pair in pairs], dtype=np.int64)

    def at_places(self, column: Iterable[str]) -> NDArray[np.int64]:
        place = {name: n for n, name in enumerate(self.places)}
        return np.array([place[name] for name in column], dtype=np.int64)

    def at_years(self, column: Iterable[int]) -> NDArray[np.int64]:
        place = {year: n for n, year in enumerate(self.years)}
        return np.array([place[int(year)] for year in column], dtype=np.int64)


def _assembled(
    axes: _Axes,
    covered: BoolArray,
    stages: Sequence[Mapping[str, Any]],
    cells: Mapping[str, Any],
    links: Mapping[str, Any],
) -> Baseline:
    at = axes.at_nodes(cells), axes.at_places(cells["place"]), axes.at_years(cells["year"])

    def array(column: str) -> FloatArray:
        """Cells as an array: zero where a chain has no such cell, NaN where there is no chain."""
        values = np.where(covered[:, None, :], np.zeros(axes.shape), np.nan)
        values[at] = np.nan_to_num(np.asarray(cells[column], dtype=np.float64))
        return values

    def panel(column: str) -> Panel:
        return Panel(axes.nodes, axes.places, axes.years, array(column))

    made = np.maximum(array("production"), 0.0)
    half = np.minimum(_NINETY * array("error"), made)
    production = replace(panel("production"), value=made, low=made - half, high=made + half)
    grade = np.full(axes.shape, -1, dtype=np.int8)
    grade[at] = [_GRADES.index(g) for g in cells["grade"]]
    flows = Flows(
        axes.nodes,
        axes.places,
        axes.years,
        axes.at_nodes(links),
        axes.at_years(links["year"]),
        axes.at_places(links["origin"]),
        axes.at_places(links["destination"]),
        np.asarray(links["value"], dtype=np.float64),
        covered,
    )
    unseen = np.minimum(np.asarray(links["unseen"], dtype=np.float64), flows.tonnes)
    error = np.nan_to_num(np.asarray(links["customs_error"], dtype=np.float64))
    return Baseline(
        production=production,
        scrap=panel("scrap"),
        use=panel("use"),
        intake=panel("intake"),
        stock_change=panel("stock_change"),
        trade=flows,
        spread=_NINETY * np.hypot(error, unseen),
        unseen=unseen,
        stage_grade={(r["material"], r["stage"], int(r["year"])): r["grade"] for r in stages},
        cell_grade=grade,
        units={Node(r["material"], r["stage"]): r["unit"] for r in stages},
    )


def _in_chain_order(stages: Iterable[Mapping[str, Any]]) -> tuple[Node, ...]:
    """Nodes by material, then by order in the chain."""
    order = {Node(r["material"], r["stage"]): int(r["order"]) for r in stages}
    return tuple(sorted(order, key=lambda node: (node.material, order[node])))


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" for _ in values)
