"""What a brief says of acting together: its numbers are those that `explain` gives."""

from __future__ import annotations

from functools import cache

import pytest

import lodestone as ls
from lodestone.desk import brief_alliance
from lodestone.desk.brief_alliance import alliance_part, partners
from lodestone.desk.briefing import _case
from lodestone.terms.errors import RequestError


@pytest.fixture(autouse=True)
def of_gallium_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same question of one material: what is tested here is how it is told."""
    monkeypatch.setattr(brief_alliance, "asked", _gallium)


@cache
def _gallium(members: tuple[str, ...], supplier: str, year: int) -> object:
    return ls.alliance(members, supplier=supplier, year=year, materials=["gallium"], shifts=False)


def test_partners_do_not_overlap_and_the_supplier_is_none() -> None:
    assert partners("EU27", "CHN", 2024) == ("EU27", "USA", "JPN")
    assert partners("ALLIANCE", "CHN", 2024) == ("EU27", "USA", "JPN")
    assert partners("DEU", "CHN", 2024) == ("DEU", "USA", "JPN")
    assert partners("KOR", "USA", 2024) == ("KOR", "EU27", "JPN")


def test_rows_are_of_coalitions_with_the_place() -> None:
    part = alliance_part(_case("USA", "CHN", 2024))
    assert {row.who.count(",") + 1 for row in part.rows} == {2, 3}
    whole = [row for row in part.rows if row.size == 3]
    assert len(whole) == 2
    assert all(row.share is not None and row.outside is not None for row in whole)
    assert all(row.share is None for row in part.rows if row.size == 2)
    (finding,) = part.findings
    assert [f.value for f in finding.figures] == [row.worth.value for row in whole]


def test_every_number_explains_itself() -> None:
    part = alliance_part(_case("USA", "CHN", 2024))
    whole = [row for row in part.rows if row.size == 3][1]
    for figure in (part.rows[0].worth, whole.worth, whole.share, whole.outside):
        assert figure is not None
        rows = ls.explain(figure.id).to_rows()
        number = next(r for r in rows if r["level"] == "number")
        assert number["value"] == pytest.approx(figure.value, rel=1e-9, abs=1e-3)
        assert {"assumption:alliance_hoarding"} <= {r.get("id") for r in rows}


@pytest.mark.parametrize(
    "id",
    [
        "alliance:2024:CHN:USA+JPN:scramble:luck",
        "alliance:2024:CHN:USA+JPN:scramble:share@EU27",
        "alliance:2024:CHN:USA+JPN:luck:worth",
        "alliance:never:CHN:USA+JPN:scramble:worth",
        "alliance:2024:CHN:USA:scramble:worth",
    ],
)
def test_ids_of_nothing_are_refused(id: str) -> None:
    with pytest.raises(RequestError):
        ls.explain(id)
