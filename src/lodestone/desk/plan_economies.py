"""The economies behind a plan's losses: one of a place with a table, of a sum those of its members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.terms.errors import RequestError
from lodestone.terms.membership import UNION

if TYPE_CHECKING:
    from lodestone.economy.exposure import Exposure
    from lodestone.economy.table import EconomyTable

#: The one bloc that has a table of its own.
_UNION_TABLE = "EU27"


@dataclass(frozen=True)
class MemberEconomy:
    """Whose losses are counted by one table.

    Attributes
    ----------
    who : a place or bloc
    table : None where there is none: then price costs count alone
    exposed : material -> its exposure; empty without a table
    """

    who: Buyer
    table: EconomyTable | None
    exposed: Mapping[str, Exposure]


def plan_economies(who: Buyer, year: int) -> tuple[MemberEconomy, ...]:
    """Economies of a place: its own table, else those of the members that it is the sum of.

    No place is in two of them. Places without a table stand at the end as one, with none.
    """
    whole = _economy(who, year)
    if whole.table is not None:
        return (whole,)
    known = [_economy(part, year) for part in _parts(who, year)]
    if all(one.table is None for one in known):
        return (whole,)
    bare = [p for one in known if one.table is None for p in one.who.members]
    rest = [MemberEconomy(Buyer(UNION.join(bare), tuple(bare)), None, {})] if bare else []
    return (*(one for one in known if one.table is not None), *rest)


def sector_names(economies: Sequence[MemberEconomy]) -> tuple[str, ...]:
    """Sectors of all tables, one economy after the other; of several with whose they are."""
    named = [
        (f"{one.who.id}: {name}" if len(economies) > 1 else name)
        for one in economies
        if one.table is not None
        for name in one.table.names
    ]
    return tuple(named)


def _parts(who: Buyer, year: int) -> list[Buyer]:
    """The Union where all of it is in, by its one table; the others country by country."""
    union = buyer(_UNION_TABLE, year)
    whole = set(union.members) <= set(who.members)
    left = [p for p in who.members if not (whole and p in union.members)]
    return [*([union] if whole else []), *(buyer(p, year) for p in left)]


def _economy(who: Buyer, year: int) -> MemberEconomy:
    from lodestone.desk.economies import economy
    from lodestone.desk.exposures import exposures

    try:
        return MemberEconomy(who, economy(who.id, year), exposures(who.id, year))
    except RequestError:
        return MemberEconomy(who, None, {})
