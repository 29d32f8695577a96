"""Scenario files: a scenario as a person writes it down, in TOML.

    name = "gallium_stop"
    title = "China stops gallium"
    start = "2025-01"
    months = 24
    year = 2024

    [[measure]]
    kind = "export_ban"
    supplier = "CHN"
    materials = ["gallium"]
    start = "2025-03"
    announced = "2025-01"

A measure's fields are those of its class in `measure`. `checks` (sentences), `events` (ids of the
control catalogue) and `[suspended] until = "2026-11-10"` are words for people: they change no
answer, but a suspension that has run out is said with it.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.chain.measure import KINDS, Measure
from lodestone.chain.scenario import Scenario
from lodestone.chain.scenario_check import (
    Draft,
    check_drafts,
    check_head,
    near,
    place_of,
    shown,
)
from lodestone.terms.errors import Problems, RequestError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MOST_BYTES = 1_000_000
#: More than anybody writes by hand; a study holds many scenarios instead.
MOST_MEASURES = 500

_TEXTS = ("name", "title", "about", "source", "start")
_NUMBERS = ("months", "year")
_KEYS = (*_TEXTS, *_NUMBERS, "checks", "events", "suspended", "measure")
_REQUIRED = ("name", "start", "measure")
#: Fields of measures in which one word may stand without its brackets.
_LISTS = frozenset({"materials", "stages", "to", "on", "zone"})


def read_scenario(source: Path | str | bytes, today: date | None = None) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    source : a `Path` is a file to read; text or bytes are its content
    today : day on which suspensions are held against their end; the present day by default

    Raises
    ------
    RequestError
        With every problem of the file: where, what, and how to mend it.
    """
    subject = f"scenario file {source}" if isinstance(source, Path) else "scenario"
    table = _parse(_text(source, subject), subject)
    problems = Problems(subject)
    head = _head(table, problems)
    measures = _measures(table, head, problems)
    expired = _suspended(table, today, problems)
    problems.raise_if_any(RequestError)
    checks = (*head.pop("checks", ()), *expired)
    return Scenario(**head, measures=measures, checks=checks)


def suspension_expired(until: date) -> str:
    """What to say of a suspension whose last day has passed."""
    return f"suspension expired on {until.isoformat()}: check"


def to_toml(scenario: Scenario) -> str:
    """The scenario as a file that reads back to the same scenario, with the same digest."""
    head = {
        name: getattr(scenario, name)
        for name in (*_TEXTS, *_NUMBERS, "checks")
        if getattr(scenario, name) not in ("", None, ())
    }
    return "\n".join([*_lines(head), *(_measure_text(m) for m in scenario.measures)]) + "\n"


# --- from bytes to a table -------------------------------------------------------------------


def _text(source: Path | str | bytes, subject: str) -> str:
    try:
        data = _bytes(source, subject)
        if len(data) > MOST_BYTES:
            raise RequestError(
                f"{subject}: larger than {MOST_BYTES // 1000} kB -> a scenario is a page of "
                "measures; put many scenarios into a study"
            )
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RequestError(
            f"{subject}: not UTF-8 text (byte {error.start + 1}, line {line}) "
            "-> save the file as UTF-8"
        ) from None
    except UnicodeEncodeError as error:
        raise RequestError(
            f"{subject}: half a character at position {error.start + 1} -> write it as UTF-8 text"
        ) from None


def _bytes(source: Path | str | bytes, subject: str) -> bytes:
    if isinstance(source, str):
        return source.encode()
    if isinstance(source, bytes):
        return source
    if not source.is_file():
        raise RequestError(f"{subject}: there is no such file -> give the path of a TOML file")
    try:
        with source.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{subject}: cannot be read: {error.strerror}") from None


def _parse(text: str, subject: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise RequestError(f"{subject}: brackets nested too deep -> a scenario is flat") from None
    except ValueError as error:  # also whole numbers too long for Python
        path = "\n" not in text and text.strip().endswith(".toml")
        mend = (
            "to read a file, give its name as a Path"
            if path
            else "texts stand in quotes, lists in [ ], and each measure begins with [[measure]]"
        )
        raise RequestError(f"{subject}: broken TOML: {error} -> {mend}") from None


# --- from the table to a scenario ------------------------------------------------------------


def _head(table: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """The sound part of what the file says about the scenario itself."""
    for key in table:
        if key not in _KEYS:
            problems.add(f"unknown key {shown(key)}", "top of the file", near(key, _KEYS))
    for key in _REQUIRED:
        if key not in table:
            problems.add(f"{key} is missing", "top of the file", _missing(key))
    head = {
        key: table[key] if key in _NUMBERS else _plain(table[key])
        for key in (*_TEXTS, *_NUMBERS)
        if key in table
    }
    for key in [k for k in _TEXTS if not isinstance(head.get(k, ""), str)]:
        problems.add(f"{shown(head.pop(key))} is not text", key, f'write {key} = "..."')
    check_head(head, problems)
    for key in ("checks", "events"):
        words = table.get(key, [])
        if not _sentences(words):
            problems.add(f"{shown(words)} is not a list of texts", key, f'write {key} = ["..."]')
        elif key == "checks":
            head[key] = tuple(words)
    return head


def _missing(key: str) -> str:
    if key == "measure":
        return "begin each measure with a line [[measure]]"
    return 'write start = "2023-07"' if key == "start" else 'write name = "my_scenario"'


def _sentences(words: object) -> bool:
    return isinstance(words, list) and all(isinstance(word, str) for word in words)


def _measures(
    table: Mapping[str, Any], head: Mapping[str, Any], problems: Problems
) -> tuple[Measure, ...]:
    tables = table.get("measure", [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        problems.add("measures are not a list of tables", "measure", "write [[measure]], not [...]")
        return ()
    if len(tables) > MOST_MEASURES:
        problems.add(f"{len(tables)} measures", "measure", f"{MOST_MEASURES} at most")
        return ()
    read = [_measure(k, _plain_table(t), problems) for k, t in enumerate(tables)]
    # Absent means its default here, so that a default start is held against the given end.
    whole = {"months": Scenario.months, **head}
    check_drafts(whole, [draft for draft, _ in read], problems)
    return tuple(measure for _, measure in read if measure is not None)


def _measure(k: int, table: dict[str, Any], problems: Problems) -> tuple[Draft, Measure | None]:
    """One measure, and what of it is sound enough to be checked further."""
    from pydantic import ValidationError

    kind = str(table.get("kind"))
    try:
        # By way of JSON: there lists are tuples and nothing else is converted.
        measure = _adapter().validate_json(json.dumps(table), strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False)
    else:
        return Draft(kind, vars(measure)), measure
    if kind not in KINDS:
        return Draft(shown(table["kind"]) if "kind" in table else "(missing)", {}), None
    faulty = {str(fault["loc"][1]) for fault in faults}
    for fault in faults:
        _tell(place_of(k, kind, ".".join(map(str, fault["loc"][1:]))), kind, fault, problems)
    defaults = {
        f.name: f.default
        for f in dataclasses.fields(KINDS[kind])
        if f.default is not dataclasses.MISSING
    }
    given = {n: tuple(v) if isinstance(v, list) else v for n, v in table.items()}
    sound = {n: v for n, v in {**defaults, **given}.items() if n not in faulty}
    return Draft(kind, sound), None


def _tell(where: str, kind: str, fault: Mapping[str, Any], problems: Problems) -> None:
    name = str(fault["loc"][1])
    names = [f.name for f in dataclasses.fields(KINDS[kind])]
    if fault["type"] == "unexpected_keyword_argument":
        problems.add(f"unknown field {shown(name)}", where, near(name, names))
    elif fault["type"] == "missing":
        problems.add("it is missing", where, f"write {name} = ...")
    else:
        said = fault["msg"].replace("Input should be", "it should be")
        problems.add(f"{shown(fault['input'])}: {said}", where)


@cache
def _adapter() -> TypeAdapter[Measure]:
    """The check of one measure's table, told apart by `kind`."""
    from typing import Annotated

    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[Measure, Field(discriminator="kind")])


def _plain_table(table: Mapping[str, Any]) -> dict[str, Any]:
    """A measure's table with one word made a list where lists are meant, and dates as text."""
    return {
        name: [value] if name in _LISTS and isinstance(value, str) else _plain(value)
        for name, value in table.items()
    }


def _plain(value: Any) -> Any:
    """TOML has dates of its own, which JSON has not: as text they are refused with the rest."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value if isinstance(value, str | int | float) else str(value)


def _suspended(table: Mapping[str, Any], today: date | None, problems: Problems) -> tuple[str, ...]:
    """What to check because a suspension has run out since the file was written."""
    if "suspended" not in table:
        return ()
    held = table["suspended"]
    try:
        if set(held) != {"until"}:
            raise ValueError
        until = date.fromisoformat(str(held["until"]))
    except (TypeError, ValueError):
        mend = '[suspended] holds one line, until = "2026-11-10"'
        problems.add(f"{shown(held)} is not a suspension", "suspended", mend)
        return ()
    return (suspension_expired(until),) if (today or date.today()) > until else ()


# --- from a scenario to text -----------------------------------------------------------------


def _measure_text(measure: Measure) -> str:
    fields = {"kind": measure.kind}
    for field in dataclasses.fields(measure):
        value = getattr(measure, field.name)
        if field.name != "kind" and value != field.default:
            fields[field.name] = value
    return "\n".join(["", "[[measure]]", *_lines(fields)])


def _lines(fields: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {_written(value)}" for name, value in fields.items()]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_written(item) for item in value)}]"
    if isinstance(value, float):
        return repr(float(value))
    return str(int(value))


def _quoted(text: str) -> str:
    # JSON escapes what TOML does, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
