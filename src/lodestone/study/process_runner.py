"""Several processes of this machine: started clean, one thread each, gone when the run is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from lodestone.study.runner import Answer, Given
from lodestone.terms.errors import LodestoneError, RequestError

_ONE_THREAD = (
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class ProcessRunner:
    """Calculates in `workers` processes, each with one thread and one chunk at a time.

    Processes are spawned, not forked, so that they hold nothing of this one. A script that uses
    this runner starts its study under ``if __name__ == "__main__":``.

    Parameters
    ----------
    workers
        How many processes; one for each free core is a good number.
    """

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise RequestError(f"{workers} workers: give 1 or more")
        self.workers = workers

    def map(
        self, function: Callable[[Given], Answer], chunks: Iterable[tuple[int, Given]]
    ) -> Generator[tuple[int, Answer], None, None]:
        """See `Runner.map`."""
        waiting = iter(chunks)
        first = list(islice(waiting, self.workers))
        workers: dict[Connection[Any, Any], _Worker] = {}
        try:
            _start(len(first), workers)
            for worker, (index, chunk) in zip(workers.values(), first, strict=True):
                worker.give(function, index, chunk)
            busy = dict(workers)
            while busy:
                for connection in wait(list(busy)):
                    worker = workers[connection]  # type: ignore[index]  # only ours are waited for
                    yield worker.index, worker.take()
                    # Whoever asked has saved the answer by now: only then is more given out.
                    following = next(waiting, None)
                    if following is None:
                        del busy[worker.connection]
                    else:
                        worker.give(function, *following)
        finally:
            for worker in workers.values():
                worker.dismiss()


class _Worker:
    """One process, and this end of the line to it."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self.connection, other = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(other,), daemon=True)
        self.process.start()
        other.close()  # from here on the line ends when the worker does
        self.index = -1

    def give(self, function: Callable[[Any], Any], index: int, chunk: Any) -> None:
        """Hand over one chunk."""
        self.index = index
        try:
            self.connection.send((function, chunk))
        except OSError as error:
            raise self._lost() from error

    def take(self) -> Any:
        """Take back the answer, or raise what went wrong."""
        try:
            answer, error = self.connection.recv()
        except (EOFError, OSError) as lost:
            raise self._lost() from lost
        if error is not None:
            raise error
        return answer

    def dismiss(self) -> None:
        """End the process, whatever it is doing: nothing it holds was promised."""
        self.connection.close()
        self.process.terminate()
        self.process.join()

    def _lost(self) -> LodestoneError:
        self.process.join()
        code = self.process.exitcode or 0
        if code < 0:
            how = f"was ended by signal {-code} (out of memory, or ended by hand)"
        else:
            how = (
                f"stopped with exit code {code} (see what it printed; a script that runs a study "
                'starts it under if __name__ == "__main__":)'
            )
        return LodestoneError(
            f"the worker that held chunk {self.index} {how}. Finished chunks are kept: "
            "run again, with fewer workers if memory was short"
        )


def _start(number: int, workers: dict[Connection[Any, Any], _Worker]) -> None:
    """Start processes, all before any of them is waited for."""
    with one_thread_each():
        for _ in range(number):
            worker = _Worker()
            workers[worker.connection] = worker


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Tell numerical libraries, in processes started meanwhile, to use one thread.

    They read this when they are first imported, which may be before a worker's first line (the
    main script is imported there): only the environment it starts with is early enough.
    """
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _serve(connection: Connection[Any, Any]) -> None:
    """Calculate chunk after chunk until the line is closed. Runs in the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us to handle
    threading.Thread(target=end_with_parent, daemon=True).start()
    with suppress(EOFError, OSError):  # how a line ends whose other end is closed or killed
        while True:
            function, chunk = connection.recv()
            connection.send(_answer(function, chunk))


def end_with_parent() -> None:
    """A killed parent cannot dismiss its workers: they must not go on without it."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _answer(function: Callable[[Any], Any], chunk: Any) -> tuple[Any, LodestoneError | None]:
    try:
        return function(chunk), None
    except LodestoneError as error:
        return None, error
    except Exception as error:  # memory, say: told as an answer, since a worker's screen is lost
        return None, LodestoneError(f"a worker failed ({type(error).__name__}: {error})")
