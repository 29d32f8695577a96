"""What every verb returns: rows with their query, units, sources and notes, ready to print."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lodestone import __version__

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """The answer of one verb.

    Attributes
    ----------
    query : the question as understood, with the verb; with the data it determines the run id
    results : labelled rows; an unknown value is None, never zero
    units : column -> unit, where one unit holds for a whole column
    sources : citation of each source the rows rest on
    notes : what a reader must know before using the rows
    data_release : version of the data, such as '2026.1'
    content_hash : sha256 of the data release
    """

    query: Mapping[str, Any]
    results: tuple[Row, ...]
    units: Mapping[str, str]
    sources: tuple[str, ...]
    notes: tuple[str, ...]
    data_release: str
    content_hash: str

    @property
    def run_id(self) -> str:
        """Same code version, data and question give the same id, and the same answer."""
        return run_id(self.query, self.content_hash)

    def envelope(self) -> dict[str, Any]:
        """The one shape of every answer: query, run id, release, rows, units, sources, notes."""
        return {
            "query": dict(self.query),
            "run_id": self.run_id,
            "data_release": self.data_release,
            "results": [_plain(row) for row in self.results],
            "units": dict(self.units),
            "sources": list(self.sources),
            "notes": list(self.notes),
        }

    def to_rows(self) -> list[dict[str, Any]]:
        """The rows as plain dicts, for a data frame of your choice."""
        return [_plain(row) for row in self.results]


def run_id(query: Mapping[str, Any], content_hash: str) -> str:
    """Identify a run by code version, data and question: the first 12 digits of a sha256."""
    text = json.dumps([__version__, content_hash, dict(query)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def citations(ids: Iterable[str]) -> tuple[str, ...]:
    """Citation and licence of each source id, in the order of the source list."""
    from lodestone.atlas.source import sources

    wanted = set(ids)
    return tuple(f"{s.citation} [{s.licence}]" for s in sources() if s.id in wanted)


def known(number: Any) -> float | None:
    """A number, or None where it is unknown (None or NaN)."""
    return None if number is None or number != number else float(number) + 0.0


def _plain(row: Row) -> dict[str, Any]:
    return {k: _value(v) for k, v in row.items()}


def _value(v: Any) -> Any:
    """Numbers as Python numbers, unknown (NaN) as None."""
    if hasattr(v, "item"):
        v = v.item()
    if isinstance(v, float) and math.isnan(v):
        return None
    if isinstance(v, Sequence) and not isinstance(v, str):
        return [_value(x) for x in v]
    return v
