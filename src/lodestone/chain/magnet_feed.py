"""NdPr as a chain of its own: neodymium and praseodymium oxide, made from the chain of all rare earths.

A price in USD per kg of NdPr cannot sit on a chain that counts all rare-earth oxide, most of which is
cerium and lanthanum at a few dollars. So the part that magnets need is cut out:

mine
    each place's oxide times the share of Nd and Pr in the world's oxide; all of it goes on
refine
    separated NdPr: each place's output times one factor; its users are the magnet makers, in
    proportion to what they take in
product
    magnets, as in the chain of all rare earths: their oxide is nearly all NdPr

Flows keep the pattern of the oxide's, scaled until makers and users have what they have. One share
for all ores errs: bastnäsite of Mountain Pass holds about 16 %, monazite of Mount Weld about 23 %.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lodestone.chain.links import Floats, supplied, traced_links
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.terms.errors import ChainError

NDPR = "NdPr"
_ROUNDS, _GOAL, _LEAST = 2000, 1e-12, 1e-9


def ndpr_chain(rare_earths: SupplyChain, share: float) -> SupplyChain:
    """The chain of NdPr oxide, cut out of the balanced chain of all rare-earth oxide.

    Parameters
    ----------
    rare_earths : stages mine, refine and product
    share : of Nd and Pr in the world's rare-earth oxide

    Raises
    ------
    ChainError
        If the chain has other stages, or flows cannot be fitted.
    """
    if tuple(s.stage for s in rare_earths.stages) != ("mine", "refine", "product"):
        raise ChainError(f"NdPr of {rare_earths.year}: the chain of rare earths has no magnets")
    mine, refine, product = rare_earths.stages
    ore = share * supplied(mine)
    oxide = refine.output * share * float(supplied(mine).sum()) / float(refine.output.sum())
    oxide = oxide * refine.process_yield
    fed = oxide / refine.process_yield
    magnets = float(oxide.sum()) / float(refine.intake.sum())
    first = _stage(mine, ore * fed.sum() / ore.sum(), np.nan, intake=fed)
    second = _stage(refine, oxide, refine.process_yield, intake=refine.intake * magnets)
    third = replace(
        product,
        **{
            name: getattr(product, name) * magnets
            for name in (
                "output",
                "scrap_output",
                "intake",
                "use",
                "stock_change",
                "flow",
                "unseen",
            )
        },
    )
    chain = SupplyChain(NDPR, rare_earths.year, rare_earths.places, (first, second, third))
    chain.check_balance()
    return chain


def _stage(like: ChainStage, output: Floats, process_yield: float, *, intake: Floats) -> ChainStage:
    """A stage without use of its own, its flows after the pattern of another's."""
    flow = _fitted(traced_links(like), output, intake, like.stage)
    np.fill_diagonal(flow, 0.0)
    none = np.zeros_like(output)
    # what is left of fitting: each ledger closes by its intake
    closed = output + flow.sum(axis=0) - flow.sum(axis=1)
    return replace(
        like,
        process_yield=process_yield,
        output=output,
        scrap_output=none,
        intake=np.where(np.abs(closed - intake) <= 1e-9 * output.sum(), intake, closed),
        use=none,
        stock_change=closed - intake,
        flow=flow,
        unseen=np.zeros_like(flow),
    )


def _fitted(pattern: Floats, rows: Floats, columns: Floats, subject: str) -> Floats:
    """Links after a pattern that sum to what makers have and users need."""
    world = float(rows.sum())
    x = pattern / pattern.sum() * world + _LEAST * np.outer(rows, columns) / world
    x[rows <= 0.0] = 0.0
    x[:, columns <= 0.0] = 0.0
    for _ in range(_ROUNDS):
        total = x.sum(axis=1)
        x *= np.where(total > 0.0, rows / np.where(total > 0.0, total, 1.0), 0.0)[:, None]
        total = x.sum(axis=0)
        x *= np.where(total > 0.0, columns / np.where(total > 0.0, total, 1.0), 0.0)[None, :]
        if np.abs(x.sum(axis=1) - rows).max() <= _GOAL * world:
            return np.asarray(x)
    raise ChainError(f"NdPr {subject}: flows do not fit what makers have and users need")
