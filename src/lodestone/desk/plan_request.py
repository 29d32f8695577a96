"""PLAN.toml: a plan as a person writes it down.

    name = "ours"
    place = "EU27"
    materials = ["strategic"]
    first = 2026
    last = 2035

    [[target]]
    kind = "processing"
    value = 0.4
    year = 2030

    [[budget]]
    amount = 20000
    money = "public"

    [[option]]
    id = "refinery-gallium"
    capital = 90

An option with the id of the menu changes what it names; another id adds one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lodestone.terms.errors import Problems, RequestError

MOST_BYTES = 1_000_000
MOST_MATERIALS, MOST_YEARS, MOST_SCENARIOS = 60, 25, 1000
STRATEGIC = "strategic"

_HEAD: dict[str, type | tuple[type, ...]] = {
    "name": str,
    "title": str,
    "about": str,
    "place": str,
    "materials": list,
    "year": int,
    "first": int,
    "last": int,
    "scenarios": int,
    "seed": int,
    "risk_weight": (int, float),
    "tail": (int, float),
    "rate": (int, float),
    "gap": (int, float),
    "projects": list,
    "kinds": list,
    "leave_out": list,
    "not_with": list,
    "checks": list,
}
_TARGET: dict[str, type | tuple[type, ...]] = {
    "kind": str,
    "value": (int, float),
    "year": int,
    "weighting": str,
    "materials": list,
    "stages": list,
    "suppliers": list,
    "price": (int, float),
    "name": str,
}
_BUDGET: dict[str, type | tuple[type, ...]] = {"amount": (int, float), "year": int, "money": str}
OPTION: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "name": str,
    "kind": str,
    "material": str,
    "stage": str,
    "supplier": str,
    "place": str,
    "tonnes": (int, float),
    "earliest": int,
    "capital": (int, float),
    "running": (int, float),
    "avoided": (int, float),
    "support": (int, float),
    "public": (int, float),
    "divisible": bool,
    "build_years": int,
    "life": int,
    "ramp": (int, float),
    "source": str,
    "note": str,
}
_SCENARIO: dict[str, type | tuple[type, ...]] = {"probability": (int, float), "cut": list}
_CUT: dict[str, type | tuple[type, ...]] = {
    "supplier": str,
    "materials": list,
    "year": int,
    "severity": (int, float),
    "months": int,
}
_GROWTH = "growth"
_TABLES = ("target", "budget", "option", "scenario")
#: Needed of each.
_MUST = {
    "target": ("kind", "value", "year"),
    "budget": ("amount",),
    "option": ("id",),
    "scenario": ("probability",),
}


@dataclass(frozen=True)
class PlanRequest:
    """What a plan file says, in its own words; names are not looked up yet.

    Attributes
    ----------
    head : its single values; `targets`, `budgets`, `options`, `scenarios`: its tables
    growth : material -> growth of use a year
    """

    head: Mapping[str, Any]
    targets: tuple[Mapping[str, Any], ...] = ()
    budgets: tuple[Mapping[str, Any], ...] = ()
    options: tuple[Mapping[str, Any], ...] = ()
    scenarios: tuple[Mapping[str, Any], ...] = ()
    growth: Mapping[str, float] | None = None

    @property
    def name(self) -> str:
        """Short id."""
        return str(self.head.get("name", "plan"))

    def canonical(self) -> dict[str, Any]:
        """What decides the answer, without words for people."""
        words = ("name", "title", "about", "checks")
        return {
            **{k: v for k, v in sorted(self.head.items()) if k not in words},
            "targets": [dict(t) for t in self.targets],
            "budgets": [dict(b) for b in self.budgets],
            "options": [dict(o) for o in self.options],
            "scenarios": [dict(s) for s in self.scenarios],
            "growth": dict(self.growth or {}),
        }


@cache
def plan_names() -> tuple[str, ...]:
    """Names of the ready plans."""
    from importlib import resources

    folder = resources.files("lodestone.desk").joinpath("ready_plans")
    files = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in files if n.endswith(".toml")))


def plan_text(name: str) -> str:
    """The file of a ready plan: a form to copy for one's own."""
    from importlib import resources

    if name not in plan_names():
        raise RequestError(f"no ready plan {name!r}: one of {', '.join(plan_names())}")
    file = resources.files("lodestone.desk").joinpath("ready_plans", f"{name}.toml")
    return file.read_text(encoding="utf-8")


def ready_plan(name: str | None) -> PlanRequest:
    """A ready plan by its name; any other word would be taken for a file of this machine.

    Raises
    ------
    RequestError
        If there is none of that name.
    """
    if name is None:
        raise RequestError(f"no plan: name one of {', '.join(plan_names())}, or a saved one")
    return read_plan(plan_text(name), name)


def read_plan_words(words: str) -> PlanRequest:
    """A plan from a TOML file, or a ready one by its name."""
    if words in plan_names():
        return read_plan(plan_text(words), f"plan {words}")
    path = Path(words)
    if path.suffix != ".toml" and not path.exists():
        return read_plan(plan_text(words), words)
    return read_plan_file(path)


def read_plan_file(path: Path) -> PlanRequest:
    """A plan from a file."""
    if not path.is_file():
        raise RequestError(f"{path.name}: there is no such file -> give the path of a TOML file")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{path.name}: cannot be read ({error.strerror})") from error
    return read_plan(data, path.name)


def read_plan(text: str | bytes, subject: str = "plan") -> PlanRequest:
    """Read a plan's text.

    Raises
    ------
    RequestError
        With every problem of the file: where, what, and how to mend it.
    """
    table = _parsed(text, subject)
    problems = Problems(subject)
    tables = {name: _tables(table, name, problems) for name in _TABLES}
    head = {k: v for k, v in table.items() if k not in (*_TABLES, _GROWTH)}
    _check(head, _HEAD, "top of the file", problems)
    for key in ("place", "materials"):
        if key not in head:
            problems.add(f"{key} is missing", "top of the file", f"write {key} = ...")
    kinds = {"target": _TARGET, "budget": _BUDGET, "option": OPTION, "scenario": _SCENARIO}
    for name, rows in tables.items():
        for n, row in enumerate(rows, 1):
            _check(row, kinds[name], f"{name} {n}", problems)
            for key in _MUST[name]:
                if key not in row:
                    problems.add(f"{key} is missing", f"{name} {n}", f"write {key} = ...")
    for n, row in enumerate(tables["scenario"], 1):
        for k, cut in enumerate(row.get("cut", []), 1):
            where = f"scenario {n}, cut {k}"
            if not isinstance(cut, dict):
                problems.add("is not a table", where, "write [[scenario.cut]]")
                continue
            _check(cut, _CUT, where, problems)
            for key in ("supplier", "materials", "year"):
                if key not in cut:
                    problems.add(f"{key} is missing", where, f"write {key} = ...")
    growth = table.get(_GROWTH, {})
    if not isinstance(growth, dict) or not all(_number(v) for v in growth.values()):
        problems.add("is not a table of numbers", "growth", "write [growth] and lithium = 0.08")
        growth = {}
    _check_sizes(head, problems)
    problems.raise_if_any(RequestError)
    return PlanRequest(
        head,
        tuple(tables["target"]),
        tuple(tables["budget"]),
        tuple(tables["option"]),
        tuple(tables["scenario"]),
        {str(k): float(v) for k, v in growth.items()},
    )


def _parsed(text: str | bytes, subject: str) -> dict[str, Any]:
    data = text.encode() if isinstance(text, str) else text
    if len(data) > MOST_BYTES:
        raise RequestError(f"{subject}: larger than {MOST_BYTES // 1000} kB -> a plan is a page")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RequestError(f"{subject}: not UTF-8 text -> save the file as UTF-8") from None
    except RecursionError:
        raise RequestError(f"{subject}: brackets nested too deep -> a plan is flat") from None
    except ValueError as error:
        raise RequestError(
            f"{subject}: broken TOML: {error} -> texts stand in quotes, lists in [ ], and each "
            "target begins with [[target]]"
        ) from None


def _tables(table: Mapping[str, Any], name: str, problems: Problems) -> list[dict[str, Any]]:
    rows = table.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.add("is not a list of tables", name, f"begin each with a line [[{name}]]")
        return []
    return rows


def _check(
    row: Mapping[str, Any],
    fields: Mapping[str, type | tuple[type, ...]],
    where: str,
    problems: Problems,
) -> None:
    for key, value in row.items():
        if key not in fields:
            problems.add(f"unknown key {key!r}", where, f"one of {', '.join(fields)}")
            continue
        kind = fields[key]
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if fits and not isinstance(value, str | list | bool):
            fits = _number(value)
        if fits and isinstance(value, list) and key != "cut":
            fits = all(isinstance(word, str) for word in value)
        if not fits:
            problems.add(f"{key} = {str(value)[:40]!r}", where, f"should be {_words(kind)}")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _words(kind: type | tuple[type, ...]) -> str:
    names = {str: "a text", int: "a whole number", list: "a list of texts", bool: "true or false"}
    return "a number" if isinstance(kind, tuple) else names[kind]


def _check_sizes(head: Mapping[str, Any], problems: Problems) -> None:
    first, last = head.get("first", 0), head.get("last", 0)
    whole = isinstance(first, int) and isinstance(last, int) and bool(first and last)
    if whole and not 2000 <= first <= last <= first + MOST_YEARS - 1 <= 2200:
        problems.add(f"first {first}, last {last}", "top of the file", f"1 to {MOST_YEARS} years")
    many = head.get("scenarios", 1)
    if isinstance(many, int) and not 1 <= many <= MOST_SCENARIOS:
        problems.add(f"{many} scenarios", "top of the file", f"1 to {MOST_SCENARIOS}")


def words_of(value: Any) -> tuple[str, ...]:
    """A list of texts as a tuple."""
    return tuple(str(v) for v in value) if isinstance(value, Sequence) else ()
