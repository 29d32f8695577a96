"""The reviewed lists beside this reader: what each published series is, and what is mended."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_TABLES = Path(__file__).with_name("tables")


@cache
def reviewed(table: str) -> tuple[dict[str, str], ...]:
    """Rows of `tables/<table>.csv` as text, in file order."""
    with (_TABLES / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines, strict=True))
