"""The number of a BGS row: nil, unknown, more than nothing, estimated or plain."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone import terms
from lodestone.atlas.readers.bgs.series import Series
from lodestone.atlas.readers.strict_table import Row, number
from lodestone.terms.errors import Problems

_UNITS = {
    "tonnes (metric)": "t",
    "tonnes (metal content)": "t",
    "kilograms (metal content)": "kg",
}
_NORMAL, _SMALL, _MISSING = "A", "N", "O"
_LEAST_PRINTED = 0.5


@dataclass(frozen=True)
class Value:
    """Tonnes of counted content with bounds where there are any, the flag and a note."""

    value: float | None
    low: float | None
    high: float | None
    flag: str
    note: str = ""


def read_value(row: Row, rule: Series, problems: Problems) -> Value | None:
    """Tonnes in a row; None with a problem where unit, code or number cannot be read.

    Code A with a number is that number and A with `-----` a reported nil; O is unknown; N is
    more than nothing but less than half a unit, kept as a quarter between 0 and a half.
    """
    unit, code = _UNITS.get(row["units"]), row["sdmx_code"]
    if unit is None:
        problems.add(f"unknown unit {row['units']!r}", row.where("units"), "add it to bgs _UNITS")
        return None
    if code == _MISSING:
        return Value(None, None, None, "unknown", "figures not available")
    if code not in (_NORMAL, _SMALL):
        problems.add(f"unknown code {code!r}", row.where("sdmx_code"), "A, N or O")
        return None
    amount = number(row["quantity"], row.where("quantity"), problems)
    if amount is None:
        return None
    if code == _SMALL:
        return _scaled(_LEAST_PRINTED / 2, 0.0, _LEAST_PRINTED, unit, rule, "small")
    flag = "estimated" if "Estimates." in row["concat_figure_notes_text"] else "reported"
    return _scaled(amount, None, None, unit, rule, flag)


def _scaled(
    amount: float, low: float | None, high: float | None, unit: str, rule: Series, flag: str
) -> Value:
    tonne = terms.to_tonnes(1.0, unit)
    if rule.factor is None:
        bottom, top = (None if x is None else x * tonne for x in (low, high))
        return Value(amount * tonne, bottom, top, flag)
    least, central, most = rule.factor
    return Value(
        amount * tonne * central,
        (amount if low is None else low) * tonne * least,
        (amount if high is None else high) * tonne * most,
        flag,
        f"gross tonnes times {central:g} ({least:g}-{most:g})",
    )
