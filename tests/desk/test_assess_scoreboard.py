"""The CRM Act scoreboard: by hand from the ledger of the chains, and by law."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lodestone.assess.crm_act_scoreboard import Benchmark
from lodestone.desk.assess_baseline import baseline
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.assess_prices import prices
from lodestone.desk.assess_strategic import (
    strategic_account,
    strategic_chains,
    strategic_entries,
)
from lodestone.desk.assessing import assess, scoreboard
from lodestone.desk.library import library
from lodestone.terms import members
from lodestone.terms.errors import RequestError

YEAR = 2024
#: Chains with a mine that stand for an entry of the strategic list.
MINED = (
    "aluminium",
    "boron",
    "cobalt",
    "copper",
    "lithium",
    "manganese",
    "graphite",
    "nickel",
    "palladium",
    "platinum",
    "rhodium",
    "rare_earths",
    "tungsten",
)


def total(place: str, material: str, entry: str, stages: tuple[str, ...]) -> float:
    """Sum of a column of the ledger over the members of a place."""
    inside, s = members(place, YEAR), ", ".join("?" for _ in stages)
    (row,) = library().rows(
        f"SELECT coalesce(sum(value), 0.0) AS t FROM chain_cells WHERE material = ? AND year = ? "
        f"AND entry = ? AND stage IN ({s}) AND place IN ({', '.join('?' for _ in inside)})",
        [material, YEAR, entry, *stages, *inside],
    )
    return float(row["t"])


@pytest.fixture(scope="module", params=["EU27", "USA"])
def board(request: pytest.FixtureRequest) -> tuple[str, list[dict[str, Any]]]:
    place = str(request.param)
    return place, scoreboard(place, YEAR)


def row_of(rows: list[dict[str, Any]], benchmark: str, weighting: str) -> dict[str, Any]:
    (row,) = (r for r in rows if (r["benchmark"], r["weighting"]) == (benchmark, weighting))
    return row


def test_extraction_by_mass_by_hand(board: tuple[str, list[dict[str, Any]]]) -> None:
    place, rows = board
    stages = ("mine", "refine", "product")
    mined = sum(total(place, m, "output", ("mine",)) for m in MINED)
    used = sum(total(place, m, "use", stages) for m in MINED)
    # the list names titanium metal: ore that goes into pigment is no use of it
    mined += total(place, "titanium", "output", ("mine",))
    used += total(place, "titanium", "use", ("refine",))
    row = row_of(rows, "extraction", "mass")
    assert row["value"] == pytest.approx(mined / used, rel=1e-4)
    assert "12 of 17" in row["note"]


def test_value_weights_are_prices(board: tuple[str, list[dict[str, Any]]]) -> None:
    """Processing by value over the materials whose price and output are known."""
    place, rows = board
    books = library()
    who = buyer(place, YEAR)
    listed = strategic_entries(books, YEAR)
    base = baseline(books, strategic_chains(books, YEAR), [YEAR], who.members)
    account = strategic_account(books, base, who, listed)
    made = account.capacity[Benchmark.PROCESSING].value[:, 0, 0]
    used, price = account.consumption.value[:, 0, 0], account.price.value[:, 0, 0]
    known = [n for n in range(len(listed)) if made[n] == made[n] and price[n] == price[n]]
    value = sum(made[n] * price[n] for n in known) / sum(used[n] * price[n] for n in known)
    assert row_of(rows, "processing", "value")["value"] == pytest.approx(value, rel=1e-9)


def test_prices_are_those_printed() -> None:
    found = prices(library(), YEAR)
    assert found["copper"] == pytest.approx(9142.14, rel=1e-6)  # World Bank, mean of 2024
    assert found["gallium"] == pytest.approx(439_000.0)  # USGS, 439 dollars a kilogram
    assert "graphite" in found
    assert "niobium" not in found  # printed for ferroniobium, not for its content


def test_the_aluminium_of_processing_is_its_weaker_step() -> None:
    answer = assess(["aluminium"], "EU27", YEAR, ["crm_act_own_share"])
    (row,) = (r for r in answer.to_rows() if r["stage"] == "processing")
    steps = [total("EU27", "aluminium", "output", (stage,)) for stage in ("refine", "product")]
    used = total("EU27", "aluminium", "use", ("mine", "refine", "product"))
    assert row["value"] == pytest.approx(min(steps) / used, rel=1e-5)


def test_status_follows_from_band_and_target(board: tuple[str, list[dict[str, Any]]]) -> None:
    _, rows = board
    for row in rows:
        value, target = row["value"], row["target"]
        if value is None:
            continue
        low = value if row["low"] is None else row["low"]
        high = value if row["high"] is None else row["high"]
        if row["benchmark"] == "diversification":
            expected = "missed" if low > target else "met" if high <= target else "unknown"
        else:
            expected = "met" if low >= target else "missed" if high < target else "unknown"
        assert row["status"] == expected, row["id"]


def test_targets_are_those_of_the_act() -> None:
    printed = {r["benchmark"]: r["share"] for r in library().rows("SELECT * FROM crma_benchmarks")}
    assert {r["benchmark"]: r["target"] for r in scoreboard("EU27", YEAR)} == printed


def test_every_strategic_material_and_stage_is_ruled_on_once_by_each_lens(
    board: tuple[str, list[dict[str, Any]]],
) -> None:
    _, rows = board
    ruled = [r for r in rows if r["benchmark"] == "diversification"]
    keys = [(r["material"], r["stage"], r["basis"]) for r in ruled]
    assert len(keys) == len(set(keys))
    have = {(r["material"], r["stage"]) for r in library().stages(YEAR)}
    strategic = set(strategic_chains(library(), YEAR))
    assert {k[:2] for k in keys} == {k for k in have if k[0] in strategic}
    assert {"neodymium", "platinum", "gallium", "rare_earths"} <= strategic


def test_who_is_over_the_cap_is_who_the_release_says() -> None:
    rows = [r for r in scoreboard("EU27", YEAR) if r["benchmark"] == "diversification"]
    (gallium,) = (r for r in rows if r["material"] == "gallium" and r["basis"] == "look_through")
    (share,) = (
        r
        for r in library().dependence(
            "EU27", year=YEAR, material="gallium", lens="look_through", stage="refine"
        )
        if r["origin"] == "CHN"
    )
    assert gallium["supplier"] == "CHN"
    assert gallium["value"] == pytest.approx(share["share"], abs=5e-4)
    assert gallium["status"] == "missed"


def test_proxies_are_named() -> None:
    answer = assess(["strategic_raw_materials"], "EU27", YEAR, ["crm_act"])
    said = " ".join(answer.notes)
    for entry in ("nickel (battery grade)", "boron (metallurgy grade)", "EOL-RIR", "capacity"):
        assert entry in said
    assert {"crm_act_mass", "crm_act_value", "crm_act_mean"} <= {
        r["method"] for r in answer.results
    }


def test_any_place_may_look_through_the_lens_but_the_world() -> None:
    rows = scoreboard("Japan", 2022)
    json.dumps(rows, allow_nan=False)
    assert {r["place"] for r in rows} == {"JPN"}
    assert {r["year"] for r in rows} == {2022}
    with pytest.raises(RequestError, match="EU27"):
        scoreboard("WLD")
    with pytest.raises(RequestError, match="2018"):
        scoreboard("EU27", 2001)
