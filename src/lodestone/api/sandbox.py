"""Reads what a user sent in a child process with little memory and little time.

A file that makes a reader swell or spin ends the child, not the service.
"""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from lodestone.api.pool import FailedError, Failure, failure
from lodestone.api.store import Kind
from lodestone.study.process_runner import end_with_parent
from lodestone.terms.errors import LodestoneError, RequestError

#: Bytes of memory, seconds of calculation, seconds on the clock that reading may take.
MOST_MEMORY, MOST_CPU, MOST_SECONDS = 1_000_000_000, 2, 4.0
#: Seconds in which the child must be ready to read.
_STARTING_SECONDS = 30.0
_READY = "ready"
MOST_ROWS = 5_000
#: Has the reader load all that it needs.
_SMALL_ALLIANCE = (
    'members = ["USA", "JPN"]\nplan = "japan"\n[terms]\nhoarding = 0.1\n'
    '[floor]\nmaterial = "NdPr"\nusd_per_kg = 110\n'
)


@dataclass(frozen=True)
class Checked:
    """An upload that was read: what it calls itself, and a digest of its content."""

    name: str
    digest: str


def check(kind: Kind, content: bytes) -> Checked:
    """Read an upload somewhere safe.

    Raises
    ------
    FailedError
        Everything that is wrong with it; or that it took too much memory or time.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_read, args=(theirs, kind, content), daemon=True)
    child.start()
    theirs.close()
    try:
        outcome = _heard(ours)
    except (EOFError, OSError):
        outcome = None
    finally:
        child.kill()
        child.join()
        ours.close()
    if outcome is None:
        raise FailedError(Failure("RequestError", 422, "reading it takes too much memory or time"))
    if isinstance(outcome, Failure):
        raise FailedError(outcome)
    return Checked(*outcome)


def _heard(child: Connection[Any, Any]) -> Any:
    """What the child says of the upload; None if it does not say it in time."""
    if not child.poll(_STARTING_SECONDS) or child.recv() != _READY:
        raise FailedError(Failure("TooSlow", 503, "no process to read it in: try again"))
    return child.recv() if child.poll(MOST_SECONDS) else None


# --- in the child ----------------------------------------------------------------------------


def _read(connection: Connection[Any, Any], kind: Kind, content: bytes) -> None:
    from threading import Thread

    Thread(target=end_with_parent, daemon=True).start()
    readers: dict[str, Callable[[bytes], tuple[str, str]]] = {
        "scenario": _scenario,
        "hazards": _hazards,
        "bill": _bill,
        "plan": _plan,
        "vault": _vault,
        "alliance": _alliance,
    }
    read = readers[kind]
    _warm_up()
    connection.send(_READY)
    confine()
    connection.send(_outcome(read, content))


def _outcome(read: Callable[[bytes], tuple[str, str]], content: bytes) -> Any:
    try:
        if b"\0" in content:  # which not every store can hold, and no text needs
            raise RequestError("holds NUL characters: save the file as UTF-8 text")
        return read(content)
    except LodestoneError as error:
        return failure(error)
    except RecursionError:
        return Failure("RequestError", 422, "nested too deeply")
    except MemoryError:
        return Failure("RequestError", 422, "reading it takes too much memory")


def _warm_up() -> None:
    """Import the readers before memory is short."""
    import lodestone.chain.scenario_file
    import lodestone.desk.alliance_file
    import lodestone.desk.bill
    import lodestone.desk.plan_request
    import lodestone.risk.hazard
    import lodestone.vault.vault_file
    from lodestone.terms import find_material, find_place

    find_place("CHN"), find_material("gallium")
    lodestone.desk.bill.read_bill(b"material,quantity,basis\ncobalt,1,Co\n")
    lodestone.desk.alliance_file.read_alliance_form(_SMALL_ALLIANCE)


def confine() -> None:
    """Take away memory, time, and the right to write files. Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, int(time.process_time()) + 1 + MOST_CPU),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        held = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (held, held))


def _scenario(content: bytes) -> tuple[str, str]:
    from lodestone.chain.scenario_file import read_scenario

    found = read_scenario(content)
    return found.name, found.digest


def _hazards(content: bytes) -> tuple[str, str]:
    from lodestone.risk.hazard import read_hazards

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RequestError(f"not UTF-8 text (line {line}): save the file as UTF-8") from None
    if text.count("\n") > MOST_ROWS:
        raise RequestError(f"more than {MOST_ROWS} rows: name each pair once")
    # Which pairs have a chain depends on the question; the verb says so when it is asked.
    try:
        found = read_hazards(text, "hazards")
    except csv.Error as error:
        raise RequestError(f"not a table of comma-separated values: {error}") from None
    if not found:
        raise RequestError("no row: name at least one supplier and material")
    return "hazards", hashlib.sha256(content).hexdigest()[:12]


def _plan(content: bytes) -> tuple[str, str]:
    from lodestone.desk.plan_request import read_plan

    return read_plan(content).name, hashlib.sha256(content).hexdigest()[:12]


def _vault(content: bytes) -> tuple[str, str]:
    from lodestone.vault.vault_file import read_vault

    return read_vault(content).name, hashlib.sha256(content).hexdigest()[:12]


def _alliance(content: bytes) -> tuple[str, str]:
    from lodestone.api.settings import MOST_ALLIANCE_DRAWS
    from lodestone.desk.alliance_file import MOST_BYTES, read_alliance_form

    if len(content) > MOST_BYTES:
        raise RequestError(f"larger than {MOST_BYTES // 1000} kB: an alliance is a page")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"not UTF-8 text (byte {error.start + 1}): save the file as UTF-8"
        ) from None
    # Which places overlap and who sells what depends on the year; the verb says so when asked.
    name = read_alliance_form(text, MOST_ALLIANCE_DRAWS).strip()[:80] or "alliance"
    return name, hashlib.sha256(content).hexdigest()[:12]


def _bill(content: bytes) -> tuple[str, str]:
    from lodestone.desk.bill import read_bill

    # Which materials have a chain depends on the year; the verb says so when it is asked.
    return "bill of materials", read_bill(content).digest[:12]
