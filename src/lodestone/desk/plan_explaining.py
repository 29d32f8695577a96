"""Where a number of a plan comes from: rules of thumb, what a project states, what options cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.planning import PlanAnswer
    from lodestone.plan.option import Option

#: Parts that are named of a number.
_PARTS = 8
#: Kind of option -> attributes that its numbers rest on.
_RULES = {
    "mine": ("mine_capital", "mine_running", "mine_share", "greenfield_share", "mine_years"),
    "refinery": ("refinery_capital", "refinery_running", "refinery_share", "refinery_years"),
    "recycling": ("recycling_capital", "recycling_running", "recycling_share", "recycling_years"),
    "substitution": ("substitution_cost", "substitution_share", "substitution_years"),
    "stock": ("stock_storage", "rate"),
    "contract": ("contract_premium", "contract_share", "contract_years"),
    "price_floor": ("floor_level",),
    "project": ("project_share", "mine_running", "refinery_running", "recycling_running"),
}
_BUILT = ("mine", "refinery", "recycling", "project")


def explained_option(year: str, place: str, ident: str) -> list[dict[str, Any]]:
    """One line of the menu of a place: its numbers, the rules and the evidence behind them."""
    found = [o for o in _menu(year, place) if o.id == ident]
    if not found:
        return []
    (o,) = found
    rows = [
        {
            "level": "number",
            "what": f"{o.name}: capital of the whole of it",
            "value": o.capital,
            "unit": "million USD",
            "kind": o.basis,
            "note": "; ".join(filter(None, (o.note, o.source))),
        }
    ]
    rows += [
        {
            "level": "part",
            "what": f"{e.material}, {e.stage}, by {e.channel}",
            "value": e.tonnes,
            "unit": "t" if e.channel == "stock" else "t a year",
            "kind": o.basis,
        }
        for e in o.effects
    ]
    rows += [
        {
            "level": "part",
            "what": what,
            "value": value,
            "unit": "million USD a year",
            "kind": "judged",
        }
        for what, value in (("running", o.running), ("purchases avoided", o.avoided))
    ]
    return rows + [_rule(name) for name in _rules(o)]


def explained_plan(name: str, year: str, table: str, what: str) -> list[dict[str, Any]]:
    """A number of a ready plan, solved again; of a cost the options that make it."""
    answer = _solved(name, year, table)
    if table == "choice":
        return _explained_step(answer, year, what)
    wanted = f"plan:{name}:{year}:{table}:{what}"
    for row in answer.to_rows():
        if row.get("id") == wanted:
            break
    else:
        return []
    rows = [
        {
            "level": "number",
            "what": f"{name}: {row.get('about') or row.get('part') or row.get('target') or table}",
            **_value(name, row),
            "kind": row.get("kind", "modelled"),
            "note": "solved again for today; controls that began or ended since move it",
        }
    ]
    if table == "cost":
        rows += _costliest(answer, what.replace("_", " "))
    rates = ("rate", "risk_weight", "tail", "demand_growth", "capital_premium")
    return rows + [_rule(f"plan_{rate}") for rate in rates]


def _value(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Value and unit; a brief prints dollars."""
    value, unit = row.get("value", row.get("after", row.get("predicted"))), row.get("unit")
    if name.startswith("brief@") and unit == "million USD" and value is not None:
        return {"value": value * 1e6, "unit": "USD"}
    return {"value": value, "unit": unit}


def _explained_step(answer: PlanAnswer, year: str, what: str) -> list[dict[str, Any]]:
    """One step of a plan: its capital or its part, and the option behind it."""
    option, _, rest = what.partition("/")
    start, _, of = rest.partition("/")
    found = [
        r
        for r in answer.to_rows()
        if r["table"] == "choice" and r["option"] == option and str(r["year"]) == start
    ]
    if not found or of not in ("capital", "share"):
        return []
    money = of == "capital"
    number = {
        "level": "number",
        "what": f"{found[0]['name']}, from {start}: {of}",
        "value": found[0][of] * (1e6 if money else 1.0),
        "unit": "USD" if money else "share",
        "kind": "modelled",
        "note": found[0]["note"],
    }
    return [number, *explained_option(year, answer.problem.who.id, option)[1:]]


def _solved(name: str, year: str, table: str) -> PlanAnswer:
    from lodestone.desk.brief_plan import first_plan
    from lodestone.desk.plan_request import plan_names, ready_plan
    from lodestone.desk.planning import FRONTIER, plan

    if name.startswith("brief@") and name.count("@") == 2 and year.isdecimal():
        found = first_plan(*name.split("@")[1:], int(year))
        if found is not None:
            return found
        raise RequestError(f"{name!r}: a brief of this place has no plan")
    if name not in plan_names():
        raise RequestError(
            f"{name!r} is no ready plan, and its file is not at hand: ask `lodestone plan FILE` "
            "again; options are explained by `option:YEAR:PLACE:ID`"
        )
    if not year.isdecimal():
        raise RequestError(f"{year!r} is no year")
    return plan(
        ready_plan(name),
        year=int(year),
        judge=table in ("judge", "supplier_share"),
        frontier=FRONTIER if table == "frontier" else (),
    )


def _costliest(answer: PlanAnswer, part: str) -> list[dict[str, Any]]:
    """The options that make most of one part of the cost."""
    from lodestone.plan.program import first_stage

    plan = answer.plan
    q = plan.question
    program = first_stage(q)
    by_option: dict[int, float] = {}
    for start in plan.starts:
        column = program.at["start", start.option, q.years.index(start.year)]
        cost = program.parts.get(part, {}).get(column, 0.0) * start.share
        by_option[start.option] = by_option.get(start.option, 0.0) + cost
    ranked = sorted(by_option.items(), key=lambda item: (-abs(item[1]), item[0]))[:_PARTS]
    return [
        {
            "level": "part",
            "what": f"{q.options[n].name} ({q.options[n].id})",
            "value": value,
            "unit": "million USD",
            "kind": q.options[n].basis,
        }
        for n, value in ranked
        if value
    ]


def _menu(year: str, place: str) -> list[Option]:
    from lodestone.desk.assess_buyer import buyer
    from lodestone.desk.plan_menu import menu
    from lodestone.desk.plan_needs import Asked, asked_materials, needs_of
    from lodestone.desk.plan_problem import FIRST
    from lodestone.desk.plan_request import STRATEGIC, PlanRequest
    from lodestone.desk.worlds import world

    if not year.isdecimal():
        raise RequestError(f"{year!r} is no year")
    there = world(int(year))
    who = buyer(place, there.year)
    request = PlanRequest({"place": place, "materials": list(there.chains)})
    whole = asked_materials(request, there)
    strategic = asked_materials(PlanRequest({"place": place, "materials": [STRATEGIC]}), there)
    # what the list says of an entry (metal only) holds where the plan names the list
    asked = Asked({**whole.entries, **strategic.entries}, {})
    needs, _ = needs_of(asked, there, who, {})
    return menu(there, who, needs, request, FIRST)


def _rules(o: Option) -> list[str]:
    names = list(_RULES.get(o.kind, ()))
    if o.kind in _BUILT:
        names += ["capital_premium", "public_share", "life"]
    return [f"plan_{name}" for name in names]


def _rule(name: str) -> dict[str, Any]:
    item = attribute(name)
    return {
        "level": "part",
        "what": f"{name}: {item.description}",
        "value": item.default,
        "low": item.low,
        "high": item.high,
        "unit": item.unit,
        "kind": "judged",
        "note": item.source,
    }
