"""Who is assessed: a place, a bloc, or a sum of both, as one buyer."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone.terms import find_bloc, find_place, members, place
from lodestone.terms.errors import RequestError
from lodestone.terms.membership import UNION

#: The whole world: only methods about world supply have an answer for it.
WORLD = "WLD"


@dataclass(frozen=True)
class Buyer:
    """One place, or several that act as one buyer.

    Attributes
    ----------
    id : ISO3, id of a bloc, or ids joined by `+`; `WLD` for the world
    members : ISO3 codes, each once
    """

    id: str
    members: tuple[str, ...]

    @property
    def is_world(self) -> bool:
        """Whether only world-wide answers apply."""
        return self.id == WORLD

    @property
    def blocs(self) -> dict[str, tuple[str, ...]]:
        """The bloc as the sciences want it; empty for a single place."""
        return {} if self.members == (self.id,) else {self.id: self.members}


def buyer(name: str, year: int | None = None) -> Buyer:
    """The buyer that a name stands for, with the members of that year.

    Raises
    ------
    RequestError
        Unknown place or bloc (the nearest names are given), or one that buys nothing, such as
        a source's "other countries".
    """
    inside = members(name, year)
    parts = [_id(part.strip()) for part in name.split(UNION)]
    if any(find_place(p) and place(p).kind != "country" for p in parts) and parts != [WORLD]:
        raise RequestError(f"{name!r} cannot be assessed: name countries of today, or blocs")
    return Buyer(UNION.join(dict.fromkeys(parts)), inside)


def _id(part: str) -> str:
    found = find_place(part)
    if found is not None:
        return found.iso3
    bloc = find_bloc(part)
    assert bloc is not None, "members() has refused unknown names"
    return bloc.id
