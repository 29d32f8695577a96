"""The definition of a study: everything that decides its results, and the hash of that."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lodestone.study.identity import digest
from lodestone.study.task import Task
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    import polars as pl

DTYPES = ("Float64", "Int64", "String", "Boolean")
TASK, STATUS, REASON = "task", "status", "reason"
OK, FAILED = "ok", "failed"

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class StudyDefinition:
    """What to calculate, and from what; no result, and no word on where it is calculated.

    Parameters
    ----------
    name
        A short name, such as 'export-stops-2024'.
    tasks
        In any order; kept sorted by key.
    work
        'package.module:function' of the work function: payload -> list of rows, each a dict
        with exactly the columns of `schema`, None where a value is missing. It is pure: the same
        payload gives the same rows in any process. A LodestoneError it raises becomes a row that
        says so; any other exception stops the study and names the task.
    schema
        The result columns in order, each with its polars type: Float64, Int64, String, Boolean.
        Columns `task`, `status` and `reason` are added.
    identity
        Plain data that name what tasks do not hold: code version, data hash, scenario hashes,
        seed, options. A part that differs is named when a run is refused or two are compared.
    chunk_size
        Tasks calculated and saved together; what a kill can lose, for each worker. It changes
        neither the results nor the run id.
    initialise
        'package.module:function' without arguments that a worker calls before its first chunk
        (to compile kernels, say). It may save time; it may not change results.

    Raises
    ------
    RequestError
        Listing every key that repeats, column type that is not known, and name that is bad.
    """

    name: str
    tasks: Sequence[Task]
    work: str
    schema: Mapping[str, pl.DataType | type[pl.DataType] | str]
    identity: Mapping[str, Any]
    chunk_size: int = 100
    initialise: str = ""

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "tasks", tuple(sorted(self.tasks, key=lambda task: task.key)))
        put(self, "schema", {name: str(dtype) for name, dtype in self.schema.items()})
        problems = Problems(f"study {self.name!r}")
        _check_names(self, problems)
        _check_schema(self.schema, problems)
        _check_tasks(self.tasks, problems)
        problems.raise_if_any(RequestError)
        _ = self.run_id  # an identity that is not plain data is refused here, not hours later

    @property
    def columns(self) -> dict[str, str]:
        """Every column of the results, in order, with the name of its polars type."""
        given = {name: str(dtype) for name, dtype in self.schema.items()}
        return {TASK: "String", **given, STATUS: "String", REASON: "String"}

    @cached_property
    def description(self) -> dict[str, Any]:
        """Plain data that state all that decides the results; `run_id` is their hash.

        Digests are hashed in the order of keys, apart from the keys, so that a difference says
        whether other tasks were asked or the same tasks hold other data.
        """
        return {
            "name": self.name,
            "work": self.work,
            "schema": [list(column) for column in self.columns.items()],
            "identity": dict(self.identity),
            "tasks": {
                "number": len(self.tasks),
                "keys_sha256": digest([task.key for task in self.tasks]),
                "payloads_sha256": digest([task.digest for task in self.tasks]),
            },
        }

    @cached_property
    def run_id(self) -> str:
        """16 hex digits: equal run ids, equal results to the byte."""
        return run_id_of(self.description)


def run_id_of(description: Mapping[str, Any]) -> str:
    """Run id of a description, see `StudyDefinition.description`."""
    return digest(description, "study")[:16]


def _check_names(study: StudyDefinition, problems: Problems) -> None:
    if not study.name or not study.name.isprintable():
        problems.add(f"name {study.name!r}", "name", "give a short printable text")
    for field, function in (("work", study.work), ("initialise", study.initialise)):
        if not (_FUNCTION.fullmatch(function) or (field == "initialise" and not function)):
            problems.add(
                f"{function!r} names no function", field, "write 'package.module:function'"
            )
    if study.chunk_size < 1:
        problems.add(f"{study.chunk_size} tasks in a chunk", "chunk_size", "give 1 or more")


def _check_schema(schema: Mapping[str, Any], problems: Problems) -> None:
    for column, dtype in schema.items():
        if column in (TASK, STATUS, REASON):
            problems.add(f"column {column!r} is added by the study", "schema", "name it otherwise")
        if dtype not in DTYPES:
            what = f"column {column!r} of type {dtype}"
            problems.add(what, "schema", f"use one of {', '.join(DTYPES)}")


def _check_tasks(tasks: Sequence[Task], problems: Problems) -> None:
    if not tasks:
        problems.add("no tasks", "tasks", "give at least one")
    keys = [task.key for task in tasks]
    for key in sorted({one for one, next in pairwise(keys) if one == next}):
        problems.add(f"key {key!r} stands more than once", "tasks", "give every task its own key")
