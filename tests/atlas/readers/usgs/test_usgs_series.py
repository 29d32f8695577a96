"""The reviewed lists themselves: every line names things that exist, and says why it is there."""

from __future__ import annotations

import re

import pytest

from lodestone.atlas.readers.usgs.conversion import conversion
from lodestone.atlas.readers.usgs.reviewed import reviewed
from lodestone.atlas.readers.usgs.series import Series, SeriesList
from lodestone.terms import material, stages
from lodestone.terms.errors import RequestError

_TABLES = ("world_series", "us_series", "us_columns")


@pytest.mark.parametrize("table", _TABLES)
def test_every_line_is_a_series_of_a_material_or_skipped_for_a_reason(table: str) -> None:
    known_stages = {str(stage) for stage in stages()}
    for row in reviewed(table):
        line = Series(**row)
        assert re.fullmatch(r"20\d\d( 20\d\d)*", line.edition), row
        if line.skipped:
            assert line.reason, row
            assert not line.quantity, row
            continue
        assert material(line.material).id == line.material, row
        assert line.stage in {"", *known_stages}, row
        assert not line.stage or line.stage in material(line.material).stages, row
        assert line.quantity, row


@pytest.mark.parametrize("table", _TABLES)
def test_no_series_is_listed_twice(table: str) -> None:
    keys = [
        (edition, row["commodity"], row["measure"], row["series"].casefold())
        for row in reviewed(table)
        for edition in row["edition"].split()
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("table", _TABLES)
def test_every_unit_and_basis_of_the_lists_can_be_converted(table: str) -> None:
    units = {"net_import_reliance": "percent", "import_share": "percent"}
    for row in reviewed(table):
        line = Series(**row)
        if not line.skipped:
            other = "dollars per pound" if line.quantity == "price" else "metric tons"
            into = conversion(line, units.get(line.quantity, other))
            assert 0 < into.low <= into.central <= into.high, row


def test_a_unit_that_does_not_fit_the_quantity_is_refused() -> None:
    line = SeriesList("us_series", "2026").find("Cobalt", "Import", "Imports for consumption")
    assert line is not None
    with pytest.raises(RequestError, match="unit"):
        conversion(line, "dollars per pound")
    with pytest.raises(RequestError, match="unit"):
        conversion(line, "bushels")


def test_what_is_without_a_stage_cannot_be_added_to_what_has_one() -> None:
    names = SeriesList("world_series", "2026")
    ore = names.find("Iron Ore", "Production", "Mine production: Usable ore")
    iron = names.find("Iron Ore", "Production", "Mine production: Iron content")
    alloy = names.find("Silicon", "Production", "Ferrosilicon")
    metal = names.find("Silicon", "Production", "Silicon metal")
    assert ore is not None
    assert iron is not None
    assert alloy is not None
    assert metal is not None
    assert (ore.stage, iron.stage, alloy.stage, metal.stage) == ("", "mine", "", "refine")


@pytest.mark.parametrize(
    ("commodity", "series", "material_id", "stage"),
    [
        ("Bauxite", "Bauxite, mine production", "aluminium", "mine"),
        ("Alumina", "Alumina, refinery production", "aluminium", "refine"),
        ("Aluminum", "Smelter production", "aluminium", "product"),
        ("Iron And Steel", "Pig iron", "iron", "refine"),
        ("Iron And Steel", "Raw steel", "iron", "product"),
        ("Copper", "Refinery production", "copper", "refine"),
        ("Titanium Sponge Metal", "Titanium sponge metal production", "titanium", "refine"),
        ("Titanium Mineral Concentrates", "Mine production: Rutile", "titanium", "mine"),
        ("Magnesium Metal", "Smelter production", "magnesium", "refine"),
        ("Magnesium Compounds", "Mine production", "magnesite", "mine"),
        ("Gallium", "Primary production", "gallium", "refine"),
    ],
)
def test_stages_are_those_of_the_field(
    commodity: str, series: str, material_id: str, stage: str
) -> None:
    line = SeriesList("world_series", "2026").find(commodity, "Production", series)
    assert line is not None
    assert (line.material, line.stage) == (material_id, stage)
