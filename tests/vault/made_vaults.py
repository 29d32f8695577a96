"""Small made vaults: numbers one can follow by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lodestone.vault.finance import VaultTerms
from lodestone.vault.relief import Relief


def plain_terms(**changed: Any) -> VaultTerms:
    """No interest, no cost, no fee: money only goes in and out."""
    return VaultTerms(
        **{
            "loan": 900.0,
            "equity": 100.0,
            "loan_months": 24,
            "fill_months": 10,
            "interest": 0.0,
            "cash_yield": 0.0,
            "storage": 0.0,
            "insurance": 0.0,
            "decay": 0.0,
            "entry_fee": 0.0,
            "carrying_fee": 0.0,
            "committed": 1.0,
            "walk_away": 0.5,
            "sale_discount": 0.0,
            "draw_months": 4,
            "replenish_months": 4,
            "equity_return": 0.08,
            **changed,
        }
    )


def usual_terms(**changed: Any) -> VaultTerms:
    """Terms near the central ones."""
    return plain_terms(
        **{
            "loan": 10_000.0,
            "equity": 1_670.0,
            "loan_months": 180,
            "fill_months": 24,
            "interest": 0.055,
            "cash_yield": 0.04,
            "storage": 0.01,
            "insurance": 0.003,
            "decay": 0.002,
            "entry_fee": 0.02,
            "carrying_fee": 0.1,
            "committed": 0.8,
            "sale_discount": 0.1,
            "draw_months": 6,
            "replenish_months": 24,
            **changed,
        }
    )


def steady_relief(months: int = 12) -> Relief:
    """One pair: a full cut costs 10 a month; 10 days handed out a month take 6 of them off."""
    days, depth = np.array([0.0, 30.0, 60.0]), np.array([0.0, 1.0])
    t = np.arange(months + 1.0)
    released = np.zeros((1, 3, 2, months + 1))
    loss = np.zeros_like(released)
    for k, stock in enumerate(days):
        out = np.minimum(10.0 * t, stock)
        released[0, k, 1] = out
        loss[0, k, 1] = 10.0 * t - 0.6 * out
    return Relief(
        (("AAA", "ore"),),
        np.array([0]),
        days,
        depth,
        released,
        loss,
        np.ones((1, 3, 2, months)),
    )
