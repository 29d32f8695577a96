"""Rows of an alliance's answer: worth by coalition, shares by every rule, core, invitations, materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import known
from lodestone.desk.group_shortages import counted_in_group
from lodestone.terms import attribute

if TYPE_CHECKING:
    import numpy as np

    from lodestone.alliance.game import Game
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliance_values import AllianceValues

    Floats = np.ndarray[Any, Any]

#: Up to so many members every coalition is a row; beyond, only some are.
_ALL_ROWS = 8
_PERCENT = (5.0, 95.0)
BESIDE = (
    "the invited act alone beside them: not what the founders are worth where nobody is invited"
)
BASE = {"unit": "million USD", "kind": "modelled"}


def rows_of(
    asked: AllianceQuestion,
    values: Mapping[str, AllianceValues],
    drawn: Mapping[str, Sequence[AllianceValues]],
) -> list[dict[str, Any]]:
    """All rows that rest on losses of members."""
    from lodestone.alliance.game import MOST_MEMBERS
    from lodestone.desk.alliance_sampled import SampledSharing

    sharing = Sharing if len(asked.all) <= MOST_MEMBERS else SampledSharing
    rows: list[dict[str, Any]] = []
    valued = 0
    for mode, one in values.items():
        found = sharing(asked, mode, one, drawn[mode])
        valued = found.coalitions
        rows += found.rows()
        rows += _material_rows(asked, mode, one)
    rows += _assumption_rows(asked)
    rows.append(_proof(values, valued))
    return rows


class Sharing:
    """One way of acting alone: games at the three judgements and under every draw."""

    def __init__(
        self,
        asked: AllianceQuestion,
        mode: str,
        values: AllianceValues,
        drawn: Sequence[AllianceValues],
    ) -> None:
        from lodestone.alliance.from_losses import acting, game_of_losses
        from lodestone.economy.exposure import Case

        self.asked, self.mode, self.values = asked, mode, values
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
        """How many were valued, nobody among them."""
        return 1 << len(self.asked.all)

    def rows(self) -> list[dict[str, Any]]:
        """Worth, shares, core, invitations."""
        return [
            *self._worth_rows(),
            *self._share_rows(),
            *self._core_rows(),
            *self._invited_rows(),
        ]

    def _band(self, read: Any) -> tuple[float, float, float]:
        """Central number of a game, with its band over judgements and draws."""
        import numpy as np

        value = float(read(self.central))
        ends = [float(read(g)) for g in self.side_games]
        if self.drawn_games:
            ends += [float(x) for x in np.percentile([read(g) for g in self.drawn_games], _PERCENT)]
        return value, min(value, *ends), max(value, *ends)

    def _founders(self) -> int:
        return (1 << len(self.asked.members)) - 1

    def _worth_rows(self) -> list[dict[str, Any]]:
        n = len(self.asked.all)
        every = range(1, 1 << n)
        shown = [s for s in every if s.bit_count() > 1]
        if n > _ALL_ROWS:
            grand = (1 << n) - 1
            wanted = {self._founders(), grand, *(grand & ~(1 << k) for k in range(n))}
            wanted |= {self._founders() | 1 << k for k in range(n)}
            shown = [s for s in shown if s in wanted or s.bit_count() == 2]
        rows: list[dict[str, Any]] = []
        for s in sorted(shown, key=lambda s: (s.bit_count(), s)):
            value, low, high = self._band(lambda g, s=s: g.values[s])
            inside = [k for k in range(n) if s >> k & 1]
            alone = float(self.loss[0, inside].sum())
            rows.append(
                {
                    "table": "worth",
                    "against": self.mode,
                    "coalition": self.central.names(s),
                    "acting": self.central.names(int(self.chosen[s])) or None,
                    "size": len(inside),
                    "value": value,
                    "low": low,
                    "high": high,
                    "loss_alone": alone,
                    "loss_together": float(self.loss[s, inside].sum()),
                    "part": value / alone if alone > 0.0 else None,
                    **BASE,
                    "note": BESIDE if s == self._founders() and self.asked.invited else None,
                }
            )
        return rows

    def _shares_by_rule(self) -> dict[str, Floats]:
        """Rule -> (n,) shares of the worth of all."""
        import numpy as np

        from lodestone.alliance.nucleolus import nucleolus
        from lodestone.alliance.proportional import proportional
        from lodestone.alliance.shapley import shapley

        game = self.central
        weights = {"gdp": self._gdp(), "use": self._spend()}
        found = {"shapley": shapley(game), "nucleolus": nucleolus(game)}
        for name, weight in weights.items():
            if weight is not None and np.isfinite(weight).all() and weight.sum() > 0.0:
                found[name] = proportional(game.grand, weight)
        return found

    def _gdp(self) -> Floats | None:
        import numpy as np

        from lodestone.desk.assess_buyer import buyer
        from lodestone.desk.economies import _gdp
        from lodestone.desk.library import library
        from lodestone.terms.errors import RequestError

        found = []
        for member in self.asked.all:
            inside = buyer(member, self.asked.year).members
            try:
                found.append(_gdp(library(), inside, self.asked.year)[0])
            except RequestError:
                return None
        return np.array(found)

    def _spend(self) -> Floats:
        """(n,) what members pay for these materials in a normal year; parts of a group once."""
        import numpy as np

        tables = self.values.materials
        names = [m for m in self.values.names if not counted_in_group(m, self.values.names)]
        return np.asarray(sum(np.nan_to_num(tables[m].spend) for m in names))

    def _share_rows(self) -> list[dict[str, Any]]:
        import numpy as np

        from lodestone.alliance.staying_out import staying_out

        n = len(self.asked.all)
        game, shares = self.central, self._shares_by_rule()
        everybody = (1 << n) - 1
        without = [everybody & ~(1 << k) for k in range(n)]
        outside = np.array([self.loss[0, k] - self.loss[s, k] for k, s in enumerate(without)])
        kept = self.loss[0] - self.loss[-1]
        oil, why = self._oil_gains()
        seen = staying_out(game, outside, shares["shapley"])
        rows: list[dict[str, Any]] = []
        for k, member in enumerate(self.asked.all):
            value, low, high = self._band(lambda g, k=k: _shapley_of(g, k))
            rows.append(
                {
                    "table": "share",
                    "against": self.mode,
                    "member": member,
                    "value": value,
                    "low": low,
                    "high": high,
                    **{
                        rule: float(shares[rule][k]) if rule in shares else None
                        for rule in ("nucleolus", "gdp", "use")
                    },
                    # what it avoids itself: payments among members make up the rest
                    "own": float(kept[k]),
                    "payment": float(shares["shapley"][k] - kept[k]),
                    "rule_for_oil": None if oil is None else float(oil[k]),
                    "outside": float(outside[k]),
                    "by_leaving": float(seen.gain[k]),
                    "lost_to_others": float(seen.lost[k]),
                    "loss_alone": float(self.loss[0, k]),
                    "part": float(shares["shapley"][k] / game.grand) if game.grand > 0.0 else None,
                    **BASE,
                    "note": None if why is None else f"rule for oil: {why}",
                }
            )
        return rows

    def _oil_gains(self) -> tuple[Floats | None, str | None]:
        """(n,) what each avoids itself under the sharing rule for oil, all taking part; or why not.

        A material in which there is nothing to share is as where each acts alone.
        """
        from dataclasses import replace

        import numpy as np

        from lodestone.desk.alliance_values import AllianceValues
        from lodestone.economy.exposure import Case

        tables = {}
        unproved = [m for m, t in self.values.materials.items() if t.oil_unproved]
        if unproved:
            return None, f"no proved market of {', '.join(unproved)}"
        for name, t in self.values.materials.items():
            full = t.at(np.array([(1 << len(self.asked.all)) - 1]))[0]
            missing, cost = t.missing.copy(), t.price_cost.copy()
            missing[full], cost[full] = (missing[0], cost[0]) if t.oil is None else t.oil
            tables[name] = replace(t, missing=missing, price_cost=cost)
        if all(t.oil is None for t in tables.values()):
            return None, "no stocks to share"
        other = AllianceValues(self.values.members, self.values.year, tables)
        last = (1 << len(self.asked.all)) - 1
        found = other.losses(Case.CENTRAL, which=[0, last])
        return np.asarray(found[0] - found[1]), None

    def _core_rows(self) -> list[dict[str, Any]]:
        from lodestone.alliance.core import core_check, least_core

        game = self.central
        least = least_core(game)
        rows = [
            {
                "table": "core",
                "against": self.mode,
                "what": "core",
                "inside": not least.empty,
                "value": least.excess,
                "coalition": None,
                "in_low": not least_core(self.side_games[0]).empty,
                "in_high": not least_core(self.side_games[1]).empty,
                "in_draws": _part([not least_core(g).empty for g in self.drawn_games]),
                **BASE,
            }
        ]
        for rule, shares in self._shares_by_rule().items():
            seen = core_check(game, shares)
            rows.append(
                {
                    "table": "core",
                    "against": self.mode,
                    "what": rule,
                    "inside": seen.inside,
                    "value": seen.excess,
                    "coalition": game.names(seen.coalition),
                    "in_low": None,
                    "in_high": None,
                    "in_draws": None,
                    **BASE,
                }
            )
        return rows

    def _invited_rows(self) -> list[dict[str, Any]]:
        """Each invited place joins the founders alone."""
        founders = self._founders()
        start = len(self.asked.members)
        rows: list[dict[str, Any]] = []
        for n, member in enumerate(self.asked.invited):
            k = start + n
            both = founders | 1 << k
            value, low, high = self._band(lambda g, b=both: g.values[b] - g.values[founders])
            share = _shapley_within(self.central, both, k)
            outside = float(self.loss[0, k] - self.loss[founders, k])
            first = slice(0, start)
            before = float((self.loss[0] - self.loss[founders])[first].sum())
            after = float((self.loss[0] - self.loss[both])[first].sum())
            rows.append(
                {
                    "table": "invited",
                    "against": self.mode,
                    "member": member,
                    "value": value,
                    "low": low,
                    "high": high,
                    "worth": float(self.central.values[both]),
                    "founders_gain": after - before,
                    "share": share,
                    "own": float(self.loss[0, k] - self.loss[both, k]),
                    "outside": outside,
                    "by_staying_out": outside - share,
                    "loss_alone": float(self.loss[0, k]),
                    **BASE,
                }
            )
        return rows


def _shapley_of(game: Game, k: int) -> float:
    from lodestone.alliance.shapley import shapley

    return float(shapley(game)[k])


def _shapley_within(game: Game, which: int, k: int) -> float:
    """Shapley value of member k in the game of a coalition alone."""
    import numpy as np

    from lodestone.alliance.game import Game as Smaller

    inside = [m for m in range(game.size) if which >> m & 1]
    at = [sum(1 << m for n, m in enumerate(inside) if s >> n & 1) for s in range(1 << len(inside))]
    part = Smaller(tuple(game.members[m] for m in inside), np.array(game.values[at]))
    return _shapley_of(part, inside.index(k))


def _part(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _material_rows(
    asked: AllianceQuestion, mode: str, values: AllianceValues
) -> list[dict[str, Any]]:
    """Each material by itself: what all together are worth there, and what they do."""
    from lodestone.economy.exposure import Case

    n = len(values.members)
    everybody = (1 << n) - 1
    rows: list[dict[str, Any]] = []
    for name, table in values.materials.items():
        row = table.at(_one(everybody))[0]
        part = [m for k, m in enumerate(values.members) if table.taking_part >> k & 1]
        label: dict[str, Any] = {"table": "material", "against": mode, "material": name}
        if name not in values.names:
            rows.append({**label, "value": None, "note": "no price in tonnes is known"})
            continue
        found = {case: values.losses(case, [name], [0, everybody]) for case in Case}
        worth = [_difference(*x) for x in found.values()]
        notes = []
        if counted_in_group(name, values.names):
            notes.append("counted in rare_earths")
        usual = _asked_hoarding(asked)
        if abs(table.hoarding - usual) > 1e-12:
            notes.append(f"{table.hoarding:.1%} kept back: no proved market at {usual:.1%}")
        if len(part) < n:
            notes.append(f"taking part: {', '.join(part) or 'nobody'}")
        rows.append(
            {
                **label,
                "value": worth[1],
                "low": min(worth),
                "high": max(worth),
                "loss_alone": float(found[Case.CENTRAL][0].sum()),
                "loss_together": float(found[Case.CENTRAL][1].sum()),
                "does": table.does[row],
                "missing_alone": _missing(table, 0),
                "missing_together": _missing(table, int(row)),
                **BASE,
                "note": "; ".join(notes) or None,
            }
        )
    rows.sort(key=lambda r: (-(r["value"] if r["value"] is not None else -1e300), r["material"]))
    return rows


def _asked_hoarding(asked: AllianceQuestion) -> float:
    name = "alliance_hoarding"
    return float(asked.terms.get(name, attribute(name).default))


def _difference(alone: Floats, together: Floats) -> float:
    """What is avoided; 0 where it is rounding."""
    avoided = float((alone - together).sum())
    return 0.0 if abs(avoided) <= 1e-12 * float(abs(alone).sum()) else avoided


def _missing(table: Any, row: int) -> float | None:
    """Share of all members' use that is missing."""
    weight = table.use / table.use.sum() if table.use.sum() > 0.0 else table.use
    return known(float((table.missing[row].mean(axis=1) * weight).sum()))


def _one(which: int) -> Floats:
    import numpy as np

    return np.array([which])


def _assumption_rows(asked: AllianceQuestion) -> list[dict[str, Any]]:
    from lodestone.desk.alliance_study import COVER, TERMS

    rows: list[dict[str, Any]] = []
    for name in (COVER, *TERMS, "sigma", "eta_S", "stock_months", "theta", "choke"):
        a = attribute(name)
        rows.append(
            {
                "table": "assumption",
                "assumption": name,
                "low": float(a.low),
                "value": float(asked.terms.get(name, a.default)),
                "high": float(a.high),
                "unit": a.unit,
                "what": a.description,
                "source": a.source if name not in asked.terms else "yours",
            }
        )
    for member, days in asked.cover.items():
        rows.append(
            {
                "table": "assumption",
                "assumption": COVER,
                "member": member,
                "value": days,
                "unit": "day",
                "what": f"days of use that {member} holds",
                "source": "yours",
            }
        )
    return rows


def _proof(values: Mapping[str, AllianceValues], valued: int) -> dict[str, Any]:
    tables = [t for one in values.values() for t in one.materials.values()]
    return {
        "table": "proof",
        "coalitions": valued,
        "markets": sum(len(t.coalitions) for t in tables),
        "residual": max(t.residual for t in tables),
        "materials": len(tables) // len(values),
        "passed_over": sum(t.unproved for t in tables),
    }
