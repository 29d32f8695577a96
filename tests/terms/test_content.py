"""Contents by the factors that reference books print, and there and back again."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.terms import bases, contained
from lodestone.terms.content import atoms
from lodestone.terms.errors import RequestError

# Element per oxide as printed in conversion tables of geological surveys, four digits.
BOOK = [
    ("Al2O3", "Al", 0.5293),
    ("As2O3", "As", 0.7574),
    ("B2O3", "B", 0.3106),
    ("BeO", "Be", 0.3603),
    ("Cr2O3", "Cr", 0.6842),
    ("Fe2O3", "Fe", 0.6994),
    ("K2O", "K", 0.8302),
    ("Li2O", "Li", 0.4645),
    ("LCE", "Li", 0.1879),
    ("LiOH.H2O", "Li", 0.1654),
    ("MgO", "Mg", 0.6030),
    ("MnO2", "Mn", 0.6319),
    ("Nb2O5", "Nb", 0.6990),
    ("P2O5", "P", 0.4364),
    ("Ta2O5", "Ta", 0.8190),
    ("TiO2", "Ti", 0.5993),
    ("U3O8", "U", 0.8480),
    ("V2O5", "V", 0.5602),
    ("WO3", "W", 0.7930),
    ("ZrO2", "Zr", 0.7403),
    ("Y2O3", "Y", 0.7874),
    ("La2O3", "La", 0.8527),
    ("CeO2", "Ce", 0.8141),
    ("Pr6O11", "Pr", 0.8277),
    ("Nd2O3", "Nd", 0.8574),
    ("Tb4O7", "Tb", 0.8502),
    ("Dy2O3", "Dy", 0.8713),
]


@pytest.mark.parametrize(("compound", "element", "factor"), BOOK)
def test_published_factors(compound: str, element: str, factor: float) -> None:
    assert math.isclose(contained(1, compound, element), factor, abs_tol=1.5e-4)


def test_lithium_carbonate_equivalent_of_lithium_is_5_323() -> None:
    assert math.isclose(contained(1, "Li", "LCE"), 5.323, abs_tol=2e-3)


@pytest.mark.parametrize("element", ["Nd", "Dy", "Tb", "Ce", "Y"])
def test_reo_is_the_oxide_of_the_element_at_hand(element: str) -> None:
    oxide = next(b.id for b in bases().values() if b.kind == "REO" and b.element == element)
    assert contained(1, element, "REO") == contained(1, element, oxide)
    assert contained(1, "REO", element) == contained(1, oxide, element)
    assert contained(1, oxide, "REO") == 1


PAIRS = [
    (a.id, b.id)
    for a, b in itertools.product(bases().values(), repeat=2)
    if a.element and a.element == b.element
]


@given(st.sampled_from(PAIRS), st.floats(1e-3, 1e9))
def test_there_and_back(pair: tuple[str, str], value: float) -> None:
    one, other = pair
    assert math.isclose(contained(contained(value, one, other), other, one), value, rel_tol=1e-12)


def test_a_fraction_is_between_none_and_all() -> None:
    for basis in bases().values():
        assert 0 < basis.fraction <= 1
        assert basis.fraction < 1 or not basis.formula


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Cr2O3", "V"),
        ("gross", "Cu"),
        ("Cu", "gross"),
        ("PGM", "Pt"),
        ("REO", "Cu"),
        ("REO", "PGM"),
    ],
)
def test_no_factor_is_ever_one_by_default(start: str, end: str) -> None:
    with pytest.raises(RequestError, match="share no element"):
        contained(1, start, end)


def test_unknown_basis() -> None:
    with pytest.raises(RequestError, match="unknown basis 'Unobtainium'"):
        contained(1, "Unobtainium", "Cu")
    assert contained(3, "gross", "gross") == 3


@pytest.mark.parametrize(
    ("formula", "counts"),
    [
        ("Na2B4O7.10H2O", {"Na": 2, "B": 4, "O": 17, "H": 20}),
        ("(NH4)10W12O41.5H2O", {"N": 10, "H": 50, "W": 12, "O": 46}),
        ("Fe2(SO4)3", {"Fe": 2, "S": 3, "O": 12}),
        ("Ca((OH)2)2", {"Ca": 1, "O": 4, "H": 4}),
    ],
)
def test_formulas(formula: str, counts: dict[str, int]) -> None:
    assert atoms(formula) == counts


@pytest.mark.parametrize("formula", ["", "cu", "Cu-O", "2", "Cu..O"])
def test_a_formula_that_cannot_be_read(formula: str) -> None:
    with pytest.raises(RequestError, match="cannot read"):
        atoms(formula)
