"""The attribute table is complete, ordered and has a source for every number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lodestone.terms import Attribute, attribute, attributes
from lodestone.terms import assumptions as module
from lodestone.terms.errors import DataError, RequestError

SOURCE = Path(module.__file__).resolve().parents[1]


@pytest.mark.parametrize("one", attributes(), ids=lambda a: a.name)
def test_each_row_is_complete(one: Attribute) -> None:
    assert re.fullmatch(r"[a-z][A-Za-z0-9_]*", one.name)
    assert one.low <= one.default <= one.high
    assert one.unit
    assert one.description
    assert one.source
    assert set(one.dims) <= {"material", "stage", "place"}
    # A number without a band is a law, a rule of a method or a tolerance, never a guess.
    if one.low == one.high:
        assert not one.source.startswith("judged")
    assert attribute(one.name) is one


def test_unknown_attribute_says_did_you_mean() -> None:
    with pytest.raises(RequestError, match=r"did you mean .*theta"):
        attribute("thetta")


def test_every_attribute_that_the_code_asks_for_exists() -> None:
    known = {a.name for a in attributes()}
    asked = {
        name
        for file in SOURCE.rglob("*.py")
        for name in re.findall(r'\battribute\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert asked - known == set()


def test_a_bad_table_is_refused_with_every_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {
        "name": "a",
        "dtype": "float",
        "unit": "1",
        "dims": "",
        "default": "1",
        "low": "0",
        "high": "2",
        "description": "d",
        "source": "s",
    }
    bad = (
        good,
        good,
        {**good, "name": "b", "low": "3"},
        {**good, "name": "c", "source": ""},
        {**good, "name": "d", "dtype": "text"},
        {**good, "name": "e", "high": "many"},
    )
    monkeypatch.setattr(module, "read_table", lambda _: bad)
    with pytest.raises(DataError) as failure:
        module._catalogue.__wrapped__()
    assert len(failure.value.problems) == 5
    assert "row 4 (c), column source" in str(failure.value)
