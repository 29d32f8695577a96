"""The words of the field: materials, stages, places, blocs, units, attributes, errors."""

from lodestone.terms.assumptions import Attribute, attribute, attributes
from lodestone.terms.content import Basis, atomic_weight, bases, contained
from lodestone.terms.gazetteer import Place, excluded_place, find_place, place, places
from lodestone.terms.membership import Bloc, Membership, bloc, blocs, find_bloc, members
from lodestone.terms.minerals import (
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
from lodestone.terms.stage import Stage, stages
from lodestone.terms.units import is_mass, to_tonnes, to_usd_per_tonne

__all__ = [
    "Attribute",
    "Basis",
    "Bloc",
    "Listing",
    "Material",
    "Membership",
    "Place",
    "Stage",
    "atomic_weight",
    "attribute",
    "attributes",
    "bases",
    "bloc",
    "blocs",
    "contained",
    "excluded",
    "excluded_place",
    "find_bloc",
    "find_material",
    "find_place",
    "group_members",
    "is_mass",
    "listings",
    "material",
    "materials",
    "members",
    "official_lists",
    "place",
    "places",
    "stages",
    "to_tonnes",
    "to_usd_per_tonne",
]
