"""A group and its parts, counted once: rare earths, and each of them.

The oxide of all rare earths is one chain, each element another. A stop of the group is a stop of
each: a sector loses what the worst of them takes (a car misses its magnets once), and users pay
for the oxide once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lodestone.terms import group_members

if TYPE_CHECKING:
    from lodestone.economy.losses import Shortage

GROUP = "rare_earths"


def counted_in_group(name: str, names: Collection[str]) -> bool:
    """Whether a material is a part of a group that is among the names."""
    return GROUP in names and name in group_members(GROUP)


def with_parts(names: Collection[str]) -> list[str]:
    """The names, and the parts of a group among them."""
    parts = group_members(GROUP) if GROUP in names else ()
    return sorted({*names, *parts})


def once(shortages: Mapping[str, Shortage]) -> list[Shortage]:
    """Shortages with the parts of a group inside it."""
    parts = tuple(s for name, s in shortages.items() if counted_in_group(name, shortages))
    return [
        replace(s, members=parts) if name == GROUP else s
        for name, s in shortages.items()
        if not counted_in_group(name, shortages)
    ]
