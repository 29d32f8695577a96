"""Rows of the release's table of shares with the grade that they have in every answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lodestone.desk.inferred_output import INFERRED_GRADE, inferred_output
from lodestone.desk.library import Library
from lodestone.terms import members


def graded_shares(books: Library, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `dependence`, C where most of a supply is own output that no producer list names.

    Parameters
    ----------
    rows : all origins of each (buyer, year, material, lens, stage) among them

    Returns
    -------
    list of dict
        In the same order; `inferred` says where the grade cannot be better for that reason.
    """
    inside = {key: members(*key) for key in {(str(r["buyer"]), int(r["year"])) for r in rows}}
    own: dict[tuple[Any, ...], float] = defaultdict(float)
    for r in rows:
        if r["origin"] in inside[r["buyer"], r["year"]]:
            own[_supply(r)] += r["share"]
    graded = []
    for r in rows:
        mine, guessed = inside[r["buyer"], r["year"]], inferred_output(books, int(r["year"]))
        inferred = guessed.carries(r["material"], r["stage"], mine, own[_supply(r)], r["origin"])
        grade = max(r["grade"], INFERRED_GRADE) if inferred else r["grade"]
        graded.append({**r, "grade": grade, "inferred": inferred})
    return graded


def _supply(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column] for column in ("buyer", "year", "material", "lens", "stage"))
