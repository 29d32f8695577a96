"""The verbs chain, explain, brief and data verify on the embedded release."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lodestone.atlas.release import EMBEDDED, verify_release
from lodestone.desk import brief, chain, data_sources, data_unseen, data_verify, explain
from lodestone.desk.library import library
from lodestone.desk.provenance import SHAPES, parse_id
from lodestone.terms.errors import DataError, RequestError


def test_chain_shows_ledger_flows_stages_and_adjustments() -> None:
    answer = chain("Co", 2024)
    tables = {r["table"] for r in answer.results}
    assert {"stage", "ledger", "flow"} <= tables
    assert answer.supply_chain.material == "cobalt"
    json.dumps(answer.envelope(), allow_nan=False)
    assert answer.sources


def test_unknown_material_is_met_with_a_suggestion() -> None:
    with pytest.raises(RequestError, match="cobalt"):
        chain("cobald")


def test_year_without_data_names_the_nearest() -> None:
    with pytest.raises(RequestError, match="2024"):
        chain("cobalt", 2031)
    with pytest.raises(RequestError, match="2018"):
        chain("cobalt", 2001)


def test_material_without_country_data_says_so() -> None:
    with pytest.raises(RequestError, match="no country data"):
        chain("caesium")


@pytest.mark.parametrize(
    "id",
    [
        "dependence:cobalt:2024:EU27:direct:refine:FIN",
        "dependence:gallium:2024:EU27:look_through:refine:CHN",
        "cell:cobalt:2023:mine:COD:output",
        "link:cobalt:2023:mine:COD>CHN",
        "chain:copper:2022",
        "assumption:theta",
    ],
)
def test_explain_leads_down(id: str) -> None:
    answer = explain(id)
    levels = [r["level"] for r in answer.results]
    assert levels
    json.dumps(answer.envelope(), allow_nan=False)
    for row in answer.results:
        if row["level"] == "fact" and row["kind"] != "judged":
            assert row["file"]
            assert row["row"]
            assert row["licence"]


def test_explain_reaches_the_printed_figure_of_the_congo() -> None:
    """DRC cobalt 2023: USGS prints 175 or 176 kt by edition, World Mining Data about 140 kt."""
    rows = explain("cell:cobalt:2023:mine:COD:output").to_rows()
    facts = [r for r in rows if r["level"] == "fact"]
    assert {r["source"] for r in facts} >= {"wmd_2026"}
    assert any("usgs" in r["source"] for r in facts)
    values = sorted(r["value"] for r in facts)
    assert values[0] < 150_000 < values[-1]


def test_every_kind_of_id_is_explained_or_refused_clearly() -> None:
    for kind in SHAPES:
        with pytest.raises(RequestError):
            explain(f"{kind}:nothing")
    with pytest.raises(RequestError, match="Ids look like"):
        parse_id("nonsense")


def test_sources_name_licence_and_whether_they_ship() -> None:
    rows = data_sources().to_rows()
    assert {r["ships"] for r in rows} == {"yes", "no"}
    assert all(r["licence"] for r in rows)


def test_what_is_unseen_names_codes_reasons_and_the_share_seen() -> None:
    rows = data_unseen().to_rows()
    gaps = [r for r in rows if r["table"] == "unseen"]
    grades = {(r["material"], r["stage"], r["year"]): r for r in rows if r["table"] == "grade"}
    for row in gaps:
        latest = grades[row["material"], row["stage"], row["year"]]
        assert row["value"] == latest["value"]
        assert row["grade"] == latest["grade"]
        assert 0.0 <= row["least_seen"] <= row["value"] <= row["most_seen"] < 1.0
        # A year such as the 2024 of `before 2024` is no customs code.
        assert not {"2017", "2024"} & set(row["codes"])
        assert all(code in row["missing"] for code in row["codes"])
    # The open file of bilateral trade has no code of refined tin, and no code by rare earth.
    of = {(r["material"], r["stage"]): r for r in gaps}
    assert of["tin", "refine"]["codes"] == ["800110"]
    assert of["tin", "refine"]["value"] == 0.0
    assert of["lutetium", "mine"]["codes"] == []
    assert of["lutetium", "mine"]["why"] == "customs give it no code of its own"


def test_embedded_release_verifies_and_is_small_enough() -> None:
    data_verify()
    assert library().release.package.bytes <= 16_500_000


def test_one_flipped_bit_in_any_file_is_caught(tmp_path: Path) -> None:
    for file in sorted(EMBEDDED.iterdir()):
        folder = tmp_path / file.stem.replace(".", "_")
        folder.mkdir()
        for other in EMBEDDED.iterdir():
            (folder / other.name).symlink_to(other)
        (folder / file.name).unlink()
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        (folder / file.name).write_bytes(raw)
        with pytest.raises(DataError, match=file.name.replace(".", r"\.")):
            verify_release(folder)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("place", "against"),
    [
        ("EU27", "CHN"),
        ("USA", "CHN"),
        ("JPN", "CHN"),
        ("ALLIANCE", "CHN"),
        ("KOR", "CHN"),
        ("CHN", "AUS"),
    ],
)
def test_brief_is_made_for_any_place(tmp_path: Path, place: str, against: str) -> None:
    answer = brief(place, against, 2024, tmp_path)
    assert 1 <= len(answer.results) <= 10
    for path in (answer.files.pdf, answer.files.html, answer.files.json):
        assert path.stat().st_size > 10_000
    shares = [r["value"] for r in answer.results]
    assert shares == sorted(shares, reverse=True)
    for row in answer.results:
        assert row["low"] <= row["value"] <= row["high"]
        assert row["grade"] in ("A", "B", "C")
    document = json.loads(answer.files.json.read_text(encoding="utf-8"))
    assert document["run_id"] == answer.run_id


def test_brief_numbers_are_explained(tmp_path: Path) -> None:
    """Every id that the brief prints leads somewhere."""
    answer = brief("EU27", "CHN", 2024, tmp_path)
    document = json.loads(answer.files.json.read_text(encoding="utf-8"))
    ids = [r["id"] for r in document["results"] if r["value"] is not None]
    kinds: dict[str, list[str]] = {}
    for id in ids:
        kinds.setdefault(id.partition(":")[0], []).append(id)
    for found in kinds.values():
        for id in found[:3]:
            assert explain(id).results
    small = [r["id"] for r in document["results"] if r["value"] == 0.01 and r["kind"] == "judged"]
    assert small
    for id in small[:5]:
        (row,) = explain(id).results
        assert 0.0 <= row["value"] <= 0.02
        assert row["low"] == 0.0
        assert row["high"] == 0.04


def test_brief_against_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="outside it"):
        brief("EU27", "DEU", 2024, tmp_path)


def test_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    one = brief("JPN", "CHN", 2024, tmp_path / "a")
    two = brief("JPN", "CHN", 2024, tmp_path / "b")
    for name in ("pdf", "html", "json"):
        assert getattr(one.files, name).read_bytes() == getattr(two.files, name).read_bytes()
