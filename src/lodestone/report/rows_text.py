"""An envelope as JSON, and its rows as CSV: the same text from every face."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Envelope = Mapping[str, Any]

# A spreadsheet runs a cell that starts with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n")


def as_json(envelope: Envelope) -> str:
    """Give the envelope itself; an unknown value is null, and a NaN is refused as a defect."""
    return json.dumps(envelope, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(envelope: Envelope, columns: Sequence[str] | None = None) -> str:
    """Give the rows, one a line, unknown values empty, safe to open in a spreadsheet.

    Parameters
    ----------
    columns
        Those of all rows, where the envelope holds a part of them; its own when left out.
    """
    rows = envelope["results"]
    columns = columns_of(rows) if columns is None else columns
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_cell(column) for column in columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every key of any row, in the order first met."""
    return list(dict.fromkeys(key for row in rows for key in row))


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Python's writer leaves a lone carriage return unquoted, which splits the row.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    risky = text.startswith(_FORMULA_STARTS) and not _is_number(text)
    return f"'{text}" if risky else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
