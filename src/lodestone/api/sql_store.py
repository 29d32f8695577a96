"""What every store in a database does, in the SQL that all of them speak."""

from __future__ import annotations

import json
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from lodestone.api.keys import Key
from lodestone.api.store import File, Job, Saved
from lodestone.terms.errors import RequestError

#: Of the tables; a store of another format is refused.
FORMAT = 2

Found = TypeVar("Found")
_HEAD = "id, service, verb, words, owner, created"
_STATE = ("status", "progress", "message", "started", "finished", "run_id", "problem")
_JOB = f"{_HEAD}, {', '.join(_STATE)}"
_SAVED = "id, kind, name, owner, created, digest, text"
_OPEN = "status IN ('accepted', 'running')"


class Talk(Protocol):
    """A line to the database, inside one transaction. Values stand for the `?` of the SQL."""

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """What a query finds."""

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """How many rows a statement changed."""


class SqlStore(ABC):
    """See `Store`. The database itself is the business of those who inherit this."""

    #: Counts rows in the order in which they came.
    _order: str

    @abstractmethod
    def _whole(self, work: Callable[[Talk], Found]) -> Found:
        """Do something in one transaction: all of it, or nothing."""

    @abstractmethod
    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """What one query finds."""

    def put_job(self, job: Job) -> None:
        """See `Store.put_job`."""
        head = (job.id, job.service, job.verb, json.dumps(dict(job.words)), job.owner, job.created)
        values = (*head, *_state(job))
        marks = ", ".join("?" for _ in values)
        self._whole(lambda talk: talk.change(f"INSERT INTO job ({_JOB}) VALUES ({marks})", values))

    def change_job(self, job: Job) -> bool:
        """See `Store.change_job`."""
        return self._whole(lambda talk: _changed(talk, job))

    def put_result(self, job: Job, envelope: bytes, files: Sequence[File]) -> bool:
        """See `Store.put_result`."""
        packed = zlib.compress(envelope, 6)

        def put(talk: Talk) -> bool:
            if not _changed(talk, job):
                return False
            talk.change("UPDATE job SET envelope = ? WHERE id = ?", (packed, job.id))
            for f in files:
                row = (job.id, f.name, f.media, f.content)
                talk.change("INSERT INTO file (job, name, media, content) VALUES (?, ?, ?, ?)", row)
            return True

        return self._whole(put)

    def job(self, id: str) -> Job | None:
        """See `Store.job`."""
        found = self._rows(f"SELECT {_JOB} FROM job WHERE id = ?", (id,))
        return read_job(found[0]) if found else None

    def jobs(self, owner: str | None, limit: int, offset: int) -> tuple[list[Job], int]:
        """See `Store.jobs`."""
        rows, total = self._page(_JOB, "job", owner, limit, offset)
        return [read_job(row) for row in rows], total

    def job_of_run(self, run_id: str, owner: str | None) -> Job | None:
        """See `Store.job_of_run`."""
        whose, values = _owned(owner)
        found = self._rows(
            f"SELECT {_JOB} FROM job WHERE {whose} AND run_id = ? AND status = 'successful' "
            f"ORDER BY created DESC, {self._order} DESC LIMIT 1",
            (*values, run_id),
        )
        return read_job(found[0]) if found else None

    def unfinished(self, service: str) -> list[Job]:
        """See `Store.unfinished`."""
        sql = f"SELECT {_JOB} FROM job WHERE {_OPEN} AND service = ?"
        return [read_job(row) for row in self._rows(sql, (service,))]

    def forget_jobs(self, keep: int) -> None:
        """See `Store.forget_jobs`."""
        newest = (
            f"SELECT id FROM job WHERE NOT {_OPEN} "
            f"ORDER BY created DESC, {self._order} DESC LIMIT ?"
        )
        sql = f"DELETE FROM job WHERE NOT {_OPEN} AND id NOT IN ({newest})"
        self._whole(lambda talk: talk.change(sql, (keep,)))

    def delete_job(self, id: str) -> None:
        """See `Store.delete_job`."""
        self._whole(lambda talk: talk.change("DELETE FROM job WHERE id = ?", (id,)))

    def envelope(self, job: str) -> bytes | None:
        """See `Store.envelope`."""
        found = self._rows("SELECT envelope FROM job WHERE id = ?", (job,))
        return zlib.decompress(found[0][0]) if found and found[0][0] is not None else None

    def files(self, job: str) -> list[tuple[str, str]]:
        """See `Store.files`."""
        rows = self._rows("SELECT name, media FROM file WHERE job = ? ORDER BY name", (job,))
        return [(name, media) for name, media in rows]

    def file(self, job: str, name: str) -> File | None:
        """See `Store.file`."""
        sql = "SELECT name, media, content FROM file WHERE job = ? AND name = ?"
        found = self._rows(sql, (job, name))
        return File(*found[0]) if found else None

    def save(self, saved: Saved) -> None:
        """See `Store.save`."""
        row = (saved.id, saved.kind, saved.name, saved.owner, saved.created, saved.digest)
        sql = f"INSERT INTO saved ({_SAVED}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._whole(lambda talk: talk.change(sql, (*row, saved.text)))

    def saved(self, id: str) -> Saved | None:
        """See `Store.saved`."""
        found = self._rows(f"SELECT {_SAVED} FROM saved WHERE id = ?", (id,))
        return Saved(*found[0]) if found else None

    def all_saved(self, owner: str | None, limit: int, offset: int) -> tuple[list[Saved], int]:
        """See `Store.all_saved`."""
        rows, total = self._page(_SAVED, "saved", owner, limit, offset)
        return [Saved(*row) for row in rows], total

    def delete_saved(self, id: str) -> None:
        """See `Store.delete_saved`."""
        self._whole(lambda talk: talk.change("DELETE FROM saved WHERE id = ?", (id,)))

    def put_key(self, key: Key) -> None:
        """See `Store.put_key`."""
        sql = "INSERT INTO key (name, role, digest) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        if not self._whole(lambda talk: talk.change(sql, (key.name, key.role, key.digest))):
            raise RequestError(f"there is a key named {key.name!r} already: take another")

    def key(self, digest: str) -> Key | None:
        """See `Store.key`."""
        found = self._rows("SELECT name, role, digest FROM key WHERE digest = ?", (digest,))
        return Key(*found[0]) if found else None

    def all_keys(self) -> list[Key]:
        """See `Store.all_keys`."""
        found = self._rows("SELECT name, role, digest FROM key ORDER BY name")
        return [Key(*row) for row in found]

    def drop_key(self, name: str) -> bool:
        """See `Store.drop_key`."""
        sql = "DELETE FROM key WHERE name = ?"
        return bool(self._whole(lambda talk: talk.change(sql, (name,))))

    def has_keys(self) -> bool:
        """See `Store.has_keys`."""
        return bool(self._rows("SELECT 1 FROM key LIMIT 1"))

    def _page(
        self, columns: str, table: str, owner: str | None, limit: int, offset: int
    ) -> tuple[list[Any], int]:
        whose, values = _owned(owner)
        ((total,),) = self._rows(f"SELECT count(*) FROM {table} WHERE {whose}", values)
        rows = self._rows(
            f"SELECT {columns} FROM {table} WHERE {whose} "
            f"ORDER BY created DESC, {self._order} DESC LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        return rows, total


def read_job(row: Sequence[Any]) -> Job:
    """A job, as a row of `jobs_left` holds it."""
    id, service, verb, words, owner, created, status, progress, message, *rest = row
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
        service=service,
    )


def jobs_left(condition: str) -> str:
    """SQL for unfinished jobs of services that meet a condition."""
    return f"SELECT {_JOB} FROM job WHERE {_OPEN} AND {condition}"


def _changed(talk: Talk, job: Job) -> bool:
    updates = ", ".join(f"{name} = ?" for name in _STATE)
    sql = f"UPDATE job SET {updates} WHERE id = ? AND {_OPEN}"
    return talk.change(sql, (*_state(job), job.id)) == 1


def _state(job: Job) -> tuple[Any, ...]:
    """The values of what changes of a job."""
    problem = json.dumps(dict(job.problem)) if job.problem else None
    now = (job.status, job.progress, job.message, job.started, job.finished)
    return (*now, job.run_id, problem)


def _owned(owner: str | None) -> tuple[str, tuple[str, ...]]:
    """A condition that a row is an owner's, or anybody's, and its values."""
    return ("1 = 1", ()) if owner is None else ("owner = ?", (owner,))
