"""The rows of a joint plan: worth, shares, core, where capital moves, what is started, the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.joint_walks import parts_given, shared_plants, standing
from lodestone.terms import find_place

if TYPE_CHECKING:
    from lodestone.alliance.structures import Structure
    from lodestone.desk.joint_planning import JointWork
    from lodestone.plan.solution import Plan

Row = dict[str, Any]

_BASE = {"unit": "million USD", "kind": "modelled"}
#: Of money as it is spent: capital and price of stocks in all, premiums a year.
_SPENT = "million USD, not discounted"
#: What a coalition does.
JOINT, OWN = "joint plan", "each its own"
#: Whose a place is where it is no member's.
THIRD, TOGETHER = "third country", "all together"
_STOCK, _CONTRACT = "stock", "contract"
#: Tonnes under this are no row.
_NOTHING = 1e-6


def joint_rows(work: JointWork) -> list[Row]:
    """All rows; `table` tells the kinds apart."""
    return [
        *_worth(work),
        *_share(work),
        *_core(work),
        *_investment(work),
        *_tonnes(work),
        *_choice(work),
        _proof(work),
    ]


def _inside(work: JointWork, which: int) -> list[int]:
    return [k for k in range(len(work.names)) if which >> k & 1]


def does(work: JointWork, which: int) -> str:
    """How a coalition groups itself, in words."""
    game, groups = work.grouped.game, [g for g in work.grouped.chosen[which] if g & which]
    if len(groups) == 1:
        return JOINT
    if all(g.bit_count() == 1 for g in groups):
        return OWN
    joint = [f"{JOINT} of {game.names(g)}" for g in groups if g.bit_count() > 1]
    rest = [f"{game.names(g)} its own" for g in groups if g.bit_count() == 1]
    return ", ".join([*joint, *rest])


def left_open(work: JointWork, which: int) -> float:
    """What a coalition's worth may be off by as plans are proved to their gaps; million USD.

    The sum of the absolute gaps of plans that are made on one side alone.
    """
    changed = set(work.alone) ^ set(work.grouped.chosen[which])
    return sum(_absolute_gap(work.plans[g]) for g in sorted(changed))


def _absolute_gap(plan: Plan) -> float:
    return max(plan.value - plan.bound, 0.0)


def _worth(work: JointWork) -> list[Row]:
    game = work.grouped.game
    before = work.outcomes[work.alone]
    rows = []
    for which in sorted(range(1, work.all + 1), key=lambda s: (s.bit_count(), s)):
        inside = _inside(work, which)
        if len(inside) < 2:
            continue
        after = work.outcomes[work.grouped.chosen[which]]
        value = float(game.values[which])
        ends = [value, *(float(side.values[which]) for side in work.sides)]
        alone = float(before.total[inside].sum())
        rows.append(
            {
                "table": "joint_worth",
                "coalition": game.names(which),
                "size": len(inside),
                "value": value,
                "saved": float(
                    (before.total - before.missed - after.total + after.missed)[inside].sum()
                ),
                "low": min(ends),
                "high": max(ends),
                "left_open": left_open(work, which),
                "cost_alone": float(before.cost[inside].sum()),
                "cost_together": float(after.cost[inside].sum()),
                "loss_alone": float(before.loss[inside].sum()),
                "loss_together": float(after.loss[inside].sum()),
                "missed_alone": float(before.missed[inside].sum()),
                "missed_together": float(after.missed[inside].sum()),
                "part": value / alone if alone > 0.0 else None,
                "does": does(work, which),
                **_BASE,
            }
        )
    return rows


def _share(work: JointWork) -> list[Row]:
    import numpy as np

    from lodestone.alliance.nucleolus import nucleolus
    from lodestone.alliance.shapley import shapley

    game = work.grouped.game
    value, settled = shapley(game), nucleolus(game)
    ends = np.array([value, *(shapley(side) for side in work.sides)])
    before, after = work.outcomes[work.alone], work.outcomes[work.grouped.chosen[work.all]]
    kept = before.total - after.total
    return [
        {
            "table": "joint_share",
            "member": member,
            "value": float(value[k]),
            "low": float(ends[:, k].min()),
            "high": float(ends[:, k].max()),
            "nucleolus": float(settled[k]),
            "own": float(kept[k]),
            "payment": float(value[k] - kept[k]),
            "cost_alone": float(before.cost[k]),
            "cost_together": float(after.cost[k]),
            "loss_alone": float(before.loss[k]),
            "loss_together": float(after.loss[k]),
            "missed_alone": float(before.missed[k]),
            "missed_together": float(after.missed[k]),
            **_BASE,
        }
        for k, member in enumerate(work.names)
    ]


def _core(work: JointWork) -> list[Row]:
    from lodestone.alliance.core import core_check, least_core
    from lodestone.alliance.nucleolus import nucleolus
    from lodestone.alliance.shapley import shapley

    game = work.grouped.game
    least = least_core(game)
    rows: list[Row] = [
        {
            "table": "joint_core",
            "what": "core",
            "inside": not least.empty,
            "value": least.excess,
            "coalition": None,
            **_BASE,
        }
    ]
    for rule, shares in (("shapley", shapley(game)), ("nucleolus", nucleolus(game))):
        seen = core_check(game, shares)
        rows.append(
            {
                "table": "joint_core",
                "what": rule,
                "inside": seen.inside,
                "value": seen.excess,
                "coalition": game.names(seen.coalition),
                **_BASE,
            }
        )
    return rows


# --- where it is built ---------------------------------------------------------------------


def _sets(work: JointWork) -> tuple[list[Plan], list[Plan]]:
    """Plans of members alone, and the joint plan of all."""
    alone: Structure = work.alone
    return [work.plans[g] for g in alone], [work.plans[work.all]]


def _whose(work: JointWork, place: str) -> str:
    """The member that a place is of."""
    for k, name in enumerate(work.names):
        if place in (name, *work.problems[1 << k].who.members):
            return name
    return THIRD if find_place(place) is not None else TOGETHER


def _money(plans: Sequence[Plan]) -> dict[str, dict[str, float]]:
    """Place -> capital of what is built, price of stocks, premiums a year; shared plants once.

    As it is spent, not discounted.
    """
    found: dict[str, dict[str, float]] = {}
    for o, _, part, _ in standing(plans):
        held = found.setdefault(o.place, {"capital": 0.0, "stocks": 0.0, "premiums": 0.0})
        held["stocks" if o.kind == _STOCK else "capital"] += part * o.capital
        held["premiums"] += part * o.running if o.kind == _CONTRACT else 0.0
    return found


def _investment(work: JointWork) -> list[Row]:
    before, after = (_money(plans) for plans in _sets(work))
    nothing = dict.fromkeys(("capital", "stocks", "premiums"), 0.0)
    rows: list[Row] = []
    for place in {**before, **after}:
        was, now = before.get(place, nothing), after.get(place, nothing)
        rows.append(
            {
                "table": "investment",
                "place": place,
                "member": _whose(work, place),
                "value": now["capital"] - was["capital"],
                "capital_alone": was["capital"],
                "capital_together": now["capital"],
                "stocks_alone": was["stocks"],
                "stocks_together": now["stocks"],
                "premiums_alone": was["premiums"],
                "premiums_together": now["premiums"],
                **_BASE,
                "unit": _SPENT,
            }
        )
    kept = [r for r in rows if any(abs(v) > _NOTHING for v in r.values() if isinstance(v, float))]
    return sorted(kept, key=lambda r: (-abs(r["value"]), r["place"]))


def _by_stage(plans: Sequence[Plan]) -> dict[tuple[str, str, str, str], float]:
    """(material, stage, kind of option, place) -> tonnes of what runs in the last year."""
    last = plans[0].question.years[-1]
    found: dict[tuple[str, str, str, str], float] = {}
    for o, year, part, _ in standing(plans):
        if last >= year + o.life:
            continue
        run = part * (o.ramp if last == year else 1.0)
        for e in o.effects:
            key = (e.material, e.stage, o.kind, o.place)
            found[key] = found.get(key, 0.0) + run * e.tonnes
    return found


def _tonnes(work: JointWork) -> list[Row]:
    before, after = (_by_stage(plans) for plans in _sets(work))
    return [
        {
            "table": "investment_tonnes",
            "material": name,
            "stage": stage,
            "kind_of_option": kind,
            "place": place,
            "member": _whose(work, place),
            "value": after.get(key, 0.0) - before.get(key, 0.0),
            "alone": before.get(key, 0.0),
            "together": after.get(key, 0.0),
            "unit": "t" if kind == _STOCK else "t a year",
            "kind": "modelled",
        }
        for key in sorted({**before, **after})
        for name, stage, kind, place in (key,)
        if max(before.get(key, 0.0), after.get(key, 0.0)) > _NOTHING
    ]


def _choice(work: JointWork) -> list[Row]:
    joint = work.plans[work.all]
    alone = _alone(work)
    rows: list[Row] = []
    for start in joint.starts:
        o = joint.question.options[start.option]
        rows.append(
            {
                "table": "joint_choice",
                "year": start.year,
                "option": o.id,
                "name": o.name,
                "kind_of_option": o.kind,
                "place": o.place,
                "member": _whose(work, o.place),
                "share": start.share,
                "material": "; ".join(dict.fromkeys(e.material for e in o.effects)),
                "capital": o.capital * start.share,
                "alone": alone.get(o.id),
                "unit": _SPENT,
                "kind": o.basis,
                "source": o.source or None,
            }
        )
    return rows


def _alone(work: JointWork) -> Mapping[str, str]:
    """Option -> which members start it alone, and when."""
    found: dict[str, dict[str, list[str]]] = {}
    for k, name in enumerate(work.names):
        plan = work.plans[1 << k]
        for start in plan.starts:
            ident = plan.question.options[start.option].id
            found.setdefault(ident, {}).setdefault(name, []).append(str(start.year))
    return {
        ident: "; ".join(f"{name} {', '.join(years)}" for name, years in who.items())
        for ident, who in found.items()
    }


def _proof(work: JointWork) -> Row:
    q = work.problems[work.all].question
    return {
        "table": "joint_proof",
        "plans": len(work.plans),
        "gap": max(plan.gap for plan in work.plans.values()),
        "left_open": sum(_absolute_gap(plan) for plan in work.plans.values()),
        "misfit": max((abs(x) for x in work.misfit.values()), default=None),
        "groupings": len(work.outcomes),
        "scenarios": int(q.outlook.probability.size),
        "walks": work.walks.walks,
        "dropped": len(work.walks.dropped),
        "risk_weight": q.risk_weight,
    }


def joint_notes(work: JointWork) -> tuple[str, ...]:
    """What a reader must know."""
    grand = work.problems[work.all]
    q = grand.question
    bare = [e.who.id for e in grand.economies if e.table is None]
    notes = [
        f"Joint plan: each of the {len(work.plans)} coalitions solves the same plan for "
        f"{q.years[0]} to {q.years[-1]} on the same {q.outlook.probability.size} scenarios, those of "
        "all together, in which no member cuts off another. Prices of targets and budgets count "
        "once for each member.",
        "Worth: cost of plans, price of missed targets and losses when each has its own plan, less "
        "the same when the coalition has its best grouping and the others their own. Losses are "
        "walked with all plans at once, so what one builds relieves the others in both.",
        "Missed targets are no money spent: joint shares count what any member makes as made at home. "
        "What planning together saves in plans and losses is the column saved.",
        f"A member's loss is its expected loss and {q.risk_weight:g} times the CVaR of its own losses: "
        "that members pool risk is not counted, though a joint plan is chosen by losses together.",
        "Cost of a joint plan falls on its members in proportion to what they spend on its "
        "materials, before any payment (column own); payment makes up the Shapley share.",
        "Alone each plans as if nobody else builds; what it then builds too much is part of the worth.",
        "Band: the same plans valued by price costs alone, and where missed targets cost nothing; it "
        "leaves out judged ends of exposures, costs and hazards.",
        "Plants stand by rule at the member that makes most of the material, where no project says "
        "where it is, and cost the same everywhere but at the dominant maker: who hosts them is no "
        "finding.",
    ]
    notes.append(
        "Investment and choice show money as it is spent (capital and price of stocks in all, premiums "
        "a year), not discounted; everything else is discounted."
    )
    notes += _within_gaps(work)
    if work.misfit:
        worst = max(work.misfit, key=lambda g: abs(work.misfit[g]))
        notes.append(
            "Plans are made by curves, and every loss here is walked; the largest difference of the "
            f"two is {work.misfit[worst]:+,.0f} million USD, in the plan of "
            f"{work.grouped.game.names(worst)}: with better curves it would plan better."
        )
    shared = shared_plants([work.plans[g] for g in work.alone])
    if shared:
        named = ", ".join(ident for ident, _ in sorted(shared))
        notes.append(
            "Planned by several members alone, so built once, as the largest of them, and paid by "
            f"part: {named}."
        )
    given = parts_given([work.plans[g] for g in work.alone])
    if given:
        named = ", ".join(f"{ident} ({part:.0%})" for (ident, _), part in sorted(given.items()))
        notes.append(
            "Agreed by several members alone beyond what the supplier has for all "
            f"(plan_contract_share of its output), so each gets and pays a part: {named}."
        )
    if does(work, work.all) != JOINT:
        notes.append(
            f"All together do best with: {does(work, work.all)}. Investment and choice show the joint "
            "plan of all nevertheless."
        )
    if bare:
        notes.append(f"No input-output table, so price costs alone: {', '.join(bare)}.")
    if work.walks.dropped:
        few = "; ".join(work.walks.dropped[:3])
        notes.append(
            f"{len(work.walks.dropped)} states could not be proved by the market under some set of "
            f"plans and count in none: {few}."
        )
    left_out = {n: why for p in work.problems.values() for n, why in p.unknown.items()}
    notes += [f"Left out of some plan: {name}, {why}." for name, why in sorted(left_out.items())]
    return tuple(notes)


def _within_gaps(work: JointWork) -> list[str]:
    """Coalitions whose worth is less than the gaps of their plans leave open."""
    game = work.grouped.game
    small = [
        f"{game.names(which)} ({game.values[which]:,.1f} of {left_open(work, which):,.1f})"
        for which in range(1, work.all + 1)
        if which.bit_count() > 1 and 0.0 < game.values[which] < left_open(work, which)
    ]
    if not small:
        return []
    return [
        "Worth that is less than the gaps of the plans leave open (column left_open, million USD), "
        f"so no finding: {'; '.join(small)}."
    ]
