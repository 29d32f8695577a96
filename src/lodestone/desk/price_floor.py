"""A price floor of a zone, and what else would do the same: who pays, who earns, what leaks.

The market is cleared once, some years into each instrument, and held against the market at rest:

contract
    the treasury pays makers inside the difference to the floor (price-gap subsidy)
offtake
    the treasury buys what they make at the floor and sells it on at the market's price
levy
    imports from outside pay up to the floor at the border
tariff
    imports pay a duty that makes makers inside produce as much as the contract does
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer, citations, known
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.library import library
from lodestone.desk.worlds import world as load_world
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    import numpy as np

    from lodestone.chain.edits import Edits
    from lodestone.chain.world import World
    from lodestone.market.baseline import MarketBaseline
    from lodestone.market.path import Path

    Floats = np.ndarray[Any, Any]

_MILLION = 1e6
_KG = 1000.0
#: A tariff above this many base prices is none.
_MOST_TARIFF, _HALVINGS = 20.0, 40
#: Tonnes that are the same, as a share.
_SAME = 1e-6
CONTRACT, LEVY, TARIFF, NOTHING = "contract", "levy", "tariff", "nothing"
#: The same market by construction: nothing here tells the two apart, so the row says so.
OFFTAKE = "offtake (as the contract)"


@dataclass(frozen=True)
class FloorCase:
    """A floor in one market.

    Attributes
    ----------
    zone : (n,) places of the zone; members : member -> ISO3
    stage : index; floor : in base prices
    """

    world: World
    market: MarketBaseline
    material: str
    zone: Floats
    members: Mapping[str, tuple[str, ...]]
    stage: int
    floor: float
    usd_per_kg: float
    age: float


def price_floor(
    members: Sequence[str], material: str, usd_per_kg: float, *, year: int | None = None
) -> Answer:
    """Show what a price floor does inside and outside a zone, beside three other instruments.

    Parameters
    ----------
    members : places and blocs of the zone
    material : `NdPr` (made from the chain of rare earths), or any material with a price
    usd_per_kg : the floor, for refined content

    Returns
    -------
    Answer
        Rows `floor_price` (prices and tonnes by instrument), `floor_payer` (who pays and earns, a
        year), `floor_viable` (whether what makers receive carries a new plant), `floor_capacity`
        (named projects), `floor_leak`.

    Raises
    ------
    RequestError
        Unknown words, or a material without a price.
    MarketError
        A market that cannot be proved.
    """
    case = floor_case(members, material, usd_per_kg, year)
    paths = _paths(case)
    rows: list[dict[str, Any]] = []
    for name, (path, received) in paths.items():
        rows.append(_price_row(case, name, path, received))
    for name, (path, received) in paths.items():
        if name != NOTHING:
            rows += _payer_rows(case, name, path, received)
    if _has_cost(case):
        rows += _viable_rows(case, rows)
        rows += _capacity_rows(case, rows)
    rows += _leak_rows(case, paths)
    return Answer(
        query={
            "verb": "alliance floor",
            "members": list(case.members),
            "material": case.material,
            "usd_per_kg": usd_per_kg,
            "year": case.world.year,
        },
        results=tuple(rows),
        units={},
        sources=citations(["usgs_mcs2026", "baci_hs92", "iea_cm2025", "projects"]),
        notes=_notes(case, paths),
        data_release=case.world.data_release,
        content_hash=case.world.content_hash,
    )


def floor_case(
    members: Sequence[str], material: str, usd_per_kg: float, year: int | None
) -> FloorCase:
    """The market that a floor would be set in.

    Raises
    ------
    RequestError
        Unknown words, or a material without a chain or a price.
    """
    import numpy as np

    from lodestone.market.assumptions import central
    from lodestone.market.baseline import market_baseline

    there, name = _floor_world(material, year)
    inside = {b.id: b.members for b in (buyer(m, there.year) for m in members)}
    market = market_baseline(there, name, central())
    stage = market.stages.index("refine") if "refine" in market.stages else 0
    base = float(market.base_price[stage])
    if not base > 0.0 or market.units[stage] != "t":
        raise RequestError(
            f"{material}: no price in USD a tonne at the refined stage, so no floor can be set"
        )
    codes = {p for places in inside.values() for p in places}
    zone = np.array([p in codes for p in market.places])
    return FloorCase(
        there,
        market,
        name,
        zone,
        inside,
        stage,
        usd_per_kg * _KG / base,
        usd_per_kg,
        float(attribute("floor_age").default),
    )


def _floor_world(material: str, year: int | None) -> tuple[World, str]:
    """The world with the material's chain; NdPr is made from rare earths and its elements' prices."""
    from lodestone.chain.magnet_feed import NDPR, ndpr_chain
    from lodestone.chain.world import Price
    from lodestone.terms import material as find

    there = load_world(year)
    if material.strip().casefold() != NDPR.casefold():
        return there, find(material).id
    share = {m: there.volumes[m] for m in ("neodymium", "praseodymium")}
    whole = float(there.chain("rare_earths").stages[0].output.sum())
    chain = ndpr_chain(there.chain("rare_earths"), sum(share.values()) / whole)
    quoted = {m: there.prices.get((m, "refine")) for m in share}
    if any(p is None for p in quoted.values()):
        raise RequestError(f"NdPr: no price of neodymium or praseodymium oxide in {there.year}")
    mean = sum(share[m] * p.usd_per_t for m, p in quoted.items() if p) / sum(share.values())
    prices = {(NDPR, "refine"): Price(mean, "reported", "usgs_mcs2026")}
    magnets = there.prices.get(("rare_earths", "product"))
    if magnets is not None:
        prices[NDPR, "product"] = magnets
    return replace(there, chains={NDPR: chain}, prices=prices), NDPR


def _quiet(case: FloorCase) -> Edits:
    from lodestone.chain.edits import no_edits

    m = case.market
    return no_edits(case.material, len(m.stages), len(m.places), 1, f"{case.world.year + 1}-01")


def _cleared(case: FloorCase, edits: Edits) -> Path:
    from lodestone.market.path import clear

    return clear(case.world, edits, age=case.age, baseline=case.market, keep_flows=True)


def _paths(case: FloorCase) -> dict[str, tuple[Path, float]]:
    """Instrument -> market, and the price that makers inside are sure of (0 for none)."""
    rest = _cleared(case, _quiet(case))
    contract = _cleared(case, _floored(case, "contract"))
    levy = _cleared(case, _floored(case, "levy"))
    tariff = (
        _tariff_like(case, _made(case, contract)) if _calls_forth(case, contract, rest) else None
    )
    found = {
        NOTHING: (rest, 0.0),
        CONTRACT: (contract, case.floor),
        OFFTAKE: (contract, case.floor),
        LEVY: (levy, 0.0),
    }
    if tariff is not None:
        found[TARIFF] = (tariff, 0.0)
    return found


def _calls_forth(case: FloorCase, path: Path, rest: Path) -> bool:
    """Whether more is made inside than at rest."""
    before = _made(case, rest)
    least = _SAME * float(case.market.tonnes[case.stage])
    return _made(case, path) - before > _SAME * max(before, least)


def _floored(case: FloorCase, form: str) -> Edits:
    import numpy as np

    from lodestone.chain.edits import Floor

    floor = Floor(case.stage, case.zone, np.array([case.floor]), form)  # type: ignore[arg-type]
    return replace(_quiet(case), floors=(floor,))


def _tariff_like(case: FloorCase, made: float) -> Path | None:
    """The market under a duty that makes as much inside as `made`; None if no duty does."""
    low, high = 0.0, _MOST_TARIFF
    top = _cleared(case, _dutied(case, high))
    if _made(case, top) < made:
        return None
    found = top
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        found = _cleared(case, _dutied(case, middle))
        if _made(case, found) < made:
            low = middle
        else:
            high = middle
    return found


def _dutied(case: FloorCase, rate: float) -> Edits:
    import numpy as np

    from lodestone.chain.edits import Duty

    duty = Duty(case.stage, ~case.zone, case.zone, np.array([rate]), "specific")
    return replace(_quiet(case), duties=(duty,))


def _made(case: FloorCase, path: Path) -> float:
    """Tonnes a year made inside at the floor's stage."""
    m, span = path.market, path.market.nodes_of(case.stage)
    made = (path.walked.made + path.walked.refined)[0, span] * m.tonnes[case.stage]
    return float(made[case.zone[m.node_place[span]]].sum())


def _price_row(case: FloorCase, instrument: str, path: Path, sure: float) -> dict[str, Any]:
    import numpy as np

    m, w, s = path.market, path.walked, case.stage
    base = float(m.base_price[s]) / _KG
    nodes, buyers = m.nodes_of(s), m.buyers_of(s)
    inside_n = case.zone[m.node_place[nodes]]
    inside_b = case.zone[m.buyer_place[buyers]]
    price = np.nan_to_num(w.price[0, nodes])
    paid = np.where(np.isnan(w.paid[0, buyers]), w.inner[0, buyers], w.paid[0, buyers])
    made = (w.made + w.refined)[0, nodes]
    bought = w.bought[0, buyers]
    flow = w.flow[0, m.layout.wo[s] : m.layout.wo[s + 1]].reshape(made.size, bought.size)
    got = np.maximum(price, sure)
    tonnes = float(m.tonnes[s])
    row = {
        "table": "floor_price",
        "material": case.material,
        "usd_per_kg": case.usd_per_kg,
        "instrument": instrument,
        "value": _mean(paid[inside_b], bought[inside_b]) * base,
        "outside": _mean(paid[~inside_b], bought[~inside_b]) * base,
        "market": _mean(price[inside_n], made[inside_n]) * base,
        "received": _mean(got[inside_n], made[inside_n]) * base,
        "received_outside": _mean(price[~inside_n], made[~inside_n]) * base,
        "made": float(made[inside_n].sum()) * tonnes,
        "used": float(bought[inside_b].sum()) * tonnes,
        "imports": float(flow[~inside_n][:, inside_b].sum()) * tonnes,
        "residual": path.residual,
        "unit": "USD/kg",
        "kind": "modelled",
    }
    return {k: known(v) if isinstance(v, float) else v for k, v in row.items()}


def _mean(values: Floats, weight: Floats) -> float:
    return _part(float((values * weight).sum()), float(weight.sum()))


def _payer_rows(case: FloorCase, instrument: str, path: Path, sure: float) -> list[dict[str, Any]]:
    """Gains of users, makers and treasury a year: each member, suppliers outside, others."""
    import numpy as np

    from lodestone.market.outcome import gains_by_place

    gain = gains_by_place(path)
    # one month was cleared
    parts = np.stack([gain.users, gain.makers, gain.treasury + gain.rents]) * 12.0 / _MILLION
    places = np.array(path.market.places)
    makers = _makers_outside(case)
    groups = {name: np.isin(places, inside) for name, inside in case.members.items()}
    groups["zone"] = case.zone
    groups |= {p: places == p for p in makers}
    known_ones = case.zone | np.isin(places, makers)
    groups["all others"] = ~known_ones
    rows = []
    for who, mask in groups.items():
        users, made, treasury = (float(x) for x in parts[:, mask].sum(axis=1))
        rows.append(
            {
                "table": "floor_payer",
                "material": case.material,
                "usd_per_kg": case.usd_per_kg,
                "instrument": instrument,
                "who": who,
                "role": "member" if who in case.members or who == "zone" else "outside",
                "users": users,
                "makers": made,
                "treasury": treasury,
                "value": users + made + treasury,
                "unit": "million USD",
                "kind": "modelled",
            }
        )
    return rows


def _makers_outside(case: FloorCase, most: int = 4) -> list[str]:
    """The largest makers outside at the floor's stage."""
    import numpy as np

    m, span = case.market, case.market.nodes_of(case.stage)
    made = np.zeros(len(m.places))
    np.add.at(made, m.node_place[span], m.supply[span])
    order = np.argsort(-np.where(case.zone, -1.0, made), kind="stable")
    return [m.places[k] for k in order[:most] if made[k] > 0.0 and not case.zone[k]]


def break_even(case: str = "default") -> float:
    """USD/kg at which a plant of separated NdPr pays its running cost and capital.

    Parameters
    ----------
    case : 'low', 'default' or 'high' end of what is judged
    """
    life, rate = (float(attribute(n).default) for n in ("plant_life", "capital_rate"))
    cost = float(getattr(attribute("ndpr_plant_cost"), case))
    run = float(getattr(attribute("ndpr_running_cost"), case))
    return float(run + cost * rate / (1.0 - (1.0 + rate) ** -life))


def _has_cost(case: FloorCase) -> bool:
    """Whether the cost of a plant is judged: of separated NdPr alone."""
    from lodestone.chain.magnet_feed import NDPR

    return case.material == NDPR


def _viable_rows(case: FloorCase, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One cost for all plants, so one verdict by instrument and side of the border.

    Makers inside receive what the instrument gives them, makers outside the price outside: no
    contract, levy or tariff of a zone is theirs.
    """
    low, middle, high = (break_even(x) for x in ("low", "default", "high"))
    found = []
    for row in (r for r in rows if r["table"] == "floor_price"):
        for side, key in (("inside", "received"), ("outside", "received_outside")):
            price = row[key]
            found.append(
                {
                    "table": "floor_viable",
                    "material": case.material,
                    "usd_per_kg": case.usd_per_kg,
                    "instrument": row["instrument"],
                    "side": side,
                    "value": price,
                    "unit": "USD/kg",
                    "break_even": middle,
                    "break_even_low": low,
                    "break_even_high": high,
                    "viable": None if price is None else _viable(price, low, middle, high),
                    "kind": "judged",
                }
            )
    return found


def _capacity_rows(case: FloorCase, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Named projects: where they are, their tonnes, and what a contract would pay those inside."""
    contract = next(r for r in rows if r["table"] == "floor_price" and r["instrument"] == CONTRACT)
    codes = {p for inside in case.members.values() for p in inside}
    found = []
    for r in _projects():
        tonnes = known(r["value"]) if r["product"] and "NdPr" in r["product"] else None
        inside = any(p in codes for p in r["places"])
        found.append(
            {
                "table": "floor_capacity",
                "material": case.material,
                "usd_per_kg": case.usd_per_kg,
                "project": r["project"],
                "place": ", ".join(r["places"]),
                "side": "inside" if inside else "outside",
                "value": tonnes,
                "unit": "t a year",
                "support": _support(tonnes, contract) if inside else None,
                "kind": "reported",
                "note": r["capacity_raw"] or None,
            }
        )
    return found


def _support(tonnes: float | None, contract: Mapping[str, Any]) -> float | None:
    """Million USD a year that a contract pays a plant inside; None without tonnes or a price."""
    if tonnes is None or contract["market"] is None:
        return None
    gap = max(float(contract["usd_per_kg"]) - float(contract["market"]), 0.0)
    return gap * tonnes * _KG / _MILLION


def _viable(price: float, low: float, middle: float, high: float) -> str:
    """Whether a price carries a cost that is known as a range: yes, likely, unlikely, no."""
    if price >= high:
        return "yes"
    if price >= middle:
        return "likely"
    return "unlikely" if price >= low else "no"


def _projects() -> list[dict[str, Any]]:
    """Projects that mine or separate NdPr or rare earths, with published tonnes where there are any."""
    rows = library().rows(
        "SELECT p.project, p.places, p.materials, p.stages, p.capacity_raw, c.product, "
        "coalesce(c.value, c.low) AS value "
        "FROM projects p LEFT JOIN project_capacities c ON p.project_id = c.project_id "
        "AND c.product LIKE '%NdPr%' "
        "WHERE list_has_any(p.materials, ['NdPr', 'neodymium', 'praseodymium', 'rare_earths']) "
        "ORDER BY p.row, c.clause"
    )
    found: dict[str, dict[str, Any]] = {}
    for r in rows:
        if set(r["stages"]) & {"mine", "refine"}:
            found.setdefault(r["project"], r)
    return list(found.values())


def _leak_rows(case: FloorCase, paths: Mapping[str, tuple[Path, float]]) -> list[dict[str, Any]]:
    """What goes around the floor: made outside instead, and goods made of it that enter freely."""
    m, s = case.market, case.stage
    rest, levy = paths[NOTHING][0], paths[LEVY][0]
    rows = []

    def row(what: str, value: float, unit: str) -> None:
        rows.append(
            {
                "table": "floor_leak",
                "material": case.material,
                "usd_per_kg": case.usd_per_kg,
                "what": what,
                "value": known(value),
                "unit": unit,
                "kind": "modelled",
            }
        )

    before, after = (_bought(case, p, s) for p in (rest, levy))
    row("bought inside at the floor's stage, at rest", before, "t a year")
    row("the same under the levy", after, "t a year")
    if s + 1 < len(m.stages):
        inside, imported = (_bought(case, rest, s + 1), _imported(case, rest, s + 1))
        row(f"{m.stages[s + 1]} bought inside (contained)", inside, "t a year")
        row("of it from outside, free of the floor, at rest", _part(imported, inside), "share")
        later = _part(_imported(case, levy, s + 1), _bought(case, levy, s + 1))
        row("share from outside under the levy", later, "share")
        row("made inside at the next stage, change", _next_made(case, levy, rest), "share")
    return rows


def _bought(case: FloorCase, path: Path, s: int) -> float:
    m, span = path.market, path.market.buyers_of(s)
    inside = case.zone[m.buyer_place[span]]
    return float(path.walked.bought[0, span][inside].sum() * m.tonnes[s])


def _imported(case: FloorCase, path: Path, s: int) -> float:
    m = path.market
    nodes, buyers = m.nodes_of(s), m.buyers_of(s)
    flow = path.walked.flow[0, m.layout.wo[s] : m.layout.wo[s + 1]]
    block = flow.reshape(nodes.stop - nodes.start, buyers.stop - buyers.start)
    outside = ~case.zone[m.node_place[nodes]]
    inside = case.zone[m.buyer_place[buyers]]
    return float(block[outside][:, inside].sum() * m.tonnes[s])


def _next_made(case: FloorCase, path: Path, rest: Path) -> float:
    later = replace(case, stage=case.stage + 1)
    return _part(_made(later, path), _made(later, rest)) - 1.0


def _part(value: float, whole: float) -> float:
    """A part of a whole; of nothing it is unknown."""
    return value / whole if whole > 0.0 else float("nan")


def _notes(case: FloorCase, paths: Mapping[str, tuple[Path, float]]) -> tuple[str, ...]:
    notes = [
        f"Floor of {case.usd_per_kg:g} USD/kg at {case.market.stages[case.stage]}, "
        f"{case.floor:.2f} times the base price of {case.world.year}; markets {case.age:.0f} months "
        "into each instrument, once each, without a threat.",
        "Tariff: the duty that makes makers inside produce what the contract makes them produce. An "
        "offtake that is sold on at the market's price is a contract to the treasury.",
        "A levy and a tariff act on refined material alone: goods made of it enter as before "
        "(floor_leak).",
    ]
    if TARIFF not in paths:
        notes.append(_without_tariff(case, paths))
    if _has_cost(case):
        low, middle, high = (break_even(x) for x in ("low", "default", "high"))
        notes.append(
            "NdPr is cut out of the chain of rare earths: neodymium and praseodymium are "
            "taken as the same share of every ore, and magnet makers as their only users. A plant breaks "
            f"even at {middle:.0f} USD/kg ({low:.0f} to {high:.0f}): above the high end it is viable, "
            "above the middle likely, above the low end unlikely, else not. That is judged "
            "(ndpr_plant_cost, ndpr_running_cost), the same for all plants, so projects are listed "
            "without a verdict of their own; a floor of the zone reaches those inside alone."
        )
    return tuple(notes)


def _without_tariff(case: FloorCase, paths: Mapping[str, tuple[Path, float]]) -> str:
    """Why no tariff stands beside the contract."""
    if not _calls_forth(case, paths[CONTRACT][0], paths[NOTHING][0]):
        return (
            "No tariff is shown: the contract calls forth no output inside, so none does the same."
        )
    most = _MOST_TARIFF * case.usd_per_kg / case.floor
    return (
        f"No tariff is shown: no duty up to {most:,.0f} USD/kg ({_MOST_TARIFF:.0f} base prices) makes "
        "as much inside as the contract does."
    )
