"""What the EC method needs beside a supply chain: recycling, substitution, t, end uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lodestone.assess.ec_criticality import EndUses
from lodestone.assess.panel import FloatArray, Node
from lodestone.desk.library import Library
from lodestone.terms import group_members, material, members

_EU_MEMBER_T, _DEFAULT_T = 0.8, 1.0


@dataclass(frozen=True)
class Rate:
    """A rate with the range of its sources; `year` is that of the study."""

    value: float
    low: float
    high: float
    year: int


class EcInputs:
    """Inputs of the Commission's studies, read once a question."""

    def __init__(self, books: Library) -> None:
        self._books = books

    @cached_property
    def recycling(self) -> dict[str, Rate]:
        """End-of-life recycling input rate by material, of the latest study that has one.

        Where copies of one study differ, the middle of their range, with the range.
        """
        rows = self._books.rows(
            "SELECT material, year, min(value) AS low, max(value) AS high FROM facts "
            "WHERE quantity = 'eol_rir' AND value IS NOT NULL GROUP BY material, year ORDER BY year"
        )
        return {
            r["material"]: Rate((r["low"] + r["high"]) / 2, r["low"], r["high"], int(r["year"]))
            for r in rows
        }

    @cached_property
    def substitution_sr(self) -> Substitution:
        """Substitution indices that weigh supply risk, of the 2017 study."""
        return self._substitution("substitution_sr")

    @cached_property
    def substitution_ei(self) -> Substitution:
        """Substitution indices that weigh economic importance, of the 2017 study."""
        return self._substitution("substitution_ei")

    def _substitution(self, column: str) -> Substitution:
        by_stage: dict[str, dict[str | None, float]] = defaultdict(dict)
        for row in self._books.rows(
            f"SELECT material, stage, {column} AS si FROM ec_crm2017 "
            f"WHERE material IS NOT NULL AND {column} IS NOT NULL ORDER BY fact"
        ):
            by_stage[row["material"]][row["stage"]] = row["si"]
        return Substitution(by_stage)

    def trade_parameter(self, node: Node, places: Sequence[str]) -> FloatArray:
        """t of each place at one node: of the world list, else the EU list, else the default.

        The default is 0.8 for a member of the EU and 1.0 for others.
        """
        known = self._trade_parameters.get(node, {})
        default = {True: _EU_MEMBER_T, False: _DEFAULT_T}
        return np.array([known.get(p, default[p in self._eu]) for p in places])

    @cached_property
    def _eu(self) -> frozenset[str]:
        return frozenset(members("EU27"))

    @cached_property
    def _trade_parameters(self) -> dict[Node, dict[str, float]]:
        found: dict[Node, dict[str, float]] = defaultdict(dict)
        # 'EU27' sorts before 'world': the world list, read last, has the last word
        for row in self._books.rows(
            "SELECT material, stage, place, t FROM ec_trade_parameter "
            "WHERE stage IS NOT NULL AND t IS NOT NULL ORDER BY scope, fact"
        ):
            found[Node(row["material"], row["stage"])][row["place"]] = row["t"]
        return dict(found)

    def end_uses(self, materials: Iterable[str], *, unknown_sector: str) -> EndUses:
        """Use shares by sector of the materials that the study has.

        Parameters
        ----------
        unknown_sector : {'spread', 'nothing', 'largest'}
            What a use without a sector counts as: like the other uses of the material, nothing,
            or part of the largest sector.
        """
        rows = self._end_use_rows
        worth = {r["nace2"]: r["va_mn_eur"] for r in rows if r["va_mn_eur"] is not None}
        sectors = tuple(sorted(worth))
        largest = max(worth, key=lambda sector: worth[sector])
        wanted = set(materials)
        names = tuple(sorted({r["material"] for r in rows if r["material"] in wanted}))
        share = np.zeros((len(names), len(sectors)))
        lost = np.zeros(len(names))
        for row in rows:
            if row["material"] in wanted:
                m = names.index(row["material"])
                if row["nace2"] in worth:
                    share[m, sectors.index(row["nace2"])] += row["share"]
                else:
                    lost[m] += row["share"]
        if unknown_sector == "largest":
            share[:, sectors.index(largest)] += lost
        elif unknown_sector == "spread":
            known = share.sum(axis=1)
            share *= np.divide(known + lost, known, out=np.ones_like(known), where=known > 0)[
                :, None
            ]
        value_added = np.array([worth[s] for s in sectors])
        return EndUses(names, sectors, share, value_added, worth[largest])

    @cached_property
    def _end_use_rows(self) -> list[dict[str, Any]]:
        return self._books.rows(
            "SELECT material, nace2, share, va_mn_eur FROM ec_end_uses "
            "WHERE material IS NOT NULL AND share IS NOT NULL ORDER BY fact"
        )


@dataclass(frozen=True)
class Substitution:
    """Substitution indices by material and the stage that the study looked at."""

    by_stage: Mapping[str, Mapping[str | None, float]]

    def at(self, node: Node) -> float:
        """Index of a material's stage, of its only entry, or the mean over a group; NaN if none."""
        own = self.by_stage.get(node.material, {})
        if node.stage in own:
            return own[node.stage]
        if own:
            # another stage of it: the last one, which for aluminium is the metal, not bauxite
            return max(own.items(), key=lambda item: str(item[0]))[1]
        return self._mean_of_members(node)

    def _mean_of_members(self, node: Node) -> float:
        if not material(node.material).members:
            return float("nan")
        found = [
            si
            for member in group_members(node.material)
            for si in self.by_stage.get(member, {}).values()
        ]
        return float(np.mean(found)) if found else float("nan")
