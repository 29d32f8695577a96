"""Results of a finished study, verified before a single row is read."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.study.archive import CHUNKS, RESULTS
from lodestone.study.definition import FAILED, STATUS
from lodestone.study.manifest import Manifest, read_manifest
from lodestone.terms.errors import DataError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Results:
    """All rows of a study, in the order of task keys, and what they were made from.

    `frame` has the columns `task`, those of the study's schema, `status` ('ok' or 'failed') and
    `reason` (null unless failed). A missing value is null; no value is NaN or infinite.
    """

    folder: Path
    manifest: Manifest
    frame: pl.DataFrame

    def rows(self) -> list[dict[str, Any]]:
        """The rows as plain mappings."""
        return self.frame.to_dicts()

    def failures(self) -> list[tuple[str, str]]:
        """Key and reason of every task that failed."""
        failed = self.frame.filter(self.frame[STATUS] == FAILED)
        return list(failed.select("task", "reason").iter_rows())


def read_results(folder: Path) -> Results:
    """Read the results of a finished study.

    Raises
    ------
    RequestError
        If the folder holds no study.
    DataError
        If the study is not finished, or its results are not what its manifest states.
    """
    import polars as pl

    manifest = read_manifest(folder)
    if manifest.results is None:
        saved = len(list((folder / CHUNKS).glob("chunk-*.json")))
        raise DataError(
            f"{folder}: study {manifest.study['name']!r} is not finished ({saved} of "
            f"{manifest.chunks} chunks): run it again in this folder to resume it"
        )
    content = _content(folder / RESULTS, manifest.results.sha256)
    return Results(folder, manifest, pl.read_parquet(io.BytesIO(content)))


def _content(path: Path, sha256: str) -> bytes:
    """A file's bytes if they have this hash: what is verified is what is then read."""
    mend = "run the study again in this folder to restore it from its chunks"
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} is missing: {mend}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(f"{path} was altered: sha256 is {found}, expected {sha256}: {mend}")
    return content
