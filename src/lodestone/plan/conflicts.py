"""Why a plan cannot be: which targets and budgets exclude each other, and the cheapest way out.

*Conflict*: a smallest set of targets and budgets that cannot hold together, found by leaving out
one after another (the deletion filter of Chinneck & Dravnieks 1991, doi:10.1287/ijoc.3.2.157).
*Relaxation*: how far each must give way so that all others can hold, at the least sum of per cents,
days and per cents of a budget (an elastic program).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from lodestone.plan.highs import Highs, Solved
from lodestone.plan.program import Demand, Program, first_stage
from lodestone.plan.question import PlanQuestion
from lodestone.terms.errors import PlanError

#: Slack that is rounding.
_SLACK = 1e-6
#: What is said of caps: their shares are straight lines, the market is not asked.
_SLOPES = " by the slopes of the surrogate"
#: Materials named of one target that gives way.
_SAID = 40

#: Position of a cap among the targets, and 'material, stage, supplier'.
Walked = tuple[int, str]


@dataclass(frozen=True)
class Relaxed:
    """One target or budget that gives way.

    Attributes
    ----------
    what : 'target' or 'budget'; at : position in the question
    asked, possible : its value, and the value at which all others can hold
    where : the material, stage and supplier that it gives way for; empty for all
    """

    what: str
    at: int
    asked: float
    possible: float
    where: str = ""


@dataclass(frozen=True)
class Conflict:
    """Why no plan reaches everything.

    Attributes
    ----------
    members : (what, position) of a smallest set that cannot hold together
    relaxation : what gives way, the cheapest; not always a member: others may conflict too
    sentences : the same in plain words
    """

    members: tuple[tuple[str, int], ...]
    relaxation: tuple[Relaxed, ...]
    sentences: tuple[str, ...]


def conflict_of(
    question: PlanQuestion, walked: Mapping[Walked, float] | None = None
) -> Conflict | None:
    """Why a question has no plan; None if it has one.

    Parameters
    ----------
    walked : (position of a cap, 'material, stage, supplier') -> largest share that the market gives
        it with a plan from the cap's year on. A cap that is kept there is no part of a conflict,
        whatever the slopes of shares say
    """
    walked = walked or {}
    program = first_stage(question)
    demands = _not_kept(program, walked)
    if _holds(program, demands):
        return None
    members = _smallest(program, demands)
    relaxed = _cheapest(program, demands)
    found = Conflict(tuple((d.what, d.at) for d in members), relaxed, ())
    return replace(found, sentences=_sentences(question, program, members, relaxed, walked))


def _not_kept(program: Program, walked: Mapping[Walked, float]) -> list[Demand]:
    """Demands without the caps that the market keeps."""
    q, found = program.question, []
    for d in program.demands:
        if _is_cap(q, d.what, d.at):
            most = q.targets[d.at].value
            rows = (r for r in d.rows if walked.get((d.at, _where(program, r)), np.inf) > most)
            d = replace(d, rows=tuple(rows))
        if d.rows:
            found.append(d)
    return found


def _is_cap(q: PlanQuestion, what: str, at: int) -> bool:
    return what == "target" and q.targets[at].kind == "supplier_cap"


def _holds(program: Program, demands: Sequence[Demand]) -> bool:
    return _solved(program, demands, {}).status == "optimal"


def _smallest(program: Program, demands: Sequence[Demand]) -> list[Demand]:
    """Drop one demand after another; those without which it can hold stay."""
    left = list(demands)
    for demand in demands:
        without = [d for d in left if d is not demand]
        if not _holds(program, without):
            left = without
    return left


def _cheapest(program: Program, demands: Sequence[Demand]) -> tuple[Relaxed, ...]:
    """Least sum of slacks; a target of many materials gives way for each by itself."""
    q = program.question
    slacks = {
        (d, where): _slack_scale(q, d)
        for d in demands
        for where in dict.fromkeys(_where(program, row) for row in d.rows)
    }
    found = _solved(program, demands, slacks)
    if found.status != "optimal":
        raise PlanError(f"the elastic program was not solved: {found.status}")
    relaxed = []
    for n, ((d, where), scale) in enumerate(slacks.items()):
        slack = float(found.x[len(program.keys) + n])
        if slack <= _SLACK:
            continue
        if d.what == "budget":
            asked = q.budgets[d.at].amount
            relaxed.append(Relaxed("budget", d.at, asked, asked + slack * scale))
        else:
            target = q.targets[d.at]
            way = 1.0 if target.at_most else -1.0
            possible = target.value + way * slack * scale
            relaxed.append(Relaxed("target", d.at, target.value, possible, where))
    return tuple(relaxed)


def _where(program: Program, row: int) -> str:
    """Material, stage and supplier of a target's row."""
    name = program.row_names[row]
    return ", ".join(str(word) for word in name[3:]) if name[0] == "target" else ""


def _slack_scale(q: PlanQuestion, d: Demand) -> float:
    """One unit of slack: a per cent, a day, or a per cent of a budget (at least a million)."""
    if d.what == "budget":
        return max(q.budgets[d.at].amount * 0.01, 1.0)
    return 1.0 if q.targets[d.at].kind == "stock_days" else 0.01


def _solved(
    program: Program, demands: Sequence[Demand], slacks: Mapping[tuple[Demand, str], float]
) -> Solved:
    """The first stage with some of its demands, and the least sum of the slacks they are given."""
    keep = np.ones(len(program.row_names), dtype=bool)
    for d in program.demands:
        keep[list(d.rows)] = False
    for d in demands:
        keep[list(d.rows)] = True
    n, extra = len(program.keys), len(slacks)
    matrix = program.matrix().tolil()
    matrix.resize((matrix.shape[0], n + extra))
    for k, ((d, where), scale) in enumerate(slacks.items()):
        up = d.what == "target" and not program.question.targets[d.at].at_most
        for row in d.rows:
            if _where(program, row) == where:
                matrix[row, n + k] = scale if up else -scale
    solver = Highs(
        np.concatenate([np.zeros(n), np.ones(extra)]),
        np.concatenate([program.lower, np.zeros(extra)]),
        np.concatenate([program.upper, np.full(extra, np.inf)]),
        np.concatenate([program.integer, np.zeros(extra, dtype=bool)]),
        matrix.tocsr()[keep],
        np.array(program.row_lower)[keep],
        np.array(program.row_upper)[keep],
    )
    return solver.solve(whole=True, gap=1e-6)


def _sentences(
    q: PlanQuestion,
    program: Program,
    members: Sequence[Demand],
    relaxed: Sequence[Relaxed],
    walked: Mapping[Walked, float],
) -> tuple[str, ...]:
    words = [_words(q, d.what, d.at) for d in members]
    by = _SLOPES if any(_is_cap(q, d.what, d.at) for d in members) else ""
    if len(words) == 1:
        said = [f"Cannot be met{by}: {words[0]}. {_alone(q, program, members[0], walked)}"]
    else:
        said = [f"Cannot be met together{by}: {'; '.join(words)}."]
        said += [
            f"Each alone, or without one of them, can be: {'; '.join(words[:-1])} is possible "
            f"without {words[-1]}."
        ]
    for (what, at), group in groupby(relaxed, key=lambda r: (r.what, r.at)):
        ways = [_way(q, r, walked) for r in group]
        more = f" and {len(ways) - _SAID} more" if len(ways) > _SAID else ""
        said.append(
            f"Cheapest way out: {_words(q, what, at)} becomes {'; '.join(ways[:_SAID])}{more}."
        )
    return tuple(said)


def _way(q: PlanQuestion, r: Relaxed, walked: Mapping[Walked, float]) -> str:
    """An amount and where it holds, beside what the market says there."""
    if not r.where:
        return _amount(q, r)
    if not _is_cap(q, r.what, r.at):
        return f"{_amount(q, r)} ({r.where})"
    share = walked.get((r.at, r.where))
    beside = "not" if share is None else f"{share:.1%}".replace("%", " %")
    return f"{_amount(q, r)} ({r.where}; {beside} walked)"


def _alone(q: PlanQuestion, program: Program, d: Demand, walked: Mapping[Walked, float]) -> str:
    """What the menu reaches at most, and whether time or the menu is what is missing."""
    best = _cheapest(program, [d])
    parts = [_way(q, r, walked) for r in best[:_SAID]]
    by = _SLOPES if _is_cap(q, d.what, d.at) else ""
    word = "least" if d.what == "target" and q.targets[d.at].at_most else "most"
    reach = f"The {word} the menu reaches{by} is {'; '.join(parts)}"
    early = replace(
        q, options=tuple(replace(o, earliest=min(o.earliest, q.years[0])) for o in q.options)
    )
    sooner = first_stage(early)
    same = [e for e in _not_kept(sooner, walked) if (e.what, e.at) == (d.what, d.at)]
    if _holds(sooner, same):
        return f"{reach}: it comes too late. With every option at hand in {q.years[0]} it could be."
    return f"{reach}: the menu is too small, whenever it starts."


def _words(q: PlanQuestion, what: str, at: int) -> str:
    return q.targets[at].words if what == "target" else q.budgets[at].words


def _amount(q: PlanQuestion, r: Relaxed) -> str:
    if r.what == "budget":
        return f"{r.possible:,.0f} million USD"
    if q.targets[r.at].kind == "stock_days":
        return f"{r.possible:,.0f} days"
    return f"{100.0 * r.possible:.1f} %"
