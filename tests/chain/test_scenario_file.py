"""Scenario files: what is read, what is refused and how it is said, and the way back."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_worlds import real_world

from lodestone.chain.apply import apply
from lodestone.chain.measure import (
    KINDS,
    DemandChange,
    ExportBan,
    ExportLicence,
    ExportQuota,
    Measure,
    NewCapacity,
    Outage,
    PriceFloor,
    Recycling,
    StockBuild,
    StockRelease,
    Substitution,
    Tariff,
)
from lodestone.chain.months import month_text
from lodestone.chain.scenario import Scenario
from lodestone.chain.scenario_check import check_scenario
from lodestone.chain.scenario_file import read_scenario, to_toml
from lodestone.terms.errors import RequestError

BAD = Path(__file__).parent / "bad_scenarios"
GOOD = """
name = "gallium_stop"
title = "China stops gallium"
about = "A question."
source = "nowhere"
start = "2025-01"
months = 36
year = 2024
checks = ["look twice"]

[[measure]]
kind = "export_ban"
supplier = "CHN"
materials = "gallium"
to = ["USA", "JPN"]
start = "2025-03"
announced = "2025-01"
"""
BAN = ExportBan(
    supplier="CHN",
    materials="gallium",  # type: ignore[arg-type]
    to=("USA", "JPN"),
    start="2025-03",
    announced="2025-01",
)
READ = Scenario(
    "gallium_stop",
    (BAN,),
    "2025-01",
    36,
    2024,
    "China stops gallium",
    "A question.",
    "nowhere",
    ("look twice",),
)


# --- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_text_and_bytes_read_alike(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(mark + GOOD, encoding="utf-8", newline="\r\n")
    sources: list[Path | str | bytes] = [path, mark + GOOD, (mark + GOOD).encode()]
    assert [read_scenario(source) for source in sources] == [READ] * 3


def test_what_is_left_out_has_its_default() -> None:
    scenario = read_scenario(
        'name="x"\nstart="2025-01"\n[[measure]]\nkind="outage"\nplace="CHL"\n'
        'materials=["copper"]\nshare=1'
    )
    assert scenario == Scenario(
        "x", (Outage(place="CHL", materials=("copper",), share=1.0),), "2025-01"
    )


def test_a_suspension_is_said_once_its_last_day_has_passed() -> None:
    text = GOOD.replace("[[measure]]", '[suspended]\nuntil = "2026-11-10"\n[[measure]]', 1)
    assert read_scenario(text, date(2026, 11, 10)).checks == ("look twice",)
    said = ("look twice", "suspension expired on 2026-11-10: check")
    assert read_scenario(text, date(2026, 11, 11)).checks == said
    unquoted = text.replace('"2026-11-10"', "2026-11-10")
    assert read_scenario(unquoted, date(2026, 11, 11)).checks == said


# --- refusing --------------------------------------------------------------------------------


def refusal(source: Path | str | bytes) -> str:
    with pytest.raises(RequestError) as refused:
        read_scenario(source)
    return str(refused.value)


def head_words(path: Path, word: str) -> list[str]:
    """What follows `# word: ` in the comments at the top of a file."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    mark = f"# {word}: "
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


def test_there_are_bad_files_of_both_sorts() -> None:
    worlds = [bool(head_words(path, "world")) for path in BAD.glob("*.toml")]
    assert len(worlds) >= 15
    assert {True, False} == set(worlds)


def _read_and_apply(path: Path) -> None:
    """Read a file; one that names a world is sound in itself and fails there."""
    scenario = read_scenario(path)
    year, *materials = head_words(path, "world")[0].split()
    apply(real_world(int(year), *materials), scenario)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.toml")), ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_all_that_is_wrong(path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        _read_and_apply(path)
    said = str(refused.value)
    expected = head_words(path, "expects")
    assert expected
    assert [words for words in expected if words not in said] == [], said


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_text(GOOD + "#" * 1_000_000, encoding="utf-8")
    assert "larger than 1000 kB" in refusal(path)
    assert "larger than 1000 kB" in refusal(path.read_text(encoding="utf-8"))


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "no.toml")
    assert "there is no such file" in refusal(tmp_path)


def test_a_name_given_as_text_is_told_from_a_file() -> None:
    assert "give its name as a Path" in refusal("my_scenario.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = " + "[" * 20_000, "nested too deep"),
        ("months = " + "9" * 5_000, "broken TOML"),
        (GOOD + '\nsupplier = "USA"', "broken TOML"),
        ("\x00", "broken TOML"),
        ("\ud800", "half a character"),
        (GOOD.replace('"CHN"', '"' + "x" * 9_000 + '"'), "is not a name"),
        (GOOD + '[[measure]]\nkind="export_ban"\n' * 600, "601 measures"),
        ("", "name is missing"),
        (GOOD.encode("utf-16"), "not UTF-8"),
    ],
    ids=["deep", "long number", "twice", "control", "half", "long name", "many", "empty", "utf-16"],
)
def test_a_hostile_text_is_refused_in_few_words(text: str | bytes, said: str) -> None:
    words = refusal(text)
    assert said in words
    assert len(words) < 3_000


def test_endless_wrong_names_do_not_take_endless_time() -> None:
    names = ", ".join(f'"wrong{k}"' for k in range(20_000))
    many = GOOD.replace('"gallium"', f"[{names}]")
    assert "20000 names -> 300 at most" in refusal(many)


def test_one_error_lists_every_problem_of_a_scenario() -> None:
    measures = (
        ExportBan(supplier="Chna", materials=("galium",), to=("Utopia",)),
        ExportQuota(supplier="CHN", materials=("gallium",), share=2.0, tonnes=-1.0),
        Outage(place="CHL", materials=("copper",), share=float("nan"), stages=("mien",)),
        Tariff(importer="USA", materials=("copper",), rate=-2.0, start="2030-01", end="2029-01"),
    )
    scenario = Scenario("many", measures, "2025-00", 0)
    problems = check_scenario(scenario)
    wheres = [p.where for p in problems.items]
    assert wheres == [
        "start",
        "months",
        "measure 1 (export_ban), field materials",
        "measure 1 (export_ban), field supplier",
        "measure 1 (export_ban), field to",
        "measure 2 (export_quota), field share",
        "measure 2 (export_quota), field tonnes",
        "measure 2 (export_quota), field share, tonnes",
        "measure 3 (outage), field stages",
        "measure 3 (outage), field share",
        "measure 4 (tariff), field rate",
        "measure 4 (tariff), field start, end",
    ]
    assert all(p.mend for p in problems.items)
    # The same problems come with those of the world, in one error.
    with pytest.raises(RequestError) as refused:
        apply(real_world(2024, "gallium"), scenario)
    assert {p.where for p in refused.value.problems} >= set(wheres)
    assert "copper has no balanced chain in 2024" in str(refused.value)


@pytest.mark.parametrize(
    ("measure", "where"),
    [
        ("a ban", "measure 1"),
        (Outage(place=3, materials=("copper",), share=0.1), "measure 1 (outage), field place"),
        (Outage(place="CHL", materials=(3,), share=0.1), "measure 1 (outage), field materials"),
        (
            Outage(place="CHL", materials=(["Cu"],), share=0.1),
            "measure 1 (outage), field materials",
        ),
        (Outage(place="CHL", materials=("Cu",), share="x"), "measure 1 (outage), field share"),
        (Outage(place="CHL", materials=("Cu",), share=True), "measure 1 (outage), field share"),
        (Outage(place="CHL", materials=("Cu",), share=10**400), "measure 1 (outage), field share"),
        (Outage(place="CHL", materials=("Cu",), share=None), "measure 1 (outage), field share"),
        (
            ExportQuota(supplier="CHL", materials=("Cu",), tonnes="4", stages=("mine",)),
            "measure 1 (export_quota), field tonnes",
        ),
    ],
    ids=str,
)
def test_a_measure_of_wrong_types_is_told_and_not_tripped_over(measure: Any, where: str) -> None:
    scenario = Scenario("x", (measure,), "2025-01")
    assert where in [p.where for p in check_scenario(scenario).items]
    with pytest.raises(RequestError, match="1 problem"):
        apply(real_world(2024, "copper"), scenario)


# --- and back --------------------------------------------------------------------------------


def test_the_digest_knows_the_question_and_not_its_words() -> None:
    same = dataclasses.replace(READ, title="other", source="", checks=(), name="y")
    assert same.digest == READ.digest
    assert dataclasses.replace(READ, months=37).digest != READ.digest
    whole, broken = (
        Scenario("x", (Outage(place="CHL", materials=("Cu",), share=s),), "2025-01")
        for s in (1, 1.0)
    )
    assert whole.digest == broken.digest == read_scenario(to_toml(whole)).digest


_MONTH = st.integers(12 * 2025, 12 * 2027 - 1)
_PART = st.floats(0.0, 1.0)
_TONNES = st.floats(0.0, 1e12)
_MONTHS = st.floats(0.0, 1200.0)
_MATERIALS = st.lists(
    st.sampled_from(["Ga", "gallium", "Rare Earths", "HREE", "battery"]), min_size=1, max_size=3
).map(tuple)
_STAGES = st.lists(st.sampled_from(["mine", "refine", "product"]), max_size=2).map(tuple)
_PLACE = st.sampled_from(["CHN", "Congo (Kinshasa)", "Russia"])
_FOES = st.lists(st.sampled_from(["USA", "EU27+JPN", "ALLIANCE"]), max_size=2).map(tuple)


@st.composite
def _dates(draw: st.DrawFn, announced: bool) -> dict[str, str]:
    known, start, end = sorted(draw(st.tuples(_MONTH, _MONTH, _MONTH)))
    dates = {"start": start, "end": end} | ({"announced": known} if announced else {})
    kept = {name: month_text(number) for name, number in dates.items() if draw(st.booleans())}
    if "start" not in kept:
        kept.pop("announced", None)
    return kept


@st.composite
def _measure(draw: st.DrawFn) -> Measure:
    kind = draw(st.sampled_from(sorted(KINDS)))
    cls = KINDS[kind]
    at_one = {"materials": ("Ga",), "stages": ("refine",), "place": draw(_PLACE)}
    plant = {**at_one, "tonnes": draw(_TONNES), "ramp": draw(_MONTHS)}
    common = {"materials": draw(_MATERIALS), "stages": draw(_STAGES)}
    supplier = {**common, "supplier": draw(_PLACE), "to": draw(_FOES)}
    user = {**common, "place": draw(_PLACE)}
    fields: dict[type[Any], dict[str, Any]] = {
        ExportBan: supplier,
        ExportQuota: {**supplier, "share": draw(_PART)},
        ExportLicence: {**supplier, "delay": draw(st.none() | _MONTHS), "share": draw(_PART)},
        Tariff: {
            **common,
            "importer": draw(_PLACE),
            "on": draw(_FOES),
            "rate": draw(st.floats(-0.99, 9.0)),
            "levy": draw(st.sampled_from(["specific", "ad_valorem"])),
        },
        PriceFloor: {**common, "zone": ("ALLIANCE", "CAN"), "price": draw(st.floats(1e-9, 9.0))},
        Outage: {**user, "share": draw(_PART)},
        NewCapacity: plant,
        Recycling: plant,
        Substitution: {**user, "share": draw(_PART), "ramp": draw(_MONTHS)},
        StockRelease: {**at_one, "tonnes": draw(_TONNES)},
        StockBuild: {**at_one, "tonnes": draw(_TONNES)},
        DemandChange: {**user, "change": draw(st.floats(-1.0, 9.0))},
    }
    restricts = cls in (ExportBan, ExportQuota, ExportLicence)
    return cls(**fields[cls], **draw(_dates(restricts)))


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(_measure(), min_size=1, max_size=4).map(tuple),
    st.tuples(_TEXT, _TEXT, _TEXT),
    st.none() | st.integers(1900, 2200),
    st.lists(_TEXT, max_size=2).map(tuple),
)
def test_a_scenario_written_and_read_is_the_same(
    measures: tuple[Measure, ...],
    texts: tuple[str, str, str],
    year: int | None,
    checks: tuple[str, ...],
) -> None:
    scenario = Scenario("round_trip", measures, "2025-01", 24, year, *texts, checks)
    assert not check_scenario(scenario).items
    back = read_scenario(to_toml(scenario))
    assert back == scenario
    assert back.digest == scenario.digest
