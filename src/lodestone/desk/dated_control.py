"""A row of the catalogue of controls with its days as days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

_DAYS = ("announced", "effective", "relaxed", "suspended", "suspended_until", "ended")


def dated_control(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row of the release's table `controls` as `status_on` and others read it.

    Parameters
    ----------
    row : its days as text, or as days already; None where there is none
    """
    return {k: _day(v) if k in _DAYS else v for k, v in row.items()}


def _day(value: Any) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value)[:10])
