"""Notes on customs codes that the open files do not hold, for the stages that an answer shows."""

from __future__ import annotations

from collections.abc import Iterable

from lodestone.desk.library import Library
from lodestone.desk.unseen import _what
from lodestone.terms import material

#: Of more stages than this an answer says how many, and where the list is.
_MOST = 6


def unseen_codes(
    books: Library, year: int, names: Iterable[str], stages: Iterable[tuple[str, str]] | None = None
) -> tuple[str, ...]:
    """Say which customs codes of some materials are not in the open files of a year.

    Parameters
    ----------
    names : ids of materials
    stages : of them, (material, stage) alone; every stage if left out

    Returns
    -------
    tuple of str
        A sentence a stage; one for all where they are many; none where all codes are at hand.
    """
    wanted, shown = set(names), None if stages is None else set(stages)
    rows = [
        r
        for r in books.rows(
            "SELECT material, stage, missing_codes, seen_share FROM chain_stages "
            'WHERE year = ? ORDER BY material, "order"',
            [year],
        )
        if r["material"] in wanted and (shown is None or (r["material"], r["stage"]) in shown)
    ]
    gaps = [r for r in rows if r["missing_codes"]]
    if len(gaps) > _MOST:
        return (
            f"Not seen: of {len(gaps)} of {len(rows)} stages a part of the trade is in no open customs "
            "file, and is inferred; `lodestone data unseen` lists the codes.",
        )
    return tuple(
        f"Not seen: {material(r['material']).name}, {_what(r['material'], r['stage'])}, {year}: "
        f"{r['missing_codes']}. The open files show {r['seen_share']:.0%} of this trade (judged); "
        "the rest is inferred."
        for r in gaps
    )
