"""The verb `profile`: everything about one material, for one place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lodestone.desk.answer import Answer
from lodestone.desk.assess_buyer import buyer
from lodestone.desk.chains import sources_of
from lodestone.desk.inferred_output import inferred_output
from lodestone.desk.library import Library, library
from lodestone.desk.profile_controls import control_rows
from lodestone.desk.profile_criticality import criticality_rows
from lodestone.desk.profile_official import official_rows
from lodestone.desk.profile_output import concentration_rows, maker_rows
from lodestone.desk.profile_prices import price_rows
from lodestone.desk.profile_trend import trend_rows
from lodestone.desk.profile_uses import use_rows
from lodestone.desk.supplier_shares import Supply, kept_rows, traced_supply
from lodestone.desk.unseen_codes import unseen_codes
from lodestone.terms import material as material_named
from lodestone.terms import members
from lodestone.terms.errors import RequestError

#: Whose suppliers publishers print.
_PRINTED = ("USA", "EU27")
_NOTES = (
    "`official` holds published shares beside ours. They enter the balance as soft rows: agreement "
    "is no independent proof (see Held against what is known).",
    "Prices are as published, per tonne of `basis`; `customs value over content` is inferred and "
    "mixes grades.",
    "`use`: B is a share that a publisher prints, of earlier years; C is judged.",
)
#: Table that may be empty -> what to say then.
_NOTHING = {
    "price": "The release has no price of {}.",
    "control": "No export control of {} known on {} is in the catalogue; that is no proof that there "
    "was none.",
    "use": "No uses of {} are known.",
}


def profile(
    material: str, place: str = "EU27", year: int | None = None, *, as_of: date | None = None
) -> Answer:
    """Show everything about a material: makers, suppliers over time, prices, controls, uses, scores.

    Parameters
    ----------
    material : id, name, symbol or alias
    place : ISO3 code, country name, bloc, or sum such as `EU27+USA`: whose dependence and scores
    year : calendar year of scores, and whose suppliers are followed; the latest if left out
    as_of : day on which controls hold or not; today if left out

    Returns
    -------
    Answer
        Rows told apart by `table`: `maker` (output by place, stage, year), `concentration`
        (Herfindahl index), `trend` (share of the largest suppliers over the years), `price`,
        `official` (published supplier shares beside ours), `control` (export controls and whether
        they hold), `use` (applications) and `criticality` (official lists and scores, and ours).

    Raises
    ------
    RequestError
        Unknown material or place, or a year without data (the nearest years are named).

    Examples
    --------
    >>> answer = profile("gallium", "JPN", 2024)
    >>> sorted({row["table"] for row in answer.results})[:4]
    ['concentration', 'control', 'criticality', 'maker']
    """
    name = material_named(material).id
    books = library()
    when = books.year(year, name)
    day = as_of or date.today()
    who = buyer(place, when)
    if who.is_world:
        raise RequestError("the world buys from nobody: name whose view you want")
    supplies = _supplies(books, name, who.id, who.members)
    mine = {y: found for (b, y), found in supplies.items() if b == who.id}
    makers = maker_rows(books, name)
    rows: list[dict[str, Any]] = [
        *makers,
        *concentration_rows(books, name, makers),
        *trend_rows(mine, when),
        *price_rows(books, name),
        *official_rows(books, name, supplies),
        *control_rows(books, name, day),
        *use_rows(name, who.id),
        *criticality_rows(books, name, who.id, when),
    ]
    return Answer(
        query={
            "verb": "profile",
            "material": name,
            "place": who.id,
            "year": when,
            "as_of": day.isoformat(),
        },
        results=tuple(rows),
        units={},
        sources=sources_of([name], when),
        notes=(*_NOTES, *_absent(name, day, rows), *unseen_codes(books, when, [name])),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _absent(name: str, day: date, rows: Sequence[dict[str, Any]]) -> list[str]:
    """What the release says nothing about."""
    have = {row["table"] for row in rows}
    return [text.format(name, day) for table, text in _NOTHING.items() if table not in have]


def _supplies(
    books: Library, name: str, who: str, inside: Sequence[str]
) -> dict[tuple[str, int], list[Supply]]:
    """Supply of the place, and of those that publishers print, in every year."""
    chains = books.chains(name)
    kept = kept_rows(books, name, list(chains), {*_PRINTED, who})
    banded = books.buyers()
    found: dict[tuple[str, int], list[Supply]] = {}
    for year, chain in chains.items():
        groups = {p: members(p, year) for p in _PRINTED} | {who: tuple(inside)}
        rows = [r for r in kept if r["year"] == year]
        found |= {(buyer, year): [] for buyer in groups}
        for supply in traced_supply(chain, groups, rows, banded, inferred_output(books, year)):
            found[supply.buyer, year].append(supply)
    return found
