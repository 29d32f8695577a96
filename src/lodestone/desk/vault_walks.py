"""Market walks behind a vault: cuts with a vault of some sizes, and the purchases that fill it.

One task is one supplier and material (what a cut does with a vault of each size and rule), or one
material (what buying it does to prices). Both are kept between questions, as all walks are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lodestone import __version__
from lodestone.desk.impacts import files_digest, monthly_rows
from lodestone.desk.shock_reading import place_groups
from lodestone.desk.study_work import hit_edits, market_at_rest
from lodestone.desk.studying import assumptions_table
from lodestone.desk.worlds import world
from lodestone.study.definition import StudyDefinition
from lodestone.study.task import Task

if TYPE_CHECKING:
    import numpy as np

    from lodestone.market.baseline import MarketBaseline
    from lodestone.market.path import Path

    Floats = np.ndarray[Any, Any]

Row = dict[str, Any]
#: Sizes that are walked, in days of the place's use at each stage where it uses the material.
DAYS = (30, 60, 90, 180, 360)
#: Depths that are walked: the grid of `risk` without a point, since each is walked for every size.
SEVERITIES = (0.4, 0.7, 0.9, 1.0)
#: The row of a cut without a vault; everybody outside the place and the supplier.
NONE, ABROAD = "none", "abroad"
#: Rooms and pages whose programs decide the rows.
_ROOMS = ("terms", "terms/tables", "atlas", "atlas/rules", "chain", "market")
_PAGES = (
    "vault/release.py",
    "desk/vault_walks.py",
    "desk/impacts.py",
    "desk/study_work.py",
    "desk/shock_reading.py",
    "desk/worlds.py",
    "desk/library.py",
)
#: A use below this part of the place's spend on the material is not stocked for.
LEAST_USE = 0.02

RELIEF_SCHEMA = {
    "material": "String",
    "supplier": "String",
    "severity": "Float64",
    "rule": "String",
    "days": "Int64",
    "place": "String",
    "month": "Int64",
    "missing": "Float64",
    "price_cost": "Float64",
    "price_outside": "Float64",
    "spend": "Float64",
    "residual": "Float64",
    "gap": "Float64",
    "released": "Float64",
}
FILL_SCHEMA = {
    "material": "String",
    "days": "Int64",
    "stage": "String",
    "tonnes": "Float64",
    "paid": "Float64",
    "at_base": "Float64",
    "own_cost": "Float64",
    "abroad_cost": "Float64",
    "price_peak": "Float64",
    "dominant": "String",
    "offtake": "Float64",
    "residual": "Float64",
}


def relief_study(
    year: int,
    place: str,
    reports: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    severities: Sequence[float],
    months: int,
    rules: Sequence[str],
    span: int,
) -> StudyDefinition:
    """Cuts of (supplier, material) pairs, each with a vault of the place of each size.

    Parameters
    ----------
    place : who holds the vault; reports : places whose losses are kept (itself, or its parts)
    span : months that the keeper plans for
    """
    common = {
        "year": year,
        "place": place,
        "reports": list(reports),
        "severities": [float(s) for s in severities],
        "months": months,
        "rules": list(rules),
        "days": list(DAYS),
        "span": span,
    }
    tasks = [
        Task(f"{name}:{supplier}", {"material": name, "supplier": supplier, **common})
        for supplier, name in pairs
    ]
    return _study(f"vault-relief-{year}", tasks, "relieved_cuts", RELIEF_SCHEMA, {"relief": common})


def fill_study(year: int, place: str, materials: Sequence[str], months: int) -> StudyDefinition:
    """Purchases of each material for a vault of each size, evenly over some months."""
    common = {"year": year, "place": place, "months": months, "days": list(DAYS)}
    tasks = [Task(name, {"material": name, **common}) for name in materials]
    return _study(f"vault-fill-{year}", tasks, "filled", FILL_SCHEMA, {"fill": common})


def _study(
    name: str, tasks: list[Task], work: str, schema: Mapping[str, str], asked: Mapping[str, Any]
) -> StudyDefinition:
    return StudyDefinition(
        name=name,
        tasks=tasks,
        work=f"lodestone.desk.vault_walks:{work}",
        schema=dict(schema),
        identity={
            "code": f"{__version__} {files_digest(_ROOMS, _PAGES)}",
            "data": world(None).content_hash,
            "assumptions": assumptions_table(),
            **asked,
        },
        chunk_size=4,
        initialise="lodestone.desk.study_work:warm",
    )


# --- cuts ------------------------------------------------------------------------------------


def relieved_cuts(payload: Mapping[str, Any]) -> list[Row]:
    """Rows of one supplier and material: severity, rule, size, place, month."""
    from lodestone.market.path import walk

    year, name, supplier = int(payload["year"]), payload["material"], payload["supplier"]
    months, base = int(payload["months"]), market_at_rest(year, name)
    (members,) = place_groups([payload["place"]], year).values()
    groups = place_groups(payload["reports"], year)
    abroad = tuple(p for p in base.places if p not in members and p != supplier)
    there, rows = world(year), []
    for severity in payload["severities"]:
        hit = {"material": name, "severity": severity, "begins": 0, "lasts": months}
        edits = hit_edits(year, supplier, hit, months)
        alone = walk(there, edits, baseline=base)
        label = {"material": name, "supplier": supplier, "severity": severity}
        still = {**label, "rule": NONE, "days": 0}
        rows += _relief_rows(alone, still, groups, abroad, None)
        for rule in payload["rules"]:
            for days in payload["days"]:
                handed = handed_out(alone, members, rule, float(days), int(payload["span"]))
                path = walk(there, replace(edits, release=handed.tonnes), baseline=base)
                sized = {**label, "rule": rule, "days": int(days)}
                rows += _relief_rows(path, sized, groups, abroad, handed)
    return rows


@dataclass(frozen=True)
class HandedOut:
    """What a vault hands out along a path.

    Attributes
    ----------
    tonnes : (T, S, n) tonnes a year by stage and place, as edits want them
    days : (T,) the same in days of the place's use, by value over all stages
    """

    tonnes: Floats
    days: Floats


def handed_out(path: Path, members: Sequence[str], rule: str, days: float, span: int) -> HandedOut:
    """What a vault of so many days of use hands out when a cut leaves this path without it.

    The same days are held at every stage at which the place uses the material; members get what
    they miss, or under the rule `supply` what they use.
    """
    import numpy as np

    from lodestone.vault.release import SUPPLY, release

    market, w = path.market, path.walked
    out = np.zeros((path.months, len(market.stages), len(market.places)))
    value = np.zeros(path.months)
    daily = 0.0
    for s, buyers in held_stages(market, members).items():
        unit = market.tonnes[s] / 12.0
        use = market.use[buyers] * unit
        missing = np.maximum(w.wanted[:, buyers] - w.used[:, buyers], 0.0) * unit
        total = missing.sum(axis=1)
        stock = days / 365.0 * 12.0 * float(use.sum())
        given = release(rule, total, float(use.sum()), stock, span)
        with np.errstate(invalid="ignore", divide="ignore"):
            by_need = np.where(total[:, None] > 0.0, missing / total[:, None], 0.0)
        share = use / use.sum() if rule == SUPPLY else by_need
        out[:, s, market.buyer_place[buyers]] += given[:, None] * 12.0 * share
        price = float(market.base_price[s])
        weight = price if np.isfinite(price) else 1.0
        value += given * weight
        daily += float(use.sum()) * 12.0 / 365.0 * weight
    return HandedOut(out, value / daily if daily > 0.0 else value)


def held_stages(market: MarketBaseline, members: Sequence[str]) -> dict[int, Any]:
    """Stages at which a place uses a material, with its buyers there."""
    import numpy as np

    inside = np.array([p in members for p in market.places])[market.buyer_place]
    price = np.where(np.isfinite(market.base_price), market.base_price, 1.0)
    found = {}
    for s in range(len(market.stages)):
        span = market.buyers_of(s)
        pick = np.flatnonzero(inside[span] & (market.use[span] > 0.0)) + span.start
        if pick.size:
            found[s] = pick
    spend = {s: float(market.use[b].sum()) * market.tonnes[s] * price[s] for s, b in found.items()}
    whole = sum(spend.values())
    return {s: b for s, b in found.items() if spend[s] >= LEAST_USE * whole}


def _relief_rows(
    path: Path,
    label: Row,
    groups: Mapping[str, Sequence[str]],
    abroad: Sequence[str],
    handed: HandedOut | None,
) -> list[Row]:
    rows = monthly_rows(path, label, {**groups, ABROAD: abroad})
    return [
        {**row, "released": float(handed.days[row["month"]]) if handed is not None else 0.0}
        for row in rows
    ]


# --- purchases -------------------------------------------------------------------------------


def filled(payload: Mapping[str, Any]) -> list[Row]:
    """Rows of one material: size and stage; what buying it costs, and who gains."""
    import numpy as np

    from lodestone.chain.edits import no_edits
    from lodestone.market.outcome import gains, tonnes_per_unit
    from lodestone.market.path import walk

    year, name, months = int(payload["year"]), payload["material"], int(payload["months"])
    base, there = market_at_rest(year, name), world(year)
    (members,) = place_groups([payload["place"]], year).values()
    abroad = tuple(p for p in base.places if p not in members)
    quiet = no_edits(name, len(base.stages), len(base.places), months, f"{year + 1}-01")
    held = held_stages(base, members)
    rows: list[Row] = []
    for days in payload["days"]:
        build = np.zeros_like(quiet.build)
        for s, buyers in held.items():
            tonnes = base.use[buyers] * base.tonnes[s] * days / 365.0
            build[:, s, base.buyer_place[buyers]] += tonnes[None, :] * 12.0 / months
        path = walk(there, replace(quiet, build=build), baseline=base)
        own, others = gains(path, members), gains(path, abroad)
        for s, buyers in held.items():
            bought = build[:, s, base.buyer_place[buyers]] / 12.0 * tonnes_per_unit(there, base, s)
            paid = path.walked.paid[:, buyers]
            price = np.where(np.isnan(paid), path.walked.inner[:, buyers], paid)
            p0 = float(base.base_price[s])
            most, offtake = _offtake(path, s)
            rows.append(
                {
                    "material": name,
                    "days": int(days),
                    "stage": base.stages[s],
                    "tonnes": _known(bought.sum()),
                    "paid": _known((bought * price).sum() * p0),
                    "at_base": _known(bought.sum() * p0),
                    "own_cost": _known(-own.total),
                    "abroad_cost": _known(-others.total),
                    "price_peak": _known(price.max()),
                    "dominant": most,
                    "offtake": _known(offtake * p0 * tonnes_per_unit(there, base, s)),
                    "residual": path.residual,
                }
            )
    return rows


def _offtake(path: Path, s: int) -> tuple[str, float]:
    """The largest maker of a stage; and what all others sell more, at base prices, a year."""
    market = path.base
    nodes = market.nodes_of(s)
    most = int(market.supply[nodes].argmax())
    place = market.node_place[nodes][most]
    others = market.node_place[nodes] != place
    more = path.walked.sold[:, nodes][:, others] - market.supply[nodes][others][None, :]
    return market.places[place], float(more.sum(axis=1).mean()) * float(market.tonnes[s])


def _known(x: Any) -> float | None:
    value = float(x)
    return value if value == value and abs(value) != float("inf") else None
