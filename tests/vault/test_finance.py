"""The vault's money: by hand, by law, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vault.made_vaults import plain_terms, usual_terms

from lodestone.terms.errors import PlanError, RequestError
from lodestone.vault.finance import (
    FLOWS,
    Stress,
    break_even_fee,
    cash_flow,
    failing_ban,
    failing_fall,
    lent,
    usual_fee,
)


def test_without_rates_money_only_passes_through() -> None:
    flow = cash_flow(plain_terms(), 1000.0)
    # equity of 100 buys the first tenth; each further tenth is borrowed
    assert flow.debt[:10] == pytest.approx([0.0, *(100.0 * k for k in range(1, 10))])
    assert flow.held[9] == pytest.approx(1000.0)
    # at the end participants take all of it at the locked price, and the loan is repaid
    assert flow.drawn[-1] == pytest.approx(1000.0)
    assert flow.repaid[-1] == pytest.approx(-900.0)
    assert flow.cash[-1] == pytest.approx(100.0)
    assert flow.equity_return() == pytest.approx(0.0, abs=1e-12)
    assert flow.solvent


def test_interest_by_hand() -> None:
    flow = cash_flow(plain_terms(interest=0.12, carrying_fee=0.108), 1000.0)
    # a full month later 900 are owed: 9 of interest, and a fee of 0.9 % of 1000 is 9
    assert flow.interest[15] == pytest.approx(-flow.debt[14] * 0.01)
    assert flow.carrying_fees[15] == pytest.approx(9.0)


def test_a_disruption_by_hand() -> None:
    flow = cash_flow(plain_terms(), 1000.0, Stress(ban_months=6, ban_start=12))
    # a quarter a month for four months; then the vault is empty
    assert flow.drawn[12:18] == pytest.approx([250.0] * 4 + [0.0] * 2)
    assert flow.owed[17] == pytest.approx(1000.0)
    assert flow.returned[18:22] == pytest.approx([-250.0] * 4)
    assert flow.held[21] == pytest.approx(1000.0)
    assert flow.free_cash.min() >= -1e-9


def test_a_price_fall_by_hand() -> None:
    # half of the participants leave when prices halve: 500 of metal is sold for 250
    flow = cash_flow(plain_terms(), 1000.0, Stress(fall=0.5, fall_month=10))
    assert flow.sold.sum() == pytest.approx(250.0)
    assert flow.worth[-1] == pytest.approx(100.0 - 250.0)
    assert not flow.solvent


def test_the_fall_that_breaks_it_by_hand() -> None:
    # a share x leaves at a fall of x, and each unit sold loses x: 1000 x^2 = 100 of equity
    assert failing_fall(plain_terms(), 1000.0, 10) == pytest.approx(np.sqrt(0.1), abs=1e-6)


def test_the_published_fee_is_interest_and_storage() -> None:
    terms = usual_terms(carrying_fee=None)
    fee = usual_fee(terms, 11_670.0)
    assert fee * 0.8 * 11_670.0 == pytest.approx(0.055 * 10_000.0 + 0.013 * 11_670.0)


def test_equity_buys_first() -> None:
    """100 of equity: contents of 80 take nothing of the loan, of 1000 nine tenths; never above it."""
    terms = plain_terms()
    assert [lent(terms, cost) for cost in (80.0, 100.0, 1000.0)] == [0.0, 0.0, 900.0]
    assert lent(terms, 1e9) == terms.loan
    # the ledger borrows the same
    assert cash_flow(terms, 1000.0).debt.max() == pytest.approx(lent(terms, 1000.0))


def test_the_break_even_fee_is_the_edge() -> None:
    from dataclasses import replace

    terms = usual_terms()
    for wanted in (0.0, 0.08):
        fee = break_even_fee(terms, 11_000.0, wanted)
        above = cash_flow(replace(terms, carrying_fee=fee + 1e-6), 11_000.0)
        below = cash_flow(replace(terms, carrying_fee=fee - 1e-6), 11_000.0)
        assert above.solvent
        assert above.equity_return() >= wanted
        assert not below.solvent or below.equity_return() < wanted


def test_a_longer_disruption_never_helps_where_cash_earns_less_than_debt_costs() -> None:
    terms = usual_terms()
    months = failing_ban(terms, 11_000.0, 24)
    assert months is not None
    for longer in (months, months + 6, months + 18):
        assert not cash_flow(terms, 11_000.0, Stress(ban_months=longer, ban_start=24)).solvent
    assert cash_flow(terms, 11_000.0, Stress(ban_months=months - 1, ban_start=24)).solvent


shares = st.floats(0.0, 1.0)


@settings(max_examples=80, deadline=None)
@given(
    st.floats(100.0, 11_670.0),
    st.floats(0.0, 0.9),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from(["bullet", "level"]),
    shares,
    st.floats(0.0, 0.2),
)
def test_metal_and_money_balance(
    cost: float,
    fall: float,
    fall_month: int,
    ban: int,
    start: int,
    repayment: str,
    committed: float,
    fee: float,
) -> None:
    terms = usual_terms(repayment=repayment, committed=committed, carrying_fee=fee)
    flow = cash_flow(terms, cost, Stress(fall, fall_month, ban, start))
    total = sum(float(getattr(flow, name).sum()) for name in FLOWS)
    moved = sum(float(np.abs(getattr(flow, name)).sum()) for name in FLOWS)
    assert abs(total - flow.cash[-1]) <= 1e-9 * moved
    assert abs(flow.debt[-1]) <= 1e-9 * moved
    assert flow.debt.min() >= -1e-6
    assert flow.debt.max() <= terms.loan + 1e-6


def test_bad_terms_are_told_together() -> None:
    with pytest.raises(RequestError) as told:
        usual_terms(interest=-1.0, committed=2.0, fill_months=0, repayment="later")
    text = str(told.value)
    assert all(word in text for word in ("interest", "committed", "fill_months", "repayment"))


def test_contents_beyond_the_funds_are_refused() -> None:
    with pytest.raises(RequestError, match="contents"):
        cash_flow(usual_terms(), 12_000.0)


def test_no_fee_is_enough_without_commitments() -> None:
    with pytest.raises(PlanError, match="commitments"):
        break_even_fee(usual_terms(committed=0.0), 11_000.0)
