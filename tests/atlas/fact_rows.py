"""Facts written as one would say them: `said("usgs_mcs2026", "COD", 2023, 175)`."""

from __future__ import annotations

from typing import Any

import polars as pl

from lodestone.atlas.estimates import FactBook
from lodestone.atlas.facts import facts_frame


def said(
    source: str,
    place: str,
    year: int,
    value: float | None,
    *,
    material: str = "cobalt",
    basis: str = "Co",
    stage: str = "mine",
    **other: Any,
) -> dict[str, Any]:
    """One fact; production in tonnes of cobalt mined unless said otherwise."""
    row = {
        "source": source,
        "file": "f.csv",
        "material": material,
        "stage": stage,
        "quantity": "production",
        "detail": "output",
        "place": place,
        "year": year,
        "year_to": year,
        "value": value,
        "unit": "t",
        "basis": basis,
        "flag": "reported" if value is not None else "withheld",
        "kind": "reported",
    }
    return {**row, **other}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """A facts table; ids are given in order."""
    return facts_frame(
        [{"fact": f"{r['source']}:f.csv:{n}", **r} for n, r in enumerate(rows, start=1)]
    )


def book(*rows: dict[str, Any]) -> FactBook:
    """A fact book of these rows."""
    return FactBook(frame(*rows))
