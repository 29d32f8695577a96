"""The prior of where materials are used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.atlas.use_weights import use_weights
from lodestone.terms.errors import DataError

MADE = {"CHN": 300.0, "USA": 100.0, "IND": 60.0, "KOR": 50.0, "TWN": 25.0}
GDP = {
    ("CHN", 2011): 600.0,
    ("USA", 2011): 1000.0,
    ("IND", 2011): 200.0,
    ("KOR", 2011): 100.0,
    ("VNM", 2011): 100.0,
    ("WLD", 2011): 2100.0,
}


def test_by_hand_in_the_table_year() -> None:
    """Vietnam is not in the table: GDP 100 times the ratio of India, 0.3, makes 30."""
    total = 300 + 100 + 60 + 50 + 25 + 30
    found = use_weights(MADE, GDP, 2011)
    assert found["CHN"] == pytest.approx(300 / total)
    assert found["VNM"] == pytest.approx(30 / total)
    assert found["TWN"] == pytest.approx(25 / total)
    assert "WLD" not in found


def test_moved_with_gdp_and_taiwan_with_korea() -> None:
    """China and Korea double by 2020; Taiwan, without GDP of its own, goes with Korea."""
    gdp = {**GDP, ("CHN", 2020): 1200.0, ("KOR", 2020): 200.0}
    found = use_weights(MADE, gdp, 2020)
    assert found["CHN"] / found["USA"] == pytest.approx(6.0)
    assert found["TWN"] / found["KOR"] == pytest.approx(0.5)


def test_the_latest_year_not_after_the_one_asked() -> None:
    gdp = {**GDP, ("CHN", 2022): 1200.0}
    assert use_weights(MADE, gdp, 2021) == use_weights(MADE, GDP, 2021)


@pytest.mark.parametrize(("gone", "named"), [("USA", "USA"), ("KOR", "KOR")])
def test_missing_gdp_is_an_error_that_names_the_place(gone: str, named: str) -> None:
    gdp = {k: v for k, v in GDP.items() if k[0] != gone}
    with pytest.raises(DataError, match=named):
        use_weights(MADE, gdp, 2011)


def test_taiwan_cannot_move_without_korea() -> None:
    gdp = {k: v for k, v in GDP.items() if k[0] != "KOR"}
    made = {k: v for k, v in MADE.items() if k != "KOR"}
    with pytest.raises(DataError, match="KOR"):
        use_weights(made, gdp, 2011)


sizes = st.floats(1.0, 1e6)


@given(st.dictionaries(st.sampled_from(["VNM", "THA", "DEU", "FRA"]), sizes), sizes)
def test_shares_sum_to_one_and_know_no_currency(extra: dict[str, float], rate: float) -> None:
    gdp = GDP | {(p, 2011): v for p, v in extra.items()}
    found = use_weights(MADE, gdp, 2015)
    assert sum(found.values()) == pytest.approx(1.0)
    assert min(found.values()) > 0
    other = use_weights(MADE, {k: v * rate for k, v in gdp.items()}, 2015)
    assert other == pytest.approx(found)
