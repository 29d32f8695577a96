"""The verb `dossier`: a company's bill of materials in, its supply risk assessment out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from lodestone import __version__
from lodestone.desk.answer import Answer, run_id
from lodestone.desk.bill import Bill, read_bill
from lodestone.desk.brief_cutoffs import MARKET_SOURCES_KEY
from lodestone.desk.brief_labels import at_start, place_label, with_article
from lodestone.desk.brief_losses import LOSSES_SOURCES_KEY
from lodestone.desk.brief_rows import CHAIN_SOURCES_KEY
from lodestone.desk.dossier_case import (
    BILL_SOURCES_KEY,
    CaseLine,
    DossierCase,
    dossier_case,
    stage_of,
    stated,
)
from lodestone.desk.dossier_factors import (
    controls,
    official_lists_of,
    official_score,
    strategic_grade,
    won_beside,
)
from lodestone.desk.dossier_options import options
from lodestone.desk.dossier_sourcing import Sourcing, sourcings
from lodestone.desk.dossier_stops import ready_scenarios, stops
from lodestone.desk.unseen_codes import unseen_codes
from lodestone.report.brief_content import Figure, Finding, SourceRow
from lodestone.report.dossier import DossierFiles, dossier_rows, write_dossier
from lodestone.report.dossier_content import (
    BillMaterial,
    DossierContent,
    DossierMeta,
    ReadyScenario,
    Stop,
)
from lodestone.terms import attribute, material
from lodestone.terms.errors import RequestError
from lodestone.terms.membership import UNION

_DAYS = 365.0
MONTHS = 24


@dataclass(frozen=True)
class DossierAnswer(Answer):
    """The answer of `dossier`: every printed number as a row, and the files written."""

    files: DossierFiles
    content: DossierContent


def dossier(
    bill: Path | bytes,
    place: str | None = None,
    *,
    against: str | None = None,
    months: int = MONTHS,
    year: int | None = None,
    as_of: date | None = None,
    draws: int | None = None,
    out: Path = Path("out"),
    name: str = "",
) -> DossierAnswer:
    """Write the dossier of a company: its dependence mapped, scenarios that matter, options.

    The sections are those that Article 24 of Regulation (EU) 2024/1252 asks of large companies that
    make strategic technologies.

    Parameters
    ----------
    bill : a CSV file, or its content: material, quantity or value_usd, suppliers, ...
    place : where the company works: ISO3 code, name or bloc; may stand in the file instead
    against : a supplier whose stop is asked about wherever it supplies
    months : how many months each stop is walked, 1 to 60
    year : year of the data; the latest, or that of the file, if left out
    as_of : day on which controls are in force or not; today if left out
    draws : sets of assumptions behind the bands; the attribute `dossier_draws` if left out
    out : folder for dossier.pdf and dossier.json
    name : how the bill is called where its content is given

    Returns
    -------
    DossierAnswer
        Rows told apart by `table`: `summary` (one stop a row), and one number a row for the rest; `files` says where the dossier lies.

    Raises
    ------
    RequestError
        A bill that cannot be read, or does not fit the world, with everything that is wrong.
    """
    case = dossier_case(
        _bill(bill, name),
        place,
        year,
        against,
        as_of or date.today(),
        months,
        int(attribute("dossier_draws").default) if draws is None else draws,
    )
    content = dossier_content(case)
    release = case.books.release
    answer = Answer(
        query=_query(case),
        results=tuple(dossier_rows(content)),
        units={
            "hit": "share",
            "peak": "base prices",
            "cost": "USD",
            "short": "months",
            "lasts": "days",
            "chance": "share",
        },
        sources=tuple(f"{s.citation} [{s.licence}]" for s in content.sources),
        notes=(*_NOTES, *content.unknowns),
        data_release=release.version,
        content_hash=release.content_hash,
    )
    files = write_dossier(content, answer.envelope(), out)
    return DossierAnswer(
        **{
            **vars(answer),
            "notes": (f"Dossier: {files.pdf}", f"Data: {files.json}", *answer.notes),
        },
        files=files,
        content=content,
    )


_NOTES = (
    "Stops: one country stops all exports of one material to everybody. Cost: what as much as before "
    "would cost more at the price that buyers of the company's place pay, over the months walked.",
    "Shares of a line: what the bill states of suppliers, and behind them the feed of their countries "
    "in the balanced chain; what is not stated has the mix of the place, with a band up to all of it.",
    "A number with an id that begins with `bill:` is of this bill; others can be given to "
    "`lodestone explain`.",
)


def _bill(given: Path | bytes, name: str) -> Bill:
    if isinstance(given, bytes):
        return read_bill(given, name or "bill of materials")
    try:
        content = given.read_bytes()
    except OSError as error:
        raise RequestError(f"{given.name}: cannot be opened ({error.strerror})") from error
    return read_bill(content, name or given.name)


def _query(case: DossierCase) -> dict[str, Any]:
    return {
        "verb": "dossier",
        "bill": case.bill.digest,
        "place": case.place,
        "against": case.against,
        "year": case.year,
        "as_of": case.as_of.isoformat(),
        "months": case.months,
        "draws": case.draws,
    }


def dossier_content(case: DossierCase) -> DossierContent:
    """Everything the dossier prints."""
    lines = sourcings(case)
    held = controls(case, lines)
    found, unproved = stops(case, lines)
    worst = _worst_of_each(found)
    by_row = {s.line.line.row: s for s in lines}
    ways = tuple(options(case, by_row[row], stop, held) for row, stop in worst.items())
    ready = ready_scenarios(case, lines)
    materials = tuple(_material(case, s) for s in lines)
    total = _bill_value(case)
    content = DossierContent(
        meta=_meta(case),
        findings=(),
        bill_value=total,
        materials=tuple(sorted(materials, key=lambda m: (-(m.value.value or 0.0), m.label))),
        controls=held,
        stops=found,
        scenarios=ready,
        options=ways,
        unknowns=(*_unknowns(case, materials, found, unproved), *_unseen(case, lines)),
        sources=_sources(case, found, ready),
    )
    return _with_findings(content)


def _worst_of_each(found: Sequence[Stop]) -> dict[int, Stop]:
    """The stop of each line, by row, that is expected to cost most; stops are in that order."""
    worst: dict[int, Stop] = {}
    for stop in found:
        worst.setdefault(stop.row, stop)
    return worst


def _meta(case: DossierCase) -> DossierMeta:
    release = case.books.release
    words = [
        f"lodestone dossier {case.bill.name} --place {case.place} --year {case.year}",
        f"--months {case.months} --draws {case.draws} --as-of {case.as_of}",
        f"--against {case.against}" if case.against else "",
    ]
    return DossierMeta(
        bill=case.bill.name,
        digest=case.bill.digest[:12],
        place=" and ".join(with_article(place_label(p)) for p in case.place.split(UNION)),
        place_code=case.place,
        year=case.year,
        as_of=case.as_of.isoformat(),
        months=case.months,
        draws=case.draws,
        data_release=release.version,
        run_id=run_id(_query(case), release.content_hash),
        version=__version__,
        command=" ".join(w for w in words if w),
    )


def _material(case: DossierCase, sourcing: Sourcing) -> BillMaterial:
    line = sourcing.line
    item = material(line.material)
    byproduct, hosts, _ = won_beside(case, line)
    return BillMaterial(
        material=line.material,
        label=case.label(line),
        written=line.line.written,
        row=line.line.row,
        product=line.line.product,
        stage=line.stage,
        bought=stage_of(line, line.stage),
        basis=item.basis,
        strategic=item.eu_srm,
        lists=official_lists_of(line.material),
        tonnes=_tonnes(case, line),
        value=_value(case, line),
        price=_price(case, line),
        stock=stated(line, "stock", line.stock, "t", "" if line.stock is not None else _NO_STOCK),
        cover=_cover(line),
        declared=stated(line, "stated", _declared(line), "share"),
        suppliers=sourcing.suppliers(),
        stages=sourcing.tables(),
        risk_score=official_score(case, line, "supply_risk"),
        importance=official_score(case, line, "economic_importance"),
        byproduct=byproduct,
        hosts=hosts,
        notes=tuple(_line_notes(case, line, sourcing)),
    )


_NO_STOCK = "the bill states no stock"


def _declared(line: CaseLine) -> float | None:
    """Share of the line whose suppliers are named; 1 where countries stand without shares."""
    if not line.line.suppliers:
        return None
    return 1.0 if line.line.stated is None else line.line.stated


def _tonnes(case: DossierCase, line: CaseLine) -> Figure:
    if line.line.tonnes is not None:
        return stated(line, "tonnes", line.tonnes, "t", f"stated as {line.line.quantity_text}")
    return _converted(case, line, "tonnes", line.tonnes, "t", "value over the base price")


def _value(case: DossierCase, line: CaseLine) -> Figure:
    if line.line.value_usd is not None:
        return stated(line, "value", line.value, "USD")
    return _converted(case, line, "value", line.value, "USD", "tonnes at the base price")


def _converted(
    case: DossierCase, line: CaseLine, what: str, value: float | None, unit: str, how: str
) -> Figure:
    """A number that follows from what the bill states, by the base price."""
    return Figure(
        id=f"bill:{line.line.row}:{line.material}:{what}",
        value=value,
        unit=unit,
        year=case.year,
        kind="inferred",
        sources=(BILL_SOURCES_KEY, *_price_keys(line)),
        note=how if value is not None else "no base price is known: unknown, not zero",
    )


def _price(case: DossierCase, line: CaseLine) -> Figure:
    price = line.price
    kinds = {"reported": "reported", "inferred": "inferred", "judged": "judged"}
    return Figure(
        id=f"chain:{line.material}:{case.year}",
        value=None if price is None else price.usd_per_t,
        unit="USD/t",
        year=case.year,
        kind=kinds[price.kind] if price else "inferred",  # type: ignore[arg-type]
        sources=_price_keys(line),
        note="" if price is None else _PRICE_WORDS[price.kind],
    )


_PRICE_WORDS = {
    "reported": "a price list, mean of the year",
    "inferred": "customs value over content",
    "judged": "a stated fraction of the price of a neighbouring stage",
}


def _price_keys(line: CaseLine) -> tuple[str, ...]:
    """Source of the base price; a judged price is the market model's."""
    if line.price is None:
        return ()
    return (MARKET_SOURCES_KEY,) if line.price.kind == "judged" else (line.price.source,)


def _cover(line: CaseLine) -> Figure:
    """Days of use that the stock lasts when nothing arrives at all."""
    known = line.stock is not None and bool(line.tonnes)
    days = _DAYS * (line.stock or 0.0) / (line.tonnes or 1.0) if known else None
    return stated(line, "cover", days, "days", "" if known else _NO_STOCK)


def _line_notes(case: DossierCase, line: CaseLine, sourcing: Sourcing) -> list[str]:
    notes = []
    grade = strategic_grade(line.material)
    if material(line.material).eu_srm and grade:
        notes.append(f"the list of strategic raw materials names it as: {grade}")
    if not line.line.suppliers:
        notes.append("no supplier is stated: shares are those of the place, none of it certain")
    elif line.line.stated is None and len(line.line.suppliers) > 1:
        notes.append("suppliers without shares: taken as equal parts, bands hold any split")
    traders = [s.place for s in sourcing.suppliers() if not s.makes]
    if traders:
        notes.append(f"{', '.join(traders)}: makes none at this stage, taken as a trader")
    if line.chain.stage(line.stage).unit != "t":
        notes.append("world shares only, of another year: no tonnes by country are published")
    return notes


def _bill_value(case: DossierCase) -> Figure:
    known = [line.value for line in case.lines if line.value is not None]
    missing = len(case.lines) - len(known)
    return Figure(
        id="bill:value",
        value=float(sum(known)) if known else None,
        unit="USD",
        year=case.year,
        kind="inferred",
        sources=(BILL_SOURCES_KEY,),
        note=f"{missing} lines without a known value are left out" if missing else "",
    )


# --- sentences of page 1 -------------------------------------------------------------------


def _with_findings(content: DossierContent) -> DossierContent:
    found = [
        *_scope(content),
        *_concentration(content),
        *_behind(content),
        *_worst_stop(content),
        *_in_force(content),
        *_stock(content),
    ]
    return replace(content, findings=tuple(found))


def _count(value: int, id: str) -> Figure:
    return Figure(
        id=id,
        value=float(value),
        unit="count",
        year=None,
        kind="inferred",
        sources=(BILL_SOURCES_KEY,),
    )


def _scope(content: DossierContent) -> list[Finding]:
    inside = {m.material for m in content.materials if m.strategic}
    return [
        Finding(
            f"{{0}} of {len({m.material for m in content.materials})} materials of the bill are strategic raw materials, "
            "of which Article 24 speaks; the bill is worth {1} a year at the prices used here.",
            (_count(len(inside), "bill:strategic"), content.bill_value),
        )
    ]


def _concentration(content: DossierContent) -> list[Finding]:
    """The largest share of one country behind any line."""
    best = max(
        (
            (o.share.value or 0.0, m, s, o)
            for m in content.materials
            for s in m.stages
            for o in s.company
            if o.code != "scrap"
        ),
        key=lambda x: (x[0], x[1].value.value or 0.0),
        default=None,
    )
    if best is None:
        return []
    _, m, s, o = best
    over = {
        x.material
        for x in content.materials
        if any(
            (p.share.value or 0.0) > attribute("crma_single_country").default
            for t in x.stages
            for p in t.company
            if p.code != "scrap"
        )
    }
    return [
        Finding(
            f"The largest dependence: {{0}} of the {m.label.lower()} was {s.stage} in "
            f"{with_article(o.place)}. {{1}} of {len({x.material for x in content.materials})} materials rest on one country for more than "
            "65 % at some stage.",
            (o.share, _count(len(over), "bill:concentrated")),
        )
    ]


def _behind(content: DossierContent) -> list[Finding]:
    """A country behind the suppliers that is no supplier itself."""
    best: tuple[float, Any, Any, Any] | None = None
    for m in content.materials:
        named = {s.code for s in m.suppliers}
        for s in m.stages[:-1]:
            for o in s.company:
                value = o.share.value or 0.0
                hidden = named and o.code not in named and o.code not in ("scrap", "XOT")
                if hidden and (best is None or value > best[0]):
                    best = (value, m, s, o)
    if best is None:
        return []
    _, m, s, o = best
    return [
        Finding(
            f"Behind the suppliers: no supplier of {m.label.lower()} named in the bill is in "
            f"{with_article(o.place)}, yet {{0}} of it was {s.stage} there.",
            (o.share,),
        )
    ]


def _worst_stop(content: DossierContent) -> list[Finding]:
    if not content.stops:
        return []
    s = content.stops[0]
    if s.expected.value is None:
        return []
    head = (
        f"The stop to worry about first: {s.label.lower()} from {with_article(s.supplier)}; {{0}} "
        "of the line comes from or through there. Chance that a cut begins within a year: {1}. "
    )
    months = content.meta.months
    tail = (
        f"A full stop of {months} months would price buyers out: they go short for {{2}}, and the "
        "cost of {3} is what an assumed ceiling of the price makes of it."
        if s.note
        else f"Through a full stop of {months} months buyers go short for {{2}}, and as much as "
        "before costs {3} more."
    )
    return [Finding(head + tail, (s.hit, s.chance, s.short, s.cost))]


def _in_force(content: DossierContent) -> list[Finding]:
    live = [
        c
        for c in content.controls
        if c.status.startswith("in force")
        and (c.touches.value or 0) > 0.05
        and c.target == "everybody"
    ]
    if not live:
        return []
    names = sorted({material(c.material).name for c in live})
    first = live[0]
    return [
        Finding(
            f"Export controls in force on {content.meta.as_of} touch {{0}} of the materials "
            f"({', '.join(n.lower() for n in names)}); the largest: {first.measure} of "
            f"{with_article(first.place)} on {first.label.lower()} since {first.since}, {{1}} of the line.",
            (_count(len(names), "bill:controlled"), first.touches),
        )
    ]


def _stock(content: DossierContent) -> list[Finding]:
    """The line whose stock is shortest against what a stop would take."""
    worst = _worst_of_each(content.stops)
    by_row = {m.row: m for m in content.materials}
    short = [
        (s.lasts.value, s, by_row[row]) for row, s in worst.items() if s.lasts.value is not None
    ]
    if not short:
        return []
    _, s, m = min(short, key=lambda x: (x[0] or 0.0, x[1].label))
    return [
        Finding(
            f"The stock that runs out first: {m.label.lower()} lasts {{0}} if what comes from or through "
            f"{with_article(s.supplier)} is not replaced; buyers of its place would be short for {{1}}.",
            (s.lasts, s.short),
        )
    ]


def _unknowns(
    case: DossierCase,
    materials: Sequence[BillMaterial],
    found: Sequence[Stop],
    unproved: Sequence[str],
) -> tuple[str, ...]:
    said = [
        "Who the mine or refinery behind a supplier is: the feed of its country stands for its own. "
        "Article 24 lets a company use public information where suppliers do not answer.",
        "Substitutes by use: the open files rank how hard a material is to replace, and name no "
        "substitute and no cost.",
        "Which products would stop: that depends on the company's own recipes, and is not modelled.",
        "What a stop would do follows from assumed behaviour of users and makers, fitted to no past "
        "event; in most past controls prices rose less.",
    ]
    unnamed = [m.label for m in materials if not m.suppliers]
    if unnamed:
        said.insert(0, f"Suppliers of {', '.join(unnamed)}: the bill names none.")
    worthless = [m.label for m in materials if m.value.value is None]
    if worthless:
        said.insert(0, f"Value of {', '.join(worthless)}: no price is known, so no cost is given.")
    quiet = sorted({m.label for m in materials} - {s.label for s in found} - set(unproved))
    if quiet:
        said.append(
            f"No stop is shown for {', '.join(quiet)}: no exporter outside the home market touches "
            "10 % of the line."
        )
    if unproved:
        said.append(f"No proved market answer for {', '.join(unproved)}.")
    return tuple(at_start(s) for s in said)


def _unseen(case: DossierCase, lines: Sequence[Sourcing]) -> tuple[str, ...]:
    """Customs codes of the stages shown that the open files do not hold."""
    shown = [(s.line.material, stage) for s in lines for stage in s.stages]
    return unseen_codes(case.books, case.year, {name for name, _ in shown}, shown)


# --- sources -------------------------------------------------------------------------------


def _sources(
    case: DossierCase, found: Sequence[Stop], ready: Sequence[ReadyScenario]
) -> tuple[SourceRow, ...]:
    from lodestone.atlas.source import sources

    release = case.books.release
    used = set(release.package.resources["chain_cells"].sources)
    used |= {"ec_crm2023", "eu_crma_2024", "recycling", "controls", "projects"}
    used |= {"usgs_mcs2026", "wgi"}
    used |= {line.price.source for line in case.lines if line.price}
    rows = [SourceRow(s.id, s.citation, s.licence, s.page) for s in sources() if s.id in used]
    return (
        SourceRow(
            BILL_SOURCES_KEY,
            f"The company's bill of materials, {case.bill.name} (sha256 {case.bill.digest[:12]})",
            "the company's own",
        ),
        SourceRow(
            CHAIN_SOURCES_KEY,
            f"Lodestone {__version__}, balanced supply chains, data release {release.version} "
            f"(content {release.content_hash[:12]})",
            "CC BY 4.0",
        ),
        SourceRow(
            MARKET_SOURCES_KEY,
            f"Lodestone {__version__}, market model: the chains cleared month by month under judged "
            "assumptions (lodestone explain assumption:NAME), fitted to no event",
            "CC BY 4.0",
        ),
        SourceRow(
            LOSSES_SOURCES_KEY,
            f"Lodestone {__version__}, hazards counted from the dated catalogue of export controls "
            "(lodestone explain risk:...)",
            "CC BY 4.0",
        ),
        *rows,
    )
