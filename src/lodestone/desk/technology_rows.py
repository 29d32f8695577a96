"""Rows of the verb `technology_position`: numbers with their band, grade, kind, note and source."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lodestone.assess.technology_bands import ShareBand
from lodestone.assess.technology_position import (
    LeverEffect,
    StagePosition,
    TechnologyPosition,
    is_held,
)
from lodestone.atlas.technologies import MATERIAL, OUTPUT, USE, Figure, Technology, TechnologyStage
from lodestone.chain.from_account import MUCH, SOME
from lodestone.desk.technology_supply import Viewer, figures_behind, why_barred

Row = dict[str, Any]
_CHAINS = "balanced chains of the data release, looked through"
_WEIGHTS = "weights of the materials: technology_materials.csv, judged"
_WHERE = "technology_stages.csv"


def technology_rows(
    positions: Iterable[TechnologyPosition],
    technologies: Sequence[Technology],
    viewers: Sequence[Viewer],
    banded: Collection[str],
) -> list[Row]:
    """Rows of all positions: first where places stand, then every stage, then what changes it.

    Parameters
    ----------
    banded : buyers for whom the release has bands; of others the material stages have none
    """
    stages = {(t.name, s.name): s for t in technologies for s in t.stages}
    by_place = {viewer.buyer.id: viewer for viewer in viewers}
    found: dict[str, list[Row]] = {"position": [], "held": [], "stage": [], "change": []}
    for position in positions:
        page = _Page(position, stages, by_place[position.place], position.place in banded)
        for row in page.rows():
            found[row["table"]].append(row)
    return [row for rows in found.values() for row in rows]


class _Page:
    """All rows of one technology and place."""

    def __init__(
        self,
        position: TechnologyPosition,
        stages: Mapping[tuple[str, str], TechnologyStage],
        viewer: Viewer,
        banded: bool,
    ) -> None:
        self.position, self.viewer, self.banded = position, viewer, banded
        self._stages = stages
        self._grades = {s.supply.name: _grade(s) for s in position.stages}

    def rows(self) -> Iterator[Row]:
        """Every row, each with the table it belongs to."""
        yield from (self._mean(supplier) for supplier in self.viewer.suppliers)
        yield self._held()
        for stage in self.position.stages:
            yield self._controlled(stage)
            yield from (self._dependence(stage, s) for s in self.viewer.suppliers)
            yield self._concentration(stage)
        yield from (self._change(effect) for effect in self.position.levers)

    def _row(self, table: str, share: ShareBand | None, *, banded: bool, **more: Any) -> Row:
        ends = share if banded else None
        return {
            "table": table,
            "technology": self.position.technology,
            "place": self.position.place,
            "year": self.viewer.year,
            **more,
            "value": None if share is None else share.value,
            "low": None if ends is None else ends.low,
            "high": None if ends is None else ends.high,
            "unit": "share",
        }

    def _mean(self, supplier: str) -> Row:
        shares = {s.supply.name: s.on.get(supplier) for s in self.position.stages}
        weakest = self.position.weakest.get(supplier)
        worst = None if weakest is None else weakest.on[supplier]
        row = self._row(
            "position",
            self.position.on.get(supplier),
            banded=self.banded,
            supplier=supplier,
            weakest_stage=None if weakest is None else weakest.supply.name,
            weakest=None if worst is None else worst.value,
            **self._counted(shares),
        )
        return {**row, **self._all_stages(shares, "mean over stages that count alike")}

    def _held(self) -> Row:
        shares = {s.supply.name: s.controlled for s in self.position.stages}
        names = [name for name, share in shares.items() if is_held(share)]
        row = self._row(
            "held",
            self.position.held,
            banded=True,
            held_stages=", ".join(names) or "none",
            held=len(names),
            **self._counted(shares),
        )
        return {**row, **self._all_stages(shares, "share of stages with over 25 % of world output")}

    def _counted(self, shares: Mapping[str, ShareBand | None]) -> Row:
        return {"stages": len(shares), "known": sum(share is not None for share in shares.values())}

    def _all_stages(self, shares: Mapping[str, ShareBand | None], what: str) -> Row:
        unknown = [name for name, share in shares.items() if share is None]
        missing = f"unknown: {', '.join(unknown)}" if unknown else ""
        known = [name for name in shares if name not in unknown]
        return {
            "grade": max((self._grades[name] for name in known), default=""),
            "kind": "modelled",
            "note": "; ".join(filter(None, (what, missing))),
            "source": f"{_CHAINS}; {_WHERE}",
        }

    def _controlled(self, stage: StagePosition) -> Row:
        row = self._stage_row(stage, "controlled", None, stage.controlled)
        return {**row, **self._behind(stage, stage.controlled, (OUTPUT,), ())}

    def _dependence(self, stage: StagePosition, supplier: str) -> Row:
        share = stage.on.get(supplier)
        worst = stage.worst.get(supplier) if stage.supply.kind == MATERIAL else None
        row = self._stage_row(stage, "dependence", supplier, share, worst)
        return {**row, **self._behind(stage, share, (OUTPUT, USE), (supplier,))}

    def _concentration(self, stage: StagePosition) -> Row:
        row = self._stage_row(stage, "concentration", None, stage.concentration)
        source = self._stages[self.position.technology, stage.supply.name].output
        said = self._behind(stage, stage.concentration, (), (), figures=source)
        return {**row, **said, "unit": "index"}

    def _stage_row(
        self,
        stage: StagePosition,
        measure: str,
        supplier: str | None,
        share: ShareBand | None,
        worst: str | None = None,
    ) -> Row:
        return self._row(
            "stage",
            share,
            banded=self.banded or stage.supply.kind != MATERIAL or measure != "dependence",
            stage=stage.supply.name,
            order=stage.supply.order,
            stage_kind=stage.supply.kind,
            measure=measure,
            supplier=supplier,
            worst_material=worst,
        )

    def _behind(
        self,
        stage: StagePosition,
        share: ShareBand | None,
        quantities: Sequence[str],
        suppliers: Sequence[str],
        figures: Sequence[Figure] | None = None,
    ) -> Row:
        """Grade, kind, note and source of one number of a stage."""
        if stage.supply.kind == MATERIAL:
            note = _WEIGHTS if self.banded or not suppliers else f"{_WEIGHTS}; no band is computed"
            grade = self._grades[stage.supply.name] if share is not None else ""
            return {"grade": grade, "kind": "modelled", "note": note, "source": _CHAINS}
        there = self._stages[self.position.technology, stage.supply.name]
        if figures is None:
            figures = figures_behind(there, self.viewer, quantities, suppliers)
        judged = any(figure.is_judged for figure in figures)
        if share is None:
            return {
                "grade": "",
                "kind": "",
                "note": f"unknown: {self._why(there)}",
                "source": _WHERE,
            }
        kind = "reported" if quantities == (OUTPUT,) or not quantities else "inferred"
        if judged or quantities == (OUTPUT, USE):
            kind = "judged"  # how far goods stand in for each other is a judgement
        return {
            "grade": "C" if kind == "judged" else "B",
            "kind": kind,
            "note": self._use_note(there, suppliers),
            "source": " | ".join(_cited(figures)),
        }

    def _why(self, stage: TechnologyStage) -> str:
        return stage.unknown.get(OUTPUT) or "no figure for this place, or for the supplier"

    def _use_note(self, stage: TechnologyStage, suppliers: Sequence[str]) -> str:
        if not suppliers:
            return ""
        if barred := why_barred(stage, suppliers[0], self.viewer):
            return f"judged: {barred}"
        if not stage.use:
            why = stage.unknown.get(USE, "no figure")
            return f"use unknown ({why}): the place is taken to buy as the world does"
        return "use: that of the product at the end of the chain"

    def _change(self, effect: LeverEffect) -> Row:
        best = self.position.best
        row = self._row(
            "change",
            effect.after,
            banded=self.banded,
            supplier=effect.supplier,
            lever=effect.lever,
            before=effect.before.value,
            reduction=effect.reduction,
            stage=effect.stage,
            stage_effect=effect.stage_effect,
            best=best is not None and best.lever == effect.lever,
        )
        left = f"; not computed for {effect.not_computed} item(s)" if effect.not_computed else ""
        known = [s.supply.name for s in self.position.stages if s.on.get(effect.supplier)]
        return {
            **row,
            "grade": max((self._grades[name] for name in known), default=""),
            "kind": "modelled",
            "note": f"mean dependence on {effect.supplier} with the lever{left}",
            "source": f"{_CHAINS}; {_WHERE}; technology_projects.csv",
        }


def _grade(stage: StagePosition) -> str:
    """Of a material stage by the weight of its items; of a part or product its own."""
    items = stage.supply.items
    if not items:
        return ""
    total = sum(item.weight.value for item in items)
    weak = {g: sum(i.weight.value for i in items if i.grade == g) / total for g in "BC"}
    if weak["C"] > MUCH:
        return "C"
    return "B" if weak["B"] + weak["C"] > SOME else "A"


def _cited(figures: Iterable[Figure]) -> list[str]:
    """Place, year and source of each figure, sources once."""
    said: dict[str, list[str]] = {}
    for figure in figures:
        said.setdefault(figure.source, []).append(f"{figure.place} {figure.year}")
    return [f"{', '.join(dict.fromkeys(who))}: {source}" for source, who in said.items()]
