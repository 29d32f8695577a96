"""What it costs to buy where no chain is known: a stated supply curve, grade C.

Supply answers price with one elasticity, `q = Q (p/p0)^eps`. A buyer who wants `b` more each year than
the market turns over pays `p0 (1 + b/Q)^(1/eps)`.
"""

from __future__ import annotations

from lodestone.terms.errors import RequestError


def stated_cost(
    tonnes: float, years: float, price: float, market: float, elasticity: float
) -> float:
    """Money for so many tonnes bought evenly over some years.

    Parameters
    ----------
    price : money for a tonne before the purchase
    market : tonnes a year that the market turns over
    elasticity : of supply, above 0
    """
    if not (tonnes >= 0.0 and years > 0.0 and price > 0.0 and market > 0.0 and elasticity > 0.0):
        raise RequestError(
            f"purchase of {tonnes:g} t over {years:g} years at {price:g} in a market of {market:g} t "
            f"a year with elasticity {elasticity:g}: numbers above 0"
        )
    return float(tonnes * price * (1.0 + tonnes / years / market) ** (1.0 / elasticity))
