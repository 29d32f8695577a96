"""Who uses what in an economy: applications and exposures, laid on its input-output table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    by_material: dict[str, list[Application]] = {}
    for use in applications(place):
        by_material.setdefault(use.material, []).append(use)
    found: dict[str, Exposure] = {}
    for name, uses in by_material.items():
        shares = _spend_shares(uses, place, year)
        parts = [
            p for use, share in zip(uses, shares, strict=True) for p in carry.parts(use, share)
        ]
        if parts:
            found[name] = exposure(table, name, parts)
    return found


def _spend_shares(uses: Sequence[Application], place: str, year: int) -> list[float]:
    """Share of the place's spend on a material that each use takes.

    Where uses are told apart by the stage they buy from, a use takes its share of its stage, and
    the stage what the place spends there: a car maker's magnets are worth more than the oxide in them.
    Printed shares may sum to a little over one: then all are taken in proportion.
    """
    total: dict[str, float] = {}
    for use in uses:
        total[use.stage] = total.get(use.stage, 0.0) + use.share.central
    if set(total) == {""}:
        whole = max(total[""], 1.0)
        return [use.share.central / whole for use in uses]
    spend = _stage_spend(uses[0].material, place, year)
    weight = {stage: spend.get(stage, 0.0) for stage in total}
    if not sum(weight.values()) > 0.0:
        weight = total  # nothing is spent, or no price known: as the shares have it
    whole = sum(weight.values())
    return [
        weight[use.stage]
        / whole
        * (use.share.central / total[use.stage] if total[use.stage] else 0.0)
        for use in uses
    ]


def _stage_spend(name: str, place: str, year: int) -> dict[str, float]:
    """What a place spends on a material at each stage in a normal year, USD; without the unknown."""
    import numpy as np

    from lodestone.desk.study_work import market_at_rest
    from lodestone.desk.worlds import world
    from lodestone.market.outcome import use_value
    from lodestone.terms import members

    there = world(year)
    if name not in there.chains:
        return {}
    market = market_at_rest(year, name)
    value = use_value(there, market, members(place, year))
    return {s: float(v) for s, v in zip(market.stages, value, strict=True) if np.isfinite(v)}


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

    def parts(self, use: Application, share: float) -> list[Part]:
        """All parts of one application that takes a share of the spend."""
        return [part for need in use.needs for part in self._placed(use, need, share)]

    def _placed(self, use: Application, need: Need, of_use: float) -> list[Part]:
        from lodestone.economy.exposure import Part

        share = of_use * need.weight
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
