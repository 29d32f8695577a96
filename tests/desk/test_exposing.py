"""The verb `exposure`: held against the release's table, against `assess`, and against itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lodestone.desk import assess, dossier, explain, exposure, profile
from lodestone.desk.library import library
from lodestone.terms import members
from lodestone.terms.errors import RequestError

YEAR = 2024
Rows = list[dict[str, Any]]


def rows(*words: str, **named: Any) -> Rows:
    return exposure(*words, year=YEAR, **named).to_rows()


@pytest.mark.parametrize("material", ["cobalt", "rare_earths"])
def test_origins_of_a_place_are_those_of_the_release_and_sum_to_one(material: str) -> None:
    found = rows(material, place="EU27")
    assert {r["table"] for r in found} == {"origin"}
    kept = library().dependence("EU27", year=YEAR, material=material)
    shares = {(r["lens"], r["stage"], r["origin"]): r for r in found}
    for row in kept:
        ours = shares[row["lens"], row["stage"], row["origin"]]
        assert ours["value"] == pytest.approx(row["share"], abs=1e-6)
        assert (ours["low"], ours["high"]) == pytest.approx((row["low"], row["high"]), abs=1e-6)
        assert ours["grade"] == row["grade"]
    for key in {(r["lens"], r["stage"]) for r in found}:
        each = [r for r in found if (r["lens"], r["stage"]) == key]
        # kept shares are rounded to three decimals
        assert sum(r["value"] for r in each) == pytest.approx(1.0, abs=0.001 * len(kept))
        assert all(r["low"] <= r["value"] <= r["high"] for r in each)
        own = sum(r["value"] for r in each if r["relation"] == "own")
        assert own == pytest.approx(each[0]["own"])
        assert {r["origin"] for r in each if r["relation"] == "own"} <= set(members("EU27", YEAR))


def test_codes_that_the_open_files_do_not_hold_are_said() -> None:
    """Alloyed aluminium, 760120, has no rows: half the EU's metal; asbestos has all its codes."""
    assert not library().rows("SELECT 1 FROM trade WHERE code = '760120' LIMIT 1")
    said = " ".join(exposure("aluminium", place="EU27", year=YEAR).notes)
    assert "760120" in said
    assert "primary aluminium metal" in said
    assert "Not seen" not in " ".join(exposure("asbestos", place="EU27", year=YEAR).notes)
    stages = library().rows("SELECT missing_codes FROM chain_stages WHERE year = ?", [YEAR])
    gaps = sum(1 for r in stages if r["missing_codes"])
    assert f"of {gaps} of {len(stages)} stages" in " ".join(exposure(place="EU27", year=YEAR).notes)


def test_own_supply_that_no_producer_list_names_is_a_guess_and_says_so() -> None:
    """Asbestos has been banned in the Union since 2005; no list has a mine there."""
    made = library().rows(
        "SELECT place, kind FROM chain_cells WHERE material = 'asbestos' AND year = ? "
        "AND entry = 'output' AND value > 0",
        [YEAR],
    )
    inside = set(members("EU27", YEAR))
    assert {r["kind"] for r in made if r["place"] in inside} == {"unlisted"}
    for found in (rows("asbestos", place="EU27"), rows("asbestos"), rows(place="EU27")):
        of_union = [r for r in found if (r["place"], r["material"]) == ("EU27", "asbestos")]
        assert of_union
        for r in of_union:
            assert r["own"] > 0.5
            assert r["grade"] == "C"
            assert "own output is inferred" in r["note"]
    # what is mined at home by all lists, or hardly at all, keeps its grade and has no such note
    for found in (rows("copper", place="USA"), rows("cobalt", place="USA")):
        leaning = [r for r in found if r["relation"] == "foreign"]
        assert not any("inferred" in (r["note"] or "") for r in leaning)


def test_a_share_has_one_grade_in_every_verb(tmp_path: Path) -> None:
    """The same id, the same grade, and the same note, wherever it is printed."""
    from lodestone.desk.brief_rows import BuyerView

    wanted = {r["id"]: r for r in rows("asbestos", place="EU27") if r["id"]}
    head = "dependence:asbestos:2024:EU27:"
    trend = [
        r
        for r in profile("asbestos", "EU27", YEAR).to_rows()
        if r["table"] == "trend" and r["year"] == YEAR
    ]
    view = BuyerView(library(), "EU27", YEAR)
    names = [(r["material"], r["lens"], r["stage"], r["origin"]) for r in view.rows]
    briefed = [view.figure(view.row(*n), of=n) for n in names if n[0] == "asbestos"]
    bill = b"material,quantity\nasbestos,1\n"
    found = dossier(bill, "EU27", year=YEAR, draws=0, months=1, out=tmp_path).to_rows()
    around = [r for r in found if r["table"] == "mapping" and r["what"] == "place"]
    explained = [
        {"id": r["id"], **explain(r["id"]).to_rows()[0]}
        for r in (*trend[:2], *list(wanted.values())[-2:])
    ]
    seen = [(f.id, f.grade, f.note) for f in briefed]
    seen += [(r["id"], r["grade"], r["note"]) for r in (*trend, *around, *explained)]
    for part in (trend, briefed, around):
        assert part
    for id, grade, note in seen:
        assert id.startswith(head)
        assert grade == wanted[id]["grade"] == "C", id
        assert "own output is inferred" in note, id
    scored = assess(["asbestos"], "EU27", YEAR, ["look_through_dependence"]).to_rows()
    assert scored
    for row in scored:
        assert row["grade"] == "C"
        assert "own output is inferred" in row["note"]
    # before the rule, the release has a better grade: it is the rule that this test sees
    kept = library().dependence("EU27", year=YEAR, material="asbestos")
    assert {r["grade"] for r in kept} != {"C"}


def test_only_one_member_that_no_list_names_lowers_its_own_share() -> None:
    """By hand: 90 t of 100 t are listed; the member behind the other 10 t is a guess."""
    from lodestone.desk.inferred_output import InferredOutput

    made = InferredOutput({("x", "mine"): {"AAA": (90.0, False), "BBB": (10.0, True)}})
    both = ("AAA", "BBB")
    assert not made.carries("x", "mine", both, 1.0)
    assert made.carries("x", "mine", both, 1.0, "BBB")
    assert not made.carries("x", "mine", both, 1.0, "AAA")
    assert not made.carries(
        "x", "mine", ("AAA",), 1.0, "BBB"
    )  # a stranger's output is no own supply
    assert made.carries("x", "mine", ("BBB",), 0.51)
    assert not made.carries("x", "mine", ("BBB",), 0.5)


def test_small_shares_lie_below_what_the_release_keeps() -> None:
    kept = {
        (r["lens"], r["stage"], r["origin"])
        for r in library().dependence("USA", year=YEAR, material="copper")
    }
    small = [
        r for r in rows("copper", place="USA") if (r["lens"], r["stage"], r["origin"]) not in kept
    ]
    assert small
    assert all(r["value"] <= 0.0205 and r["high"] >= 0.04 for r in small)


def test_the_largest_supplier_of_everybody_is_the_one_that_assess_names() -> None:
    found = {(r["place"], r["lens"], r["stage"]): r for r in rows("cobalt")}
    blocs = {"EU27", "ALLIANCE", "G7", "MSP"}
    assert blocs <= {place for place, _, _ in found}
    for place in ("EU27", "USA", "KOR"):
        scored = assess(["cobalt"], place, YEAR, ["look_through_dependence"]).to_rows()
        for lens in ("direct", "look_through"):
            for score in (s for s in scored if s["method"] == f"dependence_{lens}"):
                row = found[place, lens, score["stage"]]
                assert row["origin"] == score["supplier"]
                assert row["value"] == pytest.approx(score["value"])


def test_a_place_alone_has_a_row_for_every_material_stage_and_lens() -> None:
    found = rows(place="JPN", on="China")
    stages = [(s["material"], s["stage"]) for s in library().stages(YEAR)]
    keys = [(r["material"], r["stage"], r["lens"]) for r in found]
    assert sorted(keys) == sorted((*s, lens) for s in stages for lens in ("direct", "look_through"))
    by_key = {(r["material"], r["stage"], r["lens"]): r for r in found}
    for row in rows("gallium", place="JPN"):
        if row["origin"] == "CHN":
            same = by_key["gallium", row["stage"], row["lens"]]
            assert same["value"] == pytest.approx(row["value"])
            assert same["id"] == row["id"]
    for row in found:
        assert row["name"]
        assert (row["value"] is not None) or row["note"]


def test_a_buyer_is_not_dependent_on_itself() -> None:
    found = {(r["place"], r["lens"], r["stage"]): r for r in rows("gallium", on="CHN")}
    itself = found["CHN", "direct", "refine"]
    assert itself["value"] is None
    assert itself["own"] > 0.9
    assert "own" in itself["note"]
    member = [r for r in rows("cobalt", on="FIN") if r["place"] == "EU27"]
    assert member
    assert all(r["value"] is None and r["own"] > 0.0 for r in member)


def test_a_sum_of_places_is_traced_without_a_band_and_explained() -> None:
    found = rows("gallium", place="EU27+JPN")
    china = next(r for r in found if r["origin"] == "CHN" and r["lens"] == "look_through")
    assert china["low"] is None
    assert "no band" in china["note"]
    apart = [
        r["value"]
        for place in ("EU27", "JPN")
        for r in rows("gallium", place=place)
        if r["origin"] == "CHN" and r["lens"] == "look_through"
    ]
    assert min(apart) <= china["value"] <= max(apart)
    number = explain(china["id"]).to_rows()[0]
    assert number["value"] == pytest.approx(china["value"])


def test_every_id_leads_to_the_same_number() -> None:
    found = [r for r in rows("germanium", place="USA") if r["id"]]
    for row in (*found[:3], *found[-3:]):
        number = explain(row["id"]).to_rows()[0]
        assert number["value"] == pytest.approx(row["value"], abs=1e-6)


def test_a_place_without_any_use_says_so() -> None:
    (row,) = rows("gallium", place="TUV")
    assert row["value"] is None
    assert row["note"]


@pytest.mark.parametrize(
    ("words", "named", "said"),
    [
        ((), {}, "material, a place"),
        (("cobald",), {}, "cobalt"),
        (("cobalt",), {"place": "Frence"}, "France"),
        (("cobalt",), {"on": "EU27"}, "several suppliers"),
        (("cobalt",), {"place": "WLD"}, "buys from nobody"),
        (("caesium",), {}, "no country data"),
    ],
)
def test_what_cannot_be_answered_is_refused(words: Any, named: Any, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        exposure(*words, **named)
