"""The rows of a plan: decisions, targets, costs, money, the judge's figures, the menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import known

if TYPE_CHECKING:
    from lodestone.desk.plan_judging import Verdict
    from lodestone.desk.plan_problem import PlanProblem
    from lodestone.plan.conflicts import Conflict
    from lodestone.plan.solution import Plan
    from lodestone.plan.target import Target

Row = dict[str, Any]

_MONEY = "million USD"
#: What each part of the cost is, in words.
PARTS = {
    "capital": "building: yearly payments on capital within the plan's years",
    "running": "running costs of what is built, substitutes included",
    "stocks": "interest and storage of stocks",
    "contracts": "premiums of contracts",
    "avoided purchases": "purchases that are no longer needed, at base prices",
    "expected losses": "mean loss of the scenarios with the plan",
    "tail": "weight of risk times CVaR",
    "missed targets": "price of targets that are missed",
}


def plan_rows(
    problem: PlanProblem,
    plan: Plan,
    verdict: Verdict | None,
    frontier: Sequence[Plan],
    conflict: Conflict | None,
) -> list[Row]:
    """All rows of an answer; `table` tells the kinds apart."""
    rows = [
        *_summary(plan, verdict),
        *_choices(plan),
        *_targets(problem, plan, verdict),
        *_costs(plan),
        *_money(plan),
        *_held(plan),
        *_judge(verdict),
        *_frontier(frontier),
        *_conflict(conflict),
        *_options(plan),
        *_materials(plan),
        *[
            {"table": "unknown", "material": name, "note": why}
            for name, why in problem.unknown.items()
        ],
        _proof(plan, verdict),
    ]
    name, year, place = problem.request.name, problem.there.year, problem.who.id
    return [_with_id(row, name, year, place) for row in rows]


def _with_id(row: Row, name: str, year: int, place: str) -> Row:
    """The row with its id whole: of the plan, or of the option wherever it is on a menu."""
    if "id" not in row:
        return row
    _, table, *what = row["id"].split(":")
    if table == "option":
        return {**row, "id": f"option:{year}:{place}:{':'.join(what)}"}
    return {**row, "id": f"plan:{name}:{year}:{table}:{'/'.join(what)}"}


def _summary(plan: Plan, verdict: Verdict | None) -> list[Row]:
    spent = float(plan.spending.sum())
    figures = [
        ("objective", plan.value, "cost, expected losses, weighed tail and missed targets"),
        (
            "cost",
            _cost(plan),
            "the plan alone, without losses; below zero where it pays for itself",
        ),
        ("spending", spent, "capital and stocks, not discounted"),
        ("loss_without", plan.expected_before, "expected loss with nothing built"),
        ("loss_with", plan.expected, "expected loss with the plan, predicted"),
        ("cvar_without", plan.cvar_before, "mean of the worst scenarios, nothing built"),
        ("cvar_with", plan.cvar, "mean of the worst scenarios with the plan, predicted"),
    ]
    if verdict is not None:
        figures.append(
            ("loss_walked", verdict.walked[0], "expected loss with the plan, by the market")
        )
    return [
        {
            "table": "summary",
            "what": what,
            "value": known(value),
            "unit": _MONEY,
            "kind": "modelled",
            "about": note,
            "id": f"plan:summary:{what}",
        }
        for what, value, note in figures
    ]


def _cost(plan: Plan) -> float:
    losses = ("expected losses", "tail", "missed targets")
    return float(sum(v for name, v in plan.parts.items() if name not in losses))


def _choices(plan: Plan) -> list[Row]:
    q = plan.question
    rows = []
    for start in plan.starts:
        o = q.options[start.option]
        rows.append(
            {
                "table": "choice",
                "year": start.year,
                "option": o.id,
                "name": o.name,
                "kind_of_option": o.kind,
                "place": o.place or None,
                "share": start.share,
                "material": "; ".join(dict.fromkeys(e.material for e in o.effects)),
                "tonnes": float(sum(e.tonnes for e in o.effects)) * start.share
                if len({(e.material, e.stage) for e in o.effects}) == 1
                else None,
                "capital": o.capital * start.share,
                "public": o.capital * start.share * o.public,
                "build_from": max(start.year - o.build_years, q.years[0]),
                "unit": _MONEY,
                "kind": o.basis,
                "note": o.note or None,
                "source": o.source or None,
                "id": f"plan:option:{o.id}",
            }
        )
    return rows


def _targets(problem: PlanProblem, plan: Plan, verdict: Verdict | None) -> list[Row]:
    q = plan.question
    rows = []
    for state in plan.targets:
        t = q.targets[state.at]
        after, worst = state.after, state.worst
        walked = _walked_cap(plan, t, verdict) if t.kind == "supplier_cap" else None
        if walked is not None:
            after, worst = walked
        met = after <= t.value + 1e-6 if t.at_most else after >= t.value - 1e-6
        rows.append(
            {
                "table": "target",
                "target": t.words,
                "kind_of_target": t.kind,
                "weighting": t.weighting if t.kind in _AGGREGATES else None,
                "year": t.year,
                "asked": t.value,
                "before": known(state.before),
                "after": known(state.after),
                "walked": None if walked is None else walked[0],
                "worst": worst or None,
                "status": "met" if met else "missed",
                "hard": t.price is None,
                "last_per_cent": known(state.price),
                "missed": state.missed,
                "unit": "days" if t.kind == "stock_days" else "share",
                "kind": "modelled",
                "id": f"plan:target:{state.at + 1}",
            }
        )
    rows += _three_ways(plan)
    if verdict is not None:
        rows += _walked_caps(plan, verdict)
    return rows


def _walked_cap(plan: Plan, t: Target, verdict: Verdict | None) -> tuple[float, str] | None:
    """The largest share under a cap, and whose: by the market, by slopes where it is not proved."""
    if verdict is None:
        return None
    q, found = plan.question, []
    for m, need in enumerate(q.needs):
        if t.materials and need.material not in t.materials:
            continue
        for stage, shares in need.shares.items():
            for supplier in shares:
                if (t.stages and stage not in t.stages) or (
                    t.suppliers and supplier not in t.suppliers
                ):
                    continue
                share = verdict.largest_share((need.material, stage, supplier), t.year)
                if share is None:
                    share = _predicted_share(plan, m, stage, supplier, q.years.index(t.year))
                found.append((share, f"{need.material}, {stage}, {supplier}"))
    return max(found, default=None)


def _predicted_share(plan: Plan, m: int, stage: str, supplier: str, y: int) -> float:
    """A supplier's share by its slopes, which far out pass 0 and 1."""
    q, need = plan.question, plan.question.needs[m]
    shift = need.shifts.get((stage, supplier), {})
    moved = sum(
        shift.get((stage_of, channel), 0.0) * float(series[y]) / q.growth(m, y)
        for (name, stage_of, channel), series in plan.held.items()
        if name == need.material
    )
    return min(max(need.shares[stage][supplier] + moved, 0.0), 1.0)


_AGGREGATES = ("extraction", "processing", "recycling")


def _three_ways(plan: Plan) -> list[Row]:
    """The aggregates by mass, by value and as mean of entries, whatever the target weighs by."""
    from lodestone.plan.aggregates import aggregates

    q = plan.question
    rows = []
    for t in {(t.kind, t.year): t for t in q.targets if t.kind in _AGGREGATES}.values():
        y = q.years.index(t.year)
        for weighting, (before, after) in aggregates(plan, t.kind, y).items():
            rows.append(
                {
                    "table": "aggregate",
                    "benchmark": t.kind,
                    "year": t.year,
                    "weighting": weighting,
                    "before": known(before),
                    "after": known(after),
                    "asked": t.value,
                    "unit": "share",
                    "kind": "modelled",
                    "id": f"plan:aggregate:{t.kind}:{weighting}",
                }
            )
    return rows


def _walked_caps(plan: Plan, verdict: Verdict) -> list[Row]:
    """Largest suppliers in the last year, predicted by slopes and walked in the market."""
    q = plan.question
    caps = [t for t in q.targets if t.kind == "supplier_cap"]
    if not caps:
        return []
    cap = min(t.value for t in caps)
    y = len(q.years) - 1
    rows = []
    for m, need in enumerate(q.needs):
        for stage, shares in need.shares.items():
            for supplier, share in shares.items():
                after = _predicted_share(plan, m, stage, supplier, y)
                walked = verdict.shares[q.years[y]].get((need.material, stage, supplier))
                if share < cap and after < cap and (walked or 0.0) < cap:
                    continue
                rows.append(
                    {
                        "table": "supplier_share",
                        "material": need.material,
                        "stage": stage,
                        "supplier": supplier,
                        "before": share,
                        "after": after,
                        "walked": walked,
                        "asked": cap,
                        "unit": "share",
                        "kind": "modelled",
                        "id": f"plan:supplier_share:{need.material}:{stage}:{supplier}",
                    }
                )
    return rows


def _costs(plan: Plan) -> list[Row]:
    return [
        {
            "table": "cost",
            "part": name,
            "value": value,
            "unit": _MONEY,
            "kind": "modelled",
            "about": PARTS[name],
            "id": f"plan:cost:{name.replace(' ', '_')}",
        }
        for name, value in plan.parts.items()
    ] + [
        {
            "table": "transfer",
            "part": part,
            "value": sign * _support(plan),
            "unit": _MONEY,
            "kind": "modelled",
            "note": "a transfer: both lines sum to zero",
            "id": f"plan:transfer:{part.replace(' ', '_')}",
        }
        for part, sign in (("support paid", 1.0), ("support received", -1.0))
    ]


def _support(plan: Plan) -> float:
    q = plan.question
    total = 0.0
    for start in plan.starts:
        o = q.options[start.option]
        y = q.years.index(start.year)
        for t in range(y, min(y + o.life, len(q.years))):
            run = o.ramp if t == y else 1.0
            total += q.discount(t) * run * o.support * start.share
    return total


def _money(plan: Plan) -> list[Row]:
    return [
        {
            "table": "money",
            "year": year,
            "public": float(plan.spending[y, 0]),
            "private": float(plan.spending[y, 1]),
            "value": float(plan.spending[y].sum()),
            "unit": _MONEY,
            "kind": "modelled",
            "id": f"plan:money:{year}",
        }
        for y, year in enumerate(plan.question.years)
    ]


def _held(plan: Plan) -> list[Row]:
    use = {need.material: need.use for need in plan.question.needs}
    return [
        {
            "table": "held",
            "material": name,
            "stage": stage,
            "channel": channel,
            "year": year,
            "value": float(series[y]),
            "of_use": float(series[y]) / use[name],
            "unit": "t" if channel == "stock" else "t a year",
            "kind": "modelled",
            "id": f"plan:held:{name}:{stage}:{channel}:{year}",
        }
        for (name, stage, channel), series in sorted(plan.held.items())
        for y, year in enumerate(plan.question.years)
        if series[y] > 1e-6 * use[name]
    ]


def _judge(verdict: Verdict | None) -> list[Row]:
    if verdict is None:
        return []
    figures = [
        ("expected loss", verdict.predicted[0], verdict.walked[0]),
        ("CVaR", verdict.predicted[1], verdict.walked[1]),
    ]
    return [
        {
            "table": "judge",
            "figure": figure,
            "predicted": predicted,
            "walked": walked,
            "difference": known((predicted - walked) / walked) if walked else None,
            "fresh": verdict.fresh[n] if verdict.fresh is not None else None,
            "fresh_before": verdict.fresh_before[n] if verdict.fresh_before is not None else None,
            "rounds": verdict.rounds,
            "unit": _MONEY,
            "kind": "modelled",
            "id": f"plan:judge:{figure.replace(' ', '_')}",
        }
        for n, (figure, predicted, walked) in enumerate(figures)
    ]


def _frontier(plans: Sequence[Plan]) -> list[Row]:
    return [
        {
            "table": "frontier",
            "risk_weight": p.question.risk_weight,
            "cost": _cost(p) + p.parts["missed targets"],
            "expected": p.expected,
            "cvar": p.cvar,
            "value": p.value,
            "unit": _MONEY,
            "kind": "modelled",
            "note": "the surrogate's first curves, not walked",
            "id": f"plan:frontier:{p.question.risk_weight:g}",
        }
        for p in plans
    ]


def _conflict(conflict: Conflict | None) -> list[Row]:
    if conflict is None:
        return []
    return [
        {"table": "conflict", "rank": n, "sentence": sentence, "id": f"plan:conflict:{n}"}
        for n, sentence in enumerate(conflict.sentences, 1)
    ]


def _options(plan: Plan) -> list[Row]:
    chosen: dict[int, float] = {}
    for start in plan.starts:
        chosen[start.option] = chosen.get(start.option, 0.0) + start.share
    return [
        {
            "table": "option",
            "option": o.id,
            "name": o.name,
            "kind_of_option": o.kind,
            "material": "; ".join(dict.fromkeys(e.material for e in o.effects)),
            "stage": "; ".join(dict.fromkeys(e.stage for e in o.effects)),
            "tonnes": max((e.tonnes for e in o.effects), default=None),
            "earliest": o.earliest,
            "capital": o.capital,
            "running": o.running,
            "avoided": o.avoided,
            "public": o.public,
            "chosen": chosen.get(n, 0.0),
            "unit": _MONEY,
            "kind": o.basis,
            "source": o.source or None,
            "note": o.note or None,
            "id": f"plan:option:{o.id}",
        }
        for n, o in enumerate(plan.question.options)
    ]


def _materials(plan: Plan) -> list[Row]:
    rows = []
    for need in plan.question.needs:
        top = {
            stage: max(shares.items(), key=lambda item: (item[1], item[0]))
            for stage, shares in need.shares.items()
        }
        worst = max(top.items(), key=lambda item: item[1][1], default=None)
        rows.append(
            {
                "table": "material",
                "material": need.material,
                "entry": need.listed,
                "use": need.use,
                "price": need.price,
                "extraction": _ratio(need.made.get("extraction"), need.use),
                "processing": _ratio(min(need.steps.values()), need.use) if need.steps else None,
                "recycling": _ratio(need.made.get("recycling"), need.use),
                "supplier": worst[1][0] if worst else None,
                "supplier_stage": worst[0] if worst else None,
                "supplier_share": worst[1][1] if worst else None,
                "growth": need.growth,
                "unit": "t a year",
                "kind": "inferred",
                "note": need.proxy or None,
                "id": f"plan:material:{need.material}",
            }
        )
    return rows


def _ratio(part: float | None, whole: float) -> float | None:
    return None if part is None else part / whole


def _within(plan: Plan, verdict: Verdict | None) -> str:
    """Of which plans the bound is the least."""
    if plan.unfenced is None or verdict is None:
        return "all plans"
    return f"the trust region of round {verdict.kept}"


def _proof(plan: Plan, verdict: Verdict | None) -> Row:
    return {
        "table": "proof",
        "objective": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "within": _within(plan, verdict),
        "unfenced": plan.unfenced,
        "sum_of_parts": float(sum(plan.parts.values())),
        "rounds": plan.rounds,
        "cuts": plan.cuts,
        "scenarios": int(plan.question.outlook.probability.size),
        "states": sum(len(c) for c in plan.question.outlook.curves),
        "walks": verdict.walks if verdict is not None else None,
    }
