"""Envelopes kept in memory, the least used forgotten first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any


class Kept:
    """So many envelopes by what was asked; safe to use from several threads.

    Parameters
    ----------
    most : how many
    rows : how many rows they may have together; the newest is kept however many it has
    """

    def __init__(self, most: int, rows: int) -> None:
        self._most, self._rows, self._lock = most, rows, Lock()
        self._held: OrderedDict[str, Mapping[str, Any]] = OrderedDict()

    def get(self, key: str) -> Mapping[str, Any] | None:
        """The envelope under a key."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: str, envelope: Mapping[str, Any]) -> None:
        """Keep an envelope."""
        with self._lock:
            self._held[key] = envelope
            self._held.move_to_end(key)
            while len(self._held) > 1 and self._full():
                self._held.popitem(last=False)

    def _full(self) -> bool:
        if len(self._held) > self._most:
            return True
        return sum(len(kept["results"]) for kept in self._held.values()) > self._rows
