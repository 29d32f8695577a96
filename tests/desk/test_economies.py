"""The input-output table of a place, as the release holds it."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.desk.economies import economy
from lodestone.desk.library import library
from lodestone.economy.spectral import spectral_radius
from lodestone.economy.table import EconomyTable
from lodestone.terms import members
from lodestone.terms.errors import RequestError


@pytest.fixture(scope="module")
def usa() -> EconomyTable:
    return economy("USA", 2017)


def _printed(table: str, row: str) -> dict[str, float]:
    rows = library().rows(
        f"SELECT col, value FROM {table} WHERE \"row\" = ? AND kind = 'total'", [row]
    )
    return {r["col"]: r["value"] for r in rows}


def test_output_of_every_us_industry_is_the_printed_one(usa: EconomyTable) -> None:
    printed = _printed("bea2017_use", "T008")
    made = library().rows('SELECT "row", count(*) AS n FROM bea2017_make GROUP BY "row"')
    cells = {r["row"]: r["n"] for r in made}
    for code, output in zip(usa.sectors, usa.output, strict=True):
        # Cells are printed in whole millions: n of them may be off by n / 2 at most.
        assert output == pytest.approx(printed[code], abs=0.5 * (cells[code] + 1)), code


def test_us_gdp_is_the_printed_one_but_for_what_the_notes_say(usa: EconomyTable) -> None:
    rows = library().rows("SELECT sum(value) AS v FROM bea2017_use WHERE kind = 'value_added'")
    printed = rows[0]["v"]
    # 12,270 of losses of two government enterprises, and 405 of rounding, stand in the notes.
    assert usa.gdp - printed == pytest.approx(12_270 + 405, abs=1.0)
    assert usa.gdp == pytest.approx(usa.final_use.sum() - usa.imported.sum())
    assert printed == pytest.approx(19_612_117, abs=1.0)


def test_us_imports_taken_out_are_those_of_the_import_matrix(usa: EconomyTable) -> None:
    rows = library().rows("SELECT sum(value) AS v FROM bea2017_imports WHERE kind = 'intermediate'")
    # What is not imported but not made by an industry either, and what was cut or scaled.
    scrap, used = 30_484 - 6_296, 27_561 - 623
    assert usa.imported.sum() == pytest.approx(rows[0]["v"] + scrap + used - 11_355, abs=3_000)


@pytest.mark.parametrize("detail", [True, False])
def test_us_multipliers_converge(detail: bool) -> None:
    table = economy("USA", detail=detail)
    assert 0.3 < spectral_radius(table.coefficients) < 0.6
    assert (table.flows >= 0.0).all()
    assert (table.imported >= 0.0).all()
    assert (table.value_added >= 0.0).all()


def test_a_moved_table_keeps_its_shares(usa: EconomyTable) -> None:
    later = economy("USA", 2022)
    np.testing.assert_allclose(later.coefficients, usa.coefficients)
    gdp = {
        r["year"]: r["value"]
        for r in library().rows("SELECT year, value FROM gdp WHERE place = 'USA'")
    }
    assert later.gdp / usa.gdp == pytest.approx(gdp[2022] / gdp[2017])
    assert "moved from 2017 to 2022" in later.notes[-1]


def test_a_year_without_gdp_takes_the_latest_and_says_so() -> None:
    table = economy("USA", 2024)
    assert table.year == 2024
    assert "no GDP of 2024" in table.notes[-1]


@pytest.mark.parametrize("place", ["EU27", "JPN", "CHN", "KOR", "GBR", "TWN", "DEU"])
def test_an_economy_of_35_sectors_adds_up_and_converges(place: str) -> None:
    table = economy(place)
    assert len(table.sectors) == 35
    assert table.gdp == pytest.approx(table.final_use.sum() - table.imported.sum())
    assert 0.2 < spectral_radius(table.coefficients) < 0.7
    assert (table.value_added >= 0.0).all()


def test_the_union_says_who_is_missing_and_grows_with_all_of_it() -> None:
    table = economy("EU27", 2023)
    assert any("HRV is not in it" in note for note in table.notes)
    own = library().rows(
        "SELECT sum(value_added) AS v FROM wiod_sectors_totals WHERE place = 'EU27'"
    )[0]["v"]
    inside, all_members = set(members("EU27")) - {"HRV"}, set(members("EU27"))
    assert table.gdp / own == pytest.approx(_gdp(all_members, 2023) / _gdp(inside, 2011))


def _gdp(places: set[str], year: int) -> float:
    rows = library().rows("SELECT place, value FROM gdp WHERE year = ?", [year])
    return sum(r["value"] for r in rows if r["place"] in places)


def test_an_economy_without_a_printed_gdp_says_whose_growth_it_takes() -> None:
    assert "the GDP is that of KOR" in economy("Taiwan").notes[-1]


def test_a_place_without_a_table_is_told_how_to_bring_one() -> None:
    with pytest.raises(RequestError, match="no input-output table of COD") as caught:
        economy("COD")
    assert "lodestone data build --table FILE" in str(caught.value)
    assert "EU27" in str(caught.value)


def test_a_year_before_every_gdp_is_refused() -> None:
    with pytest.raises(RequestError, match="no GDP of USA in or before 1950"):
        economy("USA", 1950)
