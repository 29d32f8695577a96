"""What is asked: keys, payloads, columns, and the run id that is the hash of all of it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from small_study import SCHEMA, small_study

import lodestone
from lodestone.study.identity import canonical_json, differences, digest
from lodestone.study.task import Task
from lodestone.terms.errors import RequestError


def test_canonical_json_is_one_text() -> None:
    assert canonical_json({"b": (1, 2.0, None), "a": "ä"}) == '{"a":"\\u00e4","b":[1,2.0,null]}'
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest(1) != digest(1.0)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"a": {"b": [1, float("nan")]}}, r"a\.b\[1\]: nan"),
        ({"a": np.zeros(2)}, "a: ndarray"),
        ({1: 2}, "key 1 is not text"),
    ],
)
def test_what_is_not_plain_is_named(value: Any, named: str) -> None:
    with pytest.raises(RequestError, match=named):
        canonical_json(value)


def test_differences_are_named_by_path() -> None:
    a = {"seed": 5, "data": {"sha256": "x", "old": {}}, "same": [1]}
    b = {"seed": 6, "data": {"sha256": "y"}, "same": (1,)}
    found = [(one.where, one.a, one.b) for one in differences(a, b)]
    assert found == [
        ("data.old", "{}", "absent"),
        ("data.sha256", '"x"', '"y"'),
        ("seed", "5", "6"),
    ]


def test_a_payload_that_is_not_plain_needs_a_digest() -> None:
    with pytest.raises(RequestError, match=r"task 'a' has no digest[^$]*x: set"):
        Task("a", {"x": {1, 2}})
    assert Task("a", {1, 2}, digest="12").digest == "12"


@pytest.mark.parametrize("key", ["", "a\nb", "\ud800"])
def test_a_key_is_printable(key: str) -> None:
    with pytest.raises(RequestError, match="printable"):
        Task(key, 1)


BASE = small_study()


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "other"},
        {"work": "small_study:nothing"},
        {"schema": SCHEMA | {"month": pl.Float64}},
        {"schema": dict(reversed(SCHEMA.items()))},
        {"identity": {**BASE.identity, "seed": 6}},
        {"tasks": BASE.tasks[1:]},
        {"tasks": [*BASE.tasks[1:], Task("zz", BASE.tasks[0].payload)]},
        {"tasks": [Task("0000", {"number": 0, "start": 1.1}), *BASE.tasks[1:]]},
    ],
)
def test_whatever_decides_results_decides_the_run_id(changed: dict[str, Any]) -> None:
    assert small_study(**changed).run_id != BASE.run_id


@pytest.mark.parametrize(
    "changed",
    [
        {"tasks": list(reversed(BASE.tasks))},
        {"chunk_size": 1},
        {"initialise": "small_study:warm"},
        {"schema": {name: str(dtype) for name, dtype in SCHEMA.items()}},
    ],
)
def test_what_decides_no_result_leaves_the_run_id(changed: dict[str, Any]) -> None:
    assert small_study(**changed).run_id == BASE.run_id


def test_all_faults_of_a_definition_are_listed_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        small_study(
            name="",
            work="work",
            tasks=[Task("a", 1), Task("b", 1), Task("a", 2)],
            schema={"status": pl.String, "day": pl.Date},
            chunk_size=0,
        )
    text = str(caught.value)
    assert len(caught.value.problems) == 6
    for part in ("name ''", "'work' names no function", "key 'a'", "'status'", "Date", "0 tasks"):
        assert part in text


def test_no_tasks_and_an_identity_that_is_not_plain_are_refused() -> None:
    with pytest.raises(RequestError, match="no tasks"):
        small_study(tasks=[])
    with pytest.raises(RequestError, match=r"identity\.seed"):
        small_study(identity={"seed": float("inf")})


ROOM = Path(lodestone.__file__).parent / "study"


def test_the_room_knows_nothing_of_markets() -> None:
    found = {
        node.module
        for path in ROOM.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lodestone.")
    }
    rooms = {str(name).split(".")[1] for name in found}
    assert rooms == {"study", "terms"}


def test_importing_the_room_loads_nothing_heavy() -> None:
    pages = ", ".join(f"lodestone.study.{path.stem}" for path in sorted(ROOM.glob("[a-z]*.py")))
    heavy = "{'numpy', 'polars', 'distributed', 'numba'}"
    code = f"import sys, {pages}; sys.exit(bool(set(sys.modules) & {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
