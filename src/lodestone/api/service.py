"""The service itself: reads are answered and kept, long work becomes jobs; nothing is computed here."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from threading import Event, Lock, Thread
from typing import Any, ParamSpec, TypeVar

from lodestone.api.kept import Kept
from lodestone.api.keys import Caller
from lodestone.api.pool import DismissedError, FailedError, Failure, Pool, Ticket
from lodestone.api.problems import ProblemError, of_failure
from lodestone.api.settings import Settings
from lodestone.api.store import Job, Kind, RefusedError, Saved, Store
from lodestone.api.work import Answered, Task, Tell, answer, release
from lodestone.terms.errors import StoreError

_log = logging.getLogger("lodestone.api")
Asked = ParamSpec("Asked")
Found = TypeVar("Found")
Envelope = Mapping[str, Any]
Answering = Callable[[Task, Tell], Answered]

#: Answers kept as data, and reads that may wait at once.
_MOST_KEPT, _MOST_READS = 64, 200
#: Rows of all of them together: about a gigabyte as Python objects.
_MOST_ROWS = 1_000_000
#: Questions whose jobs are remembered.
_MOST_DONE = 1_000
_STOPPED = "the service stopped before this was done: ask again"
_STARTING_SECONDS = 120.0
#: Threads in which the store is asked, and beats that a service may miss.
_ASIDE, _MISSED = 8, 6


@dataclass(frozen=True)
class Release:
    """Which data answers rest on."""

    version: str
    content_hash: str


#: What `saved` names for a verb; a scenario for the others.
_SAVED: dict[str, Kind] = {
    "risk": "hazards",
    "dossier": "bill",
    "plan": "plan",
    "vault": "vault",
    "alliance": "alliance",
}
#: The word that names a ready one in the place of a saved one; `scenario` for the other verbs.
_READY = {"plan": "plan", "vault": "vault", "alliance": "members"}


class Service:
    """Answers questions with worker processes, and remembers what it was asked.

    Parameters
    ----------
    settings : how much it takes on
    store : where jobs, runs and saved scenarios lie
    answer : what a worker does with a task; importable by name
    """

    def __init__(self, settings: Settings, store: Store, answer: Answering = answer) -> None:
        self.settings, self.store, self._answer = settings, store, answer
        self.release = Release("", "")
        self.bodies = Bodies(settings.most_cached)
        self._kept = Kept(_MOST_KEPT, _MOST_ROWS)
        self._asked: dict[str, asyncio.Task[Envelope]] = {}
        self._active: dict[str, tuple[Job, Ticket]] = {}
        self._done: OrderedDict[str, str] = OrderedDict()
        self._unkept: dict[str, tuple[Job, Answered | None]] = {}
        self._lock, self._keeping = Lock(), Lock()
        self._closing = Event()
        #: Names this service among those that share the store.
        self.id = secrets.token_urlsafe(12)
        self._aside = ThreadPoolExecutor(_ASIDE, "store")
        self._beating = Thread(target=self._beat, name="beat", daemon=True)

    async def start(self) -> None:
        """Start the workers; jobs that a service left which is gone are called failed."""
        await self.aside(self._attend)
        self._beating.start()
        self._readers, self._solvers = Pool(self.settings.readers), Pool(self.settings.workers)
        ticket = self._readers.submit(release, seconds=_STARTING_SECONDS)
        self.release = Release(*await asyncio.wrap_future(ticket.future))

    async def close(self) -> None:
        """Kill the workers and close the store."""
        self._closing.set()
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._solvers.close)
        await asyncio.to_thread(self._beating.join)
        await self.aside(self._leave)
        self._aside.shutdown()
        self.store.close()

    async def aside(
        self, work: Callable[Asked, Found], *given: Asked.args, **named: Asked.kwargs
    ) -> Found:
        """Do something that asks the store in a thread: however slow it is, reads go on."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._aside, partial(work, *given, **named))

    # --- among other services ----------------------------------------------------------------

    def _beat(self) -> None:
        """Tell the store again and again that this service lives. Runs in a thread."""
        while not self._closing.wait(self.settings.beat_seconds):
            try:
                self._attend()
                self._compare()
                self._keep_late()
            except StoreError as error:
                _log.warning("%s", error)
            except Exception:  # a defect must not let this service seem dead
                _log.exception("a beat failed")

    def _attend(self) -> None:
        """Say that this service lives, and call failed what services left that do not."""
        for job in self.store.attend(self.id, _MISSED * self.settings.beat_seconds):
            self.store.change_job(_stopped(job))

    def _leave(self) -> None:
        """Call failed what this service leaves undone. The others, or the next, do it otherwise."""
        self._keep_late()
        try:
            for job in self.store.unfinished(self.id):
                self.store.change_job(_stopped(job))
            self.store.leave(self.id)
        except StoreError as error:
            _log.warning("%s", error)

    def _compare(self) -> None:
        """Stop jobs that ended elsewhere; end those that the store alone believes to be worked on."""
        before = self._held()
        kept = {job.id: job for job in self.store.unfinished(self.id)}
        for id in before - set(kept):
            self._drop(id)
        for id in set(kept) - before - self._held():
            self.store.change_job(_stopped(kept[id]))

    def _held(self) -> set[str]:
        with self._lock:
            return set(self._active)

    def _drop(self, id: str) -> None:
        """Stop a job that was dismissed, called failed or forgotten by somebody else."""
        with self._lock:
            held = self._active.pop(id, None)
            self._unkept.pop(id, None)
        if held is not None:
            held[1].dismiss()

    # --- quick reads -------------------------------------------------------------------------

    async def read(self, verb: str, words: Mapping[str, Any]) -> Envelope:
        """The envelope of a quick read; the same question asked twice at once is worked on once.

        Raises
        ------
        FailedError
            What the verb raised.
        """
        # Some answers depend on the day.
        key = f"{date.today()} {verb} {json.dumps(dict(words), sort_keys=True)}"
        if (kept := self._kept.get(key)) is not None:
            return kept
        if key not in self._asked:
            if len(self._asked) >= _MOST_READS:
                raise ProblemError(503, "too many questions wait: try again", Retry_After="5")
            self._asked[key] = asyncio.create_task(self._ask(key, Task(verb, words)))
        # Whoever goes away must not take the answer from the others who wait for it.
        return await asyncio.shield(self._asked[key])

    async def _ask(self, key: str, task: Task) -> Envelope:
        try:
            seconds = self.settings.read_seconds
            ticket = self._readers.submit(self._answer, task, seconds=seconds)
            found: Answered = await asyncio.wrap_future(ticket.future)
            self._kept.put(key, found.envelope)
            return found.envelope
        finally:
            del self._asked[key]

    # --- jobs --------------------------------------------------------------------------------

    def begin(self, verb: str, words: Mapping[str, Any], caller: Caller) -> tuple[Job, Ticket]:
        """Hand in long work.

        Raises
        ------
        ProblemError
            Too much waits already, or the words name something saved that is not there.
        """
        words = dated(verb, words)
        task = Task(verb, words, *self._own_texts(verb, words, caller))
        self.store.forget_jobs(self.settings.most_jobs)
        with self._lock:
            if len(self._active) >= self.settings.most_waiting:
                raise ProblemError(
                    429, f"{len(self._active)} jobs wait or run: try again later", Retry_After="30"
                )
            id = secrets.token_urlsafe(16)
            job = Job(id, verb, words, caller.name, "accepted", _now(), service=self.id)
            self.store.put_job(job)
            ticket = self._solvers.submit(
                self._answer,
                task,
                seconds=self.settings.job_seconds,
                started=lambda: self._change(job.id, status="running", started=_now()),
                progress=lambda done, total: self._change(
                    job.id, progress=min(99, 100 * done // max(1, total))
                ),
            )
            self._active[job.id] = (job, ticket)
        ticket.future.add_done_callback(lambda future: self._finish(job.id, future))
        return job, ticket

    def same(
        self, verb: str, words: Mapping[str, Any], caller: Caller
    ) -> tuple[Job, Ticket | None] | None:
        """The caller's job of the same question, under way or done, if this service has one."""
        question = _question(verb, dated(verb, words), caller.name)
        with self._lock:
            for job, ticket in self._active.values():
                if _question(job.verb, job.words, job.owner) == question:
                    return job, ticket
            id = self._done.get(question)
        kept = self.store.job(id) if id else None
        return (kept, None) if kept is not None and kept.status == "successful" else None

    def job(self, id: str, caller: Caller) -> Job:
        """A job that the caller may see, as it stands."""
        with self._lock:
            held = self._active.get(id)
        job = held[0] if held else self.store.job(id)
        if job is None or not caller.sees(job.owner):
            raise ProblemError(404, f"no job {id}: see /v1/jobs")
        return job

    def dismiss(self, id: str, caller: Caller) -> Job:
        """Stop a job, or forget one that has ended."""
        job = self.job(id, caller)
        if not job.ended:
            dismissed = _ended(job, "dismissed", "dismissed")
            # Whichever service works on it learns of this at its next beat, if it is not this one.
            if self.store.change_job(dismissed):
                self._drop(id)
                return dismissed
        self.store.delete_job(id)
        return replace(job, status="dismissed", message="forgotten")

    def results(self, job: Job) -> Envelope:
        """The envelope of a job that has ended well.

        Raises
        ------
        ProblemError
            It has not, with the reason.
        """
        if job.status == "failed" and job.problem is not None:
            error = ProblemError(int(job.problem["status"]), job.message)
            error.body = dict(job.problem)
            raise error
        if job.status == "dismissed":
            raise ProblemError(404, "this job was dismissed: there are no results")
        if job.status != "successful":
            error = ProblemError(404, f"the job is {job.status}: ask again later", Retry_After="2")
            error.body["type"] = NOT_READY
            raise error
        key = f"job {job.id}"
        if (kept := self._kept.get(key)) is None:
            text = self.store.envelope(job.id)
            if text is None:
                raise ProblemError(404, "the results of this job are no longer kept")
            kept = json.loads(text)
            self._kept.put(key, kept)
        return kept

    def _own_texts(
        self, verb: str, words: Mapping[str, Any], caller: Caller
    ) -> tuple[str | None, str | None]:
        """What the words name of the caller's own; two texts for the sides of a comparison."""
        if verb != "compare":
            return self._own_text(verb, words, caller), None
        first, second = (self._own_text(verb, words[side], caller) for side in ("first", "second"))
        return first, second

    def _own_text(self, verb: str, words: Mapping[str, Any], caller: Caller) -> str | None:
        if words.get("saved") is None:
            return None
        saved = self.saved(words["saved"], caller)
        wanted = _SAVED.get(verb, "scenario")
        if saved.kind != wanted:
            raise ProblemError(422, f"{saved.id} is saved {saved.kind}; {verb} takes a {wanted}")
        ready = _READY.get(verb, "scenario")
        if words.get(ready):
            raise ProblemError(422, f"`{ready}` or `saved`, not both")
        return saved.text

    def _change(self, id: str, **changes: Any) -> None:
        """Note how a job goes on; called from the pool's threads."""
        with self._lock:
            held = self._active.get(id)
            if held is None:
                return
            job = replace(held[0], **changes)
            self._active[id] = (job, held[1])
        try:
            if not self.store.change_job(job):
                self._drop(id)
        except StoreError as error:  # the work goes on: the store is told when it is back
            _log.warning("%s", error)

    def _finish(self, id: str, future: Future[Answered]) -> None:
        """Note how a job ended; called from the pool's threads."""
        with self._lock:
            held = self._active.get(id)
            if held is None or self._closing.is_set():
                return
            self._unkept[id] = _end_of(held[0], future)
        self._keep_late()

    def _keep_late(self) -> None:
        """Keep how jobs ended; those for which the store is away are kept when it is back."""
        with self._keeping:
            for id, (job, found) in list(self._unkept.items()):
                try:
                    self._keep_end(job, found)
                except RefusedError as error:  # not even that it failed can be kept
                    _log.error("how a job ended could not be kept: %s", error)
                except StoreError as error:
                    _log.warning("a job ended, and waits to be kept: %s", error)
                    return
                with self._lock:
                    self._unkept.pop(id, None)
                    self._active.pop(id, None)

    def _keep_end(self, job: Job, found: Answered | None) -> None:
        if found is None:
            self.store.change_job(job)
            return
        try:
            text = json.dumps(dict(found.envelope), ensure_ascii=False, allow_nan=False)
            if self.store.put_result(job, text.encode(), found.files):
                self._remember(job)
        except Exception as error:  # a defect, or refused: said, so that nobody waits for it
            if isinstance(error, StoreError) and not isinstance(error, RefusedError):
                raise
            _log.exception("an answer could not be kept")
            self.store.change_job(_failed(job, error))

    def _remember(self, job: Job) -> None:
        """Which job answered a question."""
        with self._lock:
            self._done[_question(job.verb, job.words, job.owner)] = job.id
            while len(self._done) > _MOST_DONE:
                self._done.popitem(last=False)

    # --- what users save ---------------------------------------------------------------------

    def saved(self, id: str, caller: Caller) -> Saved:
        """Something saved that the caller may see."""
        found = self.store.saved(id)
        if found is None or not caller.sees(found.owner):
            raise ProblemError(404, f"nothing is saved under {id}: see /v1/saved")
        return found

    def save(self, kind: Kind, name: str, digest: str, text: str, caller: Caller) -> Saved:
        """Keep a scenario or table that was found good."""
        _, held = self.store.all_saved(caller.name, 0, 0)
        if held >= self.settings.most_saved:
            raise ProblemError(429, f"{held} things are saved already: delete some first")
        saved = Saved(secrets.token_urlsafe(16), kind, name, caller.name, _now(), digest, text)
        self.store.save(saved)
        return saved


@dataclass(frozen=True)
class Body:
    """The bytes of an answer, and the headers that belong to them."""

    content: bytes
    headers: Mapping[str, str]


class Bodies:
    """Finished answers in memory, the least used forgotten first.

    Parameters
    ----------
    most : bytes
    """

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._held: OrderedDict[str, Body] = OrderedDict()

    def get(self, tag: str) -> Body | None:
        """The body with a tag."""
        if tag in self._held:
            self._held.move_to_end(tag)
        return self._held.get(tag)

    def put(self, tag: str, body: Body) -> None:
        """Keep a body, if it does not crowd out all others."""
        if len(body.content) > self._most // 4 or tag in self._held:
            return
        self._held[tag] = body
        self._size += len(body.content)
        while self._size > self._most:
            self._size -= len(self._held.popitem(last=False)[1].content)


NOT_READY = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"


def dated(verb: str, words: Mapping[str, Any]) -> Mapping[str, Any]:
    """The words with the day in them where the answer depends on it: the job then means the same
    whenever it runs.
    """
    # A saved alliance may name a plan.
    planned = verb == "alliance" and (words.get("plan") or words.get("saved"))
    if (planned or verb in ("risk", "plan", "dossier")) and words.get("as_of") is None:
        return {**words, "as_of": date.today().isoformat()}
    return words


def _question(verb: str, words: Mapping[str, Any], owner: str) -> str:
    return json.dumps([verb, dict(words), owner], sort_keys=True)


def _ended(job: Job, status: Any, message: str, problem: Mapping[str, Any] | None = None) -> Job:
    return replace(job, status=status, message=message, finished=_now(), problem=problem)


def _end_of(job: Job, future: Future[Answered]) -> tuple[Job, Answered | None]:
    """The last state of a job whose work is over, and its answer if there is one."""
    error = future.exception()
    if error is None:
        found = future.result()
        done = _ended(job, "successful", "")
        return replace(done, progress=100, run_id=str(found.envelope["run_id"])), found
    if isinstance(error, DismissedError):
        return _ended(job, "dismissed", "dismissed"), None
    return _failed(job, error), None


def _failed(job: Job, error: BaseException) -> Job:
    problem = of_failure(_failure(error))
    return replace(_ended(job, "failed", problem["detail"], problem), run_id=None)


def _stopped(job: Job) -> Job:
    return _ended(job, "failed", _STOPPED, of_failure(Failure("WorkerLost", 500, _STOPPED)))


def _failure(error: BaseException) -> Failure:
    if isinstance(error, FailedError):
        return error.failure
    return Failure("Defect", 500, "the service failed; its log says how")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
