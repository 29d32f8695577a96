"""What a market assumes: one number for each attribute, central or drawn from its band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from lodestone.terms import attribute
from lodestone.terms.errors import Problems, RequestError

#: Attributes that shape a market answer, in the order in which draws use them.
NAMES = (
    "theta",
    "eta_S",
    "eta_L",
    "eps_S",
    "eps_L",
    "byproduct_supply_factor",
    "byproduct_eps0",
    "scrap_supply_elasticity",
    "supply_floor",
    "refining_margin_floor",
    "feed_price_fraction",
    "choke",
    "kappa",
    "new_link_share",
    "spare_capacity",
    "capacity_ceiling",
    "capacity_ratchet",
    "ratchet_price",
    "l_use",
    "l_supply",
    "l_sourcing",
    "sourcing_anchor",
    "stock_months",
    "stock_release_response",
    "stock_return_months",
    "stock_build_limit",
    "stock_release_limit",
    "stock_draw_share",
    "stock_ceiling",
    "expected_price_weight",
    "licence_delay",
    "licence_ramp",
    "licence_share",
    "rush_stock_factor",
    "rush_fade_months",
)


@dataclass(frozen=True)
class Assumptions:
    """A value for every attribute that a market uses.

    `a["theta"]` gives one; `a.replace({"theta": 5.0})` gives others with that one changed.
    """

    values: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def replace(self, changes: Mapping[str, float]) -> Assumptions:
        """The same with some values changed.

        Raises
        ------
        RequestError
            Unknown names, or values outside what the market can compute with.
        """
        problems = Problems("assumptions")
        for name, value in changes.items():
            if name not in NAMES:
                problems.add(f"unknown assumption {name!r}", mend=f"one of {', '.join(NAMES)}")
            elif not np.isfinite(value) or value < 0:
                problems.add(f"{name} = {value}", mend="a finite number, not negative")
        problems.raise_if_any(RequestError)
        return Assumptions(MappingProxyType({**self.values, **changes}))


def central() -> Assumptions:
    """Every attribute at its default."""
    return Assumptions(MappingProxyType({n: float(attribute(n).default) for n in NAMES}))


def at_quantiles(u: NDArray[np.float64]) -> Assumptions:
    """The attributes at given quantiles of their bands.

    The default is the median; between it and either end of the band the logarithm is uniform
    (the value itself where a band touches zero). Low and high are the ends: nothing is drawn
    beyond what the table states.

    Parameters
    ----------
    u : (len(NAMES),) numbers between 0 and 1
    """
    values = {}
    for name, q in zip(NAMES, u, strict=True):
        item = attribute(name)
        low, mid, high = float(item.low), float(item.default), float(item.high)
        a, b, part = (low, mid, 2 * q) if q < 0.5 else (mid, high, 2 * q - 1)
        if a > 0:
            values[name] = float(a * (b / a) ** part)
        else:
            values[name] = float(a + (b - a) * part)
    return Assumptions(MappingProxyType(values))


def draws(count: int, seed: int) -> list[Assumptions]:
    """Quasi-random draws (scrambled Sobol): the same count and seed give the same draws."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(len(NAMES), scramble=True, rng=np.random.default_rng(seed))
    power = max(int(np.ceil(np.log2(max(count, 1)))), 0)
    points = sampler.random_base2(power)[:count]
    return [at_quantiles(u) for u in points]


def supply_elasticities(a: Assumptions, companionality: float | None) -> tuple[float, float]:
    """Elasticity of primary supply at once and in the long run, lower for by-products.

    A by-product at companionality c has `byproduct_eps0 * (1 - c)` in the long run, at least
    `byproduct_supply_factor` of a main product's; at once it has the same part of `eps_S`.
    """
    if not companionality:
        return a["eps_S"], a["eps_L"]
    own = a["byproduct_eps0"] * (1.0 - companionality)
    long_run = min(a["eps_L"], max(own, a["byproduct_supply_factor"] * a["eps_L"]))
    return a["eps_S"] * long_run / a["eps_L"], long_run
