"""What a decision brief is made of: labelled results, filled by the desk, printed unchanged.

A `Figure` is one number with its birth certificate. Everything else groups figures under the
labels a reader needs. Nothing here is calculated; `check_content` only refuses what could not
be printed truthfully.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from itertools import pairwise
from typing import Any, Literal

from lodestone.terms.errors import DataError, Problems

Grade = Literal["A", "B", "C", ""]
Kind = Literal["measured", "reported", "inferred", "judged", "modelled"]
Role = Literal["against", "place", "other", "loss"]
Status = Literal["met", "missed", "unknown"]

KINDS: tuple[Kind, ...] = ("measured", "reported", "inferred", "judged", "modelled")
GRADES: tuple[Grade, ...] = ("A", "B", "C", "")


@dataclass(frozen=True)
class Figure:
    """One printed number: what it is, how sure it is, and where it comes from.

    Attributes
    ----------
    value, low, high
        Central value and band in `unit`. None means unknown, never zero.
    unit
        `share` (0..1, printed as %), `index` (dimensionless score), `count`, `t` (tonnes of
        contained content, printed as t, kt or Mt), `USD`, `ratio` (a multiple, printed as
        `2.7 ×`), `months` (where the value is None, the note is printed: `not within 24
        months`); any other unit is printed as given.
    year
        Year the number speaks of; None where it has none (a threshold, a legal target).
    grade
        A, B or C as in the chain ledger; empty where grades do not apply (an official figure).
    kind
        measured, reported, inferred, judged or modelled.
    sources
        Keys of the `SourceRow`s it rests on.
    id
        What `lodestone explain` takes.
    note
        One sentence of caution, or empty.
    cut
        The number is not known, but that it lies below this: printed as `<2 %`, and `value` stands
        in the middle.
    """

    id: str
    value: float | None
    unit: str
    year: int | None
    kind: Kind
    low: float | None = None
    high: float | None = None
    grade: Grade = ""
    sources: tuple[str, ...] = ()
    note: str = ""
    cut: float | None = None


@dataclass(frozen=True)
class Meta:
    """Whose brief this is, and what reproduces it.

    `issued` is the ISO date printed and stamped into the PDF; it comes from the data release,
    not from the clock, so that the same question gives the same bytes.
    """

    place: str
    place_code: str
    against: str
    against_code: str
    year: int
    data_release: str
    run_id: str
    version: str
    command: str
    issued: str
    generated_for: str = ""
    homepage: str = ""


@dataclass(frozen=True)
class Headline:
    """One large number at the top of page 1 and the words under it."""

    label: str
    figure: Figure


@dataclass(frozen=True)
class Finding:
    """One sentence with slots `{0}`, `{1}`, ... that the figures fill in order."""

    sentence: str
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Dependence:
    """How much of a material's stage comes from `origin`: by last sender and by true origin."""

    material: str
    stage: str
    origin: str
    direct: Figure
    look_through: Figure


@dataclass(frozen=True)
class Weighing:
    """One way of adding materials up (by mass, by value, mean of materials) and its result."""

    basis: str
    figure: Figure


@dataclass(frozen=True)
class ScoreboardRow:
    """One benchmark, its target, where the place stands, and the worst single case.

    `sense` is `at least` for capacity benchmarks and `at most` for a ceiling.
    """

    benchmark: str
    target: Figure
    sense: Literal["at least", "at most"]
    values: tuple[Weighing, ...]
    status: Status
    worst_case: str = ""
    worst: Figure | None = None


@dataclass(frozen=True)
class ChainNode:
    """A place at a stage. Its figure is what enters or what leaves, whichever is larger."""

    id: str
    label: str
    stage: str
    role: Role
    figure: Figure


@dataclass(frozen=True)
class ChainLink:
    """A flow between two nodes; `inferred` flows are drawn hatched and dashed."""

    source: str
    target: str
    figure: Figure
    inferred: bool = False


@dataclass(frozen=True)
class ChainFlow:
    """One chain as drawn: stages from left to right, places as nodes, flows as links."""

    material: str
    year: int
    stages: tuple[str, ...]
    nodes: tuple[ChainNode, ...]
    links: tuple[ChainLink, ...]


@dataclass(frozen=True)
class TrendSeries:
    """One line over the years: a figure per year (a year without data is a None value)."""

    material: str
    stage: str
    points: tuple[Figure, ...]


@dataclass(frozen=True)
class Rival:
    """One material's dependence on the first and on the second supplier."""

    material: str
    stage: str
    first: Figure
    second: Figure


@dataclass(frozen=True)
class Comparison:
    """Dependence on two suppliers side by side (China and the United States for the EU)."""

    first: str
    second: str
    rows: tuple[Rival, ...] = ()


@dataclass(frozen=True)
class ShortPlace:
    """How much of its use one place goes without, month by month.

    Attributes
    ----------
    place, code : printed name, and code (ISO3 or bloc)
    months : share of use lost, one figure a month
    first_year : share of use lost over the first twelve months
    recovery : months until price and shortage are back near normal; None if not within those shown
    """

    place: str
    code: str
    months: tuple[Figure, ...]
    first_year: Figure
    recovery: Figure


@dataclass(frozen=True)
class CutOff:
    """What happens to one material, month by month, when a supplier cuts off.

    Attributes
    ----------
    material, stage : labels
    supplier : who cuts off; empty where nobody's exports are held back, and prices are everybody's
    event : what happens, as a clause: `China stops all exports from January 2025`
    months : ISO labels, `2025-01` ...
    outside, inside : price paid by buyers outside the supplier, and the supplier's own, one figure
        a month in multiples of the base price (unit `ratio`); None where nothing is sold
    peak, first_year, later : price outside in its highest month, on average over the first twelve
        months, and in the thirteenth
    short : who goes without, the buyer of the brief first
    limit : price at which users give up, an assumption; None leaves it out
    note : caution, or empty
    instead : a milder course in one sentence with figures, or None
    """

    material: str
    stage: str
    supplier: str
    event: str
    months: tuple[str, ...]
    outside: tuple[Figure, ...]
    inside: tuple[Figure, ...]
    peak: Figure
    first_year: Figure
    later: Figure
    short: tuple[ShortPlace, ...]
    limit: Figure | None = None
    note: str = ""
    instead: Finding | None = None


@dataclass(frozen=True)
class LossRow:
    """What a year's full stop of one material costs the place.

    Attributes
    ----------
    material : label
    loss : central loss in USD, from the price cost to the high figure
    share : the central loss as a share of GDP
    sectors : who carries it, the largest first; empty where no output is lost
    """

    material: str
    loss: Figure
    share: Figure
    sectors: str = ""


@dataclass(frozen=True)
class RiskRow:
    """One supplier and material: likelihood times loss.

    Attributes
    ----------
    material, supplier : labels
    expected : expected loss of a year in USD, with its band
    chance : that a cut begins within a year
    why : what the chance rests on
    """

    material: str
    supplier: str
    expected: Figure
    chance: Figure
    why: str


@dataclass(frozen=True)
class PlanRow:
    """One decision of the cheapest plan for the materials at most risk.

    Attributes
    ----------
    what : what is started, in words
    start : first year in which it runs
    share : part of it; capital : of that part, USD
    numbers : what its tonnes and money are: published, estimated or judged
    """

    what: str
    start: int
    share: Figure
    capital: Figure
    numbers: str


@dataclass(frozen=True)
class AllianceRow:
    """What some places avoid together when the supplier stops for a year.

    Attributes
    ----------
    against : what they would do else, in words
    who, size : who acts together, and how many
    worth : losses avoided together in USD
    share, outside : what the place of the brief gets of it, and gains as an outsider; None where
        that is not asked
    """

    against: str
    who: str
    size: int
    worth: Figure
    share: Figure | None = None
    outside: Figure | None = None


@dataclass(frozen=True)
class VaultRow:
    """Sixty days of one material in a vault of the place.

    Attributes
    ----------
    material : label
    cost : what buying it costs, USD; avoided : expected loss that it keeps away a year, USD
    per_dollar : the one over the other; next_day : what the 61st day would keep away, USD
    """

    material: str
    cost: Figure
    avoided: Figure
    per_dollar: Figure
    next_day: Figure


@dataclass(frozen=True)
class TopOrigin:
    """The largest origin and its share; an empty place where it is unknown."""

    place: str
    figure: Figure


@dataclass(frozen=True)
class MaterialRow:
    """One line of the annex: everything known about one material for this place.

    None means that the column does not apply or has no data; it prints as unknown.
    """

    material: str
    stages: tuple[str, ...]
    year: int
    grade: Grade
    direct: TopOrigin | None = None
    mined: TopOrigin | None = None
    refined: TopOrigin | None = None
    on_first: Figure | None = None
    on_second: Figure | None = None
    net_import_reliance: Figure | None = None
    supply_risk: Figure | None = None
    supply_risk_official: Figure | None = None
    importance: Figure | None = None
    importance_official: Figure | None = None


@dataclass(frozen=True)
class LedgerRow:
    """One large adjustment of the balanced chain: before, after, and why."""

    material: str
    stage: str
    flow: str
    before: Figure
    after: Figure
    errors: float | None
    reason: str = ""


@dataclass(frozen=True)
class SourceRow:
    """One source: its key, how to cite it, its licence, and its address if it has one."""

    key: str
    citation: str
    licence: str
    address: str = ""


@dataclass(frozen=True)
class BriefContent:
    """Everything one brief prints. Order is the order of printing: worst first."""

    meta: Meta
    headlines: tuple[Headline, ...]
    findings: tuple[Finding, ...]
    dependences: tuple[Dependence, ...]
    scoreboard: tuple[ScoreboardRow, ...]
    chains: tuple[ChainFlow, ...]
    trends: tuple[TrendSeries, ...]
    comparison: Comparison
    unknowns: tuple[str, ...]
    materials: tuple[MaterialRow, ...]
    ledger: tuple[LedgerRow, ...]
    sources: tuple[SourceRow, ...]
    notes: tuple[str, ...] = ()
    cutoffs: tuple[CutOff, ...] = ()
    losses: tuple[LossRow, ...] = ()
    risks: tuple[RiskRow, ...] = ()
    alliance: tuple[AllianceRow, ...] = ()
    vault: tuple[VaultRow, ...] = ()
    plan: tuple[PlanRow, ...] = ()


# What two pages can hold at a size that reads well; more belongs in the annex.
MOST_HEADLINES, MOST_FINDINGS, MOST_BARS, MOST_BENCHMARKS, MOST_TRENDS = 4, 8, 10, 4, 6
MOST_CUTOFFS, MOST_SHORT, MOST_LOSSES, MOST_RISKS = 4, 5, 6, 8
MOST_COALITIONS, MOST_HELD = 16, 8
MOST_STEPS = 12
LONGEST_FINDING = 280


def check_content(content: BriefContent) -> None:
    """Refuse content that could not be printed truthfully.

    Raises
    ------
    DataError
        With every problem found: non-finite numbers, a band that leaves its value outside,
        an unknown grade, kind or source, slots without figures, flows that do not conserve,
        cut-offs whose series differ in length, text that no page can print, or more rows than
        two pages hold.
    """
    problems = Problems("decision brief")
    known = {source.key for source in content.sources}
    for where, figure in walk_figures(content):
        check_figure(figure, where, known, problems)
    for where, text in _walk_texts(content, "content"):
        if any(ord(ch) < 32 and ch not in "\n\t" for ch in text):
            problems.add("text has control characters", where, "remove them")
    _check_findings(content, problems)
    _check_lengths(content, problems)
    for chain in content.chains:
        _check_chain(chain, problems)
    check_cutoffs(content.cutoffs, problems)
    problems.raise_if_any(DataError)


def walk_figures(item: Any, where: str = "content") -> Iterator[tuple[str, Figure]]:
    """Every figure inside `item` with the path of labels that leads to it."""
    if isinstance(item, Figure):
        yield where, item
    elif isinstance(item, tuple):
        for i, part in enumerate(item):
            yield from walk_figures(part, f"{where}[{i}]")
    elif is_dataclass(item) and not isinstance(item, type):
        for field in fields(item):
            yield from walk_figures(getattr(item, field.name), f"{where}.{field.name}")


def _walk_texts(item: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(item, str):
        yield where, item
    elif isinstance(item, tuple):
        for i, part in enumerate(item):
            yield from _walk_texts(part, f"{where}[{i}]")
    elif is_dataclass(item) and not isinstance(item, type):
        for field in fields(item):
            yield from _walk_texts(getattr(item, field.name), f"{where}.{field.name}")


def check_figure(figure: Figure, where: str, known: set[str], problems: Problems) -> None:
    """Add what keeps one figure from being printed; `known` are the keys of the sources."""
    here = f"{where} (id {figure.id!r})"
    numbers = {"low": figure.low, "value": figure.value, "high": figure.high}
    given = {name: x for name, x in numbers.items() if x is not None}
    for name, x in given.items():
        if not math.isfinite(x):
            problems.add(f"{name} is {x}", here, "use None for unknown")
    ordered = [x for x in given.values() if math.isfinite(x)]
    slack = 1e-9 * max((abs(x) for x in ordered), default=0.0)
    if any(b < a - slack for a, b in pairwise(ordered)):
        problems.add(f"band and value are out of order: {given}", here, "low <= value <= high")
    if figure.grade not in GRADES:
        problems.add(f"unknown grade {figure.grade!r}", here, f"one of {GRADES}")
    if figure.kind not in KINDS:
        problems.add(f"unknown kind {figure.kind!r}", here, f"one of {KINDS}")
    if not figure.id:
        problems.add("figure without id", here, "give the id that `lodestone explain` takes")
    for key in figure.sources:
        if key not in known:
            problems.add(f"unknown source {key!r}", here, "add a SourceRow with this key")


def _check_findings(content: BriefContent, problems: Problems) -> None:
    told = {f"findings[{i}]": finding for i, finding in enumerate(content.findings)}
    told |= {f"cutoffs[{i}].instead": c.instead for i, c in enumerate(content.cutoffs) if c.instead}
    for where, finding in told.items():
        for n in range(len(finding.figures)):
            if f"{{{n}}}" not in finding.sentence:
                problems.add(f"figure {n} has no slot {{{n}}} in the sentence", where)
        if f"{{{len(finding.figures)}}}" in finding.sentence:
            problems.add(f"slot {{{len(finding.figures)}}} has no figure", where)
        if len(finding.sentence) > LONGEST_FINDING:
            problems.add(
                f"{len(finding.sentence)} characters are too many for page 1",
                where,
                f"at most {LONGEST_FINDING}",
            )


def _check_lengths(content: BriefContent, problems: Problems) -> None:
    limits = (
        ("headlines", len(content.headlines), MOST_HEADLINES),
        ("findings", len(content.findings), MOST_FINDINGS),
        ("dependences", len(content.dependences), MOST_BARS),
        ("scoreboard", len(content.scoreboard), MOST_BENCHMARKS),
        ("trends", len(content.trends), MOST_TRENDS),
        ("comparison.rows", len(content.comparison.rows), MOST_BARS),
        ("cutoffs", len(content.cutoffs), MOST_CUTOFFS),
        ("losses", len(content.losses), MOST_LOSSES),
        ("risks", len(content.risks), MOST_RISKS),
        ("alliance", len(content.alliance), MOST_COALITIONS),
        ("vault", len(content.vault), MOST_HELD),
        ("plan", len(content.plan), MOST_STEPS),
        *((f"cutoffs[{i}].short", len(c.short), MOST_SHORT) for i, c in enumerate(content.cutoffs)),
    )
    for name, count, most in limits:
        if count > most:
            problems.add(f"{count} rows, but the page holds {most}", name, "keep the worst")


def check_cutoffs(cutoffs: tuple[CutOff, ...], problems: Problems) -> None:
    """Add what keeps cut-offs from being drawn on one axis."""
    months = {len(c.months) for c in cutoffs}
    if len(months) > 1:
        problems.add(f"series of {sorted(months)} months", "cutoffs", "walk the same months")
    for i, c in enumerate(cutoffs):
        where = f"cutoffs[{i}] ({c.material})"
        if not c.months:
            problems.add("no months", where, "leave it out")
        series = {"outside": c.outside, "inside": c.inside}
        series |= {f"short, {row.place}": row.months for row in c.short}
        for name, figures in series.items():
            if len(figures) != len(c.months):
                problems.add(
                    f"{len(figures)} figures for {len(c.months)} months", f"{where}, {name}"
                )
        prices = (*c.outside, *c.inside, c.peak, c.first_year, c.later)
        if any(x is not None and x < 0.0 for f in prices for x in (f.low, f.value, f.high)):
            problems.add("a price is below zero", where, "use None for unknown")
        _check_units(c, where, problems)


def _check_units(c: CutOff, where: str, problems: Problems) -> None:
    wanted = {"ratio": (*c.outside, *c.inside, c.peak, c.first_year, c.later)}
    wanted["share"] = tuple(f for row in c.short for f in (*row.months, row.first_year))
    wanted["months"] = tuple(row.recovery for row in c.short)
    for unit, figures in wanted.items():
        for other in sorted({f.unit for f in figures} - {unit}):
            problems.add(f"unit {other!r} where {unit!r} belongs", where)


def _check_chain(chain: ChainFlow, problems: Problems) -> None:
    nodes = {node.id: node for node in chain.nodes}
    if len(nodes) < len(chain.nodes):
        problems.add("node ids are not unique", f"chain {chain.material}")
    for node in chain.nodes:
        if node.stage not in chain.stages:
            problems.add(f"stage {node.stage!r} is not drawn", f"chain {chain.material}, {node.id}")
    into: dict[str, float] = {}
    outof: dict[str, float] = {}
    for link in chain.links:
        where = f"chain {chain.material}, {link.source} -> {link.target}"
        if link.source not in nodes or link.target not in nodes:
            problems.add("link without node", where, "name a node of this chain")
            continue
        if link.figure.value is not None:
            outof[link.source] = outof.get(link.source, 0.0) + link.figure.value
            into[link.target] = into.get(link.target, 0.0) + link.figure.value
            if link.figure.value < 0:
                problems.add(f"negative flow {link.figure.value}", where)
    for node in chain.nodes:
        held = node.figure.value
        carried = max(into.get(node.id, 0.0), outof.get(node.id, 0.0))
        if held is not None and carried > held * (1 + 1e-6) + 1e-12:
            problems.add(
                f"flows carry {carried:.6g} but the node holds {held:.6g}",
                f"chain {chain.material}, {node.id}",
                "the node's figure is the larger of what enters and what leaves",
            )
