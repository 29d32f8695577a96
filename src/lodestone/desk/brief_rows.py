"""What a brief needs from the release, as figures: dependences, trends, routes, sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lodestone.chain.bands import CUT
from lodestone.desk.graded_shares import graded_shares
from lodestone.desk.inferred_output import INFERRED_NOTE
from lodestone.desk.library import Library
from lodestone.report.brief_content import ChainFlow, ChainLink, ChainNode, Figure, Grade
from lodestone.terms import group_members, listings, material, members, place

if TYPE_CHECKING:
    from lodestone.chain.supply_chain import SupplyChain

CHAIN_SOURCES_KEY = "chains"


@dataclass(frozen=True)
class Exposure:
    """How much of a material a buyer gets from one origin at the stage where it is worst."""

    material: str
    stage: str
    direct: Mapping[str, Any] | None
    look_through: Mapping[str, Any]
    grade: str

    @property
    def share(self) -> float:
        """Look-through share."""
        return float(self.look_through["share"])


class BuyerView:
    """Everything the release says about one buyer in one year."""

    def __init__(self, books: Library, buyer: str, year: int) -> None:
        self.books, self.buyer, self.year = books, buyer, year
        self.members = members(buyer, year)
        self.rows = graded_shares(books, books.dependence(buyer, year=year))
        self._share = {(r["material"], r["lens"], r["stage"], r["origin"]): r for r in self.rows}
        self._grades: dict[tuple[str, str, str], str] = {}
        for r in self.rows:  # one member's own output may be known worse than the rest
            key = (r["material"], r["lens"], r["stage"])
            self._grades[key] = min(r["grade"], self._grades.get(key, r["grade"]))
        self.stages = {(s["material"], s["stage"]): s for s in books.stages(year)}

    def row(self, name: str, lens: str, stage: str, origin: str) -> dict[str, Any] | None:
        """One share with its band; None below the release's cut."""
        return self._share.get((name, lens, stage, origin))

    def grade(self, name: str, lens: str, stage: str) -> str:
        """Grade of the buyer's shares through a lens; C where it has none."""
        return str(self._grades.get((name, lens, stage), "C"))

    def exposures(self, origin: str) -> list[Exposure]:
        """For every material, the stage at which look-through dependence on `origin` is worst."""
        best: dict[str, Exposure] = {}
        for r in self.rows:
            if r["lens"] != "look_through" or r["origin"] != origin:
                continue
            name, stage = r["material"], r["stage"]
            if name not in best or r["share"] > best[name].share:
                direct = self.row(name, "direct", stage, origin)
                best[name] = Exposure(name, stage, direct, r, str(r["grade"]))
        return sorted(best.values(), key=lambda e: (-e.share, e.material))

    def top(self, name: str, lens: str, stage: str, foreign: bool = True) -> dict[str, Any] | None:
        """Largest origin outside the buyer (or anywhere)."""
        for r in self.rows:
            if (r["material"], r["lens"], r["stage"]) != (name, lens, stage):
                continue
            if r["origin"] == "scrap" or (foreign and r["origin"] in self.members):
                continue
            return r
        return None

    def figure(self, r: Mapping[str, Any] | None, *, of: tuple[str, str, str, str]) -> Figure:
        """A share as a printed figure; a missing row is a share below the release's cut."""
        name, lens, stage, origin = of
        id = f"dependence:{name}:{self.year}:{self.buyer}:{lens}:{stage}:{origin}"
        grade: Grade = r["grade"] if r else self.grade(name, lens, stage)  # type: ignore[assignment]
        if r is None:
            held = (name, lens, stage) in self._grades
            return Figure(
                id=id,
                value=CUT / 2 if held else None,
                low=0.0 if held else None,
                high=2 * CUT if held else None,
                unit="share",
                year=self.year,
                kind="judged",
                grade=grade,
                sources=(CHAIN_SOURCES_KEY,),
                note=f"below {100 * CUT:.0f} %"
                if held
                else "the place holds none of it at this stage",
                cut=CUT if held else None,
            )
        return Figure(
            id=id,
            value=float(r["share"]),
            low=float(r["low"]),
            high=float(r["high"]),
            unit="share",
            year=int(r["year"]),
            kind="modelled",
            grade=grade,
            sources=(CHAIN_SOURCES_KEY,),
            note=INFERRED_NOTE if r["inferred"] else "",
        )


def official_list(buyer: str, year: int) -> tuple[str, tuple[str, ...]]:
    """The official list of critical materials that speaks for a buyer, and its materials.

    The EU's list for the EU and its members, the US list for the USA, else both together.
    """
    inside = set(members(buyer, year))
    if inside <= set(members("EU27", year)):
        return "the EU's list of critical raw materials", _listed("EU_CRM_2024")
    if inside == {"USA"}:
        return "the US list of critical minerals (2025)", _listed("US_2025")
    both = tuple(sorted(set(_listed("EU_CRM_2024")) | set(_listed("US_2025"))))
    return "the EU and US lists of critical materials", both


def _listed(list_id: str) -> tuple[str, ...]:
    """Single materials of a list, groups replaced by their members."""
    found: set[str] = set()
    for entry in listings(list_id):
        item = material(entry.material)
        found |= set(item.members) if item.members else {item.id}
    if found & set(group_members("REE")):
        # The chain of all rare earths together is the only one with tonnes and magnets.
        found.add("rare_earths")
    return tuple(sorted(found))


def short_name(code: str) -> str:
    """Name of a place as charts print it."""
    if code == "XOT":
        return "other countries"
    return code if code == "scrap" else place(code).name


def chain_flow(
    books: Library, name: str, year: int, buyer: str, buyer_name: str, against: str
) -> ChainFlow:
    """Where what a buyer uses was mined and refined: the chain as traced, drawn stage by stage."""
    import numpy as np

    from lodestone.chain.look_through import made_by

    chain = books.chain(name, year)
    inside = np.array([p in set(members(buyer, year)) for p in chain.places])
    last = chain.stages[-1]
    made = made_by(last)
    known = ~np.isnan(made[:, 0])
    need = np.where(inside & known, last.use, 0.0)
    by_maker = need @ np.where(known[:, None], made, 0.0)
    total = float(by_maker.sum())
    names = [_STAGE_WORDS[s.stage] for s in chain.stages] + ["Used"]
    drawn = _Drawing(chain, buyer, against)
    drawn.node("use", len(names) - 1, buyer_name, total, "place")
    shares = _merge(by_maker, chain.places, total)
    _draw_stage(drawn, chain, len(chain.stages) - 1, shares, total, by_maker)
    return ChainFlow(
        material=material(name).name,
        year=year,
        stages=tuple(names),
        nodes=tuple(drawn.nodes(names)),
        links=tuple(drawn.links()),
    )


_STAGE_WORDS = {"mine": "Mined", "refine": "Refined", "product": "Made"}


def _merge(amount: Any, places: Sequence[str], total: float, most: int = 7) -> list[int]:
    """Indices of the largest makers; the rest is drawn as one."""
    order = sorted(range(len(places)), key=lambda k: -amount[k])
    return [k for k in order[:most] if amount[k] > 0.02 * total]


def _draw_stage(
    drawn: _Drawing, chain: Any, s: int, shown: list[int], total: float, amount: Any
) -> None:
    """Nodes of stage s feeding stage s + 1 (or the buyer), and on to the stage before."""
    import numpy as np

    stage = chain.stages[s]
    groups = [[k] for k in shown] + [[k for k in range(len(chain.places)) if k not in shown]]
    for group in groups:
        value = float(amount[group].sum())
        if value <= 0:
            continue
        drawn.maker(s, group, value, stage)
        drawn.link(drawn.key(s, group), "use", value, drawn.unseen_to_buyer(stage, group))
    if s == 0:
        return
    _draw_feed(drawn, chain, s, groups, np.asarray(amount))


def _draw_feed(drawn: _Drawing, chain: Any, s: int, groups: list[list[int]], amount: Any) -> None:
    import numpy as np

    from lodestone.chain.look_through import made_by, scrap_share

    stage, feed_stage = chain.stages[s], chain.stages[s - 1]
    traced = made_by(feed_stage)
    scrap, feed = scrap_share(stage, traced), np.nan_to_num(traced)
    mined = (amount * (1.0 - scrap)) @ feed
    before = _merge(mined, chain.places, float(amount.sum()))
    origins = [[k] for k in before] + [[k for k in range(len(chain.places)) if k not in before]]
    for origin in origins:
        value = float(mined[origin].sum())
        if value > 0:
            drawn.maker(s - 1, origin, value, feed_stage)
    for group in groups:
        for origin in origins:
            value = float(((amount * (1.0 - scrap))[group] @ feed[group][:, origin]).sum())
            if value > 1e-4 * amount.sum():
                drawn.link(drawn.key(s - 1, origin), drawn.key(s, group), value, False)
        from_scrap = float((amount * scrap)[group].sum())
        if from_scrap > 1e-3 * amount.sum():
            drawn.scrap(s - 1, from_scrap)
            drawn.link(f"{s - 1}:scrap", drawn.key(s, group), from_scrap, True)
    if s - 1 > 0:
        _draw_feed(drawn, chain, s - 1, origins, mined)


class _Drawing:
    """Collects nodes and links of a chain picture, merging small places into one."""

    def __init__(self, chain: SupplyChain, buyer: str, against: str) -> None:
        self.name, self.year, self.buyer, self.against = chain.material, chain.year, buyer, against
        self.places, self.unit = chain.places, chain.stages[0].unit
        self.stages = tuple(s.stage for s in chain.stages)
        self._inside = set(members(buyer, chain.year))
        self._nodes: dict[str, tuple[int, str, float, str]] = {}
        self._links: dict[tuple[str, str], tuple[float, bool]] = {}

    def key(self, stage: int, group: Sequence[int]) -> str:
        """Id of a node: one place, or the rest of a stage."""
        return f"{stage}:{self.places[group[0]]}" if len(group) == 1 else f"{stage}:other"

    def node(self, id: str, stage: int, label: str, value: float, role: str) -> None:
        """Add a node, or add to it."""
        old = self._nodes.get(id)
        self._nodes[id] = (stage, label, value + (old[2] if old else 0.0), role)

    def maker(self, stage: int, group: Sequence[int], value: float, at: Any) -> None:
        """A place that worked what the buyer uses."""
        if len(group) == 1:
            code = self.places[group[0]]
            role = (
                "against"
                if code == self.against
                else ("place" if code in self._inside else "other")
            )
            self.node(self.key(stage, group), stage, short_name(code), value, role)
        else:
            self.node(self.key(stage, group), stage, "Other", value, "other")

    def scrap(self, stage: int, value: float) -> None:
        """Scrap as an origin of its own."""
        self.node(f"{stage}:scrap", stage, "Scrap", value, "other")

    def link(self, source: str, target: str, value: float, inferred: bool) -> None:
        """A flow between two nodes."""
        old = self._links.get((source, target), (0.0, False))
        self._links[source, target] = (old[0] + value, old[1] or inferred)

    def unseen_to_buyer(self, stage: Any, group: Sequence[int]) -> bool:
        """Whether most of what these makers ship is not seen in customs."""
        shipped = stage.flow[list(group)].sum()
        return bool(shipped > 0 and stage.unseen[list(group)].sum() > 0.5 * shipped)

    def _figure(self, node: str, value: float) -> Figure:
        return Figure(
            id=self._explained_by(node),
            value=value,
            unit=self.unit if self.unit == "t" else "index",
            year=self.year,
            kind="modelled",
            sources=(CHAIN_SOURCES_KEY,),
        )

    def _explained_by(self, node: str) -> str:
        """Id that `explain` takes: the buyer's dependence on the place, else the whole chain."""
        stage, _, code = node.partition(":")
        if code in self.places:
            name = self.stages[int(stage)]
            return f"dependence:{self.name}:{self.year}:{self.buyer}:look_through:{name}:{code}"
        return f"chain:{self.name}:{self.year}"

    def nodes(self, stages: Sequence[str]) -> Iterable[ChainNode]:
        """The nodes with their figures; a node holds the larger of what enters and leaves."""
        for id, (stage, label, value, role) in self._nodes.items():
            into = sum(v for (_, t), (v, _) in self._links.items() if t == id)
            out = sum(v for (s, _), (v, _) in self._links.items() if s == id)
            held = max(value, into, out)
            yield ChainNode(
                id=id,
                label=label,
                stage=stages[stage],
                role=role,  # type: ignore[arg-type]
                figure=self._figure(id, held),
            )

    def links(self) -> Iterable[ChainLink]:
        """The flows with their figures, explained by where they start."""
        for (source, target), (value, inferred) in self._links.items():
            yield ChainLink(source, target, self._figure(source, value), inferred)
