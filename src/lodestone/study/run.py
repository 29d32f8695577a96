"""Running a study: begin it, or go on where it was interrupted, and give its results."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from lodestone.study.archive import Archive, prepare_folder
from lodestone.study.chunk import calculate, pack
from lodestone.study.definition import StudyDefinition
from lodestone.study.lock import locked
from lodestone.study.results import Results, read_results
from lodestone.study.runner import Runner


def run_study(
    definition: StudyDefinition,
    folder: Path,
    runner: Runner,
    progress: Callable[[int, int], None] | None = None,
) -> Results:
    """Run a study in a folder, or what is left of it there, and read its results.

    It may be killed at any moment and called again: the results have the same bytes, whichever
    runner calculated which part. A study that is complete is only read.

    Parameters
    ----------
    folder
        New, empty, or of an earlier run of the same study.
    progress
        Called with (tasks finished, tasks in all): first for what was there, then as chunks are
        saved.

    Raises
    ------
    RequestError
        If the folder is in use, holds another run (naming what differs) or other files, or the
        runner or the work function cannot be reached.
    DataError
        If a manifest is damaged, or work gives rows that results cannot hold (naming tasks).
    LodestoneError
        If work raised something else (naming the task), a worker was lost, or the disk is full.
    """
    tell = progress or _silent
    prepare_folder(folder)
    with locked(folder):
        archive = Archive(folder, definition)
        if archive.is_complete():
            tell(len(definition.tasks), len(definition.tasks))
        else:
            _calculate_missing(archive, runner, tell)
            archive.finish()
    return read_results(folder)


def _calculate_missing(
    archive: Archive, runner: Runner, progress: Callable[[int, int], None]
) -> None:
    study, missing = archive.study, archive.unfinished()
    total = len(study.tasks)
    done = total - sum(len(archive.tasks(index)) for index in missing)
    progress(done, total)
    # Packed one by one as workers become free: a large study is never in memory twice.
    chunks = ((index, pack(study, archive.tasks(index))) for index in missing)
    with closing(runner.map(calculate, chunks)) as answers:
        for index, calculated in answers:
            archive.save(index, calculated)
            done += len(archive.tasks(index))
            progress(done, total)


def _silent(done: int, total: int) -> None:
    """Report nothing."""
