"""A real Dask cluster gives the same bytes, and says what is wrong with it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_study import small_study

from lodestone.study.dask_runner import DaskRunner
from lodestone.study.run import run_study
from lodestone.study.runner import SerialRunner
from lodestone.terms.errors import DataError, LodestoneError, RequestError

distributed = pytest.importorskip("distributed")


def cluster_of(workers: int, threads: int, processes: bool) -> Any:
    return distributed.LocalCluster(
        processes=processes,
        n_workers=workers,
        threads_per_worker=threads,
        dashboard_address=":0",  # any free port: other clusters may run here
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster_of(2, 1, processes=True) as cluster:
        yield cluster.scheduler_address


def test_a_cluster_gives_the_bytes_of_one_process(address: str, tmp_path: Path) -> None:
    study = small_study(40, initialise="small_study:warm")
    run_study(study, tmp_path / "here", SerialRunner())
    run_study(study, tmp_path / "there", DaskRunner(address))
    names = ["manifest.json", "results.parquet", "chunks/chunk-000009.parquet"]
    for name in names:
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_no_more_chunks_are_out_than_workers(address: str) -> None:
    out: list[int] = []
    chunks = ((k, -k) for k in range(9) if not out.append(k))
    for done, (index, answer) in enumerate(DaskRunner(address).map(abs, chunks)):
        assert answer == index
        assert len(out) - done <= 2
    assert done == 8


def test_what_goes_wrong_on_a_worker_is_told_as_anywhere(address: str, tmp_path: Path) -> None:
    whole = small_study(work="small_study:not_finite", chunk_size=12)
    with pytest.raises(DataError, match="task '0002', row 2, column price: nan") as caught:
        run_study(whole, tmp_path / "a", DaskRunner(address))
    assert caught.value.problems
    with pytest.raises(LodestoneError, match=r"task '0006'.* raised ZeroDivisionError"):
        run_study(small_study(work="small_study:crash"), tmp_path / "b", DaskRunner(address))


def test_a_task_that_kills_workers_is_told(tmp_path: Path) -> None:
    study = small_study(8, work="small_study:die")
    said = r"cluster failed while it held chunk 1 \(KilledWorker"
    with cluster_of(1, 1, processes=True) as cluster, pytest.raises(LodestoneError, match=said):
        run_study(study, tmp_path, DaskRunner(cluster.scheduler_address))


def test_no_scheduler_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        run_study(small_study(), tmp_path, DaskRunner("tcp://127.0.0.1:9", timeout=0.5))
    with pytest.raises(RequestError, match="no Dask scheduler answers at 'nonsense'"):
        run_study(small_study(), tmp_path, DaskRunner("nonsense", timeout=0.5))


def test_a_cluster_without_workers_or_with_threads_is_told(tmp_path: Path) -> None:
    with cluster_of(0, 1, processes=False) as cluster:
        runner = DaskRunner(cluster.scheduler_address, timeout=2)
        with pytest.raises(RequestError, match="has no workers: start them"):
            run_study(small_study(), tmp_path, runner)
    with cluster_of(1, 2, processes=False) as cluster:
        runner = DaskRunner(cluster.scheduler_address)
        with pytest.raises(RequestError, match="2 threads -> start it with --nthreads 1"):
            run_study(small_study(), tmp_path, runner)


def test_a_cluster_that_loses_its_workers_is_told_and_the_study_goes_on(tmp_path: Path) -> None:
    with cluster_of(1, 1, processes=False) as cluster:

        def stop_after_one(done: int, total: int) -> None:
            if done == 4:
                cluster.scale(0)
                while cluster.scheduler.workers:
                    time.sleep(0.01)

        runner = DaskRunner(cluster.scheduler_address, timeout=2)
        with pytest.raises(LodestoneError, match="has no workers left"):
            run_study(small_study(), tmp_path, runner, stop_after_one)
    seen: list[int] = []
    run_study(small_study(), tmp_path, SerialRunner(), lambda done, _: seen.append(done))
    assert seen == [4, 8, 12]


def test_a_cluster_that_ends_is_told(tmp_path: Path) -> None:
    cluster = cluster_of(1, 1, processes=False)

    def stop_after_one(done: int, total: int) -> None:
        if done == 4:
            cluster.close()

    runner = DaskRunner(cluster.scheduler_address, timeout=2)
    with pytest.raises(LodestoneError, match=r"Finished chunks are kept"):
        run_study(small_study(), tmp_path, runner, stop_after_one)


def test_a_missing_dask_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RequestError, match=r'pip install "lodestone\[cluster\]"'):
        run_study(small_study(), tmp_path, DaskRunner("tcp://127.0.0.1:9"))
