"""The verb assess on the inputs of the methods' authors, from the embedded release alone."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lodestone.assess.assessment import Gap
from lodestone.desk.assess_everywhere import everywhere, everywhere_inputs
from lodestone.desk.assessing import assess
from lodestone.desk.explaining import explain
from lodestone.desk.library import library
from lodestone.terms.errors import RequestError

PUBLISHED = "published"


@pytest.mark.parametrize(
    ("material", "place", "year", "score"),
    [
        ("rare_earths", "USA", 2024, 0.057036),
        ("cobalt", "Germany", 2023, 0.220119),
        ("tungsten", "EU27", 2022, 0.069905),
    ],
)
def test_the_worked_cases_of_geopolrisk(material: str, place: str, year: int, score: float) -> None:
    answer = assess([material], place, year, ["geopolrisk"], PUBLISHED)
    (row,) = answer.to_rows()
    assert row["value"] == pytest.approx(score, abs=1e-6)
    assert row["kind"] == "published"
    assert row["grade"] is None
    head = explain(row["id"]).to_rows()[0]
    assert head["value"] == row["value"]


def test_the_release_holds_every_customs_row_that_the_method_reads() -> None:
    """Rows that our own rules set aside are read too: as many as the trade ledger set aside."""
    short = library().rows(
        """
        WITH mapped AS (
            SELECT DISTINCT unnest(string_split(replace(
                concat_ws(';', hs_code, complementary_codes), ',', ';'), ';')) AS code FROM hs_map
        ), aside AS (
            SELECT code, year, sum(rows) AS n FROM trade_ledger
            WHERE source = 'baci_hs92' AND flag IN ('superseded', 'excluded') GROUP BY ALL
        ), kept AS (
            SELECT code, year, count(*) AS n FROM trade
            WHERE source = 'baci_hs92' AND flag IN ('superseded', 'excluded') GROUP BY ALL
        )
        SELECT code, year FROM mapped JOIN aside USING (code) LEFT JOIN kept USING (code, year)
        WHERE coalesce(kept.n, 0) < aside.n ORDER BY code, year
        """
    )
    assert short == []


@pytest.mark.parametrize("material", ["gallium", "germanium", "indium"])
def test_without_a_trade_code_the_score_is_unknown_not_zero(material: str) -> None:
    for place in ("EU27", "USA", "JPN"):
        for row in assess([material], place, 2023, ["geopolrisk"], PUBLISHED).to_rows():
            assert row["value"] is None
            assert "no customs code" in row["note"]


def test_scores_everywhere_are_the_scores_of_the_verb() -> None:
    found = everywhere(everywhere_inputs(PUBLISHED))
    score = found.score
    assert found.known + sum(found.unknown.values()) == score.panel.value.size
    assert found.known > 30_000
    assert found.unknown[Gap.NO_TRADE_ROWS] > 0
    at = score.panel.at("tin", "mine", "EU27", 2021)
    (row,) = assess(["tin"], "EU27", 2021, ["geopolrisk"], PUBLISHED).to_rows()
    assert row["value"] == pytest.approx(at, rel=1e-12)
    gallium = score.panel.node("gallium", "refine")
    assert np.isnan(score.panel.value[gallium]).all()


def test_live_scores_everywhere_fill_the_gaps_of_the_published_method() -> None:
    score = everywhere(everywhere_inputs("live")).score
    for material in ("gallium", "germanium"):
        for year in score.panel.years:
            assert score.panel.at(material, "refine", "EU27", year) is not None


def test_everywhere_refuses_other_inputs() -> None:
    with pytest.raises(RequestError, match="published, live"):
        everywhere_inputs("guessed")


def test_ec_2017_recomputed_beside_the_printed_score() -> None:
    answer = assess([], "EU27", None, ["ec_supply_risk"], PUBLISHED)
    rows = answer.to_rows()
    assert {(r["place"], r["year"]) for r in rows} == {("EU28", 2017)}
    off = [abs(r["value"] - r["official"]) for r in rows if r["value"] and r["official"]]
    assert len(off) >= 70
    assert max(off) <= 0.25
    # materials only: the study's wood, rubber and cork are not ours
    assert np.mean(off) <= 0.065
    unknown = {r["material"] for r in rows if r["value"] is None}
    assert {"LREE", "PGM"} >= unknown


def test_n_minus_1_is_the_tabulated_ratio_and_the_other_reading_is_unknown() -> None:
    rows = assess([], "EU27", 2024, ["n_minus_1"], PUBLISHED).to_rows()
    tabulated = [r for r in rows if r["official"] is not None]
    assert len(tabulated) == 12
    for row in tabulated:
        assert row["method"] == "n_minus_1_all_demand"
        assert row["value"] == pytest.approx(row["official"], rel=1e-9)
    rest = [r for r in rows if r["method"] == "n_minus_1_rest_of_world_demand"]
    assert rest
    assert all(r["value"] is None and r["note"] for r in rest)


def test_net_import_reliance_is_as_printed() -> None:
    rows = assess(["graphite", "copper"], "USA", 2024, ["net_import_reliance"], PUBLISHED).to_rows()
    printed = {(r["material"], r["stage"]): r["value"] for r in rows}
    assert printed == {("graphite", "refine"): 1.0, ("copper", "refine"): 0.45}
    (open_range,) = assess(["lithium"], "USA", 2024, ["net_import_reliance"], PUBLISHED).to_rows()
    assert (open_range["value"], open_range["low"]) == (None, 0.5)
    assert ">50" in open_range["official_source"]


def test_years_and_methods_without_published_inputs() -> None:
    with pytest.raises(RequestError, match="2018"):
        assess(["cobalt"], "DEU", 1995, ["geopolrisk"], PUBLISHED)
    with pytest.raises(RequestError, match="no published inputs"):
        assess(["cobalt"], "DEU", 2024, ["hhi"], PUBLISHED)
    with pytest.raises(RequestError, match="no published inputs"):
        assess(["cobalt"], "JPN", None, ["net_import_reliance"], PUBLISHED)


def test_everything_published_is_json() -> None:
    answer = assess([], "USA", None, [], PUBLISHED)
    json.dumps(answer.envelope(), allow_nan=False)
    assert answer.sources
    for row in answer.to_rows():
        assert (
            row["value"] is not None
            or row["note"]
            or row["low"] is not None
            or row["official_source"]
        )
