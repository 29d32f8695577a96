"""Shares among more places than can all be valued: orders of joining drawn by lot, with error bars.

Beyond 16 places the part of a coalition that acts is the best of those that were looked at (of fewer
places, of all its parts); in each material it does what costs its members least, to act alone among it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.alliance_games import Complaint, Share, percentiles, shown_of_many

if TYPE_CHECKING:
    import numpy as np

    from lodestone.alliance.sampled_shapley import SampledShapley
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliance_values import AllianceValues

    Floats = np.ndarray[Any, Any]

#: Pairs of orders of joining, each walked forwards and backwards.
PAIRS = 128
#: Error bars are so many standard errors.
_BARS = 1.96
#: Coalitions held against all parts at a time.
_BLOCK = 512


class SampledGames:
    """`Games` of the coalitions of orders drawn by lot, and of those that differ from all by one."""

    note: str | None = f"of {2 * PAIRS} orders of joining drawn by lot"

    def __init__(
        self, asked: AllianceQuestion, values: AllianceValues, drawn: Sequence[AllianceValues]
    ) -> None:
        import numpy as np

        from lodestone.economy.exposure import Case

        self.asked, n = asked, len(asked.all)
        self.which = _looked_at(asked)
        self.row = {s: k for k, s in enumerate(self.which)}
        which = np.array(self.which)
        self.loss = values.losses(Case.CENTRAL, which=self.which)
        self.member = (which[:, None] >> np.arange(n)) & 1
        # who acts is decided by the central losses, whatever comes then
        self.chosen = _chosen(which, self.loss, self.member, which)
        self.values = _avoided(self.loss, self.member, self.chosen)
        sides = [values.losses(case, which=self.which) for case in (Case.LOW, Case.HIGH)]
        more = [one.losses(Case.CENTRAL, which=self.which) for one in drawn]
        self.side_values, self.drawn_values = (
            [_avoided(x, self.member, self.chosen) for x in found] for found in (sides, more)
        )

    @property
    def coalitions(self) -> int:
        """How many were valued, nobody among them."""
        return len(self.which)

    @property
    def shown(self) -> Sequence[int]:
        """All, all but one, the founders, and the founders with one more."""
        return sorted(shown_of_many(len(self.asked.all), (1 << len(self.asked.members)) - 1))

    @property
    def alone(self) -> Floats:
        """(n,) what members lose when each acts alone."""
        return self.lost(0)

    def worth(self, which: int) -> float:
        """What a coalition is worth, centrally."""
        return float(self.values[self.row[which]])

    def band(self, which: int, less: int = 0) -> tuple[float, float, float]:
        """Central, low and high of what a coalition is worth, less what another is."""
        a, b = self.row[which], self.row[less]
        value = float(self.values[a] - self.values[b])
        ends = [float(v[a] - v[b]) for v in self.side_values]
        ends += percentiles([float(v[a] - v[b]) for v in self.drawn_values])
        return value, min(value, *ends), max(value, *ends)

    def lost(self, which: int) -> Floats:
        """(n,) what members lose by what a coalition does."""
        lost: Floats = self.loss[self.chosen[self.row[which]]]
        return lost

    def named(self, which: int) -> str:
        """The members of a coalition; of a large one, who is left out."""
        inside = [m for k, m in enumerate(self.asked.all) if which >> k & 1]
        outside = [m for k, m in enumerate(self.asked.all) if not which >> k & 1]
        if len(outside) < len(inside):
            return f"all but {'+'.join(outside)}" if outside else "all"
        return "+".join(inside)

    def acting(self, which: int) -> int:
        """The part of a coalition that acts."""
        return self.which[int(self.chosen[self.row[which]])]

    def shapley(self) -> Sequence[Share]:
        """Of each member, sampled; error bars are in the band too."""
        central = self._shapley(self.values)
        ends = [central.value, *(self._shapley(v).value for v in self.side_values)]
        drawn = [self._shapley(v).value for v in self.drawn_values]
        found = []
        for k, value in enumerate(central.value):
            error = _BARS * float(central.error[k])
            band = [float(v[k]) for v in ends] + percentiles([float(v[k]) for v in drawn])
            found.append(Share(float(value), min(band) - error, max(band) + error, error))
        return found

    def _shapley(self, values: Floats) -> SampledShapley:
        from lodestone.alliance.sampled_shapley import sampled_shapley

        n = len(self.asked.all)
        return sampled_shapley(lambda s: float(values[self.row[s]]), n, PAIRS, self.asked.seed)

    def nucleolus(self) -> Floats | None:
        """Not known: it needs every coalition."""
        return None

    def share_within(self, which: int, member: int) -> float | None:
        """Not known: its orders were not drawn."""
        return None

    def complaint(self, shares: Floats) -> Complaint:
        """Of the coalitions looked at: they can show that shares do not hold, not that they do."""
        import numpy as np

        from lodestone.alliance.core import ROUNDING

        excess = self.values - self.member @ shares
        excess[[0, -1]] = -np.inf
        worst = int(excess.argmax())
        most = float(excess[worst])
        scale = float(np.abs(self.values).max()) or 1.0
        return Complaint(False if most > ROUNDING * scale else None, most, self.which[worst])

    def core(self) -> dict[str, Any] | None:
        """Not known: it needs every coalition."""
        return None


def acting_of_all(asked: AllianceQuestion, values: AllianceValues) -> tuple[int, Floats]:
    """Who of all acts, and (2, n) what members lose alone and then; as in `SampledGames`."""
    import numpy as np

    from lodestone.economy.exposure import Case

    looked_at = _looked_at(asked)
    which = np.array(looked_at)
    loss = values.losses(Case.CENTRAL, which=looked_at)
    everybody = np.ones((1, len(asked.all)), dtype=np.int64)
    k = int(_chosen(which, loss, everybody, which[-1:])[0])
    return looked_at[k], loss[[0, k]]


def _chosen(which: Floats, loss: Floats, member: Floats, coalitions: Floats) -> Floats:
    """(C,) row of the part that acts in each coalition: where its members lose least, acting or not.

    Parameters
    ----------
    which : (T,) the parts that were looked at, of which the first is nobody
    loss : (T, n) what every member loses by what each does
    member, coalitions : (C, n), (C,) who is in each coalition, and its number
    """
    import numpy as np

    gain = loss[0][None, :] - loss
    least = 1e-12 * float(np.abs(loss).max())
    found = np.zeros(coalitions.size, dtype=np.int64)
    for first in range(0, coalitions.size, _BLOCK):
        span = slice(first, first + _BLOCK)
        worth = member[span] @ gain.T
        worth[(which[None, :] & ~coalitions[span, None]) != 0] = -np.inf
        best = worth.max(axis=1)
        # of equal ones the last: the whole, if it is among them
        equal = worth >= (best - least)[:, None]
        found[span] = which.size - 1 - equal[:, ::-1].argmax(axis=1)
    return found


def _avoided(loss: Floats, member: Floats, chosen: Floats) -> Floats:
    """(C,) what members of each coalition lose alone less what they lose by what it does."""
    avoided: Floats = ((loss[0][None, :] - loss[chosen]) * member).sum(axis=1)
    return avoided


def _looked_at(asked: AllianceQuestion) -> list[int]:
    """None, those of the orders, and those that are shown; all of them last."""
    from lodestone.alliance.sampled_shapley import sampled_shapley

    n = len(asked.all)
    seen = {0} | shown_of_many(n, (1 << len(asked.members)) - 1)

    def note(which: int) -> float:
        seen.add(which)
        return 0.0

    sampled_shapley(note, n, PAIRS, asked.seed)
    return sorted(seen)
