"""By-products follow their hosts: no gallium without alumina, no germanium without zinc.

Where a scenario touches a host (an outage of zinc smelters, a bauxite ban), the capacity of what
is won beside it moves with the host's output, place by place, in proportion to companionality.
Where several hosts are known they count alike: nobody publishes how much comes from which.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lodestone.chain.edits import Edits, no_edits
from lodestone.chain.world import World
from lodestone.market.arrays import Floats
from lodestone.market.assumptions import Assumptions
from lodestone.market.path import Path, walk

#: From this companionality on, a material counts as won beside its host.
BYPRODUCT = 0.5


def with_byproducts(world: World, edits: Mapping[str, Edits]) -> dict[str, Edits]:
    """The edits, and idle edits for by-products of hosts that lose or gain capacity."""
    found = dict(edits)
    for name in world.chains:
        if name in found or world.companionality.get(name, 0.0) < BYPRODUCT:
            continue
        for host in world.hosts.get(name, ()):
            if host in edits and _changes_capacity(edits[host]):
                chain, like = world.chain(name), edits[host]
                found[name] = no_edits(
                    name, len(chain.stages), len(chain.places), like.months, like.first
                )
                break
    return found


def host_capacity(
    world: World, material: str, edits: Mapping[str, Edits], assumed: Assumptions
) -> Floats | None:
    """(T, S, n) factor on capacity won without feed, from the hosts' output; None if none is touched.

    Raises
    ------
    MarketError
        If a host's path cannot be proved.
    """
    part = world.companionality.get(material, 0.0)
    hosts = [h for h in world.hosts.get(material, ()) if h in world.chains and h != material]
    touched = [h for h in hosts if h in edits and not edits[h].idle]
    if part <= 0.0 or not touched:
        return None
    chain = world.chain(material)
    months = next(iter(edits.values())).months
    lost = np.zeros((months, len(chain.places)))
    for host in touched:
        path = walk(world, edits[host], assumed)
        lost += (1.0 - _output_ratio(path, chain.places, chain.stages[0].stage)) / len(hosts)
    factor = np.ones((months, len(chain.stages), len(chain.places)))
    return factor * np.maximum(1.0 - part * lost, 0.0)[:, None, :]


def _changes_capacity(edits: Edits) -> bool:
    return bool((edits.capacity != 1.0).any() or edits.plants)


def _output_ratio(path: Path, places: tuple[str, ...], stage: str) -> Floats:
    """(T, n) host output over its output at rest, at the stage where the by-product is won."""
    market = path.market
    s = market.stages.index(stage) if stage in market.stages else len(market.stages) - 1
    out = np.ones((path.months, len(places)))
    at = {p: k for k, p in enumerate(places)}
    nodes = range(*market.nodes_of(s).indices(market.node_place.size))
    now, rest = np.zeros_like(out), np.zeros(len(places))
    for i in nodes:
        k = at.get(market.places[market.node_place[i]])
        if k is not None:
            now[:, k] += path.walked.made[:, i] + path.walked.refined[:, i]
            rest[k] += market.made[i] + market.refined[i]
    held = rest > 0.0
    out[:, held] = now[:, held] / rest[held]
    return out
