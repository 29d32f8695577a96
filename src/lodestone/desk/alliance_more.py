"""An alliance's answer with the rows of a further question at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lodestone.desk.alliancing import AllianceAnswer
    from lodestone.desk.answer import Answer


def with_more(
    answer: AllianceAnswer, word: str, said: Mapping[str, Any], found: Answer
) -> AllianceAnswer:
    """Rows, notes and sources of both; the query tells what was asked further.

    Parameters
    ----------
    word, said : name of the further question in the query, and its words
    found : its answer
    """
    return replace(
        answer,
        query={**answer.query, word: dict(said)},
        results=(*answer.results, *found.results),
        notes=(*answer.notes, *found.notes),
        sources=tuple(dict.fromkeys([*answer.sources, *found.sources])),
    )
