"""The rule table: complete, consistent, and in agreement with chemistry."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from lodestone import terms
from lodestone.atlas.rules.trade_rules import TradeRules, load_trade_rules
from lodestone.terms.errors import DataError

WEIGHT = {
    "H": 1.008, "Li": 6.94, "B": 10.81, "C": 12.011, "N": 14.007, "O": 15.999, "Al": 26.982,
    "S": 32.06, "Cl": 35.45, "K": 39.098, "Ti": 47.867, "V": 50.942, "Cr": 51.996, "Co": 58.933,
    "Ni": 58.693, "Ge": 72.630, "Mo": 95.95, "Sb": 121.76, "Nd": 144.242, "W": 183.84,
}  # fmt: skip


def mass(formula: dict[str, float]) -> float:
    return sum(WEIGHT[element] * count for element, count in formula.items())


STOICHIOMETRY = [
    ("283691", "lithium", 2 * WEIGHT["Li"] / mass({"Li": 2, "C": 1, "O": 3})),
    ("282520", "lithium", WEIGHT["Li"] / mass({"Li": 1, "O": 2, "H": 3})),
    ("282530", "vanadium", 2 * WEIGHT["V"] / mass({"V": 2, "O": 5})),
    ("282200", "cobalt", 3 * WEIGHT["Co"] / mass({"Co": 3, "O": 4})),
    ("281820", "aluminium", 2 * WEIGHT["Al"] / mass({"Al": 2, "O": 3})),
    ("281830", "aluminium", WEIGHT["Al"] / mass({"Al": 1, "O": 3, "H": 3})),
    ("282580", "antimony", 2 * WEIGHT["Sb"] / mass({"Sb": 2, "O": 3})),
    ("281000", "boron", mass({"B": 2, "O": 3}) / (2 * mass({"B": 1, "O": 3, "H": 3}))),
    ("283324", "nickel", WEIGHT["Ni"] / mass({"Ni": 1, "S": 1, "O": 10, "H": 12})),
    ("282560", "germanium", WEIGHT["Ge"] / mass({"Ge": 1, "O": 2})),
    ("282570", "molybdenum", WEIGHT["Mo"] / mass({"Mo": 1, "O": 3})),
    ("310430", "potash", mass({"K": 2, "O": 1}) / mass({"K": 2, "S": 1, "O": 4})),
    ("310420", "potash", 0.97 * mass({"K": 2, "O": 1}) / (2 * mass({"K": 1, "Cl": 1}))),
    ("280530", "rare_earths", mass({"Nd": 2, "O": 3}) / (2 * WEIGHT["Nd"])),
    ("284180", "tungsten", 0.885 * WEIGHT["W"] / mass({"W": 1, "O": 3})),
    ("261100", "tungsten", 0.65 * WEIGHT["W"] / mass({"W": 1, "O": 3})),
    ("261000", "chromium", 0.42 * 2 * WEIGHT["Cr"] / mass({"Cr": 2, "O": 3})),
    ("261400", "titanium", 0.50 * WEIGHT["Ti"] / mass({"Ti": 1, "O": 2})),
]


@pytest.fixture(scope="module")
def rules() -> TradeRules:
    return load_trade_rules()


@pytest.mark.parametrize(("code", "material", "content"), STOICHIOMETRY)
def test_content_of_pure_compounds_is_within_the_band(
    rules: TradeRules, code: str, material: str, content: float
) -> None:
    """By hand: atomic weights put the compound's content inside low to high of its rule."""
    bands = [
        (r.content_low, r.content_high)
        for r in rules.rules
        if r.code == code and r.material == material
    ]
    assert any(
        low is not None and high is not None and low - 5e-4 <= content <= high + 5e-4
        for low, high in bands
    ), (code, content, bands)


def test_codes_of_a_full_release_are_read(rules: TradeRules) -> None:
    """The stages that the open extracts lack are ready for a user's zip."""
    needed = {
        "281820", "720110", "720310", "720610", "720711", "720241", "720249", "720211", "720219",
        "720230", "720260", "750110", "750210", "780110", "790111", "800110", "284180", "284990",
        "282560", "282580", "253090", "260500", "810520", "380110", "250410", "760120", "284610",
        "284690", "280530", "850511", "811292", "251010", "740200", "740311",
    }  # fmt: skip
    assert needed <= rules.codes("HS17")
    assert {"811231", "811241", "810690"} <= rules.codes("HS22")
    assert {"810510", "811230", "252890"} <= rules.codes("HS92")
    assert "810510" not in rules.codes("HS17")


def test_every_row_names_reason_source_and_reader(rules: TradeRules) -> None:
    for rule in rules.rules:
        assert rule.reason, rule.rule
        assert rule.source, rule.rule
        assert rule.first_reading, rule.rule


def test_materials_are_counted_in_their_own_basis(rules: TradeRules) -> None:
    for rule in rules.rules:
        if rule.use == "include":
            assert rule.material is not None
            assert terms.material(rule.material).basis == rule.basis, rule.rule


def test_energy_codes_are_excluded(rules: TradeRules) -> None:
    energy = [r for r in rules.rules if r.code.startswith("27")]
    assert energy
    assert {r.use for r in energy} == {"exclude"}


HEADER_AND_GOOD = """\
rule,code,revisions,family,product,priority,exporters,importers,uv_unit,uv_min,uv_max,year_from,\
year_to,use,material,stage,basis,content_from,content_low,content_central,content_high,price,\
value_per_content,sane_unit,sane_low,sane_high,model_price,model_pass,confidence,source,reason,\
first_reading,second_reading,remarks
a.1,260300,all,260300,ore,90,*,*,,,,,,include,copper,mine,Cu,share,.2,.25,.3,,,,,,,,high,s,r,d,d,
"""


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "rules.csv"
    path.write_text(HEADER_AND_GOOD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_all_faults_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        "b.1,260400,HS93,f,ore,10,XXX,*,,,,,,include,unobtainium,mine,X,share,.3,.2,.1,,,,,,,,high,s,r,d,d,",
        "b.2,260400,all,f,ore,20,CHN,*,USD/kg,5,1,,,exclude,,,,,,,,,,,,,,,high,s,,d,d,",
        "a.1,260400,all,f,ore,20,CHN,*,,,,,,exclude,,,,,,,,,,,,,,,sure,s,r,d,d,",
    )
    with pytest.raises(DataError) as caught:
        load_trade_rules(path)
    text = str(caught.value)
    for part in (
        "HS93",
        "'XXX'",
        "unobtainium",
        "in order",
        "from 5.0 to 1.0 is empty",
        "no reason",
        "'sure'",
        "stands twice",
        "one priority",
        "last rule has a condition",
    ):
        assert part in text, part


def test_a_renamed_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(HEADER_AND_GOOD.replace("content_central", "content"), encoding="utf-8")
    with pytest.raises(DataError, match="content_central"):
        load_trade_rules(path)


@pytest.mark.raw
def test_every_code_of_the_extracts_has_rules(raw: Path, rules: TradeRules) -> None:
    codes = pl.scan_parquet(raw / "baci/baci_hs92_74codes_1995_2024.parquet").select(
        pl.col("hs6").cast(pl.String).unique()
    )
    assert set(codes.collect()["hs6"]) <= rules.codes("HS92")
