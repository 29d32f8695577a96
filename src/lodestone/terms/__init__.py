"""The words of the field: materials, stages, places, blocs, units, attributes, errors."""

from lodestone.terms.materials import (
    Listing,
    Material,
    excluded,
    find_material,
    group_members,
    listings,
    material,
    materials,
    official_lists,
)
from lodestone.terms.places import Place, find_place, place, places
from lodestone.terms.stages import Stage, stages

__all__ = [
    "Listing",
    "Material",
    "Place",
    "Stage",
    "excluded",
    "find_material",
    "find_place",
    "group_members",
    "listings",
    "material",
    "materials",
    "official_lists",
    "place",
    "places",
    "stages",
]
