"""Home economies out of the world table: two members as one, and sums that are the raw sums."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone import terms
from lodestone.atlas.readers import wiod, wiod_domestic
from lodestone.atlas.source import source
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]
LABELS = ["DEU.c1", "ROM.c1", "RoW.c1"]


@pytest.fixture
def small(put: Put) -> Path:
    """Germany and Romania, both of the EU, and the rest of the world; one sector."""
    flows = {
        "DEU.c1": [50, 7, 20],
        "ROM.c1": [5, 10, 20],
        "RoW.c1": [45, 33, 400],
        "__index_level_0__": LABELS,
    }
    final = {"DEU.f1": [100, 0, 0], "RoW.f1": [0, 50, 460], "__index_level_0__": LABELS}
    put(wiod.SECTORS, "code,sector\nc1,Everything\n")
    folder = put(wiod.OUTPUT, "label,output_usd_mn\nDEU.c1,200\nROM.c1,100\nRoW.c1,900\n")
    pl.DataFrame(flows).write_parquet(folder / wiod.FLOWS)
    pl.DataFrame(final).write_parquet(folder / wiod.FINAL_USE)
    return folder


def test_trade_between_members_is_domestic(small: Path) -> None:
    tables = wiod_domestic.read(small).tables
    flows = {place: value for place, _, _, value in tables["wiod_domestic"].iter_rows()}
    assert flows == {"DEU": 50, "ROU": 10, "EU27": 50 + 7 + 5 + 10}
    totals = {row["place"]: row for row in tables["wiod_sectors_totals"].iter_rows(named=True)}
    assert set(totals) == {"DEU", "ROU", "EU27"}
    assert totals["DEU"] == {
        "place": "DEU",
        "sector": "c1",
        "output": 200,
        "imported": 7 + 20,
        "value_added": 200 - 50 - 27,
        "final_use": 150,
    }
    # The union imports only from outside: 20 and 20.
    assert totals["EU27"]["imported"] == 40
    assert totals["EU27"]["value_added"] == 300 - 72 - 40
    assert totals["EU27"]["final_use"] == 300 - 72


def test_any_places_make_a_home_economy(small: Path) -> None:
    home = wiod_domestic.read_home(small, ("DEU", "FRA"))
    assert home.flows.tolist() == [[50.0]]
    assert "FRA" in home.notes[0]
    with pytest.raises(DataError, match="has no FRA; it has DEU, ROU"):
        wiod_domestic.read_home(small, ("FRA",))


def test_what_ships_may_ship() -> None:
    entry = source(wiod.SOURCE)
    assert entry.may_ship
    assert "CC BY 4.0" in entry.licence
    assert "0012-wiod" in entry.note


@pytest.mark.raw
def test_the_union_is_the_raw_sum_of_its_members(raw: Path) -> None:
    world = wiod.read(raw).tables
    tables = wiod_domestic.read(raw).tables
    flows, output = world["wiod_flows"], world["wiod_output"]
    members = [p for p in terms.members("EU27", 2023) if p != "HRV"]
    home = pl.col("place").is_in(members)
    bought = flows.filter(pl.col("buyer").is_in(members))
    made = output.filter(home)["value"].sum()
    domestic, imported = (bought.filter(x)["value"].sum() for x in (home, ~home))
    union = pl.col("place") == "EU27"
    assert tables["wiod_domestic"].filter(union)["value"].sum() == domestic
    sums = tables["wiod_sectors_totals"].filter(union)
    assert sums["output"].sum() == made
    assert sums["imported"].sum() == imported
    assert sums["value_added"].sum() == made - domestic - imported
    assert sums["final_use"].sum() == made - domestic


@pytest.mark.raw
def test_every_economy_keeps_its_output(raw: Path) -> None:
    output = wiod.read(raw).tables["wiod_output"]
    totals = wiod_domestic.read(raw).tables["wiod_sectors_totals"]
    both = totals.join(output, on=["place", "sector"])
    assert both.height == 40 * 35
    assert (both["output"] == both["value"]).all()
