"""What could mitigate a company's vulnerabilities: other makers, scrap, a stock. No advice is made up."""

from __future__ import annotations

from collections.abc import Sequence

from lodestone.chain.from_account import stage_grade
from lodestone.desk.brief_labels import place_label
from lodestone.desk.brief_rows import CHAIN_SOURCES_KEY
from lodestone.desk.dossier_case import BILL_SOURCES_KEY, CaseLine, DossierCase, world_tonnes
from lodestone.desk.dossier_factors import controlled, recycled, won_beside
from lodestone.desk.dossier_sourcing import Sourcing
from lodestone.report.brief_content import Figure
from lodestone.report.dossier_content import ControlRow, Options, OtherSupplier, Stop
from lodestone.terms import material

_MOST, _MOST_PROJECTS, _LEAST = 5, 4, 1e-3
_DAYS = 365.0


def options(
    case: DossierCase, sourcing: Sourcing, stop: Stop, held: Sequence[ControlRow]
) -> Options:
    """What the model and the sources know of ways around one supplier's stop.

    Parameters
    ----------
    stop : the worst stop of the line
    held : controls that are not lifted
    """
    line = sourcing.line
    return Options(
        stage=stop.stage,
        material=stop.material,
        label=stop.label,
        without=stop.supplier,
        others=_others(case, sourcing, stop.supplier_code, held),
        recycled=recycled(case, line),
        scrap=_scrap(case, line),
        substitution=won_beside(case, line)[2],
        stock=stop.missing,
        stock_cost=_times(stop.missing, line, "stock_cost"),
        stock_days=_days(stop.missing, line),
        projects=_projects(case, line),
    )


def _others(
    case: DossierCase, sourcing: Sourcing, without: str, held: Sequence[ControlRow]
) -> tuple[OtherSupplier, ...]:
    """The largest makers at the stage of the line but the one that stops."""
    line = sourcing.line
    at = line.chain.stage(line.stage)
    world = float(at.output.sum())
    whole = world_tonnes(case.there, line.material, line.stage)
    named = {s.place for s in line.line.suppliers}
    order = sorted(range(at.output.size), key=lambda k: (-at.output[k], line.chain.places[k]))
    codes = [
        (k, line.chain.places[k])
        for k in order
        if at.output[k] > _LEAST * world and line.chain.places[k] not in (without, "XOT")
    ]
    grade = stage_grade(at)
    found = []
    for k, code in codes[:_MOST]:
        share = float(at.output[k] / world)
        label = place_label(code)
        found.append(
            OtherSupplier(
                place=label,
                code=code,
                output=_cell(
                    case, line, code, None if whole is None else share * whole, "t", grade
                ),
                share=_cell(case, line, code, share, "share", grade),
                idle=_idle(case, line, code, float(at.output[k])),
                already=code in named,
                controlled=controlled(held, line.line.row, label),
            )
        )
    return tuple(found)


def _cell(
    case: DossierCase, line: CaseLine, code: str, value: float | None, unit: str, grade: str
) -> Figure:
    return Figure(
        id=f"cell:{line.material}:{case.year}:{line.stage}:{code}:output",
        value=value,
        unit=unit,
        year=case.year,
        kind="modelled",
        grade=grade,  # type: ignore[arg-type]
        sources=(CHAIN_SOURCES_KEY,),
    )


def _idle(case: DossierCase, line: CaseLine, code: str, output: float) -> Figure:
    """Published capacity above output; unknown where nobody publishes it."""
    capacity = case.there.capacity.get((line.material, line.stage, code))
    value = None if capacity is None else max(0.0, capacity - output)
    return Figure(
        id=f"cell:{line.material}:{case.year}:{line.stage}:{code}:output",
        value=value,
        unit="t",
        year=case.year,
        kind="inferred",
        sources=("usgs_mcs2026", CHAIN_SOURCES_KEY),
        note="published capacity less output"
        if capacity is not None
        else "no capacity is published",
    )


def _scrap(case: DossierCase, line: CaseLine) -> Figure:
    """Share of world output at the line's stage that is made from scrap."""
    at = line.chain.stage(line.stage)
    made = float(at.output.sum())
    return Figure(
        id=f"chain:{line.material}:{case.year}",
        value=float(at.scrap_output.sum() / made),
        unit="share",
        year=case.year,
        kind="modelled",
        grade=stage_grade(at),  # type: ignore[arg-type]
        sources=(CHAIN_SOURCES_KEY,),
    )


def _times(missing: Figure, line: CaseLine, what: str) -> Figure:
    """Cost of a stock at the base price, or at the price that the company's own value means."""
    price = _unit_price(line)

    def of(x: float | None) -> float | None:
        return None if x is None or price is None else x * price

    return Figure(
        id=f"bill:{line.line.row}:{line.material}:{what}",
        value=of(missing.value),
        low=of(missing.low),
        high=of(missing.high),
        unit="USD",
        year=missing.year,
        kind="modelled",
        grade=missing.grade,
        sources=missing.sources,
        note="bought at today's price; storage and interest not counted",
    )


def _unit_price(line: CaseLine) -> float | None:
    if line.value is not None and line.tonnes:
        return line.value / line.tonnes
    return None if line.price is None else line.price.usd_per_t


def _days(missing: Figure, line: CaseLine) -> Figure:
    """The same stock in days of the company's use."""

    def of(x: float | None) -> float | None:
        return None if x is None or not line.tonnes else _DAYS * x / line.tonnes

    return Figure(
        id=f"bill:{line.line.row}:{line.material}:stock_days",
        value=of(missing.value),
        low=of(missing.low),
        high=of(missing.high),
        unit="days",
        year=missing.year,
        kind="modelled",
        grade=missing.grade,
        sources=(*missing.sources, BILL_SOURCES_KEY),
    )


def _projects(case: DossierCase, line: CaseLine) -> tuple[str, ...]:
    """Announced projects for the material at the line's stage or from scrap, as programmes list them."""
    groups = {line.material, *material(line.material).groups}
    wanted = {line.stage, "recycling"}
    rows = case.books.rows(
        "SELECT project, places, materials, stages, start_year, programme FROM projects ORDER BY row"
    )
    found = []
    for row in rows:
        if not (groups & set(row["materials"] or ()) and wanted & set(row["stages"] or ())):
            continue
        where = ", ".join(place_label(code) for code in row["places"] or ())
        when = f", from {row['start_year']}" if row["start_year"] else ""
        stages = " and ".join(s for s in row["stages"] if s in wanted)
        found.append(f"{row['project']} ({where}): {stages}{when}; {row['programme']}")
    return tuple(found[:_MOST_PROJECTS])
