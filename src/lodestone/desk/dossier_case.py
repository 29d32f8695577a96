"""The case of a dossier: a bill of materials set into the balanced world of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lodestone.desk.assess_buyer import buyer
from lodestone.desk.bill import Bill, BillLine
from lodestone.desk.library import Library, library
from lodestone.desk.worlds import world
from lodestone.report.brief_content import Figure
from lodestone.terms import Stage, find_bloc, material, members, place
from lodestone.terms.errors import LodestoneError, Problems, RequestError

if TYPE_CHECKING:
    from lodestone.chain.supply_chain import SupplyChain
    from lodestone.chain.world import Price, World

BILL_SOURCES_KEY = "bill"


@dataclass(frozen=True)
class CaseLine:
    """One line of the bill in the world: its chain, its stage, and quantity and value as known.

    Attributes
    ----------
    tonnes, value : a year, reference content and USD; None where neither is stated nor follows
        from the other by the base price
    price : base price of the stage, or None
    stock : tonnes, or None
    """

    line: BillLine
    chain: SupplyChain
    stage: str
    price: Price | None
    tonnes: float | None
    value: float | None

    @property
    def material(self) -> str:
        """Id of the material."""
        return self.line.material

    @property
    def position(self) -> int:
        """Position of the stage in the chain."""
        return [s.stage for s in self.chain.stages].index(self.stage)

    @property
    def stock(self) -> float | None:
        """Tonnes held, or None."""
        return self.line.stock


@dataclass(frozen=True)
class DossierCase:
    """Who asks, of which world, as of which day.

    Attributes
    ----------
    place : code of the company's place; members : its countries
    home : countries that are not feared: the place's, and the whole Union for a member of it
    against : a supplier whose stop is asked about wherever it supplies, or None
    """

    bill: Bill
    lines: tuple[CaseLine, ...]
    books: Library
    there: World
    place: str
    members: tuple[str, ...]
    home: frozenset[str]
    against: str | None
    as_of: date
    months: int
    draws: int

    @property
    def year(self) -> int:
        """Year of the world."""
        return self.there.year

    def label(self, line: CaseLine) -> str:
        """How a line is called: its material, and the stage too where that is bought at several."""
        name = material(line.material).name
        alike = [x for x in self.lines if x.material == line.material]
        return name if len(alike) == 1 else f"{name} ({line.stage})"


def dossier_case(
    bill: Bill,
    place_name: str | None,
    year: int | None,
    against: str | None,
    as_of: date,
    months: int,
    draws: int,
) -> DossierCase:
    """Set a bill into a world.

    Raises
    ------
    RequestError
        A question that cannot be asked, or lines that have no place in this world: a material
        without a chain, a stage that its chain has not, more than the world makes.
    """
    if not 1 <= months <= 60 or not 0 <= draws <= 1000:
        raise RequestError(f"months {months}, draws {draws}: 1 to 60, and 0 to 1000")
    there = world(_one(year, bill.year, "year"))
    who = buyer(_place(place_name, bill), there.year)
    if who.is_world:
        raise RequestError("a company works in a country or bloc, not in the whole world")
    feared = None if against is None else place(against).iso3
    home = _home(who.members, there.year)
    if feared in home:
        raise RequestError(f"{against} is part of {who.id}, or of its union; name one outside it")
    return DossierCase(
        bill=bill,
        lines=_lines(bill, there),
        books=library(),
        there=there,
        place=who.id,
        members=who.members,
        home=home,
        against=feared,
        as_of=as_of,
        months=months,
        draws=draws,
    )


def _one(asked: Any, in_file: Any, what: str) -> Any:
    if asked is not None and in_file is not None and asked != in_file:
        raise RequestError(f"{what} {asked} was asked, but the bill says {in_file}: keep one")
    return in_file if asked is None else asked


def _place(asked: str | None, bill: Bill) -> str:
    if asked is None and bill.place is None:
        raise RequestError(
            f"{bill.name}: where does the company work? -> say --place DEU, or fill the column place"
        )
    if asked is not None and bill.place is not None:
        found = find_bloc(asked)
        _one(found.id if found else place(asked).iso3, bill.place, "place")
    return asked or bill.place or ""


def _home(inside: Sequence[str], year: int) -> frozenset[str]:
    """A single market does not cut itself off: for a member of the Union, the whole Union."""
    union = set(members("EU27", year))
    return frozenset(set(inside) | (union if set(inside) <= union else set()))


def _lines(bill: Bill, there: World) -> tuple[CaseLine, ...]:
    problems = Problems(bill.name)
    found: list[CaseLine] = []
    seen: dict[tuple[str, str], int] = {}
    for line in bill.lines:
        one = _case_line(line, there, problems)
        if one is None:
            continue
        first = seen.setdefault((one.material, one.stage), line.row)
        if first != line.row:
            what = f"{one.material} ({one.stage}) stands in row {first} already"
            problems.add(what, f"row {line.row}", "one row a material and stage: add them up")
        found.append(one)
    problems.raise_if_any(RequestError)
    return tuple(found)


def _case_line(line: BillLine, there: World, problems: Problems) -> CaseLine | None:
    where = f"row {line.row}, column material"
    if line.material not in there.chains:
        inside = [m for m in material(line.material).members if m in there.chains]
        problems.add(
            f"{line.written!r} has no balanced chain in {there.year}",
            where,
            f"name one of {', '.join(inside)}"
            if inside
            else "nobody publishes who makes it; leave the row out and say so beside the dossier",
        )
        return None
    chain = there.chain(line.material)
    stages = [s.stage for s in chain.stages]
    stage = line.stage or stages[-1]
    if stage not in stages:
        problems.add(
            f"{line.material} has no stage {stage} in {there.year}",
            f"row {line.row}, column stage",
            f"one of {', '.join(stages)}",
        )
        return None
    price = _price(there, line.material, stages.index(stage), problems, where)
    tonnes, value = line.tonnes, line.value_usd
    if price is not None and tonnes is None and value is not None:
        tonnes = value / price.usd_per_t
    elif price is not None and value is None and tonnes is not None:
        value = tonnes * price.usd_per_t
    made = world_tonnes(there, line.material, stage)
    if made is not None and tonnes is not None and tonnes > made:
        problems.add(
            f"{tonnes:.4g} t of {line.material} are more than the world makes ({made:.4g} t)",
            f"row {line.row}, column {'quantity' if line.tonnes is not None else 'value_usd'}",
            "check the unit and the basis",
        )
    return CaseLine(line, chain, stage, price, tonnes, value)


def _price(there: World, name: str, s: int, problems: Problems, where: str) -> Price | None:
    """Base price of a stage, as the market takes it."""
    from lodestone.desk.study_work import market_at_rest

    try:
        return market_at_rest(there.year, name).prices[s]
    except LodestoneError as error:
        problems.add(f"{name}: {str(error).splitlines()[0]}", where, "leave the row out")
        return None


def world_tonnes(there: World, name: str, stage: str) -> float | None:
    """Tonnes that the world makes of a material at a stage; None where only shares are known."""
    at = there.chain(name).stage(stage)
    made = float(at.output.sum())
    if at.unit == "t":
        return made
    whole = there.volumes.get(name)
    return None if whole is None else whole * made / 100.0


def stated(line: CaseLine, what: str, value: float | None, unit: str, note: str = "") -> Figure:
    """A number as the bill states it."""
    return Figure(
        id=f"bill:{line.line.row}:{line.material}:{what}",
        value=value,
        unit=unit,
        year=None,
        kind="reported",
        sources=(BILL_SOURCES_KEY,),
        note=note,
    )


def stage_of(line: CaseLine, stage: str) -> str:
    """What the chain calls a stage: bauxite, alumina, aluminium metal."""
    label = material(line.material).stage_labels.get(Stage(stage))
    return label or stage
