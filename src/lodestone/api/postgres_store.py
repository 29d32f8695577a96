"""The store in a PostgreSQL database, which several services may share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lodestone.api.database import Database
from lodestone.api.lines import SCHEMA, Lines, connect
from lodestone.api.sql_store import FORMAT, Found, SqlStore, Talk, jobs_left, read_job
from lodestone.api.store import Job
from lodestone.terms.errors import RequestError, StoreError

#: Connections of one service.
_LINES = 6
#: Services that start at once make the tables one after the other: any number of ours will do.
_TURN = 7_233_015
# Sorted as bytes are, whatever the language of the database.
_TEXT = 'TEXT COLLATE "C"'
_TABLES = f"""
CREATE TABLE job (
    number BIGINT GENERATED ALWAYS AS IDENTITY, id {_TEXT} PRIMARY KEY, verb TEXT NOT NULL,
    words TEXT NOT NULL, owner {_TEXT} NOT NULL, status TEXT NOT NULL, created {_TEXT} NOT NULL,
    progress INTEGER NOT NULL, message TEXT NOT NULL, started TEXT, finished TEXT,
    run_id {_TEXT}, problem TEXT, envelope BYTEA, service {_TEXT} NOT NULL);
CREATE INDEX job_run ON job (run_id);
CREATE INDEX job_created ON job (created, number);
CREATE TABLE file (
    job {_TEXT} NOT NULL REFERENCES job (id) ON DELETE CASCADE, name {_TEXT} NOT NULL,
    media TEXT NOT NULL, content BYTEA NOT NULL, PRIMARY KEY (job, name));
CREATE TABLE saved (
    number BIGINT GENERATED ALWAYS AS IDENTITY, id {_TEXT} PRIMARY KEY, kind TEXT NOT NULL,
    name TEXT NOT NULL, owner {_TEXT} NOT NULL, created {_TEXT} NOT NULL, digest TEXT NOT NULL,
    text TEXT NOT NULL);
CREATE TABLE key (
    name {_TEXT} PRIMARY KEY, role TEXT NOT NULL, digest {_TEXT} NOT NULL UNIQUE);
CREATE TABLE service (
    id {_TEXT} PRIMARY KEY, seen TIMESTAMPTZ NOT NULL, seconds DOUBLE PRECISION NOT NULL);
CREATE TABLE store (format INTEGER NOT NULL);
"""
#: A service has not been heard for longer than it said. Time in which the server itself was down
#: does not count: nobody could be heard then.
_SILENT = (
    "clock_timestamp() > greatest(seen, pg_postmaster_start_time()) + seconds * interval '1 second'"
)


class PostgresStore(SqlStore):
    """See `Store`; safe to call from several threads, and shared with other services.

    Parameters
    ----------
    database : where it is; the tables are made in a schema of their own if they are not there

    Raises
    ------
    StoreError
        The database cannot be reached or entered.
    RequestError
        Its tables cannot be made, or are those of another version.
    """

    _order = "number"

    def __init__(self, database: Database) -> None:
        # Why it cannot be reached is one thing, why tables cannot be made another.
        connect(database).close()
        self._lines = Lines(database, _LINES)
        try:
            found = self._whole(_made)
        except StoreError as error:
            self.close()
            raise RequestError(
                f"the tables of the store {database} cannot be made: {error}; give "
                f"{database.user} a database of its own (createdb -O {database.user} NAME)"
            ) from None
        if found != FORMAT:
            self.close()
            raise RequestError(
                f"the store {database} has format {found}; this version reads {FORMAT}: "
                "name another database with --store"
            )

    def attend(self, service: str, seconds: float) -> list[Job]:
        """See `Store.attend`."""

        def heard(talk: Talk) -> list[Job]:
            talk.change(
                "INSERT INTO service (id, seen, seconds) VALUES (?, clock_timestamp(), ?) "
                "ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, seconds = excluded.seconds",
                (service, seconds),
            )
            living = f"SELECT id FROM service WHERE NOT {_SILENT}"
            rows = talk.rows(jobs_left(f"service NOT IN ({living})"))
            # Kept for a day longer, should anybody want to know whom a job was lost with.
            talk.change(f"DELETE FROM service WHERE {_SILENT} AND seen < now() - interval '1 day'")
            return [read_job(row) for row in rows]

        return self._whole(heard)

    def leave(self, service: str) -> None:
        """See `Store.leave`."""
        self._whole(lambda talk: talk.change("DELETE FROM service WHERE id = ?", (service,)))

    def close(self) -> None:
        """See `Store.close`."""
        self._lines.close()

    def _whole(self, work: Callable[[Talk], Found]) -> Found:
        return self._lines.whole(work)

    def _rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        return self._lines.read(sql, values)


def _made(talk: Talk) -> int:
    """Make the tables, if they are not there; the format that they have."""
    talk.rows("SELECT pg_advisory_xact_lock(?)", (_TURN,))
    if talk.rows("SELECT to_regclass(?)", (f"{SCHEMA}.store",)) == [[None]]:
        if not talk.rows("SELECT 1 FROM pg_namespace WHERE nspname = ?", (SCHEMA,)):
            talk.change(f"CREATE SCHEMA {SCHEMA}")
        talk.change(_TABLES)
        talk.change("INSERT INTO store (format) VALUES (?)", (FORMAT,))
    ((found,),) = talk.rows("SELECT format FROM store")
    return int(found)
