"""Who may ask: nobody needs a key on this machine, everybody does when others can reach it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import Served, stood_in
from tests.api.test_problems import is_problem

from lodestone import RequestError
from lodestone.api.database import Database
from lodestone.api.keys import ROLES, Role, digest, new_key
from lodestone.api.serving import hand_out_key, serve
from lodestone.api.settings import Settings
from lodestone.cli import main


@dataclass(frozen=True)
class Opened:
    """A service that others can reach, and a key of each kind."""

    served: Served
    keys: dict[str, str]

    def ask(self, name: str, method: str, path: str, words: Any = None) -> Any:
        bearer = {"Authorization": f"Bearer {self.keys[name]}"}
        return self.served.client.request(method, path, json=words, headers=bearer)


@pytest.fixture(scope="module")
def opened(places: Callable[[], Path | Database]) -> Iterator[Opened]:
    place = places()
    store = place if isinstance(place, Database) else place / "store.sqlite"
    names: dict[str, Role] = {"ron": "reader", "ada": "analyst", "bob": "analyst", "eve": "admin"}
    keys = {n: hand_out_key(store, n, role) for n, role in names.items()}
    with stood_in(place, host="0.0.0.0") as served:
        yield Opened(served, keys)


@pytest.mark.parametrize("path", ["/v1", "/v1/health", "/v1/openapi.json", "/v1/explain?id=x"])
@pytest.mark.parametrize("sent", [None, "Bearer x", "Bearer", "Basic eDp5", "Bearer \u00fc"])
def test_without_a_key_nothing_is_told(opened: Opened, path: str, sent: str | None) -> None:
    headers = {} if sent is None else {"Authorization": sent.encode()}
    got = opened.served.get(path, headers=headers)
    is_problem(got, 401)
    assert got.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", ["ron", "ada", "eve"])
def test_every_role_reads(opened: Opened, name: str) -> None:
    assert opened.ask(name, "GET", "/v1/explain?id=x").status_code == 200


WORK = [
    ("POST", "/v1/losses"),
    ("POST", "/v1/shock"),
    ("POST", "/v1/compare"),
    ("POST", "/v1/risk"),
    ("POST", "/v1/alliance"),
    ("POST", "/v1/plan"),
    ("POST", "/v1/vault"),
    ("POST", "/v1/brief"),
    ("POST", "/v1/dossier"),
    ("POST", "/v1/study"),
    ("POST", "/v1/processes/losses/execution"),
    ("DELETE", "/v1/jobs/abcdefghijkl"),
    ("POST", "/v1/saved/scenarios"),
    ("POST", "/v1/saved/hazards"),
    ("POST", "/v1/saved/bills"),
    ("POST", "/v1/saved/plans"),
    ("POST", "/v1/saved/vaults"),
    ("POST", "/v1/saved/alliances"),
    ("DELETE", "/v1/saved/abcdefghijkl"),
]


@pytest.mark.parametrize(("method", "path"), WORK)
def test_a_reader_starts_and_changes_nothing(opened: Opened, method: str, path: str) -> None:
    words = {"inputs": {"place": "JPN"}} if "execution" in path else None
    words = words or {"place": "JPN", "against": "CHN"}
    if path.endswith(("shock", "study", "plan", "vault")):
        words = {}
    elif path.endswith(("losses", "risk")):
        words = {"place": "JPN"}
    elif path.endswith("compare"):
        words = {"first": {}, "second": {}}
    elif path.endswith("dossier"):
        words = {"saved": "abcdefghijkl"}
    elif path.endswith("alliance"):
        words = {"members": ["USA", "JPN"]}
    is_problem(opened.ask("ron", method, path, words), 403)


def test_the_list_of_what_readers_may_not_is_whole(opened: Opened) -> None:
    document = opened.ask("ron", "GET", "/v1/openapi.json").json()
    changing = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if method != "get"
    }
    written = {
        (m, p.replace("losses/execution", "{verb}/execution").replace("abcdefghijkl", "{id}"))
        for m, p in WORK
    }
    assert changing == written


def test_each_sees_their_own_work_and_an_admin_all(opened: Opened) -> None:
    begun = opened.ask("ada", "POST", "/v1/losses", {"place": "JPN"})
    path = begun.headers["location"]
    opened.served.client.headers["Authorization"] = f"Bearer {opened.keys['ada']}"
    run = opened.served.ended(path.rsplit("/", 1)[1])["run_id"]
    del opened.served.client.headers["Authorization"]
    for name, status in (("ada", 200), ("bob", 404), ("eve", 200)):
        for what in (path, f"{path}/results", f"{path}/files/brief.html", f"/v1/runs/{run}"):
            assert opened.ask(name, "GET", what).status_code == status
    assert opened.ask("bob", "GET", "/v1/jobs").json()["total"] == 0
    assert opened.ask("ada", "GET", "/v1/jobs").json()["total"] == 1
    assert opened.ask("eve", "GET", "/v1/jobs").json()["total"] == 1
    is_problem(opened.ask("bob", "DELETE", path), 404)
    assert opened.ask("eve", "DELETE", path).status_code == 200


def test_what_others_saved_cannot_be_read_or_used(opened: Opened) -> None:
    headers = {"Authorization": f"Bearer {opened.keys['ada']}", "Content-Type": "text/csv"}
    text = "supplier,material,probability,severity,months\nCHN,gallium,0.1,0.5,12\n"
    id = opened.served.client.post("/v1/saved/hazards", content=text, headers=headers).json()["id"]
    is_problem(opened.ask("bob", "GET", f"/v1/saved/{id}"), 404)
    is_problem(opened.ask("bob", "POST", "/v1/risk", {"place": "JPN", "saved": id}), 404)
    is_problem(opened.ask("bob", "DELETE", f"/v1/saved/{id}"), 404)
    assert opened.ask("bob", "GET", "/v1/saved").json()["total"] == 0
    assert opened.ask("ada", "GET", f"/v1/saved/{id}").text == text


def test_roles_include_each_other_in_order() -> None:
    assert ROLES == ("reader", "analyst", "admin")


def test_a_service_for_others_does_not_start_without_a_key(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--new-key"):
        serve(Settings(host="0.0.0.0", store=tmp_path / "store.sqlite"))


def test_a_key_is_printed_once_and_only_its_digest_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new" / "store.sqlite"
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--new-key", "Ada", "--role", "analyst", "--store", str(file)])
    assert ended.value.code == 0
    key = capsys.readouterr().out.strip()
    rows = sqlite3.connect(file).execute("SELECT name, role, digest FROM key").fetchall()
    assert rows == [("Ada", "analyst", digest(key))]
    assert key.encode() not in b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert file.stat().st_mode & 0o077 == 0


def test_a_key_that_is_taken_back_is_refused(
    opened: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = str(tmp_path / "store.sqlite")

    def serve_with(*words: str) -> int:
        with pytest.raises(SystemExit) as ended:
            main(["serve", *words, "--store", store])
        return int(ended.value.code or 0)

    for name in ("Ada", "Bob"):
        assert serve_with("--new-key", name) == 0
    capsys.readouterr()
    assert serve_with("--keys") == 0
    assert capsys.readouterr().out.split() == ["reader", "Ada", "reader", "Bob"]
    # one at a time: nobody is told that a key was made while another that was to go still stands
    assert serve_with("--drop-key", "Ada", "--new-key", "Bob") == 2
    assert serve_with("--role", "admin", "--keys") == 2
    assert serve_with("--drop-key", "Ada") == 0
    assert serve_with("--drop-key", "Ada") == RequestError.exit_code
    assert "Bob" in capsys.readouterr().err
    text, key = new_key("tim", "reader")
    shown = {"Authorization": f"Bearer {text}"}
    opened.served.service.store.put_key(key)
    assert opened.served.get("/v1/jobs", headers=shown).status_code == 200
    assert opened.served.service.store.drop_key("tim")
    is_problem(opened.served.get("/v1/jobs", headers=shown), 401)


def test_two_keys_are_never_the_same() -> None:
    assert new_key("a", "reader")[0] != new_key("a", "reader")[0]
