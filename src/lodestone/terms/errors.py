"""The error tree: every failure a user can meet, with the exit code and HTTP status it maps to.

A message says *what* went wrong, *where* (file, row, column or labels) and *how to mend it*.
Checks collect every problem first and raise once: see `Problems`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input: what, where, and how to mend it."""

    what: str
    where: str = ""
    mend: str = ""

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        mend = f" -> {self.mend}" if self.mend else ""
        return f"{where}{self.what}{mend}"


class LodestoneError(Exception):
    """Base of every error that Lodestone raises on purpose."""

    exit_code = 1
    http_status = 500

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        lines = [message, *(f"  - {p}" for p in self.problems)]
        super().__init__("\n".join(lines))


class DataError(LodestoneError):
    """A source file, table or data release is damaged, changed or inconsistent."""

    exit_code = 3
    http_status = 500


class ChainError(LodestoneError):
    """A supply chain could not be built, balanced or proved."""

    exit_code = 4
    http_status = 500


class MarketError(LodestoneError):
    """A market answer could not be proved (residual, balance or duality gap)."""

    exit_code = 5
    http_status = 500


class PlanError(LodestoneError):
    """A plan is infeasible, or its gap could not be proved."""

    exit_code = 6
    http_status = 422


class RequestError(LodestoneError):
    """The question itself cannot be answered: unknown label, year without data, bad option."""

    exit_code = 2
    http_status = 422


class StoreError(LodestoneError):
    """The store of jobs and results cannot be reached, or refuses to work, at this moment."""

    exit_code = 7
    http_status = 503


@dataclass
class Problems:
    """Collects every problem of one input, then raises them together.

    Examples
    --------
    >>> problems = Problems("table.csv")
    >>> problems.add("unknown country 'Atlantis'", "row 3, column country", "use an ISO3 code")
    >>> bool(problems)
    True
    """

    subject: str
    items: list[Problem] = field(default_factory=list)

    def add(self, what: str, where: str = "", mend: str = "") -> None:
        """Note one problem and go on."""
        self.items.append(Problem(what, where, mend))

    def __bool__(self) -> bool:
        return bool(self.items)

    def raise_if_any(self, error: type[LodestoneError] = DataError) -> None:
        """Raise `error` with every problem collected, or return if there is none."""
        if self.items:
            n = len(self.items)
            raise error(f"{self.subject}: {n} problem{'s' if n > 1 else ''}", self.items)
