"""Speed of the assess methods beside geopolrisk-py 2, on the same data in the same run.

    python benchmarks/assess_vs_geopolrisk.py [--env DIR]

The rival gets its own virtual environment (made on the first run, never the project's), and its
bundled World Mining Data, BACI and WGI are what both programs read. Printed are:

1. cells per second of the one method both have, GeoPolRisk; ours with the time to turn labelled
   columns into arrays, the rival's without its reading and merging of tables;
2. where the scores differ, and why;
3. all our methods for 60 materials x all places x 7 years, and how cost grows.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from lodestone.assess.assessment import Assessment
    from lodestone.assess.flows import Flows
    from lodestone.assess.governance import Governance
    from lodestone.assess.look_through_dependence import OriginShares
    from lodestone.assess.panel import Panel

HERE = Path(__file__).resolve().parent
YEARS = (2018, 2019, 2020, 2021, 2022, 2023, 2024)
#: What the rival is asked: some hundred cells, some in each of its known traps.
MATERIALS = ("Cobalt", "Rare earth", "Tungsten", "Lithium", "Copper", "Germanium", "Platinum")
PLACES: tuple[str, ...] = ("USA", "Japan", "China", "India", "Germany", "France", "Italy", "Spain")
PLACES += ("Belgium", "Netherlands", "Poland", "Sweden", "Finland", "Namibia", "Brazil", "Canada")
ASKED_YEARS = (2022, 2023, 2024)
STAGE = "as published"
_TONNES = {"metr. t": 1.0, "kg": 1e-3}
#: ISO 3166 number of Taiwan in World Mining Data -> customs number in BACI.
_SAME_PLACE = {"158": "490"}


def main() -> None:
    """Run both programs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", type=Path, default=_default_env(), help="the rival's environment")
    parser.add_argument("--rival", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.rival:
        _run_rival(options.rival)
        return
    rival = _ask_rival(options.env)
    ours = _Loaded.read(Path(rival["data"]))
    _print_geopolrisk(rival, ours)
    _print_all_methods(ours)


class _Loaded(NamedTuple):
    """The rival's tables as labelled columns; reading them is not timed, as it is not for it."""

    sheets: dict[str, str]
    names: dict[str, str]
    places: tuple[str, ...]
    production: dict[tuple[str, str, int], float]
    columns: dict[str, list[Any]]
    estimate: dict[tuple[str, int], float]
    eu27: tuple[str, ...]

    @classmethod
    def read(cls, data: Path) -> _Loaded:
        """Read the three SQLite files of the rival."""
        with sqlite3.connect(data / "world_mining_data.db") as wmd:
            codes = _hs_codes(wmd)
            production = _production(wmd, codes)
            numbers = {name: str(int(n)) for n, name in wmd.execute("select * from Country_ISO")}
        with sqlite3.connect(data / "wgi.db") as wgi:
            estimate = _estimate(wgi)
        with sqlite3.connect(data / "baci.db") as baci:
            columns = _trade(baci, codes)
        names = {_SAME_PLACE.get(n, n): name for name, n in numbers.items()}
        places = {*(p for _, p, _ in production), *columns["exporter"], *columns["importer"]}
        eu27 = tuple(numbers[name] for name in _eu27())
        sheets = {reference: sheet for sheet, (reference, _) in codes.items()}
        return cls(sheets, names, tuple(sorted(places)), production, columns, estimate, eu27)

    def inputs(self, sheets: list[str]) -> tuple[Panel, Flows, Governance]:
        """Labels to arrays: the part of our work that is timed with the method."""
        import numpy as np

        from lodestone.assess.flows import Flows
        from lodestone.assess.governance import Governance
        from lodestone.assess.panel import Node, Panel

        nodes = tuple(
            Node(s if i < len(self.sheets) else f"{s} again", STAGE) for i, s in enumerate(sheets)
        )
        at = {place: i for i, place in enumerate(self.places)}
        rows: dict[str, list[int]] = {}
        for i, sheet in enumerate(sheets):
            rows.setdefault(sheet, []).append(i)
        value = np.zeros((len(nodes), len(self.places), len(YEARS)))
        for (sheet, place, year), tonnes in self.production.items():
            value[rows.get(sheet, []), at[place], year - YEARS[0]] += tonnes
        estimate = np.full((len(self.places), len(YEARS)), np.nan)
        for (place, year), number in self.estimate.items():
            if place in at:
                estimate[at[place], year - YEARS[0]] = number
        kept = [(i, n) for i, s in enumerate(self.columns["sheet"]) for n in rows.get(s, ())]

        def column(key: str) -> list[Any]:
            return [self.columns[key][i] for i, _ in kept]

        trade = Flows.from_columns(
            nodes,
            self.places,
            YEARS,
            node=[nodes[n] for _, n in kept],
            year=column("year"),
            exporter=column("exporter"),
            importer=column("importer"),
            tonnes=column("tonnes"),
        )
        governance = Governance(self.places, YEARS, estimate)
        return Panel(nodes, self.places, YEARS, value), trade.leaving_out_unweighed(), governance


def _print_geopolrisk(rival: dict[str, Any], ours: _Loaded) -> None:
    from lodestone.assess.geopolrisk import geopolrisk

    sheets = list(ours.sheets.values())
    blocs = {"EU": ours.eu27}
    aligned, inputs = _best(lambda: ours.inputs(sheets), 3)
    kernel, answer = _best(lambda: geopolrisk(inputs[0], inputs[1], inputs[2], blocs), 7)
    cells = answer.score.panel.value.size
    theirs = rival["cells"] / rival["seconds"]
    print(f"GeoPolRisk                          {'cells':>9} {'seconds':>9} {'cells/s':>13}")
    _row("geopolrisk-py 2, scores only", rival["cells"], rival["seconds"])
    _row("lodestone, labels to arrays + scores", cells, aligned + kernel)
    _row("lodestone, scores only", cells, kernel)
    print(
        f"  the rival also needs {rival['import']:.0f} s to import and {rival['merge']:.0f} s to merge"
    )
    print(f"  ratio, ours with labels to arrays: {cells / (aligned + kernel) / theirs:,.0f}")
    print(f"  ratio, scores only:                {cells / kernel / theirs:,.0f}  (target >= 1,000)")
    lost = geopolrisk(inputs[0], inputs[1], _without(inputs[2], "490"), blocs)
    _print_differences(rival["scores"], answer.score, lost.score, ours)


def _without(governance: Governance, place: str) -> Governance:
    """The estimates as the rival has them: its table has no number for Taiwan."""
    import numpy as np

    estimate = governance.estimate.copy()
    estimate[governance.places.index(place)] = np.nan
    return replace(governance, estimate=estimate)


def _print_differences(
    scores: list[list[Any]], score: Assessment, taiwan_lost: Assessment, ours: _Loaded
) -> None:
    number = {name: code for code, name in ours.names.items()} | {"EU": "EU"}
    found: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for material, place, year, theirs in scores:
        key = (ours.sheets[material], STAGE, number[place], year)
        kind = _difference(score, taiwan_lost, key, theirs)
        found[kind] += 1
        shown = score.panel.at(*key)
        mine = "unknown" if shown is None else f"{shown:.6f}"
        examples.setdefault(kind, f"{material}, {place} {year}: theirs {theirs:.6f}, ours {mine}")
    print("\nScores beside the rival's:")
    for kind, count in found.most_common():
        print(f"  {count:>4}  {kind}\n        e.g. {examples[kind]}")


def _difference(
    score: Assessment, taiwan_lost: Assessment, key: tuple[str, str, str, int], theirs: float
) -> str:
    mine, theirs_again = score.panel.at(*key), taiwan_lost.panel.at(*key)
    if mine is None or theirs_again is None:
        cell = (score.panel.node(*key[:2]), score.panel.place(key[2]), YEARS.index(key[3]))
        return f"theirs {'0' if theirs == 0 else 'a number'}, ours {score.gap_at(cell).words}"
    if math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12):
        return "equal to 1e-9"
    if math.isclose(theirs_again, theirs, rel_tol=1e-9, abs_tol=1e-12):
        return "equal to 1e-9 once Taiwan's governance estimate is lost, as in theirs"
    return "differ"


def _print_all_methods(ours: _Loaded) -> None:
    sixty = (list(ours.sheets.values()) * 2)[:60]  # 53 have codes: seven stand in twice
    _all_methods(*ours.inputs(sixty[:5]))
    print("\nAll methods, bands included        materials    places     years   seconds")
    seconds = {}
    for many in (15, 30, 60):
        inputs = ours.inputs(sixty[:many])
        runs = [_all_methods(*inputs) for _ in range(3)]
        parts = min(runs, key=lambda run: sum(run.values()))
        seconds[many] = sum(parts.values())
        nodes, places, years = inputs[0].shape
        print(f"{'lodestone':<34} {nodes:>9} {places:>9} {years:>9} {seconds[many]:>9.2f}")
    exponent = math.log2(seconds[60] / seconds[30])
    print(f"  target <= 2 s; cost grows with materials as n^{exponent:.2f}")
    for name, spent in sorted(parts.items(), key=lambda item: -item[1]):
        print(f"    {name:<32} {spent:>7.3f} s")


def _all_methods(production: Panel, trade: Flows, governance: Governance) -> dict[str, float]:
    """Every method once, on stand-in inputs where the rival's tables have none; seconds by method."""
    import numpy as np

    from lodestone.assess import crm_act_scoreboard as crm
    from lodestone.assess.ec_supply_risk import bottleneck, supply_risk
    from lodestone.assess.geopolrisk import geopolrisk
    from lodestone.assess.hhi import governance_weighted_hhi, hhi
    from lodestone.assess.look_through_dependence import look_through_dependence
    from lodestone.assess.n_minus_1 import n_minus_1
    from lodestone.assess.net_import_reliance import net_import_reliance
    from lodestone.assess.panel import Panel
    from lodestone.assess.reserves_over_production import reserves_over_production
    from lodestone.assess.sourcing import supply_risk_inputs
    from lodestone.assess.trade_exposure import trade_exposure

    spent: dict[str, float] = {}

    def timed(name: str, call: Callable[[], Any]) -> Any:
        start = time.perf_counter()
        answer = call()
        spent[name] = time.perf_counter() - start
        return answer

    axes = (production.nodes, production.places, production.years)
    made = Panel(*axes, production.value, production.value * 0.9, production.value * 1.1)
    weight = np.nan_to_num(governance.weight_0_to_10(), nan=5.0)
    world = (production.nodes, ("WLD",), production.years)
    tenth = Panel(*world, np.full((len(production.nodes), 1, len(YEARS)), 0.1))
    demand = Panel(*world, production.value.sum(axis=1, keepdims=True))
    blocs = {
        "EU": tuple(p for p in ("40", "56", "276", "251", "380", "724") if p in production.places)
    }
    timed("hhi", lambda: hhi(made))
    timed("hhi_governance", lambda: governance_weighted_hhi(made, weight))
    timed("geopolrisk", lambda: geopolrisk(production, trade, governance, blocs))
    timed(
        "geopolrisk_extra_region",
        lambda: geopolrisk(production, trade, governance, blocs, within_bloc="left out"),
    )
    sourced = timed(
        "ec inputs (sourcing)",
        lambda: supply_risk_inputs(made, trade, weight, tenth, tenth, blocs=blocs),
    )
    risk = timed("ec_supply_risk", lambda: supply_risk(sourced))
    timed("ec bottleneck", lambda: bottleneck(risk.chosen))
    imports, exports = timed("trade totals", lambda: trade.totals())
    reliance = timed("net_import_reliance", lambda: net_import_reliance(made, imports, exports))
    timed("trade_exposure", lambda: trade_exposure(reliance, trade, against=("156",)))
    timed("n_minus_1", lambda: n_minus_1(made, demand, made))
    timed("reserves_over_production", lambda: reserves_over_production(made, made))
    timed(
        "crm_act_scoreboard",
        lambda: crm.crm_act_scoreboard(
            dict.fromkeys(list(crm.Benchmark)[:3], made), production, tenth
        ),
    )
    shares = _origin_shares(production, trade)
    timed(
        "look_through_dependence + 65 % cap",
        lambda: [
            crm.diversification(look_through_dependence(one), look_through=True) for one in shares
        ],
    )
    return spent


def _origin_shares(production: Panel, trade: Flows) -> list[OriginShares]:
    """Shares as shipped of every buyer, standing in for look-through ones too (input, not timed)."""
    import numpy as np

    from lodestone.assess.look_through_dependence import OriginShares

    places, found = production.places, []
    for n, node in enumerate(production.nodes):
        for t, year in enumerate(production.years):
            at = np.flatnonzero((trade.node == n) & (trade.year == t))
            tonnes = np.zeros((len(places), len(places)))
            np.add.at(tonnes, (trade.importer[at], trade.exporter[at]), trade.tonnes[at])
            tonnes[np.diag_indices(len(places))] += production.value[n, :, t]
            total = tonnes.sum(axis=1, keepdims=True)
            share = np.divide(tonnes, total, out=np.full_like(tonnes, np.nan), where=total > 0)
            found.append(OriginShares(node, year, places, places, share, share))
    return found


def _hs_codes(wmd: sqlite3.Connection) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Sheet -> the rival's name of the material and its HS6 codes, where it has any."""
    query = (
        'select Sheet_name, "Reference ID", "HS Code", "HS Code - Complementary" from "HS Code Map"'
    )
    return {
        sheet: (name, tuple(int(c) for c in (code, *(more.split(";") if more else ()))))
        for sheet, name, code, more in wmd.execute(query)
        if code != "Not Available"
    }


def _production(
    wmd: sqlite3.Connection, codes: dict[str, tuple[str, tuple[int, ...]]]
) -> dict[tuple[str, str, int], float]:
    """Tonnes by sheet, place and year; rows of one place added up, the total row left out."""
    columns = ", ".join(f'"{year}"' for year in YEARS)
    found: dict[tuple[str, str, int], float] = {}
    for sheet in codes:
        query = f'select Country_Code, unit, {columns} from "{sheet}" where Country_Code <> ?'
        for code, unit, *tonnes in wmd.execute(query, ["DELETE"]):
            place = _SAME_PLACE.get(code, code)
            for year, quantity in zip(YEARS, tonnes, strict=True):
                if quantity is not None:
                    key = (sheet, place, year)
                    found[key] = found.get(key, 0.0) + quantity * _TONNES.get(unit, 0.0008)
    return found


def _trade(
    baci: sqlite3.Connection, codes: dict[str, tuple[str, tuple[int, ...]]]
) -> dict[str, list[Any]]:
    sheets: dict[int, list[str]] = {}
    for sheet, (_, many) in codes.items():
        for code in dict.fromkeys(many):
            sheets.setdefault(code, []).append(sheet)
    columns: dict[str, list[Any]] = {
        k: [] for k in ("sheet", "year", "exporter", "importer", "tonnes")
    }
    for year, exporter, importer, code, q in baci.execute(
        "select t, i, j, k, trim(q) from baci_trade where t >= ?", [str(YEARS[0])]
    ):
        for sheet in sheets.get(int(code), ()):
            tonnes = float("nan") if q in ("NA", "", None) else float(q)
            for name, entry in zip(
                columns, (sheet, int(year), exporter, importer, tonnes), strict=True
            ):
                columns[name].append(entry)
    return columns


def _estimate(wgi: sqlite3.Connection) -> dict[tuple[str, int], float]:
    """Political stability by customs number of the place; the rival has lost Taiwan's number."""
    years = ", ".join(f'"{year}"' for year in YEARS)
    found = {}
    for iso3, number, *estimates in wgi.execute(
        f'select Code, country_code, {years} from "Estimate"'
    ):
        place = "490" if iso3 == "TWN" else str(number)
        for year, estimate in zip(YEARS, estimates, strict=True):
            if place.isdigit() and estimate not in (None, "None", "", "NA"):
                found[place, year] = float(estimate)
    return found


def _eu27() -> tuple[str, ...]:
    names = (
        "Austria Belgium Bulgaria Croatia Cyprus Czechia Denmark Estonia Finland France Germany "
        "Greece Hungary Ireland Italy Latvia Lithuania Luxembourg Malta Netherlands Poland "
        "Portugal Romania Slovakia Slovenia Spain Sweden"
    )
    return tuple(names.split())


def _ask_rival(env: Path) -> dict[str, Any]:
    """Run the rival in its own environment and home folder; it writes logs and results there."""
    python = env / "bin" / "python"
    if not python.exists():
        print(f"making the rival's environment in {env} ...")
        venv.create(env, with_pip=True)
        requirements = HERE / "requirements-geopolrisk.txt"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    with tempfile.TemporaryDirectory() as home:
        answer = Path(home) / "answer.json"
        command = [str(part) for part in (python, Path(__file__).resolve(), "--rival", answer)]
        print("running geopolrisk-py (about two minutes) ...", flush=True)
        run = subprocess.run(
            command, env=os.environ | {"HOME": home}, capture_output=True, text=True
        )
        if run.returncode:
            sys.exit(f"the rival failed:\n{run.stderr[-2000:]}")
        result: dict[str, Any] = json.loads(answer.read_text())
    return result


def _run_rival(answer: Path) -> None:
    """In the rival's environment: time its import, its merging of tables, and its scores."""
    start = time.perf_counter()
    import geopolrisk  # type: ignore[import-not-found]
    from geopolrisk.assessment import main as rival  # type: ignore[import-not-found]
    from geopolrisk.assessment.utils import mapped_baci  # type: ignore[import-not-found]

    imported = time.perf_counter() - start
    start = time.perf_counter()
    merged = mapped_baci()
    merging = time.perf_counter() - start
    rival.mapped_baci = lambda: merged
    start = time.perf_counter()
    countries = rival.gprs_calc(list(ASKED_YEARS), list(PLACES), list(MATERIALS))
    seconds = time.perf_counter() - start
    # a bloc costs it one pass a member, so blocs are compared but not timed
    bloc = rival.gprs_calc(list(ASKED_YEARS), ["EU"], list(MATERIALS))
    columns = ("Raw Material", "Country [Economic Entity]", "Year", "GeoPolRisk Score")
    scores = [
        [material, place, int(year), float(score)]
        for frame in (countries, bloc)
        for material, place, year, score in zip(*(frame[c] for c in columns), strict=True)
    ]
    data = str(Path(geopolrisk.__file__).parent / "lib")
    timing = {"import": imported, "merge": merging, "seconds": seconds, "cells": len(countries)}
    answer.write_text(json.dumps(timing | {"scores": scores, "data": data}))


def _best(call: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Shortest of several runs, and the last answer."""
    best, answer = math.inf, None
    for _ in range(times):
        start = time.perf_counter()
        answer = call()
        best = min(best, time.perf_counter() - start)
    return best, answer


def _row(name: str, cells: int, seconds: float) -> None:
    print(f"{name:<35} {cells:>9,} {seconds:>9.3f} {cells / seconds:>13,.0f}")


def _default_env() -> Path:
    return Path(tempfile.gettempdir()) / "lodestone-benchmark-geopolrisk"


if __name__ == "__main__":
    main()
