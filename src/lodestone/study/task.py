"""A task: the smallest piece of a study that can be calculated, fail or be repeated alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lodestone.study.identity import digest
from lodestone.terms.errors import RequestError


@dataclass(frozen=True)
class Task:
    """A key, and the data that one call of the study's work function takes.

    Parameters
    ----------
    key
        Unique in the study, such as '000123:CHN:gallium'. Results are sorted by it, so numbers
        in it have leading zeros.
    payload
        Pure data that can be pickled. Tasks of one chunk may share an object: it travels once.
    digest
        A hash of everything in the payload that the result depends on. Left out, it is the
        sha256 of the payload, which then must be plain data (see `identity.digest`).

    Raises
    ------
    RequestError
        If the key is empty or not printable, or the payload is not plain data and has no digest.
    """

    key: str
    payload: Any
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.key or not self.key.isprintable():
            raise RequestError(f"task key {self.key!r}: give a short printable text")
        if not self.digest:
            object.__setattr__(self, "digest", self._digest_of_payload())

    def _digest_of_payload(self) -> str:
        try:
            return digest(self.payload, f"payload of task {self.key!r}")
        except RequestError as error:
            raise RequestError(
                f"task {self.key!r} has no digest, and its payload is not plain data: "
                "give Task(..., digest=) a hash of it",
                error.problems,
            ) from error
