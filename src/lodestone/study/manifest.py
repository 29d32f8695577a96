"""The manifest of a study's folder: what was asked, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from lodestone.study.definition import run_id_of
from lodestone.terms.errors import DataError, RequestError

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class ResultFile:
    """The finished file: its hash, its rows, the tasks that failed, and what wrote it."""

    sha256: str
    rows: int
    failed: int
    written_by: str


@dataclass(frozen=True)
class Manifest:
    """What a folder states of its study.

    `study` is the description that the run id is the hash of (`StudyDefinition.description`):
    name, work, schema, identity, tasks. `results` is None until the study is complete.
    """

    study: Mapping[str, Any]
    chunk_size: int
    results: ResultFile | None = None

    @property
    def run_id(self) -> str:
        """Hash of the description."""
        return run_id_of(self.study)

    @property
    def status(self) -> Literal["running", "complete"]:
        """'complete' once the results are written."""
        return "running" if self.results is None else "complete"

    @property
    def columns(self) -> dict[str, str]:
        """Columns of the results, in order, with the names of their polars types."""
        return dict(self.study["schema"])

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-int(self.study["tasks"]["number"]) // self.chunk_size)

    def to_json(self) -> bytes:
        """The file's content; the same manifest gives the same bytes."""
        content = {
            "format": FORMAT,
            "run_id": self.run_id,
            "status": self.status,
            **self.study,
            "chunk_size": self.chunk_size,
            "results": None if self.results is None else asdict(self.results),
        }
        return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read a folder's manifest.

    Raises
    ------
    RequestError
        If there is no study in the folder.
    DataError
        If the manifest is damaged, was edited, or is of a newer Lodestone.
    """
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != FORMAT:
            raise DataError(
                f"{path} has format {content['format']!r}, this Lodestone reads {FORMAT}: "
                "read it with the version that wrote it"
            )
        manifest = _manifest(content)
        stated = content["run_id"], content["status"]
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RequestError(f"{folder} holds no study: it has no {MANIFEST}") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RequestError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    if stated != (manifest.run_id, manifest.status):
        raise _damaged(path, "its content does not give its run id and status")
    return manifest


def _manifest(content: Mapping[str, Any]) -> Manifest:
    study = {name: content[name] for name in ("name", "work", "schema", "identity", "tasks")}
    results = content["results"]
    manifest = Manifest(
        study, int(content["chunk_size"]), None if results is None else ResultFile(**results)
    )
    if manifest.chunk_size < 1 or not manifest.columns or manifest.chunks < 1:
        raise ValueError("chunk size, columns or number of tasks are none")
    return manifest


def _damaged(path: Path, why: str) -> DataError:
    return DataError(f"{path} is damaged ({why}): restore it, or run the study in a new folder")
