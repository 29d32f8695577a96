"""Release rules against the best policy, material by material: what a month's release takes off its loss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lodestone.desk.loss_surfaces import CENTRAL
from lodestone.desk.study_work import hit_edits, market_at_rest
from lodestone.desk.worlds import world

if TYPE_CHECKING:
    import numpy as np

    from lodestone.desk.vault_contents import Held
    from lodestone.desk.vault_curves import PartRelief, VaultCurves
    from lodestone.desk.vault_plans import AskedVault
    from lodestone.risk.hazard import Hazard
    from lodestone.vault.keeping import Keeping

    Floats = np.ndarray[Any, Any]

_MILLION, _MONTH = 1e6, 365.0 / 12.0
#: Releases that are cleared, and how old the cut is.
_RELEASES, _AGE = 9, 6.0


def policy_rows(asked: AskedVault, curves: VaultCurves, held: Held) -> list[dict[str, Any]]:
    """Simple rules and the best policy for one material, against the cut that costs most.

    Months know neither the depth nor the age of a cut, so `cover` and `even` of `vault.release` have
    no place here: the rules that are nearest to them are named for what they do. Both hand out at
    most the mean shortfall of the cut.
    Yearly cost, in the long run discounted, of a vault that starts with its contents.
    """
    from lodestone.vault.keeping import NORMAL, rule_choice, stock_problem
    from lodestone.vault.optimal_policy import optimal, value_of

    k, pair = keeping(asked, curves, held)
    problem = stock_problem(k)
    start = int(abs(problem.stock - held.days).argmin())
    best = optimal(problem)
    span, rate = asked.months("plan_months"), held.days / asked.months("fill_months")
    missing = float(_missing(curves, pair)) * _MONTH
    rules = {
        "hold, never release": (0.0, 0.0),
        "the mean shortfall": (missing, 1.0),
        f"1/{span} of what is left": (missing, 1.0 / span),
        "supply": (_MONTH, 1.0),
    }
    yearly = 12.0 * (1.0 - problem.discount)
    rows = []
    for name, (out, part) in rules.items():
        choice = rule_choice(problem, held.days, rate, out, part)
        value = value_of(problem, choice)
        rows.append((name, float(value[start, NORMAL]), float(value[0, NORMAL])))
    rows.append(("best policy", float(best.value[start, NORMAL]), float(best.value[0, NORMAL])))
    least = float(best.value[start, NORMAL])
    return [
        {
            "table": "policy",
            "material": held.option.material,
            "supplier": pair[0],
            "policy": name,
            "value": full * yearly,
            "from_empty": empty * yearly,
            "above_best": (full - least) * yearly,
            "target": float(problem.stock[_target(best.choice)])
            if name == "best policy"
            else held.days,
            "unit": "million USD a year",
            "kind": "modelled",
        }
        for name, full, empty in rows
    ]


def _target(choice: Any) -> int:
    """Where the best policy ends in normal months, from an empty vault."""
    at = 0
    for _ in range(choice.shape[0] + 1):
        at = int(choice[at, 0])
    return at


def keeping(asked: AskedVault, curves: VaultCurves, held: Held) -> tuple[Keeping, tuple[str, str]]:
    """One material's months: the cut of its worst supplier at central depth, half a year old."""
    import numpy as np

    from lodestone.vault.keeping import Keeping

    name = held.option.material
    part = next(iter(curves.relief.values()))
    mine = [p for p, pair in enumerate(part.pairs) if pair[1] == name]
    worth = [float(part.avoided[held.option.rule, 60][CENTRAL, p]) for p in mine]
    pair = part.pairs[mine[int(np.argmax(worth))]]
    hazard = next(h for h in part.weighed.hazards if h.pair == pair)
    handed, loss = month_losses(curves, pair, hazard)
    o = held.option
    rate = float(o.days[-1]) / asked.months("fill_months")
    return (
        Keeping(
            most=max(2.0 * held.days, _MONTH),
            day_value=float(o.at_base[-1] / o.days[-1]),
            impact=max(float(np.log(o.cost[-1] / o.at_base[-1])) / rate, 0.0),
            begins=1.0 - (1.0 - hazard.probability) ** (1.0 / 12.0),
            ends=min(1.0 / hazard.months, 1.0),
            handed=handed,
            loss=loss,
            carry=asked.carry,
            interest=asked.term("interest"),
        ),
        pair,
    )


def month_losses(
    curves: VaultCurves, pair: tuple[str, str], hazard: Hazard
) -> tuple[Floats, Floats]:
    """Days of use handed out in a month of a cut, and what the place loses in it, million USD."""
    import numpy as np

    from lodestone.desk.vault_walks import held_stages
    from lodestone.market.outcome import gains_by_month, missing_share
    from lodestone.market.path import clear

    supplier, name = pair
    base, there = market_at_rest(curves.year, name), world(curves.year)
    hit = {"material": name, "severity": hazard.severity, "begins": 0, "lasts": 1}
    edits = hit_edits(curves.year, supplier, hit, 1)
    handed = np.linspace(0.0, _MONTH, _RELEASES)
    found = np.zeros(handed.size)
    for r, days in enumerate(handed):
        out = np.zeros_like(edits.release)
        for s, buyers in held_stages(base, curves.members).items():
            use = base.use[buyers] * base.tonnes[s]
            out[:, s, base.buyer_place[buyers]] += use[None, :] * days / _MONTH
        path = clear(there, replace(edits, release=out), age=_AGE, baseline=base)
        for place, part in curves.relief.items():
            members = _members(place, curves.year)
            cost = float(-gains_by_month(path, members).total[0]) / _MILLION
            missing = float(missing_share(path, members)[0])
            found[r] += _month_loss(part, pair, cost, missing)
    return handed, found


def _month_loss(part: PartRelief, pair: tuple[str, str], cost: float, missing: float) -> float:
    """The larger of price cost and output lost in a month, central, million USD."""
    import numpy as np

    from lodestone.economy.exposure import Case
    from lodestone.economy.losses import Shortage, share_of
    from lodestone.economy.upstream import multipliers
    from lodestone.terms import attribute

    exposed = part.weighed.exposed.get(pair[1])
    cuts = next(iter(part.weighed.cuts.values()))
    spend = next(
        (c.spend for c in cuts if (c.supplier, c.material) == pair and c.spend == c.spend), None
    )
    if exposed is None or spend is None:
        return cost
    table = part.weighed.table
    short = Shortage(exposed, spend / _MILLION, np.array([missing]))
    share = share_of(table, short, float(attribute("sigma").default), Case.CENTRAL)[:, 0]
    scale = part.without.upstream[part.pairs.index(pair)][Case.CENTRAL]
    return max(cost, float((table.output * multipliers(table) / 12.0 * share).sum()) * float(scale))


def _members(place: str, year: int) -> tuple[str, ...]:
    from lodestone.terms import members

    return members(place, year)


def _missing(curves: VaultCurves, pair: tuple[str, str]) -> float:
    """Share of use missing without a vault, mean of the walked cut of middle depth."""
    import polars as pl

    from lodestone.desk.vault_walks import NONE, SEVERITIES

    place = next(iter(curves.relief))
    here = curves.walked.filter(
        (pl.col("supplier") == pair[0])
        & (pl.col("material") == pair[1])
        & (pl.col("rule") == NONE)
        & (pl.col("severity") == SEVERITIES[1])
        & (pl.col("place") == place)
    )
    return float(here["missing"].mean())  # type: ignore[arg-type]
