"""By hand: small files with the awkward rows of the published ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lodestone.atlas.readers.usgs.chapters import FILE, read_chapters
from lodestone.atlas.readers.usgs.facts import FactRows
from lodestone.atlas.readers.usgs.policy import AGREEMENTS_FILE, read_agreements, read_controls
from lodestone.atlas.readers.usgs.salient_files import read_salient_files
from lodestone.atlas.readers.usgs.world_tables import (
    FILE_2025,
    read_world_2025,
    read_world_files,
)
from lodestone.terms.errors import Problems

_LONG = (
    "MCS chapter,Section,Commodity,Country,Statistics,Statistics_detail,Unit,Year,Value,Notes,"
    "Is critical mineral 2025,Other notes\n"
)
_WIDE_2025 = (
    "SOURCE,COMMODITY,COUNTRY,TYPE,UNIT_MEAS,PROD_2023,PROD_EST_ 2024,PROD_NOTES,"
    "CAP_2023,CAP_EST_ 2024,CAP_NOTES,RESERVES_2024,RESERVE_NOTES\n"
)
_MINED = "World Mine Production and Reserves"


def _put(raw: Path, file: str, text: str, encoding: str = "utf-8-sig") -> None:
    (raw / file).parent.mkdir(parents=True, exist_ok=True)
    (raw / file).write_bytes(text.encode(encoding))


def _own(problems: Problems) -> list[str]:
    """Problems of the rows: not the series of the real file, and its corrections, that lack here."""
    said = [str(problem) for problem in problems.items]
    return [text for text in said if "is gone" not in text and "no such cell" not in text]


def _long(raw: Path, *rows: str) -> FactRows:
    facts = FactRows("usgs_mcs2026", Problems("test"))
    _put(raw, FILE, _LONG + "".join(f"{row}\n" for row in rows), "cp1252")
    read_chapters(raw, facts)
    return facts


def _one(facts: FactRows, **wanted: object) -> dict[str, Any]:
    found = [row for row in facts.rows if all(row[k] == v for k, v in wanted.items())]
    assert len(found) == 1, found
    return found[0]


def test_gallium_is_printed_in_kilograms(tmp_path: Path) -> None:
    section = "World Low-Purity Production and Production Capacity"
    facts = _long(
        tmp_path,
        f'GALLIUM,{section},Gallium,China,Production,Primary production,kilograms,2024,"839,000",,Yes,',
        f"GALLIUM,{section},Gallium,Japan,Production,Primary production,kilograms,2024,"
        '"3,000",Estimated.,Yes,',
        f"GALLIUM,{section},Gallium,United States,Production,Primary production,kilograms,2024,"
        "—,,Yes,",
        f"GALLIUM,{section},Gallium,World total,Production,Primary production: rounded,"
        'kilograms,2024,"848,000",,Yes,',
    )
    assert not _own(facts.problems)
    assert _one(facts, place="CHN")["value"] == pytest.approx(839.0)
    assert _one(facts, place="CHN")["raw_value"] == "839,000"
    assert _one(facts, place="JPN")["flag"] == "estimated"
    assert _one(facts, place="USA")["value"] == 0.0
    assert _one(facts, place="WLD")["value"] == pytest.approx(848.0)
    assert {row["stage"] for row in facts.rows} == {"refine"}


def test_withheld_and_bounded_values_stay_what_they_are(tmp_path: Path) -> None:
    salient = "Salient Statistics—United States"
    facts = _long(
        tmp_path,
        f"LITHIUM,{salient},Lithium,United States,Production,Production,metric tons,2025,W,,Yes,",
        f"LITHIUM,{salient},Lithium,United States,Net import reliance,Net import reliance as a "
        "percentage of apparent consumption,percent,2025,>50,,Yes,",
        f"BORON,{salient},Boron,United States,Net import reliance,Net import reliance as a "
        "percentage of apparent consumption,percent,2025,E,,Yes,",
        f"NIOBIUM (COLUMBIUM),{salient},Niobium (Columbium),United States,Shipment,"
        "Shipments from Government stockpile,metric tons,2021,?1,,Yes,",
    )
    assert not _own(facts.problems)
    withheld = _one(facts, quantity="us_production")
    assert (withheld["value"], withheld["flag"]) == (None, "withheld")
    reliance = _one(facts, material="lithium", quantity="net_import_reliance")
    assert (reliance["value"], reliance["low"], reliance["high"]) == (None, 50.0, 100.0)
    exporter = _one(facts, material="boron")
    assert (exporter["value"], exporter["high"], exporter["flag"]) == (None, 0.0, "net_exporter")
    assert _one(facts, quantity="stockpile_shipments")["value"] == -1.0


def test_import_sources_are_shares_of_a_span_of_years(tmp_path: Path) -> None:
    facts = _long(
        tmp_path,
        "COBALT,Import Sources,Cobalt,Norway,Import sources 2021-2024,"
        '"Metal, oxide, and salts",percent,2021–24,26,,Yes,',
        "COBALT,Import Sources,Cobalt,Other countries,Import sources 2021-2024,"
        '"Metal, oxide, and salts",percent,2021–24,30,,Yes,',
    )
    assert not _own(facts.problems)
    norway = _one(facts, partner="NOR")
    assert (norway["place"], norway["year"], norway["year_to"]) == ("USA", 2021, 2024)
    assert (norway["value"], norway["unit"]) == (pytest.approx(0.26), "share")
    assert norway["detail"] == "Metal, oxide, and salts"
    assert _one(facts, partner="XOT")["value"] == pytest.approx(0.30)


def test_content_is_converted_and_gross_ore_is_not(tmp_path: Path) -> None:
    titanium, chromium = "Titanium Mineral Concentrates", "Chromium"
    facts = _long(
        tmp_path,
        f"X,{_MINED},{titanium},Norway,Production,Mine production: Ilmenite,"
        "thousand metric tons,2024,360,,Yes,",
        f'X,{_MINED},{chromium},Turkey,Production,Mine production,thousand metric tons,2024,"6,000",,Yes,',
    )
    # 47.867 / (47.867 + 2 * 15.999) of titanium dioxide is titanium.
    assert _one(facts, material="titanium")["value"] == pytest.approx(360e3 * 0.59934, rel=1e-4)
    assert _one(facts, material="titanium")["basis"] == "Ti"
    ore = _one(facts, material="chromium")
    assert (ore["value"], ore["basis"]) == (6e6, "gross")


def test_a_price_per_metric_ton_unit_is_per_ten_kilograms(tmp_path: Path) -> None:
    salient = "Salient Statistics—United States"
    facts = _long(
        tmp_path,
        f"MANGANESE,{salient},Manganese,United States,Price,"
        '"Price, average, manganese content, cost, insurance, and freight, China, dollars per '
        'metric ton unit",dollars per metric ton,2024,5.53,,Yes,',
        f"COPPER,{salient},Copper,United States,Price,"
        '"Price, annual average, cents per pound: London Metal Exchange, grade A, cash",'
        "cents per pound,2024,414.7,,Yes,",
    )
    assert not _own(facts.problems)
    assert _one(facts, material="manganese")["value"] == pytest.approx(553.0)
    # 4.147 dollars a pound of 0.45359237 kg
    assert _one(facts, material="copper")["value"] == pytest.approx(9142.57, abs=0.01)


def test_footnoted_rounding_gives_bounds(tmp_path: Path) -> None:
    facts = _long(
        tmp_path,
        f"VERMICULITE,{_MINED},Vermiculite,United States,Production,Mine production,"
        "thousand metric tons,2024,100,Data are rounded to the nearest hundred thousand tons to "
        "avoid disclosing company proprietary data.,No,",
    )
    row = _one(facts, material="vermiculite")
    assert (row["low"], row["value"], row["high"]) == (50e3, 100e3, 150e3)


def test_reserves_counted_in_the_world_total_are_unknown_not_small(tmp_path: Path) -> None:
    facts = _long(
        tmp_path,
        f"GRAPHITE (NATURAL),{_MINED},Graphite (Natural),Austria,Reserves,Reserves,metric tons,"
        "2025,s,See Appendix C. -- Included in “World total.”,Yes,",
    )
    row = _one(facts, place="AUT")
    assert (row["value"], row["high"], row["flag"]) == (None, None, "unknown")


def test_what_nobody_knows_is_collected_with_row_and_column(tmp_path: Path) -> None:
    facts = _long(
        tmp_path,
        f"COBALT,{_MINED},Cobalt,Atlantis,Production,Mine production,metric tons,2024,1,,Yes,",
        "COBALT,World Recycling,Cobalt,Chile,Production,Mine production,metric tons,2024,1,,Yes,",
        f"COBALT,{_MINED},Cobalt,Chile,Production,Hydroxide output,metric tons,2024,1,,Yes,",
        f"COBALT,{_MINED},Cobalt,Chile,Production,Mine production,bushels,2024,1,,Yes,",
        f"COBALT,{_MINED},Cobalt,Chile,Production,Mine production,metric tons,2024,many,,Yes,",
        f"COBALT,{_MINED}:,Cobalt,Chile,Production,Mine production,metric tons,2024,1,,Yes,",
    )
    said = _own(facts.problems)
    assert len(said) == 5
    assert "row 1, column Country: unknown country 'Atlantis'" in said[0]
    assert "row 2, column Section: unknown section 'World Recycling'" in said[1]
    assert "row 3, column Statistics_detail: unknown series" in said[2]
    assert "row 4, column Value" in said[3]
    assert "'bushels'" in said[3]
    assert "row 5, column Value: 'many'" in said[4]
    assert [row["value"] for row in facts.rows] == [1.0]  # the colon of row 6 is harmless


def test_footnote_letters_of_2024_are_taken_off_the_names(tmp_path: Path) -> None:
    title = "Source,Country,Type,Prod_kg_2022,Prod_kg_est_2023,Prod_notes,Cap_kg_2023,Cap_notes\n"
    _put(
        tmp_path,
        "usgs/mcs2024/world/mcs2024-galli_world.csv",
        title
        + "MCS2024,China,Primary production,600000,600000,estimated in 2022 also,1000000,\n"
        + "MCS2024,Japane,Primary production,3000,3000,estimated in 2022 also,10000,\n"
        + 'MCS2024,Other countries4,Primary production,0,0,,"88,000",estimated\n'
        + "MCS2024,World total (rounded),Primary production,610000,610000,,1100000,\n",
    )
    facts = FactRows("usgs_mcs2024", Problems("test"))
    read_world_files(tmp_path, 2024, facts)
    assert not _own(facts.problems)
    china = _one(facts, place="CHN", quantity="production", year=2022)
    assert (china["value"], china["flag"]) == (pytest.approx(600.0), "estimated")
    japan = _one(facts, place="JPN", quantity="capacity")
    assert (japan["value"], japan["year"]) == (pytest.approx(10.0), 2023)
    assert "'Japane'" in japan["note"]
    assert _one(facts, place="XOT", quantity="production", year=2023)["value"] == 0.0
    ids = [row["fact"] for row in facts.rows]
    assert len(ids) == len(set(ids)) == 12


def test_a_heading_with_the_wrong_unit_is_mended(tmp_path: Path) -> None:
    # The heading says kt; rhenium is counted in kilograms.
    _put(
        tmp_path,
        "usgs/mcs2023/world/mcs2023-rheni_world.csv",
        "Source,Country,Type,Prod_kg_est_2021,Prod_kg_est_2022,Prod_notes,Reserves_kt,"
        'Reserves_notes\nMCS2023,Chile,"Mine production, contained rhenium",30000,29000,,1300000,\n',
    )
    facts = FactRows("usgs_mcs2023", Problems("test"))
    read_world_files(tmp_path, 2023, facts)
    assert not _own(facts.problems)
    reserves = _one(facts, quantity="reserves")
    assert (reserves["value"], reserves["year"]) == (pytest.approx(1300.0), 2022)
    assert "unit mended" in reserves["note"]


def test_an_unknown_column_of_a_world_file_is_a_problem(tmp_path: Path) -> None:
    _put(
        tmp_path,
        "usgs/mcs2024/world/mcs2024-tin_world.csv",
        "Source,Country,Type,Output_t_2022,Prod_t_est_2023,Prod_notes,Reserves_t,Reserves_notes\n"
        'MCS2024,Peru,"Mine production, tin content",28200,23000,,130000,\n',
    )
    facts = FactRows("usgs_mcs2024", Problems("test"))
    read_world_files(tmp_path, 2024, facts)
    assert [text for text in _own(facts.problems) if "Output_t_2022" in text]


def test_blank_cells_of_2025_say_it_in_their_notes(tmp_path: Path) -> None:
    tin = '"Mine production, lithium content",metric tons'
    _put(
        tmp_path,
        FILE_2025,
        _WIDE_2025
        + f"MCS2025,Lithium ,United States,{tin},,,W for 23-24,,,,1800000,\n"
        + f"MCS2025,Lithium ,Chile,{tin},41400,49000,,,,,9300000,\n"
        + f"MCS2025,Lithium ,Other Countries,{tin},,,,,,,2800000,\n",
    )
    facts = FactRows("usgs_mcs2025", Problems("test"))
    read_world_2025(tmp_path, facts)
    assert not _own(facts.problems)
    assert _one(facts, place="USA", year=2024, quantity="production")["flag"] == "withheld"
    assert _one(facts, place="XOT", year=2024, quantity="production")["flag"] == "unknown"
    assert _one(facts, place="CHL", year=2024, quantity="production")["flag"] == "estimated"
    assert _one(facts, place="CHL", year=2023)["flag"] == "reported"
    assert not [row for row in facts.rows if row["quantity"] == "capacity"]


def test_capacity_in_the_reserves_column_of_2025_is_capacity(tmp_path: Path) -> None:
    _put(
        tmp_path,
        FILE_2025,
        _WIDE_2025
        + "MCS2025,Indium,China,Refinery production,metric tons,690,760,,,,,1100,\n"
        + "MCS2025,Magnesium metal,China,Magnesium smelter production,thousand metric tons,"
        "805,950,reported,,1800,,1800,\n",
    )
    facts = FactRows("usgs_mcs2025", Problems("test"))
    read_world_2025(tmp_path, facts)
    assert _one(facts, material="indium", quantity="capacity")["value"] == 1100.0
    assert _one(facts, material="magnesium", quantity="capacity")["value"] == 1.8e6
    assert not [row for row in facts.rows if row["quantity"] == "reserves"]


def test_shifted_columns_of_2024_are_put_back(tmp_path: Path) -> None:
    # The published file has an empty cell before the first value; all headings are one off.
    _put(
        tmp_path,
        "usgs/mcs2024/salient/mcs2024-fluor_salient.csv",
        "DataSource,Commodity,Year,USprod_Metallurgical_kt,USprod_H2SiF6_kt,Imports_Acid_kt,"
        "Imports_Metallurgical_kt,Imports_Total_Fl_kt,Imports_HF_kt,Imports_AlF3_kt,"
        "Exports_Cryolite_kt,Consump_All_kt,Price_dt,Price_Acid_dt,Employment_Metallurgical_num,"
        "NIR_Mine_pct,,\n"
        "MCS2024,Fluorspar,2021, ,NA,40,391,59,451,103,28,42,15,436,322,151,17,100\n",
    )
    facts = FactRows("usgs_mcs2024", Problems("test"))
    read_salient_files(tmp_path, 2024, facts)
    assert not _own(facts.problems)
    # MCS2026 prints for 2021: acid grade 391, apparent consumption 436, exports 15.
    assert _one(facts, detail="Imports_Acid_kt")["value"] == 391e3
    assert _one(facts, quantity="use")["value"] == 436e3
    assert _one(facts, quantity="exports")["value"] == 15e3
    assert _one(facts, quantity="net_import_reliance")["value"] == 100.0


def test_a_year_outside_the_edition_is_a_problem(tmp_path: Path) -> None:
    _put(
        tmp_path,
        "usgs/mcs2023/salient/mcs2023-graph_salient.csv",
        "DataSource,Commodity,Year,USprod_t,Imports_t,Exports_t,Consump_t,Price_Flake_dt,"
        "Price_Lump_dt,Price_Amorphous_dt,NIR_pct\n"
        "MCS2023,Graphite (Natural),2032,0,1,1,1,1,1,1,100\n",
    )
    facts = FactRows("usgs_mcs2023", Problems("test"))
    read_salient_files(tmp_path, 2023, facts)
    assert "five years before 2023" in _own(facts.problems)[0]


def test_one_control_of_several_goods_is_several_rows(tmp_path: Path) -> None:
    file = "controls/usgs_mcs2026_T4_Country_Export_Control.csv"
    _put(
        tmp_path,
        file,
        "Country,Control_Type,Commodity_Year,Data_source,Notes\n"
        'Indonesia,Export ban,"Bauxite (2023), copper concentrates (2023), and nickel ore '
        '(2020).",https://example.org,note\n'
        "Tajikistan,Export ban,Metal waste and scrap (2020).,https://example.org,note\n",
    )
    problems = Problems("test")
    table = read_controls(tmp_path, problems)
    assert not problems
    assert table.select("place", "material", "since").rows() == [
        ("IDN", "aluminium", 2023),
        ("IDN", "copper", 2023),
        ("IDN", "nickel", 2020),
        ("TJK", None, 2020),
    ]


def test_an_agreement_with_two_countries_is_two_rows(tmp_path: Path) -> None:
    _put(
        tmp_path,
        AGREEMENTS_FILE,
        "Country,Agreement,Signing_date,Signing_date,Focus_area,Source\n"
        "Japan and Republic of Korea,Trilateral,23-Aug,2025-09-23,Cooperation,https://example.org\n",
    )
    problems = Problems("test")
    table = read_agreements(tmp_path, problems)
    assert not problems
    assert table["place"].to_list() == ["JPN", "KOR"]
    assert "23-Aug" in table["note"][0]  # the two printed dates disagree, and it is said
