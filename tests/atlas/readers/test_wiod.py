"""The world table: balance, and names of regions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.readers import wiod
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]
LABELS = ["ROM.c1", "RoW.c1"]


def _small(put: Put, **changed: object) -> Path:
    """Romania and the rest of the world, one sector: output 100 and 900."""
    flows = {"ROM.c1": [10, 20], "RoW.c1": [30, 400], "__index_level_0__": LABELS}
    final = {"ROM.f1": [60, 0], "RoW.f1": [0, 480], "__index_level_0__": LABELS}
    put(wiod.SECTORS, "code,sector\nc1,Everything\n")
    folder = put(
        wiod.OUTPUT, f"label,output_usd_mn\nROM.c1,{changed.get('output', 100)}\nRoW.c1,900\n"
    )
    flows |= changed.get("flows", {})  # type: ignore[arg-type]
    pl.DataFrame(flows).write_parquet(folder / wiod.FLOWS)
    pl.DataFrame(final).write_parquet(folder / wiod.FINAL_USE)
    return folder


def test_romania_and_the_rest_of_the_world_get_our_names(put: Put) -> None:
    tables = wiod.read(_small(put)).tables
    assert tables["wiod_flows"].rows() == [
        ("ROU", "c1", "ROU", "c1", 10.0),
        ("ROU", "c1", "XOT", "c1", 30.0),
        ("XOT", "c1", "ROU", "c1", 20.0),
        ("XOT", "c1", "XOT", "c1", 400.0),
    ]
    assert tables["wiod_final_use"].rows() == [
        ("ROU", "c1", "ROU", "f1", 60.0),
        ("XOT", "c1", "XOT", "f1", 480.0),
    ]


def test_an_output_that_is_not_its_uses_is_refused(put: Put) -> None:
    with pytest.raises(DataError, match=r"ROM\.c1: uses differ from output by 50"):
        wiod.read(_small(put, output=150))


def test_rows_of_another_release_are_refused(put: Put) -> None:
    other = {"__index_level_0__": ["ROM.c1", "USA.c1"]}
    with pytest.raises(DataError, match="not those of the output file"):
        wiod.read(_small(put, flows=other))


def test_a_missing_or_damaged_file_is_refused(put: Put) -> None:
    folder = _small(put)
    (folder / wiod.FLOWS).write_bytes(b"PAR1")
    (folder / wiod.FINAL_USE).unlink()
    with pytest.raises(DataError) as caught:
        wiod.read(folder)
    assert str(caught.value).count("cannot be read") == 2


def test_an_unknown_region_is_refused(put: Put) -> None:
    folder = _small(put)
    (folder / wiod.OUTPUT).write_text("label,output_usd_mn\nQQQ.c1,100\nRoW.c9,900\n")
    with pytest.raises(DataError) as caught:
        wiod.read(folder)
    assert "unknown region 'QQQ'" in str(caught.value)
    assert "unknown sector 'c9'" in str(caught.value)


@pytest.mark.raw
def test_the_world_of_2011(raw: Path) -> None:
    """World GDP of 2011 was about 73 trillion USD (World Bank); value added here is its kin."""
    tables = wiod.read(raw).tables
    output = tables["wiod_output"]
    assert output.height == 41 * 35
    places = set(output["place"])
    assert {"ROU", "XOT", "GBR"} <= places
    assert "HRV" not in places
    value_added = output["value"].sum() - tables["wiod_flows"]["value"].sum()
    assert value_added / 1e6 == pytest.approx(73, rel=0.1)
