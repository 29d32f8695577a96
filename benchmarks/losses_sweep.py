"""Every supplier's stop of every material for the United States: walks, losses, programs.

The rival solves the same programs of the high figure (402 industries, one threshold) from scratch
in scipy.optimize.linprog (HiGHS), as a script would; ours goes on from the last answer.

Run: python benchmarks/losses_sweep.py
"""

from __future__ import annotations

import os
import tempfile
import time

import numpy as np
from scipy.optimize import linprog

import lodestone as ls
from lodestone.desk.economies import economy
from lodestone.economy.largest_gdp import LargestGdp

TARGET_S, THRESHOLD, CASES = 60.0, 0.01, 8


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LODESTONE_CACHE"] = cache
        ls.losses("USA", materials=["tin"])  # compiles, reads
        print(f"load average {os.getloadavg()[0]:.1f}")
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as empty:
                os.environ["LODESTONE_CACHE"] = empty
                began = time.perf_counter()
                answer = ls.losses("USA", workers=workers)
                took = time.perf_counter() - began
                proof = next(r for r in answer.to_rows() if r["table"] == "proof")
                print(
                    f"{proof['cuts']} stops of 12 months, {proof['programs']} programs on {workers} "
                    f"process(es): {took:.1f} s (target {TARGET_S:.0f} on 2), residual "
                    f"{proof['residual']:.0e}, gap {proof['gap']:.0e}"
                )
    programs()


def programs() -> None:
    """Ours against scipy on the same programs."""
    table = economy("USA", 2024)
    ours = LargestGdp(table, THRESHOLD)
    ours.solve(np.ones(len(table.sectors)))
    rng = np.random.default_rng(0)
    mine, theirs, apart = [], [], 0.0
    for _ in range(CASES):
        kept = np.ones(len(table.sectors))
        kept[rng.integers(0, kept.size, 12)] = rng.uniform(0.5, 0.99, 12)
        began = time.perf_counter()
        found = ours.solve(kept)
        mine.append(time.perf_counter() - began)
        began = time.perf_counter()
        n = kept.size
        upper = ours._upper.copy()
        rows = ours._matrix
        rival = linprog(
            -ours._cost,
            A_ub=-rows[n:],
            b_ub=np.zeros(n),
            A_eq=rows[:n],
            b_eq=np.zeros(n),
            bounds=np.stack([ours._lower, upper], axis=1),
            method="highs",
        )
        theirs.append(time.perf_counter() - began)
        apart = max(apart, abs(-rival.fun * ours._scale / found.gdp - 1.0))
    a, b = 1e3 * float(np.median(mine)), 1e3 * float(np.median(theirs))
    print(
        f"one program of {len(table.sectors)} industries: {a:.1f} ms, scipy linprog {b:.1f} ms, "
        f"{b / a:.0f} x; apart {apart:.0e}"
    )


if __name__ == "__main__":
    main()
