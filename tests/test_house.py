"""The rules of the house: what the build promises about the tree itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import lodestone

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
# Asked for only by verbs: importing any of these costs more than all of --help may.
HEAVY = (
    "numpy",
    "scipy",
    "numba",
    "polars",
    "duckdb",
    "pydantic",
    "typst",
    "rich",
    "fastapi",
    "starlette",
    "uvicorn",
    "mcp",
    "pg8000",
)


def committed() -> list[Path]:
    """Every file that is, or is about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    return list(_walk(ROOT, _ignored_names()))


def _ignored_names() -> set[str]:
    """Names that .gitignore leaves out, for a tree that came without its history."""
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    return {line.strip("/") for line in lines} | {".git"}


def _walk(folder: Path, ignored: set[str]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in ignored:
            continue
        if entry.is_dir():
            yield from _walk(entry, ignored)
        else:
            yield entry


# --- what no file may contain --------------------------------------------------------------

# Put together here so that this file does not contain what it looks for.
REGISTRIES = [
    b".".join(parts)
    for parts in [
        (b"pypi", b"org"),
        (b"pythonhosted", b"org"),
        (b"npmjs", b"org"),
        (b"npmjs", b"com"),
        (b"yarnpkg", b"com"),
        (b"crates", b"io"),
        (b"debian", b"org"),
        (b"anaconda", b"org"),
        (b"proxy", b"golang", b"org"),
    ]
]
_TOP_FOLDERS = b"|".join([b"work", b"root", b"home", b"Users", b"opt", b"tmp"])
# An absolute path stands at the start of a word; a path inside an address does not.
MACHINE_PATH = re.compile(rb"(?<![\w./~\-}$)])/(?:" + _TOP_FOLDERS + rb")/[\w.]")
BINARY = {".parquet", ".zip", ".png", ".pdf", ".ttf", ".otf", ".woff2", ".gz", ".sqlite", ".xlsx"}


def test_the_rules_look_at_the_whole_tree() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in committed()}
    assert {"Makefile", "README.md", "requirements/run.txt", "tests/test_house.py"} <= names
    assert not any(name.startswith((".venv/", ".git/")) for name in names)


def test_no_file_names_a_package_registry() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {host.decode()}"
        for path in committed()
        for host in REGISTRIES
        if host in path.read_bytes()
    }
    assert not found


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {match.group().decode(errors='replace')}"
        for path in committed()
        if path.suffix not in BINARY
        for match in MACHINE_PATH.finditer(path.read_bytes())
    }
    assert not found


@pytest.mark.parametrize(
    ("text", "is_path"),
    [
        (["", "home", "ada", "x.csv"], True),
        (["see '", "root", ".cache"], True),
        (["example.int", "home", "page"], False),
        (["..", "work", "x"], False),
    ],
)
def test_a_machine_path_is_told_from_an_address(text: list[str], is_path: bool) -> None:
    assert bool(MACHINE_PATH.search("/".join(text).encode())) is is_path


# --- locks ---------------------------------------------------------------------------------


def _locked(name: str) -> dict[str, str]:
    """Each requirement of a lock, by name, with everything that stands behind it."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {re.split(r"[=\s]", line, maxsplit=1)[0]: line for line in lines}


LOCKS = ["build.txt", "run.txt", "dev.txt", "lock.txt"]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_by_version_and_hash_without_address(name: str) -> None:
    locked = _locked(name)
    assert locked
    loose = [line for line in locked.values() if not re.match(r"[\w.\-]+==[\w.]+ ", line)]
    unhashed = [line for line in locked.values() if "--hash=sha256:" not in line]
    assert not loose
    assert not unhashed
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--extra-index" not in text
    assert "--find-links" not in text


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", text, maxsplit=1)[0].lower() for text in requirements}


def test_every_dependency_is_locked() -> None:
    project = PROJECT["project"]
    assert _names(project["dependencies"]) <= set(_locked("run.txt"))
    assert _names(project["optional-dependencies"]["dev"]) <= set(_locked("dev.txt"))
    assert _names(PROJECT["build-system"]["requires"]) <= set(_locked("build.txt"))


def test_locks_agree_with_each_other() -> None:
    for smaller in ("build.txt", "run.txt"):
        both = set(_locked(smaller)) & set(_locked("dev.txt"))
        assert {n: _version(smaller, n) for n in both} == {n: _version("dev.txt", n) for n in both}


def _version(lock: str, name: str) -> str:
    return _locked(lock)[name].split()[0]


# --- importing does nothing ----------------------------------------------------------------


def _loaded_after(code: str) -> set[str]:
    """Top-level modules in memory after running `code` in a fresh interpreter."""
    report = "import json, sys; sys.stdout.write('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


HELP = """
from lodestone.cli import main
try:
    main([{words}])
except SystemExit as ended:
    assert not ended.code, ended.code
"""


@pytest.mark.parametrize(
    "words",
    ["'--help'", "'brief', '--help'", "'data', '--help'", "'serve', '--help'", "'mcp', '--help'"],
)
def test_help_loads_nothing_heavy(words: str) -> None:
    assert not _loaded_after(HELP.format(words=words)) & set(HEAVY)


def test_importing_lodestone_loads_nothing_heavy() -> None:
    loaded = _loaded_after("import lodestone; lodestone.RequestError; dir(lodestone)")
    assert not loaded & {*HEAVY, "click"}


def test_the_check_would_see_a_heavy_import() -> None:
    assert "numpy" in _loaded_after("import numpy")


# --- the public names ----------------------------------------------------------------------


@pytest.mark.parametrize("name", lodestone.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    thing = getattr(lodestone, name)
    assert callable(thing)
    assert (thing.__doc__ or "").strip()


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = lodestone.nonsense


def test_a_room_does_not_hide_the_verb_of_its_name() -> None:
    code = """
import lodestone.chain, lodestone.assess
from lodestone import desk
import lodestone as ls
assert ls.chain is desk.chain and ls.assess is desk.assess
"""
    _loaded_after(code)


# --- one version ---------------------------------------------------------------------------


def test_the_version_is_the_same_everywhere() -> None:
    version = lodestone.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.M) == [version]
    assert re.findall(r"^## (\S+)", changes, re.M)[0] == version
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "src/lodestone/__init__.py"


# --- the documentation covers the command line ---------------------------------------------


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, f"{path} {name}")
    else:
        yield path, command


def _command_line() -> dict[str, Any]:
    from lodestone.cli.app import app

    return dict(_commands(app, "lodestone"))


def _section(command: str) -> str:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(command)}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    assert found, f"docs/cli.md has no section '## {command}'"
    return found.group(1)


def test_every_command_is_found() -> None:
    assert {"lodestone brief", "lodestone data verify"} <= set(_command_line())


@pytest.mark.parametrize("name", _command_line())
def test_every_command_and_option_is_documented(name: str) -> None:
    section = _section(name)
    for parameter in _command_line()[name].params:
        flags = [opt for opt in parameter.opts if opt.startswith("--") and opt != "--help"]
        if parameter.param_type_name == "argument":
            flags = [str(parameter.metavar).strip("[].")]
        missing = [flag for flag in flags if flag not in section]
        assert not missing, f"docs/cli.md, '## {name}' does not describe {missing}"


def test_no_documented_command_is_gone() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## (lodestone .+)$", page, re.M)) == set(_command_line())


def test_every_exit_status_is_documented() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for error in [lodestone.LodestoneError, *lodestone.LodestoneError.__subclasses__()]:
        assert re.search(rf"^\| {error.exit_code} \|.*`{error.__name__}` \|$", page, re.M)


# --- floors, Makefile, CI ------------------------------------------------------------------


def test_every_room_stands_on_a_floor() -> None:
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    rooms = {path.parent.name for path in (ROOT / "src" / "lodestone").glob("*/__init__.py")}
    assert rooms == {room.strip() for floor in contract["layers"] for room in floor.split("|")}
    assert contract["exhaustive"] is True


def test_ci_runs_the_readmes_test_command() -> None:
    run = ROOT / ".ci" / "run"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert os.access(run, os.X_OK)
    assert run.read_text(encoding="utf-8").splitlines()[-1] == "make test"
    assert re.search(r"^make test\b", readme, re.M)


def test_no_file_is_a_drawer_for_anything() -> None:
    drawers = {"utils", "common", "helpers", "misc"}
    assert not [path for path in committed() if path.stem in drawers]
