"""Worker processes that outlive their tasks: started clean, one thread each, killed when dismissed.

Each process has a thread here that waits for it; the event loop only ever waits for futures.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from lodestone.study.process_runner import end_with_parent, one_thread_each
from lodestone.terms.errors import LodestoneError

#: Starting a process changes the environment for a moment: one at a time.
_STARTING = Lock()
#: Seconds between two tellings of progress.
_TELL_EVERY = 0.5
_MOST_WAIT = 1.0


class DismissedError(Exception):
    """The task was dismissed before it was done."""


@dataclass(frozen=True)
class Failure:
    """What went wrong in a worker, as data: an error class may not survive the way back."""

    name: str
    status: int
    message: str
    problems: tuple[Mapping[str, str], ...] = ()


class FailedError(Exception):
    """A task failed."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


@dataclass
class Ticket:
    """A task that was handed in, and what has become of it."""

    function: Callable[..., Any]
    given: tuple[Any, ...]
    seconds: float
    started: Callable[[], None]
    progress: Callable[[int, int], None]
    future: Future[Any] = field(default_factory=Future)
    _dismissed: bool = False
    _process: SpawnProcess | None = None
    _lock: Lock = field(default_factory=Lock)

    def dismiss(self) -> None:
        """Stop the task; its process, if one has it, is killed."""
        with self._lock:
            self._dismissed = True
            if self._process is not None:
                self._process.kill()

    @property
    def dismissed(self) -> bool:
        """Whether nobody wants the answer any more."""
        return self._dismissed

    def taken_by(self, process: SpawnProcess | None) -> bool:
        """Note which process has the task, or that none has it; False once it is dismissed."""
        with self._lock:
            self._process = process
            return not self._dismissed


class Pool:
    """A number of worker processes that take tasks in the order in which they come.

    Parameters
    ----------
    size : processes
    """

    def __init__(self, size: int) -> None:
        self._waiting: SimpleQueue[Ticket | None] = SimpleQueue()
        self._closing = False
        self._now: dict[int, Ticket] = {}
        self._threads = [
            Thread(target=self._work, args=(n,), name=f"worker-{n}", daemon=True)
            for n in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        function: Callable[..., Any],
        *given: Any,
        seconds: float,
        started: Callable[[], None] = lambda: None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Ticket:
        """Hand in a task.

        Parameters
        ----------
        function : importable by name; its last argument is a function to tell progress with
        seconds : the longest it may take
        started, progress : called from a thread when it begins, and as it goes on

        Returns
        -------
        Ticket
            Its `future` ends with the answer, `FailedError` or `DismissedError`.
        """
        ticket = Ticket(function, given, seconds, started, progress)
        self._waiting.put(ticket)
        return ticket

    def close(self) -> None:
        """Kill what runs, dismiss what waits."""
        self._closing = True
        for _ in self._threads:
            self._waiting.put(None)
        for ticket in list(self._now.values()):
            ticket.dismiss()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        """Serve tickets with one process, replaced whenever it is lost. Runs in a thread."""
        worker = _Worker()
        while (ticket := self._waiting.get()) is not None:
            self._now[number] = ticket
            if self._closing:
                ticket.future.set_exception(DismissedError())
                continue
            try:
                worker = worker if worker.alive else _replaced(worker)
            except OSError:  # no process to be had: the next ticket may have more luck
                ticket.future.set_exception(FailedError(_lost()))
                continue
            self._settle(ticket, worker)
            if ticket.dismissed:
                worker.end()
        worker.end()

    def _settle(self, ticket: Ticket, worker: _Worker) -> None:
        """Bring one ticket to its end. Whatever happens, its future is set and the thread lives."""
        try:
            if not ticket.taken_by(worker.process):
                raise DismissedError
            ticket.started()
            answer = worker.ask(ticket)
        except Exception as error:
            wanted = ticket.taken_by(None)
            ticket.future.set_exception(error if wanted else DismissedError())
        else:
            if ticket.taken_by(None):
                ticket.future.set_result(answer)
            else:
                ticket.future.set_exception(DismissedError())


class _Worker:
    """One process, and this end of the line to it."""

    def __init__(self) -> None:
        context = get_context("spawn")
        with _STARTING, one_thread_each():
            self.connection, other = context.Pipe()
            # Whatever it writes lies here: it may be killed before it can take it away itself.
            self._folder = tempfile.mkdtemp(prefix="lodestone-worker-")
            self.process: SpawnProcess = context.Process(
                target=_serve, args=(other, self._folder), daemon=True
            )
            self.process.start()
        other.close()  # from here on the line ends when the worker does

    @property
    def alive(self) -> bool:
        return self.process.is_alive()

    def ask(self, ticket: Ticket) -> Any:
        """The answer of the process, or what went wrong; too slow a process is killed."""
        until = time.monotonic() + ticket.seconds
        try:
            self.connection.send((ticket.function, ticket.given))
            while True:
                left = until - time.monotonic()
                if left <= 0:
                    self.process.kill()
                    self.process.join()
                    raise FailedError(_too_slow(ticket.seconds))
                if not self.connection.poll(min(left, _MOST_WAIT)):
                    continue
                kind, value = self.connection.recv()
                if kind == "answer":
                    return value
                if kind == "failure":
                    raise FailedError(value)
                ticket.progress(*value)
        except (EOFError, OSError):
            self.process.join()
            raise FailedError(_lost()) from None

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self.connection.close()
        self.process.kill()
        self.process.join()
        shutil.rmtree(self._folder, ignore_errors=True)


def _replaced(worker: _Worker) -> _Worker:
    worker.end()
    return _Worker()


def _too_slow(seconds: float) -> Failure:
    return Failure("TooSlow", 503, f"not answered in {seconds:g} s: ask for less, or as a job")


def _lost() -> Failure:
    return Failure("WorkerLost", 500, "the process that held the question ended (memory, perhaps)")


# --- in the worker ---------------------------------------------------------------------------


def _serve(connection: Connection[Any, Any], folder: str) -> None:
    """Answer task after task until the line is closed; what is written meanwhile lies in a folder."""
    tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us to handle
    Thread(target=end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # how a line ends whose other end is closed or killed
        while True:
            function, given = connection.recv()
            connection.send(_outcome(function, given, _teller(connection)))


def _outcome(function: Callable[..., Any], given: tuple[Any, ...], tell: Any) -> tuple[str, Any]:
    try:
        return "answer", function(*given, tell)
    except LodestoneError as error:
        return "failure", failure(error)
    except Exception:  # a defect: its words may hold anything, so they go to the log alone
        import logging

        logging.getLogger("lodestone.api").exception("a worker failed")
        return "failure", Failure("Defect", 500, "the service failed; its log says how")


def failure(error: LodestoneError) -> Failure:
    """An error of ours as data."""
    problems = tuple(
        {"what": p.what, "where": p.where, "mend": p.mend} for p in getattr(error, "problems", ())
    )
    text = str(error)
    message = text.splitlines()[0] if problems else text
    return Failure(type(error).__name__, error.http_status, message, problems)


def _teller(connection: Connection[Any, Any]) -> Callable[[int, int], None]:
    last = time.monotonic() - _TELL_EVERY

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _TELL_EVERY:
            last = time.monotonic()
            connection.send(("progress", (done, total)))

    return tell
