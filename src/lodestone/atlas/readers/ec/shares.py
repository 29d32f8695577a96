"""World supply shares and EU sourcing shares of the 2023 study, with the trade parameter t."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from lodestone import terms
from lodestone.atlas.readers.ec.printed import (
    SOURCE_2023,
    Share,
    material_id,
    plain_name,
    read_share,
)
from lodestone.atlas.readers.strict_table import Names, Row, csv_rows, number
from lodestone.terms.errors import Problems

WORLD_FILE = "ec/ec_crm2023_global_supply_shares.csv"
EU_FILE = "ec/ec_crm2023_eu_sourcing_shares.csv"
FIRST_YEAR, LAST_YEAR = 2016, 2020

_COLUMNS = ("material", "stage", "country", "share_raw", "t_trade_variable", "share", "censored_lt")
_LETTERS = {"E": ("mine", "extraction"), "P": ("refine", "processing")}
_T_RANGE = (0.8, 1.5)
# Below this sum the listed origins say too little about who supplies.
_USABLE_SUM = 0.5
_COMPLETE_SUM = 0.9
_FEWEST_TO_COMPARE = 3
_PARAMETER_SCHEMA: dict[str, Any] = {
    "fact": pl.String,
    "material": pl.String,
    "stage": pl.String,
    "detail": pl.String,
    "place": pl.String,
    "scope": pl.String,
    "t": pl.Float64,
}
_Group = tuple[str, str]


@dataclass(frozen=True)
class _Line:
    """One share row, read: what it is, which place, how large, and its t."""

    row: Row
    name: str
    letter: str
    material: str
    stage: str | None
    why: str
    place: str
    share: Share
    t: float

    @property
    def group(self) -> _Group:
        return self.name, self.letter

    @property
    def detail(self) -> str:
        return f"{self.name}, {_LETTERS[self.letter][1]}"


def read_shares(
    raw: Path, problems: Problems, notes: list[str]
) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    """Facts of both files, and the table of trade parameters."""
    stages = _stages()
    left_out: set[str] = set()
    world = _lines(raw, WORLD_FILE, stages, left_out, problems)
    origins = _lines(raw, EU_FILE, stages, left_out, problems)
    notes.append(f"EC shares left out, out of scope: {', '.join(sorted(left_out))}")
    notes.append(
        f"EC shares are means of about {FIRST_YEAR}-{LAST_YEAR}; an EU origin is the place of the"
        " last shipment, so an extraction row can name a country without mines"
    )
    doubts = _doubts(world, origins, notes)
    facts = [
        *(_fact(line, WORLD_FILE, "supply_share", line.place, None, "") for line in world),
        *(
            _fact(line, EU_FILE, "sourcing_share", "EU27", line.place, doubts.get(line.group, ""))
            for line in origins
        ),
    ]
    parameters = [
        *(_parameter(line, "world", WORLD_FILE) for line in world),
        *(_parameter(line, "EU27", EU_FILE) for line in origins),
    ]
    return facts, pl.DataFrame(parameters, schema=_PARAMETER_SCHEMA)


def _stages() -> dict[_Group, tuple[str | None, str]]:
    """Exceptions to "E is the mine, P is the refinery", with the reason for each."""
    with (Path(__file__).parent / "stages.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {(row["name"], row["letter"]): (row["stage"] or None, row["why"]) for row in rows}


def _lines(
    raw: Path,
    file: str,
    stages: Mapping[_Group, tuple[str | None, str]],
    left_out: set[str],
    problems: Problems,
) -> list[_Line]:
    names = Names(SOURCE_2023, problems)
    lines = []
    for row in csv_rows(raw, file, _COLUMNS, problems):
        name, material = plain_name(row, "material"), material_id(row, "material", problems)
        if material is None:
            left_out.add(name)
            continue
        line = _line(row, name, material, stages, names, problems)
        if line is not None:
            lines.append(line)
    _refuse_repeats(lines, problems)
    return lines


def _line(
    row: Row,
    name: str,
    material: str,
    stages: Mapping[_Group, tuple[str | None, str]],
    names: Names,
    problems: Problems,
) -> _Line | None:
    letter = row["stage"]
    if letter not in _LETTERS:
        problems.add(f"unknown stage {letter!r}", row.where("stage"), "E or P")
        return None
    stage, why = stages.get((name, letter), (_LETTERS[letter][0], ""))
    if stage is not None and stage not in terms.material(material).stages:
        problems.add(
            f"{material} has no stage {stage!r}",
            row.where("stage"),
            "say what the share measures in ec/stages.csv",
        )
    place = names.place(row["country"], row.where("country"))
    share = read_share(row, problems)
    t = number(row["t_trade_variable"], row.where("t_trade_variable"), problems)
    if t is not None and not _T_RANGE[0] <= t <= _T_RANGE[1]:
        problems.add(f"t = {t} is outside 0.8-1.5", row.where("t_trade_variable"), "correct it")
    if place is None or share is None or t is None:
        return None
    return _Line(row, name, letter, material, stage, why, place, share, t)


def _refuse_repeats(lines: Sequence[_Line], problems: Problems) -> None:
    seen: dict[tuple[str, str, str], int] = {}
    for line in lines:
        first = seen.setdefault((*line.group, line.place), line.row.number)
        if first != line.row.number:
            problems.add(
                f"{line.detail} lists {line.place} a second time (first in row {first})",
                line.row.where("country"),
                "remove one of the rows",
            )


def _doubts(
    world: Sequence[_Line], origins: Sequence[_Line], notes: list[str]
) -> dict[_Group, str]:
    """Reasons not to trust the EU rows of a material and stage, told in the notes as well."""
    doubts: dict[_Group, str] = {}
    for group, lines in _grouped(origins).items():
        total = sum(line.share.value for line in lines)
        if total < _USABLE_SUM:
            doubts[group] = f"unusable: the listed origins cover {total:.0%} of EU supply"
        elif _repeats_world(lines, _grouped(world).get(group, [])):
            doubts[group] = "repeats the world shares: says nothing about the EU"
        if group in doubts or total < _COMPLETE_SUM:
            reason = doubts.get(group, f"the listed origins cover {total:.0%}")
            notes.append(f"EC EU sourcing {lines[0].detail}: {reason}")
    return doubts


def _grouped(lines: Sequence[_Line]) -> dict[_Group, list[_Line]]:
    groups: dict[_Group, list[_Line]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    return groups


def _repeats_world(origins: Sequence[_Line], world: Sequence[_Line]) -> bool:
    """Whether every EU share is the world share of that country, as far as it is printed."""
    of_world = {line.place: line.share for line in world}
    return len(origins) >= _FEWEST_TO_COMPARE and all(
        line.place in of_world
        and line.share.low - 1e-9 <= of_world[line.place].value <= line.share.high + 1e-9
        for line in origins
    )


def _fact(
    line: _Line, file: str, quantity: str, place: str, partner: str | None, doubt: str
) -> dict[str, Any]:
    usable = not doubt.startswith("unusable")
    return {
        "fact": f"{SOURCE_2023}:{file}:{line.row.number}",
        "source": SOURCE_2023,
        "file": file,
        "material": line.material,
        "stage": line.stage,
        "quantity": quantity,
        "detail": line.detail,
        "place": place,
        "partner": partner,
        "year": FIRST_YEAR,
        "year_to": LAST_YEAR,
        "value": line.share.value if usable else None,
        "low": line.share.low if usable else None,
        "high": line.share.high if usable else None,
        "unit": "share",
        "raw_value": line.row["share_raw"],
        "raw_unit": "percent",
        "flag": f"{line.share.flag};suspect" if doubt else line.share.flag,
        "kind": "reported",
        "note": "; ".join(part for part in (line.why, line.share.note, doubt) if part) or None,
    }


def _parameter(line: _Line, scope: str, file: str) -> dict[str, Any]:
    return {
        "fact": f"{SOURCE_2023}:{file}:{line.row.number}:t",
        "material": line.material,
        "stage": line.stage,
        "detail": line.detail,
        "place": line.place,
        "scope": scope,
        "t": line.t,
    }
