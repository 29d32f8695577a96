"""The verb `exposure`: on whom a place leans for a material, and who leans on a supplier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lodestone.desk.answer import Answer, citations
from lodestone.desk.assess_buyer import Buyer, buyer
from lodestone.desk.assess_dependence import Share
from lodestone.desk.chains import sources_of
from lodestone.desk.inferred_output import INFERRED_NOTE, inferred_output
from lodestone.desk.library import Library, library
from lodestone.desk.supplier_shares import (
    LEFT_OUT,
    OWN,
    Supply,
    kept_rows,
    kept_supply,
    traced_supply,
)
from lodestone.desk.unseen_codes import unseen_codes
from lodestone.terms import bloc, find_bloc, find_place, members, place
from lodestone.terms import material as material_named
from lodestone.terms.errors import RequestError
from lodestone.terms.membership import UNION

_BAND = (
    "Bands: 5th to 95th percentile of chains balanced again from redrawn estimates. Shares that "
    f"stay below {LEFT_OUT:.0%} are not redrawn: their band is 0 to {LEFT_OUT:.0%}."
)
_LENSES = (
    "`direct` is as shipped: imports by last shipper, with own output; `look_through` is where the "
    "stage's work was done for all that the place uses at this stage and later ones."
)
_OWN = "`own` is the share that comes from the place itself, for a bloc from its members."
_NO_GROUP_BAND = "no band: chains of this group of places are not redrawn"
_IS_OWN = "own supply: see own"
_SMALL = f"at most {LEFT_OUT:.0%}: too small to be kept in the release"
_NO_FOREIGN = "nothing comes from a foreign place with a name"
_NO_LARGE = f"no foreign place with a name supplies more than {LEFT_OUT / 2:.0%}"
_NO_USE = "no supply of it at this stage"


def exposure(
    material: str | None = None,
    *,
    place: str | None = None,
    on: str | None = None,
    year: int | None = None,
) -> Answer:
    """Show on whom a place leans for a material; or everybody's view of it; or all its materials.

    Parameters
    ----------
    material : id, name, symbol or alias
    place : ISO3 code, country name, bloc, or sum such as `EU27+USA`
    on : one supplier: ISO3 code or country name; the largest foreign one if left out
    year : calendar year; the latest with data if left out

    Returns
    -------
    Answer
        With a material and a place, rows `origin`: one an origin, largest first, `relation` saying
        whether it is `foreign`, `own`, `scrap` or `unnamed`. With a material alone, rows `buyer`:
        one a place or bloc, for a map. With a place alone, rows `material`. Each by `lens` (direct,
        look_through) and `stage`, with `value`, its band, `grade`, `own` and the `id` for `explain`.
        Where there is no number `value` is None, and `note` says why.

    Raises
    ------
    RequestError
        Neither material nor place, unknown words (the nearest are named), or a year without data.

    Examples
    --------
    >>> answer = exposure("gallium", place="EU27", year=2024)
    >>> answer.results[0]["table"], answer.results[0]["unit"]
    ('origin', 'share')
    """
    if material is None and place is None:
        raise RequestError("exposure of what, or of whom? Name a material, a place, or both")
    books = library()
    name = None if material is None else material_named(material).id
    when = books.year(year, name)
    supplier = None if on is None else _supplier(on)
    who = None if place is None else _buyer(place, when)
    if name is not None and who is not None:
        rows = _origins(books, name, who, when, supplier)
    elif name is not None:
        rows = _buyers(books, name, when, supplier)
    else:
        assert who is not None
        rows = _materials(books, who, when, supplier)
    return Answer(
        query={
            "verb": "exposure",
            "material": name,
            "place": who.id if who else None,
            "on": supplier,
            "year": when,
        },
        results=tuple(rows),
        units={},
        sources=sources_of([name], when) if name else citations(_all_sources(books, when)),
        notes=(
            _LENSES,
            _BAND,
            _OWN,
            *unseen_codes(books, when, [name] if name else books.materials(when)),
        ),
        data_release=books.release.version,
        content_hash=books.release.content_hash,
    )


def _supplier(word: str) -> str:
    """ISO3 of one supplier; a bloc is refused, for nobody knows the band of a sum."""
    if find_place(word) is None and (find_bloc(word) is not None or UNION in word):
        raise RequestError(
            f"{word!r} is several suppliers: their shares have bands, their sum has none. Name one "
            "country; rows without `on` name them all"
        )
    found = place(word)
    if found.kind != "country":
        raise RequestError(f"{word!r} supplies nothing: name a country of today")
    return found.iso3


def _buyer(word: str, year: int) -> Buyer:
    who = buyer(word, year)
    if who.is_world:
        raise RequestError("the world buys from nobody: leave the place out to see all buyers")
    return who


def _origins(
    books: Library,
    name: str,
    who: Buyer,
    year: int,
    supplier: str | None,
) -> list[dict[str, Any]]:
    """Every origin of one buyer's supply of one material."""
    rows: list[dict[str, Any]] = []
    for supply in _supplies(books, name, {who.id: who.members}, year):
        wanted = supply.shares if supplier is None else [supplier]
        for origin in wanted:
            share = supply.of(origin)
            own = supply.relation(origin) == OWN
            note = _note(share, own and who.id != origin, supply.inferred(origin))
            rows.append(
                {
                    "table": "origin",
                    **_labels(supply),
                    "origin": origin,
                    "origin_name": _name(origin),
                    "relation": supply.relation(origin),
                    **_numbers(supply, share, supply.grade_of(origin)),
                    "id": supply.id(origin),
                    "note": note,
                }
            )
    return rows or [_nothing(name, who.id, year, books)]


def _buyers(books: Library, name: str, year: int, supplier: str | None) -> list[dict[str, Any]]:
    """Every place and bloc of the release on one supplier, or on its largest."""
    chain = books.chain(name, year)
    known = books.buyers()
    groups: dict[str, tuple[str, ...]] = {p: (p,) for p in chain.places if p in known}
    groups |= {b: members(b, year) for b in sorted(known - set(groups)) if find_bloc(b)}
    found = _supplies(books, name, groups, year)
    order = {buyer: k for k, buyer in enumerate(groups)}
    stages = {s.stage: k for k, s in enumerate(chain.stages)}
    found.sort(key=lambda s: (stages[s.stage], s.lens, order[s.buyer]))
    return [_leaning("buyer", s, supplier) for s in found]


def _materials(books: Library, who: Buyer, year: int, supplier: str | None) -> list[dict[str, Any]]:
    """Every material of one buyer on one supplier, or on the largest."""
    if who.id in books.buyers():
        found = kept_supply(books, who.id, who.members, year)
    else:
        names = books.materials(year)
        found = [s for n in names for s in _supplies(books, n, {who.id: who.members}, year)]
    by_key = {(s.material, s.stage, s.lens): s for s in found}
    rows = []
    for stage in books.stages(year):
        for lens in ("direct", "look_through"):
            supply = by_key.get((stage["material"], stage["stage"], lens))
            if supply is None:
                row = _nothing(stage["material"], who.id, year, books)
                row |= {"table": "material", "stage": stage["stage"], "lens": lens}
            else:
                row = _leaning("material", supply, supplier)
            rows.append({**row, "name": material_named(stage["material"]).name})
    return rows


def _supplies(
    books: Library, name: str, groups: Mapping[str, Sequence[str]], year: int
) -> list[Supply]:
    kept = kept_rows(books, name, [year], groups)
    return traced_supply(
        books.chain(name, year), groups, kept, books.buyers(), inferred_output(books, year)
    )


def _leaning(table: str, supply: Supply, supplier: str | None) -> dict[str, Any]:
    """How far one buyer leans on a supplier, or on its largest foreign one."""
    origin = supplier or supply.largest
    itself = origin is not None and supply.relation(origin) == OWN
    inferred = supply.inferred()
    if origin is None or itself:
        none = _NO_FOREIGN if supply.complete else _NO_LARGE
        share, words = Share(None), [_IS_OWN if itself else none]
        note: str | None = "; ".join([*words, INFERRED_NOTE] if inferred else words)
    else:
        share = supply.of(origin)
        note = _note(share, False, inferred)
    return {
        "table": table,
        **_labels(supply),
        "origin": origin,
        "origin_name": _name(origin) if origin else None,
        **_numbers(supply, share, supply.grade_of()),
        "id": supply.id(origin) if origin and not itself else None,
        "note": note,
    }


def _labels(supply: Supply) -> dict[str, Any]:
    return {
        "material": supply.material,
        "year": supply.year,
        "place": supply.buyer,
        "place_name": _name(supply.buyer),
        "lens": supply.lens,
        "stage": supply.stage,
    }


def _numbers(supply: Supply, share: Share, grade: str) -> dict[str, Any]:
    return {
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "unit": "share",
        "own": supply.own,
        "grade": grade,
        "kind": "modelled",
    }


def _note(share: Share, inside: bool, inferred: bool) -> str | None:
    words = []
    if share.value is None:
        words.append(_SMALL)
    elif share.low is None:
        words.append(_NO_GROUP_BAND)
    if inside:
        words.append("a member: own supply")
    if inferred:
        words.append(INFERRED_NOTE)
    return "; ".join(words) or None


def _nothing(name: str, who: str, year: int, books: Library) -> dict[str, Any]:
    """A buyer that neither makes, buys nor uses a material."""
    empty = dict.fromkeys(("lens", "stage", "origin", "origin_name", "value", "low", "high"))
    return {
        "table": "origin",
        "material": name,
        "year": year,
        "place": who,
        "place_name": _name(who),
        **empty,
        "unit": "share",
        "own": None,
        "grade": None,
        "kind": "modelled",
        "id": None,
        "note": _NO_USE,
    }


def _name(code: str) -> str:
    """Name of a place, bloc or sum of them; `scrap` is its own name."""
    found = find_place(code)
    if found is not None:
        return found.name
    if find_bloc(code) is not None:
        return bloc(code).name
    if UNION in code:
        return " + ".join(_name(part) for part in code.split(UNION))
    return code


def _all_sources(books: Library, year: int) -> Iterable[str]:
    """Ids of the sources that chains of a year rest on."""
    facts = books.rows(
        "SELECT DISTINCT split_part(fact, ':', 1) AS source FROM ("
        "SELECT unnest(string_split(facts, ';')) AS fact FROM chain_cells WHERE year = ?)",
        [year],
    )
    traded = books.rows("SELECT DISTINCT source FROM trade WHERE year = ?", [year])
    return {str(r["source"]) for r in (*facts, *traded)}
