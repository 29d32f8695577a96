"""One service for one store: a second one would call the jobs of the first lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodestone.terms.errors import RequestError


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """Hold a store for this service; the operating system lets go when the process ends.

    Raises
    ------
    RequestError
        Another service holds it.
    """
    import fcntl

    handle = os.open(store.with_name(f"{store.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise RequestError(
            f"another service uses the store {store}: stop it, or name another file with --store"
        ) from None
    finally:
        os.close(handle)
