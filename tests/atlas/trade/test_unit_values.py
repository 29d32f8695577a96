"""Which printed weights are believed: by hand, by another tool, by law."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trade_rows import BAUXITE

from lodestone.atlas.rules.unit_values import unit_values, weighted_median

NO_DRIFT = pl.DataFrame(schema={"family": pl.String, "year": pl.Int32, "log_price": pl.Float64})


def judged(links: dict[str, dict[int, tuple[float, float | None]]]) -> pl.DataFrame:
    """Unit values of links given as year to (thousand USD, kilotonnes)."""
    rows = [
        {
            "id": n,
            "family": "f",
            "year": year,
            "exporter": link[:3],
            "importer": link[4:],
            "value_kusd": value,
            "gross_t": None if tonnes is None else tonnes * 1000.0,
        }
        for n, (link, year, value, tonnes) in enumerate(
            (link, year, value, tonnes)
            for link, years in links.items()
            for year, (value, tonnes) in years.items()
        )
    ]
    frame = pl.DataFrame(rows, schema_overrides={"id": pl.UInt32, "year": pl.Int32})
    return frame.join(unit_values(frame, NO_DRIFT), on="id")


def at(frame: pl.DataFrame, link: str, year: int) -> dict[str, Any]:
    return frame.filter(
        (pl.col("exporter") == link[:3])
        & (pl.col("importer") == link[4:])
        & (pl.col("year") == year)
    ).row(0, named=True)


def test_bauxite_from_guinea_2023_is_odd_and_nothing_else_is() -> None:
    """By hand: 6.39 bn USD for 13.8 Mt is 0.464 USD/kg; every other year says 0.046 to 0.069."""
    frame = judged({k: {y: (v, q / 1e3) for y, (v, q) in d.items()} for k, d in BAUXITE.items()})
    odd = frame.filter("odd").select("exporter", "importer", "year").rows()
    assert odd == [("GIN", "CHN", 2023)]
    row = at(frame, "GIN>CHN", 2023)
    assert row["uv"] == pytest.approx(0.464, abs=1e-3)
    million_tonnes = 6_389_824 / row["expected_uv"] / 1e6
    # Its own median of the other years, .0563 USD/kg, says 113 Mt; at the higher price level of
    # 2023 that these few links show, 67 Mt. China's customs counted 99 Mt (see the raw test).
    assert 67 < million_tonnes < 113


def test_a_steady_transfer_price_is_not_odd_in_a_boom() -> None:
    """Argentine lithium: 11 USD/kg every year while the world goes from 8 to 45 and back."""
    world = {2019: 10.0, 2020: 8.0, 2021: 12.0, 2022: 45.0, 2023: 40.0, 2024: 11.0}
    links = {
        f"CHL>{importer}": {y: (1e5 * p, 1e5 / 1000) for y, p in world.items()}
        for importer in ("CHN", "KOR", "JPN", "USA")
    }
    links["ARG>USA"] = dict.fromkeys(world, (11.0 * 7000.0, 7.0))
    frame = judged(links)
    assert not frame["odd"].any()


def test_a_price_boom_alone_is_not_odd() -> None:
    """Rhodium rose tenfold: a link seen once before and once after moves with its code."""
    world = {2018: 60.0, 2019: 120.0, 2020: 300.0, 2021: 600.0, 2022: 450.0}
    links = {
        link: {y: (p * 1e3, 1.0) for y, p in world.items()}
        for link in ("ZAF>USA", "ZAF>JPN", "ZAF>DEU", "GBR>USA")
    }
    assert not judged(links)["odd"].any()


def test_a_dear_grade_is_not_odd() -> None:
    """Nickel sulphide at 2 USD/kg beside laterite at .05: off the code, not off its own link."""
    links = {
        "PHL>CHN": dict.fromkeys(range(2018, 2025), (1500000.0, 30000.0)),
        "RUS>CHN": dict.fromkeys(range(2018, 2025), (400000.0, 200.0)),
    }
    assert not judged(links)["odd"].any()


def test_a_sample_keeps_its_weight() -> None:
    """Two kilograms for 900 USD in a bulk code: the price is high, the weight is right."""
    links = {
        "AUS>CHN": dict.fromkeys(range(2018, 2024), (1000000.0, 20000.0)),
        "AUS>DEU": {2019: (50.0, 1.0), 2020: (50.0, 1.0), 2021: (0.9, 2e-6), 2022: (50.0, 1.0)},
    }
    assert not judged(links)["odd"].any()


def test_without_a_quantity_the_link_speaks_first_then_the_exporter_then_the_code() -> None:
    steady = dict.fromkeys(range(2018, 2024), (1000000.0, 20000.0))  # .05 USD/kg
    dear = dict.fromkeys(range(2018, 2024), (1000000.0, 10000.0))  # .10 USD/kg
    links = {
        "AUS>CHN": steady,
        "AUS>JPN": steady,
        "GIN>CHN": {**dear, 2024: (1e6, None)},
        "GIN>JPN": {2024: (1e6, None)},
        "BRA>JPN": {2024: (1e6, None)},
    }
    frame = judged(links)
    found = {
        link: (at(frame, link, 2024)["level"], at(frame, link, 2024)["expected_uv"])
        for link in ("GIN>CHN", "GIN>JPN", "BRA>JPN")
    }
    assert found["GIN>CHN"] == ("link", pytest.approx(0.10))
    assert found["GIN>JPN"] == ("exporter", pytest.approx(0.10))
    assert found["BRA>JPN"] == ("code", pytest.approx(0.05))


def test_a_price_series_carries_unit_values_to_years_without_weights() -> None:
    """Copper at 9 USD/kg in 2024 and 6 in 2020: the weight of 2020 is value over 6."""
    frame = pl.DataFrame(
        {
            "id": [0, 1],
            "family": ["f", "f"],
            "year": [2020, 2024],
            "exporter": ["CHL", "CHL"],
            "importer": ["CHN", "CHN"],
            "value_kusd": [600.0, 900.0],
            "gross_t": [None, 100.0],
        },
        schema_overrides={"id": pl.UInt32, "year": pl.Int32},
    )
    drift = pl.DataFrame(
        {"family": ["f", "f"], "year": [2020, 2024], "log_price": [np.log(6.0), np.log(9.0)]},
        schema_overrides={"year": pl.Int32},
    )
    found = unit_values(frame, drift).sort("id")
    assert found["expected_uv"].to_list() == pytest.approx([6.0, 9.0])


@given(
    st.lists(
        st.tuples(st.floats(-5, 5), st.floats(0.1, 10)),
        min_size=1,
        max_size=30,
        unique_by=lambda p: p[0],
    )
)
def test_weighted_median_agrees_with_a_search_over_all_values(
    pairs: list[tuple[float, float]],
) -> None:
    """Another tool: numpy, trying every value and taking the first that reaches half."""
    frame = pl.DataFrame(
        {"g": [1] * len(pairs), "x": [p[0] for p in pairs], "w": [p[1] for p in pairs]}
    )
    found = weighted_median(frame, ["g"], "x", "w")["x"][0]
    x = np.array([p[0] for p in pairs])
    w = np.array([p[1] for p in pairs])
    half = w.sum() / 2.0
    reaching = [v for v in sorted(x) if w[x <= v].sum() >= half * (1 - 1e-12)]
    assert found == reaching[0]
