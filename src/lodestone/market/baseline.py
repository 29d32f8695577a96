"""The market's baseline: a balanced chain as nodes, buyers and habit links, ready to be shocked.

Three steps lead from a `SupplyChain` to it.

1. *Links from maker to user.* A market needs to know whose goods a buyer uses, not which port
   they passed. Flows are traced through entrepots (proportional mixing, as in look-through), so
   that a link runs from where a thing was made to where it is used or worked on.
2. *A small prior on absent links.* Every maker could sell to every buyer: links below
   `new_link_share * purchases * gravity` are raised to that, and all links are scaled
   (biproportional fitting) until makers and buyers have what they had. `moved` says how much.
3. *Units.* Prices in base prices, quantities in value; see `arrays`.

With no measure the market returns exactly this baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.links import traced_links
from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.chain.world import Price, World
from lodestone.market.arrays import Floats, Ints, Layout
from lodestone.market.assumptions import Assumptions
from lodestone.market.margins import fit_margins
from lodestone.terms import attribute
from lodestone.terms.errors import MarketError

#: Makers and buyers with less of a stage's world supply are left out; `left_out` says how much.
_LEAST = 1e-6
_FIT_GOAL = 1e-13


@dataclass(frozen=True)
class MarketBaseline:
    """One material's market at rest.

    Attributes
    ----------
    material, year, places, stages : labels of the chain
    layout : who is where, see `arrays.Layout`
    node_place, buyer_place : (N,), (M,) index into places
    node_stage, buyer_stage : (N,), (M,)
    made, refined, given : (N,) baseline output without feed, from feed, and draw-down of stocks
    use, fixed : (M,) baseline use and stock building
    bought : (M,) baseline purchases: use, stock building and intake
    weight : (L,) habit shares; columns sum to 1
    tonnes : (S,) tonnes a year (or index points) in one unit of quantity of the stage
    base_price : (S,) USD per tonne; NaN where unknown
    prices : what the base prices rest on
    moved, left_out : largest change of a link by the prior, and supply left out, in shares of a
        stage's world supply
    capacity : (N,) published capacity in units of quantity; NaN where none
    """

    material: str
    year: int
    places: tuple[str, ...]
    stages: tuple[str, ...]
    units: tuple[str, ...]
    layout: Layout
    node_place: Ints
    node_stage: Ints
    buyer_place: Ints
    buyer_stage: Ints
    made: Floats
    refined: Floats
    given: Floats
    use: Floats
    fixed: Floats
    bought: Floats
    weight: Floats
    tonnes: Floats
    base_price: Floats
    prices: tuple[Price | None, ...]
    moved: float
    left_out: float
    capacity: Floats
    companionality: float | None

    @property
    def supply(self) -> Floats:
        """(N,) baseline sales of each node."""
        return self.made + self.refined + self.given

    def links(self, s: int, flat: Floats | None = None) -> Floats:
        """(nodes, buyers) block of one stage of a flat array (habit shares by default)."""
        lay = self.layout
        shape = (lay.ns[s + 1] - lay.ns[s], lay.ms[s + 1] - lay.ms[s])
        part = (self.weight if flat is None else flat)[lay.wo[s] : lay.wo[s + 1]]
        return np.asarray(part.reshape(shape))

    def nodes_of(self, s: int) -> slice:
        """Nodes of a stage."""
        return slice(int(self.layout.ns[s]), int(self.layout.ns[s + 1]))

    def buyers_of(self, s: int) -> slice:
        """Buyers of a stage."""
        return slice(int(self.layout.ms[s]), int(self.layout.ms[s + 1]))

    def in_tonnes(self, s: int) -> float:
        """Tonnes a year in one unit of quantity of stage s."""
        return float(self.tonnes[s])


@dataclass(frozen=True)
class _StageBook:
    """One stage while the baseline is made: kept makers and buyers, tonnes a year."""

    nodes: Ints
    buyers: Ints
    made: Floats
    refined: Floats
    given: Floats
    use: Floats
    fixed: Floats
    intake: Floats
    links: Floats
    left_out: float


def market_baseline(world: World, material: str, assumed: Assumptions) -> MarketBaseline:
    """The market at rest of one material of a world.

    Raises
    ------
    MarketError
        If the links cannot be fitted to what makers sell and buyers buy.
    RequestError
        If the world has no chain of the material.
    """
    chain = world.chain(material)
    books = _books(chain)
    prices, levels = _prices(world, chain, assumed)
    links, moved = [], 0.0
    km = world.distances(chain.places)
    for s, book in enumerate(books):
        fitted, change = _fit(
            book, km, assumed["new_link_share"], f"{material} {chain.stages[s].stage}"
        )
        links.append(fitted)
        moved = max(moved, change)
    return _assemble(world, chain, books, links, prices, levels, moved, assumed)


def _books(chain: SupplyChain) -> list[_StageBook]:
    """Ledgers of kept makers and buyers, last stage first so that intake follows output."""
    found: list[_StageBook] = []
    need: Floats | None = None  # intake that the stage after needs, (n,)
    for s in range(len(chain.stages) - 1, -1, -1):
        stage = chain.stages[s]
        after = chain.stages[s + 1] if s + 1 < len(chain.stages) else None
        intake = np.zeros(len(chain.places)) if need is None else need
        book = _book(stage, intake, first=s == 0)
        if s > 0:
            need = np.zeros(len(chain.places))
            need[book.nodes] = book.refined / stage.process_yield
        found.append(book)
        del after
    return found[::-1]


def _book(stage: ChainStage, intake: Floats, *, first: bool) -> _StageBook:
    world = float(stage.output.sum())
    drawn = np.maximum(-stage.stock_change, 0.0)
    fixed = np.maximum(stage.stock_change, 0.0)
    supply = stage.output + drawn
    nodes = np.flatnonzero(supply > _LEAST * world)
    need = stage.use + fixed + intake
    buyers = np.flatnonzero((need > 0.1 * _LEAST * world) | (intake > 0))
    scrap = np.zeros_like(stage.output) if first else np.clip(stage.scrap_output, 0.0, stage.output)
    made = stage.output if first else scrap
    refined = np.zeros_like(made) if first else stage.output - scrap
    # Makers and buyers left out: what the others sell is scaled to what is bought, by 1e-6 or so.
    factor = need[buyers].sum() / supply[nodes].sum()
    links = traced_links(stage)[np.ix_(nodes, buyers)]
    return _StageBook(
        nodes=nodes,
        buyers=buyers,
        made=made[nodes] * factor,
        refined=refined[nodes] * factor,
        given=drawn[nodes] * factor,
        use=stage.use[buyers],
        fixed=fixed[buyers],
        intake=intake[buyers],
        links=np.maximum(links, 0.0),
        left_out=abs(factor - 1.0),
    )


def _fit(book: _StageBook, km: Floats, share: float, subject: str) -> tuple[Floats, float]:
    """Links with the gravity prior, scaled to margins; and the largest move, in world supply."""
    supply = book.made + book.refined + book.given
    need = book.use + book.fixed + book.intake
    pull = _gravity(supply, km[np.ix_(book.nodes, book.buyers)])
    least = attribute("link_drop").default * supply.sum()
    seen = np.where(book.links >= least, book.links, 0.0)
    x = _to_margins(np.maximum(seen, share * need[None, :] * pull), supply, need, subject)
    return x, float(np.abs(x - book.links).max() / supply.sum())


def _to_margins(x: Floats, supply: Floats, need: Floats, subject: str) -> Floats:
    """Scale rows and columns until rows sum to supply and columns to need."""
    x = np.ascontiguousarray(x)
    off = fit_margins(x, supply, need, _FIT_GOAL)
    if not off <= 1e-11:
        raise MarketError(
            f"{subject}: links do not fit what makers sell and buyers buy (off by {off:.1e}); "
            "raise `new_link_share`"
        )
    return x


def _gravity(supply: Floats, km: Floats) -> Floats:
    """Share of each maker in a new buyer's search: size over distance; columns sum to 1."""
    known = np.isfinite(km)
    usual = float(np.median(km[known])) if known.any() else 1.0
    far = np.where(known, np.maximum(km, 1.0), usual)
    pull = supply[:, None] * far ** -attribute("gravity_exponent").default
    return np.asarray(pull / pull.sum(axis=0, keepdims=True))


def _prices(
    world: World, chain: SupplyChain, assumed: Assumptions
) -> tuple[tuple[Price | None, ...], Floats]:
    """Base prices of the stages, and their levels (relative where no price is known).

    A stage without price stands at `feed_price_fraction` of the next stage's, per content.
    """
    given = [world.prices.get((chain.material, s.stage)) for s in chain.stages]
    fraction = assumed["feed_price_fraction"]
    level = np.array([p.usd_per_t if p else np.nan for p in given])
    for s in range(len(given) - 2, -1, -1):
        if np.isnan(level[s]) and not np.isnan(level[s + 1]):
            level[s] = fraction * level[s + 1]
    for s in range(1, len(given)):
        if np.isnan(level[s]) and not np.isnan(level[s - 1]):
            level[s] = level[s - 1] / fraction
    stated = [
        p
        or (
            Price(float(level[s]), "judged", "assumption:feed_price_fraction")
            if not np.isnan(level[s])
            else None
        )
        for s, p in enumerate(given)
    ]
    if np.isnan(level).any():
        level = fraction ** np.arange(len(given) - 1, -1, -1.0)
    return tuple(stated), level


def _assemble(
    world: World,
    chain: SupplyChain,
    books: list[_StageBook],
    links: list[Floats],
    prices: tuple[Price | None, ...],
    level: Floats,
    moved: float,
    assumed: Assumptions,
) -> MarketBaseline:
    """Offsets, units and feed of all stages together."""
    value = float(level[-1] * (books[-1].made + books[-1].refined + books[-1].given).sum())
    tonnes = value / level  # tonnes a year in one unit of quantity
    ns = np.cumsum([0, *(len(b.nodes) for b in books)])
    ms = np.cumsum([0, *(len(b.buyers) for b in books)])
    wo = np.cumsum([0, *(x.size for x in links)])
    feed = np.full(ns[-1], -1)
    cost = np.zeros(ns[-1])
    for s in range(1, len(books)):
        at = {int(p): int(ms[s - 1]) + j for j, p in enumerate(books[s - 1].buyers)}
        share = level[s - 1] / (chain.stages[s].process_yield * level[s])
        for i, p in enumerate(books[s].nodes):
            if books[s].refined[i] > 0:
                feed[ns[s] + i] = at[int(p)]
                cost[ns[s] + i] = share
    rptr, ridx = refiners_of(feed, int(ms[-1]))

    def joined(parts: list[Floats]) -> Floats:
        return np.concatenate([p / tonnes[s] for s, p in enumerate(parts)])

    made, refined, given = (
        joined([getattr(b, name) for b in books]) for name in ("made", "refined", "given")
    )
    supply = made + refined + given
    node_stage = np.repeat(np.arange(len(books)), np.diff(ns))
    means = np.array([supply[ns[s] : ns[s + 1]].mean() for s in range(len(books))])
    bought = joined([b.use + b.fixed + b.intake for b in books])
    layout = Layout(
        ns.astype(np.int64),
        ms.astype(np.int64),
        wo.astype(np.int64),
        feed.astype(np.int64),
        cost,
        rptr,
        ridx,
        np.maximum(supply, 1e-6 * means[node_stage]),
    )
    node_place = np.concatenate([b.nodes for b in books])
    published = np.array(
        [
            world.capacity.get((chain.material, chain.stages[s].stage, chain.places[p]), np.nan)
            / tonnes[s]
            for s, p in zip(node_stage, node_place, strict=True)
        ]
    )
    return MarketBaseline(
        material=chain.material,
        year=chain.year,
        places=chain.places,
        stages=tuple(s.stage for s in chain.stages),
        units=tuple(s.unit for s in chain.stages),
        layout=layout,
        node_place=node_place,
        node_stage=node_stage,
        buyer_place=np.concatenate([b.buyers for b in books]),
        buyer_stage=np.repeat(np.arange(len(books)), np.diff(ms)),
        made=made,
        refined=refined,
        given=given,
        use=joined([b.use for b in books]),
        fixed=joined([b.fixed for b in books]),
        bought=bought,
        weight=np.concatenate([(x / x.sum(axis=0)).ravel() for x in links]),
        tonnes=tonnes,
        base_price=np.array([p.usd_per_t if p else np.nan for p in prices]),
        prices=prices,
        moved=moved,
        left_out=max(b.left_out for b in books),
        capacity=published,
        companionality=world.companionality.get(chain.material),
    )


def refiners_of(feed: NDArray[np.int64], buyers: int) -> tuple[Ints, Ints]:
    """Refining nodes of each buyer as (pointer, index)."""
    order = np.argsort(feed, kind="stable")
    order = order[feed[order] >= 0].astype(np.int64)
    counts = np.bincount(feed[order], minlength=buyers)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order
