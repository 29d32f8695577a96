"""The first stage as a sparse program: what is started when, what it adds up to, what it must reach.

Columns
    start[o, y]   part of option o that starts in year y (0 or 1 where it is all or nothing)
    have[m, k, c, y]   tonnes of material m, stage k and channel c in year y
    met[...]      what counts towards an aggregate target
    miss[...]     what a priced target is missed by
    price, output, shared, year, excess, var   losses, see `recourse`
Rows come from the menu, the targets, the budgets, and the definition of losses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lodestone.plan.highs import Highs
from lodestone.plan.question import PlanQuestion

Floats = NDArray[np.float64]
Key = tuple[Any, ...]

#: Parts of the cost of a plan; with their weights they sum to the objective.
PARTS = (
    "capital",
    "running",
    "stocks",
    "contracts",
    "avoided purchases",
    "expected losses",
    "tail",
    "missed targets",
)


@dataclass(frozen=True)
class Demand:
    """Rows of one hard target or budget.

    Attributes
    ----------
    what : 'target' or 'budget'; at : its position in the question
    rows : positions
    """

    what: str
    at: int
    rows: tuple[int, ...]


@dataclass
class Program:
    """Columns and rows while they are being written; `matrix` closes them."""

    question: PlanQuestion
    keys: list[Key] = field(default_factory=list)
    at: dict[Key, int] = field(default_factory=dict)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    integer: list[bool] = field(default_factory=list)
    parts: dict[str, dict[int, float]] = field(default_factory=lambda: {p: {} for p in PARTS})
    row_names: list[Key] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    entries: list[dict[int, float]] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    held: dict[tuple[str, int], dict[tuple[str, str], int]] = field(default_factory=dict)

    def column(
        self, key: Key, lower: float = 0.0, upper: float = np.inf, *, integer: bool = False
    ) -> int:
        """Position of a column, made if it is new."""
        if key not in self.at:
            self.at[key] = len(self.keys)
            self.keys.append(key)
            self.lower.append(lower)
            self.upper.append(upper)
            self.integer.append(integer)
        return self.at[key]

    def charge(self, part: str, column: int, cost: float) -> None:
        """Add to what a column costs."""
        if cost:
            self.parts[part][column] = self.parts[part].get(column, 0.0) + cost

    def row(self, name: Key, entries: Mapping[int, float], lower: float, upper: float) -> int:
        """Position of a new row."""
        self.row_names.append(name)
        self.entries.append({c: v for c, v in entries.items() if v != 0.0})
        self.row_lower.append(lower)
        self.row_upper.append(upper)
        return len(self.row_names) - 1

    @property
    def cost(self) -> Floats:
        """(n,) of the columns: the sum of all parts."""
        total = np.zeros(len(self.keys))
        for part in self.parts.values():
            for column, value in part.items():
                total[column] += value
        return total

    def part(self, name: str, x: Floats) -> float:
        """One part of the cost at a point."""
        return float(sum(value * x[column] for column, value in self.parts[name].items()))

    def matrix(self, since: int = 0) -> sparse.csr_matrix:
        """Rows from one position on."""
        rows = self.entries[since:]
        counts = np.array([len(r) for r in rows], dtype=np.int64)
        columns = np.fromiter((c for r in rows for c in r), dtype=np.int32, count=int(counts.sum()))
        values = np.fromiter(
            (v for r in rows for v in r.values()), dtype=np.float64, count=int(counts.sum())
        )
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        return sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(self.keys)))


def first_stage(
    question: PlanQuestion, near: Mapping[Key, tuple[float, float]] | None = None
) -> Program:
    """The program of what is decided now, without losses.

    Parameters
    ----------
    near : ('have', material, stage, channel, year position) -> least and most tonnes: a trust
        region around an earlier plan
    """
    from lodestone.plan.demands import write_budgets, write_targets

    program = Program(question)
    _starts(program)
    _haves(program)
    use = {need.material: need.use for need in question.needs}
    for key, (least, most) in (near or {}).items():
        if key not in program.at:
            continue  # nothing on the menu can bring any then
        column = program.at[key]
        program.lower[column] = least / use[key[1]]
        program.upper[column] = most / use[key[1]]
    write_targets(program)
    write_budgets(program)
    return program


def annuity(rate: float, life: int) -> float:
    """Yearly payment that pays back one unit of capital over a life."""
    return 1.0 / life if rate == 0.0 else float(rate / (1.0 - (1.0 + rate) ** -life))


def running_years(question: PlanQuestion, option: int, start: int) -> range:
    """Year positions in which an option that starts in one of them runs."""
    last = min(start + question.options[option].life, len(question.years))
    return range(start, last)


def full_run(question: PlanQuestion, option: int, start: int, year: int) -> float:
    """Part of full run in a year, of an option that started in one."""
    return question.options[option].ramp if year == start else 1.0


def _starts(program: Program) -> None:
    q = program.question
    for n, o in enumerate(q.options):
        columns = {}
        for y, year in enumerate(q.years):
            if year < o.earliest:
                continue
            column = program.column(("start", n, y), 0.0, 1.0, integer=not o.divisible)
            columns[column] = 1.0
            _charge_start(program, n, y, column)
        if len(columns) > 1:
            program.row(("once", n), columns, -np.inf, 1.0)


def _charge_start(program: Program, n: int, y: int, column: int) -> None:
    q, o = program.question, program.question.options[n]
    yearly = o.capital * (q.rate if o.kind == "stock" else annuity(q.rate, o.life))
    capital = "stocks" if o.kind == "stock" else "capital"
    running = {"stock": "stocks", "contract": "contracts"}.get(o.kind, "running")
    for t in running_years(q, n, y):
        worth, run = q.discount(t), full_run(q, n, y, t)
        program.charge(capital, column, worth * yearly)
        program.charge(running, column, worth * run * o.running)
        program.charge("avoided purchases", column, -worth * run * o.avoided)


def _haves(program: Program) -> None:
    q = program.question
    made: dict[Key, dict[int, float]] = {}
    for n, o in enumerate(q.options):
        for e in o.effects:
            for y in range(len(q.years)):
                column = program.at.get(("start", n, y))
                if column is None or e.tonnes == 0.0:
                    continue
                for t in running_years(q, n, y):
                    into = made.setdefault(("have", e.material, e.stage, e.channel, t), {})
                    tonnes = e.tonnes * full_run(q, n, y, t)
                    into[column] = into.get(column, 0.0) + tonnes
    use = {need.material: need.use for need in q.needs}
    for key, columns in made.items():
        # in shares of the base year's use, so that all numbers are of one size
        scale = use[key[1]]
        have = program.column(key)
        program.held.setdefault((key[1], key[4]), {})[key[2], key[3]] = have
        program.row(("adds up", *key), {have: 1.0, **_scaled(columns, -1.0 / scale)}, 0.0, 0.0)


def _scaled(columns: Mapping[int, float], by: float) -> dict[int, float]:
    return {column: by * value for column, value in columns.items()}


def haves(
    program: Program, material: str, year: int, stages: Sequence[str] | None = None
) -> dict[tuple[str, str], int]:
    """(stage, channel) -> column of a material in a year position."""
    found = program.held.get((material, year), {})
    return {key: column for key, column in found.items() if stages is None or key[0] in stages}


def solver_of(program: Program) -> Highs:
    """The program as it stands, ready to be solved and to grow by rows."""
    return Highs(
        program.cost,
        np.array(program.lower),
        np.array(program.upper),
        np.array(program.integer),
        program.matrix(),
        np.array(program.row_lower),
        np.array(program.row_upper),
    )
