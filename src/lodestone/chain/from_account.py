"""From a balanced account (a list of entries) to a supply chain (arrays by place), and its grades.

Grades tell how a cell was known: A production and trade reported; B one of them inferred;
C shares of another year, or inferred trade.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lodestone.atlas.reconcile import (
    INTAKE,
    OUTPUT,
    SCRAP,
    SEEN,
    STOCK,
    UNSEEN,
    USE,
    ChainAccount,
)
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.terms import attribute
from lodestone.terms.errors import ChainError

Floats = NDArray[np.float64]

#: Above these shares of a cell's throughput, unseen (or modelled) trade costs a grade.
SOME, MUCH = 0.15, 0.5
#: A reported output that balancing moved by more than this share costs a grade too.
_MOVED = 0.2


def from_account(account: ChainAccount, values: Floats | None = None) -> SupplyChain:
    """The supply chain of a balanced account.

    Links below `link_drop` of the stage's world output are dropped and their tonnes go to
    stock change, so that every ledger still closes exactly.

    Parameters
    ----------
    values : (n,) other values of the entries (a resampled draw); by default the baseline
    """
    value = account.value if values is None else values
    stages = tuple(_stage(account, value, s) for s in range(len(account.stages)))
    chain = SupplyChain(account.material, account.year, account.places, stages)
    chain.check_balance()
    return chain


def _stage(account: ChainAccount, value: Floats, s: int) -> ChainStage:
    n = len(account.places)

    def vector(entry: int) -> Floats:
        pick = (account.entry == entry) & (account.stage == s)
        out = np.zeros(n)
        out[account.place[pick]] = value[pick]
        return out

    def matrix(entry: int) -> Floats:
        pick = (account.entry == entry) & (account.stage == s)
        out = np.zeros((n, n))
        np.add.at(out, (account.place[pick], account.other[pick]), value[pick])
        return out

    seen, unseen = matrix(SEEN), matrix(UNSEEN)
    keep = seen + unseen >= attribute("link_drop").default * account.scale[s]
    flow, unseen = np.where(keep, seen + unseen, 0.0), np.where(keep, unseen, 0.0)
    output, intake, use = vector(OUTPUT), vector(INTAKE), vector(USE)
    recipe = account.stages[s]
    stock = output + flow.sum(axis=0) - flow.sum(axis=1) - intake - use
    moved = float(np.abs(stock - vector(STOCK)).max(initial=0.0))
    if moved > 1e-3 * account.scale[s]:
        raise ChainError(
            f"{account.material} {account.year} {recipe.stage}: links too small to keep add up to "
            f"{moved / account.scale[s]:.2%} of world output at one place (allowed 0.1 %). "
            "Lower `link_drop`."
        )
    return ChainStage(
        stage=recipe.stage,
        unit=recipe.unit,
        process_yield=recipe.process_yield.central if recipe.process_yield else float("nan"),
        output=output,
        scrap_output=vector(SCRAP),
        intake=intake,
        use=use,
        stock_change=stock,
        flow=flow,
        unseen=unseen,
        grade=_grades(account, s, output, flow, unseen),
    )


def _grades(
    account: ChainAccount, s: int, output: Floats, flow: Floats, unseen: Floats
) -> tuple[str, ...]:
    produced = dict.fromkeys(range(len(account.places)), 0)
    for k in np.flatnonzero((account.entry == OUTPUT) & (account.stage == s)):
        kind = account.kinds.get(int(k), "")
        known = {"reported": 0, "estimated": 0, "unlisted": 1}.get(kind, 2)
        before, after = float(account.estimate[k]), float(account.value[k])
        if abs(after - before) > _MOVED * max(before, 1e-300):
            known = max(known, 1)  # sources that had to be moved that far do not agree
        produced[int(account.place[k])] = known
    modelled = np.zeros_like(flow)
    for k in np.flatnonzero((account.entry == SEEN) & (account.stage == s)):
        if account.kinds.get(int(k)) == "modelled":
            modelled[account.place[k], account.other[k]] = 1.0
    throughput = np.maximum(output, 0.0) + flow.sum(axis=0)
    inferred = (unseen + 0.4 * modelled * (flow - unseen)).sum(axis=0) + unseen.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        unknown = np.where(throughput > 0, inferred / np.maximum(throughput, 1e-300), 0.0)
    made_share = np.where(throughput > 0, output / np.maximum(throughput, 1e-300), 0.0)
    return tuple(
        _grade(produced[k] if made_share[k] > 0.02 else 0, float(unknown[k]))
        for k in range(len(account.places))
    )


def _grade(production: int, unknown_trade: float) -> str:
    """production: 0 reported, 1 inferred, 2 another year's shares; trade: share not seen."""
    if production == 2 or unknown_trade > MUCH:
        return "C"
    if production == 1 or unknown_trade > SOME:
        return "B"
    return "A"


def stage_grade(stage: ChainStage) -> str:
    """Grade of a whole stage: that of most of what it supplies and uses, and of its trade.

    A place that makes what it uses says nothing about trade, so the part of the stage's trade
    that customs do not show counts beside the cells: the worse of the two stands.
    """
    weight = stage.output + stage.absorbed + stage.flow.sum(axis=0)
    held = {g: float(weight[[x == g for x in stage.grade]].sum()) for g in "ABC"}
    half = sum(held.values()) / 2
    cells = "C" if held["C"] > half else "A" if held["A"] > half else "B"
    traded = float(stage.flow.sum())
    hidden = float(stage.unseen.sum()) / traded if traded > 0 else 0.0
    trade = "C" if hidden > MUCH else "B" if hidden > SOME else "A"
    return max(cells, trade)
