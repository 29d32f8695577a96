"""Opens a store: a SQLite file, or a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from lodestone.api.database import Database
from lodestone.api.store import Store


def open_store(where: Path | Database) -> Store:
    """The store in a file or in a database.

    Raises
    ------
    RequestError
        It cannot be opened, or is none.
    StoreError
        The database cannot be reached.
    """
    if isinstance(where, Database):
        from lodestone.api.postgres_store import PostgresStore

        return PostgresStore(where)
    from lodestone.api.sqlite_store import SqliteStore

    return SqliteStore(where)
