"""Who uses what in an economy: applications and exposures, laid on its input-output table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from lodestone.desk.economies import concordance_of, economy

if TYPE_CHECKING:
    from lodestone.atlas.applications import Application, Need
    from lodestone.economy.exposure import Exposure, Part
    from lodestone.economy.table import EconomyTable

#: The list of sectors in which needs are judged.
_JUDGED = "bea402"


@cache
def exposures(place: str, year: int) -> Mapping[str, Exposure]:
    """The exposure of a place to every material whose uses are known.

    Shares of use are the place's own where a source states them, else those of the world. Where
    the place's table has other sectors than those the needs were judged in, a need is carried over
    by the concordance, and its exposure by the US make-up of the sector.
    """
    from lodestone.atlas.applications import applications
    from lodestone.economy.exposure import exposure

    table = economy(place, year)
    carry = _Carry(table)
    found: dict[str, Exposure] = {}
    for name, uses in _by_material(applications(), place).items():
        parts = [part for use in uses for part in carry.parts(use)]
        if parts:
            found[name] = exposure(table, name, _of_one_whole(parts))
    return found


def _of_one_whole(parts: list[Part]) -> list[Part]:
    """Printed shares may sum to a little over one: then all are taken in proportion."""
    total = sum(part.spend_share for part in parts)
    if total <= 1.0:
        return parts
    return [replace(part, spend_share=part.spend_share / total) for part in parts]


def _by_material(all_uses: tuple[Application, ...], place: str) -> dict[str, list[Application]]:
    """Applications of each material as they hold in a place."""
    grouped: dict[str, dict[str, list[Application]]] = {}
    for use in all_uses:
        grouped.setdefault(use.material, {}).setdefault(use.place, []).append(use)
    return {name: by.get(place) or by.get("WLD", []) for name, by in grouped.items()}


class _Carry:
    """Puts needs judged in US industries into the sectors of a table."""

    def __init__(self, table: EconomyTable) -> None:
        self.table = table
        self.same = table.scheme == _JUDGED
        if self.same:
            return
        home = economy("USA", table.year)
        self.to = concordance_of(f"{_JUDGED}_to_{table.scheme}")
        size = {code: home.output[home.at[code]] for code in self.to.from_codes if code in home.at}
        total = dict.fromkeys(self.to.to_codes, 0.0)
        for code, i in self.to.at.items():
            for j, target in enumerate(self.to.to_codes):
                total[target] += self.to.weights[i, j] * size.get(code, 0.0)
        self.size, self.total = size, total

    def parts(self, use: Application) -> list[Part]:
        """All parts of one application."""
        return [part for need in use.needs for part in self._placed(use, need)]

    def _placed(self, use: Application, need: Need) -> list[Part]:
        from lodestone.economy.exposure import Part

        share = use.share.central * need.weight
        phi = (need.phi.low, need.phi.central, need.phi.high)
        if self.same:
            return [Part(use.id, use.label, need.industry, need.industry, share, phi, need.basis)]
        found = []
        row = self.to.weights[self.to.at[need.industry]]
        for target, weight in zip(self.to.to_codes, row, strict=True):
            if weight <= 0.0 or target not in self.table.at or self.total[target] <= 0.0:
                continue
            inside = weight * self.size.get(need.industry, 0.0) / self.total[target]
            scaled = tuple(float(x * inside) for x in phi)
            found.append(
                Part(
                    use.id,
                    use.label,
                    target,
                    need.industry,
                    share * float(weight),
                    (scaled[0], scaled[1], scaled[2]),
                    need.basis,
                )
            )
        return found
