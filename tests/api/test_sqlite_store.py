"""What is the SQLite store's own: the file, its format, and a disk that is full."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from tests.api.test_stores import job

from lodestone.api.keys import Key
from lodestone.api.sqlite_store import SqliteStore
from lodestone.api.store import File
from lodestone.terms.errors import RequestError, StoreError


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("these are not the rows you are looking for" * 100, encoding="utf-8")
    with pytest.raises(RequestError, match="cannot be opened"):
        SqliteStore(file)


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite"
    SqliteStore(file).close()
    sqlite3.connect(file).execute("PRAGMA user_version = 99")
    with pytest.raises(RequestError, match="format 99"):
        SqliteStore(file)


def test_a_store_of_the_first_format_keeps_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "s.sqlite"
    old = sqlite3.connect(file)
    old.executescript(
        """
        CREATE TABLE job (
            id TEXT PRIMARY KEY, verb TEXT NOT NULL, words TEXT NOT NULL, owner TEXT NOT NULL,
            status TEXT NOT NULL, created TEXT NOT NULL, progress INTEGER NOT NULL,
            message TEXT NOT NULL, started TEXT, finished TEXT, run_id TEXT, problem TEXT,
            envelope BLOB);
        CREATE TABLE key (
            name TEXT PRIMARY KEY, role TEXT NOT NULL, digest TEXT NOT NULL UNIQUE);
        INSERT INTO job VALUES ('a', 'losses', '{"place": "JPN"}', 'ada', 'running',
            '2026-01-01T00:00:00.000Z', 3, '', NULL, NULL, NULL, NULL, NULL);
        INSERT INTO key VALUES ('Ada', 'reader', 'd');
        PRAGMA user_version = 1;
        """
    )
    old.close()
    for _ in range(2):
        store = SqliteStore(file)
        kept = job("a", status="running", progress=3, service="")
        assert store.job("a") == kept
        assert store.attend("me", 60.0) == [kept]
        assert store.key("d") == Key("Ada", "reader", "d")
        store.close()


def test_a_full_disk_is_said_and_the_store_works_when_there_is_room(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "s.sqlite")
    begun = job("a")
    store.put_job(begun)
    line = store._connection
    (pages,) = line.execute("PRAGMA page_count").fetchone()
    line.execute(f"PRAGMA max_page_count = {pages}")
    files = [File("f", "text/plain", bytes(range(256)) * 400)]
    with pytest.raises(StoreError, match="full"):
        store.put_result(job("a", status="successful"), b"x", files)
    assert store.job("a") == begun
    line.execute("PRAGMA max_page_count = 100000")
    assert store.put_result(job("a", status="successful"), b"x", files)
    store.close()
