"""What the IEA's minerals are here: material, stage, and the content their tonnes count."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone import terms
from lodestone.atlas.readers.strict_table import Row
from lodestone.terms.errors import Problems

SOURCE = "iea_cm2025"
SCENARIOS = ("base", "STEPS", "APS", "NZE")
STAGES = {"mining": "mine", "refining": "refine"}


@dataclass(frozen=True)
class Series:
    """One mineral at one stage: the publisher's word made precise."""

    material: str
    basis: str
    detail: str
    note: str = ""


_WORDS = {"mining": "mining", "refining": "refining", "demand": "total demand"}
_MAGNET_NOTE = "the four magnet elements Nd, Pr, Dy and Tb only, not all rare earths"
_GRAPHITE_NOTE = "battery grade, natural and synthetic together: not comparable with mined graphite"
_SPECIAL: dict[tuple[str, str], Series] = {
    ("Rare Earth Elements", "mining"): Series(
        "rare_earths", "magnet_REO", "magnet rare earths, mining", _MAGNET_NOTE
    ),
    ("Rare Earth Elements", "refining"): Series(
        "rare_earths", "magnet_REO", "magnet rare earths, refining", _MAGNET_NOTE
    ),
    ("Rare Earth Elements", "demand"): Series(
        "rare_earths", "magnet_REO", "magnet rare earths, total demand", _MAGNET_NOTE
    ),
    ("Graphite", "refining"): Series(
        "graphite", "battery_grade", "battery-grade graphite, refining", _GRAPHITE_NOTE
    ),
    ("Graphite", "demand"): Series(
        "graphite", "all_graphite", "graphite, total demand", "natural and synthetic together"
    ),
}


def series(mineral: str, kind: str, row: Row, problems: Problems) -> Series | None:
    """Meaning of a mineral at `mining`, `refining` or `demand`; unknown ones are a problem."""
    special = _SPECIAL.get((mineral, kind))
    if special is not None:
        return special
    found = material_id(mineral, row, problems)
    if found is None:
        return None
    return Series(found, terms.material(found).basis, f"{mineral}, {_WORDS[kind]}")


def material_id(mineral: str, row: Row, problems: Problems) -> str | None:
    """Material id of a mineral, or None with a problem unless it is left out on purpose."""
    found = terms.find_material(mineral)
    if found is None and terms.excluded(mineral) is None:
        problems.add(
            f"unknown mineral {mineral!r}", row.where("mineral"), "add it to the table of materials"
        )
    return None if found is None else found.id
