"""What publishers print about the suppliers of the USA and the EU, beside our shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lodestone.assess.panel import OTHERS
from lodestone.atlas.recipe import recipes
from lodestone.atlas.source import source
from lodestone.chain.bands import DIRECT, LOOK_THROUGH
from lodestone.chain.look_through import SCRAP
from lodestone.desk.inferred_output import INFERRED_NOTE
from lodestone.desk.library import Library
from lodestone.desk.supplier_shares import LEFT_OUT, Supply

#: Origins that neither side puts above this are left out.
_SHOWN = 0.01
#: Below this share bought abroad, shares of what is bought abroad say nothing.
_BUYS_ABROAD = 0.02
#: Quantity of the release -> (publisher, whose, shares of what).
TABLES = {
    "import_share": ("USGS import sources", "USA", "imports"),
    "sourcing_share": ("EC sourcing", "EU27", "supply"),
}
_NOT_NAMED = "not named by the publisher, if at all in its other countries"
_OTHERS_NOTE = "what the publisher leaves unnamed"
_NO_STAGE = "about no single stage of our chain"
_NO_YEAR = "no chain with this stage in those years"
_SELF = "hardly anything is bought abroad: no shares of it"

#: (buyer, year) -> supply of one material.
Supplies = Mapping[tuple[str, int], Sequence[Supply]]


def official_rows(books: Library, name: str, supplies: Supplies) -> list[dict[str, Any]]:
    """Rows `official`: every origin that a published table or ours puts above 1 %.

    Ours are means over the years of the table that have a chain. Where the publisher's shares are
    of imports, ours are too: own supply is left out, and scrap of shares by where it was made.
    Published shares also enter the balance as soft rows, so agreement is no independent proof.
    """
    rows: list[dict[str, Any]] = []
    for quantity, (publisher, buyer, of) in TABLES.items():
        head = {"table": "official", "publisher": publisher, "material": name, "place": buyer}
        series = _series(books, name, quantity)
        if not series:
            note = f"{publisher}: the release has no such table of {name}"
            rows.append({**head, "official": None, "note": note})
        for key, printed in series.items():
            rows += [{**head, **row} for row in _compared(name, key, printed, buyer, of, supplies)]
    return rows


@dataclass(frozen=True)
class _Key:
    """One printed table: its own name, stage as the reader has it, years."""

    stage: str | None
    detail: str
    year: int
    year_to: int
    source: str


@dataclass(frozen=True)
class _Ours:
    """Mean share over years with the mean ends of its bands."""

    value: float | None
    low: float | None
    high: float | None
    id: str | None


def _series(books: Library, name: str, quantity: str) -> dict[_Key, list[dict[str, Any]]]:
    found: dict[_Key, list[dict[str, Any]]] = defaultdict(list)
    for r in books.rows(
        "SELECT * FROM facts WHERE quantity = ? AND material = ? "
        "ORDER BY stage, detail, value DESC, partner",
        [quantity, name],
    ):
        key = _Key(r["stage"], str(r["detail"]), r["year"], r["year_to"], r["source"])
        found[key].append(r)
    return found


def _compared(
    name: str,
    key: _Key,
    printed: Sequence[Mapping[str, Any]],
    buyer: str,
    of: str,
    supplies: Supplies,
) -> list[dict[str, Any]]:
    stage = _chain_stage(name, key.stage)
    spans = {
        lens: [
            supply
            for year in range(key.year, key.year_to + 1)
            for supply in supplies.get((buyer, year), ())
            if (supply.stage, supply.lens) == (stage, lens)
        ]
        for lens in (DIRECT, LOOK_THROUGH)
    }
    years = sorted({s.year for s in spans[DIRECT]})
    missing = _NO_STAGE if stage is None else None if years else _NO_YEAR
    by_origin = {str(r["partner"]): r for r in printed}
    ours = {lens: _ours(found, of) for lens, found in spans.items()}
    named = dict.fromkeys(by_origin)
    named |= dict.fromkeys(
        o for found in ours.values() for o, x in found.items() if (x.value or 0.0) > _SHOWN
    )
    grade = max((s.grade_of() for s in spans[DIRECT]), default=None)
    inferred = any(s.inferred() for s in spans[DIRECT])
    rows = []
    for origin in named:
        fact = by_origin.get(origin)
        direct, made = (_of(ours[lens], origin, years) for lens in (DIRECT, LOOK_THROUGH))
        if fact is not None and _below(fact, direct, made):
            continue
        rows.append(
            {
                "stage": stage or key.stage,
                "series": key.detail,
                "of": of,
                "years": _span(key.year, key.year_to),
                "year": key.year_to,
                "origin": origin,
                "official": fact["value"] if fact else None,
                "official_low": fact["low"] if fact else None,
                "official_high": fact["high"] if fact else None,
                "printed": fact["raw_value"] if fact else None,
                **_columns("ours_direct", direct),
                **_columns("ours_look_through", made),
                "ours_years": _span(years[0], years[-1]) if years else None,
                "unit": "share",
                "grade": grade,
                "kind": fact["kind"] if fact else "modelled",
                "source": source(key.source).citation,
                "id": f"fact:{fact['fact']}" if fact else None,
                "note": _note(fact, origin, missing, ours, inferred),
            }
        )
    return rows


def _chain_stage(name: str, stage: str | None) -> str | None:
    """The stage of our chain that a printed table is about."""
    if name not in recipes() or stage is None:
        return None
    for part in recipes()[name].stages:
        if stage in part.production_stages:
            return part.stage
    return None


def _ours(found: Sequence[Supply], of: str) -> dict[str, _Ours]:
    """Our mean shares by origin; empty where there are none."""
    parts: dict[str, list[tuple[float, float | None, float | None, str]]] = defaultdict(list)
    counted = 0
    for supply in found:
        left_out = {*supply.members, SCRAP} if of == "imports" else set()
        whole = 1.0 - sum((s.value or 0.0) for o, s in supply.shares.items() if o in left_out)
        if whole < _BUYS_ABROAD:
            continue
        counted += 1
        for origin, share in supply.shares.items():
            if origin not in left_out and share.value is not None:
                bounds = [
                    None if x is None else min(x / whole, 1.0) for x in (share.low, share.high)
                ]
                value = min(share.value / whole, 1.0)
                parts[origin].append((value, bounds[0], bounds[1], supply.id(origin)))
    return {o: _mean(each, counted) for o, each in parts.items()}


def _mean(parts: Sequence[tuple[float, float | None, float | None, str]], years: int) -> _Ours:
    """Mean over all years; an origin that is absent in a year supplies nothing in it."""
    value, low, high = (
        float(np.sum([p[k] for p in parts]) / years)
        if all(p[k] is not None for p in parts)
        else None
        for k in range(3)
    )
    return _Ours(value, low, high, parts[-1][3])


def _of(ours: Mapping[str, _Ours], origin: str, years: Sequence[int]) -> _Ours:
    if not ours or not years or origin == OTHERS:
        return _Ours(None, None, None, None)
    return ours.get(origin, _Ours(0.0, 0.0, LEFT_OUT, None))


def _below(fact: Mapping[str, Any], direct: _Ours, made: _Ours) -> bool:
    """Whether nobody puts an origin above what is shown."""
    if fact["value"] is None or fact["value"] >= _SHOWN:
        return False
    return all((x.value or 0.0) <= _SHOWN for x in (direct, made))


def _columns(name: str, ours: _Ours) -> dict[str, Any]:
    return {
        name: ours.value,
        f"{name}_low": ours.low,
        f"{name}_high": ours.high,
        f"{name}_id": ours.id,
    }


def _note(
    fact: Mapping[str, Any] | None,
    origin: str,
    missing: str | None,
    ours: Mapping[str, Mapping[str, _Ours]],
    inferred: bool,
) -> str | None:
    words = []
    if fact is None:
        words.append(_NOT_NAMED)
    else:
        if origin == OTHERS:
            words.append(_OTHERS_NOTE)
        if "suspect" in str(fact["flag"]):
            words.append("suspect: kept as evidence, not used")
        if fact["note"]:
            words.append(str(fact["note"]))
    if missing:
        words.append(missing)
    elif not ours[DIRECT]:
        words.append(_SELF)
    if inferred:
        words.append(INFERRED_NOTE)
    return "; ".join(words) or None


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
