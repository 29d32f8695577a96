"""By hand: names as the tables print them, with footnotes, qualifiers and totals."""

from __future__ import annotations

import pytest

from lodestone.atlas.readers.usgs.places import printed_place


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United\xa0States", "USA"),
        ("United States1", "USA"),
        ("Japane", "JPN"),
        ("Korea, Republic ofe", "KOR"),
        ("Korea, Republic of", "KOR"),
        ("Korea, North", "PRK"),
        ("Congo (Kinshasa)", "COD"),
        ("New Caledonia11", "NCL"),
        ("Burma", "MMR"),
        ("Côte d’Ivoire", "CIV"),
        ("Kazakhstan, concentrate", "KAZ"),
        ("Brazil (beneficiated, marketable)", "BRA"),
        ("Brazil (crude and beneficiated)9", "BRA"),
        ("Peru (exports)", "PER"),
        ("Denmark (processed)5", "DNK"),
        ("United States (extracted from natural gas)", "USA"),
        ("World total", "WLD"),
        ("World total (rounded) 10", "WLD"),
        ("World total (rounded), excluding U.S. production", "WLD"),
        ("World total (ilmenite and rutile, rounded)", "WLD"),
        ("Other countries4", "XOT"),
        ("Other countriese", "XOT"),
        ("Other Countries", "XOT"),
        ("Other countries (includes crude)", "XOT"),
        ("Other", "XOT"),
    ],
)
def test_a_printed_name_is_one_place(name: str, code: str) -> None:
    found = printed_place(name)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "name",
    [
        "Atlantis",
        "Atlantise",
        "Congo (Zanzibar)",
        "United States and Canada",
        "China, Germany, and Russia",
        "Europe",
        "NA",
    ],
)
def test_a_mark_is_taken_off_only_where_the_rest_is_a_country(name: str) -> None:
    assert printed_place(name) is None


def test_what_is_taken_off_is_said() -> None:
    footnote, qualifier = printed_place("Japane"), printed_place("Canada (shipments)")
    total = printed_place("World total (rounded), excluding United States")
    assert footnote is not None
    assert qualifier is not None
    assert total is not None
    assert "Japane" in footnote.note
    assert qualifier.note == "shipments"
    assert total.note == "excludes U.S. production"


def test_a_name_that_ends_like_a_footnote_stays_whole() -> None:
    found = printed_place("Belgium")
    assert found is not None
    assert found.note == ""
