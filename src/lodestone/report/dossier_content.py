"""What a company's dossier is made of: labelled results, filled by the desk, printed unchanged."""

from __future__ import annotations

from dataclasses import dataclass

from lodestone.report.brief_content import (
    Figure,
    Finding,
    SourceRow,
    check_figure,
    walk_figures,
)
from lodestone.terms.errors import DataError, Problems


@dataclass(frozen=True)
class DossierMeta:
    """Whose dossier this is, and what reproduces it.

    Attributes
    ----------
    bill, digest : name of the bill of materials, and first digits of its sha256
    place, place_code : where the company works
    year : of the data
    as_of : day on which controls are in force or not; printed and stamped into the PDF
    months, draws : walked, and drawn for each band
    """

    bill: str
    digest: str
    place: str
    place_code: str
    year: int
    as_of: str
    months: int
    draws: int
    data_release: str
    run_id: str
    version: str
    command: str


@dataclass(frozen=True)
class OriginShare:
    """A country, or scrap, and its share of a supply."""

    place: str
    code: str
    share: Figure


@dataclass(frozen=True)
class SupplierRow:
    """A country that the bill names as supplier, and where what it works comes from.

    Attributes
    ----------
    share : of the line; unknown where the bill does not say
    makes : whether the country makes any at the stage, or only trades it
    feed_stage : label of the stage before, feed_key its id; empty at the first stage
    feed : where it was worked one stage before, largest first
    """

    place: str
    code: str
    share: Figure
    makes: bool
    feed_stage: str
    feed_key: str
    feed: tuple[OriginShare, ...]


@dataclass(frozen=True)
class StageSourcing:
    """Where a material was worked at one stage: the company's, its place's and the world's.

    Attributes
    ----------
    stage : label; key : its id
    company, around, world : the largest origins, largest first
    hhi, hhi_world : concentration of the company's and the world's supply, 0 to 1
    largest : the company's largest country
    left : share of the company's supply left without it (N-1)
    """

    stage: str
    key: str
    company: tuple[OriginShare, ...]
    around: tuple[OriginShare, ...]
    world: tuple[OriginShare, ...]
    hhi: Figure
    hhi_world: Figure
    largest: str
    left: Figure


@dataclass(frozen=True)
class ControlRow:
    """One export control of the catalogue that touches a line of the bill.

    Attributes
    ----------
    row, stage, material : of the line, ids; label : how the line is called
    place, code : who restricts
    """

    row: int
    stage: str
    material: str
    label: str
    place: str
    code: str
    measure: str
    target: str
    since: str
    status: str
    touches: Figure
    source: str


@dataclass(frozen=True)
class Stop:
    """One supplier's stop of one line of the bill, as the company meets it.

    Attributes
    ----------
    row, stage, material : of the line, ids
    label : how the line is called: its material, with the stage where that is needed
    hit : share of the company's supply that comes from or through the supplier
    peak : highest price that its place pays, in base prices
    cost : what as much as before costs more over the months walked, USD
    short : months in which buyers of its place go without more than the mark
    missing : tonnes that an average buyer of its size goes without
    lasts : days its stock lasts, if what came from the supplier is not replaced
    chance : that a cut begins within a year; why : what that rests on
    expected : chance times cost, over all depths and lengths, USD a year
    note : caution, or empty
    """

    row: int
    stage: str
    material: str
    label: str
    supplier: str
    supplier_code: str
    hit: Figure
    peak: Figure
    cost: Figure
    short: Figure
    missing: Figure
    lasts: Figure
    chance: Figure
    expected: Figure
    why: str
    note: str = ""


@dataclass(frozen=True)
class ReadyScenario:
    """What a ready scenario does to one line of the bill, asked of this world; labels as in `Stop`."""

    stage: str
    material: str
    label: str
    name: str
    title: str
    peak: Figure
    cost: Figure
    short: Figure


@dataclass(frozen=True)
class OtherSupplier:
    """A country that makes the material, other than the one that would stop."""

    place: str
    code: str
    output: Figure
    share: Figure
    idle: Figure
    already: bool
    controlled: str


@dataclass(frozen=True)
class Options:
    """What could mitigate one line's worst stop, from the model or a source; labels as in `Stop`."""

    stage: str
    material: str
    label: str
    without: str
    others: tuple[OtherSupplier, ...]
    recycled: Figure
    scrap: Figure
    substitution: str
    stock: Figure
    stock_cost: Figure
    stock_days: Figure
    projects: tuple[str, ...]


@dataclass(frozen=True)
class BillMaterial:
    """One line of the bill with all that is known of it.

    Attributes
    ----------
    material, stage : ids
    label : how the line is called: its material, with the stage where it is bought at several
    bought : what the chain calls the stage: bauxite, alumina, aluminium metal
    written : as the company wrote it; lists : official lists that it stands on
    strategic : whether Art. 24 speaks of it
    tonnes : contained reference content a year; value : USD a year; price : USD a tonne
    stock : tonnes held; cover : days of use that they last
    declared : share of the line whose suppliers are stated
    """

    material: str
    label: str
    written: str
    row: int
    product: str
    stage: str
    bought: str
    basis: str
    strategic: bool
    lists: str
    tonnes: Figure
    value: Figure
    price: Figure
    stock: Figure
    cover: Figure
    declared: Figure
    suppliers: tuple[SupplierRow, ...]
    stages: tuple[StageSourcing, ...]
    risk_score: Figure
    importance: Figure
    byproduct: Figure
    hosts: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DossierContent:
    """Everything one dossier prints. Stops are in order of what they are expected to cost."""

    meta: DossierMeta
    findings: tuple[Finding, ...]
    bill_value: Figure
    materials: tuple[BillMaterial, ...]
    controls: tuple[ControlRow, ...]
    stops: tuple[Stop, ...]
    scenarios: tuple[ReadyScenario, ...]
    options: tuple[Options, ...]
    unknowns: tuple[str, ...]
    sources: tuple[SourceRow, ...]


def check_dossier(content: DossierContent) -> None:
    """Refuse content that could not be printed truthfully.

    Raises
    ------
    DataError
        With every problem: numbers that are not finite, a band that leaves its value outside, an
        unknown grade, kind or source, a sentence whose slots are not filled.
    """
    problems = Problems("company dossier")
    known = {source.key for source in content.sources}
    for where, figure in walk_figures(content):
        check_figure(figure, where, known, problems)
    for n, finding in enumerate(content.findings):
        for k in range(len(finding.figures)):
            if f"{{{k}}}" not in finding.sentence:
                problems.add(f"figure {k} has no slot in the sentence", f"findings[{n}]")
    problems.raise_if_any(DataError)
