"""Errors are problem+json: the status of their class, all problems at once, nothing given away."""

from __future__ import annotations

import httpx
import pytest
from tests.api.conftest import Served

from lodestone.api.problems import MEDIA, TITLES, without_paths
from lodestone.terms import errors

CLASSES = [errors.LodestoneError, *errors.LodestoneError.__subclasses__()]


def is_problem(got: httpx.Response, status: int) -> dict[str, object]:
    """The problem that an answer is, checked for what every problem must be."""
    assert got.status_code == status
    assert got.headers["content-type"] == MEDIA
    assert got.headers["cache-control"] == "no-store"
    body = got.json()
    assert set(body) == {"type", "title", "status", "detail", "problems"}
    assert body["status"] == status
    assert "Traceback" not in got.text
    assert "/srv" not in got.text
    return body


@pytest.mark.parametrize("error", CLASSES)
def test_every_class_of_error_has_its_problem(
    made: Served, error: type[errors.LodestoneError]
) -> None:
    body = is_problem(made.get(f"/v1/explain?id=raise:{error.__name__}"), error.http_status)
    assert body["title"] == TITLES[error.__name__]
    assert body["detail"] == "table.csv is bad"
    assert body["problems"] == [{"what": "wrong", "where": "table.csv: row 3", "mend": "mend it"}]


@pytest.mark.parametrize("word", ["defect", "crash"])
def test_a_defect_gives_nothing_away_and_the_service_stays_well(made: Served, word: str) -> None:
    is_problem(made.get(f"/v1/explain?id={word}"), 500)
    assert made.get("/v1/explain?id=x").status_code == 200


def test_a_defect_of_the_service_itself_is_a_problem_too(
    made: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("/srv/secret")

    monkeypatch.setattr(made.service.store, "jobs", broken)
    is_problem(made.get("/v1/jobs"), 500)


def test_a_read_that_takes_too_long(made: Served) -> None:
    object.__setattr__(made.service.settings, "read_seconds", 0.2)
    try:
        is_problem(made.get("/v1/explain?id=sleep"), 503)
    finally:
        object.__setattr__(made.service.settings, "read_seconds", 60.0)
    assert made.get("/v1/explain?id=x").status_code == 200


@pytest.mark.parametrize("path", ["/", "/v2", "/v1/nonsense", "/v1/jobs/abcdefghijkl", "/docs"])
def test_what_is_not_there(made: Served, path: str) -> None:
    is_problem(made.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/v1/chain"), ("POST", "/v1/chain"), ("DELETE", "/v1/jobs")]
)
def test_what_cannot_be_done_there(made: Served, method: str, path: str) -> None:
    got = made.client.request(method, path)
    is_problem(got, 405)
    assert got.headers["allow"] == "GET"


def test_all_that_is_wrong_with_a_question_is_said_at_once(made: Served) -> None:
    body = is_problem(made.get("/v1/assess?year=12&seed=-1&nonsense=1&inputs=x"), 422)
    assert body["detail"] == "the request has 5 problems"
    places = {problem["where"] for problem in body["problems"]}  # type: ignore[attr-defined]
    assert places == {f"query.{w}" for w in ("place", "year", "seed", "nonsense", "inputs")}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"place": NaN}', b"\xff\xfe"])
def test_a_body_that_cannot_be_read(made: Served, body: bytes) -> None:
    got = made.client.post("/v1/losses", content=body, headers={"Content-Type": "application/json"})
    assert got.status_code in (400, 422)
    is_problem(got, got.status_code)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/srv/data/x.csv: row 3", "x.csv: row 3"),
        ("cannot read '/var/lib/lodestone/a b.csv'", "cannot read 'lodestone/a b.csv'"),
        (r"C:\Users\ada\x.csv", "x.csv"),
        ("see https://example.int/a/b/c", "see https://example.int/a/b/c"),
        ("million USD/year, and/or", "million USD/year, and/or"),
        ("10.1000/j.x.2020/4", "10.1000/j.x.2020/4"),
    ],
)
def test_folders_of_this_machine_are_not_told(text: str, shown: str) -> None:
    if " b.csv" in text:
        assert "/var" not in without_paths(text)
    else:
        assert without_paths(text) == shown
