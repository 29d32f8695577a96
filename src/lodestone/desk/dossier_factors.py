"""What might affect the supply of a bill: controls in force, published scores, how it is won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.desk.brief_labels import place_label
from lodestone.desk.controls_known import controls_known
from lodestone.desk.dossier_case import BILL_SOURCES_KEY, CaseLine, DossierCase
from lodestone.desk.dossier_sourcing import Sourcing
from lodestone.report.brief_content import Figure
from lodestone.report.dossier_content import ControlRow
from lodestone.terms import listings, material
from lodestone.terms.errors import LodestoneError

_LISTS = {
    "EU_SRM_2024": "EU strategic",
    "EU_CRM_2024": "EU critical",
    "US_2025": "US critical",
}
_MEASURES = {
    "export_ban": "export ban",
    "export_quota": "export quota",
    "export_licence": "export licence",
    "export_suspension": "exports suspended",
    "disruption": "disruption, no legal act",
}
_OVER = "lifted"
_EDITION = 2023
#: Least share of a line that a control must touch to be shown.
_LEAST = 0.01
#: Day of which the USGS list speaks.
_USGS_DAY = "January 2026"


def official_lists_of(name: str) -> str:
    """Official lists that a material stands on, in words."""
    item = material(name)
    held = {"EU_SRM_2024": item.eu_srm, "EU_CRM_2024": item.eu_crm, "US_2025": item.us_2025}
    return ", ".join(words for key, words in _LISTS.items() if held[key])


def strategic_grade(name: str) -> str:
    """What the EU list of strategic raw materials restricts a material to, if anything."""
    groups = set(material(name).groups) | {name}
    grades = [e.grade for e in listings("EU_SRM_2024") if e.material in groups and e.grade]
    return grades[0] if grades else ""


def controls(case: DossierCase, lines: Sequence[Sourcing]) -> tuple[ControlRow, ...]:
    """Restrictions on materials of the bill, not lifted on the day asked, that touch a line.

    From the dated catalogue, and what the USGS lists beside it. `touches` is the share of the line
    that comes from or through the restricting country; below 1 % a control is left out.
    """
    found: list[ControlRow] = []
    for line in lines:
        known = controls_known(case.books, line.line.material, case.as_of)
        # one that is over, or a threat, hides no entry of the USGS list
        held = [
            _control(case, line, row, status)
            for row, status in known.dated
            if row["measure"] in _MEASURES and status != _OVER
        ]
        seen = {c.code for c in held}
        for row in known.listed:
            if row["place"] not in seen:
                held.append(_listed(case, line, row))
                seen.add(row["place"])
        found += [c for c in held if (c.touches.value or 0.0) >= _LEAST]
    return tuple(sorted(found, key=lambda c: (-(c.touches.value or 0.0), c.label, c.since)))


def _listed(case: DossierCase, line: Sourcing, row: Mapping[str, Any]) -> ControlRow:
    """A control that the USGS lists as in force, without dates."""
    return ControlRow(
        **_labels(case, line, row["place"]),
        measure=str(row["control"]).lower(),
        target="everybody",
        since=str(row["since"]),
        status=f"in force as of {_USGS_DAY} (USGS): {row['goods']}",
        touches=hit(line, row["place"]),
        source="usgs_mcs2026",
    )


def _labels(case: DossierCase, sourcing: Sourcing, code: str) -> dict[str, Any]:
    """Which line a control touches, and who restricts."""
    line = sourcing.line
    return {
        "row": line.line.row,
        "stage": line.stage,
        "material": line.material,
        "label": case.label(line),
        "place": place_label(code),
        "code": code,
    }


def controlled(rows: Sequence[ControlRow], line: int, place: str) -> str:
    """The control of a country on a line that is in force, in words; empty if there is none."""
    held = [r for r in rows if r.row == line and r.place == place]
    live = [r for r in held if r.status != "relaxed"]
    return f"{live[0].measure}: {live[0].status}" if live else ""


def _control(
    case: DossierCase, sourcing: Sourcing, row: Mapping[str, Any], status: str
) -> ControlRow:
    begun = row["effective"] or row["announced"]
    target = str(row["target"] or "WLD")
    until = row["suspended_until"]
    return ControlRow(
        **_labels(case, sourcing, row["place"]),
        measure=_MEASURES[row["measure"]],
        target="everybody" if target == "WLD" else place_label(target),
        since=begun.isoformat() if begun else "",
        status=f"{status} (until {until})" if status == "suspended" and until else status,
        touches=hit(sourcing, row["place"]),
        source=str(row["event_id"]),
    )


_REE_GROUPS = ("HREE", "LREE")


def hit(sourcing: Sourcing, code: str) -> Figure:
    """Share of a line that comes from or through a country, at the stage where it is largest."""
    found = []
    for stage in sourcing.stages:
        mix = sourcing.mix(stage)
        if code in mix.origins:
            k = mix.origins.index(code)
            found.append((float(mix.share[k]), float(mix.low[k]), float(mix.high[k]), stage))
    value, low, high, stage = max(found, default=(0.0, 0.0, 0.0, sourcing.line.stage))
    grade = sourcing.mix(stage).grade
    return Figure(
        id=f"bill:{sourcing.line.line.row}:{sourcing.line.material}:{stage}:{code}",
        value=value,
        low=None if low == high else low,
        high=None if low == high else high,
        unit="share",
        year=sourcing.case.year,
        kind="modelled",
        grade=grade,  # type: ignore[arg-type]
        sources=(BILL_SOURCES_KEY, "chains"),
        note=f"at the stage {stage}",
    )


def official_score(case: DossierCase, line: CaseLine, column: str) -> Figure:
    """Supply risk or economic importance that the Commission printed; the larger of two entries.

    A rare earth without a score of its own has that of its group; all of them the larger group's.
    """
    rows: list[dict[str, Any]] = []
    for names in _score_names(line.material):
        marks = ", ".join("?" for _ in names)
        rows = case.books.rows(
            f"SELECT fact, detail, {column} AS score FROM ec_scores WHERE year = {_EDITION} "
            f"AND material IN ({marks}) AND {column} IS NOT NULL ORDER BY score DESC",
            list(names),
        )
        if rows:
            break
    row = rows[0] if rows else None
    return Figure(
        id=f"fact:{row['fact']}" if row else f"chain:{line.material}:{case.year}",
        value=float(row["score"]) if row else None,
        unit="index",
        year=_EDITION if row else None,
        kind="reported",
        sources=("ec_crm2023",),
        note=f"entry {row['detail']}" if row else "the study of 2023 has no score for it",
    )


def _score_names(name: str) -> list[tuple[str, ...]]:
    """Under which names a score is looked for, the material's own first."""
    if name == "rare_earths":
        return [(name,), _REE_GROUPS]
    groups = tuple(g for g in material(name).groups if g in _REE_GROUPS)
    return [(name,), groups] if groups else [(name,)]


def recycled(case: DossierCase, line: CaseLine) -> Figure:
    """Share of EU demand met from end-of-life scrap, latest study; copies that differ make a band."""
    rows = case.books.rows(
        "SELECT fact, value, year FROM facts WHERE quantity = 'eol_rir' AND material = ? "
        "AND value IS NOT NULL ORDER BY year DESC, value",
        [line.material],
    )
    last = [r for r in rows if r["year"] == rows[0]["year"]] if rows else []
    values = [float(r["value"]) for r in last]
    return Figure(
        id=f"fact:{last[0]['fact']}" if last else f"chain:{line.material}:{case.year}",
        value=sum(values) / len(values) if values else None,
        low=min(values) if values else None,
        high=max(values) if values else None,
        unit="share",
        year=int(last[0]["year"]) if last else None,
        kind="reported",
        sources=("recycling",),
        note="" if last else "no end-of-life recycling input rate is in the open files",
    )


def won_beside(case: DossierCase, line: CaseLine) -> tuple[Figure, str, str]:
    """Share won as a by-product, its hosts, and how a source ranks its substitutability."""
    rows = case.books.rows(
        "SELECT hosts, substitutability, companionality, class FROM byproducts "
        "WHERE material = ? ORDER BY row",
        [line.material],
    )
    known = next((r for r in rows if r["companionality"] is not None), None)
    hosts = rows[0]["hosts"] if rows else None
    value = None if known is None else float(known["companionality"])
    figure = Figure(
        id=f"chain:{line.material}:{case.year}",
        value=value,
        unit="share",
        year=None,
        kind="reported",
        sources=("recycling",),
        note="" if known else "no share is in the open files",
    )
    word = next((str(r["substitutability"]) for r in rows if r["substitutability"]), "")
    names = ", ".join(_plain(h) for h in hosts or ()) if value or known is None else ""
    return figure, names, word


def _plain(name: str) -> str:
    try:
        return material(name).name.lower()
    except LodestoneError:
        return name
