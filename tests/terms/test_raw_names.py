"""Every country and material name in the raw files is known, or left out for a stated reason.

Readers mend some names first (footnote letters of the USGS); those are tested with the readers.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import pytest

from lodestone.terms import (
    excluded,
    excluded_place,
    find_material,
    find_place,
    is_mass,
    listings,
    material,
    materials,
    place,
    places,
    to_usd_per_tonne,
)
from lodestone.terms.errors import RequestError
from lodestone.terms.lookup import fold

pytestmark = pytest.mark.raw


def _rows(file: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def _unknown_places(names: Iterable[str], source: str | None = None) -> set[str]:
    return {n for n in names if not find_place(n, source) and not excluded_place(n)}


def _unknown_materials(names: Iterable[str]) -> set[str]:
    return {n for n in names if not find_material(n) and not excluded(n)}


def _wmd(raw: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """(table, country, customs code, ISO3, unit) of every World Mining Data row."""
    (file,) = (raw / "wmd").glob("*.db")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
        names = [n for (n,) in base.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            columns = {c[1] for c in base.execute(f'pragma table_info("{name}")')}
            if {"Country", "Country_Code", "unit"} <= columns:
                query = f'select Country, Country_Code, Country_ISO, unit from "{name}"'
                yield from ((name, *row) for row in base.execute(query))


def test_wmd(raw: Path) -> None:
    rows = list(_wmd(raw))
    assert len({table for table, *_ in rows}) == 65
    assert _unknown_materials(table for table, *_ in rows) == set()
    assert _unknown_places(country for _, country, *_ in rows) == set()
    apart = {
        (country, code)
        for _, country, number, iso3, _ in rows
        for code in (number, iso3)
        if country != "Total" and find_place(country) is not find_place(code, "wmd")
    }
    assert apart == {("French Guiana", "328"), ("French Guiana", "GUY")}


def test_the_wmd_mark_is_what_the_file_holds(raw: Path) -> None:
    covered = {m.id for t, *_ in _wmd(raw) if (m := find_material(t)) is not None}
    assert covered == {m.id for m in materials() if m.wmd}


def test_ec(raw: Path) -> None:
    for name in ("ec_crm2023_global_supply_shares", "ec_crm2023_eu_sourcing_shares"):
        rows = _rows(raw / "ec" / f"{name}.csv")
        assert _unknown_places(r["country"] for r in rows) == set()
        assert _unknown_materials(r["material"] for r in rows) == set()
    for name in ("ec_crm2017_results", "ec_crm_sr_ei_2011_2023", "ec_crm2023_end_use_shares"):
        assert _unknown_materials(r["material"] for r in _rows(raw / "ec" / f"{name}.csv")) == set()


def test_iea(raw: Path) -> None:
    rows = _rows(raw / "iea" / "iea_cm2025_supply_by_country.csv")
    assert _unknown_places(r["country"] for r in rows) == set()
    for file in sorted((raw / "iea").glob("*.csv")):
        assert _unknown_materials(r["mineral"] for r in _rows(file)) == set(), file.name


def test_wgi(raw: Path) -> None:
    rows = _rows(raw / "wgi" / "wgi_political_stability_1996_2024.csv")
    assert _unknown_places((r["iso3"] for r in rows), "wgi") == set()
    apart = {
        (r["country"], r["iso3"])
        for r in rows
        if find_place(r["country"], "wgi") is not find_place(r["iso3"], "wgi")
    }
    assert apart == set()
    latest = _rows(raw / "wgi" / "wgi_mean_of_six_latest.csv")
    assert _unknown_places(r["iso2"] for r in latest) == set()


def test_the_odd_wgi_codes_are_who_we_say(raw: Path) -> None:
    """By another table: the file by two-letter code has Kosovo and the US Virgin Islands."""
    first = {
        place(r["iso3"], "wgi").iso3
        for r in _rows(raw / "wgi" / "wgi_political_stability_1996_2024.csv")
    }
    second = {place(r["iso2"]).iso3 for r in _rows(raw / "wgi" / "wgi_mean_of_six_latest.csv")}
    assert {"XKX", "VIR"} <= first & second
    assert "UMI" not in second


def test_baci(raw: Path) -> None:
    table = _rows(raw / "baci" / "baci_country_codes.csv", "utf-8")
    for row in table:
        found = place(int(row["country_code"]))
        assert found is find_place(row["country_name"]), row
        # The table's own ISO code agrees, but for the stand-ins it invents and old unions.
        if row["country_iso3"] != "R20":
            assert found is find_place(row["country_iso3"]), row
        if row["country_iso2"] and row["country_iso2"] not in ("CS", "PU"):
            assert found is find_place(row["country_iso2"]), row
    flows = pl.scan_parquet(raw / "baci" / "baci_hs92_74codes_1995_2024.parquet")
    for column in ("exporter_code", "importer_code"):
        codes = flows.select(pl.col(column).unique()).collect()[column].to_list()
        assert [c for c in codes if find_place(c) is None] == []


def test_cepii(raw: Path) -> None:
    rows = _rows(raw / "governance" / "cepii_geo_cepii.csv")
    for row in rows:
        by_code = find_place(row["iso3"], "cepii")
        assert by_code is not None, row
        if row["iso3"] != "YUG":
            assert by_code is find_place(row["country"]), row
            assert by_code is find_place(row["iso2"]) or row["iso2"] in ("TP", "ZR"), row
            assert by_code is find_place(int(float(row["cnum"])), "cepii"), row


def test_gdp_bgs_projects_and_controls(raw: Path) -> None:
    gdp = _rows(raw / "governance" / "gdp_current_usd_1960_2023.csv")
    assert _unknown_places(r["iso3"] for r in gdp) == set()
    assert _unknown_places(r["country"] for r in gdp) == set()
    for row in gdp:
        assert find_place(row["iso3"]) is find_place(row["country"]), row
    for file in sorted((raw / "bgs").glob("*.csv")):
        assert _unknown_places(r["country_trans"] for r in _rows(file)) == set(), file.name
        assert all(is_mass(r["units"]) for r in _rows(file)), file.name
    projects = _rows(raw / "projects" / "strategic_projects.csv")
    assert _unknown_places(n for r in projects for n in r["country"].split(";")) == set()
    controls = _rows(raw / "controls" / "export_control_timeline.csv")
    assert _unknown_places(r["imposing_country"] for r in controls) == set()


def test_usgs_2026(raw: Path) -> None:
    rows = _rows(raw / "usgs" / "mcs2026" / "MCS2026_Commodities_Data.csv", "cp1252")
    assert _unknown_places(r["Country"] for r in rows if r["Country"]) == set()
    assert _unknown_materials(r["Commodity"] for r in rows if r["Commodity"]) == set()


@pytest.mark.parametrize("edition", [2023, 2024, 2025])
def test_usgs_older_editions(raw: Path, edition: int) -> None:
    """Names as printed, less the qualifier in brackets or after a comma and the footnote mark."""
    folder = raw / "usgs" / f"mcs{edition}"
    files = [folder / "MCS2025_World_Data.csv"] if edition == 2025 else (folder / "world").iterdir()
    printed: set[str] = set()
    for file in files:
        try:
            rows = _rows(file)
        except UnicodeDecodeError:
            rows = _rows(file, "cp1252")
        column = next(c for c in rows[0] if c.strip().lower() == "country")
        printed |= {r[column] for r in rows if r[column] and r[column].strip()}
    assert len(printed) > 100
    assert {n for n in printed if not _known(n)} == set()


def _known(name: str) -> bool:
    plain = re.sub(r"\s*\((?!Kinshasa).*?\)", "", name.strip())
    plain = re.sub(r"(?<=[a-z)])\s?\d+\.?$", "", plain)
    candidates = (name, plain, plain.removesuffix("e"), plain.split(",")[0])
    return any(find_place(c) or excluded_place(c) for c in candidates)


def test_us_list_is_the_published_one(raw: Path) -> None:
    rows = _rows(raw / "usgs" / "mcs2026" / "trends" / "MCS2026_T6_Critical_Minerals_End_Use.csv")
    printed = [material(r["Critical_Mineral"]).id for r in rows]
    assert sorted(printed) == sorted(e.material for e in listings("US_2025"))


def test_eu_lists_are_the_ones_in_the_raw_file(raw: Path) -> None:
    rows = _rows(raw / "ec" / "crma_lists.csv")
    for official, label in (("EU_SRM_2024", "SRM (Annex I)"), ("EU_CRM_2024", "CRM (Annex II)")):
        printed = {fold(r["material"]) for r in rows if r["list"] == label}
        assert printed == {fold(e.entry) for e in listings(official)}


def test_a_known_unknown_has_no_country_data(raw: Path) -> None:
    """Nobody prints a world table for it: not the EC, not WMD, not the USGS."""
    with_data = {t for t, *_ in _wmd(raw)}
    for name in ("ec_crm2023_global_supply_shares", "ec_crm2023_eu_sourcing_shares"):
        with_data |= {r["material"] for r in _rows(raw / "ec" / f"{name}.csv")}
    for row in _rows(raw / "usgs" / "mcs2026" / "MCS2026_Commodities_Data.csv", "cp1252"):
        if row["Section"].startswith("World") and place(row["Country"]).kind == "country":
            with_data.add(row["Commodity"])
    found = {m.id for n in with_data if (m := find_material(n)) is not None}
    unknown = {m.id for m in materials() if m.known_unknown}
    assert unknown.isdisjoint(found)
    # ... and whatever else has none of these tables is one of a few that only trade shows.
    grouped = {e for m in materials() if m.id in found for e in m.members}
    listed = {m.id for m in materials() if m.eu_crm or m.us_2025}
    assert listed - found - grouped - unknown == set()


def test_every_place_of_the_trade_extracts_is_known(raw: Path) -> None:
    known = {p.iso3 for p in places(kind=None)}
    for file in sorted((raw / "baci" / "extra").glob("baci_hs17_*.parquet")):
        frame = pl.read_parquet(file, columns=["exporter_iso3", "importer_iso3"])
        codes = {*frame["exporter_iso3"].to_list(), *frame["importer_iso3"].to_list()}
        assert codes <= known, file.name


def test_every_unit_is_a_mass_a_price_or_plainly_neither(raw: Path) -> None:
    rows = _rows(raw / "usgs" / "mcs2026" / "MCS2026_Commodities_Data.csv", "cp1252")
    units = {r["Unit"] for r in rows if r["Unit"]} | {unit for *_, unit in _wmd(raw)}
    rest = {u for u in units if not is_mass(u) and not _is_price(u)}
    assert rest == {
        "percent",
        "number",
        "index",
        "million dollars",
        "million liters",
        "million cubic meters",
        "Mio m3",
        "dollars per 100 milliliters",
        "dollars per 100 mililiters",
    }
    assert {table for table, *_, unit in _wmd(raw) if unit == "Mio m3"} == {"Natural Gas"}


def _is_price(unit: str) -> bool:
    try:
        return to_usd_per_tonne(1, unit) > 0
    except RequestError:
        return False
