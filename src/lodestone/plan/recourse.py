"""What losses cost a plan: the second stage, of every state, year and scenario.

For material m in state s of year y, with relief `rho = sum reach_c have_c / (use growth)`

    price[m, s, y]  >= growth (a + b rho)                       each line of the price cost
    output[m, s, y] >= growth sum over own sectors of the largest line
    shared[e]       >= sum over shared sectors of the largest line of any material in event e
    year[e]         >= sum of price, and >= sum of output + shared

An *event* is one year of one scenario: the states of all materials that are not calm. A sector
that several materials can stop is counted once in it, at the worst of them (`shared`). A year
costs the larger of what users pay more and of what cannot be made, never both.
Scenarios that meet the same state, or the same event, share its column.

    var + excess[s] >= sum over years of discounted year[e]      (Rockafellar & Uryasev 2000,
    tail = var + sum p excess / tail share                        doi:10.21314/JOR.2000.038)

Nothing is chosen in the second stage: what is built runs, and stocks are used by their rule,
without foresight (their reach says how much of a stock a state can draw). So each block's value
and its slopes are known in closed form, and are a cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.plan.program import Program
from lodestone.plan.question import PlanQuestion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    """One material, state and year position."""

    m: int
    s: int
    y: int


@dataclass(frozen=True)
class Event:
    """One year of one or more scenarios: blocks of the materials that are not calm."""

    y: int
    blocks: tuple[int, ...]


@dataclass(frozen=True)
class Cut:
    """A lower bound `column >= constant + sum slope column_i`.

    Attributes
    ----------
    key : of the recourse column
    """

    key: tuple[str, int]
    constant: float
    slopes: tuple[tuple[int, float], ...]


class Recourse:
    """All blocks and events of a question, and what they cost at a point.

    Parameters
    ----------
    program : the first stage; its loss columns and rows are added here
    """

    def __init__(self, program: Program) -> None:
        self.program, self.question = program, program.question
        self.blocks: list[Block] = []
        self.events: list[Event] = []
        self._index(self.question)
        self._sectors(self.question)
        self._relief()
        self._columns(program)

    def _index(self, q: PlanQuestion) -> None:
        state = q.outlook.state
        at: dict[tuple[int, int, int], int] = {}
        seen: dict[tuple[int, tuple[int, ...]], int] = {}
        S, Y, _ = state.shape
        self.event = np.full((S, Y), -1, dtype=np.int64)
        for s in range(S):
            for y in range(Y):
                blocks = []
                for m in np.flatnonzero(state[s, y]):
                    key = (int(m), int(state[s, y, m]) - 1, y)
                    if key not in at:
                        at[key] = len(self.blocks)
                        self.blocks.append(Block(*key))
                    blocks.append(at[key])
                if not blocks:
                    continue
                event = (y, tuple(blocks))
                if event not in seen:
                    seen[event] = len(self.events)
                    self.events.append(Event(*event))
                self.event[s, y] = seen[event]

    def _sectors(self, q: PlanQuestion) -> None:
        """Which sectors only one material can stop, and which several."""
        hit = np.zeros((len(q.needs), len(q.outlook.sectors)), dtype=bool)
        for m, curves in enumerate(q.outlook.curves):
            for curve in curves:
                if curve.sectors.size:
                    hit[m] |= np.abs(curve.sectors).max(axis=(1, 2)) > 0.0
        self.shared_sectors = np.flatnonzero(hit.sum(axis=0) > 1)
        own = hit & (hit.sum(axis=0) == 1)[None, :]
        self.own_lines: list[list[Floats]] = []
        self.shared_lines: list[list[Floats]] = []
        for m, curves in enumerate(q.outlook.curves):
            self.own_lines.append([c.sectors[own[m]] for c in curves])
            self.shared_lines.append([c.sectors[self.shared_sectors] for c in curves])

    def _relief(self) -> None:
        """Of each block: the columns of relief and their weights, without growth."""
        q, program = self.question, self.program
        self.weights: list[tuple[Ints, Floats]] = []
        for b in self.blocks:
            need = q.needs[b.m]
            reach = q.outlook.curves[b.m][b.s].reach
            held = program.held.get((need.material, b.y), {})
            pairs = [(column, reach.get(way, 0.0)) for way, column in held.items()]
            pairs = [(c, w) for c, w in pairs if w != 0.0]
            self.weights.append(
                (
                    np.array([c for c, _ in pairs], dtype=np.int64),
                    np.array([w for _, w in pairs], dtype=np.float64),
                )
            )
        self.growth = np.array([q.growth(b.m, b.y) for b in self.blocks])

    def _columns(self, program: Program) -> None:
        q = self.question
        for k, b in enumerate(self.blocks):
            least = self.growth[k] * float(q.outlook.curves[b.m][b.s].price[:, 0].min())
            program.column(("price", k), min(least, 0.0))
            program.column(("output", k), 0.0)
        p = q.outlook.probability
        weight = np.zeros(len(self.events))
        for y in range(len(q.years)):
            for s in np.flatnonzero(self.event[:, y] >= 0):
                weight[self.event[s, y]] += p[s] * q.discount(y)
        for e, event in enumerate(self.events):
            self._event_rows(program, e, event, float(weight[e]))
        if q.risk_weight > 0.0:
            self._tail_rows(program)

    def _event_rows(self, program: Program, e: int, event: Event, weight: float) -> None:
        shared = program.column(("shared", e), 0.0)
        year = program.column(("year", e), 0.0)
        program.charge("expected losses", year, weight)
        price = {program.at["price", k]: -1.0 for k in event.blocks}
        output = {program.at["output", k]: -1.0 for k in event.blocks}
        program.row(("prices", e), {year: 1.0, **price}, 0.0, np.inf)
        program.row(("outputs", e), {year: 1.0, **output, shared: -1.0}, 0.0, np.inf)

    def _tail_rows(self, program: Program) -> None:
        q = self.question
        var = program.column(("var",), 0.0)
        program.charge("tail", var, q.risk_weight)
        for s, p in enumerate(q.outlook.probability):
            years = {
                program.at["year", int(self.event[s, y])]: -q.discount(y)
                for y in range(len(q.years))
                if self.event[s, y] >= 0
            }
            if not years or p == 0.0:
                continue
            excess = program.column(("excess", s))
            program.charge("tail", excess, q.risk_weight * float(p) / q.tail)
            program.row(("excess", s), {var: 1.0, excess: 1.0, **years}, 0.0, np.inf)

    def relief(self, x: Floats) -> Floats:
        """(B,) relief of every block at a point, over the use of its year."""
        rho = np.array([float(w @ x[c]) for c, w in self.weights]) if self.blocks else np.zeros(0)
        return rho / self.growth

    def cuts(self, x: Floats) -> tuple[list[Cut], Floats, Floats, Floats]:
        """Cuts of every block and event at a point, and the values of price, output and shared."""
        rho = self.relief(x)
        cuts: list[Cut] = []
        B = len(self.blocks)
        price, output = np.zeros(B), np.zeros(B)
        sector_lines: list[tuple[Floats, Ints]] = []
        for k, b in enumerate(self.blocks):
            curve = self.question.outlook.curves[b.m][b.s]
            g = float(self.growth[k])
            at = curve.price[:, 0] + curve.price[:, 1] * rho[k]
            best = int(at.argmax())
            price[k] = g * at[best]
            cuts.append(self._cut(("price", k), [(k, *curve.price[best])]))
            own = self.own_lines[b.m][b.s]
            if own.size:
                at2 = own[:, :, 0] + own[:, :, 1] * rho[k]
                pick = at2.argmax(axis=1)
                chosen = own[np.arange(own.shape[0]), pick].sum(axis=0)
                output[k] = g * (chosen[0] + chosen[1] * rho[k])
                cuts.append(self._cut(("output", k), [(k, *chosen)]))
            shared = self.shared_lines[b.m][b.s]
            if shared.size:
                at3 = g * (shared[:, :, 0] + shared[:, :, 1] * rho[k])
                sector_lines.append((at3.max(axis=1), at3.argmax(axis=1)))
            else:
                sector_lines.append((np.zeros(0), np.zeros(0, dtype=np.int64)))
        both = np.zeros(len(self.events))
        for e, event in enumerate(self.events):
            if not self.shared_sectors.size:
                break
            values = np.stack([sector_lines[k][0] for k in event.blocks])
            worst = values.argmax(axis=0)
            both[e] = float(values.max(axis=0).sum())
            lines = []
            for i, k in enumerate(event.blocks):
                mine = np.flatnonzero(worst == i)
                if mine.size:
                    b = self.blocks[k]
                    chosen = self.shared_lines[b.m][b.s][mine, sector_lines[k][1][mine]].sum(axis=0)
                    lines.append((k, *chosen))
            cuts.append(self._cut(("shared", e), lines))
        return cuts, price, output, both

    def _cut(self, key: tuple[str, int], lines: list[tuple[int, float, float]]) -> Cut:
        """Lines of some blocks added up: growth leaves the slopes, since relief is over grown use."""
        constant = float(sum(self.growth[k] * a for k, a, _ in lines))
        slopes: dict[int, float] = {}
        for k, _, b in lines:
            columns, weights = self.weights[k]
            for column, weight in zip(columns, weights, strict=True):
                slopes[int(column)] = slopes.get(int(column), 0.0) + float(b * weight)
        return Cut(key, constant, tuple((c, v) for c, v in slopes.items() if v != 0.0))

    def complete(self, x: Floats) -> Floats:
        """A point with every loss column at its true value, given what is started and held."""
        _, price, output, shared = self.cuts(x)
        at, found = self.program.at, x.copy()
        year = np.zeros(len(self.events))
        for k in range(len(self.blocks)):
            found[at["price", k]], found[at["output", k]] = price[k], output[k]
        for e, event in enumerate(self.events):
            blocks = list(event.blocks)
            made = float(output[blocks].sum() + shared[e])
            year[e] = max(float(price[blocks].sum()), made, 0.0)
            found[at["shared", e]], found[at["year", e]] = shared[e], year[e]
        if ("var",) in at:
            by_scenario = self.scenario_losses(year)
            var = value_at_risk(by_scenario, self.question.outlook.probability, self.question.tail)
            found[at["var",]] = var
            for s in range(by_scenario.size):
                if ("excess", s) in at:
                    found[at["excess", s]] = max(by_scenario[s] - var, 0.0)
        return found

    def scenario_losses(self, year: Floats) -> Floats:
        """(S,) discounted losses of each scenario, from the losses of the events."""
        worth = np.array([self.question.discount(y) for y in range(len(self.question.years))])
        each = np.where(self.event >= 0, np.append(year, 0.0)[self.event], 0.0)
        return np.asarray((each * worth[None, :]).sum(axis=1))


def value_at_risk(losses: Floats, probability: Floats, tail: float) -> float:
    """Loss that is passed with at most the tail's probability; not below zero."""
    order = np.argsort(losses, kind="stable")
    beyond = 1.0 - np.cumsum(probability[order])
    first = int(np.flatnonzero(beyond <= tail + 1e-12)[0])
    return max(float(losses[order[first]]), 0.0)
