"""How far each target is reached, before and after, and what its last per cent costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lodestone.plan.program import Program
from lodestone.plan.solution import TargetState
from lodestone.plan.target import BENCHMARKS, Target

Floats = NDArray[np.float64]

_PER_CENT = 0.01


def target_states(
    program: Program, x: Floats, prices: Mapping[int, float]
) -> tuple[TargetState, ...]:
    """One state for each target of the question."""
    q = program.question
    rows: dict[int, list[int]] = {}
    for position, name in enumerate(program.row_names):
        if name[0] == "target":
            rows.setdefault(name[1], []).append(position)
    return tuple(
        _state(program, n, target, rows.get(n, []), x, prices) for n, target in enumerate(q.targets)
    )


def _state(
    program: Program,
    n: int,
    target: Target,
    rows: list[int],
    x: Floats,
    prices: Mapping[int, float],
) -> TargetState:
    first = [
        r for r in rows if program.row_names[r][2] == program.question.years.index(target.year)
    ]
    nothing = np.zeros(x.size)
    if target.kind in BENCHMARKS and target.weighting == "mean":
        _fill_met(program, n, nothing)
        x = x.copy()
        _fill_met(program, n, x)
    if target.kind == "processing":
        x = x.copy()
        _fill_least(program, n, x)
        _fill_least(program, n, nothing)
        if target.weighting == "mean":
            _fill_met(program, n, nothing)
            _fill_met(program, n, x)
    before = [(_shown(target, _level(program, r, target, nothing)), r) for r in first]
    after = [(_shown(target, _level(program, r, target, x)), r) for r in first]
    pick = max if target.at_most else min
    worst = pick(after)[1] if after else -1
    name = ", ".join(str(w) for w in program.row_names[worst][3:]) if after else ""
    unit = 1.0 if target.kind == "stock_days" else _PER_CENT
    # a floor's price is what one unit more costs, a ceiling's what one unit less costs; of a priced
    # target that is missed it is the price itself
    price = float(sum(abs(prices.get(r, 0.0)) for r in rows)) * unit
    missed = max(
        (
            float(x[c])
            for key, c in program.at.items()
            if key[0] == "miss" and key[1] == "target" and key[2] == n
        ),
        default=0.0,
    )
    return TargetState(
        n,
        pick(before)[0] if before else float("nan"),
        pick(after)[0] if after else float("nan"),
        name,
        price,
        missed,
    )


def _shown(target: Target, level: float) -> float:
    """A level; of a share of a supplier, whose slopes far out pass 0 and 1, what can be."""
    return min(max(level, 0.0), 1.0) if target.kind == "supplier_cap" else level


def _level(program: Program, row: int, target: Target, x: Floats) -> float:
    """What a target's row reaches: its value less what is missing to its bound."""
    bound = program.row_upper[row] if target.at_most else program.row_lower[row]
    body = sum(v * x[c] for c, v in program.entries[row].items() if program.keys[c][0] != "miss")
    return target.value - bound + float(body)


def _fill_least(program: Program, n: int, x: Floats) -> None:
    """The least step, which a slack target leaves open."""
    for key, c in program.at.items():
        if key[0] == "least" and key[1] == n:
            x[c] = min(
                program.row_upper[r] - _rest(program, r, c, x)
                for r, name in enumerate(program.row_names)
                if name[0] == "step" and name[1:4] == key[1:4]
            )


def _fill_met(program: Program, n: int, x: Floats) -> None:
    """What each entry counts for, which a slack target leaves open."""
    for r, name in enumerate(program.row_names):
        if name[0] == "at most made" and name[1] == n:
            c = program.at["met", n, name[2], name[3]]
            x[c] = min(1.0, program.row_upper[r] - _rest(program, r, c, x))


def _rest(program: Program, row: int, column: int, x: Floats) -> float:
    return float(sum(v * x[c] for c, v in program.entries[row].items() if c != column))
