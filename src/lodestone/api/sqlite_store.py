"""The store in one SQLite file: nothing to install, nothing to administer, one service."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from lodestone.api.sql_store import FORMAT, Found, SqlStore, Talk, jobs_left, read_job
from lodestone.api.store import Job
from lodestone.terms.errors import RequestError, StoreError

_TABLES = """
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, verb TEXT NOT NULL, words TEXT NOT NULL, owner TEXT NOT NULL,
    status TEXT NOT NULL, created TEXT NOT NULL, progress INTEGER NOT NULL, message TEXT NOT NULL,
    started TEXT, finished TEXT, run_id TEXT, problem TEXT, envelope BLOB,
    service TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS job_run ON job (run_id);
CREATE TABLE IF NOT EXISTS file (
    job TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE, name TEXT NOT NULL,
    media TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (job, name));
CREATE TABLE IF NOT EXISTS saved (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL,
    created TEXT NOT NULL, digest TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS key (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, digest TEXT NOT NULL UNIQUE);
"""
#: What makes a file of an older format one of the next.
_RENEWALS = {1: "ALTER TABLE job ADD COLUMN service TEXT NOT NULL DEFAULT ''"}


class SqliteStore(SqlStore):
    """See `Store`; safe to call from several threads.

    Parameters
    ----------
    file : made if it is not there, with its folder

    Raises
    ------
    RequestError
        The file cannot be opened, is no store, or one of a newer version.
    """

    _order = "rowid"

    def __init__(self, file: Path) -> None:
        self._lock = Lock()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._open(file)
        except (OSError, sqlite3.Error) as error:
            raise RequestError(f"the store {file} cannot be opened: {error}") from error

    def _open(self, file: Path) -> None:
        (found,) = self._connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, *_RENEWALS, FORMAT):
            raise RequestError(
                f"the store {file} has format {found}; this version reads {FORMAT}: "
                "name another file with --store"
            )
        # Runs and the digests of keys are nobody else's business.
        file.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        renewal = _RENEWALS.get(found, "")
        self._connection.executescript(
            f"BEGIN IMMEDIATE; {renewal}; {_TABLES} PRAGMA user_version = {FORMAT}; COMMIT"
        )

    def attend(self, service: str, seconds: float) -> list[Job]:
        """See `Store.attend`; whoever opened the file before has ended, for it serves one alone."""
        rows = self._rows(jobs_left("service <> ?"), (service,))
        return [read_job(row) for row in rows]

    def leave(self, service: str) -> None:
        """See `Store.leave`; the next service knows without being told."""

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            self._connection.close()

    def _whole(self, work: Callable[[Talk], Found]) -> Found:
        with self._line() as line:
            line.execute("BEGIN IMMEDIATE")
            try:
                found = work(_Talk(line))
                line.execute("COMMIT")
            except BaseException:
                if line.in_transaction:
                    line.execute("ROLLBACK")
                raise
            return found

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._line() as line:
            return line.execute(sql, values).fetchall()

    @contextmanager
    def _line(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time."""
        with self._lock:
            try:
                yield self._connection
            except sqlite3.OperationalError as error:  # a full disk, or one that is gone
                raise StoreError(f"the store's file cannot be used now: {error}") from error


class _Talk:
    """See `Talk`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        return self._connection.execute(sql, values).rowcount
