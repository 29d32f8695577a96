"""What one place needs for a technology, stage by stage, from the chains and the tables of shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lodestone.assess.panel import Node
from lodestone.assess.technology_bands import NOTHING, ShareBand
from lodestone.assess.technology_position import (
    Item,
    StageSupply,
    concentration,
    made_abroad,
    made_by_supplier,
)
from lodestone.atlas.recipe import Band
from lodestone.atlas.technologies import (
    MATERIAL,
    OUTPUT,
    USE,
    Figure,
    ProjectProduct,
    Technology,
    TechnologyStage,
    Weight,
    project_products,
)
from lodestone.chain.bands import CUT, LOOK_THROUGH, SharesByBuyer, share_grade, shares_by_buyer
from lodestone.chain.supply_chain import SupplyChain
from lodestone.desk.assess_baseline import Baseline
from lodestone.desk.assess_buyer import Buyer
from lodestone.desk.library import Library
from lodestone.terms import members

#: On whom dependence is shown.
SUPPLIERS = ("CHN", "USA")
ALLIES, PROJECTS, RECYCLING = "alliance", "projects", "recycling"
LEVERS = (ALLIES, PROJECTS, RECYCLING)
#: The blocs and places of the alliance; each is a partner of whoever is not in it.
PARTNERS = ("EU27", "USA", "JPN")
#: Share of use that the recycling lever reaches: the benchmark of Regulation (EU) 2024/1252.
RECYCLED = 0.25
#: Least part of its capacity that a known project reaches: judged.
_LEAST_RUNNING = 0.5
_DEAD = ("insolvent", "idle")
_EU = "EU27"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Viewer:
    """Whose view it is, with the partners whose surplus counts as safe."""

    buyer: Buyer
    year: int

    @cached_property
    def suppliers(self) -> tuple[str, ...]:
        """Suppliers that are not the place itself."""
        return tuple(s for s in SUPPLIERS if s not in self.buyer.members)

    @property
    def against(self) -> str:
        """Whose hold the levers are to loosen: China; for China the United States."""
        return self.suppliers[0] if self.suppliers else SUPPLIERS[0]

    @cached_property
    def partners(self) -> Mapping[str, tuple[str, ...]]:
        """Members of each partner; China has none, and no place is a partner of itself."""
        if SUPPLIERS[0] in self.buyer.members:
            return {}
        groups = {name: members(name, self.year) for name in PARTNERS}
        own = set(self.buyer.members)
        return {name: group for name, group in groups.items() if own.isdisjoint(group)}


@dataclass(frozen=True)
class Capacity:
    """Printed capacity of a project: tonnes of its product a year."""

    product: ProjectProduct
    tonnes: float


class SupplyBook:
    """The numbers of one release and year that all technologies and places draw on."""

    def __init__(self, books: Library, base: Baseline, viewers: Sequence[Viewer]) -> None:
        self.books, self.base, self.viewers = books, base, tuple(viewers)
        (self.year,) = base.years
        self.partners = {name: members(name, self.year) for name in PARTNERS}
        self._chains: dict[str, SupplyChain] = {}
        self._traced: dict[str, dict[str, SharesByBuyer]] = {}
        self._bands: dict[str, dict[tuple[str, str, str], tuple[float, float]]] = {}
        self._judged: dict[tuple[str, str, str], float] | None = None
        self._built: dict[str, list[Capacity]] = {}

    def supplies(self, technology: Technology, viewer: Viewer) -> tuple[StageSupply, ...]:
        """Every stage of a technology as one place sees it."""
        return tuple(self._stage(stage, viewer) for stage in technology.stages)

    def _stage(self, stage: TechnologyStage, viewer: Viewer) -> StageSupply:
        if stage.kind == MATERIAL:
            items = tuple(self._material(w, stage.chain_stage, viewer) for w in stage.weights)
        elif stage.output:
            items = (part_item(stage, viewer),)
        else:
            items = ()
        return StageSupply(
            stage.name, stage.order, stage.kind, items, stage.unknown.get(OUTPUT, "")
        )

    def _material(self, wanted: Weight, chain_stage: str, viewer: Viewer) -> Item:
        weight = _share(wanted.weight)
        chain = self._chain(wanted.material)
        if chain is None or chain_stage not in [s.stage for s in chain.stages]:
            unknown = dict.fromkeys(viewer.suppliers)
            return Item(wanted.material, None, unknown, weight=weight)
        view = _MaterialView(self, chain, chain_stage, viewer)
        return Item(
            name=wanted.material,
            controlled=view.output(viewer.buyer.members),
            on={s: view.made_by(s) for s in viewer.suppliers},
            abroad=view.abroad,
            concentration=view.concentration(),
            weight=weight,
            extra={
                ALLIES: view.from_allies(),
                PROJECTS: view.from_projects(),
                RECYCLING: view.from_scrap(),
            },
            grade=view.grade,
        )

    def _chain(self, material: str) -> SupplyChain | None:
        if material not in self._chains:
            if material not in {node.material for node in self.base.nodes}:
                return None
            self._chains[material] = self.books.chain(material, self.year)
        return self._chains[material]

    def traced(self, chain: SupplyChain) -> dict[str, SharesByBuyer]:
        """Look-through shares by stage; buyers are the viewers, the partners, and the world."""
        if chain.material not in self._traced:
            viewers = [viewer.buyer.members for viewer in self.viewers]
            groups = [*viewers, *self.partners.values(), chain.places]
            found = shares_by_buyer(chain, groups)
            self._traced[chain.material] = {s.stage: s for s in found if s.lens == LOOK_THROUGH}
        return self._traced[chain.material]

    def row(self, viewer: Viewer) -> int:
        """Row of a viewer in the traced shares."""
        return self.viewers.index(viewer)

    def partner_row(self, name: str) -> int:
        """Row of a partner in the traced shares."""
        return len(self.viewers) + list(self.partners).index(name)

    def band(
        self, buyer: str, material: str, stage: str, origin: str
    ) -> tuple[float, float] | None:
        """The release's band of a look-through share; None where it is too small to be kept."""
        if buyer not in self._bands:
            self._bands[buyer] = {
                (r["material"], r["stage"], r["origin"]): (r["low"], r["high"])
                for r in self.books.dependence(buyer, year=self.year, lens=LOOK_THROUGH)
            }
        return self._bands[buyer].get((material, stage, origin))

    def is_banded(self, buyer: str) -> bool:
        """Whether the release has bands for this buyer at all."""
        self.band(buyer, "", "", "")
        return bool(self._bands[buyer])

    def judged_error(self, material: str, stage: str, place: str) -> float:
        """Half-width of a judged output, which the baseline leaves without a band."""
        if self._judged is None:
            rows = self.books.rows(
                "SELECT material, stage, place, error FROM chain_cells "
                "WHERE year = ? AND entry = 'output' AND kind = 'judged'",
                [self.year],
            )
            self._judged = {(r["material"], r["stage"], r["place"]): r["error"] for r in rows}
        return self._judged.get((material, stage, place), 0.0)

    def projects(self, viewer: Viewer) -> list[Capacity]:
        """What the known projects of the place would make a year."""
        if viewer.buyer.id not in self._built:
            self._built[viewer.buyer.id] = self._read_projects(viewer)
        return self._built[viewer.buyer.id]

    def _read_projects(self, viewer: Viewer) -> list[Capacity]:
        rows = self.books.rows(
            "SELECT p.project_id, p.places, p.status, c.clause, c.product, c.value "
            "FROM projects p JOIN project_capacities c USING (project_id) WHERE c.value IS NOT NULL"
        )
        known = {(p.project, p.clause, p.product): p for p in project_products()}
        found = []
        for row in rows:
            product = known.get((row["project_id"], row["clause"], row["product"]))
            ours = set(row["places"]) <= set(viewer.buyer.members)
            if product is not None and ours and row["status"] not in _DEAD:
                found.append(Capacity(product, float(row["value"])))
        return found


class _MaterialView:
    """One material at one stage as one place sees it."""

    def __init__(self, book: SupplyBook, chain: SupplyChain, stage: str, viewer: Viewer) -> None:
        self.book, self.chain, self.viewer = book, chain, viewer
        self.stage = chain.stage(stage)
        self.traced = book.traced(chain)
        found, self.row = self.traced[stage], book.row(viewer)
        self.shares: Floats = found.share[self.row]
        self.need: Floats = np.nan_to_num(found.total)
        self.ours = float(self.need[self.row])
        self.grade = share_grade(chain, found, self.row)
        self.world = float(self.stage.output.sum())

    @property
    def known(self) -> bool:
        """Whether the place uses any of it."""
        return bool(self.ours > 0.0 and not np.isnan(self.shares).any())

    @property
    def abroad(self) -> float | None:
        """Share of the place's use that neither its members nor scrap supplied."""
        if not self.known:
            return None
        own = self._inside(self.viewer.buyer.members) + float(self.shares[-1])
        return max(0.0, 1.0 - own)

    def output(self, group: Sequence[str]) -> ShareBand | None:
        """Share of world output of a group of places, with the band of the published figures."""
        made = self.book.base.production
        n = made.nodes.index(Node(self.chain.material, self.stage.stage))
        ours = np.isin(made.places, group)
        value, (low, high) = made.value[n, :, 0], (b[n, :, 0] for b in made.bounds)
        world = float(value.sum())
        if not world > 0.0:
            return None
        spread = np.nan_to_num(high - low)[ours] / 2.0
        judged = [self.book.judged_error(self.chain.material, self.stage.stage, p) for p in group]
        half = float(np.sqrt((spread**2).sum() + sum(error**2 for error in judged)))
        total = float(value[ours].sum())
        return ShareBand.of((total - half) / world, total / world, (total + half) / world)

    def made_by(self, supplier: str) -> ShareBand | None:
        """Share of the place's use that a supplier made, through every hub."""
        if not self.known:
            return None
        value = self._inside([supplier])
        buyer, key = self.viewer.buyer.id, (self.chain.material, self.stage.stage)
        if not self.book.is_banded(buyer):
            return ShareBand.exactly(value)
        band = self.book.band(buyer, *key, supplier) or (0.0, 2 * CUT)
        return ShareBand.of(band[0], value, band[1])

    def concentration(self) -> ShareBand | None:
        """Sum of squared shares of world output; the Union counts as one maker."""
        if not self.world > 0.0:
            return None
        union = np.isin(self.chain.places, members(_EU, self.viewer.year))
        made = [float(self.stage.output[union].sum()), *self.stage.output[~union]]
        return ShareBand.exactly(sum((float(m) / self.world) ** 2 for m in made))

    def from_allies(self) -> ShareBand | None:
        """What partners make beyond their own use and beyond what the place has from them."""
        if not self.known:
            return None
        central = most = 0.0
        for name, group in self.viewer.partners.items():
            made = float(self.stage.output[np.isin(self.chain.places, group)].sum())
            reach = made / self.world * float(self.need[-1]) / self.ours
            had = self._inside(group)
            theirs = float(self.need[self.book.partner_row(name)]) / self.ours
            central += max(0.0, reach - theirs - had)
            most += max(0.0, reach - had)
        return ShareBand.of(0.0, central, most)

    def from_projects(self) -> ShareBand | None:
        """Capacity of the place's known projects, in shares of its use."""
        low = value = high = 0.0
        for plant in self.book.projects(self.viewer):
            product, content = plant.product, plant.product.content
            if product.material == self.chain.material and self.stage.stage in product.chain_stages:
                low += _LEAST_RUNNING * content.low * plant.tonnes
                value += content.central * plant.tonnes
                high += content.high * plant.tonnes
        if high == 0.0:
            return NOTHING
        if not self.known or self.stage.unit != "t":
            return None
        # capacity is of output; use is counted in tonnes that reach it
        scale = float(self.need[-1]) / self.world / self.ours
        return ShareBand.of(low * scale, value * scale, high * scale)

    def from_scrap(self) -> ShareBand | None:
        """What is missing to the recycling benchmark; a product is not made by recycling metal."""
        if self.stage.stage == "product":
            return NOTHING
        if not self.known:
            return None
        first = self.chain.stages[0]
        if first.stage == self.stage.stage == "refine":
            now = float(self.stage.scrap_output.sum()) / self.world if self.world > 0.0 else 0.0
        else:
            now = float(np.nan_to_num(self.traced[first.stage].share[self.row, -1]))
        return ShareBand.exactly(max(0.0, RECYCLED - now))

    def _inside(self, group: Sequence[str]) -> float:
        """Share of the place's use that a group of places made."""
        return float(np.nan_to_num(self.shares[:-1])[np.isin(self.chain.places, group)].sum())


def part_item(stage: TechnologyStage, viewer: Viewer) -> Item:
    """A component or product as one item, from published and judged shares."""
    own = share_of(stage.output, viewer.buyer.members, viewer.year)
    use = share_of(stage.use, viewer.buyer.members, viewer.year)
    alike = _share(stage.interchangeable)
    on = {
        s: NOTHING
        if why_barred(stage, s, viewer)
        else made_by_supplier(own, use, share_of(stage.output, (s,), viewer.year), alike)
        for s in viewer.suppliers
    }
    judged = any(figure.is_judged for figure in figures_behind(stage, viewer))
    return Item(
        name=stage.name,
        controlled=own,
        on=on,
        abroad=made_abroad(own, use, alike),
        concentration=concentration([_share(figure.share) for figure in stage.output]),
        extra={ALLIES: _surplus_of_allies(stage, viewer, use, own)},
        grade="C" if judged else "B",
        judged=judged,
    )


def why_barred(stage: TechnologyStage, supplier: str, viewer: Viewer) -> str:
    """Why a supplier does not sell to the place at this stage; empty where it may."""
    own = set(viewer.buyer.members)
    for (maker, buyer), why in stage.barred.items():
        if maker == supplier and own <= set(members(buyer, viewer.year)):
            return why
    return ""


def share_of(figures: Sequence[Figure], group: Sequence[str], year: int) -> ShareBand | None:
    """Share of a group of places: the sum of the figures that make it up; None unless they do."""
    inside = {f: set(members(f.place, year)) for f in figures}
    ours = [f for f, countries in inside.items() if countries <= set(group)]
    if set(group) != {iso for f in ours for iso in inside[f]}:
        return None
    bands = [f.share for f in ours]
    return ShareBand.of(
        sum(b.low for b in bands), sum(b.central for b in bands), sum(b.high for b in bands)
    )


def figures_behind(
    stage: TechnologyStage,
    viewer: Viewer,
    quantities: Sequence[str] = (OUTPUT, USE),
    suppliers: Sequence[str] = SUPPLIERS,
) -> tuple[Figure, ...]:
    """Figures that a place's position at a stage rests on: its own, and its suppliers' output."""
    own = set(viewer.buyer.members)
    found: list[Figure] = []
    for quantity, figures in ((OUTPUT, stage.output), (USE, stage.use)):
        if quantity in quantities:
            makers = suppliers if quantity == OUTPUT else ()
            found += [
                f for f in figures if f.place in makers or set(members(f.place, viewer.year)) <= own
            ]
    return tuple(found)


def _surplus_of_allies(
    stage: TechnologyStage, viewer: Viewer, use: ShareBand | None, own: ShareBand | None
) -> ShareBand | None:
    if not viewer.partners:
        return NOTHING
    if use is None or own is None or use.value <= 0.0:
        return None
    central = most = 0.0
    for group in viewer.partners.values():
        made = share_of(stage.output, group, viewer.year)
        needed = share_of(stage.use, group, viewer.year)
        if made is None:
            continue
        had = made_by_supplier(own, use, made, _share(stage.interchangeable))
        already = had.value if had is not None else 0.0
        most += max(0.0, made.high / use.value - already)
        if needed is not None:
            central += max(0.0, (made.value - needed.value) / use.value - already)
    return ShareBand.of(0.0, central, most)


def _share(band: Band) -> ShareBand:
    return ShareBand.of(band.low, band.central, band.high)
