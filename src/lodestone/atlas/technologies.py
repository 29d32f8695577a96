"""Value chains of technologies: their stages, the materials they need, and who makes what.

Three reviewed tables (see docs/decisions/0007-judged-tables.md). `rules/technology_stages.csv`:
stages in order; a material stage is computed from the balanced chains, a component or product
stage has shares of world output and use by place, each low-central-high with title, year and
address, or `judged: reason`, or `unknown: reason`, and how far its goods stand in for each other, and
who is barred from buying whose.
A stage without figures of use takes those of the next stage that has them: what a place uses of
the product, it uses of its parts. `rules/technology_materials.csv`: how much
each material weighs at a stage. `rules/technology_projects.csv`: what the printed capacity of a
project is of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files

from lodestone.atlas.recipe import STAGES, Band
from lodestone.terms import find_bloc, find_material, find_place, members
from lodestone.terms.errors import DataError, Problems
from lodestone.terms.table import parse_table, split_list

MATERIAL, COMPONENT, PRODUCT = "material", "component", "product"
KINDS = (MATERIAL, COMPONENT, PRODUCT)
OUTPUT, USE, INTERCHANGEABLE, BARRED = "output", "use", "interchangeable", "barred"
JUDGED, UNKNOWN, COMPUTED = "judged: ", "unknown: ", "computed: "
_SLACK = 1e-9

_ALL = Band(1.0, 1.0, 1.0)

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Figure:
    """A place's share of world output or use at one stage, with the year and who says so."""

    place: str
    share: Band
    year: int
    source: str

    @property
    def is_judged(self) -> bool:
        """Whether no publisher prints it."""
        return self.source.startswith(JUDGED)


@dataclass(frozen=True)
class Weight:
    """How much one material counts at a stage, beside the others of that stage."""

    material: str
    weight: Band
    source: str


@dataclass(frozen=True)
class TechnologyStage:
    """One step of a technology's value chain.

    Attributes
    ----------
    name, order, kind : as in the table; kind is material, component or product
    chain_stage : mine, refine or product of the balanced chains; empty unless of materials
    weights : materials of a material stage
    output, use : figures of a component or product stage, by place
    unknown : why there are no figures of output (or of use), by quantity
    interchangeable : share of the stage's goods that any maker's can stand in for, judged
    barred : (maker, buyer) -> why the one does not sell to the other
    """

    name: str
    order: int
    kind: str
    chain_stage: str = ""
    weights: tuple[Weight, ...] = ()
    output: tuple[Figure, ...] = ()
    use: tuple[Figure, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    interchangeable: Band = _ALL
    barred: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Technology:
    """A technology and its stages, from the mine to the product."""

    name: str
    stages: tuple[TechnologyStage, ...]

    @property
    def materials(self) -> tuple[str, ...]:
        """Every material of any stage, once."""
        return tuple(dict.fromkeys(w.material for s in self.stages for w in s.weights))


@dataclass(frozen=True)
class ProjectProduct:
    """What one printed capacity of a project is of, and its content of the reference element."""

    project: str
    clause: int
    product: str
    material: str
    chain_stages: tuple[str, ...]
    content: Band
    source: str


@cache
def technologies() -> tuple[Technology, ...]:
    """All technologies, in the order of their table."""
    return read_technologies(
        _rows("technology_stages"), _rows("technology_materials"), "technology tables"
    )


@cache
def project_products() -> tuple[ProjectProduct, ...]:
    """All project capacities that the technologies can count, `rules/technology_projects.csv`."""
    return read_project_products(_rows("technology_projects"))


def read_technologies(stages: Rows, materials: Rows, name: str) -> tuple[Technology, ...]:
    """Technologies from the rows of the two tables.

    Raises
    ------
    DataError
        Naming everything that is wrong in both tables at once.
    """
    problems = Problems(name)
    for number, row in enumerate(stages, start=2):
        _check_stage_row(row, f"stages row {number}", problems)
    for number, row in enumerate(materials, start=2):
        _check_material_row(row, stages, f"materials row {number}", problems)
    problems.raise_if_any(DataError)
    found = tuple(
        Technology(technology, _stages(technology, stages, materials))
        for technology in dict.fromkeys(row["technology"] for row in stages)
    )
    for technology in found:
        _check_technology(technology, problems)
    problems.raise_if_any(DataError)
    return found


def read_project_products(rows: Rows) -> tuple[ProjectProduct, ...]:
    """Project products from the rows of their table; DataError names all that is wrong."""
    problems = Problems("technology_projects.csv")
    for number, row in enumerate(rows, start=2):
        where = f"row {number}"
        _check_band(row, ("content_low", "content", "content_high"), where, problems)
        _check_material(row["material"], where, problems)
        if not row["clause"].isdigit():
            problems.add(f"clause {row['clause']!r} is no number", where)
        if not set(split_list(row["chain_stages"])) <= set(STAGES) or not row["chain_stages"]:
            problems.add(f"chain stages {row['chain_stages']!r}", where, f"among {STAGES}")
        if not row["source"]:
            problems.add("no source", where, "say where the content comes from")
    problems.raise_if_any(DataError)
    return tuple(
        ProjectProduct(
            row["project"],
            int(row["clause"]),
            row["product"],
            row["material"],
            split_list(row["chain_stages"]),
            _band(row, "content_low", "content", "content_high"),
            row["source"],
        )
        for row in rows
    )


def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = (files("lodestone.atlas") / "rules" / f"{name}.csv").read_text(encoding="utf-8")
    return parse_table(text, f"{name}.csv")


def _stages(technology: str, rows: Rows, materials: Rows) -> tuple[TechnologyStage, ...]:
    ours = [row for row in rows if row["technology"] == technology]
    names = dict.fromkeys(row["stage"] for row in ours)
    built = [
        _stage(
            [row for row in ours if row["stage"] == name],
            [
                row
                for row in materials
                if row["technology"] == technology and name in split_list(row["stages"])
            ],
        )
        for name in names
    ]
    ordered = sorted(built, key=lambda stage: stage.order)
    return tuple(_with_use(stage, ordered[n + 1 :]) for n, stage in enumerate(ordered))


def _with_use(stage: TechnologyStage, later: Sequence[TechnologyStage]) -> TechnologyStage:
    """The stage with the use of the next stage that has one, unless its use is said unknown."""
    if stage.kind == MATERIAL or stage.use or USE in stage.unknown:
        return stage
    return replace(stage, use=next((s.use for s in later if s.use), ()))


def _stage(rows: Rows, materials: Rows) -> TechnologyStage:
    first = rows[0]
    figures = {
        quantity: tuple(_figure(r) for r in rows if r["quantity"] == quantity and r["place"])
        for quantity in (OUTPUT, USE)
    }
    return TechnologyStage(
        name=first["stage"],
        order=int(first["order"]),
        kind=first["kind"],
        chain_stage=first["chain_stage"],
        weights=tuple(
            Weight(r["material"], _band(r, "weight_low", "weight", "weight_high"), r["source"])
            for r in materials
        ),
        output=figures[OUTPUT],
        use=figures[USE],
        unknown={
            r["quantity"]: r["source"].removeprefix(UNKNOWN)
            for r in rows
            if r["source"].startswith(UNKNOWN)
        },
        interchangeable=next(
            (
                _band(r, "share_low", "share", "share_high")
                for r in rows
                if r["quantity"] == INTERCHANGEABLE
            ),
            _ALL,
        ),
        barred={
            _pair(r["place"]): r["source"].removeprefix(JUDGED)
            for r in rows
            if r["quantity"] == BARRED
        },
    )


def _pair(place: str) -> tuple[str, str]:
    maker, _, buyer = place.partition(">")
    return maker, buyer


def _figure(row: Mapping[str, str]) -> Figure:
    share = _band(row, "share_low", "share", "share_high")
    return Figure(row["place"], share, int(row["year"]), row["source"])


def _band(row: Mapping[str, str], *columns: str) -> Band:
    return Band(*(float(row[column]) for column in columns))


def _check_stage_row(row: Mapping[str, str], where: str, problems: Problems) -> None:
    if row["kind"] not in KINDS:
        problems.add(f"kind {row['kind']!r}", where, f"one of {', '.join(KINDS)}")
    if not row["order"].isdigit():
        problems.add(f"order {row['order']!r} is no number", where)
    if row["kind"] == MATERIAL:
        _check_computed(row, where, problems)
    elif row["quantity"] == INTERCHANGEABLE:
        _check_band(row, ("share_low", "share", "share_high"), where, problems, most=1.0)
        if not row["source"].startswith(JUDGED) or row["place"]:
            problems.add("how far goods stand in for each other", where, "judged, for no place")
    elif row["quantity"] == BARRED:
        known = [_is_place(name) for name in _pair(row["place"])]
        if not all(known) or row["share"] or not row["source"].startswith(JUDGED):
            problems.add("barred trade", where, "write MAKER>BUYER and judge, without a share")
    elif row["quantity"] not in (OUTPUT, USE):
        problems.add(
            f"quantity {row['quantity']!r}", where, "output, use, interchangeable or barred"
        )
    elif row["place"]:
        _check_figure(row, where, problems)
    elif not row["source"].startswith(UNKNOWN) or row["share"]:
        problems.add("no place", where, f"name one, or say '{UNKNOWN}reason' without a share")


def _check_computed(row: Mapping[str, str], where: str, problems: Problems) -> None:
    if row["chain_stage"] not in STAGES:
        problems.add(f"chain stage {row['chain_stage']!r}", where, f"one of {', '.join(STAGES)}")
    if row["place"] or row["share"] or not row["source"].startswith(COMPUTED):
        problems.add("a material stage has figures of its own", where, "it is computed: leave out")


def _check_figure(row: Mapping[str, str], where: str, problems: Problems) -> None:
    _check_band(row, ("share_low", "share", "share_high"), where, problems, most=1.0)
    if not _is_place(row["place"]):
        problems.add(f"unknown place {row['place']!r}", where, "use an ISO3 code or a bloc")
    if not (row["year"].isdigit() and len(row["year"]) == 4):
        problems.add(f"year {row['year']!r}", where, "four digits")
    source = row["source"]
    if not source.removeprefix(JUDGED).strip():
        problems.add("no source", where, "title, year and address, or 'judged: reason'")
    elif not source.startswith(JUDGED) and "http" not in source:
        problems.add(f"source without address: {source[:40]!r}", where, "add it, or judge")


def _is_place(name: str) -> bool:
    return find_place(name) is not None or find_bloc(name) is not None


def _check_material_row(
    row: Mapping[str, str], stages: Rows, where: str, problems: Problems
) -> None:
    _check_band(row, ("weight_low", "weight", "weight_high"), where, problems)
    _check_material(row["material"], where, problems)
    if not row["source"]:
        problems.add("no source", where, "say why it weighs so much")
    there = {
        s["stage"] for s in stages if (s["technology"], s["kind"]) == (row["technology"], MATERIAL)
    }
    for stage in split_list(row["stages"]) or ("",):
        if stage not in there:
            what = f"{row['technology']} has no material stage {stage!r}"
            problems.add(what, where, "add it to technology_stages.csv, or mend the name")


def _check_material(name: str, where: str, problems: Problems) -> None:
    found = find_material(name)
    if found is None or found.id != name:
        problems.add(f"unknown material {name!r}", where, "use its id")


def _check_band(
    row: Mapping[str, str],
    columns: tuple[str, str, str],
    where: str,
    problems: Problems,
    most: float = float("inf"),
) -> None:
    try:
        low, central, high = (float(row[column]) for column in columns)
    except ValueError:
        problems.add(f"{columns[1]}: not three numbers", where, "low, central and high")
        return
    if not 0.0 <= low <= central <= high <= most:
        problems.add(f"{columns[1]}: {low:g}, {central:g}, {high:g} is no band", where, "in order")


def _check_technology(technology: Technology, problems: Problems) -> None:
    for stage in technology.stages:
        where = f"{technology.name}, {stage.name}"
        if stage.kind == MATERIAL and not stage.weights:
            problems.add("a material stage without materials", where)
        if stage.kind != MATERIAL and not stage.output and OUTPUT not in stage.unknown:
            problems.add("neither figures of output nor the reason why not", where)
        for quantity, figures in ((OUTPUT, stage.output), (USE, stage.use)):
            _check_figures(figures, f"{where}, {quantity}", problems)


def _check_figures(figures: Sequence[Figure], where: str, problems: Problems) -> None:
    """Shares must fit into the world, and no country may be counted twice."""
    total = sum(figure.share.central for figure in figures)
    if total > 1.0 + _SLACK:
        problems.add(f"central shares add up to {total:.3f}", where, "at most 1")
    counted = [iso for figure in figures for iso in members(figure.place, figure.year)]
    twice = sorted({iso for iso in counted if counted.count(iso) > 1})
    if twice:
        problems.add(f"counted twice: {', '.join(twice)}", where, "a place, or a bloc it is in")


def technology_sources(stage: TechnologyStage) -> tuple[str, ...]:
    """What the figures of a stage rest on, each once."""
    return tuple(dict.fromkeys(figure.source for figure in (*stage.output, *stage.use)))
