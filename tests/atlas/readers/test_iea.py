"""IEA Critical Minerals Dataset: traps on small hand-made files, figures of the real ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import iea
from lodestone.terms.errors import DataError

SUPPLY = "iea_cm2025_supply_by_country.csv"
DEMAND = "iea_cm2025_total_demand.csv"
GOOD = {
    SUPPLY: [
        "mineral,stage,country,year,kt,world_total_kt,share",
        "Copper,mining,Chile,2024,60,100,0.6",
        "Copper,mining,Rest of world,2024,40,100,0.4",
    ],
    DEMAND: [
        "mineral,sector,scenario,year,kt",
        "Copper,Wind,base,2024,10",
        "Copper,__totalClean,base,2024,10",
        "Copper,__otherUses,base,2024,30",
        "Copper,__totalDemand,base,2024,40",
        "Copper,__cleanShare,base,2024,0.25",
    ],
    "iea_cm2025_cleantech_by_mineral_tech.csv": [
        "mineral,technology,scenario,year,kt",
        "Silicon,Solar PV,base,2024,3",
        "Silicon,__total,base,2024,3",
    ],
    "iea_cm2025_cleantech_total_by_mineral.csv": [
        "mineral,scenario,year,kt",
        "Total REE,base,2024,2",
    ],
    "iea_cm2025_by_technology.csv": [
        "technology,case,mineral,scenario,year,kt",
        "Wind,base case,Zinc,NZE,2030,1",
        "Wind,base case,Total wind,NZE,2030,9",
    ],
    "iea_cm2025_top3_share.csv": ["mineral,stage,year,top3_share", "Copper,mining,2024,0.6"],
    "iea_cm2025_n1_computed.csv": [
        "mineral,stage,year,demand_scenario,largest_supplier,largest_share,supply_kt,"
        "supply_ex_largest_kt,global_demand_kt,n1_supply_ex_largest_over_global_demand,"
        "supply_over_demand",
        "Copper,mining,2024,base,Chile,0.6,100,40,40,1,2.5",
    ],
}


def make(raw: Path, **changed: list[str]) -> Path:
    """All seven files; `supply=` and `demand=` replace the data rows of those two."""
    files = dict(GOOD)
    for word, name in (("supply", SUPPLY), ("demand", DEMAND)):
        if word in changed:
            files[name] = [files[name][0], *changed[word]]
    (raw / "iea").mkdir(parents=True)
    for name, lines in files.items():
        (raw / "iea" / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return raw


def facts(reading: Reading, **where: Any) -> list[dict[str, Any]]:
    table = reading.tables["facts"]
    for name, value in where.items():
        table = table.filter(pl.col(name) == value)
    return table.to_dicts()


def test_kilotonnes_become_tonnes_and_the_rest_of_world_a_place(tmp_path: Path) -> None:
    reading = iea.read(make(tmp_path))
    rows = facts(reading, quantity="production")
    assert [(row["place"], row["value"]) for row in rows] == [("CHL", 60e3), ("XOT", 40e3)]
    assert {(row["basis"], row["kind"], row["flag"]) for row in rows} == {
        ("Cu", "reported", "estimated")
    }


def test_later_years_are_projections(tmp_path: Path) -> None:
    raw = make(tmp_path, supply=["Copper,refining,Chile,2030,60,60,1"])
    (row,) = facts(iea.read(raw), quantity="supply_projection")
    assert (row["stage"], row["year"], row["kind"]) == ("refine", 2030, "modelled")


def test_a_country_counted_twice_leaves_the_rest_of_world(tmp_path: Path) -> None:
    rows = [
        "Nickel,mining,Indonesia,2024,60,100,0.6",
        "Nickel,mining,Australia,2024,5,100,0.05",
        "Nickel,mining,Rest of world,2024,40,100,0.4",
    ]
    reading = iea.read(make(tmp_path, supply=rows))
    kept = {row["place"]: row for row in facts(reading, quantity="production")}
    assert kept["AUS"]["value"] == 5e3
    assert (kept["XOT"]["value"], kept["XOT"]["raw_value"]) == (35e3, "40")
    assert "Australia taken out" in kept["XOT"]["note"]
    assert any("'Rest of world' also holds Australia" in note for note in reading.notes)


def test_a_sum_that_nothing_explains_is_refused(tmp_path: Path) -> None:
    rows = ["Nickel,mining,Indonesia,2024,60,100,0.6", "Nickel,mining,Rest of world,2024,47,100,0"]
    with pytest.raises(DataError, match=r"Nickel, mining, 2024: places sum to 107"):
        iea.read(make(tmp_path, supply=rows))


def test_a_place_that_stands_twice_is_refused(tmp_path: Path) -> None:
    rows = ["Nickel,mining,Indonesia,2024,60,120,0.5", "Nickel,mining,Indonesia,2024,60,120,0.5"]
    with pytest.raises(DataError, match="a place stands twice"):
        iea.read(make(tmp_path, supply=rows))


def test_magnet_rare_earths_and_battery_graphite_never_mix_with_all_tonnes(tmp_path: Path) -> None:
    rows = [
        "Rare Earth Elements,mining,China,2024,46,46,1",
        "Graphite,mining,China,2024,9,9,1",
        "Graphite,refining,China,2024,8,8,1",
    ]
    table = iea.read(make(tmp_path, supply=rows)).tables["facts"]
    kept = table.filter(pl.col("quantity") == "production").select("material", "stage", "basis")
    assert kept.rows() == [
        ("rare_earths", "mine", "magnet_REO"),
        ("graphite", "mine", "gross"),
        ("graphite", "refine", "battery_grade"),
    ]


def test_demand_facts_are_totals_and_the_share_row_is_no_tonnage(tmp_path: Path) -> None:
    reading = iea.read(make(tmp_path))
    (total,) = facts(reading, quantity="demand")
    assert (total["place"], total["value"], total["year"]) == ("WLD", 40e3, 2024)
    table = reading.tables["iea_demand"]
    assert table.filter(pl.col("series") == "total_demand")["tonnes"].to_list() == [
        10e3,
        10e3,
        30e3,
        40e3,
    ]
    assert table.filter(pl.col("is_total"))["sector"].to_list() == [
        "clean energy technologies",
        "other uses",
        "total demand",
        "clean energy technologies",
        "clean energy technologies",
    ]
    materials = table.filter(pl.col("series") != "total_demand")["material"].to_list()
    assert materials == ["silicon_metal", "silicon_metal", "rare_earths", "zinc"]
    assert any("Total wind" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("Copper,__otherUses,base,2024,31", "do not sum to the total"),
        ("Copper,__cleanShare,base,2024,0.3", "the clean share is not clean over total"),
        ("Copper,__otherUses,HIGH,2024,30", "unknown scenario 'HIGH'"),
        ("Copper,__otherUses,base,24/25,30", "'24/25' is not a year"),
    ],
)
def test_demand_identities_must_hold(tmp_path: Path, row: str, fault: str) -> None:
    key = row.split(",")[1]
    rows = [row if f",{key}," in line else line for line in GOOD[DEMAND][1:]]
    with pytest.raises(DataError, match=fault):
        iea.read(make(tmp_path, demand=rows))


def test_all_faults_of_supply_are_told_at_once(tmp_path: Path) -> None:
    rows = [
        "Copper,digging,Chile,2024,1,1,1",
        "Copper,mining,Atlantis,2024,1,1,1",
        "Unobtainium,mining,Peru,2024,1,1,1",
        "Zinc,mining,Chile,2024,few,1,1",
    ]
    with pytest.raises(DataError) as caught:
        iea.read(make(tmp_path, supply=rows))
    for fault in (
        "row 1, column stage: unknown stage 'digging'",
        "row 2, column country: unknown country 'Atlantis'",
        "row 3, column mineral: unknown mineral 'Unobtainium'",
        "row 4, column kt: 'few' is not a number",
    ):
        assert fault in str(caught.value)


@pytest.fixture(scope="module")
def real(raw: Path) -> Reading:
    return iea.read(raw)


@pytest.mark.raw
@pytest.mark.parametrize(
    ("material", "stage", "place", "tonnes"),
    [
        ("copper", "refine", "CHN", 11_860_000.0),
        ("cobalt", "mine", "COD", 181_796.31578947365),
        ("rare_earths", "refine", "CHN", 73_756.67016860831),
        ("nickel", "mine", "XOT", 529_000.0),
        ("nickel", "refine", "XOT", 518_320.0),
        ("graphite", "refine", "SWE", 0.0),
    ],
)
def test_figures_read_off_the_file(
    real: Reading, material: str, stage: str, place: str, tonnes: float
) -> None:
    (row,) = facts(
        real, quantity="production", material=material, stage=stage, place=place, year=2024
    )
    assert row["value"] == pytest.approx(tonnes)


@pytest.mark.raw
def test_places_sum_to_the_printed_world_totals(raw: Path, real: Reading) -> None:
    printed = pl.read_csv(raw / "iea" / SUPPLY).select(
        material=pl.col("mineral").replace_strict(
            {
                "Copper": "copper",
                "Cobalt": "cobalt",
                "Lithium": "lithium",
                "Nickel": "nickel",
                "Graphite": "graphite",
                "Rare Earth Elements": "rare_earths",
            }
        ),
        stage=pl.col("stage").replace_strict({"mining": "mine", "refining": "refine"}),
        year=pl.col("year").cast(pl.Int32),
        world=pl.col("world_total_kt") * 1000,
    )
    ours = (
        real.tables["facts"]
        .filter(pl.col("quantity").is_in(["production", "supply_projection"]))
        .group_by("material", "stage", "year")
        .agg(pl.col("value").sum())
    )
    both = ours.join(printed.unique(), on=["material", "stage", "year"])
    assert both.height == 48
    assert (both["value"] / both["world"] - 1).abs().max() < 1e-9  # type: ignore[operator]


@pytest.mark.raw
def test_top3_of_the_iea_follows_from_its_supply(real: Reading) -> None:
    """The IEA's own top-3 share is the largest three named countries that are not in the rest.

    Germany's graphite, which the IEA counts in "Rest of world", is left out of its top three.
    """
    supply = real.tables["facts"].filter(
        pl.col("quantity").is_in(["production", "supply_projection"])
    )
    for row in real.tables["iea_top3"].to_dicts():
        here = supply.filter(
            (pl.col("material") == row["material"])
            & (pl.col("stage") == row["stage"])
            & (pl.col("year") == row["year"])
        )
        named = here.filter(~pl.col("place").is_in(["XOT", "DEU"]))["value"]
        top3 = named.sort(descending=True).head(3).sum() / here["value"].sum()
        assert top3 == pytest.approx(row["top3_share"], abs=1e-9), row


@pytest.mark.raw
def test_counts(real: Reading) -> None:
    assert real.tables["facts"]["quantity"].value_counts().sort("quantity").rows() == [
        ("demand", 6),
        ("demand_projection", 90),
        ("production", 73),
        ("supply_projection", 219),
    ]
    assert real.tables["iea_n1"].height == 120
    assert real.tables["iea_demand"]["material"].n_unique() == 38
