"""The benchmarks of the EU Critical Raw Materials Act, for the EU and as a lens on any place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from lodestone.assess.assessment import Assessment, Gap, Labels, gaps
from lodestone.assess.look_through_dependence import LookThroughDependence
from lodestone.assess.panel import BoolArray, FloatArray, IntArray, Node, Panel, require_same_axes
from lodestone.assess.ratio import ratio
from lodestone.terms.errors import DataError

#: The material id of the aggregate benchmarks.
STRATEGIC = "strategic_raw_materials"
_PROXY = "capacity: production of the year as a proxy; "


class Benchmark(StrEnum):
    """The four benchmarks of Article 5(1), Regulation (EU) 2024/1252."""

    EXTRACTION = "extraction"
    PROCESSING = "processing"
    RECYCLING = "recycling"
    DIVERSIFICATION = "diversification"

    @property
    def target(self) -> float:
        """Share of annual consumption: at least, or for diversification at most, by 2030."""
        return _TARGETS[self]

    @property
    def article(self) -> str:
        """Where the regulation says so."""
        return _ARTICLES[self]


_TARGETS = {
    Benchmark.EXTRACTION: 0.10,
    Benchmark.PROCESSING: 0.40,
    Benchmark.RECYCLING: 0.25,
    Benchmark.DIVERSIFICATION: 0.65,
}
_ARTICLES = {
    Benchmark.EXTRACTION: "Art. 5(1)(a)(i)",
    Benchmark.PROCESSING: "Art. 5(1)(a)(ii)",
    Benchmark.RECYCLING: "Art. 5(1)(a)(iii)",
    Benchmark.DIVERSIFICATION: "Art. 5(1)(b)",
}


class Weighting(StrEnum):
    """How materials are added up; the regulation does not say."""

    MASS = "mass"
    VALUE = "value"
    MEAN = "mean of materials"


_HOW = {
    Weighting.MASS: "sum of tonnes over sum of tonnes: bulk metals decide",
    Weighting.VALUE: "tonnes weighted by price",
    Weighting.MEAN: "every material counts the same, and for at most its own consumption",
}


@dataclass(frozen=True)
class Verdict:
    """Whether a benchmark is met: `met` is None where unknown or where the band straddles it."""

    benchmark: Benchmark
    share: float | None
    low: float | None
    high: float | None
    met: bool | None


@dataclass(frozen=True)
class Diversification:
    """The third country on which a buyer depends most at one stage, against the 65 % cap."""

    node: Node
    year: int
    buyer: str
    basis: str
    worst: str | None
    share: float | None
    low: float | None
    high: float | None
    over: bool | None


def crm_act_scoreboard(
    capacity: dict[Benchmark, Panel], consumption: Panel, price: Panel
) -> dict[Weighting, Assessment]:
    """How far strategic materials are made at home: 10 % mined, 40 % processed, 25 % recycled.

    `share = sum_m w_m capacity_m / sum_m w_m consumption_m`, with w = 1 (mass) or the price
    (value), or the mean over materials of `min(1, capacity_m / consumption_m)`. Regulation (EU)
    2024/1252, Art. 5(1)(a), speaks of the capacity of the Union against its annual consumption
    of strategic raw materials as a whole; capacity is here the year's production.

    Parameters
    ----------
    capacity : dict of Benchmark to Panel
        Of extraction, processing and recycling, in tonnes of contained content; each with the
        strategic materials in the order of `consumption`, and any places, blocs included.
    consumption : Panel
        Tonnes of contained content a year.
    price : Panel
        USD/t of the reference content, place `WLD` or by place.

    Returns
    -------
    dict of Weighting to Assessment
        Nodes (`STRATEGIC`, benchmark). A material without capacity, consumption (or price, by
        value) is left out of both sums, the remark counts them; low counts its capacity as nil
        where the consumption is known. Bands are exact given independent inputs.
    """
    unknown = set(capacity) - set(Benchmark) | {Benchmark.DIVERSIFICATION} & set(capacity)
    if unknown:
        raise DataError(f"scoreboard: no capacity belongs to {sorted(unknown)}")
    for panel in (*capacity.values(), price):
        _require_same_materials(panel, consumption)
    return {
        weighting: _aggregate(weighting, capacity, consumption, price) for weighting in Weighting
    }


def verdict(aggregate: Assessment, benchmark: Benchmark, place: str, year: int) -> Verdict:
    """Whether a place meets one aggregate benchmark; unknown where its band straddles it."""
    panel = aggregate.panel
    cell = (panel.node(STRATEGIC, benchmark), panel.place(place), panel.years.index(year))
    share = panel.at(STRATEGIC, benchmark, place, year)
    low, high = panel.bands_at(cell)
    worst, best = (share, share) if low is None else (low, high)
    met: bool | None = None
    if worst is not None and worst >= benchmark.target:
        met = True
    elif best is not None and best < benchmark.target:
        met = False
    return Verdict(benchmark, share, low, high, met)


def diversification(
    dependence: LookThroughDependence, *, look_through: bool
) -> tuple[Diversification, ...]:
    """Whether any third country supplies more than 65 % of a buyer's use at this stage.

    Regulation (EU) 2024/1252, Art. 5(1)(b), for each strategic material and relevant stage.
    Customs show the shipper; with `look_through` the country where it was made. Own production
    counts in the consumption that the share is of.
    """
    basis = "look-through" if look_through else "as shipped"
    top = dependence.top_look_through if look_through else dependence.top_direct
    shares = dependence.look_through if look_through else dependence.direct
    rows = []
    for j, buyer in enumerate(dependence.buyers):
        share = None if np.isnan(shares[j]) else float(shares[j])
        low = high = None
        if look_through and not np.isnan(dependence.low[j]):
            low, high = float(dependence.low[j]), float(dependence.high[j])
        worst = None if share is None else dependence.origins[top[j]]
        over = _over(share, low, high)
        rows.append(
            Diversification(
                dependence.node, dependence.year, buyer, basis, worst, share, low, high, over
            )
        )
    return tuple(rows)


def _over(share: float | None, low: float | None, high: float | None) -> bool | None:
    cap = Benchmark.DIVERSIFICATION.target
    if share is None:
        return None
    least, most = (share if low is None else low), (share if high is None else high)
    if least > cap:
        return True
    return False if most <= cap else None


def _aggregate(
    weighting: Weighting, capacity: dict[Benchmark, Panel], consumption: Panel, price: Panel
) -> Assessment:
    cells = [_share(weighting, panel, consumption, price) for panel in capacity.values()]
    shares, lows, highs, counts = zip(*cells, strict=True)
    value, low, high, known = np.stack(shares), np.stack(lows), np.stack(highs), np.stack(counts)
    total = len(consumption.nodes)
    names = tuple(f"{n} of {total} materials known" for n in range(total + 1))
    nodes = tuple(Node(STRATEGIC, benchmark) for benchmark in capacity)
    panel = Panel(nodes, consumption.places, consumption.years, value, low, high, "share")
    return Assessment(
        f"crm_act ({weighting})",
        panel,
        gaps(value, (known > 0, Gap.NO_DEMAND)),
        remark=Labels(np.where(known < total, known, -1), names),
        note=_PROXY + _HOW[weighting],
    )


def _share(
    weighting: Weighting, capacity: Panel, consumption: Panel, price: Panel
) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    """Share, low, high and number of materials known, shape (places, years) each."""
    weight = price.value if weighting is Weighting.VALUE else np.ones_like(price.value)
    known = ~np.isnan(capacity.value + consumption.value + weight)
    used = ~np.isnan(consumption.value + weight)
    made = [np.where(known, c, 0.0) for c in (capacity.value, *capacity.bounds)]
    eaten = [np.where(used, c, 0.0) for c in (consumption.value, *consumption.bounds)]
    if weighting is Weighting.MEAN:
        value = _mean(made[0], eaten[0], known)
        low, high = _mean(made[1], eaten[2], used), _mean(made[2], eaten[1], known)
    else:
        weight = np.where(np.isnan(weight), 0.0, weight)
        made, eaten = [weight * m for m in made], [weight * e for e in eaten]
        value = ratio(made[0].sum(0), (eaten[0] * known).sum(0))
        low = ratio(made[1].sum(0), eaten[2].sum(0))
        high = ratio(made[2].sum(0), (eaten[1] * known).sum(0))
    unknown = np.isnan(value)
    low = np.where(unknown, np.nan, np.minimum(low, value))
    # a consumption that may be nil leaves no upper bound but "wholly met"
    high = np.where(unknown, np.nan, np.maximum(np.where(np.isnan(high), 1.0, high), value))
    return value, low, high, known.sum(axis=0)


def _mean(made: FloatArray, eaten: FloatArray, counted: BoolArray) -> FloatArray:
    """Mean over the counted materials that are used of what is made, at most what is used."""
    met = np.divide(made, eaten, out=np.ones_like(made), where=eaten > 0)
    counted = counted & ((eaten > 0) | (made > 0))
    total = np.where(counted, np.minimum(1.0, met), 0.0).sum(axis=0)
    return ratio(total, counted.sum(axis=0).astype(np.float64))


def _require_same_materials(panel: Panel, consumption: Panel) -> None:
    materials = [[node.material for node in p.nodes] for p in (panel, consumption)]
    if materials[0] != materials[1]:
        raise DataError(
            "scoreboard: capacity, consumption and price list different materials "
            "-> give the same strategic materials in the same order"
        )
    require_same_axes(consumption=consumption, capacity=replace(panel, nodes=consumption.nodes))
