"""What users send is read in a child with little memory and time; what is bad is said, all at once."""

from __future__ import annotations

import pytest
from tests.api.conftest import Served
from tests.api.test_problems import is_problem

from lodestone.api import sandbox
from lodestone.api.pool import FailedError

TOML = {"Content-Type": "application/toml"}
CSV = {"Content-Type": "text/csv"}
GOOD = (
    'name = "stop"\nstart = "2025-01"\nmonths = 3\nyear = 2024\n'
    '[[measure]]\nkind = "export_ban"\nsupplier = "CHN"\nmaterials = ["gallium"]\n'
)
HEAD = "supplier,material,probability,severity,months\n"
ROW = "CHN,gallium,0.1,0.5,12\n"

BAD_SCENARIOS: dict[str, bytes] = {
    "empty": b"",
    "no toml": b"<html>",
    "utf-16": GOOD.encode("utf-16"),
    "half a letter": GOOD.encode() + b"\xff",
    "nothing but noughts": b"\x00" * 1000,
    "nested": GOOD.encode() + b"x = " + b"[" * 100_000,
    "nested and closed": GOOD.encode() + b"x = " + b"[" * 5000 + b"]" * 5000,
    "dotted": GOOD.encode() + b".".join([b"a"] * 50_000) + b" = 1",
    "tables in tables": b"".join(b"[[%s]]\n" % b".".join([b"a"] * n) for n in range(1, 900)),
    "a huge number": GOOD.replace("months = 3", "months = " + "9" * 400_000).encode(),
    "endless months": GOOD.replace("months = 3", "months = 999999999").encode(),
    "not a number": GOOD.replace("months = 3", "months = nan").encode(),
    "a date": GOOD.replace('"2025-01"', "2025-01-01").encode(),
    "a million measures": GOOD.encode() + b'[[measure]]\nkind = "x"\n' * 30_000,
    "a long word": GOOD.replace("gallium", "g" * 900_000).encode(),
    "unknown keys": GOOD.encode() + b'file = "/etc/passwd"\n',
    "twice": GOOD.encode() * 2,
}
BAD_HAZARDS: dict[str, bytes] = {
    "empty": b"",
    "head alone": HEAD.encode(),
    "wrong head": b"a,b,c\n1,2,3\n",
    "not a number": (HEAD + "CHN,gallium,x,NaN,inf\n").encode(),
    "outside": (HEAD + "CHN,gallium,2,-1,1e9\n").encode(),
    "unknown words": (HEAD + "Atlantis,unobtainium,0.1,0.1,1\n").encode(),
    "twice": (HEAD + ROW * 2).encode(),
    "many rows": (HEAD + ROW * 40_000).encode(),
    "a long cell": (HEAD + "CHN," + "g" * 500_000 + ",0.1,0.1,1\n").encode(),
    "an open quote": (HEAD + '"' + "a,\n" * 200_000).encode(),
    "utf-16": (HEAD + ROW).encode("utf-16"),
    "noughts": b"\x00" * 5000,
    "a nought in a reason": (HEAD.strip() + ",reason\n" + ROW.strip() + ",a\x00b\n").encode(),
    "a zip": b"PK\x03\x04" + bytes(range(256)) * 100,
    "many columns": HEAD.strip().encode() + b",x" * 300_000 + b"\n",
}


GOOD_PLAN = (
    'name = "ours"\nplace = "EU27"\nmaterials = ["gallium"]\nfirst = 2026\nlast = 2030\n'
    '[[target]]\nkind = "processing"\nvalue = 0.4\nyear = 2030\n'
)
BAD_PLANS: dict[str, bytes] = {
    "empty": b"",
    "broken": b"place = ",
    "unknown keys": GOOD_PLAN.encode() + b"colour = 'red'\n[nonsense]\n",
    "numbers as texts": GOOD_PLAN.replace("0.4", '"0.4"').encode(),
    "not a number": GOOD_PLAN.replace("0.4", "nan").encode(),
    "endless": GOOD_PLAN.replace("0.4", "inf").encode(),
    "huge whole numbers": GOOD_PLAN.replace("0.4", "9" * 5000).encode(),
    "too many years": GOOD_PLAN.replace("last = 2030", "last = 2190").encode(),
    "targets as a table": GOOD_PLAN.replace("[[target]]", "[target]").encode(),
    "deep": b"x = " + b"[" * 100_000,
    "utf-16": GOOD_PLAN.encode("utf-16"),
    "too long": GOOD_PLAN.encode() + b"# " + b"x" * 1_500_000,
    "a scenario": GOOD.encode(),
    "cuts as texts": GOOD_PLAN.encode() + b'[[scenario]]\nprobability = 0.5\ncut = ["CHN"]\n',
}
BILL_HEAD = "material,quantity,suppliers\n"
BAD_BILLS: dict[str, bytes] = {
    "empty": b"",
    "a nought in a note": b"material,quantity,note\ncobalt,1,a\x00b\n",
    "head alone": BILL_HEAD.encode(),
    "wrong head": b"a,b,c\n1,2,3\n",
    "semicolons": b"material;quantity\ncobalt;1,5\n",
    "not a number": (BILL_HEAD + "cobalt,NaN,\n").encode(),
    "huge": (BILL_HEAD + "cobalt,1e308,\n" + "nickel," + "9" * 5000 + ",\n").encode(),
    "unknown words": (BILL_HEAD + "unobtainium,1,Atlantis 50 %\n").encode(),
    "formulas": (BILL_HEAD + "=cmd|' /C calc'!A0,@SUM(1),+1\n").encode(),
    "twice": (BILL_HEAD + "cobalt,1,\n" * 2).encode(),
    "many rows": (BILL_HEAD + "cobalt,1,\n" * 40_000).encode(),
    "a million rows": (BILL_HEAD + "a,1,\n" * 150_000).encode(),
    "a long cell": (BILL_HEAD + "g" * 500_000 + ",1,\n").encode(),
    "many suppliers": (BILL_HEAD + "cobalt,1," + "CHN 1 %;" * 50_000 + "\n").encode(),
    "an open quote": (BILL_HEAD + '"' + "a,\n" * 200_000).encode(),
    "utf-16": (BILL_HEAD + "cobalt,1,\n").encode("utf-16"),
    "noughts": b"\x00" * 5000,
    "a workbook": b"PK\x03\x04" + bytes(range(256)) * 100,
    "many columns": BILL_HEAD.strip().encode() + b",x" * 300_000 + b"\n",
}


@pytest.mark.parametrize("name", BAD_SCENARIOS)
def test_a_bad_scenario_is_refused_and_the_service_stays_well(made: Served, name: str) -> None:
    got = made.client.post("/v1/saved/scenarios", content=BAD_SCENARIOS[name], headers=TOML)
    assert is_problem(got, 422)["detail"]
    assert len(got.content) < 200_000
    assert made.get("/v1/health").status_code == 200


@pytest.mark.parametrize("name", BAD_HAZARDS)
def test_a_bad_table_is_refused_and_the_service_stays_well(made: Served, name: str) -> None:
    got = made.client.post("/v1/saved/hazards", content=BAD_HAZARDS[name], headers=CSV)
    assert is_problem(got, 422)["detail"]
    assert len(got.content) < 200_000
    assert made.get("/v1/health").status_code == 200


@pytest.mark.parametrize("name", BAD_BILLS)
def test_a_bad_bill_is_refused_and_the_service_stays_well(made: Served, name: str) -> None:
    got = made.client.post("/v1/saved/bills", content=BAD_BILLS[name], headers=CSV)
    assert is_problem(got, 422)["detail"]
    assert len(got.content) < 200_000
    assert made.get("/v1/health").status_code == 200


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_bad_plan_is_refused_and_the_service_stays_well(made: Served, name: str) -> None:
    got = made.client.post("/v1/saved/plans", content=BAD_PLANS[name], headers=TOML)
    assert got.status_code in (413, 422)
    assert len(got.content) < 200_000
    assert made.get("/v1/health").status_code == 200


def test_a_saved_plan_is_what_a_plan_is_asked_with(made: Served) -> None:
    saved = made.client.post("/v1/saved/plans", content=GOOD_PLAN, headers=TOML).json()
    assert (saved["kind"], saved["name"]) == ("plan", "ours")
    assert made.get(f"/v1/saved/{saved['id']}").text == GOOD_PLAN
    got = made.post("/v1/plan", {"saved": saved["id"]}, headers={"Prefer": "wait=50"})
    assert got.json()["notes"] == [GOOD_PLAN]
    is_problem(made.post("/v1/plan", {"saved": saved["id"], "plan": "eu_2030"}), 422)
    is_problem(made.post("/v1/shock", {"saved": saved["id"]}), 422)
    assert made.client.delete(f"/v1/saved/{saved['id']}").status_code == 204


BAD_ALLIANCE = """
members = ["USA"]
materials = []
months = -3
severity = 9
share = ["x"]
draws = 201
seed = -1
plan = "nonsense"

[stock_days]
JPN = -5

[terms]
foo = 3

[floor]
material = " "
usd_per_kg = 1e9
"""


def test_all_that_is_wrong_with_an_alliance_is_said_when_it_is_sent(made: Served) -> None:
    got = made.client.post("/v1/saved/alliances", content=BAD_ALLIANCE, headers=TOML)
    body = is_problem(got, 422)
    wheres = sorted(problem["where"] for problem in body["problems"])  # type: ignore[attr-defined]
    assert wheres == [
        "cover",
        "draws",
        "floor",
        "materials",
        "members",
        "months",
        "plan",
        "seed",
        "severity",
        "shares",
        "terms",
    ]
    many = f"members = {[f'P{k}' for k in range(21)]}\ninvite = {[f'Q{k}' for k in range(20)]}\n"
    body = is_problem(made.client.post("/v1/saved/alliances", content=many, headers=TOML), 422)
    assert [problem["what"] for problem in body["problems"]] == ["41 places"]  # type: ignore[attr-defined]


def test_an_alliance_that_holds_to_every_limit_is_kept(made: Served) -> None:
    text = (
        'members = ["USA", "JPN"]\nmonths = 60\nseverity = 1\ndraws = 200\nseed = 0\n'
        'share = ["stocks"]\nplan = "japan"\n[stock_days]\nJPN = 3650\n[terms]\nhoarding = 1\n'
        '[floor]\nmaterial = "NdPr"\nusd_per_kg = 110\n'
    )
    got = made.client.post("/v1/saved/alliances", content=text, headers=TOML)
    assert got.status_code == 201
    assert made.client.delete(f"/v1/saved/{got.json()['id']}").status_code == 204


def test_a_bad_alliance_is_refused_and_the_service_stays_well(made: Served) -> None:
    for text in (b"", b"members = ", b"months = 6", b"members = 3", b"\xff"):
        got = made.client.post("/v1/saved/alliances", content=text, headers=TOML)
        assert is_problem(got, 422)["detail"]
    long = b'members = ["USA", "JPN"]\n# ' + b"x" * 200_000
    is_problem(made.client.post("/v1/saved/alliances", content=long, headers=TOML), 422)
    assert made.get("/v1/health").status_code == 200


def test_a_saved_alliance_is_what_an_alliance_is_asked_with(made: Served) -> None:
    text = 'name = "ours"\nmembers = ["USA", "JPN"]\nmaterials = ["gallium"]\nmonths = 6\n'
    saved = made.client.post("/v1/saved/alliances", content=text, headers=TOML).json()
    assert (saved["kind"], saved["name"]) == ("alliance", "ours")
    assert made.get(f"/v1/saved/{saved['id']}").text == text
    got = made.post("/v1/alliance", {"saved": saved["id"]}, headers={"Prefer": "wait=50"})
    assert got.json()["notes"] == [text]
    both = {"saved": saved["id"], "members": ["USA", "JPN"]}
    is_problem(made.post("/v1/alliance", both), 422)
    # words that the file would not heed are refused, not forgotten
    is_problem(made.post("/v1/alliance", {"saved": saved["id"], "months": 3}), 422)
    is_problem(made.post("/v1/alliance", {"members": ["USA"]}), 422)
    assert made.client.delete(f"/v1/saved/{saved['id']}").status_code == 204


def test_a_saved_bill_is_what_a_dossier_is_asked_with(made: Served) -> None:
    text = BILL_HEAD + "cobalt,5,CHN 60 %\n"
    saved = made.client.post("/v1/saved/bills", content=text, headers=CSV).json()
    assert (saved["kind"], saved["name"]) == ("bill", "bill of materials")
    assert made.get(f"/v1/saved/{saved['id']}").text == text
    got = made.post(
        "/v1/dossier", {"saved": saved["id"], "place": "DEU"}, headers={"Prefer": "wait=50"}
    )
    assert got.json()["notes"] == [text]
    is_problem(made.post("/v1/risk", {"place": "DEU", "saved": saved["id"]}), 422)
    is_problem(made.post("/v1/dossier", {"place": "DEU"}), 422)
    assert made.client.delete(f"/v1/saved/{saved['id']}").status_code == 204


def test_a_bad_row_is_said_with_its_place(made: Served) -> None:
    text = HEAD + ROW + "Atlantis,unobtainium,x,0.1,1\n"
    body = is_problem(made.client.post("/v1/saved/hazards", content=text, headers=CSV), 422)
    wheres = [problem["where"] for problem in body["problems"]]  # type: ignore[attr-defined]
    assert len(wheres) >= 3
    assert all(where.startswith("row 3") for where in wheres)


def test_good_ones_are_kept_listed_and_forgotten(made_on_both: Served) -> None:
    made = made_on_both
    sent = {"scenarios": (GOOD, TOML), "hazards": ("\ufeff" + HEAD + ROW, CSV)}
    ids = []
    for kind, (text, media) in sent.items():
        got = made.client.post(f"/v1/saved/{kind}", content=text.encode(), headers=media)
        assert got.status_code == 201
        ids.append(got.json()["id"])
        assert made.get(got.headers["location"]).text == text.removeprefix("\ufeff")
    listed = made.get("/v1/saved").json()["saved"]
    assert [saved["id"] for saved in listed] == ids[::-1]
    assert {saved["name"] for saved in listed} == {"stop", "hazards"}
    wrong = made.post("/v1/risk", {"place": "JPN", "saved": ids[0]})
    is_problem(wrong, 422)
    both = made.post("/v1/shock", {"saved": ids[0], "scenario": "china_gallium"})
    is_problem(both, 422)
    right = made.post("/v1/risk", {"place": "JPN", "saved": ids[1]}, headers={"Prefer": "wait=50"})
    assert right.json()["notes"] == [HEAD + ROW]
    for id in ids:
        assert made.client.delete(f"/v1/saved/{id}").status_code == 204
    assert made.get("/v1/saved").json()["total"] == 0
    is_problem(made.post("/v1/risk", {"place": "JPN", "saved": ids[1]}), 404)


def test_the_kind_of_file_is_named(made: Served) -> None:
    is_problem(made.client.post("/v1/saved/scenarios", content=GOOD, headers=CSV), 415)


def _swells(content: bytes) -> tuple[str, str]:
    return "x" * 3_000_000_000, ""


def _spins(content: bytes) -> tuple[str, str]:
    while True:
        pass


def _writes(content: bytes) -> tuple[str, str]:
    with open("written.txt", "w", encoding="utf-8") as file:
        file.write("x")
    return "", ""


def _read_by(reader: str) -> None:
    """Runs in a child: confined as an upload is, with another reader."""
    sandbox.confine()
    globals()[reader](b"")


@pytest.mark.parametrize("reader", ["_swells", "_spins", "_writes"])
def test_a_reader_that_swells_spins_or_writes_ends_alone(
    reader: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from multiprocessing import get_context

    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr(sandbox, "MOST_CPU", 1)
    child = get_context("fork").Process(target=_read_by, args=(reader,))
    child.start()
    child.join(60)
    assert child.exitcode not in (0, None)


def test_a_child_that_ends_without_a_word_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MOST_SECONDS", 0.001)
    with pytest.raises(FailedError) as refused:
        sandbox.check("scenario", GOOD.encode())
    assert refused.value.failure.status == 422
