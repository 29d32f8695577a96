"""Recycling and by-products: copies that disagree are both kept, with their range."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone import terms
from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import recycling
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]
RATES = "material,source,eol_rir_pct,stage_or_class,key\n"
HOSTS = "label,title,class,companionality_pct,hosts,note,substitutability,source\n"
SHARES = "material,class,companionality_pct,hosts,empirical_pct,note,source\n"


def _read(put: Put, rates: str = "", hosts: str = "", shares: str = "") -> Reading:
    put(recycling.EOL_RIR, RATES + rates)
    put(recycling.HOSTS, HOSTS + hosts)
    return recycling.read(put(recycling.COMPANIONALITY, SHARES + shares))


def test_copies_that_disagree_are_both_kept_with_their_range(put: Put) -> None:
    rates = (
        "Copper,EC CRM 2023 (via a),55.00000000000001,Extraction,copper\n"
        "copper,EC CRM 2023 (via b),17.0,primary,copper\n"
        "Copper,EC CRM 2017 report Table 3,55.0,Extraction,copper\n"
    )
    reading = _read(put, rates)
    facts = reading.tables["facts"]
    assert facts.select("value", "low", "high", "year", "place").rows() == [
        (0.55, 0.17, 0.55, 2023, "EU27"),
        (0.17, 0.17, 0.55, 2023, "EU27"),
        (0.55, None, None, 2017, "EU28"),
    ]
    assert facts["raw_value"][0] == "55.00000000000001"
    assert any("copper 0.17-0.55" in note for note in reading.notes)


def test_bauxite_and_aluminium_are_forms_not_copies(put: Put) -> None:
    rates = "Bauxite,EC CRM 2017,0,Extraction,b\nAluminium,EC CRM 2017,12,Processing,a\n"
    facts = _read(put, rates).tables["facts"]
    assert facts.select("material", "stage", "value", "flag").rows() == [
        ("aluminium", "mine", 0.0, "reported"),
        ("aluminium", "product", 0.12, "reported"),
    ]


def test_rows_printed_twice_and_names_left_out(put: Put) -> None:
    rates = (
        "Diamonds,EC CRM 2023,0.0,,diamonds\nDiamonds,EC CRM 2023,0.0,,diamonds\n"
        "Natural cork,EC CRM 2023,8,Extraction,cork\n"
    )
    reading = _read(put, rates)
    assert reading.tables["facts"]["material"].to_list() == ["diamond_gem", "diamond_industrial"]
    assert any("1 rows printed twice" in note for note in reading.notes)


def test_byproducts_have_hosts_by_id_where_they_are_ours(put: Put) -> None:
    hosts = (
        "vanadium,Vanadium,byproduct,90,iron;steel slag;uranium,From slags.,medium,CMA\n"
        "indium,Indium,byproduct (no % in source),,zinc,host only,,CMA\n"
    )
    reading = _read(put, hosts=hosts, shares="Vanadium,byproduct,85,iron,92,n,s\n")
    byproducts = reading.tables["byproducts"]
    assert byproducts["hosts"].to_list() == [["iron", "steel slag", "uranium"], ["zinc"]]
    assert byproducts["companionality"].to_list() == [0.9, None]
    facts = reading.tables["facts"]
    assert facts.select("material", "quantity", "value", "low", "high").rows() == [
        ("vanadium", "companionality", 0.9, 0.85, 0.9),
        ("vanadium", "companionality", 0.85, 0.85, 0.9),
    ]


@pytest.mark.parametrize(
    ("rates", "hosts", "told"),
    [
        ("Mithril,EC CRM 2023,1,x,m\n", "", "unknown material 'Mithril'"),
        ("Tin,a blog,1,x,m\n", "", "unknown study 'a blog'"),
        ("Tin,EC CRM 2023,lots,x,m\n", "", "'lots' is not a number"),
        ("Tin,EC CRM 2023,130,x,m\n", "", "130.0 is no share"),
        ("", "tin,Tin,orphan,5,,n,low,s\n", "unknown class 'orphan'"),
    ],
)
def test_what_does_not_fit_is_refused(put: Put, rates: str, hosts: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, rates, hosts)
    assert told in str(caught.value)
    assert "row 1" in str(caught.value)


def test_a_renamed_column_says_its_new_name(put: Put) -> None:
    put(recycling.EOL_RIR, RATES.replace("eol_rir_pct", "eol_rir_percent"))
    put(recycling.HOSTS, HOSTS)
    with pytest.raises(DataError, match="is it now called 'eol_rir_percent'"):
        recycling.read(put(recycling.COMPANIONALITY, SHARES))


@pytest.mark.raw
def test_rates_of_2017_are_those_of_the_criticality_study(raw: Path) -> None:
    """The study's results stand in a raw file of their own, made from the report apart."""
    with (raw / "ec/ec_crm2017_results.csv").open(encoding="utf-8-sig") as lines:
        study = list(csv.DictReader(lines))
    facts = (
        recycling.read(raw)
        .tables["facts"]
        .filter((pl.col("quantity") == "eol_rir") & (pl.col("year") == 2017))
    )
    compared = 0
    for row in study:
        material = terms.find_material(row["material"])
        if material is None or not row["eol_rir_pct"]:
            continue
        ours = facts.filter(pl.col("material") == material.id)["value"].to_list()
        assert round(float(row["eol_rir_pct"]) / 100, 6) in ours, row["material"]
        compared += 1
    assert compared > 60


@pytest.mark.raw
def test_the_known_disagreement_on_copper(raw: Path) -> None:
    """design/data.md: EOL-RIR "2023" differs between copies (Cu 17 vs 55): both kept."""
    facts = recycling.read(raw).tables["facts"]
    copper = facts.filter(
        (pl.col("material") == "copper")
        & (pl.col("quantity") == "eol_rir")
        & (pl.col("year") == 2023)
    )
    assert sorted(copper["value"].to_list()) == [0.17, 0.55]
    assert copper["flag"].unique().to_list() == ["reported;range"]


@pytest.mark.raw
def test_metals_that_are_only_by_products(raw: Path) -> None:
    """Nassar, Graedel and Harper (2015): germanium, gallium, hafnium, helium have no own mines."""
    facts = recycling.read(raw).tables["facts"].filter(pl.col("quantity") == "companionality")
    share = dict(facts.select("material", "value").rows())
    assert {m for m in ("germanium", "gallium", "hafnium", "helium") if share[m] == 1.0} == {
        "germanium",
        "gallium",
        "hafnium",
        "helium",
    }
    assert share["cobalt"] == 0.9
    assert facts["value"].is_between(0.0, 1.0).all()
