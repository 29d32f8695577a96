"""A scenario: measures over months, with a name, a source and a hash that identifies it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from numbers import Real
from typing import Any

from lodestone.chain.measure import Measure


@dataclass(frozen=True)
class Scenario:
    """What is asked: measures that act on a world of one year, over a number of months.

    Attributes
    ----------
    name : short id, such as `china_gallium_germanium_2023`
    measures : what happens
    start : first month, `YYYY-MM`; month 0 of every answer
    months : how many months are walked
    year : year of the balanced world it starts from; None for the latest
    title, about, source : words for people; `source` says where the measures are documented
    checks : what a reader must look at before relying on it (a suspension that has run out)
    """

    name: str
    measures: tuple[Measure, ...]
    start: str
    months: int = 24
    year: int | None = None
    title: str = ""
    about: str = ""
    source: str = ""
    checks: tuple[str, ...] = ()

    def canonical(self) -> Mapping[str, Any]:
        """What decides the answer, in one fixed form: words for people are left out."""
        return {
            "start": self.start,
            "months": self.months,
            "year": self.year,
            "measures": sorted(
                (_plain(asdict(m)) for m in self.measures),
                key=lambda m: json.dumps(m, sort_keys=True),
            ),
        }

    @property
    def digest(self) -> str:
        """sha256 of the canonical form: the order of measures and keys does not matter."""
        text = json.dumps(self.canonical(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(measure: dict[str, Any]) -> dict[str, Any]:
    """Numbers as floats: 5 tonnes and 5.0 tonnes are one question."""
    return {k: float(v) if isinstance(v, Real) else v for k, v in measure.items()}
