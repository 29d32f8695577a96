"""The ready scenarios of past events beside what was seen: prices, exports, imports, with bands.

Every scenario starts from the balanced world of the year before, under the central assumptions and
64 draws of them; nothing is fitted. What was seen stands in `observed_events.csv` with its sources.
A row of it is compared where it speaks of a material and a thing that the model has, in a period
the path covers, against a base before the measure.

Run: python evaluation/scenarios.py
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from page import run, table

from lodestone.chain.apply import apply
from lodestone.chain.edits import Edits
from lodestone.chain.scenario import Scenario
from lodestone.chain.scenario_library import ready_scenario, scenario_events
from lodestone.desk.library import Library
from lodestone.desk.shock_reading import place_groups
from lodestone.desk.shocking import month_label, reading
from lodestone.desk.worlds import world
from lodestone.market.band import Banded, banded_walk
from lodestone.market.path import Path as MarketPath
from lodestone.terms import find_bloc, find_material, find_place, material

SCENARIOS = (
    "china_gallium_germanium_2023",
    "china_graphite_2023",
    "china_antimony_2024",
    "china_bismuth_tungsten_2025",
    "china_heavy_rare_earths_2025",
    "drc_cobalt_2025",
    "indonesia_nickel_2020",
    "russia_palladium_2022",
)
PLACES = ("EU27", "USA", "JPN")
DRAWS, SEED = 64, 0
OBSERVED = Path(__file__).parent / "observed_events.csv"
#: Words of the observed table that are a chain's stage under another name.
NAMES = {
    "graphite": ("graphite", "mine"),
    "nickel metal": ("nickel", "refine"),
    "nickel ore": ("nickel", "mine"),
    "tungsten (APT)": ("tungsten", "refine"),
    "graphite flake and spherical": ("graphite", "mine"),
}
#: Events of the observed table that are not in the catalogue of controls.
ALSO = {"russia_palladium_2022": ("RU-PD-2022",)}
_SEEN = ("price_outside", "price_inside", "supplier_exports", "imports_from_supplier")


@dataclass(frozen=True)
class Answered:
    """One material of one scenario: its series by stage, with bands."""

    name: str
    scenario: Scenario
    edits: Edits
    stage: str
    series: Mapping[str, Banded]


def main(_books: Library) -> Iterator[str]:
    yield (
        "Prices in multiples of the base year's; use lost in per cent of what would be used; "
        "exports and imports from the supplier in multiples of the base year's. Bands: 5th to 95th "
        f"percentile of {DRAWS} draws."
    )
    hits: list[tuple[str, bool]] = []
    for name in SCENARIOS:
        scenario = ready_scenario(name)
        answered = list(_answers(name, scenario))
        yield f"# {scenario.title}"
        yield (
            f"`lodestone shock {name}`: world of {scenario.year}, from {scenario.start}, "
            f"{scenario.months} months."
        )
        yield table(
            [
                "material",
                "outside, peak",
                "first year",
                "a year on",
                "inside, lowest",
                "EU use lost, first year",
                "USA",
                "JPN",
            ],
            [_headline(a) for a in answered],
        )
        yield "Arriving from the supplier, of what arrived at rest, after 3 and 12 months:"
        yield table(
            ["material", *(f"{p} {t}" for p in PLACES for t in (3, 12))],
            [[material(a.name).name, *_arrivals(a)] for a in answered],
        )
        rows = list(_beside(name, answered))
        hits += [(name, inside) for *_, inside in rows]
        if rows:
            yield "Beside what was seen:"
            yield table(
                ["material", "what", "where", "when", "seen", "model", "band", "within"],
                [[*r[:-1], "yes" if r[-1] else "no"] for r in rows],
            )
    yield "# All together"
    yield table(
        ["scenario", "compared", "within the band"],
        [
            *(
                [n, sum(1 for m, _ in hits if m == n), sum(1 for m, ok in hits if m == n and ok)]
                for n in SCENARIOS
            ),
            ["all", len(hits), sum(1 for _, ok in hits if ok)],
        ],
    )


def _answers(name: str, scenario: Scenario) -> Iterator[Answered]:
    there = world(scenario.year)
    groups = place_groups(PLACES, there.year)
    for m, edits in apply(there, scenario).items():
        read = partial(_read, edits, reading(edits, groups))
        found = banded_walk(there, edits, read, count=DRAWS, seed=SEED)
        stage = found.path.market.stages[-1]
        yield Answered(m, scenario, edits, stage, found.series)


def _read(edits: Edits, base: object, path: MarketPath) -> dict[str, np.ndarray]:
    """What the desk reads, and flows out of the suppliers by stage and place."""
    assert callable(base)
    found = dict(base(path))
    market = path.market
    for s, stage in enumerate(market.stages):
        found |= {f"{k}@{stage}": v for k, v in _prices(path, s, edits.suppliers).items()}
        for code, group in {**place_groups(PLACES, market.year), "abroad": None}.items():
            flow, rest = _flow(path, s, edits.suppliers, group)
            found[f"from|{code}@{stage}"] = flow / rest if rest > 0 else np.full(flow.shape, np.nan)
    return found


def _prices(path: MarketPath, s: int, suppliers: Sequence[str]) -> dict[str, np.ndarray]:
    from lodestone.market.outcome import price_inside, price_outside

    return {
        "price_outside": price_outside(path, s, suppliers),
        "price_inside": price_inside(path, s, suppliers),
    }


def _flow(
    path: MarketPath, s: int, suppliers: Sequence[str], group: Sequence[str] | None
) -> tuple[np.ndarray, float]:
    """(T,) flow from suppliers to a group (None: everybody else), and what it was at rest."""
    m = path.market
    lay = m.layout
    rows = [m.places[p] in suppliers for p in m.node_place[m.nodes_of(s)]]
    to = [m.places[p] for p in m.buyer_place[m.buyers_of(s)]]
    columns = [p not in suppliers if group is None else p in group for p in to]
    shape = (path.months, len(rows), len(columns))
    block = path.walked.flow[:, lay.wo[s] : lay.wo[s + 1]].reshape(shape)
    rest = m.links(s) * m.bought[m.buyers_of(s)][None, :]
    pick = np.ix_(np.flatnonzero(rows), np.flatnonzero(columns))
    return block[(slice(None), *pick)].sum(axis=(1, 2)), float(rest[pick].sum())


def _headline(a: Answered) -> list[object]:
    def text(name: str, scale: float = 1.0, digits: int = 2) -> str:
        b = a.series.get(name)
        if b is None or np.isnan(b.value[0]):
            return ""
        low, mid, high = (scale * x[0] for x in (b.low, b.value, b.high))
        return f"{mid:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"

    return [
        material(a.name).name,
        text("price_outside_peak"),
        text("price_outside_year"),
        text("price_outside_later"),
        text("price_inside_lowest"),
        *(text(f"use_lost_year|{p}", 100.0, 0) for p in PLACES),
    ]


def _arrivals(a: Answered) -> list[object]:
    first = reading(a.edits, {}).first
    cells: list[object] = []
    for p in PLACES:
        b = a.series.get(f"from|{p}@{a.stage}")
        for t in (3, 12):
            at = first + t
            known = b is not None and at < b.value.size and not np.isnan(b.value[at])
            cells.append(f"{b.value[at]:.2f}" if known and b is not None else None)
    return cells


# --- beside what was seen ------------------------------------------------------------------


def _beside(name: str, answered: Sequence[Answered]) -> Iterator[list[object]]:
    events = {*scenario_events(name), *ALSO.get(name, ())}
    by_name = {a.name: a for a in answered}
    with OBSERVED.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["event_id"] in events]
    for r in rows:
        if r["what"] not in _SEEN or not r["ratio"]:
            continue
        chain, stage = NAMES.get(r["material"], (None, None))
        found = find_material(r["material"]) if chain is None else None
        a = by_name.get(chain or (found.id if found else ""))
        if a is None:
            continue
        series = _series(a, r, stage or a.stage)
        months = _months(a, r["period"])
        if series is None or not months or not _before(a, r["baseline_period"]):
            continue
        value, low, high = (
            float(np.mean(x[months])) for x in (series.value, series.low, series.high)
        )
        if np.isnan(value):
            continue
        seen = float(r["ratio"])
        yield [
            r["material"],
            r["what"].replace("_", " "),
            r["place"],
            r["period"],
            f"{seen:.2f}",
            f"{value:.2f}",
            f"{low:.2f}-{high:.2f}",
            low <= seen <= high,
        ]


def _series(a: Answered, row: Mapping[str, str], stage: str) -> Banded | None:
    if row["what"] in ("price_outside", "price_inside"):
        return a.series.get(f"{row['what']}@{stage}")
    if row["what"] == "supplier_exports":
        return a.series.get(f"from|abroad@{stage}")
    code = row["place"].split(" from ")[0]
    known = find_bloc(code) or find_place(code)
    return a.series.get(f"from|{code}@{stage}") if known else None


def _span(period: str) -> tuple[int, int] | None:
    """First and last month (counted from year 0) of a period as written in the table."""
    parts = [p.strip() for p in period.split(" to ")]
    ends: list[tuple[int, int]] = []
    for p in parts:
        found = re.match(r"(\d{4})(?:-(\d{2}))?(?:-\d{2})?(?: |$)", p + " ")
        if not found:
            return None
        year = int(found[1])
        ends.append(
            (year * 12 + int(found[2]) - 1,) * 2 if found[2] else (year * 12, year * 12 + 11)
        )
    return ends[0][0], ends[-1][1]


def _month_number(label: str) -> int:
    year, month = label.split("-")
    return int(year) * 12 + int(month) - 1


def _months(a: Answered, period: str) -> list[int]:
    """Months of the path that a period covers; none unless it covers at least half of it."""
    span = _span(period)
    if span is None:
        return []
    start = _month_number(month_label(a.edits.first, 0))
    inside = [t - start for t in range(span[0], span[1] + 1) if 0 <= t - start < a.edits.months]
    return inside if 2 * len(inside) >= span[1] - span[0] + 1 else []


def _before(a: Answered, period: str) -> bool:
    """Whether a base period ends before the measure acts, and at most two years before."""
    span = _span(period)
    if span is None:
        return False
    acts = _month_number(month_label(a.edits.first, reading(a.edits, {}).first))
    return acts - 30 <= span[1] <= acts


def report(books: Library) -> Iterable[str]:
    """The report as blocks of Markdown."""
    return main(books)


if __name__ == "__main__":
    run("scenarios", "ready scenarios of past events beside what was seen", report)
