"""Where each number comes from: one entry per publisher and edition, read from `sources.toml`.

A source is a publication one can point at: a publisher, a title, an edition, a licence and the
address where anyone can get it. `may_ship` says whether its numbers may go into the data release
that travels with the package; a source that may not ship is read only from a user's own files.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from lodestone.terms.errors import DataError, Problems, RequestError

_TABLE = Path(__file__).with_name("sources.toml")


@dataclass(frozen=True)
class Original:
    """A file as the publisher offers it: its name, its public address and, if known, its hash.

    `large` marks gigabytes that nobody should download without having asked for them.
    """

    name: str
    address: str
    sha256: str | None = None
    large: bool = False


@dataclass(frozen=True)
class Source:
    """One publication: who, what, which edition, under which licence, and which raw files.

    `files` are patterns relative to the raw folder, matched segment by segment, so that
    `usgs/mcs2024/*/*.csv` does not reach deeper folders. `via` credits the public copy that a raw
    file was taken from where it did not come from the publisher directly.
    """

    id: str
    publisher: str
    title: str
    year: int
    edition: str
    licence: str
    licence_url: str
    may_ship: bool
    condition: str
    citation: str
    page: str
    files: tuple[str, ...] = ()
    originals: tuple[Original, ...] = ()
    accessed: str = ""
    via: str = ""
    note: str = ""

    def holds(self, file: str) -> bool:
        """Say whether a file (relative to the raw folder) belongs to this source."""
        return any(_matches(file, pattern) for pattern in self.files)


@cache
def sources() -> tuple[Source, ...]:
    """Every source Lodestone knows, in the order of `sources.toml`."""
    return read_sources(_TABLE)


def source(id: str) -> Source:
    """The source with this id.

    Raises
    ------
    RequestError
        If no source has this id; the message names the nearest ids.
    """
    from difflib import get_close_matches

    known = {entry.id: entry for entry in sources()}
    if id not in known:
        near = get_close_matches(id, known, n=3, cutoff=0.4) or sorted(known)
        raise RequestError(f"unknown source {id!r}: did you mean {', '.join(near)}?")
    return known[id]


def source_of(file: str) -> Source:
    """The one source that a raw file belongs to.

    Raises
    ------
    DataError
        If no source, or more than one, lists the file.
    """
    owners = [entry for entry in sources() if entry.holds(file)]
    if len(owners) != 1:
        found = ", ".join(entry.id for entry in owners) or "no source"
        raise DataError(f"{file}: listed by {found}; list it under exactly one in sources.toml")
    return owners[0]


def unassigned(files: Iterable[str]) -> list[str]:
    """Files that are not listed by exactly one source (what a complete table returns is [])."""
    return [f for f in files if sum(entry.holds(f) for entry in sources()) != 1]


def read_sources(table: Path) -> tuple[Source, ...]:
    """Read a sources table and refuse unknown keys, missing keys and ids used twice."""
    try:
        entries = tomllib.loads(table.read_text(encoding="utf-8"))["source"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{table.name}: not a table of [[source]] entries ({error})") from error
    problems = Problems(table.name)
    read = [_entry(entry, problems) for entry in entries]
    ids = [entry["id"] for entry in entries if "id" in entry]
    for repeated in sorted({i for i in ids if ids.count(i) > 1}):
        problems.add(f"source id {repeated!r} is used twice", "id", "give each source its own id")
    problems.raise_if_any()
    return tuple(entry for entry in read if entry is not None)


def _entry(entry: dict[str, Any], problems: Problems) -> Source | None:
    where = f"[[source]] {entry.get('id', '(no id)')}"
    fields = Source.__dataclass_fields__
    required = {"id", "publisher", "title", "year", "edition", "licence", "licence_url"}
    required |= {"may_ship", "condition", "citation", "page"}
    for key in sorted(set(entry) - set(fields)):
        problems.add(f"unknown key {key!r}", where, f"use one of {', '.join(fields)}")
    for key in sorted(required - set(entry)):
        problems.add(f"key {key!r} is missing", where, "add it")
    if set(entry) - set(fields) or required - set(entry):
        return None
    originals = tuple(
        Original(item["name"], item["address"], item.get("sha256"), item.get("large", False))
        for item in entry.get("originals", ())
    )
    return Source(**{**entry, "files": tuple(entry.get("files", ())), "originals": originals})


def _matches(file: str, pattern: str) -> bool:
    parts, wanted = file.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))
