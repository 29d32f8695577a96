"""What acting together is worth to the place of a brief, against its supplier's stop.

Ids: `alliance:year:supplier:members:against:what`, members joined by `+`, `against` is `alone` or
`scramble`; what is `worth` (of all members), `worth@A+B` (of some), `share@MEMBER` (its Shapley share) or `outside@MEMBER`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lodestone.desk.alliance_work import CALM, SCRAMBLE
from lodestone.desk.brief_labels import place_label, with_article
from lodestone.desk.brief_losses import LOSSES_SOURCES_KEY
from lodestone.desk.library import library
from lodestone.report.brief_content import AllianceRow, Figure, Finding
from lodestone.terms import members as members_of
from lodestone.terms.errors import RequestError

if TYPE_CHECKING:
    from lodestone.desk.alliancing import AllianceAnswer
    from lodestone.desk.briefing import Case

#: Who acts together: the place of the brief, and those of these that do not overlap with it.
PARTNERS = ("EU27", "USA", "JPN")
#: A bloc that is the partners themselves.
_THEMSELVES = "ALLIANCE"
_MILLION = 1e6
_AGAINST = {CALM: "each acting alone", SCRAMBLE: "a scramble for goods"}


@dataclass(frozen=True)
class AlliancePart:
    """What a brief says of acting together; empty where nobody is left to act with."""

    rows: tuple[AllianceRow, ...] = ()
    findings: tuple[Finding, ...] = ()


def alliance_part(case: Case) -> AlliancePart:
    """Rows by coalition and way of acting alone, and one sentence."""
    who = partners(case.buyer, case.against, case.year)
    if len(who) < 2:
        return AlliancePart()
    rows = [row for mode in (CALM, SCRAMBLE) for row in _rows(case, who, mode)]
    whole = {row.against: row for row in rows if row.size == len(who)}
    calm, dark = (whole[_AGAINST[m]] for m in (CALM, SCRAMBLE))
    names = [with_article(place_label(m)) for m in who]
    all_of_them = f"{', '.join(names[:-1])} and {names[-1]}"
    finding = Finding(
        f"In a year's stop by {case.against_name}, {all_of_them} avoid {{0}} by acting together, and "
        f"{{1}} if they would otherwise scramble for goods.",
        (calm.worth, dark.worth),
    )
    return AlliancePart(tuple(rows), (finding,))


def partners(place: str, supplier: str, year: int) -> tuple[str, ...]:
    """Who acts together: the place and its partners, none inside another, the supplier in none."""
    first = () if place == _THEMSELVES else (place,)
    found = list(first)
    inside = set(members_of(place, year)) if first else set()
    for other in PARTNERS:
        theirs = set(members_of(other, year))
        if not theirs & inside and supplier not in theirs:
            found.append(other)
            inside |= theirs
    return tuple(found)


def _rows(case: Case, who: tuple[str, ...], mode: str) -> list[AllianceRow]:
    """Coalitions that the place is in, the smaller ones first; all where it is the partners."""
    answer = asked(who, case.against, case.year)
    rows = answer.to_rows()
    worth = [r for r in rows if r["table"] == "worth" and r["against"] == mode]
    mine = case.buyer if case.buyer in who else ""
    id = f"alliance:{case.year}:{case.against}:{'+'.join(who)}:{mode}"
    found = []
    for row in worth:
        inside = row["coalition"].split("+")
        if mine and mine not in inside:
            continue
        whole = len(inside) == len(who)
        share = outside = None
        if mine and whole:
            own = next(
                r
                for r in rows
                if r["table"] == "share" and r["against"] == mode and r["member"] == mine
            )
            share = _figure(f"{id}:share@{mine}", own["value"], own["low"], own["high"], case.year)
            outside = _figure(f"{id}:outside@{mine}", own["outside"], None, None, case.year)
        found.append(
            AllianceRow(
                against=_AGAINST[mode],
                who=", ".join(place_label(m) for m in inside),
                size=len(inside),
                worth=_figure(
                    f"{id}:worth" if whole else f"{id}:worth@{row['coalition']}",
                    row["value"],
                    row["low"],
                    row["high"],
                    case.year,
                ),
                share=share,
                outside=outside,
            )
        )
    return found


@lru_cache(maxsize=8)
def asked(members: tuple[str, ...], supplier: str, year: int) -> AllianceAnswer:
    """The alliance against a full stop of the strategic materials that the supplier sells."""
    from lodestone.desk.alliancing import alliance

    return alliance(members, supplier=supplier, year=year, shifts=False)


def _figure(id: str, million: float, low: float | None, high: float | None, year: int) -> Figure:
    return Figure(
        id=id,
        value=million * _MILLION + 0.0,
        low=None if low is None else low * _MILLION,
        high=None if high is None else high * _MILLION,
        unit="USD",
        year=year,
        kind="modelled",
        sources=(LOSSES_SOURCES_KEY,),
    )


def explained(labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows behind an id of this module: the number, losses of each member, materials, assumptions.

    Raises
    ------
    RequestError
        Labels without a number, saying which there are.
    """
    year, supplier, names, mode, what = labels
    if not year.isdecimal():
        raise RequestError(f"{year!r} is not a year")
    when = library().year(int(year))
    if mode not in _AGAINST:
        raise RequestError(f"unknown {mode!r}: one of {', '.join(_AGAINST)}")
    who = tuple(names.split("+"))
    rows = [r for r in asked(who, supplier, when).to_rows() if r.get("against", mode) == mode]
    head = _number(rows, who, what)
    found: list[dict[str, Any]] = [
        {
            "level": "number",
            "what": f"{head['what']}: {', '.join(who)} against {_AGAINST[mode]}, {supplier} "
            f"withholding its strategic materials for a year, {when}",
            **{k: _usd(head[k]) for k in ("value", "low", "high")},
            "unit": "USD",
            "kind": "modelled",
            "note": "low and high: judged ends of exposures and substitution",
        }
    ]
    for r in rows:
        if r["table"] == "share":
            found.append(_part(f"loss of {r['member']}, each acting alone", r["loss_alone"]))
            found.append(_part(f"of it {r['member']} avoids itself", r["own"]))
    for r in [r for r in rows if r["table"] == "material" and r["value"] is not None][:8]:
        found.append(
            {
                **_part(f"worth in {r['material']} alone ({r['does']})", r["value"]),
                "low": _usd(r["low"]),
                "high": _usd(r["high"]),
            }
        )
    found += [
        {
            "level": "part",
            "id": f"assumption:{r['assumption']}",
            "what": r["what"],
            "value": r["value"],
            "low": r.get("low"),
            "high": r.get("high"),
            "unit": r["unit"],
            "kind": "judged",
            "note": r["source"],
        }
        for r in rows
        if r["table"] == "assumption"
    ]
    return found


def _number(rows: list[dict[str, Any]], who: tuple[str, ...], what: str) -> dict[str, Any]:
    plain, _, member = what.partition("@")
    if plain == "worth":
        by = {r["coalition"]: r for r in rows if r["table"] == "worth"}
        if (member or "+".join(who)) in by:
            named = f" by {member.replace('+', ', ')}" if member else ""
            return {**by[member or "+".join(who)], "what": f"losses avoided together{named}"}
    if plain not in ("share", "outside") or member not in who:
        raise RequestError(
            f"unknown number {what!r}: worth, worth@A+B, share@MEMBER or outside@MEMBER, of "
            f"{', '.join(who)}"
        )
    row = next(r for r in rows if r["table"] == "share" and r["member"] == member)
    if plain == "share":
        return {**row, "what": f"Shapley share of {member}"}
    return {
        "value": row["outside"],
        "low": None,
        "high": None,
        "what": f"what {member} gains as an outsider, the others acting together",
    }


def _usd(million: float | None) -> float | None:
    return None if million is None else million * _MILLION + 0.0


def _part(what: str, million: float | None) -> dict[str, Any]:
    return {
        "level": "part",
        "what": what,
        "value": _usd(million),
        "unit": "USD",
        "kind": "modelled",
    }
