"""The ready scenarios: each reads, is sourced, and applies to its world."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from made_worlds import real_world

from lodestone.atlas.readers.controls import status_on
from lodestone.chain import scenario_library
from lodestone.chain.apply import apply
from lodestone.chain.measure import ExportBan, ExportLicence, ExportQuota, Restriction
from lodestone.chain.months import month_number
from lodestone.chain.scenario_file import read_scenario, to_toml
from lodestone.chain.scenario_library import (
    LEFT_OUT,
    ready_scenario,
    scenario_events,
    scenario_names,
    scenario_text,
    status_checks,
)
from lodestone.desk.library import library
from lodestone.terms import members
from lodestone.terms.errors import RequestError

#: Those that the issue names; each starts from the balanced world of the year before.
NAMED = {
    "china_gallium_germanium_2023": 2022,
    "china_graphite_2023": 2022,
    "china_antimony_2024": 2023,
    "china_bismuth_tungsten_2025": 2024,
    "china_heavy_rare_earths_2025": 2024,
    "drc_cobalt_2025": 2024,
    "indonesia_nickel_2020": 2019,
    "russia_palladium_2022": 2021,
}
FIRST_YEAR, LAST_YEAR = 2018, 2024
#: What the catalogue calls a measure, and the records that may stand for it.
KINDS: dict[str, tuple[type[Any], ...]] = {
    "export_ban": (ExportBan, ExportLicence),
    "export_suspension": (ExportBan,),
    "disruption": (ExportBan,),
    "export_licence": (ExportLicence,),
    "export_quota": (ExportQuota,),
}


@pytest.fixture(scope="module")
def controls() -> dict[str, dict[str, Any]]:
    rows = library().rows("SELECT * FROM controls ORDER BY event_id")
    for row in rows:
        for name in ("announced", "effective", "relaxed", "suspended", "suspended_until", "ended"):
            row[name] = date.fromisoformat(row[name]) if row[name] else None
    return {row["event_id"]: row for row in rows}


@pytest.mark.parametrize("name", scenario_names())
def test_a_ready_scenario_applies_to_its_world(name: str) -> None:
    ready = ready_scenario(name)
    assert ready.name == name
    assert all([ready.title, ready.about, ready.source, ready.year])
    assert ready.year is not None
    edits = apply(real_world(ready.year), ready)
    assert edits
    assert not [material for material, done in edits.items() if done.idle]
    assert read_scenario(to_toml(ready)) == ready


def test_every_named_scenario_starts_from_the_year_before() -> None:
    assert {name: ready_scenario(name).year for name in NAMED} == NAMED


def test_every_event_is_ready_or_left_out_with_a_reason(controls: dict[str, Any]) -> None:
    ready = [event for name in scenario_names() for event in scenario_events(name)]
    assert len(ready) == len(set(ready))
    assert sorted([*ready, *LEFT_OUT]) == sorted(controls)
    assert all(LEFT_OUT.values())


EVENTS = [name for name in scenario_names() if scenario_events(name)]
WHAT_IFS = [name for name in scenario_names() if not scenario_events(name)]


@pytest.mark.parametrize("name", EVENTS)
def test_a_ready_scenario_is_that_of_its_events(name: str, controls: dict[str, Any]) -> None:
    ready = ready_scenario(name)
    events = [controls[event] for event in scenario_events(name)]
    kinds = tuple(kind for event in events for kind in KINDS[event["measure"]])
    for measure in ready.measures:
        assert isinstance(measure, kinds)
        assert members(measure.supplier) == (events[0]["place"],)
        assert isinstance(measure, Restriction)
        if isinstance(measure, ExportLicence):
            assert measure.delay is measure.share is measure.ramp is None
    for event in events:
        words = [event["legal_ref"], event["evidence"], event["url"], event["event_id"]]
        missing = [word for word in words if word and word not in ready.source]
        assert not missing


@pytest.mark.parametrize("name", EVENTS)
def test_the_dates_are_those_of_the_catalogue(name: str, controls: dict[str, Any]) -> None:
    ready = ready_scenario(name)
    event = controls[scenario_events(name)[0]]
    begins = f"{event['effective']:%Y-%m}"
    assert ready.measures[0].start == begins
    announced = event["announced"] or event["effective"]
    ahead = month_number(begins) - month_number(f"{announced:%Y-%m}")
    known = f"{announced:%Y-%m}" if 0 < ahead <= 6 else begins
    assert ready.start == known
    assert getattr(ready.measures[0], "announced", "") == (known if known < begins else "")
    before = min(max(event["effective"].year - 1, FIRST_YEAR), LAST_YEAR)
    if name != "indonesia_nickel_2020":  # its year of announcement is the year before its start
        assert ready.year == before
    if not FIRST_YEAR < event["effective"].year <= LAST_YEAR + 1:
        assert any("stands in for it" in check for check in ready.checks)
    assert ready.months in (24, 36)


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_question_is_called_one(name: str) -> None:
    ready = ready_scenario(name)
    assert ready.title.startswith("What if ")
    assert ready.source == "question, no event"


def test_the_quotas_of_the_congo_are_the_tonnes_allowed() -> None:
    edits = apply(real_world(2024), ready_scenario("drc_cobalt_2025"))["cobalt"]
    first, later = (limit for limit in edits.limits)
    assert first.tonnes is not None
    assert later.tonnes is not None
    assert (first.tonnes * first.active).sum() / 12 == pytest.approx(18_125)
    assert (later.tonnes * later.active).sum() / 12 == pytest.approx(2 * 96_600)


# --- suspensions -----------------------------------------------------------------------------

SUSPENDED = {
    "china_five_rare_earths_2025": ("CN-OCT-2025", date(2026, 11, 10)),
    "china_usa_ban_2024": ("CN-US-BAN-2024", date(2026, 11, 27)),
}


@pytest.mark.parametrize("name", SUSPENDED)
def test_a_suspension_that_has_run_out_is_said(name: str, controls: dict[str, Any]) -> None:
    event, until = SUSPENDED[name]
    assert scenario_events(name) == (event,)
    assert controls[event]["suspended_until"] == until
    said = f"suspension expired on {until}: check"
    for day, expected in ((until, False), (until + timedelta(days=1), True)):
        assert (said in ready_scenario(name, day).checks) is expected
        assert (status_checks([controls[event]], day) == {event: said}) is expected
        assert (status_on(controls[event], day) == "suspension expired: check") is expected


def test_the_catalogue_is_checked_on_a_day(controls: dict[str, Any]) -> None:
    rows = controls.values()
    assert status_checks(rows, date(2026, 1, 1)) == {}
    assert set(status_checks(rows, date(2026, 11, 20))) == {"CN-OCT-2025"}
    assert set(status_checks(rows, date(2027, 1, 1))) == {"CN-OCT-2025", "CN-US-BAN-2024"}


def test_every_suspended_event_has_its_end_in_the_library(controls: dict[str, Any]) -> None:
    ended = {event for event, row in controls.items() if row["suspended_until"]}
    assert ended == {event for event, _ in SUSPENDED.values()}


# --- names -----------------------------------------------------------------------------------


def test_an_unknown_name_is_told_its_neighbours() -> None:
    with pytest.raises(RequestError, match="did you mean china_graphite_2023"):
        ready_scenario("china_graphite")
    with pytest.raises(RequestError, match="no ready scenario"):
        ready_scenario("../scenario_file")


def test_the_text_of_a_scenario_is_a_form_to_copy() -> None:
    text = scenario_text("china_graphite_2023")
    assert read_scenario(text) == ready_scenario("china_graphite_2023")
    assert "[[measure]]" in text


def test_names_are_those_of_the_files() -> None:
    folder = Path(scenario_library.__file__).parent / "scenarios"
    assert set(scenario_names()) == {path.stem for path in folder.iterdir()}
    assert set(NAMED) <= set(scenario_names())
