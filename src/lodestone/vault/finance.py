"""What a vault costs to carry, who pays, and when it could not pay any more.

The published shape of Project Vault: a loan and some equity buy the metal. Participants commit to
amounts at a locked price, pay a fee at entry and a carrying fee (loan interest and storage); in a
major disruption they take their amount at the locked price, and give it back later at the same
price. So the price risk is theirs, as long as they stay.

Money is counted month by month; every flow has a name, and flows add up to the change of cash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lodestone.terms.errors import PlanError, Problems, RequestError

Floats = NDArray[np.float64]

BULLET, LEVEL = "bullet", "level"
#: Largest error of the ledger, relative to what moved.
BALANCE = 1e-9
_MOST_MONTHS, _MOST_BAN = 240, 120
_AIM = 1e-10
#: Months in which a vault sells what nobody has signed for any more.
_SALE_MONTHS = 12


@dataclass(frozen=True)
class VaultTerms:
    """The contract. Rates are a year's; money in one currency unit throughout.

    Attributes
    ----------
    loan, equity : at most lent; paid in at the start
    loan_months : when the loan ends; repayment : 'bullet' at the end, 'level' from the end of the
        fill on
    fill_months : how long buying takes
    interest, cash_yield : paid on the loan, earned on cash
    storage, insurance : of the locked value held
    decay : share of the tonnes lost a year, bought back at the market price
    entry_fee : of the committed value, once; carrying_fee : of it, a year; None for what loan
        interest, storage and insurance come to
    committed : share of the contents that participants have signed for
    walk_away : share of participants who leave when the price has halved
    sale_discount : what a seller in a falling market gives up on the price
    draw_months, replenish_months : how long participants take to draw all; to give it back
    equity_return : at most paid to equity
    """

    loan: float
    equity: float
    loan_months: int
    fill_months: int
    interest: float
    cash_yield: float
    storage: float
    insurance: float
    decay: float
    entry_fee: float
    carrying_fee: float | None
    committed: float
    walk_away: float
    sale_discount: float
    draw_months: int
    replenish_months: int
    equity_return: float
    repayment: str = BULLET

    def __post_init__(self) -> None:
        problems = Problems("terms of the vault")
        for name in ("loan", "equity", "interest", "cash_yield", "storage", "insurance"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0.0):
                problems.add(f"{value}", name, "a number, 0 or more")
        for name in ("decay", "entry_fee", "committed", "walk_away", "sale_discount"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                problems.add(f"{value}", name, "from 0 to 1")
        for name in ("loan_months", "fill_months", "draw_months", "replenish_months"):
            value = getattr(self, name)
            if not 1 <= value <= _MOST_MONTHS:
                problems.add(f"{value}", name, f"1 to {_MOST_MONTHS} months")
        if self.fill_months > self.loan_months:
            problems.add(f"{self.fill_months}", "fill_months", "not longer than the loan")
        if self.repayment not in (BULLET, LEVEL):
            problems.add(f"{self.repayment!r}", "repayment", f"{BULLET} or {LEVEL}")
        problems.raise_if_any(RequestError)


@dataclass(frozen=True)
class Stress:
    """What goes wrong.

    Attributes
    ----------
    fall : share by which prices fall, and stay fallen; fall_month : when
    ban_months : how long a major disruption lasts; ban_start : when it begins
    """

    fall: float = 0.0
    fall_month: int = 0
    ban_months: int = 0
    ban_start: int = 0


class CashFlow(NamedTuple):
    """Month by month (T,); inflows positive, outflows negative.

    Attributes
    ----------
    equity, borrowed, repaid, interest, purchases, entry_fees, carrying_fees, storage, insurance,
    decay, cash_yield, drawn, returned, sold : named flows of cash
    cash, debt : at the end of the month
    held, owed : locked value in the vault; with participants, who are paid it when they return it
    worth : what would be left for equity if all were settled at the month's prices
    """

    equity: Floats
    borrowed: Floats
    repaid: Floats
    interest: Floats
    purchases: Floats
    entry_fees: Floats
    carrying_fees: Floats
    storage: Floats
    insurance: Floats
    decay: Floats
    cash_yield: Floats
    drawn: Floats
    returned: Floats
    sold: Floats
    cash: Floats
    debt: Floats
    held: Floats
    owed: Floats
    worth: Floats

    @property
    def free_cash(self) -> Floats:
        """(T,) cash less what participants must be paid when they bring back what they drew."""
        return np.asarray(self.cash - self.owed)

    @property
    def breaks(self) -> int | None:
        """First month in which free cash is missing; the last where only the end is short."""
        slack = 1e-9 * float(max(self.debt.max(), self.held.max(), 1.0))
        short = np.flatnonzero(self.free_cash < -slack)
        if short.size:
            return int(short[0])
        return None if self.worth[-1] >= -slack else int(self.cash.size - 1)

    @property
    def solvent(self) -> bool:
        """Whether free cash never runs out, and everything is paid in the end."""
        return self.breaks is None

    def equity_return(self) -> float:
        """What equity earns a year; -1 where it loses all."""
        kept = max(float(self.worth[-1]), 0.0) / float(self.equity.sum())
        return float(kept ** (12.0 / self.cash.size)) - 1.0


#: Names of the flows of cash in `CashFlow`.
FLOWS = CashFlow._fields[:14]


@dataclass
class _Metal:
    """Where the contents are, at their locked value.

    Attributes
    ----------
    signed, free, orphaned : in the vault: under commitments, never signed for, and left by those
        who signed
    owed : with participants, to come back
    gone : sold, taken at the end, or kept by participants who left
    """

    signed: float = 0.0
    free: float = 0.0
    orphaned: float = 0.0
    owed: float = 0.0
    gone: float = 0.0

    @property
    def held(self) -> float:
        return self.signed + self.free + self.orphaned


def lent(terms: VaultTerms, cost: float) -> float:
    """What contents of a cost take of the loan: equity buys first."""
    return min(terms.loan, max(cost - terms.equity, 0.0))


def usual_fee(terms: VaultTerms, cost: float) -> float:
    """The published carrying fee: loan interest and storage, over the committed value."""
    a_year = lent(terms, cost) * terms.interest + cost * (terms.storage + terms.insurance)
    return a_year / (cost * terms.committed) if cost * terms.committed > 0.0 else 0.0


def cash_flow(terms: VaultTerms, cost: float, stress: Stress | None = None) -> CashFlow:
    """The vault's money from its first purchase to the end of its loan.

    Parameters
    ----------
    cost : what the contents cost to buy: their locked value
    stress : what goes wrong; nothing if left out

    Raises
    ------
    RequestError
        Contents that cost more than loan and equity.
    PlanError
        If metal or money do not balance to 1e-9.
    """
    if not 0.0 < cost <= (terms.loan + terms.equity) * (1.0 + 1e-12):
        raise RequestError(
            f"contents of {cost:,.0f} and funds of {terms.loan + terms.equity:,.0f}: contents cost "
            "more than 0 and at most loan and equity"
        )
    s = stress or Stress()
    fee = usual_fee(terms, cost) if terms.carrying_fee is None else terms.carrying_fee
    months = terms.loan_months
    kept = {name: np.zeros(months) for name in CashFlow._fields}
    metal, cash, debt = _Metal(), 0.0, 0.0
    left, owed_at_end, to_sell = 0.0, 0.0, 0.0
    for t in range(months):
        f = dict.fromkeys(FLOWS, 0.0)
        price = 1.0 - s.fall if s.fall > 0.0 and t >= s.fall_month else 1.0
        f["cash_yield"] = max(cash, 0.0) * terms.cash_yield / 12.0
        f["interest"] = -debt * terms.interest / 12.0
        f["equity"] = terms.equity if t == 0 else 0.0
        if t < terms.fill_months:
            _buy(f, metal, terms, cost / terms.fill_months, left, cash, debt)
        if s.fall > 0.0 and t == s.fall_month:
            left = min(2.0 * terms.walk_away * max(s.fall - terms.entry_fee, 0.0), 1.0)
            metal.orphaned, metal.signed = metal.signed * left, metal.signed * (1.0 - left)
            metal.gone += metal.owed * left
            metal.owed *= 1.0 - left
            to_sell = metal.orphaned / _SALE_MONTHS
        if s.ban_start <= t < s.ban_start + s.ban_months:
            out = min(metal.signed, (metal.signed + metal.owed) / terms.draw_months)
            metal.signed, metal.owed = metal.signed - out, metal.owed + out
            f["drawn"] = out
            owed_at_end = metal.owed
        elif metal.owed > 0.0:
            back = min(metal.owed, owed_at_end / terms.replenish_months)
            metal.signed, metal.owed = metal.signed + back, metal.owed - back
            f["returned"] = -back
        f["storage"] = -metal.held * terms.storage / 12.0
        f["insurance"] = -metal.held * terms.insurance / 12.0
        f["decay"] = -metal.held * terms.decay / 12.0 * price
        f["carrying_fees"] = metal.signed * fee / 12.0
        if metal.orphaned > 0.0:
            out = min(to_sell, metal.orphaned)
            metal.orphaned, metal.gone = metal.orphaned - out, metal.gone + out
            f["sold"] = out * price * (1.0 - terms.sale_discount)
        owing = debt + f["borrowed"]
        if t == months - 1:
            _settle(f, metal, price, terms)
            f["repaid"] = -owing
        else:
            due = (
                owing / (months - t) if terms.repayment == LEVEL and t >= terms.fill_months else 0.0
            )
            f["repaid"] = -min(owing, due + f["sold"])
        cash += sum(f.values())
        debt += f["borrowed"] + f["repaid"]
        for name, value in f.items():
            kept[name][t] = value
        market = (metal.free + metal.orphaned) * price * (1.0 - terms.sale_discount)
        kept["cash"][t], kept["debt"][t] = cash, debt
        kept["held"][t], kept["owed"][t] = metal.held, metal.owed
        kept["worth"][t] = cash - debt + metal.signed + market
    found = CashFlow(**kept)
    _check(found, metal, cost)
    return found


def break_even_fee(terms: VaultTerms, cost: float, wanted: float = 0.0) -> float:
    """The smallest carrying fee at which the vault stays solvent and equity earns what is wanted.

    Parameters
    ----------
    wanted : return on equity a year

    Raises
    ------
    PlanError
        If no fee up to the whole locked value a year is enough.
    """

    def fine(fee: float) -> bool:
        flow = cash_flow(replace(terms, carrying_fee=fee), cost)
        return flow.solvent and flow.equity_return() >= wanted - 1e-12

    if not fine(1.0):
        raise PlanError("no carrying fee is enough: commitments are too few for loan and equity")
    return _edge(lambda fee: not fine(fee), 0.0, 1.0)


def failing_fall(terms: VaultTerms, cost: float, month: int) -> float | None:
    """The smallest lasting fall of prices, beginning in a month, that the vault cannot bear.

    None where it bears a fall to nothing.
    """

    def bears(fall: float) -> bool:
        return cash_flow(terms, cost, Stress(fall=fall, fall_month=month)).solvent

    if bears(1.0):
        return None
    return _edge(bears, 0.0, 1.0) if bears(0.0) else 0.0


def failing_ban(terms: VaultTerms, cost: float, start: int) -> int | None:
    """The shortest major disruption, in months, that leaves the vault without free cash.

    None where it bears one to the end of its loan.
    """
    longest = min(_MOST_BAN, terms.loan_months - start - 1)
    for months in range(longest + 1):
        if not cash_flow(terms, cost, Stress(ban_months=months, ban_start=start)).solvent:
            return months
    return None


def _buy(
    f: dict[str, float],
    metal: _Metal,
    terms: VaultTerms,
    bought: float,
    left: float,
    cash: float,
    debt: float,
) -> None:
    """A month's purchase: cash at hand goes first, since lent money costs interest."""
    signed = terms.committed * (1.0 - left) * bought
    f["purchases"] = -bought
    f["entry_fees"] = terms.entry_fee * signed
    have = cash + f["equity"] + f["entry_fees"] + f["interest"] + f["cash_yield"]
    f["borrowed"] = min(max(bought - have, 0.0), terms.loan - debt)
    metal.signed += signed
    metal.free += bought - signed


def _settle(f: dict[str, float], metal: _Metal, price: float, terms: VaultTerms) -> None:
    """The end: participants take what they signed for at the locked price, the rest is sold."""
    f["drawn"] += metal.signed
    f["sold"] += (metal.free + metal.orphaned) * price * (1.0 - terms.sale_discount)
    metal.gone += metal.held
    metal.signed = metal.free = metal.orphaned = 0.0


def _edge(below: Callable[[float], bool], low: float, high: float) -> float:
    """The end of the part, from `low` on, where something holds: by halving."""
    while high - low > _AIM:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if below(middle) else (low, middle)
    return high


def _check(found: CashFlow, metal: _Metal, cost: float) -> None:
    """Flows add up to cash and debt; every tonne that was bought is somewhere."""
    flows = np.stack([getattr(found, name) for name in FLOWS])
    moved = float(np.abs(flows).sum())
    cash_off = abs(float(flows.sum()) - float(found.cash[-1])) / moved
    debt_off = abs(float(found.borrowed.sum() + found.repaid.sum() - found.debt[-1])) / moved
    metal_off = abs(-found.purchases.sum() - metal.held - metal.owed - metal.gone) / cost
    if not max(cash_off, debt_off, metal_off) <= BALANCE:
        raise PlanError(
            f"vault ledger: cash off by {cash_off:.1e}, debt by {debt_off:.1e}, metal by "
            f"{metal_off:.1e} of what moved; at most {BALANCE:g}"
        )
