"""Units by published equivalents (book) and there and back again (round trip)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.terms import is_mass, to_tonnes, to_usd_per_tonne
from lodestone.terms.errors import RequestError
from lodestone.terms.table import read_table, split_list

UNITS = tuple(row["unit"] for row in read_table("units"))


@pytest.mark.parametrize(
    ("value", "unit", "tonnes"),
    [
        (1, "metric tons", 1),
        (1, "metr. t", 1),
        (1, "tonnes (metal content)", 1),
        (3, "thousand metric tons", 3_000),
        (3, "thousand metric dry tons", 3_000),
        (2, "million metric tons", 2e6),
        (2, "Mt", 2e6),
        (2, "mt", 2),
        (1, "kilograms (metal content)", 1e-3),
        (5, "ct", 1e-6),
        (1, " thousands of carats", 2e-4),
        (1, "million carats", 0.2),
        (32_150.7466, "troy ounces", 1),
        (2_204.62262, "pounds", 1),
        (1, "short tons", 0.90718474),
        (1, "flasks", 0.03447),
    ],
)
def test_published_equivalents(value: float, unit: str, tonnes: float) -> None:
    assert math.isclose(to_tonnes(value, unit), tonnes, rel_tol=1e-4)
    assert is_mass(unit)


@given(st.sampled_from(UNITS), st.sampled_from(UNITS), st.floats(1e-6, 1e9))
def test_there_and_back(one: str, other: str, value: float) -> None:
    factor = to_tonnes(1, one) / to_tonnes(1, other)
    assert math.isclose(to_tonnes(value * factor, other), to_tonnes(value, one), rel_tol=1e-12)


def test_every_spelling_is_known_and_has_one_meaning() -> None:
    for row in read_table("units"):
        for spelling in split_list(row["spellings"]):
            assert to_tonnes(1, spelling) == float(row["tonnes"])


@pytest.mark.parametrize(
    # Densities of the gases at 15 degrees and 101.325 kPa as gas suppliers print them, kg/m3.
    ("gas", "density"),
    [("helium", 0.169), ("neon", 0.853), ("krypton", 3.55), ("xenon", 5.58)],
)
def test_gases_are_weighed_at_the_state_of_their_publisher(gas: str, density: float) -> None:
    tonnes = to_tonnes(1, "million cubic meters", gas)
    assert math.isclose(tonnes / 1e3, density, rel_tol=0.01)
    assert math.isclose(to_tonnes(1000, "million liters", gas), tonnes, rel_tol=1e-12)


@pytest.mark.parametrize("unit", ["percent", "number", "index", "million dollars", "", "days"])
def test_what_is_no_mass_is_refused(unit: str) -> None:
    assert not is_mass(unit)
    with pytest.raises(RequestError, match="not a mass"):
        to_tonnes(1, unit)


def test_a_volume_needs_a_gas() -> None:
    with pytest.raises(RequestError, match="volume"):
        to_tonnes(1, "million cubic meters")
    with pytest.raises(RequestError, match="not copper"):
        to_tonnes(1, "million cubic meters", "copper")


@pytest.mark.parametrize(
    ("value", "unit", "usd"),
    [
        (1, "dollars per metric ton", 1),
        (7, "dollars per ton", 7),
        (1, "($/mt)", 1),
        (1, "dollars per kilogram", 1_000),
        (1, "dollars per gram", 1e6),
        (50, "dollars per 25 grams", 2e6),
        (3, "dollars per 10-grams", 3e5),
        (100, "cents per pound", 2_204.6226),
        (1, "dollars per pound", 2_204.6226),
        (0.90718474, "dollars per short ton", 1),
        (1, "dollars per troy ounce", 32_150.7466),
        (1, "($/troy oz)", 32_150.7466),
        (1, "dollars per carat", 5e6),
        # Manganese ore at 5 USD a dmtu: ore of 44 % costs 220 USD a tonne, so 500 a tonne of Mn.
        (5, "dollars per dry metric ton unit", 500),
        (5, "($/dmtu)", 500),
    ],
)
def test_prices(value: float, unit: str, usd: float) -> None:
    assert math.isclose(to_usd_per_tonne(value, unit), usd, rel_tol=1e-6)


@pytest.mark.parametrize("unit", ["index", "dollars per 100 milliliters", "EUR/t", "dollars"])
def test_what_is_no_price_by_mass_is_refused(unit: str) -> None:
    with pytest.raises(RequestError):
        to_usd_per_tonne(1, unit)
