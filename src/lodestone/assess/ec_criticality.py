"""The European Commission's criticality test, and its economic importance score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from lodestone.assess.assessment import Assessment, Labels, gaps
from lodestone.assess.panel import FloatArray, Node, Panel
from lodestone.terms.errors import DataError, Problems

#: Thresholds of the studies since 2017; a material on the threshold is critical.
SUPPLY_RISK_FROM = 1.0
ECONOMIC_IMPORTANCE_FROM = 2.8
#: How far use shares may be from 1 before the score says so.
_SHARE_SLACK = 0.02


@dataclass(frozen=True)
class Criticality:
    """One material under the test: `critical` is None where a score is unknown."""

    material: str
    supply_risk: float | None
    economic_importance: float | None
    critical: bool | None
    why: str


@dataclass(frozen=True, eq=False)
class EndUses:
    """Where a material is used: shares by application sector, and what the sectors are worth.

    Parameters
    ----------
    materials, sectors : tuples of str
        Sectors are NACE Rev. 2 two-digit industries.
    share : array, shape (materials, sectors)
        A_s, 0..1; NaN for a material whose uses are not known.
    value_added : array, shape (sectors,)
        Million EUR; NaN where not known.
    largest_value_added : float
        Of the largest sector of the economy, used or not, in million EUR.
    """

    materials: tuple[str, ...]
    sectors: tuple[str, ...]
    share: FloatArray
    value_added: FloatArray
    largest_value_added: float

    def __post_init__(self) -> None:
        problems = Problems("end uses")
        if self.share.shape != (len(self.materials), len(self.sectors)):
            problems.add(f"shape {self.share.shape}", "share", "give (materials, sectors)")
        if self.value_added.shape != (len(self.sectors),):
            problems.add(f"shape {self.value_added.shape}", "value_added", "give (sectors,)")
        if (self.share < 0).any() or (self.share > 1.0 + 1e-9).any():
            problems.add("shares outside 0..1", "share", "give shares, not %")
        if np.nanmax(self.value_added, initial=0.0) > self.largest_value_added * (1 + 1e-9):
            problems.add("a sector is larger than the largest", "largest_value_added")
        problems.raise_if_any(DataError)


def economic_importance(
    uses: EndUses, substitution: Mapping[str, float], *, place: str = "EU27", year: int
) -> Assessment:
    """How much of the economy uses the material: critical from 2.8 on.

    `EI = SI_EI * sum_s A_s * Q_s`, with A_s the share used in sector s, Q_s its value added
    scaled so that the largest sector has 10, SI_EI the substitution index (1 for no substitute).
    Source: EC Guidelines 2017, doi:10.2873/769526.

    Parameters
    ----------
    substitution : mapping of material to SI_EI
        A material that is not in it has no score.

    Returns
    -------
    Assessment
        Nodes (material, "use"). The remark tells where shares do not sum to 1.
    """
    scale = 10.0 * uses.value_added / uses.largest_value_added
    used = np.where(uses.share == 0.0, 0.0, uses.share * scale).sum(axis=1)
    index = np.array([substitution.get(m, np.nan) for m in uses.materials])
    value = (index * used)[:, None, None]
    total = uses.share.sum(axis=1)
    off = np.abs(total - 1.0) > _SHARE_SLACK
    names = tuple(f"use shares sum to {share:.2f}" for share in total)
    remark = np.where(off & ~np.isnan(value[:, 0, 0]), np.arange(len(names)), -1)
    nodes = tuple(Node(m, "use") for m in uses.materials)
    return Assessment(
        "ec_economic_importance",
        Panel(nodes, (place,), (year,), value, unit="score"),
        gaps(value),
        remark=Labels(remark[:, None, None], names),
    )


def criticality(
    supply_risk: Mapping[str, float | None],
    economic_importance: Mapping[str, float | None],
    strategic: Iterable[str] = (),
) -> tuple[Criticality, ...]:
    """Which materials are critical: `SR >= 1.0 and EI >= 2.8`, or named strategic.

    Regulation (EU) 2024/1252 makes every strategic raw material critical too: in 2023 the
    thresholds gave 32 materials and copper and nickel made 34.

    Parameters
    ----------
    supply_risk, economic_importance : mapping of material to score
        None where unknown: such a material is neither critical nor uncritical.
    strategic : material ids
        Critical whatever their scores.
    """
    named = set(strategic)
    materials = dict.fromkeys([*supply_risk, *economic_importance, *sorted(named)])
    return tuple(
        _test(m, supply_risk.get(m), economic_importance.get(m), m in named) for m in materials
    )


def _test(
    material: str, supply_risk: float | None, importance: float | None, strategic: bool
) -> Criticality:
    if supply_risk is not None and importance is not None:
        passes = supply_risk >= SUPPLY_RISK_FROM and importance >= ECONOMIC_IMPORTANCE_FROM
        if passes:
            return Criticality(material, supply_risk, importance, True, "thresholds")
        if not strategic:
            return Criticality(material, supply_risk, importance, False, "below a threshold")
    if strategic:
        return Criticality(material, supply_risk, importance, True, "strategic")
    return Criticality(material, supply_risk, importance, None, "a score is unknown")
