"""Materials: what they are called, in which content they are counted, and who lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from lodestone.terms.errors import RequestError
from lodestone.terms.lookup import Index, fold
from lodestone.terms.stage import Stage, stages
from lodestone.terms.table import read_table, split_list

EU_CRM, EU_SRM, US_2025 = "EU_CRM_2024", "EU_SRM_2024", "US_2025"


@dataclass(frozen=True)
class Material:
    """One raw material, or a group that publishers treat as one (light rare earths, PGM).

    Parameters
    ----------
    id
        Lower-case snake of the English name; used in every table.
    basis
        What a tonne of it counts: the element (`Co`), an oxide (`P2O5`, `REO`: the rare earth's
        own oxide) or `gross` where the content is not defined.
    stages
        Stages its chain may have, from the mine onwards.
    stage_labels
        What one finds at each stage: bauxite, alumina, aluminium metal.
    hosts
        Materials it is a by-product of; a host without country data (coal, gas) is its plain name.
    groups
        Groups it is a member of; `members` are the materials it is a group of.
    eu_crm, eu_srm, us_2025
        Covered by the EU list of critical (34 entries) or strategic (17) raw materials or by the
        US list of 2025 (60): named there itself, through its group or through its members.
    wmd
        World Mining Data prints its production by country.
    known_unknown
        Nobody publishes anything about it by country; it stays visible as unknown.
    energy
        Listed, but an energy commodity: no chain is built.
    """

    id: str
    name: str
    symbol: str
    aliases: tuple[str, ...]
    basis: str
    stages: tuple[Stage, ...]
    stage_labels: Mapping[Stage, str]
    hosts: tuple[str, ...]
    groups: tuple[str, ...]
    members: tuple[str, ...]
    eu_crm: bool
    eu_srm: bool
    us_2025: bool
    wmd: bool
    known_unknown: bool
    energy: bool
    note: str

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True)
class Listing:
    """One entry of an official list, in the words of that list.

    `grade` is what the list restricts the entry to ("battery grade", "metal"), if anything.
    """

    list: str
    entry: str
    material: str
    grade: str
    source: str


def material(key: str) -> Material:
    """Material with this id, name, symbol or alias, whatever its case, spaces or hyphens.

    Raises
    ------
    RequestError
        If nobody knows the name; the message suggests the nearest ones.

    Examples
    --------
    >>> material("Ga").id, material("Rare Earths").basis, material("Barite").name
    ('gallium', 'REO', 'Baryte')
    >>> material("galium")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    lodestone.terms.errors.RequestError: unknown material 'galium': did you mean Gallium (gallium), ...
    """
    ident = _index().find(key)
    if ident is not None:
        return _catalogue()[ident]
    reason = excluded(key)
    if reason is not None:
        raise RequestError(f"material {key!r} is left out on purpose: {reason}")
    raise _index().unknown(key)


def find_material(key: str) -> Material | None:
    """Material with this id, name, symbol or alias, or None. Never a guess."""
    ident = _index().find(key)
    return None if ident is None else _catalogue()[ident]


def materials(group: str | None = None) -> tuple[Material, ...]:
    """All materials in order of id, or the members of one group or list.

    Parameters
    ----------
    group
        A group id (`PGM`, `HREE`, `battery`) gives its members; the id of an official list
        (`EU_CRM_2024`, `EU_SRM_2024`, `US_2025`) gives its entries, where a listed group stays
        one entry. Without it: every single material, and no group except `rare_earths`, which
        is a chain of its own.

    Examples
    --------
    >>> [len(materials(g)) for g in ("EU_CRM_2024", "EU_SRM_2024", "US_2025")]
    [34, 17, 60]
    >>> [m.symbol for m in materials("PGM")]
    ['Ir', 'Pd', 'Pt', 'Rh', 'Ru']
    """
    catalogue = _catalogue()
    if group is None:
        return tuple(m for m in catalogue.values() if not m.members or m.id == "rare_earths")
    if group in official_lists():
        return tuple(catalogue[entry.material] for entry in listings(group))
    return tuple(catalogue[member] for member in group_members(group))


def group_members(group: str) -> tuple[str, ...]:
    """Ids of the materials in a group, in order.

    Examples
    --------
    >>> group_members("LREE")
    ('cerium', 'lanthanum', 'neodymium', 'praseodymium', 'samarium')
    """
    return _groups()[_group_index().get(group)]


def official_lists() -> tuple[str, ...]:
    """Ids of the official lists of critical materials."""
    return tuple(dict.fromkeys(row["list"] for row in read_table("lists")))


def listings(official_list: str) -> tuple[Listing, ...]:
    """Entries of one official list as printed there, with what it restricts them to."""
    if official_list not in official_lists():
        known = ", ".join(official_lists())
        raise RequestError(f"unknown list {official_list!r}: one of {known}")
    return tuple(Listing(**row) for row in read_table("lists") if row["list"] == official_list)


def excluded(key: str) -> str | None:
    """Why a name that publishers print has no material id here; None if it is not such a name.

    Examples
    --------
    >>> excluded("Natural cork")
    'biotic material, not a mineral'
    """
    return _excluded().get(fold(key))


@cache
def _catalogue() -> dict[str, Material]:
    covered = {name: _covered(name) for name in official_lists()}
    rows = sorted(read_table("materials"), key=lambda row: row["id"].lower())
    return {row["id"]: _material(row, covered) for row in rows}


def _material(row: dict[str, str], covered: dict[str, frozenset[str]]) -> Material:
    ident = row["id"]
    labels = {stage: row[f"{stage}_label"] for stage in stages() if row[f"{stage}_label"]}
    return Material(
        id=ident,
        name=row["name"],
        symbol=row["symbol"],
        aliases=split_list(row["aliases"]),
        basis=row["basis"],
        stages=tuple(Stage(stage) for stage in split_list(row["stages"])),
        stage_labels=labels,
        hosts=split_list(row["hosts"]),
        groups=tuple(group for group, members in _groups().items() if ident in members),
        members=_groups().get(ident, ()),
        eu_crm=ident in covered[EU_CRM],
        eu_srm=ident in covered[EU_SRM],
        us_2025=ident in covered[US_2025],
        wmd=row["wmd"] == "yes",
        known_unknown=row["known_unknown"] == "yes",
        energy=row["energy"] == "yes",
        note=row["note"],
    )


def _covered(official_list: str) -> frozenset[str]:
    """Materials a list reaches: its entries, their members, and groups that hold one of these."""
    named = {entry.material for entry in listings(official_list)}
    reached = named | {member for entry in named for member in _groups().get(entry, ())}
    return frozenset(reached | {g for g, members in _groups().items() if reached & set(members)})


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    return {row["id"]: split_list(row["members"]) for row in read_table("groups")}


@cache
def _excluded() -> dict[str, str]:
    return {fold(row["name"]): row["reason"] for row in read_table("excluded")}


@cache
def _index() -> Index:
    return Index("material", {row["id"]: _names(row) for row in read_table("materials")})


@cache
def _group_index() -> Index:
    """Groups answer to their own name and, where the group is a material, to its names."""
    materials_of = {row["id"]: _names(row) for row in read_table("materials")}
    return Index(
        "group",
        {
            row["id"]: (row["id"], row["name"], *materials_of.get(row["id"], ()))
            for row in read_table("groups")
        },
    )


def _names(row: dict[str, str]) -> tuple[str, ...]:
    symbol = (row["symbol"],) if row["symbol"] else ()
    return (row["name"], row["id"], *symbol, *split_list(row["aliases"]))
