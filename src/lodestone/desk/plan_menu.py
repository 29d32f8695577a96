"""The menu of a place: what it could build, buy or agree for each material, and named projects.

Costs are rules of thumb from the attribute table (in base prices, with bands and sources), except
where a project states its own capacity or money. Each line says which it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lodestone.atlas.project_products import project_products
from lodestone.terms import attribute, find_place, material, members
from lodestone.terms.content import contained
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    from lodestone.chain.supply_chain import SupplyChain
    from lodestone.chain.world import World
    from lodestone.desk.assess_buyer import Buyer
    from lodestone.desk.plan_request import PlanRequest
    from lodestone.plan.need import Need
    from lodestone.plan.option import Effect, Option

_MILLION = 1e6
#: Contracts are offered with so many suppliers of a material, the largest that are not the first.
_CONTRACTS = 2
#: A supplier that makes less than this share of the world's output is no partner for a contract.
_PARTNER = 0.01
_NOT_TO_PLAN = ("insolvent",)
#: Word in the name of a programme -> whose it is.
_CHOOSERS = (("EU", "EU27"), ("US", "USA"), ("Japan", "JPN"))


def menu(
    there: World,
    who: Buyer,
    needs: Sequence[Need],
    request: PlanRequest,
    first: int,
) -> list[Option]:
    """All options of a plan, with the user's own changes.

    Raises
    ------
    RequestError
        For options of the user that cannot be read, all at once.
    """
    options: list[Option] = []
    excluded = not_partners(request)
    for need in needs:
        options += _generic(there, who, need, first, excluded)
    options += _projects(there, who, needs, request, first)
    kinds = request.head.get("kinds")
    if kinds:
        options = [o for o in options if o.kind in kinds]
    out = set(request.head.get("leave_out", ()))
    options = [o for o in options if o.id not in out]
    by_name = {need.material: need for need in needs}
    return _edited(there, options, request.options, by_name, first)


def not_partners(request: PlanRequest) -> frozenset[str]:
    """Suppliers that no contract is made with.

    Raises
    ------
    RequestError
        For names that nobody knows, all at once.
    """
    problems = Problems("plan")
    found = set()
    for word in request.head.get("not_with", ()):
        place = find_place(word)
        if place is None:
            problems.add(f"unknown supplier {word!r}", "not_with", "use an ISO3 code")
        else:
            found.add(place.iso3)
    problems.raise_if_any(RequestError)
    return frozenset(found)


def _generic(
    there: World, who: Buyer, need: Need, first: int, excluded: frozenset[str]
) -> list[Option]:
    chain = there.chain(need.material)
    stages = [s.stage for s in chain.stages]
    found = _mines(there, who, need, chain, first) if "mine" in stages else []
    for stage in ("refine", "product"):
        if stage in stages:
            found.append(_refinery(there, who, need, chain, stage, first))
    home = _last(chain)
    found += [
        _recycling(there, who, need, chain, home, first),
        _substitution(there, who, need, home, first),
        _stock(there, who, need, home, first),
    ]
    found += _contracts(there, who, need, chain, first, excluded)
    found += _floor(there, who, need, chain, first)
    return found


def _mines(there: World, who: Buyer, need: Need, chain: SupplyChain, first: int) -> list[Option]:
    from lodestone.desk.plan_needs import output_of
    from lodestone.plan.option import Effect, Option

    worth = _worth(there, need, "mine")
    own = output_of(chain, "mine", who.members)
    sizes = [
        ("expansion", "known deposits", _cost("mine_share") * own, "mine_years"),
        (
            "greenfield",
            "new deposits",
            _cost("greenfield_share") * need.use,
            "discovery_years",
        ),
    ]
    found = []
    for kind, words, tonnes, lead in sizes:
        if tonnes <= 0.0 or chain.stage("mine").unit != "t":
            continue
        value = worth * tonnes / _MILLION
        years = int(_cost(lead))
        found.append(
            Option(
                f"mine-{kind}-{need.material}",
                f"Mines of {_name(need)}: {words}",
                "mine",
                (Effect(need.material, "mine", "mine", tonnes),),
                first + years,
                value * _cost("mine_capital") * _premium(chain, who),
                value * _cost("mine_running"),
                value,
                build_years=3,
                life=int(_cost("life")),
                public=_cost("public_share"),
                place=maker(chain, "mine", who.members),
                source="attributes plan_mine_*",
            )
        )
    return found


def _refinery(
    there: World, who: Buyer, need: Need, chain: SupplyChain, stage: str, first: int
) -> Option:
    from lodestone.plan.option import Effect, Option

    tonnes = _cost("refinery_share") * need.use
    value = _worth(there, need, stage) * tonnes / _MILLION
    what = "Refineries" if stage == "refine" else "Plants"
    return Option(
        f"{'refinery' if stage == 'refine' else 'plant'}-{need.material}",
        f"{what} of {_name(need)}",
        "refinery",
        (Effect(need.material, stage, stage, tonnes),),
        first + int(_cost("refinery_years")),
        value * _cost("refinery_capital") * _premium(chain, who),
        value * _cost("refinery_running"),
        value,
        build_years=2,
        life=int(_cost("life")),
        public=_cost("public_share"),
        place=maker(chain, stage, who.members),
        source="attributes plan_refinery_*",
    )


def _recycling(
    there: World, who: Buyer, need: Need, chain: SupplyChain, stage: str, first: int
) -> Option:
    from lodestone.plan.option import Effect, Option

    tonnes = _cost("recycling_share") * need.use
    value = _worth(there, need, stage) * tonnes / _MILLION
    return Option(
        f"recycling-{need.material}",
        f"Recycling of {_name(need)}",
        "recycling",
        (Effect(need.material, stage, "recycling", tonnes),),
        first + int(_cost("recycling_years")),
        value * _cost("recycling_capital") * _premium(chain, who),
        value * _cost("recycling_running"),
        value,
        build_years=2,
        life=int(_cost("life")),
        public=_cost("public_share"),
        place=maker(chain, stage, who.members),
        source="attributes plan_recycling_*",
    )


def _substitution(there: World, who: Buyer, need: Need, stage: str, first: int) -> Option:
    from lodestone.plan.option import Effect, Option

    tonnes = _cost("substitution_share") * need.use
    value = _worth(there, need, stage) * tonnes / _MILLION
    return Option(
        f"substitution-{need.material}",
        f"Doing without {_name(need)}",
        "substitution",
        (Effect(need.material, stage, "substitution", tonnes),),
        first + int(_cost("substitution_years")),
        0.0,
        value * _cost("substitution_cost"),
        value,
        build_years=0,
        place=who.id,
        source="attributes plan_substitution_*",
    )


def _stock(there: World, who: Buyer, need: Need, stage: str, first: int) -> Option:
    from lodestone.plan.option import Effect, Option

    tonnes = need.use  # a year of use: more than any stock that anybody holds
    value = _worth(there, need, stage) * tonnes / _MILLION
    return Option(
        f"stock-{need.material}",
        f"Stock of {_name(need)}",
        "stock",
        (Effect(need.material, stage, "stock", tonnes),),
        first + 1,
        value,
        value * _cost("stock_storage"),
        0.0,
        build_years=1,
        life=99,
        public=1.0,
        ramp=1.0,
        place=who.id,
        source="attributes plan_stock_*",
    )


def _contracts(
    there: World, who: Buyer, need: Need, chain: SupplyChain, first: int, excluded: frozenset[str]
) -> list[Option]:
    from lodestone.plan.option import Effect, Option

    stage = _last(chain)
    at = chain.stage(stage)
    world = float(at.output.sum())
    makers = sorted(
        ((float(out), p) for out, p in zip(at.output, chain.places, strict=True)), reverse=True
    )
    partners = [
        (out, p)
        for out, p in makers[1:]
        if p not in who.members and p not in excluded and p != "XOT" and out > _PARTNER * world
    ][:_CONTRACTS]
    found = []
    for out, partner in partners:
        ceiling = _cost("contract_share") * out
        tonnes = min(ceiling, _cost("refinery_share") * need.use)
        value = _worth(there, need, stage) * tonnes / _MILLION
        found.append(
            Option(
                f"contract-{need.material}-{partner}",
                f"Contract for {_name(need)} from {partner}",
                "contract",
                (Effect(need.material, stage, f"contract:{partner}", tonnes),),
                first + int(_cost("contract_years")),
                0.0,
                value * _cost("contract_premium"),
                0.0,
                build_years=0,
                place=partner,
                source="attributes plan_contract_*",
                note="pays for new output there; the premium over the base price is the cost",
                ceiling=ceiling,
            )
        )
    return found


def _floor(there: World, who: Buyer, need: Need, chain: SupplyChain, first: int) -> list[Option]:
    """A floor for the makers at home: what they add, and what is a transfer."""
    from lodestone.desk.plan_needs import output_of
    from lodestone.plan.option import Effect, Option

    stage = _last(chain)
    own = output_of(chain, stage, who.members)
    level = _cost("floor_level")
    more = level ** float(attribute("eps_L").default) - 1.0
    tonnes = own * min(more, float(attribute("capacity_ceiling").default) - 1.0)
    if tonnes <= 0.0 or chain.stage(stage).unit != "t":
        return []
    value = _worth(there, need, stage) * tonnes / _MILLION
    return [
        Option(
            f"floor-{need.material}",
            f"Price floor for makers of {_name(need)}",
            "price_floor",
            (Effect(need.material, stage, "price_floor", tonnes),),
            first + 1,
            0.0,
            value * (1.0 + level) / 2.0,
            value,
            build_years=0,
            support=(level - 1.0) * _worth(there, need, stage) * (own + tonnes) / _MILLION,
            place=who.id,
            level=level,
            source="attributes plan_floor_level, eps_L",
            note="support to all output is a transfer; the dearer output it calls forth is the cost",
        )
    ]


def _projects(
    there: World, who: Buyer, needs: Sequence[Need], request: PlanRequest, first: int
) -> list[Option]:
    """Named projects that name a material of the plan and a stage of its chain."""
    from lodestone.desk.library import library

    wanted = request.head.get("projects", ["all"])
    if wanted == ["none"]:
        return []
    rows = library().rows("SELECT * FROM projects ORDER BY project_id")
    by_name = {need.material: need for need in needs}
    capacities = _by_project("project_capacities")
    money = _by_project("project_money")
    found = []
    for row in rows:
        named = any(str(row["programme"]).startswith(word) for word in wanted)
        if wanted != ["all"] and row["project_id"] not in wanted and not named:
            continue
        if row["status"] in _NOT_TO_PLAN or row["name_confirmed"] == "no":
            continue
        ours = any(p in who.members for p in row["places"])
        if not ours and not _for(row, who):
            continue
        option = _project(there, who, by_name, row, capacities, money, first, ours)
        if option is not None:
            found.append(option)
    return found


def _for(row: Mapping[str, Any], who: Buyer) -> bool:
    """Whether a project abroad was chosen by the place's own programme."""
    return set(members(chooser(row))) <= set(who.members)


def chooser(row: Mapping[str, Any]) -> str:
    """Whose programme chose a project; of one without such a programme the place where it is."""
    for word, place in _CHOOSERS:
        if word in str(row["programme"]):
            return place
    return str(row["places"][0])


def _estimated(there: World, need: Need, row: Mapping[str, Any]) -> float:
    """Tonnes a year of a project that states none."""
    return _cost("project_share") * _use(there, need, chooser(row))


def _use(there: World, need: Need, place: str) -> float:
    """What a place uses of a material, whoever plans."""
    from lodestone.desk.plan_needs import use_of

    return use_of(there.chain(need.material), members(place), need.stages)


def _by_project(table: str) -> dict[str, list[dict[str, Any]]]:
    from lodestone.desk.library import library

    found: dict[str, list[dict[str, Any]]] = {}
    for row in library().rows(f"SELECT * FROM {table}"):
        found.setdefault(row["project_id"], []).append(row)
    return found


def _project(
    there: World,
    who: Buyer,
    needs: Mapping[str, Need],
    row: Mapping[str, Any],
    capacities: Mapping[str, Sequence[Mapping[str, Any]]],
    money: Mapping[str, Sequence[Mapping[str, Any]]],
    first: int,
    ours: bool,
) -> Option | None:
    from lodestone.plan.option import Option

    stages = set(row["stages"])
    effects, basis, note = _effects(there, needs, row, capacities, ours)
    known = [p for p in row["places"] if all(p in there.chain(e.material).places for e in effects)]
    if not effects or not known:
        # a place that no chain of these materials holds cannot be told to the market
        return None
    place = known[0]
    if stages == {"substitution"} and ours:
        place, effects = _spared(there, who, needs, row, effects, place)
    worth = sum(_value(there, needs[e.material], e.stage, e) for e in effects) / _MILLION
    last = _last_values(there, needs, effects)
    capital, paid = _capital(row, money, effects, needs, there)
    running = last * (
        _cost("recycling_running")
        if stages == {"recycling"}
        else _cost("mine_running")
        if stages == {"mine"}
        else _cost("refinery_running")
        if "mine" not in stages
        else 0.5 * (_cost("mine_running") + _cost("refinery_running"))
    )
    lead = {"mine": "mine_years", "refine": "refinery_years", "product": "refinery_years"}
    years = max(int(_cost(lead.get(s, "recycling_years"))) for s in stages)
    started = 2 if row["status"] in ("construction", "idle") else years
    stated = row["start_year_high"] or row["start_year"]
    earliest = max(stated or first + started, first)
    return Option(
        f"project-{row['project_id']}",
        f"{row['project']} ({', '.join(row['places'])})",
        "project",
        effects,
        earliest,
        capital,
        running,
        last,
        divisible=False,
        build_years=min(3, max(earliest - first, 1)),
        life=int(_cost("life")),
        public=_cost("public_share"),
        place=place,
        basis=basis,
        source=f"{row['evidence']} ({row['url']})",
        note="; ".join(filter(None, (note, paid, "" if worth else "no value"))),
    )


def _effects(
    there: World,
    needs: Mapping[str, Need],
    row: Mapping[str, Any],
    capacities: Mapping[str, Sequence[Mapping[str, Any]]],
    ours: bool,
) -> tuple[tuple[Effect, ...], str, str]:
    """Tonnes of each material and stage: as stated, else a labelled estimate.

    The estimate is a share of what the place of the programme uses: a plant is no larger when
    more members plan.
    """
    from lodestone.plan.option import Effect

    stated = _stated(capacities.get(row["project_id"], ()))
    names = [n for n in dict.fromkeys((*row["materials"], *stated)) if n in needs]
    if "PGM" in row["materials"] or "NdPr" in row["materials"]:
        names += [n for n in ("palladium", "rare_earths") if n in needs and n not in names][:1]
    effects: list[Effect] = []
    published = False
    for name in names:
        chain = there.chain(name)
        tonnes = stated.get(name)
        published |= tonnes is not None
        size = tonnes if tonnes is not None else _estimated(there, needs[name], row)
        if not size > 0.0:
            continue
        for stage in row["stages"]:
            at = stage if stage in ("mine", "refine", "product") else _last(chain)
            have = [s.stage for s in chain.stages]
            if at not in have:
                # a one-stage chain holds the refined metal or the mined good
                at = have[0] if stage in ("mine", "refine", "product") else at
            if stage == "stockpile" or (name, at) == ("rare_earths", "product"):
                continue
            channel = at if stage in ("mine", "refine", "product") else stage
            if not ours:
                channel = f"contract:{row['places'][0]}"
            effect = Effect(name, at, channel, size)
            if not any((e.material, e.stage, e.channel) == (name, at, channel) for e in effects):
                effects.append(effect)
    basis = "published" if published else "estimated"
    note = (
        "capacity as published, converted to content"
        if published
        else f"capacity not published: taken as {_cost('project_share'):.0%} of use of {chooser(row)}"
    )
    return tuple(effects), basis, note


def _stated(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Material -> tonnes of content a year, from what a project states first."""
    found: dict[str, float] = {}
    for row in sorted(rows, key=lambda r: r["clause"]):
        amount = row["value"] if row["value"] is not None else row["low"] or row["high"]
        for product in project_products():
            name = product.material
            if product.words in row["product"] and amount is not None and name not in found:
                content = float(amount) * product.factor
                found[name] = contained(content, product.basis, material(name).basis)
    return found


def _spared(
    there: World,
    who: Buyer,
    needs: Mapping[str, Need],
    row: Mapping[str, Any],
    effects: Sequence[Effect],
    host: str,
) -> tuple[str, tuple[Effect, ...]]:
    """Who does without by a project: users of the programme's place, at most all that they use.

    The host's users alone where only a part of that place plans.
    """
    place = chooser(row) if _for(row, who) else host
    held = [
        replace(e, tonnes=min(e.tonnes, _use(there, needs[e.material], place))) for e in effects
    ]
    return place, tuple(e for e in held if e.tonnes > 0.0)


def _value(there: World, need: Need, stage: str, effect: Effect) -> float:
    return _worth(there, need, stage) * effect.tonnes


def _last_values(there: World, needs: Mapping[str, Need], effects: Sequence[Effect]) -> float:
    """Value of what leaves the project: of an integrated one the last stage alone."""
    order = {"mine": 0, "refine": 1, "product": 2}
    last: dict[str, Effect] = {}
    for e in effects:
        held = last.get(e.material)
        if held is None or order[e.stage] >= order[held.stage]:
            last[e.material] = e
    return sum(_value(there, needs[n], e.stage, e) for n, e in last.items()) / _MILLION


def _capital(
    row: Mapping[str, Any],
    money: Mapping[str, Sequence[Mapping[str, Any]]],
    effects: Sequence[Effect],
    needs: Mapping[str, Need],
    there: World,
) -> tuple[float, str]:
    """Stated investment, else the rule; loans and equity of one party are not the investment."""
    rate = {
        "USD": 1.0,
        "EUR": float(attribute("eur_usd").default),
        "AUD": float(attribute("aud_usd").default),
    }
    for m in money.get(row["project_id"], ()):
        whole = m["purpose"] in ("", "financing secured", "(Trend)") and not m["shared"]
        value = m["value"] if m["value"] is not None else m["high"]
        if whole and value is not None:
            return float(value) * rate[m["currency"]], f"capital as stated: {m['raw']}"
    total = 0.0
    for e in effects:
        kind = "mine" if e.stage == "mine" else "refinery"
        kind = "recycling" if e.channel == "recycling" else kind
        years = _cost(f"{kind}_capital") * (1.0 + _cost("capital_premium"))
        if e.channel != "substitution":
            total += years * _value(there, needs[e.material], e.stage, e) / _MILLION
    return total, "capital by rule"


def _edited(
    there: World,
    options: list[Option],
    edits: Sequence[Mapping[str, Any]],
    needs: Mapping[str, Need],
    first: int,
) -> list[Option]:
    """The menu with a user's changes and additions."""
    from lodestone.plan.option import KINDS, Effect, Option

    problems = Problems("options of the plan")
    by_id = {o.id: o for o in options}
    for n, edit in enumerate(edits, 1):
        ident, where = str(edit["id"]), f"option {n} ({edit['id']})"
        plain = {
            k: v
            for k, v in edit.items()
            if k not in ("id", "material", "stage", "supplier", "tonnes")
        }
        held = by_id.get(ident)
        if held is not None:
            if "tonnes" in edit:
                whole = sum(e.tonnes for e in held.effects)
                scale = float(edit["tonnes"]) / whole if whole else 0.0
                plain["effects"] = tuple(replace(e, tonnes=e.tonnes * scale) for e in held.effects)
            by_id[ident] = replace(held, **plain)
            _check_told(there, by_id[ident], needs, where, problems)
            continue
        lacking = [
            k
            for k in ("kind", "material", "stage", "tonnes", "capital", "running")
            if k not in edit
        ]
        if lacking:
            problems.add(f"new, without {', '.join(lacking)}", where, "say them, or mend its id")
            continue
        name = _known_material(str(edit["material"]), needs)
        if name is None:
            problems.add(f"{edit['material']} is not in the plan", where, "add it to materials")
            continue
        if edit["kind"] not in KINDS:
            problems.add(f"kind {edit['kind']!r}", where, f"one of {', '.join(KINDS)}")
            continue
        channel = _channel(edit)
        if edit["kind"] == "contract" and _supplier(edit):
            plain.setdefault("place", _supplier(edit))
        if not plain.get("place"):
            lacks = "supplier" if edit["kind"] == "contract" else "place"
            problems.add(f"new, without {lacks}", where, f'say where it is: {lacks} = "DEU"')
            continue
        by_id[ident] = Option(
            **{
                "id": ident,
                "name": ident,
                "earliest": first,
                "avoided": 0.0,
                "basis": "published",
                "source": "the user's own",
                **plain,
                "effects": (Effect(name, str(edit["stage"]), channel, float(edit["tonnes"])),),
            }
        )
        _check_told(there, by_id[ident], needs, where, problems)
    problems.raise_if_any(RequestError)
    return list(by_id.values())


def _check_told(
    there: World, option: Option, needs: Mapping[str, Need], where: str, problems: Problems
) -> None:
    """Whether the market can be told of an option: its place, its stage, its tonnes."""
    from lodestone.chain.apply import apply
    from lodestone.chain.scenario import Scenario
    from lodestone.desk.plan_curves import channel_measure, used_at

    try:
        members(option.place)
    except RequestError as error:
        problems.add(f"place {option.place!r}: {error}", where, "use an ISO3 code")
        return
    first = f"{there.year + 1}-01"
    for e in option.effects:
        if not 0.0 < e.tonnes < float("inf"):
            continue  # said with the menu, or nothing to tell
        try:
            if e.channel == "substitution" and e.tonnes > used_at(
                there, needs[e.material], option.place
            ):
                problems.add(
                    f"{e.tonnes:g} tonnes of {e.material} are more than {option.place} uses",
                    where,
                    "lower tonnes, or name who does without",
                )
                continue
            told = channel_measure(
                there,
                needs[e.material],
                e.stage,
                e.channel,
                e.tonnes,
                option.place,
                level=option.level,
                first=first,
            )
            apply(there, Scenario("option", (told,), first, 12, there.year))
        except RequestError as error:
            said = [p.what for p in error.problems] or [str(error)]
            problems.add("; ".join(said), where, "mend its place, stage or tonnes")


def _channel(edit: Mapping[str, Any]) -> str:
    kind = str(edit["kind"])
    if kind == "contract":
        return f"contract:{_supplier(edit)}"
    return str(edit["stage"]) if kind in ("mine", "refinery", "project") else kind


def _supplier(edit: Mapping[str, Any]) -> str:
    """Who gives by a contract: the supplier, or where it stands."""
    return str(edit.get("supplier", edit.get("place", "")))


def _known_material(word: str, needs: Mapping[str, Need]) -> str | None:
    try:
        found = material(word).id
    except RequestError:
        return None
    return found if found in needs else None


def _cost(name: str) -> float:
    """A rule of thumb, central."""
    return float(attribute(f"plan_{name}").default)


def _worth(there: World, need: Need, stage: str) -> float:
    """USD a tonne of a stage: its own price, else the judged part of the next stage's."""
    own = there.prices.get((need.material, stage))
    if own is not None:
        return own.usd_per_t
    fraction = float(attribute("feed_price_fraction").default)
    return need.price * (fraction if stage == "mine" else 1.0)


def _premium(chain: SupplyChain, who: Buyer) -> float:
    """Capital costs more outside the dominant producer."""
    made = chain.stages[-1].output
    dominant = chain.places[int(made.argmax())]
    return 1.0 if dominant in who.members else 1.0 + _cost("capital_premium")


def _last(chain: SupplyChain) -> str:
    """Stage at which metal is bought: the last that is no magnet."""
    stages = [
        s.stage for s in chain.stages if (chain.material, s.stage) != ("rare_earths", "product")
    ]
    return stages[-1]


def maker(chain: SupplyChain, stage: str, members: Sequence[str]) -> str:
    """Member that makes most at a stage; that uses most, if none makes any."""
    at = chain.stage(stage)
    inside = [k for k, p in enumerate(chain.places) if p in members]
    made = max(inside, key=lambda k: (at.output[k], at.absorbed[k], chain.places[k]))
    return chain.places[made]


def _name(need: Need) -> str:
    return material(need.material).name.lower()
