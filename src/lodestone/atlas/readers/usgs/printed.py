"""Reads one printed value: a number, a bound, a range, or a sign that stands for a reason.

The Mineral Commodity Summaries print text, not numbers. A dash is a zero that somebody reported,
`W` is a number somebody knows and must not tell, `NA` is a number nobody has, and `s` is too
small to print. None of them is a blank, and a bound is not a value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SIGNS: dict[str, tuple[float | None, float | None, float | None, str]] = {
    # printed, lower case -> value, low, high, flag
    "—": (0.0, None, None, "reported"),
    "na": (None, None, None, "unknown"),
    "n.a.": (None, None, None, "unknown"),
    "w": (None, None, None, "withheld"),
    "xx": (None, None, None, "not_calculable"),
    "s": (None, 0.0, 0.5, "small"),
    "less than ½ unit": (None, 0.0, 0.5, "small"),
    "less than 1/2 unit": (None, 0.0, 0.5, "small"),
    "less than one-half unit": (None, 0.0, 0.5, "small"),
    # A net exporter relies on imports for none of its use, and by less than nothing.
    "e": (None, None, 0.0, "net_exporter"),
}
# Words that stand where a number belongs; they say that there is one, not how large it is.
_WORDS = re.compile(
    r"(?:categorized as )?[\"“]?(?:very small|small|moderate|moderate to large|large)[\"”]?"
    r"|included (?:in|with) [\"“]?(?:world total|other countries|ilmenite)[.]?[\"”]?"
    r"|variable, depending on .+"
)


@dataclass(frozen=True)
class Printed:
    """What a printed cell says, in the unit it was printed in.

    Attributes
    ----------
    value : the number; None where the cell gives only a bound, or none at all
    low, high : bounds that the cell itself states, None where it states none
    flag : one of the flags of the facts table
    note : what was mended or what stood there instead of a number
    """

    value: float | None
    low: float | None
    high: float | None
    flag: str
    note: str = ""

    def scaled(self, factor: float) -> Printed:
        """The same statement in another unit."""
        value, low, high = (
            None if number is None else number * factor
            for number in (self.value, self.low, self.high)
        )
        return replace(self, value=value, low=low, high=high)


def printed(cell: str) -> Printed | None:
    """What the cell says, or None if this way of printing is not known.

    Examples
    --------
    >>> printed("—").value, printed("W").flag, printed(">50").low, printed("<25").high
    (0.0, 'withheld', 50.0, 25.0)
    >>> printed("?1").value, printed("e3,900").flag
    (-1.0, 'estimated')
    >>> printed("500–16,000").low, printed("about 3") is None
    (500.0, True)
    """
    text = " ".join(cell.replace("\xa0", " ").split())
    if not text:
        return Printed(None, None, None, "unknown", "blank cell: no value is stated")
    sign = _SIGNS.get(text.lower().rstrip("."))
    if sign is not None:
        return Printed(*sign)
    if _WORDS.fullmatch(text.lower().rstrip(".")):
        return Printed(None, None, None, "unknown", f"in words: {text}")
    return _number(text) or _bound(text) or _range(text)


def _number(text: str) -> Printed | None:
    found = re.fullmatch(rf"(?P<mark>[e?−-]?)(?P<number>{_NUMBER})", text)
    if found is None:
        return None
    value, mark = _float(found["number"]), found["mark"]
    if mark == "?":
        return Printed(-value, None, None, "reported", "'?' stands for a lost minus sign")
    if mark in ("−", "-"):
        return Printed(-value, None, None, "reported")
    return Printed(value, None, None, "estimated" if mark else "reported")


def _bound(text: str) -> Printed | None:
    found = re.fullmatch(rf"(?P<sign>[<>])\s*(?P<number>{_NUMBER})", text)
    if found is None:
        return None
    bound = _float(found["number"])
    if found["sign"] == ">":
        return Printed(None, bound, None, "more_than")
    return Printed(None, 0.0, bound, "less_than")


def _range(text: str) -> Printed | None:
    found = re.fullmatch(rf"(?P<low>{_NUMBER})\s*[–-]\s*(?P<high>{_NUMBER})", text)
    if found is None:
        return None
    low, high = _float(found["low"]), _float(found["high"])
    if low > high:
        return None
    return Printed((low + high) / 2, low, high, "range", "value is the middle of the range")


def _float(text: str) -> float:
    return float(text.replace(",", ""))
