"""Every export stop of a year: each exporter of more than 1 % of a stage, settled and proved.

Markets at rest are made before the clock starts. Printed: how many, seconds after warm-up, the worst
residual and gap, the slowest case, and how seconds grow when the scenarios double.

Run: python benchmarks/market_sweep.py
"""

from __future__ import annotations

import math
import os
import random
import time

from lodestone.chain.apply import apply
from lodestone.chain.edits import Edits
from lodestone.chain.measure import ExportBan
from lodestone.chain.scenario import Scenario
from lodestone.desk.studying import supplier_cells
from lodestone.desk.worlds import world
from lodestone.market.assumptions import central
from lodestone.market.baseline import market_baseline
from lodestone.market.path import clear


def main() -> None:
    there, a = world(2024), central()
    rest = {m: market_baseline(there, m, a) for m in there.chains}
    cells = supplier_cells(there)
    began = time.perf_counter()
    asked = [(cell, edits_of(cell)) for cell in cells]
    applied = time.perf_counter() - began

    def settle(items: list[tuple[tuple[str, str, str, float], Edits]]) -> list[tuple[float, ...]]:
        out = []
        for (name, *_), edits in items:
            start = time.perf_counter()
            path = clear(there, edits, a, baseline=rest[name])
            out.append(
                (time.perf_counter() - start, path.residual, path.gap, path.walked.proof[0, 3])
            )
        return out

    settle(asked[:50])
    began = time.perf_counter()
    found = settle(asked)
    spent = time.perf_counter() - began
    slow = max(range(len(found)), key=lambda k: found[k][0])
    print(f"load average {os.getloadavg()[0]:.1f}")
    print(
        f"{len(cells)} export stops in {spent:.2f} s ({1e3 * spent / len(cells):.2f} ms each; target "
        f"1 s for 1,200); scenarios into edits before that {applied:.2f} s"
    )
    print(
        f"worst residual {max(f[1] for f in found):.1e}, worst gap {max(f[2] for f in found):.1e}, "
        f"slowest {':'.join(asked[slow][0][:3])} {1e3 * found[slow][0]:.1f} ms, most Newton steps "
        f"{max(int(f[3]) for f in found)}"
    )
    random.Random(0).shuffle(asked)
    times = []
    for part in (len(asked) // 4, len(asked) // 2, len(asked)):
        began = time.perf_counter()
        settle(asked[:part])
        times.append((part, time.perf_counter() - began))
    exponent = math.log(times[-1][1] / times[0][1]) / math.log(times[-1][0] / times[0][0])
    print(
        "doubling: " + ", ".join(f"{n}: {t:.2f} s" for n, t in times) + f"; exponent {exponent:.2f}"
    )


def edits_of(cell: tuple[str, str, str, float]) -> Edits:
    """The stop of one exporter at one stage."""
    name, stage, code, _ = cell
    stop = ExportBan(code, materials=(name,), stages=(stage,))
    return apply(world(2024), Scenario("stop", (stop,), "2025-01", 1, 2024))[name]


if __name__ == "__main__":
    main()
