"""Runners: where chunks are calculated. The serial one is here, the others have their own page."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

Given = TypeVar("Given")
Answer = TypeVar("Answer")


class Runner(Protocol):
    """Applies a function to numbered chunks, somewhere.

    A runner hands out no chunk while each of its workers holds one whose answer was not taken
    back: what a kill can lose is one chunk for each worker. Results do not depend on the runner,
    provided that the function is pure.
    """

    def map(
        self, function: Callable[[Given], Answer], chunks: Iterable[tuple[int, Given]]
    ) -> Generator[tuple[int, Answer], None, None]:
        """Yield (number of the chunk, answer) in the order in which chunks are done.

        Parameters
        ----------
        function
            Pure, importable by name, and raising only LodestoneError.
        chunks
            Number and content of each chunk; taken one by one, as workers become free.

        Raises
        ------
        LodestoneError
            What the function raised, or that a worker or the cluster was lost.
        """
        ...


class SerialRunner:
    """Calculates in this process, one chunk after the other: to try, to debug, to step through.

    Numerical libraries keep the threads they have here. A work function whose last digits depend
    on the number of threads (a large BLAS product, a parallel sum in numba) is not pure enough
    for a study: run it in the other runners, which give a worker one thread.
    """

    def map(
        self, function: Callable[[Given], Answer], chunks: Iterable[tuple[int, Given]]
    ) -> Generator[tuple[int, Answer], None, None]:
        """See `Runner.map`."""
        for index, chunk in chunks:
            yield index, function(chunk)
