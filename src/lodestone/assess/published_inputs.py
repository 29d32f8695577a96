"""Published inputs beside our own: the same methods on a publisher's numbers, and the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lodestone.assess.assessment import Assessment
from lodestone.assess.panel import Node, index_of

Inputs = TypeVar("Inputs")


@dataclass(frozen=True)
class Official:
    """A figure as its publisher printed it; low and high where it printed `>50` or a range."""

    node: Node
    place: str
    year: int
    value: float | None
    low: float | None = None
    high: float | None = None
    flag: str = "reported"


@dataclass(frozen=True)
class PublishedInputs(Generic[Inputs]):
    """What a publisher put into a method, and what it got out.

    Parameters
    ----------
    method : str
        Id of the method.
    source : str
        Source id, as in the facts table.
    inputs : the input type of the method
        `SupplyRiskInputs` for EC criticality, a (Panel, Flows, Governance) triple for GeoPolRisk,
        ...
    official : tuple of Official
        The published results.
    note : str
        What is known about how the publisher made its inputs.
    """

    method: str
    source: str
    inputs: Inputs
    official: tuple[Official, ...]
    note: str = ""


@dataclass(frozen=True)
class BesideOfficial:
    """Our figure beside the official one; the difference is None where either is unknown."""

    official: Official
    ours: float | None
    low: float | None
    high: float | None
    difference: float | None
    inside_band: bool | None


def beside_official(
    assessment: Assessment, official: Sequence[Official]
) -> tuple[BesideOfficial, ...]:
    """Our answer beside each official figure, ours minus theirs.

    An official range counts as agreeing when our number lies in it; figures of nodes, places or
    years that the assessment does not have are shown without ours.
    """
    return tuple(_beside(assessment, figure) for figure in official)


def _beside(assessment: Assessment, figure: Official) -> BesideOfficial:
    panel = assessment.panel
    here = (
        figure.node in panel.nodes and figure.place in panel.places and figure.year in panel.years
    )
    if not here:
        return BesideOfficial(figure, None, None, None, None, None)
    ours = panel.at(*figure.node, figure.place, figure.year)
    cell = (
        panel.node(*figure.node),
        panel.place(figure.place),
        index_of(panel.years, [figure.year], "year")[0],
    )
    low, high = panel.bands_at(cell)
    difference = None if ours is None or figure.value is None else ours - figure.value
    return BesideOfficial(figure, ours, low, high, difference, _inside(figure, ours, low, high))


def _inside(
    figure: Official, ours: float | None, low: float | None, high: float | None
) -> bool | None:
    """Whether the official figure or range meets our number or band."""
    if ours is None or (figure.value is None and figure.low is None and figure.high is None):
        return None
    ours_low, ours_high = (ours if low is None else low), (ours if high is None else high)
    least = figure.low if figure.low is not None else figure.value
    most = figure.high if figure.high is not None else figure.value
    return (least is None or ours_high >= least) and (most is None or ours_low <= most)
