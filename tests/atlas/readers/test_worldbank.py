"""World Bank: units converted once, aggregates out, agreements dated; the workbook agrees."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import worldbank
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]

PRICES = "month,commodity,unit,value\n"
GDP = "country,iso3,year,gdp_current_usd\n"
AGREEMENTS = ",".join(("cty1", *worldbank._AGREEMENT_COLUMNS)) + "\n"


def _read(put: Put, prices: str = "", gdp: str = "", agreements: str = "") -> Reading:
    put(worldbank.PRICES, PRICES + prices)
    folder = put(worldbank.GDP, GDP + gdp)
    packed = gzip.compress((AGREEMENTS + agreements).encode())
    (folder / worldbank.AGREEMENTS).write_bytes(packed)
    return worldbank.read(folder)


def test_prices_are_dollars_per_tonne_whatever_was_printed(put: Put) -> None:
    prices = (
        "2024-01,Gold,($/troy oz),31.1034768\n"
        "2024-01,Copper,($/mt),8000\n"
        '2024-01,"Iron ore, cfr spot",($/dmtu),136\n'
        "2024-01,Urea,($/mt),335\n"
    )
    frame = _read(put, prices).tables["prices_monthly"]
    found = {row["series"]: row for row in frame.iter_rows(named=True)}
    assert found["Gold"]["value"] == pytest.approx(1e6)  # a dollar a gram
    assert (found["Copper"]["material"], found["Copper"]["stage"]) == ("copper", "refine")
    assert (found["Iron ore, cfr spot"]["value"], found["Iron ore, cfr spot"]["basis"]) == (
        136.0,
        "gross",
    )
    assert found["Urea"]["material"] is None
    assert found["Gold"]["raw_unit"] == "($/troy oz)"


def test_a_gap_in_a_series_is_told(put: Put) -> None:
    reading = _read(put, "2023-10,Tin,($/mt),1\n2023-12,Tin,($/mt),2\n")
    assert any("no price of Tin between 2023-10 and 2023-12" in note for note in reading.notes)


def test_aggregates_are_not_countries(put: Put) -> None:
    gdp = "World,WLD,2023,100\nArab World,ARB,2023,3\nNamibia,NAM,2023,12\n"
    reading = _read(put, gdp=gdp)
    assert reading.tables["gdp"]["place"].to_list() == ["WLD", "NAM"]
    assert any("ARB" in note for note in reading.notes)


def test_an_agreement_has_its_own_year_and_the_pairs(put: Put) -> None:
    line = "Albania,ALB,HRV,2013,EC-Albania,2006,FTA & EIA,1,2,1,0,20,10\n"
    row = _read(put, agreements=line).tables["trade_agreements"].row(0, named=True)
    assert (row["year"], row["entry_year"]) == (2013, 2006)
    assert (row["export_taxes"], row["investment"]) == ("enforceable", "yes")


@pytest.mark.parametrize(
    ("prices", "gdp", "agreements", "told"),
    [
        ("2024-01,Mithril,($/mt),1\n", "", "", "row 1, column commodity: unknown series 'Mithril'"),
        ("2024-01,Tin,($/lb),1\n", "", "", "unknown unit '($/lb)'"),
        ("2024-01,Tin,($/mt),..\n", "", "", "'..' is not a number"),
        ("Jan 24,Tin,($/mt),1\n", "", "", "is not a month"),
        ("2024-01,Tin,($/mt),1\n2024-01,Tin,($/mt),1\n", "", "", "stands 2 times"),
        ("", "Atlantis,ATL,2023,1\n", "", "unknown country 'ATL'"),
        ("", "", "x,ALB,QQQ,2013,A,2006,FTA,1,2,1,2,20,10\n", "unknown country 'QQQ'"),
        ("", "", "x,ALB,HRV,2013,A,2006,FTA,0,2,1,2,20,10\n", "coverage '0'"),
    ],
)
def test_what_does_not_fit_is_refused(
    put: Put, prices: str, gdp: str, agreements: str, told: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, prices, gdp, agreements)
    assert told in str(caught.value)


def test_a_renamed_column_of_the_agreements_says_its_new_name(put: Put) -> None:
    _read(put)
    folder = put("unused", "")
    header = AGREEMENTS.replace("wto_X_investment,", "wto_x_investment,")
    (folder / worldbank.AGREEMENTS).write_bytes(gzip.compress(header.encode()))
    with pytest.raises(DataError, match="is it now called 'wto_x_investment'"):
        worldbank.read(folder)


def test_a_damaged_archive_is_refused(put: Put) -> None:
    _read(put)
    folder = put("unused", "")
    (folder / worldbank.AGREEMENTS).write_bytes(b"not gzip")
    with pytest.raises(DataError, match="cannot be read"):
        worldbank.read(folder)


def _workbook(path: Path) -> dict[tuple[str, str], float]:
    """Prices of the sheet "Monthly Prices" by (series, month), read straight from the archive."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        words = ["".join(item.itertext()) for item in shared.findall("m:si", space)]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet2.xml"))
    cells: dict[tuple[str, int], str] = {}
    for cell in sheet.iter(f"{{{space['m']}}}c"):
        column, row = re.fullmatch(r"([A-Z]+)(\d+)", cell.attrib["r"]).groups()  # type: ignore[union-attr]
        value = cell.findtext("m:v", namespaces=space)
        if value is not None:
            cells[column, int(row)] = words[int(value)] if cell.get("t") == "s" else value
    titles = {c: re.sub(r"\W+$", "", v) for (c, r), v in cells.items() if r == 5}
    months = {r: v for (c, r), v in cells.items() if c == "A" and re.fullmatch(r"\d{4}M\d{2}", v)}
    return {
        (titles[c], months[r].replace("M", "-")): float(v)
        for (c, r), v in cells.items()
        if r in months and c in titles and re.fullmatch(r"-?\d+(\.\d+)?(E-?\d+)?", v)
    }


@pytest.mark.raw
def test_every_price_is_the_workbooks_to_two_decimals(raw: Path) -> None:
    workbook = _workbook(raw / "prices/wb_CMO-Historical-Data-Monthly_2026-06.xlsx")
    frame = worldbank.read(raw).tables["prices_monthly"]
    compared = 0
    for series, month, value in frame.select("series", "month", "raw_value").rows():
        assert round(workbook[series, f"{month:%Y-%m}"], 2) == pytest.approx(
            float(value), abs=0.006
        )
        compared += 1
    assert compared == 11_870


@pytest.mark.raw
def test_gdp_of_the_world_is_the_sum_of_its_countries(raw: Path) -> None:
    gdp = worldbank.read(raw).tables["gdp"].filter(pl.col("year") == 2022)
    world = gdp.filter(pl.col("place") == "WLD")["value"].item()
    rest = gdp.filter(pl.col("place") != "WLD")["value"].sum()
    assert rest == pytest.approx(world, rel=0.02)


@pytest.mark.raw
def test_known_agreements_stand_where_they_should(raw: Path) -> None:
    found = worldbank.read(raw).tables["trade_agreements"]
    nafta = found.filter(pl.col("agreement").str.contains("NAFTA|North American"))
    assert {"CAN", "MEX", "USA"} == set(nafta["place_1"]) | set(nafta["place_2"])
    assert set(nafta["entry_year"]) == {1994}
    assert found["entry_year"].max() == 2015
