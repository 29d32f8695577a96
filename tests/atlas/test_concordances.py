"""The concordances of this project: whole, known codes, judgements with reasons."""

from __future__ import annotations

import pytest

from lodestone.atlas.concordances import NAMES, sector_codes, sector_links
from lodestone.desk.economies import concordance_of
from lodestone.desk.library import library
from lodestone.terms.errors import RequestError


@pytest.mark.parametrize("name", NAMES)
def test_shares_sum_to_one_and_every_code_is_covered(name: str) -> None:
    c = concordance_of(name)  # refuses shares that do not sum to one
    first = name.split("_to_")[0]
    assert set(c.from_codes) == _codes(first)


@pytest.mark.parametrize("name", NAMES)
def test_every_target_is_a_code_and_is_reached(name: str) -> None:
    c = concordance_of(name)
    second = name.split("_to_")[1]
    assert set(c.to_codes) == _codes(second)
    never = [
        code for code, share in zip(c.to_codes, c.weights.sum(axis=0), strict=True) if not share
    ]
    # Households' own production and embassies are no US industries.
    assert set(never) <= {"T98", "U99"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_split_says_how_it_is_known(name: str) -> None:
    links = sector_links(name)
    for link in links:
        split = sum(other.from_code == link.from_code for other in links) > 1
        assert (link.kind == "exact") <= (not split), link
        assert (link.kind == "exact") == (link.reason == ""), link


def test_sectors_that_matter_for_materials_go_where_a_reader_expects() -> None:
    nace = {(x.from_code, x.to_code): x.weight for x in sector_links("bea402_to_nace2")}
    wiod = {(x.from_code, x.to_code): x.weight for x in sector_links("bea402_to_wiod35")}
    expected = {
        "334413": ("C26", "c14"),  # semiconductors
        "335911": ("C27", "c14"),  # storage batteries
        "331110": ("C24", "c12"),  # iron and steel
        "336111": ("C29", "c15"),  # cars
        "336412": ("C30", "c15"),  # aircraft engines
        "325180": ("C20", "c9"),  # inorganic chemicals
        "2122A0": ("B07", "c2"),  # metal ores
        "33299A": ("C25", "c13"),  # arms: metal products, but machinery in the older list
    }
    for code, (division, sector) in expected.items():
        assert nace[code, division] == wiod[code, sector] == 1.0


def test_unknown_names_are_refused() -> None:
    with pytest.raises(RequestError, match="no concordance"):
        sector_links("nace2_to_moon")
    with pytest.raises(RequestError, match="no list of sectors"):
        sector_codes("moon")


def _codes(scheme: str) -> set[str]:
    if scheme != "bea402":
        return set(sector_codes(scheme))
    rows = library().rows("SELECT code FROM bea2017_names WHERE kind = 'industry'")
    return {r["code"] for r in rows}
