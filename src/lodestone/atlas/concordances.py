"""Which sectors of one list lie in which of another: tables of this project, read and checked.

Each table `rules/<from>_to_<to>.csv` has a row a pair of codes: the share of the first code that
lies in the second, and how it is known. `exact`: the code lies in one code only. `output`: shares
of US output in 2017, from a finer list. `judged`: a person decided, and the row says why.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lodestone.terms.errors import DataError, Problems, RequestError

#: Concordances of this project, by name.
NAMES = (
    "bea402_to_nace2",
    "bea402_to_wiod35",
    "nace2_to_figaro64",
    "nace2_to_icio45",
    "nace2_to_wiod35",
)
_COLUMNS = ("from", "to", "weight", "kind", "reason")
_KINDS = ("exact", "output", "judged")
_RULES = files("lodestone.atlas") / "rules"


@dataclass(frozen=True)
class SectorLink:
    """One row of a concordance: `weight` of `from_code` lies in `to_code`."""

    from_code: str
    to_code: str
    weight: float
    kind: str
    reason: str


@cache
def sector_codes(scheme: str) -> Mapping[str, str]:
    """Names of all sectors of a list by code: `nace2`, `wiod35`, `icio45` or `figaro64`."""
    lists: dict[str, dict[str, str]] = {}
    for row in _rows("sector_codes.csv", ("scheme", "code", "name")):
        lists.setdefault(row["scheme"], {})[row["code"]] = row["name"]
    if scheme not in lists:
        raise RequestError(f"no list of sectors {scheme!r}: there are {', '.join(sorted(lists))}")
    return lists[scheme]


@cache
def sector_links(name: str) -> tuple[SectorLink, ...]:
    """The rows of a concordance.

    Raises
    ------
    RequestError
        For a name that is none of `NAMES`.
    DataError
        With every row that has no number, an unknown kind or code, or a judgement without a
        reason. (That shares sum to one is checked where they are used.)
    """
    if name not in NAMES:
        raise RequestError(f"no concordance {name!r}: there are {', '.join(NAMES)}")
    file = f"{name}.csv"
    problems = Problems(f"rules/{file}")
    known = [_known(scheme) for scheme in name.split("_to_")]
    links = [
        _link(row, f"line {line}", known, problems)
        for line, row in enumerate(_rows(file, _COLUMNS), start=2)
    ]
    problems.raise_if_any(DataError)
    return tuple(link for link in links if link is not None)


def _known(scheme: str) -> Mapping[str, str] | None:
    """Codes of a list kept here; the 402 US industries are listed by their publisher."""
    return None if scheme == "bea402" else sector_codes(scheme)


def _link(
    row: Mapping[str, str], where: str, known: list[Mapping[str, str] | None], problems: Problems
) -> SectorLink | None:
    before = len(problems.items)
    for side, codes in zip(("from", "to"), known, strict=True):
        if codes is not None and row[side] not in codes:
            problems.add(f"unknown code {row[side]!r}", f"{where}, {side}", "see sector_codes.csv")
    if row["kind"] not in _KINDS:
        problems.add(f"unknown kind {row['kind']!r}", where, f"use {', '.join(_KINDS)}")
    if row["kind"] == "judged" and not row["reason"]:
        problems.add("judged without a reason", where, "say why")
    try:
        weight = float(row["weight"])
    except ValueError:
        problems.add(f"weight {row['weight']!r} is not a number", where, "write a share")
        return None
    if len(problems.items) > before:
        return None
    return SectorLink(row["from"], row["to"], weight, row["kind"], row["reason"])


def _rows(file: str, columns: tuple[str, ...]) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO((_RULES / file).read_text(encoding="utf-8")))
    if tuple(reader.fieldnames or ()) != columns:
        raise DataError(f"rules/{file}: columns are {reader.fieldnames}, not {list(columns)}")
    return list(reader)
