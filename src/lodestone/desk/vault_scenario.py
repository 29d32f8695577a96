"""A vault in one scenario: month by month, under each rule, inside and outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lodestone.chain.months import month_label
from lodestone.desk.answer import known as _known
from lodestone.desk.vault_walks import HandedOut, handed_out, held_stages
from lodestone.desk.worlds import world
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

    from lodestone.chain.scenario import Scenario
    from lodestone.desk.vault_contents import Held
    from lodestone.desk.vault_curves import VaultCurves
    from lodestone.desk.vault_plans import AskedVault
    from lodestone.market.path import Path

    Floats = np.ndarray[Any, Any]

HOLD, PRICE = "hold", "price"
_MILLION, _MONTH = 1e6, 365.0 / 12.0
#: Countries of a bloc whose parts are shown.
_MOST = 8


def scenario_rows(
    asked: AskedVault, curves: VaultCurves, held: Sequence[Held], scenario: Scenario
) -> list[dict[str, Any]]:
    """Rows `path`, `path_total` and `allocation` of each held material that the scenario touches."""
    from lodestone.chain.apply import apply
    from lodestone.desk.study_work import market_at_rest
    from lodestone.market.path import walk

    there = world(asked.year)
    edits = apply(there, scenario)
    mine = [h for h in held if h.option.material in edits]
    if not mine:
        names = ", ".join(sorted(edits))
        raise RequestError(f"the vault holds none of what the scenario touches: {names}")
    rows: list[dict[str, Any]] = []
    for h in mine:
        name = h.option.material
        base = market_at_rest(asked.year, name)
        alone = walk(there, edits[name], baseline=base)
        for rule in (HOLD, *curves.rules, PRICE):
            path, handed, stock = _with_rule(asked, curves, h, alone, rule)
            label = {
                "material": name,
                "rule": rule,
                "planned": rule == h.option.rule,
            }
            rows += _path_rows(path, alone, handed, stock, curves.members, label)
            rows.append(_path_total(path, alone, handed, curves, label))
            if rule == h.option.rule:
                rows += _allocation_rows(asked, alone, handed, curves.members, label)
    return rows


def _with_rule(
    asked: AskedVault, curves: VaultCurves, h: Held, alone: Path, rule: str
) -> tuple[Path, HandedOut, Floats]:
    """The path under a rule, what is handed out (bought back: negative), and days left, by month."""
    import numpy as np

    from lodestone.market.path import walk

    if rule == HOLD:
        nothing = HandedOut(np.zeros_like(alone.edits.release), np.zeros(alone.months))
        return alone, nothing, np.full(alone.months, h.days)
    if rule == PRICE:
        return _by_price(asked, curves, h, alone)
    span = asked.months("plan_months")
    handed = handed_out(alone, curves.members, rule, h.days, span)
    edits = replace(alone.edits, release=alone.edits.release + handed.tonnes)
    path = walk(alone.world, edits, baseline=alone.base)
    return path, handed, h.days - np.cumsum(handed.days)


def _by_price(
    asked: AskedVault, curves: VaultCurves, h: Held, alone: Path
) -> tuple[Path, HandedOut, Floats]:
    """The rule that sees last month's price: each month is walked before the next is decided."""
    import numpy as np

    from lodestone.market.outcome import place_months, short_stage
    from lodestone.market.path import walk

    above = float(attribute("vault_release_above").default)
    below = float(attribute("vault_buy_below").default)
    out, back = h.days / asked.months("plan_months"), h.days / asked.months("fill_months")
    months, path, left = alone.months, alone, h.days
    days, stock = np.zeros(months), np.zeros(months)
    s = short_stage(alone)
    for t in range(months):
        if t > 0:
            seen = place_months(path, s, curves.members, ())
            price = 1.0 if seen is None else float(seen.price[t - 1])
            if price > above:
                days[t] = min(out, left)
            elif price < below:
                days[t] = -min(back, h.days - left)
            if days[t] != 0.0:
                path = walk(alone.world, _moved(alone, curves.members, days), baseline=alone.base)
        left -= days[t]
        stock[t] = left
    tonnes = _tonnes(alone, curves.members, np.maximum(days, 0.0))
    return path, HandedOut(tonnes, days), stock


def _moved(alone: Path, members: Sequence[str], days: Floats) -> Any:
    """The scenario's edits with days of use handed out or bought back."""
    import numpy as np

    return replace(
        alone.edits,
        release=alone.edits.release + _tonnes(alone, members, np.maximum(days, 0.0)),
        build=alone.edits.build + _tonnes(alone, members, np.maximum(-days, 0.0)),
    )


def _tonnes(path: Path, members: Sequence[str], days: Floats) -> Floats:
    """(T, S, n) tonnes a year that are so many days of use in each month."""
    import numpy as np

    market = path.market
    out = np.zeros((path.months, len(market.stages), len(market.places)))
    for s, buyers in held_stages(market, members).items():
        use = market.use[buyers] * market.tonnes[s]
        out[:, s, market.buyer_place[buyers]] += days[:, None] / _MONTH * use[None, :]
    return out


def _path_rows(
    path: Path,
    alone: Path,
    handed: HandedOut,
    stock: Floats,
    members: Sequence[str],
    label: Mapping[str, Any],
) -> list[dict[str, Any]]:
    from lodestone.market.outcome import missing_share, place_months, price_outside, short_stage

    s, suppliers = short_stage(alone), alone.edits.suppliers
    outside = [price_outside(p, s, (*members, *suppliers)) for p in (alone, path)]
    inside = [place_months(p, s, members, suppliers) for p in (alone, path)]
    missing = [missing_share(p, members) for p in (alone, path)]
    return [
        {
            "table": "path",
            **label,
            "month": t,
            "date": month_label(path.edits.first, t),
            "released_days": float(handed.days[t]),
            "stock_days": float(stock[t]),
            "missing_without": float(missing[0][t]),
            "missing": float(missing[1][t]),
            "price_outside_without": _known(outside[0][t]),
            "price_outside": _known(outside[1][t]),
            "price_inside_without": None if inside[0] is None else _known(inside[0].price[t]),
            "price_inside": None if inside[1] is None else _known(inside[1].price[t]),
            "kind": "modelled",
        }
        for t in range(path.months)
    ]


def _path_total(
    path: Path, alone: Path, handed: HandedOut, curves: VaultCurves, label: Mapping[str, Any]
) -> dict[str, Any]:
    """What the rule did over all months."""
    from lodestone.desk.shock_losses import scenario_loss
    from lodestone.market.outcome import gains
    from lodestone.terms import members

    name = str(label["material"])
    lost = []
    for p in (alone, path):
        total = 0.0
        for place, part in curves.relief.items():
            loss, _ = scenario_loss(
                part.weighed.table, {name: p}, members(place, curves.year), place
            )
            total += loss.central
        lost.append(total)
    suppliers = alone.edits.suppliers
    abroad = tuple(p for p in alone.market.places if p not in curves.members and p not in suppliers)
    return {
        "table": "path_total",
        **label,
        "months": alone.months,
        "released_days": float(handed.days[handed.days > 0.0].sum()),
        "loss_without": _known(lost[0]),
        "loss": _known(lost[1]),
        "value": _known(lost[0] - lost[1]),
        "price_gain": _known(
            (gains(path, curves.members).total - gains(alone, curves.members).total) / _MILLION
        ),
        "abroad": _known((gains(path, abroad).total - gains(alone, abroad).total) / _MILLION),
        "residual": path.residual,
        "unit": "million USD",
        "kind": "modelled",
    }


def _allocation_rows(
    asked: AskedVault,
    alone: Path,
    handed: HandedOut,
    members: Sequence[str],
    label: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """For a bloc: who gets what in its worst month, by three ways of sharing."""
    import numpy as np

    from lodestone.vault.allocation import WAYS, allocate

    if len(members) < 2:
        return []
    market, w = alone.market, alone.walked
    t = int(handed.days.argmax())
    held = held_stages(market, members)
    names = sorted(members)
    use, need = np.zeros(len(names)), np.zeros(len(names))
    for s, buyers in held.items():
        at = [names.index(market.places[p]) for p in market.buyer_place[buyers]]
        price = float(market.base_price[s])
        unit = market.tonnes[s] / 12.0 * (price if np.isfinite(price) else 1.0)
        np.add.at(use, at, market.use[buyers] * unit)
        lacking = np.maximum(w.wanted[t, buyers] - w.used[t, buyers], 0.0)
        np.add.at(need, at, lacking * unit)
    there = float(handed.days[t]) / _MONTH * float(use.sum())
    given = {way: allocate(way, there, use, need, use) for way in WAYS[:2]}
    order = np.argsort(-use, kind="stable")[:_MOST]
    return [
        {
            "table": "allocation",
            **label,
            "date": month_label(alone.edits.first, t),
            "participant": names[k],
            "use": float(use[k]) / _MILLION,
            "need": float(need[k]) / _MILLION,
            **{f"by_{way.replace(' ', '_')}": float(g[k]) / _MILLION for way, g in given.items()},
            "unit": "million USD at base prices",
            "kind": "modelled",
        }
        for k in (int(i) for i in order)
        if use[k] > 0.0
    ]
