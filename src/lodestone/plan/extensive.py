"""The extensive form: every line of every loss written out, for small plans and as a check."""

from __future__ import annotations

import numpy as np

from lodestone.plan.program import Program
from lodestone.plan.recourse import Recourse


def write_all_lines(program: Program, recourse: Recourse) -> None:
    """Rows for each line of each block; a column for each shared sector of each event."""
    q = program.question
    for k, b in enumerate(recourse.blocks):
        curve, g = q.outlook.curves[b.m][b.s], float(recourse.growth[k])
        price, output = program.at["price", k], program.at["output", k]
        for n, (a, slope) in enumerate(curve.price):
            _line(program, recourse, ("price line", k, n), price, k, g * a, slope)
        own = recourse.own_lines[b.m][b.s]
        sectors = {}
        for i, lines in enumerate(own):
            sector = program.column(("sector", k, i), 0.0)
            sectors[sector] = -1.0
            for n, (a, slope) in enumerate(lines):
                _line(program, recourse, ("own line", k, i, n), sector, k, g * a, slope)
        program.row(("own sectors", k), {output: 1.0, **sectors}, 0.0, np.inf)
    for e, event in enumerate(recourse.events):
        sectors = {}
        for i in range(recourse.shared_sectors.size):
            sector = program.column(("shared sector", e, i), 0.0)
            sectors[sector] = -1.0
            for k in event.blocks:
                b, g = recourse.blocks[k], float(recourse.growth[k])
                for n, (a, slope) in enumerate(recourse.shared_lines[b.m][b.s][i]):
                    if a == 0.0 and slope == 0.0:
                        continue
                    _line(program, recourse, ("shared line", e, k, i, n), sector, k, g * a, slope)
        program.row(("shared sectors", e), {program.at["shared", e]: 1.0, **sectors}, 0.0, np.inf)


def _line(
    program: Program,
    recourse: Recourse,
    name: tuple[object, ...],
    column: int,
    block: int,
    constant: float,
    slope: float,
) -> None:
    columns, weights = recourse.weights[block]
    entries = {int(c): -float(slope * w) for c, w in zip(columns, weights, strict=True)}
    program.row(name, {column: 1.0, **entries}, constant, np.inf)
