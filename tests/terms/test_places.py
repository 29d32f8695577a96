"""Places: codes and names lead back (round trip), blocs have their published members (book)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.terms import (
    Place,
    bloc,
    blocs,
    excluded_place,
    find_bloc,
    find_place,
    members,
    place,
    places,
)
from lodestone.terms.errors import RequestError

EVERY = places(kind=None)


@pytest.mark.parametrize("one", EVERY, ids=lambda p: p.iso3)
def test_every_name_and_code_leads_back(one: Place) -> None:
    for key in (one.iso3, one.iso2, one.name, *one.aliases):
        if key:
            assert place(key) is one
    for number in one.numbers:
        assert place(number) is one
        assert place(str(number)) is one


@given(st.sampled_from(EVERY), st.sampled_from([str.upper, str.lower, str.swapcase]))
def test_case_and_accents_do_not_matter(one: Place, case) -> None:
    assert place(case(one.name)) is one


def test_all_of_iso_3166_is_there() -> None:
    assert len(places()) == 249 + 1  # ISO 3166-1 has 249 entries; Kosovo is user-assigned
    assert {p.iso3 for p in places("aggregate")} == {"XOT", "WLD"}
    assert {"SUN", "YUG", "CSK", "DDR", "SCG", "ANT"} == {p.iso3 for p in places("historic")}


def test_codes_are_well_formed_and_historic_places_have_years() -> None:
    for one in EVERY:
        assert len(one.iso3) == 3
        assert one.iso3.isupper()
        assert (one.kind == "historic") == (one.valid_from is not None and one.valid_to is not None)
        assert all(find_place(s) for s in one.successors)
        assert bool(one.successors) == (one.kind == "historic")


@pytest.mark.parametrize(
    ("key", "iso3"),
    [
        ("NA", "NAM"),
        ("Congo (Kinshasa)", "COD"),
        ("Congo, D.R.", "COD"),
        ("Congo", "COG"),
        ("Zaire", "COD"),
        ("ZAR", "COD"),
        ("ROM", "ROU"),
        ("TMP", "TLS"),
        ("Burma", "MMR"),
        ("Korea, Republic of", "KOR"),
        ("Korea, North", "PRK"),
        ("Turkey", "TUR"),
        ("Cote d'Ivoire", "CIV"),
        ("Other Asia, nes", "TWN"),
        (490, "TWN"),
        (158, "TWN"),
        (842, "USA"),
        (840, "USA"),
        (251, "FRA"),
        (579, "NOR"),
        (699, "IND"),
        (757, "CHE"),
        (58, "BEL"),
        (280, "DEU"),
        (278, "DDR"),
        (711, "ZAF"),
        (736, "SDN"),
        (891, "SCG"),
        ("Rest of world", "XOT"),
        ("World total (rounded)", "WLD"),
    ],
)
def test_names_and_quirks_of_publishers(key: str | int, iso3: str) -> None:
    assert place(key).iso3 == iso3


def test_a_publisher_may_use_a_code_for_another_place() -> None:
    assert find_place("R20") is None
    assert place("R20", source="wmd_2026").iso3 == "XKX"
    assert place("PUS").iso3 == "UMI"
    assert place("PUS", source="wgi").iso3 == "VIR"
    assert place("YUG", source="cepii").iso3 == "SRB"
    assert place("Chile", source="wgi").iso3 == "CHL"


def test_unknown_place_helps() -> None:
    with pytest.raises(RequestError, match=r"did you mean Germany \(DEU\)"):
        place("Germny")
    with pytest.raises(RequestError, match="EU27 is a bloc"):
        place("eu27")
    assert find_place("Atlantis") is None
    assert excluded_place("Sub-Saharan Africa") is not None
    assert excluded_place("Germany") is None


@pytest.mark.parametrize(
    ("year", "count"),
    [
        *((1957, 0), (1972, 6), (1973, 9), (1981, 10), (1986, 12), (1995, 15), (2003, 15)),
        *((2004, 25), (2007, 27), (2013, 28), (2019, 28), (2020, 27), (2024, 27)),
    ],
)
def test_the_european_union_grew_as_it_did(year: int, count: int) -> None:
    assert len(bloc("EU").places_in(year)) == count


def test_membership_is_judged_at_mid_year() -> None:
    croatia = next(m for m in bloc("EU").members if m.iso3 == "HRV")
    assert croatia.since == date(2013, 7, 1)
    assert croatia.holds_in(2013)
    assert not croatia.holds_in(2012)
    britain = next(m for m in bloc("EU").members if m.iso3 == "GBR")
    assert britain.holds_in(2019)
    assert not britain.holds_in(2020)


def test_blocs_used_as_a_lens_do_not_change_with_the_year() -> None:
    for one in blocs():
        if one.kind == "fixed":
            assert one.places_in(2010) == one.places_in(2024) == one.places_in()


def test_published_sizes() -> None:
    sizes = {b.id: len(b.places_in()) for b in blocs()}
    assert sizes["EU27"] == 27
    assert sizes["EU28"] == 28
    assert sizes["G7"] == 7
    assert sizes["MSP"] == 14
    assert sizes["OECD"] == 38
    assert sizes["ALLIANCE"] == 29
    assert len(members("OECD", 2010)) == 31  # Slovenia, Israel and Estonia came after mid-year


def test_every_membership_names_its_source_and_a_country() -> None:
    for one in blocs():
        assert one.members, one.id
        assert len({m.iso3 for m in one.members}) == len(one.members)
        for m in one.members:
            assert place(m.iso3).kind == "country"
            assert m.source
            assert m.url.startswith("https://")


def test_sums_of_places_and_blocs() -> None:
    assert members("ALLIANCE") == members("EU27 + USA + Japan")
    assert members("USA+usa+United States") == ("USA",)
    assert members("World") == ("WLD",)
    with pytest.raises(RequestError, match="unknown place or bloc 'Japn'"):
        members("EU27+Japn")
    with pytest.raises(RequestError, match="first joined on 2026-02-04"):
        members("US_FRAMEWORK_2026", 2020)
    assert find_bloc("NATO") is None
    with pytest.raises(RequestError, match="did you mean"):
        bloc("EU-26")


@given(
    st.lists(st.sampled_from([*(b.id for b in blocs()), "JPN", "CHN", "USA"]), min_size=1),
    st.randoms(),
)
def test_the_order_of_a_sum_does_not_matter(parts: list[str], random) -> None:
    mixed = list(parts)
    random.shuffle(mixed)
    assert members("+".join(parts)) == members("+".join(mixed))
