"""Export controls on a material, from the dated catalogue and the USGS list, as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lodestone.desk.dated_control import dated_control
from lodestone.desk.hazard_inputs import named_materials
from lodestone.desk.library import Library
from lodestone.terms import find_place

IN_FORCE, ENDED, CHECK, ANNOUNCED = "in force", "ended", "check", "announced"
#: Words of the catalogue that are others here.
_WORDS = {"lifted": ENDED, "not announced": ANNOUNCED}
_USGS = "USGS Mineral Commodity Summaries 2026, controls effective as of January 2026"


def control_rows(books: Library, name: str, as_of: date) -> list[dict[str, Any]]:
    """Rows `control`: who controls exports of it, how, since when, and whether it holds on a day.

    A suspension that has run out is `check`: whether the control is back, the catalogue cannot say.
    """
    dated = [
        _dated(r, as_of)
        for r in books.rows("SELECT * FROM controls ORDER BY effective, event_id")
        if any(name in named_materials(key) for key in r["materials"])
    ]
    listed = [
        _listed(r)
        for r in books.rows("SELECT * FROM us_controls ORDER BY since, place, fact")
        if name in named_materials(r["material"])
    ]
    return [{"table": "control", "material": name, **row} for row in (*dated, *listed)]


def _dated(row: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    status, note = _status(row, as_of)
    return {
        **_country(row["place"]),
        "target": row["target"],
        "kind": row["measure"],
        "start": _text(row["effective"] or row["announced"]),
        "end": _text(row["ended"] or row["relaxed"]),
        "until": _text(row["suspended_until"]),
        "status": status,
        "goods": row["materials_raw"],
        "note": "; ".join(x for x in (note, row["changes_raw"], row["note"]) if x) or None,
        "source": "; ".join(x for x in (row["legal_ref"], row["evidence"]) if x) or row["url"],
        "url": row["url"] or None,
        "event": row["event_id"],
    }


def _status(row: Mapping[str, Any], as_of: date) -> tuple[str, str]:
    """Status on a day in the words of a profile, and why it must be checked."""
    from lodestone.atlas.readers.controls import status_on

    status = status_on(dated_control(row), as_of)
    until = _text(row["suspended_until"])
    if status == "relaxed":
        return ENDED, f"relaxed {_text(row['relaxed'])}"
    if status == "suspended" and until:
        return f"suspended until {until}", ""
    if status == "suspension expired: check":
        return CHECK, f"its suspension ran out on {until}: see whether it is back"
    return _WORDS.get(status, status), ""


def _listed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_country(row["place"]),
        "target": "WLD",
        "kind": str(row["control"]).lower(),
        "start": str(row["since"]) if row["since"] else None,
        "end": None,
        "until": None,
        "status": IN_FORCE,
        "goods": row["goods"],
        "note": row["note"] or None,
        "source": _USGS,
        "url": row["reference"] or None,
        "event": None,
    }


def _country(code: str) -> dict[str, Any]:
    found = find_place(code)
    return {"country": code, "country_name": found.name if found else code}


def _text(day: Any) -> str | None:
    return None if day is None else str(day)[:10]
