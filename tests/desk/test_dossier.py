"""The dossier: numbers by hand from the chain and the walk, ids that explain, files that can be read."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lodestone import desk
from lodestone.desk.dossiers import DossierAnswer
from lodestone.desk.library import library
from lodestone.terms.errors import RequestError

DAY = date(2026, 11, 23)
HEAD = "material,quantity,unit,value_usd,suppliers,stage,stock\n"
BILL = (
    HEAD + "cobalt,100,t,,FIN 100 %,refine,25\n"
    "gallium,0.5,t,,CHN; JPN,refine,\n"
    "tungsten,,,2000000,,refine,\n"
)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> DossierAnswer:
    """Three lines: one supplier; two without shares; none, and a value instead of tonnes."""
    out = tmp_path_factory.mktemp("dossier")
    return desk.dossier(BILL.encode(), "DEU", as_of=DAY, draws=2, out=out, name="bill.csv")


def _rows(answer: DossierAnswer, **labels: Any) -> Rows:
    return [r for r in answer.to_rows() if all(r.get(k) == v for k, v in labels.items())]


def _one(answer: DossierAnswer, **labels: Any) -> dict[str, Any]:
    (found,) = _rows(answer, **labels)
    return found


# --- by hand ---------------------------------------------------------------------------------


def test_one_supplier_is_its_countrys_own_feed(answer: DossierAnswer) -> None:
    """Finland's ore: what it mines and imports at the stage mine, less what is made from scrap."""
    chain = library().chain("cobalt", 2024)
    mine, refine = chain.stage("mine"), chain.stage("refine")
    fin = chain.index("FIN")
    scrap = refine.scrap_output[fin] / refine.output[fin]
    # who mined what Finland has: solve (diag(T) - F') C = diag(y), its row of Finland
    total = mine.output + mine.flow.sum(axis=0)
    alive = total > 1e-9 * total.max()
    inner = np.diag(total[alive]) - mine.flow[np.ix_(alive, alive)].T
    mixed = np.linalg.solve(inner, np.diag(mine.output[alive]))
    row = mixed[list(np.flatnonzero(alive)).index(fin)]
    expected = dict(zip(np.array(chain.places)[alive], (1 - scrap) * row, strict=True))
    found = _rows(answer, table="mapping", what="company", material="cobalt", origin_stage="mine")
    assert len(found) >= 3
    for r in found:
        wanted = scrap if r["origin"] == "scrap" else expected[r["origin"]]
        assert r["value"] == pytest.approx(wanted, abs=1e-6)
        assert r["low"] is None or r["low"] <= r["value"] <= r["high"]
    refined = _rows(
        answer, table="mapping", what="company", material="cobalt", origin_stage="refine"
    )
    assert [(r["origin"], r["value"]) for r in refined] == [("FIN", 1.0)]


def test_concentration_of_one_supplier_is_one(answer: DossierAnswer) -> None:
    assert _one(
        answer, table="concentration", what="hhi", material="cobalt", origin_stage="refine"
    )["value"] == pytest.approx(1.0)
    left = _one(
        answer, table="concentration", what="left", material="cobalt", origin_stage="refine"
    )
    assert left["value"] == pytest.approx(0.0)


def test_two_suppliers_without_shares_could_be_any_split(answer: DossierAnswer) -> None:
    found = _rows(
        answer, table="mapping", what="company", material="gallium", origin_stage="refine"
    )
    assert {r["origin"]: (r["low"], r["value"], r["high"]) for r in found} == {
        "CHN": (0.0, 0.5, 1.0),
        "JPN": (0.0, 0.5, 1.0),
    }


def test_no_supplier_is_the_mix_of_the_place_and_certain_of_nothing(answer: DossierAnswer) -> None:
    from lodestone.chain.look_through import look_through

    chain = library().chain("tungsten", 2024)
    around = look_through(chain, ("DEU",), "refine", "refine")
    found = _rows(
        answer, table="mapping", what="company", material="tungsten", origin_stage="refine"
    )
    for r in found:
        assert r["value"] == pytest.approx(around.of(r["origin"]))
        assert (r["low"], r["high"]) == (0.0, 1.0)


def test_what_is_not_stated_follows_from_the_price_and_says_so(answer: DossierAnswer) -> None:
    price = _one(answer, table="bill", what="price", material="tungsten")["value"]
    tonnes = _one(answer, table="bill", what="tonnes", material="tungsten")
    assert tonnes["value"] == pytest.approx(2e6 / price)
    assert (tonnes["kind"], tonnes["unit"]) == ("inferred", "t")
    assert _one(answer, table="bill", what="value", material="tungsten")["kind"] == "reported"


def test_cost_is_value_times_the_price_path(answer: DossierAnswer) -> None:
    """Walked again by `shock`: the Congo stops cobalt, Germany pays; worked from its months."""
    import lodestone as ls

    stops = [s for s in answer.content.stops if s.material == "cobalt"]
    one = stops[0]
    walked = ls.shock(
        ls.world(2024),
        ls.ExportBan(one.supplier_code, materials=["cobalt"]),
        places=["DEU"],
        draws=0,
        sensitivity=False,
    )
    months = [r for r in walked.to_rows() if r["table"] == "place" and r["place"] == "DEU"]
    value = _one(answer, table="bill", what="value", material="cobalt")["value"]
    cost = value * sum(r["price"] - 1.0 for r in months) / 12.0
    assert one.cost.value == pytest.approx(cost, rel=1e-6)
    assert one.missing.value == pytest.approx(100 * sum(r["value"] for r in months) / 12, rel=1e-6)
    assert one.short.value == sum(r["value"] > 0.02 for r in months)
    assert one.peak.value == pytest.approx(max(r["price"] for r in months), rel=1e-6)


def test_stock_lasts_by_what_the_stopped_supplier_provided(answer: DossierAnswer) -> None:
    for stop in answer.content.stops:
        if stop.material == "cobalt":
            assert stop.lasts.value == pytest.approx(365 * 25 / (100 * stop.hit.value))
        else:
            assert stop.lasts.value is None  # no stock is stated: unknown, not zero


def test_expected_cost_is_in_proportion_to_the_chance(answer: DossierAnswer) -> None:
    for stop in answer.content.stops:
        low, value, high = stop.expected.low, stop.expected.value, stop.expected.high
        assert low <= value <= high
        assert value / stop.chance.value == pytest.approx(high / stop.chance.high)
        # a cut is at most a full stop over all months
        assert value <= stop.chance.value * stop.cost.value * (1 + 1e-9)


def test_a_control_is_in_force_or_not_as_of_the_day(tmp_path: Path) -> None:
    bill = (HEAD + "gallium,0.5,t,,CHN 100 %,refine,\n").encode()
    before = desk.dossier(bill, "DEU", as_of=date(2023, 7, 1), draws=0, months=1, out=tmp_path)
    after = desk.dossier(bill, "DEU", as_of=DAY, draws=0, months=1, out=tmp_path)
    assert not [r for r in before.to_rows() if r.get("event") == "CN-GAGE-2023"]
    (licence,) = [r for r in after.to_rows() if r.get("event") == "CN-GAGE-2023"]
    assert (licence["status"], licence["value"]) == ("in force", 1.0)


class _Books:
    """A library whose catalogue has one event, and whose USGS list has one entry."""

    def __init__(self, event: dict[str, Any], listed: dict[str, Any]) -> None:
        self.event, self.listed = event, listed

    def rows(self, sql: str, values: list[Any] | None = None) -> Rows:
        return [self.listed] if "us_controls" in sql else [self.event]


@pytest.mark.parametrize(
    ("changes", "sources"),
    [
        ({}, ["EVENT"]),  # in force: the list says the same again
        ({"ended": "2024-01-01"}, ["usgs_mcs2026"]),  # lifted, yet the USGS lists another
        ({"measure": "threat", "effective": None}, ["usgs_mcs2026"]),
        ({"announced": "2030-01-01", "effective": "2030-01-01"}, ["usgs_mcs2026"]),
    ],
)
def test_what_is_over_or_only_a_threat_hides_no_control_that_the_usgs_lists(
    changes: dict[str, Any], sources: list[str]
) -> None:
    from lodestone.desk.bill import read_bill
    from lodestone.desk.dossier_case import dossier_case
    from lodestone.desk.dossier_factors import controls
    from lodestone.desk.dossier_sourcing import sourcings

    bill = read_bill((HEAD + "gallium,0.5,t,,CHN 100 %,refine,\n").encode(), "bill.csv")
    case = dossier_case(bill, "DEU", 2024, None, DAY, 1, 0)
    days = dict.fromkeys(("relaxed", "suspended", "suspended_until", "ended"))
    event = {
        "event_id": "EVENT",
        "place": "CHN",
        "target": "WLD",
        "materials": ["gallium"],
        "measure": "export_licence",
        "announced": "2023-07-03",
        "effective": "2023-08-01",
        **days,
        **changes,
    }
    listed = {
        "place": "CHN",
        "material": "gallium",
        "since": "2023",
        "control": "Export licence",
        "goods": "gallium metal",
    }
    lines = sourcings(case)
    books: Any = _Books(event, listed)
    found = controls(replace(case, books=books), lines)
    assert [c.source for c in found] == sources
    early = controls(replace(case, books=books, as_of=date(2022, 1, 1)), lines)
    assert not early  # neither was there


# --- ids, files, sameness -------------------------------------------------------------------------


def test_every_id_of_the_release_is_explained_with_the_same_number(answer: DossierAnswer) -> None:
    """Cells of the world apart, whose id leads to tonnes, and chains and facts."""
    exact = ("dependence", "supplier", "cutoff")
    seen: dict[str, dict[str, Any]] = {}
    for row in answer.to_rows():
        if row.get("id", "").startswith(exact):
            seen.setdefault(row["id"], row)
    kinds = {id.partition(":")[0] for id in seen}
    assert kinds == set(exact)
    cut = [id for id in seen if id.startswith("cutoff")][:1]
    for id in [*(i for i in seen if not i.startswith("cutoff"))][:40] + cut:
        number = desk.explain(id).to_rows()[0]
        assert number["value"] == pytest.approx(seen[id]["value"], rel=1e-6), id


def test_ids_of_cells_chains_facts_and_chances_can_be_asked(answer: DossierAnswer) -> None:
    ids = {r["id"] for r in answer.to_rows() if "id" in r}
    for kind in ("cell:", "chain:", "fact:"):
        some = sorted(i for i in ids if i.startswith(kind))[:4]
        assert some
        for id in some:
            assert desk.explain(id).results


def test_a_rare_earth_has_the_score_of_its_group(tmp_path: Path) -> None:
    """EU study of 2023: heavy rare earths 5.1, light ones 3.7 (ec_crm_sr_ei_2011_2023.csv)."""
    rows = "dysprosium,1,t,,,,\nneodymium,1,t,,,,\nrare earths,1,t,,,,\ncobalt,1,t,,,,\n"
    found = desk.dossier((HEAD + rows).encode(), "DEU", draws=0, months=1, out=tmp_path)
    scores = {m.material: m.risk_score.value for m in found.content.materials}
    assert scores == {"dysprosium": 5.1, "neodymium": 3.7, "rare_earths": 5.1, "cobalt": 2.8}


def test_an_id_of_the_bill_says_where_its_number_is() -> None:
    with pytest.raises(RequestError, match="row 3 of the bill"):
        desk.explain("bill:3:cobalt:value")


def test_files_hold_what_the_answer_says(answer: DossierAnswer) -> None:
    whole = json.loads(answer.files.json.read_text(encoding="utf-8"))
    assert whole["results"] == answer.envelope()["results"]
    assert whole["run_id"] == answer.run_id
    assert answer.files.pdf.read_bytes().startswith(b"%PDF-")
    page = answer.files.html.read_text(encoding="utf-8")
    loads = re.findall(r"""(?:src|href)=["']([^"'#]+)|url\(([^)#]+)""", page)
    assert "@import" not in page
    assert {address for found in loads for address in found if address} <= _cited(answer)
    for section in ("Mapping", "Factors", "Vulnerability", "Options", "not known"):
        assert section in page


def test_the_same_question_has_the_same_bytes(answer: DossierAnswer, tmp_path: Path) -> None:
    again = desk.dossier(BILL.encode(), "DEU", as_of=DAY, draws=2, out=tmp_path, name="bill.csv")
    for name in ("pdf", "html", "json"):
        one, other = (getattr(a.files, name).read_bytes() for a in (answer, again))
        assert one == other, name


def test_nothing_printed_is_not_finite(answer: DossierAnswer) -> None:
    for row in answer.to_rows():
        for key in ("value", "low", "high"):
            assert row.get(key) is None or math.isfinite(row[key])


# --- what is refused -------------------------------------------------------------------------


def test_a_line_that_nobody_can_cut_off_says_so(tmp_path: Path) -> None:
    """Kaolin from home: no stop, no option, and the files are whole all the same."""
    found = desk.dossier((HEAD + "kaolin,10,t,,DEU 100 %,,\n").encode(), "DEU", out=tmp_path)
    assert not found.content.stops
    assert not found.content.options
    assert any("No stop is shown for Kaolin" in words for words in found.content.unknowns)
    assert found.files.pdf.stat().st_size > 10_000


def test_a_material_at_two_stages_is_two_lines_throughout(tmp_path: Path) -> None:
    """Metal from Finland and ore from the Congo: neither takes the other's place; as if alone."""
    refined, mined = "cobalt,100,t,,FIN 100 %,refine,25\n", "cobalt,5000,t,,COD 100 %,mine,\n"

    def asked(rows: str, folder: str) -> DossierAnswer:
        out = tmp_path / folder
        return desk.dossier(
            (HEAD + rows).encode(), "DEU", as_of=DAY, draws=0, months=6, out=out, name="bill.csv"
        )

    both = asked(refined + mined, "both")
    lines = {"refine": asked(refined, "one"), "mine": asked(mined, "two")}
    labels = {m.label for m in both.content.materials}
    assert len(labels) == 2
    for stage, alone in lines.items():
        assert alone.content.stops
        for table, what in (("stop", "cost"), ("stop", "expected"), ("option", "stock")):
            found = _rows(both, table=table, what=what, stage=stage)
            wanted = _rows(alone, table=table, what=what, stage=stage)
            assert [r["value"] for r in found] == [r["value"] for r in wanted]
            assert {r["material"] for r in found} == {"cobalt"}
        for name in ("cost", "short"):
            found = _rows(both, table="scenario", what=name, stage=stage)
            wanted = _rows(alone, table="scenario", what=name, stage=stage)
            assert wanted
            assert {(r["scenario"], r["value"]) for r in found} == {
                (r["scenario"], r["value"]) for r in wanted
            }
    assert len(both.content.options) == 2
    # only the metal has a stock, and the sentence is about it
    assert [s.lasts.value is not None for s in both.content.stops] == [
        s.stage == "refine" for s in both.content.stops
    ]
    first = both.content.findings[0]
    assert first.figures[0].value == 1.0  # one material is strategic, of one
    assert "{0} of 1 materials" in first.sentence
    page = both.files.html.read_text(encoding="utf-8")
    assert all(label in page for label in labels)


def test_every_row_carries_the_ids_of_its_line_and_no_two_rows_are_the_same(tmp_path: Path) -> None:
    """Tables are joined on material and stage; a line bought as ore is not that bought as metal."""
    rows = "copper,10,t,,CHL 100 %,mine,2\ncopper,10,t,,CHN 100 %,refine,\ntungsten,1,t,,,refine,\n"
    found = desk.dossier(
        (HEAD + rows).encode(), "DEU", as_of=DAY, draws=0, months=1, against="CHN", out=tmp_path
    ).to_rows()
    lines = {("copper", "mine"), ("copper", "refine"), ("tungsten", "refine")}
    about = [r for r in found if r.get("material")]
    rest = [(r["table"], r["what"]) for r in found if not r.get("material")]
    assert {table for table, _ in rest} == {"finding", "bill"}
    assert ("bill", "value") in rest  # of the whole bill
    assert {(r["material"], r["stage"]) for r in about} == lines
    for table in ("bill", "mapping", "concentration", "score", "summary", "stop", "option"):
        assert {(r["material"], r["stage"]) for r in about if r["table"] == table} == lines, table
    ours = {"value", "low", "high", "text", "id", "note", "grade", "evidence", "year"}
    labels = [tuple(sorted((k, str(v)) for k, v in r.items() if k not in ours)) for r in about]
    assert len(set(labels)) == len(labels)
    # what a row of ore says of mines stands beside what a row of metal says of them
    mined = [r for r in about if r["table"] == "mapping" and r["origin_stage"] == "mine"]
    assert {(r["material"], r["stage"]) for r in mined} >= {
        ("copper", "mine"),
        ("copper", "refine"),
    }
    held = [r for r in about if r["table"] == "control"]
    assert held
    assert {r["supplier"] for r in held} <= set(library().chain("tungsten", 2024).places)


def test_codes_that_the_open_files_do_not_hold_are_said_of_the_stages_shown(
    tmp_path: Path,
) -> None:
    """Alumina is bought: its code is missing, that of the metal made of it does not matter here."""
    found = desk.dossier(
        (HEAD + "aluminium,10,t,,DEU 100 %,refine,\n").encode(),
        "DEU",
        draws=0,
        months=1,
        out=tmp_path,
    )
    said = " ".join(found.content.unknowns)
    assert "281820" in said
    assert "760120" not in said


def test_words_of_the_company_are_only_words(tmp_path: Path) -> None:
    nasty = "<b>&'#{} $x$ *_@ ]]>"
    text = f'material,quantity,suppliers,product\ncobalt,1,FIN 100 %,"{nasty}"\n'
    found = desk.dossier(text.encode(), "DEU", draws=0, months=1, out=tmp_path, name="<i>x.csv")
    page = found.files.html.read_text(encoding="utf-8")
    assert "<i>x" not in page
    assert nasty not in page
    assert unescape(page).count(nasty) == 1


def _cited(answer: DossierAnswer) -> set[str]:
    """Addresses of sources: links that a reader may follow, which nothing loads."""
    return {source.address for source in answer.content.sources}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("rhenium,1e9,t,,,,\n", "more than the world makes"),
        ("caesium,1,t,,,,\n", "has no balanced chain in 2024"),
        ("PGM,1,t,,,,\n", "name one of"),
        ("cobalt,1,t,,,refine,\ncobalt,1,t,,,,\n", "stands in row 2 already"),
    ],
)
def test_a_line_that_does_not_fit_the_world_is_named(rows: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=words):
        desk.dossier((HEAD + rows).encode(), "DEU", out=tmp_path)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"place": None}, "where does the company work"),
        ({"place": "WLD"}, "not in the whole world"),
        ({"against": "FRA"}, "part of DEU, or of its union"),
        ({"months": 0}, "months 0"),
        ({"year": 1950}, "no data for any material in 1950"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    named: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(RequestError, match=words):
        desk.dossier(
            (HEAD + "cobalt,1,t,,,,\n").encode(), **{"place": "DEU", **named}, out=tmp_path
        )


def test_a_company_may_work_in_several_places(tmp_path: Path) -> None:
    bill = (HEAD + "cobalt,1,t,,FIN 100 %,,\n").encode()
    found = desk.dossier(bill, "EU27+GBR", draws=0, months=1, out=tmp_path)
    assert found.content.meta.place == "the European Union and the United Kingdom"
    assert {s.supplier_code for s in found.content.stops}


def test_place_and_year_of_the_file_must_not_contradict(tmp_path: Path) -> None:
    text = "material,quantity,place,year\ncobalt,1,DEU,2023\n"
    with pytest.raises(RequestError, match="place FRA was asked, but the bill says DEU"):
        desk.dossier(text.encode(), "FRA", out=tmp_path)
    with pytest.raises(RequestError, match="year 2024 was asked, but the bill says 2023"):
        desk.dossier(text.encode(), year=2024, out=tmp_path)
