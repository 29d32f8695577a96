"""A study that costs nothing, and work functions that go wrong in every way a worker can meet."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import numpy as np
import polars as pl

from lodestone.study.definition import StudyDefinition
from lodestone.study.task import Task
from lodestone.terms.errors import MarketError

SCHEMA = {"month": pl.Int64, "price": pl.Float64, "buyer": pl.String, "short": pl.Boolean}
FAILING = 3


def small_study(number: int = 12, **changed: Any) -> StudyDefinition:
    """Tasks of two rows each, of which one fails; any field can be changed."""
    fields: dict[str, Any] = {
        "name": "small",
        "tasks": [Task(f"{k:04d}", {"number": k, "start": 1.0 + k / 7}) for k in range(number)],
        "work": "small_study:work",
        "schema": SCHEMA,
        "identity": {"code": "1", "data": {"release": "2026.1", "sha256": "ab" * 32}, "seed": 5},
        "chunk_size": 4,
    }
    return StudyDefinition(**{**fields, **changed})


def work(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Two months of one task. Its notes and pauses, which tests ask for, change no result."""
    _note(payload["number"])
    time.sleep(float(os.environ.get("STUDY_PAUSE", "0")))
    if payload["number"] == FAILING:
        raise MarketError(f"task {payload['number']} has no answer")
    start = payload["start"]
    first = {"month": 1, "price": start / 3, "buyer": "DEU", "short": start > 2}
    second = {"month": np.int64(2), "price": None, "buyer": None, "short": np.bool_(False)}
    return [first, second]


def _note(number: int) -> None:
    """Add a line to the notes: which task was begun."""
    path = os.environ.get("STUDY_NOTES")
    if path:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{number}\n".encode())
        os.close(handle)


def not_finite(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Give NaN in one task and infinity in another."""
    row = {"month": 1, "price": 1.0, "buyer": None, "short": None}
    odd = {2: float("nan"), 5: np.float64("-inf")}
    return [row, row | {"price": odd.get(payload["number"], 0)}]


def wrong_rows(payload: dict[str, Any]) -> list[Any]:
    """Give rows that no schema fits, each wrong in its own way."""
    row = {"month": 1, "price": 1.0, "buyer": "x", "short": True}
    short = {"month": 1, "price": 1.0, "buyer": "x"}
    wrong = [
        row | {"month": 1.5},
        row | {"month": True},
        row | {"month": 2**63},
        row | {"buyer": 3},
        row | {"buyer": "\ud800"},
        row | {"short": 1},
        row | {"price": "1.0"},
        row | {"extra": 1},
        short,
        "row",
    ]
    return [wrong[payload["number"]]] if payload["number"] < len(wrong) else "rows"


def crash(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Raise what no work function should, in one task."""
    return work(payload | {"start": 1 / (payload["number"] - 6)})


def die(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """End the worker, as a machine short of memory would, in one task."""
    if payload["number"] == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return work(payload)


def nothing(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Give no rows."""
    return []


WARMED: list[str] = []


def warm() -> None:
    """Note that this process was made ready."""
    WARMED.append("once")


def fail_to_warm() -> None:
    """Be unable to make a process ready."""
    raise OSError("no compiler")


def surroundings(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Give what a task finds around it: times its process was warmed, its id, its threads."""
    threads = [os.environ.get(f"{name}_NUM_THREADS", "?") for name in ("OMP", "NUMBA", "OPENBLAS")]
    return [{"month": len(WARMED), "price": os.getpid(), "buyer": " ".join(threads), "short": None}]
