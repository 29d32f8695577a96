"""Walks of cut-offs, kept between questions: the same question is answered from the archive.

The archive is a study (see `study`): its folder is named after everything that decides its rows
(code, data, assumptions, question), so another question never meets the wrong rows, and a run that
was interrupted goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lodestone.study.definition import StudyDefinition
from lodestone.study.results import Results

Progress = Callable[[int, int], None]


def cache_folder() -> Path:
    """Where walks are kept: `LODESTONE_CACHE`, or the user's cache folder."""
    named = os.environ.get("LODESTONE_CACHE")
    if named:
        return Path(named)
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "lodestone"


def impacts(
    definition: StudyDefinition, workers: int = 1, progress: Progress | None = None
) -> Results:
    """Results of a study of cuts: read, or walked now and kept."""
    from lodestone.desk.studying import runner
    from lodestone.study.run import run_study

    folder = cache_folder() / "cuts" / definition.run_id
    folder.parent.mkdir(parents=True, exist_ok=True)
    return run_study(definition, folder, runner(workers, None), progress)
