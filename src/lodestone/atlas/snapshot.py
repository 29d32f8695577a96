"""Raw files, taken once and held with their hash: what a data release is built from.

A snapshot is a file's bytes together with the source it belongs to and its sha256. Taking the
snapshots compares every file of a raw folder with the folder's `MANIFEST.csv`, so that a number
is never read from a file that somebody changed, lost or slipped in.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from lodestone.atlas.source import Source, sources
from lodestone.terms.errors import DataError, Problems

MANIFEST = "MANIFEST.csv"
_NOT_DATA = {MANIFEST, "README.md"}


@dataclass(frozen=True)
class Snapshot:
    """The bytes of one raw file, with their sha256, their source and where they were read."""

    source: Source
    file: str
    path: Path
    sha256: str
    content: bytes = field(repr=False)


def take(raw: Path) -> list[Snapshot]:
    """Read every file that the raw folder's manifest lists, verifying each.

    Returns
    -------
    list of Snapshot
        In the order of the manifest.

    Raises
    ------
    DataError
        With every file that is missing, altered, not listed, or of no known source.
    """
    problems = Problems(f"raw folder {raw}")
    listed = read_manifest(raw)
    taken = [_take_one(raw, file, sha256, problems) for file, sha256 in listed.items()]
    for file in sorted(_files_in(raw) - set(listed)):
        problems.add("not in the manifest", file, "add a row with its sha256, or remove it")
    problems.raise_if_any()
    return [snapshot for snapshot in taken if snapshot is not None]


def read_manifest(raw: Path) -> dict[str, str]:
    """File name and sha256 of every row of the raw folder's manifest."""
    path = raw / MANIFEST
    if not path.is_file():
        raise DataError(f"{raw}: no {MANIFEST}; give the folder that holds the raw files")
    problems = Problems(MANIFEST)
    listed: dict[str, str] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        for column in {"file", "sha256"} - set(reader.fieldnames or ()):
            problems.add(f"column {column!r} is missing", "header", "restore it")
        problems.raise_if_any()
        for number, row in enumerate(reader, start=1):
            if row["file"] in listed:
                problems.add(f"{row['file']} is listed twice", f"row {number}", "keep one row")
            listed[row["file"]] = row["sha256"]
    problems.raise_if_any()
    return listed


def _take_one(raw: Path, file: str, sha256: str, problems: Problems) -> Snapshot | None:
    path = raw / file
    if not path.is_file():
        problems.add("listed in the manifest but missing", file, "fetch it again")
        return None
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        what = f"sha256 is {found}, the manifest says {sha256}"
        problems.add(what, file, "restore the file, or correct the manifest if it is a new edition")
    owners = [entry for entry in sources() if entry.holds(file)]
    if len(owners) != 1:
        names = ", ".join(entry.id for entry in owners) or "none"
        mend = "list it under exactly one source in sources.toml"
        problems.add(f"sources that list it: {names}", file, mend)
        return None
    return Snapshot(owners[0], file, path, found, content) if found == sha256 else None


def _files_in(raw: Path) -> set[str]:
    files = (path for path in raw.rglob("*") if path.is_file() and path.name not in _NOT_DATA)
    return {path.relative_to(raw).as_posix() for path in files}
