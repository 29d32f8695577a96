"""What a cut-off would do: as the brief prints it, as `explain` walks it again, as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lodestone.chain.measure import Outage
from lodestone.desk import brief, explain, shock, world
from lodestone.desk.brief_cutoffs import cut_off, cut_off_of, priced_out
from lodestone.report.brief_content import MOST_FINDINGS, BriefContent, CutOff, Figure, walk_figures
from lodestone.report.shock_pictures import write_cutoffs
from lodestone.terms import attribute, group_members, material, members
from lodestone.terms.errors import RequestError


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BriefContent]:
    """Two briefs; that they are written says that two pages hold them."""
    folder = tmp_path_factory.mktemp("briefs")
    return {p: brief(p, "CHN", 2024, folder / p).content for p in ("EU27", "USA")}


@pytest.mark.parametrize("place", ["EU27", "USA"])
def test_a_brief_says_what_a_cut_off_would_do(
    contents: dict[str, BriefContent], place: str
) -> None:
    shown = contents[place].cutoffs
    assert 3 <= len(shown) <= 4
    rare = {material(m).name for m in (*group_members("REE"), "rare_earths")}
    rare |= {"Heavy rare earths", "Light rare earths"}
    assert sum(c.material in rare for c in shown) <= 1
    for c in shown:
        assert (c.months[0], c.months[-1]) == ("2025-01", "2026-12")
        codes = [row.code for row in c.short]
        assert codes[0] == place
        assert codes[-1] == "CHN"
        inside = [set(members(code, 2024)) for code in codes]
        assert sum(map(len, inside)) == len(set.union(*inside)), "no place stands twice"
        assert c.short[0].first_year.value > 0.0  # type: ignore[operator]
        assert c.first_year.value > 1.0  # type: ignore[operator]
        assert any(f.value < 1.0 for f in c.inside if f.value is not None)
    assert sum(c.instead is not None for c in shown) == 1
    told = [f for f in contents[place].findings if "stopped all exports" in f.sentence]
    assert len(told) == 1
    assert len(contents[place].findings) <= MOST_FINDINGS


def test_a_price_that_an_assumption_sets_says_so(contents: dict[str, BriefContent]) -> None:
    for c in (c for content in contents.values() for c in content.cutoffs):
        beyond = [f for f in c.outside if priced_out(f.value or 0.0)]
        assert bool(beyond) == ("assumption" in c.note)
        assert c.limit is not None
        assert c.limit.value == attribute("choke").default


def test_a_milder_course_is_milder(contents: dict[str, BriefContent]) -> None:
    """Licences let a part of the trade return: after a year the price is below that of a stop."""
    for c in (c for content in contents.values() for c in content.cutoffs):
        if c.instead is None:
            continue
        later = next(f for f in c.instead.figures if f.id.endswith(":price_outside_later"))
        assert later.value < c.later.value  # type: ignore[operator]


def test_numbers_of_a_cut_off_are_walked_again_and_explained(
    contents: dict[str, BriefContent],
) -> None:
    c = contents["EU27"].cutoffs[-1]
    asked = (c.first_year, c.short[0].months[7], c.short[1].recovery, c.inside[3])
    for figure in asked:
        rows = explain(figure.id).to_rows()
        number = rows[0]
        assert (number["value"], number["low"], number["high"]) == pytest.approx(
            (figure.value, figure.low, figure.high)
        )
        assert "all exports" in number["note"]
        assert "draws" in number["note"]
        json.dumps(rows, allow_nan=False)
        cells = [r for r in rows if str(r.get("id")).startswith("cell:")]
        assert any(":output" in r["id"] for r in cells)
        assert any(":use" in r["id"] for r in cells)
        if figure.value is not None:
            moved = [r for r in rows if str(r.get("id")).startswith("assumption:")]
            assert moved
            for row in moved:
                assert row["from"] < row["to"]
                assert row["at_low"] != row["at_high"]


def test_every_number_of_a_cut_off_has_an_id_that_names_it(
    contents: dict[str, BriefContent],
) -> None:
    found = [
        f for c in contents["EU27"].cutoffs for _, f in walk_figures(c) if f.unit != "no such unit"
    ]
    kinds = {f.id.partition(":")[0] for f in found}
    assert kinds == {"cutoff", "assumption"}
    by_id: dict[str, Figure] = {}
    for f in found:
        assert by_id.setdefault(f.id, f).value == f.value


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("cutoff:stop:gallium:2024:CHN:EU27:use_lost_year", "one of ban, licence"),
        ("cutoff:ban:caesium:2024:CHN:EU27:use_lost_year", "no balanced chain"),
        ("cutoff:ban:gallium:next:CHN:EU27:use_lost_year", "not a year"),
        ("cutoff:ban:gallium:1999:CHN:EU27:use_lost_year", "2018"),
        ("cutoff:ban:gallium:2024:XXZ:EU27:use_lost_year", "XXZ"),
        ("cutoff:ban:gallium:2024:CHN:XXZ:use_lost_year", "XXZ"),
        ("cutoff:ban:bismuth:2024:CHN:EU27:luck", "unknown number"),
        ("cutoff:ban:bismuth:2024:CHN:EU27:use_lost@24", "00 to 23"),
        ("cutoff:ban:bismuth:2024:CHN:EU27:use_lost@-1", "00 to 23"),
        ("cutoff:ban:bismuth:2024:CHN:EU27:price_outside@03", "'outside'"),
        ("cutoff:ban:bismuth:2024:CHN", "needs 6"),
    ],
)
def test_ids_that_name_nothing_say_why(id: str, told: str) -> None:
    with pytest.raises(RequestError) as caught:
        explain(id)
    assert told in str(caught.value)


def test_the_chain_of_all_rare_earths_is_walked_alone() -> None:
    """As a group the word means each element; here it is the chain of that name."""
    answer = cut_off("ban", "rare_earths", 2024, "CHN", ("EU27", "CHN"))
    assert list(answer.answers) == ["rare_earths"]


def test_any_shock_can_be_drawn(tmp_path: Path) -> None:
    out = Outage(place="CHN", share=0.5, materials=("bismuth",))
    answer = shock(world(2024), out, months=7, places=("JPN",), draws=3, sensitivity=False)
    c: CutOff = cut_off_of(answer, "bismuth")
    assert (c.material, c.supplier, len(c.months)) == ("Bismuth", "", 7)
    assert "January 2025" in c.event
    assert all(f.value is None for f in c.inside)
    assert [row.place for row in c.short] == ["Japan"]
    assert c.later.value is None
    assert not any(f.id.startswith("cutoff:") for _, f in walk_figures(c))
    assert sorted(write_cutoffs([c], tmp_path)) == ["bismuth.png", "bismuth.svg"]
