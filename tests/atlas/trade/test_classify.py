"""From customs rows to contained tonnes: cases by hand, and laws."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trade_rows import BAUXITE, classified, frame, one, row

from lodestone.atlas.facts import TRADE_SCHEMA
from lodestone.atlas.rules.prices import load_reference_prices
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import (
    CONFIDENCE_ERROR,
    QUANTITY_ERROR,
    basket_shares,
    classify,
    coverage,
    links,
)
from lodestone.terms.errors import DataError


def test_same_code_is_laterite_or_sulphide() -> None:
    """260400: the Philippines ship .85 % nickel at .05 USD/kg, Russia 10 % at 1.8 USD/kg."""
    result = classified(
        row("260400", "PHL>CHN", 2022, 1_204_907.0, 24_000_000.0),
        row("260400", "RUS>CHN", 2022, 414_621.0, 234_807.7),
    )
    laterite, sulphide = one(result, "PHL>CHN"), one(result, "RUS>CHN")
    assert laterite["content_t"] == pytest.approx(24e6 * 0.0085)
    # value / (70 % of 25.834 USD/kg nickel, the World Bank's mean of 2022)
    assert sulphide["content_t"] == pytest.approx(414_621.0 / (0.7 * 25.8337), rel=1e-4)
    assert {laterite["stage"], sulphide["stage"]} == {"mine"}


def test_concentrate_declared_as_metal() -> None:
    """280530 from Australia to Malaysia is Mount Weld concentrate, from Vietnam it is metal."""
    result = classified(
        row("280530", "AUS>MYS", 2023, 149_847.0, 28_615.5),
        row("280530", "VNM>JPN", 2023, 100_274.0, 1_605.4),
    )
    assert one(result, "AUS>MYS")["stage"] == "mine"
    assert one(result, "AUS>MYS")["content_t"] == pytest.approx(28_615.5 * 0.4)
    assert one(result, "VNM>JPN")["stage"] == "refine"
    assert one(result, "VNM>JPN")["content_t"] == pytest.approx(1_605.4 * 1.17)


def test_american_concentrate_is_not_separated_oxide() -> None:
    """284690 USA>CHN 2022: 515 M USD are Mountain Pass concentrate, not 7.0 kt at 73 USD/kg.

    Another source: the USA declared 74,885 t of 2846 to China that year (USITC DataWeb).
    """
    mended = one(classified(row("284690", "USA>CHN", 2022, 515_420.38, 7_026.422)), "USA>CHN")
    assert (mended["stage"], mended["flag"]) == ("mine", "rebuilt_from_value")
    assert mended["gross_t_used"] == pytest.approx(74_885, rel=0.05)


def test_feed_of_a_separator_is_mine_side() -> None:
    """Mixed carbonate of Solikamsk to Sillamae; cerium from Malaysia to France is separated."""
    result = classified(
        row("284610", "RUS>EST", 2022, 34_652.86, 4_511.41),
        row("284610", "MYS>FRA", 2022, 6_000.0, 5_400.0),
    )
    assert one(result, "RUS>EST")["stage"] == "mine"
    assert one(result, "MYS>FRA")["stage"] == "refine"


def test_mozambique_ships_ilmenite_at_any_declared_value() -> None:
    """.96 USD/kg in 2024 would read as rutile, of which Mozambique ships one hundredth."""
    result = classified(
        row("261400", "MOZ>CHN", 2024, 716_334.7, 743_042.0),
        row("261400", "SLE>BEL", 2024, 108_028.0, 76_132.0),
    )
    assert one(result, "MOZ>CHN")["content_t"] == pytest.approx(743_042.0 * 0.30)
    assert one(result, "SLE>BEL")["content_t"] == pytest.approx(76_132.0 * 0.545)


def test_cobalt_line_moves_with_the_price() -> None:
    """15 USD/kg is hydroxide when cobalt costs 73 (2018), but .45 of 26 (2024) is 11.7."""
    cheap = classified(row("282200", "TUR>ITA", 2018, 15_000.0, 1_000.0))
    dear = classified(row("282200", "TUR>ITA", 2024, 15_000.0, 1_000.0))
    assert one(cheap, "TUR>ITA")["stage"] == "mine"
    assert one(dear, "TUR>ITA")["stage"] == "refine"


def test_congolese_cargo_counts_once() -> None:
    """COD>CHN stands in 282200 and in 810510; transit legs repeat it again."""
    result = classified(
        row("282200", "COD>CHN", 2023, 2_661_871.0, 263_789.5),
        row("810510", "COD>CHN", 2023, 2_395_891.0, 387_012.4),
        row("282200", "COD>MOZ", 2023, 491_194.0, 44_522.8),
        row("282200", "NAM>CHN", 2023, 59_000.0, 5_756.0),
        row("282200", "COD>FIN", 2023, 20_000.0, 2_000.0),
    )
    flags = {
        (r["code"], r["exporter"], r["importer"]): r["flag"]
        for r in result.trade.iter_rows(named=True)
    }
    assert flags["282200", "COD", "CHN"] == "double_booked"
    assert flags["282200", "COD", "MOZ"] == "double_booked"
    assert flags["282200", "NAM", "CHN"] == "double_booked"
    assert flags["810510", "COD", "CHN"] == "ok"
    assert flags["282200", "COD", "FIN"] == "ok"
    total = links(result, "cobalt", "mine", 2023)
    assert total["content_t"].sum() == pytest.approx(387_012.4 * 0.33 + 2_000.0 * 0.28)
    told = result.ledger.filter(pl.col("flag") == "double_booked")
    assert told.height == 3
    assert told["reason"].str.contains("8105|by origin").all()


def test_bauxite_from_guinea_is_rebuilt_and_the_old_weight_kept() -> None:
    """The figures of BACI HS92: 13.785 Mt for 6.39 bn USD in 2023 is seven times too low."""
    rows = [
        row("260600", link, year, value, tonnes)
        for link, years in BAUXITE.items()
        for year, (value, tonnes) in years.items()
    ]
    result = classified(*rows, years=[2023])
    mended = one(result, "GIN>CHN")
    assert mended["flag"] == "rebuilt_from_value"
    assert mended["gross_t"] == 13_785_076.0
    assert 67e6 < mended["gross_t_used"] < 113e6
    assert mended["content_t"] == pytest.approx(0.235 * mended["gross_t_used"])
    assert {r["flag"] for r in result.trade.iter_rows(named=True)} == {"ok", "rebuilt_from_value"}
    entry = result.ledger.row(0, named=True)
    assert (entry["gross_t"], entry["flag"]) == (13_785_076.0, "rebuilt_from_value")
    assert "0.464 USD/kg" in entry["reason"]


def test_an_impossible_unit_value_is_rebuilt_even_if_the_link_is_always_wrong() -> None:
    """PNG>PHL copper concentrate at .003 USD/kg in every year: 13 Mt of nothing."""
    rows = [row("260300", "CHL>JPN", y, 3.5e6, 1.6e6) for y in (2020, 2021, 2022)]
    rows += [row("260300", "PNG>PHL", y, 41_210.0, 13_152_000.0) for y in (2020, 2021, 2022)]
    result = classified(*rows, years=[2022])
    mended = one(result, "PNG>PHL")
    assert mended["flag"] == "rebuilt_from_value"
    assert mended["gross_t_used"] == pytest.approx(41_210.0 / (3.5 / 1.6), rel=1e-6)
    assert "outside" in result.ledger["reason"][0]


def test_platinum_without_weight_is_value_over_price() -> None:
    """World Bank mean of 2022: 961.7 USD/oz = 30.92 USD/g; 309,199 thousand USD are 10 t."""
    result = classified(
        row("711011", "ZAF>JPN", 2022, 309_199.0, None),
        row("711011", "ZAF>USA", 2022, 309_199.0, 10.0),
    )
    unknown = one(result, "ZAF>JPN")
    assert unknown["flag"] == "modelled_quantity"
    assert unknown["content_t"] == pytest.approx(10.0, rel=1e-3)


def test_a_row_with_neither_weight_nor_value_stays_unknown() -> None:
    """Missing is not zero."""
    result = classified(row("260800", "PER>CHN", 2022, None, None))
    empty = one(result, "PER>CHN")
    assert empty["flag"] == "no_quantity"
    assert empty["content_t"] is None


def test_tonnes_win_over_values_and_hs17_over_hs92() -> None:
    """One source a product family and year; the others are kept, marked superseded."""
    result = classified(
        row("260600", "GIN>CHN", 2022, 100.0, 1_000.0),
        row("260600", "GIN>CHN", 2022, 101.0, None, "baci_hs17"),
        row("260600", "GIN>CHN", 2022, 102.0, None, "baci_top6"),
        row("260600", "GIN>CHN", 2024, 100.0, 1_000.0),
        row("260600", "GIN>CHN", 2024, 100.0, 1_010.0, "baci_hs17"),
        row("252890", "TUR>CHN", 2024, 100.0, 200.0),
        row("252800", "TUR>CHN", 2024, 100.0, 210.0, "baci_hs17"),
    )
    kept = result.trade.filter(pl.col("flag") == "ok")
    assert set(kept.select("year", "source", "code").iter_rows()) == {
        (2022, "baci_hs92", "260600"),
        (2024, "baci_hs17", "260600"),
        (2024, "baci_hs17", "252800"),
    }
    assert result.trade.filter(pl.col("flag") == "superseded").height == 4


def test_baskets_and_energy_hold_no_content() -> None:
    result = classified(
        row("811292", "CHN>KOR", 2024, 75.0, 0.4, "baci_hs17"),
        row("811292", "DEU>USA", 2024, 25.0, 0.1, "baci_hs17"),
        row("270112", "AUS>JPN", 2024, 1e6, 1e7),
    )
    assert set(result.trade["flag"]) == {"excluded"}
    assert result.trade["material"].null_count() == 3
    shares = basket_shares(result, "811292", 2024)
    assert dict(zip(shares["exporter"], shares["share"], strict=True)) == {"CHN": 0.75, "DEU": 0.25}


def test_link_error_adds_band_weight_and_reading_in_quadrature() -> None:
    """By hand: 720293 is .60-.655-.67, reading sure; two rows of one link share the error."""
    result = classified(row("720293", "BRA>CHN", 2023, 946_527.0, 36_687.1))
    found = links(result, "niobium", "refine", 2023).row(0, named=True)
    band = (0.67 - 0.60) / (2 * 1.645 * 0.655)
    expected = (band**2 + QUANTITY_ERROR["ok"] ** 2 + CONFIDENCE_ERROR["high"] ** 2) ** 0.5
    assert found["rel_error"] == pytest.approx(expected)
    assert found["content_t"] == pytest.approx(36_687.1 * 0.655)
    assert (found["codes"], found["flags"]) == ("720293", "ok")


def test_modelled_weight_has_a_wider_error() -> None:
    history = [row("740311", "CHL>USA", 2024, 9_228.0, 1_000.0, "baci_hs17")]
    modelled = [row("740311", "CHL>USA", 2022, 9_000.0, None, "baci_hs17")]
    result = classified(*history, *modelled)
    sure = links(result, "copper", "refine", 2024)["rel_error"][0]
    guess = links(result, "copper", "refine", 2022)["rel_error"][0]
    assert guess > sure + 0.1
    # carried from 2024 by the copper price: 9.228 x 8.822 / 9.142 USD/kg
    tonnes = links(result, "copper", "refine", 2022)["content_t"][0]
    assert tonnes == pytest.approx(9_000.0 / (9.228 * 8.82237 / 9.14214), rel=1e-3)


def test_shipments_to_oneself_are_not_links() -> None:
    result = classified(row("260800", "CHN>CHN", 2022, 1_000.0, 900.0))
    assert links(result, "zinc", "mine", 2022).is_empty()


def test_coverage_adds_up_to_the_used_rows() -> None:
    result = classified(
        row("260800", "PER>CHN", 2022, 1_200.0, 1_000.0),
        row("260800", "AUS>CHN", 2022, 1_200.0, None),
        row("250830", "USA>CHN", 2022, 10.0, 10.0),
    )
    table = coverage(result)
    assert table.height == 1
    assert table["rows"][0] == 2
    assert table["modelled"][0] == pytest.approx(0.5)
    assert table["content_t"][0] == pytest.approx(2_000.0 * 0.51)


def test_all_faults_are_told_at_once() -> None:
    twice = row("260800", "PER>CHN", 2022, 1.0, 1.0)
    with pytest.raises(DataError) as caught:
        classify(
            frame(
                twice,
                twice,
                row("999999", "PER>CHN", 2022, 1.0, 1.0),
                row("260800", "PER>CHN", 2022, 1.0, 1.0, "somewhere", "HS92"),
            ),
            load_trade_rules(),
            load_reference_prices(),
        )
    for part in ("999999", "'somewhere'", "given twice"):
        assert part in str(caught.value)


def test_a_missing_price_is_named_with_series_and_year() -> None:
    prices = load_reference_prices().filter(pl.col("series") != "cobalt")
    with pytest.raises(DataError, match="no price of cobalt in 2022"):
        classify(frame(row("810510", "COD>CHN", 2022, 1.0, 1.0)), load_trade_rules(), prices)


CODES = ["260300", "260400", "260600", "282200", "810510", "711011", "284690", "811292", "270112"]
PLACES = ["COD", "CHN", "PHL", "ZAF", "AUS", "MYS", "FIN", "USA"]


@st.composite
def customs(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows with every mishap at once: no weight, no value, odd weights, shared families."""
    keys = draw(
        st.lists(
            st.tuples(
                st.sampled_from(CODES),
                st.sampled_from(PLACES),
                st.sampled_from(PLACES),
                st.integers(2019, 2024),
            ),
            min_size=1,
            max_size=40,
            unique=True,
        )
    )
    amount = st.one_of(st.none(), st.floats(1e-2, 1e6))
    rows = []
    for code, a, b, year in keys:
        # 811292 has no HS92 rules: it comes from the HS17 extract
        source = "baci_hs17" if code == "811292" else "baci_hs92"
        rows.append(row(code, f"{a}>{b}", year, draw(amount), draw(amount), source))
    return rows


@settings(max_examples=25, deadline=None)
@given(rows=customs(), seed=st.integers(0, 999))
def test_order_of_rows_does_not_matter(rows: list[dict[str, Any]], seed: int) -> None:
    mixed = rows.copy()
    random.Random(seed).shuffle(mixed)
    first, second = classified(*rows), classified(*mixed)
    assert first.trade.equals(second.trade)
    assert first.ledger.equals(second.ledger)


@settings(max_examples=25, deadline=None)
@given(rows=customs())
def test_every_row_is_classified_exactly_once(rows: list[dict[str, Any]]) -> None:
    result = classified(*rows)
    key = ["source", "code", "year", "exporter", "importer"]
    assert dict(result.trade.schema) == {name: kind() for name, kind in TRADE_SCHEMA.items()}
    assert sorted(result.trade.select(key).rows()) == sorted(frame(*rows).select(key).rows())
    assert result.trade["rule"].null_count() == 0
    changed = result.trade.filter(pl.col("flag") != "ok")
    assert result.ledger["rows"].sum() == changed.height
    used = result.trade.drop_nulls("content_t")
    assert (
        (used["content_low"] <= used["content_t"]) & (used["content_t"] <= used["content_high"])
    ).all()


@settings(max_examples=25, deadline=None)
@given(rows=customs(), factor=st.sampled_from([0.5, 2.0, 4.0]))
def test_content_scales_with_the_cargo(rows: list[dict[str, Any]], factor: float) -> None:
    """Twice the value and twice the weight of everything is twice the content of every row.

    Parcels are set aside: they are told from cargoes by their value.
    """
    heavy = [r for r in rows if r["value_kusd"] is None or r["value_kusd"] > 250]
    if not heavy:
        return

    def scaled(r: dict[str, Any]) -> dict[str, Any]:
        return {
            **r,
            **{k: None if r[k] is None else r[k] * factor for k in ("value_kusd", "gross_t")},
        }

    before = classified(*heavy).trade
    after = classified(*map(scaled, heavy)).trade
    assert before["flag"].equals(after["flag"])
    assert before["rule"].equals(after["rule"])
    for a, b in zip(before["content_t"], after["content_t"], strict=True):
        assert (a is None) == (b is None)
        assert a is None or b == pytest.approx(factor * a, rel=1e-9)
