"""The compiled market and its twin, two methods for the same equations, give the same answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_worlds import (
    KINDS,
    NAME,
    Program,
    by_kernel,
    flows,
    happening,
    largest_maker,
    made_world,
    month_program,
    proof_of,
    quiet,
)

from lodestone.desk.worlds import world
from lodestone.market.assumptions import central
from lodestone.market.baseline import market_baseline
from lodestone.market.twin import flows_of, solve_twin

_SAME = 1e-10


def _assert_same(program: Program) -> None:
    """Prices, rents, purchases, outputs and flows agree to 1e-10 of max(1, |.|)."""
    kernel = by_kernel(program)
    twin = solve_twin(program.layout, program.supply, program.demand, program.links)
    assert kernel.steps >= 0, f"the kernel gave up at {kernel.residual:.1e}"
    assert twin.steps >= 0, f"the twin gave up at {twin.residual:.1e}"
    for name in ("v", "rent", "effective", "inner", "bought", "made", "refined"):
        np.testing.assert_allclose(
            getattr(kernel, name), getattr(twin, name), rtol=_SAME, atol=_SAME, err_msg=name
        )
    np.testing.assert_allclose(
        flows(program, kernel),
        flows_of(program.layout, program.links, twin),
        rtol=_SAME,
        atol=_SAME,
        err_msg="flows",
    )
    residual, _imbalance, gap = proof_of(program, twin)
    assert residual <= 1e-10
    assert not gap > 1e-9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(12))
def test_small_worlds(seed: int, kind: str) -> None:
    """Two to ten places, one to three stages; the first month of a path, or long after."""
    rng = np.random.default_rng((seed, KINDS.index(kind)))
    places, stages = int(rng.integers(2, 11)), int(rng.integers(1, 4))
    there = made_world(seed, places, stages)
    chain = there.chain(NAME)
    stage = int(rng.integers(stages))
    place = largest_maker(chain, stage) if rng.random() < 0.6 else int(rng.integers(places))
    edits = happening(chain, kind, stage, place, float(rng.random()))
    base = market_baseline(there, NAME, central())
    for age in (None, float(rng.uniform(1.0, 24.0))):
        _assert_same(month_program(there, edits, age=age, baseline=base))


def test_two_measures_at_once() -> None:
    """A quota under a duty and a lost mine: limits, taxes and ceilings bind together."""
    for seed in range(6):
        there = made_world(seed, 6, 2)
        chain = there.chain(NAME)
        stage = seed % 2
        place = largest_maker(chain, stage)
        quota = happening(chain, "quota", stage, place, 0.4)
        for kind in ("specific", "levy"):
            duty = happening(chain, kind, stage, (place + 1) % 6, 0.5)
            both = happening(chain, "outage", 0, (place + 2) % 6, 0.7)
            both = replace(both, limits=quota.limits, duties=duty.duties, floors=duty.floors)
            _assert_same(month_program(there, both))


@pytest.mark.parametrize("name", ["gallium", "cobalt", "tungsten"])
def test_real_chains_without_their_largest_supplier(name: str) -> None:
    """Export stop of the largest exporter of each stage, at once and after a year."""
    there = world(2024)
    chain = there.chain(name)
    base = market_baseline(there, name, central())
    for stage in range(len(chain.stages)):
        edits = happening(chain, "ban", stage, largest_maker(chain, stage), 1.0)
        for age in (None, 12.0):
            _assert_same(month_program(there, edits, age=age, baseline=base))


def test_the_twin_leaves_what_it_is_given() -> None:
    """The kernel prunes in place, the twin does not."""
    there = made_world(3, 5, 2)
    chain = there.chain(NAME)
    program = month_program(there, happening(chain, "ban", 0, largest_maker(chain, 0), 1.0))
    before = [x.copy() for x in (program.links.weight, program.supply.y, program.supply.ry)]
    solve_twin(program.layout, program.supply, program.demand, program.links)
    after = (program.links.weight, program.supply.y, program.supply.ry)
    assert all(np.array_equal(x, y) for x, y in zip(before, after, strict=True))


def test_the_twin_says_when_it_gives_up() -> None:
    """Too few steps: a negative count, and the residual it got to."""
    there = made_world(3, 5, 2)
    chain = there.chain(NAME)
    program = month_program(there, happening(chain, "outage", 0, largest_maker(chain, 0), 0.9))
    found = solve_twin(program.layout, program.supply, program.demand, program.links, most=1)
    assert found.steps < 0
    assert found.residual > 1e-11


def test_at_rest_nothing_is_left_to_do() -> None:
    """The baseline is its own answer: no step at all."""
    there = made_world(5, 7, 3)
    program = month_program(there, quiet(there.chain(NAME)))
    found = solve_twin(program.layout, program.supply, program.demand, program.links)
    assert found.steps == 0
    np.testing.assert_allclose(found.v, 1.0)


#: (seed, places, stages, kind, stage, place, size, age): the twin has an answer, the kernel none.
_ONCE_STALLED = [
    (41, 3, 3, "levy", 0, 0, 0.5, None),  # a price goes to 0 under a levy floor
    (41, 3, 3, "levy", 0, 0, 1.2, None),
    (12, 4, 3, "levy", 2, 3, 1.2, None),  # steps of nothing at the kink of a levy floor
]


@pytest.mark.parametrize("case", _ONCE_STALLED)
def test_corners_of_levy_floors_that_once_stalled(case: tuple) -> None:
    seed, places, stages, kind, stage, place, size, age = case
    there = made_world(seed, places, stages)
    edits = happening(there.chain(NAME), kind, stage, place, size)
    program = month_program(there, edits, age=age)
    twin = solve_twin(program.layout, program.supply, program.demand, program.links)
    assert twin.steps >= 0
    assert by_kernel(program, 5e-11).steps >= 0
