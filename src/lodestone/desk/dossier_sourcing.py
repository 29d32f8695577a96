"""Where the materials of a bill were mined, refined and recycled: the company's own mapping.

What the bill says of suppliers is taken as it is. What lies behind them is read off the balanced
chain: the feed of each supplier's country (`chain.supplier_origins`). The part of a line whose
supplier is not stated has an unknown origin: its central figure is the mix of the company's place,
its band runs from none of it to all of it. Countries without shares stand for equal parts, with a
band from the least to the most that any split allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lodestone.chain.from_account import stage_grade
from lodestone.chain.look_through import SCRAP, look_through, made_by
from lodestone.chain.supplier_origins import makes, supplier_origins
from lodestone.desk.brief_labels import place_label, stage_label
from lodestone.desk.brief_rows import CHAIN_SOURCES_KEY
from lodestone.desk.dossier_case import BILL_SOURCES_KEY, CaseLine, DossierCase, stated
from lodestone.desk.graded_shares import graded_shares
from lodestone.desk.inferred_output import INFERRED_NOTE
from lodestone.report.brief_content import Figure
from lodestone.report.dossier_content import OriginShare, StageSourcing, SupplierRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

#: Origins printed for each stage; smaller ones are in the JSON file only as the rest.
MOST_ORIGINS, _LEAST = 5, 0.02
_WORST = "C"


@dataclass(frozen=True)
class Mix:
    """Shares of a supply by origin with bounds.

    Attributes
    ----------
    origins : places of the chain, and scrap; share, low, high : in that order
    grade : of the shares; empty where the company states them
    """

    origins: tuple[str, ...]
    share: Floats
    low: Floats
    high: Floats
    grade: str

    def of(self, origin: str) -> float:
        """Central share of an origin; 0 where it supplies none."""
        return float(self.share[self.origins.index(origin)]) if origin in self.origins else 0.0


#: (buyer, material, lens, stage) -> rows of the release, largest share first.
Rows = dict[tuple[str, str, str, str], list[dict[str, Any]]]


def sourcings(case: DossierCase) -> list[Sourcing]:
    """Where each line comes from; what the release knows of all buyers behind it is read at once."""
    buyers = {case.place, *(s.place for line in case.lines for s in line.line.suppliers)}
    names = {line.material for line in case.lines}
    held: Rows = {}
    kept = case.books.rows(
        f"SELECT * FROM dependence WHERE year = ? AND buyer IN ({_marks(buyers)}) "
        f"AND material IN ({_marks(names)}) ORDER BY share DESC, origin",
        [case.year, *sorted(buyers), *sorted(names)],
    )
    for row in graded_shares(case.books, kept):
        key = (row["buyer"], row["material"], row["lens"], row["stage"])
        held.setdefault(key, []).append(row)
    return [Sourcing(case, line, held) for line in case.lines]


def _marks(words: set[str]) -> str:
    return ", ".join("?" for _ in words)


class Sourcing:
    """Where one line of a bill comes from, stage by stage."""

    def __init__(self, case: DossierCase, line: CaseLine, held: Rows) -> None:
        self.case, self.line, self.chain, self._held = case, line, line.chain, held
        self.origins = (*line.chain.places, SCRAP)
        self.stages = tuple(s.stage for s in line.chain.stages)[: line.position + 1]
        self._mixes: dict[str, Mix] = {}

    def mix(self, stage: str) -> Mix:
        """The company's supply by where it was worked at a stage."""
        if stage not in self._mixes:
            self._mixes[stage] = self._made(stage)
        return self._mixes[stage]

    @cached_property
    def shares(self) -> tuple[dict[str, float], float, bool]:
        """Suppliers' shares, the part that is not stated, and whether the split is stated."""
        named = self.line.line.suppliers
        split = self.line.line.stated
        if not named:
            return {}, 1.0, True
        if split is None:
            return {s.place: 1.0 / len(named) for s in named}, 0.0, False
        return {s.place: s.share or 0.0 for s in named}, max(0.0, 1.0 - split), True

    @cached_property
    def made(self) -> list[Floats]:
        """Who made what each place has, at every stage."""
        return [made_by(s) for s in self.chain.stages]

    def _origins_of(self, code: str, stage: str) -> Floats:
        """Where goods of a supplier's country were worked at a stage."""
        return supplier_origins(self.chain, code, self.line.stage, stage, self.made)

    def _made(self, stage: str) -> Mix:
        parts, rest, split = self.shares
        n = len(self.origins)
        share, low, high = np.zeros(n), np.zeros(n), np.zeros(n)
        least, most = np.full(n, np.inf), np.zeros(n)
        grades: list[str] = []
        for code, part in parts.items():
            own = self._origins_of(code, stage)
            if np.isnan(own).any():
                rest += part
                continue
            down, up = self._data_band(code, own, stage)
            share += part * own
            low += part * down
            high += part * up
            least, most = np.minimum(least, down), np.maximum(most, up)
            grades.append(self._grade(code, stage))
        if not split and grades:
            low, high = least, most
        if rest > 1e-9:
            around = self._around(stage)
            share = share + rest * around
            high = high + rest
            grades.append(self._place_grade(stage))
        share = share / share.sum()
        low, high = np.minimum(low, share), np.maximum(np.minimum(high, 1.0), share)
        return Mix(self.origins, share, low, high, max(grades, default=_WORST))

    def _data_band(self, code: str, own: Floats, stage: str) -> tuple[Floats, Floats]:
        """How far the feed of a supplier's country may be off: the release's own bands carried over.

        The release redraws every estimate; the relative band of the country's shares by origin
        (direct arrivals for the stage before, look-through further back) is taken for its feed.
        """
        down, up = own.copy(), own.copy()
        if stage == self.line.stage:
            return down, up
        for row in self._rows(code, stage):
            k = self.origins.index(row["origin"]) if row["origin"] in self.origins else -1
            if k < 0 or row["share"] <= 0.0:
                continue
            down[k] = min(1.0, own[k] * row["low"] / row["share"])
            up[k] = min(1.0, own[k] * row["high"] / row["share"])
        return down, up

    def _rows(self, code: str, stage: str) -> list[dict[str, Any]]:
        lens = "direct" if self._before(stage) else "look_through"
        return self._held.get((code, self.line.material, lens, stage), [])

    def _before(self, stage: str) -> bool:
        """Whether a stage is the one before that at which the line is bought."""
        return self.stages.index(stage) == len(self.stages) - 2

    def _grade(self, code: str, stage: str) -> str:
        if stage == self.line.stage and makes(self.chain, code, stage):
            return ""
        rows = self._rows(code, stage)
        return _supply_grade(rows)

    def _place_grade(self, stage: str) -> str:
        return _supply_grade(self._place_rows(stage))

    def _place_rows(self, stage: str) -> list[dict[str, Any]]:
        return self._held.get((self.case.place, self.line.material, "look_through", stage), [])

    def _around(self, stage: str) -> Floats:
        """Mix of what the place takes in at the line's stage; the world's where it takes in none."""
        for group in (self.case.members, self.chain.places):
            found = look_through(self.chain, group, stage, self.line.stage).share
            if not np.isnan(found).any():
                return np.asarray(found)
        return np.full(len(self.origins), 1.0 / len(self.origins))

    # --- as it is printed ------------------------------------------------------------------

    def suppliers(self) -> tuple[SupplierRow, ...]:
        """The suppliers of the line, each with where its own feed comes from."""
        return tuple(
            self._supplier(s.place, s.share)
            for s in sorted(self.line.line.suppliers, key=lambda s: (-(s.share or 0.0), s.place))
        )

    def _supplier(self, code: str, share: float | None) -> SupplierRow:
        line = self.line
        before = self.stages[-2] if len(self.stages) > 1 else ""
        feed: tuple[OriginShare, ...] = ()
        if before:
            own = self._origins_of(code, before)
            down, up = self._data_band(code, own, before)
            mix = Mix(self.origins, own, down, up, self._grade(code, before))
            head = f"supplier:{line.material}:{self.case.year}:{code}:{line.stage}:{before}"
            feed = self._listed(mix, head, CHAIN_SOURCES_KEY, most=3)
        note = "" if share is not None else "the bill names the country, not its share"
        return SupplierRow(
            place=place_label(code),
            code=code,
            share=stated(line, f"supplier:{code}", share, "share", note),
            makes=makes(self.chain, code, line.stage),
            feed_stage=stage_label(line.material, before) if before else "",
            feed_key=before,
            feed=feed,
        )

    def tables(self) -> tuple[StageSourcing, ...]:
        """Each stage up to that of the line, first to last."""
        return tuple(self._table(stage) for stage in self.stages)

    def _table(self, stage: str) -> StageSourcing:
        line, case = self.line, self.case
        mix = self.mix(stage)
        head = f"bill:{line.line.row}:{line.material}:{stage}"
        at = self.chain.stage(stage)
        world = at.output / at.output.sum()
        countries = self._countries(mix.share)
        largest = int(np.argmax(countries))
        grade = mix.grade
        world_mix = Mix(self.origins, np.append(world, 0.0), *(np.append(world, 0.0),) * 2, "")
        return StageSourcing(
            stage=stage_label(line.material, stage),
            key=stage,
            company=self._listed(mix, head, BILL_SOURCES_KEY, CHAIN_SOURCES_KEY),
            around=self._place_table(stage),
            world=self._listed(
                world_mix,
                f"cell:{line.material}:{case.year}:{stage}",
                CHAIN_SOURCES_KEY,
                grade=stage_grade(at),
            ),
            hhi=self._modelled(f"{head}:hhi", float((countries**2).sum()), "index", grade),
            hhi_world=self._modelled(
                f"chain:{line.material}:{case.year}",
                float((self._countries(np.append(world, 0.0)) ** 2).sum()),
                "index",
                stage_grade(at),
            ),
            largest=place_label(self.origins[largest]),
            left=self._left(f"{head}:left", mix, largest, grade),
        )

    def _left(self, id: str, mix: Mix, largest: int, grade: str) -> Figure:
        """Share of the supply that is left without the largest country."""
        return Figure(
            id=id,
            value=float(1.0 - mix.share[largest]),
            low=float(1.0 - mix.high[largest]),
            high=float(1.0 - mix.low[largest]),
            unit="share",
            year=self.case.year,
            kind="modelled",
            grade=grade,  # type: ignore[arg-type]
            sources=(BILL_SOURCES_KEY, CHAIN_SOURCES_KEY),
        )

    def _countries(self, share: Floats) -> Floats:
        """Shares of named countries: scrap and others are many suppliers, and add no square."""
        out = share.copy()
        out[-1] = 0.0
        if "XOT" in self.origins:
            out[self.origins.index("XOT")] = 0.0
        return np.asarray(out)

    def _modelled(self, id: str, value: float, unit: str, grade: str) -> Figure:
        return Figure(
            id=id,
            value=value,
            unit=unit,
            year=self.case.year,
            kind="modelled",
            grade=grade,  # type: ignore[arg-type]
            sources=(CHAIN_SOURCES_KEY,),
        )

    def _listed(
        self, mix: Mix, head: str, *keys: str, most: int = MOST_ORIGINS, grade: str | None = None
    ) -> tuple[OriginShare, ...]:
        order = sorted(range(len(mix.share)), key=lambda k: (-mix.share[k], mix.origins[k]))
        cells = head.startswith("cell:")
        return tuple(
            OriginShare(
                place=_origin_name(mix.origins[k]),
                code=mix.origins[k],
                share=Figure(
                    id=f"{head}:{mix.origins[k]}" + (":output" if cells else ""),
                    value=float(mix.share[k]),
                    low=None if cells or _exact(mix, k) else float(mix.low[k]),
                    high=None if cells or _exact(mix, k) else float(mix.high[k]),
                    unit="share",
                    year=self.case.year,
                    kind="modelled",
                    grade=mix.grade if grade is None else grade,  # type: ignore[arg-type]
                    sources=keys,
                ),
            )
            for k in order[:most]
            if mix.share[k] >= _LEAST
        )

    def _place_table(self, stage: str) -> tuple[OriginShare, ...]:
        """The place's look-through shares as the release has them."""
        case, line = self.case, self.line
        head = f"dependence:{line.material}:{case.year}:{case.place}:look_through:{stage}"
        return tuple(
            OriginShare(
                place=_origin_name(str(r["origin"])),
                code=str(r["origin"]),
                share=Figure(
                    id=f"{head}:{r['origin']}",
                    value=float(r["share"]),
                    low=float(r["low"]),
                    high=float(r["high"]),
                    unit="share",
                    year=case.year,
                    kind="modelled",
                    grade=r["grade"],
                    sources=(CHAIN_SOURCES_KEY,),
                    note=INFERRED_NOTE if r["inferred"] else "",
                ),
            )
            for r in self._place_rows(stage)[:MOST_ORIGINS]
        )


def _supply_grade(rows: list[dict[str, Any]]) -> str:
    """Grade of a supply as a whole: one member's own output may be known worse than the rest."""
    return min((str(r["grade"]) for r in rows), default=_WORST)


def _exact(mix: Mix, k: int) -> bool:
    """Whether a share is as the bill states it, without a band."""
    return bool(mix.low[k] == mix.high[k])


def _origin_name(code: str) -> str:
    if code == SCRAP:
        return "scrap"
    return "other countries" if code == "XOT" else place_label(code)
