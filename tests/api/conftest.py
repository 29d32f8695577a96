"""Services that really listen: one with the verbs, one whose verbs are stood in for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api import postgres, stand_in

from lodestone.api import work
from lodestone.api.application import create_app
from lodestone.api.database import Database
from lodestone.api.opening import open_store
from lodestone.api.service import Answering, Service
from lodestone.api.settings import Settings

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Served:
    """A service that listens, and a client of it."""

    url: str
    client: httpx.Client
    app: Any

    @property
    def service(self) -> Service:
        return self.app.state.service

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, words: Any = None, **more: Any) -> httpx.Response:
        return self.client.post(path, json=words, **more)

    def ended(self, job: str) -> dict[str, Any]:
        """The status of a job once it has ended."""
        return self.until(job, lambda status: status not in ("accepted", "running"))

    def until(self, job: str, enough: Callable[[str], bool]) -> dict[str, Any]:
        """The status of a job once it is good enough."""
        while True:
            found = self.get(f"/v1/jobs/{job}").json()
            if enough(found["status"]):
                return found
            time.sleep(0.05)

    def all_rows(self, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The first page of an answer, and the rows of all pages."""
        first = page = self.get(path).raise_for_status().json()
        rows = list(page["results"])
        while following := [link for link in page["links"] if link["rel"] == "next"]:
            page = self.get(following[0]["href"]).raise_for_status().json()
            rows += page["results"]
        return first, rows


@contextmanager
def serving(
    settings: Settings, answer: Answering = work.answer, pages: Sequence[Any] = ()
) -> Iterator[Served]:
    """A service in a thread, on a free port of this machine whatever its settings say."""
    import uvicorn

    app = create_app(settings, open_store(settings.store), answer, pages)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=600, trust_env=False) as client:
            yield Served(url, client, app)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service with its verbs."""
    store = tmp_path_factory.mktemp("api") / "store.sqlite"
    with serving(Settings(store=store, rate=1e6, burst=10**6, read_seconds=600)) as served:
        yield served


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service whose verbs are stood in for; see `stand_in`."""
    with stood_in(tmp_path_factory.mktemp("made")) as served:
        yield served


@contextmanager
def stood_in(where: Path | Database, **settings: Any) -> Iterator[Served]:
    """A service whose verbs are stood in for, with a store in a folder or a database."""
    store = where if isinstance(where, Database) else where / "store.sqlite"
    usual = {"store": store, "rate": 1e6, "burst": 10**6}
    with serving(Settings(**{**usual, **settings}), stand_in.answer) as served:
        yield served


# --- both kinds of store ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server; the test is skipped, visibly, where none is installed."""
    found = postgres.server()
    yield found
    found.remove()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def places(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Path | Database]:
    """Gives a new place for a store each time, of one kind and then of the other.

    What uses it runs twice: the same tests pass with SQLite and with PostgreSQL.
    """
    if request.param == "sqlite":
        return lambda: tmp_path_factory.mktemp("store")
    database: Callable[[], Database] = request.getfixturevalue("server").database
    return database


@pytest.fixture
def place(places: Callable[[], Path | Database]) -> Path | Database:
    """A new place for a store."""
    return places()


@pytest.fixture(scope="module")
def made_on_both(places: Callable[[], Path | Database]) -> Iterator[Served]:
    """See `made`, with each kind of store."""
    with stood_in(places()) as served:
        yield served
