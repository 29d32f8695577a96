"""A vault over 1,000 paths of 60 months, against the same run path by path in plain Python.

Run: python benchmarks/vault_paths.py [place]   (the first time walks the cuts of the place: minutes)
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np

from lodestone.desk.vault_contents import wanted_contents
from lodestone.desk.vault_options import options
from lodestone.desk.vault_paths import contents_of, relief_of, sampled_cuts
from lodestone.desk.vault_plans import asked_vault, curves_of
from lodestone.vault.relief import Relief
from lodestone.vault.vault_run import Contents, Cuts, run_vault

PATHS, MONTHS, TARGET = 1000, 60, 60.0


def main() -> None:
    """Print seconds, the ratio to the rival, the largest difference, and how time grows."""
    began = time.perf_counter()
    asked = asked_vault("project-vault", place=sys.argv[1] if len(sys.argv) > 1 else None)
    curves = curves_of(asked, workers=2)
    found, _ = options(asked, curves)
    held = wanted_contents(asked, found)
    print(f"curves and contents: {time.perf_counter() - began:.1f} s ({len(held)} materials)")
    contents, relief = contents_of(asked, held), relief_of(curves, held)
    seconds = {}
    for paths, months in ((PATHS, MONTHS), (2 * PATHS, MONTHS), (PATHS, 2 * MONTHS)):
        began = time.perf_counter()
        cuts = sampled_cuts(curves, relief, paths, months, seed=0)
        run = run_vault(relief, contents, cuts, paths, months)
        seconds[paths, months] = time.perf_counter() - began
        if (paths, months) == (PATHS, MONTHS):
            ours, drawn = run, cuts
    own = seconds[PATHS, MONTHS]
    print(f"1,000 paths x 60 months: {own:.2f} s (target {TARGET:g} s), {drawn.path.size:,} cuts")
    began = time.perf_counter()
    part = PATHS // 10
    lost, avoided = one_by_one(relief, contents, drawn, part, MONTHS)
    rival = (time.perf_counter() - began) * PATHS / part
    off = np.abs(avoided - ours.avoided[:part]).max() / max(float(ours.avoided.max()), 1e-9)
    print(f"path by path in plain Python: {rival:.1f} s (from {part} paths), {rival / own:.0f} x")
    print(f"largest difference in avoided loss: {off:.1e}; mean lost {lost.mean():.1f} million USD")
    for name, key in (("paths", (2 * PATHS, MONTHS)), ("months", (PATHS, 2 * MONTHS))):
        print(
            f"twice the {name}: x {seconds[key] / own:.2f}, exponent {np.log2(seconds[key] / own):.2f}"
        )


def one_by_one(
    relief: Relief, contents: Contents, cuts: Cuts, paths: int, months: int
) -> tuple[Any, Any]:
    """The same rules written for one path and one month at a time."""
    by_path: dict[int, list[int]] = {}
    for h in np.argsort(cuts.start, kind="stable"):
        by_path.setdefault(int(cuts.path[h]), []).append(int(h))
    lost, avoided = np.zeros(paths), np.zeros(paths)
    for n in range(paths):
        events = by_path.get(n, [])
        stock = [0.0] * contents.days.size
        active: dict[int, list[float]] = {}
        for t in range(months):
            for h in (h for h in events if cuts.start[h] == t):
                m = int(relief.material[cuts.pair[h]])
                if m not in active or cuts.depth[h] > active[m][1]:
                    span = min(float(cuts.months[h]), float(relief.months))
                    active[m] = [float(cuts.pair[h]), float(cuts.depth[h]), span, 0.0, stock[m]]
            for m in range(len(stock)):
                if m not in active:
                    stock[m] += min(max(contents.days[m] - stock[m], 0.0), contents.rate[m])
                    continue
                pair, depth, span, age, first = active[m]
                part = min(span - age, 1.0)
                now = (int(pair), depth, int(age))
                out = min(_step(relief, relief.released, *now, first) * part, stock[m])
                without = _step(relief, relief.loss, *now, 0.0) * part
                lost[n] += without
                avoided[n] += without - _step(relief, relief.loss, *now, first) * part
                stock[m] -= out
                active[m][3] += 1.0
                if active[m][3] >= span:
                    del active[m]
    return lost, avoided


def _step(relief: Relief, table: Any, pair: int, depth: float, age: int, stock: float) -> float:
    """What a month adds, between sizes and depths, one number at a time."""

    def place(grid: Any, value: float) -> tuple[int, float]:
        value = min(max(value, grid[0]), grid[-1])
        k = 0
        while k < len(grid) - 2 and value > grid[k + 1]:
            k += 1
        return k, (value - grid[k]) / (grid[k + 1] - grid[k])

    k, a = place(relief.days, stock)
    s, b = place(relief.depth, depth)

    def at(t: int) -> float:
        low = (1 - b) * table[pair, k, s, t] + b * table[pair, k, s + 1, t]
        high = (1 - b) * table[pair, k + 1, s, t] + b * table[pair, k + 1, s + 1, t]
        return float((1 - a) * low + a * high)

    return at(age + 1) - at(age)


if __name__ == "__main__":
    main()
