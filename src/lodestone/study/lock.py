"""One run at a time in a folder."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lodestone.terms.errors import RequestError

LOCK = ".lock"


@contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Hold a folder for this run.

    The operating system holds the lock and drops it when the process ends, however it ends: a
    lock file left behind by a killed run keeps nobody out. The file stays, since removing it
    could take it from under another run; its text only says who holds it.

    Raises
    ------
    RequestError
        If another run holds it, in this process or another, or it cannot be written to.
    """
    import fcntl

    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RequestError(f"{folder} cannot be written to: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
            raise RequestError(
                f"{folder} is in use by {holder or 'another run'}: wait for it to end, or end it"
            ) from error
        except OSError as error:
            raise RequestError(
                f"{folder} cannot be locked ({error.strerror}): give a folder on a local disk"
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {os.uname().nodename}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
