"""Official lists and scores of a material, and ours by every method, for one place."""

from __future__ import annotations

from typing import Any

from lodestone.atlas.source import source
from lodestone.desk.assessing import assess
from lodestone.desk.library import Library
from lodestone.terms import listings, material, official_lists

#: Official list -> (what it is called, whether it reaches a material).
_LISTS = {
    "EU_CRM_2024": ("EU critical raw materials (2024)", "eu_crm"),
    "EU_SRM_2024": ("EU strategic raw materials (2024)", "eu_srm"),
    "US_2025": ("US critical minerals (2025)", "us_2025"),
}
_EC = {"supply_risk": "EC supply risk", "economic_importance": "EC economic importance"}


def criticality_rows(books: Library, name: str, place: str, year: int) -> list[dict[str, Any]]:
    """Rows `criticality`: `what` is `list`, `printed` (scores of the EC by edition) or `score`.

    A `score` is ours, from `assess`, with the official figure beside it where there is one.
    """
    rows = [*_lists(name), *_printed(books, name)]
    for row in assess([name], place, year).to_rows():
        rows.append({**row, "what": "score", "name": row["method"]})
    return [{"table": "criticality", **row} for row in rows]


def _lists(name: str) -> list[dict[str, Any]]:
    found = material(name)
    rows = []
    for official in official_lists():
        label, flag = _LISTS.get(official, (official, ""))
        entries = [x for x in listings(official) if _reaches(x.material, name)]
        on = bool(getattr(found, flag)) if flag else bool(entries)
        some = entries[0] if entries else listings(official)[0]
        rows.append(
            {
                "what": "list",
                "material": name,
                "name": label,
                "list": official,
                "value": float(on),
                "unit": "1 = on it",
                "kind": "reported",
                "official": float(on),
                "official_source": some.source,
                "note": "; ".join(dict.fromkeys(_entry(x.entry, x.grade) for x in entries)) or None,
            }
        )
    return rows


def _reaches(listed: str, name: str) -> bool:
    """Whether an entry names a material, its group or one of its members."""
    entry, found = material(listed), material(name)
    return listed == name or name in entry.members or entry.id in found.members


def _entry(entry: str, grade: str) -> str:
    return f"{entry} ({grade})" if grade and grade not in entry else entry


def _printed(books: Library, name: str) -> list[dict[str, Any]]:
    """Scores of every edition of the EC study, as printed."""
    rows = []
    for r in books.rows("SELECT * FROM ec_scores WHERE material = ? ORDER BY year, detail", [name]):
        for column, label in _EC.items():
            if r[column] is not None:
                rows.append(
                    {
                        "what": "printed",
                        "material": name,
                        "name": label,
                        "place": "EU27",
                        "year": r["year"],
                        "method": f"ec_{column}",
                        "official": r[column],
                        "unit": "score",
                        "kind": "reported",
                        "official_source": source(str(r["fact"]).partition(":")[0]).citation,
                        "note": r["detail"],
                    }
                )
    return rows
