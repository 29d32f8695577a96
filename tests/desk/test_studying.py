"""Studies of markets: the same bytes on every runner, after kills, and refused when altered."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import lodestone as ls
from lodestone.terms.errors import RequestError

MATERIALS = ("gallium", "tellurium", "scandium")
SAMPLE = {"samples": 24, "materials": MATERIALS, "months": 6, "seed": 4, "places": ("USA", "EU27")}


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "results.parquet").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serial") / "study"
    ls.study_run(folder, **SAMPLE)
    return folder


def test_every_row_of_a_sample_is_proved(serial: Path) -> None:
    frame = pl.read_parquet(serial / "results.parquet")
    assert frame["sample"].n_unique() == 24
    assert (frame["status"] == "ok").all()
    assert frame["residual"].max() <= 1e-10
    assert frame["use_lost"].is_between(0.0, 1.0).all()


def test_two_processes_and_a_cluster_give_the_same_bytes(serial: Path, tmp_path: Path) -> None:
    from distributed import LocalCluster

    ls.study_run(tmp_path / "two", workers=2, **SAMPLE)
    assert digest(tmp_path / "two") == digest(serial)
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        ls.study_run(tmp_path / "dask", dask=cluster.scheduler_address, **SAMPLE)
    assert digest(tmp_path / "dask") == digest(serial)


@pytest.mark.parametrize("point", range(3))
def test_a_killed_study_goes_on_to_the_same_bytes(serial: Path, tmp_path: Path, point: int) -> None:
    folder = tmp_path / "killed"
    script = (
        "from pathlib import Path; import lodestone as ls; "
        f"ls.study_run(Path({str(folder)!r}), **{SAMPLE!r})"
    )
    running = subprocess.Popen([sys.executable, "-c", script])
    while running.poll() is None and not (folder / "manifest.json").exists():
        time.sleep(0.01)
    time.sleep(random.Random(point).uniform(0.0, 0.3))
    running.send_signal(signal.SIGKILL)
    running.wait()
    ls.study_resume(folder)
    assert digest(folder) == digest(serial)


def test_a_grid_holds_every_exporter_once(tmp_path: Path) -> None:
    from lodestone.desk.studying import supplier_cells

    answer = ls.study_run(tmp_path / "grid", grid=True, materials=("gallium", "tungsten"))
    frame = pl.read_parquet(tmp_path / "grid" / "results.parquet")
    cells = supplier_cells(ls.world(2024), ("gallium", "tungsten"))
    assert frame["task"].n_unique() == len(cells)
    assert answer.results[0]["use_lost"] >= answer.results[-1]["use_lost"]
    worst = frame.filter(pl.col("place") == "abroad").sort("use_lost").tail(1)
    assert worst["supplier"][0] == "CHN"


def test_studies_are_compared_by_number_and_by_input(tmp_path: Path) -> None:
    ls.study_run(tmp_path / "a", grid=True, materials=("gallium",))
    ls.study_run(tmp_path / "b", grid=True, materials=("gallium",), months=6)
    found = ls.study_compare(tmp_path / "a", tmp_path / "b").to_rows()
    assert any(r["table"] == "input" and "months" in r["where"] for r in found)
    assert any(r["table"] == "number" and r["difference"] for r in found)


def test_another_study_is_refused_in_the_same_folder(serial: Path) -> None:
    with pytest.raises(RequestError, match="seed"):
        ls.study_run(serial, **{**SAMPLE, "seed": 5})


@pytest.mark.parametrize(
    "options",
    [{}, {"grid": True, "samples": 3}, {"samples": 3, "months": 0}, {"grid": True, "months": 999}],
)
def test_questions_that_make_no_study_are_refused(options: dict, tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        ls.study_run(tmp_path / "none", **options)
