"""What moves when members act together: flows, terms of trade, output, who gains and loses, leverage.

Three markets of each material are held beside each other: before (at rest), each member alone, and
all together. Third countries are every place that is neither a member nor the supplier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodestone.desk.alliance_work import search
from lodestone.desk.answer import known
from lodestone.desk.group_shortages import counted_in_group
from lodestone.desk.shock_reading import place_groups

if TYPE_CHECKING:
    import numpy as np

    from lodestone.alliance.coalition_market import CoalitionMarket, Outcome
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliance_values import AllianceValues
    from lodestone.market.path import Path

    Floats = np.ndarray[Any, Any]

#: Rows shown of places and of flows, by way of acting alone.
_PLACES, _FLOWS = 30, 40
_MILLION = 1e6
_BASE = {"unit": "million USD", "kind": "modelled"}
#: What is added up for each place, in this order.
_PARTS = ("users", "makers", "treasury")


@dataclass(frozen=True)
class Shift:
    """One material before, alone and together.

    Attributes
    ----------
    places : ISO3 codes of the chain
    gain : (2, 3, n) USD that users, makers and treasury of each place gain on the market at rest,
        members alone and together; NaN without a price
    output : (3, S, n) output a year before, alone, together
    flow : (3, L...) by stage: makers by buyers
    """

    material: str
    places: tuple[str, ...]
    stages: tuple[str, ...]
    units: tuple[str, ...]
    price: Floats
    gain: Floats
    output: Floats
    flow: tuple[Floats, ...]


def shift_rows(
    asked: AllianceQuestion, values: Mapping[str, AllianceValues]
) -> list[dict[str, Any]]:
    """Rows `place`, `flow`, `output` and `leverage`."""
    rows: list[dict[str, Any]] = []
    for mode, one in values.items():
        together, losses = _acting(asked, one)
        found = shifts_of(asked, mode, together)
        rows += _place_rows(asked, mode, found)
        rows += _flow_rows(asked, mode, found)
        rows += _trade_rows(asked, mode, found)
        rows += _leverage_rows(asked, mode, found, losses)
    return rows


def _acting(asked: AllianceQuestion, values: AllianceValues) -> tuple[int, Floats]:
    """Who of all acts, and (2, n) what members lose alone and then."""
    from lodestone.alliance.from_losses import acting
    from lodestone.alliance.game import MOST_MEMBERS
    from lodestone.desk.alliance_sampled import acting_of_all
    from lodestone.economy.exposure import Case

    if len(values.members) > MOST_MEMBERS:
        return acting_of_all(asked, values)
    done = acting(values.losses(Case.CENTRAL))
    return int(done.chosen[-1]), done.losses[[0, -1]]


def shifts_of(asked: AllianceQuestion, mode: str, together: int) -> list[Shift]:
    """Every material that has a price, parts of a group left out: before, alone and together.

    Parameters
    ----------
    together : the coalition that acts
    """
    from lodestone.desk.alliance_study import CENTRAL_DRAW, alliance_study

    tasks = [t.payload for t in alliance_study(asked).tasks]
    mine = [p for p in tasks if p["mode"] == mode and p["draw"] == CENTRAL_DRAW]
    names = [str(p["material"]) for p in mine]
    return [_shift(p, together) for p in mine if not counted_in_group(str(p["material"]), names)]


def _shift(payload: Mapping[str, Any], which: int) -> Shift:
    import numpy as np

    found = search(payload, flows=True)
    together = found.best(found.acting(which))[1]
    market = found.market.market
    both = [_gain(found.market, outcome) for outcome in (found.alone, together)]
    return Shift(
        str(payload["material"]),
        market.places,
        market.stages,
        market.units,
        market.base_price,
        np.stack(both),
        np.stack([_at_rest(found.alone.path), *(_output(x.path) for x in (found.alone, together))]),
        _flows(found.alone.path, together.path),
    )


def _gain(held: CoalitionMarket, outcome: Outcome) -> Floats:
    """(3, n) USD that users, makers and treasury of each place gain, all months.

    Use that a member forgoes is worth something to its users; places bear it by their use.
    """
    import numpy as np

    from lodestone.market.outcome import gains_by_place

    gain = gains_by_place(outcome.path)
    users = gain.users.copy()
    for k in np.flatnonzero(outcome.forgone != 0.0):
        use = held.use_by_place[k] if held.use[k] > 0.0 else held.places[k].astype(np.float64)
        users -= outcome.forgone[k] * use / use.sum()
    return np.stack([users, gain.makers, gain.treasury + gain.rents])


def _output(path: Path) -> Floats:
    """(S, n) output a year, in units of the stage."""
    import numpy as np

    m = path.market
    made = (path.walked.made + path.walked.refined).mean(axis=0) * m.tonnes[m.node_stage]
    out = np.zeros((len(m.stages), len(m.places)))
    np.add.at(out, (m.node_stage, m.node_place), np.nan_to_num(made))
    return out


def _at_rest(path: Path) -> Floats:
    import numpy as np

    m = path.base
    out = np.zeros((len(m.stages), len(m.places)))
    made = (m.made + m.refined) * m.tonnes[m.node_stage]
    np.add.at(out, (m.node_stage, m.node_place), made)
    return out


def _flows(alone: Path, together: Path) -> tuple[Floats, ...]:
    """By stage (3, n, n): flow a year from maker to taker at rest, alone, together."""
    import numpy as np

    found = []
    m = alone.base
    n = len(m.places)
    for s in range(len(m.stages)):
        nodes, buyers = m.nodes_of(s), m.buyers_of(s)
        block = np.zeros((3, n, n))
        rest = m.links(s) * m.bought[buyers][None, :] * m.tonnes[s]
        cells = np.ix_(m.node_place[nodes], m.buyer_place[buyers])
        block[0][cells] += rest
        for k, path in enumerate((alone, together), start=1):
            span = slice(int(m.layout.wo[s]), int(m.layout.wo[s + 1]))
            mean = path.walked.flow[:, span].mean(axis=0) * m.tonnes[s]
            block[k][cells] += mean.reshape(rest.shape)
        found.append(block)
    return tuple(found)


# --- rows -----------------------------------------------------------------------------------


def _who(asked: AllianceQuestion) -> dict[str, str]:
    """Place -> member it belongs to."""
    groups = place_groups(asked.all, asked.year)
    return {p: m for m, inside in groups.items() for p in inside}


def _role(place: str, asked: AllianceQuestion) -> str:
    if place == asked.supplier:
        return "supplier"
    if place in asked.all:
        return "member" if place in asked.members else "invited"
    return "third"


def _place_rows(asked: AllianceQuestion, mode: str, found: list[Shift]) -> list[dict[str, Any]]:
    """Who gains and loses: members, the supplier, and every third country."""
    import numpy as np

    belongs = _who(asked)
    total: dict[str, Floats] = {}
    most: dict[str, dict[str, float]] = {}
    for shift in found:
        if not np.isfinite(shift.gain).all():
            continue
        for k, place in enumerate(shift.places):
            who = belongs.get(place, place)
            total.setdefault(who, np.zeros((2, 3)))
            total[who] += shift.gain[:, :, k] / _MILLION
            moved = float((shift.gain[1] - shift.gain[0])[:, k].sum()) / _MILLION
            by = most.setdefault(who, {})
            by[shift.material] = by.get(shift.material, 0.0) + moved
    rows: list[dict[str, Any]] = []
    for who, gain in total.items():
        moved = float(gain[1].sum() - gain[0].sum())
        mostly = sorted(most[who].items(), key=lambda x: -abs(x[1]))[:3]
        rows.append(
            {
                "table": "place",
                "against": mode,
                "place": who,
                "role": _role(who, asked),
                "value": moved,
                "gain_alone": float(gain[0].sum()),
                "gain_together": float(gain[1].sum()),
                **{
                    f"{part}_moved": float(gain[1, n] - gain[0, n]) for n, part in enumerate(_PARTS)
                },
                "mostly": ", ".join(m for m, x in mostly if abs(x) > 0.5) or None,
                **_BASE,
            }
        )
    order = {"member": 0, "invited": 1, "supplier": 2, "third": 3}
    rows.sort(key=lambda r: (order[r["role"]], -abs(r["value"]), r["place"]))
    third = [r for r in rows if r["role"] == "third"]
    rest = third[_PLACES:]
    shown = [r for r in rows if r["role"] != "third"] + third[:_PLACES]
    if rest:
        shown.append(
            {
                "table": "place",
                "against": mode,
                "place": f"{len(rest)} others",
                "role": "third",
                "value": sum(r["value"] for r in rest),
                "gain_alone": sum(r["gain_alone"] for r in rest),
                "gain_together": sum(r["gain_together"] for r in rest),
                **{f"{p}_moved": sum(r[f"{p}_moved"] for r in rest) for p in _PARTS},
                "mostly": None,
                **_BASE,
            }
        )
    return shown


def _flow_rows(asked: AllianceQuestion, mode: str, found: list[Shift]) -> list[dict[str, Any]]:
    """Flows that acting together moves most, by value at base prices, members as one each."""
    import numpy as np

    belongs = _who(asked)
    rows: list[dict[str, Any]] = []
    for shift in found:
        names = [belongs.get(p, p) for p in shift.places]
        for s, block in enumerate(shift.flow):
            price = float(shift.price[s])
            if not np.isfinite(price) or shift.units[s] != "t":
                continue
            merged, labels = _merged(block, names)
            moved = (merged[2] - merged[1]) * price / _MILLION
            for flat in np.argsort(-np.abs(moved), axis=None, kind="stable")[:_FLOWS]:
                i, j = divmod(int(flat), len(labels))
                if abs(moved[i, j]) < 0.05:
                    break
                rows.append(
                    {
                        "table": "flow",
                        "against": mode,
                        "material": shift.material,
                        "stage": shift.stages[s],
                        "origin": labels[i],
                        "destination": labels[j],
                        "value": float(moved[i, j]),
                        "before": float(merged[0, i, j]),
                        "alone": float(merged[1, i, j]),
                        "together": float(merged[2, i, j]),
                        "flow_unit": "t a year",
                        **_BASE,
                    }
                )
    rows.sort(
        key=lambda r: (-abs(r["value"]), r["material"], r["stage"], r["origin"], r["destination"])
    )
    return rows[:_FLOWS]


def _merged(block: Floats, names: list[str]) -> tuple[Floats, list[str]]:
    """(3, g, g) flows between groups of places."""
    import numpy as np

    labels = list(dict.fromkeys(names))
    # summed one after the other, in the order of places: the same bytes on any machine
    group = np.array([labels.index(n) for n in names])
    when = np.arange(block.shape[0])
    merged = np.zeros((block.shape[0], len(labels), len(labels)))
    np.add.at(merged, (when[:, None, None], group[None, :, None], group[None, None, :]), block)
    return merged, labels


def _trade_rows(asked: AllianceQuestion, mode: str, found: list[Shift]) -> list[dict[str, Any]]:
    """Output by material and stage: where it is made before, alone and together."""
    import numpy as np

    belongs = _who(asked)
    rows: list[dict[str, Any]] = []
    for shift in found:
        for s in range(len(shift.stages)):
            made: dict[str, Floats] = {}
            for k, place in enumerate(shift.places):
                who = belongs.get(place, place)
                role = _role(who, asked)
                name = who if role != "third" else "third countries"
                made[name] = made.get(name, np.zeros(3)) + shift.output[:, s, k]
            world = sum(made.values(), np.zeros(3))
            for name, x in made.items():
                if abs(x[2] - x[1]) > 1e-4 * world[0] or name == asked.supplier:
                    rows.append(
                        {
                            "table": "output",
                            "against": mode,
                            "material": shift.material,
                            "stage": shift.stages[s],
                            "place": name,
                            "before": float(x[0]),
                            "alone": float(x[1]),
                            "value": float(x[2]),
                            "unit": "t a year" if shift.units[s] == "t" else "world = 100",
                            "kind": "modelled",
                        }
                    )
    return rows


def _ratio(inflicted: float, own: float) -> float | None:
    return known(inflicted / own) if own > 0.0 else None


def _leverage_rows(
    asked: AllianceQuestion, mode: str, found: list[Shift], losses: Floats
) -> list[dict[str, Any]]:
    """What the supplier loses beside what it inflicts on members, alone and together."""
    import numpy as np

    own = np.zeros((2, 3))
    for shift in found:
        if np.isfinite(shift.gain).all() and asked.supplier in shift.places:
            own -= shift.gain[:, :, shift.places.index(asked.supplier)] / _MILLION
    made = own[:, 1]
    net = own.sum(axis=1)
    rows: list[dict[str, Any]] = []
    for k, member in [*enumerate(asked.all), (-1, "all")]:
        inflicted = losses.sum(axis=1) if k < 0 else losses[:, k]
        rows.append(
            {
                "table": "leverage",
                "against": mode,
                "supplier": asked.supplier,
                "member": member,
                "value": float(inflicted[1]),
                "inflicted_alone": float(inflicted[0]),
                "makers_loss_alone": float(made[0]),
                "makers_loss_together": float(made[1]),
                "net_loss_alone": float(net[0]),
                "net_loss_together": float(net[1]),
                "per_dollar_alone": _ratio(inflicted[0], made[0]),
                "per_dollar_together": _ratio(inflicted[1], made[1]),
                **_BASE,
            }
        )
    return rows
