"""Worlds for tests of scenarios: one small enough to follow by hand, and real ones in part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import numpy as np

from lodestone.chain.supply_chain import ChainStage, SupplyChain
from lodestone.chain.world import World
from lodestone.desk.library import library

NOWHERE = np.zeros((0, 0))
PLACES = ("CHN", "HKG", "JPN", "USA", "DEU", "FRA", "COD", "XOT")


def amounts(**tonnes: float) -> np.ndarray:
    """(n,) tonnes by place, in the order of `PLACES`."""
    return np.array([float(tonnes.get(place, 0.0)) for place in PLACES])


def stage(
    name: str,
    output: Mapping[str, float],
    flow: Mapping[tuple[str, str], float],
    use: Mapping[str, float],
    intake: Mapping[str, float] | None = None,
    process_yield: float = float("nan"),
    unit: str = "t",
    stock_change: Mapping[str, float] | None = None,
) -> ChainStage:
    """A stage from what a person would write down."""
    n = len(PLACES)
    matrix = np.zeros((n, n))
    for (origin, destination), tonnes in flow.items():
        matrix[PLACES.index(origin), PLACES.index(destination)] = tonnes
    return ChainStage(
        name,
        unit,
        process_yield,
        amounts(**output),
        np.zeros(n),
        amounts(**(intake or {})),
        amounts(**use),
        amounts(**(stock_change or {})),
        matrix,
        np.zeros((n, n)),
        ("A",) * n,
    )


def cobalt() -> SupplyChain:
    """COD mines 100, CHN refines 80; Japan buys through Hong Kong, France through Germany."""
    mine = stage(
        "mine",
        {"COD": 100, "CHN": 10},
        {("COD", "CHN"): 90, ("COD", "DEU"): 10},
        {},
        {"CHN": 100, "DEU": 10},
    )
    refine = stage(
        "refine",
        {"CHN": 80, "DEU": 8, "USA": 12},
        {
            ("CHN", "HKG"): 24,
            ("HKG", "JPN"): 24,
            ("CHN", "USA"): 16,
            ("CHN", "DEU"): 8,
            ("DEU", "FRA"): 4,
        },
        {"CHN": 32, "JPN": 24, "USA": 28, "DEU": 12, "FRA": 4},
        process_yield=0.8,
    )
    return SupplyChain("cobalt", 2024, PLACES, (mine, refine))


def world(chains: Iterable[SupplyChain] | None = None, year: int = 2024) -> World:
    """A world of the given chains; of the cobalt chain above if none is given."""
    held = [cobalt()] if chains is None else chains
    return World(year, {chain.material: chain for chain in held}, {}, (), NOWHERE)


class _Release(Mapping[str, SupplyChain]):
    """The chains of a year of the embedded release, each read when it is asked for."""

    def __init__(self, year: int, materials: tuple[str, ...]) -> None:
        self.year = year
        self.materials = materials
        self.held: dict[str, SupplyChain] = {}

    def __getitem__(self, material: str) -> SupplyChain:
        if material not in self.materials:
            raise KeyError(material)
        if material not in self.held:
            self.held[material] = library().chain(material, self.year)
        return self.held[material]

    def __contains__(self, material: object) -> bool:
        return material in self.materials

    def __iter__(self) -> Iterator[str]:
        return iter(self.materials)

    def __len__(self) -> int:
        return len(self.materials)


@cache
def real_world(year: int, *materials: str) -> World:
    """Chains of the embedded release; all of a year if none is named."""
    ids = materials or tuple(library().materials(year))
    return World(year, _Release(year, ids), {}, (), NOWHERE)
