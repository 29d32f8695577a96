"""Export controls on a material, from the dated catalogue and the USGS list, as of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lodestone.desk.controls_known import controls_known
from lodestone.desk.library import Library
from lodestone.terms import find_place

IN_FORCE, ENDED, CHECK = "in force", "ended", "check"
#: Words of the catalogue that are others here.
_WORDS = {"lifted": ENDED}
_USGS = "USGS Mineral Commodity Summaries 2026, controls effective as of January 2026"


def control_rows(books: Library, name: str, as_of: date) -> list[dict[str, Any]]:
    """Rows `control`: who controls exports of it, how, since when, and whether it holds on a day.

    What was announced or begun after the day is left out. A suspension that has run out is `check`:
    whether the control is back, the catalogue cannot say.
    """
    known = controls_known(books, name, as_of)
    rows = [*(_dated(*one) for one in known.dated), *(_listed(one) for one in known.listed)]
    return [{"table": "control", "material": name, **row} for row in rows]


def _dated(row: Mapping[str, Any], on_day: str) -> dict[str, Any]:
    status, note = _status(row, on_day)
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


def _status(row: Mapping[str, Any], status: str) -> tuple[str, str]:
    """Status of the catalogue in the words of a profile, and why it must be checked."""
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
