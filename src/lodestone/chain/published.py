"""Balanced chains as tables of the data release, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lodestone.atlas.reconcile import ENTRY_NAMES, HELPER, SEEN, UNSEEN, ChainAccount
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.terms import attribute
from lodestone.terms.errors import ChainError, DataError

Floats = NDArray[np.float64]


def cell_rows(account: ChainAccount, chain: SupplyChain) -> list[dict[str, Any]]:
    """Ledger entries of every (place, stage): estimate before, value after, adjustment, sources."""
    move = account.adjustment
    rows = []
    for k in np.flatnonzero(account.entry < SEEN):
        stage = chain.stages[int(account.stage[k])]
        place = int(account.place[k])
        name = ENTRY_NAMES[int(account.entry[k])]
        value = float(account.value[k])
        if name == "stock_change":
            value = float(stage.stock_change[place])
        rows.append(
            {
                "material": account.material,
                "year": account.year,
                "stage": stage.stage,
                "place": account.places[place],
                "entry": name,
                "estimate": float(account.estimate[k]),
                "error": float(account.error[k]),
                "value": value,
                "adjustment": float(move[k]),
                "unit": stage.unit,
                "kind": account.kinds.get(int(k), ""),
                "grade": stage.grade[place],
                "facts": ";".join(account.facts.get(int(k), ())),
            }
        )
    return rows


def link_rows(account: ChainAccount, chain: SupplyChain) -> list[dict[str, Any]]:
    """Flows that survive the cut: value, unseen part, what customs said, codes."""
    seen: dict[tuple[int, int, int], int] = {
        (int(account.stage[k]), int(account.place[k]), int(account.other[k])): int(k)
        for k in np.flatnonzero(account.entry == SEEN)
    }
    move = account.adjustment
    rows = []
    for s, stage in enumerate(chain.stages):
        for i, j in np.argwhere(stage.flow > 0):
            k = seen.get((s, int(i), int(j)))
            rows.append(
                {
                    "material": account.material,
                    "year": account.year,
                    "stage": stage.stage,
                    "origin": chain.places[i],
                    "destination": chain.places[j],
                    "value": float(stage.flow[i, j]),
                    "unseen": float(stage.unseen[i, j]),
                    "customs": float(account.estimate[k]) if k is not None else None,
                    "customs_error": float(account.error[k]) if k is not None else None,
                    "adjustment": float(move[k]) if k is not None else None,
                    "codes": ";".join(account.facts.get(k, ())) if k is not None else None,
                }
            )
    return rows


def ledger_rows(account: ChainAccount) -> list[dict[str, Any]]:
    """Published figures that balancing moved by more than `large_adjustment` of their errors.

    Priors (judged use, inferred flows) are left out: they say nothing that could be wrong.
    """
    limit = attribute("large_adjustment").default
    move = account.adjustment
    rows = []
    for k in np.flatnonzero((np.abs(move) > limit) & (account.entry <= SEEN)):
        if account.kinds.get(int(k), "") in ("judged", "inferred", ""):
            continue
        stage, other = int(account.stage[k]), int(account.other[k])
        rows.append(
            {
                "material": account.material,
                "year": account.year,
                "stage": account.stages[stage].stage,
                "entry": ENTRY_NAMES[int(account.entry[k])],
                "place": account.places[int(account.place[k])],
                "other": account.places[other] if other >= 0 else None,
                "before": float(account.estimate[k]),
                "after": float(account.value[k]),
                "adjustment": float(move[k]),
                "world_share": float(
                    abs(account.value[k] - account.estimate[k]) / account.scale[stage]
                ),
            }
        )
    return rows


def stage_rows(account: ChainAccount) -> list[dict[str, Any]]:
    """One row a stage: unit, yield, proof of the balance."""
    used = account.entry != HELPER
    rows = []
    for s, recipe in enumerate(account.stages):
        here = used & (account.stage == s) & (account.entry <= UNSEEN)
        moved = np.abs(account.value - account.estimate)[here & (account.entry < SEEN)].sum()
        rows.append(
            {
                "material": account.material,
                "year": account.year,
                "stage": recipe.stage,
                "order": s,
                "unit": recipe.unit,
                "process_yield": recipe.process_yield.central if recipe.process_yield else None,
                "places": ";".join(account.places),
                "world_output": float(account.scale[s]),
                "moved_share": float(moved / account.scale[s]),
                "seen_share": recipe.seen_share(account.year),
                "residual": account.balanced.residual,
                "gap": account.balanced.gap,
                "missing_codes": recipe.missing_codes,
            }
        )
    return rows


def chain_from_rows(
    stages: Sequence[Mapping[str, Any]],
    cells: Iterable[Mapping[str, Any]],
    links: Iterable[Mapping[str, Any]],
) -> SupplyChain:
    """Build a chain from release rows of one material and year.

    Numbers are stored with seven digits, so stock change and scrap-fed output are recomputed
    for ledgers to close exactly, and must agree with the published ones.

    Raises
    ------
    DataError
        If there are no rows, or what is recomputed does not agree with what is stored.
    """
    if not stages:
        raise DataError("no chain rows for this material and year in the data release")
    ordered = sorted(stages, key=lambda r: int(r["order"]))
    material, year = str(ordered[0]["material"]), int(ordered[0]["year"])
    places = tuple(str(ordered[0]["places"]).split(";"))
    index = {p: k for k, p in enumerate(places)}
    n = len(places)
    names = [str(r["stage"]) for r in ordered]
    arrays = {s: {e: np.zeros(n) for e in ENTRY_NAMES[:5]} for s in names}
    grades = {s: ["A"] * n for s in names}
    flow = {s: np.zeros((n, n)) for s in names}
    unseen = {s: np.zeros((n, n)) for s in names}
    try:
        for row in cells:
            k = index[row["place"]]
            arrays[row["stage"]][row["entry"]][k] = row["value"]
            grades[row["stage"]][k] = row["grade"]
        for row in links:
            i, j = index[row["origin"]], index[row["destination"]]
            flow[row["stage"]][i, j] = row["value"]
            unseen[row["stage"]][i, j] = row["unseen"]
    except KeyError as err:
        raise DataError(
            f"{material} {year}: {err} in a cell or link is no place, stage or entry of the chain; "
            "run `lodestone data verify`"
        ) from None
    built: list[ChainStage] = []
    for row in ordered:
        name = str(row["stage"])
        a = arrays[name]
        world = max(float(a["output"].sum()), 1e-300)
        if built:
            scrap = a["output"] - float(row["process_yield"]) * built[-1].intake
            _agree(a["scrap"], scrap, world, f"{material} {year} {name}: scrap-fed output")
            a["scrap"] = scrap
        stock = (
            a["output"] + flow[name].sum(axis=0) - flow[name].sum(axis=1) - a["intake"] - a["use"]
        )
        _agree(a["stock_change"], stock, world, f"{material} {year} {name}: stock change")
        built.append(
            ChainStage(
                stage=name,
                unit=str(row["unit"]),
                process_yield=(
                    float(row["process_yield"])
                    if row["process_yield"] is not None
                    else float("nan")
                ),
                output=a["output"],
                scrap_output=a["scrap"],
                intake=a["intake"],
                use=a["use"],
                stock_change=stock,
                flow=flow[name],
                unseen=unseen[name],
                grade=tuple(grades[name]),
            )
        )
    chain = SupplyChain(material, year, places, tuple(built))
    try:
        chain.check_balance()
    except ChainError as err:
        raise DataError(str(err)) from err
    return chain


def _agree(stored: Floats, recomputed: Floats, world: float, what: str) -> None:
    off = float(np.abs(stored - recomputed).max(initial=0.0))
    if not off <= 1e-5 * world:  # a stored NaN must not pass
        raise DataError(
            f"{what}: stored and recomputed figures differ by {off:.3g}; "
            "run `lodestone data verify`"
        )
