"""Every market of the release: at rest it is its chain, and every export stop has a proved answer."""

from __future__ import annotations

import numpy as np
import pytest

from lodestone.chain.apply import apply
from lodestone.chain.edits import no_edits
from lodestone.chain.links import traced_links
from lodestone.chain.measure import ExportBan
from lodestone.chain.scenario import Scenario
from lodestone.desk.studying import supplier_cells
from lodestone.desk.worlds import world
from lodestone.market.assumptions import central
from lodestone.market.baseline import market_baseline
from lodestone.market.path import clear, walk


@pytest.mark.parametrize("year", [2018, 2021, 2024])
def test_with_no_measure_every_market_returns_its_chain(year: int) -> None:
    there = world(year)
    for name in there.chains:
        chain = there.chain(name)
        quiet = no_edits(name, len(chain.stages), len(chain.places), 2, f"{year + 1}-01")
        path = walk(there, quiet, keep_flows=True)
        market, walked = path.market, path.walked
        assert np.abs(walked.price - 1.0).max() <= 1e-9
        assert np.abs(walked.effective - 1.0).max() <= 1e-9
        for s, stage in enumerate(chain.stages):
            lay = market.layout
            flow = walked.flow[1, lay.wo[s] : lay.wo[s + 1]].reshape(
                lay.ns[s + 1] - lay.ns[s], lay.ms[s + 1] - lay.ms[s]
            )
            seen = traced_links(stage)[
                np.ix_(
                    market.node_place[market.nodes_of(s)], market.buyer_place[market.buyers_of(s)]
                )
            ]
            off = np.abs(flow * market.tonnes[s] - seen).max() / stage.output.sum()
            # what the prior on absent links moved and who was too small to keep, nothing else
            assert off <= 1.01 * market.moved + market.left_out + 1e-9
            assert market.left_out <= 1e-4
            assert market.moved <= 2.0 * central()["new_link_share"]


def test_every_export_stop_of_the_year_is_proved() -> None:
    there = world(2024)
    cells = supplier_cells(there)
    assert len(cells) > 800
    a, rest = central(), {}
    for name, stage, code, _share in cells:
        stop = ExportBan(code, materials=(name,), stages=(stage,))
        edits = apply(there, Scenario("stop", (stop,), "2025-01", 1, 2024))[name]
        if name not in rest:
            rest[name] = market_baseline(there, name, a)
        path = clear(there, edits, a, baseline=rest[name])
        assert path.residual <= 1e-10
        assert path.imbalance <= 1e-9
        assert path.gap <= 1e-9
