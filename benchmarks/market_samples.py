"""Sampled scenarios: a thousand, 36 months, 60 materials, on two processes, every month proved.

The sampler of `lodestone study run --sample`: a supplier hits all or some of its materials, under
assumptions drawn from their bands; materials that nothing happens to are not walked. Printed: seconds
(target 120), peak memory of a process (target 2 GB together), how many paths were walked and which
share of 1,000 x 60 was skipped, and how seconds grow with scenarios, months and materials.

Run: python benchmarks/market_samples.py [--samples N]
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from lodestone.desk.studying import _definition, _options, study_run
from lodestone.desk.worlds import world

MATERIALS, MONTHS, WORKERS = 60, 36, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000)
    count = parser.parse_args().samples
    names = largest()
    run(8, MONTHS, names[:4])  # compile, and read what the processes share
    spent, hits = run(count, MONTHS, names)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    skipped = 1.0 - hits / (count * MATERIALS)
    print(f"load average {os.getloadavg()[0]:.1f}")
    print(
        f"{count} scenarios x {MONTHS} months x {MATERIALS} materials: {spent:.0f} s on {WORKERS} "
        f"processes (target 120 for 1,000), {hits} paths walked ({1e3 * WORKERS * spent / hits:.1f} "
        f"ms of a core each), {100 * skipped:.1f} % skipped as untouched; largest process "
        f"{peak:.2f} GB, this one {own:.2f} GB, together about {WORKERS * peak + own:.2f} GB"
    )
    small = max(count // 8, 16)
    growth("scenarios", [(n, run(n, MONTHS, names)[0]) for n in (small, 2 * small, 4 * small)])
    growth("months", [(t, run(2 * small, t, names)[0]) for t in (18, 36, 72)])
    growth("materials", [(m, run(2 * small, MONTHS, names[:m])[0]) for m in (15, 30, 60)])


def largest() -> list[str]:
    """The materials with the most links."""
    there = world(2024)
    links = {m: sum(int((s.flow > 0).sum()) for s in there.chain(m).stages) for m in there.chains}
    return sorted(links, key=lambda m: (-links[m], m))[:MATERIALS]


def run(count: int, months: int, names: list[str]) -> tuple[float, int]:
    """Seconds of a study, and how many paths it walks."""
    asked: dict[str, Any] = {
        "samples": count,
        "materials": tuple(names),
        "months": months,
        "seed": 1,
    }
    options = _options(False, count, 2024, names, (), ("EU27", "USA", "JPN"), months, 1)
    hits = sum(len(t.payload["hits"]) for t in _definition(options).tasks)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        study_run(Path(folder) / "study", workers=WORKERS, **asked)
        return time.perf_counter() - began, hits


def growth(what: str, points: list[tuple[int, float]]) -> None:
    """Print seconds, and the exponent over the whole span."""
    (a, x), (b, y) = points[0], points[-1]
    listed = ", ".join(f"{n}: {t:.1f} s" for n, t in points)
    print(f"{what}: {listed}; exponent {math.log(y / x) / math.log(b / a):.2f}")


if __name__ == "__main__":
    main()
