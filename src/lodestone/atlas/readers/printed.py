"""Numbers as people print them: bounds, ranges, "about", lists with slashes, and plain words.

A figure table says "up to 10", "35-40", "~12" or "0.5-3% (pessimistic 2-2.5%)". Reading such a
cell gives a value, a low and a high, and says which of them the cell does not state; words that
are not a number stay words. The cell itself is always kept beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_CELL = re.compile(
    rf"""\s*
    (?P<mark>up\ to|at\ least|about|more\ than|less\ than|[<>]=?|~|EPS0=)?\s*
    (?P<first>{_NUMBER})
    (?:\s*(?:-|–|to)\s*(?P<last>{_NUMBER}))?
    (?:,\s*centre\s*(?P<centre>{_NUMBER}))?
    \s*%?\s*(?:\(.*\))?\s*""",
    re.VERBOSE,
)
_BELOW = {"up to", "less than", "<", "<="}
_ABOVE = {"at least", "more than", ">", ">="}
_NEAR = {"about", "~"}


@dataclass(frozen=True)
class Printed:
    """What a cell states: a value, bounds, and a flag as in the `facts` table (or `text`).

    `low` and `high` are there only where the cell states them; None is not known, never zero.
    """

    value: float | None
    low: float | None
    high: float | None
    flag: str


def printed(cell: str) -> Printed:
    """Read one cell that holds one number, one bound or one range.

    Examples
    --------
    >>> printed("1,100").value, printed("up to 10"), printed("state secret").flag
    (1100.0, Printed(value=None, low=None, high=10.0, flag='less_than'), 'text')
    >>> printed("0.1-0.8, centre 0.35")
    Printed(value=0.35, low=0.1, high=0.8, flag='range')
    >>> printed("-5").value, printed("-4500 to +33").low
    (-5.0, -4500.0)
    """
    match = _CELL.fullmatch(cell)
    if match is None:
        return Printed(None, None, None, "text" if cell.strip() else "unknown")
    first, last = _float(match["first"]), _float(match["last"])
    if first is not None and last is not None:
        return Printed(_float(match["centre"]), min(first, last), max(first, last), "range")
    if match["mark"] in _BELOW:
        return Printed(None, None, first, "less_than")
    if match["mark"] in _ABOVE:
        return Printed(None, first, None, "more_than")
    return Printed(first, None, None, "estimated" if match["mark"] in _NEAR else "reported")


def printed_parts(cell: str) -> list[Printed]:
    """Read a cell that may list several numbers, as in "82/86/82" or "80-90 / 60".

    Examples
    --------
    >>> [part.value for part in printed_parts("82/86/82")]
    [82.0, 86.0, 82.0]
    >>> [part.flag for part in printed_parts("bismuth/silicon")]
    ['text']
    """
    parts = [printed(part) for part in cell.split("/")]
    if len(parts) > 1 and all(part.flag not in ("text", "unknown") for part in parts):
        return parts
    return [printed(cell)]


def _float(text: str | None) -> float | None:
    return None if text is None else float(text.replace(",", ""))
