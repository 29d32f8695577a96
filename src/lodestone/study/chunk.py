"""What a worker does: a chunk of tasks in, checked columns out, with no word on where it runs."""

from __future__ import annotations

import importlib
import math
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lodestone import __version__
from lodestone.study.definition import FAILED, OK, REASON, STATUS, TASK, StudyDefinition
from lodestone.study.task import Task
from lodestone.terms.errors import DataError, LodestoneError, Problems, RequestError


@dataclass(frozen=True)
class Calculated:
    """Rows of one chunk, column by column in the order of the study, and how many failed."""

    columns: dict[str, list[Any]]
    rows: int
    failed: int


def calculate(packed: bytes) -> Calculated:
    """Calculate the tasks of one packed chunk; the same bytes give the same rows.

    Raises
    ------
    RequestError
        If the work function cannot be found here, or this worker runs another Lodestone.
    DataError
        Listing, with its task, every row that has other columns than the study, and every value
        of another type, NaN or infinite.
    LodestoneError
        Naming the task, if its work raises anything but a LodestoneError.
    """
    chunk = _unpack(packed)
    _warm(chunk.initialise)
    work = _function(chunk.work)
    problems = Problems(f"study {chunk.study!r}: rows that results cannot hold")
    rows = [row for task in chunk.tasks for row in _rows_of(task, work, chunk, problems)]
    given = {name: _column(name, chunk.columns[name], rows, problems) for name in chunk.wanted}
    problems.raise_if_any(DataError)
    reasons = [row.reason for row in rows]
    columns = {
        TASK: [row.task for row in rows],
        **given,
        STATUS: [OK if reason is None else FAILED for reason in reasons],
        REASON: reasons,
    }
    return Calculated(columns, len(rows), columns[STATUS].count(FAILED))


def pack(study: StudyDefinition, tasks: tuple[Task, ...]) -> bytes:
    """Make the bytes that travel to a worker; the same on every runner, also the serial one.

    Raises
    ------
    RequestError
        Naming the task whose payload cannot be pickled.
    """
    return _pickled(
        Chunk(study.name, study.work, study.initialise, study.columns, tasks, __version__)
    )


@dataclass(frozen=True)
class Chunk:
    """Everything a worker needs for some tasks of a study."""

    study: str
    work: str
    initialise: str
    columns: Mapping[str, str]
    tasks: tuple[Task, ...]
    lodestone: str

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """Columns that work gives; the study adds the others."""
        return tuple(name for name in self.columns if name not in (TASK, STATUS, REASON))


def _pickled(chunk: Chunk) -> bytes:
    try:
        return pickle.dumps(chunk)
    except Exception as error:  # pickle raises whatever a payload's own code raises
        raise RequestError(
            f"task {_unpicklable(chunk.tasks)!r} cannot be sent to a worker ({error}): "
            "make its payload of plain data"
        ) from error


def _unpicklable(tasks: tuple[Task, ...]) -> str:
    for task in tasks:
        try:
            pickle.dumps(task)
        except Exception:
            return task.key
    return tasks[0].key


def _unpack(packed: bytes) -> Chunk:
    try:
        chunk = pickle.loads(packed)
    except Exception as error:
        raise RequestError(
            f"a worker cannot open its tasks ({type(error).__name__}: {error}): install the "
            "package that defines their payload where the workers run"
        ) from error
    assert isinstance(chunk, Chunk)
    if chunk.lodestone != __version__:
        raise RequestError(
            f"a worker runs Lodestone {__version__}, the study {chunk.lodestone}: "
            "install the same version on both"
        )
    return chunk


@cache
def _warm(initialise: str) -> None:
    """Call a study's `initialise`, once in this process."""
    if not initialise:
        return
    prepare = _function(initialise)
    try:
        prepare()
    except LodestoneError:
        raise
    except Exception as error:
        raise LodestoneError(f"initialise {initialise!r} {_raised(error)}") from error


@cache
def _function(name: str) -> Callable[..., Any]:
    """Find a function by 'package.module:function'; RequestError if it is not there."""
    module, _, function = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except Exception as error:  # importing a module runs it: anything may happen
        raise RequestError(
            f"a worker cannot import {name!r} ({type(error).__name__}: {error}): write "
            "'package.module:function' of a package that is installed where the workers run"
        ) from error
    if not callable(found):
        raise RequestError(f"{name!r} is not a function: name the study's work function")
    return found  # type: ignore[no-any-return]  # callable() says no more


class _Row(NamedTuple):
    """What work gave for one row (nothing, if it failed), and what names the row in a message."""

    task: str
    number: int
    given: Any  # a dict, once `_has_its_columns`
    reason: str | None

    def __str__(self) -> str:
        return f"task {self.task!r}, row {self.number}"


def _rows_of(
    task: Task, work: Callable[[Any], Any], chunk: Chunk, problems: Problems
) -> list[_Row]:
    """Rows of one task; a failure is one row."""
    try:
        rows = work(task.payload)
    except LodestoneError as error:
        reason = str(error).encode("utf-8", "replace").decode("utf-8")
        return [_Row(task.key, 1, {}, reason)]
    except Exception as error:
        raise LodestoneError(
            f"study {chunk.study!r}, task {task.key!r}: the work function {_raised(error)}. "
            "Finished chunks are kept: mend it and run again"
        ) from error
    if not isinstance(rows, list):
        what = f"{chunk.work} gave {type(rows).__name__}"
        problems.add(what, f"task {task.key!r}", "give a list of rows")
        return []
    numbered = [_Row(task.key, k, row, None) for k, row in enumerate(rows, start=1)]
    return [row for row in numbered if _has_its_columns(row, chunk.wanted, problems)]


def _raised(error: Exception) -> str:
    """Say what was raised and where, in one line that also crosses processes."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]  # there is one: this function's caller caught the error
    where = f"{Path(last.filename).name}, line {last.lineno}, in {last.name}"
    return f"raised {type(error).__name__}: {error} ({where})"


def _has_its_columns(row: _Row, wanted: tuple[str, ...], problems: Problems) -> bool:
    if not isinstance(row.given, dict):
        problems.add(f"{type(row.given).__name__} is not a row", str(row), "give a dict")
        return False
    if row.given.keys() == set(wanted):
        return True
    if lacking := [name for name in wanted if name not in row.given]:
        problems.add(f"no {', '.join(lacking)}", str(row), "give None for what is missing")
    if strange := [str(name) for name in row.given if name not in wanted]:
        what = f"unknown {', '.join(strange)}"
        problems.add(what, str(row), "add it to the schema, or leave it out")
    return False


def _column(name: str, dtype: str, rows: list[_Row], problems: Problems) -> list[Any]:
    """One column as results keep it; what they cannot keep is noted, with its row."""
    cells = [row.given.get(name) for row in rows]
    if _is_plain(cells, dtype):
        return cells
    for k, row in enumerate(rows):
        cells[k], fault = _cell(cells[k], dtype)
        if fault:
            problems.add(fault, f"{row}, column {name}", "give None for what is missing")
    return cells


def _is_plain(cells: list[Any], dtype: str) -> bool:
    """Whether a column is fit as it is; False where each cell has to be looked at."""
    types = set(map(type, cells)) - {type(None)}
    if not types <= {_PLAIN[dtype]}:
        return False
    there = [cell for cell in cells if cell is not None]
    if dtype == "Float64":
        return all(map(math.isfinite, there))
    if dtype == "Int64":
        return not there or (min(there) >= -(2**63) and max(there) < 2**63)
    return dtype == "Boolean" or all(map(str.isascii, there))


def _cell(value: Any, dtype: str) -> tuple[Any, str]:
    """A value as its column keeps it, and what is wrong with it ('' if nothing is)."""
    numpy = sys.modules.get("numpy")  # where it was never imported, nothing came from it
    if numpy is not None and isinstance(value, numpy.generic):
        value = value.item()
    if value is None:
        return None, ""
    try:
        kept = _KEEP[dtype](value)
    except (TypeError, ValueError, OverflowError):
        return None, f"{repr(value)[:40]} is not {_WANTED[dtype]}"
    return kept, ""


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError
    return float(value)


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    if not -(2**63) <= value < 2**63:
        raise OverflowError
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode("utf-8")  # half a surrogate pair is a ValueError here, and obscure later
    return str(value)


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


_PLAIN = {"Float64": float, "Int64": int, "String": str, "Boolean": bool}
_WANTED = {
    "Float64": "a finite number",
    "Int64": "a whole number of 64 bits",
    "String": "text",
    "Boolean": "True or False",
}
_KEEP: dict[str, Callable[[Any], Any]] = {
    "Float64": _float,
    "Int64": _int,
    "String": _text,
    "Boolean": _bool,
}
