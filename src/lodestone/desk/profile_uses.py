"""What a material is used for in a place: the table of applications as rows."""

from __future__ import annotations

from typing import Any

from lodestone.atlas.applications import applications
from lodestone.atlas.source import sources

#: A printed share is of other years; a judged one rests on us.
_PRINTED, _JUDGED = "B", "C"


def use_rows(name: str, place: str) -> list[dict[str, Any]]:
    """Rows `use`: each application with its share, largest first, and how many industries make it.

    Shares are the place's own where a source states them, else those of the world; where uses
    buy from different stages, shares are of all use of the material.
    """
    known = {s.id: s.citation for s in sources()}
    found = [a for a in applications(place) if a.material == name]
    found.sort(key=lambda a: (-a.share.central, a.id))
    rows = []
    for use in found:
        printed = bool(use.ec_application) and not use.flag
        rows.append(
            {
                "table": "use",
                "material": name,
                "place": use.place,
                "application": use.label,
                "application_id": use.id,
                "stage": use.stage or None,
                "share": use.share.central,
                "low": use.share.low,
                "high": use.share.high,
                "unit": "share",
                "grade": _PRINTED if printed else _JUDGED,
                "kind": "reported" if printed else "judged",
                "industries": len({need.industry for need in use.needs}),
                "technologies": list(use.lens),
                "source": known.get(use.source, use.source),
                "note": use.flag or None,
            }
        )
    return rows
