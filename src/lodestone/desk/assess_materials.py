"""Which materials are asked about, and in which year they have chains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lodestone.assess.crm_act_scoreboard import STRATEGIC
from lodestone.desk.assess_strategic import STRATEGIC_LIST
from lodestone.desk.library import Library
from lodestone.terms import find_material, group_members, listings, material, official_lists
from lodestone.terms.errors import Problems, RequestError
from lodestone.terms.lookup import fold

_TOGETHER = "rare_earths"


@dataclass(frozen=True)
class Wanted:
    """Materials asked for by id, in order; none for all that there are.

    `strategic` says that the strategic list as a whole is asked about.
    """

    ids: tuple[str, ...]
    strategic: bool


@dataclass(frozen=True)
class Chained:
    """The materials asked for that have a chain, the year, and what was left out."""

    materials: tuple[str, ...]
    year: int
    notes: tuple[str, ...]


def materials_asked(names: Sequence[str]) -> Wanted:
    """Ids behind names, symbols, aliases, groups and official lists.

    A group without a chain of its own, such as PGM, stands for its members, and so does an entry
    of a list; `rare_earths` is a material.

    Raises
    ------
    RequestError
        Every unknown name, with the nearest ones.
    """
    problems = Problems("materials")
    ids: dict[str, None] = {}
    for name in names:
        try:
            ids |= dict.fromkeys(_ids(name))
        except RequestError as error:
            problems.add(str(error))
    if len(problems.items) == 1:
        raise RequestError(problems.items[0].what)
    problems.raise_if_any(RequestError)
    lists = {_list(name) for name in names}
    return Wanted(tuple(ids), not names or STRATEGIC_LIST in lists)


def chained(books: Library, wanted: Wanted, year: int | None) -> Chained:
    """The materials with a balanced chain in the year, or in the latest year of any of them.

    Raises
    ------
    RequestError
        If none has one: the nearest years, or why there is none.
    """
    if not wanted.ids:
        when = books.year(year)
        return Chained(tuple(books.materials(when)), when, ())
    years = _years(books)
    known = [m for m in wanted.ids if m in years]
    notes = [_without_chain(m) for m in wanted.ids if m not in years]
    if not known:
        raise RequestError("; ".join(notes))
    when = max(y for m in known for y in years[m]) if year is None else year
    having = tuple(m for m in known if when in years[m])
    if not having:
        return Chained((), books.year(year, known[0]), ())  # raises, naming the nearest years
    for m in known:
        if when not in years[m]:
            near = ", ".join(map(str, sorted(years[m], key=lambda y: abs(y - when))[:3]))
            notes.append(f"{m}: no data in {when}; the nearest years are {near}")
    return Chained(having, when, tuple(notes))


def _ids(name: str) -> tuple[str, ...]:
    listed = _list(name)
    if listed is not None:
        return tuple(m for entry in listings(listed) for m in _single(entry.material))
    found = find_material(name)
    if found is not None:
        return _single(found.id)
    try:
        return group_members(name)
    except RequestError:
        return (material(name).id,)  # its error knows more names


def _single(ident: str) -> tuple[str, ...]:
    """A material, or the members of a group; of rare earths also the chain of all together.

    Yearly tonnes are published for all rare earths together only.
    """
    members = material(ident).members
    if not members or ident == _TOGETHER:
        return (ident,)
    whole = set(members) <= set(group_members(_TOGETHER))
    return (*members, _TOGETHER) if whole else members


def _list(name: str) -> str | None:
    """Official list of that name; the CRM Act's own name for the strategic one included."""
    names = {fold(ident): ident for ident in official_lists()} | {fold(STRATEGIC): STRATEGIC_LIST}
    return names.get(fold(name))


def _years(books: Library) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in books.rows("SELECT DISTINCT material, year FROM chain_stages ORDER BY year"):
        found[row["material"]].append(int(row["year"]))
    return found


def _without_chain(ident: str) -> str:
    groups = [g for g in material(ident).groups if g == _TOGETHER]
    hint = f" (it is part of {groups[0]})" if groups else ""
    return f"{ident}: no supply chain, the open files hold no country data for it{hint}"
