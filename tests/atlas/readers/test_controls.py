"""Export controls: dates no sharper than printed, and a status that depends on the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lodestone.atlas.readers import controls
from lodestone.atlas.readers.controls import status_on
from lodestone.terms.errors import DataError

Put = Callable[[str, str], Path]
HEADER = ",".join(controls._COLUMNS) + "\n"
CELLS = {
    "event_id": "X-1",
    "imposing_country": "CHN",
    "target": "World",
    "materials": "Gallium; germanium",
    "measure": "export licence (no grace period)",
    "announced": "2023-07-03",
    "effective": "2023-08-01",
    "ended_or_changed": "in force; US ban layered 2024-12-03",
    "hs_codes": "Ga: 811292; oxide 282560",
}


def _text(**changed: str) -> str:
    cells = CELLS | changed
    return HEADER + ",".join(f'"{cells.get(column, "")}"' for column in controls._COLUMNS) + "\n"


def _read(put: Put, **changed: str) -> dict[str, Any]:
    return (
        controls.read(put(controls.TIMELINE, _text(**changed)))
        .tables["controls"]
        .row(0, named=True)
    )


def test_a_row_is_read_with_ids_dates_and_codes(put: Put) -> None:
    row = _read(put)
    assert (row["place"], row["target"], row["measure"]) == ("CHN", "WLD", "export_licence")
    assert row["materials"] == ["gallium", "germanium"]
    assert row["hs_codes"] == ["811292", "282560"]
    assert row["effective"] == date(2023, 8, 1)
    assert row["suspended"] is None  # the layered ban is another row's business
    assert row["materials_raw"] == "Gallium; germanium"


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("export quota cut (about -40%)", "export_quota"),
        ("export quotas abolished (with rare earths)", "quota_abolished"),
        ("export ban on unprocessed ore", "export_ban"),
        ("export suspension, then quotas + 10% tax", "export_suspension"),
        ("threat of export limits; no measure found", "threat"),
    ],
)
def test_measures_are_of_few_kinds(put: Put, measure: str, expected: str) -> None:
    assert _read(put, measure=measure)["measure"] == expected


def test_a_vague_day_of_effect_does_not_precede_the_announcement(put: Put) -> None:
    row = _read(put, announced="2025-06-26", effective="2025")
    assert (row["effective"], row["effective_precision"]) == (date(2025, 6, 26), "year")
    assert _read(put, announced="", effective="2025")["effective"] == date(2025, 1, 1)


def test_status_through_a_life(put: Put) -> None:
    row = _read(put, ended_or_changed="suspended 2025-11-09 until 2026-11-27")
    expected = {
        date(2023, 7, 2): "not announced",
        date(2023, 7, 3): "announced",
        date(2023, 8, 1): "in force",
        date(2025, 11, 8): "in force",
        date(2025, 11, 9): "suspended",
        date(2026, 11, 27): "suspended",
        date(2026, 11, 28): "suspension expired: check",
        date(2030, 1, 1): "suspension expired: check",
    }
    assert {day: status_on(row, day) for day in expected} == expected


@pytest.mark.parametrize(
    ("changes", "last_day"),
    [
        ("extended June 2025; ended 2025-10-15", date(2025, 10, 15)),
        ("2015-01-01 quotas abolished after WTO ruling", date(2014, 12, 31)),
    ],
)
def test_a_control_is_lifted_after_its_last_day(put: Put, changes: str, last_day: date) -> None:
    row = _read(put, announced="2010-07", effective="2010-07", ended_or_changed=changes)
    assert status_on(row, last_day) == "in force"
    assert status_on(row, date.fromordinal(last_day.toordinal() + 1)) == "lifted"


def test_a_relaxed_control_is_neither_lifted_nor_in_force(put: Put) -> None:
    row = _read(
        put, effective="2014-01-12", announced="2009 (law)", ended_or_changed="relaxed 2017-01"
    )
    assert status_on(row, date(2016, 12, 31)) == "in force"
    assert status_on(row, date(2017, 1, 1)) == "relaxed"


def test_a_threat_stays_announced_for_ever(put: Put) -> None:
    row = _read(put, measure="threat of export limits", effective="", target="West")
    assert row["target"] is None
    assert status_on(row, date(2040, 1, 1)) == "announced"


def test_an_abolished_quota_is_lifted_not_in_force(put: Put) -> None:
    row = _read(put, measure="export quotas abolished", ended_or_changed="")
    assert status_on(row, date(2024, 1, 1)) == "lifted"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"imposing_country": "QQQ"}, "unknown country 'QQQ'"),
        ({"target": "Mordor"}, "unknown country 'Mordor'"),
        ({"materials": "mithril"}, "unknown material 'mithril'"),
        ({"measure": "stern letter"}, "unknown measure 'stern letter'"),
        ({"effective": "soon"}, "'soon' is not a date"),
        ({"ended_or_changed": "who knows"}, "cannot tell what became of it"),
    ],
)
def test_what_the_reader_does_not_know_is_refused(
    put: Put, changed: dict[str, str], told: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(put, **changed)
    assert told in str(caught.value)
    assert "row 1" in str(caught.value)


def test_a_renamed_column_says_its_new_name(put: Put) -> None:
    folder = put(controls.TIMELINE, _text().replace("ended_or_changed", "ended_changed"))
    with pytest.raises(DataError, match="is it now called 'ended_changed'"):
        controls.read(folder)


@pytest.fixture(scope="module")
def catalogue(raw: Path) -> dict[str, dict[str, Any]]:
    frame = controls.read(raw).tables["controls"]
    return {row["event_id"]: row for row in frame.iter_rows(named=True)}


@pytest.mark.raw
def test_known_controls_on_known_days(catalogue: dict[str, dict[str, Any]]) -> None:
    """Dates of the legal acts, each in the row's own reference."""
    known = [
        ("CN-GAGE-2023", date(2024, 1, 1), "in force"),
        ("CN-OCT-2025", date(2025, 10, 20), "announced"),
        ("CN-OCT-2025", date(2026, 6, 1), "suspended"),
        ("CN-OCT-2025", date(2026, 11, 23), "suspension expired: check"),
        ("CN-US-BAN-2024", date(2026, 11, 23), "suspended"),
        ("CN-US-BAN-2024", date(2026, 11, 28), "suspension expired: check"),
        ("CD-CO-2025", date(2025, 5, 1), "in force"),
        ("CD-CO-2025", date(2025, 10, 16), "lifted"),
        ("CD-CO-QUOTA", date(2025, 10, 16), "in force"),
        ("CN-REE-2010", date(2012, 1, 1), "in force"),
        ("CN-REE-2010", date(2015, 1, 1), "lifted"),
        ("ZA-CR-2025", date(2025, 3, 1), "not announced"),
    ]
    for event, day, status in known:
        assert status_on(catalogue[event], day) == status, (event, day)


@pytest.mark.raw
def test_every_measure_names_a_place_a_material_and_its_evidence(
    catalogue: dict[str, dict[str, Any]],
) -> None:
    assert len(catalogue) == 25
    for row in catalogue.values():
        assert row["materials"], row["event_id"]
        assert row["evidence"], row["event_id"]
        assert row["url"].startswith("https://") or row["url"].startswith("http://")


@pytest.mark.raw
def test_what_usgs_lists_for_china_is_in_force_in_the_catalogue(
    catalogue: dict[str, dict[str, Any]],
) -> None:
    """USGS, MCS 2026 Table 4, controls of China effective January 2026 (magnesium is not here)."""
    listed = {"antimony", "bismuth", "gallium", "germanium", "graphite", "indium"}
    listed |= {"molybdenum", "silver", "tellurium", "tungsten"}
    ours = {
        material
        for row in catalogue.values()
        if row["place"] == "CHN" and status_on(row, date(2026, 1, 31)) == "in force"
        for material in row["materials"]
    }
    assert listed <= ours


@pytest.mark.raw
def test_dates_are_in_order(raw: Path) -> None:
    frame = controls.read(raw).tables["controls"]
    wrong = frame.filter(
        (pl.col("announced") > pl.col("effective"))
        | (pl.col("suspended") > pl.col("suspended_until"))
        | (pl.col("effective") > pl.col("ended"))
    )
    assert wrong["event_id"].to_list() == []
