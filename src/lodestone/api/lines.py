"""Connections to one PostgreSQL database, kept and lent, each to one thread at a time."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, Any

from lodestone.api.database import Database
from lodestone.api.sql_store import Found, Talk
from lodestone.api.store import RefusedError
from lodestone.terms.errors import RequestError, StoreError

if TYPE_CHECKING:
    from pg8000.dbapi import Connection

#: The tables' own schema: a database may hold other things.
SCHEMA = "lodestone"
#: Seconds: to connect or hear anything, of one statement, of a transaction nobody goes on with,
#: and until a connection is free.
_SILENCE, _STATEMENT, _IDLE, _FREE = 10.0, 8.0, 30.0, 10.0
#: Two transactions stood in each other's way; the same again is likely to pass.
_AGAIN, _MOST_TRIES = ("40001", "40P01"), 5


class Lines:
    """A number of connections, made when first needed and made anew when lost.

    Parameters
    ----------
    database : where it is
    size : connections at most
    """

    def __init__(self, database: Database, size: int) -> None:
        self._database = database
        self._free: LifoQueue[Connection | None] = LifoQueue()
        self._size, self._closing = size, False
        for _ in range(size):
            self._free.put(None)

    def read(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """What one query finds.

        Raises
        ------
        StoreError
            There is no line to the database.
        RefusedError
            The database refuses.
        """
        return self._lent(lambda talk: talk.rows(sql, values), whole=False)

    def whole(self, work: Callable[[Talk], Found]) -> Found:
        """Do something in one transaction. It is called again, if nothing came of it before.

        Raises
        ------
        StoreError
            There is no line to the database, or it was lost on the way.
        """
        return self._lent(work, whole=True)

    def close(self) -> None:
        """Close what is not in use, and what is as soon as it is given back."""
        self._closing = True
        for _ in range(self._size):
            with suppress(Empty):
                _close(self._free.get_nowait())

    def _lent(self, work: Callable[[Talk], Found], *, whole: bool) -> Found:
        """Lend a connection to some work. Lost before anything was changed, it is done again."""
        for tries in range(1, self._size + _MOST_TRIES):
            line, begun = self._take(), False
            kept = line is not None
            try:
                line = line or connect(self._database)
                talk = _Talk(line)
                if whole:
                    talk.change("BEGIN")
                    begun = True
                found = work(talk)
                if whole:
                    talk.change("COMMIT")
                return found
            except _database_error() as error:
                line = _cleaned(line)
                if _code(error) not in _AGAIN or tries >= _MOST_TRIES:
                    raise RefusedError(self._told("refused", error)) from None
            except (_interface_error(), OSError) as error:
                _close(line)
                line = None
                # The server may have hung up while nobody used the line: another may be better.
                if begun or not kept:
                    raise StoreError(self._told("was lost on the way", error)) from None
            except BaseException:
                _close(line)
                line = None
                raise
            finally:
                self._give(line)
        raise StoreError(f"no line to the store {self._database}: every one was lost")

    def _take(self) -> Connection | None:
        try:
            return self._free.get(timeout=_FREE)
        except Empty:
            raise StoreError("every connection to the store is in use: try again") from None

    def _give(self, line: Connection | None) -> None:
        if self._closing:
            _close(line)
        self._free.put(None if self._closing else line)

    def _told(self, what: str, error: BaseException) -> str:
        return f"the store {self._database} {what}: {_reason(error)}"


def connect(database: Database) -> Connection:
    """A new connection, one statement a transaction unless it begins one.

    Raises
    ------
    StoreError
        There is none to be had: why not, without the password.
    RequestError
        The driver is not installed.
    """
    try:
        from pg8000.dbapi import connect as open_line
    except ImportError:
        raise RequestError(
            "a store on PostgreSQL needs the extra `server`: pip install 'lodestone[server]'"
        ) from None
    try:
        line = open_line(
            user=database.user,
            host=database.host,
            port=database.port,
            database=database.name,
            password=database.password,
            unix_sock=database.socket,
            ssl_context=database.tls(),
            timeout=_SILENCE,
            application_name="lodestone",
            startup_params={
                "search_path": SCHEMA,
                "statement_timeout": f"{_STATEMENT * 1000:.0f}",
                "idle_in_transaction_session_timeout": f"{_IDLE * 1000:.0f}",
            },
        )
    except RequestError:
        raise
    except Exception as error:  # the driver lets errors of other libraries through
        raise StoreError(f"no line to the store {database}: {_reason(error)}") from None
    line.autocommit = True
    return line


class _Talk:
    """See `Talk`."""

    def __init__(self, line: Connection) -> None:
        self._cursor = line.cursor()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        self._cursor.execute(sql.replace("?", "%s"), values)
        return list(self._cursor.fetchall())

    def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        self._cursor.execute(sql.replace("?", "%s"), values)
        return int(self._cursor.rowcount)


def _cleaned(line: Connection | None) -> Connection | None:
    """A connection without the transaction that failed in it; None if that cannot be had."""
    if line is None:
        return None
    try:
        line.rollback()
    except Exception:  # whatever is wrong with it, there are others
        _close(line)
        return None
    return line


def _close(line: Connection | None) -> None:
    if line is not None:
        with suppress(Exception):  # it may be broken in any way
            line.close()


def _reason(error: BaseException) -> str:
    """Why there is no connection, in words that hold no password."""
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({cause.verify_message}): name the authority's with "
            "?sslrootcert=FILE, or say ?sslmode=require to encrypt without looking"
        )
    if isinstance(cause, OSError):
        return cause.strerror or str(cause) or type(cause).__name__
    if isinstance(cause, _database_error()):
        return str(cause.args[0].get("M", "")) if cause.args else ""
    if isinstance(cause, _interface_error()):
        return str(cause)
    return "the password was not accepted or the server speaks otherwise"


def _code(error: BaseException) -> str:
    """SQLSTATE of an error that the server reported."""
    return str(error.args[0].get("C", "")) if error.args else ""


def _database_error() -> type[Exception]:
    from pg8000.dbapi import DatabaseError

    found: type[Exception] = DatabaseError
    return found


def _interface_error() -> type[Exception]:
    from pg8000.dbapi import InterfaceError

    found: type[Exception] = InterfaceError
    return found
