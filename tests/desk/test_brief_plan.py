"""What a brief says to do first: its numbers are those that `explain` gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import lodestone as ls
from lodestone.desk import brief_plan
from lodestone.desk.brief_plan import first_plan, plan_part
from lodestone.desk.briefing import _case
from lodestone.desk.plan_request import PlanRequest
from lodestone.terms.errors import PlanError, RequestError


@pytest.fixture(autouse=True)
def of_two_metals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The same question of two metals: what is tested here is how it is told."""
    monkeypatch.setenv("LODESTONE_CACHE", str(tmp_path))
    monkeypatch.setattr(brief_plan, "brief_request", _two)
    yield
    first_plan.cache_clear()


def _two(place: str, against: str, year: int) -> PlanRequest:
    return PlanRequest(
        {
            "name": f"brief@{place}@{against}",
            "place": place,
            "materials": ["gallium", "germanium"],
            "first": 2026,
            "last": 2031,
            "scenarios": 6,
            "not_with": [against],
        }
    )


def test_steps_and_sentence_explain_themselves() -> None:
    part = plan_part(_case("EU27", "CHN", 2024))
    assert part.rows
    assert [r.start for r in part.rows] == sorted(r.start for r in part.rows)
    (finding,) = part.findings
    without, with_plan, _ = finding.figures
    assert without.value is not None
    assert with_plan.value is not None
    assert with_plan.value < without.value
    for figure in (*finding.figures, part.rows[0].capital, part.rows[0].share):
        number, *_ = ls.explain(figure.id).to_rows()
        assert number["value"] == pytest.approx(figure.value)
        assert number["unit"] == figure.unit


def test_a_plan_that_cannot_be_proved_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PlanError("gap 3 %")

    fail.cache_clear = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setattr(brief_plan, "first_plan", fail)
    part = plan_part(_case("EU27", "CHN", 2024))
    assert not part.rows
    assert "gap 3 %" in part.unknown[0]


def test_ids_without_a_number_are_refused() -> None:
    for id in (
        "plan:brief@EU27@CHN:2024:choice:nothing/2030/capital",
        "plan:brief@EU27@CHN:2024:summary:luck",
        "plan:nobody:2024:cost:capital",
    ):
        with pytest.raises(RequestError):
            ls.explain(id)
