"""The full BACI release: a small hand-made zip in the publisher's layout, and broken ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.readers.baci_rows import ROW_SCHEMA
from lodestone.atlas.readers.baci_zip import read_baci_zip
from lodestone.atlas.rules.prices import load_reference_prices
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import classify, links
from lodestone.terms.errors import DataError, RequestError

COUNTRIES = """country_code,country_name,country_iso2,country_iso3
36,Australia,AU,AUS
156,China,CN,CHN
490,"Other Asia, nes",N/A,S19
516,Namibia,NA,NAM
710,South Africa,ZA,ZAF
842,USA,US,USA
"""
PRODUCTS = "code,description\n281820,Aluminium oxide\n"
Y2022 = """t,i,j,k,v,q
2022,36,156,281820,400.5,1000.25
2022,36,490,281820,10,NA
2022,710,156,720241,900,1000
2022,710,156,010121,5,1
2022,516,842,282200,1,
"""
Y2023 = """t,i,j,k,v,q
2023,36,156,281820,420,1050
2023,842,36,10121,7,  0.5
"""


def pack(folder: Path, **members: str) -> Path:
    """A zip with the two country and product lists unless told otherwise."""
    files = {
        "country_codes_V202501.csv": COUNTRIES,
        "product_codes_HS17_V202501.csv": PRODUCTS,
        **{f"{name}.csv": text for name, text in members.items()},
    }
    path = folder / "BACI_HS17_V202501.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            if text:
                archive.writestr(name, text)
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return pack(tmp_path, BACI_HS17_Y2022_V202501=Y2022, BACI_HS17_Y2023_V202501=Y2023)


def test_codes_of_the_rule_table_are_read_with_places_and_missing_weights(good: Path) -> None:
    rows = read_baci_zip(good)
    assert dict(rows.schema) == {name: kind() for name, kind in ROW_SCHEMA.items()}
    assert rows.select("code", "year", "exporter", "importer", "value_kusd", "gross_t").rows() == [
        ("281820", 2022, "AUS", "CHN", 400.5, 1000.25),
        ("281820", 2022, "AUS", "TWN", 10.0, None),
        ("282200", 2022, "NAM", "USA", 1.0, None),
        ("720241", 2022, "ZAF", "CHN", 900.0, 1000.0),
        ("281820", 2023, "AUS", "CHN", 420.0, 1050.0),
    ]
    assert set(rows["source"]) == {"baci_full_hs17"}
    assert set(rows["revision"]) == {"HS17"}


def test_lost_leading_zeros_are_put_back(good: Path) -> None:
    """010121 is printed as 10121 in some editions."""
    rows = read_baci_zip(good, codes=["010121"])
    assert rows.select("year", "gross_t").rows() == [(2022, 1.0), (2023, 0.5)]


def test_only_the_years_asked_for(good: Path) -> None:
    assert set(read_baci_zip(good, years=[2023])["year"]) == {2023}
    with pytest.raises(RequestError, match="holds 2022-2023"):
        read_baci_zip(good, years=[2022, 2031])


def test_a_folder_inside_the_zip_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BACI/country_codes_V202501.csv", COUNTRIES)
        archive.writestr("BACI/BACI_HS17_Y2023_V202501.csv", Y2023)
    assert read_baci_zip(path).height == 1


def test_its_rows_can_be_classified_and_win_over_the_extracts(good: Path) -> None:
    """Alumina, absent from the open extracts, becomes the refine stage of aluminium."""
    full = read_baci_zip(good)
    extract = full.filter(pl.col("code") == "282200").with_columns(
        source=pl.lit("baci_hs92"), revision=pl.lit("HS92"), gross_t=pl.lit(0.05)
    )
    result = classify(pl.concat([full, extract]), load_trade_rules(), load_reference_prices())
    alumina = links(result, "aluminium", "refine", 2022)
    assert alumina.filter(pl.col("importer") == "CHN")["content_t"][0] == pytest.approx(
        1000.25 * 0.524
    )
    by_source = dict(
        result.trade.filter(pl.col("code") == "282200").select("source", "flag").rows()
    )
    # the full release has no weight for it, so the extract's tonnes win
    assert by_source == {"baci_hs92": "ok", "baci_full_hs17": "superseded"}


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file named like BACI_HS17"):
        read_baci_zip(pack(tmp_path, trade_2023=Y2023))


def test_mixed_revisions_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, BACI_HS17_Y2022_V202501=Y2022, BACI_HS92_Y2023_V202501=Y2023)
    with pytest.raises(DataError, match="HS17 V202501, HS92 V202501"):
        read_baci_zip(path)


def test_mixed_editions_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path, BACI_HS17_Y2022_V202401=Y2022, BACI_HS17_Y2023_V202501=Y2023)
    with pytest.raises(DataError, match="V202401"):
        read_baci_zip(path)


def test_a_missing_country_list_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("BACI_HS17_Y2023_V202501.csv", Y2023)
    with pytest.raises(DataError, match="country_codes_V202501"):
        read_baci_zip(path)


def test_not_a_zip_and_no_file(tmp_path: Path) -> None:
    text = tmp_path / "x.zip"
    text.write_text("hello", encoding="utf-8")
    with pytest.raises(DataError, match="not a zip"):
        read_baci_zip(text)
    with pytest.raises(DataError, match="no such file"):
        read_baci_zip(tmp_path / "none.zip")


def test_a_renamed_column_is_named(tmp_path: Path) -> None:
    path = pack(tmp_path, BACI_HS17_Y2023_V202501=Y2023.replace("t,i,j,k,v,q", "t,i,j,hs6,v,q"))
    with pytest.raises(DataError, match="column 'k' is missing"):
        read_baci_zip(path)


def test_every_bad_cell_is_told_with_its_row(tmp_path: Path) -> None:
    bad = """t,i,j,k,v,q
2023,36,156,281820,420,1050
2023,999,156,281820,1,1
2023,36,998,281820,1,1
2022,36,156,281820,1,1
2023,36,156,720241,lots,1
2023,36,156,282200,1,-4
2023,777,156,010121,1,1
"""
    with pytest.raises(DataError) as caught:
        read_baci_zip(pack(tmp_path, BACI_HS17_Y2023_V202501=bad))
    text = str(caught.value)
    for part in (
        "country number 999",
        "row 2, column i",
        "country number 998",
        "row 3, column j",
        "year 2022 in a file of 2023",
        "row 4, column t",
        "'lots' is not a number",
        "row 5, column v",
        "-4.0",
    ):
        assert part in text, part
    assert "777" not in text  # that row's code was not asked for


def test_a_country_that_terms_do_not_know_is_told(tmp_path: Path) -> None:
    path = pack(
        tmp_path,
        country_codes_V202501=COUNTRIES.replace("AUS", "QQQ"),
        BACI_HS17_Y2023_V202501=Y2023,
    )
    with pytest.raises(DataError, match="unknown country 'QQQ'"):
        read_baci_zip(path)
