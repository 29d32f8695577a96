"""Strategic projects: what a cell states is read, what it does not state stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from lodestone.atlas.facts import Reading
from lodestone.atlas.readers import projects
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]
CELLS = {
    "programme": "P",
    "project": "Deep Hole (North)",
    "country": "FIN;SWE",
    "materials": "nickel;PGM (palladium)",
    "stage": "extraction (tailings)+processing",
    "name_confirmed": "yes",
}
PARAMETERS = "parameter,value,unit,source,url\n"


def _line(**changed: str) -> str:
    cells = CELLS | changed
    return ",".join(f'"{cells.get(column, "")}"' for column in projects._COLUMNS) + "\n"


def _read(put: Put, *lines: str, parameters: str = "") -> Reading:
    put(projects.PARAMETERS, PARAMETERS + parameters)
    text = ",".join(projects._COLUMNS) + "\n" + "".join(lines or [_line()])
    return projects.read(put(projects.PROJECTS, text))


def test_a_project_gets_ids_places_and_stages(put: Put) -> None:
    row = _read(put).tables["projects"].row(0, named=True)
    assert row["project_id"] == "deep-hole-north-fin-swe"
    assert row["places"] == ["FIN", "SWE"]
    assert row["materials"] == ["nickel", "PGM", "palladium"]
    assert row["stages"] == ["mine", "refine"]
    assert row["start_year"] is None


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        ("24,000 t/yr lithium product", [(1, "lithium product", 24_000.0, None)]),
        ("about 10,000 t Li2CO3/yr", [(1, "Li2CO3", 10_000.0, None)]),
        ("30,000 t LiOH/yr for 30 years (company)", [(1, "LiOH", 30_000.0, None)]),
        (
            "2,000 t magnets + 5,000 t concentrate per year; 250 t Dy and 45 t Tb per year "
            "contracted to Japan",
            [
                (1, "magnets", 2_000.0, None),
                (1, "concentrate", 5_000.0, None),
                (2, "Dy", 250.0, None),
                (2, "Tb", 45.0, None),
            ],
        ),
        ("at least 5,000 t NdPr oxide/yr; 50% of heavy REE", [(1, "NdPr oxide", None, 5_000.0)]),
        ("500,000 t ore processed/yr", []),  # ore, not product
        ("resource 229 Mt at 28.9% TGC", []),  # in the ground, not a capacity
        ("LiOH for about 700,000 vehicles/yr", []),  # vehicles, not tonnes
        ("about a quarter of EU molybdenum demand", []),
        ("60-day emergency supply (press)", []),
    ],
)
def test_yearly_tonnes_are_read_and_nothing_else(
    put: Put, capacity: str, expected: list[tuple[int, str, float | None, float | None]]
) -> None:
    reading = _read(put, _line(capacity=capacity))
    found = reading.tables["project_capacities"].select("clause", "product", "value", "low")
    assert found.rows() == expected
    assert reading.tables["projects"]["capacity_raw"].to_list() == [capacity]


@pytest.mark.parametrize(
    ("capex", "expected"),
    [
        (">120 M EUR", [(None, 120.0, None, "EUR", "", False)]),
        ("2.6 bn EUR financing secured", [(2600.0, None, None, "EUR", "financing secured", False)]),
        ("up to 110 M EUR from X", [(None, None, 110.0, "EUR", "from X", False)]),
        ("62-344 M USD (Trend)", [(None, 62.0, 344.0, "USD", "(Trend)", False)]),
        (
            "615 M EUR for three projects together",
            [(615.0, None, None, "EUR", "for three projects together", True)],
        ),
        (
            "277 M USD direct + 1.3 bn USD loan (LOI)",
            [
                (277.0, None, None, "USD", "direct", False),
                (1300.0, None, None, "USD", "loan (LOI)", False),
            ],
        ),
        ("see above", []),
        ("floor 110 USD/kg", []),  # a price, not an amount
    ],
)
def test_money_is_read_part_by_part(
    put: Put, capex: str, expected: list[tuple[object, ...]]
) -> None:
    frame = _read(put, _line(capex=capex)).tables["project_money"]
    assert frame.select("value", "low", "high", "currency", "purpose", "shared").rows() == expected


@pytest.mark.parametrize(
    ("text", "years", "status"),
    [
        ("2027-2028", (2027, 2028), None),
        ("from 2028", (2028, 2028), None),
        ("extraction from 2027, refined product 2028", (2027, 2027), None),
        ("FID end-2027, output about 2031", (2031, 2031), None),
        ("first heavy REE imports Oct 2025", (2025, 2025), None),
        ("late 2026", (2026, 2026), None),
        ("late 2020s", (None, None), None),
        ("2026-01-26", (None, None), None),  # the day of the award, not of any output
        ("under construction", (None, None), "construction"),
        ("care and maintenance", (None, None), "idle"),
    ],
)
def test_only_a_first_output_is_a_start(
    put: Put, text: str, years: tuple[int | None, int | None], status: str | None
) -> None:
    row = _read(put, _line(start_or_status=text)).tables["projects"].row(0, named=True)
    assert (row["start_year"], row["start_year_high"], row["status"]) == (*years, status)


def test_parameters_keep_every_number_of_a_cell(put: Put) -> None:
    lines = "Top three,82/86/82,%,s,u\nNickel,55,% (less than),s,u\nWords,bismuth; silicon,,s,u\n"
    frame = _read(put, parameters=lines).tables["policy_parameters"]
    assert frame.select("part", "value", "high", "flag").rows() == [
        (1, 82.0, None, "reported"),
        (2, 86.0, None, "reported"),
        (3, 82.0, None, "reported"),
        (1, None, 55.0, "less_than"),
        (1, None, None, "text"),
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"country": "QQQ"}, "unknown country 'QQQ'"),
        ({"materials": "mithril"}, "unknown material 'mithril'"),
        ({"stage": "alchemy"}, "unknown stage 'alchemy'"),
    ],
)
def test_what_the_reader_does_not_know_is_refused(
    put: Put, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, _line(**changed))
    assert told in str(caught.value)
    assert f"{projects.PROJECTS}, row 1" in str(caught.value)


def test_two_projects_of_one_name_and_place_are_refused(put: Put) -> None:
    with pytest.raises(DataError, match="stands twice"):
        _read(put, _line(), _line())


@pytest.mark.raw
def test_counts_that_the_commission_and_the_design_state(raw: Path) -> None:
    """EC 25 March 2025: 47 EU projects; 4 June 2025: 13 outside. Design: 16 capacities, 18 capex."""
    tables = projects.read(raw).tables
    frame = tables["projects"]
    assert frame.height == 73
    assert frame.filter(pl.col("programme").str.contains("CRMA 13")).height == 13
    assert frame.filter(pl.col("capacity_raw") != "").height == 16
    assert frame.filter(pl.col("capex_raw") != "").height == 18
    inside = frame.filter(pl.col("programme").str.contains("CRMA 47"))
    # Press counts by country add up to 49 against 47 selected; the table keeps them all.
    assert inside.height == 49


@pytest.mark.raw
def test_every_number_stands_in_its_cell(raw: Path) -> None:
    tables = projects.read(raw).tables
    for name, unit in (("project_capacities", 1.0), ("project_money", None)):
        for row in tables[name].iter_rows(named=True):
            scale = unit or (1000.0 if " bn " in row["raw"] else 1.0)
            for bound in (row["value"], row["low"], row["high"]):
                if bound is not None:
                    assert f"{bound / scale:,.10g}" in row["raw"], row
