"""The verb `vault_size`: what a vault should hold, what that costs, what it keeps away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.answer import known as _known
from lodestone.desk.losing import sources_of_losses
from lodestone.desk.vault_contents import (
    Held,
    budget_contents,
    chance_band,
    cover_contents,
    trade_off,
    unweighed_cost,
)
from lodestone.desk.vault_options import options
from lodestone.desk.vault_plans import AskedVault, asked_vault, curves_of
from lodestone.desk.vault_walks import DAYS
from lodestone.desk.worlds import world

if TYPE_CHECKING:
    from lodestone.desk.impact_cache import Progress
    from lodestone.desk.vault_contents import BudgetContents
    from lodestone.desk.vault_curves import VaultCurves
    from lodestone.desk.vault_options import Option

_MILLION = 1e6
_DAYS_OF_MONTH = 365.0 / 12.0
#: Weights of the trade-off curve: from each aim to each other in so many steps.
_STEPS = 4
#: The published rule of Project Vault and of Japan's stock.
COVER = 60


def vault_size(
    vault: str | Path = "project-vault",
    *,
    place: str | None = None,
    budget: float | None = None,
    year: int | None = None,
    as_of: date | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Answer:
    """What a vault should hold: how much of each material, in which order, for which effect.

    Parameters
    ----------
    vault : a ready vault (`project-vault`, `japan`, `eu-pilot`, `alliance`), or a TOML file
    place, budget : instead of those of the file; USD
    as_of : day on which controls are in force or not; the day of the data release if left out

    Returns
    -------
    Answer
        Rows `total` (each way of filling it), `content` (what the budget buys, in order, with
        forms, market impact, avoided loss with band, and what the next day is worth), `cover` (the
        days asked for), `curve` (each material by size), `step`, `trade_off`, `unknown`, `unproved` (cuts left
        out, since no walk of them is proved), `proof`.
        Million USD, and million USD a year.

    Raises
    ------
    RequestError
        A vault file with all its problems, or a place without an economy.
    """
    asked = asked_vault(vault, place, budget, year, as_of)
    curves = curves_of(asked, workers, progress)
    found, silent = options(asked, curves)
    rows: list[dict[str, Any]] = []
    cover = cover_contents(asked, found)
    spent = None
    if asked.plan.budget_usd is not None:
        million = asked.plan.budget_usd / _MILLION
        spent = budget_contents(found, asked.plan.aims, million)
        rows.append(total_row("the budget, split", spent.held, asked, curves))
        rows += [content_row(n, h, asked, "content") for n, h in enumerate(spent.held, 1)]
        rows += _steps(spent, found)
        rows += _trade_off_rows(found, million)
    if cover:
        whole = total_row("the days asked for", cover, asked, curves)
        rows.append({**whole, "unweighed": unweighed_cost(asked, curves, found)})
        rows += [content_row(n, h, asked, "cover") for n, h in enumerate(cover, 1)]
    rows += [r for option in found for r in _curve_rows(option)]
    rows += _stated_rows(asked)
    rows += [
        {"table": "unknown", "material": name, "note": why}
        for name, why in sorted({**asked.silent, **silent}.items())
    ]
    rows += [
        {"table": "unproved", "supplier": s, "material": m, "note": why}
        for (s, m), why in sorted(curves.unproved.items())
    ]
    rows.append(_proof(curves, spent))
    return Answer(
        query={"verb": "vault_size", **asked.query},
        results=tuple(rows),
        units=dict.fromkeys(("value", "low", "high"), "million USD a year")
        | dict.fromkeys(("cost", "at_base", "own_cost"), "million USD"),
        sources=vault_sources(curves),
        notes=_notes(asked, curves),
        data_release=world(asked.year).data_release,
        content_hash=world(asked.year).content_hash,
    )


def vault_sources(curves: VaultCurves) -> tuple[str, ...]:
    """Sources of losses and hazards of every part, and of what is published about vaults."""
    tables = [part.weighed.table for part in curves.relief.values()]
    used = [s for t in tables for s in sources_of_losses(t)]
    return citations([*used, "controls", "wgi", "policy", "projects"])


def total_row(
    what: str, held: Sequence[Held], asked: AskedVault, curves: VaultCurves
) -> dict[str, Any]:
    """All contents together."""
    from lodestone.vault.finance import lent

    bands = [h.band for h in held]
    low, value, high = (sum(b[k] for b in bands) for k in range(3))
    cost = sum(h.cost for h in held)
    base = sum(h.option.at(h.option.at_base, h.days) for h in held)
    less, more = chance_band(curves, held)
    before = curves.expected_loss()
    terms = asked.terms_for(cost * _MILLION)
    carry = cost * asked.carry + lent(terms, cost * _MILLION) / _MILLION * terms.interest
    return {
        "table": "total",
        "what": what,
        "id": _id(asked, "all", "avoided") if _shown(what, asked) else None,
        "materials": len(held),
        "cost": cost,
        "at_base": base,
        "impact": cost / base - 1.0 if base > 0.0 else None,
        "own_cost": sum(_own_cost(h) for h in held),
        "value": value,
        "low": low,
        "high": high,
        "if_unlikely": less,
        "if_likely": more,
        "abroad": sum(h.option.at(h.option.abroad, h.days) for h in held),
        "before": before,
        "share": value / before if before > 0.0 else None,
        "carry": carry,
        "per_dollar": value / cost if cost > 0.0 else None,
        "next_day": sum(n[0] for h in held if (n := h.next_day()) is not None),
        "next_day_cost": sum(n[1] for h in held if (n := h.next_day()) is not None),
        "unit": "million USD a year",
        "grade": "C",
        "kind": "modelled",
    }


def content_row(n: int, held: Held, asked: AskedVault, table: str) -> dict[str, Any]:
    """One material in the vault."""
    o = held.option
    low, value, high = held.band
    base = o.at(o.at_base, held.days)
    cost, further = held.cost, held.next_day()
    return {
        "table": table,
        "rank": n,
        "material": o.material,
        "id": _id(asked, o.material, "avoided") if _shown(table, asked) else None,
        "days": held.days,
        "months": held.days / _DAYS_OF_MONTH,
        "forms": "; ".join(f"{_tonnes(t)} {s}" for s, t in held.tonnes.items()),
        "cost": cost,
        "at_base": base,
        "impact": cost / base - 1.0 if base > 0.0 else None,
        "own_cost": _own_cost(held),
        "value": value,
        "low": low,
        "high": high,
        "per_dollar": value / cost if cost > 0.0 else None,
        "abroad": o.at(o.abroad, held.days),
        "next_day": None if further is None else further[0],
        "next_day_cost": None if further is None else further[1],
        "spread": o.at(o.spread, held.days),
        "damped": o.at(o.damped, held.days),
        "offtake": o.at(o.offtake, held.days),
        "dominant": o.fill.dominant,
        "rule": o.rule,
        "unit": "million USD a year",
        "grade": "C",
        "kind": "modelled",
    }


def _own_cost(held: Held) -> float:
    import numpy as np

    return held.option.at(np.concatenate([[0.0], held.option.fill.own_cost]), held.days) / _MILLION


def _shown(what: str, asked: AskedVault) -> bool:
    """Whether rows of this kind are what `explain` can find again."""
    budgeted = asked.plan.budget_usd is not None
    return bool(asked.ready) and what in (
        ("content", "the budget, split") if budgeted else ("cover", "the days asked for")
    )


def _id(asked: AskedVault, name: str, what: str) -> str:
    return f"vault:{name}:{asked.year}:{asked.ready}:{what}"


def _tonnes(value: float) -> str:
    """`1.2 kt`, `35 t`, `90 kg`."""
    if value != value:
        return "unknown t"
    for size, unit in ((1e6, "Mt"), (1e3, "kt"), (1.0, "t")):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value * 1e3:.3g} kg"


def _steps(spent: BudgetContents, found: Sequence[Option]) -> list[dict[str, Any]]:
    """The order of buying."""
    total, rows = 0.0, []
    for n, step in enumerate(spent.split.steps, 1):
        o = found[step.item]
        total += step.cost * step.part
        rows.append(
            {
                "table": "step",
                "rank": n,
                "material": o.material,
                "from_days": float(o.days[step.start]),
                "to_days": float(
                    o.days[step.start] + step.part * (o.days[step.end] - o.days[step.start])
                ),
                "cost": step.cost * step.part,
                "spent": total,
                "gain": step.gain * step.part,
                "per_dollar": step.slope,
                "whole": step.part == 1.0,
            }
        )
    return rows


def _curve_rows(option: Option) -> list[dict[str, Any]]:
    from lodestone.desk.loss_surfaces import CENTRAL

    return [
        {
            "table": "curve",
            "material": option.material,
            "days": float(option.days[k]),
            "cost": float(option.cost[k]),
            "at_base": float(option.at_base[k]),
            "value": float(option.avoided[CENTRAL, k]),
            "low": float(option.avoided[:3, k].min()),
            "high": float(option.avoided[2:, k].max()),
            "abroad": float(option.abroad[k]),
            "spread": float(option.spread[k]),
            "damped": float(option.damped[k]),
            "offtake": float(option.offtake[k]),
            **{f"by_{rule}": float(v[k]) for rule, v in option.by_rule.items()},
            "rule": option.rule,
            "volatility": option.volatility,
            "unit": "million USD a year",
            "grade": "C",
            "kind": "modelled",
        }
        for k in range(option.days.size)
    ]


def _trade_off_rows(found: Sequence[Option], budget: float) -> list[dict[str, Any]]:
    """What each aim reaches of its own best, from each aim to each other."""
    from lodestone.vault.vault_file import AIMS

    weights: list[dict[str, float]] = [{a: 1.0} for a in AIMS]
    for i, one in enumerate(AIMS):
        for other in AIMS[i + 1 :]:
            weights += [{one: 1.0 - k / _STEPS, other: k / _STEPS} for k in range(1, _STEPS)]
    weights.append(dict.fromkeys(AIMS, 1.0 / len(AIMS)))
    return [
        {
            "table": "trade_off",
            **{f"weight_{a}": w.get(a, 0.0) for a in AIMS},
            **reached,
            "unit": "share of what the budget could do for this aim alone",
            "kind": "modelled",
        }
        for w, reached in zip(weights, trade_off(found, budget, weights), strict=True)
    ]


def _stated_rows(asked: AskedVault) -> list[dict[str, Any]]:
    """Purchases on a stated supply curve: a cost, and no avoided loss."""
    from lodestone.terms import attribute
    from lodestone.vault.stated_supply import stated_cost

    a, years = attribute("vault_supply_elasticity"), asked.months("fill_months") / 12.0
    rows = []
    for s in asked.plan.stated:
        central, low, high = (
            stated_cost(s.tonnes, years, s.usd_per_t, s.market_t, float(eps)) / _MILLION
            for eps in (a.default, a.high, a.low)
        )
        base = s.tonnes * s.usd_per_t / _MILLION
        rows.append(
            {
                "table": "stated",
                "material": s.material,
                "tonnes": s.tonnes,
                "cost": central,
                "low": low,
                "high": high,
                "at_base": base,
                "impact": central / base - 1.0,
                "value": None,
                "unit": "million USD",
                "grade": "C",
                "kind": "judged",
                "note": "no chain: cost on a stated supply curve; what it keeps away is unknown",
            }
        )
    return rows


def _proof(curves: VaultCurves, spent: BudgetContents | None) -> dict[str, Any]:
    walked = curves.walked
    residual = walked["residual"].max()
    return {
        "table": "proof",
        "pairs": len(curves.pairs),
        "walks": int(walked.select("rule", "days", "severity", "task").unique().height),
        "covered": curves.share_covered,
        "residual": _known(residual),
        "bound": None if spent is None else spent.split.bound,
        "next_per_dollar": None if spent is None else spent.split.next_slope,
    }


def _notes(asked: AskedVault, curves: VaultCurves) -> tuple[str, ...]:
    return (
        f"Vault of {curves.place}: expected yearly loss avoided, hazards and economy as in `risk`, "
        f"as of {asked.as_of}; every size walked through the market with its release.",
        "Cost is what the vault pays when it buys evenly over "
        f"{asked.months('fill_months')} months and moves prices; own_cost is what the place loses by "
        "that: the rise of prices on what the vault and its users buy, less gains of its makers.",
        "The same days are held at each stage at which the place uses a material. Rare earths are "
        "one basket of all elements.",
        f"Stocks of more than {DAYS[-1]} days were not walked: where that much is held, more may pay "
        "too. Between walked sizes values are straight lines; no split of the budget is better than this "
        "one by more than the bound in `proof`.",
        "Low is the price cost or the low judgement, high the high judgement of exposure and "
        "substitution; if_unlikely and if_likely are the ends of the chances. A stock serves one "
        "cut at a time: cuts of a material by two suppliers in one year would share it.",
        "Abroad is what the release saves users elsewhere (price cost alone): a country that hands "
        "out metal buys less from others.",
    )
