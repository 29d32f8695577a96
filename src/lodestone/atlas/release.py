"""The data release: Parquet files with their description, verified before they are believed.

A release is a folder. `write_release` makes one, and refuses tables whose source may not ship;
`load_release` opens one (the release inside the package unless another folder is given);
`verify_release` checks every byte. Reading is by column, through DuckDB: each file's sha256 is
checked once, when the first number is read from it.

Missing values
--------------
Null in the file is never turned into a number. In the arrays that reading returns, a null is NaN
in a float column (the files themselves hold no NaN), NaT among dates, None in a column of text or
lists (a list is a Python list), and masked in an integer or boolean column, which is then a
`numpy.ma.MaskedArray`; integer and boolean columns without nulls are plain arrays.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

from lodestone.atlas.cards import TableCard
from lodestone.atlas.datapackage import (
    DESCRIPTOR,
    DataPackage,
    Resource,
    read_descriptor,
    resource_entry,
    write_descriptor,
)
from lodestone.atlas.source import Source, sources
from lodestone.terms.errors import DataError, Problems, RequestError

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import polars as pl

EMBEDDED = Path(__file__).with_name("release")
VERSION = "2026.1"
_NAME = re.compile(r"[a-z][a-z0-9_]*")

Columns = dict[str, "np.ndarray[Any, np.dtype[Any]]"]


def write_release(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    cards: Mapping[str, TableCard],
    *,
    version: str = VERSION,
    known: Sequence[Source] | None = None,
) -> DataPackage:
    """Write tables as a data release; the same tables give the same bytes.

    Parameters
    ----------
    folder
        Where to write; made if absent. Parquet files of an earlier release there are replaced.
    tables, cards
        The tables by name, and for each a card with its sources and a line on every column.
    known
        The sources that cards may name; default `source.sources()`.

    Raises
    ------
    DataError
        Listing every table without a card, column without a line, source that is unknown or
        may not ship, row whose `source` is not among the card's, and number that is not finite.
        Nothing is written then.
    """
    by_id = {source.id: source for source in (sources() if known is None else known)}
    problems = Problems("data release")
    for name, frame in tables.items():
        _check_table(name, frame, cards.get(name), by_id, problems)
    problems.raise_if_any()
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as made:
        for name in sorted(tables):
            path = Path(made) / f"{name}.parquet"
            tables[name].write_parquet(path, compression="zstd", compression_level=19)
            used = [by_id[id] for id in cards[name].sources]
            entries.append(resource_entry(name, path, tables[name], cards[name], used))
        # Only a whole release takes the place of the old one.
        for old in folder.glob("*.parquet"):
            old.unlink()
        for new in Path(made).glob("*.parquet"):
            new.replace(folder / new.name)
    return write_descriptor(folder, version, entries)


def load_release(folder: Path | None = None) -> Release:
    """Open a data release: the one inside the package, unless another folder is given."""
    return Release(EMBEDDED if folder is None else folder)


def verify_release(folder: Path | None = None) -> list[tuple[str, bool]]:
    """Check every file of a release against its description.

    Returns
    -------
    list of (file, True)
        Every file of the release. (It never returns False: what is not good raises.)

    Raises
    ------
    DataError
        Naming every file that is altered (with both hashes), missing, or not part of the
        release, or the description itself if that was edited.
    """
    place = EMBEDDED if folder is None else folder
    package = read_descriptor(place)
    problems = Problems(f"data release {place}")
    for resource in package.resources.values():
        fault = _fault(place, resource)
        if fault:
            problems.add(fault, resource.path, "restore the file, or build the release again")
    expected = {resource.path for resource in package.resources.values()} | {DESCRIPTOR}
    for extra in sorted({path.name for path in place.iterdir()} - expected):
        problems.add("not part of the release", extra, "remove it")
    problems.raise_if_any()
    return [(file, True) for file in sorted(expected)]


class Release:
    """An open data release: its tables by name, read by column, each verified on first use.

    Parameters
    ----------
    folder
        The folder with `datapackage.json` and the Parquet files it lists.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = read_descriptor(folder)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._open: set[str] = set()
        self._lock = Lock()

    @property
    def version(self) -> str:
        """Version of the release, such as '2026.1'."""
        return self.package.version

    @property
    def content_hash(self) -> str:
        """sha256 over the names and hashes of all files: equal hashes, equal data."""
        return self.package.content_hash

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(self.package.resources)

    def table(self, name: str) -> Table:
        """One table by name; RequestError (with near names) if there is none."""
        return Table(self, self._resource(name))

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Columns:
        """Ask in SQL across tables; a column each, missing values as the module says.

        Every table named in the text is verified first. The query can read nothing but the
        release: no other file, no network.
        """
        import duckdb

        for name in self.tables:
            if re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                self._ready(name)
        with self._lock:
            cursor = self._connect().cursor()
        try:
            answer = cursor.execute(sql, parameters).fetchnumpy()
        except duckdb.Error as error:
            raise RequestError(f"the query failed: {error}") from error
        return {name: _array(column) for name, column in answer.items()}

    def _resource(self, name: str) -> Resource:
        from difflib import get_close_matches

        if name not in self.package.resources:
            near = get_close_matches(name, self.tables, n=3, cutoff=0.4) or self.tables
            raise RequestError(f"no table {name!r} in the release: did you mean {', '.join(near)}?")
        return self.package.resources[name]

    def _ready(self, name: str) -> None:
        """Verify a table's file, once, and make it known to the connection."""
        with self._lock:
            if name in self._open:
                return
            resource = self._resource(name)
            fault = _fault(self.folder, resource)
            if fault:
                raise DataError(
                    f"{self.folder / resource.path}: {fault}; restore it, or build the release again"
                )
            path = str(self.folder / resource.path).replace("'", "''")
            view = f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')"
            self._connect().execute(view)
            self._open.add(name)

    def _connect(self) -> duckdb.DuckDBPyConnection:
        """The connection, made on first use and shut off from everything but the release."""
        if self._connection is None:
            import duckdb

            folder = str(self.folder.resolve()).replace("'", "''")
            self._connection = duckdb.connect(":memory:")
            self._connection.execute(f"SET allowed_directories = ['{folder}']")
            self._connection.execute("SET enable_external_access = false")
            self._connection.execute("SET lock_configuration = true")
        return self._connection

    def __reduce__(self) -> tuple[Any, ...]:
        return (Release, (self.folder,))  # a worker opens the folder again; connections stay here


class Table:
    """One table of a release. `resource` states its columns, units, rows and sources."""

    def __init__(self, release: Release, resource: Resource) -> None:
        self._release = release
        self.resource = resource

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(field["name"] for field in self.resource.fields)

    def columns(
        self, *names: str, where: str = "", parameters: Sequence[Any] = (), order: str = ""
    ) -> Columns:
        """Read some columns (all, if none is named) as numpy arrays.

        Parameters
        ----------
        where, parameters
            A condition in SQL with `?` for each parameter:
            `columns("place", "value", where="material = ? and year = ?", parameters=["cobalt", 2023])`.
        order
            Columns to sort by, in SQL; default the order of the file.
        """
        for name in names:
            if name not in self.names:
                known = ", ".join(self.names)
                raise RequestError(f"table {self.resource.name} has no column {name!r}: {known}")
        wanted = ", ".join(f'"{name}"' for name in names or self.names)
        sql = f'SELECT {wanted} FROM "{self.resource.name}"'
        sql += f" WHERE {where}" if where else ""
        sql += f" ORDER BY {order}" if order else ""
        return self._release.query(sql, parameters)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Columns:
        """Ask in SQL; the table goes by its own name. See `Release.query`."""
        return self._release.query(sql, parameters)

    def __len__(self) -> int:
        return self.resource.rows


def _check_table(
    name: str,
    frame: pl.DataFrame,
    card: TableCard | None,
    known: Mapping[str, Source],
    problems: Problems,
) -> None:
    if not _NAME.fullmatch(name):
        problems.add(f"table name {name!r}", name, "use lower-case letters, digits and _")
    if card is None:
        problems.add("no card", name, "describe the table, its columns and its sources")
        return
    for column in set(frame.columns) - set(card.columns):
        problems.add(f"column {column!r} has no description", name, "add it to the card")
    for column in set(card.columns) - set(frame.columns):
        problems.add(f"the card describes {column!r}, which the table lacks", name, "correct one")
    _check_sources(name, frame, card, known, problems)
    _check_finite(name, frame, problems)


def _check_sources(
    name: str,
    frame: pl.DataFrame,
    card: TableCard,
    known: Mapping[str, Source],
    problems: Problems,
) -> None:
    stated: set[str | None] = set(card.sources)
    if not stated:
        problems.add("no source", name, "name every source it is made from")
    if "source" in frame.columns:
        found = set(frame["source"].unique().to_list())
        for id in sorted(str(id) for id in found - stated):
            problems.add(f"rows of source {id!r}", name, "list it in the card, or drop the rows")
        stated |= found
    for id in sorted(str(id) for id in stated):
        if id not in known:
            problems.add(f"unknown source {id!r}", name, "add it to sources.toml")
        elif not known[id].may_ship:
            source = known[id]
            what = f"source {id!r} ({source.publisher}) may not ship: {source.condition}"
            problems.add(what, name, "leave these rows out; users bring the file themselves")


def _check_finite(name: str, frame: pl.DataFrame, problems: Problems) -> None:
    for column, dtype in frame.schema.items():
        if dtype.is_float() and not frame[column].drop_nulls().is_finite().all():
            problems.add(f"{column!r} holds NaN or infinity", name, "missing is null, not NaN")


def _fault(folder: Path, resource: Resource) -> str:
    """What is wrong with a file of the release; '' if nothing is."""
    path = folder / resource.path
    try:
        with path.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
    except FileNotFoundError:
        return "missing"
    if found == resource.sha256:
        return ""
    return f"sha256 is {found}, the release states {resource.sha256}"


def _array(column: Any) -> np.ndarray[Any, np.dtype[Any]]:
    import numpy as np

    if column.dtype.kind == "O":
        return _objects(column)
    if not np.ma.is_masked(column):
        return np.asarray(np.ma.getdata(column))
    if column.dtype.kind == "f":
        return np.asarray(column.filled(np.nan))
    if column.dtype.kind == "M":
        return np.asarray(column.filled(np.datetime64("NaT")))
    return np.ma.asarray(column)


def _objects(column: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Text and lists: None where missing, and a Python list where DuckDB gives an array."""
    import numpy as np

    plain = np.empty(len(column), dtype=object)
    missing = np.ma.getmaskarray(column)
    for k, cell in enumerate(np.ma.getdata(column)):
        plain[k] = None if missing[k] else cell.tolist() if isinstance(cell, np.ndarray) else cell
    return plain
