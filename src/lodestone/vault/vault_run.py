"""A vault through many sampled years: filled, drawn in cuts, filled again.

Each path is some years of the world, month by month: cuts begin by lot, last and end. A vault
that starts empty is filled at a steady rate; in a cut it hands out by its rule; after it, it
buys back. All that is bought is in the vault or handed out, and all that is paid has a name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import PlanError
from lodestone.vault.relief import Relief, between, position

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Largest error of tonnes and of money, relative to what moved.
BALANCE = 1e-9


@dataclass(frozen=True)
class Cuts:
    """H cuts on some paths.

    Attributes
    ----------
    path, pair, start : (H,) on which path, of which pair, in which month it begins
    depth, months : (H,) how deep and long
    """

    path: Ints
    pair: Ints
    start: Ints
    depth: Floats
    months: Floats


@dataclass(frozen=True)
class Contents:
    """What the vault is meant to hold.

    Attributes
    ----------
    days : (M,) wanted stock in days of use
    day_value : (M,) money for a day's use at the price the vault pays, with its market impact
    rate : (M,) days of use bought in a month, at most
    """

    days: Floats
    day_value: Floats
    rate: Floats


@dataclass(frozen=True)
class VaultRun:
    """What happened on N paths of T months; money in the unit of the relief.

    Attributes
    ----------
    loss_without, loss_with : (N,) what the place lost
    spent, received : (N,) for what was bought, and for what was handed out at the locked price
    stock : (T, M) mean stock at the end of each month, days of use
    least : (T,) value in the vault at the 5th percentile of paths, share of the wanted contents
    cut_months, empty_months : (N,) months of cuts of held materials, and those met with an empty vault
    """

    loss_without: Floats
    loss_with: Floats
    spent: Floats
    received: Floats
    stock: Floats
    least: Floats
    cut_months: Floats
    empty_months: Floats

    @property
    def avoided(self) -> Floats:
        """(N,) loss that the vault kept away."""
        return np.asarray(self.loss_without - self.loss_with)


def run_vault(
    relief: Relief, contents: Contents, cuts: Cuts, paths: int, months: int, *, full: bool = False
) -> VaultRun:
    """Run a vault along sampled paths.

    Parameters
    ----------
    full : whether it starts full; else it is filled from nothing

    Returns
    -------
    VaultRun
        Where a second cut begins while one lasts, the deeper one counts on.

    Raises
    ------
    PlanError
        If tonnes or money do not balance to 1e-9.
    """
    m = contents.days.size
    shape = (paths, m)
    stock = np.tile(contents.days, (paths, 1)) if full else np.zeros(shape)
    first = stock.copy()
    pair, age = np.full(shape, -1), np.zeros(shape, dtype=np.int64)
    depth, span, held = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    bought, handed = np.zeros(shape), np.zeros(shape)
    lost = np.zeros((2, paths))
    spent, received = np.zeros(paths), np.zeros(paths)
    cut_months, empty_months = np.zeros(paths), np.zeros(paths)
    mean, least = np.empty((months, m)), np.empty(months)
    worth = float((contents.days * contents.day_value).sum())
    order = np.argsort(cuts.start, kind="stable")
    edge = np.searchsorted(cuts.start[order], np.arange(months + 1))
    for t in range(months):
        for h in order[edge[t] : edge[t + 1]]:
            at = (cuts.path[h], relief.material[cuts.pair[h]])
            if pair[at] < 0 or cuts.depth[h] > depth[at]:
                pair[at], age[at], held[at] = cuts.pair[h], 0, stock[at]
                depth[at], span[at] = cuts.depth[h], min(cuts.months[h], relief.months)
        quiet = pair < 0
        n, j = np.nonzero(~quiet)
        if n.size:
            now = (pair[n, j], position(relief.depth, depth[n, j]), age[n, j])
            part = np.minimum(span[n, j] - age[n, j], 1.0)
            out = _month(relief.released, *now, position(relief.days, held[n, j])) * part
            out = np.minimum(out, stock[n, j])
            with_it = _month(relief.loss, *now, position(relief.days, held[n, j])) * part
            without = _month(relief.loss, *now, np.zeros(n.size)) * part
            np.add.at(lost[0], n, without)
            np.add.at(lost[1], n, with_it)
            np.add.at(cut_months, n, part)
            np.add.at(empty_months, n, np.where(stock[n, j] <= 1e-9 * contents.days[j], part, 0.0))
            stock[n, j] -= out
            handed[n, j] += out
            np.add.at(received, n, out * contents.day_value[j])
            age[n, j] += 1
            over = age[n, j] >= span[n, j]
            pair[n[over], j[over]] = -1
        buy = np.where(quiet, np.clip(contents.days - stock, 0.0, contents.rate), 0.0)
        stock += buy
        bought += buy
        spent += (buy * contents.day_value).sum(axis=1)
        mean[t] = stock.mean(axis=0)
        share = (stock * contents.day_value).sum(axis=1) / worth if worth > 0.0 else np.ones(paths)
        least[t] = np.quantile(share, 0.05)
    _check(first, stock, bought, handed, spent, received, contents)
    return VaultRun(lost[0], lost[1], spent, received, mean, least, cut_months, empty_months)


def _month(table: Floats, pair: Ints, at_depth: Floats, age: Ints, at_stock: Floats) -> Floats:
    """What a month adds to a cumulative table."""
    end = between(table, pair, at_stock, at_depth, age + 1)
    return np.asarray(end - between(table, pair, at_stock, at_depth, age))


def _check(
    first: Floats,
    stock: Floats,
    bought: Floats,
    handed: Floats,
    spent: Floats,
    received: Floats,
    contents: Contents,
) -> None:
    """Tonnes: what was there and bought is there or handed out. Money: spent less received is it."""
    moved = max(float((first + bought).max(initial=0.0)), 1e-300)
    tonnes = float(np.abs(first + bought - handed - stock).max(initial=0.0)) / moved
    value = (((stock - first) * contents.day_value).sum(axis=1) - spent + received) / max(
        float((spent + received).max(initial=0.0)), 1e-300
    )
    money = float(np.abs(value).max(initial=0.0))
    if not max(tonnes, money) <= BALANCE:
        raise PlanError(
            f"vault run: tonnes off by {tonnes:.1e}, money by {money:.1e} of what moved"
        )
