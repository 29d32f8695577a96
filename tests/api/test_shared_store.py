"""A PostgreSQL database that several services share, and that comes and goes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.api import stand_in
from tests.api.conftest import Served, stood_in
from tests.api.postgres import PASSWORD, Server
from tests.api.test_problems import is_problem
from tests.api.test_stores import job

from lodestone.api import lines
from lodestone.api.database import Database
from lodestone.api.keys import Key
from lodestone.api.postgres_store import PostgresStore
from lodestone.terms.errors import RequestError, StoreError

#: Seconds between beats: a service is believed to live for six of them.
BEAT = 0.2


@pytest.fixture
def database(server: Server) -> Database:
    return server.database()


@pytest.fixture
def store(database: Database) -> Iterator[PostgresStore]:
    found = PostgresStore(database)
    yield found
    found.close()


@pytest.fixture
def two(database: Database) -> Iterator[tuple[Served, Served]]:
    """Two services that share one database."""
    with (
        stood_in(database, beat_seconds=BEAT) as first,
        stood_in(database, beat_seconds=BEAT) as second,
    ):
        yield first, second


def _begin(served: Served, place: str) -> str:
    got = served.post("/v1/processes/losses/execution", {"inputs": {"place": place}})
    assert got.status_code == 201, got.text
    return str(got.json()["jobID"])


def _until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.02)


# --- several services ------------------------------------------------------------------------


def test_a_job_that_another_service_runs_goes_on_when_this_one_starts(database: Database) -> None:
    with stood_in(database, beat_seconds=BEAT) as first:
        running, waiting = _begin(first, "sleep"), _begin(first, "JPN")
        first.until(running, lambda status: status == "running")
        with stood_in(database, beat_seconds=BEAT) as second:
            for id, status in ((running, "running"), (waiting, "accepted")):
                assert second.get(f"/v1/jobs/{id}").json()["status"] == status
            time.sleep(8 * BEAT)
            assert second.get(f"/v1/jobs/{running}").json()["status"] == "running"
        assert first.get(f"/v1/jobs/{running}").json()["status"] == "running"
        first.client.delete(f"/v1/jobs/{running}")
        assert first.ended(waiting)["status"] == "successful"


def test_what_one_service_did_the_other_shows(two: tuple[Served, Served]) -> None:
    first, second = two
    id = _begin(first, "JPN")
    ended = second.ended(id)
    assert ended["status"] == "successful"
    _, rows = second.all_rows(f"/v1/jobs/{id}/results")
    assert rows == stand_in.rows()
    assert second.get(f"/v1/jobs/{id}/files/brief.html").content == b"<p>brief</p>"
    assert second.get(f"/v1/runs/{ended['run_id']}").json()["results"] == rows
    assert second.get("/v1/jobs").json()["total"] == 1


def test_a_job_is_dismissed_through_another_service(two: tuple[Served, Served]) -> None:
    first, second = two
    id = _begin(first, "sleep")
    second.until(id, lambda status: status == "running")
    assert second.client.delete(f"/v1/jobs/{id}").json()["status"] == "dismissed"
    _until(lambda: id not in first.service._active)
    assert first.get(f"/v1/jobs/{id}").json()["status"] == "dismissed"
    assert first.ended(_begin(first, "JPN"))["status"] == "successful"


def test_a_job_that_another_service_forgets_does_not_come_back(two: tuple[Served, Served]) -> None:
    first, second = two
    id = _begin(first, "sleep")
    first.until(id, lambda status: status == "running")
    for _ in range(2):
        assert second.client.delete(f"/v1/jobs/{id}").json()["status"] == "dismissed"
    _until(lambda: id not in first.service._active)
    assert first.get(f"/v1/jobs/{id}").status_code == 404


def test_jobs_of_a_service_that_died_are_called_failed_by_the_others(
    two: tuple[Served, Served],
) -> None:
    first, second = two
    id = _begin(first, "sleep")
    second.until(id, lambda status: status == "running")
    first.service._closing.set()  # it beats no more, as if it had been killed
    ended = second.ended(id)
    assert (ended["status"], ended["problem"]["status"]) == ("failed", 500)
    assert "ask again" in ended["message"]


def test_a_service_that_ends_well_leaves_nothing_running(two: tuple[Served, Served]) -> None:
    _, second = two
    database = second.service.settings.store
    with stood_in(database) as third:  # believed to live for a minute
        id = _begin(third, "sleep")
    assert second.get(f"/v1/jobs/{id}").json()["status"] == "failed"


def test_a_job_that_the_store_alone_believes_in_is_ended(two: tuple[Served, Served]) -> None:
    first, _ = two
    # What is left when the line is lost between keeping a job and hearing that it is kept.
    first.service.store.put_job(job("orphanorphan", service=first.service.id))
    assert first.ended("orphanorphan")["status"] == "failed"


def test_time_in_which_the_server_was_down_is_no_silence(
    server: Server, database: Database, store: PostgresStore
) -> None:
    store.attend("other", 3000.0)
    store.put_job(job("theirs", service="other"))
    server.say("UPDATE lodestone.service SET seen = seen - interval '1 hour'", database.name)
    server.stop()
    server.start()
    assert store.attend("me", 60.0) == []
    server.say("UPDATE lodestone.service SET seconds = 0 WHERE id = 'other'", database.name)
    assert [j.id for j in store.attend("me", 60.0)] == ["theirs"]


def test_services_that_start_at_once_make_the_tables_once(database: Database) -> None:
    with ThreadPoolExecutor(6) as threads:
        opened = list(threads.map(lambda _: PostgresStore(database), range(6)))
    opened[0].put_job(job("a"))
    assert all(one.job("a") == job("a") for one in opened)
    for one in opened:
        one.close()


# --- a server that goes away -----------------------------------------------------------------


def test_a_line_that_was_lost_while_idle_is_made_anew(
    server: Server, database: Database, store: PostgresStore
) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(store.job, "abcdef"))
    server.hang_up(database)
    assert store.job("a") is None
    server.hang_up(database)
    store.put_job(job("a"))
    assert store.jobs(None, 9, 0) == ([job("a")], 1)


def test_a_line_that_is_lost_in_a_transaction_leaves_nothing_behind(
    server: Server, database: Database, store: PostgresStore
) -> None:
    def cut(talk: lines._Talk) -> None:
        talk.change("DELETE FROM key")
        server.hang_up(database)
        talk.change("DELETE FROM job")

    store.put_job(job("a"))
    store.put_key(Key("Ada", "reader", "d"))
    with pytest.raises(StoreError, match="lost"):
        store._whole(cut)
    assert store.key("d") == Key("Ada", "reader", "d")
    assert store.job("a") == job("a")


def test_a_deadlock_is_tried_again(
    store: PostgresStore, database: Database, server: Server
) -> None:
    server.say(f"ALTER DATABASE {database.name} SET deadlock_timeout = '50ms'")
    other = PostgresStore(database)
    for id in "ab":
        store.put_job(job(id))
    both = threading.Barrier(2)

    def swap(one: PostgresStore, ids: str) -> int:
        first_time = True

        def work(talk: lines._Talk) -> int:
            nonlocal first_time
            talk.change("UPDATE job SET progress = progress + 1 WHERE id = ?", (ids[0],))
            if first_time:
                first_time = False
                both.wait()
            return talk.change("UPDATE job SET progress = progress + 1 WHERE id = ?", (ids[1],))

        return one._whole(work)

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(swap, [store, other], ["ab", "ba"])) == [1, 1]
    assert [store.job(id).progress for id in "ab"] == [2, 2]  # type: ignore[union-attr]
    other.close()


def test_a_service_goes_on_without_its_server_and_with_it_again(
    server: Server, database: Database
) -> None:
    with stood_in(database, beat_seconds=BEAT) as served:
        done = _begin(served, "JPN")
        served.ended(done)
        slow = _begin(served, "sleep")
        served.until(slow, lambda status: status == "running")
        quick = _begin(served, "JPN")
        server.stop()
        try:
            for got in (
                served.get("/v1/jobs"),
                served.get(f"/v1/jobs/{done}/files"),
                served.post("/v1/losses", {"place": "JPN"}),
                served.client.delete(f"/v1/jobs/{done}"),
                served.get("/v1/saved"),
            ):
                body = is_problem(got, 503)
                assert body["type"] == "urn:lodestone:problem:store-error"
                assert got.headers["retry-after"]
                assert not any(word in got.text for word in ("127.0.0.1", database.name, PASSWORD))
            assert served.get("/v1/explain?id=x").status_code == 200
            assert served.get("/v1/health").status_code == 200
            # A job that ends while the store is away: its answer waits.
            served.service._active[slow][1].dismiss()
            _until(lambda: {slow, quick} <= set(served.service._unkept))
        finally:
            server.start()
        assert served.ended(quick)["status"] == "successful"
        assert served.get(f"/v1/jobs/{quick}/results").json()["results"] == stand_in.rows()
        assert served.ended(slow)["status"] == "dismissed"
        assert served.get(f"/v1/jobs/{done}/results").status_code == 200
        assert served.ended(_begin(served, "JPN"))["status"] == "successful"


def test_where_keys_are_wanted_nobody_enters_while_the_store_is_away(
    server: Server, database: Database
) -> None:
    from lodestone.api.serving import hand_out_key

    bearer = {"Authorization": f"Bearer {hand_out_key(database, 'ada', 'reader')}"}
    with stood_in(database, host="0.0.0.0") as served:
        assert served.get("/v1/explain?id=x", headers=bearer).status_code == 200
        server.stop()
        try:
            is_problem(served.get("/v1/explain?id=x", headers=bearer), 503)
        finally:
            server.start()
        assert served.get("/v1/explain?id=x", headers=bearer).status_code == 200


def test_a_slow_store_delays_no_read(server: Server, database: Database) -> None:
    from pg8000.dbapi import connect

    with stood_in(database) as served:
        line = connect(
            database.user, "127.0.0.1", database.name, database.port, PASSWORD, ssl_context=False
        )
        line.cursor().execute("LOCK TABLE lodestone.job IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(1) as thread:
            asked = thread.submit(httpx.get, f"{served.url}/v1/jobs", trust_env=False, timeout=60)
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            _until(lambda: bool(server.say(waits)))
            assert served.get("/v1/explain?id=x").status_code == 200
            assert not asked.done()
            line.rollback()
            assert asked.result().status_code == 200
        line.close()


# --- what cannot be opened -------------------------------------------------------------------


def test_why_a_database_cannot_be_entered_is_said_without_the_password(
    server: Server, database: Database
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        nobody = replace(database, port=mute.getsockname()[1])
    for wrong, said in (
        (replace(database, password="sesame"), "password authentication failed"),
        (replace(database, password=""), "password"),
        (replace(database, user="nobody"), "password authentication failed"),
        (replace(database, name="nothing"), '"nothing" does not exist'),
        (replace(database, encryption="require"), "refuses SSL"),
        (nobody, "Connection refused"),
        (replace(database, host="/nowhere"), "No such file"),
    ):
        with pytest.raises(StoreError, match=said) as refused:
            PostgresStore(wrong)
        told = f"{refused.value!r} {refused.value.__cause__!r}"
        assert "sesame" not in told
        assert PASSWORD not in told


def test_a_server_that_says_nothing_is_not_waited_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "_SILENCE", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        pytest.raises(StoreError, match="timed out"),
    ):
        PostgresStore(replace(database, port=mute.getsockname()[1]))


def test_a_server_that_speaks_otherwise_is_no_store(database: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:

        def answer() -> None:
            line, _ = web.accept()
            line.recv(1000)
            line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 2000)
            line.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(StoreError, match="no line to the store"):
            PostgresStore(replace(database, port=web.getsockname()[1]))


def test_a_user_who_may_make_no_tables_is_told_what_to_ask_for(
    server: Server, database: Database
) -> None:
    server.say("DROP ROLE IF EXISTS guest")
    server.say("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    with pytest.raises(RequestError, match=r"permission denied.*createdb -O guest"):
        PostgresStore(replace(database, user="guest", password="guest"))


def test_tables_of_another_version_are_refused(
    server: Server, database: Database, store: PostgresStore
) -> None:
    server.say("UPDATE lodestone.store SET format = 99", database.name)
    with pytest.raises(RequestError, match="format 99"):
        PostgresStore(database)


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000.dbapi", None)
    with pytest.raises(RequestError, match=r"lodestone\[server\]"):
        PostgresStore(Database.of("postgresql://u@localhost/x"))


# --- as a person starts it -------------------------------------------------------------------


def _lodestone(*words: str, store: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lodestone", *words],
        env={**os.environ, "LODESTONE_STORE": store},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_key_is_kept_in_the_database_that_the_environment_names(
    server: Server, database: Database, tmp_path: Path
) -> None:
    done = _lodestone("serve", "--new-key", "Ada", "--role", "analyst", store=server.url(database))
    assert (done.returncode, done.stdout.startswith("lodestone_")) == (0, True)
    rows = server.say("SELECT name, role FROM lodestone.key", database.name)
    assert [list(row) for row in rows] == [["Ada", "analyst"]]
    (kept,) = server.say("SELECT k::text FROM lodestone.key k", database.name)
    assert done.stdout.strip() not in str(kept)


def test_a_database_that_is_away_ends_the_program_with_its_own_status(
    server: Server, database: Database
) -> None:
    url = server.url(replace(database, name="nothing"))
    done = _lodestone("serve", store=url)
    assert done.returncode == StoreError.exit_code == 7
    assert done.stderr.startswith("lodestone: no line to the store postgresql://ada@127.0.0.1:")
    assert "word" not in done.stderr
