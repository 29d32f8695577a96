"""Months: dates as `YYYY-MM`, and as numbers that can be subtracted."""

from __future__ import annotations

import re
from typing import TypeGuard

_MONTH = re.compile(r"([12]\d{3})-(0[1-9]|1[0-2])", re.ASCII)


def is_month(text: object) -> TypeGuard[str]:
    """Whether this is a real month, written `2023-08`."""
    return isinstance(text, str) and _MONTH.fullmatch(text) is not None


def month_number(text: str) -> int:
    """Months since the year 0; the difference of two is the number of months between.

    Examples
    --------
    >>> month_number("2024-01") - month_number("2023-08")
    5
    """
    return 12 * int(text[:4]) + int(text[5:7]) - 1


def month_text(number: int) -> str:
    """The month of that number, written `YYYY-MM`.

    Examples
    --------
    >>> month_text(month_number("2023-08") + 5)
    '2024-01'
    """
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_label(first: str, t: int) -> str:
    """`YYYY-MM` of month t, counted from a first month.

    Examples
    --------
    >>> month_label("2024-11", 3)
    '2025-02'
    """
    return month_text(month_number(first) + t)
