"""The folder of a study: chunks as they are finished, then one file of results.

::

    manifest.json                 what was asked, and the hash of the results
    chunks/chunk-000000.parquet   rows of the first tasks
    chunks/chunk-000000.json      which tasks of which run these are, and their hash
    results.parquet               all rows, in the order of the task keys

A chunk counts when both its files are whole and agree with each other and with what is asked; any
other state of the disk means that it is calculated again.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.study.chunk import Calculated
from lodestone.study.definition import FAILED, STATUS, StudyDefinition
from lodestone.study.durable import PART, sync_folder, write_whole
from lodestone.study.identity import differences, digest
from lodestone.study.lock import LOCK
from lodestone.study.manifest import MANIFEST, Manifest, ResultFile, read_manifest
from lodestone.study.task import Task
from lodestone.terms.errors import DataError, Problem, RequestError

if TYPE_CHECKING:
    import polars as pl

RESULTS = "results.parquet"
CHUNKS = "chunks"


class Archive:
    """A study's folder, opened to go on with. The folder must be locked by this run.

    Parameters
    ----------
    folder
        There, and empty or left by an earlier run of the same study (see `prepare_folder`).
    study
        What is asked. A folder that was begun with another chunk size keeps its own.

    Raises
    ------
    RequestError
        If the folder holds another run; lists every input that differs.
    DataError
        If its manifest is damaged.
    """

    def __init__(self, folder: Path, study: StudyDefinition) -> None:
        self.folder = folder
        self.study = study
        for left in [*folder.glob(f"*{PART}"), *(folder / CHUNKS).glob(f"*{PART}")]:
            left.unlink()
        if not (folder / MANIFEST).exists():
            self._put(Manifest(study.description, study.chunk_size))
        self.manifest = read_manifest(folder)
        _refuse_another_run(folder, self.manifest, study)
        (folder / CHUNKS).mkdir(exist_ok=True)
        sync_folder(folder)

    def is_complete(self) -> bool:
        """Whether the results are there and whole: then nothing is left to do."""
        results = self.manifest.results
        return results is not None and results.sha256 == sha256_of(self.folder / RESULTS)

    def tasks(self, index: int) -> tuple[Task, ...]:
        """Tasks of one chunk."""
        first = index * self.manifest.chunk_size
        return tuple(self.study.tasks[first : first + self.manifest.chunk_size])

    def unfinished(self) -> list[int]:
        """Numbers of the chunks that are missing or damaged; each other one is read to know."""
        return [k for k in range(self.manifest.chunks) if self._chunk(k) is None]

    def save(self, index: int, calculated: Calculated) -> None:
        """Keep a calculated chunk for good, over whatever was there."""
        import polars as pl

        content = _parquet(pl.DataFrame(calculated.columns, schema=self._schema(), strict=True))
        stated = self._stated(index, content, calculated.rows, calculated.failed)
        card = (json.dumps(stated, indent=1) + "\n").encode()
        name = f"chunk-{index:06d}"
        write_whole(self.folder / CHUNKS, {f"{name}.parquet": content, f"{name}.json": card})

    def finish(self) -> None:
        """Write the results from all chunks, and then the manifest that states their hash.

        The bytes depend on the study alone: not on the chunks' size, nor on who calculated them.

        Raises
        ------
        DataError
            If a chunk was damaged since it was saved.
        """
        import polars as pl

        frames = [self._chunk(k) for k in range(self.manifest.chunks)]
        whole = [frame for frame in frames if frame is not None]
        if len(whole) < len(frames):
            raise DataError(
                f"{self.folder}: chunk {frames.index(None)} was altered while the study ran: "
                "run again to calculate it anew"
            )
        frame = pl.concat(whole, rechunk=True)
        content = _parquet(frame)
        write_whole(self.folder, {RESULTS: content})
        failed = int(frame[STATUS].eq(FAILED).sum())
        stated = ResultFile(
            hashlib.sha256(content).hexdigest(), frame.height, failed, f"polars {pl.__version__}"
        )
        self._put(replace(self.manifest, results=stated))

    def _put(self, manifest: Manifest) -> None:
        write_whole(self.folder, {MANIFEST: manifest.to_json()})
        self.manifest = manifest

    def _schema(self) -> dict[str, pl.DataType]:
        import polars as pl

        return {name: getattr(pl, dtype)() for name, dtype in self.study.columns.items()}

    def _stated(self, index: int, content: bytes, rows: int, failed: int) -> dict[str, Any]:
        """What the card of a chunk must say for the chunk to count."""
        return {
            "run_id": self.study.run_id,
            "chunk": index,
            "keys_sha256": digest([task.key for task in self.tasks(index)]),
            "sha256": hashlib.sha256(content).hexdigest(),
            "rows": rows,
            "failed": failed,
        }

    def _chunk(self, index: int) -> pl.DataFrame | None:
        """Rows of a saved chunk; None if it is missing, damaged or of other tasks."""
        import polars as pl

        name = self.folder / CHUNKS / f"chunk-{index:06d}"
        try:
            content = name.with_suffix(".parquet").read_bytes()
            card = json.loads(name.with_suffix(".json").read_bytes())
            if card != self._stated(index, content, card["rows"], card["failed"]):
                return None
            frame = pl.read_parquet(io.BytesIO(content))
        except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
            return None
        fits = frame.schema == self._schema() and frame.height == card["rows"]
        return frame if fits else None


def prepare_folder(folder: Path) -> None:
    """Make the folder if it is absent; RequestError if it holds anything but a study."""
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"{folder} is a file: give a folder for the study")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise RequestError(f"{folder} cannot be used for the study: {error.strerror}") from error
    if MANIFEST not in names and names - {LOCK, f"{MANIFEST}{PART}"}:
        raise RequestError(
            f"{folder} is not empty and holds no study: give a new folder, or an empty one"
        )


def sha256_of(path: Path) -> str:
    """Sha256 of a file, in hex; '' if there is none."""
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _refuse_another_run(folder: Path, manifest: Manifest, study: StudyDefinition) -> None:
    if manifest.run_id == study.run_id:
        return
    raise RequestError(
        f"{folder} holds run {manifest.run_id} of study {manifest.study['name']!r}, asked is run "
        f"{study.run_id}: give another folder, or ask for the same. What differs:",
        [
            Problem(f"{_short(one.a)} in the folder, {_short(one.b)} asked", one.where)
            for one in differences(manifest.study, study.description)
        ],
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


def _parquet(frame: pl.DataFrame) -> bytes:
    """Bytes that depend on the rows alone: everything a default could change is set."""
    content = io.BytesIO()
    frame.write_parquet(
        content,
        compression="zstd",
        compression_level=9,
        statistics=True,
        row_group_size=2**16,
        data_page_size=2**20,
    )
    return content.getvalue()
