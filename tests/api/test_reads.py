"""Each route answers what its verb answers: the same rows, in the same words."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from tests.api.conftest import Served

from lodestone import desk
from lodestone.report.rows_text import as_csv, as_json

READS: dict[str, Any] = {
    "/v1/assess?place=EU27&material=gallium&material=Co&method=geopolrisk&method=hhi&year=2024": (
        lambda: desk.assess(["gallium", "Co"], "EU27", 2024, ["geopolrisk", "hhi"])
    ),
    "/v1/assess?place=EU27&material=gallium&inputs=published&method=geopolrisk": (
        lambda: desk.assess(["gallium"], "EU27", None, ["geopolrisk"], "published")
    ),
    "/v1/chain?material=cobalt&year=2024": lambda: desk.chain("cobalt", 2024),
    "/v1/exposure?material=gallium&place=EU27&year=2024": (
        lambda: desk.exposure("gallium", place="EU27", year=2024)
    ),
    "/v1/exposure?place=JPN&on=CHN&year=2024": (
        lambda: desk.exposure(place="JPN", on="CHN", year=2024)
    ),
    "/v1/profile?material=gallium&place=JPN&year=2024&as_of=2026-01-31": (
        lambda: desk.profile("gallium", "JPN", 2024, as_of=date(2026, 1, 31))
    ),
    "/v1/technology?place=EU27&technology=batteries&year=2024": (
        lambda: desk.technology_position(["EU27"], ["batteries"], 2024)
    ),
    "/v1/explain?id=assumption:theta": lambda: desk.explain("assumption:theta"),
    "/v1/economy?place=JPN&year=2023": lambda: desk.economy_summary("JPN", 2023),
    "/v1/scenarios": desk.scenarios,
    "/v1/data/sources": desk.data_sources,
    "/v1/data/unseen": desk.data_unseen,
    "/v1/materials": desk.materials,
    "/v1/places": desk.known_places,
}


@pytest.mark.parametrize("path", READS)
def test_a_route_answers_with_the_envelope_of_its_verb(real: Served, path: str) -> None:
    whole = json.loads(as_json(READS[path]().envelope()))
    first, rows = real.all_rows(path)
    assert rows == whole.pop("results")
    assert rows
    assert {key: first[key] for key in whole} == whole
    assert first["total"] == len(rows)


@pytest.mark.parametrize("path", ["/v1/chain?material=cobalt&year=2024", "/v1/scenarios"])
def test_csv_is_what_the_command_line_writes(real: Served, path: str) -> None:
    mark = "&" if "?" in path else "?"
    got = real.get(f"{path}{mark}format=csv&limit=100000")
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    assert got.headers["content-disposition"].startswith('attachment; filename="lodestone-')
    assert got.text == as_csv(READS[path]().envelope())


def test_a_shock_in_words_answers_at_once_or_as_a_job_with_the_same_rows(real: Served) -> None:
    words = {"ban": ["CHN:gallium"], "months": 3, "year": 2024, "place": ["JPN"]}
    begun = real.post("/v1/processes/shock/execution", {"inputs": words})
    assert begun.status_code == 201
    job = begun.json()["jobID"]
    assert real.ended(job)["status"] == "successful"
    _, rows = real.all_rows(f"/v1/jobs/{job}/results")
    asked = desk.shock_in_words(
        bans=["CHN:gallium"], months=3, year=2024, places=["JPN"], draws=0, sensitivity=False
    )
    whole = json.loads(as_json(asked.envelope()))
    assert rows == whole["results"]
    at_once = real.post("/v1/shock", words, headers={"Prefer": "wait=60"})
    assert at_once.status_code == 200
    assert at_once.json()["run_id"] == whole["run_id"] == asked.run_id
    assert real.get(f"/v1/runs/{asked.run_id}").json()["results"] == rows[:1000]


def test_a_comparison_answers_with_the_rows_of_the_verb_and_takes_saved_scenarios(
    real: Served,
) -> None:
    text = (
        'name = "stop"\nstart = "2025-01"\nmonths = 3\nyear = 2024\n[[measure]]\n'
        'kind = "export_ban"\nsupplier = "CHN"\nmaterials = ["gallium"]\n'
    )
    media = {"Content-Type": "application/toml"}
    saved = real.client.post("/v1/saved/scenarios", content=text, headers=media).json()["id"]
    words = {
        "first": {"quota": ["CHN:gallium:0.5"], "year": 2024},
        "second": {"saved": saved},
        "place": ["JPN"],
        "months": 3,
    }
    got = real.post("/v1/compare", words, headers={"Prefer": "wait=60"})
    assert got.status_code == 200, got.text
    asked = desk.compare(
        "quota=CHN:gallium:0.5",
        "ban=CHN:gallium",
        places=["JPN"],
        months=3,
        year=2024,
        draws=0,
    )
    numbers = [r for r in asked.to_rows() if r["table"] == "compared"]
    found = [r for r in got.json()["results"] if r["table"] == "compared"]
    assert found == json.loads(json.dumps(numbers))
    assert got.json()["query"]["second"]["scenario"] == "stop"
    shown = real.get("/v1/processes/compare").json()["inputs"]["first"]["schema"]
    assert "ban" in shown["properties"]


def test_a_saved_scenario_is_asked_as_its_file_is(real: Served) -> None:
    text = (
        'name = "stop"\nstart = "2025-01"\nmonths = 3\nyear = 2024\n[[measure]]\n'
        'kind = "export_ban"\nsupplier = "CHN"\nmaterials = ["gallium"]\n'
    )
    media = {"Content-Type": "application/toml"}
    saved = real.client.post("/v1/saved/scenarios", content=text, headers=media)
    assert saved.status_code == 201
    assert real.get(saved.headers["location"]).text == text
    words = {"saved": saved.json()["id"], "place": ["JPN"]}
    job = real.post("/v1/processes/shock/execution", {"inputs": words}).json()["jobID"]
    assert real.ended(job)["status"] == "successful"
    found = real.get(f"/v1/jobs/{job}/results").json()
    assert found["query"]["scenario"] == "stop"
    assert found["query"]["digest"] == saved.json()["digest"]
    assert real.client.delete(saved.headers["location"]).status_code == 204
    assert real.get(saved.headers["location"]).status_code == 404


def test_a_scenario_is_a_name_and_never_a_file_of_this_machine(real: Served) -> None:
    for word in ("../secret.toml", "pyproject.toml", "pyproject", "src"):
        got = real.post("/v1/shock", {"scenario": word}, headers={"Prefer": "wait=60"})
        assert got.status_code == 422
        assert got.headers["content-type"] == "application/problem+json"


def test_losses_of_one_supplier_are_those_of_the_verb(real: Served) -> None:
    words = {"place": "JPN", "supplier": ["CHN"], "material": ["gallium"], "months": 3}
    job = real.post("/v1/processes/losses/execution", {"inputs": words}).json()["jobID"]
    ended = real.ended(job)
    assert ended["status"] == "successful", ended
    _, rows = real.all_rows(f"/v1/jobs/{job}/results")
    answer = desk.losses("JPN", suppliers=["CHN"], materials=["gallium"], months=3)
    assert rows == json.loads(as_json(answer.envelope()))["results"]


def test_a_study_gives_its_rows_and_its_file(real: Served) -> None:
    words = {"grid": True, "material": ["gallium"], "supplier": ["CHN"], "place": ["JPN"]}
    job = real.post("/v1/processes/study/execution", {"inputs": words}).json()["jobID"]
    ended = real.ended(job)
    assert ended["status"] == "successful", ended
    found = real.get(f"/v1/jobs/{job}/results")
    assert found.json()["results"]
    assert "lodestone-" not in found.text
    listed = real.get(f"/v1/jobs/{job}/files").json()["files"]
    assert [file["title"] for file in listed] == ["manifest.json", "results.parquet"]
    manifest, table = (real.get(file["href"]).content for file in listed)
    assert table.startswith(b"PAR1")
    assert b"lodestone-" not in manifest
