"""Alliance files: an alliance as a person writes it down, in TOML.

name = "eu_us_japan"
members = ["EU27", "USA", "JPN"]
invite = ["KOR"]
against = "CHN"
materials = ["strategic"]
share = ["stocks", "exports", "buying", "restraint"]
plan = "eu_2030"

[stock_days]
JPN = 60

[terms]
hoarding = 0.25

[floor]
material = "NdPr"
usd_per_kg = 110
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lodestone.desk.alliance_question import MOST_DRAWS, AllianceQuestion, check_form, question
from lodestone.terms.errors import Problems, RequestError

MOST_BYTES = 100_000
_TEXTS = ("name", "title", "against", "plan")
_LISTS = ("members", "invite", "materials", "share")
_NUMBERS = ("severity", "months", "year", "draws", "seed")
_TABLES = ("stock_days", "terms", "floor")
_FLOOR = ("material", "usd_per_kg")
#: Keys of a file that `question` calls otherwise.
_WORDS = {"against": "supplier", "share": "shares", "stock_days": "cover"}
_MOST = 1e15


@dataclass(frozen=True)
class AllianceFile:
    """What a file says.

    Attributes
    ----------
    name : short id
    asked : the question
    floor : material and USD per kg of a price-floor zone, or None
    plan : name of the ready plan that members also make together, or None
    """

    name: str
    asked: AllianceQuestion
    floor: tuple[str, float] | None
    plan: str | None = None


def read_alliance(source: Path | str) -> AllianceFile:
    """Read an alliance.

    Parameters
    ----------
    source : a `Path` is a file to read; text is its content

    Raises
    ------
    RequestError
        With every problem of the file.
    """
    name, words, floor, plan, problems = _form(source)
    asked: AllianceQuestion | None = None
    try:
        asked = question(**words)
    except RequestError as error:
        problems.items += list(error.problems)
        if not error.problems:
            problems.add(str(error), "the file", "see `lodestone alliance --help`")
    problems.raise_if_any(RequestError)
    assert asked is not None
    return AllianceFile(name, asked, floor, plan)


def read_alliance_form(source: Path | str, most_draws: int = MOST_DRAWS) -> str:
    """Read the form of an alliance's file: its name. Places and materials are not looked up.

    Parameters
    ----------
    most_draws : that it may ask for

    Raises
    ------
    RequestError
        With every problem of the form.
    """
    name, words, *_, problems = _form(source)
    looked_up = ("members", "invite", "supplier", "year")
    check_form(
        len(words["members"]),
        len(words["invite"]),
        problems,
        **{word: value for word, value in words.items() if word not in looked_up},
        most_draws=most_draws,
    )
    problems.raise_if_any(RequestError)
    return name


def _form(
    source: Path | str,
) -> tuple[str, dict[str, Any], tuple[str, float] | None, str | None, Problems]:
    """Name, words of `question`, floor, plan, and what is wrong with their form."""
    subject = f"alliance file {source}" if isinstance(source, Path) else "alliance file"
    problems = Problems(subject)
    sound = _checked(_table(_text(source, subject), subject), problems)
    floor = _floor(sound.pop("floor", None), problems)
    name = str(sound.pop("name", "alliance"))
    plan = _plan(sound.pop("plan", None), problems)
    sound.pop("title", None)
    words = {"members": (), "invite": (), **{_WORDS.get(key, key): v for key, v in sound.items()}}
    return name, words, floor, plan, problems


def _text(source: Path | str, subject: str) -> str:
    if isinstance(source, str):
        return source
    if not source.is_file():
        raise RequestError(f"{subject}: there is no such file -> give the path of a TOML file")
    try:
        data = source.read_bytes()[: MOST_BYTES + 1]
    except OSError as error:
        raise RequestError(f"{subject}: cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise RequestError(f"{subject}: larger than {MOST_BYTES // 1000} kB -> it is a page")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(
            f"{subject}: not UTF-8 text (byte {error.start + 1}) -> save the file as UTF-8"
        ) from None


def _table(text: str, subject: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise RequestError(f"{subject}: brackets nested too deep -> an alliance is flat") from None
    except ValueError as error:
        raise RequestError(
            f"{subject}: broken TOML: {error} -> texts stand in quotes, lists in [ ]"
        ) from None


def _checked(table: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """The parts that have a sound type."""
    found: dict[str, Any] = {}
    known = (*_TEXTS, *_LISTS, *_NUMBERS, *_TABLES)
    for key, value in table.items():
        if key not in known:
            problems.add(f"unknown key {key[:40]!r}", "top of the file", f"of {', '.join(known)}")
        elif key in _TEXTS and not isinstance(value, str):
            problems.add("it is not text", key, f'write {key} = "..."')
        elif key in _LISTS and not _words(value):
            problems.add("it is not a list of texts", key, f'write {key} = ["..."]')
        elif key in _NUMBERS and not _number(value, whole=key != "severity"):
            problems.add(f"{str(value)[:40]!r} is no number that fits", key, "write a number")
        elif key in _TABLES and key != "floor" and not _numbers(value):
            problems.add("it is not a table of numbers", key, f"write [{key}] and NAME = 60")
        else:
            found[key] = value
    if "members" not in table:
        problems.add("members are missing", "top of the file", 'write members = ["EU27", "USA"]')
    return found


def _floor(value: Any, problems: Problems) -> tuple[str, float] | None:
    from lodestone.desk.alliance_floor import is_floor

    if value is None:
        return None
    fine = (
        isinstance(value, dict)
        and set(value) == set(_FLOOR)
        and isinstance(value["material"], str)
        and _number(value["usd_per_kg"])
        and is_floor(value["material"], value["usd_per_kg"])
    )
    if not fine:
        problems.add("it is not a floor", "floor", 'write material = "NdPr" and usd_per_kg = 110')
        return None
    return value["material"], float(value["usd_per_kg"])


def _plan(value: str | None, problems: Problems) -> str | None:
    """A ready plan by its name; a path would be one of the machine that reads the file."""
    from lodestone.desk.plan_request import plan_names

    if value is not None and value not in plan_names():
        problems.add(f"no ready plan {value[:40]!r}", "plan", f"one of {', '.join(plan_names())}")
    return value


def _words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)


def _number(value: Any, *, whole: bool = False) -> bool:
    fine = isinstance(value, int) or (isinstance(value, float) and not whole)
    return fine and not isinstance(value, bool) and -_MOST < value < _MOST


def _numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(_number(x) for x in value.values())
