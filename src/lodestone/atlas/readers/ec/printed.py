"""How the Commission prints numbers and names: per cents with their rounding, material names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lodestone import terms
from lodestone.atlas.readers.strict_table import Row
from lodestone.terms.errors import Problems

SOURCE_2023 = "ec_crm2023"
SOURCE_2017 = "ec_crm2017"
SOURCE_LISTS = "eu_crma_2024"
_PER_CENT = re.compile(r"(?P<sign>[<>]?)(?P<whole>\d+)(?:\.(?P<decimals>\d+))?(?P<unit>%?)")


@dataclass(frozen=True)
class Share:
    """A printed per cent as a share: the middle of what it can mean, its bounds, flag and note."""

    value: float
    low: float
    high: float
    flag: str
    note: str = ""


def read_share(row: Row, problems: Problems) -> Share | None:
    """Share printed in the column `share_raw`; None with a problem if it is not a per cent.

    `28.4%` is 0.284 between 0.2835 and 0.2845; `<0.1%` is 0.0005 between 0 and 0.001; `>0%`
    is something that rounds to nothing: 0.0025 between 0 and 0.005. Where the sign is lost
    (`6`) the number beside it in the column `share` decides; the two must always agree.
    """
    text, where = row["share_raw"], row.where("share_raw")
    found = _PER_CENT.fullmatch(text)
    if found is None:
        problems.add(f"{text!r} is not a per cent", where, "as in 4% or <0.1%")
        return None
    share = _share(found)
    beside = optional_number(row, "share", problems)
    agrees = beside is not None and abs(beside - share.value) <= 1e-9
    if beside is not None and not agrees:
        problems.add(f"{text!r} stands beside the share {row['share']}", where, "correct one")
        return None
    if found["unit"]:
        return share
    if not agrees:
        problems.add(f"{text!r} has no per cent sign", where, "nothing beside it confirms it")
        return None
    return replace(share, note=f"printed {text} without the per cent sign")


def _share(found: re.Match[str]) -> Share:
    decimals = found["decimals"] or ""
    value = float(f"{found['whole']}.{decimals or 0}") / 100
    half = 0.5 * 10.0 ** -(len(decimals) + 2)
    if found["sign"] == "<":
        return Share(value / 2, 0.0, value, "less_than")
    if found["sign"] == ">":
        return Share(value + half / 2, value, value + half, "more_than;small")
    return Share(value, max(0.0, value - half), min(1.0, value + half), "reported")


def material_id(row: Row, column: str, problems: Problems) -> str | None:
    """Material id of a printed name; None if out of scope, with a problem if unknown."""
    name = " ".join(row[column].split())
    found = terms.find_material(name)
    if found is None and terms.excluded(name) is None:
        problems.add(
            f"unknown material {name!r}", row.where(column), "add it to the table of materials"
        )
    return None if found is None else found.id


def plain_name(row: Row, column: str) -> str:
    """Printed name without the line breaks of its table cell."""
    return " ".join(row[column].split())


def optional_number(row: Row, column: str, problems: Problems) -> float | None:
    """Number of a cell, or None where nothing, `-` or `N/A` is printed."""
    text = row[column]
    if text in ("", "-", "N/A"):
        return None
    try:
        return float(text)
    except ValueError:
        problems.add(f"{text!r} is not a number", row.where(column), "a number, '-' or N/A")
        return None
