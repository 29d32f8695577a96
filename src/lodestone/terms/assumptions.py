"""The one table of assumed numbers: default, band, unit, meaning and source of each.

No other default exists: a function that needs an assumption asks `attribute("theta").default`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lodestone.terms.errors import DataError, Problems
from lodestone.terms.lookup import Index
from lodestone.terms.table import read_table, split_list

TYPES = {"float": float, "int": int}


@dataclass(frozen=True)
class Attribute:
    """One assumed number.

    Parameters
    ----------
    unit
        `1` for a pure number; else such as `month`, `1/month`.
    dims
        What a user may set it by (`material`, `stage`, `place`); empty for one number overall.
    default, low, high
        Central value and the band that sensitivity runs draw from; equal for a law or tolerance.
    source
        Where it comes from; "judged" where nothing published fits.
    """

    name: str
    dtype: str
    unit: str
    dims: tuple[str, ...]
    default: float
    low: float
    high: float
    description: str
    source: str


def attribute(name: str) -> Attribute:
    """Attribute of this name.

    Raises
    ------
    RequestError
        If there is none; the message suggests the nearest names.

    Examples
    --------
    >>> theta = attribute("theta")
    >>> theta.low <= theta.default <= theta.high
    True
    """
    return _named(name)


def attributes() -> tuple[Attribute, ...]:
    """All attributes, in the order of the table."""
    return tuple(_catalogue().values())


@cache
def _named(name: str) -> Attribute:
    return _catalogue()[_index().get(name)]


@cache
def _catalogue() -> dict[str, Attribute]:
    problems = Problems("attributes.csv")
    found: dict[str, Attribute] = {}
    for number, row in enumerate(read_table("attributes"), start=1):
        entry = _attribute(row, f"row {number} ({row['name']})", problems)
        if row["name"] in found:
            problems.add("name used twice", f"row {number} ({row['name']})", "give each its own")
        elif entry is not None:
            found[entry.name] = entry
    problems.raise_if_any(DataError)
    return found


def _attribute(row: dict[str, str], where: str, problems: Problems) -> Attribute | None:
    empty = [name for name, cell in row.items() if not cell and name != "dims"]
    for name in empty:
        problems.add("empty cell", f"{where}, column {name}", "fill it: no number without a source")
    if row["dtype"] not in TYPES:
        problems.add(f"unknown type {row['dtype']!r}", f"{where}, column dtype", "float or int")
        return None
    try:
        default, low, high = (TYPES[row["dtype"]](row[name]) for name in ("default", "low", "high"))
    except ValueError as error:
        problems.add(str(error), f"{where}, columns default, low, high", "write a number")
        return None
    if not low <= default <= high:
        problems.add(f"{low} <= {default} <= {high} does not hold", where, "widen the band")
    return Attribute(
        name=row["name"],
        dtype=row["dtype"],
        unit=row["unit"],
        dims=split_list(row["dims"]),
        default=default,
        low=low,
        high=high,
        description=row["description"],
        source=row["source"],
    )


@cache
def _index() -> Index:
    return Index("attribute", {name: (name,) for name in _catalogue()})
