"""How a brief names materials, stages and places in its sentences."""

from __future__ import annotations

from lodestone.terms import Stage, bloc, find_bloc, group_members, material, place

_FAMILIES = (("HREE", "Heavy rare earths"), ("LREE", "Light rare earths"))


def material_name(name: str) -> str:
    """Printed name of a material."""
    return material(name).name


def material_label(name: str) -> str:
    """Printed name; one rare earth that stands for its group says so."""
    for group, words in _FAMILIES:
        if name in group_members(group):
            return words
    return material(name).name


def stage_label(name: str, stage: str) -> str:
    """What happens to a material at a stage: mined, refined, or made into a product."""
    worked = {"mine": "mined", "refine": "refined", "product": "made"}.get(stage, stage)
    label = material(name).stage_labels.get(Stage(stage)) if stage == "product" else None
    return f"{worked} ({label})" if label else worked


def place_label(code: str) -> str:
    """Name of a country or bloc as charts print it, without its article."""
    found = find_bloc(code)
    # "European Union (27 members since 2020)" is exact but no label.
    return bloc(found.id).name.partition(" (")[0] if found else place(code).name


def with_article(name: str) -> str:
    """With its article where English wants one, for use inside a sentence."""
    articled = ("United", "European Union", "Group", "Philippines", "Netherlands", "Minerals")
    if ", " in name:
        return f"the group of {name}"
    return f"the {name}" if name.startswith(articled) else name


def at_start(name: str) -> str:
    """The same at the beginning of a sentence."""
    return name[:1].upper() + name[1:]
