"""A cooperative game: what every coalition of some members is worth by itself.

Coalitions are numbers: bit k says whether member k is in. `values[0b101]` is what the first and the
third member are worth together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import Problems, RequestError

Floats = NDArray[np.float64]

#: Members of a game whose every coalition is valued.
MOST_MEMBERS = 16


@dataclass(frozen=True)
class Game:
    """Values of all coalitions of n members.

    Attributes
    ----------
    members : names, in the order of the bits
    values : (2^n,) what each coalition is worth; the empty one 0
    """

    members: tuple[str, ...]
    values: Floats

    def __post_init__(self) -> None:
        """Refuse what is no game, saying everything that is wrong."""
        problems = Problems("cooperative game")
        n = len(self.members)
        if not 1 <= n <= MOST_MEMBERS:
            problems.add(f"{n} members", "members", f"1 to {MOST_MEMBERS}; sample beyond")
        if len(set(self.members)) < n:
            problems.add("a member is named twice", "members", "name each once")
        if self.values.shape != (1 << n,):
            problems.add(f"{self.values.shape} values", "values", f"one a coalition, {1 << n}")
        elif not np.isfinite(self.values).all():
            k = int(np.argmin(np.isfinite(self.values)))
            problems.add("a value is no number", self.names(k), "value every coalition")
        elif self.values[0] != 0.0:
            problems.add(f"nobody is worth {self.values[0]:g}", "values", "0 for no member")
        problems.raise_if_any(RequestError)

    @property
    def size(self) -> int:
        """How many members."""
        return len(self.members)

    @property
    def grand(self) -> float:
        """What all are worth together."""
        return float(self.values[-1])

    def of(self, names: Collection[str]) -> float:
        """What some members are worth together."""
        return float(self.values[coalition(self.members, names)])

    def names(self, which: int) -> str:
        """The members of a coalition, joined by `+`."""
        return "+".join(m for k, m in enumerate(self.members) if which >> k & 1)


def coalition(members: Sequence[str], names: Collection[str]) -> int:
    """The number of a coalition; RequestError for a name that is not among the members."""
    unknown = sorted(set(names) - set(members))
    if unknown:
        raise RequestError(f"not among the members: {', '.join(unknown)}")
    return sum(1 << k for k, m in enumerate(members) if m in names)


def sizes(n: int) -> NDArray[np.int64]:
    """(2^n,) how many members each coalition has."""
    return np.asarray(inside(n).sum(axis=1))


def inside(n: int) -> NDArray[np.int64]:
    """(2^n, n) 1 where a member is in a coalition."""
    which = np.arange(1 << n, dtype=np.int64)
    return (which[:, None] >> np.arange(n, dtype=np.int64)) & 1
