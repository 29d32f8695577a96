"""Every coalition of up to 16 places valued: what the rows of an alliance are read from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import numpy as np

    from lodestone.alliance.game import Game
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliance_values import AllianceValues

    Floats = np.ndarray[Any, Any]

#: Up to so many members every coalition is a row; beyond, only some are.
_ALL_ROWS = 8
_PERCENT = (5.0, 95.0)


class Share(NamedTuple):
    """A Shapley share with its band; `error` where it is sampled."""

    value: float
    low: float
    high: float
    error: float | None = None


class Complaint(NamedTuple):
    """Largest complaint against a share-out; `inside` is whether it is in the core, None unknown."""

    inside: bool | None
    excess: float
    coalition: int


class Games(Protocol):
    """What coalitions are worth, centrally, at the judged ends and under every draw."""

    @property
    def coalitions(self) -> int:
        """How many were valued, nobody among them."""

    @property
    def shown(self) -> Sequence[int]:
        """The coalitions that have a row."""

    @property
    def alone(self) -> Floats:
        """(n,) what members lose when each acts alone."""

    @property
    def note(self) -> str | None:
        """How shares came about, if not from all coalitions."""

    def worth(self, which: int) -> float:
        """What a coalition is worth, centrally."""

    def band(self, which: int, less: int = 0) -> tuple[float, float, float]:
        """Central, low and high of what a coalition is worth, less what another is."""

    def lost(self, which: int) -> Floats:
        """(n,) what members lose by what a coalition does."""

    def named(self, which: int) -> str:
        """The members of a coalition."""

    def acting(self, which: int) -> int:
        """The part of a coalition that acts."""

    def shapley(self) -> Sequence[Share]:
        """Of each member."""

    def nucleolus(self) -> Floats | None:
        """(n,) of each member; None if not known."""

    def share_within(self, which: int, member: int) -> float | None:
        """Shapley share of a member in the game of a coalition alone; None if not known."""

    def complaint(self, shares: Floats) -> Complaint:
        """Whether any coalition would do better by itself."""

    def core(self) -> dict[str, Any] | None:
        """Whether there is a core: `inside`, `value`, and at the ends; None if not known."""


def shown_of_many(n: int, founders: int) -> set[int]:
    """All, all but one, the founders, and the founders with one more."""
    grand = (1 << n) - 1
    found = {founders, grand, *(grand & ~(1 << k) for k in range(n))}
    return found | {founders | 1 << k for k in range(n)}


def percentiles(found: Sequence[float]) -> list[float]:
    """Ends of a band over draws; none without draws."""
    import numpy as np

    return [float(x) for x in np.percentile(found, _PERCENT)] if found else []


class WholeGames:
    """`Games` of all coalitions, each of which acts by the best of all its parts."""

    note: str | None = None

    def __init__(
        self, asked: AllianceQuestion, values: AllianceValues, drawn: Sequence[AllianceValues]
    ) -> None:
        from lodestone.alliance.from_losses import acting, game_of_losses
        from lodestone.economy.exposure import Case

        self.asked = asked
        # who acts is decided by the central losses, whatever comes then
        done = acting(values.losses(Case.CENTRAL))
        self.chosen, self.loss = done
        self.central = game_of_losses(asked.all, done)
        sides = [values.losses(case) for case in (Case.LOW, Case.HIGH)]
        more = [one.losses(Case.CENTRAL) for one in drawn]
        self.side_games, self.drawn_games = (
            [game_of_losses(asked.all, acting(x, self.chosen)) for x in found]
            for found in (sides, more)
        )

    @property
    def coalitions(self) -> int:
        """All, nobody among them."""
        return 1 << len(self.asked.all)

    @property
    def shown(self) -> Sequence[int]:
        """Of few members all of two and more; of more, those of two, and what differs by one."""
        n = len(self.asked.all)
        every = [s for s in range(1, 1 << n) if s.bit_count() > 1]
        if n <= _ALL_ROWS:
            return every
        wanted = shown_of_many(n, (1 << len(self.asked.members)) - 1)
        return [s for s in every if s in wanted or s.bit_count() == 2]

    @property
    def alone(self) -> Floats:
        """(n,) what members lose when each acts alone."""
        return self.lost(0)

    def worth(self, which: int) -> float:
        """What a coalition is worth, centrally."""
        return float(self.central.values[which])

    def band(self, which: int, less: int = 0) -> tuple[float, float, float]:
        """Central, low and high of what a coalition is worth, less what another is."""
        return self._band(lambda game: float(game.values[which] - game.values[less]))

    def _band(self, read: Callable[[Game], float]) -> tuple[float, float, float]:
        value = float(read(self.central))
        ends = [float(read(g)) for g in self.side_games]
        ends += percentiles([read(g) for g in self.drawn_games])
        return value, min(value, *ends), max(value, *ends)

    def lost(self, which: int) -> Floats:
        """(n,) what members lose by what a coalition does."""
        lost: Floats = self.loss[which]
        return lost

    def named(self, which: int) -> str:
        """The members of a coalition."""
        return self.central.names(which)

    def acting(self, which: int) -> int:
        """The part of a coalition that acts."""
        return int(self.chosen[which])

    def shapley(self) -> Sequence[Share]:
        """Of each member, exact."""
        from lodestone.alliance.shapley import shapley

        def of(k: int) -> Share:
            return Share(*self._band(lambda game: float(shapley(game)[k])))

        return [of(k) for k in range(len(self.asked.all))]

    def nucleolus(self) -> Floats | None:
        """(n,) of each member."""
        from lodestone.alliance.nucleolus import nucleolus

        return nucleolus(self.central)

    def share_within(self, which: int, member: int) -> float | None:
        """Shapley share of a member in the game of a coalition alone."""
        import numpy as np

        from lodestone.alliance.game import Game
        from lodestone.alliance.shapley import shapley

        game = self.central
        inside = [m for m in range(game.size) if which >> m & 1]
        every = range(1 << len(inside))
        at = [sum(1 << m for n, m in enumerate(inside) if s >> n & 1) for s in every]
        part = Game(tuple(game.members[m] for m in inside), np.array(game.values[at]))
        return float(shapley(part)[inside.index(member)])

    def complaint(self, shares: Floats) -> Complaint:
        """Whether any coalition would do better by itself."""
        from lodestone.alliance.core import core_check

        seen = core_check(self.central, shares)
        return Complaint(seen.inside, seen.excess, seen.coalition)

    def core(self) -> dict[str, Any] | None:
        """Whether there is a core, also at the judged ends, and in what part of draws."""
        from lodestone.alliance.core import least_core

        least = least_core(self.central)
        low, high = (not least_core(g).empty for g in self.side_games)
        drawn = [not least_core(g).empty for g in self.drawn_games]
        return {
            "inside": not least.empty,
            "value": least.excess,
            "in_low": low,
            "in_high": high,
            "in_draws": sum(drawn) / len(drawn) if drawn else None,
        }
