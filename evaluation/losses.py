"""Losses to sectors and GDP: rankings, one published case, and where the model stops.

Run: python evaluation/losses.py (about two minutes)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from page import percent, run, table

import lodestone as ls
from lodestone.desk.economies import economy
from lodestone.desk.exposures import exposures
from lodestone.desk.library import Library
from lodestone.economy.largest_gdp import LargestGdp
from lodestone.economy.losses import LEAST_KEPT, WIDEST_BAND, thresholds
from lodestone.economy.table import EconomyTable

YEAR = 2024
#: Industries whose output is cut step by step: a part of cars and stores, chips, steel.
CUT = ("335911", "334413", "331110")
KEPT = (1.0, 0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.0)
#: Published for a stop of Chinese net exports: USGS Open-File Report 2024-1057, bn USD of GDP.
USGS = {"gallium": (3.1, 1.7, 8.2), "germanium": (0.4, 0.01, 1.1)}
USGS_BOTH = (3.4, 1.7, 9.0)
#: Rise of the US price in a total ban, from the same study's announcement.
USGS_PRICE = {"gallium": 1.5, "germanium": 0.26}


def report(books: Library) -> Iterable[str]:
    """Blocks of the page."""
    table_us = economy("USA", YEAR)
    answers = {place: ls.losses(place, workers=2) for place in ("USA", "EU27", "JPN")}
    yield from _case()
    yield from _rankings(answers)
    yield from _cliff(table_us)
    yield from _alpha(answers["USA"], table_us)


def _case() -> Iterator[str]:
    """Chinese gallium and germanium for the US."""
    stop = ls.ExportBan("CHN", materials=["gallium", "germanium"])
    both = ls.shock(ls.world(YEAR), stop, months=12, places=["USA"], sensitivity=False)
    rows = both.to_rows()
    yield "## A full stop of Chinese gallium and germanium, for the US"
    single = ls.losses("USA", suppliers=["CHN"], materials=["gallium", "germanium"]).to_rows()
    lines = []
    for row in (r for r in single if r["table"] == "loss"):
        value, low, high = USGS[row["material"]]
        lines.append(
            (
                row["material"],
                *(_bn(row[k]) for k in ("low", "central", "high")),
                f"{_bn(row['output_low'])}–{_bn(row['output_high'])}",
                f"{value} ({low}–{high})",
                percent(row["missing"]),
                f"{row['price_outside']:.0f}",
                f"{1.0 + USGS_PRICE[row['material']]:.2f}",
            )
        )
    yield (
        "Billion USD a year; *low* is the price cost, *high* the largest GDP still possible at the "
        "high judgement, *judged* the central figure from end to end of the exposures and of "
        "substitution. USGS is Open-File Report 2024-1057 for a stop of net exports; nothing was "
        f"fitted to it. Its figure for both is {USGS_BOTH[0]} ({USGS_BOTH[1]}–{USGS_BOTH[2]})."
    )
    heads = (
        "",
        "low",
        "central",
        "high",
        "judged",
        "USGS",
        "missing, %",
        "price outside, ×",
        "USGS, ×",
    )
    yield table(heads, lines)
    loss = next(r for r in rows if r["table"] == "economy" and r["what"] == "loss")
    yield (
        f"Both together: {_bn(loss['low'])} / {_bn(loss['value'])} / {_bn(loss['high'])} (low / "
        f"central / high). The published figure for both is {USGS_BOTH[0]}, at most {USGS_BOTH[2]}: our "
        f"central is {_against(loss['value'])} it. Prices are where we are furthest off: ours run to an "
        "assumed limit. What differs, as far as we can see: the model lets most of US use go missing "
        "for the whole year, and counts as missing what users learn to do without; and exposures "
        "are shares of whole industries, where the published model works with narrower uses."
    )
    sectors = [r for r in rows if r["table"] == "sector"]
    yield table(
        ("sector", "value added lost, bn USD", "of the loss, %", "output that can be made, %"),
        [(r["name"], _bn(r["value"]), percent(r["share"]), percent(r["kept"])) for r in sectors],
    )
    yield "Assumptions: those of `lodestone losses` (rows `assumption`) and, by use, these exposures."
    exposed = exposures("USA", YEAR)
    yield table(
        ("material", "use", "industry", "share of spend, %", "phi, %", "why"),
        [
            (
                name,
                part.label,
                part.industry,
                percent(part.spend_share),
                "/".join(f"{100 * x:.0f}" for x in part.phi),
                part.basis,
            )
            for name in ("gallium", "germanium")
            for part in exposed[name].parts
        ],
    )


def _rankings(answers: dict[str, Any]) -> Iterator[str]:
    """The worst stop of each material for the US; the top twenty for the EU and Japan."""
    for place, most in (("USA", 60), ("EU27", 20), ("JPN", 20)):
        rows = [r for r in answers[place].to_rows() if r["table"] == "loss"]
        known = [r for r in rows if r["central"] is not None]
        best: dict[str, dict[str, Any]] = {}
        for row in known:
            best.setdefault(row["material"], row)
        shown = list(best.values())[:most]
        proof = next(r for r in answers[place].to_rows() if r["table"] == "proof")
        yield f"## What a year's full stop costs: {place}"
        yield (
            f"{len(rows)} suppliers and materials, of which {len(known)} in money; the worst supplier "
            f"of each of {len(best)} materials, the first {len(shown)}. Million USD. All months "
            f"proved (residual {proof['residual']:.0e}), {proof['programs']} programs (gap "
            f"{proof['gap']:.0e})."
        )
        yield table(
            (
                "",
                "material",
                "stops",
                "low",
                "central",
                "high",
                "of GDP, %",
                "missing, %",
                "mostly",
            ),
            [
                (
                    n,
                    r["material"],
                    r["supplier"],
                    f"{r['low']:,.0f}",
                    f"{r['central']:,.0f}",
                    f"{r['high']:,.0f}" if r["high"] is not None else "beyond",
                    f"{100 * r['share_of_gdp']:.3f}",
                    percent(r["missing"]),
                    (r["sectors"] or "prices alone").split(";")[0],
                )
                for n, r in enumerate(shown, 1)
            ],
        )


def _cliff(t: EconomyTable) -> Iterator[str]:
    """GDP lost against the output kept by one industry, at the three thresholds."""
    yield "## Where the model stops"
    yield (
        "GDP lost, in per cent, when one industry keeps a part of its output, at criticality "
        f"thresholds of {', '.join(f'{100 * x:g} %' for x in thresholds())}. Printed as a finding "
        f"only where the industry keeps {100 * LEAST_KEPT:.0f} % and the three answers lie within a "
        f"factor of {WIDEST_BAND:g}; the last column says which."
    )
    solvers = [LargestGdp(t, at) for at in thresholds()]
    for code in CUT:
        k = t.at[code]
        rows = []
        for kept in KEPT:
            share = np.ones(len(t.sectors))
            share[k] = kept
            lost = [1.0 - s.solve(share).gdp / t.gdp for s in solvers]
            rows.append(
                (
                    f"{100 * kept:.0f}",
                    *(f"{100 * x:.3f}" for x in lost),
                    _verdict(kept, lost),
                )
            )
        yield f"### {t.names[k]} ({code})"
        yield table(
            ("output kept, %", *(f"{100 * x:g} %" for x in thresholds()), "a finding"), rows
        )


def _verdict(kept: float, lost: Sequence[float]) -> str:
    if kept < LEAST_KEPT:
        return "no: too little is kept"
    wide = max(lost) > WIDEST_BAND * max(min(lost), 1e-12)
    return "no: the threshold decides" if wide else "yes"


def _alpha(answer: Any, t: EconomyTable) -> Iterator[str]:
    rows = [r for r in answer.to_rows() if r["table"] == "loss" and r["cost_share"] is not None]
    dear = {r["material"]: r["cost_share"] for r in rows}
    worst = sorted(dear.items(), key=lambda x: -x[1])[:10]
    yield "## Cost shares"
    yield (
        "Largest cost share (alpha) of a material in any exposed part of the US economy: where it is "
        "near one half, the exposed part is hardly larger than what is paid for the material, and "
        "the exposure may be judged too small."
    )
    yield table(("material", "alpha"), [(name, f"{a:.2f}") for name, a in worst])


def _against(million: float) -> str:
    """Where a figure stands against the published band."""
    value = million / 1000.0
    if value > USGS_BOTH[2]:
        return "above the upper end of"
    return "within" if value >= USGS_BOTH[1] else "below"


def _bn(million: float | None) -> str | None:
    return "beyond" if million is None else f"{million / 1000.0:.2f}"


if __name__ == "__main__":
    run("losses", "Losses to sectors and GDP held against what is known", report)
