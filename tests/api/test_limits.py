"""What is refused before it is looked at: too much, too often, from elsewhere, by a wrong name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from tests.api.conftest import JSON, Served, stood_in
from tests.api.test_problems import is_problem

from lodestone.api.guard import SECURITY, Rates
from lodestone.api.problems import ProblemError
from lodestone.api.settings import Settings, is_loopback


@pytest.mark.parametrize("path", ["/v1", "/v1/explain?id=x", "/v1/nonsense", "/v1/openapi.json"])
def test_every_answer_has_the_security_headers(made: Served, path: str) -> None:
    headers = made.get(path).headers
    assert {name: headers[name] for name in SECURITY} == SECURITY
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers or headers["server"] == "uvicorn"


def test_a_body_that_is_too_large_is_refused(made: Served) -> None:
    large = b" " * 1_000_001
    is_problem(made.client.post("/v1/losses", content=large, headers=JSON), 413)


def test_a_body_that_does_not_say_how_large_it_is(made: Served) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(50):
            yield b" " * 100_000

    # The service may answer and close while we still send.
    with suppress(httpx.TransportError):
        is_problem(made.client.post("/v1/losses", content=endless(), headers=JSON), 413)
    assert made.get("/v1/health").status_code == 200


@pytest.mark.parametrize("host", ["example.int", "localhost.example.int", "", "0.0.0.0", "[::2]"])
def test_another_name_of_this_machine_is_not_answered_to(made: Served, host: str) -> None:
    got = made.get("/v1/health", headers={"Host": host})
    assert got.status_code in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8321"])
def test_names_of_this_machine_are(made: Served, host: str) -> None:
    assert made.get("/v1/health", headers={"Host": host}).status_code == 200


def test_a_page_of_another_site_starts_nothing(made: Served) -> None:
    for origin in ("https://example.int", "null", "http://127.0.0.1:1"):
        got = made.post("/v1/losses", {"place": "JPN"}, headers={"Origin": origin})
        is_problem(got, 403)
        assert made.get("/v1/health", headers={"Origin": origin}).status_code == 200
    own = made.post("/v1/losses", {"place": "JPN"}, headers={"Origin": made.url})
    assert own.status_code == 201


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_what_a_form_can_send_is_no_question(made: Served, media: str) -> None:
    got = made.client.post(
        "/v1/losses", content=b'{"place": "JPN"}', headers={"Content-Type": media}
    )
    is_problem(got, 415)


def test_too_many_requests_are_refused_until_time_has_passed(tmp_path: Path) -> None:
    with stood_in(tmp_path, rate=0.001, burst=5) as served:
        got = [served.get("/v1/health") for _ in range(8)]
        assert [g.status_code for g in got[:5]] == [200] * 5
        is_problem(got[7], 429)
        assert int(got[7].headers["retry-after"]) >= 1


def test_each_client_has_a_rate_of_its_own() -> None:
    rates = Rates(1e-9, 2)
    rates.take("a"), rates.take("a"), rates.take("b")
    with pytest.raises(ProblemError):
        rates.take("a")
    rates.take("b")


def test_a_client_that_waits_may_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("lodestone.api.guard.time.monotonic", lambda: now[0])
    rates = Rates(2.0, 1)
    rates.take("a")
    with pytest.raises(ProblemError):
        rates.take("a")
    now[0] = 0.6
    rates.take("a")


@pytest.mark.parametrize("host", ["10.0.0.1", "::", "example.int", "", "127.0.0.1.example.int"])
def test_what_is_not_this_machine(host: str) -> None:
    assert not is_loopback(host)


def test_others_are_limited_more_than_this_machine(tmp_path: Path) -> None:
    here, there = (Settings.of(h, 1, 1, tmp_path / "s") for h in ("127.0.0.1", "0.0.0.0"))
    assert there.rate < here.rate
    assert there.burst < here.burst
    assert (here.opened, there.opened) == (False, True)
