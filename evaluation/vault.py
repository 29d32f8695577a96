"""Vaults: what twelve billion dollars would hold, for whom, and when it fails; beside what is published.

Run: python evaluation/vault.py (minutes the first time, while cuts are walked)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from page import percent, run, table

import lodestone as ls
from lodestone.desk.library import Library

PLACES = ("USA", "EU27", "JPN", "ALLIANCE")
PRESETS = ("japan", "eu-pilot")
#: Published: 12 bn USD over 44 minerals is about 45 days (Wood Mackenzie, as told by trends.glance.com).
SPREAD_DAYS, SPREAD_MINERALS, SPREAD_BN = 45, 44, 11.67


def report(books: Library) -> Iterable[str]:
    """Blocks of the page."""
    sized = {p: ls.vault_size("project-vault", place=p, workers=2).to_rows() for p in PLACES}
    yield from _four(sized)
    yield from _contents(sized["USA"])
    yield from _pooling(sized)
    yield from _published(sized["USA"], books)
    yield from _presets()
    yield from _rules()
    yield from _finance()


def of(rows: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Rows of one table."""
    return [r for r in rows if r["table"] == name]


def _four(sized: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    yield "## A vault of 11.67 bn USD, for four holders"
    yield (
        "From the materials of the US list of 2025 that have a chain; money goes where a dollar keeps most "
        "expected loss away. Million USD, and million USD a year. *Low* is the price cost or low judgement, "
        "*high* the high judgement of exposure and substitution; *chances* are the ends of the bands of the "
        "hazards; *others* is what users elsewhere save."
    )
    yield table(
        (
            "holder",
            "materials",
            "cost",
            "of it impact, %",
            "avoids",
            "low",
            "high",
            "chances",
            "of all expected loss, %",
            "others",
            "carrying it costs",
        ),
        [
            (
                place,
                t["materials"],
                f"{t['cost']:,.0f}",
                percent(t["impact"]),
                f"{t['value']:,.0f}",
                f"{t['low']:,.0f}",
                f"{t['high']:,.0f}",
                f"{t['if_unlikely']:,.0f}–{t['if_likely']:,.0f}",
                percent(t["share"]),
                f"{t['abroad']:,.0f}",
                f"{t['carry']:,.0f}",
            )
            for place in PLACES
            for t in of(sized[place], "total")[:1]
        ],
    )
    left = [(p, r) for p in PLACES for r in of(sized[p], "unproved")]
    if left:
        yield (
            "Left out, since one of their walks could not be proved: "
            + "; ".join(f"{r['material']} from {r['supplier']} for {p}" for p, r in left)
            + "."
        )
    yield "How far the first money goes: spent, and share of what the whole budget avoids."
    lines = []
    for place in PLACES:
        steps = of(sized[place], "step")
        whole = sum(s["gain"] for s in steps)
        for share in (0.5, 0.8, 0.95):
            gained = spent = 0.0
            for s in steps:
                gained, spent = gained + s["gain"], spent + s["cost"]
                if gained >= share * whole:
                    break
            lines.append((place, percent(share), f"{spent:,.0f}"))
    yield table(("holder", "of the effect, %", "million USD"), lines)
    yield (
        "**The 61st day.** Sixty days of each of these materials, and what one day more of all would avoid a "
        "year and cost once (the slope from 60 to 90 days)."
    )
    yield table(
        ("holder", "60 days cost", "avoid a year", "day 61 avoids", "day 61 costs"),
        [
            (
                place,
                f"{t['cost']:,.0f}",
                f"{t['value']:,.0f}",
                f"{t['next_day']:.1f}",
                f"{t['next_day_cost']:.0f}",
            )
            for place in PLACES
            for t in of(sized[place], "total")[1:]
        ],
    )


def _contents(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "## What it would hold for the United States, in order of buying"
    proof = of(rows, "proof")[0]
    yield (
        f"{proof['pairs']} suppliers and materials cover {percent(proof['covered'])} % of the expected loss of "
        f"these materials; {proof['walks']:,} walks, largest residual {proof['residual']:.0e}; no other split "
        f"avoids more than {proof['bound']:.2g} million USD a year more."
    )
    yield table(
        (
            "material",
            "days",
            "forms",
            "cost",
            "impact, %",
            "avoids",
            "low",
            "high",
            "a year for each dollar",
            "others",
            "release",
        ),
        [
            (
                r["material"],
                f"{r['days']:.0f}",
                r["forms"],
                f"{r['cost']:,.0f}",
                percent(r["impact"]),
                f"{r['value']:,.1f}",
                f"{r['low']:,.1f}",
                f"{r['high']:,.1f}",
                f"{r['per_dollar']:.3g}",
                f"{r['abroad']:,.1f}",
                r["rule"],
            )
            for r in of(rows, "content")
        ],
    )
    yield "Three aims, as shares of what the budget could do for each alone:"
    yield table(
        ("emergency", "market making", "demand", "emergency, %", "market making, %", "demand, %"),
        [
            (
                f"{r['weight_emergency']:.2f}",
                f"{r['weight_market_making']:.2f}",
                f"{r['weight_demand']:.2f}",
                percent(r["emergency"]),
                percent(r["market_making"]),
                percent(r["demand"]),
            )
            for r in of(rows, "trade_off")
        ],
    )
    left = [r["material"] for r in of(rows, "unknown")]
    yield f"Not weighed (no chain, no price in tonnes, or too little expected loss): {', '.join(left)}."


def _pooling(sized: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    alone = ("EU27", "USA", "JPN")
    yield "## Alone or pooled"
    budget = 11.67e9 / 3.0
    each = {
        p: of(ls.vault_size("project-vault", place=p, budget=budget).to_rows(), "total")[0]
        for p in alone
    }
    own = sum(t["value"] for t in each.values())
    pooled = of(sized["ALLIANCE"], "total")[0]["value"]
    yield (
        f"Three vaults of a third of the money each avoid {own:,.0f} million USD a year for their holders; "
        f"one pooled vault of all of it {pooled:,.0f}. The difference is what each alone leaks to the others, "
        "and money that goes where it does most. Relief to the other two is not counted in the first figure."
    )


def _published(rows: list[dict[str, Any]], books: Library) -> Iterator[str]:
    yield "## Beside what is published"
    cover = of(rows, "total")[1]
    weighed, rest = cover["cost"] / 1000.0, cover["unweighed"] / 1000.0
    yield (
        f"*Sixty days of the US list.* Project Vault aims at 60 days of its participants' use, from about 12 bn USD. Ours: "
        f"{weighed:.1f} bn for the {cover['materials']} materials that are weighed, {rest:.1f} bn for others with a price: "
        f"{weighed + rest:.1f} bn in all, {(weighed + rest) / 60 * SPREAD_DAYS:.1f} bn for {SPREAD_DAYS} days. Wood "
        f"Mackenzie is quoted with about {SPREAD_DAYS} days over {SPREAD_MINERALS} minerals for {SPREAD_BN:.1f} bn. Most of "
        "either sum is copper, aluminium, silver, zinc and tin, which keep hardly any expected loss away."
    )
    facts = books.rows(
        "SELECT materials, metric, value, unit, evidence FROM stockpile_facts WHERE place = 'USA' "
        "AND unit = 't' AND value IS NOT NULL ORDER BY row"
    )
    held = {r["material"]: r for r in of(rows, "content")}
    lines = [
        (
            ", ".join(f["materials"]),
            f["metric"],
            f"{f['value']:,.0f}",
            held[f["materials"][0]]["forms"],
            f"{held[f['materials'][0]]['days']:.0f}",
        )
        for f in facts
        if len(f["materials"]) == 1 and f["materials"][0] in held
    ]
    yield "Tonnes that the US National Defense Stockpile asked for in 2025-26, and tonnes of this vault."
    yield table(("material", "what", "tonnes", "this vault", "days"), lines)
    yield (
        "The stockpile's own report (2023) says that 912 million USD of material cover about 6 % of its net shortfalls, and "
        "that 13.5 bn more are wanted: it plans for a war of years in which allies' supply fails too, we for cuts by one "
        "supplier of at most two years. The two figures do not contradict each other; they answer different questions."
    )


def _presets() -> Iterator[str]:
    yield "## Ready vaults of others"
    lines = []
    for name in PRESETS:
        rows = ls.vault_size(name, workers=2).to_rows()
        t = of(rows, "total")[0]
        first = ", ".join(r["material"] for r in of(rows, "cover")[:3])
        lines.append(
            (
                name,
                t["materials"],
                f"{t['cost']:,.0f}",
                f"{t['value']:,.0f}",
                f"{t['low']:,.0f}",
                f"{t['high']:,.0f}",
                f"{t['carry']:,.0f}",
                first,
            )
        )
    yield table(
        ("vault", "materials", "cost", "avoids", "low", "high", "carrying it costs", "mostly"),
        lines,
    )


def _rules() -> Iterator[str]:
    yield "## Release rules over 1,000 paths of 60 months (United States, filled from nothing)"
    rows = ls.vault_run("project-vault", paths=1000, months=60, workers=2).to_rows()
    yield table(
        (
            "rule",
            "avoids",
            "standard error",
            "worst 5 % of paths",
            "spent",
            "cut months met empty, %",
        ),
        [
            (
                r["rule"],
                f"{abs(r['value']) if abs(r['value']) < 0.5 else r['value']:,.0f}",
                f"{r['error']:,.0f}",
                f"{r['in_bad_years']:,.0f}",
                f"{r['spent']:,.0f}",
                percent(r["empty"]),
            )
            for r in of(rows, "rule")
        ],
    )
    yield (
        "Against the best policy, one material at a time (million USD a year in the long run; months are normal, or cut to "
        "central depth):"
    )
    yield table(
        ("material", "policy", "costs", "above the best", "days held in normal months"),
        [
            (
                r["material"],
                r["policy"],
                f"{r['value']:,.1f}",
                f"{r['above_best']:,.1f}",
                f"{r['target']:.0f}",
            )
            for r in of(rows, "policy")
        ],
    )


def _finance() -> Iterator[str]:
    yield "## Who pays, and when it fails (Project Vault's loan and equity)"
    rows = ls.vault_finance("project-vault", workers=2).to_rows()
    yield table(
        ("", "value", "unit"),
        [(r["what"], _short(r["value"]), r["unit"]) for r in of(rows, "key")],
    )
    yield "What would break it:"
    yield table(
        ("", "fall, %", "months", "bears it", "fails in month", "left for equity, million USD"),
        [
            (
                r["what"],
                None if r["fall"] is None else percent(r["fall"]),
                r["ban_months"],
                "yes" if r["solvent"] else "no",
                r["month"],
                f"{r['value']:,.0f}",
            )
            for r in of(rows, "stress")
        ],
    )
    yield "What moves it: each judged term at the ends of its band."
    yield table(
        (
            "term",
            "from",
            "to",
            "fee, %",
            "fails at a fall of, %",
            "fails at a disruption of, months",
        ),
        [
            (
                r["assumption"],
                f"{r['low']:g}",
                f"{r['high']:g}",
                f"{percent(r['fee_low'])}–{percent(r['fee_high'])}",
                f"{_or_never(r['fall_low'])}–{_or_never(r['fall_high'])}",
                f"{r['ban_low'] or 'never'}–{r['ban_high'] or 'never'}",
            )
            for r in of(rows, "sensitivity")
        ],
    )
    yield "What participants pay and gain (million USD a year):"
    yield table(
        ("sector", "its metal", "pays", "keeps away"),
        [
            (r["name"], f"{r['metal']:,.0f}", f"{r['fees']:,.1f}", f"{r['value']:,.1f}")
            for r in of(rows, "participant")
        ],
    )


def _or_never(share: float | None) -> str:
    return "never" if share is None else str(percent(share))


def _short(value: float | None) -> str:
    return "none" if value is None else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


if __name__ == "__main__":
    run("vault", "Vaults sized, run and paid for, beside what is published", report)
