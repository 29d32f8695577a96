"""The menu: what can be built, bought or agreed, what it costs and when it can be there.

A lithium mine in Portugal, sixty days of gallium in a warehouse, a contract with a smelter in
Kazakhstan: each is one option, with the tonnes it brings and the money it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from lodestone.terms.errors import Problems, RequestError

Kind = Literal[
    "mine", "refinery", "recycling", "substitution", "stock", "contract", "price_floor", "project"
]
KINDS: tuple[str, ...] = get_args(Kind)
#: How sure the tonnes and the money of an option are.
Basis = Literal["published", "estimated", "judged"]


@dataclass(frozen=True)
class Effect:
    """What a whole option brings once it runs fully.

    Attributes
    ----------
    material, stage : of the tonnes
    channel : which way they come: 'mine', 'refine', 'product', 'recycling', 'substitution',
        'stock', 'price_floor', or 'contract:ISO3'; losses answer differently to each
    tonnes : a year of the stage's reference content; held, for a stock
    """

    material: str
    stage: str
    channel: str
    tonnes: float


@dataclass(frozen=True)
class Option:
    """One line of the menu; money in million USD for the whole of it.

    Attributes
    ----------
    id, name, kind : `id` is unique
    effects : what it brings; an integrated project brings a mine and a refinery
    divisible : any part of it can be had (else all or nothing, in one year)
    earliest : first year in which it can start
    build_years : years over which its capital is spent, before the start
    life : years it runs; its capital is charged as equal yearly payments over them
    capital : to build it, or to buy a stock
    running : a year at full run: what its output costs, premiums of contracts, storage of stocks
    avoided : a year at full run: purchases it makes unnecessary, at base prices
    support : a year at full run: paid by the public purse to its makers; a transfer
    public : share of its capital that the public purse pays
    ramp : share of full run in its first year
    place : ISO3 of where it is; measure : what the market is told of it
    ceiling : tonnes a year that the supplier of a contract has for all buyers together; 0 for no limit
    basis, source, note : where the numbers are from
    """

    id: str
    name: str
    kind: str
    effects: tuple[Effect, ...]
    earliest: int
    capital: float
    running: float
    avoided: float
    divisible: bool = True
    build_years: int = 2
    life: int = 20
    support: float = 0.0
    public: float = 0.0
    ramp: float = 0.5
    place: str = ""
    level: float = 0.0
    basis: str = "judged"
    source: str = ""
    note: str = ""
    ceiling: float = 0.0


def check_menu(options: Sequence[Option], materials: Sequence[str]) -> None:
    """Refuse a menu with anything wrong in it, all at once.

    Raises
    ------
    RequestError
        Ids used twice, unknown kinds, numbers that are not finite or below zero.
    """
    problems = Problems("menu")
    seen: set[str] = set()
    for o in options:
        where = f"option {o.id!r}"
        if o.id in seen:
            problems.add("stands twice", where, "give each its own id")
        seen.add(o.id)
        if o.kind not in KINDS:
            problems.add(f"unknown kind {o.kind!r}", where, f"one of {', '.join(KINDS)}")
        for name in ("capital", "running", "avoided", "support"):
            value = getattr(o, name)
            if not 0.0 <= value < float("inf"):
                problems.add(f"{name} {value:g}", where, "million USD, not below zero")
        for name in ("public", "ramp"):
            if not 0.0 <= getattr(o, name) <= 1.0:
                problems.add(f"{name} {getattr(o, name):g}", where, "a share from 0 to 1")
        if o.build_years < 0 or o.life < 1:
            problems.add("build_years or life", where, "build_years from 0, life from 1")
        _check_effects(o, materials, where, problems)
    problems.raise_if_any(RequestError)


def _check_effects(o: Option, materials: Sequence[str], where: str, problems: Problems) -> None:
    if not o.effects:
        problems.add("brings nothing", where, "name a material, a stage and tonnes")
    for e in o.effects:
        if e.material not in materials:
            problems.add(f"{e.material} is not in the plan", where, "add it to materials")
        if not 0.0 <= e.tonnes < float("inf"):
            problems.add(f"{e.tonnes:g} tonnes", where, "a finite number, not below zero")
