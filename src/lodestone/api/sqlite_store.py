"""The store in one SQLite file: nothing to install, nothing to administer."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from lodestone.api.keys import Key
from lodestone.api.store import File, Job, Saved
from lodestone.terms.errors import RequestError

_FORMAT = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY, verb TEXT NOT NULL, words TEXT NOT NULL, owner TEXT NOT NULL,
    status TEXT NOT NULL, created TEXT NOT NULL, progress INTEGER NOT NULL, message TEXT NOT NULL,
    started TEXT, finished TEXT, run_id TEXT, problem TEXT, envelope BLOB);
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
_JOB = (
    "id, verb, words, owner, status, created, progress, message, started, finished, run_id, problem"
)
_SAVED = "id, kind, name, owner, created, digest, text"


class SqliteStore:
    """See `Store`; safe to call from several threads.

    Parameters
    ----------
    file : made if it is not there, with its folder

    Raises
    ------
    RequestError
        The file cannot be opened, is no store, or one of a newer version.
    """

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
        if found not in (0, _FORMAT):
            raise RequestError(
                f"the store {file} has format {found}; this version reads {_FORMAT}: "
                "name another file with --store"
            )
        # Runs and the digests of keys are nobody else's business.
        file.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_TABLES)
        self._connection.execute(f"PRAGMA user_version = {_FORMAT}")

    @contextmanager
    def _whole(self) -> Iterator[sqlite3.Connection]:
        """One transaction: done, or not done at all."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def put_job(self, job: Job) -> None:
        """See `Store.put_job`."""
        with self._whole() as connection:
            _put(connection, job)

    def put_result(self, job: Job, envelope: bytes, files: Sequence[File]) -> None:
        """See `Store.put_result`."""
        packed = zlib.compress(envelope, 6)
        with self._whole() as connection:
            _put(connection, job)
            connection.execute("UPDATE job SET envelope = ? WHERE id = ?", (packed, job.id))
            connection.executemany(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
                [(job.id, f.name, f.media, f.content) for f in files],
            )

    def job(self, id: str) -> Job | None:
        """See `Store.job`."""
        found = self._rows(f"SELECT {_JOB} FROM job WHERE id = ?", (id,))
        return _job(found[0]) if found else None

    def jobs(self, owner: str | None, limit: int, offset: int) -> tuple[list[Job], int]:
        """See `Store.jobs`."""
        rows, total = self._page(f"SELECT {_JOB} FROM job", "job", owner, limit, offset)
        return [_job(row) for row in rows], total

    def job_of_run(self, run_id: str, owner: str | None) -> Job | None:
        """See `Store.job_of_run`."""
        found = self._rows(
            f"SELECT {_JOB} FROM job WHERE run_id = ? AND status = 'successful' "
            "AND (? IS NULL OR owner = ?) ORDER BY created DESC, rowid DESC LIMIT 1",
            (run_id, owner, owner),
        )
        return _job(found[0]) if found else None

    def unfinished(self) -> list[Job]:
        """See `Store.unfinished`."""
        sql = f"SELECT {_JOB} FROM job WHERE status IN ('accepted', 'running')"
        return [_job(row) for row in self._rows(sql)]

    def forget_jobs(self, keep: int) -> None:
        """See `Store.forget_jobs`."""
        ended = "status NOT IN ('accepted', 'running')"
        with self._whole() as connection:
            connection.execute(
                f"DELETE FROM job WHERE {ended} AND id NOT IN (SELECT id FROM job WHERE {ended} "
                "ORDER BY created DESC, rowid DESC LIMIT ?)",
                (keep,),
            )

    def delete_job(self, id: str) -> None:
        """See `Store.delete_job`."""
        with self._whole() as connection:
            connection.execute("DELETE FROM job WHERE id = ?", (id,))

    def envelope(self, job: str) -> bytes | None:
        """See `Store.envelope`."""
        found = self._rows("SELECT envelope FROM job WHERE id = ?", (job,))
        return zlib.decompress(found[0][0]) if found and found[0][0] is not None else None

    def files(self, job: str) -> list[tuple[str, str]]:
        """See `Store.files`."""
        return self._rows("SELECT name, media FROM file WHERE job = ? ORDER BY name", (job,))

    def file(self, job: str, name: str) -> File | None:
        """See `Store.file`."""
        found = self._rows(
            "SELECT name, media, content FROM file WHERE job = ? AND name = ?", (job, name)
        )
        return File(*found[0]) if found else None

    def save(self, saved: Saved) -> None:
        """See `Store.save`."""
        row = (saved.id, saved.kind, saved.name, saved.owner)
        with self._whole() as connection:
            connection.execute(
                "INSERT INTO saved VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, saved.created, saved.digest, saved.text),
            )

    def saved(self, id: str) -> Saved | None:
        """See `Store.saved`."""
        found = self._rows(f"SELECT {_SAVED} FROM saved WHERE id = ?", (id,))
        return Saved(*found[0]) if found else None

    def all_saved(self, owner: str | None, limit: int, offset: int) -> tuple[list[Saved], int]:
        """See `Store.all_saved`."""
        rows, total = self._page(f"SELECT {_SAVED} FROM saved", "saved", owner, limit, offset)
        return [Saved(*row) for row in rows], total

    def delete_saved(self, id: str) -> None:
        """See `Store.delete_saved`."""
        with self._whole() as connection:
            connection.execute("DELETE FROM saved WHERE id = ?", (id,))

    def put_key(self, key: Key) -> None:
        """See `Store.put_key`."""
        try:
            with self._whole() as connection:
                connection.execute(
                    "INSERT INTO key VALUES (?, ?, ?)", (key.name, key.role, key.digest)
                )
        except sqlite3.IntegrityError:
            raise RequestError(f"there is a key named {key.name!r} already: take another") from None

    def key(self, digest: str) -> Key | None:
        """See `Store.key`."""
        found = self._rows("SELECT name, role, digest FROM key WHERE digest = ?", (digest,))
        return Key(*found[0]) if found else None

    def has_keys(self) -> bool:
        """See `Store.has_keys`."""
        return bool(self._rows("SELECT 1 FROM key LIMIT 1"))

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            self._connection.close()

    def _page(
        self, select: str, table: str, owner: str | None, limit: int, offset: int
    ) -> tuple[list[Any], int]:
        whose = "WHERE ? IS NULL OR owner = ?"
        ((total,),) = self._rows(f"SELECT count(*) FROM {table} {whose}", (owner, owner))
        rows = self._rows(
            f"{select} {whose} ORDER BY created DESC, rowid DESC LIMIT ? OFFSET ?",
            (owner, owner, limit, offset),
        )
        return rows, total


def _put(connection: sqlite3.Connection, job: Job) -> None:
    words, problem = json.dumps(dict(job.words)), job.problem and json.dumps(dict(job.problem))
    head = (job.id, job.verb, words, job.owner, job.status, job.created, job.progress, job.message)
    # Not REPLACE: that would delete the row, and with it the files that hang on it.
    changing = ("status", "progress", "message", "started", "finished", "run_id", "problem")
    updates = ", ".join(f"{name} = excluded.{name}" for name in changing)
    connection.execute(
        f"INSERT INTO job ({_JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        f"ON CONFLICT (id) DO UPDATE SET {updates}",
        (*head, job.started, job.finished, job.run_id, problem),
    )


def _job(row: Sequence[Any]) -> Job:
    id, verb, words, owner, status, created, progress, message, *rest = row
    started, finished, run_id, problem = rest
    return Job(
        id=id,
        verb=verb,
        words=json.loads(words),
        owner=owner,
        status=status,
        created=created,
        progress=progress,
        message=message,
        started=started,
        finished=finished,
        run_id=run_id,
        problem=json.loads(problem) if problem else None,
    )
