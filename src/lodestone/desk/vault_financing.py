"""The verb `vault_finance`: who pays for a vault, how much, and when it could not pay any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.answer import Answer
from lodestone.desk.vault_contents import wanted_contents
from lodestone.desk.vault_options import options
from lodestone.desk.vault_participants import participant_rows
from lodestone.desk.vault_plans import AskedVault, asked_vault, curves_of
from lodestone.desk.vault_sizing import vault_sources
from lodestone.desk.worlds import world
from lodestone.terms import attribute
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.impact_cache import Progress
    from lodestone.desk.vault_contents import Held
    from lodestone.vault.finance import CashFlow, VaultTerms

_MILLION = 1e6
#: Falls of price and lengths of disruption that are shown.
FALLS, BANS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6), (3, 6, 12, 24, 36)
#: Terms whose bands move the answer -> their attribute.
_BANDS = {
    "interest": "vault_interest",
    "cash_yield": "vault_cash_yield",
    "storage": "vault_storage",
    "insurance": "vault_insurance",
    "decay": "vault_decay",
    "entry_fee": "vault_entry_fee",
    "committed": "vault_committed",
    "walk_away": "vault_walk_away",
    "sale_discount": "vault_sale_discount",
    "draw_months": "vault_draw_months",
    "replenish_months": "vault_replenish_months",
    "equity_return": "vault_equity_return",
}


def vault_finance(
    vault: str | Path = "project-vault",
    *,
    place: str | None = None,
    budget: float | None = None,
    fall: float = 0.0,
    ban_months: int = 0,
    year: int | None = None,
    as_of: date | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Answer:
    """What a vault costs a year, who pays, and at which price fall or disruption it fails.

    Parameters
    ----------
    vault : a ready vault, or a TOML file
    place, budget : instead of those of the file; USD
    fall : share by which prices fall for good when the vault is full, in the cash flow shown
    ban_months : months of a major disruption from then on, in the cash flow shown

    Returns
    -------
    Answer
        Rows `key` (fees, returns, what it fails at), `year` (cash flow by name, cover ratio, loan
        to value), `stress`, `sensitivity`, `participant` (what sectors pay and gain), `term`.
        Million USD.

    Raises
    ------
    RequestError
        A vault file with all its problems, or contents that cost more than loan and equity.
    """
    from lodestone.vault.finance import Stress, cash_flow

    if not 0.0 <= fall < 1.0 or not 0 <= ban_months <= 120:
        raise RequestError(f"fall {fall:g}, ban of {ban_months} months: 0 to below 1, and 0 to 120")
    asked = asked_vault(vault, place, budget, year, as_of)
    curves = curves_of(asked, workers, progress)
    found, _ = options(asked, curves)
    held = wanted_contents(asked, found)
    cost = sum(h.cost for h in held) * _MILLION
    terms, fee = charged(asked, cost)
    full = terms.fill_months
    stress = Stress(fall, full, ban_months, full)
    flow = cash_flow(terms, cost, stress)
    rows = [
        *_keys(asked, terms, cost, fee),
        *year_rows(flow, stress, full),
        *_stress_rows(terms, cost, full),
        *_sensitivity(asked, cost),
        *participant_rows(curves, held, fee, terms),
        *_term_rows(asked, terms, fee),
    ]
    return Answer(
        query={
            "verb": "vault_finance",
            **asked.query,
            "fall": fall,
            "ban_months": ban_months,
        },
        results=tuple(rows),
        units={"value": "million USD"},
        sources=vault_sources(curves),
        notes=_notes(asked, held, cost),
        data_release=world(asked.year).data_release,
        content_hash=world(asked.year).content_hash,
    )


def charged(asked: AskedVault, cost: float, **changed: float | None) -> tuple[VaultTerms, float]:
    """Terms with the carrying fee that is charged: stated, or what brings equity its return."""
    from dataclasses import replace

    from lodestone.vault.finance import break_even_fee

    terms = asked.terms_for(cost, **changed)
    fee = terms.carrying_fee
    if fee is None:
        fee = break_even_fee(terms, cost, terms.equity_return)
    return replace(terms, carrying_fee=fee), fee


def _keys(asked: AskedVault, terms: VaultTerms, cost: float, fee: float) -> list[dict[str, Any]]:
    """The numbers a lender, an owner and a participant ask for first."""
    from lodestone.vault.finance import (
        break_even_fee,
        cash_flow,
        failing_ban,
        failing_fall,
        usual_fee,
    )

    flow, full = cash_flow(terms, cost), terms.fill_months
    half = terms.loan_months // 2
    usual = usual_fee(terms, cost)
    ban = failing_ban(terms, cost, full)
    rows: list[tuple[str, str, float | None, str, str]] = [
        ("contents", "cost of the contents", cost / _MILLION, "million USD", ""),
        ("debt", "largest debt", float(flow.debt.max()) / _MILLION, "million USD", ""),
        ("fee", "carrying fee charged", fee, "1/year", "of the committed value"),
        (
            "fee_usual",
            "carrying fee as published: loan interest and storage",
            usual,
            "1/year",
            "",
        ),
        (
            "fee_solvent",
            "smallest carrying fee at which the vault is solvent",
            break_even_fee(terms, cost),
            "1/year",
            "",
        ),
        (
            "fee_return",
            "carrying fee at which equity earns its capped return",
            break_even_fee(terms, cost, terms.equity_return),
            "1/year",
            "",
        ),
        (
            "equity_return",
            "return on equity at the fee charged",
            flow.equity_return(),
            "1/year",
            "",
        ),
        (
            "failing_fall",
            "price fall at which it fails, when just full",
            failing_fall(terms, cost, full),
            "share",
            "lasting; None: it bears any",
        ),
        (
            "failing_fall_later",
            "price fall at which it fails, half-way through the loan",
            failing_fall(terms, cost, half),
            "share",
            "lasting; None: it bears any",
        ),
        (
            "failing_ban",
            "months of disruption at which it fails, when just full",
            None if ban is None else float(ban),
            "months",
            "None: it bears one to the end of its loan",
        ),
    ]
    return [
        {
            "table": "key",
            "key": key,
            "what": what,
            "id": f"vault:finance:{asked.year}:{asked.ready}:{key}" if asked.ready else None,
            "value": value,
            "unit": unit,
            "kind": "modelled",
            "note": note or None,
        }
        for key, what, value, unit, note in rows
    ]


def year_rows(flow: CashFlow, stress: Any, full: int) -> list[dict[str, Any]]:
    """The cash flow by year, every flow by its name."""
    from lodestone.vault.finance import FLOWS

    rows = []
    for first in range(0, flow.cash.size, 12):
        year = slice(first, first + 12)
        last = min(first + 12, flow.cash.size) - 1
        sums = {name: float(getattr(flow, name)[year].sum()) / _MILLION for name in FLOWS}
        price = 1.0 - stress.fall if stress.fall > 0.0 and last >= stress.fall_month else 1.0
        income = sum(sums[n] for n in ("entry_fees", "carrying_fees", "cash_yield"))
        running = -sum(sums[n] for n in ("storage", "insurance", "decay"))
        # a bullet is paid from what participants pay for the metal, not from a year's income
        service = -sums["interest"]
        value = float(flow.held[last]) * price + float(flow.cash[last])
        debt = float(flow.debt[last])
        rows.append(
            {
                "table": "year",
                "year": first // 12 + 1,
                **sums,
                "value": sum(sums.values()),
                "cash": float(flow.cash[last]) / _MILLION,
                "free_cash": float(flow.free_cash[year].min()) / _MILLION,
                "debt": debt / _MILLION,
                "held": float(flow.held[last]) / _MILLION,
                "owed": float(flow.owed[last]) / _MILLION,
                "cover": (income - running) / service if service > 1e-9 else None,
                "loan_to_value": debt / value if value > 0.0 and debt > 0.0 else None,
                "unit": "million USD",
                "kind": "modelled",
            }
        )
    return rows


def _stress_rows(terms: VaultTerms, cost: float, full: int) -> list[dict[str, Any]]:
    """What falls and disruptions leave."""
    from lodestone.vault.finance import Stress, cash_flow

    asked = [("price fall", Stress(fall=f, fall_month=full)) for f in FALLS]
    asked += [("disruption", Stress(ban_months=m, ban_start=full)) for m in BANS]
    asked += [
        ("price fall after a year of disruption", Stress(f, full + 12, 12, full))
        for f in FALLS[1:4]
    ]
    rows = []
    for what, stress in asked:
        flow = cash_flow(terms, cost, stress)
        rows.append(
            {
                "table": "stress",
                "what": what,
                "fall": stress.fall or None,
                "ban_months": stress.ban_months or None,
                "solvent": flow.solvent,
                "month": flow.breaks,
                "value": float(flow.worth[-1]) / _MILLION,
                "equity_return": flow.equity_return(),
                "free_cash": float(flow.free_cash.min()) / _MILLION,
                "unit": "million USD",
                "kind": "modelled",
            }
        )
    return rows


def _sensitivity(asked: AskedVault, cost: float) -> list[dict[str, Any]]:
    """Fee and failing fall with each term at the ends of its band, where the file states none."""
    from lodestone.vault.finance import break_even_fee, failing_ban, failing_fall

    rows = []
    for name, named in _BANDS.items():
        if name in asked.plan.terms:
            continue
        a = attribute(named)
        row: dict[str, Any] = {
            "table": "sensitivity",
            "assumption": named,
            "low": float(a.low),
            "high": float(a.high),
            "unit": a.unit,
        }
        for end, value in (("low", a.low), ("high", a.high)):
            changed: dict[str, Any] = {name: int(value) if a.dtype == "int" else float(value)}
            terms = asked.terms_for(cost, **changed)
            row[f"fee_{end}"] = break_even_fee(terms, cost, terms.equity_return)
            held, _ = charged(asked, cost, **changed)
            row[f"fall_{end}"] = failing_fall(held, cost, held.fill_months)
            row[f"ban_{end}"] = failing_ban(held, cost, held.fill_months)
        rows.append(row)
    return rows


def _term_rows(asked: AskedVault, terms: VaultTerms, fee: float) -> list[dict[str, Any]]:
    """Every term, and whether the file states it or we judge it."""
    rows = []
    for name, named in {**_BANDS, "fill_months": "vault_fill_months"}.items():
        a = attribute(named)
        stated = name in asked.plan.terms
        rows.append(
            {
                "table": "term",
                "term": name,
                "value": float(getattr(terms, name)),
                "low": None if stated else float(a.low),
                "high": None if stated else float(a.high),
                "unit": a.unit,
                "kind": "reported" if stated else "judged",
                "source": "the vault file" if stated else a.source,
            }
        )
    for name in ("loan", "equity"):
        stated = f"{name}_usd" in asked.plan.terms
        rows.append(
            {
                "table": "term",
                "term": name,
                "value": getattr(terms, name) / _MILLION,
                "low": None,
                "high": None,
                "unit": "million USD",
                "kind": "reported" if stated else "judged",
                "source": "the vault file" if stated else "in proportion to Project Vault",
            }
        )
    return rows


def _notes(asked: AskedVault, held: Sequence[Held], cost: float) -> tuple[str, ...]:
    return (
        f"Vault of {asked.plan.place}: {len(held)} materials for {cost / 1e9:.2f} bn USD, bought "
        f"over {asked.months('fill_months')} months, as `lodestone vault size` splits it.",
        "Participants pay at entry and each year; in a disruption they take metal at the locked "
        "price and give it back at that price, so prices are their risk as long as they stay.",
        "Fees, rates and who walks away are not published for any vault: judged, with bands in "
        "`sensitivity`. A vault fails when cash less what it owes for metal to come back runs out, "
        "or when not all is paid in the end.",
        "cover: income less running cost, over interest. loan_to_value: debt over metal at the "
        "month's price, and cash.",
    )
