"""The vault verbs on one small vault: order, conservation, refusals, and numbers that explain themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import lodestone as ls
from lodestone.desk.library import library
from lodestone.desk.vault_curves import counted_once
from lodestone.terms.errors import RequestError
from lodestone.vault.vault_file import preset_names, preset_text, read_vault

#: Few pairs, so that it is walked in seconds.
FILE = """
name = "small"
place = "USA"
materials = ["gallium", "germanium"]
budget_usd = 20e6
cover_days = 60
release = "supply"

[[stated]]
material = "caesium"
tonnes = 5
usd_per_t = 8e7
market_t = 20
"""


def of(rows: list[dict], table: str) -> list[dict]:
    return [r for r in rows if r["table"] == table]


@pytest.fixture(scope="module")
def sized() -> list[dict]:
    return ls.vault_size(FILE).to_rows()


def test_contents_cost_the_budget_and_add_up(sized: list[dict]) -> None:
    whole = of(sized, "total")[0]
    held = of(sized, "content")
    assert sum(r["cost"] for r in held) == pytest.approx(20.0, rel=1e-9)
    assert whole["cost"] == pytest.approx(20.0, rel=1e-9)
    assert sum(r["value"] for r in held) == pytest.approx(whole["value"], rel=1e-9)
    assert whole["low"] <= whole["value"] <= whole["high"]
    assert whole["if_unlikely"] <= whole["value"] <= whole["if_likely"]
    assert 0.0 < whole["share"] < 1.0
    # metal is bought as demand: it can only become dearer
    assert all(r["impact"] > 0.0 for r in held)


def test_the_budget_goes_where_a_dollar_does_most(sized: list[dict]) -> None:
    slopes = [r["per_dollar"] for r in of(sized, "step")]
    assert slopes == sorted(slopes, reverse=True)
    assert of(sized, "proof")[0]["bound"] <= of(sized, "step")[-1]["gain"] + 1e-9


def test_a_budget_beats_the_same_days_of_everything_at_the_same_cost(sized: list[dict]) -> None:
    cover = of(sized, "total")[1]
    best = ls.vault_size(FILE, budget=cover["cost"] * 1e6).to_rows()
    assert of(best, "total")[0]["value"] >= cover["value"] - 1e-9


def test_more_money_never_keeps_less_away(sized: list[dict]) -> None:
    values = [
        of(ls.vault_size(FILE, budget=usd).to_rows(), "total")[0]["value"] for usd in (1e6, 5e6)
    ]
    assert values[0] <= values[1] <= of(sized, "total")[0]["value"]


def test_curves_begin_with_nothing_and_cost_rises(sized: list[dict]) -> None:
    for name in ("gallium", "germanium"):
        curve = [r for r in of(sized, "curve") if r["material"] == name]
        assert (curve[0]["days"], curve[0]["cost"], curve[0]["value"]) == (0.0, 0.0, 0.0)
        costs = [r["cost"] for r in curve]
        assert costs == sorted(costs)
        # a larger purchase moves prices more
        premium = [r["cost"] / r["at_base"] for r in curve[1:]]
        assert premium == sorted(premium)


def test_a_stated_purchase_has_a_cost_and_no_gain(sized: list[dict]) -> None:
    row = of(sized, "stated")[0]
    # 5 t over two years in a market of 20 t: 400 million at base, times (1 + 2.5/20)^(1/0.2)
    assert row["at_base"] == pytest.approx(400.0)
    assert row["cost"] == pytest.approx(400.0 * 1.125**5)
    assert row["value"] is None
    assert row["grade"] == "C"


def test_a_run_conserves_and_compares_rules_over_the_same_years() -> None:
    answer = ls.vault_run(FILE, paths=50, months=36, seed=3)
    rows = answer.to_rows()
    rules = {r["rule"]: r for r in of(rows, "rule")}
    assert set(rules) == {"as planned", "supply", "hold"}
    assert rules["hold"]["value"] == pytest.approx(0.0, abs=1e-9)
    assert rules["as planned"]["value"] == rules["supply"]["value"] > 0.0
    assert {r["loss_without"] for r in rules.values()} == {rules["hold"]["loss_without"]}
    months = [r["value"] for r in of(rows, "month")]
    assert len(months) == 36
    assert all(0.0 <= m <= 1.0 + 1e-9 for m in months)
    policies = [r for r in of(rows, "policy") if r["material"] == "gallium"]
    assert min(r["above_best"] for r in policies) == 0.0
    named = {r["policy"] for r in policies}
    assert {"the mean shortfall", "1/12 of what is left", "supply", "best policy"} <= named
    assert not {"cover", "even"} & named
    again = ls.vault_run(FILE, paths=50, months=36, seed=3)
    assert json.dumps(again.envelope()) == json.dumps(answer.envelope())


def test_a_scenario_shows_each_rule() -> None:
    rows = ls.vault_run(FILE, bans=["CHN:gallium"]).to_rows()
    totals = {r["rule"]: r for r in of(rows, "path_total")}
    assert {"hold", "supply", "price"} <= set(totals)
    assert totals["hold"]["value"] == 0.0
    assert totals["supply"]["value"] > 0.0
    path = [r for r in of(rows, "path") if r["rule"] == "supply"]
    held = of(ls.vault_size(FILE).to_rows(), "content")
    days = next(r["days"] for r in held if r["material"] == "gallium")
    for row in path:
        assert row["stock_days"] >= -1e-9
    released = sum(r["released_days"] for r in path)
    assert path[-1]["stock_days"] == pytest.approx(days - released, abs=1e-9 * days)
    assert path[0]["missing"] < path[0]["missing_without"]


def test_finance_adds_up_and_finds_its_edges() -> None:
    rows = ls.vault_finance(FILE).to_rows()
    keys = {r["key"]: r["value"] for r in of(rows, "key")}
    assert keys["contents"] == pytest.approx(20.0, rel=1e-9)
    assert keys["fee_solvent"] <= keys["fee_return"] == pytest.approx(keys["fee"])
    assert keys["equity_return"] == pytest.approx(0.08, abs=1e-6)
    years = of(rows, "year")
    assert len(years) == 15
    assert sum(r["value"] for r in years) == pytest.approx(years[-1]["cash"], abs=1e-6)
    stress = {r["fall"]: r for r in of(rows, "stress") if r["what"] == "price fall"}
    for fall, row in stress.items():
        assert row["solvent"] == (keys["failing_fall"] is None or fall < keys["failing_fall"])
    for row in of(rows, "participant"):
        assert row["fees"] >= 0.0
        assert row["value"] > 0.0


def test_participants_pay_what_the_vault_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fees of all sectors are those of the ledger, for the part of the metal whose users are mapped."""
    from lodestone.desk import vault_participants

    monkeypatch.setattr(vault_participants, "_MOST", 10_000)
    rows = ls.vault_finance(FILE).to_rows()
    terms = {r["term"]: r["value"] for r in of(rows, "term")}
    keys = {r["key"]: r["value"] for r in of(rows, "key")}
    metal = sum(r["metal"] for r in of(rows, "participant"))
    mapped = metal / (keys["contents"] * terms["committed"])
    assert 0.5 < mapped <= 1.0 + 1e-9
    years = of(rows, "year")  # those of the loan
    full = years[5]["carrying_fees"]
    entry = sum(r["entry_fees"] for r in years) / len(years)
    fees = sum(r["fees"] for r in of(rows, "participant"))
    assert fees == pytest.approx(mapped * (full + entry), rel=1e-6)


def test_carrying_a_vault_costs_what_its_fee_pays_for(sized: list[dict]) -> None:
    """Interest on what is lent (equity buys first), storage and insurance; decay comes on top."""
    whole = of(sized, "total")[0]
    rows = ls.vault_finance(FILE).to_rows()
    terms = {r["term"]: r["value"] for r in of(rows, "term")}
    usual = {r["key"]: r["value"] for r in of(rows, "key")}["fee_usual"]
    paid = usual * terms["committed"] * whole["cost"]
    assert whole["carry"] == pytest.approx(paid + terms["decay"] * whole["cost"], rel=1e-9)


def test_ready_vaults_hold_to_what_is_published() -> None:
    facts = {r["item"]: r for r in library().rows("SELECT item, value, high FROM vault_facts")}
    vault = read_vault(preset_text("project-vault"))
    assert vault.terms["loan_usd"] == facts["EXIM direct loan"]["high"]
    assert vault.terms["equity_usd"] == facts["private capital"]["value"]
    assert vault.budget_usd == pytest.approx(vault.terms["loan_usd"] + vault.terms["equity_usd"])
    assert vault.cover_days == facts["target cover"]["value"]
    held = library().rows(
        "SELECT value, metric FROM stockpile_facts WHERE place = 'JPN' AND metric LIKE 'target%'"
    )
    japan = read_vault(preset_text("japan"))
    assert {japan.cover_days, *japan.more_days.values()} == {r["value"] for r in held}
    assert len(japan.materials) == 34
    assert set(preset_names()) == {"alliance", "eu-pilot", "japan", "project-vault"}


def test_rare_earths_count_once() -> None:
    assert counted_once(["rare_earths", "dysprosium", "gallium"]) == ("gallium", "rare_earths")
    assert counted_once(["dysprosium", "gallium"]) == ("dysprosium", "gallium")


def test_bad_files_tell_everything_at_once(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(
        'place = "Atlantis"\nfoo = 1\nmaterials = ["galium", 3]\ncover_days = -1\nrelease = "guess"\n'
        "[aims]\nspeed = 1\n[terms]\ninterest = 3\nfill_months = 2.5\n[[stated]]\nmaterial = 5\n"
    )
    with pytest.raises(RequestError) as told:
        ls.vault_size(bad)
    text = str(told.value)
    for word in (
        "Atlantis",
        "foo",
        "galium",
        "cover_days",
        "guess",
        "speed",
        "interest",
        "fill_months",
        "name is missing",
        "stated 1",
    ):
        assert word in text


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"name = ", b"x" * 1_000_001, b'name = "a"\nplace = "USA"\n', b"[[terms]]"],
)
def test_broken_files_are_refused(content: bytes) -> None:
    with pytest.raises(RequestError):
        read_vault(content)


def test_unknown_words_are_refused() -> None:
    with pytest.raises(RequestError, match="no ready vault 'japn'"):
        ls.vault_size("japn")
    with pytest.raises(RequestError, match="paths"):
        ls.vault_run(FILE, paths=0)
    with pytest.raises(RequestError, match="a scenario or bans"):
        ls.vault_run(FILE, scenario="china_gallium_2023", bans=["CHN:gallium"])
    with pytest.raises(RequestError, match="holds none"):
        ls.vault_run(FILE, bans=["CHN:tungsten"])
    with pytest.raises(RequestError, match="one of avoided, cost"):
        ls.explain("vault:gallium:2024:eu-pilot:colour")
    with pytest.raises(RequestError, match="no ready vault or place"):
        ls.explain("vault:gallium:2024:mine:avoided")
