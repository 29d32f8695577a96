"""Official figures beside ours: what the publisher of a method printed for the same thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lodestone.desk.assess_ec import BOTTLENECK, EU, USE
from lodestone.desk.assess_rows import ScoreRow, with_official
from lodestone.desk.library import Library
from lodestone.terms import material

Official = dict[str, Any]
Key = tuple[str, str]

_EC_EDITION = 2023
#: Words in the title of a USGS series -> the stage of our chain that it is about; None for a
#: product beside the chain. A title without any of them is about the refined material, or about
#: the only stage there is.
_USGS_STAGES: tuple[tuple[str, str | None], ...] = (
    ("pigment", None),
    ("ferrosilicon", None),
    (": total", None),
    ("bort", None),
    ("iron and steel", "product"),
    ("iron ore", "mine"),
    ("alumina", "refine"),
    ("aluminum", "product"),
    ("bauxite", "mine"),
    ("concentrates", "mine"),
)


def beside_official(books: Library, rows: Iterable[ScoreRow]) -> list[ScoreRow]:
    """The rows with the official figure beside those that have one."""
    found: dict[tuple[str, str, int], dict[Key, Official]] = {}
    done = []
    for row in rows:
        reader = _READERS.get((row["method"], row["place"]))
        official = None
        if reader is not None:
            key = (row["method"], row["place"], row["year"])
            if key not in found:
                found[key] = reader(books, row["year"])
            official = found[key].get((row["material"], row["stage"]))
        done.append(with_official(row, official))
    return done


def ec_scores(books: Library, column: str, stage: str) -> dict[Key, Official]:
    """Scores of the 2023 study by material, at `stage`.

    Where the study has a material and its metal as two entries (titanium), the larger score
    stands at `stage`, and each entry at the stage of the chain that it is about.
    """
    by_material: dict[str, dict[str, float]] = defaultdict(dict)
    for row in books.rows(
        f"SELECT material, detail, {column} AS score FROM ec_scores "
        f"WHERE year = {_EC_EDITION} AND material IS NOT NULL AND {column} IS NOT NULL"
    ):
        by_material[row["material"]][row["detail"]] = row["score"]
    found = {}
    for name, entries in by_material.items():
        largest = max(entries, key=lambda detail: entries[detail])
        found[name, stage] = _ec_score(entries, largest)
        if len(entries) > 1:
            for detail in entries:
                at = "refine" if detail.lower().endswith("metal") else "mine"
                found[name, at] = _ec_score(entries, detail)
    return found


def _ec_score(entries: dict[str, float], detail: str) -> Official:
    source = (
        f"EC study {_EC_EDITION}, doi:10.2873/725585 (data of about 2016 to 2020), entry {detail}"
    )
    return {"value": entries[detail], "source": source}


def usgs_reliance(books: Library, year: int) -> dict[Key, Official]:
    """Net import reliance of the USA as shares, by material and stage; `>50` as a band."""
    rows = books.rows(
        "SELECT material, detail, value, low, high, raw_value, flag, source FROM facts "
        "WHERE quantity = 'net_import_reliance' AND place = 'USA' AND year = ? "
        "ORDER BY source DESC, fact",
        [year],
    )
    stages: dict[str, list[str]] = defaultdict(list)
    for chain in books.rows(
        'SELECT DISTINCT material, stage, "order" FROM chain_stages ORDER BY 3'
    ):
        stages[chain["material"]].append(chain["stage"])
    by_key: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        stage = _usgs_stage(str(row["detail"]), stages[row["material"]])
        if stage is not None:
            by_key[row["material"], stage].append(row)
    found = {}
    for key, series in by_key.items():
        latest = [r for r in series if r["source"] == series[0]["source"]]
        if len(latest) == 1:
            found[key] = _reliance(latest[0], year)
    return found


def _reliance(row: dict[str, Any], year: int) -> Official:
    """A printed percentage as a share: `E`, a net exporter, is 0."""
    value, low, high = (None if row[c] is None else row[c] / 100 for c in ("value", "low", "high"))
    if "net_exporter" in str(row["flag"]):
        value, low, high = 0.0, None, None
    source = f"USGS ({row['source']}), {year}, printed {row['raw_value']}: {row['detail']}"
    return {"value": value, "low": low, "high": high, "source": source}


def iea_n_minus_1(books: Library, year: int) -> dict[Key, Official]:
    """The IEA's supply without the largest supplier over all demand, base year only."""
    rows = books.rows(
        "SELECT material, stage, n1_supply_ex_largest_over_global_demand AS ratio FROM iea_n1 "
        "WHERE scenario = 'base' AND year = ?",
        [year],
    )
    source = f"IEA Critical Minerals Dataset, May 2025, {year}"
    return {
        (r["material"], r["stage"]): {"value": r["ratio"], "source": source}
        for r in rows
        if r["ratio"] is not None
    }


def eu_list(materials: Iterable[str]) -> dict[Key, Official]:
    """1 for a material that the EU list of critical raw materials reaches, else 0."""
    source = "Regulation (EU) 2024/1252, Annex II"
    return {
        (name, BOTTLENECK): {"value": float(material(name).eu_crm), "source": source}
        for name in materials
    }


def _usgs_stage(detail: str, stages: Sequence[str]) -> str | None:
    """Stage of our chain that a series is about; None for a product beside the chain."""
    printed = detail.lower()
    for words, stage in _USGS_STAGES:
        if words in printed:
            return stage
    return "refine" if "refine" in stages else stages[-1] if stages else None


Reader = Callable[[Library, int], dict[Key, Official]]
_READERS: dict[tuple[str, str], Reader] = {
    ("ec_supply_risk", EU): lambda books, _: ec_scores(books, "supply_risk", BOTTLENECK),
    ("ec_economic_importance", EU): lambda books, _: ec_scores(books, "economic_importance", USE),
    ("ec_criticality", EU): lambda books, year: eu_list(books.materials(year)),
    ("net_import_reliance", "USA"): usgs_reliance,
    ("n_minus_1_all_demand", "WLD"): iea_n_minus_1,
}
