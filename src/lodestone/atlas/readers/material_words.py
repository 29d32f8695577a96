"""Turns a phrase such as "copper (zinc, lead)" or "gallium; germanium" into material ids.

Two ways to a material: the table of names in `terms`, and, for phrases no such table should
carry ("raw minerals", "superhard materials"), a reader's own list that a person has read. An
unknown phrase is a problem, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lodestone import terms
from lodestone.terms.errors import Problems

_BETWEEN = re.compile(r"[;+]")
_BRACKET = re.compile(r"\(([^)]*)\)")


def material_ids(
    phrase: str, phrases: Mapping[str, tuple[str, ...]], where: str, problems: Problems
) -> list[str]:
    """Ids of the materials a phrase names, in its order, each once.

    Parameters
    ----------
    phrase
        Parts between `;` or `+`; a part in brackets is read too ("PGM (palladium)").
    phrases
        A reader's own readings: part or whole phrase, lower case, to ids; an empty tuple says
        that it names no material of ours.
    where, problems
        Where an unknown part is noted.
    """
    whole = phrases.get(phrase.strip().lower())
    if whole is not None:
        return list(whole)
    found: dict[str, None] = {}
    for part in _BETWEEN.split(phrase):
        for ident in _ids_of_part(part.strip(), phrases, where, problems):
            found[ident] = None
    return list(found)


def _ids_of_part(
    part: str, phrases: Mapping[str, tuple[str, ...]], where: str, problems: Problems
) -> list[str]:
    known = phrases.get(part.lower())
    if known is not None:
        return list(known)
    bracket = _BRACKET.search(part)
    if bracket:
        words = [part[: bracket.start()].strip(), *bracket.group(1).split(",")]
        return [i for word in words for i in _ids_of_part(word.strip(), phrases, where, problems)]
    found = terms.find_material(part)
    if found is not None:
        return [found.id]
    if part and terms.excluded(part) is None:
        mend = "name a material of ours, or teach the reader the phrase"
        problems.add(f"unknown material {part!r}", where, mend)
    return []
