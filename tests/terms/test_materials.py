"""Materials against the official lists (book) and under every name they have (round trip)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.terms import (
    Material,
    Stage,
    bases,
    excluded,
    find_material,
    group_members,
    listings,
    material,
    materials,
    official_lists,
    stages,
)
from lodestone.terms.errors import RequestError
from lodestone.terms.table import read_table

EVERY = tuple(material(row["id"]) for row in read_table("materials"))
BY_NAME = {m.id: m for m in EVERY}


@pytest.mark.parametrize("one", EVERY, ids=lambda m: m.id)
def test_every_name_leads_back(one: Material) -> None:
    for name in (one.id, one.name, one.symbol, *one.aliases):
        if name:
            assert material(name) is one
            assert excluded(name) is None, f"{name} is both a material and left out"


@given(st.sampled_from(EVERY), st.sampled_from([str.upper, str.lower, str.title]), st.booleans())
def test_case_spaces_and_hyphens_do_not_matter(one: Material, case, hyphens: bool) -> None:
    spelling = case(one.id.replace("_", "-" if hyphens else " "))
    assert material(f"  {spelling} ") is one


@given(st.text(max_size=12))
def test_find_never_guesses(text: str) -> None:
    found = find_material(text)
    if found is None:
        with pytest.raises(RequestError):
            material(text)
    else:
        assert material(text) is found


def test_unknown_material_says_did_you_mean() -> None:
    with pytest.raises(RequestError, match=r"'galium': did you mean Gallium \(gallium\)"):
        material("galium")


def test_a_name_left_out_gives_its_reason() -> None:
    with pytest.raises(RequestError, match="biotic"):
        material("Roundwood")


@pytest.mark.parametrize(
    ("official", "entries"), [("EU_CRM_2024", 34), ("EU_SRM_2024", 17), ("US_2025", 60)]
)
def test_official_lists_have_their_published_length(official: str, entries: int) -> None:
    assert official in official_lists()
    assert len(listings(official)) == entries
    assert len({m.id for m in materials(official)}) == entries


def test_flags_follow_the_lists_through_groups() -> None:
    # Regulation (EU) 2024/1252: light and heavy rare earths and PGM are entries of Annex II;
    # seven magnet elements are strategic, yttrium and lanthanum are not.
    assert material("yttrium").eu_crm
    assert not material("yttrium").eu_srm
    assert material("Nd").eu_srm
    assert material("rare_earths").eu_srm
    assert material("osmium" if find_material("osmium") else "iridium").eu_crm
    assert not material("zinc").eu_crm
    assert material("zinc").us_2025
    assert not material("gold").us_2025
    # copper and nickel are critical because they are strategic
    assert {m.id for m in materials("EU_SRM_2024") if not m.eu_crm} == set()


def test_a_list_entry_keeps_the_words_and_grade_of_the_list() -> None:
    entry = next(e for e in listings("EU_SRM_2024") if e.material == "lithium")
    assert (entry.entry, entry.grade) == ("lithium (battery grade)", "battery grade")


def test_unknown_list_and_group() -> None:
    with pytest.raises(RequestError, match="EU_CRM_2024"):
        listings("EU_CRM_2017")
    with pytest.raises(RequestError, match="unknown group"):
        materials("LRE elements and more")


def test_light_and_heavy_make_all_rare_earths() -> None:
    light, heavy = set(group_members("LREE")), set(group_members("HREE"))
    assert light.isdisjoint(heavy)
    assert light | heavy == set(group_members("rare_earths"))
    assert group_members("REE") == group_members("Rare earths")
    assert set(group_members("NdPr")) < set(group_members("magnet_REE")) < light | heavy


@pytest.mark.parametrize("one", EVERY, ids=lambda m: m.id)
def test_every_material_is_complete(one: Material) -> None:
    assert one.basis in bases(), f"{one.basis} has no content factor"
    assert one.stages
    assert list(one.stages) == [s for s in stages() if s in one.stages], "stages out of order"
    assert set(one.stage_labels) == set(one.stages)
    assert all(member in BY_NAME for member in one.members)
    assert all(one.id in BY_NAME[g].members for g in one.groups if g in BY_NAME)
    # A host without an id is no mineral of ours, and is said to be left out or is a plain energy one.
    assert all(host in BY_NAME or excluded(host) for host in one.hosts)


def test_single_materials_are_the_default() -> None:
    plain = {m.id for m in materials()}
    assert {"gallium", "rare_earths", "dysprosium", "caesium"} <= plain
    assert plain.isdisjoint({"HREE", "LREE", "PGM", "NdPr"})


def test_stages_in_order() -> None:
    assert stages() == (Stage.MINE, Stage.REFINE, Stage.PRODUCT)
    assert [s.order for s in stages()] == [0, 1, 2]
    assert material("aluminium").stage_labels[Stage.REFINE] == "alumina"


def test_materials_can_be_counted_and_keyed() -> None:
    assert len({material("Ga"), material("gallium")}) == 1
