"""Long work: from its beginning to its results, its failure or its dismissal."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.api import stand_in
from tests.api.conftest import Served, stood_in

from lodestone.api.database import Database
from lodestone.api.keys import LOCAL, Caller
from lodestone.api.service import NOT_READY, Service, dated
from lodestone.api.settings import Settings
from lodestone.api.sqlite_store import SqliteStore
from lodestone.api.store import RefusedError


@pytest.fixture(scope="module")
def made(made_on_both: Served) -> Served:
    """Every test here is of what the store keeps: it runs with each kind."""
    return made_on_both


@pytest.fixture
def alone(place: Path | Database) -> Iterator[Served]:
    """A service of one test, with few places in its queue."""
    with stood_in(place, most_waiting=3) as served:
        yield served


def _begin(served: Served, place: str) -> str:
    got = served.post("/v1/processes/losses/execution", {"inputs": {"place": place}})
    assert got.status_code == 201
    assert got.headers["location"] == f"/v1/jobs/{got.json()['jobID']}"
    return got.json()["jobID"]


def _pid(served: Served) -> int:
    job = _begin(served, "pid")
    served.ended(job)
    return served.get(f"/v1/jobs/{job}/results").json()["results"][0]["value"]


def test_a_job_from_beginning_to_results(made: Served) -> None:
    job = _begin(made, "JPN")
    ended = made.ended(job)
    assert (ended["status"], ended["progress"], ended["processID"]) == ("successful", 100, "losses")
    assert ended["created"] <= ended["started"] <= ended["finished"]
    results = next(link for link in ended["links"] if link["rel"].endswith("/results"))
    _, rows = made.all_rows(results["href"] + "?limit=4")
    assert rows == stand_in.rows()
    assert made.get(f"/v1/runs/{ended['run_id']}").json()["results"] == rows


def test_files_of_a_result_are_pages_of_their_own(made: Served) -> None:
    job = _begin(made, "JPN")
    made.ended(job)
    (listed,) = made.get(f"/v1/jobs/{job}/files").json()["files"]
    got = made.get(listed["href"])
    assert (got.content, got.headers["content-type"]) == (b"<p>brief</p>", listed["type"])
    assert "sandbox" in got.headers["content-security-policy"]
    assert "script" not in got.headers["content-security-policy"]
    shown = {"If-None-Match": got.headers["etag"]}
    assert made.get(listed["href"], headers=shown).status_code == 304
    plain = made.get(listed["href"], headers={"Accept-Encoding": "identity"})
    assert (plain.content, plain.headers["etag"] != got.headers["etag"]) == (got.content, True)
    for name in ("no.pdf", "..%2f..%2fstore.sqlite", "store.sqlite"):
        assert made.get(f"/v1/jobs/{job}/files/{name}").status_code in (404, 422)


def test_results_that_are_not_there_yet(alone: Served) -> None:
    job = _begin(alone, "sleep")
    got = alone.get(f"/v1/jobs/{job}/results")
    assert (got.status_code, got.json()["type"]) == (404, NOT_READY)
    while alone.get(f"/v1/jobs/{job}").json()["progress"] != 25:
        time.sleep(0.02)
    assert alone.get(f"/v1/jobs/{job}").json()["status"] == "running"


def test_a_dismissed_jobs_process_is_killed_and_replaced(alone: Served) -> None:
    first = _pid(alone)
    job = _begin(alone, "sleep")
    alone.until(job, lambda status: status == "running")
    assert psutil.pid_exists(first)
    got = alone.client.delete(f"/v1/jobs/{job}")
    assert got.json()["status"] == "dismissed"
    second = _pid(alone)
    assert second != first
    assert not psutil.pid_exists(first)
    assert alone.get(f"/v1/jobs/{job}").json()["status"] == "dismissed"
    assert alone.get(f"/v1/jobs/{job}/results").status_code == 404


def test_a_job_that_waits_is_dismissed_before_it_begins(alone: Served) -> None:
    running, waiting = _begin(alone, "sleep"), _begin(alone, "sleep")
    assert alone.client.delete(f"/v1/jobs/{waiting}").json()["status"] == "dismissed"
    assert alone.client.delete(f"/v1/jobs/{running}").json()["status"] == "dismissed"
    assert alone.ended(_begin(alone, "JPN"))["status"] == "successful"
    found = alone.get(f"/v1/jobs/{waiting}").json()
    assert (found["status"], found["started"]) == ("dismissed", None)


def test_a_job_that_ended_is_forgotten_by_delete(made: Served) -> None:
    job = _begin(made, "JPN")
    made.ended(job)
    assert made.client.delete(f"/v1/jobs/{job}").json()["status"] == "dismissed"
    assert made.get(f"/v1/jobs/{job}").status_code == 404
    assert made.client.delete(f"/v1/jobs/{job}").status_code == 404


@pytest.mark.parametrize(
    ("place", "status", "kind"),
    [
        ("raise:MarketError", 500, "urn:lodestone:problem:market-error"),
        ("raise:RequestError", 422, "urn:lodestone:problem:request-error"),
        ("crash", 500, "urn:lodestone:problem:worker-lost"),
        ("defect", 500, "urn:lodestone:problem:defect"),
    ],
)
def test_a_job_that_fails_says_why_and_the_next_one_runs(
    made: Served, place: str, status: int, kind: str
) -> None:
    job = _begin(made, place)
    ended = made.ended(job)
    assert ended["status"] == "failed"
    assert (ended["problem"]["type"], ended["problem"]["status"]) == (kind, status)
    got = made.get(f"/v1/jobs/{job}/results")
    assert (got.status_code, got.json()) == (status, ended["problem"])
    assert "/srv" not in made.get(f"/v1/jobs/{job}").text
    assert made.ended(_begin(made, "JPN"))["status"] == "successful"


def test_a_job_that_takes_too_long_is_ended(place: Path | Database) -> None:
    with stood_in(place, job_seconds=0.2) as served:
        assert served.ended(_begin(served, "sleep"))["problem"]["status"] == 503
        # A new process must have time to start.
        object.__setattr__(served.service.settings, "job_seconds", 60.0)
        assert served.ended(_begin(served, "JPN"))["status"] == "successful"


def test_more_jobs_than_may_wait_are_refused(alone: Served) -> None:
    for _ in range(3):
        _begin(alone, "sleep")
    got = alone.post("/v1/losses", {"place": "JPN"})
    assert got.status_code == 429
    assert got.headers["retry-after"]


def test_a_verb_waits_as_long_as_the_client_likes(made: Served) -> None:
    got = made.post("/v1/losses", {"place": "JPN"}, headers={"Prefer": "wait=50"})
    assert (got.status_code, got.json()["results"]) == (200, stand_in.rows())
    assert got.headers["content-location"].endswith("/results")
    got = made.post("/v1/shock", {"ban": ["CHN:Ga"]}, headers={"Prefer": "respond-async"})
    assert got.status_code == 201
    got = made.post("/v1/risk", {"place": "raise:ChainError"}, headers={"Prefer": "wait=50"})
    assert (got.status_code, got.json()["title"][:8]) == (500, "A supply")


def test_jobs_are_listed_newest_first_page_by_page(alone: Served) -> None:
    begun = [_begin(alone, "JPN") for _ in range(3)]
    for job in begun:
        alone.ended(job)
    page = alone.get("/v1/jobs?limit=2").json()
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    listed = [*page["jobs"], *alone.get(following).json()["jobs"]]
    assert page["total"] == 3
    assert [job["jobID"] for job in listed] == begun[::-1]


def test_what_can_be_run_is_described(made: Served) -> None:
    listed = made.get("/v1/processes").json()["processes"]
    assert {p["id"] for p in listed} == {
        "alliance",
        "brief",
        "compare",
        "dossier",
        "losses",
        "plan",
        "risk",
        "shock",
        "study",
        "vault",
    }
    for one in listed:
        found = made.get(f"/v1/processes/{one['id']}").json()
        assert found["inputs"]
        assert all("schema" in given for given in found["inputs"].values())
    assert made.get("/v1/processes/nonsense").status_code == 404
    assert made.post("/v1/processes/nonsense/execution", {"inputs": {}}).status_code == 404


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"place": ""},
        {"place": "JPN", "nonsense": 1},
        {"place": 3},
        {"place": "JPN", "months": 0},
    ],
)
def test_inputs_that_do_not_fit_are_refused_with_their_place(made: Served, words: Any) -> None:
    for got in (
        made.post("/v1/losses", words),
        made.post("/v1/processes/losses/execution", {"inputs": words}),
    ):
        assert got.status_code == 422
        assert got.json()["problems"][0]["where"]


def test_jobs_and_results_outlive_the_service(place: Path | Database) -> None:
    with stood_in(place) as served:
        done = _begin(served, "JPN")
        served.ended(done)
        running, waiting = _begin(served, "sleep"), _begin(served, "sleep")
    with stood_in(place) as served:
        assert served.get(f"/v1/jobs/{done}/results").json()["results"] == stand_in.rows()
        for job in (running, waiting):
            found = served.get(f"/v1/jobs/{job}").json()
            assert (found["status"], found["finished"] is None) == ("failed", False)


def test_no_process_outlives_the_service(tmp_path: Path) -> None:
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    with stood_in(tmp_path) as served:
        _begin(served, "sleep")
        during = {p.pid for p in psutil.Process().children(recursive=True)} - before
    assert during
    after = {p.pid for p in psutil.Process().children(recursive=True)} - before
    # Python's own tracker of shared resources stays until this process ends.
    assert len(after & during) <= 1


def test_the_day_of_a_risk_is_said_when_it_is_asked(tmp_path: Path) -> None:
    class _Pool:
        def submit(self, function: Any, task: Any, **more: Any) -> Any:
            self.task = task
            from lodestone.api.pool import Ticket

            return Ticket(function, (task,), 1.0, more["started"], more["progress"])

    service = Service(Settings(), SqliteStore(tmp_path / "s.sqlite"))
    service._solvers = _Pool()  # type: ignore[assignment]
    job, _ = service.begin("risk", {"place": "JPN", "as_of": None}, LOCAL)
    assert len(job.words["as_of"]) == 10
    service.store.close()


def _again(served: Served, place: str, reused: bool = True) -> str:
    """The job of the same question, if there is one; the answer says whether it is."""
    words = {"inputs": {"place": place}}
    got = served.post("/v1/processes/losses/execution", words, headers={"Prefer": "reuse"})
    assert got.status_code == 201
    assert got.headers.get("preference-applied") == ("reuse" if reused else None)
    return got.json()["jobID"]


def test_the_same_question_takes_the_job_that_runs_or_has_ended(alone: Served) -> None:
    running = _begin(alone, "sleep")
    assert _again(alone, "sleep") == running
    assert _begin(alone, "sleep") != running
    assert _again(alone, "JPN", False) not in (running, "")
    for job in alone.get("/v1/jobs").json()["jobs"]:
        alone.client.delete(f"/v1/jobs/{job['jobID']}")
    done = _begin(alone, "USA")
    alone.ended(done)
    assert _again(alone, "USA") == done
    assert _again(alone, "USA ", False) != done
    alone.client.delete(f"/v1/jobs/{done}")
    assert _again(alone, "USA", False) != done


def test_the_same_question_of_another_user_is_another_job(place: Path | Database) -> None:
    with stood_in(place) as served:
        words = {"place": "USA", "months": 12}
        ada, bob = (Caller(name, "analyst") for name in ("ada", "bob"))
        job, ticket = served.service.begin("losses", words, ada)
        ticket.future.result(timeout=60)
        served.ended(job.id)
        assert served.service.same("losses", words, bob) is None
        found = served.service.same("losses", words, ada)
        assert found is not None
        assert found[0].id == job.id


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("risk", {"place": "JPN"}),
        ("plan", {"plan": "japan"}),
        ("dossier", {"saved": "abcdefghij"}),
        ("alliance", {"members": ["USA", "JPN"], "plan": "japan"}),
        ("alliance", {"saved": "abcdefghij"}),
    ],
)
def test_an_answer_of_another_day_is_not_taken(
    made: Served, monkeypatch: pytest.MonkeyPatch, verb: str, words: dict[str, Any]
) -> None:
    today = dated(verb, words)

    class Tomorrow(date):
        @classmethod
        def today(cls) -> date:
            return date(2099, 1, 1)

    monkeypatch.setattr("lodestone.api.service.date", Tomorrow)
    assert dated(verb, words) != today
    assert dated(verb, {**today}) == today


def test_an_alliance_without_a_plan_is_the_same_every_day() -> None:
    words = {"members": ["USA", "JPN"], "plan": None, "saved": None, "as_of": None}
    assert dated("alliance", words) == words


def test_an_end_that_the_store_refuses_does_not_hold_up_the_others(
    alone: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = alone.service.store.put_result

    def refusing(job: Any, *given: Any) -> bool:
        if "one" in job.words.values():
            raise RefusedError("the store refused: statement timeout")
        return keep(job, *given)

    monkeypatch.setattr(alone.service.store, "put_result", refusing)
    first = _begin(alone, "one")
    assert alone.ended(_begin(alone, "two"))["status"] == "successful"
    ended = alone.ended(first)
    assert ended["status"] == "failed"
    assert alone.ended(_begin(alone, "three"))["status"] == "successful"


def test_what_a_killed_worker_wrote_is_taken_away(alone: Served) -> None:
    def folders() -> set[Path]:
        return set(Path(tempfile.gettempdir()).glob("lodestone-worker-*"))

    _pid(alone)
    before = folders()
    job = _begin(alone, "write")
    while not [f for folder in folders() for f in folder.rglob("mine.txt")]:
        time.sleep(0.02)
    alone.client.delete(f"/v1/jobs/{job}")
    _pid(alone)
    assert not [f for folder in folders() for f in folder.rglob("mine.txt")]
    assert before - folders()
