"""Files that are whole or absent, whatever happens while they are written."""

from __future__ import annotations

import os
from pathlib import Path

from lodestone.terms.errors import LodestoneError

PART = ".part"


def write_whole(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into one folder; each appears whole, in the order given, or not at all.

    After this returns they survive a kill and a power cut. Until then a file may be missing, or
    be the old one, and a name ending in '.part' may be left behind.

    Raises
    ------
    LodestoneError
        If the disk is full or does not allow it.
    """
    try:
        for name, content in files.items():
            _write(folder / f"{name}{PART}", content)
        for name in files:
            os.replace(folder / f"{name}{PART}", folder / name)
        sync_folder(folder)
    except OSError as error:
        raise LodestoneError(
            f"cannot write {', '.join(files)} in {folder}: {error.strerror}. Finished chunks are "
            "kept: mend that and run again"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, as `fsync` does a file's content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
