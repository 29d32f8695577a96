"""Compilation of the kernels, kept between runs for as long as no kernel changes.

numba keeps what it compiled beside a file and compiles anew when *that* file changes; a kernel
that calls a changed one would go on with the old. So the kept code lies in a folder named after
the content of all files with kernels.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba import njit

_ROOM = Path(__file__).parent
#: Files whose content decides what is compiled.
_KERNELS = (
    "account_rows",
    "arrays",
    "compiled",
    "curves",
    "elementary",
    "kernel",
    "margins",
    "months",
    "proof",
    "walk_kernel",
    "welfare_kernel",
)


def compiled(*, allocates: bool = True, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a kernel at its first call, and keep the code.

    IEEE arithmetic throughout, also for divisions by zero; `fastmath` may be given where the
    order of a sum does not matter.

    Parameters
    ----------
    allocates : False for a kernel that makes no array. It is then compiled without the counting of
        references, which costs two calls for every array of every tuple that is handed down: half
        of a solve.
    """
    if not allocates:
        options["_nrt"] = False

    def decorate(function: Callable[..., Any]) -> Any:
        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(_folder())
        try:
            return njit(cache=True, error_model="numpy", **options)(function)
        finally:
            config.CACHE_DIR = before

    return decorate


#: For the smallest pieces, written into their callers.
inlined = njit(inline="always")


def is_kept() -> bool:
    """Whether the kernels as they are were compiled before on this machine."""
    return any(_folder().glob("**/*.nbi"))


@cache
def _folder() -> Path:
    """Where compiled code is kept: beside the room, or in the user's cache if that is read-only."""
    digest = hashlib.sha256()
    for name in _KERNELS:
        digest.update((_ROOM / f"{name}.py").read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    beside = _ROOM / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        if os.access(beside, os.W_OK):
            return beside / name
    except OSError:
        pass
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "lodestone" / name
