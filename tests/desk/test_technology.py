"""The verb `technology_position` on the release: laws, unknowns, and what people know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lodestone.desk import technology_charts, technology_position
from lodestone.desk.technology import TechnologyAnswer
from lodestone.terms.errors import RequestError

SMALL = ("magnets", "grids", "defence_and_aerospace")


@pytest.fixture(scope="module")
def answer() -> TechnologyAnswer:
    return technology_position(("EU27", "JPN", "CHN", "EU27+USA"), SMALL, 2024)


def rows(answer: TechnologyAnswer, table: str, **labels: Any) -> list[dict[str, Any]]:
    return [
        row
        for row in answer.to_rows()
        if row["table"] == table and all(row[k] == v for k, v in labels.items())
    ]


def test_every_number_is_a_share_within_its_band_and_named(answer: TechnologyAnswer) -> None:
    assert len(answer.results) > 100
    for row in answer.to_rows():
        if row["value"] is None:
            assert "unknown" in row["note"]
            continue
        assert 0.0 <= row["value"] <= 1.0
        if row["low"] is not None:
            assert row["low"] - 1e-12 <= row["value"] <= row["high"] + 1e-12
        assert row["grade"] in ("A", "B", "C")
        assert row["kind"] in ("reported", "judged", "modelled")
        assert row["source"]
    json.dumps(answer.envelope(), allow_nan=False)


def test_china_holds_magnets_and_the_others_lean_on_it(answer: TechnologyAnswer) -> None:
    (held,) = rows(answer, "held", technology="magnets", place="CHN")
    assert held["value"] == 1.0
    for place in ("EU27", "JPN"):
        (on,) = rows(answer, "position", technology="magnets", place=place, supplier="CHN")
        assert on["value"] > 0.5


def test_a_place_has_no_dependence_on_itself(answer: TechnologyAnswer) -> None:
    assert not rows(answer, "position", place="CHN", supplier="CHN")
    assert not rows(answer, "stage", place="EU27+USA", supplier="USA")


def test_a_material_stage_of_one_material_is_that_chain(answer: TechnologyAnswer) -> None:
    from lodestone.desk.library import library

    (row,) = rows(
        answer, "stage", technology="magnets", place="EU27", stage="magnets", supplier="CHN"
    )
    chain = library().dependence(
        "EU27", year=2024, material="rare_earths", lens="look_through", stage="product"
    )
    (listed,) = [r for r in chain if r["origin"] == "CHN"]
    assert row["value"] == pytest.approx(listed["share"], abs=6e-4)
    assert row["low"] == pytest.approx(listed["low"], abs=6e-4)


def test_unknown_stages_stay_and_widen_the_band(answer: TechnologyAnswer) -> None:
    unknown = rows(answer, "stage", technology="grids", place="EU27", stage="cables")
    assert {row["measure"] for row in unknown} == {"controlled", "dependence", "concentration"}
    assert all(row["value"] is None and row["low"] is None for row in unknown)
    (mean,) = rows(answer, "position", technology="grids", place="EU27", supplier="CHN")
    assert (mean["stages"], mean["known"]) == (5, 4)
    assert mean["high"] - mean["low"] > 1 / 5


def test_levers_never_raise_dependence_and_the_best_is_marked_once(
    answer: TechnologyAnswer,
) -> None:
    for row in rows(answer, "change"):
        assert row["value"] <= row["before"] + 1e-12
        assert row["reduction"] == pytest.approx(row["before"] - row["value"])
    for place in ("EU27", "JPN"):
        marked = [r for r in rows(answer, "change", place=place, technology="magnets") if r["best"]]
        assert len(marked) == 1


def test_a_known_project_counts_for_its_place() -> None:
    found = technology_position(["USA"], ["magnets"], 2024)
    (row,) = rows(found, "change", lever="projects")
    assert row["stage"] == "magnets"
    assert row["reduction"] > 0.1


def test_barred_trade_is_nothing_with_a_reason(answer: TechnologyAnswer) -> None:
    labels = {"technology": "defence_and_aerospace", "stage": "arms", "supplier": "CHN"}
    (row,) = rows(answer, "stage", place="EU27", **labels)
    assert (row["value"], row["kind"]) == (0.0, "judged")
    assert "embargo" in row["note"]


def test_a_place_without_figures_of_parts_is_unknown_there_not_zero() -> None:
    found = technology_position(["DEU"], ["grids"], 2024)
    (row,) = rows(found, "stage", stage="transformers", measure="controlled")
    assert row["value"] is None
    (held,) = rows(found, "held")
    assert held["known"] == 2


@pytest.mark.parametrize(
    ("places", "names", "words"),
    [
        (["EU27"], ["battery"], "did you mean batteries"),
        (["Atlantis"], None, "Atlantis"),
        ([], None, "no place"),
        (["WLD"], None, "nobody"),
        (["CHN+USA"], None, "neither"),
    ],
)
def test_bad_questions_are_answered_with_what_to_ask(
    places: list[str], names: list[str] | None, words: str
) -> None:
    with pytest.raises(RequestError, match=words):
        technology_position(places, names)


def test_charts_are_written_for_each_place(answer: TechnologyAnswer, tmp_path: Path) -> None:
    drawn = technology_charts(answer, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"technology-eu27.svg", "technology-eu27.png", "technology-chn.svg"} <= names
    svg = (tmp_path / "technology-eu27.svg").read_text(encoding="utf-8")
    for words in ("Core steel", "unknown", "Defence and", "United States", "clip-path"):
        assert words in svg
    assert "China: itself" in (tmp_path / "technology-chn.svg").read_text(encoding="utf-8")
    assert sum(note.startswith("Chart: ") for note in drawn.notes) == len(names)
    again = tmp_path / "again"
    technology_charts(answer, again)
    assert (again / "technology-eu27.svg").read_text(encoding="utf-8") == svg
