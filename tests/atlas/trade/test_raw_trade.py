"""The real customs files: read strictly, mended visibly, and checked against other declarations."""

from __future__ import annotations

import csv
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import baci, customs, customs_checks
from lodestone.atlas.rules.prices import load_reference_prices
from lodestone.atlas.rules.trade_rules import load_trade_rules
from lodestone.atlas.trade import ClassifiedTrade, classify, coverage, links
from lodestone.terms.errors import DataError

pytestmark = pytest.mark.raw

POUND_KG = 0.45359237
TROY_OUNCE_KG = 0.0311034768


@pytest.fixture(scope="module")
def reading(raw: Path) -> Reading:
    return baci.read(raw)


@pytest.fixture(scope="module")
def checks(raw: Path) -> Reading:
    return customs_checks.read(raw)


@pytest.fixture(scope="module")
def result(reading: Reading) -> ClassifiedTrade:
    rows = reading.tables["rows"].filter(pl.col("year") >= 2012)
    return classify(rows, load_trade_rules(), load_reference_prices(), range(2018, 2025))


def test_every_row_arrives(raw: Path, reading: Reading) -> None:
    """Round trip: total value and weight of a code are those of the file."""
    printed = pl.read_parquet(raw / "baci/baci_hs92_74codes_1995_2024.parquet").filter(
        pl.col("hs6").cast(pl.String) == "260300"
    )
    read = reading.tables["rows"].filter(
        (pl.col("source") == "baci_hs92") & (pl.col("code") == "260300")
    )
    assert read["value_kusd"].sum() == pytest.approx(printed["value_kusd"].sum(), rel=1e-12)
    assert read["gross_t"].sum() == pytest.approx(printed["quantity_t"].sum(), rel=1e-12)


def test_taiwan_and_namibia_are_not_lost(reading: Reading) -> None:
    """Customs number 490 has no ISO code of its own, and NA is a country."""
    exporters = set(reading.tables["rows"]["exporter"])
    assert {"TWN", "NAM"} <= exporters
    assert not exporters & {"S19", "NA", None}


def test_bauxite_from_guinea_2023(result: ClassifiedTrade) -> None:
    """13.8 Mt printed; China's customs counted 99 Mt from Guinea in 2023."""
    row = result.trade.filter(
        (pl.col("code") == "260600")
        & (pl.col("exporter") == "GIN")
        & (pl.col("importer") == "CHN")
        & (pl.col("year") == 2023)
        & (pl.col("source") == "baci_hs92")
    ).row(0, named=True)
    assert row["flag"] == "rebuilt_from_value"
    assert row["gross_t"] == pytest.approx(13.785e6, rel=1e-3)
    assert 90e6 < row["gross_t_used"] < 110e6


def both_declared(trade: pl.DataFrame, checks: Reading) -> pl.DataFrame:
    """Rows of 2024 whose weight exporter and importer both declared to UN Comtrade."""
    key = ["code", "year", "exporter", "importer"]
    declared = checks.tables["declared"].filter(pl.col("gross_t") > 0)
    rows = trade.filter((pl.col("source") == "baci_hs17") & (pl.col("year") == 2024))
    for side in ("importer", "exporter"):
        weights = declared.filter(pl.col("declared_by") == side)
        rows = rows.join(weights.select(*key, pl.col("gross_t").alias(side[:2])), on=key)
    gap = (pl.col("im") / pl.col("ex")).log().abs()
    return rows.with_columns(agree=gap < np.log(1.3))


def test_rebuilt_weights_are_those_on_which_the_two_sides_disagree(
    result: ClassifiedTrade, checks: Reading
) -> None:
    """Another source: weights that exporter and importer each declared to UN Comtrade for 2024.

    BACI prints a mean of the two. Where they agree within 30 % the printed weight is probably
    right, and rebuilding it would be an error: by value that happens in under a twentieth of the
    rebuilt rows. Where they disagree, the new weight moves towards one of them.
    """
    rows = both_declared(result.trade.filter(pl.col("value_kusd") > 200), checks)
    rebuilt = rows.filter(pl.col("flag") == "rebuilt_from_value")
    assert rebuilt.height > 30
    agreeing = rebuilt.filter("agree")["value_kusd"].sum() / rebuilt["value_kusd"].sum()
    assert agreeing < 0.05
    believed = rows.filter(pl.col("flag") == "ok")
    assert believed.filter("agree")["value_kusd"].sum() / believed["value_kusd"].sum() > 0.5

    def distance(weight: str, side: str) -> pl.Expr:
        return (pl.col(weight) / pl.col(side)).log().abs()

    torn = rebuilt.filter(~pl.col("agree")).select(
        nearer=(distance("gross_t_used", "im") < distance("gross_t", "im"))
        | (distance("gross_t_used", "ex") < distance("gross_t", "ex"))
    )
    assert torn["nearer"].mean() > 0.6


@pytest.mark.parametrize(
    ("code", "within"),
    [
        ("740311", 0.10),
        ("750210", 0.15),
        ("811010", 0.20),
        ("280469", 0.20),
        ("251010", 0.20),
        ("810820", 0.20),
        ("280470", 0.25),
        ("810411", 0.25),
    ],
)
def test_modelled_tonnes_of_2022_meet_declared_weights(
    result: ClassifiedTrade, checks: Reading, code: str, within: float
) -> None:
    """Another source: world tonnes of codes that BACI's open extract gives only in dollars."""
    weights = checks.tables["weights_2022"].drop_nulls("gross_t")
    modelled = result.trade.filter(
        (pl.col("year") == 2022)
        & (pl.col("code") == code)
        & (pl.col("source") == "baci_hs17")
        & (pl.col("flag") == "modelled_quantity")
    ).select("exporter", "importer", "code", model_t="gross_t_used")
    pairs = modelled.join(weights, on=["exporter", "importer", "code"])
    assert pairs["model_t"].sum() == pytest.approx(pairs["gross_t"].sum(), rel=within)


def test_three_year_sums_of_cobalt_agree(reading: Reading) -> None:
    """Another edition: COD>CHN 2018-20 in 810520 of HS12 is 810510 of HS92 to 1 %."""
    sums = reading.tables["sums"].filter(
        (pl.col("code") == "810520")
        & (pl.col("year") == 2018)
        & (pl.col("exporter") == "COD")
        & (pl.col("importer") == "CHN")
    )
    rows = reading.tables["rows"].filter(
        (pl.col("code") == "810510")
        & pl.col("year").is_between(2018, 2020)
        & (pl.col("exporter") == "COD")
        & (pl.col("importer") == "CHN")
    )
    assert rows["gross_t"].sum() == pytest.approx(sums["gross_t"].sum(), rel=0.01)


def test_congolese_cobalt_to_china_is_counted_once(result: ClassifiedTrade) -> None:
    """By hand from the file: 387.0 kt in 8105 x .33; the 263.8 kt in 2822 are the same cargo."""
    cargo = links(result, "cobalt", "mine", 2023).filter(
        (pl.col("exporter") == "COD") & (pl.col("importer") == "CHN")
    )
    assert cargo["content_t"][0] == pytest.approx(387_012 * 0.33, rel=1e-4)
    assert cargo["codes"][0] == "810510"


def test_one_source_a_product_and_year(result: ClassifiedTrade) -> None:
    families = load_trade_rules().frame().select("revision", "code", "family").unique()
    used = result.trade.filter(pl.col("content_t") > 0).join(families, on=["revision", "code"])
    sources = used.group_by("family", "year").agg(pl.col("source").n_unique())
    assert sources["source"].max() == 1


def test_world_trade_is_of_the_size_of_world_output(result: ClassifiedTrade) -> None:
    """Published orders of magnitude, wide on purpose: a wrong factor of ten does not pass.

    ICSG: about 10 Mt of copper move as concentrate; USGS: Brazil ships nearly all niobium;
    China's customs: 99 Mt bauxite from Guinea; PHL about 0.3 Mt nickel in ore.
    """
    table = coverage(result).group_by("material", "stage", "year").agg(pl.col("content_t").sum())
    size = {(m, s, y): t for m, s, y, t in table.iter_rows()}
    for year in (2022, 2023, 2024):
        assert 8e6 < size["copper", "mine", year] < 13e6
        assert 0.9e9 < size["iron", "mine", year] < 1.15e9
        assert 5e6 < size["zinc", "mine", year] < 7e6
        assert 60e3 < size["niobium", "refine", year] < 95e3
        assert 100e3 < size["cobalt", "mine", year] < 240e3
        assert 50e3 < size["lithium", "refine", year] < 110e3
        assert 1.2e6 < size["silicon_metal", "refine", year] < 2.2e6


def test_ledger_tells_what_was_changed(result: ClassifiedTrade) -> None:
    flags = result.trade["flag"].value_counts()
    counted = dict(flags.iter_rows())
    told = dict(result.ledger.group_by("flag").agg(pl.col("rows").sum()).iter_rows())
    assert told == {flag: n for flag, n in counted.items() if flag != "ok"}
    assert result.ledger["reason"].null_count() == 0


def test_us_imports_of_nickel_agree_with_the_us_declaration(
    raw: Path, result: ClassifiedTrade
) -> None:
    """Another source: USITC 7502 (all unwrought nickel) bounds BACI 750210 from above."""
    declared = (
        customs.read(raw)
        .tables["us_trade"]
        .filter(
            (pl.col("hs4") == "7502")
            & (pl.col("year") == 2024)
            & (pl.col("flow") == "import")
            & (pl.col("partner") == "CAN")
        )
    )
    ours = result.trade.filter(
        (pl.col("code") == "750210")
        & (pl.col("year") == 2024)
        & (pl.col("source") == "baci_hs17")
        & (pl.col("exporter") == "CAN")
        & (pl.col("importer") == "USA")
    )
    ratio = ours["gross_t_used"].sum() / declared["gross_t"].sum()
    assert 0.7 < ratio < 1.2


def test_unstated_partner_is_not_namibia(raw: Path) -> None:
    """`n/a` in the monthly file looks like NA, the code of Namibia."""
    reading = customs.read(raw)
    assert reading.tables["uk_trade"].filter(pl.col("partner") == "XOT").height > 0
    assert any("no partner" in note for note in reading.notes)


def test_checks_are_marked_as_not_to_ship(checks: Reading) -> None:
    assert customs_checks.SHIPS is False
    assert "not shipped" in checks.notes[0]
    for table in checks.tables.values():
        assert set(table["source"]) == {"comtrade"}


def test_a_renamed_column_is_refused_with_file_and_name(raw: Path, tmp_path: Path) -> None:
    """Every extract copied, one column renamed: the message says which, and what to do."""
    shutil.copytree(raw / "baci", tmp_path / "baci", copy_function=shutil.copyfile)
    file = "baci/extra/baci_hs17_2024_30codes_value_tonnes.parquet"
    frame = pl.read_parquet(tmp_path / file).rename({"quantity_t": "qty"})
    frame.write_parquet(tmp_path / file)
    with pytest.raises(DataError) as caught:
        baci.read(tmp_path)
    text = str(caught.value)
    assert file in text
    assert "'quantity_t' is missing" in text
    assert "'qty'" in text


def test_missing_files_are_all_named(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        baci.read(tmp_path)
    assert str(caught.value).count("the file is missing") == 6


def test_reference_prices_follow_from_the_raw_files(raw: Path) -> None:
    """Each printed value is found again at its place and converted by hand."""
    text = (
        resources.files("lodestone.atlas.rules").joinpath("reference_prices.csv").read_text("utf-8")
    )
    rows = list(csv.DictReader(text.splitlines()))
    assert len({(r["series"], r["year"]) for r in rows}) == len(rows) > 100
    to_kg = {
        "($/mt)": 1e-3,
        "($/troy oz)": 1 / TROY_OUNCE_KG,
        "dollars per pound": 1 / POUND_KG,
        "cents per pound": 0.01 / POUND_KG,
        "dollars per troy ounce": 1 / TROY_OUNCE_KG,
        "dollars per metric ton": 1e-3,
        "dollars per kilogram": 1.0,
        "dollars per kilogram of Ta2O5": 1 / 0.8190,
        "dollars per dry metric ton unit of WO3": 1 / 10 / 0.7930,
        "dollars per dry metric ton unit": 1 / 10 / 0.7930,
        "thousand USD per tonne": 1.0,
    }
    for r in rows:
        factor = 1 / 0.8190 if r["series"] == "tantalum" else to_kg[r["raw_unit"]]
        value = float(r["raw_value"].replace(",", ""))
        assert float(r["usd_per_kg"]) == pytest.approx(value * factor, rel=1e-4), r
        assert printed_value(raw, r) == pytest.approx(value, rel=1e-5), r


def printed_value(raw: Path, row: dict[str, str]) -> float:
    """The value at the place that a row of the price table names."""
    if row["source"] == "baci_hs92":
        frame = pl.read_parquet(raw / row["file"]).filter(
            (pl.col("hs6").cast(pl.String) == "251020")
            & (pl.col("year") == int(row["year"]))
            & pl.col("quantity_t").is_not_null()
        )
        return float(frame["value_kusd"].sum() / frame["quantity_t"].sum())
    with (raw / row["file"]).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    if row["source"] == "wb_prices":
        commodity = row["printed_series"].split(",")[0]
        months = [
            float(line["value"])
            for line in lines
            if line["commodity"] == commodity
            and line["month"].startswith(row["year"])
            and line["unit"] == row["raw_unit"]
        ]
        return float(np.mean(months))
    if row["source"] == "usgs_mcs2026":
        line = next(
            x
            for x in lines
            if x["series"] == row["printed_series"] and x["unit"] == row["raw_unit"]
        )
        return float(line[row["year"]].replace(",", ""))
    line = next(x for x in lines if x["Year"] == row["year"])
    return float(line[row["printed_series"]].replace(",", ""))
