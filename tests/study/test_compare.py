"""Two studies side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_study import SCHEMA, small_study

from lodestone.study.compare import compare
from lodestone.study.run import run_study
from lodestone.study.runner import SerialRunner
from lodestone.study.task import Task
from lodestone.terms.errors import DataError, RequestError

KEY = ("task", "month")


def ran(folder: Path, **changed: Any) -> Path:
    run_study(small_study(**changed), folder, SerialRunner())
    return folder


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Study a has tasks 0, 1, 3 (fails); study b has 1 (other price), 2, 3, another seed."""
    made = tmp_path_factory.mktemp("pair")
    a = [Task(f"{k:04d}", {"number": k, "start": 3.0}) for k in (0, 1, 3)]
    b = [Task(f"{k:04d}", {"number": k, "start": 3.0 * k}) for k in (1, 2, 3)]
    b[0] = Task("0001", {"number": 1, "start": 6.0})
    identity = {**small_study().identity, "seed": 6}
    return ran(made / "a", tasks=a), ran(made / "b", tasks=b, identity=identity)


def test_rows_by_hand(pair: tuple[Path, Path]) -> None:
    rows = compare(*pair, on=KEY, values=("price",)).rows
    assert rows.columns == [*KEY, "value", "in_a", "in_b", "difference", "only_in"]
    assert rows.rows() == [
        ("0000", 1, "price", 1.0, None, None, "a"),
        ("0000", 2, "price", None, None, None, "a"),
        ("0001", 1, "price", 1.0, 2.0, 1.0, None),
        ("0001", 2, "price", None, None, None, None),
        ("0002", 1, "price", None, 2.0, None, "b"),
        ("0002", 2, "price", None, None, None, "b"),
        ("0003", None, "price", None, None, None, None),
    ]


def test_changed_rows_and_inputs(pair: tuple[Path, Path]) -> None:
    found = compare(*pair, on=KEY)
    assert found.changed()["task"].to_list() == ["0000"] * 2 + ["0001"] + ["0002"] * 2
    inputs = {one.where: (one.a, one.b) for one in found.inputs}
    assert inputs.pop("identity.seed") == ("5", "6")
    assert set(inputs) == {"tasks.keys_sha256", "tasks.payloads_sha256"}


def test_a_study_does_not_differ_from_itself(pair: tuple[Path, Path]) -> None:
    found = compare(pair[0], pair[0], on=KEY)
    assert found.rows.height == 5
    assert found.changed().height == 0
    assert found.inputs == ()


def test_values_stand_in_the_order_asked(tmp_path: Path) -> None:
    one = ran(tmp_path, work="small_study:surroundings")
    rows = compare(one, one, values=("price", "month")).rows
    assert rows["difference"].to_list() == [0.0] * 24
    assert rows["value"].to_list() == ["price", "month"] * 12


def test_other_columns_are_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    schema = {"month": pl.Float64, "price": pl.Float64, "seller": pl.String}
    other = ran(tmp_path, schema=schema, work="small_study:nothing")
    with pytest.raises(RequestError) as caught:
        compare(pair[0], other, on=KEY)
    assert [str(one) for one in caught.value.problems] == [
        'column buyer: "String" in a, absent in b',
        'column month: "Int64" in a, "Float64" in b',
        'column seller: absent in a, "String" in b',
        'column short: "Boolean" in a, absent in b',
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"on": ("task", "year")}, "no column 'year'"),
        ({"on": KEY, "values": ("cost",)}, "no column 'cost'"),
        ({"on": KEY, "values": ("buyer",)}, "'buyer' holds no numbers"),
        ({"on": KEY, "values": ("month",)}, "'month' cannot be part of a key"),
        ({"on": ()}, "no columns"),
        ({}, r"key \(task\) does not tell rows apart, for example \('0000',\)"),
    ],
)
def test_what_cannot_be_compared_is_said(
    pair: tuple[Path, Path], asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        compare(*pair, **asked)


def test_an_unfinished_study_is_not_compared(pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(DataError):
        ran(tmp_path, schema=SCHEMA, work="small_study:not_finite")
    with pytest.raises(DataError, match="is not finished"):
        compare(pair[0], tmp_path)
