"""Shares among more places than can all be valued: orders of joining drawn by lot, with error bars.

Beyond 16 places the part of a coalition that acts is the best of those that were looked at (of fewer
places, of all its parts); in each material it does what costs its members least, to act alone among it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.alliance_rows import BASE, BESIDE, Sharing

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
_NOT_ALL = f"of {2 * PAIRS} orders of joining drawn by lot"


class SampledSharing(Sharing):
    """One way of acting alone: coalitions of orders drawn by lot, and those that differ from all by one."""

    def __init__(
        self,
        asked: AllianceQuestion,
        mode: str,
        values: AllianceValues,
        drawn: Sequence[AllianceValues],
    ) -> None:
        import numpy as np

        from lodestone.economy.exposure import Case

        self.asked, self.mode, self.values = asked, mode, values
        n = len(asked.all)
        self.all = (1 << n) - 1
        self.which = _looked_at(n, self._founders(), asked.seed)
        self.row = {s: k for k, s in enumerate(self.which)}
        which = np.array(self.which)
        self.loss = values.losses(Case.CENTRAL, which=self.which)
        self.member = (which[:, None] >> np.arange(n)) & 1
        # who acts is decided by the central losses, whatever comes then
        self.chosen = _chosen(which, self.loss, self.member)
        self.central_values = _avoided(self.loss, self.member, self.chosen)
        sides = [values.losses(case, which=self.which) for case in (Case.LOW, Case.HIGH)]
        more = [one.losses(Case.CENTRAL, which=self.which) for one in drawn]
        self.side_values, self.drawn_values = (
            [_avoided(x, self.member, self.chosen) for x in found] for found in (sides, more)
        )
        self.sampled = self._shapley(self.central_values)

    @property
    def coalitions(self) -> int:
        """How many were valued, nobody among them."""
        return len(self.which)

    def _shapley(self, values: Floats) -> SampledShapley:
        from lodestone.alliance.sampled_shapley import sampled_shapley

        n = len(self.asked.all)
        return sampled_shapley(lambda s: float(values[self.row[s]]), n, PAIRS, self.asked.seed)

    def _ends(self, central: float, read: Any) -> tuple[float, float]:
        """Band over judgements and draws of what `read` makes of values."""
        import numpy as np

        ends = [float(read(v)) for v in self.side_values]
        if self.drawn_values:
            ends += [float(x) for x in np.percentile([read(v) for v in self.drawn_values], (5, 95))]
        return min(central, *ends), max(central, *ends)

    def _lost(self, which: int) -> Floats:
        """(n,) what members lose by what a coalition does."""
        lost: Floats = self.loss[self.chosen[self.row[which]]]
        return lost

    def _named(self, which: int) -> str:
        """The members of a coalition; of a large one, who is left out."""
        inside = [m for k, m in enumerate(self.asked.all) if which >> k & 1]
        outside = [m for k, m in enumerate(self.asked.all) if not which >> k & 1]
        if len(outside) < len(inside):
            return f"all but {'+'.join(outside)}" if outside else "all"
        return "+".join(inside)

    def _worth_rows(self) -> list[dict[str, Any]]:
        n = len(self.asked.all)
        founders = self._founders()
        shown = {self.all, founders, *(self.all & ~(1 << k) for k in range(n))}
        shown |= {founders | 1 << k for k in range(n)}
        rows: list[dict[str, Any]] = []
        for s in sorted(shown, key=lambda s: (s.bit_count(), s)):
            at = self.row[s]
            value = float(self.central_values[at])
            low, high = self._ends(value, lambda v, at=at: v[at])
            inside = [k for k in range(n) if s >> k & 1]
            alone = float(self.loss[0, inside].sum())
            rows.append(
                {
                    "table": "worth",
                    "against": self.mode,
                    "coalition": self._named(s),
                    "acting": self._named(self.which[self.chosen[at]]) or None,
                    "size": len(inside),
                    "value": value,
                    "low": low,
                    "high": high,
                    "loss_alone": alone,
                    "loss_together": float(self._lost(s)[inside].sum()),
                    "part": value / alone if alone > 0.0 else None,
                    **BASE,
                    "note": BESIDE if s == founders and self.asked.invited else None,
                }
            )
        return rows

    def _shares_by_rule(self) -> dict[str, Floats]:
        import numpy as np

        from lodestone.alliance.proportional import proportional

        grand = float(self.central_values[self.row[self.all]])
        found = {"shapley": self.sampled.value}
        for name, weight in {"gdp": self._gdp(), "use": self._spend()}.items():
            if weight is not None and np.isfinite(weight).all() and weight.sum() > 0.0:
                found[name] = proportional(grand, weight)
        return found

    def _share_rows(self) -> list[dict[str, Any]]:
        shares = self._shares_by_rule()
        sides = [self._shapley(v).value for v in (*self.side_values, *self.drawn_values)]
        kept = self.loss[0] - self._lost(self.all)
        grand = float(self.central_values[self.row[self.all]])
        oil, why = self._oil_gains()
        rows: list[dict[str, Any]] = []
        for k, member in enumerate(self.asked.all):
            without = self.all & ~(1 << k)
            value, error = float(self.sampled.value[k]), _BARS * float(self.sampled.error[k])
            ends = [value, *(float(s[k]) for s in sides)]
            outside = float(self.loss[0, k] - self._lost(without)[k])
            rows.append(
                {
                    "table": "share",
                    "against": self.mode,
                    "member": member,
                    "value": value,
                    "low": min(ends) - error,
                    "high": max(ends) + error,
                    "error": error,
                    "nucleolus": None,
                    **{r: float(shares[r][k]) if r in shares else None for r in ("gdp", "use")},
                    # what it avoids itself: payments among members make up the rest
                    "own": float(kept[k]),
                    "payment": value - float(kept[k]),
                    "rule_for_oil": None if oil is None else float(oil[k]),
                    "outside": outside,
                    "by_leaving": outside - value,
                    "lost_to_others": grand - float(self.central_values[self.row[without]]),
                    "loss_alone": float(self.loss[0, k]),
                    "part": value / grand if grand > 0.0 else None,
                    **BASE,
                    "note": f"{_NOT_ALL}: ± {error:.3g}"
                    + ("" if why is None else f"; rule for oil: {why}"),
                }
            )
        return rows

    def _core_rows(self) -> list[dict[str, Any]]:
        """Largest complaint of the coalitions looked at: it can show shares unstable, not stable."""
        import numpy as np

        from lodestone.alliance.core import ROUNDING

        scale = float(np.abs(self.central_values).max()) or 1.0
        rows: list[dict[str, Any]] = []
        for rule, shares in self._shares_by_rule().items():
            excess = self.central_values - self.member @ shares
            excess[[0, self.row[self.all]]] = -np.inf
            worst = int(excess.argmax())
            rows.append(
                {
                    "table": "core",
                    "against": self.mode,
                    "what": rule,
                    "inside": False if excess[worst] > ROUNDING * scale else None,
                    "value": float(excess[worst]),
                    "coalition": self._named(self.which[worst]),
                    "in_low": None,
                    "in_high": None,
                    "in_draws": None,
                    **BASE,
                    "note": f"of {self.coalitions - 2} coalitions {_NOT_ALL.removeprefix('of ')}",
                }
            )
        return rows

    def _invited_rows(self) -> list[dict[str, Any]]:
        """Each invited place joins the founders alone; its share is left open."""
        founders = self._founders()
        at, start = self.row[founders], len(self.asked.members)
        rows: list[dict[str, Any]] = []
        for n, member in enumerate(self.asked.invited):
            k = start + n
            both = self.row[founders | 1 << k]
            value = float(self.central_values[both] - self.central_values[at])
            low, high = self._ends(value, lambda v, b=both: v[b] - v[at])
            before, after = self._lost(founders), self._lost(founders | 1 << k)
            rows.append(
                {
                    "table": "invited",
                    "against": self.mode,
                    "member": member,
                    "value": value,
                    "low": low,
                    "high": high,
                    "worth": float(self.central_values[both]),
                    "founders_gain": float((before - after)[:start].sum()),
                    "share": None,
                    "own": float(self.loss[0, k] - after[k]),
                    "outside": float(self.loss[0, k] - before[k]),
                    "by_staying_out": None,
                    "loss_alone": float(self.loss[0, k]),
                    **BASE,
                }
            )
        return rows


def acting_of_all(asked: AllianceQuestion, values: AllianceValues) -> tuple[int, Floats]:
    """Who of all acts, and (2, n) what members lose alone and then; as in `SampledSharing`."""
    import numpy as np

    from lodestone.economy.exposure import Case

    n = len(asked.all)
    looked_at = _looked_at(n, (1 << len(asked.members)) - 1, asked.seed)
    which = np.array(looked_at)
    loss = values.losses(Case.CENTRAL, which=looked_at)
    everybody = np.ones((1, n), dtype=np.int64)
    k = int(_chosen(which, loss, everybody, which[-1:])[0])
    return looked_at[k], loss[[0, k]]


def _chosen(
    which: Floats, loss: Floats, member: Floats, asked: Floats | None = None
) -> np.ndarray[Any, Any]:
    """(C,) row of the part that acts in each coalition: where its members lose least, acting or not.

    Parameters
    ----------
    which : (T,) the parts that were looked at, of which the first is nobody
    loss : (T, n) what every member loses by what each does
    member : (C, n) who is in each coalition
    asked : (C,) the coalitions; those looked at if left out
    """
    import numpy as np

    coalitions = which if asked is None else asked
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


def _looked_at(n: int, founders: int, seed: int) -> list[int]:
    """None, those of the orders, all but one, founders, and founders with one more."""
    from lodestone.alliance.sampled_shapley import sampled_shapley

    seen: set[int] = {0, founders, (1 << n) - 1}

    def note(which: int) -> float:
        seen.add(which)
        return 0.0

    sampled_shapley(note, n, PAIRS, seed)
    seen |= {((1 << n) - 1) & ~(1 << k) for k in range(n)}
    seen |= {founders | 1 << k for k in range(n)}
    return sorted(seen)
