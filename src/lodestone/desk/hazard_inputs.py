"""What our hazards are counted from: the catalogue of controls and governance, as the release has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lodestone.desk.dated_control import dated_control
from lodestone.desk.library import library
from lodestone.terms import find_material, group_members
from lodestone.terms.errors import LodestoneError, RequestError

if TYPE_CHECKING:
    from lodestone.risk.hazard import Hazard
    from lodestone.risk.hazard_rules import Restriction

#: Measures that are no restriction by a state, and an entry about goods that are in no chain.
_NO_RESTRICTION = ("quota_abolished", "threat", "disruption")
_SCRAP = "RU-SCRAP-2022"
_GROUP = "rare_earths"
_SCRAP_GOODS = ("scrap", "waste")


def hazard_table(
    pairs: Sequence[tuple[str, str]],
    at_risk: Sequence[tuple[str, str]],
    as_of: date,
    file: Path | None = None,
) -> list[Hazard]:
    """Hazards of (supplier, material) pairs: ours, or those of a user's file.

    A file may name some pairs only: the others keep our hazard.

    Parameters
    ----------
    at_risk : all pairs of the world, whoever asks: what rates are counted over
    """
    from lodestone.risk.hazard import read_hazards
    from lodestone.risk.hazard_rules import hazards

    ours = hazards(pairs, restrictions(), governance(), as_of, at_risk)
    if file is None:
        return ours
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{file.name}: is not UTF-8 text; save it as CSV UTF-8") from error
    except OSError as error:
        raise RequestError(f"{file.name}: cannot be opened ({error.strerror})") from error
    own = {h.pair: h for h in read_hazards(text, file.name, set(pairs))}
    return [own.get(h.pair, h) for h in ours]


def governance() -> dict[str, float]:
    """Mean of the World Bank's six governance estimates by place, the latest there is."""
    rows = library().rows("SELECT place, value FROM governance WHERE indicator = 'mean_of_six'")
    return {r["place"]: float(r["value"]) for r in rows if r["value"] is not None}


def restrictions() -> tuple[Restriction, ...]:
    """Every restriction of the dated catalogue, and those that the USGS lists beside it."""
    books = library()
    dated = books.rows("SELECT * FROM controls ORDER BY event_id")
    found = [r for row in dated for r in _of_event(row)]
    seen = {(r.supplier, r.material) for r in found}
    listed = books.rows(
        "SELECT place, material, since, control, goods FROM us_controls ORDER BY fact"
    )
    for row in listed:
        if any(word in str(row["goods"]).lower() for word in _SCRAP_GOODS):
            continue
        for name in named_materials(row["material"]):
            if row["since"] and (row["place"], name) not in seen:
                found.append(_listed(row, name))
    return tuple(found)


def _of_event(row: dict[str, Any]) -> list[Restriction]:
    from lodestone.risk.hazard_rules import Restriction

    row = dated_control(row)
    begun = row["effective"] or row["announced"]
    if row["measure"] in _NO_RESTRICTION or row["event_id"] == _SCRAP or begun is None:
        return []
    ended, until = row["ended"] or row["relaxed"], row["suspended_until"]
    return [
        Restriction(row["place"], name, begun, ended, until, str(row["event_id"]))
        for name in dict.fromkeys(n for key in row["materials"] for n in named_materials(key))
    ]


def _listed(row: dict[str, Any], name: str) -> Restriction:
    from lodestone.risk.hazard_rules import Restriction

    day = date(int(row["since"]), 1, 1)
    return Restriction(row["place"], name, day, None, None, f"{row['control']} (USGS MCS 2026)")


def named_materials(key: str | None) -> list[str]:
    """Ids that a name of the catalogue stands for: itself, a group's members, a member's group.

    A control of dysprosium is one of rare earths too: the chain of all of them is a pair.
    """
    if not key:
        return []
    try:
        found = [key, *group_members(key)]
    except LodestoneError:
        one = find_material(key)
        found = [one.id] if one else []
    whole = group_members(_GROUP)
    return [*found, _GROUP] if _GROUP not in found and set(found) & set(whole) else found
