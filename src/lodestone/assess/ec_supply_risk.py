"""Supply risk of the European Commission's criticality method (2017 and later)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

import numpy as np

from lodestone.assess.assessment import Assessment, Labels, gaps
from lodestone.assess.panel import FloatArray, Node, Panel, index_of, require_same_axes
from lodestone.assess.ratio import ratio
from lodestone.terms.errors import DataError, Problems

_EXACT = "band: exact, the formula is linear in each input and so extreme at the corners"


class SupplyUsed(StrEnum):
    """Which supply the concentration is taken of."""

    GLOBAL = "GS only"
    SOURCING = "EUS only"
    BOTH = "GS + EUS"


@dataclass(frozen=True, eq=False)
class SupplyRiskInputs:
    """What the supply risk of each stage of each material is made of.

    Each is a `Panel` of the same nodes and years. `hhi_global` is about `WLD`, the next two about
    the buyers, the last two about either.

    Parameters
    ----------
    hhi_global : Panel
        HHI(WGI,t) of world supply, 0..15.
    hhi_sourcing : Panel
        HHI(WGI,t) of what the buyer uses, by origin, its own production included.
    import_reliance : Panel
        Net imports / (production + net imports), 0..1.
    eol_rir : Panel
        End-of-life recycling input rate, 0..1.
    substitution : Panel
        Substitution index SI_SR, 0..1; 1 for no substitute.
    supply_used : mapping of Node to SupplyUsed
        Which variant the assessor chose; `BOTH` where a node is not named.
    """

    hhi_global: Panel
    hhi_sourcing: Panel
    import_reliance: Panel
    eol_rir: Panel
    substitution: Panel
    supply_used: Mapping[Node, SupplyUsed]

    def __post_init__(self) -> None:
        require_same_axes(**self.panels())
        problems = Problems("supply risk inputs")
        upper = {"hhi_global": 15.0, "hhi_sourcing": 15.0}
        for name, panel in self.panels().items():
            low, high = panel.bounds
            if (low < 0).any() or (high > upper.get(name, 1.0)).any():
                problems.add(f"outside 0..{upper.get(name, 1.0):g}", name, "give shares, not %")
        problems.raise_if_any(DataError)

    def panels(self) -> dict[str, Panel]:
        """The five panels by name."""
        return {
            "hhi_sourcing": self.hhi_sourcing,
            "hhi_global": self.hhi_global,
            "import_reliance": self.import_reliance,
            "eol_rir": self.eol_rir,
            "substitution": self.substitution,
        }


@dataclass(frozen=True)
class SupplyRisk:
    """Supply risk by stage: the variant chosen, and each variant on its own."""

    chosen: Assessment
    global_only: Assessment
    sourcing_only: Assessment
    both: Assessment


def supply_risk(inputs: SupplyRiskInputs) -> SupplyRisk:
    """How likely is an inadequate supply of a material at one stage: critical from 1.0 on.

    ```
    SR = [ HHI_GS * IR/2 + HHI_EU * (1 - IR/2) ] * (1 - EOL_RIR) * SI_SR
    ```
    or with HHI_GS alone ("GS only"), or HHI_EU alone ("EUS only"), as `supply_used` says.
    An input that the chosen variant does not use may be unknown. Source: EC Guidelines 2017,
    doi:10.2873/769526; study 2023, doi:10.2873/725585. "EU" is any buyer in `hhi_sourcing`.

    Returns
    -------
    SupplyRisk
        Scores by node, buyer and year; exact bands when any input has one.
    """
    corners = [_variants(*corner) for corner in _corners(inputs)]
    central = _variants(*(panel.value for panel in inputs.panels().values()))
    banded = any(panel.has_band for panel in inputs.panels().values())
    choice = _choice(inputs)
    answers = []
    for name in (None, *SupplyUsed):
        value = _pick(central, choice, name)
        if banded:
            extremes = np.stack([_pick(corner, choice, name) for corner in corners])
            low, high = extremes.min(axis=0), extremes.max(axis=0)
        else:
            low = high = None
        where = inputs.hhi_sourcing
        panel = Panel(where.nodes, where.places, where.years, value, low, high, "score")
        method = "ec_supply_risk" if name is None else f"ec_supply_risk ({name})"
        answers.append(Assessment(method, panel, gaps(value), note=_EXACT if banded else ""))
    return SupplyRisk(*answers)


def bottleneck(by_stage: Assessment, stages: Sequence[str] | None = None) -> Assessment:
    """The riskiest stage of each material: `SR(material) = max over stages`, stage named.

    Where a stage is unknown the largest known one is a lower bound, and the remark says so.

    Returns
    -------
    Assessment
        Nodes (material, "bottleneck"); the remark names the stage.
    """
    panel = by_stage.panel
    wanted = tuple(stages or dict.fromkeys(node.stage for node in panel.nodes))
    materials = tuple(dict.fromkeys(n.material for n in panel.nodes if n.stage in wanted))
    names = [f"bottleneck: {stage}" for stage in wanted]
    names += [f"at least (another stage is unknown), bottleneck: {stage}" for stage in wanted]
    shape = (len(materials), *panel.shape[1:])
    value, low, high = (np.full(shape, np.nan) for _ in range(3))
    remark = np.full(shape, -1)
    for m, material in enumerate(materials):
        at = [i for i, n in enumerate(panel.nodes) if n.material == material and n.stage in wanted]
        value[m], low[m], high[m] = (_largest(array[at]) for array in (panel.value, *panel.bounds))
        stage = np.array([wanted.index(panel.nodes[i].stage) for i in at])
        which = stage[np.nan_to_num(panel.value[at], nan=-np.inf).argmax(axis=0)]
        partly = np.isnan(panel.value[at]).any(axis=0)
        remark[m] = np.where(np.isnan(value[m]), -1, which + len(wanted) * partly)
    axes = (tuple(Node(m, "bottleneck") for m in materials), panel.places, panel.years)
    band = (low, high) if panel.has_band else (None, None)
    return Assessment(
        "ec_supply_risk",
        Panel(*axes, value, band[0], band[1], panel.unit),
        gaps(value),
        by_stage.kind,
        remark=Labels(remark, tuple(names)),
        note=by_stage.note,
    )


def group_mean(scores: Assessment, groups: Mapping[str, Sequence[str]]) -> Assessment:
    """Score of a group of materials (light rare earths, PGM): the plain mean of its members.

    A member without a score leaves the group without one. The 2017 study's LREE (5.0) and PGM
    (2.5) are such means of its own scores for the members.

    Parameters
    ----------
    groups : mapping of group id to material ids
    """
    panel = scores.panel
    stages = tuple(dict.fromkeys(node.stage for node in panel.nodes))
    nodes: list[Node] = []
    means: list[list[FloatArray]] = [[], [], []]
    for group, members in groups.items():
        for stage in stages:
            wanted = [Node(member, stage) for member in members]
            if not set(wanted) & set(panel.nodes):
                continue
            at = index_of(panel.nodes, wanted, f"member of {group}")
            nodes.append(Node(group, stage))
            for mean, array in zip(means, (panel.value, *panel.bounds), strict=True):
                mean.append(array[at].mean(axis=0))
    value, low, high = (np.array(m).reshape(len(nodes), *panel.shape[1:]) for m in means)
    band = (low, high) if panel.has_band else (None, None)
    axes = (tuple(nodes), panel.places, panel.years)
    mean_panel = Panel(*axes, value, band[0], band[1], panel.unit)
    note = "; ".join(filter(None, (scores.note, "group: mean of its members")))
    return Assessment(scores.method, mean_panel, gaps(value), scores.kind, note=note)


def import_reliance(production: FloatArray, net_imports: FloatArray) -> FloatArray:
    """The EC's import reliance IR: net imports / (production + net imports), net exports -> 0.

    NaN where an input is unknown or the place neither produces nor imports.
    """
    bought = np.where(net_imports < 0, 0.0, net_imports)
    used = production + bought
    return ratio(bought, used)


def _variants(
    sourcing: FloatArray, world: FloatArray, ir: FloatArray, eol: FloatArray, si: FloatArray
) -> dict[SupplyUsed, FloatArray]:
    """Scores of the three variants; inputs broadcast over places."""
    left = (1.0 - eol) * si
    both = (world * ir / 2.0 + sourcing * (1.0 - ir / 2.0)) * left
    shape = np.broadcast_shapes(both.shape, sourcing.shape)
    return {
        SupplyUsed.GLOBAL: np.broadcast_to(world * left, shape),
        SupplyUsed.SOURCING: np.broadcast_to(sourcing * left, shape),
        SupplyUsed.BOTH: np.broadcast_to(both, shape),
    }


def _corners(inputs: SupplyRiskInputs) -> list[tuple[FloatArray, ...]]:
    bounds = [
        panel.bounds if panel.has_band else (panel.value,) for panel in inputs.panels().values()
    ]
    return list(product(*bounds))


def _choice(inputs: SupplyRiskInputs) -> dict[SupplyUsed, np.ndarray]:
    nodes = inputs.hhi_sourcing.nodes
    used = [inputs.supply_used.get(node, SupplyUsed.BOTH) for node in nodes]
    return {name: np.array([u is name for u in used])[:, None, None] for name in SupplyUsed}


def _pick(
    variants: dict[SupplyUsed, FloatArray],
    choice: dict[SupplyUsed, np.ndarray],
    name: SupplyUsed | None,
) -> FloatArray:
    if name is not None:
        return variants[name].copy()
    return np.select([choice[v] for v in SupplyUsed], [variants[v] for v in SupplyUsed], np.nan)


def _largest(stages: FloatArray) -> FloatArray:
    largest = np.nan_to_num(stages, nan=-np.inf).max(axis=0)
    return np.where(np.isneginf(largest), np.nan, largest)
