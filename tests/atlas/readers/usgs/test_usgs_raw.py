"""The published files: figures read off by eye, totals that must add up, tables that must agree."""

from __future__ import annotations

import csv
import math
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodestone.atlas.facts import Reading, check_facts
from lodestone.atlas.readers.usgs import read
from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.terms import find_material, find_place, material
from lodestone.terms.errors import DataError

pytestmark = pytest.mark.raw

LONG = "usgs/mcs2026/MCS2026_Commodities_Data.csv"


@pytest.fixture(scope="module")
def reading(raw: Path) -> Reading:
    return read(raw)


@pytest.fixture(scope="module")
def facts(reading: Reading) -> pl.DataFrame:
    return reading.tables["facts"]


def _one(facts: pl.DataFrame, **wanted: object) -> dict[str, Any]:
    found = facts.filter(**wanted).to_dicts()
    assert len(found) == 1, found
    return found[0]


def _produced(
    facts: pl.DataFrame, ident: str, stage: str, place: str, year: int, edition: int
) -> Any:
    return _one(
        facts,
        quantity="production",
        material=ident,
        stage=stage,
        place=place,
        year=year,
        source=f"usgs_mcs{edition}",
    )["value"]


def test_the_facts_keep_the_contract(facts: pl.DataFrame) -> None:
    check_facts(facts)
    for (ident,), rows in facts.group_by("material"):
        known = material(str(ident))
        assert set(rows["stage"].drop_nulls()) <= set(known.stages)
    places = set(facts["place"]) | set(facts["partner"].drop_nulls())
    assert all(find_place(code) is not None for code in places)
    assert set(facts["unit"]) == {"t", "USD/t", "percent", "share"}
    shares = facts.filter(pl.col("unit") == "share")["value"].drop_nulls()
    assert shares.is_between(0.0, 1.0).all()
    unknown = facts.filter(pl.col("flag").str.contains("withheld|unknown|not_calculable"))
    assert unknown["value"].null_count() == len(unknown)
    bounded = facts.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
    assert (bounded["low"] <= bounded["high"]).all()


@pytest.mark.parametrize(
    ("ident", "stage", "place", "year", "edition", "tonnes"),
    [
        ("cobalt", "mine", "COD", 2024, 2026, 226_000),
        ("cobalt", "mine", "WLD", 2024, 2026, 302_000),
        ("cobalt", "mine", "COD", 2023, 2025, 175_000),
        ("cobalt", "mine", "COD", 2022, 2024, 144_000),
        ("gallium", "refine", "CHN", 2024, 2026, 839),
        ("gallium", "refine", "WLD", 2024, 2026, 848),
        ("gallium", "refine", "CHN", 2023, 2025, 621),
        ("antimony", "mine", "CHN", 2024, 2026, 40_000),
        ("antimony", "mine", "CHN", 2024, 2025, 60_000),
        ("copper", "mine", "CHL", 2024, 2026, 5_510_000),
        ("copper", "refine", "CHN", 2024, 2026, 12_400_000),
        ("nickel", "mine", "IDN", 2024, 2026, 2_310_000),
        ("niobium", "mine", "BRA", 2024, 2026, 104_000),
        ("lithium", "mine", "AUS", 2024, 2026, 82_700),
        ("rare_earths", "mine", "CHN", 2024, 2026, 270_000),
        ("rare_earths", "mine", "CHN", 2022, 2024, 210_000),
        ("aluminium", "product", "CHN", 2022, 2024, 40_200_000),
        ("tin", "mine", "IDN", 2022, 2024, 70_000),
        ("magnesium", "refine", "CHN", 2021, 2023, 930_000),
        ("silicon_metal", "refine", "CHN", 2022, 2024, 2_900_000),
    ],
)
def test_figures_read_off_the_files(
    facts: pl.DataFrame, ident: str, stage: str, place: str, year: int, edition: int, tonnes: float
) -> None:
    assert _produced(facts, ident, stage, place, year, edition) == pytest.approx(tonnes)


def test_reserves_of_brazil_follow_the_erratum(facts: pl.DataFrame) -> None:
    wanted = {"material": "rare_earths", "quantity": "reserves", "source": "usgs_mcs2026"}
    brazil = _one(facts, place="BRA", **wanted)
    assert brazil["value"] == 11e6
    assert "erratum" in brazil["note"]
    world = _one(facts, place="WLD", **wanted)
    assert (world["value"], world["low"]) == (None, 75e6)


def test_the_united_states_withhold_and_are_not_given_a_number(facts: pl.DataFrame) -> None:
    withheld = facts.filter(
        material="lithium", place="USA", quantity="production", source="usgs_mcs2026"
    )
    assert withheld["flag"].unique().to_list() == ["withheld"]
    assert withheld["value"].null_count() == len(withheld) == 2


def test_united_states_tables_reach_from_2018_to_2025(facts: pl.DataFrame) -> None:
    cobalt = facts.filter(material="cobalt", quantity="imports", place="USA")
    assert set(cobalt["year"]) == set(range(2018, 2026))
    # The 2024 file of cobalt holds the world table instead: 2019-2023 come from its neighbours.
    assert "usgs_mcs2024" not in set(cobalt["source"])


def test_world_totals_are_the_sum_of_the_countries(facts: pl.DataFrame) -> None:
    """Within the rounding of the printed figures, for every total that is printed."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    rows = facts.filter(
        pl.col("quantity").is_in(["production", "capacity", "reserves"])
        & pl.col("stage").is_not_null()
    )
    for row in rows.iter_rows(named=True):
        key = tuple(row[name] for name in ("source", "material", "stage", "quantity", "year"))
        groups[key].append(row)
    off, checked = set(), 0
    for key, members in groups.items():
        world = [row for row in members if row["place"] == "WLD" and row["value"] is not None]
        countries = [row for row in members if row["place"] != "WLD"]
        if world and countries:
            checked += 1
            stated = sum(row["value"] for row in world)
            added = sum(row["value"] or 0.0 for row in countries)
            slack = sum(_half_step(row) for row in (*world, *countries))
            if abs(stated - added) > slack * (1 + 1e-9):
                off.add(key)
    assert checked > 600
    # Graphite: the reserves of several countries are in the total only. Iron: the table of 2026
    # lists fewer countries than its total holds. Tantalum and manganese: the totals of 2022 were
    # not revised with the countries.
    assert off == {
        ("usgs_mcs2024", "graphite", "mine", "reserves", 2023),
        ("usgs_mcs2025", "graphite", "mine", "reserves", 2024),
        ("usgs_mcs2026", "iron", "refine", "production", 2024),
        ("usgs_mcs2026", "iron", "product", "production", 2024),
        ("usgs_mcs2026", "iron", "product", "production", 2025),
        ("usgs_mcs2024", "tantalum", "mine", "production", 2022),
        ("usgs_mcs2024", "manganese", "mine", "production", 2022),
    }


def _half_step(row: dict[str, Any]) -> float:
    """Half a unit of the last digit that is printed as not zero, in tonnes."""
    digits = "".join(c for c in row["raw_value"] if c.isdigit() or c == ".")
    if not row["value"]:
        return 0.0
    if "." in digits:
        step = 10.0 ** -len(digits.split(".")[1])
    else:
        step = 10.0 ** min(len(digits) - len(digits.rstrip("0")), len(digits) - 1)
    return float(0.5 * step * row["value"] / float(digits))


def test_the_leading_shares_are_those_of_the_world_tables(
    reading: Reading, facts: pl.DataFrame
) -> None:
    """Table 7 prints the leader's share; the world table gives the same, to a percentage point."""
    shares = facts.filter(
        pl.col("quantity").eq("supply_share")
        & pl.col("value").is_not_null()
        & pl.col("source").eq("usgs_mcs2026")
    )
    off = []
    for row in shares.iter_rows(named=True):
        made = facts.filter(
            pl.col("source").eq("usgs_mcs2026")
            & pl.col("material").eq(row["material"])
            & pl.col("quantity").eq("production")
            & pl.col("year").eq(row["year"])
        )
        ratios = []
        for (_, _), part in made.group_by("stage", "detail"):
            of = {r["place"]: r["value"] for r in part.iter_rows(named=True)}
            if of.get("WLD") and of.get(row["place"]):
                ratios.append(of[row["place"]] / of["WLD"])
        if not any(abs(ratio - row["value"]) <= 0.0151 for ratio in ratios):
            off.append(row["material"])
    assert off == []
    assert len(shares) > 30


def test_import_sources_agree_with_figure_3(raw: Path, facts: pl.DataFrame) -> None:
    with (raw / "usgs/mcs2026/trends/MCS2026_Fig3_Major_Import_Sources.csv").open(
        encoding="utf-8-sig", newline=""
    ) as lines:
        figure = [row for row in csv.DictReader(lines) if row["Import_Source_2021_24"] != "NA"]
    sources = facts.filter(quantity="import_share")
    missing = []
    for row in figure:
        found = find_material(row["Commodity"]) or find_material(row["Commodity"].split(",")[0])
        other = row["Import_Source_2021_24"] == "Other"
        place = None if other else find_place(row["Import_Source_2021_24"])
        assert found is not None, row
        code = "XOT" if place is None else place.iso3
        share = float(row["Percent"]) / 100
        stated = sources.filter(material=found.id, partner=code).select("value", "low", "high")
        if not any(
            math.isclose(value, share) if value is not None else low <= share <= high
            for value, low, high in stated.iter_rows()
        ):
            missing.append((row["Commodity"], code))
    assert len(figure) > 150
    # The chapter and the figure of one edition disagree on titanium minerals; the chapter is read.
    assert {name for name, _ in missing} == {"Titanium, mineral concentrates"}


def test_import_shares_of_each_series_add_to_one(facts: pl.DataFrame) -> None:
    shares = facts.filter(quantity="import_share")
    sums = (
        shares.filter(pl.col("value").is_not_null())
        .group_by("material", "detail")
        .agg(pl.col("value").sum(), pl.col("value").len().alias("n"))
    )
    # Printed in whole per cent, so each origin may be half a point off; `<1` and `>99` are bounds.
    bounded = shares.filter(pl.col("value").is_null()).select("material", "detail")
    whole = sums.join(bounded, on=["material", "detail"], how="anti")
    wrong = whole.filter((pl.col("value") - 1).abs() > 0.005 * pl.col("n") + 1e-9)
    assert wrong.to_dicts() == []


def test_prices_agree_with_the_table_compiled_from_the_release(
    raw: Path, facts: pl.DataFrame
) -> None:
    with (raw / "prices/mcs2026_us_prices_2021_2025.csv").open(encoding="utf-8") as lines:
        compiled = defaultdict(list)
        for row in csv.DictReader(lines):
            for year in (2021, 2022, 2023, 2024, 2025):
                compiled[year, row[str(year)]].append(row["series"])
    ours = facts.filter(quantity="price", source="usgs_mcs2026")
    unmatched = [
        row
        for row in ours.iter_rows(named=True)
        if not any(
            row["detail"].endswith(series)
            for series in compiled[row["year"], row["raw_value"].strip()]
        )
    ]
    assert unmatched == []


def test_a_newer_edition_prints_its_unit_right(facts: pl.DataFrame) -> None:
    """World output of a year moves by less than half between editions, and not a thousandfold."""
    world = facts.filter(
        (pl.col("place") == "WLD")
        & (pl.col("quantity") == "production")
        & pl.col("stage").is_not_null()
        & (pl.col("value") > 0)
    )
    sums = world.group_by("material", "stage", "year", "source").agg(pl.col("value").sum())
    spread = sums.group_by("material", "stage", "year").agg(
        (pl.col("value").max() / pl.col("value").min()).alias("ratio")
    )
    moved = {row["material"] for row in spread.filter(pl.col("ratio") > 1.6).to_dicts()}
    # Mercury: China's mine output was cut from 1,000 t to less than a tenth in 2026.
    assert moved == {"mercury"}


def test_every_published_file_is_read_or_listed_with_a_reason(raw: Path, reading: Reading) -> None:
    listed = {row["file"] for row in reviewed("unread")}
    read_files = {
        file for table in reading.tables.values() for file in table["file"].unique().to_list()
    }
    skipped = {"world": "world_series", "salient": "us_columns"}
    whole = {
        (edition, row["commodity"])
        for table in skipped.values()
        for row in reviewed(table)
        if row["series"] == "*"
        for edition in row["edition"].split()
    }
    unseen = []
    for path in sorted((raw / "usgs").rglob("*.*")):
        file = path.relative_to(raw).as_posix()
        stem = path.stem.lower().removesuffix("_world").removesuffix("_salient")
        edition, commodity = stem.removeprefix("mcs")[:4], stem.removeprefix("mcs")[4:].lstrip("-")
        if file not in read_files | listed and (edition, commodity) not in whole:
            unseen.append(file)
    assert unseen == []


def test_controls_agreements_and_uses(reading: Reading) -> None:
    controls = reading.tables["us_controls"]
    assert set(controls.filter(material="cobalt")["place"]) == {"COD", "NAM"}
    assert len(reading.tables["us_agreements"]) == 10  # nine agreements, one with two partners
    uses = reading.tables["us_end_uses"]
    assert uses.filter(source="usgs_mcs2026").height == 60
    gallium = _one(uses, source="usgs_mcs2026", material="gallium")
    assert gallium["end_use"] == "Integrated circuits and optical devices."
    ranks = reading.tables["us_import_source_ranks"]
    first = _one(ranks, source="usgs_mcs2024", material="gallium", rank=1)
    assert (first["partner"], first["year"], first["year_to"]) == ("JPN", 2019, 2022)
    # "NA" is what stands where nobody knows the origin of neon, and it is not Namibia.
    assert "NAM" not in set(ranks["partner"])


def test_the_notes_say_every_mending(reading: Reading) -> None:
    for table in ("headings", "corrections"):
        for row in reviewed(table):
            assert any(row["file"] in note and row["reason"] in note for note in reading.notes)


@pytest.fixture
def copy(raw: Path, tmp_path: Path) -> Path:
    for folder in ("usgs", "controls", "materials"):
        shutil.copytree(raw / folder, tmp_path / folder, copy_function=shutil.copyfile)
    for folder in tmp_path.rglob("*"):
        folder.chmod(0o755 if folder.is_dir() else 0o644)
    return tmp_path


def _edit(path: Path, old: str, new: str, encoding: str) -> None:
    with path.open(encoding=encoding, newline="") as lines:
        text = lines.read()
    assert old in text
    with path.open("w", encoding=encoding, newline="") as lines:
        lines.write(text.replace(old, new, 1))


def test_a_format_change_says_which_file_and_column_and_what_to_do(copy: Path) -> None:
    _edit(copy / LONG, ",Value,Notes,", ",Amount,Notes,", "cp1252")
    tin = "usgs/mcs2024/world/mcs2024-tin_world.csv"
    _edit(copy / tin, "Prod_t_est_2023", "Output_2023", "utf-8-sig")
    salient = "usgs/mcs2023/salient/mcs2023-cobal_salient.csv"
    _edit(copy / salient, "Imports_t", "Imports_metal_t", "utf-8-sig")
    with pytest.raises(DataError) as caught:
        read(copy)
    said = str(caught.value)
    assert f"{LONG}, row 0: column 'Value' is missing" in said
    assert f"{tin}, row 0: unknown column 'Output_2023'" in said
    assert f"{salient}, row 0: unknown column 'Imports_metal_t'" in said
    assert "the series 'cobal, Imports_t' is gone" in said
    assert "usgs/tables/us_columns.csv" in said


def test_names_units_and_values_nobody_knows_are_collected_and_raised_once(copy: Path) -> None:
    _edit(copy / LONG, "Cobalt,Congo (Kinshasa),", "Cobalt,Congo (Zanzibar),", "cp1252")
    wide = "usgs/mcs2025/MCS2025_World_Data.csv"
    _edit(
        copy / wide,
        'Australia,"Mine production, tin content"',
        'Australia,"Mine output, tin"',
        "utf-8-sig",
    )
    _edit(copy / "usgs/mcs2024/world/mcs2024-tin_world.csv", "9000,9100", "9000,a lot", "utf-8-sig")
    with pytest.raises(DataError) as caught:
        read(copy)
    said = "\n".join(str(problem) for problem in caught.value.problems)
    assert "unknown country 'Congo (Zanzibar)'" in said
    assert "unknown series 'Tin'" in said
    assert "'a lot' is not a value" in said
    assert len(caught.value.problems) == 2 + 3  # the renamed row has two years and reserves


def test_a_lost_file_is_missed(copy: Path) -> None:
    (copy / "usgs/mcs2023/world/mcs2023-tin_world.csv").unlink()
    (copy / "controls/usgs_mcs2026_T5_Trade_Agreements.csv").unlink()
    with pytest.raises(DataError, match="tin, production") as caught:
        read(copy)
    assert "T5_Trade_Agreements.csv: the file is missing" in str(caught.value)
