"""Seconds of the example dossier, PDF included: first in a process, then again with nothing kept.

Run: python benchmarks/dossier_example.py. Target: 10 s in a warm process on 2 free cores.
"""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path

BILL = Path(__file__).resolve().parents[1] / "examples" / "bill_of_materials.csv"


def main() -> None:
    """Print clock and processor seconds."""
    for label in ("first in a process", "warm, walks forgotten", "warm, walks kept"):
        clock, work = time.perf_counter(), time.process_time()
        _write(forget=label == "warm, walks forgotten")
        clock, work = time.perf_counter() - clock, time.process_time() - work
        print(f"{label:24} {clock:6.1f} s on the clock, {work:5.1f} s of processor")


def _write(forget: bool) -> None:
    import lodestone as ls
    from lodestone.desk import dossier_stops

    if forget:
        dossier_stops._walked.cache_clear()
    with tempfile.TemporaryDirectory() as folder:
        ls.dossier(BILL, as_of=date(2026, 11, 23), out=Path(folder))


if __name__ == "__main__":
    main()
