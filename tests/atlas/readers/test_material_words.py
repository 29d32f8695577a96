"""Phrases that name materials: read, or refused, never guessed."""

from __future__ import annotations

import pytest

from lodestone.atlas.readers.material_words import material_ids
from lodestone.terms.errors import Problems


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("gallium; germanium", ["gallium", "germanium"]),
        ("copper (zinc, lead, silver)", ["copper", "zinc", "lead", "silver"]),
        ("PGM (palladium)", ["PGM", "palladium"]),
        ("bauxite/alumina/aluminium;gallium", ["aluminium", "gallium"]),
        ("copper; Cu; COPPER", ["copper"]),
        ("Natural cork; tin", ["tin"]),  # a name that terms leaves out on purpose
        ("", []),
    ],
)
def test_phrases_become_ids_in_order_and_once(phrase: str, expected: list[str]) -> None:
    problems = Problems("t")
    assert material_ids(phrase, {}, "here", problems) == expected
    assert not problems


def test_a_reading_by_a_person_wins() -> None:
    problems = Problems("t")
    phrases = {"all raw minerals": (), "raw rare earths": ("rare_earths",)}
    assert material_ids("All raw minerals; Raw rare earths", phrases, "h", problems) == [
        "rare_earths"
    ]
    assert not problems


def test_an_unknown_word_is_a_problem_with_its_place() -> None:
    problems = Problems("t")
    assert material_ids("cobalt; unobtainium", {}, "f.csv, row 2", problems) == ["cobalt"]
    assert str(problems.items[0]).startswith("f.csv, row 2: unknown material")
