"""What a study is made from, as text that is the same on every machine: hashes, differences."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lodestone.terms.errors import Problems, RequestError

_ABSENT = "absent"


def digest(value: Any, subject: str = "value") -> str:
    """Sha256, in hex, of plain data: equal data give equal digests on every machine.

    Plain data are None, bool, int, finite float, str, and lists, tuples and mappings (with text
    keys) of these. A tuple counts as a list; the order of a mapping does not count.

    Raises
    ------
    RequestError
        Naming, within `subject`, every part that is not plain data.
    """
    return hashlib.sha256(canonical_json(value, subject).encode("ascii")).hexdigest()


def canonical_json(value: Any, subject: str = "value") -> str:
    """The one JSON text of plain data (sorted keys, no spaces, ASCII). Raises as `digest`."""
    problems = Problems(subject)
    _check_plain(value, "", problems)
    problems.raise_if_any(RequestError)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True)
class Difference:
    """One input that is not the same in two studies: its name, and its JSON text in each."""

    where: str
    a: str
    b: str


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What differs between two plain mappings, by dotted name, sorted ('identity.seed').

    A part that only one of them has is 'absent' in the other.
    """
    in_a, in_b = dict(_leaves(a, "")), dict(_leaves(b, ""))
    return tuple(
        Difference(name, in_a.get(name, _ABSENT), in_b.get(name, _ABSENT))
        for name in sorted(in_a.keys() | in_b.keys())
        if in_a.get(name) != in_b.get(name)
    )


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every value that is not a mapping, by dotted name, as JSON text."""
    if isinstance(value, Mapping) and (value or not name):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else key)
    else:
        yield name, canonical_json(value, name)


def _check_plain(value: Any, where: str, problems: Problems) -> None:
    """Note every part of `value` that JSON could not tell apart, or not write at all."""
    if isinstance(value, float) and not math.isfinite(value):
        problems.add(f"{value} is not a number", where, "give None for what is missing")
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                problems.add(f"the key {key!r} is not text", where, "use text keys")
            _check_plain(inner, f"{where}.{key}".lstrip("."), problems)
    elif isinstance(value, list | tuple):
        for k, inner in enumerate(value):
            _check_plain(inner, f"{where}[{k}]", problems)
    elif not isinstance(value, str | int | float | None):
        problems.add(
            f"{type(value).__name__} is not plain data",
            where,
            "give numbers, text, lists, mappings",
        )
