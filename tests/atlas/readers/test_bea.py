"""US input-output accounts: two industries by hand, then the laws of the real tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import bea
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]

# Two industries, A and B; A sells 10 to itself and 20 to B, B sells 5 to A; scrap is S00401.
USE = """\
row,A,B,T001,F01000,F05000,T004,T007
A,10.0,20.0,30.0,70.0,0.0,70.0,100.0
B,5.0,0.0,5.0,100.0,-5.0,95.0,100.0
S00401,0.0,0.0,0.0,-3.0,0.0,-3.0,-3.0
T005,15.0,20.0,,,,,
V00100,85.0,80.0,,,,,
T006,85.0,80.0,,,,,
T008,100.0,100.0,,,,,
""".replace(",,,,,", ",0.0,0.0,0.0,0.0,0.0")
MAKE = """\
row,A,B,S00401,T008
A,98.0,2.0,0.0,100.0
B,0.0,100.0,0.0,100.0
T007,98.0,102.0,0.0,200.0
"""
IMPORTS = """\
row,A,B,T001,F01000,F05000,T004
A,0.0,0.0,0.0,0.0,0.0,0.0
B,2.0,0.0,2.0,3.0,-5.0,-2.0
S00401,0.0,0.0,0.0,0.0,0.0,0.0
"""
SUMMARY = {
    "T001": "Total Intermediate",
    "T004": "Total Final Uses (GDP)",
    "T005": "Total Intermediate",
    "T006": "Total Value Added",
    "T007": "Total Commodity Output",
    "T008": "Total Industry Output",
    "F01000": "F010",
    "F05000": "F050",
    "V00100": "V001",
    "S00401": "Used",
}


def _summary(text: str) -> str:
    for detail, short in SUMMARY.items():
        text = text.replace(detail, short)
    return text


def _names(what: str, codes: str) -> str:
    lines = [f"BEA_2017_{what}_Code,BEA_2017_{what}_Name"]
    return "\n".join([*lines, *(f"{code},Name of {code}" for code in codes.split())]) + "\n"


def _series(value: str) -> str:
    years = ",".join(str(year) for year in range(1997, 2024))
    return f"row,{years}\n" + "".join(f"{code},{','.join([value] * 27)}\n" for code in "AB")


def _files(**changed: str) -> dict[str, str]:
    files = {
        "bea2017_detail_use_after_redef": USE,
        "bea2017_detail_make_after_redef": MAKE,
        "bea2017_detail_import_matrix_before_redef": IMPORTS,
        "bea2017_detail_industry_names": _names("Detail_Industry", "A B"),
        "bea2017_detail_commodity_names": _names("Detail_Commodity", "A B S00401"),
        "bea2017_detail_final_demand_names": _names("Detail_FinalDemand", "F01000 F05000"),
        "bea2017_detail_value_added_names": _names("Detail_ValueAdded", "V00100"),
        "bea2017_summary_industry_names": _names("Summary_Industry", "A B"),
        "bea2017_summary_commodity_names": _names("Summary_Commodity", "A B Used"),
        "bea2023_summary_use": _summary(USE),
        "bea2023_summary_make": _summary(MAKE),
        "bea2023_summary_import_matrix": _summary(IMPORTS),
        "bea_detail_cpi_1997_2023": _series("100.0"),
        "bea_detail_gross_output_1997_2023": _series("100.0"),
        "bea2017_naics_crosswalk": "BEA_2017_Sector_Code,BEA_2017_Summary_Code,"
        "BEA_2017_Detail_Code,NAICS_2017_Code,NAICS_2012_Code\n1,A,A,11,NA\n1,A,A,11,NA\n",
    }
    return files | changed


@pytest.fixture
def read_small(put: Put, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reading]:
    """Read the two-industry accounts, with some files changed."""
    short: dict[str, dict[str, str]] = {
        "_SUMMARY_FINAL": {"F010": "consumption", "F050": "imports"},
        "_SUMMARY_ADDED": {"V001": "compensation"},
    }
    for name, codes in short.items():
        monkeypatch.setattr(bea, name, codes)

    def read(**changed: str) -> Reading:
        folder = Path()
        for file, text in _files(**changed).items():
            folder = put(f"io/{file}.csv", text)
        return bea.read(folder)

    return read


def _cells(frame: pl.DataFrame, kind: str) -> dict[tuple[str, str], float]:
    rows = frame.filter(pl.col("kind") == kind).select("row", "col", "value").rows()
    return {(row, col): value for row, col, value in rows}


def test_every_cell_gets_its_kind_and_zeros_are_left_out(
    read_small: Callable[..., Reading],
) -> None:
    tables = read_small().tables
    use = tables["bea2017_use"]
    assert _cells(use, "intermediate") == {("A", "A"): 10, ("A", "B"): 20, ("B", "A"): 5}
    assert _cells(use, "value_added") == {("V00100", "A"): 85, ("V00100", "B"): 80}
    assert _cells(use, "final_use") == {
        ("A", "F01000"): 70,
        ("B", "F01000"): 100,
        ("B", "F05000"): -5,
        ("S00401", "F01000"): -3,
    }
    assert set(_cells(use, "total")) >= {("T008", "A"), ("A", "T001"), ("A", "T007")}
    assert use.filter(pl.col("value") == 0).is_empty()


def test_make_rows_are_industries_and_columns_commodities(
    read_small: Callable[..., Reading],
) -> None:
    make = read_small().tables["bea2017_make"]
    assert _cells(make, "make") == {("A", "A"): 98, ("A", "B"): 2, ("B", "B"): 100}


def test_the_import_matrix_does_not_cancel_itself_out(
    read_small: Callable[..., Reading],
) -> None:
    imports = read_small().tables["bea2017_imports"]
    assert _cells(imports, "intermediate") == {("B", "A"): 2}
    assert _cells(imports, "final_use") == {("B", "F01000"): 3}
    assert _cells(imports, "imports_total") == {("B", "F05000"): -5}


def test_traps_are_said_with_their_size(read_small: Callable[..., Reading]) -> None:
    hungry = USE.replace("A,10.0,20.0,30.0", "A,10.0,120.0,130.0")
    hungry = hungry.replace("V00100,85.0,80.0", "V00100,85.0,-20.0")
    notes = "\n".join(read_small(bea2017_detail_use_after_redef=hungry).notes)
    assert "inputs exceed output in B (1.20)" in notes
    assert "final use of S00401" in notes
    assert "column F05000 is minus the imports" in notes


def test_names_and_crosswalk(read_small: Callable[..., Reading]) -> None:
    tables = read_small().tables
    assert tables["bea2017_names"].filter(pl.col("code") == "A")["kind"].to_list() == [
        "industry",
        "commodity",
    ]
    assert tables["bea2017_naics"].rows() == [("1", "A", "A", "11", None)]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"bea2017_detail_use_after_redef": USE.replace("V00100,85.0", "V00100,45.0")},
            "industry A: inputs and value added sum to 60, the output printed is 100",
        ),
        (
            {"bea2017_detail_make_after_redef": MAKE.replace("A,98.0,2.0", "A,8.0,2.0")},
            "what it makes sum to 10",
        ),
        (
            {"bea2017_detail_use_after_redef": USE.replace("row,A,B,", "row,A,Z,")},
            "unknown code 'Z'",
        ),
        (
            {"bea2017_detail_use_after_redef": USE.replace("10.0", "ten")},
            "row A, column A: 'ten' is not a number",
        ),
        (
            {"bea2017_detail_use_after_redef": USE.replace("row,", "code,", 1)},
            "column 'row' is missing",
        ),
        (
            {"bea2017_detail_make_after_redef": MAKE.replace("\nB,", "\nA,")},
            "row 'A' stands twice",
        ),
        (
            {"bea2017_detail_make_after_redef": MAKE.replace("A,98.0,2.0,0.0,100.0", "A,98.0")},
            "lines of different length",
        ),
        (
            {"bea2017_detail_industry_names": "Code,Name\nA,a\nB,b\n"},
            "column 'BEA_2017_Detail_Industry_Code' is missing",
        ),
        ({"bea_detail_cpi_1997_2023": _series("100.0").replace("2023", "2024")}, "column '2023'"),
    ],
)
def test_what_does_not_fit_is_refused(
    read_small: Callable[..., Reading], changed: dict[str, str], told: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_small(**changed)
    assert told in str(caught.value)


@pytest.fixture(scope="module")
def reading(raw: Path) -> Reading:
    return bea.read(raw)


def _matrix(frame: pl.DataFrame, kind: str, rows: list[str], cols: list[str]) -> Any:
    values = np.zeros((len(rows), len(cols)))
    at_row, at_col = ({code: k for k, code in enumerate(codes)} for codes in (rows, cols))
    for row, col, value in (
        frame.filter(pl.col("kind") == kind).select("row", "col", "value").rows()
    ):
        values[at_row[row], at_col[col]] = value
    return values


def _codes(reading: Reading, kind: str, year: int = 2017) -> list[str]:
    names = reading.tables[f"bea{year}_names"]
    return names.filter(pl.col("kind") == kind)["code"].to_list()


@pytest.mark.raw
def test_value_added_is_the_published_gdp_of_2017(reading: Reading) -> None:
    """BEA: GDP of 2017 19.612 trillion USD; of 2023 27.721 trillion USD."""
    for year, published in ((2017, 19.612), (2023, 27.721)):
        use = reading.tables[f"bea{year}_use"]
        added = use.filter(pl.col("kind") == "value_added")["value"].sum()
        assert float(added) / 1e6 == pytest.approx(published, abs=0.001)


@pytest.mark.raw
def test_income_equals_expenditure(reading: Reading) -> None:
    """GDP is also the sum of final uses, imports being negative among them."""
    for year in (2017, 2023):
        use = reading.tables[f"bea{year}_use"]
        by_kind = dict(use.group_by("kind").agg(pl.col("value").sum()).rows())
        assert by_kind["final_use"] == pytest.approx(by_kind["value_added"], rel=1e-4)


@pytest.mark.raw
def test_commodities_made_are_commodities_used(reading: Reading) -> None:
    commodities, industries = _codes(reading, "commodity"), _codes(reading, "industry")
    assert (len(commodities), len(industries)) == (402, 402)
    use, make = reading.tables["bea2017_use"], reading.tables["bea2017_make"]
    inputs = _matrix(use, "intermediate", commodities, industries)
    final = _matrix(use, "final_use", commodities, _codes(reading, "final_use"))
    made = _matrix(make, "make", industries, commodities).sum(axis=0)
    np.testing.assert_allclose(inputs.sum(axis=1) + final.sum(axis=1), made, atol=60)


@pytest.mark.raw
def test_the_traps_the_design_names_are_there_and_said(reading: Reading) -> None:
    notes = "\n".join(reading.notes)
    assert "S00102 (1.35), S00201 (1.59)" in notes
    assert "S00401, S00402" in notes
    assert "19.612 trillion" in notes


@pytest.mark.raw
def test_a_row_of_the_import_matrix_with_its_total_is_nothing(reading: Reading) -> None:
    imports = reading.tables["bea2017_imports"].filter(pl.col("kind") != "total")
    rows = imports.group_by("row").agg(pl.col("value").sum())
    assert rows["value"].abs().max() <= 211  # 422 cells rounded to half a million each
    matrix = imports.filter(pl.col("kind") != "imports_total")["value"].sum()
    assert float(matrix) / 1e6 == pytest.approx(2.687, abs=0.001)


@pytest.mark.raw
def test_prices_are_one_hundred_in_the_benchmark_year(reading: Reading) -> None:
    index = reading.tables["bea_price_index"].filter(pl.col("year") == 2017)
    assert index.height == 402
    assert index["value"].to_numpy() == pytest.approx(np.full(402, 100.0), abs=0.01)


@pytest.mark.raw
def test_every_industry_with_a_naics_code_is_an_industry_of_the_tables(reading: Reading) -> None:
    detail = set(reading.tables["bea2017_naics"]["detail"].drop_nulls())
    known = set(_codes(reading, "industry")) | set(_codes(reading, "commodity"))
    assert len(detail & known) > 380
