"""A world: the balanced chains of one year, with what a market needs to know beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from lodestone.chain.supply_chain import SupplyChain
from lodestone.terms.errors import RequestError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Price:
    """Base price of a stage.

    Attributes
    ----------
    usd_per_t : US dollars per tonne of reference content
    kind : 'reported' (a price list), 'inferred' (customs value over content) or 'judged' (a
        stated fraction of a neighbouring stage's price)
    source : source id, or the attribute that says the fraction
    """

    usd_per_t: float
    kind: str
    source: str


@dataclass(frozen=True)
class World:
    """The balanced world of one year: what measures edit and engines answer.

    Attributes
    ----------
    year : calendar year of the chains
    chains : material -> balanced chain
    prices : (material, stage) -> base price; absent where unknown
    places, distance_km : ISO3 codes, and the distance between any two (NaN where unknown)
    companionality : material -> share of its output that is won beside a host, 0 to 1
    hosts : material -> materials it is won beside
    capacity : (material, stage, place) -> tonnes a year that could be made, where published
    volumes : material whose chain is an index -> tonnes that world output of 100 stands for, judged
    data_release, content_hash : what reproduces it
    """

    year: int
    chains: Mapping[str, SupplyChain]
    prices: Mapping[tuple[str, str], Price]
    places: tuple[str, ...]
    distance_km: Floats
    companionality: Mapping[str, float] = field(default_factory=dict)
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    capacity: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    volumes: Mapping[str, float] = field(default_factory=dict)
    data_release: str = ""
    content_hash: str = ""

    def chain(self, material: str) -> SupplyChain:
        """The chain of a material (by id); RequestError if the world has none."""
        try:
            return self.chains[material]
        except KeyError:
            raise RequestError(
                f"{material} has no balanced chain in {self.year}; `lodestone chain {material}` "
                "says for which years there is one"
            ) from None

    def distances(self, places: tuple[str, ...]) -> Floats:
        """(n, n) kilometres between places; NaN where unknown. Not to be written to: it is kept."""
        if places not in self._distances:
            self._distances[places] = self._distances_between(places)
        return self._distances[places]

    @cached_property
    def _distances(self) -> dict[tuple[str, ...], Floats]:
        return {}

    def _distances_between(self, places: tuple[str, ...]) -> Floats:
        at = _positions(self.places)
        out = np.full((len(places), len(places)), np.nan)
        known = [k for k, p in enumerate(places) if p in at]
        rows = [at[places[k]] for k in known]
        out[np.ix_(known, known)] = self.distance_km[np.ix_(rows, rows)]
        out.flags.writeable = False
        return out


@lru_cache(maxsize=64)
def _positions(places: tuple[str, ...]) -> dict[str, int]:
    return {p: k for k, p in enumerate(places)}
