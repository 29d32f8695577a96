"""Rows of an alliance's answer: worth by coalition, shares by every rule, core, invitations, materials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import known
from lodestone.desk.group_shortages import counted_in_group
from lodestone.terms import attribute

if TYPE_CHECKING:
    import numpy as np

    from lodestone.desk.alliance_games import Games, Share
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliance_values import AllianceValues

    Floats = np.ndarray[Any, Any]

_BESIDE = (
    "the invited act alone beside them: not what the founders are worth where nobody is invited"
)
_BASE = {"unit": "million USD", "kind": "modelled"}


def rows_of(
    asked: AllianceQuestion,
    values: Mapping[str, AllianceValues],
    drawn: Mapping[str, Sequence[AllianceValues]],
) -> list[dict[str, Any]]:
    """All rows that rest on losses of members."""
    rows: list[dict[str, Any]] = []
    valued = 0
    for mode, one in values.items():
        games = games_of(asked, one, drawn[mode])
        valued = games.coalitions
        rows += Sharing(asked, mode, one, games).rows()
        rows += _material_rows(asked, mode, one)
    rows += _assumption_rows(asked)
    rows.append(_proof(values, valued))
    return rows


def games_of(
    asked: AllianceQuestion, values: AllianceValues, drawn: Sequence[AllianceValues]
) -> Games:
    """Coalitions valued: all of them, or of more members than that allows those of a sample."""
    from lodestone.alliance.game import MOST_MEMBERS
    from lodestone.desk.alliance_games import WholeGames
    from lodestone.desk.alliance_sampled import SampledGames

    if len(asked.all) <= MOST_MEMBERS:
        return WholeGames(asked, values, drawn)
    return SampledGames(asked, values, drawn)


class Sharing:
    """One way of acting alone: what coalitions are worth, who gets what, and whether it holds."""

    def __init__(
        self, asked: AllianceQuestion, mode: str, values: AllianceValues, games: Games
    ) -> None:
        self.asked, self.mode, self.values, self.games = asked, mode, values, games
        self.everybody = (1 << len(asked.all)) - 1
        self.founders = (1 << len(asked.members)) - 1

    def rows(self) -> list[dict[str, Any]]:
        """Worth, shares, core, invitations."""
        shapley = self.games.shapley()
        shares = self._shares_by_rule(shapley)
        return [
            *self._worth_rows(),
            *self._share_rows(shapley, shares),
            *self._core_rows(shares),
            *self._invited_rows(),
        ]

    def _worth_rows(self) -> list[dict[str, Any]]:
        games, rows = self.games, []
        for s in sorted(games.shown, key=lambda s: (s.bit_count(), s)):
            value, low, high = games.band(s)
            inside = [k for k in range(len(self.asked.all)) if s >> k & 1]
            alone = float(games.alone[inside].sum())
            rows.append(
                {
                    "table": "worth",
                    "against": self.mode,
                    "coalition": games.named(s),
                    "acting": games.named(games.acting(s)) or None,
                    "size": len(inside),
                    "value": value,
                    "low": low,
                    "high": high,
                    "loss_alone": alone,
                    "loss_together": float(games.lost(s)[inside].sum()),
                    "part": value / alone if alone > 0.0 else None,
                    **_BASE,
                    "note": _BESIDE if s == self.founders and self.asked.invited else None,
                }
            )
        return rows

    def _shares_by_rule(self, shapley: Sequence[Share]) -> dict[str, Floats]:
        """Rule -> (n,) shares of the worth of all."""
        import numpy as np

        from lodestone.alliance.proportional import proportional

        found = {"shapley": np.array([share.value for share in shapley])}
        nucleolus = self.games.nucleolus()
        if nucleolus is not None:
            found["nucleolus"] = nucleolus
        for name, weight in {"gdp": self._gdp(), "use": self._spend()}.items():
            if weight is not None and np.isfinite(weight).all() and weight.sum() > 0.0:
                found[name] = proportional(self.games.worth(self.everybody), weight)
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

    def _share_rows(
        self, shapley: Sequence[Share], shares: Mapping[str, Floats]
    ) -> list[dict[str, Any]]:
        import numpy as np

        from lodestone.alliance.staying_out import staying_out

        games, rows = self.games, []
        grand = games.worth(self.everybody)
        others = [self.everybody & ~(1 << k) for k in range(len(shapley))]
        seen = staying_out(
            grand,
            [games.worth(s) for s in others],
            np.array([games.alone[k] - games.lost(s)[k] for k, s in enumerate(others)]),
            shares["shapley"],
        )
        kept = games.alone - games.lost(self.everybody)
        oil, why = self._oil_gains()
        for k, (member, share) in enumerate(zip(self.asked.all, shapley, strict=True)):
            notes = [games.note and f"{games.note}: ± {share.error:.3g}"]
            notes.append(why and f"rule for oil: {why}")
            rows.append(
                {
                    "table": "share",
                    "against": self.mode,
                    "member": member,
                    "value": share.value,
                    "low": share.low,
                    "high": share.high,
                    **({} if share.error is None else {"error": share.error}),
                    **{
                        rule: float(shares[rule][k]) if rule in shares else None
                        for rule in ("nucleolus", "gdp", "use")
                    },
                    # what it avoids itself: payments among members make up the rest
                    "own": float(kept[k]),
                    "payment": share.value - float(kept[k]),
                    "rule_for_oil": None if oil is None else float(oil[k]),
                    "outside": float(seen.outside[k]),
                    "by_leaving": float(seen.gain[k]),
                    "lost_to_others": float(seen.lost[k]),
                    "loss_alone": float(games.alone[k]),
                    "part": share.value / grand if grand > 0.0 else None,
                    **_BASE,
                    "note": "; ".join(note for note in notes if note) or None,
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

    def _core_rows(self, shares: Mapping[str, Floats]) -> list[dict[str, Any]]:
        rows = []
        core = self.games.core()
        if core is not None:
            rows.append(self._core_row("core", {**core, "coalition": None}))
        for rule, given in shares.items():
            inside, excess, coalition = self.games.complaint(given)
            found = {"inside": inside, "value": excess, "coalition": self.games.named(coalition)}
            rows.append(self._core_row(rule, found))
        return rows

    def _core_row(self, what: str, found: dict[str, Any]) -> dict[str, Any]:
        open_ended = dict.fromkeys(("in_low", "in_high", "in_draws"))
        row = {"table": "core", "against": self.mode, "what": what, **open_ended, **found, **_BASE}
        return row if self.games.note is None else {**row, "note": self.games.note}

    def _invited_rows(self) -> list[dict[str, Any]]:
        """Each invited place joins the founders alone."""
        games, founders, rows = self.games, self.founders, []
        start = len(self.asked.members)
        for k, member in enumerate(self.asked.invited, start):
            both = founders | 1 << k
            value, low, high = games.band(both, less=founders)
            share = games.share_within(both, k)
            outside = float(games.alone[k] - games.lost(founders)[k])
            gain = games.lost(founders)[:start] - games.lost(both)[:start]
            rows.append(
                {
                    "table": "invited",
                    "against": self.mode,
                    "member": member,
                    "value": value,
                    "low": low,
                    "high": high,
                    "worth": games.worth(both),
                    "founders_gain": float(gain.sum()),
                    "share": share,
                    "own": float(games.alone[k] - games.lost(both)[k]),
                    "outside": outside,
                    "by_staying_out": None if share is None else outside - share,
                    "loss_alone": float(games.alone[k]),
                    **_BASE,
                }
            )
        return rows


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
                **_BASE,
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
