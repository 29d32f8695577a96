"""Net import reliance by hand and by law; the published cases are in tests/published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_panel import make_panel

from lodestone.assess.assessment import Gap
from lodestone.assess.net_import_reliance import net_import_reliance
from lodestone.terms.errors import DataError

TONNES = st.floats(0.0, 1e6)


def test_by_hand_with_and_without_stocks() -> None:
    made, bought, sold = (make_panel(["USA"], [x]) for x in (80.0, 2800.0, 670.0))
    trade_only = net_import_reliance(made, bought, sold)
    assert trade_only.panel.at("cobalt", "mine", "USA", 2024) == pytest.approx(2130 / 2210)
    assert "stock changes not counted" in trade_only.note
    filled = net_import_reliance(made, bought, sold, make_panel(["USA"], [-103.0]))
    assert filled.panel.at("cobalt", "mine", "USA", 2024) == pytest.approx(2027 / 2107)


def test_a_net_exporter_has_none_and_says_so() -> None:
    answer = net_import_reliance(*(make_panel(["AUS"], [x]) for x in (100.0, 5.0, 60.0)))
    assert answer.panel.at("cobalt", "mine", "AUS", 2024) == 0.0
    assert answer.remark is not None
    assert answer.remark.at((0, 0, 0)) == "net exporter"


def test_no_use_and_unknown_inputs_are_two_gaps() -> None:
    places = ["AAA", "BBB"]
    answer = net_import_reliance(
        make_panel(places, [0.0, np.nan]),
        make_panel(places, [0.0, 5.0]),
        make_panel(places, [0.0, 1.0]),
    )
    assert answer.gap_at((0, 0, 0)) is Gap.NO_DEMAND
    assert answer.gap_at((0, 1, 0)) is Gap.INPUT_UNKNOWN


@given(TONNES, TONNES, TONNES, st.floats(0.0, 0.9))
def test_the_band_holds_every_mix_of_ends(
    made: float, bought: float, sold: float, error: float
) -> None:
    ends = [(x * (1 - error), x, x * (1 + error)) for x in (made, bought, sold)]
    banded = [make_panel(["AAA"], [m], low=[lo], high=[hi]) for lo, m, hi in ends]
    answer = net_import_reliance(*banded)
    if answer.gap_at((0, 0, 0)) is not Gap.NONE:
        return
    low, high = (float(b[0, 0, 0]) for b in answer.panel.bounds)
    for p in ends[0]:
        for m in ends[1]:
            for x in ends[2]:
                # use that is nothing but the rounding of what passed through says nothing
                if p + m - x > 1e-6 * (p + m + x):
                    assert low - 1e-9 <= max(0.0, (m - x) / (p + m - x)) <= high + 1e-9


def test_places_in_another_order_are_refused() -> None:
    with pytest.raises(DataError, match="another order"):
        net_import_reliance(
            make_panel(["AAA", "BBB"], [1.0, 1.0]),
            make_panel(["BBB", "AAA"], [1.0, 1.0]),
            make_panel(["AAA", "BBB"], [1.0, 1.0]),
        )
