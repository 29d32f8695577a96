"""A vault along sampled years: by hand, and what is conserved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vault.made_vaults import steady_relief

from lodestone.terms.errors import PlanError
from lodestone.vault.relief import Relief
from lodestone.vault.vault_run import Contents, Cuts, run_vault

CONTENTS = Contents(np.array([30.0]), np.array([2.0]), np.array([10.0]))


def cuts(*each: tuple[int, int, float, float]) -> Cuts:
    """(path, start, depth, months) of cuts of the one pair."""
    path, start, depth, months = (np.array(x) for x in zip(*each, strict=True))
    return Cuts(path, np.zeros(path.size, dtype=np.int64), start, depth, months)


def test_one_cut_by_hand() -> None:
    run = run_vault(steady_relief(), CONTENTS, cuts((0, 2, 1.0, 4.0)), 1, 10, full=True)
    # four months of 10; three of them with 10 days handed out, 6 off each
    assert run.loss_without[0] == pytest.approx(40.0)
    assert run.avoided[0] == pytest.approx(18.0)
    assert run.received[0] == pytest.approx(60.0)
    # bought back at 10 days a month from the end of the cut on
    assert run.stock[:, 0].tolist() == pytest.approx([30, 30, 20, 10, 0, 0, 10, 20, 30, 30])
    assert run.spent[0] == pytest.approx(60.0)
    assert (run.cut_months[0], run.empty_months[0]) == (4.0, 1.0)


def test_an_empty_vault_is_filled_first_and_helps_as_far_as_it_is() -> None:
    run = run_vault(steady_relief(), CONTENTS, cuts((0, 1, 1.0, 3.0)), 1, 4)
    # ten days when the cut begins: one month of release, a third of what thirty would do
    assert run.stock[0, 0] == 10.0
    assert run.avoided[0] == pytest.approx(6.0)
    assert run.spent[0] == pytest.approx(20.0)


def test_half_a_cut_is_half_of_everything() -> None:
    run = run_vault(steady_relief(), CONTENTS, cuts((0, 0, 0.5, 2.0)), 1, 2, full=True)
    assert run.loss_without[0] == pytest.approx(10.0)
    assert run.avoided[0] == pytest.approx(6.0)


def test_the_deeper_of_two_cuts_counts_on() -> None:
    both = cuts((0, 0, 0.5, 6.0), (0, 1, 1.0, 2.0), (0, 1, 0.4, 6.0))
    run = run_vault(steady_relief(), CONTENTS, both, 1, 6, full=True)
    # one month at half, two at full; then all is over
    assert run.loss_without[0] == pytest.approx(25.0)


event = st.tuples(st.integers(0, 3), st.integers(0, 29), st.floats(0.05, 1.0), st.floats(0.3, 20.0))


@settings(max_examples=60, deadline=None)
@given(st.lists(event, min_size=1, max_size=12), st.booleans(), st.floats(1.0, 60.0))
def test_tonnes_and_money_are_conserved(
    events: list[tuple[int, int, float, float]], full: bool, wanted: float
) -> None:
    contents = Contents(np.array([wanted]), np.array([3.0]), np.array([wanted / 5.0]))
    run = run_vault(steady_relief(), contents, cuts(*events), 4, 30, full=full)
    begin = wanted if full else 0.0
    end = run.stock[-1, 0]
    # means over the paths: bought less handed out is the change of stock
    change = (run.spent - run.received).mean() / 3.0
    assert change == pytest.approx(end - begin, abs=1e-9 * max(1.0, run.spent.sum()))
    assert (run.avoided >= -1e-9).all()
    assert (run.least <= 1.0 + 1e-9).all()


def test_tables_that_do_not_fit_are_refused() -> None:
    good = steady_relief()
    with pytest.raises(PlanError, match="finite tables"):
        Relief(
            good.pairs,
            good.material,
            good.days,
            good.depth,
            good.released,
            good.loss * np.nan,
            good.price,
        )
