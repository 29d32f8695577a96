"""Sources: every raw file has exactly one, and a table of sources with a fault is refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lodestone.atlas.source import read_sources, source, source_of, sources, unassigned
from lodestone.terms.errors import DataError, RequestError

_ENTRY = """
[[source]]
id = "{id}"
publisher = "P"
title = "T"
year = 2024
edition = "first"
licence = "CC BY 4.0"
licence_url = "https://creativecommons.org/licenses/by/4.0/"
may_ship = true
condition = ""
citation = "P (2024), T"
page = "https://example.org"
files = ["folder/*.csv"]
"""


def test_sources_that_may_not_ship_are_the_ones_the_design_names() -> None:
    kept_out = {entry.id for entry in sources() if not entry.may_ship}
    assert kept_out == {"bgs", "comtrade", "customs_monthly"}


def test_every_source_can_be_cited_and_checked() -> None:
    for entry in sources():
        assert entry.citation, entry.id
        assert entry.licence_url.startswith("https://"), entry.id
        assert entry.page.startswith("https://") or entry.publisher == "Lodestone", entry.id
        for original in entry.originals:
            assert original.address.startswith("https://"), original


def test_an_unknown_source_is_met_with_near_ones() -> None:
    with pytest.raises(RequestError, match="did you mean usgs_mcs20"):
        source("usgs_mcs")


def test_a_pattern_does_not_reach_into_deeper_folders() -> None:
    usgs = source("usgs_mcs2026")
    assert usgs.holds("usgs/mcs2026/MCS2026_Commodities_Data.csv")
    assert not usgs.holds("usgs/mcs2026/trends/deeper/one.csv")
    assert not usgs.holds("usgs/mcs2025/MCS2025_World_Data.csv")


def test_a_file_of_no_source_is_refused() -> None:
    with pytest.raises(DataError, match="no source"):
        source_of("elsewhere/numbers.csv")


def test_faults_of_a_sources_table_are_all_told(tmp_path: Path) -> None:
    table = tmp_path / "sources.toml"
    text = _ENTRY.format(id="a") + _ENTRY.format(id="a").replace('publisher = "P"', 'editor = "P"')
    table.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_sources(table)
    told = str(caught.value)
    assert "unknown key 'editor'" in told
    assert "key 'publisher' is missing" in told
    assert "source id 'a' is used twice" in told


def test_a_sources_table_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "sources.toml"
    table.write_text("[[source]\nid = ", encoding="utf-8")
    with pytest.raises(DataError, match=r"sources\.toml"):
        read_sources(table)


@pytest.mark.raw
def test_every_raw_file_belongs_to_exactly_one_source(raw: Path) -> None:
    with (raw / "MANIFEST.csv").open(encoding="utf-8") as lines:
        files = [row["file"] for row in csv.DictReader(lines)]
    assert len(files) > 400
    assert unassigned(files) == []


# The manifest says "check first": checked, and the decision names the evidence.
CLEARED_SINCE = {"wiod_2011": "docs/decisions/0012-wiod.md"}


@pytest.mark.raw
def test_may_ship_agrees_with_the_manifest_of_the_raw_files(raw: Path) -> None:
    with (raw / "MANIFEST.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            entry = source_of(row["file"])
            cleared = row["may_ship"].startswith(("yes", "own figure table: yes"))
            if row["may_ship"].startswith("check first") and entry.id in CLEARED_SINCE:
                cleared = True
            assert entry.may_ship == cleared, row["file"]


@pytest.mark.parametrize(("id", "decision"), CLEARED_SINCE.items())
def test_what_was_cleared_since_names_its_decision(id: str, decision: str) -> None:
    assert decision in source(id).note
    assert (Path(__file__).parents[2] / decision).is_file()
