"""A Dask cluster: any number of machines, joined or left by workers as they please."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from importlib import import_module
from itertools import islice
from typing import Any

from lodestone.study.runner import Answer, Given
from lodestone.terms.errors import LodestoneError, Problems, RequestError


class DaskRunner:
    """Calculates on the workers of a Dask cluster, one chunk at a time on each.

    The workers need the package of the work function and the same Lodestone, and no folder in
    common: answers come back here and are saved here.

    Parameters
    ----------
    address
        Of the scheduler, such as 'tcp://10.0.0.5:8786'.
    timeout
        Seconds to wait for the scheduler, and for its first worker.
    """

    def __init__(self, address: str, timeout: float = 10.0) -> None:
        self.address = address
        self.timeout = timeout

    def map(
        self, function: Callable[[Given], Answer], chunks: Iterable[tuple[int, Given]]
    ) -> Generator[tuple[int, Answer], None, None]:
        """See `Runner.map`.

        Raises
        ------
        RequestError
            If Dask is not installed, no scheduler or worker answers, or a worker has threads.
        """
        dask = _distributed()
        waiting = iter(chunks)
        held: dict[Any, int] = {}
        with _client(dask, self.address, self.timeout) as client:
            while True:
                # Counted anew each time: workers may join and leave while the study runs.
                free = _workers(client, self.timeout) - len(held)
                for index, chunk in islice(waiting, max(free, 0)):
                    held[client.submit(function, chunk, pure=False)] = index
                if not held:
                    return
                for future in self._done(dask, client, held):
                    index = held.pop(future)
                    yield index, _answer(future, index)

    def _done(self, dask: Any, client: Any, held: dict[Any, int]) -> list[Any]:
        """Wait until at least one chunk is done, or lost; which ones are."""
        while True:
            try:
                with client.as_current():  # of several in this process, wait with ours
                    dask.wait(list(held), timeout=self.timeout, return_when="FIRST_COMPLETED")
            except TimeoutError:
                # A long chunk is no fault; a cluster without workers is.
                _workers(client, self.timeout)
            except Exception as error:
                raise _lost(error, sorted(held.values())) from error
            else:
                return [future for future in held if future.status != "pending"]


def _distributed() -> Any:
    """Import Dask's distributed, which only this runner needs."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise RequestError(
            f'a Dask cluster needs the extra "cluster" ({error}): '
            'install it with pip install "lodestone[cluster]"'
        ) from error


@contextmanager
def _client(dask: Any, address: str, timeout: float) -> Generator[Any, None, None]:
    """A connection to the scheduler, with at least one worker behind it."""
    try:
        client = dask.Client(address, timeout=timeout, set_as_default=False)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        raise RequestError(
            f"no Dask scheduler answers at {address!r} ({error}): start one with 'dask scheduler', "
            "and give the address it prints"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=timeout)
        except OSError as error:
            raise RequestError(
                f"the Dask scheduler at {address!r} has no workers: start them with "
                f"'dask worker {address} --nworkers N --nthreads 1'"
            ) from error
        yield client


def _workers(client: Any, timeout: float) -> int:
    """Number of workers, at least one; RequestError if one would calculate two chunks at once."""
    try:
        client.wait_for_workers(1, timeout=timeout)  # one that is being restarted comes back
        threads: dict[str, int] = client.nthreads()
    except TimeoutError as error:
        raise LodestoneError(
            "the Dask cluster has no workers left. Finished chunks are kept: start workers, and "
            "run again"
        ) from error
    except OSError as error:
        raise _lost(error, []) from error
    problems = Problems("Dask cluster")
    for worker, number in sorted(threads.items()):
        if number > 1:
            problems.add(f"{number} threads", f"worker {worker}", "start it with --nthreads 1")
    problems.raise_if_any(RequestError)
    return len(threads)


def _answer(future: Any, index: int) -> Any:
    try:
        return future.result()
    except LodestoneError:
        raise
    except Exception as error:  # whatever Dask, or a worker without our package, may raise
        raise _lost(error, [index]) from error


def _lost(error: Exception, chunks: list[int]) -> LodestoneError:
    held = f" while it held chunk {', '.join(map(str, chunks))}" if chunks else ""
    return LodestoneError(
        f"the Dask cluster failed{held} ({type(error).__name__}: {error}). Finished chunks are "
        "kept: see that the workers have Lodestone and memory enough, and run again"
    )
