"""The store of jobs, runs, saved scenarios and keys: what it keeps, and what any store can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from lodestone.api.keys import Key
from lodestone.terms.errors import StoreError

Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
Kind = Literal["scenario", "hazards", "bill", "plan", "vault", "alliance"]


@dataclass(frozen=True)
class Job:
    """One piece of long work.

    Attributes
    ----------
    id : unguessable
    verb, words : what is asked
    owner : whose
    status : as OGC API Processes names them
    progress : per cent
    message : what went wrong, in words
    created, started, finished : UTC, ISO 8601; None before it happened
    run_id : of the answer, once there is one
    problem : the error as problem+json, of a failed job
    service : which service works on it
    """

    id: str
    verb: str
    words: Mapping[str, Any]
    owner: str
    status: Status
    created: str
    progress: int = 0
    message: str = ""
    started: str | None = None
    finished: str | None = None
    run_id: str | None = None
    problem: Mapping[str, Any] | None = None
    service: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in ("successful", "failed", "dismissed")


@dataclass(frozen=True)
class File:
    """One file of a result, such as `brief.pdf`."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True)
class Saved:
    """A scenario, hazards, a bill of materials, a plan, a vault or an alliance that a user keeps here; it was found good."""

    id: str
    kind: Kind
    name: str
    owner: str
    created: str
    digest: str
    text: str


class RefusedError(StoreError):
    """The store is there, and refuses what it was asked to do."""


class Store(Protocol):
    """What services ask of a store. Every call is whole: done, or not done at all.

    A job ends once: who comes later with another end is told so, and changes nothing.

    Raises
    ------
    StoreError
        By every call: the store cannot be reached now.
    """

    def attend(self, service: str, seconds: float) -> list[Job]:
        """Say that a service lives, to be believed for so long; the jobs of services that do not."""

    def leave(self, service: str) -> None:
        """Say that a service has ended: nobody works on its jobs any more."""

    def put_job(self, job: Job) -> None:
        """Keep a new job."""

    def change_job(self, job: Job) -> bool:
        """Keep the new state of a job; False if it has ended already, or was forgotten."""

    def put_result(self, job: Job, envelope: bytes, files: Sequence[File]) -> bool:
        """Keep the answer of a job together with its last state, as `change_job` does."""

    def job(self, id: str) -> Job | None:
        """The job with an id."""

    def jobs(self, owner: str | None, limit: int, offset: int) -> tuple[list[Job], int]:
        """Jobs of an owner or of all, the newest first, and how many there are."""

    def job_of_run(self, run_id: str, owner: str | None) -> Job | None:
        """The latest successful job that gave a run, among an owner's or all."""

    def unfinished(self, service: str) -> list[Job]:
        """Jobs of a service that have not ended."""

    def forget_jobs(self, keep: int) -> None:
        """Forget all but the newest jobs that have ended."""

    def delete_job(self, id: str) -> None:
        """Forget a job and its results."""

    def envelope(self, job: str) -> bytes | None:
        """The answer of a job."""

    def files(self, job: str) -> list[tuple[str, str]]:
        """Names and media types of a job's files."""

    def file(self, job: str, name: str) -> File | None:
        """One file of a job."""

    def save(self, saved: Saved) -> None:
        """Keep a user's own scenario or table."""

    def saved(self, id: str) -> Saved | None:
        """What is saved under an id."""

    def all_saved(self, owner: str | None, limit: int, offset: int) -> tuple[list[Saved], int]:
        """What an owner or anybody saved, the newest first, and how many there are."""

    def delete_saved(self, id: str) -> None:
        """Forget what is saved under an id."""

    def put_key(self, key: Key) -> None:
        """Keep a new key; a name that is taken is a RequestError."""

    def key(self, digest: str) -> Key | None:
        """The key with a digest."""

    def all_keys(self) -> list[Key]:
        """All keys, by name."""

    def drop_key(self, name: str) -> bool:
        """Forget a key: whoever has it is refused from then on. False where there is none."""

    def has_keys(self) -> bool:
        """Whether anybody could be let in."""

    def close(self) -> None:
        """Let go of files and connections."""
