"""What a brief says of sectors, GDP and likelihood: its numbers are those that `explain` gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import lodestone as ls
from lodestone.desk.brief_losses import economy_part
from lodestone.desk.briefing import _case
from lodestone.desk.hazard_inputs import restrictions
from lodestone.desk.risk_charts import risk_charts
from lodestone.report.brief_content import Figure
from lodestone.terms.errors import RequestError


@pytest.fixture(scope="module")
def part() -> object:
    return economy_part(_case("USA", "CHN", 2024))


def test_the_worst_come_first_with_their_sectors(part) -> None:
    values = [row.loss.value for row in part.losses]
    assert values == sorted(values, reverse=True)
    assert len(part.losses) == 6
    assert part.losses[0].sectors
    risks = [row.expected.value for row in part.risks]
    assert risks == sorted(risks, reverse=True)
    assert len(part.findings) == 2
    assert part.table_source == "bea_2017"


def test_every_number_explains_itself(part) -> None:
    figures: list[Figure] = [part.losses[0].loss, part.losses[0].share]
    figures += [part.risks[0].expected, part.risks[0].chance]
    for figure in figures:
        rows = ls.explain(figure.id).to_rows()
        number = next(r for r in rows if r["level"] == "number")
        assert number["value"] == pytest.approx(figure.value, rel=1e-9)
        assert len(rows) > 3
    uses = [r for r in ls.explain(part.losses[0].loss.id).to_rows() if "exposure" in r["what"]]
    assert uses
    assert all(r["kind"] == "judged" and r["note"] for r in uses)


@pytest.mark.parametrize(
    "id",
    [
        "loss:gallium:2024:CHN:USA:luck",
        "loss:gallium:2024:CHN:NAM:central",
        "loss:gallium:never:CHN:USA:central",
        "risk:gallium:2024:USA:USA:expected",
        "risk:gallium:2024:CHN:USA:luck",
    ],
)
def test_ids_of_nothing_are_refused(id: str) -> None:
    with pytest.raises(RequestError):
        ls.explain(id)


def test_a_place_without_a_table_has_a_brief_without_losses() -> None:
    part = economy_part(_case("CHL", "CHN", 2024))
    assert part.losses == ()
    assert part.findings == ()


def test_the_catalogue_gives_restrictions_of_chains_and_no_scrap() -> None:
    found = restrictions()
    pairs = {(r.supplier, r.material) for r in found}
    assert {
        ("CHN", "gallium"),
        ("COD", "cobalt"),
        ("IDN", "nickel"),
        ("CHN", "dysprosium"),
    } <= pairs
    assert ("RUS", "iron") not in pairs
    assert ("CHN", "fluorspar") not in pairs  # an abolished quota restricts nothing
    ban = next(r for r in found if r.event == "CN-US-BAN-2024" and r.material == "gallium")
    assert (ban.begun, ban.suspended_until) == (date(2024, 12, 3), date(2026, 11, 27))


def test_charts_are_written_and_say_the_same_twice(tmp_path: Path) -> None:
    answer = ls.risk("USA", years=2000, as_of=date(2026, 11, 1))
    one, two = (risk_charts(answer, tmp_path / name) for name in ("a", "b"))
    names = {"ranking", "exceedance", "convergence"}
    assert {p.name for p in (tmp_path / "a").iterdir()} == {
        f"risk-{n}.{e}" for n in names for e in ("svg", "png")
    }
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
    assert "likelihood times loss" in (tmp_path / "a" / "risk-ranking.svg").read_text()
    assert one.notes[0].startswith("Chart: ")
    assert len(two.notes) == len(one.notes)
