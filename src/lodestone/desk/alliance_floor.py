"""The price floor of an alliance: read from words, its rows added at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lodestone.desk.alliance_more import with_more
from lodestone.terms.errors import RequestError

#: USD per kg; nothing that is traded by weight costs as much.
_MOST_PRICE = 1e9

if TYPE_CHECKING:
    from lodestone.desk.alliance_question import AllianceQuestion
    from lodestone.desk.alliancing import AllianceAnswer


def with_floor(answer: AllianceAnswer, material: str, usd_per_kg: float) -> AllianceAnswer:
    """The answer with what a price floor of its members does, and what else would."""
    from lodestone.desk.price_floor import price_floor

    asked = answer.asked
    found = price_floor(asked.members, material, usd_per_kg, year=asked.year)
    said = {"material": material, "usd_per_kg": usd_per_kg}
    return with_more(answer, "floor", said, found)


def check_floor(asked: AllianceQuestion, material: str, usd_per_kg: float) -> None:
    """See that a floor can be set, before anything is walked.

    Raises
    ------
    RequestError
        An unknown material, or one without a price or a chain.
    """
    from lodestone.desk.price_floor import floor_case

    floor_case(asked.members, material, usd_per_kg, asked.year)


def read_floor(text: str) -> tuple[str, float]:
    """Material and USD per kg of `NdPr:110`.

    Raises
    ------
    RequestError
        Words that are no floor.
    """
    name, _, price = text.partition(":")
    try:
        found = float(price)
    except ValueError:
        found = 0.0
    if not is_floor(name, found):
        raise RequestError(f"floor {text!r} cannot be read -> write MATERIAL:USD_PER_KG: NdPr:110")
    return name.strip(), found


def is_floor(material: str, usd_per_kg: float) -> bool:
    """Whether it can be a floor; the material is not looked up."""
    return bool(material.strip()) and 0.0 < usd_per_kg < _MOST_PRICE
