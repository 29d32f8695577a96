"""From one list of sectors to another: which part of each lies in which.

Car seats are furniture in one list and motor vehicles in another; a list of 402 industries and
one of 35 sectors do not nest. A concordance states, for each code of the one list, the shares
that lie in codes of the other; the shares of a code sum to one, so that nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lodestone.economy.table import Floats
from lodestone.terms.errors import DataError, Problems, RequestError

#: Weights of a code may miss one by this much: they are written with four digits.
_ROUNDING = 5e-4


@dataclass(frozen=True)
class Concordance:
    """Shares of each sector of one list that lie in the sectors of another.

    Attributes
    ----------
    name : such as `nace2_to_wiod35`
    from_codes, to_codes : (n,) and (m,) codes of the two lists
    weights : (n, m) `weights[i, j]`: share of i that lies in j; rows sum to one
    """

    name: str
    from_codes: tuple[str, ...]
    to_codes: tuple[str, ...]
    weights: Floats

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def at(self) -> dict[str, int]:
        """Position of each code of the first list."""
        return {code: i for i, code in enumerate(self.from_codes)}

    def carry(self, vector: Floats, by: Floats | None = None) -> Floats:
        """Take one number a sector from the first list to the second.

        Parameters
        ----------
        vector : (n,) amounts such as output, or ratios if `by` is given
        by : (n,) sizes of the sectors, to weight ratios with: a ratio of the second list is the
            mean of the ratios that fall into it

        Returns
        -------
        (m,) array
            Amounts with the same sum; or means, 0 for a sector into which nothing falls.

        Raises
        ------
        RequestError
            For a vector of another length, or a negative size.

        Examples
        --------
        >>> c = concordance("two", [("a", "x", 0.25), ("a", "y", 0.75), ("b", "y", 1.0)])
        >>> c.carry(np.array([8.0, 4.0])).tolist()
        [2.0, 10.0]
        >>> c.carry(np.array([0.5, 0.1]), by=np.array([8.0, 4.0])).round(3).tolist()
        [0.5, 0.34]
        """
        self._same_length(vector)
        if by is None:
            return np.asarray(vector @ self.weights)
        self._same_length(by)
        if (by < 0.0).any():
            raise RequestError(f"concordance {self.name}: a size to weight with is negative")
        size = by @ self.weights
        return np.divide(
            (vector * by) @ self.weights, size, out=np.zeros_like(size), where=size > 0
        )

    def turned(self, by: Floats) -> Concordance:
        """The way back: which part of each sector of the second list lies in the first.

        Parameters
        ----------
        by : (n,) sizes of the sectors of the first list, such as their output

        Raises
        ------
        DataError
            If nothing of any size falls into a sector of the second list.
        """
        self._same_length(by)
        amounts = (by[:, None] * self.weights).T
        empty = [self.to_codes[j] for j in np.flatnonzero(amounts.sum(axis=1) <= 0.0)]
        if empty:
            raise DataError(
                f"concordance {self.name} cannot be turned: nothing falls into {', '.join(empty)}"
            )
        back = amounts / amounts.sum(axis=1, keepdims=True)
        return Concordance(f"{self.name}, turned", self.to_codes, self.from_codes, back)

    def _same_length(self, vector: Floats) -> None:
        if vector.shape != (len(self.from_codes),):
            raise RequestError(
                f"concordance {self.name} carries {len(self.from_codes)} numbers, "
                f"not an array of shape {vector.shape}"
            )


def concordance(
    name: str, links: Iterable[tuple[str, str, float]], to_codes: Sequence[str] | None = None
) -> Concordance:
    """A concordance from its rows.

    Parameters
    ----------
    name : of the concordance
    links : (code of the first list, code of the second, share)
    to_codes : all codes of the second list, in order; those of the rows if left out

    Raises
    ------
    DataError
        For a pair that stands twice, a code that the second list does not have, and shares that
        are not between 0 and 1 or do not sum to one.
    """
    rows = list(links)
    problems = Problems(f"concordance {name}")
    pairs = [(a, b) for a, b, _ in rows]
    for a, b in sorted({p for p in pairs if pairs.count(p) > 1}):
        problems.add(f"{a} to {b} stands twice", "", "add the shares in one row")
    froms = tuple(dict.fromkeys(a for a, _ in pairs))
    tos = tuple(to_codes) if to_codes is not None else tuple(dict.fromkeys(b for _, b in pairs))
    for a, b in pairs:
        if b not in tos:
            problems.add(f"unknown code {b!r}", a, "use a code of the second list")
    problems.raise_if_any(DataError)
    weights = np.zeros((len(froms), len(tos)))
    for a, b, share in rows:
        weights[froms.index(a), tos.index(b)] = share
    return Concordance(name, froms, tos, weights)


def _check(c: Concordance) -> None:
    problems = Problems(f"concordance {c.name}")
    for side, codes in (("from", c.from_codes), ("to", c.to_codes)):
        if len(set(codes)) != len(codes):
            problems.add("a code stands twice", side, "one row a code")
    if c.weights.shape != (len(c.from_codes), len(c.to_codes)):
        problems.add(f"weights have shape {c.weights.shape}", "", "one row and column a code")
        problems.raise_if_any(DataError)
    if not ((c.weights >= 0.0) & (c.weights <= 1.0 + _ROUNDING)).all():
        problems.add("a share is not between 0 and 1", "", "correct it")
    for i in np.flatnonzero(np.abs(c.weights.sum(axis=1) - 1.0) > _ROUNDING):
        problems.add(
            f"shares sum to {c.weights[i].sum():.4f}, not to 1", c.from_codes[i], "share it out"
        )
    problems.raise_if_any(DataError)
