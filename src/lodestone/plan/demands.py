"""Targets and budgets as rows of the program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan

import numpy as np

from lodestone.plan.need import Need
from lodestone.plan.program import Demand, Program, haves
from lodestone.plan.target import BENCHMARKS, Target

#: What serves users wherever it enters the chain.
_ANYWHERE = ("recycling", "substitution")


def write_targets(program: Program) -> None:
    """Rows of every target, in every year from its own on."""
    q = program.question
    for n, target in enumerate(q.targets):
        rows = []
        for y, year in enumerate(q.years):
            if year < target.year:
                continue
            for name, entries, bound in _rows_of(program, n, target, y):
                row = _bounded(program, ("target", n, y, *name), entries, bound, target, y)
                rows.append(row)
        if target.price is None:
            program.demands.append(Demand("target", n, tuple(rows)))


def write_budgets(program: Program) -> None:
    """Rows of every budget: what is spent while things are built, and to support them."""
    q = program.question
    for n, budget in enumerate(q.budgets):
        years = [q.years.index(budget.year)] if budget.year is not None else range(len(q.years))
        spent: dict[int, float] = {}
        for y in years:
            for column, amount in spending(program, y, budget.money).items():
                spent[column] = spent.get(column, 0.0) + amount
        row = program.row(("budget", n), spent, -np.inf, budget.amount)
        program.demands.append(Demand("budget", n, (row,)))


def spending(program: Program, year: int, money: str = "all") -> dict[int, float]:
    """Million USD spent in a year position, by start column; not discounted.

    Capital is spent evenly over the years before the start; years before the plan count in its first.
    """
    q = program.question
    spent: dict[int, float] = {}
    for key, column in program.at.items():
        if key[0] != "start":
            continue
        _, n, y = key
        o = q.options[n]
        share = {"all": 1.0, "public": o.public, "private": 1.0 - o.public}[money]
        build = max(o.build_years, 1)
        before = range(y - o.build_years, y) if o.build_years else range(y, y + 1)
        amount = share * o.capital / build * sum(1 for t in before if max(t, 0) == year)
        if y <= year < y + o.life:
            run = o.ramp if year == y else 1.0
            # support is paid by the public purse to the makers: from all, it is a transfer
            amount += {"all": 0.0, "public": 1.0, "private": -1.0}[money] * run * o.support
        if amount:
            spent[column] = amount
    return spent


Rows = Iterator[tuple[tuple[str, ...], dict[int, float], float]]


def _rows_of(program: Program, n: int, target: Target, y: int) -> Rows:
    if target.kind in BENCHMARKS:
        yield _benchmark(program, n, target, y)
        return
    for m, need in enumerate(program.question.needs):
        if target.materials and need.material not in target.materials:
            continue
        if target.kind == "stock_days":
            yield _stock(program, m, need, target, y)
        elif target.kind == "supplier_cap":
            yield from _caps(program, m, need, target, y)
        else:
            yield from _covers(program, m, need, target, y)


def _bounded(
    program: Program,
    name: tuple[object, ...],
    entries: Mapping[int, float],
    bound: float,
    target: Target,
    y: int,
) -> int:
    """A row with the bound on its side, and what a priced target is missed by."""
    entries = dict(entries)
    if target.price is not None:
        miss = program.column(("miss", *name))
        entries[miss] = -1.0 if target.at_most else 1.0
        worth = target.price * program.question.discount(y)
        program.charge("missed targets", miss, worth)
    lower, upper = (-np.inf, bound) if target.at_most else (bound, np.inf)
    return program.row(name, entries, lower, upper)


def _benchmark(
    program: Program, n: int, target: Target, y: int
) -> tuple[tuple[str, ...], dict[int, float], float]:
    """Home capacity over use of all entries: `sum w made >= value sum w use`.

    By mass and value all tonnes count; as a mean each entry counts for at most its own use.
    """
    q = program.question
    counted = [
        (m, need)
        for m, need in enumerate(q.needs)
        if _known(need, target) and (not target.materials or need.material in target.materials)
    ]
    if not counted:
        return (), {}, target.value  # nothing is known of it: it cannot be reached
    if target.weighting == "mean":
        return _mean(program, n, target, y, counted)
    weight = {
        need.material: 1.0 if target.weighting == "mass" else need.price for _, need in counted
    }
    whole = sum(weight[need.material] * need.use * q.growth(m, y) for m, need in counted)
    entries: dict[int, float] = {}
    base = 0.0
    for _, need in counted:
        part, columns = _made(program, n, target, need, y)
        scale = weight[need.material] * need.use / whole
        base += scale * part
        for column, value in columns.items():
            entries[column] = entries.get(column, 0.0) + scale * value
    return (), entries, target.value - base


def _mean(
    program: Program,
    n: int,
    target: Target,
    y: int,
    counted: list[tuple[int, Need]],
) -> tuple[tuple[str, ...], dict[int, float], float]:
    q = program.question
    groups: dict[str, list[tuple[int, Need]]] = {}
    for m, need in counted:
        groups.setdefault(need.listed, []).append((m, need))
    entries: dict[int, float] = {}
    for entry, members in groups.items():
        met = program.column(("met", n, y, entry), 0.0, 1.0)
        whole = sum(need.use * q.growth(m, y) for m, need in members)
        row, base = {met: 1.0}, 0.0
        for _, need in members:
            part, columns = _made(program, n, target, need, y)
            base += need.use * part / whole
            for column, value in columns.items():
                row[column] = row.get(column, 0.0) - need.use * value / whole
        program.row(("at most made", n, y, entry), row, -np.inf, base)
        entries[met] = 1.0 / len(groups)
    return (), entries, target.value


def _known(need: Need, target: Target) -> bool:
    if target.weighting == "value" and isnan(need.price):
        return False
    return bool(need.steps) if target.kind == "processing" else target.kind in need.made


def _made(
    program: Program, n: int, target: Target, need: Need, y: int
) -> tuple[float, dict[int, float]]:
    """What counts as made at home, in shares of base-year use: a constant and columns."""
    if target.kind == "processing":
        return _processed(program, n, need, y)
    channels = ("recycling",) if target.kind == "recycling" else ("mine", "price_floor")
    stages = None if target.kind == "recycling" else ("mine",)
    columns = {
        column: 1.0
        for (_, channel), column in haves(program, need.material, y, stages).items()
        if channel in channels
    }
    return need.made[target.kind] / need.use, columns


def _processed(program: Program, n: int, need: Need, y: int) -> tuple[float, dict[int, float]]:
    """The processing step that makes least."""
    made = {
        step: {
            column: 1.0
            for (_, channel), column in haves(program, need.material, y, (step,)).items()
            if channel in ("refine", "product", "price_floor")
        }
        for step in need.steps
    }
    if len(made) == 1:
        ((step, columns),) = made.items()
        return need.steps[step] / need.use, columns
    least = program.column(("least", n, y, need.material))
    for step, columns in made.items():
        entries = {least: 1.0, **dict.fromkeys(columns, -1.0)}
        program.row(
            ("step", n, y, need.material, step), entries, -np.inf, need.steps[step] / need.use
        )
    return 0.0, {least: 1.0}


def _stock(
    program: Program, m: int, need: Need, target: Target, y: int
) -> tuple[tuple[str, ...], dict[int, float], float]:
    """Days of use held."""
    per_day = 365.0 / program.question.growth(m, y)
    columns = {
        column: per_day
        for (_, channel), column in haves(program, need.material, y).items()
        if channel == "stock"
    }
    return (need.material,), columns, target.value


def _caps(program: Program, m: int, need: Need, target: Target, y: int) -> Rows:
    """Share of one supplier at one stage, as the market moves it for a tonne of each channel."""
    growth = program.question.growth(m, y)
    for stage, shares in need.shares.items():
        if target.stages and stage not in target.stages:
            continue
        for supplier, share in shares.items():
            if target.suppliers and supplier not in target.suppliers:
                continue
            shift = need.shifts.get((stage, supplier), {})
            columns = {
                column: shift.get(way, 0.0) * need.use / growth
                for way, column in haves(program, need.material, y).items()
            }
            yield (need.material, stage, supplier), columns, target.value - share


def _covers(program: Program, m: int, need: Need, target: Target, y: int) -> Rows:
    """Supply left when suppliers stop, over what is needed, at each stage."""
    growth = program.question.growth(m, y)
    for stage, shares in need.shares.items():
        if target.stages and stage not in target.stages:
            continue
        gone = lost_suppliers(target, shares)
        left = 1.0 - sum(shares.get(s, 0.0) for s in gone)
        scale = need.use / (need.supply[stage] * growth)
        columns = {
            column: scale
            for (at, channel), column in haves(program, need.material, y).items()
            if (at == stage or channel in _ANYWHERE)
            and channel != "stock"
            and channel not in {f"contract:{s}" for s in gone}
        }
        yield (need.material, stage), columns, target.value - left


def lost_suppliers(target: Target, shares: Mapping[str, float]) -> tuple[str, ...]:
    """Who is taken to stop: those named, or the largest."""
    if target.kind == "independence":
        return target.suppliers
    return (max(shares, key=lambda s: (shares[s], s)),) if shares else ()
