"""The table of hazards: written and read back, and every fault of a bad one named at once."""

from __future__ import annotations

from datetime import date

import pytest

from lodestone.risk.hazard import COLUMNS, hazards_as_text, read_hazards
from lodestone.risk.hazard_rules import Restriction, counted_rates, governance_factor, hazards
from lodestone.terms.errors import RequestError

PAIRS = [("CHN", "gallium"), ("CHN", "germanium"), ("COD", "cobalt"), ("CAN", "nickel")]
LAWS = [
    Restriction("CHN", "gallium", date(2023, 8, 1), None, None, "licence 2023"),
    Restriction("CHN", "gallium", date(2024, 12, 3), None, date(2026, 11, 27), "ban 2024"),
    Restriction("COD", "cobalt", date(2025, 2, 22), date(2025, 10, 15), None, "stop 2025"),
]
DAY = date(2026, 1, 1)


def test_what_is_written_is_read_back() -> None:
    made = hazards(PAIRS, LAWS, {"CAN": 1.0, "CHN": -0.5}, DAY)
    text = hazards_as_text(made)
    again = read_hazards(text, "hazards.csv", set(PAIRS))
    assert hazards_as_text(again) == text
    assert text.splitlines()[0] == ",".join(COLUMNS)


def test_a_short_table_is_enough() -> None:
    text = "material,supplier,probability,severity,months\nGa,China,0.1,1,12\n"
    (found,) = read_hazards(text, "mine.csv")
    assert found.pair == ("CHN", "gallium")
    assert (found.probability_low, found.probability_high) == (0.1, 0.1)
    assert found.evidence == "user"


def test_every_fault_is_named() -> None:
    text = (
        "supplier,material,probability,severity,months,colour\n"
        "CHN,gallium,1.5,1,12,\n"
        "Atlantis,gallium,0.1,nan,12,\n"
        "CHN,unobtainium,0.1,1,-3,\n"
        "CHN,germanium,0.1,1,12,\n"
        "CHN,germanium,0.1,1,12,\n"
        "CAN,gallium,0.1,1,12,\n"
    )
    with pytest.raises(RequestError) as caught:
        read_hazards(text, "bad.csv", set(PAIRS))
    said = str(caught.value)
    for part in (
        "colour",
        "row 2, probability",
        "row 3, supplier",
        "row 3, column severity",
        "row 4, material",
        "row 4, months",
        "row 6",
        "row 7",
        "stands twice",
        "CAN and gallium are no pair",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    "text", ["", "supplier,material\n", "supplier,material,probability,severity,months\n"]
)
def test_a_table_without_hazards_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        read_hazards(text, "empty.csv")


def test_rates_are_counted_by_hand() -> None:
    """Two days of gallium, one of cobalt; pair-years by the calendar.

    Recent window: 2021-01-01 (5 x 365.25 days before) to 2026-01-01.
    """
    rates = counted_rates(PAIRS, LAWS, DAY)
    never, force = rates["never used"], rates["control in force"]
    # gallium 2023 and cobalt 2025 began where the supplier had never used one
    assert never.begun == 2
    # the ban of 2024 began while the licence was in force
    assert force.begun == 1
    assert rates["used on this material"].begun == 0
    start, end = date(2021, 1, 1), DAY
    gallium = (date(2023, 8, 2) - start).days
    cobalt = (date(2025, 2, 23) - start).days
    canada = (end - start).days
    # germanium is never-used until the first use of China
    assert never.pair_years == pytest.approx((2 * gallium + cobalt + canada) / 365.25, abs=0.02)
    stop = (date(2025, 10, 16) - date(2025, 2, 23)).days
    in_force = (end - date(2023, 8, 2)).days + stop
    assert force.pair_years == pytest.approx(in_force / 365.25, abs=0.02)
    assert never.central == pytest.approx(2.5 / never.pair_years)
    assert never.low <= never.central <= never.high


def test_evidence_orders_probabilities_and_says_why() -> None:
    made = {h.pair: h for h in hazards(PAIRS, LAWS, {"CAN": 1.0}, DAY)}
    gallium = made["CHN", "gallium"]
    assert gallium.evidence == "control in force"
    assert "suspended until 2026-11-27" in gallium.reason
    late = {h.pair: h for h in hazards(PAIRS, LAWS, {}, date(2026, 12, 31))}
    assert "suspension expired on 2026-11-27: check" in late["CHN", "gallium"].reason
    assert made["CHN", "germanium"].evidence == "used on other materials"
    assert made["COD", "cobalt"].evidence == "used on this material"
    assert made["CAN", "nickel"].evidence == "never used"


def test_worse_governance_is_never_safer() -> None:
    factors = [governance_factor(x / 10.0) for x in range(-30, 31)]
    assert factors == sorted(factors, reverse=True)
    assert (factors[0], factors[-1]) == pytest.approx((2.0, 0.25))
