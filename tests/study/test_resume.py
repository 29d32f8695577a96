"""Interrupted anywhere, damaged anyhow: the same bytes, or a refusal that says why."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kill_many import STUDY, KillPoint, check, kill, kill_points, start
from small_study import small_study

from lodestone.study.results import read_results
from lodestone.study.run import run_study
from lodestone.study.runner import SerialRunner
from lodestone.study.task import Task
from lodestone.terms.errors import DataError, LodestoneError, RequestError


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("undisturbed")
    run_study(STUDY, folder, SerialRunner())
    return (folder / "results.parquet").read_bytes()


@pytest.mark.parametrize("point", kill_points(6), ids=str)
def test_a_killed_run_leaves_no_trace(point: KillPoint, tmp_path: Path, undisturbed: bytes) -> None:
    check(point, tmp_path / "study", undisturbed)


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def test_a_kill_at_every_step_of_every_write_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = small_study(5, chunk_size=2)
    run_study(study, tmp_path / "whole", SerialRunner())
    expected = everything(tmp_path / "whole")
    for step in itertools.count():
        folder = tmp_path / str(step)
        with monkeypatch.context() as patched:
            steps = itertools.count()
            for name in ("replace", "fsync"):
                patched.setattr(os, name, killing(getattr(os, name), steps, step))
            try:
                run_study(study, folder, SerialRunner())
            except Killed:
                pass
            else:
                break
        run_study(study, folder, SerialRunner())
        assert everything(folder) == expected, f"killed before step {step}"
    assert step > 20


def killing(call: Callable[..., Any], steps: Any, last: int) -> Callable[..., Any]:
    """Make a system call end the run when it is step `last`."""

    def wrapped(*given: Any) -> Any:
        if next(steps) == last:
            raise Killed
        return call(*given)

    return wrapped


def everything(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# --- damage --------------------------------------------------------------------------------


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def swap(path: Path) -> None:
    for ending in (".parquet", ".json"):
        shutil.copy(path.with_name(f"chunk-000002{ending}"), path.with_suffix(ending))


def lose_rows(path: Path) -> None:
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | {"rows": 1}))


DAMAGES = [
    flip,
    truncate,
    swap,
    lose_rows,
    lambda path: path.unlink(),
    lambda path: path.write_bytes(b""),
    lambda path: path.with_suffix(".json").unlink(),
    lambda path: flip(path.with_suffix(".json")),
    lambda path: path.with_suffix(".json").write_text("[]"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_chunk_alone_is_calculated_again(
    damage: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    run_study(small_study(), folder, SerialRunner())
    before = everything(folder)
    damage(folder / "chunks/chunk-000001.parquet")
    (folder / "results.parquet").unlink()
    (folder / "chunks/chunk-000000.parquet.part").write_bytes(b"half")
    (folder / "results.parquet.part").write_bytes(b"half")
    monkeypatch.setenv("STUDY_NOTES", str(tmp_path / "notes"))
    run_study(small_study(), folder, SerialRunner())
    assert everything(folder) == before
    assert (tmp_path / "notes").read_text().split() == ["4", "5", "6", "7"]


def test_a_chunk_of_another_run_is_not_reused(tmp_path: Path) -> None:
    other = small_study(
        tasks=[Task(task.key, {"number": 1, "start": 9}) for task in STUDY.tasks[:12]]
    )
    for study, name in ((small_study(), "one"), (other, "other")):
        run_study(study, tmp_path / name, SerialRunner())
    before = everything(tmp_path / "one")
    shutil.rmtree(tmp_path / "one/chunks")
    shutil.copytree(tmp_path / "other/chunks", tmp_path / "one/chunks")
    (tmp_path / "one/results.parquet").unlink()
    run_study(small_study(), tmp_path / "one", SerialRunner())
    assert everything(tmp_path / "one") == before


def test_a_chunk_of_other_tasks_is_not_reused(tmp_path: Path) -> None:
    run_study(small_study(), tmp_path, SerialRunner())
    before = (tmp_path / "results.parquet").read_bytes()
    manifest = (tmp_path / "manifest.json").read_text()
    edited = manifest.replace('"chunk_size": 4', '"chunk_size": 6')
    (tmp_path / "manifest.json").write_text(edited)
    (tmp_path / "results.parquet").unlink()
    run_study(small_study(), tmp_path, SerialRunner())
    assert edited != manifest
    assert (tmp_path / "results.parquet").read_bytes() == before


def test_altered_results_are_refused_and_restored_from_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    run_study(small_study(), folder, SerialRunner())
    before = everything(folder)
    flip(folder / "results.parquet")
    with pytest.raises(DataError, match=r"results.parquet was altered.*run the study again"):
        read_results(folder)
    monkeypatch.setenv("STUDY_NOTES", str(tmp_path / "notes"))
    run_study(small_study(), folder, SerialRunner())
    assert everything(folder) == before
    assert not (tmp_path / "notes").exists()
    (folder / "results.parquet").unlink()
    with pytest.raises(DataError, match="is missing: run the study again"):
        read_results(folder)


def test_a_complete_study_is_read_without_its_chunks(tmp_path: Path) -> None:
    first = run_study(small_study(), tmp_path, SerialRunner())
    shutil.rmtree(tmp_path / "chunks")
    assert run_study(small_study(), tmp_path, SerialRunner()).rows() == first.rows()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b'{"format": 1}', None],
    ids=["empty", "half", "list", "bytes", "fields", "edited"],
)
def test_a_damaged_manifest_is_refused(content: bytes | None, tmp_path: Path) -> None:
    run_study(small_study(), tmp_path, SerialRunner())
    path = tmp_path / "manifest.json"
    edited = path.read_bytes().replace(b'"seed": 5', b'"seed": 6')
    path.write_bytes(edited if content is None else content)
    for ask in (lambda: read_results(tmp_path), lambda: run_study(small_study(), tmp_path, None)):
        with pytest.raises(DataError, match=r"manifest.json is damaged.*new folder"):
            ask()


def test_a_manifest_of_a_later_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 2}')
    with pytest.raises(DataError, match="has format 2"):
        read_results(tmp_path)


def test_a_folder_keeps_the_chunk_size_it_was_begun_with(tmp_path: Path) -> None:
    with pytest.raises(LodestoneError, match="raised ZeroDivisionError"):
        run_study(small_study(work="small_study:crash"), tmp_path, SerialRunner())
    again = small_study(work="small_study:crash", chunk_size=1)
    seen: list[int] = []
    with pytest.raises(LodestoneError, match="raised ZeroDivisionError"):
        run_study(again, tmp_path, SerialRunner(), lambda done, _: seen.append(done))
    assert seen == [4]
    with pytest.raises(DataError, match=r"not finished \(1 of 3 chunks\): run it again"):
        read_results(tmp_path)


# --- refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"identity": {**STUDY.identity, "seed": 6}}, ["identity.seed: 5 in the folder, 6 asked"]),
        ({"identity": {"code": "1", "seed": 5}}, ["identity.data.release", "identity.data.sha256"]),
        ({"number": 11}, ["tasks.number: 12 in the folder, 11", "tasks.keys_sha256"]),
        ({"work": "small_study:nothing"}, ['work: "small_study:work" in the folder']),
    ],
)
def test_another_run_is_refused_with_what_differs(
    changed: dict[str, Any], named: list[str], tmp_path: Path
) -> None:
    run_study(small_study(), tmp_path, SerialRunner())
    before = everything(tmp_path)
    with pytest.raises(RequestError, match="give another folder") as caught:
        run_study(small_study(**changed), tmp_path, SerialRunner())
    text = str(caught.value)
    assert all(part in text for part in named)
    assert "code" not in text.partition("What differs")[2]
    assert everything(tmp_path) == before


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(RequestError, match="holds no study"):
        run_study(small_study(), tmp_path, SerialRunner())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(RequestError, match="is a file"):
        run_study(small_study(), tmp_path / "thesis.txt", SerialRunner())
    with pytest.raises(RequestError, match="cannot be used"):
        run_study(small_study(), tmp_path / "thesis.txt" / "below", SerialRunner())
    with pytest.raises(RequestError, match="holds no study"):
        read_results(tmp_path)


def test_two_runs_at_once_are_refused_in_one_process(tmp_path: Path) -> None:
    refused: list[str] = []

    def meddle(done: int, total: int) -> None:
        with pytest.raises(RequestError, match=f"in use by process {os.getpid()}") as caught:
            run_study(small_study(), tmp_path, SerialRunner())
        refused.append(str(caught.value))

    run_study(small_study(), tmp_path, SerialRunner(), meddle)
    assert len(refused) == 4


def test_workers_end_in_the_middle_of_a_task_when_their_run_is_killed(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    run = start(tmp_path / "study", notes, workers=2, pause=3600)
    while not notes.exists():
        assert run.poll() is None
        time.sleep(0.01)
    kill(run)  # fails if a worker holds the output of the run open for a minute


def test_a_second_process_is_refused_until_the_first_is_dead(
    tmp_path: Path, undisturbed: bytes
) -> None:
    folder = tmp_path / "study"
    run = start(folder, tmp_path / "notes", workers=1)
    assert run.stdout is not None
    run.stdout.readline()
    with pytest.raises(RequestError, match=f"in use by process {run.pid}"):
        run_study(STUDY, folder, SerialRunner())
    kill(run)
    assert str(run.pid) in (folder / ".lock").read_text()
    run_study(STUDY, folder, SerialRunner())
    assert (folder / "results.parquet").read_bytes() == undisturbed


def test_a_full_disk_is_said_and_survived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        path.write_bytes(content[:5])
        raise OSError(28, "No space left on device")

    seen: list[int] = []

    def after_two(done: int, total: int) -> None:
        seen.append(done)
        if done == 8:
            patched.setattr("lodestone.study.durable._write", full)

    with monkeypatch.context() as patched, pytest.raises(LodestoneError, match="No space left"):
        run_study(small_study(), tmp_path, SerialRunner(), after_two)
    run_study(small_study(), tmp_path, SerialRunner(), lambda done, _: seen.append(done))
    assert seen == [0, 4, 8, 8, 12]
