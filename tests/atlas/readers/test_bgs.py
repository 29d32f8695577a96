"""British Geological Survey: traps on hand-made rows, and figures read off the real files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodestone import terms
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import bgs
from lodestone.terms.errors import DataError

SERIES = Path(bgs.__file__).parent / "series.csv"
PLAIN = {
    "bgs_commodity_trans": "cobalt, mine",
    "country_trans": "Chile",
    "country_iso3_code": "CHL",
    "quantity": "10",
    "quantity_in_book_style": "10",
    "sdmx_code": "A",
    "units": "tonnes (metal content)",
    "year": "2020-01-01 00:00:00",
}


def make(raw: Path, *rows: dict[str, str], columns: tuple[str, ...] = bgs._COLUMNS) -> Path:
    folder = raw / "bgs"
    folder.mkdir(parents=True)
    with (folder / "BGS_made_production.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**PLAIN, **row} for row in rows)
    return raw


def one(reading: Reading) -> dict[str, Any]:
    (row,) = reading.tables["facts"].to_dicts()
    return row


def test_every_series_names_a_stage_its_material_has() -> None:
    with SERIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [(row["commodity"], row["sub_commodity"], row["when_note"]) for row in rows]
    assert len(keys) == len(set(keys))
    for row in rows:
        if row["material"]:
            assert row["stage"] in terms.material(row["material"]).stages, row
        else:
            assert row["why"], row


def test_column_order_does_not_matter(tmp_path: Path) -> None:
    straight = bgs.read(make(tmp_path / "a", {}))
    turned = bgs.read(make(tmp_path / "b", {}, columns=tuple(reversed(bgs._COLUMNS))))
    assert straight.tables["facts"].equals(turned.tables["facts"])


@pytest.mark.parametrize(
    ("cells", "value", "low", "high", "flag"),
    [
        ({}, 10.0, None, None, "reported"),
        ({"concat_figure_notes_text": "Estimates.|Sales."}, 10.0, None, None, "estimated"),
        ({"quantity": "0", "quantity_in_book_style": "-----"}, 0.0, None, None, "reported"),
        ({"quantity": "", "sdmx_code": "O"}, None, None, None, "unknown"),
        ({"quantity": "0", "sdmx_code": "N"}, 0.25, 0.0, 0.5, "small"),
        ({"units": "kilograms (metal content)"}, 0.01, None, None, "reported"),
    ],
)
def test_what_a_cell_means(
    tmp_path: Path,
    cells: dict[str, str],
    value: float | None,
    low: float | None,
    high: float | None,
    flag: str,
) -> None:
    fact = one(bgs.read(make(tmp_path, cells)))
    assert (fact["value"], fact["low"], fact["high"], fact["flag"]) == (value, low, high, flag)


def test_congo_under_the_code_of_its_neighbour(tmp_path: Path) -> None:
    reading = bgs.read(
        make(
            tmp_path,
            {"country_trans": "Congo", "country_iso3_code": "COD"},
            {"country_trans": "Congo, Democratic Republic", "country_iso3_code": "COD"},
            {"country_trans": "Kosovo", "country_iso3_code": "1A0"},
        )
    )
    assert reading.tables["facts"]["place"].to_list() == ["COG", "COD", "XKX"]
    assert any("Congo stands under COD, kept as COG" in note for note in reading.notes)


def test_countries_that_are_gone(tmp_path: Path) -> None:
    old = {"year": "1980-01-01 00:00:00"}
    raw = make(
        tmp_path,
        {"country_trans": "Soviet Union", "country_iso3_code": "SUN", **old},
        {"country_trans": "Zaire", "country_iso3_code": "ZAR", **old},
        {"country_trans": "Rhodesia", "country_iso3_code": "", **old},
    )
    assert bgs.read(raw).tables["facts"].is_empty()
    table = bgs.read(raw, since=1971).tables["facts"]
    assert table["place"].to_list() == ["SUN", "COD", "ZWE"]
    assert table["note"].to_list() == [None, "printed as Zaire", "printed as Rhodesia"]


def test_the_empty_row_of_the_other_germany_is_dropped(tmp_path: Path) -> None:
    west = {"country_trans": "German Federal Republic", "country_iso3_code": "DEU"}
    united = {"country_trans": "Germany", "country_iso3_code": "DEU"}
    empty = {"quantity": "", "quantity_in_book_style": "...", "sdmx_code": "O"}
    raw = make(
        tmp_path,
        {**west, "year": "1990-01-01 00:00:00", "quantity": "7"},
        {**united, **empty, "year": "1990-01-01 00:00:00"},
        {**west, **empty, "year": "1991-01-01 00:00:00"},
        {**united, "year": "1991-01-01 00:00:00", "quantity": "5"},
        {**united, **empty, "year": "1992-01-01 00:00:00"},
    )
    table = bgs.read(raw, since=1971).tables["facts"]
    assert table.select("year", "value").rows() == [(1990, 7.0), (1991, 5.0), (1992, None)]


def lithium(sub: str, note: str = "") -> dict[str, str]:
    return {
        "bgs_commodity_trans": "lithium minerals",
        "bgs_sub_commodity_trans": sub,
        "concat_figure_notes_text": note,
        "units": "tonnes (metric)",
    }


def test_lithium_counts_content_once_and_hydroxide_as_refined(tmp_path: Path) -> None:
    reading = bgs.read(
        make(
            tmp_path,
            lithium("Spodumene"),
            lithium("Spodumene (Li content)"),
            lithium("Lithium minerals (hydroxide)"),
            lithium("Lithium minerals (Li content)", "Estimates.|Hydroxide."),
            lithium("Lithium minerals (Li content)"),
        )
    )
    assert reading.tables["facts"]["stage"].to_list() == ["mine", "refine", "mine"]
    assert any("Spodumene: gross" in note and "(1 rows)" in note for note in reading.notes)


def ferro(sub: str) -> dict[str, str]:
    return {
        "bgs_commodity_trans": "ferro-alloys",
        "bgs_sub_commodity_trans": sub,
        "units": "tonnes (metric)",
    }


def test_alloys_with_a_known_content_are_counted_in_it(tmp_path: Path) -> None:
    rows = ("Ferro-niobium", "Ferro-chrome", "Ferro-nickel")
    table = bgs.read(make(tmp_path, *map(ferro, rows))).tables["facts"]
    niobium, chrome = table.to_dicts()
    assert (niobium["basis"], niobium["value"]) == ("Nb", pytest.approx(6.55))
    assert (niobium["low"], niobium["high"]) == (pytest.approx(6.0), pytest.approx(6.7))
    assert (chrome["basis"], chrome["value"], chrome["low"]) == ("gross", 10.0, None)


def test_smelter_copper_is_not_added_to_refined_copper(tmp_path: Path) -> None:
    rows = [{"bgs_commodity_trans": f"copper, {step}"} for step in ("smelter", "refined")]
    table = bgs.read(make(tmp_path, *rows)).tables["facts"]
    assert table["quantity"].to_list() == ["smelter_production", "production"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    raw = make(
        tmp_path,
        {"country_trans": "Atlantis", "country_iso3_code": ""},
        {"country_iso3_code": "PER"},
        {"units": "pounds"},
        {"sdmx_code": "Z"},
        {"quantity": "many"},
        {"year": "2020"},
        {"bgs_commodity_trans": "unobtainium, mine"},
    )
    with pytest.raises(DataError) as caught:
        bgs.read(raw)
    message = str(caught.value)
    for fault in (
        "row 1, column country_trans: unknown country 'Atlantis'",
        "row 2, column country_iso3_code: country 'Chile' stands under the code 'PER'",
        "row 3, column units: unknown unit 'pounds'",
        "row 4, column sdmx_code: unknown code 'Z'",
        "row 5, column quantity: 'many' is not a number",
        "row 6, column year: '2020' is not a year",
        "row 7, column bgs_sub_commodity_trans: unknown series 'unobtainium, mine'",
    ):
        assert fault in message


def test_a_renamed_column_and_an_empty_folder(tmp_path: Path) -> None:
    columns = tuple("amount" if name == "quantity" else name for name in bgs._COLUMNS)
    with pytest.raises(DataError, match=r"column 'quantity' is missing"):
        bgs.read(make(tmp_path / "a", {}, columns=columns))
    with pytest.raises(DataError, match=r"no file BGS_\*.csv"):
        bgs.read(tmp_path / "b")


@pytest.fixture(scope="module")
def real(raw: Path) -> Reading:
    return bgs.read(raw)


@pytest.mark.raw
@pytest.mark.parametrize(
    ("detail", "place", "year", "tonnes"),
    [
        ("cobalt, refined", "CHN", 2023, 140_000.0),
        ("cobalt, mine", "COD", 2023, 140_121.0),
        ("copper, mine", "COG", 2023, 8_400.0),
        ("copper, mine", "COD", 2023, 3_148_567.0),
        ("gallium, primary", "CHN", 2023, 621.0),
        ("magnesium metal, primary", "CHN", 2023, 805_000.0),
        ("nickel, smelter/refinery, Sulfate", "CYP", 2022, 953.0),
        ("platinum group metals, mine, Ruthenium", "ZAF", 2023, 28.478),
        ("ferro-alloys, Ferro-niobium", "BRA", 2023, 86_000 * 0.655),
        ("lithium minerals, Lithium minerals (Carbonate -Li content)", "CHL", 2023, 41_408.0),
    ],
)
def test_figures_read_off_the_files(
    real: Reading, detail: str, place: str, year: int, tonnes: float
) -> None:
    row = real.tables["facts"].filter(
        (pl.col("detail") == detail) & (pl.col("place") == place) & (pl.col("year") == year)
    )
    assert row["value"].item() == pytest.approx(tonnes)


@pytest.mark.raw
def test_no_series_is_counted_twice_even_in_the_long_history(raw: Path) -> None:
    table = bgs.read(raw, since=1971).tables["facts"]
    key = ["material", "stage", "quantity", "detail", "place", "year"]
    assert table.select(key).is_duplicated().sum() == 0
    assert table["year"].min() == 1971
    sums = table.filter((pl.col("detail") == "nickel, mine") & (pl.col("year") == 1980))
    assert sums.filter(pl.col("place") == "SUN")["value"].item() == 143_000.0


@pytest.mark.raw
def test_dr_congo_cobalt_is_the_figure_of_world_mining_data(raw: Path, real: Reading) -> None:
    """Two publishers, one national source: DRC 2023 is 140,121 t in both."""
    from lodestone.atlas.readers import wmd

    def drc(reading: Reading) -> float:
        rows = reading.tables["facts"].filter(
            (pl.col("material") == "cobalt")
            & (pl.col("stage") == "mine")
            & (pl.col("place") == "COD")
            & (pl.col("year") == 2023)
        )
        return float(rows["value"].item())

    assert drc(real) == drc(wmd.read(raw))
