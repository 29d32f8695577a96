"""The description that travels with a data release: `datapackage.json`, Data Package v2.

It names every file of the release with its columns, units, sources, licences, rows, bytes and
sha256, and carries two hashes of its own: one over the files (which data is this?) and one over
the whole description (was it edited?). It is written in one canonical form, so that any byte
changed in it is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.atlas.cards import TableCard
from lodestone.atlas.source import Source
from lodestone.terms.errors import DataError

if TYPE_CHECKING:
    import polars as pl

DESCRIPTOR = "datapackage.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


@dataclass(frozen=True)
class Resource:
    """One table of a release as its description states it."""

    name: str
    path: str
    sha256: str
    bytes: int
    rows: int
    fields: tuple[Mapping[str, Any], ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class DataPackage:
    """A release's description, read and found whole."""

    version: str
    content_hash: str
    resources: Mapping[str, Resource]
    document: Mapping[str, Any]

    @property
    def bytes(self) -> int:
        """Size of all data files together."""
        return sum(resource.bytes for resource in self.resources.values())


def resource_entry(
    name: str, path: Path, frame: pl.DataFrame, card: TableCard, used: Iterable[Source]
) -> dict[str, Any]:
    """The description of one Parquet file, as it stands in `datapackage.json`."""
    content = path.read_bytes()
    schema = [
        _without_empty(
            name=column,
            type=_field_type(dtype),
            arrowType=str(dtype),
            description=card.columns[column].description,
            unit=card.columns[column].unit,
        )
        for column, dtype in frame.schema.items()
    ]
    return {
        "name": name,
        "path": path.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "description": card.description,
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "rows": frame.height,
        "schema": {"fields": schema},
        "sources": [_source_entry(source) for source in used],
        "licenses": _licences(used),
    }


def write_descriptor(folder: Path, version: str, entries: list[dict[str, Any]]) -> DataPackage:
    """Write `datapackage.json` for these resources and return it as it will be read back."""
    document = {
        "$schema": _PROFILE,
        "name": "lodestone",
        "title": "Lodestone: critical raw materials, from published sources",
        "version": version,
        "contentHash": _content_hash(entries),
        "resources": entries,
    }
    document["descriptorHash"] = _hash(_canonical(document))
    (folder / DESCRIPTOR).write_text(_canonical(document), encoding="utf-8")
    return read_descriptor(folder)


def read_descriptor(folder: Path) -> DataPackage:
    """Read and check `datapackage.json`.

    Raises
    ------
    DataError
        If it is absent, not in the form in which it was written, or if either hash in it is
        not the hash of what it says.
    """
    path = folder / DESCRIPTOR
    try:
        text = path.read_bytes().decode("utf-8")
        document = json.loads(text)
        stated = document["descriptorHash"]
        rest = {key: value for key, value in document.items() if key != "descriptorHash"}
    except FileNotFoundError:
        raise DataError(f"{folder}: no {DESCRIPTOR}, so no data release; build one") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: damaged ({error}); restore the release") from error
    found = _hash(_canonical(rest))
    if found != stated:
        raise DataError(
            f"{path}: edited or damaged: its contents hash to {found}, it states {stated}; "
            "restore the release, or build it again"
        )
    if text != _canonical(document):
        raise DataError(f"{path}: not as it was written, byte for byte; restore the release")
    return _package(path, document)


def _package(path: Path, document: Mapping[str, Any]) -> DataPackage:
    entries = document["resources"]
    if _content_hash(entries) != document["contentHash"]:
        raise DataError(f"{path}: contentHash is not the hash of the files it lists; build again")
    resources = {entry["name"]: _resource(entry) for entry in entries}
    return DataPackage(document["version"], document["contentHash"], resources, document)


def _resource(entry: Mapping[str, Any]) -> Resource:
    return Resource(
        name=entry["name"],
        path=entry["path"],
        sha256=entry["hash"].removeprefix("sha256:"),
        bytes=entry["bytes"],
        rows=entry["rows"],
        fields=tuple(entry["schema"]["fields"]),
        sources=tuple(source["name"] for source in entry["sources"]),
    )


def _content_hash(entries: Iterable[Mapping[str, Any]]) -> str:
    """One hash for the data itself: over each file's name and hash, whatever their order."""
    return _hash("".join(sorted(f"{entry['path']} {entry['hash']}\n" for entry in entries)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _source_entry(source: Source) -> dict[str, Any]:
    return _without_empty(
        name=source.id,
        title=f"{source.publisher}, {source.title}, {source.edition}",
        path=source.page,
        citation=source.citation,
        licence=source.licence,
        condition=source.condition,
    )


def _licences(used: Iterable[Source]) -> list[dict[str, str]]:
    pairs = sorted({(source.licence, source.licence_url) for source in used})
    return [{"title": title, "path": path} for title, path in pairs]


def _without_empty(**entry: Any) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value != ""}


def _field_type(dtype: pl.DataType) -> str:
    """The Data Package type of a Polars type."""
    import polars as pl

    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "number"
    if isinstance(dtype, pl.List):
        return "array"
    named: dict[Any, str] = {pl.String: "string", pl.Boolean: "boolean", pl.Date: "date"}
    for known, name in named.items():
        if dtype == known:
            return name
    raise DataError(f"a column of type {dtype} cannot be released; make it text, number or date")
