"""Kill a study again and again, with SIGKILL at drawn moments, and see that nothing shows.

`python tests/study/kill_many.py 20` draws 20 moments, half of them with two workers. After each
kill the study is resumed here; its results must have the bytes of an undisturbed run, and no more
than one chunk for each worker may have been calculated twice.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from small_study import small_study

from lodestone.study.process_runner import ProcessRunner
from lodestone.study.run import run_study
from lodestone.study.runner import SerialRunner

PAUSE = 0.02  # seconds that each task of a run to be killed sleeps
STUDY = small_study(40)


@dataclass(frozen=True)
class KillPoint:
    """When to kill: so many saved chunks are seen, then so many seconds pass."""

    workers: int
    chunks: int
    delay: float


def kill_points(number: int, seed: int = 20260101) -> list[KillPoint]:
    """Spread moments from before the first chunk to the last; a seed draws the same delays."""
    draw = random.Random(seed)
    chunks = len(STUDY.tasks) // STUDY.chunk_size
    longest = 1.2 * PAUSE * STUDY.chunk_size
    return [
        KillPoint(1 + k % 2, k * chunks // number, round(draw.uniform(0, longest), 4))
        for k in range(number)
    ]


def start(folder: Path, notes: Path, workers: int, pause: float = PAUSE) -> subprocess.Popen[str]:
    """Begin the study in a process of its own, which prints a line as each chunk is saved."""
    return subprocess.Popen(
        [sys.executable, __file__, "run", str(folder), str(workers)],
        env={**os.environ, "STUDY_PAUSE": str(pause), "STUDY_NOTES": str(notes)},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill(run: subprocess.Popen[str]) -> None:
    """Kill a run, and return when its workers are gone too: they hold its output open."""
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)


def check(point: KillPoint, folder: Path, undisturbed: bytes) -> str:
    """Kill one run and resume it; a line on what was seen, AssertionError if it shows."""
    notes = folder.with_suffix(".notes")
    run = start(folder, notes, point.workers)
    assert run.stdout is not None
    for _ in range(point.chunks + 1):
        run.stdout.readline()
    time.sleep(point.delay)
    kill(run)
    saved = len(list((folder / "chunks").glob("*.json")))
    os.environ["STUDY_NOTES"] = str(notes)
    try:
        run_study(STUDY, folder, SerialRunner())
    finally:
        del os.environ["STUDY_NOTES"]
    assert (folder / "results.parquet").read_bytes() == undisturbed
    begun = Counter(notes.read_text().split())
    again = sum(begun.values()) - len(STUDY.tasks)
    assert len(begun) == len(STUDY.tasks)
    assert again <= point.workers * STUDY.chunk_size
    left = [path.name for path in folder.rglob("*.part")]
    assert not left
    return f"{point}: {saved} chunks were saved, {again} tasks calculated again"


def kill_many(number: int, folder: Path) -> None:
    """Check drawn moments one after the other, printing a line on each."""
    run_study(STUDY, folder / "undisturbed", SerialRunner())
    undisturbed = (folder / "undisturbed" / "results.parquet").read_bytes()
    for k, point in enumerate(kill_points(number)):
        print(check(point, folder / str(k), undisturbed), flush=True)


def _run(folder: Path, workers: int) -> None:
    runner = ProcessRunner(workers) if workers > 1 else SerialRunner()
    run_study(STUDY, folder, runner, lambda done, _: print(done, flush=True))


if __name__ == "__main__":
    if sys.argv[1] == "run":
        _run(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory() as made:
            kill_many(int(sys.argv[1]), Path(made))
