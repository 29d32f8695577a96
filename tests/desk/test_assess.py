"""The verb assess on our balanced chains: by hand from the release's rows, and by law."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from typing import Any

import pytest

from lodestone.desk.answer import Answer
from lodestone.desk.assess_baseline import baseline
from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.desk.assess_dependence import sources_of
from lodestone.desk.assess_methods import GROUPS, METHODS
from lodestone.desk.assessing import assess
from lodestone.desk.explaining import explain
from lodestone.desk.library import library
from lodestone.terms import members
from lodestone.terms.errors import RequestError

YEAR = 2024
WORLDWIDE = {"hhi", "hhi_wgi", *GROUPS["n_minus_1"]}


@pytest.fixture(scope="module")
def eu() -> Answer:
    """Everything about every material for the EU."""
    return assess((), "EU27", YEAR)


def one(answer: Answer, method: str, stage: str) -> dict[str, Any]:
    """The only row of a method and stage."""
    (row,) = (r for r in answer.to_rows() if r["method"] == method and r["stage"] == stage)
    return row


def outputs(material: str, stage: str, entry: str = "output") -> dict[str, float]:
    """A column of the ledger of a chain: place -> tonnes."""
    rows = library().rows(
        "SELECT place, value FROM chain_cells "
        "WHERE material = ? AND stage = ? AND year = ? AND entry = ?",
        [material, stage, YEAR, entry],
    )
    return {r["place"]: r["value"] for r in rows}


def links(material: str, stage: str) -> list[tuple[str, str, float]]:
    """Flows of a chain: origin, destination, tonnes."""
    rows = library().rows(
        "SELECT origin, destination, value FROM chain_links "
        "WHERE material = ? AND stage = ? AND year = ?",
        [material, stage, YEAR],
    )
    return [(r["origin"], r["destination"], r["value"]) for r in rows]


def governance(indicator: str, year: int | None = None) -> dict[str, float]:
    """World Bank estimates by place."""
    rows = library().rows(
        "SELECT place, year, value FROM governance WHERE indicator = ? AND value IS NOT NULL",
        [indicator],
    )
    return {r["place"]: r["value"] for r in rows if year is None or r["year"] == year}


# --- by hand


@pytest.mark.parametrize(("material", "stage"), [("cobalt", "refine"), ("gallium", "refine")])
def test_geopolrisk_by_hand(material: str, stage: str) -> None:
    inside = set(members("EU27", YEAR))
    made = {p: t for p, t in outputs(material, stage).items() if p != "XOT"}
    world = sum(outputs(material, stage).values())
    stability = governance("political_stability", YEAR)
    hhi = sum((t / world) ** 2 for t in made.values())
    outside = within = risky = 0.0
    for origin, destination, tonnes in links(material, stage):
        if destination in inside and origin in inside:
            within += tonnes
        elif destination in inside:
            outside += tonnes
            estimate = stability.get(origin)
            g = 0.5 if estimate is None else min(1.0, max(0.0, (2.5 - estimate) / 5))
            risky += g * tonnes
    own = sum(t for p, t in made.items() if p in inside)
    answer = assess([material], "EU27", YEAR, ["geopolrisk", "geopolrisk_extra_region"])
    counted = one(answer, "geopolrisk", stage)["value"]
    left_out = one(answer, "geopolrisk_extra_region", stage)["value"]
    assert counted == pytest.approx(hhi * risky / (own + outside + within), rel=1e-5)
    assert left_out == pytest.approx(hhi * risky / (own + outside), rel=1e-5)


def test_net_import_reliance_and_exposure_by_hand() -> None:
    made = outputs("copper", "refine")["USA"]
    stocks = outputs("copper", "refine", "stock_change")["USA"]
    flows = links("copper", "refine")
    bought = {o: t for o, d, t in flows if d == "USA"}
    sold = sum(t for o, d, t in flows if o == "USA")
    net = sum(bought.values()) - sold - stocks
    reliance = net / (made + net)
    answer = assess(["copper"], "USA", YEAR, ["net_import_reliance", "trade_exposure"])
    row = one(answer, "net_import_reliance", "refine")
    assert row["value"] == pytest.approx(reliance, rel=1e-4)
    assert row["official"] == pytest.approx(0.45)
    assert row["official_source"]
    on_china = one(answer, "trade_exposure_on_CHN", "refine")["value"]
    share = bought.get("CHN", 0.0) / sum(bought.values())
    assert on_china == pytest.approx(reliance * share, rel=1e-4)


def test_n_minus_1_by_hand() -> None:
    made = outputs("nickel", "refine")
    taken: dict[str, float] = defaultdict(float)
    for entry in ("use", "intake"):
        for place, tonnes in outputs("nickel", "refine", entry).items():
            taken[place] += tonnes
    top = max((p for p in made if p != "XOT"), key=lambda p: made[p])
    left = sum(made.values()) - made[top]
    answer = assess(["nickel"], "EU27", YEAR, ["n_minus_1"])
    all_demand = one(answer, "n_minus_1_all_demand", "refine")
    rest = one(answer, "n_minus_1_rest_of_world_demand", "refine")
    assert all_demand["supplier"] == top
    assert all_demand["place"] == "WLD"
    assert all_demand["value"] == pytest.approx(left / sum(taken.values()), rel=1e-4)
    assert rest["value"] == pytest.approx(left / (sum(taken.values()) - taken[top]), rel=1e-4)


def test_reserves_over_production_by_hand() -> None:
    rows = library().rows(
        "SELECT source, value FROM facts WHERE quantity = 'reserves' AND material = 'cobalt' "
        "AND place = 'COD' AND year = ? ORDER BY source",
        [YEAR],
    )
    expected = rows[-1]["value"] / outputs("cobalt", "mine")["COD"]
    answer = assess(["cobalt"], "COD", YEAR, ["reserves_over_production"])
    (row,) = (r for r in answer.to_rows() if r["place"] == "COD")
    assert row["value"] == pytest.approx(expected, rel=1e-5)


def test_economic_importance_by_hand() -> None:
    """Gallium: 75 % in C26, 25 % in C27, SI_EI 0.9 in the study of 2017."""
    rows = library().rows("SELECT DISTINCT nace2, va_mn_eur FROM ec_end_uses")
    worth = {r["nace2"]: r["va_mn_eur"] for r in rows if r["va_mn_eur"] is not None}
    largest = max(worth.values())
    expected = 0.9 * 10 * (0.75 * worth["C26"] + 0.25 * worth["C27"]) / largest
    row = one(assess(["gallium"], "EU27", YEAR, ["ec_economic_importance"]), *_EI)
    assert row["value"] == pytest.approx(expected, rel=1e-9)
    assert row["official"] == pytest.approx(3.7)


_EI = ("ec_economic_importance", "use")


def test_supply_risk_by_hand() -> None:
    """Gallium has one stage, EOL-RIR 0 and SI_SR 1.0: SR is the weighted concentration alone."""
    inside = set(members("EU27", YEAR))
    # where the mean of six is missing (Taiwan), political stability stands for it
    estimates = governance("political_stability", YEAR) | governance("mean_of_six")
    weight = {p: min(10.0, max(0.0, 5 - 2 * v)) for p, v in estimates.items()}
    t = _trade_parameters("gallium", "refine")
    made = outputs("gallium", "refine")
    bought: dict[str, float] = defaultdict(float)
    net = 0.0
    for origin, destination, tonnes in links("gallium", "refine"):
        if destination in inside and origin not in inside:
            bought[origin] += tonnes
            net += tonnes
        elif origin in inside and destination not in inside:
            net -= tonnes
    own = {p: x for p, x in made.items() if p in inside}

    def index(sources: dict[str, float]) -> float:
        total = sum(sources.values())
        known = {p: x for p, x in sources.items() if p != "XOT"}
        default = {p: 0.8 if p in inside else 1.0 for p in known}
        return sum(
            (x / total) ** 2 * weight[p] * t.get(p, default[p]) for p, x in known.items() if x > 0
        )

    reliance = max(net, 0.0) / (sum(own.values()) + max(net, 0.0))
    world, sourcing = index(made), index({**bought, **own})
    expected = world * reliance / 2 + sourcing * (1 - reliance / 2)
    row = one(assess(["gallium"], "EU27", YEAR, ["ec_supply_risk"]), "ec_supply_risk", "refine")
    assert row["value"] == pytest.approx(expected, rel=1e-4)


def _trade_parameters(material: str, stage: str) -> dict[str, float]:
    rows = library().rows(
        "SELECT place, scope, t FROM ec_trade_parameter WHERE material = ? AND stage = ? "
        "ORDER BY scope",
        [material, stage],
    )
    return {r["place"]: r["t"] for r in rows}


# --- unknown is never zero


@pytest.mark.parametrize("place", ["EU27", "USA", "JPN", "DEU"])
@pytest.mark.parametrize("material", ["gallium", "germanium"])
def test_gallium_and_germanium_have_a_live_score_of_grade_c(material: str, place: str) -> None:
    """The published method has no trade code for them; production and inferred trade give one."""
    row = one(assess([material], place, YEAR, ["geopolrisk"]), "geopolrisk", "refine")
    assert 0.0 < row["value"] < 1.0
    assert row["grade"] == "C"
    assert row["low"] <= row["value"] <= row["high"]


def test_every_row_is_a_number_in_its_band_or_a_named_gap(eu: Answer) -> None:
    rows = eu.to_rows()
    assert {r["method"] for r in rows} == set(METHODS)
    for row in rows:
        low, high, value = row["low"], row["high"], row["value"]
        if value is None:
            assert row["note"], row["id"]
        elif low is not None:
            assert low - 1e-6 <= value <= high + 1e-6, row["id"]
        if row["unit"] == "share" and row["method"] not in ("dependence_gap", "crm_act_own_share"):
            assert value is None or row["method"].startswith("crm_act") or 0 <= value <= 1 + 1e-9


def test_the_envelope_is_json_without_nan_and_ids_are_unique(eu: Answer) -> None:
    text = json.dumps(eu.envelope(), allow_nan=False)
    assert "NaN" not in text
    ids = [r["id"] for r in eu.results]
    assert len(ids) == len(set(ids))
    assert eu.sources
    assert eu.envelope()["run_id"]


def test_a_material_without_substitution_index_has_no_supply_risk() -> None:
    row = one(assess(["arsenic"], "EU27", YEAR, ["ec_supply_risk"]), "ec_supply_risk", "refine")
    assert row["value"] is None
    assert "SI_SR" in row["note"]


def test_a_use_that_the_commission_does_not_publish_is_unknown() -> None:
    row = one(assess(["germanium"], "EU27", YEAR, ["ec_criticality"]), *_EI)
    assert row["value"] is None
    assert row["official"] == pytest.approx(3.6)
    verdict = one(assess(["germanium"], "EU27", YEAR, ["ec_criticality"]), "ec_criticality", _B)
    assert verdict["value"] is None
    assert verdict["official"] == 1.0


_B = "bottleneck"


# --- laws


def test_a_bloc_is_one_buyer_and_its_members_count_once() -> None:
    methods = ["geopolrisk", "geopolrisk_extra_region", "net_import_reliance", "ec_supply_risk"]
    bloc, twice = (
        {
            (r["stage"], r["method"]): r["value"]
            for r in assess(["nickel"], p, YEAR, methods).results
        }
        for p in ("EU27", "EU27+Germany+France")
    )
    assert bloc == pytest.approx(twice, rel=1e-12, nan_ok=True)
    germany = assess(["nickel"], "DEU", YEAR, ["geopolrisk"])
    assert one(germany, "geopolrisk", "refine")["value"] != bloc["refine", "geopolrisk"]


def test_leaving_out_trade_inside_the_bloc_never_lowers_its_risk(eu: Answer) -> None:
    by = {(r["material"], r["stage"], r["method"]): r["value"] for r in eu.results}
    pairs = [
        (value, by[m, s, "geopolrisk_extra_region"])
        for (m, s, method), value in by.items()
        if method == "geopolrisk" and value is not None
    ]
    assert len(pairs) > 100
    assert all(outside >= counted - 1e-12 for counted, outside in pairs)


def test_exposure_on_one_supplier_is_part_of_exposure(eu: Answer) -> None:
    by = {(r["material"], r["stage"], r["method"]): r["value"] for r in eu.results}
    for (material, stage, method), value in by.items():
        if method.startswith("trade_exposure_on_") and value is not None:
            assert value <= by[material, stage, "trade_exposure"] + 1e-12


def test_same_seed_same_answer_and_another_seed_only_moves_bands() -> None:
    first, again, other = (assess(["tin"], "USA", YEAR, ["hhi"], seed=s) for s in (3, 3, 4))
    assert first.envelope() == again.envelope()
    assert [r["value"] for r in first.results] == [r["value"] for r in other.results]


def test_the_world_has_answers_about_the_world_only() -> None:
    answer = assess(["cobalt"], "World", YEAR)
    assert {r["method"] for r in answer.results} == {*WORLDWIDE, "reserves_over_production"}
    assert {r["place"] for r in answer.results} == {"WLD"}


# --- dependence


def test_dependence_is_that_of_the_release_and_the_gap_its_difference(eu: Answer) -> None:
    shares = {
        (r["material"], r["stage"], r["lens"], r["origin"]): r["share"]
        for r in library().dependence("EU27", year=YEAR)
    }
    inside = {*members("EU27", YEAR), "XOT", "scrap"}
    checked = 0
    for row in eu.to_rows():
        if row["method"] != "dependence_look_through" or row["value"] is None:
            continue
        key = (row["material"], row["stage"], "look_through")
        foreign = {k[3]: v for k, v in shares.items() if k[:3] == key and k[3] not in inside}
        assert row["value"] == pytest.approx(max(foreign.values()), abs=5e-4)
        assert foreign[row["supplier"]] == pytest.approx(row["value"], abs=5e-4)
        gap = one_of(eu, "dependence_gap", row)
        shipped = shares.get((*key[:2], "direct", row["supplier"]), 0.0)
        assert gap == pytest.approx(row["value"] - shipped, abs=0.0105)
        checked += 1
    assert checked > 60


def one_of(answer: Answer, method: str, like: dict[str, Any]) -> Any:
    """Value of another method for the same material and stage."""
    (value,) = (
        r["value"]
        for r in answer.results
        if (r["material"], r["stage"], r["method"]) == (like["material"], like["stage"], method)
    )
    return value


def test_tracing_a_chain_here_gives_the_shares_of_the_release() -> None:
    """Two ways to one number: the release's table, and the chain traced for an unlisted group."""
    books = library()
    base = baseline(books, ["cobalt", "rare_earths"], [YEAR], ("USA",))
    listed = sources_of(books, base, buyer("USA", YEAR))
    traced = sources_of(books, base, Buyer("a group of one", ("USA",)))
    for node in base.nodes:
        for lens in ("direct", "look_through"):
            for origin, share in listed[node][lens].shares.items():
                other = traced[node][lens].of(origin)
                assert other is not None
                assert other.value == pytest.approx(share.value, abs=6e-4)


def test_china_and_the_us_side_by_side_and_no_place_depends_on_itself() -> None:
    methods = ["look_through_dependence"]
    eu, usa = (
        {r["method"] for r in assess(["gallium"], p, YEAR, methods).results}
        for p in ("EU27", "USA")
    )
    both = {f"dependence_{lens}_on_{r}" for lens in ("direct", "look_through") for r in _RIVALS}
    assert both <= eu
    assert {m for m in usa if m.endswith("_on_USA")} == set()
    answer = assess(["gallium"], "EU27", YEAR, methods)
    china = one(answer, "dependence_look_through_on_CHN", "refine")
    america = one(answer, "dependence_look_through_on_USA", "refine")
    assert china["value"] > 0.9
    assert america["high"] <= 0.1


_RIVALS = ("CHN", "USA")


# --- questions that cannot be answered


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((["cobald"],), "did you mean Cobalt"),
        ((["cobald", "galium"],), "Gallium"),
        ((["cobalt"], "Germny"), "Germany"),
        ((["cobalt"], "EU27", 2030), "2024"),
        (([], "EU27", 1990), "2018"),
        ((["caesium"],), "no country data"),
        ((["cobalt"], "EU27", YEAR, ["geopolrsk"]), "geopolrisk_extra_region"),
        ((["cobalt"], "EU27", YEAR, ["nonsense"]), "one of ec_criticality"),
        ((["cobalt"], "EU27", YEAR, [], "raw"), "live, published"),
        ((["cobalt"], "Other countries", YEAR), "cannot be assessed"),
    ],
)
def test_a_question_without_answer_says_why(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        assess(*arguments)


def test_what_has_no_chain_is_noted_beside_what_has() -> None:
    answer = assess(["caesium", "cobalt"], "EU27", YEAR, ["hhi"])
    assert {r["material"] for r in answer.results} == {"cobalt"}
    assert any("caesium" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("name", "some"),
    [("PGM", {"platinum", "rhodium"}), ("battery", {"cobalt", "graphite"}), ("Ga", {"gallium"})],
)
def test_groups_symbols_and_lists_are_materials(name: str, some: set[str]) -> None:
    found = {r["material"] for r in assess([name], "JPN", YEAR, ["hhi"]).results}
    assert some <= found


def test_group_names_of_methods_stand_for_their_members() -> None:
    for group, methods in GROUPS.items():
        wanted = {m for m in methods if not m.startswith("crm_act_m") and m != "crm_act_value"}
        found = {r["method"] for r in assess(["cobalt"], "EU27", YEAR, [group]).results}
        assert found == wanted, group


@pytest.mark.parametrize("method", ["geopolrisk", "hhi", "ec_supply_risk", "dependence_gap"])
def test_explain_knows_the_ids(method: str) -> None:
    row = assess(["cobalt"], "EU27", YEAR, [method]).to_rows()[0]
    head = explain(row["id"]).to_rows()[0]
    assert math.isclose(head["value"], row["value"])
