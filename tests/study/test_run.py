"""The same bytes whoever calculates, and rows that say what failed."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from small_study import small_study

from lodestone.study.process_runner import ProcessRunner
from lodestone.study.results import read_results
from lodestone.study.run import run_study
from lodestone.study.runner import SerialRunner
from lodestone.study.task import Task
from lodestone.terms.errors import DataError, LodestoneError, RequestError


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of an archive but its lock."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_rows_by_hand(tmp_path: Path) -> None:
    results = run_study(small_study(4), tmp_path, SerialRunner())
    assert results.rows()[2:] == [
        row("0001", 1, (1 + 1 / 7) / 3, "DEU", False),
        row("0001", 2, None, None, False),
        row("0002", 1, (1 + 2 / 7) / 3, "DEU", False),
        row("0002", 2, None, None, False),
        {
            **row("0003", None, None, None, None),
            "status": "failed",
            "reason": "task 3 has no answer",
        },
    ]
    assert results.failures() == [("0003", "task 3 has no answer")]
    assert results.manifest.results is not None
    assert (results.manifest.results.rows, results.manifest.results.failed) == (7, 1)
    assert results.manifest.run_id == small_study(4).run_id
    assert results.frame.columns == list(small_study(4).columns)


def row(task: str, month: Any, price: Any, buyer: Any, short: Any) -> dict[str, Any]:
    given = {"task": task, "month": month, "price": price, "buyer": buyer, "short": short}
    return {**given, "status": "ok", "reason": None}


def test_every_file_is_the_same_in_this_process_and_in_two_others(tmp_path: Path) -> None:
    run_study(small_study(), tmp_path / "one", SerialRunner())
    run_study(small_study(), tmp_path / "two", ProcessRunner(2))
    one, two = folder_bytes(tmp_path / "one"), folder_bytes(tmp_path / "two")
    assert len(one) == 8
    assert one == two


@pytest.mark.parametrize("chunk_size", [1, 5, 100])
def test_results_do_not_depend_on_the_size_of_chunks(tmp_path: Path, chunk_size: int) -> None:
    run_study(small_study(), tmp_path / "four", SerialRunner())
    run_study(small_study(chunk_size=chunk_size), tmp_path / "other", SerialRunner())
    assert (tmp_path / "four/results.parquet").read_bytes() == (
        tmp_path / "other/results.parquet"
    ).read_bytes()


def test_progress_counts_tasks(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    for _ in range(2):
        run_study(small_study(10), tmp_path, SerialRunner(), lambda *told: seen.append(told))
    assert seen == [(0, 10), (4, 10), (8, 10), (10, 10), (10, 10)]


def test_a_study_may_have_no_rows(tmp_path: Path) -> None:
    results = run_study(small_study(work="small_study:nothing"), tmp_path, SerialRunner())
    assert results.rows() == []
    assert results.frame.columns == list(small_study().columns)


RUNNERS = {"serial": SerialRunner(), "processes": ProcessRunner(2)}


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> Any:
    return RUNNERS[request.param]


def test_a_number_that_is_not_finite_is_refused_with_its_task(tmp_path: Path, runner: Any) -> None:
    with pytest.raises(DataError) as caught:
        run_study(small_study(work="small_study:not_finite"), tmp_path, RUNNERS["serial"])
    assert "task '0002', row 2, column price: nan is not a finite number" in str(caught.value)
    whole = small_study(work="small_study:not_finite", chunk_size=12)
    with pytest.raises(DataError, match=r"task '0005', row 2, column price: -inf"):
        run_study(whole, tmp_path / "whole", runner)
    with pytest.raises(DataError, match="not finished"):
        read_results(tmp_path)


def test_all_rows_that_do_not_fit_are_listed(tmp_path: Path) -> None:
    study = small_study(11, work="small_study:wrong_rows", chunk_size=20)
    with pytest.raises(DataError) as caught:
        run_study(study, tmp_path, SerialRunner())
    text = str(caught.value)
    assert len(caught.value.problems) == 11
    for part in (
        "task '0000', row 1, column month: 1.5 is not a whole number",
        "task '0001', row 1, column month: True is not",
        "task '0002', row 1, column month: 9223372036854775808 is not",
        "task '0003', row 1, column buyer: 3 is not text",
        "task '0004', row 1, column buyer: '\\ud800' is not text",
        "task '0005', row 1, column short: 1 is not True or False",
        "task '0006', row 1, column price: '1.0' is not a finite number",
        "task '0007', row 1: unknown extra",
        "task '0008', row 1: no short",
        "task '0009', row 1: str is not a row",
        "task '0010': small_study:wrong_rows gave str",
    ):
        assert part in text


def test_any_other_exception_names_its_task_and_keeps_finished_chunks(
    tmp_path: Path, runner: Any
) -> None:
    study = small_study(work="small_study:crash", chunk_size=3)
    with pytest.raises(LodestoneError, match=r"task '0006'.* raised ZeroDivisionError") as caught:
        run_study(study, tmp_path, runner)
    assert type(caught.value) is LodestoneError
    # The third chunk is given out when another is saved, whichever was done first.
    assert list((tmp_path / "chunks").glob("*.json"))


def test_a_worker_that_dies_is_reported_with_its_chunk(tmp_path: Path) -> None:
    with pytest.raises(LodestoneError, match="held chunk 1 was ended by signal 9"):
        run_study(small_study(work="small_study:die"), tmp_path, ProcessRunner(1))
    assert (tmp_path / "chunks/chunk-000000.parquet").exists()


def test_a_worker_is_warmed_once_and_has_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    study = small_study(
        4, work="small_study:surroundings", initialise="small_study:warm", chunk_size=1
    )
    before = dict(os.environ)
    results = run_study(study, tmp_path, ProcessRunner(1))
    assert [(one["month"], one["buyer"]) for one in results.rows()] == [(1, "1 1 1")] * 4
    assert len({one["price"] for one in results.rows()} | {os.getpid()}) == 2
    assert dict(os.environ) == before


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_chunks_are_out_than_workers(workers: int) -> None:
    runner = ProcessRunner(workers) if workers > 1 else SerialRunner()
    out: list[int] = []
    chunks = ((k, -k) for k in range(9) if not out.append(k))
    for done, (index, answer) in enumerate(runner.map(abs, chunks)):
        assert answer == index
        assert len(out) - done <= workers
    assert done == 8


def test_a_runner_that_is_left_leaves_no_process() -> None:
    before = {child.pid for child in active_children()}  # a service of other tests may have some

    def own() -> list[int | None]:
        return [child.pid for child in active_children() if child.pid not in before]

    with closing(ProcessRunner(2).map(abs, ((k, -k) for k in range(9)))) as answers:
        next(answers)
        assert len(own()) == 2
    assert not own()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"work": "small_study:absent"}, "cannot import 'small_study:absent' .AttributeError"),
        ({"work": "no_such_module:work"}, "cannot import 'no_such_module:work' .ModuleNotFound"),
        ({"work": "small_study:SCHEMA"}, "is not a function"),
        ({"initialise": "small_study:fail_to_warm"}, "raised OSError: no compiler"),
        (
            {"tasks": [Task("a", 1), Task("b", lambda: 1, digest="x")]},
            "task 'b' cannot be sent to a worker",
        ),
    ],
)
def test_what_no_worker_can_do_is_refused(
    tmp_path: Path, runner: Any, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(LodestoneError, match=said):
        run_study(small_study(**changed), tmp_path, runner)


def test_a_module_that_cannot_be_imported_is_told(
    tmp_path: Path, runner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "half_written.py").write_text("def work(")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(RequestError, match=r"cannot import 'half_written:work' \(SyntaxError"):
        run_study(small_study(work="half_written:work"), tmp_path / "study", runner)


def test_a_script_without_a_guard_is_told(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from small_study import small_study\n"
        "from lodestone.study.process_runner import ProcessRunner\n"
        "from lodestone.study.run import run_study\n"
        "from pathlib import Path\n"
        "run_study(small_study(), Path(__file__).with_name('study'), ProcessRunner(1))\n"
    )
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "starts it under if __name__ ==" in done.stderr


def test_no_workers_is_refused() -> None:
    with pytest.raises(RequestError, match="0 workers"):
        ProcessRunner(0)
