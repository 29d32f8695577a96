"""A bar that shows how far a long verb is, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(things: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give a function to call with (done, in all); None where nobody watches the error stream."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    bar = Progress(
        BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    )
    with bar:
        task = bar.add_task(things, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


Steps = Callable[[str, int, int], None]
Gap = Callable[[float, float, float], None]


@contextmanager
def counting_steps() -> Iterator[tuple[Steps | None, Gap | None]]:
    """Functions to call with (what, done, in all) and with (bound, value, gap); None unwatched."""
    if not sys.stderr.isatty():
        yield None, None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("plan", total=None)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=f"{what} {done}/{total}", completed=done, total=total)

        def tell_gap(bound: float, value: float, gap: float) -> None:
            words = f"bound {bound:,.0f}, best {value:,.0f}, gap {gap:.2%}"
            bar.update(task, description=words, total=None)

        yield tell, tell_gap


def say_if_compiling() -> None:
    """Tell people why the first market answer takes a minute."""
    from lodestone.market.compiled import is_kept

    if not is_kept():
        sys.stderr.write("compiling the market's solver, once (about a minute)\n")
        sys.stderr.flush()
