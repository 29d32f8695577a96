"""What words of a request become: the same question as on the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from lodestone import desk
from lodestone.api.words import (
    PROCESSES,
    AllianceWords,
    BriefWords,
    CompareWords,
    PlanWords,
    ReadyPlan,
    RiskWords,
    ShockWords,
    StudyWords,
    VaultWords,
)
from lodestone.api.work import Task, answer
from lodestone.cli.app import app as command_line
from lodestone.desk.plan_request import plan_names
from lodestone.terms.errors import RequestError


class _Answer:
    def __init__(self, folder: str = "") -> None:
        self._folder = folder

    def envelope(self) -> dict[str, Any]:
        return {
            "query": {"verb": "x", "out": self._folder},
            "notes": [f"PDF: {self._folder}", "kept"],
            "run_id": "r",
            "results": [],
        }


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the desk was asked; `brief` writes its files, `risk` keeps what it was given to read."""
    kept: list[Any] = []

    def stand_in(verb: str) -> None:
        def call(*words: Any, **named: Any) -> _Answer:
            named.pop("progress", None)
            if isinstance(named.get("hazards"), Path):
                named["hazards"] = named["hazards"].read_text(encoding="utf-8")
            kept.append((verb, words, named))
            if verb != "brief":
                return _Answer()
            words[3].mkdir()
            (words[3] / "brief.pdf").write_bytes(b"%PDF")
            return _Answer(str(words[3]))

        monkeypatch.setattr(desk, verb, call)

    verbs = ("alliance_in_words", "brief", "compare", "risk", "scenario_in_words", "shock_in_words")
    for verb in (*verbs, "study_run", "vault_size", "vault_run", "vault_finance"):
        stand_in(verb)
    return kept


def _done(verb: str, words: Any, text: str | None = None) -> Any:
    return answer(Task(verb, words.plain(), text), lambda done, total: None)


def test_a_brief_is_asked_in_words_and_gives_files_but_no_folders(asked: list[Any]) -> None:
    found = _done("brief", BriefWords(place="EU27", against="CHN", year=2023))
    assert asked[0][1][:3] == ("EU27", "CHN", 2023)
    assert [(f.name, f.media, f.content) for f in found.files] == [
        ("brief.pdf", "application/pdf", b"%PDF")
    ]
    assert found.envelope["notes"] == ["kept"]
    assert found.envelope["query"] == {"verb": "x"}


def test_a_risk_reads_the_users_own_table(asked: list[Any]) -> None:
    words = RiskWords(place="JPN", years=5, as_of=date(2026, 1, 2), seed=3, year=2024)
    _done("risk", words, "supplier,material\n")
    ((_, place, named),) = asked
    assert place == ("JPN",)
    assert named == {
        "hazards": "supplier,material\n",
        "years": 5,
        "seed": 3,
        "year": 2024,
        "as_of": date(2026, 1, 2),
    }


def test_a_shock_is_asked_with_every_word(asked: list[Any]) -> None:
    words = ShockWords(quota=["CHN:gallium:0.5"], to=["JPN"], draws=7, sensitivity=True, seed=2)
    _done("shock", words)
    ((_, scenario, named),) = asked
    assert scenario == (None,)
    assert named["quotas"] == ["CHN:gallium:0.5"]
    assert named["to"] == ["JPN"]
    assert (named["draws"], named["sensitivity"], named["seed"]) == (7, True, 2)


def test_a_comparison_is_asked_with_the_words_of_both(asked: list[Any]) -> None:
    words = CompareWords(
        first={"ban": ["CHN:gallium"], "draws": 3},
        second={"quota": ["CHN:gallium:0.5"], "to": ["JPN"]},
        place=["JPN"],
        months=6,
    )
    _done("compare", words)
    (one, two, both) = asked
    assert one[2]["bans"] == ["CHN:gallium"]
    assert two[2]["quotas"] == ["CHN:gallium:0.5"]
    assert two[2]["to"] == ["JPN"]
    assert one[2]["months"] == two[2]["months"] == 6
    assert both[2] == {"places": ["JPN"], "months": 6, "year": None, "draws": 3, "seed": 0}


@pytest.mark.parametrize(
    "words",
    [
        {"first": {"months": 3}, "second": {"months": 4}},
        {"first": {"seed": 1}, "second": {}, "seed": 2},
        {"first": {"sensitivity": True}, "second": {}},
        {"first": {}},
    ],
)
def test_sides_that_cannot_be_compared_are_refused(words: Any) -> None:
    with pytest.raises(ValidationError):
        CompareWords(**words)


def test_the_ready_plans_that_may_be_named_are_all_there_are() -> None:
    assert get_args(ReadyPlan) == plan_names()
    for words in ({"members": ["USA", "JPN"]}, {"saved": "abcdefghij"}):
        with pytest.raises(ValidationError, match="allies_four_metals"):
            AllianceWords(**{**words, "plan": "nonsense"})
    with pytest.raises(ValidationError, match="allies_four_metals"):
        PlanWords(plan="nonsense")


def test_an_alliance_is_asked_with_every_word(asked: list[Any]) -> None:
    words = AllianceWords(
        members=["USA", "JPN"],
        invite=["KOR"],
        against="CHN",
        material=["gallium"],
        share=["stocks"],
        stock_days={"JPN": 90},
        terms={"hoarding": 0.1},
        floor={"material": "NdPr", "usd_per_kg": 110},
        plan="japan",
        as_of=date(2026, 1, 2),
    )
    _done("alliance", words)
    ((_, members, named),) = asked
    assert members == (["USA", "JPN"],)
    assert named == {
        "invite": ["KOR"],
        "supplier": "CHN",
        "materials": ["gallium"],
        "months": 12,
        "severity": 1.0,
        "shares": ["stocks"],
        "cover": {"JPN": 90.0},
        "terms": {"hoarding": 0.1},
        "floor": "NdPr:110.0",
        "plan": desk.ready_plan("japan"),
        "as_of": date(2026, 1, 2),
        "draws": 0,
        "year": None,
        "seed": 0,
    }


def test_a_saved_alliance_is_planned_as_of_the_day_that_is_said(asked: list[Any]) -> None:
    words = AllianceWords(saved="abcdefghij", plan="japan", as_of=date(2026, 1, 2))
    _done("alliance", words, 'members = ["USA", "JPN"]')
    ((_, members, named),) = asked
    assert members == ()
    assert (named["file"], named["as_of"]) == ('members = ["USA", "JPN"]', date(2026, 1, 2))


@pytest.mark.parametrize("ask", ["size", "run", "finance"])
def test_a_vault_is_asked_with_every_word(asked: list[Any], ask: Any) -> None:
    words = VaultWords(ask=ask, place="JPN", budget=1e9, ban=["CHN:gallium"], fall=0.2, seed=4)
    _done("vault", words, 'name = "x"')
    ((verb, (file,), named),) = asked
    assert verb == f"vault_{ask}"
    assert file.name == "vault.toml"
    assert (named["place"], named["budget"], named["as_of"]) == ("JPN", 1e9, None)
    if ask == "run":
        assert (named["bans"], named["paths"], named["seed"]) == (["CHN:gallium"], 1000, 4)
    assert named.get("fall", 0.2) == 0.2


def test_a_ready_vault_is_no_file_of_this_machine(asked: list[Any]) -> None:
    _done("vault", VaultWords(vault="japan"))
    assert asked[0][1] == ("japan",)
    with pytest.raises(RequestError, match="no ready vault"):
        _done("vault", VaultWords(vault="elsewhere"))


def test_a_study_is_asked_with_every_word(asked: list[Any]) -> None:
    _done("study", StudyWords(sample=5, material=["gallium"], months=3, seed=1))
    ((_, _, named),) = asked
    assert named["samples"] == 5
    assert named["places"] == ["EU27", "USA", "JPN"]


def test_every_verb_of_the_command_line_is_here_or_is_for_this_machine_alone() -> None:
    verbs = set(command_line.commands) - {"data", "mcp", "serve"}
    read = {"assess", "chain", "exposure", "profile", "technology", "explain"}
    assert verbs == read | set(PROCESSES)
