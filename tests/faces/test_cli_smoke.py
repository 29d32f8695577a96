"""The command line: what each word becomes, how answers are shown, how errors end."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lodestone import desk
from lodestone.cli import main
from lodestone.cli.render import as_csv, as_json, show
from lodestone.cli.screen import as_table
from lodestone.terms.errors import LodestoneError, Problem, RequestError

ENVELOPE: dict[str, Any] = {
    "query": {"verb": "chain", "material": "cobalt"},
    "run_id": "r1",
    "data_release": "2026.1",
    "results": [
        {"place": "COD", "year": 2024, "value": 0.5, "low": 0.25, "high": 0.75, "unit": "share"},
        {"place": "IDN", "year": 2024, "value": None, "low": None, "high": None, "unit": "share"},
    ],
    "units": {"value": "share"},
    "sources": [{"id": "usgs", "publisher": "USGS", "year": 2026, "licence": "CC0 1.0"}],
    "notes": ["a note"],
}


class _Answer:
    def envelope(self) -> dict[str, Any]:
        return ENVELOPE


class _Desk:
    """Stands in for the desk and keeps what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._monkeypatch = monkeypatch

    def answers(self, verb: str) -> None:
        def answer(*words: Any, **named: Any) -> _Answer:
            self.asked.append((verb, words, named))
            return _Answer()

        self._monkeypatch.setattr(desk, verb, answer, raising=False)

    def fails(self, verb: str, error: LodestoneError) -> None:
        def answer(*words: Any, **named: Any) -> _Answer:
            raise error

        self._monkeypatch.setattr(desk, verb, answer, raising=False)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> _Desk:
    return _Desk(monkeypatch)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(words)
    code = ended.value.code
    return code if isinstance(code, int) else 0


COMMANDS = [
    (
        "alliance EU27 USA --invite KOR,AUS --against CHN --material gallium --months 6 "
        "--severity 0.5 --share stocks --stock-days JPN=60 --floor NdPr:110 --plan japan "
        "--as-of 2026-01-02 --draws 4 --seed 2",
        (
            "alliance_in_words",
            (),
            {
                "members": ("EU27", "USA"),
                "invite": ("KOR,AUS",),
                "supplier": "CHN",
                "materials": ("gallium",),
                "months": 6,
                "severity": 0.5,
                "shares": ("stocks",),
                "cover": ("JPN=60",),
                "floor": "NdPr:110",
                "plan": "japan",
                "as_of": date(2026, 1, 2),
                "draws": 4,
                "year": None,
                "seed": 2,
                "workers": 1,
                "progress": None,
            },
        ),
    ),
    (
        "alliance --file ours.toml --floor NdPr:110 --plan japan --as-of 2026-01-02 --workers 2",
        (
            "alliance_in_words",
            (),
            {
                "file": Path("ours.toml"),
                "floor": "NdPr:110",
                "plan": "japan",
                "as_of": date(2026, 1, 2),
                "workers": 2,
                "progress": None,
            },
        ),
    ),
    (
        "assess Ga germanium --place EU27 --year 2023 --method hhi --method sr "
        "--inputs published --seed 7",
        ("assess", (["Ga", "germanium"], "EU27", 2023, ["hhi", "sr"], "published"), {"seed": 7}),
    ),
    ("assess --place USA", ("assess", ([], "USA", None, [], "live"), {"seed": 0})),
    ("chain cobalt --year 2024", ("chain", ("cobalt", 2024), {})),
    (
        "exposure cobalt --place EU27 --on CHN --year 2023",
        ("exposure", ("cobalt",), {"place": "EU27", "on": "CHN", "year": 2023}),
    ),
    (
        "exposure --place JPN",
        ("exposure", (None,), {"place": "JPN", "on": None, "year": None}),
    ),
    (
        "profile cobalt --place USA --year 2023 --as-of 2026-01-02",
        ("profile", ("cobalt", "USA", 2023), {"as_of": date(2026, 1, 2)}),
    ),
    ("profile Ga", ("profile", ("Ga", "EU27", None), {"as_of": None})),
    (
        "compare mine.toml ban=CHN:gallium --place JPN --months 6 --draws 4 --seed 2 --year 2024",
        (
            "compare",
            ("mine.toml", "ban=CHN:gallium"),
            {"places": ("JPN",), "months": 6, "year": 2024, "draws": 4, "seed": 2},
        ),
    ),
    (
        "technology --place EU27 --place USA --technology solar --year 2023",
        ("technology_position", (("EU27", "USA"), ("solar",), 2023), {}),
    ),
    ("technology", ("technology_position", (("EU27", "USA", "JPN", "CHN"), None, None), {})),
    ("explain usgs:f.csv:3", ("explain", ("usgs:f.csv:3",), {})),
    (
        "shock --ban CHN:gallium,germanium --to USA,JPN --months 12 --place EU27 --draws 8 --seed 3",
        (
            "shock_in_words",
            (None,),
            {
                "bans": ("CHN:gallium,germanium",),
                "licences": (),
                "quotas": (),
                "outages": (),
                "to": ("USA,JPN",),
                "months": 12,
                "year": None,
                "places": ("EU27",),
                "draws": 8,
                "seed": 3,
                "sensitivity": True,
            },
        ),
    ),
    (
        "shock ready.toml --quota COD:cobalt:0.5 --outage CHL:copper:0.3 --no-sensitivity",
        (
            "shock_in_words",
            ("ready.toml",),
            {
                "bans": (),
                "licences": (),
                "quotas": ("COD:cobalt:0.5",),
                "outages": ("CHL:copper:0.3",),
                "to": (),
                "months": None,
                "year": None,
                "places": (),
                "draws": None,
                "seed": 0,
                "sensitivity": False,
            },
        ),
    ),
    ("shock --list", ("scenarios", (), {})),
    (
        "study run there --grid --material gallium --workers 2",
        (
            "study_run",
            (Path("there"),),
            {
                "grid": True,
                "samples": 0,
                "year": None,
                "materials": ("gallium",),
                "suppliers": (),
                "places": ("EU27", "USA", "JPN"),
                "months": None,
                "seed": 0,
                "workers": 2,
                "dask": None,
                "progress": None,
            },
        ),
    ),
    (
        "study resume there --dask tcp://here:8786",
        (
            "study_resume",
            (Path("there"),),
            {"workers": 1, "dask": "tcp://here:8786", "progress": None},
        ),
    ),
    ("study compare a b", ("study_compare", (Path("a"), Path("b")), {})),
    (
        "brief --place EU27 --against CHN -o there/",
        ("brief", ("EU27", "CHN", None, Path("there")), {}),
    ),
    (
        "data build --raw raw --baci b.zip -o new",
        ("data_build", (Path("raw"), Path("new"), Path("b.zip")), {}),
    ),
    (
        "data build --table t.csv --layout figaro --place EU27 --year 2022 -o eu.parquet",
        (
            "data_table",
            (Path("t.csv"), Path("eu.parquet"), "EU27", "figaro"),
            {"year": 2022, "currency": None},
        ),
    ),
    ("data verify", ("data_verify", (None,), {})),
    ("data verify folder", ("data_verify", (Path("folder"),), {})),
    ("data fetch folder", ("data_fetch", (Path("folder"),), {})),
    ("data sources", ("data_sources", (), {})),
    ("data unseen", ("data_unseen", (), {})),
]


@pytest.mark.parametrize(("line", "asked"), COMMANDS, ids=[line for line, _ in COMMANDS])
def test_words_reach_the_desk_as_meant(line: str, asked: Any, fake: _Desk) -> None:
    fake.answers(asked[0])
    assert run(*line.split(), "--format", "json") == 0
    assert fake.asked == [asked]


def test_json_on_the_screen_is_the_envelope(
    fake: _Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.answers("chain")
    run("chain", "cobalt", "--format", "json")
    assert json.loads(capsys.readouterr().out) == ENVELOPE


@pytest.mark.parametrize(
    "line",
    [
        "assess",
        "chain",
        "chain cobalt --year soon",
        "chain cobalt --format xml",
        "assess --place EU27 --inputs guessed",
        "brief --place EU27",
        "data build",
        "nonsense",
    ],
)
def test_an_unreadable_line_ends_with_2_and_usage(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*line.split()) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "Usage: lodestone" in streams.err


def test_words_that_a_file_would_not_heed_are_refused(
    fake: _Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also those that say what holds when they are left out: the file may say otherwise."""
    fake.answers("alliance_in_words")
    words = "--months 12 --severity .5 --against COD --year 2022 --draws 4 --seed 3"
    assert run("alliance", "USA", "--file", "ours.toml", "--floor", "NdPr:110", *words.split()) == 2
    told = capsys.readouterr().err
    refused, counts = told.split("->")
    for word in ("PLACE", *words.split()[::2]):
        assert word in refused
    assert "--floor" not in refused
    for word in ("floor", "plan", "as-of", "workers", "charts", "format", "output"):
        assert f"--{word}" in counts
    assert fake.asked == []


@pytest.mark.parametrize("error", LodestoneError.__subclasses__())
def test_an_error_ends_with_the_status_of_its_class(
    error: type[LodestoneError], fake: _Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = Problem("unknown country 'Atlantis'", "row 3, column country", "use an ISO3 code")
    fake.fails("chain", error("table.csv: 1 problem", [problem]))
    assert run("chain", "cobalt") == error.exit_code
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err == (
        "lodestone: table.csv: 1 problem\n"
        "  - row 3, column country: unknown country 'Atlantis' -> use an ISO3 code\n"
    )


def test_exit_statuses_tell_the_classes_apart() -> None:
    statuses = [error.exit_code for error in LodestoneError.__subclasses__()]
    assert len(set(statuses)) == len(statuses)
    assert not {0, 1} & set(statuses)


def test_a_defect_keeps_its_traceback(fake: _Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*words: Any, **named: Any) -> _Answer:
        raise ZeroDivisionError

    monkeypatch.setattr(desk, "explain", broken, raising=False)
    with pytest.raises(ZeroDivisionError):
        main(["explain", "x"])


def test_module_and_command_are_the_same() -> None:
    line = [sys.executable, "-m", "lodestone", "--version"]
    from lodestone import __version__

    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert done.stdout == f"lodestone {__version__}\n"


def test_ctrl_c_ends_quietly_with_the_status_shells_expect(
    fake: _Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*words: Any, **named: Any) -> _Answer:
        raise KeyboardInterrupt

    monkeypatch.setattr(desk, "chain", interrupted, raising=False)
    assert run("chain", "cobalt") == 130
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.strip() == "lodestone: stopped"


@pytest.mark.parametrize("words", [["--help"], ["data", "sources", "--format", "csv"]])
def test_a_reader_that_went_away_is_no_traceback(words: list[str]) -> None:
    line = [sys.executable, "-m", "lodestone", *words]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1


# --- how an answer is shown ----------------------------------------------------------------


def test_table_says_what_is_common_once_and_unknown_as_unknown() -> None:
    text = as_table(ENVELOPE)
    assert "year: 2024" in text
    assert text.count("2024") == 1
    cod, idn = (next(line for line in text.splitlines() if code in line) for code in ("COD", "IDN"))
    assert cod.split() == ["COD", "DR", "Congo", "50", "%", "25–75", "%"]
    assert idn.split() == ["IDN", "Indonesia", "unknown"]
    assert "note: a note" in text
    assert "source: usgs, USGS, 2026, CC0 1.0" in text
    assert "data release 2026.1, run r1" in text


def test_a_band_with_one_known_bound_shows_it() -> None:
    row = {"place": "COD", "value": None, "high": 3, "unit": "t"}
    assert "≤ 3" in as_table({**ENVELOPE, "results": [row]})


def test_a_unit_stated_for_the_column_stands_in_its_heading() -> None:
    envelope = {**ENVELOPE, "results": [{"place": "COD", "value": 175000}], "units": {"value": "t"}}
    text = as_table(envelope)
    assert "value [t]" in text
    assert "175,000" in text


def test_table_without_rows_says_so_and_its_notes() -> None:
    text = as_table({**ENVELOPE, "results": []})
    assert text.startswith("no rows\n")
    assert "note: a note" in text


def test_table_takes_text_as_it_is_but_obeys_no_codes_in_it() -> None:
    row = {"what": "[red]not markup[/red] :smile: \x1b[31m", "value": 1.0}
    text = as_table({**ENVELOPE, "results": [row]})
    assert "[red]not markup[/red] :smile:" in text
    assert "\x1b" not in text


def test_csv_holds_every_row_and_column_exactly() -> None:
    rows = [{"place": "COD", "value": 0.1 + 0.2}, {"place": "Côte d'Ivoire", "grade": "C"}]
    read = list(csv.DictReader(io.StringIO(as_csv({**ENVELOPE, "results": rows}))))
    assert read == [
        {"place": "COD", "value": "0.30000000000000004", "grade": ""},
        {"place": "Côte d'Ivoire", "value": "", "grade": "C"},
    ]


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_csv_defuses_formulas(text: str) -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv({**ENVELOPE, "results": [{"note": text}]})))
    assert row["note"] == f"'{text}".replace("\r", "\n")


@pytest.mark.parametrize("value", [-1.5, "-1.5", "+3", "a-b", ">50"])
def test_csv_leaves_numbers_and_plain_text(value: object) -> None:
    (row,) = csv.DictReader(io.StringIO(as_csv({**ENVELOPE, "results": [{"note": value}]})))
    assert row["note"] == str(value)


def test_json_refuses_a_nan() -> None:
    with pytest.raises(ValueError, match="JSON"):
        as_json({**ENVELOPE, "results": [{"value": float("nan")}]})


@pytest.mark.parametrize(
    ("name", "start"), [("a.json", "{"), ("a.CSV", "place,"), ("a.txt", "year: ")]
)
def test_the_ending_of_the_file_chooses_the_format(name: str, start: str, tmp_path: Path) -> None:
    show(ENVELOPE, output=tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_a_file_that_cannot_be_written_is_the_users_to_mend(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"cannot write .*absent"):
        show(ENVELOPE, output=tmp_path / "absent" / "a.json")
